/* The walk over the archive: which record comes next, and where it ends. What an entry holds is zip_content.c's. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "inventory/jvm/zip_walk_priv.h"

#define RECORD_LEN 4u /* a signature */
#define LOCAL_LEN 26u /* behind the signature */
#define CENTRAL_LEN 42u
#define END_LEN 18u
#define END64_LEN 52u
#define LOCATOR_LEN 16u
#define HOLD_MAX (4u * 65536u) /* bytes: three texts of a record */

#define NAME_SHOWN 160u

struct zip_budget zip_budget_of(uint64_t size)
{
        uint64_t plain = size < JAR_PLAIN_MAX / JAR_PLAIN_RATIO ? size * JAR_PLAIN_RATIO : JAR_PLAIN_MAX;

        return (struct zip_budget){
            .plain = plain < JAR_PLAIN_MAX - JAR_PLAIN_BASE ? plain + JAR_PLAIN_BASE : JAR_PLAIN_MAX,
            .entries = JAR_ENTRIES_MAX};
}

struct zip_stream *zip_stream_new(const struct zip_sink *sink, struct zip_budget *budget)
{
        struct zip_stream *z = heap_alloc(sizeof(*z));

        z->sink = *sink;
        z->budget = budget;
        z->directory = zip_directory_new();
        z->hold.max = HOLD_MAX;
        z->step = ZIP_STEP_SEEK;
        return z;
}

void zip_stream_free(struct zip_stream *z)
{
        if (!z)
                return;
        zip_directory_free(z->directory);
        zip_inflate_free(z->inflate);
        buf_done(&z->hold);
        free(z);
}

void zip_note(struct zip_stream *z, const char *fmt, ...)
{
        char text[512];
        va_list args;

        va_start(args, fmt);
        vsnprintf(text, sizeof(text), fmt, args);
        va_end(args);
        z->sink.note(z->sink.ctx, text);
}

void zip_note_entry(struct zip_stream *z, const char *what)
{
        char shown[NAME_SHOWN];

        zip_note(z, "entry \"%s\" at %llu: %s",
            span_printable(span_bytes(z->entry.name, z->entry.name_len), shown, sizeof(shown)),
            (unsigned long long)z->entry.facts.at, what);
}

void zip_go(struct zip_stream *z, enum zip_step step, size_t want)
{
        z->step = step;
        z->want = want;
        buf_clear(&z->hold);
}

void zip_next(struct zip_stream *z)
{
        zip_go(z, ZIP_STEP_RECORD, RECORD_LEN);
}

void zip_stop(struct zip_stream *z)
{
        z->budget->spent = true;
        zip_go(z, ZIP_STEP_STOPPED, 0);
}

void zip_lost(struct zip_stream *z)
{
        z->window = 0;
        zip_go(z, ZIP_STEP_SEEK, 0);
}

void zip_again(struct zip_stream *z, struct span held)
{
        uint8_t copy[ZIP_AGAIN_MAX];

        memcpy(copy, held.at, held.len);
        z->at -= held.len;
        zip_stream_data(z, (struct span){copy, held.len});
}

/* ---- local headers ---- */

static bool zip64_extra(struct span extra, struct cursor *ret)
{
        struct cursor c = {.rest = extra};

        while (c.rest.len >= 4) {
                uint16_t id = cursor_u16le(&c), len = cursor_u16le(&c);
                struct span field = cursor_take(&c, len);
                if (c.failed)
                        return false;
                if (id == 1) {
                        *ret = (struct cursor){.rest = field};
                        return true;
                }
        }
        return false;
}

/* Sizes of 2^32 - 1 stand for those in the extra field, plain first (APPNOTE 4.5.3). False: they are not there. */
static bool sizes64(struct zip_facts *f, struct span extra, bool with_offset)
{
        struct cursor c = {0};
        bool has = zip64_extra(extra, &c);

        if (f->plain == UINT32_MAX)
                f->plain = cursor_u64le(&c);
        if (f->stored == UINT32_MAX)
                f->stored = cursor_u64le(&c);
        if (with_offset && f->at == UINT32_MAX)
                f->at = cursor_u64le(&c);
        return !c.failed || (!has && with_offset); /* an offset or size may be just that */
}

