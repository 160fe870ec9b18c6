/* The monitor's log, read back. The texts in it are the container's: nothing is believed but the frame. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/base.h"
#include "runtime/runtime_limits.h"
#include "runtime/status_priv.h"

#define FOLLOW_NS 50000000 /* between two looks at a log that has nothing new */

struct logs {
        int dir_fd;
        bool (*on_line)(void *ctx, const struct runtime_log_line *l, struct err *e);
        void *ctx;
        uint8_t buf[2 * RUNTIME_LOG_LINE_MAX];
        size_t have;
};

/* "TIME stdout F text": log.c of coffer-monitor. */
static bool line_parse(struct span line, struct runtime_log_line *ret)
{
        struct span stream, tag;

        if (!span_split(line, ' ', &ret->time, &line) || !span_split(line, ' ', &stream, &line) ||
            !span_split(line, ' ', &tag, &line))
                return false;
        ret->is_stderr = span_is(stream, "stderr");
        ret->ended = span_is(tag, "F");
        ret->text = line;
        return ret->time.len > 0 && (ret->is_stderr || span_is(stream, "stdout")) && (ret->ended || span_is(tag, "P"));
}

static bool lines_give(struct logs *l, struct err *e)
{
        struct runtime_log_line line;
        struct span rest = span_bytes(l->buf, l->have), one;

        while (rest.len > 0 && memchr(rest.at, '\n', rest.len)) {
                span_split(rest, '\n', &one, &rest);
                /* A disk that was full cut a line: what is left of it is passed over. */
                if (line_parse(one, &line) && !l->on_line(l->ctx, &line, e))
                        return false;
        }
        if (rest.len > 0)
                memmove(l->buf, rest.at, rest.len);
        l->have = rest.len == sizeof(l->buf) ? 0 : rest.len;
        return true;
}

/* All that the file has now. */
static bool file_drain(struct logs *l, int fd, bool *ret_any, struct err *e)
{
        for (;;) {
                ssize_t n = read(fd, l->buf + l->have, sizeof(l->buf) - l->have);

                if (file_cancel_flag)
                        return err_set(e, ERR_CANCELLED, "interrupted");
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return err_set(e, ERR_SYSTEM, "read the log: %s", strerror(errno));
                if (n == 0)
                        return true;
                *ret_any = true;
                l->have += (size_t)n;
                if (!lines_give(l, e))
                        return false;
        }
}

static bool older_give(struct logs *l, struct err *e)
{
        int fd CLEANUP(fd_close) = openat(l->dir_fd, "log.1", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
        bool any;

        if (fd < 0)
                return errno == ENOENT || err_set(e, ERR_SYSTEM, "open log.1: %s", strerror(errno));
        return file_drain(l, fd, &any, e);
}

/* The monitor moved `log` away and began a new one. */
static bool rotated(const struct logs *l, int fd)
{
        struct stat ours, named;

        return fstat(fd, &ours) == 0 && fstatat(l->dir_fd, "log", &named, AT_SYMLINK_NOFOLLOW) == 0 &&
               (ours.st_ino != named.st_ino || ours.st_dev != named.st_dev);
}

static bool log_open(const struct logs *l, int *fd, struct err *e)
{
        fd_close(fd);
        *fd = openat(l->dir_fd, "log", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
        if (*fd < 0)
                return err_set(
                    e, errno == ENOENT ? ERR_NOT_FOUND : ERR_SYSTEM, "the container's log: %s", strerror(errno));
        return true;
}

bool runtime_logs(int dir_fd, bool follow, bool (*on_line)(void *ctx, const struct runtime_log_line *l, struct err *e),
    void *ctx, struct err *e)
{
        struct logs *l CLEANUP(heap_freep) = heap_alloc(sizeof(*l));
        struct timespec pause = {.tv_nsec = FOLLOW_NS};
        int fd CLEANUP(fd_close) = -1;

        l->dir_fd = dir_fd;
        l->on_line = on_line;
        l->ctx = ctx;
        if (!log_open(l, &fd, e) || !older_give(l, e))
                return false;
        for (;;) {
                pid_t monitor = 0;
                bool any = false;

                /* Asked before reading: what was written before the end is read after it. */
                if (follow && !lock_holder(dir_fd, &monitor, e))
                        return false;
                if (!file_drain(l, fd, &any, e))
                        return false;
                if (rotated(l, fd)) {
                        if (!file_drain(l, fd, &any, e) || !log_open(l, &fd, e))
                                return false;
                        continue;
                }
                if (monitor == 0)
                        return true;
                if (!any)
                        nanosleep(&pause, NULL);
        }
}
