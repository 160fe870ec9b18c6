/* The section of strings: each once, with its length before it. */
#include "advisory/db/db_write_priv.h"

static uint64_t string_hash(struct span s, uint64_t seed)
{
        uint64_t h = seed;

        SPAN_HOLDS(s);
        for (size_t i = 0; i < s.len; i++) {
                h = (h ^ s.at[i]) * 0x9e3779b97f4a7c15u;
                h ^= h >> 29;
        }
        return h ^ h >> 32;
}

static struct span string_at(const struct buf *strings, uint32_t offset)
{
        struct cursor c = {.rest = span_from(buf_span(strings), offset)};
        uint16_t len = cursor_u16le(&c);

        return cursor_take(&c, len);
}

static void grow(struct string_pool *p, const struct buf *strings)
{
        size_t cap = p->cap ? p->cap * 2 : 1u << 16;
        uint32_t *slots = heap_alloc(cap * sizeof(*slots));

        for (size_t i = 0; i < p->cap; i++) {
                size_t at;

                if (p->slots[i] == 0)
                        continue;
                at = string_hash(string_at(strings, p->slots[i]), p->seed) & (cap - 1);
                while (slots[at])
                        at = (at + 1) & (cap - 1);
                slots[at] = p->slots[i];
        }
        free(p->slots);
        p->slots = slots;
        p->cap = cap;
}

bool string_pool_put(struct string_pool *p, struct buf *to, struct span s, uint32_t *ret)
{
        size_t at;

        *ret = 0;
        if (s.len == 0)
                return true;
        if (p->len * 2 >= p->cap)
                grow(p, to);
        at = string_hash(s, p->seed) & (p->cap - 1);
        for (; p->slots[at]; at = (at + 1) & (p->cap - 1)) {
                if (span_equal(string_at(to, p->slots[at]), s)) {
                        *ret = p->slots[at];
                        return true;
                }
        }
        if (s.len > UINT16_MAX || to->len > UINT32_MAX)
                return false;
        p->slots[at] = (uint32_t)to->len;
        p->len++;
        buf_put_u16le(to, (uint16_t)s.len);
        buf_put(to, s);
        *ret = p->slots[at];
        return true;
}
