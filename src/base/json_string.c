#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/base.h"
#include "base/json_priv.h"
#include "base/utf8_priv.h"

/*
 * From `at` to the next byte that ends a run of plain string bytes: a quote, a backslash or a control byte; in.len when
 * there is none. `high` is set when a byte above 0x7f was passed: only then UTF-8 has to be checked.
 */
static size_t plain_run(struct span in, size_t at, bool *high)
{
        uint8_t seen = 0;
#ifdef __SSE2__
        const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\'), control = _mm_set1_epi8(0x1f);
        int high_bits = 0;

        while (in.len - at >= 16) {
                __m128i x = _mm_loadu_si128((const __m128i *)(const void *)(in.at + at));
                __m128i stop = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(x, quote), _mm_cmpeq_epi8(x, backslash)),
                    _mm_cmpeq_epi8(_mm_min_epu8(x, control), x));
                int stops = _mm_movemask_epi8(stop), highs = _mm_movemask_epi8(x);

                if (stops) {
                        int n = __builtin_ctz((unsigned)stops);

                        high_bits |= highs & ((1 << n) - 1);
                        *high |= high_bits != 0;
                        return at + (size_t)n;
                }
                high_bits |= highs;
                at += 16;
        }
        *high |= high_bits != 0;
#endif
        for (; at < in.len; at++) {
                uint8_t c = in.at[at];

                if (c < 0x20 || c == '"' || c == '\\')
                        break;
                seen |= c;
        }
        *high |= seen >= 0x80;
        return at;
}

/* Four hex digits at `at`, within the raw string; false when they are not there. */
static bool hex4(struct span raw, size_t at, uint32_t *ret)
{
        uint32_t v = 0;

        if (raw.len - at < 4)
                return false;
        for (size_t i = at; i < at + 4; i++) {
                uint8_t c = raw.at[i], lower = c | 0x20;

                if (c >= '0' && c <= '9')
                        v = v << 4 | (uint32_t)(c - '0');
                else if (lower >= 'a' && lower <= 'f')
                        v = v << 4 | (uint32_t)(lower - 'a' + 10);
                else
                        return false;
        }
        *ret = v;
        return true;
}

/* The escape at raw[at], a backslash: its bytes in `out` (their number is the result), its end in `ret_end`; 0: none.
 */
static size_t escape_decode(struct span raw, size_t at, uint8_t out[4], size_t *ret_end)
{
        static const uint8_t letters[128] = {['"'] = '"',
            ['\\'] = '\\',
            ['/'] = '/',
            ['b'] = '\b',
            ['f'] = '\f',
            ['n'] = '\n',
            ['r'] = '\r',
            ['t'] = '\t'};
        uint32_t code, low;
        uint8_t c;

        if (raw.len - at < 2)
                return 0;
        c = raw.at[at + 1];
        if (c != 'u') {
                out[0] = c < 128 ? letters[c] : 0;
                *ret_end = at + 2;
                return out[0] != 0;
        }
        if (!hex4(raw, at + 2, &code))
                return 0;
        *ret_end = at + 6;
        if (code >= 0xd800 && code <= 0xdfff) { /* RFC 8259, 7: beyond U+FFFF as a pair, high half first */
                if (code >= 0xdc00 || raw.len - at < 12 || raw.at[at + 6] != '\\' || raw.at[at + 7] != 'u' ||
                    !hex4(raw, at + 8, &low) || low < 0xdc00 || low > 0xdfff)
                        return 0;
                code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
                *ret_end = at + 12;
        }
        return utf8_encode(code, out);
}

/* The un-escaped length; with `out` also the bytes. False: the escape at `ret_bad` is none. */
static bool unescape(struct span raw, uint8_t *out, size_t *ret_len, size_t *ret_bad)
{
        size_t at = 0, len = 0;

        for (;;) {
                size_t run = raw.len - at, n, end;
                uint8_t bytes[4];

                span_find(span_from(raw, at), '\\', &run);
                if (out && run > 0)
                        memcpy(out + len, raw.at + at, run);
                at += run;
                len += run;
                if (at >= raw.len)
                        break;
                n = escape_decode(raw, at, bytes, &end);
                if (n == 0) {
                        *ret_bad = at;
                        return false;
                }
                if (out)
                        memcpy(out + len, bytes, n);
                len += n;
                at = end;
        }
        *ret_len = len;
        return true;
}

static bool escaped_read(struct json *j, size_t begin, struct span raw, struct span *ret)
{
        size_t len, bad;
        uint8_t *out;

        if (!unescape(raw, NULL, &len, &bad))
                return json_fail_at(j, begin + bad, ERR_MALFORMED, "a backslash begins no valid escape here");
        if (len > j->limits.string_max)
                return json_fail_at(
                    j, begin, ERR_LIMIT, "a string of %zu bytes, at most %u are accepted", len, j->limits.string_max);
        if (!ret)
                return true;
        out = arena_alloc(j->arena, len);
        unescape(raw, out, &len, &bad);
        *ret = (struct span){out, len};
        return true;
}

bool json_string_read(struct json *j, struct span *ret)
{
        size_t begin = j->at + 1, at = begin;
        bool high = false, escaped = false;
        struct span raw;

        for (;;) {
                at = plain_run(j->in, at, &high);
                if (at >= j->in.len)
                        return json_fail_at(j, j->in.len, ERR_MALFORMED, "the text ends inside a string");
                if (j->in.at[at] == '"')
                        break;
                if (j->in.at[at] != '\\')
                        return json_fail_at(j, at, ERR_MALFORMED, "control byte 0x%02x in a string", j->in.at[at]);
                /* The byte after it can't end the string; whether it may stand there is checked below. */
                escaped = true;
                at += j->in.len - at < 2 ? 1 : 2;
        }
        raw = (struct span){j->in.at + begin, at - begin};
        if (high && !span_is_utf8(raw))
                return json_fail_at(j, begin, ERR_MALFORMED, "a string is not valid UTF-8");
        if (escaped) {
                if (!escaped_read(j, begin, raw, ret))
                        return false;
        } else if (raw.len > j->limits.string_max) {
                return json_fail_at(j, begin, ERR_LIMIT, "a string of %zu bytes, at most %u are accepted", raw.len,
                    j->limits.string_max);
        } else if (ret) {
                *ret = raw;
        }
        j->at = at + 1;
        return true;
}