static void local_head(struct zip_stream *z, struct span head)
{
        struct cursor c = {.rest = head};
        uint16_t version = cursor_u16le(&c);
        struct zip_facts f = {.at = z->at - LOCAL_LEN - RECORD_LEN};

        f.flags = cursor_u16le(&c);
        f.method = cursor_u16le(&c);
        cursor_u32le(&c); /* time and date */
        f.crc = cursor_u32le(&c);
        f.stored = cursor_u32le(&c);
        f.plain = cursor_u32le(&c);
        z->name_len = cursor_u16le(&c);
        z->extra_len = cursor_u16le(&c);
        z->entry.facts = f;
        if (z->sought && ((version & 0xff) > 63 || f.method > 99 || z->name_len == 0 || z->name_len > ZIP_NAME_MAX)) {
                zip_lost(z); /* it only looked like one */
                zip_again(z, head);
                return;
        }
        if (z->ended) {
                zip_note(z, "another archive begins at %llu, behind the end of the first", (unsigned long long)f.at);
                zip_directory_clear(z->directory);
                z->ended = z->central = z->end64.known = false;
        } else if (z->sought && z->found) {
                zip_note(z, "what stands from %llu to %llu is no part of the archive", (unsigned long long)z->lost_at,
                    (unsigned long long)f.at);
        }
        z->found = true;
        z->sought = false;
        if (z->name_len == 0) {
                zip_note(z, "an entry without a name at %llu", (unsigned long long)f.at);
                z->lost_at = z->at;
                zip_lost(z);
                return;
        }
        if (z->budget->entries == 0) {
                zip_note(z, "more than %u entries: the others are not read", JAR_ENTRIES_MAX);
                zip_stop(z);
                return;
        }
        z->budget->entries--;
        zip_go(z, ZIP_STEP_LOCAL_NAMES, z->name_len + z->extra_len);
}

static void local_names(struct zip_stream *z, struct span names)
{
        struct zip_entry shown = {.at = z->entry.facts.at};
        struct zip_current *e = &z->entry;
        bool wanted = false, sizes;

        shown.name = span_cut(names, 0, z->name_len);
        shown.folder = span_ends(shown.name, "/");
        e->name_len = z->name_len < ZIP_NAME_MAX ? z->name_len : ZIP_NAME_MAX;
        memcpy(e->name, shown.name.at, e->name_len);
        sizes = sizes64(&e->facts, span_from(names, z->name_len), false);
        shown.twice = zip_directory_add(z->directory, shown.name, shown.at);
        if (z->central)
                zip_note_entry(z, "it stands behind the central directory");
        if (z->name_len > ZIP_NAME_MAX)
                zip_note_entry(z, "not read: its name is too long");
        else
                wanted = z->sink.entry(z->sink.ctx, &shown);
        if (!sizes && !(e->facts.flags & ZIP_FLAG_DESCRIPTOR)) {
                if (wanted)
                        z->sink.end(z->sink.ctx, false);
                zip_note_entry(z, "its size is not stated");
                z->lost_at = z->at;
                zip_lost(z);
                return;
        }
        zip_content_begin(z, wanted);
}

/* ---- the central directory ---- */

static void disagree(struct zip_stream *z, uint64_t at, const char *what, struct span name)
{
        char shown[NAME_SHOWN];

        if (z->disagreements++ >= ZIP_DISAGREEMENTS_MAX)
                return;
        if (name.len > 0)
                zip_note(z, "central directory and local headers disagree at %llu, \"%s\": %s", (unsigned long long)at,
                    span_printable(name, shown, sizeof(shown)), what);
        else
                zip_note(z, "central directory and local headers disagree at %llu: %s", (unsigned long long)at, what);
}

static void central_head(struct zip_stream *z, struct span head)
{
        struct cursor c = {.rest = head};
        struct zip_facts *f = &z->record;
        uint16_t comment_len;

        z->record_at = z->at - CENTRAL_LEN - RECORD_LEN;
        cursor_u32le(&c); /* versions */
        f->flags = cursor_u16le(&c);
        f->method = cursor_u16le(&c);
        cursor_u32le(&c);
        f->crc = cursor_u32le(&c);
        f->stored = cursor_u32le(&c);
        f->plain = cursor_u32le(&c);
        z->name_len = cursor_u16le(&c);
        z->extra_len = cursor_u16le(&c);
        comment_len = cursor_u16le(&c);
        cursor_take(&c, 8); /* disk, attributes */
        f->at = cursor_u32le(&c);
        if (z->name_len == 0) {
                disagree(z, z->record_at, "a record without a name", (struct span){0});
                z->lost_at = z->at;
                zip_lost(z);
                return;
        }
        if (!z->central) {
                z->central = true;
                z->central_at = z->record_at;
        }
        z->found = true;
        z->sought = false;
        zip_go(z, ZIP_STEP_CENTRAL_NAMES, z->name_len + z->extra_len + comment_len);
}

static void central_names(struct zip_stream *z, struct span names)
{
        static const char *const texts[] = {
            [ZIP_NO_LOCAL] = "the directory alone knows this entry",
            [ZIP_ELSEWHERE] = "the directory has the entry at another place",
            [ZIP_OTHER_SIZE] = "size or checksum is another",
            [ZIP_OTHER_METHOD] = "method or encryption is another",
        };
        struct span name = span_cut(names, 0, z->name_len);
        struct span extra = span_cut(names, z->name_len, z->extra_len);
        enum zip_agreement how;

        z->central_end = z->at;
        if (!sizes64(&z->record, extra, true))
                disagree(z, z->record_at, "a size is not stated", name);
        how = zip_directory_compare(z->directory, name, &z->record);
        if (how != ZIP_AGREES)
                disagree(z, z->record_at, texts[how], name);
        zip_next(z);
}

