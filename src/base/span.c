#include "base/base.h"
#include "base/utf8_priv.h"

int span_compare(struct span a, struct span b)
{
        size_t n = a.len < b.len ? a.len : b.len;
        int order = n ? memcmp(a.at, b.at, n) : 0;

        if (order != 0)
                return order;
        return a.len < b.len ? -1 : a.len > b.len;
}

static bool byte_is_blank(uint8_t c)
{
        return c == ' ' || (c >= '\t' && c <= '\r');
}

struct span span_trim(struct span s)
{
        while (s.len > 0 && byte_is_blank(s.at[s.len - 1]))
                s.len--;
        while (s.len > 0 && byte_is_blank(s.at[0]))
                s = span_from(s, 1);
        return s;
}

bool span_find(struct span s, uint8_t byte, size_t *ret_at)
{
        const uint8_t *hit = s.len ? memchr(s.at, byte, s.len) : NULL;

        if (!hit)
                return false;
        *ret_at = (size_t)(hit - s.at);
        return true;
}

bool span_split(struct span s, uint8_t byte, struct span *ret_before, struct span *ret_rest)
{
        size_t at = s.len;
        bool found = span_find(s, byte, &at);

        *ret_before = (struct span){s.at, at};
        *ret_rest = found ? span_from(s, at + 1) : (struct span){0};
        return found;
}

static bool span_to_base(struct span s, uint64_t base, uint64_t *ret)
{
        uint64_t value = 0;

        if (s.len == 0)
                return false;
        for (size_t i = 0; i < s.len; i++) {
                uint64_t digit = (uint64_t)s.at[i] - '0'; /* wraps to a huge value below '0' */

                if (digit >= base || __builtin_mul_overflow(value, base, &value) ||
                    __builtin_add_overflow(value, digit, &value))
                        return false;
        }
        *ret = value;
        return true;
}

bool span_to_u64(struct span s, uint64_t *ret)
{
        return span_to_base(s, 10, ret);
}

static int hex_value(uint8_t c)
{
        if (c >= '0' && c <= '9')
                return c - '0';
        return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool span_to_bytes(struct span hex, uint8_t *into, size_t n)
{
        if (hex.len / 2 != n || hex.len % 2 != 0)
                return false;
        for (size_t i = 0; i < hex.len; i++)
                if (hex_value(hex.at[i]) < 0)
                        return false;
        for (size_t i = 0; i < n; i++)
                into[i] = (uint8_t)(hex_value(hex.at[2 * i]) << 4 | hex_value(hex.at[2 * i + 1]));
        return true;
}

bool span_to_octal(struct span s, uint64_t *ret)
{
        return span_to_base(s, 8, ret);
}

bool span_is_utf8(struct span s)
{
        size_t i = 0;

        while (i < s.len) {
                uint32_t code;
                size_t n;

                if (s.at[i] < 0x80) {
                        uint64_t word;

                        while (s.len - i >= sizeof(word)) {
                                memcpy(&word, s.at + i, sizeof(word));
                                if (word & 0x8080808080808080u)
                                        break;
                                i += sizeof(word);
                        }
                        while (i < s.len && s.at[i] < 0x80)
                                i++;
                        continue;
                }
                n = utf8_decode(span_from(s, i), &code);
                if (n == 0)
                        return false;
                i += n;
        }
        return true;
}

bool span_has_control(struct span s)
{
        for (size_t i = 0; i < s.len; i++)
                if (s.at[i] < 0x20 || s.at[i] == 0x7f)
                        return true;
        return false;
}

/* Characters that move a terminal's cursor, break a line or turn the direction of writing (Unicode TR 36, 3.2). */
static bool code_is_unsafe(uint32_t c)
{
        return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x061c || c == 0x200e || c == 0x200f || c == 0x2028 ||
               c == 0x2029 || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

const char *span_printable(struct span s, char *out, size_t size)
{
        size_t len = 0;

        if (size == 0)
                return "";
        for (size_t i = 0; i < s.len;) {
                uint32_t code = 0;
                size_t n = utf8_decode(span_from(s, i), &code);
                bool bad = n == 0 || code_is_unsafe(code);
                size_t put = bad ? 1 : n;

                if (len + put >= size)
                        break;
                if (bad)
                        out[len] = '?';
                else
                        memcpy(out + len, s.at + i, put);
                len += put;
                i += n ? n : 1;
        }
        out[len] = 0;
        return out;
}

struct span cursor_string(struct cursor *c, uint32_t max)
{
        uint32_t len = cursor_u32le(c);

        if (len > max)
                c->failed = true;
        return cursor_take(c, len);
}

bool cursor_at_end(const struct cursor *c)
{
        return !c->failed && c->rest.len == 0;
}

bool cursor_line(struct cursor *c, struct span *ret_line)
{
        struct span line;

        if (c->failed || c->rest.len == 0)
                return false;
        span_split(c->rest, '\n', &line, &c->rest);
        if (line.len > 0 && line.at[line.len - 1] == '\r')
                line.len--;
        *ret_line = line;
        return true;
}
