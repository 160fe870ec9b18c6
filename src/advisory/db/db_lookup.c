/*
 * What the database says of one version of one package. Searches are binary and bounded by the file's size, so a
 * hostile file can make an answer wrong, never make it hang or read elsewhere.
 */
#include "advisory/db/db_read_priv.h"

struct question {
        const struct advisory_db *db;
        struct span key; /* empty: the ecosystem rejects the version */
        bool (*on_hit)(void *ctx, const struct advisory_hit *hit);
        void *ctx;
        struct span few[16]; /* a list of aliases, if it is not longer */
        struct arena *arena; /* else */
        bool stopped;
};

bool db_damaged(struct err *e, const char *what)
{
        return err_set(e, ERR_MALFORMED, "advisory database is damaged: %s", what);
}

bool db_package(const struct advisory_db *db, uint64_t index, struct package_row *ret, struct err *e)
{
        struct cursor c = {.rest = db_row(db, DB_PACKAGES, index)};
        struct package_row row = {.name = cursor_u32le(&c)};

        row.first_entry = cursor_u32le(&c);
        row.n_entries = cursor_u32le(&c);
        cursor_take(&c, 4);
        row.digest = cursor_take(&c, DB_PACKAGE_DIGEST);
        if (c.failed || (uint64_t)row.first_entry + row.n_entries > db->sections[DB_ENTRIES].len / DB_ENTRY_ROW)
                return db_damaged(e, "a package lies outside of it");
        *ret = row;
        return true;
}

/* Its number, and its packages; *ret_n 0: nobody speaks of it. They are in the order of their names. */
static bool ecosystem_find(const struct advisory_db *db, struct span name, uint32_t *ret_number, uint64_t *ret_first,
    uint64_t *ret_n, struct err *e)
{
        size_t low = 0, high = db->info.n_ecosystems;

        *ret_n = 0;
        while (low < high) {
                size_t middle = low + (high - low) / 2;
                int sign = span_compare(name, db->info.ecosystems[middle].ecosystem);
                struct cursor c;

                if (sign < 0) {
                        high = middle;
                } else if (sign > 0) {
                        low = middle + 1;
                } else {
                        c = (struct cursor){.rest = db_row(db, DB_ECOSYSTEMS, middle)};
                        cursor_take(&c, 4);
                        *ret_number = (uint32_t)middle;
                        *ret_first = cursor_u32le(&c);
                        *ret_n = cursor_u32le(&c);
                        return !c.failed || db_damaged(e, "an ecosystem lies outside of it");
                }
        }
        return true;
}

static bool package_find(const struct advisory_db *db, struct span ecosystem, struct span package,
    struct package_row *ret, bool *ret_found, struct err *e)
{
        uint64_t first, n;
        struct db_index_name wanted = {.package = package};
        struct db_index_scan scan;
        struct span name;
        uint32_t index;

        *ret_found = false;
        if (!ecosystem_find(db, ecosystem, &wanted.ecosystem, &first, &n, e))
                return false;
        if (n == 0)
                return true;
        scan = db_index_scan(db, &wanted);
        while (!*ret_found && db_index_next(&scan, &index)) {
                if (index < first || index - first >= n) /* another ecosystem's */
                        continue;
                if (!db_package(db, index, ret, e))
                        return false;
                if (!db_string(db, ret->name, &name))
                        return db_damaged(e, "a package has no name");
                *ret_found = span_equal(name, package);
        }
        return true;
}

bool db_interval(const struct advisory_db *db, uint64_t index, struct interval_row *ret, struct err *e)
{
        struct cursor c = {.rest = db_row(db, DB_INTERVALS, index)};
        uint32_t lo = cursor_u32le(&c), hi = cursor_u32le(&c);

        ret->introduced = cursor_u32le(&c);
        ret->fixed = cursor_u32le(&c);
        ret->last_affected = cursor_u32le(&c);
        ret->flags = cursor_u32le(&c);
        if (c.failed || !db_string(db, lo, &ret->lo) || !db_string(db, hi, &ret->hi))
                return db_damaged(e, "an interval lies outside of it");
        return true;
}

