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

static uint32_t offset_in(uint64_t slot)
{
        return (uint32_t)slot;
}

/* By the half of the hash that the slots keep: growing reads no strings. */
static size_t slot_of(uint64_t hash, size_t cap)
{
        return (size_t)(hash >> 32) & (cap - 1);
}

static void grow(struct string_pool *p)
{
        size_t cap = p->cap ? p->cap * 2 : 1u << 16;
        uint64_t *slots = heap_alloc(cap * sizeof(*slots));

        for (size_t i = 0; i < p->cap; i++) {
                size_t at;

                if (p->slots[i] == 0)
                        continue;
                at = slot_of(p->slots[i], cap);
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
        uint64_t hash;
        size_t at;

        *ret = 0;
        if (s.len == 0)
                return true;
        if (p->len * 2 >= p->cap)
                grow(p);
        hash = string_hash(s, p->seed) << 32;
        for (at = slot_of(hash, p->cap); p->slots[at]; at = (at + 1) & (p->cap - 1)) {
                if (p->slots[at] >> 32 == hash >> 32 && span_equal(string_at(to, offset_in(p->slots[at])), s)) {
                        *ret = offset_in(p->slots[at]);
                        return true;
                }
        }
        if (s.len > UINT16_MAX || to->len > UINT32_MAX)
                return false;
        p->slots[at] = hash | to->len;
        p->len++;
        *ret = (uint32_t)to->len;
        buf_put_u16le(to, (uint16_t)s.len);
        buf_put(to, s);
        return true;
}
