#include "inventory/lang/literal_priv.h"

static int digit_of(uint8_t c, unsigned base)
{
        int v = c >= '0' && c <= '9'   ? c - '0'
                : c >= 'a' && c <= 'f' ? c - 'a' + 10
                : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                       : 99;

        return v < (int)base ? v : -1;
}

/* Up to `most` digits; how many there were. */
static size_t digits(struct span s, unsigned base, size_t most, uint32_t *ret)
{
        size_t n = 0;

        *ret = 0;
        for (int v; n < s.len && n < most && (v = digit_of(s.at[n], base)) >= 0; n++)
                *ret = *ret * base + (uint32_t)v;
        return n;
}

static void put_utf8(struct buf *to, uint32_t c)
{
        if (c < 0x80) {
                buf_put_u8(to, (uint8_t)c);
        } else if (c < 0x800) {
                buf_put_u8(to, (uint8_t)(0xc0 | c >> 6));
                buf_put_u8(to, (uint8_t)(0x80 | (c & 63)));
        } else if (c < 0x10000) {
                buf_put_u8(to, (uint8_t)(0xe0 | c >> 12));
                buf_put_u8(to, (uint8_t)(0x80 | (c >> 6 & 63)));
                buf_put_u8(to, (uint8_t)(0x80 | (c & 63)));
        } else {
                buf_put_u8(to, (uint8_t)(0xf0 | (c >> 18 & 7)));
                buf_put_u8(to, (uint8_t)(0x80 | (c >> 12 & 63)));
                buf_put_u8(to, (uint8_t)(0x80 | (c >> 6 & 63)));
                buf_put_u8(to, (uint8_t)(0x80 | (c & 63)));
        }
}

/* What follows \u, \U or \x: so many digits, or {X...}. Returns the bytes taken; 0: none of both. */
static size_t hex_escape(struct span in, struct buf *to, size_t least, size_t most)
{
        bool braces = span_starts(in, "{");
        struct span hex = span_from(in, braces);
        uint32_t c;
        size_t n = digits(hex, 16, braces ? 6 : most, &c);

        if (n == 0 || c > 0x10ffff || (braces ? !span_starts(span_from(hex, n), "}") : n < least))
                return 0;
        if (most == 2 && !braces)
                buf_put_u8(to, (uint8_t)c);
        else
                put_utf8(to, c);
        return n + (braces ? 2 : 0);
}

/* What follows a backslash. Returns the bytes taken; 0: the literal is broken. Lua counts \ddd in tens, Ruby in eights. */
static size_t escape(struct span in, struct buf *to, unsigned number_base)
{
        static const char from[] = "abefnrstv", value[] = "\a\b\x1b\f\n\r \t\v";
        uint32_t c;
        size_t n;

        if (in.len == 0)
                return 0;
        n = digits(in, number_base, 3, &c);
        if (n > 0) {
                buf_put_u8(to, (uint8_t)(c & 0xff));
                return n;
        }
        if (in.at[0] == 'u' || in.at[0] == 'U' || in.at[0] == 'x') {
                size_t most = in.at[0] == 'u' ? 4 : in.at[0] == 'U' ? 8 : 2;
                n = hex_escape(span_from(in, 1), to, most == 2 ? 1 : most, most);
                return n > 0 ? n + 1 : 0;
        }
        for (size_t i = 0; i < sizeof(from) - 1; i++)
                if (in.at[0] == (uint8_t)from[i]) {
                        buf_put_u8(to, (uint8_t)value[i]);
                        return 1;
                }
        buf_put_u8(to, in.at[0]);
        return 1;
}

struct quoting {
        bool escapes;         /* backslash sequences; false: it only keeps the quote and itself from their meaning */
        bool interpolates;    /* "#{" computes */
        unsigned number_base; /* of \ddd */
};

