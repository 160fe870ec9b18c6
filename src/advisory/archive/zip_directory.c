/* Where a zip's directory lies and what it says, before any member is looked at. */
#include "advisory/archive/zip_priv.h"

#define END_SIG 0x06054b50u
#define END_SIZE 22u
#define END64_SIG 0x06064b50u
#define END64_SIZE 56u
#define LOCATOR_SIG 0x07064b50u
#define LOCATOR_SIZE 20u
#define ENTRY_SIG 0x02014b50u
#define ENTRY_SIZE 46u
#define LOCAL_SIZE 30u
#define EXTRA_ZIP64 1u

struct end {
        uint64_t at; /* of the end record; the directory ends there */
        uint64_t entries, size, offset;
};

void zip_done(struct zip *z)
{
        window_done(&z->window);
        buf_done(&z->directory);
        free(z->members);
        inflate_freep(&z->inflate);
}

struct span zip_member_name(const struct zip *z, const struct zip_member *m)
{
        return span_cut(buf_span(&z->directory), m->name_at, m->name_len);
}

bool zip_extra_zip64(struct span extra, struct span *ret)
{
        struct cursor c = {.rest = extra};
        struct span found = {0};
        unsigned seen = 0;

        while (c.rest.len > 0 && !c.failed) {
                uint16_t id = cursor_u16le(&c);
                uint16_t len = cursor_u16le(&c);
                struct span content = cursor_take(&c, len);
                if (id == EXTRA_ZIP64) {
                        found = content;
                        seen++;
                }
        }
        if (c.failed || seen > 1)
                return false;
        *ret = found;
        return true;
}

/*
 * The end record is the one whose comment reaches exactly to the end of the file. A comment that holds another such
 * record would let two readers see two archives.
 */
static bool end_find(struct zip *z, struct end *ret, struct err *e)
{
        size_t len = z->window.size < END_SIZE + UINT16_MAX ? (size_t)z->window.size : END_SIZE + UINT16_MAX;
        struct span tail;
        unsigned found = 0;

        if (!window_take(&z->window, z->window.size - len, len, &tail, e))
                return false;
        for (size_t at = 0; at + END_SIZE <= len; at++) {
                struct cursor c = {.rest = span_cut(tail, at, END_SIZE)};
                uint16_t disk, start, here, all;
                struct end end = {.at = z->window.size - len + at};
                if (cursor_u32le(&c) != END_SIG)
                        continue;
                disk = cursor_u16le(&c);
                start = cursor_u16le(&c);
                here = cursor_u16le(&c);
                all = cursor_u16le(&c);
                end.entries = all;
                end.size = cursor_u32le(&c);
                end.offset = cursor_u32le(&c);
                if (cursor_u16le(&c) != len - at - END_SIZE)
                        continue;
                if (++found > 1)
                        return err_set(e, ERR_MALFORMED, "two end records: its comment looks like another zip");
                if (disk != 0 || start != 0 || here != all)
                        return err_set(e, ERR_UNSUPPORTED, "the zip is split over several disks");
                *ret = end;
        }
        return found == 1 || err_set(e, ERR_MALFORMED, "no end record: the zip is cut, or bytes follow it");
}

/* What stands in the short record is either all ones or the same. */
static bool agrees(uint64_t narrow, uint64_t ones, uint64_t wide)
{
        return narrow == ones || narrow == wide;
}

