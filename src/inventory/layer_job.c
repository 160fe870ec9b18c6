#include "inventory/layer_priv.h"

static bool send_frame(void *ctx, struct span frame, struct err *e)
{
        (void)ctx;
        return jail_answer(frame, e);
}

bool layer_job(size_t n_fds, struct err *e)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        CLEANUP(layer_reader_freep) struct layer_reader *reader = layer_reader_new();
        CLEANUP(layer_report_freep) struct layer_report *report = NULL;
        struct image_source source;
        struct image_read read;
        struct span request;

        if (!jail_request(arena, &request, e))
                return false;
        struct cursor c = {.rest = request};
        if (n_fds != 1 || !image_source_get(&c, &source) || !cursor_at_end(&c) || source.fd != JAIL_FD_FIRST)
                return err_set(e, ERR_BUG, "the request is no layer's");
        struct image_sink sink = layer_reader_sink(reader);
        for (;;) {
                if (!image_layer_read(&source, &sink, &read, e))
                        return false;
                if (!layer_reader_again(reader))
                        break;
                if (source.pipe) /* the parent opens it as a file, and asks once more */
                        return err_set(e, ERR_CONFLICT, "it must be read again, and came through a pipe");
        }
        report = layer_reader_end(reader, &read);
        return layer_report_send(report, send_frame, NULL, e);
}