static bool quoted(struct span *in, struct buf *to, const struct quoting *how)
{
        uint8_t quote = in->at[0];
        struct span rest = span_from(*in, 1);

        while (rest.len > 0 && !to->failed) {
                uint8_t c = rest.at[0];
                size_t taken = 1;
                if (c == quote) {
                        *in = span_from(rest, 1);
                        return true;
                }
                if (c == '\\' && how->escapes) {
                        size_t n = escape(span_from(rest, 1), to, how->number_base);
                        if (n == 0)
                                return false;
                        taken += n;
                } else if (c == '\\' && rest.len > 1 && (rest.at[1] == quote || rest.at[1] == '\\')) {
                        buf_put_u8(to, rest.at[1]);
                        taken = 2;
                } else if (how->interpolates && span_starts(rest, "#{")) {
                        return false;
                } else {
                        buf_put_u8(to, c);
                }
                rest = span_from(rest, taken);
        }
        return false;
}

/* %q<...>: the brackets may nest. */
static bool percent_quoted(struct span *in, struct buf *to)
{
        static const char open[] = "<([{", close[] = ">)]}";
        const char *at = in->len > 2 && in->at[2] ? strchr(open, in->at[2]) : NULL;
        size_t depth = 1;

        if (!at)
                return false;
        for (size_t i = 3; i < in->len; i++) {
                depth += in->at[i] == (uint8_t)*at;
                depth -= in->at[i] == (uint8_t)close[at - open];
                if (depth == 0) {
                        *in = span_from(*in, i + 1);
                        return !to->failed;
                }
                buf_put_u8(to, in->at[i]);
        }
        return false;
}

static bool take(bool ok, struct buf *value, struct arena *a, struct span *ret)
{
        ok = ok && !value->failed;
        if (ok)
                *ret = arena_copy(a, buf_span(value));
        buf_done(value);
        return ok;
}

bool literal_ruby(struct span *in, struct arena *a, struct span *ret)
{
        static const struct quoting twice = {true, true, 8}, once = {false, false, 8};
        struct buf value = {.max = LITERAL_MAX};
        struct span rest = *in;
        bool ok = span_starts(rest, "\"")   ? quoted(&rest, &value, &twice)
                  : span_starts(rest, "'")  ? quoted(&rest, &value, &once)
                  : span_starts(rest, "%q") ? percent_quoted(&rest, &value)
                                            : false;

        if (!take(ok, &value, a, ret))
                return false;
        if (span_starts(rest, ".freeze"))
                rest = span_from(rest, sizeof(".freeze") - 1);
        *in = rest;
        return true;
}

static bool long_bracket(struct span *in, struct buf *to)
{
        struct span rest = span_from(*in, 2);

        if (span_starts(rest, "\n"))
                rest = span_from(rest, 1);
        for (size_t i = 0; i + 1 < rest.len; i++) {
                if (rest.at[i] != ']' || rest.at[i + 1] != ']')
                        continue;
                buf_put(to, span_cut(rest, 0, i));
                *in = span_from(rest, i + 2);
                return true;
        }
        return false;
}

bool literal_lua(struct span *in, struct arena *a, struct span *ret)
{
        static const struct quoting how = {true, false, 10};
        struct buf value = {.max = LITERAL_MAX};
        struct span rest = *in;
        bool ok = span_starts(rest, "\"") || span_starts(rest, "'") ? quoted(&rest, &value, &how)
                  : span_starts(rest, "[[")                         ? long_bracket(&rest, &value)
                                                                    : false;

        if (!take(ok, &value, a, ret))
                return false;
        *in = rest;
        return true;
}

bool literal_toml(struct span *in, struct arena *a, struct span *ret)
{
        static const struct quoting twice = {true, false, 8}, once = {false, false, 8};
        struct buf value = {.max = LITERAL_MAX};
        struct span rest = *in;
        bool ok = span_starts(rest, "\"")  ? quoted(&rest, &value, &twice)
                  : span_starts(rest, "'") ? quoted(&rest, &value, &once)
                                           : false;

        if (!take(ok, &value, a, ret))
                return false;
        *in = rest;
        return true;
}

bool literal_erlang(struct span *in, struct arena *a, struct span *ret)
{
        static const struct quoting how = {true, false, 8};
        struct buf value = {.max = LITERAL_MAX};
        struct span rest = *in;
        bool ok = (span_starts(rest, "\"") || span_starts(rest, "'")) && quoted(&rest, &value, &how);

        if (!take(ok, &value, a, ret))
                return false;
        *in = rest;
        return true;
}
