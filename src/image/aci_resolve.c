/* Which files an image is assembled from, and in which order: aci.md "Dependency Matching". */
#include "image/aci_priv.h"

struct resolve {
        struct arena *arena;
        const char *path;
        struct aci_folder *folder;
        struct aci_parts *parts;
        const struct aci_file *way[IMAGE_ACI_DEPTH_MAX]; /* from the image down to the one that is looked at */
};

/* "example.com/base (version=1.0, os=linux)", for errors. */
static const char *name_format(struct span name, const struct aci_labels *labels, char out[LIST_TEXT_MAX])
{
        char shown[80], value[80];
        size_t n = (size_t)snprintf(out, LIST_TEXT_MAX, "%s", span_printable(name, shown, sizeof(shown)));

        for (size_t i = 0; i < labels->len && n < LIST_TEXT_MAX - 180; i++)
                n += (size_t)snprintf(out + n, LIST_TEXT_MAX - n, "%s%s=%s", i ? ", " : " (",
                    span_printable(labels->at[i].name, shown, sizeof(shown)),
                    span_printable(labels->at[i].value, value, sizeof(value)));
        if (labels->len > 0)
                snprintf(out + n, LIST_TEXT_MAX - n, ")");
        return out;
}

/* Every label that is asked for, with that value; the image may have others. */
static bool fits(const struct aci_dependency *d, const struct aci_file *f)
{
        if (!f->ok || !span_equal(d->name, f->aci.manifest.name))
                return false;
        for (size_t i = 0; i < d->labels.len; i++) {
                bool has = false;

                for (size_t k = 0; k < f->aci.manifest.labels.len && !has; k++)
                        has = span_equal(d->labels.at[i].name, f->aci.manifest.labels.at[k].name) &&
                              span_equal(d->labels.at[i].value, f->aci.manifest.labels.at[k].value);
                if (!has)
                        return false;
        }
        return d->id.alg == DIGEST_NONE || digest_equal(&d->id, &f->aci.id);
}

static bool missing(const struct resolve *r, const struct aci_dependency *d, struct err *e)
{
        char there[LIST_TEXT_MAX] = "", shown[120], id[DIGEST_TEXT_MAX];
        const struct aci_file *broken = NULL;

        for (size_t i = 0; i < r->folder->len; i++) {
                const struct aci_file *f = &r->folder->at[i];

                if (!f->ok)
                        broken = f;
                else if (strlen(there) < 150)
                        list_add(there, span_printable(f->aci.manifest.name, shown, sizeof(shown)));
        }
        if (broken)
                return err_set(e, ERR_NOT_FOUND,
                    "no *.aci file in its folder is that image; %s could not be read: %.200s",
                    span_printable(broken->name, shown, sizeof(shown)), broken->err.text);
        if (d->id.alg != DIGEST_NONE)
                return err_set(e, ERR_NOT_FOUND,
                    "no *.aci file in its folder is that image with the id %.23s...; there are: %s",
                    digest_format(&d->id, id), there);
        return err_set(e, ERR_NOT_FOUND, "no *.aci file in its folder is that image; there are: %s", there);
}

static bool dependency_find(
    struct resolve *r, const struct aci_dependency *d, const struct aci_file **ret, struct err *e)
{
        const struct aci_file *found = NULL;
        char one[80], other[80];

        if (!aci_folder_read(r->arena, r->path, r->folder, e))
                return false;
        for (size_t i = 0; i < r->folder->len; i++) {
                const struct aci_file *f = &r->folder->at[i];

                if (!fits(d, f))
                        continue;
                if (found && !digest_equal(&found->aci.id, &f->aci.id))
                        return err_set(e, ERR_CONFLICT, "%s and %s both fit: a label or an image id must say which",
                            span_printable(found->name, one, sizeof(one)),
                            span_printable(f->name, other, sizeof(other)));
                if (!found)
                        found = f;
        }
        if (!found)
                return missing(r, d, e);
        if (d->size > 0 && d->size != found->size)
                return err_set(e, ERR_MALFORMED, "%s is %llu bytes, not %llu as the dependency says",
                    span_printable(found->name, one, sizeof(one)), (unsigned long long)found->size,
                    (unsigned long long)d->size);
        if (d->id.alg == DIGEST_NONE)
                r->parts->any_name = true;
        *ret = found;
        return true;
}

static bool cycle_check(const struct resolve *r, const struct aci_file *f, size_t depth, struct err *e)
{
        char names[LIST_TEXT_MAX] = "", shown[80];
        size_t n = 0;

        for (size_t i = 0; i < depth; i++) {
                if (!digest_equal(&r->way[i]->aci.id, &f->aci.id))
                        continue;
                for (size_t k = i; k < depth && n < LIST_TEXT_MAX - 100; k++)
                        n += (size_t)snprintf(names + n, sizeof(names) - n, "%s needs ",
                            span_printable(r->way[k]->aci.manifest.name, shown, sizeof(shown)));
                return err_set(e, ERR_MALFORMED, "the dependencies go round: %s%s", names,
                    span_printable(f->aci.manifest.name, shown, sizeof(shown)));
        }
        return true;
}

/* Dependencies first, in their order: each may overwrite files of those before it, and the image those of all. */
static bool part_add(struct resolve *r, const struct aci_file *f, size_t depth, struct err *e)
{
        const struct aci_manifest *m = &f->aci.manifest;
        struct aci_part part = {.file = f};
        char shown[LIST_TEXT_MAX];

        if (depth == IMAGE_ACI_DEPTH_MAX)
                return err_set(e, ERR_LIMIT, "dependencies are nested deeper than %u", IMAGE_ACI_DEPTH_MAX);
        if (!cycle_check(r, f, depth, e))
                return false;
        r->way[depth] = f;
        for (size_t i = 0; i < m->dependencies.len; i++) {
                const struct aci_dependency *d = &m->dependencies.at[i];
                const struct aci_file *below = NULL;

                if (!dependency_find(r, d, &below, e))
                        return err_wrap(e, "dependency %s", name_format(d->name, &d->labels, shown));
                if (!part_add(r, below, depth + 1, e))
                        return false;
        }
        if (r->parts->len == IMAGE_LAYERS_MAX)
                return err_set(e, ERR_LIMIT, "with its dependencies it has more than %u layers", IMAGE_LAYERS_MAX);
        for (size_t i = 0; i <= depth; i++)
                if (r->way[i]->aci.manifest.paths.len > 0)
                        part.lists[part.n_lists++] = &r->way[i]->aci.manifest.paths;
        *ARENA_PUSH(r->arena, r->parts) = part;
        return true;
}

bool aci_resolve(struct arena *a, const char *path, const struct aci_file *top, struct aci_folder *folder,
    struct aci_parts *ret, struct err *e)
{
        struct aci_parts parts = {0};
        struct resolve r = {.arena = a, .path = path, .folder = folder, .parts = &parts};

        if (!part_add(&r, top, 0, e))
                return false;
        *ret = parts;
        return true;
}