/* With a zip64 locator right before the end record, the zip64 record counts. */
static bool end_widen(struct zip *z, struct end *io, struct err *e)
{
        struct span bytes;
        uint64_t locator_at, at, record_size, here;
        uint32_t disk, disks, disk_start;
        struct end wide;

        if (io->at < LOCATOR_SIZE)
                return true;
        locator_at = io->at - LOCATOR_SIZE;
        if (!window_take(&z->window, locator_at, LOCATOR_SIZE, &bytes, e))
                return false;
        struct cursor c = {.rest = bytes};
        if (cursor_u32le(&c) != LOCATOR_SIG)
                return true;
        disk = cursor_u32le(&c);
        at = cursor_u64le(&c);
        disks = cursor_u32le(&c);
        if (disk != 0 || disks > 1)
                return err_set(e, ERR_UNSUPPORTED, "the zip is split over several disks");
        if (at > locator_at || locator_at - at < END64_SIZE)
                return err_set(e, ERR_MALFORMED, "the zip64 end record lies outside of its place");
        if (!window_take(&z->window, at, END64_SIZE, &bytes, e))
                return false;
        c = (struct cursor){.rest = bytes};
        if (cursor_u32le(&c) != END64_SIG)
                return err_set(e, ERR_MALFORMED, "no zip64 end record where its locator says");
        record_size = cursor_u64le(&c);
        if (record_size != locator_at - at - 12)
                return err_set(e, ERR_MALFORMED, "the zip64 end record does not reach to its locator");
        cursor_take(&c, 4); /* versions */
        disk = cursor_u32le(&c);
        disk_start = cursor_u32le(&c);
        here = cursor_u64le(&c);
        wide.at = at;
        wide.entries = cursor_u64le(&c);
        wide.size = cursor_u64le(&c);
        wide.offset = cursor_u64le(&c);
        if (disk != 0 || disk_start != 0 || here != wide.entries)
                return err_set(e, ERR_UNSUPPORTED, "the zip is split over several disks");
        if (!agrees(io->entries, UINT16_MAX, wide.entries) || !agrees(io->size, UINT32_MAX, wide.size) ||
            !agrees(io->offset, UINT32_MAX, wide.offset))
                return err_set(e, ERR_MALFORMED, "the two end records contradict each other");
        *io = wide;
        return true;
}

static bool end_check(const struct end *d, struct err *e)
{
        if (d->size > d->at || d->offset != d->at - d->size)
                return err_set(e, ERR_MALFORMED, "the directory does not end where its end record begins");
        if (d->entries > ZIP_ENTRIES_MAX)
                return err_set(e, ERR_LIMIT, "%llu entries in the zip, at most %u", (unsigned long long)d->entries,
                    ZIP_ENTRIES_MAX);
        if (d->size > ZIP_DIRECTORY_MAX)
                return err_set(e, ERR_LIMIT, "a directory of %llu bytes, at most %u", (unsigned long long)d->size,
                    ZIP_DIRECTORY_MAX);
        if (d->entries * ENTRY_SIZE > d->size)
                return err_set(e, ERR_MALFORMED, "%llu entries do not fit into %llu bytes of directory",
                    (unsigned long long)d->entries, (unsigned long long)d->size);
        return true;
}

static bool directory_read(struct zip *z, const struct end *d, struct err *e)
{
        size_t got;
        uint8_t *to;

        z->directory.max = ZIP_DIRECTORY_MAX + 1;
        to = buf_reserve(&z->directory, (size_t)d->size);
        if (!to)
                return err_set(e, ERR_BUG, "no room for the directory");
        if (!fd_pread_full(z->window.fd, d->offset, to, (size_t)d->size, &got, e))
                return false;
        if (got != d->size)
                return err_set(e, ERR_MALFORMED, "the file became shorter while it was read");
        z->directory.len = got;
        return true;
}

/* Of the three wide numbers only those stand in the zip64 field whose narrow place is all ones (APPNOTE 4.5.3). */
static bool entry_widen(struct zip_member *m, struct span extra)
{
        struct span wide;
        struct cursor c;

        if (!zip_extra_zip64(extra, &wide))
                return false;
        if (wide.len == 0)
                return true;
        c = (struct cursor){.rest = wide};
        if (m->plain == UINT32_MAX)
                m->plain = cursor_u64le(&c);
        if (m->compressed == UINT32_MAX)
                m->compressed = cursor_u64le(&c);
        if (m->offset == UINT32_MAX)
                m->offset = cursor_u64le(&c);
        return !c.failed;
}

