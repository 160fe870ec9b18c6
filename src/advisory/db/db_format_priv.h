/*
 * The compiled database: one immutable file, little-endian, mapped read-only.
 *
 *      header   352 bytes, then 32 zero bytes
 *      sections in the order of the table, each starting at a multiple of 8
 *
 * Strings are u16le length and bytes, named by their offset in the string section; offset 0 is the empty string. Rows
 * have fixed sizes. Ecosystems, and the packages of one, are sorted by name (memcmp, shorter first), the entries of a
 * package by record id, the intervals of an entry by `lo` and disjoint, records by id. A lookup goes by the index (db_index.c).
 *
 * Checks: the header carries its own SHA-256 and the content's (all bytes behind the header). Opening checks the
 * header, and the content of files of at most DB_CHECK_AT_OPEN; advisory_db_verify checks it always, and is to be
 * called when a file comes from elsewhere. Neither is needed for memory safety: whatever the file says, every offset
 * and count from it is held against the section that it points into at the moment of use.
 */
#pragma once

#include "advisory/record_priv.h"

#define DB_MAGIC "COFFADV" /* with its NUL: 8 bytes */
#define DB_FORMAT 3u /* 3: the index, shorter rows */
#define DB_HEADER 352u  /* bytes, of which the last 32 are the SHA-256 of those before */
#define DB_CONTENT 384u /* where the first section starts */

enum db_section {
        DB_STRINGS,
        DB_ECOSYSTEMS,
        DB_PACKAGES,
        DB_ENTRIES,
        DB_INTERVALS,
        DB_RECORDS,
        DB_ALIASES,
        DB_FACTS,
        DB_SOURCES,
        DB_INDEX,
        DB_WORDS,
        DB_SECTIONS
};
#define DB_SECTIONS_ROOM 12u /* rows of the table in the header */

/* u32 name, first package, packages, 0; u64 records */
#define DB_ECOSYSTEM_ROW 24u
/*
 * u32 name, first entry, entries, 0; the first 16 bytes of SHA-256 over
 * what all its entries say (db_write.c): two databases whose rows agree in it say the same of the package
 */
#define DB_PACKAGE_ROW 32u
#define DB_PACKAGE_DIGEST 16u
/* u32 record, first interval, intervals, words (a row of theirs); u16 score; u8 severity and status (4 bits each, severity low), flags */
#define DB_ENTRY_ROW 20u
/* What many entries say alike: u32 vector, module, note. Row 0 is empty. */
#define DB_WORDS_ROW 12u
/* u32 lo, hi, introduced, end (last affected if INTERVAL_TELLS_LAST, else fixed), flags */
#define DB_INTERVAL_ROW 20u
/* u32 id, summary, reference, first alias, aliases, modified, published (seconds since 1970); u16 source, flags */
#define DB_RECORD_ROW 32u
/* u32 string */
#define DB_ALIAS_ROW 4u
/* sorted by id: u32 id, vector, epss, percentile; u16 KEV added, due (days since 1970), score; u8 exploitation, flags */
#define DB_FACT_ROW 24u
#define DB_DAY_S 86400
#define DB_FACT_RANSOMWARE 1u
#define DB_FACT_AUTOMATABLE 2u
#define DB_FACT_TOTAL 4u
/* u32 name, refused records; u64 records; u32 facts, unclear records; i64 newest record */
#define DB_SOURCE_ROW 32u

#define DB_INDEX_ROW 4u /* see db_index.c */

struct db_header {
        uint32_t format, key_format;
        uint64_t bytes;
        int64_t built_s, newest_record_s;
        uint64_t records, packages, entries, intervals;
        struct {
                uint64_t at, len;
        } sections[DB_SECTIONS];
        struct digest content;
};

void db_header_write(const struct db_header *h, struct buf *to); /* DB_CONTENT bytes */
/* ERR_MALFORMED (no database, damaged, sections outside of `bytes` or odd), ERR_UNSUPPORTED (other format). */
bool db_header_read(struct span file, struct db_header *ret, struct err *e);
extern const uint32_t db_row_size[DB_SECTIONS]; /* 1 for the strings */

/* ---- db_index.c ---- */

struct db_index_name {
        uint32_t ecosystem; /* its number */
        struct span package;
};
/* Of all packages, in their order. ERR_LIMIT. */
bool db_index_write(const struct db_index_name *names, size_t n, struct buf *to, struct err *e);

/* ---- db_write.c ---- */

struct db_writer;
struct db_writer *db_writer_new(void);
void db_writer_free(struct db_writer *w);
void db_writer_freep(struct db_writer **w);
/* Where the next records come from: its number, for db_writer_add. The name is copied. */
uint32_t db_writer_source(struct db_writer *w, struct span name);
/* One more of its records could not be taken. */
void db_writer_refused(struct db_writer *w, uint32_t source);
/* One more was taken, but not as it stands. */
void db_writer_unclear(struct db_writer *w, uint32_t source);
/* db_writer_finish then says each record of an id that its source has given already, and counts it as unclear. Parts are none. */
void db_writer_tell_doubles(
    struct db_writer *w, void (*tell)(void *ctx, struct span source, const struct err *why), void *ctx);
/* None of its records is taken after all. */
void db_writer_drop(struct db_writer *w, uint32_t source);
/* Takes a copy of one compiled record or fact of that source. ERR_MALFORMED, ERR_LIMIT. */
bool db_writer_add(struct db_writer *w, uint32_t source, enum item_kind kind, struct span encoded, struct err *e);
/* The file's bytes; of records with one id the newest counts, and parts of one source are put together. Adds to the counts that only the end can tell. */
bool db_writer_finish(
    struct db_writer *w, int64_t built_s, struct buf *ret_file, struct advisory_build_stats *io_stats, struct err *e);

/* What an entry says that a finding can come of, in one order: for the digest of packages. */
void entry_digest_put(const struct record *r, const struct record_entry *n, struct buf *to);

/* ---- db_read.c ---- */

/* Over bytes that the caller keeps alive: for tests and fuzzing. */
bool advisory_db_over(struct span file, struct advisory_db **ret, struct err *e);
struct span db_row(const struct advisory_db *db, enum db_section section, uint64_t index); /* empty when outside */
bool db_string(const struct advisory_db *db, uint32_t offset, struct span *ret);