/* Zip64's end record, for archives of 65,535 entries or 4 GiB and more. */
static void end64(struct zip_stream *z, struct span record)
{
        struct cursor c = {.rest = record};
        uint64_t size = cursor_u64le(&c);

        cursor_take(&c, 4 + 4 + 4 + 8); /* versions, disks, entries on this disk */
        z->end64.known = true;
        z->end64.count = cursor_u64le(&c);
        z->end64.size = cursor_u64le(&c);
        z->end64.at = cursor_u64le(&c);
        if (size > END64_LEN - 8) {
                z->left = size - (END64_LEN - 8);
                zip_go(z, ZIP_STEP_PASS, 0);
                return;
        }
        zip_next(z);
}

static void unlisted(struct zip_stream *z)
{
        size_t from = 0;
        uint64_t at;

        while (zip_directory_unlisted(z->directory, &from, &at))
                disagree(z, at, "an entry that the directory does not know", (struct span){0});
}

static void end_record(struct zip_stream *z, struct span record)
{
        struct cursor c = {.rest = record};
        uint64_t at = z->at - END_LEN - RECORD_LEN, count, size, offset;
        uint64_t counted = zip_directory_compared(z->directory);
        uint64_t length = z->central ? z->central_end - z->central_at : 0;
        bool disks = cursor_u32le(&c) != 0;

        cursor_u16le(&c); /* entries on this disk */
        count = cursor_u16le(&c);
        size = cursor_u32le(&c);
        offset = cursor_u32le(&c);
        if (!z->found && (disks || count > 0 || size > 0)) {
                zip_lost(z); /* bytes of a program in front of the archive: only an empty one begins with its end */
                zip_again(z, record);
                return;
        }
        z->comment_end = z->at + cursor_u16le(&c);
        if (z->ended)
                zip_note(z, "another archive ends at %llu, behind the end of the first", (unsigned long long)at);
        if (z->end64.known && (count == UINT16_MAX || size == UINT32_MAX || offset == UINT32_MAX)) {
                count = z->end64.count;
                size = z->end64.size;
                offset = z->end64.at;
        } else {
                counted &= UINT16_MAX; /* archives without zip64's record have that many more */
        }
        if (disks)
                zip_note(z, "it is one part of a divided archive: the others are not read");
        if (!z->ended) {
                unlisted(z);
                if (count != counted)
                        disagree(z, at, "the number of entries is another", (struct span){0});
                if (size != length || (z->central && z->central_at != zip_directory_base(z->directory) + offset))
                        disagree(z, at, "the directory is not where the end record says", (struct span){0});
                if (z->disagreements > ZIP_DISAGREEMENTS_MAX)
                        zip_note(z, "central directory and local headers disagree at %u more places",
                            z->disagreements - ZIP_DISAGREEMENTS_MAX);
        }
        z->found = z->ended = true;
        z->sought = false;
        z->disagreements = 0;
        z->lost_at = z->at;
        zip_lost(z);
}

/* ---- which record ---- */

static bool record_begin(struct zip_stream *z, uint32_t signature)
{
        static const struct {
                uint32_t signature;
                enum zip_step step;
                size_t len;
        } records[] = {
            {ZIP_LOCAL, ZIP_STEP_LOCAL_HEAD, LOCAL_LEN},
            {ZIP_CENTRAL, ZIP_STEP_CENTRAL_HEAD, CENTRAL_LEN},
            {ZIP_END, ZIP_STEP_END, END_LEN},
            {ZIP_END64, ZIP_STEP_END64, END64_LEN},
            {ZIP_LOCATOR, ZIP_STEP_LOCATOR, LOCATOR_LEN},
        };

        for (size_t i = 0; i < ARRAY_LEN(records); i++) {
                if (records[i].signature != signature)
                        continue;
                zip_go(z, records[i].step, records[i].len);
                return true;
        }
        return false;
}

bool zip_is_record(uint32_t signature)
{
        return signature == ZIP_LOCAL || signature == ZIP_CENTRAL || signature == ZIP_END || signature == ZIP_END64;
}

static void record(struct zip_stream *z, struct span s)
{
        struct cursor c = {.rest = s};
        uint32_t signature = cursor_u32le(&c);

        if (record_begin(z, signature))
                return;
        z->lost_at = z->at - RECORD_LEN;
        zip_note(
            z, "no record of a zip archive begins at %llu: the next one is looked for", (unsigned long long)z->lost_at);
        zip_lost(z);
        zip_again(z, s);
}

