/* zstd (RFC 8878) by libzstd: frames one after the other, skippable ones too (zstd:chunked has such). */
#include <stdlib.h>

#include <zstd.h>
#include <zstd_errors.h>

#include "codec/codec.h"

struct zstd {
        ZSTD_DCtx *context;
        bool within, begun;
};

static void *zstd_open(void)
{
        struct zstd *z = heap_alloc(sizeof(*z));

        z->context = ZSTD_createDCtx();
        if (!z->context ||
            ZSTD_isError(ZSTD_DCtx_setParameter(z->context, ZSTD_d_windowLogMax, COMPRESSION_ZSTD_WINDOW_LOG_MAX)))
                abort(); /* no memory: as heap_alloc */
        return z;
}

void *decompress_zstd_from(struct span from)
{
        struct zstd *z = zstd_open();

        if (ZSTD_isError(ZSTD_DCtx_refPrefix(z->context, from.at, from.len)))
                abort(); /* no memory: as heap_alloc */
        return z;
}

static void zstd_close(void *state)
{
        struct zstd *z = state;

        ZSTD_freeDCtx(z->context);
        free(z);
}

static bool zstd_run(void *state, struct span *in, uint8_t *out, size_t size, size_t *ret_n, struct err *e)
{
        struct zstd *z = state;
        ZSTD_inBuffer from = {in->at, in->len, 0};
        ZSTD_outBuffer to = {out, size, 0};

        /* After a frame's last byte nothing is held back, so without new input there is nothing to ask for. */
        while (to.pos < to.size && (from.pos < from.size || z->within)) {
                size_t in_before = from.pos, out_before = to.pos;
                size_t rc = ZSTD_decompressStream(z->context, &to, &from);

                if (ZSTD_isError(rc) && ZSTD_getErrorCode(rc) == ZSTD_error_frameParameter_windowTooLarge)
                        return err_set(e, ERR_LIMIT, "zstd: its window is larger than %u MiB",
                            1u << (COMPRESSION_ZSTD_WINDOW_LOG_MAX - 20));
                if (ZSTD_isError(rc))
                        return err_set(e, ERR_MALFORMED, "zstd: %s", ZSTD_getErrorName(rc));
                z->begun = true;
                z->within = rc != 0;
                if (from.pos == in_before && to.pos == out_before)
                        break;
        }
        *in = span_from(*in, from.pos);
        *ret_n = to.pos;
        if (in->len > 0 && to.pos < size)
                return err_set(e, ERR_MALFORMED, "zstd: no progress");
        return true;
}

static bool zstd_end(void *state, struct err *e)
{
        const struct zstd *z = state;

        if (!z->begun)
                return err_set(e, ERR_MALFORMED, "zstd: it is empty");
        return !z->within || err_set(e, ERR_MALFORMED, "zstd: it ends early: cut off, or not whole");
}

const struct decompress_ops decompress_zstd = {
    .name = "zstd", .open = zstd_open, .close = zstd_close, .run = zstd_run, .end = zstd_end};
