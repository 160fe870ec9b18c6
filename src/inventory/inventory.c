#include "inventory/folder_priv.h"
#include "inventory/layer_task_priv.h"
#include "inventory/merge_priv.h"

const struct jail_job inventory_jobs[] = {
    {.name = "inventory-layer", .threads = true, .run = layer_job},
};
const size_t inventory_n_jobs = ARRAY_LEN(inventory_jobs);

static void layers_fill(struct inventory *v, const struct image *i, struct layer_report *const *reports)
{
        v->n_layers = i->n_layers;
        v->layers = arena_array(v->arena, v->n_layers, sizeof(*v->layers));
        for (size_t n = 0; n < i->n_layers; n++) {
                v->layers[n].diff_id = reports[n]->read.diff_id;
                v->layers[n].blob = i->layers[n].blob;
                v->layers[n].size = i->layers[n].size;
                v->layers[n].plain_size = reports[n]->read.plain_size;
                v->layers[n].entries = reports[n]->read.entries;
                v->layers[n].created_by =
                    arena_copy(v->arena, span_cut(i->layers[n].created_by, 0, INVENTORY_CREATED_BY_MAX));
        }
}

/* A folder's tar is ours: no digest or size of it says anything of the folder. */
static void folder_fill(struct inventory *v, const struct folder_tar *folder)
{
        v->n_layers = 1;
        v->layers = arena_array(v->arena, 1, sizeof(*v->layers));
        v->layers[0].entries = folder->entries;
}

static void folder_notes(struct layer_report *r, const struct folder_tar *folder)
{
        r->folder = true;
        for (size_t i = 0; i < folder->notes.len; i++)
                *ARENA_PUSH(r->arena, &r->notes) = arena_copy(r->arena, folder->notes.at[i]);
}

/* `folder` is NULL for an image of layers; else its tar is the image's only layer. */
static bool of_layers(const struct image *i, const struct inventory_options *o, const struct folder_tar *folder,
    struct inventory **ret, struct err *e)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        CLEANUP(inventory_freep) struct inventory *v = inventory_new();
        struct layer_report **reports = arena_array(a, i->n_layers, sizeof(struct layer_report *));
        bool ok = layers_read(i, o, reports, e);

        if (ok) {
                v->image = i->manifest;
                v->config = i->config;
                if (folder) {
                        folder_fill(v, folder);
                        folder_notes(reports[0], folder);
                } else {
                        layers_fill(v, i, reports);
                }
                inventory_merge(reports, i->n_layers, v);
                *ret = v;
                v = NULL;
        }
        for (size_t n = 0; n < i->n_layers; n++)
                layer_report_free(reports[n]);
        return ok;
}

static bool of_folder(const struct image *i, const struct inventory_options *o, struct inventory **ret, struct err *e)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct folder_tar folder = {.fd = -1};

        if (!folder_tar_make(i->root_fd, a, &folder, e))
                return false;
        CLEANUP(fd_close) int fd = folder.fd;
        struct image_layer layer = {.fd = fd, .size = folder.size};
        struct image one = *i;
        one.layers = &layer;
        one.n_layers = 1;
        return of_layers(&one, o, &folder, ret, e);
}

bool inventory_of_image(const struct image *i, const struct inventory_options *o, struct inventory **ret, struct err *e)
{
        struct err own = {0};
        bool ok;

        if (i->n_layers > INVENTORY_LAYERS_MAX)
                return err_set(e, ERR_LIMIT, "image %.*s: %zu layers, at most %u", SPAN_FMT(i->name), i->n_layers,
                    INVENTORY_LAYERS_MAX);
        ok = i->kind == IMAGE_ROOT_FOLDER ? of_folder(i, o, ret, &own) : of_layers(i, o, NULL, ret, &own);
        if (!ok && e) {
                *e = own;
                err_wrap(e, "image %.*s", SPAN_FMT(i->name));
        }
        return ok;
}
