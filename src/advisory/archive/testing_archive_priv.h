/* For this room's tests: zip and tar files made in memory, right ones, whose bytes a test then makes wrong. */
#pragma once

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include "advisory/archive/archive_priv.h"

#define TESTING_FILES_MAX 16u

struct testing_member {
        const char *name;
        struct span content;
        bool stored;
};

struct testing_zip {
        struct buf b;
        bool zip64, descriptor;
        struct span comment;
        /* where things are, for patching */
        size_t local[TESTING_FILES_MAX], central[TESTING_FILES_MAX], n;
        size_t directory, end64, locator, end;
};

/* zlib here, so that what libdeflate reads was written by another. */
static inline void testing_deflate(struct span plain, struct buf *to)
{
        z_stream z = {.next_in = (uint8_t *)(uintptr_t)plain.at, .avail_in = (uInt)plain.len};
        size_t bound;

        if (deflateInit2(&z, 9, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY) != Z_OK)
                abort();
        bound = deflateBound(&z, plain.len);
        z.next_out = buf_reserve(to, bound);
        z.avail_out = (uInt)bound;
        if (!z.next_out || deflate(&z, Z_FINISH) != Z_STREAM_END)
                abort();
        to->len += z.total_out;
        deflateEnd(&z);
}

struct testing_sizes {
        uint32_t crc;
        uint64_t compressed, plain, offset;
};

static inline void testing_zip_header(
    struct testing_zip *z, const struct testing_member *m, const struct testing_sizes *s, bool central)
{
        bool late = z->descriptor && !central;
        struct buf extra CLEANUP(buf_done) = {0};

        if (z->zip64 && !late) {
                buf_put_u16le(&extra, 1);
                buf_put_u16le(&extra, central ? 24 : 16);
                buf_put_u64le(&extra, s->plain);
                buf_put_u64le(&extra, s->compressed);
                if (central)
                        buf_put_u64le(&extra, s->offset);
        }
        buf_put_text(&z->b, central ? "PK\1\2" : "PK\3\4");
        if (central)
                buf_put_u16le(&z->b, 45);
        buf_put_u16le(&z->b, 45);
        buf_put_u16le(&z->b, z->descriptor ? 8 : 0);
        buf_put_u16le(&z->b, m->stored ? 0 : 8);
        buf_put_u32le(&z->b, 0x21);
        buf_put_u32le(&z->b, late ? 0 : s->crc);
        buf_put_u32le(&z->b, late ? 0 : extra.len ? UINT32_MAX : (uint32_t)s->compressed);
        buf_put_u32le(&z->b, late ? 0 : extra.len ? UINT32_MAX : (uint32_t)s->plain);
        buf_put_u16le(&z->b, (uint16_t)strlen(m->name));
        buf_put_u16le(&z->b, (uint16_t)extra.len);
        if (central) {
                buf_put_u16le(&z->b, 0); /* comment */
                buf_put_u16le(&z->b, 0); /* disk */
                buf_put_u16le(&z->b, 0);
                buf_put_u32le(&z->b, 0);
                buf_put_u32le(&z->b, extra.len ? UINT32_MAX : (uint32_t)s->offset);
        }
        buf_put_text(&z->b, m->name);
        buf_put(&z->b, buf_span(&extra));
}

static inline void testing_zip_end(struct testing_zip *z, uint64_t size)
{
        if (z->zip64) {
                z->end64 = z->b.len;
                buf_put_text(&z->b, "PK\6\6");
                buf_put_u64le(&z->b, 44);
                buf_put_u32le(&z->b, 45 << 16 | 45);
                buf_put_u64le(&z->b, 0); /* disks */
                buf_put_u64le(&z->b, z->n);
                buf_put_u64le(&z->b, z->n);
                buf_put_u64le(&z->b, size);
                buf_put_u64le(&z->b, z->directory);
                z->locator = z->b.len;
                buf_put_text(&z->b, "PK\6\7");
                buf_put_u32le(&z->b, 0);
                buf_put_u64le(&z->b, z->end64);
                buf_put_u32le(&z->b, 1);
        }
        z->end = z->b.len;
        buf_put_text(&z->b, "PK\5\6");
        buf_put_u32le(&z->b, 0);
        buf_put_u16le(&z->b, z->zip64 ? UINT16_MAX : (uint16_t)z->n);
        buf_put_u16le(&z->b, z->zip64 ? UINT16_MAX : (uint16_t)z->n);
        buf_put_u32le(&z->b, z->zip64 ? UINT32_MAX : (uint32_t)size);
        buf_put_u32le(&z->b, z->zip64 ? UINT32_MAX : (uint32_t)z->directory);
        buf_put_u16le(&z->b, (uint16_t)z->comment.len);
        buf_put(&z->b, z->comment);
}

