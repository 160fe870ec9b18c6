/*
 * Tar files of records: POSIX ustar headers, with the names of pax ("x": path) and GNU ("L") headers. What could make
 * another reader see other members (a size in a pax header, sparse files, sizes in base 256) is ERR_UNSUPPORTED.
 */
#include "advisory/archive/archive_priv.h"

#define BLOCK 512u

struct tar {
        struct window window;
        uint64_t at, entries, records;
        struct buf long_name; /* for the next member */
};

static void tar_done(struct tar *t)
{
        window_done(&t->window);
        buf_done(&t->long_name);
}

struct header {
        uint64_t size, data_at, next;
        struct span prefix, name; /* in the window */
        uint8_t type;
};

static struct span text_field(struct span block, size_t at, size_t len)
{
        struct span before, rest;

        span_split(span_cut(block, at, len), '\0', &before, &rest);
        return before;
}

static bool octal_field(struct span block, size_t at, size_t len, uint64_t *ret)
{
        return span_to_octal(span_trim(text_field(block, at, len)), ret);
}

static uint64_t checksum(struct span block)
{
        uint64_t sum = 0;

        for (size_t i = 0; i < block.len; i++)
                sum += i >= 148 && i < 156 ? ' ' : block.at[i];
        return sum;
}

static bool header_parse(const struct tar *t, struct span block, struct header *ret, struct err *e)
{
        struct header h = {.data_at = t->at + BLOCK, .name = text_field(block, 0, 100), .type = block.at[156]};
        uint64_t sum, room = t->window.size - h.data_at;
        bool posix = span_equal(span_cut(block, 257, 6), SPAN_LIT("ustar\0"));

        if (!posix && !span_equal(span_cut(block, 257, 6), SPAN_LIT("ustar ")))
                return err_set(e, ERR_MALFORMED, "no ustar header");
        if (!octal_field(block, 148, 8, &sum) || sum != checksum(block))
                return err_set(e, ERR_MALFORMED, "the header's checksum is wrong");
        if (block.at[124] & 0x80)
                return err_set(e, ERR_UNSUPPORTED, "a size in base 256");
        if (!octal_field(block, 124, 12, &h.size))
                return err_set(e, ERR_MALFORMED, "the size is not octal");
        if (posix)
                h.prefix = text_field(block, 345, 155);
        if (h.type >= '1' && h.type <= '6')
                h.size = 0; /* links, devices, folders: POSIX says that no data follows */
        if (h.size > room || (BLOCK - h.size % BLOCK) % BLOCK > room - h.size)
                return err_set(e, ERR_MALFORMED, "the file ends early");
        h.next = h.data_at + h.size + (BLOCK - h.size % BLOCK) % BLOCK;
        *ret = h;
        return true;
}

/* "27 path=2024/GHSA-x.json\n" ... (POSIX pax, "Extended Header") */
static bool pax_parse(struct tar *t, struct span in, struct err *e)
{
        while (in.len > 0) {
                struct span digits, rest, key, value;
                uint64_t len;
                if (!span_split(in, ' ', &digits, &rest) || !span_to_u64(digits, &len) || len > in.len ||
                    len < digits.len + 2 || in.at[len - 1] != '\n' ||
                    !span_split(span_cut(rest, 0, (size_t)len - digits.len - 2), '=', &key, &value))
                        return err_set(e, ERR_MALFORMED, "a pax header is damaged");
                if (span_is(key, "size") || span_starts(key, "GNU.sparse"))
                        return err_set(e, ERR_UNSUPPORTED, "a pax header with a size or a sparse file");
                if (span_is(key, "path")) {
                        buf_clear(&t->long_name);
                        buf_put(&t->long_name, value);
                }
                in = span_from(in, (size_t)len);
        }
        return true;
}

static bool meta_read(struct tar *t, const struct header *h, struct err *e)
{
        struct span content, name, rest;

        if (h->size > TAR_META_MAX)
                return err_set(
                    e, ERR_LIMIT, "a header of %llu bytes, at most %u", (unsigned long long)h->size, TAR_META_MAX);
        if (!window_take(&t->window, h->data_at, (size_t)h->size, &content, e))
                return false;
        if (h->type == 'x')
                return pax_parse(t, content, e);
        if (h->type == 'L') {
                span_split(content, '\0', &name, &rest);
                buf_clear(&t->long_name);
                buf_put(&t->long_name, name);
        }
        return true;
}

/* The header's memory is the window's: the name is copied before the content is read. */
static bool member_send(
    struct tar *t, const struct header *h, struct archive_part part, const struct archive_sink *sink, struct err *e)
{
        struct span content;
        struct err why = {0};

        if (t->long_name.len == 0) {
                buf_put(&t->long_name, h->prefix);
                buf_put_text(&t->long_name, h->prefix.len ? "/" : "");
                buf_put(&t->long_name, h->name);
        }
        if (t->long_name.failed || t->long_name.len > SOURCE_PATH_MAX)
                return err_set(e, ERR_LIMIT, "a name above %u bytes", SOURCE_PATH_MAX);
        if (!archive_name_is_record(buf_span(&t->long_name)) || t->records++ % part.of != part.at)
                return true;
        sink->progress(sink->ctx, t->at / part.of);
        if (h->size > FEED_MEMBER_MAX) {
                archive_too_large(h->size, &why);
                return sink->refused(sink->ctx, buf_span(&t->long_name), &why, e);
        }
        return window_take(&t->window, h->data_at, (size_t)h->size, &content, e) &&
               sink->member(sink->ctx, buf_span(&t->long_name), content, e);
}

static bool entry_read(
    struct tar *t, struct span block, struct archive_part part, const struct archive_sink *sink, struct err *e)
{
        struct header h;

        if (++t->entries > SOURCE_FILES_MAX)
                return err_set(e, ERR_LIMIT, "more than %u entries in the tar", SOURCE_FILES_MAX);
        if (!header_parse(t, block, &h, e))
                return false;
        if (h.type == 'x' || h.type == 'g' || h.type == 'L' || h.type == 'K') {
                if (!meta_read(t, &h, e))
                        return false;
        } else {
                if ((h.type == '0' || h.type == '\0' || h.type == '7') && !member_send(t, &h, part, sink, e))
                        return false;
                buf_clear(&t->long_name);
        }
        t->at = h.next;
        return true;
}

bool tar_walk(int fd, struct archive_part part, const struct archive_sink *sink, struct err *e)
{
        static const uint8_t zeros[BLOCK];
        struct tar t CLEANUP(tar_done) = {.long_name = {.max = TAR_META_MAX}};
        struct span block;

        if (!window_open(fd, &t.window, e))
                return false;
        for (;;) {
                if (!window_take(&t.window, t.at, BLOCK, &block, e))
                        return err_wrap(e, "tar, entry %llu", (unsigned long long)t.entries + 1);
                if (span_equal(block, span_bytes(zeros, BLOCK)))
                        break;
                if (!entry_read(&t, block, part, sink, e))
                        return err_wrap(e, "tar, entry %llu", (unsigned long long)t.entries);
        }
        return t.records > 0 || err_set(e, ERR_NOT_FOUND, "no .json file in the tar");
}
