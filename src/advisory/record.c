/* Compiled records as bytes, between the worker and the writer of the database. */
#include "advisory/record_priv.h"

#define INTERVALS_MAX (FEED_VERSIONS_MAX + FEED_EVENTS_MAX)
#define KEY_MAX 4096u /* bytes: a version of VERSION_MAX bytes gives less than four times as many */

static void interval_encode(const struct record_interval *i, struct buf *to)
{
        buf_put_u8(to, i->flags);
        buf_put_string(to, i->lo);
        buf_put_string(to, i->hi);
        buf_put_string(to, i->introduced);
        buf_put_string(to, i->fixed);
        buf_put_string(to, i->last_affected);
}

static void interval_decode(struct cursor *c, struct record_interval *ret)
{
        ret->flags = cursor_u8(c);
        ret->lo = cursor_string(c, KEY_MAX);
        ret->hi = cursor_string(c, KEY_MAX);
        ret->introduced = cursor_string(c, VERSION_MAX);
        ret->fixed = cursor_string(c, VERSION_MAX);
        ret->last_affected = cursor_string(c, VERSION_MAX);
        if (ret->flags & ~INTERVAL_FLAGS)
                c->failed = true;
}

void record_entry_encode(const struct record_entry *n, struct buf *to)
{
        buf_put_string(to, n->ecosystem);
        buf_put_string(to, n->package);
        buf_put_string(to, n->module);
        buf_put_string(to, n->note);
        buf_put_u8(to, (uint8_t)n->status);
        buf_put_string(to, n->vector);
        buf_put_u32le(to, n->score_tenths);
        buf_put_u8(to, (uint8_t)n->severity);
        buf_put_u8(to, n->flags);
        buf_put_u32le(to, (uint32_t)n->n_intervals);
        for (size_t i = 0; i < n->n_intervals; i++)
                interval_encode(&n->intervals[i], to);
}

/* A count of things that take at least `least` bytes each: more than fit in what is left fails before any memory is
 * asked for. */
static size_t count_take(struct cursor *c, size_t most, size_t least)
{
        size_t n = cursor_u32le(c);

        if (n > most || n > c->rest.len / least) {
                c->failed = true;
                return 0;
        }
        return n;
}

static void entry_decode(struct cursor *c, struct arena *a, struct record_entry *ret)
{
        ret->ecosystem = cursor_string(c, FEED_ECOSYSTEM_MAX);
        ret->package = cursor_string(c, FEED_PACKAGE_MAX);
        ret->module = cursor_string(c, FEED_MODULE_MAX);
        ret->note = cursor_string(c, FEED_SUMMARY_MAX);
        ret->status = cursor_u8(c);
        ret->vector = cursor_string(c, VERSION_MAX);
        ret->score_tenths = cursor_u32le(c);
        ret->severity = cursor_u8(c);
        ret->flags = cursor_u8(c);
        ret->n_intervals = count_take(c, INTERVALS_MAX, 21);
        ret->intervals = arena_array(a, ret->n_intervals, sizeof(*ret->intervals));
        for (size_t i = 0; i < ret->n_intervals && !c->failed; i++)
                interval_decode(c, &ret->intervals[i]);
        if (ret->severity > SEVERITY_CRITICAL || ret->status > ADVISORY_STATUS_LAST || ret->score_tenths > 100 || ret->flags & ~ENTRY_UNKNOWN ||
            ret->ecosystem.len == 0 || ret->package.len == 0)
                c->failed = true;
}

void record_encode(const struct record *r, struct buf *to)
{
        buf_put_string(to, r->id);
        buf_put_u64le(to, (uint64_t)r->modified_s);
        buf_put_u64le(to, (uint64_t)r->published_s);
        buf_put_u8(to, r->flags);
        buf_put_u32le(to, r->skipped_ecosystem);
        buf_put_u32le(to, r->refused_versions);
        buf_put_string(to, r->summary);
        buf_put_string(to, r->reference);
        buf_put_u32le(to, (uint32_t)r->n_aliases);
        for (size_t i = 0; i < r->n_aliases; i++)
                buf_put_string(to, r->aliases[i]);
        buf_put_u32le(to, (uint32_t)r->n_entries);
        for (size_t i = 0; i < r->n_entries; i++)
                record_entry_encode(&r->entries[i], to);
}

bool record_decode(struct span in, struct arena *a, struct record *ret, struct err *e)
{
        struct cursor c = {.rest = in};
        struct record r = {0};
        struct span *aliases;

        r.id = cursor_string(&c, FEED_ID_MAX);
        r.modified_s = (int64_t)cursor_u64le(&c);
        r.published_s = (int64_t)cursor_u64le(&c);
        r.flags = cursor_u8(&c);
        r.skipped_ecosystem = cursor_u32le(&c);
        r.refused_versions = cursor_u32le(&c);
        r.summary = cursor_string(&c, FEED_SUMMARY_MAX);
        r.reference = cursor_string(&c, FEED_URL_MAX);
        r.n_aliases = count_take(&c, FEED_ALIASES_MAX, 4);
        r.aliases = aliases = arena_array(a, r.n_aliases, sizeof(*aliases));
        for (size_t i = 0; i < r.n_aliases; i++)
                aliases[i] = cursor_string(&c, FEED_ID_MAX);
        r.n_entries = count_take(&c, FEED_AFFECTED_MAX, 31);
        r.entries = arena_array(a, r.n_entries, sizeof(*r.entries));
        for (size_t i = 0; i < r.n_entries && !c.failed; i++)
                entry_decode(&c, a, &r.entries[i]);
        if (!cursor_at_end(&c) || r.id.len == 0 || r.flags & ~RECORD_FLAGS)
                return err_set(e, ERR_MALFORMED, "a compiled record is damaged or above its limits");
        *ret = r;
        return true;
}

