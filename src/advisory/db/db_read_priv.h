/* The opened database, shared by opening and looking up. */
#pragma once

#include "advisory/db/db_format_priv.h"

struct package_row {
        uint32_t name, first_entry, n_entries;
        struct span digest;
};
bool db_package(const struct advisory_db *db, uint64_t index, struct package_row *ret, struct err *e);

struct entry_row {
        uint32_t record, first_interval, n_intervals;
        uint16_t score_tenths;
        enum severity severity;
        enum advisory_status status;
        uint8_t flags;
        struct span vector, module, note;
};
bool db_entry(const struct advisory_db *db, uint64_t index, struct entry_row *ret, struct err *e);

struct interval_row {
        struct span lo, hi;
        uint32_t introduced, end, flags; /* strings; end: last affected if INTERVAL_TELLS_LAST, else fixed */
};
bool db_interval(const struct advisory_db *db, uint64_t index, struct interval_row *ret, struct err *e);

struct record_row {
        struct span id;
        uint32_t summary, reference, first_alias, n_aliases; /* at most FEED_ALIASES_MAX */
        int64_t modified_s, published_s;
        uint32_t source, flags;
};
bool db_record(const struct advisory_db *db, uint64_t index, struct record_row *ret, struct err *e);
/* The k-th of a record's. */
bool db_alias(const struct advisory_db *db, const struct record_row *r, uint32_t k, struct span *ret, struct err *e);
bool db_fact(const struct advisory_db *db, uint64_t index, struct advisory_fact *ret, struct err *e);
bool db_damaged(struct err *e, const char *what); /* false, always */

/* Which packages may have a name; see db_index.c. */
struct db_index_scan {
        struct span rest;
        uint32_t at, n_slots, tag, probes;
};
struct db_index_scan db_index_scan(const struct advisory_db *db, const struct db_index_name *name);
bool db_index_next(struct db_index_scan *s, uint32_t *ret_package); /* a number, perhaps of no package at all */

/* ---- db_diff.c ---- */

/* A bit for each record of the old and of the new database (db_marks_make): it says something else of some package, or is new or gone. */
struct db_diff_marks {
        uint8_t *old, *new;
};
uint8_t *db_marks_make(const struct advisory_db *db, struct arena *a, struct err *e); /* all clear; NULL: damaged */
/* As advisory_db_diff; sets bits of `said`, which may be NULL. */
bool db_diff(const struct advisory_db *old, const struct advisory_db *new, struct db_diff_marks *said,
    bool (*on_change)(void *ctx, const struct advisory_change *c), void *ctx, struct err *e);

struct advisory_db {
        struct span file;
        struct span sections[DB_SECTIONS];
        bool mapped; /* by us: unmap it */
        struct advisory_db_info info;
};
