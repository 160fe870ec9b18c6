/*
 * codec: foreign encodings that several rooms read, each through one library behind one file: compressed streams, XML; and zstd, written.
 *
 * In:    untrusted bytes; called within a worker.
 * Out:   plain bytes in pieces; elements with their attributes and texts.
 * Never: does I/O; keeps more than its limits (codec_limits.h); takes an entity, a document type or an external part.
 * Uses:  base
 * Terms: RFC 1952 (gzip), RFC 8878 (zstd), xz file format 1.2, bzip2 1.0; XML 1.0.
 */
#pragma once

#include "base/base.h"
#include "codec/codec_limits.h"

/* ---- compressed streams: stored bytes in, plain bytes out, in pieces ---- */

enum compression { COMPRESSION_NONE = 0, COMPRESSION_GZIP, COMPRESSION_ZSTD, COMPRESSION_XZ, COMPRESSION_BZIP2 };
#define COMPRESSION_LAST COMPRESSION_BZIP2

struct decompress_ops {
        const char *name; /* for errors */
        void *(*open)(void);
        void (*close)(void *state);
        /*
         * Takes from the front of `in` (at most COMPRESSION_PIECE_MAX bytes) and writes at most `size` bytes to `out`. With
         * *ret_n == size there may be more: call again before new input. Else all of `in` was taken.
         */
        bool (*run)(void *state, struct span *in, uint8_t *out, size_t size, size_t *ret_n, struct err *e);
        /* The input is over: false when that is within a stream, or no stream was seen. */
        bool (*end)(void *state, struct err *e);
};

/* Plain bytes need none. */
extern const struct decompress_ops decompress_gzip, decompress_zstd, decompress_xz, decompress_bzip2;

/*
 * The other way, for what we hand out ourselves: one frame with a checksum, in pieces. False when on_piece gave false. `from` may be
 * empty; else only what `plain` has and `from` has not is written (zstd's --patch-from), and reading it back needs the same bytes.
 */
bool compress_zstd(struct span from, struct span plain, bool (*on_piece)(void *ctx, struct span piece, struct err *e), void *ctx, struct err *e);

/* A state of decompress_zstd for such a frame; `from` is borrowed until it is closed. */
void *decompress_zstd_from(struct span from);

/* What the first bytes of a stream say; COMPRESSION_NONE when they are none of these. Six are enough. */
enum compression compression_of(struct span head);
#define COMPRESSION_HEAD 6u

/*
 * ---- XML: elements with their attributes and their own text, one after the other ----
 *
 * Refused: a document type (and with it every entity but XML's own five), nesting and texts above the limits, and what
 * is not well-formed.
 */

struct xml_element {
        struct span name;      /* without the prefix of its namespace */
        struct span space;     /* the namespace's own name; only xml_read_spaces tells it */
        const char *const *at; /* name, value, name, value ...; NULL ends them */
};

struct xml_reader {
        void (*open)(void *ctx, const struct xml_element *e);
        /* `text` is the element's own, without that of those within it. May be NULL. */
        void (*close)(void *ctx, struct span name, struct span text);
        void *ctx;
};

/* False with ERR_MALFORMED, ERR_UNSUPPORTED or ERR_LIMIT and the line; what was told before stays told. */
bool xml_read(struct span in, const struct xml_reader *r, struct err *e);
/* The same for documents that live by their namespaces and carry whole files: a longer text is cut, and no error. */
bool xml_read_spaces(struct span in, const struct xml_reader *r, struct err *e);
/* Empty when there is none of that name. */
struct span xml_attribute(const struct xml_element *e, const char *name);
