/* For the tests: zip archives made by hand, right ones and hostile ones. */
#pragma once

#include <libdeflate.h>

#include "inventory/detect_test_priv.h"
#include "inventory/jvm/zip_priv.h"

#define ZIP_FILE_ENTRIES 32u

enum zip_tail { TAIL_NONE = 0, TAIL_SIGNED, TAIL_BARE, TAIL_SIGNED_64, TAIL_BARE_64 };

/* What an entry's header says; what is zero is told from the content. */
struct zip_made {
        uint16_t method, flags;
        enum zip_tail tail; /* sizes behind the content */
        bool zip64;         /* sizes in the extra field */
};

struct zip_file {
        struct buf b;
        struct {
                const char *name;
                struct zip_facts facts;
        } entries[ZIP_FILE_ENTRIES];
        size_t n;
        uint64_t directory_at;
};

static inline struct span zip_deflate(struct span plain, struct buf *to)
{
        struct libdeflate_compressor *c = libdeflate_alloc_compressor(6);
        size_t max = libdeflate_deflate_compress_bound(c, plain.len);
        uint8_t *at = buf_reserve(to, max);

        size_t n = libdeflate_deflate_compress(c, plain.at ? plain.at : (const uint8_t *)"", plain.len, at, max);
        assert_true(n > 0);
        to->len += n;
        libdeflate_free_compressor(c);
        return buf_span(to);
}

static inline void zip_put_sizes(struct zip_file *z, const struct zip_facts *f, bool wide)
{
        if (wide) {
                buf_put_u64le(&z->b, f->stored);
                buf_put_u64le(&z->b, f->plain);
        } else {
                buf_put_u32le(&z->b, (uint32_t)f->stored);
                buf_put_u32le(&z->b, (uint32_t)f->plain);
        }
}

static inline void zip_put_local(struct zip_file *z, const char *name, const struct zip_facts *f, bool zip64)
{
        bool later = f->flags & ZIP_FLAG_DESCRIPTOR;

        buf_put_u32le(&z->b, ZIP_LOCAL);
        buf_put_u16le(&z->b, 20);
        buf_put_u16le(&z->b, f->flags);
        buf_put_u16le(&z->b, f->method);
        buf_put_u32le(&z->b, 0x5a215a21);
        buf_put_u32le(&z->b, later ? 0 : f->crc);
        if (zip64 || later)
                zip_put_sizes(
                    z, &(struct zip_facts){.stored = zip64 ? UINT32_MAX : 0, .plain = zip64 ? UINT32_MAX : 0}, false);
        else
                zip_put_sizes(z, f, false);
        buf_put_u16le(&z->b, (uint16_t)strlen(name));
        buf_put_u16le(&z->b, zip64 ? 20 : 0);
        buf_put_text(&z->b, name);
        if (zip64) {
                buf_put_u16le(&z->b, 1);
                buf_put_u16le(&z->b, 16);
                buf_put_u64le(&z->b, f->plain);
                buf_put_u64le(&z->b, f->stored);
        }
}

static inline void zip_list(struct zip_file *z, const char *name, const struct zip_facts *f)
{
        assert_true(z->n < ZIP_FILE_ENTRIES);
        z->entries[z->n].name = name;
        z->entries[z->n++].facts = *f;
}

static inline void zip_add_as(struct zip_file *z, const char *name, struct span content, const struct zip_made *how)
{
        CLEANUP(buf_done) struct buf deflated = {0};
        struct span stored = how->method == ZIP_DEFLATED ? zip_deflate(content, &deflated) : content;
        struct zip_facts f = {.at = z->b.len,
            .stored = stored.len,
            .plain = content.len,
            .crc = zip_crc(0, content),
            .method = how->method,
            .flags = (uint16_t)(how->flags | (how->tail ? ZIP_FLAG_DESCRIPTOR : 0))};

        zip_put_local(z, name, &f, how->zip64);
        buf_put(&z->b, stored);
        if (how->tail == TAIL_SIGNED || how->tail == TAIL_SIGNED_64)
                buf_put_u32le(&z->b, ZIP_DESCRIPTOR);
        if (how->tail) {
                buf_put_u32le(&z->b, f.crc);
                zip_put_sizes(z, &f, how->tail == TAIL_SIGNED_64 || how->tail == TAIL_BARE_64);
        }
        zip_list(z, name, &f);
}

static inline void zip_add(struct zip_file *z, const char *name, const char *text)
{
        zip_add_as(z, name, span_of(text), &(struct zip_made){.method = ZIP_DEFLATED, .tail = TAIL_SIGNED});
}

static inline void zip_store(struct zip_file *z, const char *name, struct span content)
{
        zip_add_as(z, name, content, &(struct zip_made){.method = ZIP_STORED});
}

static inline void zip_directory(struct zip_file *z, uint64_t base)
{
        z->directory_at = z->b.len;
        for (size_t i = 0; i < z->n; i++) {
                const struct zip_facts *f = &z->entries[i].facts;
                buf_put_u32le(&z->b, ZIP_CENTRAL);
                buf_put_u32le(&z->b, 0x00140014);
                buf_put_u16le(&z->b, f->flags);
                buf_put_u16le(&z->b, f->method);
                buf_put_u32le(&z->b, 0x5a215a21);
                buf_put_u32le(&z->b, f->crc);
                zip_put_sizes(z, f, false);
                buf_put_u16le(&z->b, (uint16_t)strlen(z->entries[i].name));
                buf_put_u32le(&z->b, 0); /* extra, comment */
                buf_put_u64le(&z->b, 0); /* disk, attributes */
                buf_put_u32le(&z->b, (uint32_t)(f->at - base));
                buf_put_text(&z->b, z->entries[i].name);
        }
}

static inline void zip_end(struct zip_file *z, size_t count, uint64_t base, const char *comment)
{
        uint64_t size = z->b.len - z->directory_at;

        buf_put_u32le(&z->b, ZIP_END);
        buf_put_u32le(&z->b, 0);
        buf_put_u16le(&z->b, (uint16_t)count);
        buf_put_u16le(&z->b, (uint16_t)count);
        buf_put_u32le(&z->b, (uint32_t)size);
        buf_put_u32le(&z->b, (uint32_t)(z->directory_at - base));
        buf_put_u16le(&z->b, (uint16_t)strlen(comment));
        buf_put_text(&z->b, comment);
}

static inline struct span zip_finish(struct zip_file *z)
{
        zip_directory(z, 0);
        zip_end(z, z->n, 0, "");
        return buf_span(&z->b);
}
