/* The answer of "image-archive" as bytes. */
#include <string.h>

#include "image/archive_priv.h"

static void slice_put(struct buf *b, uint64_t offset, uint64_t size)
{
        buf_put_u64le(b, offset);
        buf_put_u64le(b, size);
}

/* Within the file: a worker must not make the parent hand on what is not there. */
static bool slice_get(struct cursor *c, uint64_t file, uint64_t *ret_offset, uint64_t *ret_size)
{
        uint64_t offset = cursor_u64le(c), size = cursor_u64le(c);

        if (offset > file || size > file - offset)
                c->failed = true;
        if (c->failed)
                return false;
        *ret_offset = offset;
        *ret_size = size;
        return true;
}

void archive_put(struct buf *b, const struct archive *v)
{
        buf_put_u8(b, (uint8_t)v->form);
        slice_put(b, v->offset, v->size);
        if (v->form != ARCHIVE_LAYOUT)
                buf_put_string(b, v->tag);
        if (v->form == ARCHIVE_DOCKER_LAYOUT)
                descriptor_put(b, &v->manifest);
        if (v->form != ARCHIVE_DOCKER) {
                buf_put_u32le(b, (uint32_t)v->blobs.len);
                for (size_t i = 0; i < v->blobs.len; i++) {
                        buf_put_digest(b, &v->blobs.at[i].digest);
                        slice_put(b, v->blobs.at[i].offset, v->blobs.at[i].size);
                }
                return;
        }
        buf_put_digest(b, &v->config);
        buf_put_u32le(b, (uint32_t)v->layers.len);
        for (size_t i = 0; i < v->layers.len; i++) {
                buf_put_digest(b, &v->layers.at[i].blob);
                slice_put(b, v->layers.at[i].offset, v->layers.at[i].size);
                buf_put_u8(b, (uint8_t)v->layers.at[i].compression);
        }
}

/* In order and each once, so that a search finds what is there. */
static bool blobs_get(struct cursor *c, uint64_t file, struct arena *a, struct archive *v)
{
        uint32_t n = cursor_u32le(c);

        if (c->failed || n > IMAGE_ARCHIVE_ENTRIES_MAX)
                return false;
        for (uint32_t i = 0; i < n; i++) {
                struct archive_blob blob;
                const struct digest *last = i ? &v->blobs.at[i - 1].digest : NULL;

                blob.digest = cursor_digest(c);
                if (!slice_get(c, file, &blob.offset, &blob.size) || blob.digest.alg == DIGEST_NONE)
                        return false;
                if (last && (last->alg > blob.digest.alg ||
                                (last->alg == blob.digest.alg &&
                                    memcmp(last->bytes, blob.digest.bytes, sizeof(last->bytes)) >= 0)))
                        return false;
                *ARENA_PUSH(a, &v->blobs) = blob;
        }
        return true;
}

static bool layers_get(struct cursor *c, uint64_t file, struct arena *a, struct archive *v)
{
        uint32_t n = cursor_u32le(c);

        if (c->failed || n > IMAGE_LAYERS_MAX)
                return false;
        for (uint32_t i = 0; i < n; i++) {
                struct archive_layer layer;
                uint8_t compression;

                layer.blob = cursor_digest(c);
                if (!slice_get(c, file, &layer.offset, &layer.size))
                        return false;
                compression = cursor_u8(c);
                if (c->failed || compression > COMPRESSION_LAST)
                        return false;
                layer.compression = (enum compression)compression;
                *ARENA_PUSH(a, &v->layers) = layer;
        }
        return true;
}

bool archive_get(struct cursor *c, uint64_t size, struct arena *a, struct archive *ret)
{
        struct archive v = {0};
        uint8_t form = cursor_u8(c);

        if (!slice_get(c, size, &v.offset, &v.size) || form < ARCHIVE_LAYOUT || form > ARCHIVE_DOCKER_LAYOUT)
                return false;
        v.form = (enum archive_form)form;
        if (form != ARCHIVE_LAYOUT)
                v.tag = arena_copy(a, cursor_string(c, IMAGE_TAG_MAX));
        if (span_has_control(v.tag))
                return false;
        if (form == ARCHIVE_DOCKER_LAYOUT && !descriptor_get(c, a, &v.manifest))
                return false;
        if (form == ARCHIVE_DOCKER) {
                v.config = cursor_digest(c);
                if (c->failed || v.config.alg == DIGEST_NONE || !layers_get(c, size, a, &v))
                        return false;
        } else if (!blobs_get(c, size, a, &v)) {
                return false;
        }
        if (!cursor_at_end(c))
                return false;
        *ret = v;
        return true;
}
