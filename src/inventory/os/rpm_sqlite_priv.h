/*
 * SQLite's file formats (sqlite.org/fileformat2.html), read only and in memory: what rpm_sqlite.c needs of them.
 */
#pragma once

#include "inventory/os/rpm_priv.h"

/* A write-ahead log: of each page the newest copy that was committed. */
struct rpm_wal {
        struct span bytes;
        uint32_t page_size;
        uint32_t n_pages;   /* of the database since the last commit; 0: the log holds no commit */
        uint32_t *frame_of; /* n_pages + 1 of them, by page number: 1 + its newest frame; 0: none. Heap */
};

/* A log that does not begin as one makes a note and counts as empty; frames that were never committed are no error. */
void rpm_wal_init(struct rpm_wal *w, struct span bytes, uint32_t page_size, struct findings *f);
struct span rpm_wal_page(const struct rpm_wal *w, uint32_t number); /* empty: not in the log */
void rpm_wal_done(struct rpm_wal *w);

/* 1 to 9 bytes; false when they end early. Takes them off `s`. */
bool rpm_varint(struct span *s, uint64_t *ret);

/* The first `n` columns of a record: their serial types and bytes. False when they don't lie within it. */
struct rpm_column {
        uint64_t type;
        struct span bytes;
};
bool rpm_record(struct span payload, struct rpm_column *columns, size_t n);
#define RPM_COLUMN_IS_BLOB(c) ((c).type >= 12 && (c).type % 2 == 0)
#define RPM_COLUMN_IS_TEXT(c) ((c).type >= 13 && (c).type % 2 == 1)
bool rpm_column_u32(const struct rpm_column *c, uint32_t *ret); /* false: no integer, or none from 0 to 2^32 - 1 */
