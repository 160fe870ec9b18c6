/*
 * rpm's package lists: three kinds of database, each a bag of header blobs. Our own readers: hostile input is this
 * product's trade, and librpm runs what it reads through twenty years of code. It is an oracle in tests alone.
 */
#pragma once

#include "inventory/os/os_priv.h"

#define RPM_DATABASE_MAX (256u << 20) /* bytes: 3,000 packages with all their files are 120 MiB */
#define RPM_HEADER_MAX (64u << 20)    /* bytes of one header: a kernel's sources have 10 MiB */
#define RPM_TAGS_MAX 65535u           /* index entries of one header; real ones have 60 to 110 */
#define RPM_BLOBS_MAX 200000u         /* headers of one database */

/*
 * One header as a database keeps it: two big-endian counts, the index, the data (rpm's hdrblob; no magic before it).
 * `place` is for notes: "package 12". Total: what breaks a bound is a note, and the package is not listed.
 */
void rpm_header_read(struct span blob, const char *place, struct findings *f);

/* Calls `blob` for each header. False with a note in `f` when the file is none of that kind; notes for what is broken. */
struct rpm_sink {
        void (*blob)(void *ctx, struct span blob, const char *place);
        void *ctx;
        struct findings *f;
};
bool rpm_sqlite_read(struct span file, struct span wal, const struct rpm_sink *sink);
bool rpm_ndb_read(struct span file, const struct rpm_sink *sink);
bool rpm_bdb_read(struct span file, const struct rpm_sink *sink);

/* "name-1.2-3.src.rpm" -> "name", "1.2-3". */
bool rpm_source_split(struct span file, struct span *ret_name, struct span *ret_version);

/* Big-endian and little-endian numbers at an offset; 0 beyond the end. */
uint32_t rpm_u32be(struct span s, size_t at);
uint32_t rpm_u32le(struct span s, size_t at);
uint16_t rpm_u16be(struct span s, size_t at);