#define FACT_RANSOMWARE 1u
#define FACT_AUTOMATABLE 2u
#define FACT_TOTAL 4u
#define MILLION 1000000u

void fact_encode(const struct advisory_fact *f, struct buf *to)
{
        buf_put_string(to, f->id);
        buf_put_u64le(to, (uint64_t)f->kev_added_s);
        buf_put_u64le(to, (uint64_t)f->kev_due_s);
        buf_put_u32le(to, f->epss);
        buf_put_u32le(to, f->epss_percentile);
        buf_put_u8(to, (uint8_t)f->exploitation);
        buf_put_u8(to, (uint8_t)((f->ransomware ? FACT_RANSOMWARE : 0) | (f->automatable ? FACT_AUTOMATABLE : 0) |
                                 (f->total_impact ? FACT_TOTAL : 0)));
        buf_put_string(to, f->vector);
        buf_put_u32le(to, f->score_tenths);
}

bool fact_decode(struct span in, struct advisory_fact *ret, struct err *e)
{
        struct cursor c = {.rest = in};
        struct advisory_fact f = {.id = cursor_string(&c, FEED_ID_MAX)};
        uint8_t exploitation, flags;

        f.kev_added_s = (int64_t)cursor_u64le(&c);
        f.kev_due_s = (int64_t)cursor_u64le(&c);
        f.epss = cursor_u32le(&c);
        f.epss_percentile = cursor_u32le(&c);
        exploitation = cursor_u8(&c);
        flags = cursor_u8(&c);
        f.vector = cursor_string(&c, VERSION_MAX);
        f.score_tenths = cursor_u32le(&c);
        if (!cursor_at_end(&c) || f.id.len == 0 || f.epss > MILLION || f.epss_percentile > MILLION ||
            exploitation > ADVISORY_EXPLOITATION_ACTIVE || flags & ~(FACT_RANSOMWARE | FACT_AUTOMATABLE | FACT_TOTAL) ||
            f.score_tenths > 100)
                return err_set(e, ERR_MALFORMED, "a compiled fact is damaged or above its limits");
        f.exploitation = exploitation;
        f.ransomware = flags & FACT_RANSOMWARE;
        f.automatable = flags & FACT_AUTOMATABLE;
        f.total_impact = flags & FACT_TOTAL;
        *ret = f;
        return true;
}

void item_put(struct buf *frame, enum item_kind kind, struct span item)
{
        buf_put_u8(frame, (uint8_t)kind);
        buf_put_string(frame, item);
}

bool item_next(struct cursor *frame, enum item_kind *ret_kind, struct span *ret_item)
{
        uint8_t kind;

        if (frame->failed || frame->rest.len == 0)
                return false;
        kind = cursor_u8(frame);
        *ret_item = cursor_string(frame, FEED_ENCODED_MAX);
        if (kind < ITEM_RECORD || kind > ITEM_UNCLEAR)
                frame->failed = true;
        *ret_kind = kind;
        return !frame->failed;
}

void refusal_encode(const struct refusal *r, struct buf *to)
{
        buf_put_string(to, r->place);
        buf_put_u8(to, (uint8_t)r->why.kind);
        buf_put_string(to, span_of(r->why.text));
}

bool refusal_decode(struct span in, struct refusal *ret, struct err *e)
{
        struct cursor c = {.rest = in};
        struct refusal r = {0};
        uint8_t kind;
        struct span text;

        r.place = cursor_string(&c, SOURCE_PATH_MAX + 32u);
        kind = cursor_u8(&c);
        text = cursor_string(&c, ERR_TEXT_MAX);
        if (!cursor_at_end(&c) || kind == ERR_NONE || kind >= ERR_KIND_COUNT)
                return err_set(e, ERR_MALFORMED, "a refusal is damaged");
        char safe[ERR_TEXT_MAX];
        err_set(&r.why, kind, "%s", span_printable(text, safe, sizeof(safe)));
        *ret = r;
        return true;
}

/* PEP 503: lower case, runs of '-', '_' and '.' become one '-'. */
static struct span pypi_name(struct arena *a, struct span name)
{
        uint8_t *to = arena_alloc(a, name.len);
        size_t n = 0;

        for (size_t i = 0; i < name.len; i++) {
                uint8_t c = name.at[i];
                bool separator = c == '-' || c == '_' || c == '.';
                if (separator && n > 0 && to[n - 1] == '-')
                        continue;
                to[n++] = separator ? '-' : c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
        }
        return span_bytes(to, n);
}

void advisory_names(struct arena *a, struct span *ecosystem, struct span *package)
{
        if (span_is(*ecosystem, "PyPI"))
                *package = pypi_name(a, *package);
        if (span_starts(*ecosystem, "Ubuntu:") && span_ends(*ecosystem, ":LTS"))
                ecosystem->len -= strlen(":LTS");
        /* "Red Hat:enterprise_linux:9::appstream": the channels of one release; an installed package does not say which it is of. */
        if (span_starts(*ecosystem, "Red Hat:enterprise_linux:"))
                for (size_t i = 0; i + 2 <= ecosystem->len; i++)
                        if (ecosystem->at[i] == ':' && ecosystem->at[i + 1] == ':')
                                ecosystem->len = i;
}
