/* Headers and databases as rpm writes them, for tests. */
#pragma once

#include "inventory/detect_test_priv.h"
#include "inventory/os/rpm_priv.h"

static inline void be32(struct buf *b, uint32_t v)
{
        buf_put_u32le(b, __builtin_bswap32(v));
}

static inline void be32_set(uint8_t *at, uint32_t v)
{
        for (int i = 0; i < 4; i++)
                at[i] = (uint8_t)(v >> (24 - 8 * i));
}

static inline void le32_set(uint8_t *at, uint32_t v)
{
        be32_set(at, __builtin_bswap32(v));
}

/* ---- headers ---- */

struct header_maker {
        struct buf index, data;
        uint32_t n;
        bool region; /* as every package since rpm 4 has it */
};

static inline void make_entry(struct header_maker *m, uint32_t tag, uint32_t type, uint32_t count)
{
        be32(&m->index, tag);
        be32(&m->index, type);
        be32(&m->index, (uint32_t)m->data.len);
        be32(&m->index, count);
        m->n++;
}

static inline void make_texts(struct header_maker *m, uint32_t tag, uint32_t type, const char *const *texts, uint32_t n)
{
        make_entry(m, tag, type, n);
        for (uint32_t i = 0; i < n; i++)
                buf_put(&m->data, span_bytes(texts[i], strlen(texts[i]) + 1));
}

static inline void make_text(struct header_maker *m, uint32_t tag, const char *text)
{
        make_texts(m, tag, 6, &text, 1);
}

static inline void make_numbers(struct header_maker *m, uint32_t tag, const uint32_t *v, uint32_t n)
{
        while (m->data.len % 4)
                buf_put_u8(&m->data, 0);
        make_entry(m, tag, 4, n);
        for (uint32_t i = 0; i < n; i++)
                be32(&m->data, v[i]);
}

/* `signed_entries`: how many of the entries lie in the region; those after them were added on installing. */
static inline void make_end(struct header_maker *m, uint32_t signed_entries, struct buf *to)
{
        if (m->region) {
                be32(to, m->n + 1);
                be32(to, (uint32_t)m->data.len + 16);
                be32(to, 63), be32(to, 7), be32(to, (uint32_t)m->data.len), be32(to, 16);
                be32(&m->data, 63), be32(&m->data, 7), be32(&m->data, 0u - 16 * (signed_entries + 1)),
                    be32(&m->data, 16);
        } else {
                be32(to, m->n);
                be32(to, (uint32_t)m->data.len);
        }
        buf_put(to, buf_span(&m->index));
        buf_put(to, buf_span(&m->data));
        buf_done(&m->index);
        buf_done(&m->data);
}

#define EXAMPLE_ENTRIES 14u

/* A package with four files, of which it owns two. `padding` bytes of a tag that nobody asks for make it as large as you like. */
static inline void make_package(struct buf *to, const char *name, const char *version, uint32_t epoch, size_t padding)
{
        static const char *const files[] = {"tool", "left-out", "tool.conf", "tool.log"};
        static const char *const folders[] = {"/usr/bin/", "/etc/"};
        static const uint32_t indexes[] = {0, 0, 1, 1}, flags[] = {0, 0, 1, 1u << 6};
        static const char *const summary[] = {"a tool", "ein Werkzeug"};
        struct header_maker m = {.region = true};

        make_text(&m, 1000, name);
        make_text(&m, 1001, version);
        make_text(&m, 1002, "3.el9");
        make_numbers(&m, 1003, &epoch, 1);
        make_texts(&m, 1004, 9, summary, 2);
        make_text(&m, 1011, "Vendor, Inc.");
        make_text(&m, 1014, "GPL-2.0-or-later AND MIT");
        make_text(&m, 1022, "x86_64");
        make_numbers(&m, 1037, flags, 4);
        make_text(&m, 1044, "origin-1.9-3.el9.src.rpm");
        make_numbers(&m, 1116, indexes, 4);
        make_texts(&m, 1117, 8, files, 4);
        make_texts(&m, 1118, 8, folders, 2);
        make_entry(&m, 5000, 7, (uint32_t)padding);
        for (size_t i = 0; i < padding; i++)
                buf_put_u8(&m.data, (uint8_t)i);
        make_entry(&m, 1029, 1, 4); /* which were installed: told on installing */
        buf_put(&m.data, span_bytes("\0\2\0\0", 4));
        make_end(&m, EXAMPLE_ENTRIES, to);
}

/* package-0, package-1 ...: sizes from 800 bytes to 30 KiB. */
static inline void make_numbered(struct buf *to, unsigned i)
{
        char name[32];

        snprintf(name, sizeof(name), "package-%u", i);
        make_package(to, name, "1.0", 0, (i * 977 + 300) % 30000);
}

/* All of `n` made packages are listed but those of numbers in `missing` (n_missing of them). */
static inline void assert_numbered(const struct findings *f, unsigned n, const unsigned *missing, size_t n_missing)
{
        assert_int_equal(f->packages.len, n - n_missing);
        for (unsigned i = 0; i < n; i++) {
                char name[32];
                size_t found = 0, expected = 1;
                snprintf(name, sizeof(name), "package-%u", i);
                for (size_t k = 0; k < n_missing; k++)
                        expected -= missing[k] == i;
                for (size_t k = 0; k < f->packages.len; k++)
                        found += span_is(f->packages.at[k].name, name);
                if (found != expected)
                        fail_msg("%s is listed %zu times, expected %zu", name, found, expected);
        }
}

static inline void assert_no_notes(const struct findings *f)
{
        for (size_t i = 0; i < f->notes.len; i++)
                print_message("note: %.*s\n", SPAN_FMT(f->notes.at[i]));
        assert_int_equal(f->notes.len, 0);
}
