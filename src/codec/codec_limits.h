/* What reading foreign encodings may cost. Units are in the comments; the reason follows. */
#pragma once

/* log2 of the bytes of a zstd window: what `zstd --ultra -22` makes, and what fits into a worker's memory. */
#define COMPRESSION_ZSTD_WINDOW_LOG_MAX 27
/* Of what is written: a database of 17 MB takes 0.6 s and has a fifth of its size then; 19 takes 5.5 s for a tenth less. */
#define COMPRESSION_ZSTD_LEVEL 12
/* Bytes of memory that reading xz may take, its dictionary above all: `xz -9` needs 65 MiB; as much as zstd's window. */
#define COMPRESSION_XZ_MEMORY_MAX (128u << 20)

/* Bytes given at once. igzip 2.30 must never be given more than 1 MiB (an overrun that 2.32 mended). */
#define COMPRESSION_PIECE_MAX (256u << 10)

#define XML_DEPTH_MAX 64u        /* of elements; deepest seen: 10 */
#define XML_TEXT_MAX (64u << 10) /* bytes of one element's own text; a name or a version is wanted */
#define XML_TOKEN_MAX (4u << 20) /* bytes of one tag or comment: it is read anew with every piece that it reaches into */
#define XML_ATTRIBUTES_MAX 64u   /* of one element */
