/* The files that plug-ins want, out of the layers: one worker each, whose frames are kept and not looked into. */
#include "inventory/plugin/plugin_priv.h"

#include <stdlib.h>

#define WHY_MAX 200u

struct collecting {
        const struct image *image;
        size_t layer;
        struct image_bytes bytes;
        struct buf request;
        const struct inventory_plugins *plugins;
        struct arena *arena;
        struct plugin_files *files;
        uint8_t *at; /* where the content of the file that was named last goes */
        uint64_t left;
};

static void collecting_done(struct collecting *c)
{
        fd_close(&c->bytes.fd);
        buf_done(&c->request);
}

static void note(struct collecting *c, struct span path, const char *why)
{
        char shown[200];

        if (c->files->notes.len < PLUGIN_NOTES_MAX)
                *ARENA_PUSH(c->arena, &c->files->notes) =
                    arena_printf(c->arena, "%s: %s", span_printable(path, shown, sizeof(shown)), why);
}

static bool nonsense(struct err *e)
{
        return err_set(e, ERR_MALFORMED, "the reader of the files that detectors want answered nonsense");
}

static bool content_take(struct collecting *c, struct span piece, struct err *e)
{
        if (piece.len > c->left)
                return nonsense(e);
        if (c->at && piece.len > 0) {
                memcpy(c->at, piece.at, piece.len);
                c->at += piece.len;
        }
        c->left -= piece.len;
        return true;
}

static bool on_frame(void *ctx, struct span data, struct err *e)
{
        struct collecting *c = ctx;
        struct cursor cursor = {.rest = data};
        uint8_t kind = cursor_u8(&cursor);
        struct plugin_file *file;

        if (kind == 'D')
                return content_take(c, cursor.rest, e);
        uint64_t size = cursor_u64le(&cursor);
        struct span path = cursor_string(&cursor, INVENTORY_PATH_MAX), why = cursor_string(&cursor, WHY_MAX);
        if (!cursor_at_end(&cursor) || path.len == 0 || c->left > 0 || (kind != 'F' && kind != 'S'))
                return nonsense(e);
        if (kind == 'S') {
                char shown[WHY_MAX];
                note(c, path, span_printable(why, shown, sizeof(shown)));
                return true;
        }
        if (size > PLUGIN_FILE_MAX || !span_is_utf8(path) || span_has_control(path))
                return nonsense(e);
        c->left = size;
        c->at = NULL;
        if (c->files->len == PLUGIN_FILES_MAX || size > PLUGIN_FILES_BYTES_MAX - c->files->bytes) {
                note(c, path, "the files that they want are too many or too large together");
                return true;
        }
        c->files->bytes += size;
        c->at = arena_alloc(c->arena, (size_t)size);
        file = ARENA_PUSH(c->arena, c->files);
        *file = (struct plugin_file){.layer = (uint32_t)c->layer,
            .number = (uint32_t)c->files->len,
            .path = arena_copy(c->arena, path),
            .content = {c->at, (size_t)size}};
        return true;
}

static bool on_start(void *ctx, struct jail_task *task, struct err *e)
{
        struct collecting *c = ctx;
        const struct image_layer *layer = &c->image->layers[c->layer];

        if (!image_layer_open(c->image, c->layer, &c->bytes, e))
                return false;
        const struct image_source source = {.fd = JAIL_FD_FIRST,
            .offset = c->bytes.offset,
            .size = layer->size,
            .compression = layer->compression,
            .blob = layer->blob,
            .diff_id = layer->diff_id,
            .pipe = c->bytes.pipe,
            .aci = layer->aci};
        image_source_put(&c->request, &source);
        buf_put_u32le(&c->request, (uint32_t)c->plugins->len);
        for (size_t i = 0; i < c->plugins->len; i++) {
                CLEANUP(buf_done) struct buf one = {0};

                plugin_describe_put(&one, &c->plugins->at[i]);
                buf_put_string(&c->request, buf_span(&one));
        }
        task->request = buf_span(&c->request);
        task->fds[0] = c->bytes.fd;
        return true;
}

/* One layer after the other: what is kept does not depend on which worker was faster. */
static bool layer_read(struct collecting *c, struct err *e)
{
        char what[DIGEST_TEXT_MAX + 64], digest[DIGEST_TEXT_MAX];
        const struct digest *diff_id = &c->image->layers[c->layer].diff_id;
        struct jail_task task = {.job = "inventory-plugin-files",
            .what = what,
            .n_fds = 1,
            .on_start = on_start,
            .on_frame = on_frame,
            .ctx = c,
            .limits = {.answer_max = 2ull * PLUGIN_FILES_BYTES_MAX}};
        struct err cause = {0};

        snprintf(what, sizeof(what), "layer %zu (%s), for detectors", c->layer + 1, digest_format(diff_id, digest));
        bool ok = jail_run_one(&task, e);
        buf_done(&task.answer);
        if (!ok && c->bytes.pipe && !image_layer_delivered(c->image, c->layer, &cause))
                return err_set(e, cause.kind, "%s: %s", what, cause.text);
        return ok && (c->left == 0 || nonsense(e));
}

static int by_place(const void *a, const void *b)
{
        const struct plugin_file *x = a, *y = b;

        return x->layer != y->layer ? (x->layer < y->layer ? -1 : 1) : span_compare(x->path, y->path);
}

static int by_place_and_number(const void *a, const void *b)
{
        const struct plugin_file *x = a, *y = b;
        int c = by_place(a, b);

        return c ? c : x->number < y->number ? -1 : x->number > y->number;
}

static void files_sort(struct plugin_files *files)
{
        size_t n = 0;

        if (files->len == 0)
                return;
        qsort(files->at, files->len, sizeof(*files->at), by_place_and_number);
        for (size_t i = 0; i < files->len; i++) {
                n -= n > 0 && by_place(&files->at[n - 1], &files->at[i]) == 0;
                files->at[n++] = files->at[i];
        }
        files->len = n;
}

const struct plugin_file *plugin_files_find(const struct plugin_files *files, uint32_t layer, struct span path)
{
        const struct plugin_file key = {.layer = layer, .path = path};

        return files->len ? bsearch(&key, files->at, files->len, sizeof(*files->at), by_place) : NULL;
}

bool plugin_files_read(
    const struct inventory_plugins *p, const struct image *i, struct arena *a, struct plugin_files *ret, struct err *e)
{
        struct plugin_files files = {0};

        for (size_t n = 0; n < i->n_layers; n++) {
                CLEANUP(collecting_done)
                struct collecting c = {
                    .image = i, .layer = n, .bytes = {.fd = -1}, .plugins = p, .arena = a, .files = &files};

                if (!layer_read(&c, e))
                        return false;
        }
        files_sort(&files);
        *ret = files;
        return true;
}
