/* One library each behind one file: stored bytes in, plain bytes out, in pieces. */
#pragma once

#include "image/image.h"
#include "image/image_limits.h"

struct decompress;

struct decompress_ops {
        const char *name; /* for errors */
        void *(*open)(void);
        void (*close)(void *state);
        /*
         * Takes from the front of `in` (at most IMAGE_PIECE_SIZE bytes) and writes at most `size` bytes to `out`. With
         * *ret_n == size there may be more: call again before new input. Else all of `in` was taken.
         */
        bool (*run)(void *state, struct span *in, uint8_t *out, size_t size, size_t *ret_n, struct err *e);
        /* The input is over: false when that is within a stream, or no stream was seen. */
        bool (*end)(void *state, struct err *e);
};

/* Plain bytes need none. */
extern const struct decompress_ops decompress_gzip, decompress_zstd, decompress_xz, decompress_bzip2;

/* What the first bytes of a stream say; IMAGE_PLAIN when they are none of these. Six are enough. */
enum image_compression compression_of(struct span head);
#define COMPRESSION_HEAD 6u
