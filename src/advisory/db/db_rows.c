/* Rows of the database as values: each offset and count is held against what it points into, here or at its use. */
#include "advisory/db/db_read_priv.h"

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

static bool words_read(const struct advisory_db *db, uint32_t index, struct entry_row *to)
{
        struct cursor c = {.rest = db_row(db, DB_WORDS, index)};
        uint32_t vector = cursor_u32le(&c), module = cursor_u32le(&c), note = cursor_u32le(&c);

        return !c.failed && db_string(db, vector, &to->vector) && db_string(db, module, &to->module) &&
               db_string(db, note, &to->note);
}

bool db_entry(const struct advisory_db *db, uint64_t index, struct entry_row *ret, struct err *e)
{
        struct cursor c = {.rest = db_row(db, DB_ENTRIES, index)};
        struct entry_row row = {.record = cursor_u32le(&c)};
        uint32_t words;
        uint8_t both;

        row.first_interval = cursor_u32le(&c);
        row.n_intervals = cursor_u32le(&c);
        words = cursor_u32le(&c);
        row.score_tenths = cursor_u16le(&c);
        both = cursor_u8(&c);
        row.flags = cursor_u8(&c);
        row.severity = (both & 15u) <= SEVERITY_CRITICAL ? (enum severity)(both & 15u) : SEVERITY_UNKNOWN;
        row.status = both >> 4 <= ADVISORY_STATUS_LAST ? (enum advisory_status)(both >> 4) : ADVISORY_STATUS_NONE;
        if (c.failed || (words > 0 && !words_read(db, words, &row)))
                return db_damaged(e, "an entry lies outside of it");
        *ret = row;
        return true;
}

bool db_interval(const struct advisory_db *db, uint64_t index, struct interval_row *ret, struct err *e)
{
        struct cursor c = {.rest = db_row(db, DB_INTERVALS, index)};
        uint32_t lo = cursor_u32le(&c), hi = cursor_u32le(&c);

        ret->introduced = cursor_u32le(&c);
        ret->end = cursor_u32le(&c);
        ret->flags = cursor_u32le(&c);
        if (c.failed || !db_string(db, lo, &ret->lo) || !db_string(db, hi, &ret->hi))
                return db_damaged(e, "an interval lies outside of it");
        return true;
}

bool db_record(const struct advisory_db *db, uint64_t index, struct record_row *ret, struct err *e)
{
        struct cursor c = {.rest = db_row(db, DB_RECORDS, index)};
        uint32_t id = cursor_u32le(&c);
        struct record_row row = {.summary = cursor_u32le(&c)};

        row.reference = cursor_u32le(&c);
        row.first_alias = cursor_u32le(&c);
        row.n_aliases = cursor_u32le(&c);
        row.modified_s = cursor_u32le(&c);
        row.published_s = cursor_u32le(&c);
        row.source = cursor_u16le(&c);
        row.flags = cursor_u16le(&c);
        if (c.failed || row.n_aliases > FEED_ALIASES_MAX || !db_string(db, id, &row.id))
                return db_damaged(e, "a record lies outside of it");
        *ret = row;
        return true;
}

bool db_alias(const struct advisory_db *db, const struct record_row *r, uint32_t k, struct span *ret, struct err *e)
{
        struct cursor c = {.rest = db_row(db, DB_ALIASES, (uint64_t)r->first_alias + k)};
        uint32_t name = cursor_u32le(&c);

        return (!c.failed && db_string(db, name, ret)) || db_damaged(e, "an alias lies outside of it");
}
