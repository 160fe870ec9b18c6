#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "monitor.h"

static void from_close(struct relay *r)
{
        if (r->from >= 0 && !r->keep_from)
                close(r->from);
        r->from = -1;
}

static void to_close(struct relay *r)
{
        if (r->to >= 0 && !r->keep_to)
                close(r->to);
        r->to = -1;
}

static void reader_gone(struct relay *r)
{
        to_close(r);
        r->off = r->have = 0;
        if (r->end_with_reader)
                from_close(r);
}

static void finish(struct relay *r)
{
        from_close(r);
        if (r->end_byte && r->to >= 0) {
                r->buf[0] = r->end_byte;
                r->have = 1;
                r->off = 0;
                return;
        }
        to_close(r);
}

static void take(struct relay *r, struct log *log)
{
        ssize_t n = read(r->from, r->buf, sizeof(r->buf));

        if (n < 0 && (errno == EINTR || errno == EAGAIN))
                return;
        if (n <= 0) { /* a terminal whose other end is closed gives EIO */
                finish(r);
                return;
        }
        if (r->logged)
                log_write(log, r->is_stderr, r->buf, (size_t)n);
        if (r->to < 0)
                return;
        r->have = (size_t)n;
        r->off = 0;
}

static void give(struct relay *r)
{
        size_t left = r->have - r->off;
        ssize_t n = write(r->to, r->buf + r->off, left < WRITE_BYTES ? left : WRITE_BYTES);

        if (n < 0 && (errno == EINTR || errno == EAGAIN))
                return;
        if (n < 0) {
                reader_gone(r);
                return;
        }
        r->off += (size_t)n;
        if (r->off == r->have && r->from < 0)
                to_close(r);
}

void relay_step(struct relay *r, struct log *log, short from_events, short to_events)
{
        if (to_events && r->to >= 0 && r->off < r->have)
                give(r);
        if (from_events && r->from >= 0 && r->off == r->have)
                take(r, log);
}
