/*
 * Zip and tar files of records, read in the worker by their offsets: pread(2) only, since several workers share one
 * open file and its offset.
 *
 * What is wrong with one member is a refusal and the rest goes on; what is wrong with the archive's structure, so that
 * its members can't be told apart for sure, ends it. Names of members are never paths to anything: they stand in
 * messages.
 */
#pragma once

#include "advisory/advisory_limits.h"
#include "base/base.h"

/* Where members go. `member` returning false ends the walk with its error. `content` lives until it returns. */
struct archive_sink {
        bool (*member)(void *ctx, struct span name, struct span content, struct err *e);
        bool (*refused)(void *ctx, struct span name, const struct err *why, struct err *e);
        void (*progress)(void *ctx, uint64_t done); /* bytes of the archive that are dealt with */
        void *ctx;
};

/* Worker `at` of `of`, each of which reads the same archive: together they take every member once. */
struct archive_part {
        uint32_t at, of;
};

/* Hands every such member (archive_name_is_record) of the part to the sink. ERR_NOT_FOUND when the whole archive has none. */
bool zip_walk(int fd, struct archive_part part, const struct archive_sink *sink, struct err *e);
/* The same for a tar: ustar, with GNU and pax long names; no sparse files. */
bool tar_walk(int fd, struct archive_part part, const struct archive_sink *sink, struct err *e);

/* The name of a file of records, by its suffix: .json, .jsonl, .ndjson, .xml, .csv. */
bool archive_name_is_feed(struct span name);
/* The same, and no part of its path is hidden (as in folders): ".x.json", "__MACOSX/._x.json". */
bool archive_name_is_record(struct span name);
bool archive_too_large(uint64_t size, struct err *why); /* always false: ERR_LIMIT in the words of a folder's file */

/* ---- a file seen through one window ---- */

struct window {
        int fd;
        uint64_t size; /* of the file */
        uint64_t at;   /* offset of bytes[0] */
        struct buf bytes;
};

bool window_open(int fd, struct window *ret, struct err *e); /* the caller's descriptor stays its own */
void window_done(struct window *w);
/* `n` bytes from `offset`, at most ARCHIVE_TAKE_MAX, valid until the next call. ERR_MALFORMED past the end of the file,
 * ERR_SYSTEM when it can't be read. */
bool window_take(struct window *w, uint64_t offset, size_t n, struct span *ret, struct err *e);

/* ---- one member, deflated or stored: the only file that knows libdeflate ---- */

struct inflate;

struct inflate *inflate_new(void);
void inflate_freep(struct inflate **i);
/* Exactly `plain_size` bytes out of exactly `in`, or ERR_MALFORMED. `to` is replaced. */
bool inflate_member(struct inflate *i, struct span in, size_t plain_size, struct buf *to, struct err *e);
uint32_t member_crc32(struct span plain);
