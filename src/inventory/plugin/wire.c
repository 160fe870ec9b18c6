/* What a worker makes of a plug-in's words, as bytes. Read with the same bounds as the words themselves. */
#include "inventory/plugin/plugin_priv.h"

static struct span text_get(struct cursor *c, struct arena *a, uint32_t max)
{
        struct span s = cursor_string(c, max);

        if (span_has_control(s) || !span_is_utf8(s))
                c->failed = true;
        return c->failed ? (struct span){0} : arena_copy(a, s);
}

static void texts_put(struct buf *b, const struct plugin_texts *texts)
{
        buf_put_u32le(b, (uint32_t)texts->len);
        for (size_t i = 0; i < texts->len; i++)
                buf_put_string(b, texts->at[i]);
}

static bool texts_get(struct cursor *c, struct arena *a, uint32_t n_max, uint32_t max, struct plugin_texts *ret)
{
        uint32_t n = cursor_u32le(c);

        if (c->failed || n > n_max)
                return false;
        for (uint32_t i = 0; i < n; i++) {
                struct span text = text_get(c, a, max);

                if (c->failed || text.len == 0)
                        return false;
                *ARENA_PUSH(a, ret) = text;
        }
        return true;
}

void plugin_describe_put(struct buf *b, const struct plugin *p)
{
        buf_put_string(b, p->name);
        buf_put_string(b, p->version);
        texts_put(b, &p->wants);
        buf_put_u64le(b, p->max_bytes);
}

bool plugin_describe_get(struct cursor *c, struct arena *a, struct plugin *io)
{
        struct plugin p = *io;

        p.wants = (struct plugin_texts){0};
        p.name = text_get(c, a, PLUGIN_NAME_MAX);
        p.version = text_get(c, a, INVENTORY_VERSION_MAX);
        if (!texts_get(c, a, PLUGIN_WANTS_MAX, PLUGIN_PATTERN_MAX, &p.wants))
                return false;
        p.max_bytes = cursor_u64le(c);
        if (!cursor_at_end(c) || p.name.len == 0 || p.version.len == 0 || p.wants.len == 0 || p.max_bytes == 0 ||
            p.max_bytes > PLUGIN_FILE_MAX)
                return false;
        *io = p;
        return true;
}

void plugin_answer_put(struct buf *b, const struct plugin_packages *packages, const struct plugin_texts *notes)
{
        texts_put(b, notes);
        buf_put_u32le(b, (uint32_t)packages->len);
        for (size_t i = 0; i < packages->len; i++) {
                const struct plugin_package *p = &packages->at[i];
                const struct span texts[] = {p->path, p->type, p->name, p->version, p->licence, p->ecosystem, p->arch,
                    p->source_name, p->source_version, p->vendor, p->cpe};

                buf_put_u32le(b, p->layer);
                for (size_t k = 0; k < ARRAY_LEN(texts); k++)
                        buf_put_string(b, texts[k]);
        }
}

static bool package_get(struct cursor *c, struct arena *a, struct plugin_package *ret)
{
        struct plugin_package p = {0};

        p.layer = cursor_u32le(c);
        p.path = text_get(c, a, INVENTORY_PATH_MAX);
        p.type = text_get(c, a, INVENTORY_TYPE_MAX);
        p.name = text_get(c, a, INVENTORY_NAME_MAX);
        p.version = text_get(c, a, INVENTORY_VERSION_MAX);
        p.licence = text_get(c, a, INVENTORY_LICENCE_MAX);
        p.ecosystem = text_get(c, a, INVENTORY_ECOSYSTEM_MAX);
        p.arch = text_get(c, a, INVENTORY_ARCH_MAX);
        p.source_name = text_get(c, a, INVENTORY_NAME_MAX);
        p.source_version = text_get(c, a, INVENTORY_VERSION_MAX);
        p.vendor = text_get(c, a, INVENTORY_NAME_MAX);
        p.cpe = text_get(c, a, INVENTORY_NAME_MAX);
        if (c->failed || p.layer >= INVENTORY_LAYERS_MAX || p.path.len == 0 || p.type.len == 0 || p.name.len == 0 ||
            p.version.len == 0)
                return false;
        *ret = p;
        return true;
}

bool plugin_answer_get(struct cursor *c, struct arena *a, struct plugin_packages *ret, struct plugin_texts *ret_notes)
{
        struct plugin_packages packages = {0};
        struct plugin_texts notes = {0};
        uint32_t n;

        if (!texts_get(c, a, PLUGIN_NOTES_MAX, INVENTORY_NAME_MAX, &notes))
                return false;
        n = cursor_u32le(c);
        if (c->failed || n > PLUGIN_PACKAGES_MAX)
                return false;
        for (uint32_t i = 0; i < n; i++)
                if (!package_get(c, a, ARENA_PUSH(a, &packages)))
                        return false;
        if (!cursor_at_end(c))
                return false;
        *ret = packages;
        *ret_notes = notes;
        return true;
}
