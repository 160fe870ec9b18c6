/* What workers do for plug-ins: read what one printed, and take the files that they want out of a layer. */
#include "inventory/plugin/plugin_priv.h"

#define CHUNK_MAX (1u << 20) /* bytes of content in one frame */

/* ---- what one printed ---- */

static bool printed_read(uint64_t size, size_t max, struct arena *a, struct span *ret, struct err *e)
{
        uint8_t *at;
        size_t n;

        if (size > max)
                return err_set(e, ERR_LIMIT, "%llu bytes, at most %zu", (unsigned long long)size, max);
        at = arena_alloc(a, (size_t)size);
        if (!fd_pread_full(JAIL_FD_FIRST, 0, at, (size_t)size, &n, e))
                return false;
        *ret = span_bytes(at, n);
        return true;
}

/* Request: 1 for --describe or 0, and how many bytes. */
bool plugin_job_printed(size_t n_fds, struct err *e)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        CLEANUP(buf_done) struct buf answer = {.max = JAIL_FRAME_MAX};
        struct plugin_packages packages;
        struct plugin_texts notes;
        struct plugin p = {0};
        struct cursor c = {0};
        struct span printed;

        if (!jail_request(a, &c.rest, e))
                return false;
        uint8_t describe = cursor_u8(&c);
        uint64_t size = cursor_u64le(&c);
        if (n_fds != 1 || !cursor_at_end(&c) || describe > 1)
                return err_set(e, ERR_BUG, "the request is no plug-in's");
        if (!printed_read(size, describe ? PLUGIN_DESCRIBE_MAX : PLUGIN_ANSWER_MAX, a, &printed, e))
                return false;
        if (describe) {
                if (!plugin_describe_parse(printed, a, &p, e))
                        return false;
                plugin_describe_put(&answer, &p);
        } else {
                if (!plugin_answer_parse(printed, a, &packages, &notes, e))
                        return false;
                plugin_answer_put(&answer, &packages, &notes);
        }
        if (answer.failed)
                return err_set(e, ERR_LIMIT, "what it lists is more than %u bytes", JAIL_FRAME_MAX);
        return jail_answer(buf_span(&answer), e);
}

/* ---- files of a layer ---- */

struct wanted {
        struct arena *arena;
        struct plugin *plugins; /* wants and max_bytes alone */
        size_t n_plugins;
        struct buf out;
        uint64_t bytes, files;
};

static bool out_send(struct wanted *w, struct err *e)
{
        bool ok = !w->out.failed && jail_answer(buf_span(&w->out), e);

        buf_clear(&w->out);
        return ok;
}

/* 'F': a file's path and size, its content follows. 'S': why one that is wanted is not there. */
static bool say(struct wanted *w, char kind, struct span path, uint64_t size, const char *why, struct err *e)
{
        buf_put_u8(&w->out, (uint8_t)kind);
        buf_put_u64le(&w->out, size);
        buf_put_string(&w->out, path);
        buf_put_string(&w->out, span_of(why));
        return out_send(w, e);
}

/* The largest size that any that wants it takes; 0: nobody wants it. */
static uint64_t size_wanted(const struct wanted *w, struct span path)
{
        uint64_t max = 0;

        for (size_t i = 0; i < w->n_plugins; i++)
                if (w->plugins[i].max_bytes > max && plugin_wants(&w->plugins[i], path))
                        max = w->plugins[i].max_bytes;
        return max;
}

static bool wanted_entry(void *ctx, const struct image_entry *entry, bool *ret_want, struct err *e)
{
        struct wanted *w = ctx;
        uint64_t max;

        *ret_want = false;
        if (entry->type != IMAGE_ENTRY_FILE && entry->type != IMAGE_ENTRY_HARDLINK)
                return true;
        max = size_wanted(w, entry->path);
        if (max == 0)
                return true;
        if (++w->files > PLUGIN_FILES_MAX)
                return err_set(e, ERR_LIMIT, "detectors want more than %u files of a layer", PLUGIN_FILES_MAX);
        if (!span_is_utf8(entry->path) || span_has_control(entry->path))
                return say(w, 'S', entry->path, 0, "its name can't be said in JSON", e);
        if (entry->type == IMAGE_ENTRY_HARDLINK)
                return say(w, 'S', entry->path, 0, "it is a hard link, whose content has another name", e);
        if (entry->size > max)
                return say(w, 'S', entry->path, entry->size, "it is larger than they take", e);
        if (entry->size > PLUGIN_FILES_BYTES_MAX - w->bytes)
                return say(w, 'S', entry->path, entry->size, "the files that they want are too large together", e);
        w->bytes += entry->size;
        *ret_want = true;
        return say(w, 'F', entry->path, entry->size, "", e);
}

static bool wanted_data(void *ctx, struct span piece, struct err *e)
{
        struct wanted *w = ctx;

        while (piece.len > 0) {
                struct span part = span_cut(piece, 0, CHUNK_MAX);

                buf_put_u8(&w->out, 'D');
                buf_put(&w->out, part);
                if (!out_send(w, e))
                        return false;
                piece = span_from(piece, part.len);
        }
        return true;
}

static void wanted_done(struct wanted *w)
{
        buf_done(&w->out);
        arena_free(w->arena);
}

/* Request: an image_source, the number of plug-ins, of each what wire.c says. */
bool plugin_job_files(size_t n_fds, struct err *e)
{
        CLEANUP(wanted_done) struct wanted w = {.arena = arena_new(), .out = {.max = 2 * CHUNK_MAX}};
        const struct image_sink sink = {wanted_entry, wanted_data, &w};
        struct image_source source;
        struct image_read read;
        struct cursor c = {0};

        if (!jail_request(w.arena, &c.rest, e))
                return false;
        if (n_fds != 1 || !image_source_get(&c, &source) || source.fd != JAIL_FD_FIRST)
                return err_set(e, ERR_BUG, "the request is no layer's");
        w.n_plugins = cursor_u32le(&c);
        if (c.failed || w.n_plugins > PLUGIN_PLUGINS_MAX)
                return err_set(e, ERR_BUG, "the request has more plug-ins than there may be");
        w.plugins = arena_array(w.arena, w.n_plugins, sizeof(*w.plugins));
        for (size_t i = 0; i < w.n_plugins; i++) {
                struct cursor one = {.rest = cursor_string(&c, JAIL_FRAME_MAX)};

                if (!plugin_describe_get(&one, w.arena, &w.plugins[i]))
                        return err_set(e, ERR_BUG, "the request's plug-in is none");
        }
        if (!cursor_at_end(&c))
                return err_set(e, ERR_BUG, "the request goes on");
        return image_layer_read(&source, &sink, &read, e);
}
