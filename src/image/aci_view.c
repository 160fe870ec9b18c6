/* What of an App Container Image's tar is told: the rootfs, without its name, and as much of it as is listed. */
#include <stdlib.h>

#include "image/aci_priv.h"

#define ROOTFS "rootfs/"

static int by_bytes(const void *a, const void *b)
{
        return span_compare(*(const struct span *)a, *(const struct span *)b);
}

void aci_list_sort(struct aci_list *list)
{
        size_t n = 0;

        if (list->len == 0)
                return;
        qsort(list->at, list->len, sizeof(*list->at), by_bytes);
        for (size_t i = 0; i < list->len; i++)
                if (n == 0 || !span_equal(list->at[n - 1], list->at[i]))
                        list->at[n++] = list->at[i];
        list->len = n;
}

/* Of `path` and a slash, or of `path` alone: how a listed path compares, as far as its first bytes go. */
static int below_compare(struct span listed, struct span path)
{
        int c = span_compare(span_cut(listed, 0, path.len), path);

        if (c != 0)
                return c;
        if (listed.len == path.len)
                return -1;
        return (int)listed.at[path.len] - '/';
}

bool aci_listed(const struct aci_list *list, struct span path, bool folder)
{
        size_t low = 0, high = list->len;

        if (path.len == 0 || (list->len > 0 && bsearch(&path, list->at, list->len, sizeof(*list->at), by_bytes)))
                return true;
        while (folder && low < high) {
                size_t middle = low + (high - low) / 2;
                int c = below_compare(list->at[middle], path);

                if (c == 0)
                        return true;
                if (c < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return false;
}

static bool listed(const struct aci_view *v, struct span path, bool folder)
{
        for (size_t i = 0; i < v->n_lists; i++)
                if (!aci_listed(&v->lists[i], path, folder))
                        return false;
        return true;
}

static bool manifest_entry(struct aci_view *v, const struct image_entry *entry, bool *ret_want, struct err *e)
{
        if (entry->type != IMAGE_ENTRY_FILE)
                return err_set(e, ERR_MALFORMED, "the manifest must be a regular file");
        if (v->has_manifest)
                return err_set(e, ERR_MALFORMED, "there are two manifests");
        if (entry->size > IMAGE_CONFIG_MAX)
                return err_set(e, ERR_LIMIT, "the manifest is %llu bytes, at most %u", (unsigned long long)entry->size,
                    IMAGE_CONFIG_MAX);
        v->has_manifest = true;
        v->in_manifest = v->manifest != NULL;
        *ret_want = v->in_manifest;
        return true;
}

static bool rootfs_cut(struct span path, struct span *ret)
{
        if (!span_starts(path, ROOTFS))
                return false;
        *ret = span_from(path, sizeof(ROOTFS) - 1);
        return true;
}

static bool rootfs_entry(struct aci_view *v, const struct image_entry *entry, bool *ret_want, struct err *e)
{
        struct image_entry inside = *entry;
        char shown[160];

        inside.path = (struct span){0};
        if (!span_is(entry->path, "rootfs") && !rootfs_cut(entry->path, &inside.path))
                return err_set(
                    e, ERR_MALFORMED, "an App Container Image has a manifest and a rootfs, and nothing else");
        if (inside.path.len == 0 && entry->type != IMAGE_ENTRY_DIR)
                return err_set(e, ERR_MALFORMED, "rootfs must be a folder");
        if (inside.path.len == 0 && v->has_root_entry)
                return err_set(e, ERR_MALFORMED, "there are two folders rootfs");
        v->has_rootfs = true;
        v->has_root_entry |= inside.path.len == 0;
        if (entry->type == IMAGE_ENTRY_HARDLINK && !rootfs_cut(entry->link, &inside.link))
                return err_set(e, ERR_MALFORMED, "a hard link to what is not in rootfs");
        if (!listed(v, inside.path, entry->type == IMAGE_ENTRY_DIR) || !v->sink)
                return true;
        if (entry->type == IMAGE_ENTRY_HARDLINK && !listed(v, inside.link, false))
                return err_set(e, ERR_UNSUPPORTED, "a hard link to %s, which is on no pathWhitelist while the link is",
                    span_printable(inside.link, shown, sizeof(shown)));
        return v->sink->entry(v->sink->ctx, &inside, ret_want, e);
}

static bool view_entry(void *ctx, const struct image_entry *entry, bool *ret_want, struct err *e)
{
        struct aci_view *v = ctx;

        *ret_want = false;
        v->in_manifest = false;
        /* Layers of other images are where such names mean something; here whoever runs it would make a file of it. */
        if (entry->type == IMAGE_ENTRY_WHITEOUT || entry->type == IMAGE_ENTRY_OPAQUE)
                return err_set(
                    e, ERR_UNSUPPORTED, "it is named as a whiteout (.wh.), and there are none in this format");
        if (entry->path.len == 0) /* the archive's own folder: tar -C FOLDER . */
                return true;
        if (span_is(entry->path, "manifest"))
                return manifest_entry(v, entry, ret_want, e);
        return rootfs_entry(v, entry, ret_want, e);
}

static bool view_data(void *ctx, struct span piece, struct err *e)
{
        struct aci_view *v = ctx;

        if (!v->in_manifest)
                return v->sink->data(v->sink->ctx, piece, e);
        buf_put(v->manifest, piece);
        return !v->manifest->failed || err_set(e, ERR_LIMIT, "the manifest is larger than it said");
}

/*
 * So short that no tar has these bytes, so that no layer of another image has this diff id. A folder or a report that is
 * known by it was made with the view's paths.
 */
void aci_diff_id(const struct digest *id, struct digest *ret)
{
        char text[DIGEST_TEXT_MAX], whole[DIGEST_TEXT_MAX + 80];

        snprintf(whole, sizeof(whole), "rootfs of the App Container Image %s\n", digest_format(id, text));
        digest_of(DIGEST_SHA256, span_of(whole), ret);
}

bool aci_layer_read(const struct image_source *s, struct aci_view *v, struct image_read *ret, struct err *e)
{
        const struct image_sink sink = {view_entry, view_data, v};
        struct image_source tar = *s;
        char want[DIGEST_TEXT_MAX], is[DIGEST_TEXT_MAX];
        struct image_read read;

        tar.aci = false;
        tar.diff_id = (struct digest){0};
        if (!layer_read(&tar, &sink, DIGEST_SHA512, &read, e))
                return false;
        if (!v->has_manifest)
                return err_set(e, ERR_MALFORMED, "there is no manifest in it, as an App Container Image has");
        if (!v->has_rootfs)
                return err_set(e, ERR_MALFORMED, "there is no rootfs in it, as an App Container Image has");
        read.aci_id = read.diff_id;
        aci_diff_id(&read.aci_id, &read.diff_id);
        if (s->diff_id.alg != DIGEST_NONE && !digest_equal(&s->diff_id, &read.diff_id))
                return err_set(e, ERR_UNTRUSTED, "its diff id, which is made of its image id, is %s, not %s",
                    digest_format(&read.diff_id, is), digest_format(&s->diff_id, want));
        *ret = read;
        return true;
}
