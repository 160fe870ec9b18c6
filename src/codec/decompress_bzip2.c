/* bzip2 by libbz2: streams one after the other, as pbzip2 makes them; each block's and stream's checksum is verified. */
#include <assert.h>
#include <stdlib.h>

#include <bzlib.h>

#include "codec/codec.h"

static_assert(COMPRESSION_PIECE_MAX <= UINT32_MAX, "libbz2 counts in unsigned int");

struct bzip2 {
        bz_stream stream;
        uint64_t streams; /* begun */
        bool within;      /* a stream began and has not ended: the library holds memory for it */
};

static void *bzip2_open(void)
{
        return heap_alloc(sizeof(struct bzip2));
}

static void bzip2_close(void *state)
{
        struct bzip2 *b = state;

        if (b->within)
                BZ2_bzDecompressEnd(&b->stream);
        free(b);
}

static void stream_begin(struct bzip2 *b)
{
        if (BZ2_bzDecompressInit(&b->stream, 0, 0) != BZ_OK)
                abort(); /* no memory: as heap_alloc */
        b->within = true;
        b->streams++;
}

static void stream_end(struct bzip2 *b)
{
        BZ2_bzDecompressEnd(&b->stream);
        b->within = false;
}

static bool bzip2_failed(const struct bzip2 *b, int rc, struct err *e)
{
        if (rc == BZ_DATA_ERROR_MAGIC && b->streams > 1)
                return err_set(e, ERR_MALFORMED, "bzip2: bytes after its end");
        if (rc == BZ_DATA_ERROR_MAGIC)
                return err_set(e, ERR_MALFORMED, "bzip2: what stands there is no bzip2 header");
        if (rc == BZ_MEM_ERROR)
                return err_set(e, ERR_LIMIT, "bzip2: there is not enough memory for a block");
        return err_set(e, ERR_MALFORMED, "bzip2: a block is damaged, or its checksum is wrong");
}

static bool bzip2_run(void *state, struct span *in, uint8_t *out, size_t size, size_t *ret_n, struct err *e)
{
        struct bzip2 *b = state;
        bz_stream *s = &b->stream;

        s->next_in = (char *)(uintptr_t)in->at; /* libbz2 does not write there */
        s->avail_in = (unsigned)in->len;
        s->next_out = (char *)out;
        s->avail_out = (unsigned)size;
        /* Between two streams nothing is held back, so without new input there is nothing to ask for. */
        while (s->avail_out > 0 && (b->within || s->avail_in > 0)) {
                unsigned in_before = s->avail_in, out_before = s->avail_out;
                int rc;

                if (!b->within)
                        stream_begin(b);
                rc = BZ2_bzDecompress(s);
                if (rc == BZ_STREAM_END) {
                        stream_end(b);
                        continue;
                }
                if (rc != BZ_OK)
                        return bzip2_failed(b, rc, e);
                if (s->avail_in == in_before && s->avail_out == out_before)
                        break;
        }
        *in = span_bytes(s->next_in, s->avail_in);
        *ret_n = size - s->avail_out;
        if (in->len > 0 && s->avail_out > 0)
                return err_set(e, ERR_MALFORMED, "bzip2: no progress");
        return true;
}

static bool bzip2_end(void *state, struct err *e)
{
        const struct bzip2 *b = state;

        if (b->streams == 0)
                return err_set(e, ERR_MALFORMED, "bzip2: it is empty");
        return !b->within || err_set(e, ERR_MALFORMED, "bzip2: it ends early: cut off, or not whole");
}

const struct decompress_ops decompress_bzip2 = {
    .name = "bzip2", .open = bzip2_open, .close = bzip2_close, .run = bzip2_run, .end = bzip2_end};
