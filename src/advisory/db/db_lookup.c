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
        struct record_row row;
        struct span *aliases;

        if (!db_record(q->db, index, &row, e))
                return false;
        if (!db_string(q->db, row.summary, &hit->summary) || !db_string(q->db, row.reference, &hit->reference))
                return db_damaged(e, "a record lies outside of it");
        hit->id = row.id;
        hit->withdrawn = row.flags & RECORD_WITHDRAWN;
        hit->modified_s = row.modified_s;
        hit->published_s = row.published_s;
        if (row.source < q->db->info.n_sources)
                hit->source = q->db->info.sources[row.source].name;
        aliases = row.n_aliases <= ARRAY_LEN(q->few) ? q->few : arena_array(q->arena, row.n_aliases, sizeof(*aliases));
        for (uint32_t i = 0; i < row.n_aliases; i++)
                if (!db_alias(q->db, &row, i, &aliases[i], e))
                        return false;
        hit->aliases = aliases;
        hit->n_aliases = row.n_aliases;
        return true;
}

static bool entry_answer(struct question *q, uint64_t index, struct err *e)
{
        struct interval_row interval = {0};
        struct advisory_hit hit = {0};
        struct entry_row entry;
        bool found = false;

        if (!db_entry(q->db, index, &entry, e))
                return false;
        if (q->key.len > 0 && !interval_find(q, entry.first_interval, entry.n_intervals, &interval, &found, e))
                return false;
        arena_reset(q->arena);
        if (!record_fill(q, entry.record, &hit, e))
                return false;
        hit.score_tenths = entry.score_tenths;
        hit.severity = entry.severity;
        hit.status = entry.status;
        hit.vector = entry.vector;
        hit.module = entry.module;
        hit.note = entry.note;
        if (found) {
                hit.answer = ADVISORY_AFFECTED;
                hit.by_version_list = interval.flags & INTERVAL_LISTED;
                if (!db_string(q->db, interval.introduced, &hit.introduced) ||
                    !db_string(
                        q->db, interval.end, INTERVAL_TELLS_LAST(interval.flags) ? &hit.last_affected : &hit.fixed))
                        return db_damaged(e, "an interval has no text");
        } else if (q->key.len > 0 && !(entry.flags & ENTRY_UNKNOWN)) {
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
        advisory_names(names, &ecosystem, &package);
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
