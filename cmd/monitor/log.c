/*
 * The container's output in the form that Kubernetes' CRI gives its logs, a line each:
 *      2026-11-23T01:23:57.123456789Z stdout F the text
 * F: a '\n' followed in the output, P: none did (the next entry of this stream goes on with the line). Bytes are kept.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "monitor.h"

#define STAMP_BYTES 48u

void log_open(struct log *l, int dir, uint64_t max)
{
        struct stat st;

        l->dir = dir;
        l->max = max;
        l->fd = openat(dir, "log", O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
        l->size = l->fd >= 0 && fstat(l->fd, &st) == 0 ? (uint64_t)st.st_size : 0;
}

static void rotate(struct log *l)
{
        if (renameat(l->dir, "log", l->dir, "log.1") != 0)
                return;
        close(l->fd);
        log_open(l, l->dir, l->max);
}

/* A log that can't be written must not stop the container: what does not fit on a full disk is lost. */
static void put(struct log *l, const char *at, size_t n)
{
        ssize_t done;

        if (l->size > 0 && l->size + n > l->max)
                rotate(l);
        if (l->fd < 0)
                return;
        done = write(l->fd, at, n);
        if (done > 0)
                l->size += (uint64_t)done;
}

static size_t stamp(char *to, bool is_stderr, bool ended)
{
        struct timespec now;
        struct tm tm;
        size_t n;

        clock_gettime(CLOCK_REALTIME, &now);
        gmtime_r(&now.tv_sec, &tm);
        n = strftime(to, STAMP_BYTES, "%Y-%m-%dT%H:%M:%S", &tm);
        n += (size_t)snprintf(
            to + n, STAMP_BYTES - n, ".%09ldZ %s %c ", now.tv_nsec, is_stderr ? "stderr" : "stdout", ended ? 'F' : 'P');
        return n;
}

void log_write(struct log *l, bool is_stderr, const uint8_t *at, size_t n)
{
        static char out[65536];
        size_t used = 0;

        while (n > 0) {
                const uint8_t *end = memchr(at, '\n', n);
                size_t len = end ? (size_t)(end - at) : n;

                if (used + STAMP_BYTES + len + 1 > sizeof(out)) {
                        put(l, out, used);
                        used = 0;
                }
                used += stamp(out + used, is_stderr, end != NULL);
                memcpy(out + used, at, len);
                used += len;
                out[used++] = '\n';
                at += len + (end != NULL);
                n -= len + (end != NULL);
        }
        put(l, out, used);
}