/* The interval that holds the key: the last one that starts at or before it, if it does not end before. */
static bool interval_find(
    const struct question *q, uint64_t first, uint64_t n, struct interval_row *ret, bool *ret_found, struct err *e)
{
        uint64_t low = first, high = first + n;
        int sign;

        *ret_found = false;
        while (low < high) {
                uint64_t middle = low + (high - low) / 2;
                if (!db_interval(q->db, middle, ret, e))
                        return false;
                if (span_compare(ret->lo, q->key) <= 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        if (low == first)
                return true;
        if (!db_interval(q->db, low - 1, ret, e))
                return false;
        sign = span_compare(q->key, ret->hi);
        *ret_found = ret->flags & INTERVAL_OPEN || sign < 0 || (sign == 0 && ret->flags & INTERVAL_INCLUSIVE);
        return true;
}

static bool record_fill(struct question *q, uint32_t index, struct advisory_hit *hit, struct err *e)
{
        struct cursor c = {.rest = db_row(q->db, DB_RECORDS, index)};
        uint32_t id = cursor_u32le(&c), summary = cursor_u32le(&c), reference = cursor_u32le(&c);
        uint32_t first_alias = cursor_u32le(&c), n_aliases = cursor_u32le(&c), source;
        struct span *aliases;

        hit->withdrawn = cursor_u32le(&c) & RECORD_WITHDRAWN;
        hit->modified_s = (int64_t)cursor_u64le(&c);
        hit->published_s = (int64_t)cursor_u64le(&c);
        source = cursor_u32le(&c);
        if (source < q->db->info.n_sources)
                hit->source = q->db->info.sources[source].name;
        if (c.failed || n_aliases > FEED_ALIASES_MAX || !db_string(q->db, id, &hit->id) ||
            !db_string(q->db, summary, &hit->summary) || !db_string(q->db, reference, &hit->reference))
                return db_damaged(e, "a record lies outside of it");
        aliases = n_aliases <= ARRAY_LEN(q->few) ? q->few : arena_array(q->arena, n_aliases, sizeof(*aliases));
        for (uint32_t i = 0; i < n_aliases; i++) {
                c = (struct cursor){.rest = db_row(q->db, DB_ALIASES, (uint64_t)first_alias + i)};
                if (!db_string(q->db, cursor_u32le(&c), &aliases[i]) || c.failed)
                        return db_damaged(e, "an alias lies outside of it");
        }
        hit->aliases = aliases;
        hit->n_aliases = n_aliases;
        return true;
}

static bool entry_answer(struct question *q, uint64_t index, struct err *e)
{
        struct cursor c = {.rest = db_row(q->db, DB_ENTRIES, index)};
        uint32_t record = cursor_u32le(&c), first = cursor_u32le(&c), n = cursor_u32le(&c), vector = cursor_u32le(&c);
        struct advisory_hit hit = {.score_tenths = cursor_u16le(&c)};
        uint8_t severity = cursor_u8(&c), flags = cursor_u8(&c), status = cursor_u8(&c);
        struct interval_row interval = {0};
        bool found = false;
        uint32_t module, note;

        cursor_take(&c, 3);
        module = cursor_u32le(&c);
        note = cursor_u32le(&c);
        hit.severity = severity <= SEVERITY_CRITICAL ? severity : SEVERITY_UNKNOWN;
        hit.status = status <= ADVISORY_STATUS_LAST ? status : ADVISORY_STATUS_NONE;
        if (c.failed || !db_string(q->db, vector, &hit.vector) || !db_string(q->db, module, &hit.module) ||
            !db_string(q->db, note, &hit.note))
                return db_damaged(e, "an entry lies outside of it");
        if (q->key.len > 0 && !interval_find(q, first, n, &interval, &found, e))
                return false;
        arena_reset(q->arena);
        if (!record_fill(q, record, &hit, e))
                return false;
        if (found) {
                hit.answer = ADVISORY_AFFECTED;
                hit.by_version_list = interval.flags & INTERVAL_LISTED;
                if (!db_string(q->db, interval.introduced, &hit.introduced) ||
                    !db_string(q->db, interval.fixed, &hit.fixed) ||
                    !db_string(q->db, interval.last_affected, &hit.last_affected))
                        return db_damaged(e, "an interval has no text");
        } else if (q->key.len > 0 && !(flags & ENTRY_UNKNOWN)) {
                hit.answer = ADVISORY_NOT_AFFECTED;
        }
        q->stopped = !q->on_hit(q->ctx, &hit);
        return true;
}

static bool ecosystem_answer(struct question *q, struct span ecosystem, struct span package, struct err *e)
{
        struct package_row row = {0};
        bool found;

        if (!package_find(q->db, ecosystem, package, &row, &found, e))
                return false;
        for (uint64_t i = 0; found && i < row.n_entries && !q->stopped; i++)
                if (!entry_answer(q, row.first_entry + i, e))
                        return false;
        return true;
}

bool advisory_db_lookup(const struct advisory_db *db, struct span ecosystem, struct span package, struct span version,
    bool (*on_hit)(void *ctx, const struct advisory_hit *hit), void *ctx, struct err *e)
{
        struct arena *names CLEANUP(arena_freep) = arena_new(), *hits CLEANUP(arena_freep) = arena_new();
        struct buf key CLEANUP(buf_done) = {0};
        struct question q = {.db = db, .on_hit = on_hit, .ctx = ctx, .arena = hits};
        enum version_order o = version_order_of(ecosystem);
        struct span whole, release;
        char text[80];

        if (o == VERSION_ORDER_NONE)
                return err_set(e, ERR_UNSUPPORTED, "no version order is known for the ecosystem \"%s\"",
                    span_printable(ecosystem, text, sizeof(text)));
        if (version_key(o, version, &key, NULL))
                q.key = buf_span(&key);
        record_names(names, &ecosystem, &package);
        if (!ecosystem_answer(&q, ecosystem, package, e))
                return false;
        /* A record of "Debian" without a release speaks of all of them. */
        if (!q.stopped && span_split(ecosystem, ':', &whole, &release))
                return ecosystem_answer(&q, whole, package, e);
        return true;
}

bool db_fact(const struct advisory_db *db, uint64_t index, struct advisory_fact *ret, struct err *e)
{
        struct cursor c = {.rest = db_row(db, DB_FACTS, index)};
        uint32_t id = cursor_u32le(&c), vector = cursor_u32le(&c);
        struct advisory_fact f = {.epss = cursor_u32le(&c)};
        uint8_t exploitation, flags;

        f.epss_percentile = cursor_u32le(&c);
        f.kev_added_s = (int64_t)cursor_u16le(&c) * DB_DAY_S;
        f.kev_due_s = (int64_t)cursor_u16le(&c) * DB_DAY_S;
        f.score_tenths = cursor_u16le(&c);
        exploitation = cursor_u8(&c);
        flags = cursor_u8(&c);
        f.exploitation = exploitation <= ADVISORY_EXPLOITATION_ACTIVE ? exploitation : ADVISORY_EXPLOITATION_UNKNOWN;
        f.ransomware = flags & DB_FACT_RANSOMWARE;
        f.automatable = flags & DB_FACT_AUTOMATABLE;
        f.total_impact = flags & DB_FACT_TOTAL;
        if (c.failed || !db_string(db, id, &f.id) || !db_string(db, vector, &f.vector))
                return db_damaged(e, "a fact lies outside of it");
        *ret = f;
        return true;
}

bool advisory_db_fact(
    const struct advisory_db *db, struct span id, struct advisory_fact *ret, bool *ret_known, struct err *e)
{
        uint64_t low = 0, high = db->sections[DB_FACTS].len / DB_FACT_ROW;

        *ret_known = false;
        *ret = (struct advisory_fact){0};
        while (low < high) {
                uint64_t middle = low + (high - low) / 2;
                struct advisory_fact f;
                int sign;

                if (!db_fact(db, middle, &f, e))
                        return false;
                sign = span_compare(id, f.id);
                if (sign == 0) {
                        *ret = f;
                        *ret_known = true;
                        return true;
                }
                if (sign < 0)
                        high = middle;
                else
                        low = middle + 1;
        }
        return true;
}
