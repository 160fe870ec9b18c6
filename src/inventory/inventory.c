#include "inventory/folder_priv.h"
#include "inventory/layer_task_priv.h"
#include "inventory/merge_priv.h"
#include "inventory/os/system_priv.h"
#include "inventory/plugin/plugin_priv.h"
#include "inventory/sbom/sbom_priv.h"
#include "inventory/secret_remarks_priv.h"

#include <stdlib.h>

const struct jail_job inventory_jobs[] = {
    {.name = "inventory-layer", .threads = true, .run = layer_job},
    {.name = "inventory-layer-secrets", .threads = true, .run = layer_job, .prepare = secret_rules_prepare},
    {.name = "inventory-sbom", .run = sbom_job},
    {.name = "inventory-secrets", .run = secrets_text_job, .prepare = secret_rules_prepare},
    {.name = "inventory-plugin", .run = plugin_job_printed},
    {.name = "inventory-plugin-files", .run = plugin_job_files},
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

/* What a plug-in has to say is never less than "not fully assessed". */
static void plugin_notes(struct inventory *v, const struct plugin_results *r)
{
        struct span *all = arena_array(v->arena, v->n_notes + r->notes.len, sizeof(*all));
        size_t n = 0;

        for (size_t i = 0; i < v->n_notes; i++)
                all[n++] = v->notes[i];
        for (size_t i = 0; i < r->notes.len; i++)
                all[n++] = arena_copy(v->arena, r->notes.at[i]);
        v->notes = all;
        v->n_notes = n;
        v->complete &= r->complete && r->notes.len == 0;
}

/* `folder` is NULL for an image of layers; else its tar is the image's only layer. */
static bool of_layers(const struct image *i, const struct inventory_options *o, const struct folder_tar *folder,
    struct inventory **ret, struct err *e)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        CLEANUP(inventory_freep) struct inventory *v = inventory_new();
        CLEANUP(plugin_results_freep) struct plugin_results *said = NULL;
        struct layer_report **reports = arena_array(a, i->n_layers, sizeof(struct layer_report *));
        const struct inventory_plugins *plugins = o ? o->plugins : NULL;
        bool ok = layers_read(i, o, reports, e) && (!plugins || plugins_run(plugins, i, &said, e));

        if (ok) {
                v->image = i->manifest;
                v->config = i->config;
                if (folder) {
                        folder_fill(v, folder);
                        folder_notes(reports[0], folder);
                } else {
                        layers_fill(v, i, reports);
                }
                v->plugins = *inventory_plugins_fingerprint(plugins);
                if (said)
                        plugin_results_put(said, plugins, reports, i->n_layers);
                inventory_merge(reports, i->n_layers, v);
                if (said)
                        plugin_notes(v, said);
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

        if (!folder_tar_make(i->root_fd, o, a, &folder, e))
                return false;
        CLEANUP(fd_close) int fd = folder.fd;
        struct image_layer layer = {.fd = fd, .size = folder.size};
        struct image one = *i;
        one.layers = &layer;
        one.n_layers = 1;
        return of_layers(&one, o, &folder, ret, e);
}

static int remark_order(const void *a, const void *b)
{
        return remark_compare(a, b);
}

/* What the configuration says, beside what was remarked on files. */
static bool configuration_remarks(
    const struct image *i, const struct inventory_options *o, struct inventory *v, struct err *e)
{
        struct remark_list list = {0};

        config_remarks(i, v->arena, &list);
        if (o && o->secrets && !config_secrets(i, o->secrets_fd, v, &list, e))
                return false;
        if (list.len == 0)
                return true;
        struct remark *all = arena_array(v->arena, v->n_remarks + list.len, sizeof(*all));
        for (size_t k = 0; k < v->n_remarks; k++)
                all[k] = v->remarks[k];
        for (size_t k = 0; k < list.len; k++) {
                struct remark *to = &all[v->n_remarks + k];
                *to = list.at[k];
                to->layer = i->n_layers ? (uint32_t)i->n_layers - 1 : 0;
        }
        v->remarks = all;
        v->n_remarks += list.len;
        qsort(all, v->n_remarks, sizeof(*all), remark_order);
        return true;
}

bool inventory_end_of_life(const struct inventory *v, int64_t now_s, struct buf *note)
{
        const struct os_release os = {.id = v->os.id,
            .version_id = v->os.version_id,
            .version_codename = v->os.version_codename,
            .pretty_name = v->os.pretty_name};
        enum system_life life = v->os.id.len ? system_life(&os, now_s, note) : SYSTEM_LIFE_SUPPORTED;

        return life == SYSTEM_LIFE_ENDED || life == SYSTEM_LIFE_PAID;
}

bool inventory_of_image(const struct image *i, const struct inventory_options *o, struct inventory **ret, struct err *e)
{
        struct err own = {0};
        bool ok;

        if (i->n_layers > INVENTORY_LAYERS_MAX)
                return err_set(e, ERR_LIMIT, "image %.*s: %zu layers, at most %u", SPAN_FMT(i->name), i->n_layers,
                    INVENTORY_LAYERS_MAX);
        ok = i->kind == IMAGE_ROOT_FOLDER ? of_folder(i, o, ret, &own) : of_layers(i, o, NULL, ret, &own);
        if (ok && i->kind != IMAGE_ROOT_FOLDER && !configuration_remarks(i, o, *ret, &own)) {
                inventory_freep(ret);
                ok = false;
        }
        if (!ok && e) {
                *e = own;
                err_wrap(e, "image %.*s", SPAN_FMT(i->name));
        }
        return ok;
}