static bool entry_parse(struct cursor *c, size_t directory_len, struct zip_member *ret, struct err *e)
{
        struct zip_member m = {0};
        uint16_t extra_len, comment_len, disk;
        uint32_t signature = cursor_u32le(c);
        struct span extra;

        cursor_take(c, 4); /* versions */
        m.flags = cursor_u16le(c);
        m.method = cursor_u16le(c);
        cursor_take(c, 4); /* time, date */
        m.crc = cursor_u32le(c);
        m.compressed = cursor_u32le(c);
        m.plain = cursor_u32le(c);
        m.name_len = cursor_u16le(c);
        extra_len = cursor_u16le(c);
        comment_len = cursor_u16le(c);
        disk = cursor_u16le(c);
        cursor_take(c, 6); /* attributes */
        m.offset = cursor_u32le(c);
        m.name_at = (uint32_t)(directory_len - c->rest.len);
        cursor_take(c, m.name_len);
        extra = cursor_take(c, extra_len);
        cursor_take(c, comment_len);
        if (c->failed || signature != ENTRY_SIG)
                return err_set(e, ERR_MALFORMED, "the directory is damaged");
        if (m.name_len == 0)
                return err_set(e, ERR_MALFORMED, "it has no name");
        if (m.name_len > SOURCE_PATH_MAX)
                return err_set(e, ERR_LIMIT, "a name of %u bytes, at most %u", m.name_len, SOURCE_PATH_MAX);
        if (disk != 0)
                return err_set(e, ERR_UNSUPPORTED, "the zip is split over several disks");
        if (!entry_widen(&m, extra))
                return err_set(e, ERR_MALFORMED, "its extra fields are damaged");
        *ret = m;
        return true;
}

static int offset_compare(const void *a, const void *b)
{
        const struct zip_member *x = a, *y = b;

        return x->offset < y->offset ? -1 : x->offset > y->offset;
}

/* Sorts, and refuses an archive of which one byte would count twice: the trick of the zip bombs that need no nesting. */
static bool members_part(struct zip *z, uint64_t directory_at, struct err *e)
{
        bool sorted = true;

        for (size_t i = 1; i < z->n && sorted; i++)
                sorted = z->members[i - 1].offset <= z->members[i].offset;
        if (!sorted)
                qsort(z->members, z->n, sizeof(*z->members), offset_compare);
        for (size_t i = 0; i < z->n; i++) {
                struct zip_member *m = &z->members[i];
                char safe[200];
                m->limit = i + 1 < z->n ? z->members[i + 1].offset : directory_at;
                if (m->offset <= m->limit && m->limit - m->offset >= LOCAL_SIZE + (uint64_t)m->name_len &&
                    m->limit - m->offset - LOCAL_SIZE - m->name_len >= m->compressed)
                        continue;
                return err_set(e, ERR_MALFORMED, "%s reaches into what follows it in the zip",
                    span_printable(zip_member_name(z, m), safe, sizeof(safe)));
        }
        return true;
}

bool zip_open(int fd, struct zip *ret, struct err *e)
{
        struct cursor c;
        struct end d = {0};

        if (!window_open(fd, &ret->window, e) || !end_find(ret, &d, e) || !end_widen(ret, &d, e) || !end_check(&d, e) ||
            !directory_read(ret, &d, e))
                return false;
        ret->inflate = inflate_new();
        ret->members = heap_realloc(NULL, (size_t)d.entries + 1, sizeof(*ret->members));
        c = (struct cursor){.rest = buf_span(&ret->directory)};
        for (ret->n = 0; ret->n < d.entries; ret->n++)
                if (!entry_parse(&c, ret->directory.len, &ret->members[ret->n], e))
                        return err_wrap(e, "entry %zu of the zip", ret->n + 1);
        if (!cursor_at_end(&c))
                return err_set(e, ERR_MALFORMED, "the directory goes on after its last entry");
        return members_part(ret, d.offset, e);
}
