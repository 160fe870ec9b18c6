/*
 * Writes tar archives, right ones and wrong ones, for tests and for test/tools/mktar. Not part of the product: nothing
 * is checked, fields are cut to their size.
 */
#pragma once

#include "base/base.h"

struct tar_item {
        const char *path; /* longer than 100 bytes: a pax header goes before */
        char type;        /* 0: '0' */
        const char *link;
        struct span content;
        uint64_t size; /* in the header; 0: content.len */
        uint32_t mode, uid, gid;
        int64_t mtime;
        uint32_t dev_major, dev_minor;
};

static inline void tar_make_checksum(uint8_t block[512])
{
        unsigned sum = 0;
        char text[8];

        memset(block + 148, ' ', 8);
        for (size_t i = 0; i < 512; i++)
                sum += block[i];
        snprintf(text, sizeof(text), "%06o", sum & 0777777u);
        memcpy(block + 148, text, 7);
}

static inline void tar_make_octal(uint8_t *to, size_t len, uint64_t v)
{
        char text[32];
        int n = snprintf(text, sizeof(text), "%0*llo", (int)len - 1, (unsigned long long)v);

        if ((size_t)n < len) {
                memcpy(to, text, (size_t)n + 1);
                return;
        }
        memset(to, 0, len); /* base-256, as GNU has it */
        to[0] = 0x80;
        for (size_t i = len; v > 0 && i > 1; i--, v >>= 8)
                to[i - 1] = (uint8_t)v;
}

static inline void tar_make_text(uint8_t *to, size_t max, const char *text)
{
        size_t n = text ? strlen(text) : 0;

        memcpy(to, text ? text : "", n < max ? n : max);
}

static inline void tar_make_header(uint8_t block[512], const struct tar_item *i)
{
        memset(block, 0, 512);
        tar_make_text(block, 100, i->path);
        tar_make_octal(block + 100, 8, i->mode);
        tar_make_octal(block + 108, 8, i->uid);
        tar_make_octal(block + 116, 8, i->gid);
        tar_make_octal(block + 124, 12, i->size ? i->size : i->content.len);
        tar_make_octal(block + 136, 12, (uint64_t)i->mtime);
        block[156] = (uint8_t)(i->type ? i->type : '0');
        tar_make_text(block + 157, 100, i->link);
        memcpy(block + 257, "ustar\00000", 8);
        tar_make_octal(block + 329, 8, i->dev_major);
        tar_make_octal(block + 337, 8, i->dev_minor);
        tar_make_checksum(block);
}

static inline void tar_make_pad(struct buf *to)
{
        static const uint8_t zeros[512];

        buf_put(to, span_bytes(zeros, (512 - to->len % 512) % 512));
}

/* A header as it stands and its content, padded: what is before it must be whole blocks. */
static inline void tar_make_raw(struct buf *to, const struct tar_item *i)
{
        uint8_t block[512];

        tar_make_header(block, i);
        buf_put(to, span_bytes(block, 512));
        buf_put(to, i->content);
        tar_make_pad(to);
}

/* An extended header: flag x, g, L or K. */
static inline void tar_make_extended(struct buf *to, char flag, struct span content)
{
        tar_make_raw(to, &(struct tar_item){.path = "././@ext", .type = flag, .content = content, .mode = 0644});
}

/* One pax record with its own length in front. */
static inline void tar_make_record(struct buf *to, const char *key, struct span value)
{
        size_t rest = strlen(key) + value.len + 3, len = rest + 1, digits;

        do {
                digits = (size_t)snprintf(NULL, 0, "%zu", len);
                len = rest + digits;
        } while ((size_t)snprintf(NULL, 0, "%zu", len) != digits);
        buf_printf(to, "%zu %s=", len, key);
        buf_put(to, value);
        buf_put_u8(to, '\n');
}

static inline void tar_make(struct buf *to, const struct tar_item *i)
{
        struct buf records CLEANUP(buf_done) = {0};

        if (strlen(i->path) > 100)
                tar_make_record(&records, "path", span_of(i->path));
        if (i->link && strlen(i->link) > 100)
                tar_make_record(&records, "linkpath", span_of(i->link));
        if (records.len > 0)
                tar_make_extended(to, 'x', buf_span(&records));
        tar_make_raw(to, i);
}

static inline void tar_make_end(struct buf *to)
{
        static const uint8_t zeros[1024];

        buf_put(to, span_bytes(zeros, sizeof(zeros)));
}
