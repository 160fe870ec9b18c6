/* One step of UTF-8 (RFC 3629), shared by the span, the JSON reader and the JSON writer. */
#pragma once

#include "base/span.h"

/* Length in bytes (1 to 4) of the well-formed character at the front of `s` and its code point; 0 when it is none. */
static inline size_t utf8_decode(struct span s, uint32_t *ret_code)
{
        const uint8_t *p = s.at;
        uint32_t code, least;
        size_t n;

        if (s.len == 0)
                return 0;
        if (p[0] < 0x80) {
                *ret_code = p[0];
                return 1;
        }
        if (p[0] >= 0xc2 && p[0] <= 0xdf) {
                n = 2;
                code = p[0] & 0x1fu;
                least = 0x80;
        } else if ((p[0] & 0xf0) == 0xe0) {
                n = 3;
                code = p[0] & 0x0fu;
                least = 0x800;
        } else if (p[0] >= 0xf0 && p[0] <= 0xf4) {
                n = 4;
                code = p[0] & 0x07u;
                least = 0x10000;
        } else {
                return 0;
        }
        if (s.len < n)
                return 0;
        for (size_t i = 1; i < n; i++) {
                if ((p[i] & 0xc0) != 0x80)
                        return 0;
                code = code << 6 | (p[i] & 0x3fu);
        }
        if (code < least || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
                return 0;
        *ret_code = code;
        return n;
}

/* Writes the UTF-8 of a code point that is no surrogate and at most U+10FFFF; gives its length. */
static inline size_t utf8_encode(uint32_t code, uint8_t out[4])
{
        if (code < 0x80) {
                out[0] = (uint8_t)code;
                return 1;
        }
        if (code < 0x800) {
                out[0] = (uint8_t)(0xc0 | code >> 6);
                out[1] = (uint8_t)(0x80 | (code & 0x3f));
                return 2;
        }
        if (code < 0x10000) {
                out[0] = (uint8_t)(0xe0 | code >> 12);
                out[1] = (uint8_t)(0x80 | (code >> 6 & 0x3f));
                out[2] = (uint8_t)(0x80 | (code & 0x3f));
                return 3;
        }
        out[0] = (uint8_t)(0xf0 | code >> 18);
        out[1] = (uint8_t)(0x80 | (code >> 12 & 0x3f));
        out[2] = (uint8_t)(0x80 | (code >> 6 & 0x3f));
        out[3] = (uint8_t)(0x80 | (code & 0x3f));
        return 4;
}
