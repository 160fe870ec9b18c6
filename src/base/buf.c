#include <endian.h>
#include <stdarg.h>

#include "base/base.h"

void buf_done(struct buf *b)
{
        free(b->at);
        *b = (struct buf){.max = b->max};
}

void buf_clear(struct buf *b)
{
        b->len = 0;
        b->failed = false;
}

static uint8_t *reserve_slow(struct buf *b, size_t n)
{
        size_t max = b->max ? b->max : BUF_MAX_DEFAULT;
        size_t need;

        if (b->failed || __builtin_add_overflow(b->len, n, &need) || need > max) {
                b->failed = true;
                return NULL;
        }
        if (need > b->cap || !b->at) {
                size_t cap = b->cap < 128 ? 256 : b->cap;

                while (cap < need)
                        cap = cap > max / 2 ? max : cap * 2;
                b->at = heap_realloc(b->at, cap, 1);
                b->cap = cap;
        }
        return b->at + b->len;
}

/* What is there already was granted by `max` when it was taken. */
static inline uint8_t *reserve(struct buf *b, size_t n)
{
        if (__builtin_expect(!b->failed && n <= b->cap - b->len && b->max == 0 && b->at, 1))
                return b->at + b->len;
        return reserve_slow(b, n);
}

uint8_t *buf_reserve(struct buf *b, size_t n)
{
        return reserve(b, n);
}

void buf_put(struct buf *b, struct span s)
{
        uint8_t *to = reserve(b, s.len);

        if (!to || s.len == 0)
                return;
        memcpy(to, s.at, s.len);
        b->len += s.len;
}

void buf_put_text(struct buf *b, const char *text)
{
        buf_put(b, span_of(text));
}

static void buf_put_le(struct buf *b, uint64_t v, size_t n)
{
        uint8_t *to = reserve(b, n);

        if (!to)
                return;
        v = htole64(v);
        memcpy(to, &v, n); /* the first n bytes, whatever the machine's order */
        b->len += n;
}

void buf_put_u8(struct buf *b, uint8_t v)
{
        uint8_t *to = reserve(b, 1);

        if (!to)
                return;
        *to = v;
        b->len++;
}

void buf_put_u16le(struct buf *b, uint16_t v)
{
        buf_put_le(b, v, 2);
}

void buf_put_u32le(struct buf *b, uint32_t v)
{
        buf_put_le(b, v, 4);
}

void buf_put_u64le(struct buf *b, uint64_t v)
{
        buf_put_le(b, v, 8);
}

/* The length and the bytes together, or neither: a failed buffer keeps whole records only. */
void buf_put_string(struct buf *b, struct span s)
{
        if (s.len > UINT32_MAX) {
                b->failed = true;
                return;
        }
        if (!reserve(b, s.len + 4))
                return;
        buf_put_u32le(b, (uint32_t)s.len);
        buf_put(b, s);
}

void buf_put_hex(struct buf *b, struct span s)
{
        static const char digits[] = "0123456789abcdef";
        uint8_t *to = buf_reserve(b, 2 * s.len);

        if (!to)
                return;
        for (size_t i = 0; i < s.len; i++) {
                *to++ = (uint8_t)digits[s.at[i] >> 4];
                *to++ = (uint8_t)digits[s.at[i] & 15];
        }
        b->len += 2 * s.len;
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
        va_list args;
        int n;
        uint8_t *to;

        va_start(args, fmt);
        n = vsnprintf(NULL, 0, fmt, args);
        va_end(args);
        if (n < 0) {
                b->failed = true;
                return;
        }
        /* The NUL needs a byte that `max` does not grant, so the last one is put aside. */
        to = buf_reserve(b, (size_t)n);
        if (!to || n == 0)
                return;
        if (b->cap - b->len > (size_t)n) {
                va_start(args, fmt);
                vsnprintf((char *)to, (size_t)n + 1, fmt, args);
                va_end(args);
        } else {
                char *text CLEANUP(heap_freep) = heap_alloc((size_t)n + 1);

                va_start(args, fmt);
                vsnprintf(text, (size_t)n + 1, fmt, args);
                va_end(args);
                memcpy(to, text, (size_t)n);
        }
        b->len += (size_t)n;
}

struct span buf_span(const struct buf *b)
{
        return (struct span){b->at, b->len};
}
