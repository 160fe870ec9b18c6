/*
 * Borrowed bytes, and the only way to read bytes from outside.
 *
 * A span owns nothing and is valid as long as what it borrows from. A cursor reads a span from front to back; its first
 * overrun sets `failed`, and every later read gives zero bytes, so a parser asks once, at the end.
 */
#pragma once

#include "base/err.h"

struct span {
        const uint8_t *at; /* may be NULL only when len is 0 */
        size_t len;
};

#define SPAN_LIT(s) ((struct span){(const uint8_t *)(s), sizeof(s) - 1})
/* For printf("%.*s"): text of a span that is known to hold no control bytes; see span_printable for others. */
#define SPAN_FMT(s) (int)((s).len > 4096 ? 4096 : (s).len), (const char *)((s).at ? (s).at : (const uint8_t *)"")

struct span span_of(const char *text); /* without its NUL; NULL gives the empty span */
struct span span_bytes(const void *at, size_t len);
bool span_equal(struct span a, struct span b);
bool span_is(struct span s, const char *text);
int span_compare(struct span a, struct span b); /* memcmp order, then shorter first; <0, 0, >0 */
bool span_starts(struct span s, const char *prefix);
bool span_ends(struct span s, const char *suffix);
struct span span_from(struct span s, size_t from);            /* the rest after `from` bytes; empty when too short */
struct span span_cut(struct span s, size_t from, size_t len); /* clamped to s */
struct span span_trim(struct span s);                         /* without ASCII white space at both ends */

/* The bytes before the first `byte` (all when there is none); `rest` gets what follows it. True if it was there. */
bool span_split(struct span s, uint8_t byte, struct span *ret_before, struct span *ret_rest);
bool span_find(struct span s, uint8_t byte, size_t *ret_at);

/* Decimal digits only, no sign, no leading blank, whole span, no overflow. */
bool span_to_u64(struct span s, uint64_t *ret);
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

struct span cursor_take(struct cursor *c, size_t n); /* n bytes, or the empty span and failed */
uint8_t cursor_u8(struct cursor *c);
uint16_t cursor_u16le(struct cursor *c);
uint32_t cursor_u32le(struct cursor *c);
uint64_t cursor_u64le(struct cursor *c);
/* A u32le length and that many bytes; a length above `max` fails too. */
struct span cursor_string(struct cursor *c, uint32_t max);
/* One digest as buf_put_digest wrote it is in base/digest.h. */
bool cursor_at_end(const struct cursor *c); /* true when nothing failed and nothing is left */
/* The next line without its '\n' (and without a '\r' before it); false when nothing is left. */
bool cursor_line(struct cursor *c, struct span *ret_line);
