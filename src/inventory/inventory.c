#include "inventory/folder_priv.h"
#include "inventory/merge_priv.h"

#include <unistd.h>

const struct jail_job inventory_jobs[] = {
    {.name = "inventory-layer", .threads = true, .run = layer_job},
};
const size_t inventory_n_jobs = ARRAY_LEN(inventory_jobs);

/* What the layers' tasks share. */
struct reading {
        const struct inventory_options *options;
        uint64_t done, total; /* stored bytes of all layers */
        uint64_t answered;    /* bytes of all answers so far */
};

struct layer_task {
        struct reading *reading;
        struct layer_report *report;
        const struct image *image;
        size_t layer;
        bool second_thread;
        struct image_bytes bytes; /* open while the task runs */
        uint64_t size, done;
        struct buf request;
        char what[DIGEST_TEXT_MAX + 32];
};

static void on_progress(void *ctx, uint64_t done)
{
        struct layer_task *t = ctx;
        struct reading *r = t->reading;

        /* A worker says how far it is: never beyond its layer, never back. */
        if (done > t->size)
                done = t->size;
        if (done <= t->done)
                return;
        r->done += done - t->done;
        t->done = done;
        if (r->options && r->options->on_progress)
                r->options->on_progress(r->options->ctx, r->done, r->total);
}

static bool on_frame(void *ctx, struct span frame, struct err *e)
{
        struct layer_task *t = ctx;

        if (frame.len > INVENTORY_ANSWERS_MAX - t->reading->answered)
                return err_set(
                    e, ERR_LIMIT, "the workers' answers are more than %u bytes in all", INVENTORY_ANSWERS_MAX);
        t->reading->answered += frame.len;
        if (!layer_report_frame(t->report, frame, e))
                return false;
        if (t->report->ended)
                on_progress(t, t->size);
        return true;
}

/* A layer of a registry begins to flow only when somebody reads it. */
static bool on_start(void *ctx, struct jail_task *task, struct err *e)
{
        struct layer_task *t = ctx;
        const struct image_layer *layer = &t->image->layers[t->layer];

        if (!image_layer_open(t->image, t->layer, &t->bytes, e))
                return false;
        const struct image_source source = {.fd = JAIL_FD_FIRST,
            .offset = t->bytes.offset,
            .size = layer->size,
            .compression = layer->compression,
            .blob = layer->blob,
            .diff_id = layer->diff_id,
            .pipe = t->bytes.pipe,
            .second_thread = t->second_thread};
        image_source_put(&t->request, &source);
        task->request = buf_span(&t->request);
        task->fds[0] = t->bytes.fd;
        return true;
}

static void task_make(struct layer_task *t, struct jail_task *task, const struct image *i, size_t n, bool second_thread)
{
        const struct image_layer *layer = &i->layers[n];
        char digest[DIGEST_TEXT_MAX];

        t->image = i;
        t->layer = n;
        t->second_thread = second_thread;
        t->bytes.fd = -1;
        t->size = layer->size;
        t->report = layer_report_new();
        if (i->kind == IMAGE_ROOT_FOLDER)
                snprintf(t->what, sizeof(t->what), "its package files");
        else
                snprintf(t->what, sizeof(t->what), "layer %zu (%s)", n + 1, /* people count from one */
                    digest_format(layer->blob.alg != DIGEST_NONE ? &layer->blob : &layer->diff_id, digest));
        *task = (struct jail_task){.job = "inventory-layer",
            .n_fds = 1,
            .limits = {.memory_max = INVENTORY_WORKER_MEMORY_MAX},
            .what = t->what,
            .on_start = on_start,
            .on_frame = on_frame,
            .on_progress = on_progress,
            .ctx = t};
}

/* What a reader makes of bytes that end too early says nothing of why they did. */
static void delivery_check(struct layer_task *t, struct jail_task *task)
{
        struct err cause = {0};

        if (!task->ok && t->bytes.pipe && task->err.kind != ERR_CANCELLED &&
            !image_layer_delivered(t->image, t->layer, &cause) && cause.kind != ERR_CANCELLED) {
                task->err = cause;
                err_wrap(&task->err, "%s", t->what);
        }
}

static int larger_first(const void *a, const void *b, void *ctx)
{
        const struct image *i = ctx;
        uint64_t x = i->layers[*(const size_t *)a].size, y = i->layers[*(const size_t *)b].size;

        return x != y ? (x < y) - (x > y) : *(const size_t *)a < *(const size_t *)b ? -1 : 1;
}

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

/* The first layer in the image's order that failed is named, whichever worker ended first. */
static bool check_tasks(
    const struct image *i, const struct layer_task *tasks, const struct jail_task *by_layer[], struct err *e)
{
        for (size_t n = 0; n < i->n_layers; n++) {
                const struct jail_task *task = by_layer[n];
                const struct image_read *read = &tasks[n].report->read;
                if (!task->ok) {
                        *e = task->err;
                        return false;
                }
                if (!tasks[n].report->ended)
                        return err_set(e, ERR_MALFORMED, "%s: the worker's answer has no end", tasks[n].what);
                if (i->layers[n].diff_id.alg != DIGEST_NONE && !digest_equal(&i->layers[n].diff_id, &read->diff_id))
                        return err_set(e, ERR_UNTRUSTED, "%s: the worker read another layer", tasks[n].what);
        }
        return true;
}

static bool read_layers(
    const struct image *i, struct reading *r, struct layer_task *tasks, struct arena *a, struct err *e)
{
        struct jail_task *queue = arena_array(a, i->n_layers, sizeof(*queue));
        const struct jail_task **by_layer = arena_array(a, i->n_layers, sizeof(*by_layer));
        size_t *order = arena_array(a, i->n_layers, sizeof(*order));
        unsigned parallel = r->options ? r->options->parallel : 0; /* 0: jail_run takes one for each core */
        bool one_by_one = parallel == 1 || sysconf(_SC_NPROCESSORS_ONLN) < 2;

        for (size_t n = 0; n < i->n_layers; n++) {
                r->total += i->layers[n].size;
                order[n] = n;
        }
        /* The largest layer bounds the time: it goes first, and hashes beside when cores would idle meanwhile. */
        qsort_r(order, i->n_layers, sizeof(*order), larger_first, (void *)(uintptr_t)i);
        for (size_t k = 0; k < i->n_layers; k++) {
                size_t n = order[k];
                bool alone = k == 0 && !one_by_one && i->layers[n].size > r->total - i->layers[n].size;
                tasks[n].reading = r;
                task_make(&tasks[n], &queue[k], i, n, alone);
                by_layer[n] = &queue[k];
        }
        bool ok = i->n_layers == 0 || jail_run(queue, i->n_layers, parallel, e);
        for (size_t k = 0; k < i->n_layers; k++) {
                fd_close(&tasks[order[k]].bytes.fd);
                if (ok)
                        delivery_check(&tasks[order[k]], &queue[k]);
                buf_done(&queue[k].answer);
        }
        ok = ok && check_tasks(i, tasks, by_layer, e);
        return ok;
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
        struct reading reading = {.options = o};
        struct layer_task *tasks = arena_array(a, i->n_layers, sizeof(*tasks));
        struct layer_report **reports = arena_array(a, i->n_layers, sizeof(struct layer_report *));
        bool ok = read_layers(i, &reading, tasks, a, e);

        for (size_t n = 0; n < i->n_layers; n++) {
                reports[n] = tasks[n].report;
                buf_done(&tasks[n].request);
        }
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
