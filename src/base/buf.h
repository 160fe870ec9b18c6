/*
 * A growing byte buffer with an upper bound. The first write that would pass `max` sets `failed` and keeps the content
 * as it was; later writes do nothing: a writer asks once, at the end. The counterpart of the cursor.
 */
#pragma once

#include "base/span.h"

struct buf {
        uint8_t *at;
        size_t len, cap;
        size_t max; /* 0 means BUF_MAX_DEFAULT */
        bool failed;
};

#define BUF_MAX_DEFAULT (256u << 20) /* bytes: above any message or report; a guard, not a budget */

void buf_done(struct buf *b);  /* frees; b may be used again as a zero value */
void buf_clear(struct buf *b); /* len 0, not failed, memory kept */
void buf_put(struct buf *b, struct span s);
void buf_put_text(struct buf *b, const char *text);
void buf_put_u8(struct buf *b, uint8_t v);
void buf_put_u16le(struct buf *b, uint16_t v);
void buf_put_u32le(struct buf *b, uint32_t v);
void buf_put_u64le(struct buf *b, uint64_t v);
void buf_put_string(struct buf *b, struct span s); /* u32le length, bytes; read back by cursor_string */
void buf_put_hex(struct buf *b, struct span s);    /* two lower-case digits a byte */
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
uint8_t *buf_reserve(struct buf *b, size_t n); /* n writable bytes after len, or NULL (failed); then set len yourself */
struct span buf_span(const struct buf *b);     /* valid until the next write */
