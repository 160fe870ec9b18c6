/* Headers and databases of rpm as rpm writes them, for tests. */
#pragma once

#include "inventory/detect_test_priv.h"
#include "inventory/os/rpm_priv.h"

static inline void be32(struct buf *b, uint32_t v)
{
        const uint8_t bytes[] = {(uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v};

        buf_put(b, span_bytes(bytes, 4));
}

struct header_maker {
        struct buf index, data;
        uint32_t n;
};

static inline void maker_entry(struct header_maker *m, uint32_t tag, uint32_t type, uint32_t count)
{
        be32(&m->index, tag);
        be32(&m->index, type);
        be32(&m->index, (uint32_t)m->data.len);
        be32(&m->index, count);
        m->n++;
}

static inline void maker_text(struct header_maker *m, uint32_t tag, const char *text)
{
        maker_entry(m, tag, 6, 1);
        buf_put(&m->data, span_bytes(text, strlen(text) + 1));
}

static inline void maker_texts(struct header_maker *m, uint32_t tag, const char *const *texts, uint32_t n)
{
        maker_entry(m, tag, 8, n);
        for (uint32_t i = 0; i < n; i++)
                buf_put(&m->data, span_bytes(texts[i], strlen(texts[i]) + 1));
}

static inline void maker_numbers(struct header_maker *m, uint32_t tag, const uint32_t *v, uint32_t n)
{
        while (m->data.len % 4)
                buf_put_u8(&m->data, 0);
        maker_entry(m, tag, 4, n);
        for (uint32_t i = 0; i < n; i++)
                be32(&m->data, v[i]);
}

static inline void maker_end(struct header_maker *m, struct buf *to)
{
        be32(to, m->n);
        be32(to, (uint32_t)m->data.len);
        buf_put(to, buf_span(&m->index));
        buf_put(to, buf_span(&m->data));
        buf_done(&m->index);
        buf_done(&m->data);
}

/* A package with two files, one of which was not installed. */
static inline void package_make(struct buf *to, const char *name, const char *version, uint32_t epoch)
{
        struct header_maker m = {.n = 0};
        const char *const files[] = {"tool", "left-out"}, *const folders[] = {"/usr/bin/"};
        const uint32_t indexes[] = {0, 0};

        maker_text(&m, 1000, name);
        maker_text(&m, 1001, version);
        maker_text(&m, 1002, "3.el9");
        if (epoch)
                maker_numbers(&m, 1003, &epoch, 1);
        maker_text(&m, 1011, "Vendor, Inc.");
        maker_text(&m, 1014, "GPL-2.0-or-later AND MIT");
        maker_text(&m, 1022, "x86_64");
        maker_text(&m, 1044, "origin-1.9-3.el9.src.rpm");
        maker_texts(&m, 1117, files, 2);
        maker_texts(&m, 1118, folders, 1);
        maker_numbers(&m, 1116, indexes, 2);
        maker_entry(&m, 1029, 1, 2);
        buf_put(&m.data, span_bytes("\0\2", 2));
        maker_text(&m, 5096, "nodejs:18:9020020230825081254:rhel9");
        maker_end(&m, to);
}
