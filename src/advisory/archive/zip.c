/*
 * Zip files (PKWARE APPNOTE 6.3.10): the central directory says what is in it, and every member is held against it.
 *
 * Strict, since a reader that guesses can be made to see other members than the next reader: one end record only, the
 * directory ends exactly where it starts, no member lies over another, local headers say what the directory says.
 */
#include "advisory/archive/zip_priv.h"

#define LOCAL_SIG 0x04034b50u
#define LOCAL_SIZE 30u
#define FLAG_ENCRYPTED 0x0001u
#define FLAG_DESCRIPTOR 0x0008u /* sizes and CRC follow the data: the local header has zeros */
#define FLAG_PATCH 0x0020u
#define FLAG_STRONG 0x0040u
#define FLAG_MASKED 0x2000u /* local headers hidden by directory encryption */
#define FLAGS_READING (FLAG_ENCRYPTED | FLAG_DESCRIPTOR | FLAG_PATCH | FLAG_STRONG | FLAG_MASKED)
#define METHOD_STORED 0u
#define METHOD_DEFLATED 8u

/* What can be said before any byte of the member is read. */
static bool member_acceptable(const struct zip_member *m, struct err *why)
{
        if (m->flags & (FLAG_ENCRYPTED | FLAG_STRONG | FLAG_MASKED))
                return err_set(why, ERR_UNSUPPORTED, "is encrypted");
        if (m->flags & FLAG_PATCH)
                return err_set(why, ERR_UNSUPPORTED, "is a patch of another file");
        if (m->method != METHOD_STORED && m->method != METHOD_DEFLATED)
                return err_set(
                    why, ERR_UNSUPPORTED, "compression method %u; stored (0) and deflated (8) are read", m->method);
        if (m->plain > FEED_MEMBER_MAX)
                return archive_too_large(m->plain, why);
        if (m->compressed > ARCHIVE_TAKE_MAX)
                return archive_too_large(m->compressed, why);
        if (m->method == METHOD_STORED && m->compressed != m->plain)
                return err_set(why, ERR_MALFORMED, "is stored in %llu bytes and claims %llu",
                    (unsigned long long)m->compressed, (unsigned long long)m->plain);
        if (m->plain > ZIP_RATIO_FREE && m->plain / ZIP_RATIO_MAX > m->compressed)
                return err_set(why, ERR_LIMIT, "claims %llu bytes in %llu, more than %u for one",
                    (unsigned long long)m->plain, (unsigned long long)m->compressed, ZIP_RATIO_MAX);
        return true;
}

struct local {
        uint16_t flags, method, name_len, extra_len;
        uint32_t crc, compressed, plain;
};

/* Sizes and CRC as far as the local header has them: with a data descriptor they may be left out (APPNOTE 4.4.4). */
static bool local_sizes_agree(const struct local *l, const struct zip_member *m, struct span extra)
{
        struct span wide;
        struct cursor c;
        uint64_t plain = l->plain, compressed = l->compressed;

        if (m->flags & FLAG_DESCRIPTOR)
                return true;
        if (!zip_extra_zip64(extra, &wide))
                return false;
        c = (struct cursor){.rest = wide};
        if (l->plain == UINT32_MAX && wide.len > 0)
                plain = cursor_u64le(&c);
        if (l->compressed == UINT32_MAX && wide.len > 0)
                compressed = cursor_u64le(&c);
        return !c.failed && plain == m->plain && compressed == m->compressed && l->crc == m->crc;
}

/* Holds the local header against the directory's entry, and finds where the data begins. */
static bool local_check(
    struct zip *z, const struct zip_member *m, struct span name, uint64_t *ret_data_at, struct err *why)
{
        struct span head, tail;
        struct local l;
        uint32_t signature;

