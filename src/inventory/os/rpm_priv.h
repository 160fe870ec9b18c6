/*
 * rpm's package lists: three kinds of database, each a bag of header blobs. The readers are our own: hostile input is this
 * product's trade. librpm, SQLite and Berkeley DB are oracles in tests and scenarios alone.
 *
 * Work is linear in the file, which each reader sees to: a page or a blob that is named twice is a note, and is not read
 * again; rows are counted, whole or broken, up to RPM_ROWS_MAX.
 */
#pragma once

#include "inventory/os/os_priv.h"

#define RPM_HEADER_MAX (64u << 20) /* bytes of one header: 10 MiB for a kernel's sources */
#define RPM_TAGS_MAX 65535u        /* index entries of one header: rpm's own limit; 60 to 110 are usual */
#define RPM_ROWS_MAX 200000u       /* headers of one database; 5,000 on a large desktop */
#define RPM_FILES_MAX 1000000u     /* of one package: 150,000 for texlive's documentation */
#define RPM_PATHS_MAX \
        (128u << 20) /* bytes of all paths that one database says packages own: 40 MiB on a large desktop */

/* What has been read of one database. */
struct rpm_list {
        struct findings *f;
        size_t n; /* rows, whole or broken */
        uint64_t path_bytes;
        bool many_paths; /* said once: more than RPM_PATHS_MAX or INVENTORY_OWNED_MAX */
};

/*
 * One header as a database keeps it (rpm's hdrblob): two big-endian counts, the index, the data; no magic before it.
 * `place` is for notes: "page 12, row 3". What breaks a bound is a note that names the field.
 */
void rpm_header_read(struct rpm_list *l, struct span blob, const char *place);
/* Counts a row before it is looked at; false with a note when there were too many. */
bool rpm_list_next(struct rpm_list *l);

/* The file as a whole, and of SQLite its write-ahead log, which may be empty. */
void rpm_sqlite_read(struct span file, struct span wal, struct findings *f);
void rpm_ndb_read(struct span file, struct findings *f);
void rpm_bdb_read(struct span file, struct findings *f);

/*
 * "epoch:version-release", without the epoch where it is 0 or not stated. So do OSV's records of AlmaLinux, claircore and
 * `rpm -q`, and rpm's order takes a missing epoch for 0. False: longer than INVENTORY_VERSION_MAX.
 */
#define RPM_EVR_SIZE (INVENTORY_VERSION_MAX + 1)
bool rpm_evr(char out[RPM_EVR_SIZE], uint64_t epoch, struct span version_release);

/*
 * "name-1.2-3.src.rpm" gives "name" and, with the package's own epoch in front as Trivy and spec files have it unless they
 * say otherwise, "1:1.2-3". False when it is no such name; then nothing is set.
 */
bool rpm_source(struct package *p, struct span source_rpm, uint64_t epoch, char version[RPM_EVR_SIZE]);

/* Numbers at an offset; 0 beyond the end. */
uint16_t rpm_u16be(struct span s, size_t at);
uint16_t rpm_u16le(struct span s, size_t at);
uint32_t rpm_u32be(struct span s, size_t at);
uint32_t rpm_u32le(struct span s, size_t at);

/* A set of page numbers: each is taken once. */
struct rpm_pages {
        uint8_t *bits; /* heap */
        uint32_t n;
};
void rpm_pages_init(struct rpm_pages *p, uint32_t n);
bool rpm_pages_take(struct rpm_pages *p, uint32_t number); /* false: not below n, or taken before */
void rpm_pages_done(struct rpm_pages *p);