static void locator(struct zip_stream *z, struct span s)
{
        (void)s;
        zip_next(z);
}

/* In front of the archive an entry or its end begins it; behind the first record any does. */
static bool may_begin(const struct zip_stream *z, uint32_t signature)
{
        return signature == ZIP_LOCAL || signature == ZIP_END ||
               (z->found && !z->ended && (signature == ZIP_CENTRAL || signature == ZIP_END64));
}

static size_t seek(struct zip_stream *z, struct span piece)
{
        size_t i = 0;

        while (i < piece.len) {
                if (z->window == 0) { /* nothing is begun: on to the next 'P' */
                        const uint8_t *p = memchr(piece.at + i, 'P', piece.len - i);
                        if (!p)
                                return piece.len;
                        i = (size_t)(p - piece.at);
                }
                z->window = z->window >> 8 | (uint32_t)piece.at[i++] << 24;
                if ((z->window & 0xffff) == 0x4b50 && may_begin(z, z->window)) {
                        z->sought = z->found || z->at + i > RECORD_LEN; /* not so at the file's first byte */
                        record_begin(z, z->window);
                        return i;
                }
                if (z->window >> 24 != 'P' && z->window >> 16 != 0x4b50 && (z->window >> 8 & 0xffff) != 0x4b50)
                        z->window = 0;
        }
        return piece.len;
}

static size_t pass(struct zip_stream *z, struct span piece)
{
        size_t n = piece.len < z->left ? piece.len : (size_t)z->left;

        z->left -= n;
        if (z->left == 0)
                zip_next(z);
        return n;
}

static const struct {
        void (*whole)(struct zip_stream *z, struct span held); /* once `want` bytes are together */
        size_t (*some)(struct zip_stream *z, struct span piece);
} steps[] = {
    [ZIP_STEP_SEEK] = {.some = seek},
    [ZIP_STEP_RECORD] = {.whole = record},
    [ZIP_STEP_LOCAL_HEAD] = {.whole = local_head},
    [ZIP_STEP_LOCAL_NAMES] = {.whole = local_names},
    [ZIP_STEP_STORED] = {.some = zip_content_stored},
    [ZIP_STEP_OPEN] = {.some = zip_content_open},
    [ZIP_STEP_OPEN_CHECK] = {.whole = zip_content_open_check},
    [ZIP_STEP_DEFLATED] = {.some = zip_content_deflated},
    [ZIP_STEP_SKIP] = {.some = zip_content_skip},
    [ZIP_STEP_DESCRIPTOR] = {.whole = zip_content_descriptor},
    [ZIP_STEP_CENTRAL_HEAD] = {.whole = central_head},
    [ZIP_STEP_CENTRAL_NAMES] = {.whole = central_names},
    [ZIP_STEP_END64] = {.whole = end64},
    [ZIP_STEP_LOCATOR] = {.whole = locator},
    [ZIP_STEP_END] = {.whole = end_record},
    [ZIP_STEP_PASS] = {.some = pass},
};

void zip_stream_data(struct zip_stream *z, struct span piece)
{
        while (piece.len > 0 && z->step != ZIP_STEP_STOPPED) {
                enum zip_step step = z->step;
                size_t n;

                if (!z->found && z->at >= ZIP_PREFIX_MAX && step == ZIP_STEP_SEEK) {
                        zip_go(z, ZIP_STEP_STOPPED, 0);
                        return;
                }
                if (steps[step].some) {
                        /* In small pieces, so that `at` is right when it matters. */
                        n = steps[step].some(z, piece);
                        z->at += n;
                } else {
                        n = z->want - z->hold.len < piece.len ? z->want - z->hold.len : piece.len;
                        buf_put(&z->hold, span_cut(piece, 0, n));
                        z->at += n;
                        if (z->hold.len == z->want)
                                steps[step].whole(z, buf_span(&z->hold));
                }
                piece = span_from(piece, n);
        }
}

bool zip_stream_end(struct zip_stream *z)
{
        bool broken = z->step != ZIP_STEP_STOPPED && !(z->step == ZIP_STEP_SEEK && z->ended);

        if (z->entry.open && z->entry.wanted)
                z->sink.end(z->sink.ctx, false);
        if (!z->found)
                return false;
        if (broken && z->entry.open)
                zip_note_entry(z, "the file ends within it: cut off, or not whole");
        else if (broken)
                zip_note(z, "the file ends at %llu, before the end of its central directory: cut off, or not whole",
                    (unsigned long long)z->at);
        else if (z->step != ZIP_STEP_STOPPED && z->at < z->comment_end)
                zip_note(z, "the file ends at %llu, within its comment: cut off", (unsigned long long)z->at);
        return true;
}

bool zip_stream_empty(const struct zip_stream *z)
{
        return z->at == 0;
}
