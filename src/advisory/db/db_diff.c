/*
 * What two databases say differently.
 *
 * Packages are merged by name, and where their digests agree nothing of them is looked at. Of the others each record that says
 * something else narrows the versions for which it can matter to the hull of its intervals; but where records are joined by ids
 * that are no CVEs (a GHSA and a PYSEC of one flaw), one can change what another's finding is called, whatever its own range:
 * then all versions count.
 */
#include "advisory/db/db_read_priv.h"

/* The versions seen so far; `all` once there is no bound to be had. */
struct hull {
        struct span lo, hi;
        struct span lo_text, hi_text; /* the same, as the records spell them */
        bool any, all;
        bool inclusive; /* hi itself, too */
};

struct side {
        const struct advisory_db *db;
        uint64_t at, end; /* packages of the ecosystem under way */
        uint64_t entries; /* entries before this one were another package's: a hostile file could give all to each */
};

struct diff {
        struct side old, new;
        bool (*on_change)(void *ctx, const struct advisory_change *c);
        void *ctx;
        struct db_diff_marks *marks; /* NULL: nobody asks which records they are */
        bool stopped;
};

struct spans {
        struct span *at;
        size_t len, cap;
};

/* ---- one package in both ---- */

struct said {
        struct span id, bytes; /* bytes: what the entry says, in one order */
        uint64_t entry;
        bool joins; /* an id of it that is no CVE may join it with another record */
        bool seen;
};

struct saids {
        struct said *at;
        size_t len, cap;
};

static bool intervals_put(const struct advisory_db *db, uint32_t first, uint32_t n, struct buf *to, struct err *e)
{
        for (uint32_t i = 0; i < n; i++) {
                struct interval_row row;
                struct span introduced, end;

                if (!db_interval(db, (uint64_t)first + i, &row, e))
                        return false;
                if (!db_string(db, row.introduced, &introduced) || !db_string(db, row.end, &end))
                        return db_damaged(e, "an interval has no text");
                buf_put_string(to, row.lo);
                buf_put_string(to, row.hi);
                buf_put_string(to, introduced);
                buf_put_string(to, end);
                buf_put_u32le(to, row.flags);
                if (to->len > FEED_ENCODED_MAX) /* no record was that large: intervals that all name one long string */
                        return db_damaged(e, "an entry says too much");
        }
        return true;
}

static bool record_put(const struct advisory_db *db, uint32_t index, struct said *s, struct buf *to, struct err *e)
{
        struct record_row row;

        if (!db_record(db, index, &row, e))
                return false;
        s->id = row.id;
        buf_put_u8(to, (uint8_t)(row.flags & RECORD_WITHDRAWN));
        buf_put_u32le(to, row.n_aliases);
        for (uint32_t i = 0; i < row.n_aliases; i++) {
                struct span name;

                if (!db_alias(db, &row, i, &name, e))
                        return false;
                s->joins |= !span_starts(name, "CVE-");
                buf_put_string(to, name);
        }
        s->joins |= row.n_aliases == 0; /* of no CVE at all: it is what others would be joined with */
        return true;
}

static bool entry_say(const struct advisory_db *db, uint64_t index, struct arena *a, struct said *ret, struct err *e)
{
        struct buf b CLEANUP(buf_done) = {0};
        struct said s = {.entry = index};
        struct entry_row row;

        if (!db_entry(db, index, &row, e) || !record_put(db, row.record, &s, &b, e))
                return false;
        buf_put_string(&b, row.vector);
        buf_put_u16le(&b, row.score_tenths);
        buf_put_u8(&b, (uint8_t)row.severity);
        buf_put_u8(&b, (uint8_t)row.status);
        buf_put_u8(&b, row.flags);
        buf_put_string(&b, row.module);
        buf_put_string(&b, row.note);
        if (!intervals_put(db, row.first_interval, row.n_intervals, &b, e))
                return false;
        s.bytes = arena_copy(a, buf_span(&b));
        *ret = s;
        return true;
}

