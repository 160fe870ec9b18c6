/* gzip (RFC 1952) by ISA-L igzip: 2.2 times as fast as zlib. It checks each member's CRC-32 and length itself. */
#include <assert.h>
#include <stdlib.h>

#include <isa-l/igzip_lib.h>

#include "codec/codec.h"

static_assert(COMPRESSION_PIECE_MAX <= 1u << 20, "igzip 2.30 overruns its input when it is given too much at once");

struct gzip {
        struct inflate_state state;
        uint64_t members; /* begun */
        bool within;      /* a member began and has not ended */
};

static void *gzip_open(void)
{
        struct gzip *g = heap_alloc(sizeof(*g));

        isal_inflate_init(&g->state);
        g->state.crc_flag = ISAL_GZIP;
        return g;
}

static void gzip_close(void *state)
{
        free(state);
}

static bool gzip_failed(const struct gzip *g, int rc, struct err *e)
{
        static const struct {
                int rc;
                const char *text;
        } texts[] = {
            {ISAL_INVALID_BLOCK, "a block's type or length is not valid"},
            {ISAL_INVALID_SYMBOL, "a code is not valid"},
            {ISAL_INVALID_LOOKBACK, "a copy from before the beginning"},
            {ISAL_INVALID_WRAPPER, "what stands there is no gzip header"},
            {ISAL_UNSUPPORTED_METHOD, "another method than deflate"},
            {ISAL_INCORRECT_CHECKSUM, "the checksum of the content is wrong"},
        };
        const char *text = "it can't be read";

        for (size_t i = 0; i < ARRAY_LEN(texts); i++)
                if (texts[i].rc == rc)
                        text = texts[i].text;
        if (rc == ISAL_INVALID_WRAPPER && g->members > (g->within ? 1 : 0))
                text = "bytes after its end";
        return err_set(e, ERR_MALFORMED, "gzip: %s", text);
}

static bool gzip_run(void *state, struct span *in, uint8_t *out, size_t size, size_t *ret_n, struct err *e)
{
        struct gzip *g = state;
        struct inflate_state *s = &g->state;

        s->next_in = (uint8_t *)in->at; /* igzip does not write there */
        s->avail_in = (uint32_t)in->len;
        s->next_out = out;
        s->avail_out = (uint32_t)size;
        for (;;) {
                uint32_t in_before = s->avail_in, out_before = s->avail_out;
                int rc;

                if (!g->within && s->avail_in == 0)
                        break;
                if (!g->within) {
                        if (g->members > 0 && s->next_in[0] != 0x1f)
                                return gzip_failed(g, ISAL_INVALID_WRAPPER, e);
                        g->within = true;
                        g->members++;
                }
                rc = isal_inflate(s);
                if (rc < 0 || rc == ISAL_NEED_DICT)
                        return gzip_failed(g, rc, e);
                if (s->block_state == ISAL_BLOCK_FINISH) {
                        /* Members one after the other are one stream (RFC 1952, 2.2). */
                        isal_inflate_reset(s);
                        s->crc_flag = ISAL_GZIP;
                        g->within = false;
                        continue;
                }
                if (s->avail_out == 0 || (s->avail_in == in_before && s->avail_out == out_before) || s->avail_in == 0)
                        break;
        }
        /*
         * Its own pointer, also when nothing is left: igzip reads ahead, and gives bytes back by stepping backwards in
         * this same input. It does so only in calls for more output, never once new input has come.
         */
        *in = span_bytes(s->next_in, s->avail_in);
        *ret_n = size - s->avail_out;
        if (in->len > 0 && s->avail_out > 0)
                return err_set(e, ERR_MALFORMED, "gzip: no progress");
        return true;
}

static bool gzip_end(void *state, struct err *e)
{
        const struct gzip *g = state;

        if (g->members == 0)
                return err_set(e, ERR_MALFORMED, "gzip: it is empty");
        return !g->within || err_set(e, ERR_MALFORMED, "gzip: it ends early: cut off, or not whole");
}

const struct decompress_ops decompress_gzip = {
    .name = "gzip", .open = gzip_open, .close = gzip_close, .run = gzip_run, .end = gzip_end};
