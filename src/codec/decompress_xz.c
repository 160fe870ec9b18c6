/* xz (its file format 1.2.0) by liblzma: streams one after the other and the padding between them, checks verified. */
#include <stdlib.h>

#include <lzma.h>

#include "codec/codec.h"

struct xz {
        lzma_stream stream;
        bool begun;
};

static void *xz_open(void)
{
        struct xz *x = heap_alloc(sizeof(*x));
        const uint32_t flags = LZMA_CONCATENATED | LZMA_TELL_UNSUPPORTED_CHECK;

        x->stream = (lzma_stream)LZMA_STREAM_INIT;
        if (lzma_stream_decoder(&x->stream, COMPRESSION_XZ_MEMORY_MAX, flags) != LZMA_OK)
                abort(); /* no memory: as heap_alloc */
        return x;
}

static void xz_close(void *state)
{
        struct xz *x = state;

        lzma_end(&x->stream);
        free(x);
}

static bool xz_failed(lzma_ret rc, struct err *e)
{
        switch (rc) {
        case LZMA_MEMLIMIT_ERROR:
                return err_set(e, ERR_LIMIT,
                    "xz: its dictionary takes more than %u MiB of memory to read: compress it with xz -9 or less",
                    COMPRESSION_XZ_MEMORY_MAX >> 20);
        case LZMA_MEM_ERROR:
                return err_set(e, ERR_LIMIT, "xz: there is not enough memory for its dictionary");
        case LZMA_OPTIONS_ERROR:
                return err_set(e, ERR_UNSUPPORTED, "xz: a filter or an option that liblzma does not know");
        case LZMA_UNSUPPORTED_CHECK:
                return err_set(e, ERR_UNSUPPORTED, "xz: a kind of checksum that can't be verified");
        case LZMA_FORMAT_ERROR:
                return err_set(e, ERR_MALFORMED, "xz: what stands there is no xz header");
        default:
                return err_set(e, ERR_MALFORMED, "xz: it is damaged, or bytes stand after its end");
        }
}

static bool xz_run(void *state, struct span *in, uint8_t *out, size_t size, size_t *ret_n, struct err *e)
{
        struct xz *x = state;
        lzma_stream *s = &x->stream;

        s->next_in = in->at;
        s->avail_in = in->len;
        s->next_out = out;
        s->avail_out = size;
        x->begun |= in->len > 0;
        while (s->avail_out > 0) {
                size_t in_before = s->avail_in, out_before = s->avail_out;
                lzma_ret rc = lzma_code(s, LZMA_RUN);

                /* LZMA_BUF_ERROR: nothing was to be done, which is told from the second time on. */
                if (rc != LZMA_OK && rc != LZMA_BUF_ERROR)
                        return xz_failed(rc, e);
                if (s->avail_in == in_before && s->avail_out == out_before)
                        break;
        }
        *in = span_bytes(s->next_in, s->avail_in);
        *ret_n = size - s->avail_out;
        if (in->len > 0 && s->avail_out > 0)
                return err_set(e, ERR_MALFORMED, "xz: no progress");
        return true;
}

static bool xz_end(void *state, struct err *e)
{
        struct xz *x = state;
        uint8_t none;
        lzma_ret rc;

        if (!x->begun)
                return err_set(e, ERR_MALFORMED, "xz: it is empty");
        x->stream.avail_in = 0;
        x->stream.next_out = &none;
        x->stream.avail_out = sizeof(none);
        /* All output was taken before; what is left to say is whether the last stream and its padding were whole. */
        rc = lzma_code(&x->stream, LZMA_FINISH);
        if (rc == LZMA_STREAM_END && x->stream.avail_out == sizeof(none))
                return true;
        if (rc == LZMA_OK || rc == LZMA_BUF_ERROR)
                return err_set(e, ERR_MALFORMED, "xz: it ends early: cut off, or not whole");
        return xz_failed(rc, e);
}

const struct decompress_ops decompress_xz = {
    .name = "xz", .open = xz_open, .close = xz_close, .run = xz_run, .end = xz_end};
