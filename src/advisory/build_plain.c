/* A compressed source becomes a plain file before it is read: archives in it are read by their offsets, from several workers. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "advisory/build_priv.h"
#include "codec/codec.h"

static const struct decompress_ops *ops_of(struct span head)
{
        static const struct decompress_ops *const ops[] = {[COMPRESSION_NONE] = NULL,
            [COMPRESSION_GZIP] = &decompress_gzip,
            [COMPRESSION_ZSTD] = &decompress_zstd,
            [COMPRESSION_XZ] = &decompress_xz,
            [COMPRESSION_BZIP2] = &decompress_bzip2};

        return ops[compression_of(head)];
}

/* ---- in the worker ---- */

struct stream {
        const struct decompress_ops *ops;
        void *state;
        uint64_t stored, plain;
};

static void stream_done(struct stream *s)
{
        if (s->state)
                s->ops->close(s->state);
}

/* A bomb is what is both large and out of all proportion: XML of OVAL reaches 60:1. */
static bool plain_check(const struct stream *s, struct err *e)
{
        if (s->plain > SOURCE_PLAIN_MAX)
                return err_set(e, ERR_LIMIT, "%s: unpacked it is above %llu bytes", s->ops->name, SOURCE_PLAIN_MAX);
        if (s->plain > SOURCE_RATIO_FREE && s->plain / SOURCE_RATIO_MAX > s->stored)
                return err_set(
                    e, ERR_LIMIT, "%s: it unpacks to more than %u times its size", s->ops->name, SOURCE_RATIO_MAX);
        return true;
}

static bool piece_unpack(struct stream *s, struct span piece, uint8_t *out, struct err *e)
{
        size_t n;

        do {
                if (!s->ops->run(s->state, &piece, out, COMPRESSION_PIECE_MAX, &n, e))
                        return err_wrap(e, "%s, at byte %llu", s->ops->name, (unsigned long long)s->stored);
                s->plain += n;
                if (!plain_check(s, e) || (n > 0 && !jail_answer(span_bytes(out, n), e)))
                        return false;
        } while (n == COMPRESSION_PIECE_MAX);
        return true;
}

/* The file that it is a difference to: whole, in memory. */
static bool base_read(struct buf *to, struct err *e)
{
        off_t size = lseek(JAIL_FD_FIRST + 1, 0, SEEK_END);
        uint8_t *at;
        size_t n;

        if (size <= 0 || (uint64_t)size > DB_DELTA_BASE_MAX)
                return err_set(e, ERR_LIMIT, "what it is a difference to has %lld bytes", (long long)size);
        at = buf_reserve(to, (size_t)size);
        if (!at || lseek(JAIL_FD_FIRST + 1, 0, SEEK_SET) != 0)
                return err_set(e, ERR_SYSTEM, "read what it is a difference to: %s", strerror(errno));
        if (!fd_read_full(JAIL_FD_FIRST + 1, at, (size_t)size, &n, e))
                return false;
        to->len = n;
        return true;
}

/* Of a second descriptor's file, the first one's is the difference to it. */
static bool stream_begin(struct stream *s, struct span head, struct span base, struct err *e)
{
        s->ops = ops_of(head);
        if (!s->ops)
                return err_set(e, ERR_BUG, "advisory-plain was given a plain file");
        if (base.len > 0 && s->ops != &decompress_zstd)
                return err_set(e, ERR_MALFORMED, "a difference is packed with zstd, not %s", s->ops->name);
        s->state = base.len > 0 ? decompress_zstd_from(base) : s->ops->open();
        return true;
}

bool plain_run(size_t n_fds, struct err *e)
{
        struct buf base CLEANUP(buf_done) = {.max = DB_DELTA_BASE_MAX};
        uint8_t *in CLEANUP(heap_freep) = heap_alloc(COMPRESSION_PIECE_MAX),
                    *out CLEANUP(heap_freep) = heap_alloc(COMPRESSION_PIECE_MAX);
        struct stream s CLEANUP(stream_done) = {0};
        size_t n;

        if (n_fds != 1 && n_fds != 2)
                return err_set(e, ERR_BUG, "advisory-plain needs one descriptor, or two");
        if (n_fds == 2 && !base_read(&base, e))
                return false;
        do {
                if (!fd_read_full(JAIL_FD_FIRST, in, COMPRESSION_PIECE_MAX, &n, e))
                        return false;
                if (!s.state && !stream_begin(&s, span_bytes(in, n), buf_span(&base), e))
                        return false;
                s.stored += n;
                if (n > 0 && !piece_unpack(&s, span_bytes(in, n), out, e))
                        return false;
                jail_progress(s.stored);
        } while (n == COMPRESSION_PIECE_MAX);
        return s.ops->end(s.state, e) || err_wrap(e, "%s", s.ops->name);
}

/* ---- in the parent ---- */

static bool frame_write(void *ctx, struct span data, struct err *e)
{
        return fd_write_all(*(const int *)ctx, data, e) || err_wrap(e, "unpack it");
}

bool source_unpack(int dir_fd, const char *label, int *io_fd, struct err *e)
{
        uint8_t head[COMPRESSION_HEAD];
        int plain CLEANUP(fd_close) = -1;
        struct jail_task t = {.job = "advisory-plain",
            .fds = {*io_fd},
            .n_fds = 1,
            .limits = {.answer_max = SOURCE_PLAIN_MAX + COMPRESSION_PIECE_MAX},
            .what = label,
            .on_frame = frame_write,
            .ctx = &plain};
        size_t n;

        if (!fd_pread_full(*io_fd, 0, head, sizeof(head), &n, e))
                return err_wrap(e, "%s", label);
        if (compression_of(span_bytes(head, n)) == COMPRESSION_NONE)
                return true;
        plain = openat(dir_fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
        if (plain < 0)
                return err_set(e, ERR_SYSTEM, "%s: make a file to unpack it into: %s", label, strerror(errno));
        if (!jail_run_one(&t, e))
                return false;
        if (lseek(plain, 0, SEEK_SET) != 0)
                return err_set(e, ERR_SYSTEM, "%s: %s", label, strerror(errno));
        close(*io_fd);
        *io_fd = TAKE_FD(plain);
        return true;
}
