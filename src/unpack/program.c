/* coffer-unpack: the cage first, then one layer. */
#include <sys/stat.h>
#include <unistd.h>

#include "unpack/unpack_priv.h"

/* False when nobody listens any more. */
static bool answer_send(const struct unpack_answer *a)
{
        struct buf b CLEANUP(buf_done) = {.max = UNPACK_MESSAGE_MAX};

        unpack_answer_put(&b, a);
        return write(UNPACK_FD_SOCKET, b.at, b.len) == (ssize_t)b.len;
}

static int answer_failed(struct err *e)
{
        struct unpack_answer a = {.err = *e};

        if (a.err.kind == ERR_NONE)
                err_set(&a.err, ERR_BUG, "a failure without a reason");
        return answer_send(&a) ? 1 : 2;
}

static bool request_read(struct image_source *ret, struct err *e)
{
        uint8_t message[UNPACK_MESSAGE_MAX];
        ssize_t n = read(UNPACK_FD_SOCKET, message, sizeof(message));
        struct cursor c = {.rest = span_bytes(message, n > 0 ? (size_t)n : 0)};

        if (n <= 0 || !image_source_get(&c, ret) || !cursor_at_end(&c) || ret->fd != UNPACK_FD_LAYER)
                return err_set(e, ERR_BUG, "the request is no layer's");
        return true;
}

static bool layer_write(const struct image_source *source, struct unpack_report *ret, struct err *e)
{
        struct writer *w CLEANUP(writer_freep) = writer_new(UNPACK_FD_FOLDER);
        struct image_sink sink = writer_sink(w);
        struct image_read read;

        if (!image_layer_read(source, &sink, &read, e) || !writer_end(w, &ret->devices_skipped, e))
                return false;
        ret->entries = read.entries;
        ret->plain_size = read.plain_size;
        return true;
}

int unpack_program_main(void)
{
        struct unpack_answer answer = {.ok = true};
        struct image_source source;
        struct err e = {0};

        umask(0);
        if (!confine_namespaces(&e))
                return answer_failed(&e);
        if (!answer_send(&answer) || !request_read(&source, &e))
                return answer_failed(&e);
        if (!confine_enter(UNPACK_FD_FOLDER, &e))
                return answer_failed(&e);
        if (!confine_filter(&e) || !layer_write(&source, &answer.report, &e))
                return answer_failed(&e);
        return answer_send(&answer) ? 0 : 2;
}