/* `z` says how (zip64, descriptor, comment); the rest is filled. */
static inline void testing_zip_make(struct testing_zip *z, const struct testing_member *files, size_t n)
{
        struct testing_sizes *sizes CLEANUP(heap_freep) = heap_alloc((n + 1) * sizeof(*sizes));

        buf_clear(&z->b);
        z->n = n;
        for (size_t i = 0; i < n; i++) {
                struct buf data CLEANUP(buf_done) = {0};
                const struct testing_member *m = &files[i];
                if (m->stored)
                        buf_put(&data, m->content);
                else
                        testing_deflate(m->content, &data);
                sizes[i] = (struct testing_sizes){.crc = (uint32_t)crc32(0, m->content.at, (uInt)m->content.len),
                    .compressed = data.len,
                    .plain = m->content.len,
                    .offset = z->b.len};
                if (i < TESTING_FILES_MAX)
                        z->local[i] = z->b.len;
                testing_zip_header(z, m, &sizes[i], false);
                buf_put(&z->b, buf_span(&data));
                if (z->descriptor) {
                        buf_put_text(&z->b, "PK\7\10");
                        buf_put_u32le(&z->b, sizes[i].crc);
                        buf_put_u32le(&z->b, (uint32_t)sizes[i].compressed);
                        buf_put_u32le(&z->b, (uint32_t)sizes[i].plain);
                }
        }
        z->directory = z->b.len;
        for (size_t i = 0; i < n; i++) {
                if (i < TESTING_FILES_MAX)
                        z->central[i] = z->b.len;
                testing_zip_header(z, &files[i], &sizes[i], true);
        }
        testing_zip_end(z, z->b.len - z->directory);
        if (z->b.failed)
                abort();
}

static inline void testing_zip_done(struct testing_zip *z)
{
        buf_done(&z->b);
}

/* Writes the `n` low bytes of `v` at `at`. */
static inline void testing_patch(struct buf *b, size_t at, uint64_t v, size_t n)
{
        if (at + n > b->len)
                abort();
        for (size_t i = 0; i < n; i++)
                b->at[at + i] = (uint8_t)(v >> (8 * i));
}

/* ---- tar ---- */

static inline void testing_tar_checksum(uint8_t block[512])
{
        unsigned sum = 0;

        memset(block + 148, ' ', 8);
        for (size_t i = 0; i < 512; i++)
                sum += block[i];
        snprintf((char *)block + 148, 8, "%06o", sum & 0777777u);
}

static inline void testing_tar_add(struct buf *to, const char *name, char type, struct span content)
{
        uint8_t block[512] = {0};

        memcpy(block, name, strlen(name) < 100 ? strlen(name) : 100);
        snprintf((char *)block + 124, 12, "%011zo", content.len & 077777777777u);
        block[156] = (uint8_t)type;
        memcpy(block + 257, "ustar\00000", 8);
        testing_tar_checksum(block);
        buf_put(to, span_bytes(block, 512));
        buf_put(to, content);
        while (to->len % 512)
                buf_put_u8(to, 0);
}

static inline void testing_tar_end(struct buf *to)
{
        static const uint8_t zeros[1024];

        buf_put(to, span_bytes(zeros, sizeof(zeros)));
}

/* ---- what a walk gave ---- */

struct testing_walk {
        unsigned members, refused;
        char names[4000]; /* of members, "|" after each */
        char last_refused[300];
        struct err why;     /* of the last refusal */
        struct buf content; /* of the last member */
        struct err e;
};

static inline bool testing_member_take(void *ctx, struct span name, struct span content, struct err *e)
{
        struct testing_walk *w = ctx;
        size_t n = strlen(w->names);

        (void)e;
        w->members++;
        snprintf(w->names + n, sizeof(w->names) - n, "%.*s|", SPAN_FMT(name));
        buf_clear(&w->content);
        buf_put(&w->content, content);
        return true;
}

static inline bool testing_member_refuse(void *ctx, struct span name, const struct err *why, struct err *e)
{
        struct testing_walk *w = ctx;

        (void)e;
        w->refused++;
        w->why = *why;
        snprintf(w->last_refused, sizeof(w->last_refused), "%.*s", SPAN_FMT(name));
        return true;
}

static inline void testing_walk_progress(void *ctx, uint64_t done)
{
        (void)ctx;
        (void)done;
}

static inline void testing_walk_done(struct testing_walk *w)
{
        buf_done(&w->content);
}

typedef bool testing_walker(int fd, struct archive_part part, const struct archive_sink *sink, struct err *e);

static inline bool testing_walk_part(
    testing_walker *walk, struct span archive, struct archive_part part, struct testing_walk *ret)
{
        int fd CLEANUP(fd_close) = memfd_create("testing", MFD_CLOEXEC);
        const struct archive_sink sink = {testing_member_take, testing_member_refuse, testing_walk_progress, ret};

        if (fd < 0 || !fd_write_all(fd, archive, NULL))
                abort();
        return walk(fd, part, &sink, &ret->e);
}

static inline bool testing_walk_all(testing_walker *walk, struct span archive, struct testing_walk *ret)
{
        buf_done(&ret->content);
        *ret = (struct testing_walk){0};
        return testing_walk_part(walk, archive, (struct archive_part){0, 1}, ret);
}