static bool package_say(
    const struct advisory_db *db, const struct package_row *row, struct arena *a, struct saids *ret, struct err *e)
{
        for (uint64_t i = 0; row && i < row->n_entries; i++) {
                struct said s;

                if (!entry_say(db, row->first_entry + i, a, &s, e))
                        return false;
                *ARENA_PUSH(a, ret) = s;
        }
        return true;
}

static bool hull_add(const struct advisory_db *db, struct hull *h, const struct interval_row *i, struct err *e)
{
        struct span introduced, end;

        if (!db_string(db, i->introduced, &introduced) || !db_string(db, i->end, &end))
                return db_damaged(e, "an interval has no text");
        if (!h->any || span_compare(i->lo, h->lo) < 0) {
                h->lo = i->lo;
                h->lo_text = introduced;
        }
        if (i->flags & INTERVAL_OPEN) {
                h->all = true;
        } else {
                int by = h->any ? span_compare(i->hi, h->hi) : 1;

                if (by > 0) {
                        h->hi = i->hi;
                        h->hi_text = end;
                        h->inclusive = false;
                }
                if (by >= 0)
                        h->inclusive |= !!(i->flags & INTERVAL_INCLUSIVE);
        }
        h->any = true;
        return true;
}

/* `marks`: of the records of that database; NULL: not asked for. */
static bool hull_take(const struct advisory_db *db, const struct said *s, uint8_t *marks, struct hull *h, struct err *e)
{
        struct entry_row entry;

        if (!db_entry(db, s->entry, &entry, e))
                return false;
        if (marks)
                marks[entry.record / 8] |= (uint8_t)(1u << entry.record % 8); /* it was read: it lies in its section */
        /* What can't be told, or is cleared, is so for every version. */
        h->all |= s->joins || entry.flags & ENTRY_UNKNOWN || entry.status == ADVISORY_STATUS_NOT_AFFECTED;
        for (uint32_t i = 0; i < entry.n_intervals && !h->all; i++) {
                struct interval_row row;

                if (!db_interval(db, (uint64_t)entry.first_interval + i, &row, e) || !hull_add(db, h, &row, e))
                        return false;
        }
        return true;
}

/* The entries of both are in the order of their records, and those in the order of their ids. */
static bool saids_compare(
    struct diff *d, const struct saids *old, const struct saids *new, struct hull *h, struct err *e)
{
        size_t i = 0, k = 0;

        while (i < old->len || k < new->len) {
                int by = i == old->len ? 1 : k == new->len ? -1 : span_compare(old->at[i].id, new->at[k].id);
                bool same = by == 0 && span_equal(old->at[i].bytes, new->at[k].bytes);

                if (!same && by <= 0 && !hull_take(d->old.db, &old->at[i], d->marks ? d->marks->old : NULL, h, e))
                        return false;
                if (!same && by >= 0 && !hull_take(d->new.db, &new->at[k], d->marks ? d->marks->new : NULL, h, e))
                        return false;
                i += by <= 0;
                k += by >= 0;
        }
        return true;
}

static bool any_joins(const struct saids *s)
{
        for (size_t i = 0; i < s->len; i++)
                if (s->at[i].joins)
                        return true;
        return false;
}

/* `old` or `new` NULL: only the other has it. `fact`: something of one of its vulnerabilities changed. */
static bool package_tell(struct diff *d, struct span ecosystem, struct span package, const struct package_row *old,
    const struct package_row *new, bool fact, struct err *e)
{
        struct arena *a CLEANUP(arena_freep) = arena_new();
        struct saids of_old = {0}, of_new = {0};
        struct advisory_change c = {.ecosystem = ecosystem, .package = package};
        struct hull h = {.all = fact};

        if (!fact || d->marks) {
                if (!package_say(d->old.db, old, a, &of_old, e) || !package_say(d->new.db, new, a, &of_new, e) ||
                    !saids_compare(d, &of_old, &of_new, &h, e))
                        return false;
                h.all |= any_joins(&of_old) || any_joins(&of_new);
        }
        if (!h.all && h.any) {
                struct buf hi CLEANUP(buf_done) = {0};

                buf_put(&hi, h.hi);
                if (h.inclusive)
                        buf_put_u8(&hi, 0); /* the least key that is greater */
                c.bounded = true;
                c.from = h.lo_text;
                c.to = h.hi_text;
                c.to_itself = h.inclusive;
                c.key_lo = h.lo;
                c.key_hi = arena_copy(a, buf_span(&hi));
        }
        d->stopped = (h.all || h.any) && !d->on_change(d->ctx, &c);
        return true;
}