        if (!window_take(&z->window, m->offset, LOCAL_SIZE, &head, why))
                return false;
        struct cursor c = {.rest = head};
        signature = cursor_u32le(&c);
        cursor_take(&c, 2); /* version needed */
        l.flags = cursor_u16le(&c);
        l.method = cursor_u16le(&c);
        cursor_take(&c, 4); /* time, date */
        l.crc = cursor_u32le(&c);
        l.compressed = cursor_u32le(&c);
        l.plain = cursor_u32le(&c);
        l.name_len = cursor_u16le(&c);
        l.extra_len = cursor_u16le(&c);
        if (c.failed || signature != LOCAL_SIG)
                return err_set(why, ERR_MALFORMED, "no local header where the directory says");
        if (!window_take(&z->window, m->offset + LOCAL_SIZE, (size_t)l.name_len + l.extra_len, &tail, why))
                return false;
        if (!span_equal(span_cut(tail, 0, l.name_len), name))
                return err_set(why, ERR_MALFORMED, "its local header has another name");
        if (l.method != m->method || ((l.flags ^ m->flags) & FLAGS_READING))
                return err_set(why, ERR_MALFORMED, "its local header has another method or other flags");
        if (!local_sizes_agree(&l, m, span_from(tail, l.name_len)))
                return err_set(why, ERR_MALFORMED, "its local header has other sizes or another CRC");
        *ret_data_at = m->offset + LOCAL_SIZE + l.name_len + l.extra_len;
        if (*ret_data_at > m->limit || m->compressed > m->limit - *ret_data_at)
                return err_set(why, ERR_MALFORMED, "reaches into what follows it");
        return true;
}

bool zip_member_read(struct zip *z, const struct zip_member *m, struct buf *to, struct err *why)
{
        struct span name = zip_member_name(z, m), data;
        uint64_t data_at;

        if (!member_acceptable(m, why) || !local_check(z, m, name, &data_at, why) ||
            !window_take(&z->window, data_at, (size_t)m->compressed, &data, why))
                return false;
        if (m->method == METHOD_DEFLATED) {
                if (!inflate_member(z->inflate, data, (size_t)m->plain, to, why))
                        return false;
        } else {
                buf_clear(to);
                buf_put(to, data);
        }
        if (to->failed)
                return archive_too_large(m->plain, why);
        if (member_crc32(buf_span(to)) != m->crc)
                return err_set(why, ERR_MALFORMED, "its CRC-32 is not %08x", m->crc);
        return true;
}

/* Bytes of the archive that the member stands for, never 0: shares of parts are counted in them. */
static uint64_t weight(const struct zip_member *m)
{
        return m->compressed + m->name_len + LOCAL_SIZE;
}

static bool records_weigh(const struct zip *z, uint64_t *ret, struct err *e)
{
        uint64_t total = 0, plain = 0;

        for (size_t i = 0; i < z->n; i++) {
                const struct zip_member *m = &z->members[i];
                if (!archive_name_is_record(zip_member_name(z, m)))
                        continue;
                total += weight(m);
                if (m->plain <= FEED_MEMBER_MAX) /* larger ones are refused */
                        plain += m->plain;
        }
        if (total == 0)
                return err_set(e, ERR_NOT_FOUND, "no .json file in the zip");
        if (plain > ZIP_PLAIN_MAX)
                return err_set(e, ERR_LIMIT, "%llu bytes of records, at most %llu", (unsigned long long)plain,
                    (unsigned long long)ZIP_PLAIN_MAX);
        *ret = total;
        return true;
}

static bool member_send(
    struct zip *z, const struct zip_member *m, struct buf *content, const struct archive_sink *sink, struct err *e)
{
        struct span name = zip_member_name(z, m);
        struct err why = {0};

        if (zip_member_read(z, m, content, &why))
                return sink->member(sink->ctx, name, buf_span(content), e);
        if (why.kind != ERR_SYSTEM && why.kind != ERR_BUG)
                return sink->refused(sink->ctx, name, &why, e);
        if (e)
                *e = why;
        return err_wrap(e, "read the zip");
}

/* A part is a stretch of the file, so that each worker reads its own bytes only. */
bool zip_walk(int fd, struct archive_part part, const struct archive_sink *sink, struct err *e)
{
        struct zip z CLEANUP(zip_done) = {0};
        struct buf content CLEANUP(buf_done) = {.max = FEED_MEMBER_MAX + 1};
        uint64_t total, from, to, at = 0;

        if (!zip_open(fd, &z, e) || !records_weigh(&z, &total, e))
                return false;
        from = total / part.of * part.at;
        to = part.at + 1 == part.of ? total : total / part.of * (part.at + 1);
        for (size_t i = 0; i < z.n && at < to; i++) {
                const struct zip_member *m = &z.members[i];
                if (!archive_name_is_record(zip_member_name(&z, m)))
                        continue;
                if (at >= from) {
                        sink->progress(sink->ctx, at - from);
                        if (!member_send(&z, m, &content, sink, e))
                                return false;
                }
                at += weight(m);
        }
        return true;
}
