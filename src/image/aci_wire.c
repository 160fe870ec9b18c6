/* The answer of "image-aci" as bytes, and lists of paths. */
#include "image/aci_priv.h"

void aci_list_put(struct buf *b, const struct aci_list *list)
{
        buf_put_u32le(b, (uint32_t)list->len);
        for (size_t i = 0; i < list->len; i++)
                buf_put_string(b, list->at[i]);
}

/* In order and each once, so that a search finds what is there. */
bool aci_list_get(struct cursor *c, struct arena *a, struct aci_list *ret)
{
        uint32_t n = cursor_u32le(c);
        struct aci_list list = {0};

        if (c->failed || n > IMAGE_ACI_WHITELIST_MAX)
                return false;
        for (uint32_t i = 0; i < n; i++) {
                struct span path = cursor_string(c, IMAGE_PATH_MAX);

                if (c->failed || (i > 0 && span_compare(list.at[i - 1], path) >= 0))
                        return false;
                *ARENA_PUSH(a, &list) = arena_copy(a, path);
        }
        *ret = list;
        return true;
}

static void labels_put(struct buf *b, const struct aci_labels *labels)
{
        buf_put_u32le(b, (uint32_t)labels->len);
        for (size_t i = 0; i < labels->len; i++) {
                buf_put_string(b, labels->at[i].name);
                buf_put_string(b, labels->at[i].value);
        }
}

static struct span name_get(struct cursor *c, struct arena *a)
{
        struct span name = cursor_string(c, IMAGE_ACI_NAME_MAX);

        if (!aci_name_is_valid(name))
                c->failed = true;
        return c->failed ? (struct span){0} : arena_copy(a, name);
}

/* For errors and reports, too: no control bytes. */
static struct span text_get(struct cursor *c, struct arena *a, uint32_t max)
{
        struct span text = cursor_string(c, max);

        if (span_has_control(text))
                c->failed = true;
        return c->failed ? (struct span){0} : arena_copy(a, text);
}

static bool labels_get(struct cursor *c, struct arena *a, struct aci_labels *ret)
{
        uint32_t n = cursor_u32le(c);

        if (c->failed || n > IMAGE_ACI_LABELS_MAX)
                return false;
        for (uint32_t i = 0; i < n && !c->failed; i++) {
                struct aci_label label;

                label.name = name_get(c, a);
                label.value = text_get(c, a, IMAGE_ACI_NAME_MAX);
                *ARENA_PUSH(a, ret) = label;
        }
        return !c->failed;
}

static void texts_put(struct buf *b, const struct text_list *list)
{
        buf_put_u32le(b, (uint32_t)list->len);
        for (size_t i = 0; i < list->len; i++)
                buf_put_string(b, list->at[i]);
}

static bool texts_get(struct cursor *c, struct arena *a, struct text_list *ret)
{
        uint32_t n = cursor_u32le(c);

        if (c->failed || n > IMAGE_LIST_MAX)
                return false;
        for (uint32_t i = 0; i < n && !c->failed; i++)
                *ARENA_PUSH(a, ret) = arena_copy(a, cursor_string(c, IMAGE_TEXT_MAX));
        return !c->failed;
}

void aci_put(struct buf *b, const struct aci *v)
{
        const struct aci_manifest *m = &v->manifest;

        buf_put_u8(b, (uint8_t)v->compression);
        buf_put_digest(b, &v->blob);
        buf_put_digest(b, &v->id);
        buf_put_u64le(b, v->plain_size);
        buf_put_string(b, m->name);
        labels_put(b, &m->labels);
        buf_put_string(b, m->created);
        buf_put_string(b, m->user);
        buf_put_string(b, m->working_dir);
        texts_put(b, &m->exec);
        texts_put(b, &m->env);
        buf_put_string(b, m->obstacle);
        buf_put_u32le(b, (uint32_t)m->dependencies.len);
        for (size_t i = 0; i < m->dependencies.len; i++) {
                const struct aci_dependency *d = &m->dependencies.at[i];

                buf_put_string(b, d->name);
                buf_put_digest(b, &d->id);
                labels_put(b, &d->labels);
                buf_put_u64le(b, d->size);
        }
        aci_list_put(b, &m->paths);
}

static bool dependencies_get(struct cursor *c, struct arena *a, struct aci_manifest *m)
{
        uint32_t n = cursor_u32le(c);

        if (c->failed || n > IMAGE_ACI_DEPENDENCIES_MAX)
                return false;
        for (uint32_t i = 0; i < n; i++) {
                struct aci_dependency d = {0};

                d.name = name_get(c, a);
                d.id = cursor_digest(c);
                if (!labels_get(c, a, &d.labels) || d.id.alg == DIGEST_SHA256)
                        return false;
                d.size = cursor_u64le(c);
                *ARENA_PUSH(a, &m->dependencies) = d;
        }
        return !c->failed;
}

static bool description_get(struct cursor *c, struct arena *a, struct aci_manifest *m)
{
        m->name = name_get(c, a);
        if (!labels_get(c, a, &m->labels))
                return false;
        m->created = text_get(c, a, IMAGE_PLATFORM_MAX);
        m->user = text_get(c, a, 2 * IMAGE_PATH_MAX + 1);
        m->working_dir = arena_copy(a, cursor_string(c, IMAGE_PATH_MAX));
        if (!texts_get(c, a, &m->exec) || !texts_get(c, a, &m->env))
                return false;
        m->obstacle = text_get(c, a, ERR_TEXT_MAX);
        return dependencies_get(c, a, m) && aci_list_get(c, a, &m->paths);
}

bool aci_get(struct cursor *c, struct arena *a, struct aci *ret)
{
        struct aci v = {0};
        uint8_t compression = cursor_u8(c);

        v.blob = cursor_digest(c);
        v.id = cursor_digest(c);
        v.plain_size = cursor_u64le(c);
        if (c->failed || compression > COMPRESSION_LAST || v.blob.alg != DIGEST_SHA256 ||
            v.id.alg != DIGEST_SHA512 || !description_get(c, a, &v.manifest) || !cursor_at_end(c))
                return false;
        v.compression = (enum compression)compression;
        *ret = v;
        return true;
}