/* ---- facts ---- */

struct fact_ids {
        struct arena *arena;
        struct spans *to;
};

static bool fact_take(void *ctx, const struct advisory_fact *old, const struct advisory_fact *new)
{
        struct fact_ids *f = ctx;

        (void)old;
        *ARENA_PUSH(f->arena, f->to) = new->id;
        return true;
}

static bool is_among(const struct spans *s, struct span id)
{
        size_t low = 0, high = s->len;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                int sign = span_compare(id, s->at[middle]);

                if (sign == 0)
                        return true;
                if (sign < 0)
                        high = middle;
                else
                        low = middle + 1;
        }
        return false;
}

/* One bit for each record of the new database: it speaks of a vulnerability whose facts differ. */
static bool records_mark(const struct advisory_db *db, const struct spans *ids, uint8_t *marks, struct err *e)
{
        for (uint64_t i = 0; i < db->info.records; i++) {
                struct record_row row;
                bool marked;

                if (!db_record(db, i, &row, e))
                        return false;
                marked = is_among(ids, row.id);
                for (uint32_t k = 0; k < row.n_aliases && !marked; k++) {
                        struct span name;

                        if (!db_alias(db, &row, k, &name, e))
                                return false;
                        marked = is_among(ids, name);
                }
                if (marked)
                        marks[i / 8] |= (uint8_t)(1u << i % 8);
        }
        return true;
}

static bool package_is_marked(const struct advisory_db *db, const struct package_row *row, const uint8_t *marks)
{
        for (uint64_t i = 0; marks && row && i < row->n_entries; i++) {
                struct entry_row entry;

                if (db_entry(db, row->first_entry + i, &entry, NULL) && entry.record < db->info.records &&
                    marks[entry.record / 8] & 1u << entry.record % 8)
                        return true;
        }
        return false;
}

/* ---- all packages ---- */

static bool side_package(
    const struct side *s, struct package_row *row, struct span *name, const struct package_row **ret, struct err *e)
{
        *ret = NULL;
        *name = (struct span){0};
        if (s->at >= s->end)
                return true;
        if (!db_package(s->db, s->at, row, e))
                return false;
        if (row->first_entry < s->entries)
                return db_damaged(e, "two packages have the same entries");
        *ret = row;
        return db_string(s->db, row->name, name) || db_damaged(e, "a package has no name");
}

static void side_step(struct side *s, const struct package_row *past)
{
        s->entries = (uint64_t)past->first_entry + past->n_entries;
        s->at++;
}

static bool ecosystem_compare(struct diff *d, struct span ecosystem, const uint8_t *marks, struct err *e)
{
        while (!d->stopped && (d->old.at < d->old.end || d->new.at < d->new.end)) {
                struct package_row of_old, of_new;
                const struct package_row *old, *new;
                struct span x, y;
                bool same, fact;
                int by;

                if (!side_package(&d->old, &of_old, &x, &old, e) || !side_package(&d->new, &of_new, &y, &new, e))
                        return false;
                by = !old ? 1 : !new ? -1 : span_compare(x, y);
                same = by == 0 && span_equal(old->digest, new->digest);
                fact = by >= 0 && package_is_marked(d->new.db, new, marks);
                if ((!same || fact) &&
                    !package_tell(d, ecosystem, by <= 0 ? x : y, by <= 0 ? old : NULL, by >= 0 ? new : NULL, fact, e))
                        return false;
                if (by <= 0)
                        side_step(&d->old, old);
                if (by >= 0)
                        side_step(&d->new, new);
        }
        return true;
}

