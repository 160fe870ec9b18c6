/* Requests and answers of the documents' jobs, as bytes. */
#include "image/document_priv.h"

void document_put(struct buf *b, const struct document *d)
{
        buf_put_u64le(b, d->offset);
        buf_put_u64le(b, d->size);
        buf_put_digest(b, &d->digest);
}

bool document_get(struct cursor *c, struct document *ret)
{
        struct document d = {.fd = JAIL_FD_FIRST};

        d.offset = cursor_u64le(c);
        d.size = cursor_u64le(c);
        d.digest = cursor_digest(c);
        if (c->failed)
                return false;
        *ret = d;
        return true;
}

static void platform_put(struct buf *b, const struct image_platform *p)
{
        buf_put_string(b, p->os);
        buf_put_string(b, p->architecture);
        buf_put_string(b, p->variant);
}

static struct image_platform platform_get(struct cursor *c)
{
        struct image_platform p;

        p.os = cursor_string(c, IMAGE_PLATFORM_MAX);
        p.architecture = cursor_string(c, IMAGE_PLATFORM_MAX);
        p.variant = cursor_string(c, IMAGE_PLATFORM_MAX);
        return p;
}

static struct image_platform platform_copy(struct arena *a, const struct image_platform *p)
{
        return (struct image_platform){arena_copy(a, p->os), arena_copy(a, p->architecture), arena_copy(a, p->variant)};
}

void choice_put(struct buf *b, const struct choice *c)
{
        buf_put_string(b, c->tag);
        platform_put(b, &c->platform);
        buf_put_u8(b, c->strict);
}

bool choice_get(struct cursor *c, struct choice *ret)
{
        struct choice choice;

        choice.tag = cursor_string(c, IMAGE_TAG_MAX);
        choice.platform = platform_get(c);
        choice.strict = cursor_u8(c) == 1;
        if (c->failed)
                return false;
        *ret = choice;
        return true;
}

void descriptor_put(struct buf *b, const struct descriptor *d)
{
        buf_put_digest(b, &d->digest);
        buf_put_u64le(b, d->size);
        buf_put_string(b, d->media_type);
        buf_put_string(b, d->name);
        platform_put(b, &d->platform);
}

bool descriptor_get(struct cursor *c, struct arena *a, struct descriptor *ret)
{
        struct descriptor d;

        d.digest = cursor_digest(c);
        d.size = cursor_u64le(c);
        d.media_type = cursor_string(c, IMAGE_MEDIA_TYPE_MAX);
        d.name = cursor_string(c, IMAGE_TAG_MAX);
        d.platform = platform_get(c);
        if (d.digest.alg == DIGEST_NONE || d.size > INT64_MAX)
                c->failed = true;
        if (c->failed)
                return false;
        d.media_type = arena_copy(a, d.media_type);
        d.name = arena_copy(a, d.name);
        d.platform = platform_copy(a, &d.platform);
        *ret = d;
        return true;
}

void manifest_put(struct buf *b, const struct manifest *m)
{
        descriptor_put(b, &m->config);
        buf_put_u32le(b, (uint32_t)m->n_layers);
        for (size_t i = 0; i < m->n_layers; i++) {
                descriptor_put(b, &m->layers[i].blob);
                buf_put_u8(b, (uint8_t)m->layers[i].compression);
        }
}

bool manifest_get(struct cursor *c, struct arena *a, struct manifest *ret)
{
        struct manifest m = {0};
        uint32_t n;

        if (!descriptor_get(c, a, &m.config))
                return false;
        n = cursor_u32le(c);
        if (c->failed || n > IMAGE_LAYERS_MAX)
                return false;
        m.layers = arena_array(a, n, sizeof(*m.layers));
        m.n_layers = n;
        for (size_t i = 0; i < n; i++) {
                uint8_t compression;

                if (!descriptor_get(c, a, &m.layers[i].blob))
                        return false;
                compression = cursor_u8(c);
                if (c->failed || compression > COMPRESSION_LAST)
                        return false;
                m.layers[i].compression = (enum compression)compression;
        }
        *ret = m;
        return true;
}

static void list_put(struct buf *b, const struct text_list *list)
{
        buf_put_u32le(b, (uint32_t)list->len);
        for (size_t i = 0; i < list->len; i++)
                buf_put_string(b, list->at[i]);
}

static bool list_get(struct cursor *c, struct arena *a, uint32_t max, struct text_list *ret)
{
        uint32_t n = cursor_u32le(c);

        if (c->failed || n > max)
                return false;
        for (uint32_t i = 0; i < n && !c->failed; i++)
                *ARENA_PUSH(a, ret) = arena_copy(a, cursor_string(c, IMAGE_TEXT_MAX));
        return !c->failed;
}

void config_put(struct buf *b, const struct config *c)
{
        platform_put(b, &c->platform);
        buf_put_string(b, c->created);
        buf_put_string(b, c->user);
        buf_put_string(b, c->working_dir);
        buf_put_string(b, c->stop_signal);
        list_put(b, &c->env);
        list_put(b, &c->entrypoint);
        list_put(b, &c->cmd);
        list_put(b, &c->created_by);
        list_put(b, &c->history);
        buf_put_u8(b, c->healthcheck);
        buf_put_u32le(b, (uint32_t)c->diff_ids.len);
        for (size_t i = 0; i < c->diff_ids.len; i++)
                buf_put_digest(b, &c->diff_ids.at[i]);
}

static bool diff_ids_get(struct cursor *c, struct arena *a, struct config *config)
{
        uint32_t n = cursor_u32le(c);

        if (c->failed || n > IMAGE_LAYERS_MAX)
                return false;
        for (uint32_t i = 0; i < n; i++) {
                struct digest d = cursor_digest(c);

                if (c->failed || d.alg == DIGEST_NONE)
                        return false;
                *ARENA_PUSH(a, &config->diff_ids) = d;
        }
        return true;
}

bool config_get(struct cursor *c, struct arena *a, struct config *ret)
{
        struct config config = {0};

        config.platform = platform_get(c);
        config.platform = platform_copy(a, &config.platform);
        config.created = arena_copy(a, cursor_string(c, IMAGE_PLATFORM_MAX));
        config.user = arena_copy(a, cursor_string(c, IMAGE_TEXT_MAX));
        config.working_dir = arena_copy(a, cursor_string(c, IMAGE_PATH_MAX));
        config.stop_signal = arena_copy(a, cursor_string(c, IMAGE_PLATFORM_MAX));
        if (!list_get(c, a, IMAGE_LIST_MAX, &config.env) || !list_get(c, a, IMAGE_LIST_MAX, &config.entrypoint) ||
            !list_get(c, a, IMAGE_LIST_MAX, &config.cmd) || !list_get(c, a, IMAGE_LAYERS_MAX, &config.created_by) ||
            !list_get(c, a, IMAGE_HISTORY_MAX, &config.history))
                return false;
        uint8_t healthcheck = cursor_u8(c);
        config.healthcheck = healthcheck == 1;
        if (healthcheck > 1 || !diff_ids_get(c, a, &config))
                return false;
        if (config.created_by.len != 0 && config.created_by.len != config.diff_ids.len)
                return false;
        *ret = config;
        return true;
}
