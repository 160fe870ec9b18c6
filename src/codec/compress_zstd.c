/* zstd (RFC 8878), written by libzstd: what is handed out is packed once and fetched by many, so at a high level. */
#include <stdlib.h>

#include <zstd.h>

#include "codec/codec.h"

static void context_freep(ZSTD_CCtx **context)
{
        ZSTD_freeCCtx(*context);
}

static unsigned log2_above(size_t n)
{
        unsigned log = 10;

        while (log < COMPRESSION_ZSTD_WINDOW_LOG_MAX && (size_t)1 << log < n)
                log++;
        return log;
}

/* Far matches are found only when they are looked for, and only within the window that our reader allows. */
static void settings_from(ZSTD_CCtx *context, struct span from, size_t plain)
{
        if (ZSTD_isError(ZSTD_CCtx_setParameter(context, ZSTD_c_enableLongDistanceMatching, 1)) ||
            ZSTD_isError(ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, (int)log2_above(from.len + plain))) ||
            ZSTD_isError(ZSTD_CCtx_refPrefix(context, from.at, from.len)))
                abort(); /* no memory: as heap_alloc */
}

static void settings(ZSTD_CCtx *context, size_t plain)
{
        if (!context ||
            ZSTD_isError(ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, COMPRESSION_ZSTD_LEVEL)) ||
            ZSTD_isError(ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)) ||
            ZSTD_isError(ZSTD_CCtx_setPledgedSrcSize(context, plain)))
                abort(); /* no memory: as heap_alloc */
}

bool compress_zstd(struct span from, struct span plain, bool (*on_piece)(void *ctx, struct span piece, struct err *e),
    void *ctx, struct err *e)
{
        ZSTD_CCtx *context CLEANUP(context_freep) = ZSTD_createCCtx();
        uint8_t *piece CLEANUP(heap_freep) = heap_alloc(COMPRESSION_PIECE_MAX);
        ZSTD_inBuffer in = {plain.at, plain.len, 0};
        size_t left;

        settings(context, plain.len);
        if (from.len > 0)
                settings_from(context, from, plain.len);
        do {
                ZSTD_outBuffer to = {piece, COMPRESSION_PIECE_MAX, 0};

                left = ZSTD_compressStream2(context, &to, &in, ZSTD_e_end);
                if (ZSTD_isError(left))
                        return err_set(e, ERR_BUG, "zstd: %s", ZSTD_getErrorName(left));
                if (!on_piece(ctx, span_bytes(piece, to.pos), e))
                        return false;
        } while (left > 0);
        return true;
}
