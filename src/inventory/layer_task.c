#include "inventory/layer_task_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>

/* What the layers' tasks share. */
struct reading {
        const struct inventory_options *options; /* may be NULL */
        const struct image *image;
        uint64_t done, total; /* stored bytes of all layers */
        uint64_t answered;    /* bytes of all answers so far */
        struct layer_task *tasks;
};

struct layer_task {
        struct reading *reading;
        struct layer_report *report;
        struct jail_task *task; /* NULL: not of this round */
        size_t layer;
        bool second_thread, settled;
        bool known;               /* from an earlier image */
        bool spool;               /* to memory first */
        struct image_bytes bytes; /* open while the task runs */
        int page_fd;
        struct layer_place place; /* as the worker left it */
        struct layer_skip skips[INVENTORY_RETRIES_MAX];
        size_t n_skips;
        uint64_t size, done, answered;
        struct buf request;
        char what[DIGEST_TEXT_MAX + 32];
};

static void progress(struct layer_task *t, uint64_t done)
{
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

static void on_progress(void *ctx, uint64_t done)
{
        progress(ctx, done);
}

static bool on_frame(void *ctx, struct span frame, struct err *e)
{
        struct layer_task *t = ctx;

        if (frame.len > INVENTORY_ANSWERS_MAX - t->reading->answered)
                return err_set(
                    e, ERR_LIMIT, "the workers' answers are more than %u bytes in all", INVENTORY_ANSWERS_MAX);
        t->reading->answered += frame.len;
        t->answered += frame.len;
        if (!layer_report_frame(t->report, frame, e))
                return false;
        if (t->report->ended)
                progress(t, t->size);
        return true;
}

/* Where it was when it died; what a worker that was taken over writes there can only cost its own layer's files. */
static void page_read(struct layer_task *t)
{
        struct layer_place place;
        size_t n;

        if (t->page_fd >= 0 && fd_pread_full(t->page_fd, 0, &place, sizeof(place), &n, NULL) && n == sizeof(place))
                t->place = place;
}

static void task_close(struct layer_task *t)
{
        page_read(t);
        fd_close(&t->page_fd);
        fd_close(&t->bytes.fd);
        t->page_fd = t->bytes.fd = -1;
}

static bool page_open(struct layer_task *t, struct err *e)
{
        t->page_fd = memfd_create("coffer-place", MFD_CLOEXEC | MFD_ALLOW_SEALING);
        if (t->page_fd < 0 || ftruncate(t->page_fd, (off_t)sizeof(struct layer_place)) != 0 ||
            fcntl(t->page_fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) != 0)
                return err_set(e, ERR_SYSTEM, "memfd_create: %s", strerror(errno));
        return true;
}

/* The pipe's bytes in a file without a name, so that they can be read more than once. */
static bool spool(struct layer_task *t, struct err *e)
{
        CLEANUP(fd_close) int file = memfd_create("coffer-layer", MFD_CLOEXEC);
        CLEANUP(heap_freep) uint8_t *piece = heap_alloc(INVENTORY_SPOOL_PIECE);
        uint64_t got = 0;

        if (file < 0)
                return err_set(e, ERR_SYSTEM, "memfd_create: %s", strerror(errno));
        for (;;) {
                struct pollfd p = {.fd = t->bytes.fd, .events = POLLIN};
                if (file_cancel_flag)
                        return err_set(e, ERR_CANCELLED, "stopped on request");
                if (poll(&p, 1, 100) <= 0)
                        continue;
                ssize_t n = read(t->bytes.fd, piece, INVENTORY_SPOOL_PIECE);
                if (n < 0 && (errno == EINTR || errno == EAGAIN))
                        continue;
                if (n < 0)
                        return err_set(e, ERR_SYSTEM, "read the layer: %s", strerror(errno));
                if (n == 0)
                        break;
                got += (uint64_t)n;
                if (got > INVENTORY_SPOOL_MAX)
                        return err_set(e, ERR_LIMIT,
                            "it must be read more than once, and is more than the %llu bytes that are kept for that: "
                            "pull the "
                            "image first",
                            (unsigned long long)INVENTORY_SPOOL_MAX);
                if (!fd_write_all(file, span_bytes(piece, (size_t)n), e))
                        return false;
        }
        fd_close(&t->bytes.fd);
        t->bytes.fd = TAKE_FD(file);
        t->bytes.offset = 0;
        return true;
}

/* A layer of a registry begins to flow only when somebody reads it. */
static bool on_start(void *ctx, struct jail_task *task, struct err *e)
{
        struct layer_task *t = ctx;
        struct reading *r = t->reading;
        const struct image_layer *layer = &r->image->layers[t->layer];

        for (size_t i = 0; i < r->image->n_layers; i++) { /* those that have ended need theirs no more */
                const struct jail_task *other = r->tasks[i].task;
                if (other && (other->ok || other->err.kind != ERR_NONE))
                        task_close(&r->tasks[i]);
        }
        if (!image_layer_open(r->image, t->layer, &t->bytes, e) || !page_open(t, e))
                return false;
        if (t->spool && t->bytes.pipe && !spool(t, e))
                return false;
        const struct image_source source = {.fd = JAIL_FD_FIRST,
            .offset = t->bytes.offset,
            .size = layer->size,
            .compression = layer->compression,
            .blob = layer->blob,
            .diff_id = layer->diff_id,
            .pipe = t->bytes.pipe && !t->spool,
            .aci = layer->aci,
            .second_thread = t->second_thread};
        buf_clear(&t->request);
        layer_request_put(&t->request, &source, t->skips, t->n_skips);
        task->request = buf_span(&t->request);
        task->fds[0] = t->bytes.fd;
        task->fds[1] = t->page_fd;
        if (task->n_fds == 3)
                task->fds[2] = r->options->secrets_fd;
        return true;
}

static void task_make(struct layer_task *t, struct jail_task *task)
{
        t->task = task;
        t->place = (struct layer_place){0};
        t->reading->answered -= t->answered; /* of an attempt before */
        t->answered = 0;
        layer_report_free(t->report);
        t->report = layer_report_new();
        bool secrets = t->reading->options && t->reading->options->secrets;
        *task = (struct jail_task){.job = secrets ? "inventory-layer-secrets" : "inventory-layer",
            .n_fds = secrets ? 3 : 2,
            .limits = {.memory_max = INVENTORY_WORKER_MEMORY_MAX},
            .what = t->what,
            .on_start = on_start,
            .on_frame = on_frame,
            .on_progress = on_progress,
            .ctx = t};
}

static void task_init(struct layer_task *t, struct reading *r, size_t n)
{
        const struct image_layer *layer = &r->image->layers[n];
        char digest[DIGEST_TEXT_MAX];

        t->reading = r;
        t->layer = n;
        t->size = layer->size;
        t->page_fd = t->bytes.fd = -1;
        if (r->image->kind == IMAGE_ROOT_FOLDER)
                snprintf(t->what, sizeof(t->what), "its package files");
        else
                snprintf(t->what, sizeof(t->what), "layer %zu (%s)", n + 1, /* people count from one */
                    digest_format(layer->blob.alg != DIGEST_NONE ? &layer->blob : &layer->diff_id, digest));
}

/* ---- what is known ---- */

static void layer_recall(struct layer_task *t)
{
        const struct inventory_options *o = t->reading->options;
        const struct digest *diff_id = &t->reading->image->layers[t->layer].diff_id;
        CLEANUP(buf_done) struct buf bytes = {.max = INVENTORY_KEPT_MAX};
        CLEANUP(layer_report_freep) struct layer_report *r = layer_report_new();

        if (!o || !o->layer_get || diff_id->alg == DIGEST_NONE || t->reading->image->kind == IMAGE_ROOT_FOLDER ||
            !o->layer_get(o->layer_ctx, diff_id, &bytes) || bytes.failed ||
            bytes.len > INVENTORY_ANSWERS_MAX - t->reading->answered)
                return;
        if (!layer_report_frame(r, buf_span(&bytes), NULL) || !r->ended || !digest_equal(&r->read.diff_id, diff_id))
                return;
        t->reading->answered += bytes.len;
        t->report = r;
        r = NULL;
        t->known = t->settled = true;
        progress(t, t->size);
}

static bool put_frame(void *ctx, struct span frame, struct err *e)
{
        struct buf *b = ctx;

        buf_put(b, frame);
        return !b->failed || err_set(e, ERR_LIMIT, "more than is kept of a layer");
}

/* One that cost a detector its life is not whole, and another attempt may do better. */
static void layer_keep(const struct layer_task *t)
{
        const struct inventory_options *o = t->reading->options;
        const struct digest *diff_id = &t->reading->image->layers[t->layer].diff_id;
        CLEANUP(buf_done) struct buf bytes = {.max = INVENTORY_KEPT_MAX};

        if (!o || !o->layer_put || t->known || t->n_skips > 0 || diff_id->alg == DIGEST_NONE ||
            t->reading->image->kind == IMAGE_ROOT_FOLDER)
                return;
        if (layer_report_send(t->report, put_frame, &bytes, NULL))
                o->layer_put(o->layer_ctx, diff_id, buf_span(&bytes));
}

/* ---- rounds ---- */

/* What a reader makes of bytes that end too early says nothing of why they did. */
static void delivery_check(const struct layer_task *t, struct jail_task *task)
{
        struct err cause = {0};

        if (!task->ok && t->bytes.pipe && task->err.kind != ERR_CANCELLED &&
            !image_layer_delivered(t->reading->image, t->layer, &cause) && cause.kind != ERR_CANCELLED) {
                task->err = cause;
                err_wrap(&task->err, "%s", t->what);
        }
}

/* True when it is worth another attempt, which is prepared. */
static bool once_more(struct layer_task *t, const struct jail_task *task)
{
        if (task->err.kind == ERR_CONFLICT && t->bytes.pipe && !t->spool) {
                t->spool = true;
                return true;
        }
        if (t->place.entry == 0 || t->n_skips == INVENTORY_RETRIES_MAX || task->err.kind == ERR_CANCELLED)
                return false;
        for (size_t i = 0; i < t->n_skips; i++)
                if (t->skips[i].entry == t->place.entry)
                        return false;
        t->skips[t->n_skips++] = (struct layer_skip){.entry = t->place.entry, .detector = t->place.detector};
        return true;
}

static bool task_check(struct layer_task *t, struct err *e)
{
        const struct digest *diff_id = &t->reading->image->layers[t->layer].diff_id;

        if (!t->task->ok) {
                *e = t->task->err;
                return false;
        }
        if (!t->report->ended)
                return err_set(e, ERR_MALFORMED, "%s: the worker's answer has no end", t->what);
        if (diff_id->alg != DIGEST_NONE && !digest_equal(diff_id, &t->report->read.diff_id))
                return err_set(e, ERR_UNTRUSTED, "%s: the worker read another layer", t->what);
        return true;
}

static int larger_first(const void *a, const void *b, void *ctx)
{
        const struct image *i = ctx;
        uint64_t x = i->layers[*(const size_t *)a].size, y = i->layers[*(const size_t *)b].size;

        return x != y ? (x < y) - (x > y) : *(const size_t *)a < *(const size_t *)b ? -1 : 1;
}

/* All layers that are not settled, once. *ret_again: some need another round. */
static bool round_run(struct reading *r, const size_t *order, struct arena *a, bool *ret_again, struct err *e)
{
        size_t n_layers = r->image->n_layers, n = 0;
        struct jail_task *queue = arena_array(a, n_layers, sizeof(*queue));
        unsigned parallel = r->options ? r->options->parallel : 0; /* 0: jail_run takes one for each core */
        bool one_by_one = parallel == 1 || sysconf(_SC_NPROCESSORS_ONLN) < 2, ok;
        uint64_t left = 0;

        for (size_t k = 0; k < n_layers; k++)
                left += r->tasks[k].settled ? 0 : r->tasks[k].size;
        for (size_t k = 0; k < n_layers; k++) {
                struct layer_task *t = &r->tasks[order[k]];
                t->task = NULL;
                if (t->settled)
                        continue;
                t->second_thread = n == 0 && !one_by_one && t->size > left - t->size;
                task_make(t, &queue[n++]);
        }
        ok = n == 0 || jail_run(queue, n, parallel, e);
        *ret_again = false;
        for (size_t k = 0; k < n_layers; k++) {
                struct layer_task *t = &r->tasks[k];
                if (!t->task)
                        continue;
                task_close(t);
                buf_done(&t->task->answer);
                if (!ok)
                        continue;
                delivery_check(t, t->task);
                t->settled = t->task->ok || !once_more(t, t->task);
                *ret_again |= !t->settled;
        }
        /* The first layer in the image's order that failed is named, whichever worker ended first. */
        for (size_t k = 0; ok && k < n_layers; k++)
                if (r->tasks[k].task && r->tasks[k].settled)
                        ok = task_check(&r->tasks[k], e);
        return ok;
}

bool layers_read(const struct image *i, const struct inventory_options *o, struct layer_report **reports, struct err *e)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct reading r = {.options = o, .image = i};
        size_t *order = arena_array(a, i->n_layers, sizeof(*order));
        bool ok = true, again = true;

        r.tasks = arena_array(a, i->n_layers, sizeof(*r.tasks));
        for (size_t n = 0; n < i->n_layers; n++) {
                r.total += i->layers[n].size;
                order[n] = n;
                task_init(&r.tasks[n], &r, n);
        }
        for (size_t n = 0; n < i->n_layers; n++)
                layer_recall(&r.tasks[n]);
        /* The largest layer bounds the time: it goes first, and hashes beside when cores would idle meanwhile. */
        qsort_r(order, i->n_layers, sizeof(*order), larger_first, (void *)(uintptr_t)i);
        while (ok && again)
                ok = round_run(&r, order, a, &again, e);
        for (size_t n = 0; n < i->n_layers; n++) {
                if (ok)
                        layer_keep(&r.tasks[n]);
                reports[n] = r.tasks[n].report;
                buf_done(&r.tasks[n].request);
        }
        return ok;
}
