/* A part of a file at a time, and what zip and tar have in common. */
#include <errno.h>
#include <unistd.h>

#include "advisory/archive/archive_priv.h"

bool window_open(int fd, struct window *ret, struct err *e)
{
        off_t size = lseek(fd, 0, SEEK_END); /* the jail knows no fstat */

        if (size < 0)
                return err_set(e, ERR_SYSTEM, "the size of an archive: %s", strerror(errno));
        *ret = (struct window){.fd = fd, .size = (uint64_t)size, .bytes = {.max = ARCHIVE_TAKE_MAX + ARCHIVE_WINDOW}};
        return true;
}

void window_done(struct window *w)
{
        buf_done(&w->bytes);
}

bool window_take(struct window *w, uint64_t offset, size_t n, struct span *ret, struct err *e)
{
        size_t want, got;
        uint8_t *to;

        if (offset > w->size || n > w->size - offset)
                return err_set(e, ERR_MALFORMED, "the file ends early");
        if (n > ARCHIVE_TAKE_MAX)
                return err_set(e, ERR_BUG, "%zu bytes of an archive at once", n);
        if (offset < w->at || offset - w->at > w->bytes.len || n > w->bytes.len - (offset - w->at)) {
                want = n > ARCHIVE_WINDOW ? n : ARCHIVE_WINDOW;
                if (want > w->size - offset)
                        want = (size_t)(w->size - offset);
                buf_clear(&w->bytes);
                to = buf_reserve(&w->bytes, want);
                if (!to)
                        return err_set(e, ERR_BUG, "the window of an archive is full");
                if (!fd_pread_full(w->fd, offset, to, want, &got, e))
                        return false;
                w->at = offset;
                w->bytes.len = got;
                if (got < n)
                        return err_set(e, ERR_MALFORMED, "the file became shorter while it was read");
        }
        *ret = span_cut(buf_span(&w->bytes), (size_t)(offset - w->at), n);
        return true;
}

bool archive_name_is_feed(struct span name)
{
        static const char *const suffixes[] = {".json", ".jsonl", ".ndjson", ".xml", ".csv", ".yml"};

        for (size_t i = 0; i < ARRAY_LEN(suffixes); i++)
                if (span_ends(name, suffixes[i]))
                        return true;
        return false;
}

bool archive_name_is_record(struct span name)
{
        struct span part, rest = name;
        bool more = true;

        while (more) {
                more = span_split(rest, '/', &part, &rest);
                if (span_starts(part, ".") && !span_is(part, "."))
                        return false;
        }
        return archive_name_is_feed(name);
}

bool archive_too_large(uint64_t size, struct err *why)
{
        return err_set(why, ERR_LIMIT, "%llu bytes, a member has at most %u", (unsigned long long)size, FEED_MEMBER_MAX);
}
