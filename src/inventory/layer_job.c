/* The worker's side: one layer, read as often as it takes, and its report. */
#include "inventory/layer_priv.h"
#include "inventory/secret_remarks_priv.h"

#include <errno.h>
#include <sys/mman.h>

static bool send_frame(void *ctx, struct span frame, struct err *e)
{
        (void)ctx;
        return jail_answer(frame, e);
}

void layer_request_put(struct buf *b, const struct image_source *s, const struct layer_skip *skips, size_t n)
{
        image_source_put(b, s);
        buf_put_u32le(b, (uint32_t)n);
        for (size_t i = 0; i < n; i++) {
                buf_put_u64le(b, skips[i].entry);
                buf_put_u64le(b, skips[i].detector);
        }
}

static bool request_get(
    struct span request, struct image_source *ret, struct layer_skip skips[INVENTORY_RETRIES_MAX], size_t *ret_n)
{
        struct cursor c = {.rest = request};

        if (!image_source_get(&c, ret) || ret->fd != JAIL_FD_FIRST)
                return false;
        *ret_n = cursor_u32le(&c);
        if (*ret_n > INVENTORY_RETRIES_MAX)
                return false;
        for (size_t i = 0; i < *ret_n; i++) {
                skips[i].entry = cursor_u64le(&c);
                skips[i].detector = cursor_u64le(&c);
        }
        return cursor_at_end(&c);
}

bool layer_job(size_t n_fds, struct err *e)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        CLEANUP(layer_reader_freep) struct layer_reader *reader = layer_reader_new();
        CLEANUP(layer_report_freep) struct layer_report *report = NULL;
        struct layer_skip skips[INVENTORY_RETRIES_MAX];
        struct image_source source;
        struct image_read read;
        struct span request;
        size_t n_skips;

        if (!jail_request(arena, &request, e))
                return false;
        if (n_fds < 2 || n_fds > 3 || !request_get(request, &source, skips, &n_skips))
                return err_set(e, ERR_BUG, "the request is no layer's");
        if (n_fds == 3 && !secret_rules_take(JAIL_FD_FIRST + 2, e))
                return false;
        void *place = mmap(NULL, sizeof(struct layer_place), PROT_READ | PROT_WRITE, MAP_SHARED, JAIL_FD_FIRST + 1, 0);
        if (place == MAP_FAILED)
                return err_set(e, ERR_SYSTEM, "map the page that says where we are: %s", strerror(errno));
        layer_reader_watch(reader, place, skips, n_skips);
        if (source.pipe)
                layer_reader_once(reader);
        struct image_sink sink = layer_reader_sink(reader);
        for (;;) {
                if (!image_layer_read(&source, &sink, &read, e))
                        return false;
                if (!layer_reader_again(reader))
                        break;
                if (source.pipe) /* the parent takes it to a file, and asks once more */
                        return err_set(e, ERR_CONFLICT, "it must be read again, and came through a pipe");
        }
        report = layer_reader_end(reader, &read);
        return layer_report_send(report, send_frame, NULL, e);
}