static bool side_enter(struct side *s, size_t ecosystem, struct err *e)
{
        struct cursor c = {.rest = db_row(s->db, DB_ECOSYSTEMS, ecosystem)};

        cursor_take(&c, 4);
        s->at = cursor_u32le(&c);
        s->end = s->at + cursor_u32le(&c);
        return !c.failed || db_damaged(e, "an ecosystem lies outside of it");
}

uint8_t *db_marks_make(const struct advisory_db *db, struct arena *a, struct err *e)
{
        uint64_t rows = db->sections[DB_RECORDS].len / DB_RECORD_ROW;

        if (db->info.records > rows) {
                db_damaged(e, "it has fewer records than it says");
                return NULL;
        }
        return arena_array(a, (size_t)rows / 8 + 1, 1);
}

bool advisory_db_speaks(const struct advisory_db *db, struct span id,
    bool (*on_package)(void *ctx, struct span ecosystem, struct span package), void *ctx, struct err *e)
{
        struct arena *a CLEANUP(arena_freep) = arena_new();
        struct spans ids = {.at = &id, .len = 1};
        uint8_t *marks = db_marks_make(db, a, e);
        struct side s = {.db = db};

        if (!marks || !records_mark(db, &ids, marks, e))
                return false;
        for (size_t i = 0; i < db->info.n_ecosystems; i++) {
                if (!side_enter(&s, i, e))
                        return false;
                while (s.at < s.end) {
                        struct package_row row;
                        const struct package_row *package;
                        struct span name;

                        if (!side_package(&s, &row, &name, &package, e))
                                return false;
                        if (package_is_marked(db, package, marks) &&
                            !on_package(ctx, db->info.ecosystems[i].ecosystem, name))
                                return true;
                        side_step(&s, package);
                }
        }
        return true;
}

bool db_diff(const struct advisory_db *old, const struct advisory_db *new, struct db_diff_marks *said,
    bool (*on_change)(void *ctx, const struct advisory_change *c), void *ctx, struct err *e)
{
        struct arena *a CLEANUP(arena_freep) = arena_new();
        struct diff d = {.old = {.db = old}, .new = {.db = new}, .marks = said, .on_change = on_change, .ctx = ctx};
        struct spans ids = {0};
        uint8_t *marks = NULL;
        size_t i = 0, k = 0;

        if (!advisory_db_diff_facts(old, new, fact_take, &(struct fact_ids){a, &ids}, e))
                return false;
        if (ids.len > 0) {
                marks = db_marks_make(new, a, e);
                if (!marks || !records_mark(d.new.db, &ids, marks, e))
                        return false;
        }
        while (!d.stopped && (i < old->info.n_ecosystems || k < new->info.n_ecosystems)) {
                struct span x = i < old->info.n_ecosystems ? old->info.ecosystems[i].ecosystem : (struct span){0};
                struct span y = k < new->info.n_ecosystems ? new->info.ecosystems[k].ecosystem : (struct span){0};
                int by = i == old->info.n_ecosystems ? 1 : k == new->info.n_ecosystems ? -1 : span_compare(x, y);

                d.old.at = d.old.end = d.new.at = d.new.end = 0;
                if ((by <= 0 && !side_enter(&d.old, i, e)) || (by >= 0 && !side_enter(&d.new, k, e)) ||
                    !ecosystem_compare(&d, by <= 0 ? x : y, marks, e))
                        return false;
                i += by <= 0;
                k += by >= 0;
        }
        return true;
}

bool advisory_db_diff(const struct advisory_db *old, const struct advisory_db *new,
    bool (*on_change)(void *ctx, const struct advisory_change *c), void *ctx, struct err *e)
{
        return db_diff(old, new, NULL, on_change, ctx, e);
}
