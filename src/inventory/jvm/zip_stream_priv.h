/*
 * A zip archive (APPNOTE 6.3.10) that is seen once, in pieces, from its first byte: local headers and what follows them.
 *
 * A Java machine reads by the central directory at the end, so each of its records must agree with a local header that
 * came by; what only one of both knows is told. Memory does not grow with the archive, but for 56 bytes an entry.
 */
#pragma once

#include "inventory/detect_priv.h"
#include "inventory/jvm/jvm_limits_priv.h"

struct zip_entry {
        struct span name; /* valid within the call */
        uint64_t at;      /* offset of its local header */
        bool folder;
        bool twice; /* an entry of that name came before */
};

struct zip_sink {
        void *ctx;
        bool (*entry)(void *ctx, const struct zip_entry *e); /* true: the content is wanted */
        void (*data)(void *ctx, struct span piece);
        void (*end)(void *ctx, bool whole); /* once for each that was wanted */
        void (*note)(void *ctx, const char *text);
};

/* Shared by an archive and all archives in it. */
struct zip_budget {
        uint64_t plain;   /* bytes that may still be unpacked */
        uint64_t entries; /* that may still come */
        bool spent;       /* nothing more is read */
};

/* For a file of `size` bytes. */
struct zip_budget zip_budget_of(uint64_t size);

struct zip_stream;

/* The sink's functions are called from `data` and `end` alone. */
struct zip_stream *zip_stream_new(const struct zip_sink *sink, struct zip_budget *budget);
void zip_stream_free(struct zip_stream *z); /* accepts NULL */
void zip_stream_data(struct zip_stream *z, struct span piece);
/* No more comes. False: it is no zip archive, and nothing was said of it. */
bool zip_stream_end(struct zip_stream *z);
bool zip_stream_empty(const struct zip_stream *z); /* not a byte came */
