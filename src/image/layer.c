/* One layer, read once: both digests, decompression and the tar walk in one pipeline without a temporary file. */
#include "image/aci_priv.h"
#include "codec/codec.h"
#include "image/layer_hash_priv.h"
#include "image/tar_priv.h"

struct reading {
        const struct image_source *source;
        const struct decompress_ops *ops; /* NULL: stored as it is */
        void *state;
        struct layer_hash *hash;
        struct tar tar;
        uint64_t stored, plain; /* bytes so far */
};

static void reading_done(struct reading *r)
{
        layer_hash_free(r->hash);
        if (r->state)
                r->ops->close(r->state);
        tar_done(&r->tar);
}

static bool reading_init(struct reading *r, const struct image_source *s, const struct image_sink *sink,
    enum digest_alg plain_alg, struct err *e)
{
        static const struct decompress_ops *const all[] = {
            [COMPRESSION_NONE] = NULL,
            [COMPRESSION_GZIP] = &decompress_gzip,
            [COMPRESSION_ZSTD] = &decompress_zstd,
            [COMPRESSION_XZ] = &decompress_xz,
            [COMPRESSION_BZIP2] = &decompress_bzip2,
        };
        struct layer_hash_want want = {.thread = s->second_thread};

        if ((unsigned)s->compression >= ARRAY_LEN(all))
                return err_set(e, ERR_UNSUPPORTED, "compression %u is not known", (unsigned)s->compression);
        r->source = s;
        tar_init(&r->tar, sink);
        r->ops = all[s->compression];
        if (r->ops)
                r->state = r->ops->open();
        want.same = !r->ops;
        want.algs[LAYER_STORED] = s->blob.alg ? s->blob.alg : DIGEST_SHA256;
        want.algs[LAYER_PLAIN] = s->diff_id.alg ? s->diff_id.alg : plain_alg;
        return layer_hash_new(&want, &r->hash, e);
}

/* The next stored bytes; *ret_n is 0 at the end. */
static bool stored_read(struct reading *r, uint8_t *into, size_t *ret_n, struct err *e)
{
        const struct image_source *s = r->source;
        bool pipe = s->pipe || s->size == UINT64_MAX;
        uint64_t left = s->size - r->stored;
        size_t want = left < IMAGE_PIECE_SIZE ? (size_t)left : IMAGE_PIECE_SIZE;
        bool ok = pipe ? fd_read_full(s->fd, into, want, ret_n, e)
                       : fd_pread_full(s->fd, s->offset + r->stored, into, want, ret_n, e);

        if (!ok)
                return false;
        if (s->size != UINT64_MAX && *ret_n < want)
                return err_set(e, ERR_MALFORMED, "the file ends %llu bytes before the blob's size of %llu",
                    (unsigned long long)(left - *ret_n), (unsigned long long)s->size);
        r->stored += *ret_n;
        return true;
}

static bool plain_take(struct reading *r, struct span plain, struct err *e)
{
        r->plain += plain.len;
        if (r->plain > IMAGE_PLAIN_MAX)
                return err_set(
                    e, ERR_LIMIT, "the plain layer is larger than %llu bytes", (unsigned long long)IMAGE_PLAIN_MAX);
        if (r->plain > IMAGE_BOMB_PLAIN && r->plain / IMAGE_BOMB_RATIO > r->stored)
                return err_set(e, ERR_LIMIT,
                    "%llu stored bytes became more than %llu: a ratio above %u is taken for a decompression bomb",
                    (unsigned long long)r->stored, (unsigned long long)r->plain, IMAGE_BOMB_RATIO);
        return tar_feed(&r->tar, plain, e);
}

/* All plain bytes that one piece of stored ones makes. */
static bool piece_take(struct reading *r, struct span piece, struct err *e)
{
        size_t n;

        do {
                uint8_t *out = layer_hash_buffer(r->hash, LAYER_PLAIN);

                if (!r->ops->run(r->state, &piece, out, IMAGE_PIECE_SIZE, &n, e))
                        return false;
                layer_hash_give(r->hash, LAYER_PLAIN, n);
                if (!plain_take(r, span_bytes(out, n), e))
                        return false;
        } while (n == IMAGE_PIECE_SIZE);
        return true;
}

