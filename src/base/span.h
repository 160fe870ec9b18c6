/*
 * Borrowed bytes, and the only way to read bytes from outside.
 *
 * A span owns nothing and is valid as long as what it borrows from. A cursor reads a span from front to back; its first
 * overrun sets `failed`, and every later read gives zero bytes, so a parser asks once, at the end.
 */
#pragma once

#include <endian.h>
#include <string.h>

#include "base/err.h"

struct span {
        const uint8_t *at; /* may be NULL only when len is 0 */
        size_t len;
};

/* Tells GCC's analyser what the comment above says of every span: it can't follow it through arithmetic. */
#ifdef COFFER_ANALYSER
#define SPAN_HOLDS(s)                            \
        do {                                     \
                if ((s).len > 0 && !(s).at)      \
                        __builtin_unreachable(); \
        } while (0)
#else
#define SPAN_HOLDS(s) ((void)0)
#endif

#define SPAN_LIT(s) ((struct span){(const uint8_t *)(s), sizeof(s) - 1})
/* For printf("%.*s"): text of a span that is known to hold no control bytes; see span_printable for others. */
#define SPAN_FMT(s) (int)((s).len > 4096 ? 4096 : (s).len), (const char *)((s).at ? (s).at : (const uint8_t *)"")

/* Without its NUL; NULL gives the empty span. */
static inline struct span span_of(const char *text)
{
        return (struct span){(const uint8_t *)text, text ? strlen(text) : 0};
}
static inline struct span span_bytes(const void *at, size_t len)
{
        return (struct span){(const uint8_t *)at, at ? len : 0};
}
static inline bool span_equal(struct span a, struct span b)
{
        SPAN_HOLDS(a);
        SPAN_HOLDS(b);
        return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}
static inline bool span_is(struct span s, const char *text)
{
        return span_equal(s, span_of(text));
}
int span_compare(struct span a, struct span b); /* memcmp order, then shorter first; <0, 0, >0 */
/* The rest after `from` bytes; empty when too short. */
static inline struct span span_from(struct span s, size_t from)
{
        if (from >= s.len)
                return (struct span){0};
        return (struct span){s.at + from, s.len - from};
}
/* Clamped to s. */
static inline struct span span_cut(struct span s, size_t from, size_t len)
{
        struct span rest = span_from(s, from);

        if (len < rest.len)
                rest.len = len;
        return rest;
}
static inline bool span_starts(struct span s, const char *prefix)
{
        struct span p = span_of(prefix);

        return s.len >= p.len && span_equal(span_cut(s, 0, p.len), p);
}
static inline bool span_ends(struct span s, const char *suffix)
{
        struct span p = span_of(suffix);

        return s.len >= p.len && span_equal(span_from(s, s.len - p.len), p);
}
struct span span_trim(struct span s); /* without ASCII white space at both ends */

/* The bytes before the first `byte` (all when there is none); `rest` gets what follows it. True if it was there. */
bool span_split(struct span s, uint8_t byte, struct span *ret_before, struct span *ret_rest);
bool span_find(struct span s, uint8_t byte, size_t *ret_at);

/* Decimal digits only, no sign, no leading blank, whole span, no overflow. */
bool span_to_u64(struct span s, uint64_t *ret);
/* Exactly 2 n hex digits, lower case alone, as n bytes; `into` is untouched unless true. */
bool span_to_bytes(struct span hex, uint8_t *into, size_t n);
/* Octal digits, as tar's header fields have them after trimming NUL and blanks. */
bool span_to_octal(struct span s, uint64_t *ret);

bool span_is_utf8(struct span s);     /* RFC 3629: no overlong forms, no surrogates, at most U+10FFFF */
bool span_has_control(struct span s); /* bytes below 0x20, or 0x7f */

/*
 * Text from outside for a terminal, a log or an error: control bytes, bidi overrides and invalid UTF-8 become '?',
 * so that a package name can't move the cursor. Writes at most `size` bytes with the NUL; returns `out`.
 */
const char *span_printable(struct span s, char *out, size_t size);

struct cursor {
        struct span rest;
        bool failed;
};

/* n bytes, or the empty span and failed. */
static inline struct span cursor_take(struct cursor *c, size_t n)
{
        struct span taken;

        if (c->failed || n > c->rest.len) {
                c->failed = true;
                return (struct span){0};
        }
        taken = (struct span){c->rest.at, n};
        c->rest = span_from(c->rest, n);
        return taken;
}
/* A number of 1 to 8 bytes, the lowest first; 0 when there are too few. */
static inline uint64_t cursor_le(struct cursor *c, size_t n)
{
        struct span s = cursor_take(c, n);
        uint64_t v = 0;

        if (s.len == 0)
                return 0;
        memcpy(&v, s.at, n);
        return le64toh(v);
}
static inline uint8_t cursor_u8(struct cursor *c)
{
        return (uint8_t)cursor_le(c, 1);
}
static inline uint16_t cursor_u16le(struct cursor *c)
{
        return (uint16_t)cursor_le(c, 2);
}
static inline uint32_t cursor_u32le(struct cursor *c)
{
        return (uint32_t)cursor_le(c, 4);
}
static inline uint64_t cursor_u64le(struct cursor *c)
{
        return cursor_le(c, 8);
}
/* A u32le length and that many bytes; a length above `max` fails too. */
struct span cursor_string(struct cursor *c, uint32_t max);
/* One digest as buf_put_digest wrote it is in base/digest.h. */
bool cursor_at_end(const struct cursor *c); /* true when nothing failed and nothing is left */
/* The next line without its '\n' (and without a '\r' before it); false when nothing is left. */
bool cursor_line(struct cursor *c, struct span *ret_line);