static bool reading_run(struct reading *r, struct err *e)
{
        for (;;) {
                uint8_t *in = layer_hash_buffer(r->hash, LAYER_STORED);
                size_t n;

                if (!stored_read(r, in, &n, e))
                        return false;
                if (n == 0)
                        break;
                layer_hash_give(r->hash, LAYER_STORED, n);
                if (r->ops ? !piece_take(r, span_bytes(in, n), e) : !plain_take(r, span_bytes(in, n), e)) {
                        if (r->ops)
                                err_wrap(e, "before byte %llu", (unsigned long long)r->stored);
                        return false;
                }
        }
        return (!r->ops || r->ops->end(r->state, e)) && tar_end(&r->tar, e);
}

static bool digest_check(const char *what, const struct digest *want, const struct digest *got, struct err *e)
{
        char a[DIGEST_TEXT_MAX], b[DIGEST_TEXT_MAX];

        if (want->alg == DIGEST_NONE || digest_equal(want, got))
                return true;
        return err_set(e, ERR_UNTRUSTED, "its %s is %s, not %s", what, digest_format(got, a), digest_format(want, b));
}

bool layer_read(const struct image_source *s, const struct image_sink *sink, enum digest_alg plain_alg,
    struct image_read *ret, struct err *e)
{
        struct reading r CLEANUP(reading_done) = {0};
        struct digest got[LAYER_STREAMS];

        if (!reading_init(&r, s, sink, plain_alg, e) || !reading_run(&r, e))
                return false;
        layer_hash_final(r.hash, got);
        if (!digest_check("digest", &s->blob, &got[LAYER_STORED], e) ||
            !digest_check("diff id", &s->diff_id, &got[LAYER_PLAIN], e))
                return false;
        *ret = (struct image_read){
            .blob = got[LAYER_STORED], .diff_id = got[LAYER_PLAIN], .plain_size = r.plain, .entries = r.tar.index};
        return true;
}

bool image_layer_read(
    const struct image_source *s, const struct image_sink *sink, struct image_read *ret, struct err *e)
{
        struct aci_view view = {.sink = sink};

        return s->aci ? aci_layer_read(s, &view, ret, e) : layer_read(s, sink, DIGEST_SHA256, ret, e);
}

void image_source_put(struct buf *b, const struct image_source *s)
{
        buf_put_u32le(b, (uint32_t)s->fd);
        buf_put_u64le(b, s->offset);
        buf_put_u64le(b, s->size);
        buf_put_u8(b, (uint8_t)s->compression);
        buf_put_digest(b, &s->blob);
        buf_put_digest(b, &s->diff_id);
        buf_put_u8(b, s->second_thread);
        buf_put_u8(b, s->pipe);
        buf_put_u8(b, s->aci);
}

bool image_source_get(struct cursor *c, struct image_source *ret)
{
        struct image_source s = {0};
        uint32_t fd = cursor_u32le(c);
        uint8_t compression, thread, pipe, aci;

        s.offset = cursor_u64le(c);
        s.size = cursor_u64le(c);
        compression = cursor_u8(c);
        s.blob = cursor_digest(c);
        s.diff_id = cursor_digest(c);
        thread = cursor_u8(c);
        pipe = cursor_u8(c);
        aci = cursor_u8(c);
        if (fd > INT32_MAX || compression > COMPRESSION_LAST || thread > 1 || pipe > 1 || aci > 1)
                c->failed = true;
        if (c->failed)
                return false;
        s.fd = (int)fd;
        s.compression = (enum compression)compression;
        s.pipe = pipe == 1;
        s.second_thread = thread;
        s.aci = aci;
        *ret = s;
        return true;
}
