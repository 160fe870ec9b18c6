#include <assert.h>

#include "base/base.h"
#include "base/utf8_priv.h"

void json_out_init(struct json_out *o, struct buf *to, int indent)
{
        *o = (struct json_out){.to = to, .indent = indent > 0 ? indent : 0};
}

static bool in_object(const struct json_out *o)
{
        return o->depth > 0 && (o->objects >> (o->depth - 1) & 1);
}

static void line_break(struct json_out *o)
{
        uint8_t *to;
        size_t n = (size_t)o->depth * (size_t)o->indent;

        if (o->indent == 0)
                return;
        to = buf_reserve(o->to, n + 1);
        if (!to)
                return;
        *to = '\n';
        memset(to + 1, ' ', n);
        o->to->len += n + 1;
}

/* What stands between the previous element and this one. */
static void separate(struct json_out *o)
{
        if (o->need_comma)
                buf_put_u8(o->to, ',');
        if (o->depth > 0)
                line_break(o);
}

static void value_begin(struct json_out *o)
{
        assert(in_object(o) == o->after_key);   /* a member needs its key, an element has none */
        assert(o->depth > 0 || !o->need_comma); /* one value at the top */
        if (!o->after_key)
                separate(o);
        o->after_key = false;
        o->need_comma = true;
}

static void nest(struct json_out *o, bool object)
{
        value_begin(o);
        assert(o->depth < JSON_OUT_DEPTH_MAX);
        o->objects &= ~((uint64_t)1 << o->depth);
        o->objects |= (uint64_t)object << o->depth;
        o->depth++;
        o->need_comma = false;
        buf_put_u8(o->to, object ? '{' : '[');
}

static void unnest(struct json_out *o, bool object)
{
        bool empty = !o->need_comma;

        assert(o->depth > 0 && in_object(o) == object && !o->after_key);
        o->depth--;
        o->need_comma = true;
        if (!empty)
                line_break(o);
        buf_put_u8(o->to, object ? '}' : ']');
}

void json_out_object(struct json_out *o)
{
        nest(o, true);
}

void json_out_object_end(struct json_out *o)
{
        unnest(o, true);
}

void json_out_array(struct json_out *o)
{
        nest(o, false);
}

void json_out_array_end(struct json_out *o)
{
        unnest(o, false);
}

/* The shortest escapes, as RFC 8785 (canonical JSON) wants them. */
static void escape_put(struct buf *to, uint8_t c)
{
        static const char letters[0x20] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
        char letter = c < 0x20 ? letters[c] : (char)c;

        if (letter)
                buf_put(to, (struct span){(const uint8_t[]){'\\', (uint8_t)letter}, 2});
        else
                buf_printf(to, "\\u%04x", c);
}

static bool byte_is_plain(uint8_t c)
{
        return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/* How many bytes at the front stand for themselves, by eights: bit 7 of a byte shows that it doesn't. */
static size_t plain_words(struct span s)
{
        const uint64_t ones = 0x0101010101010101u, tops = ones * 0x80;
        size_t i = 0;

        for (; i + 8 <= s.len; i += 8) {
                uint64_t w;
                memcpy(&w, s.at + i, sizeof(w));
                uint64_t low = (w | tops) - ones * 0x20;         /* below 0x20: loses its bit 7 */
                uint64_t quote = (w ^ ones * '"') + ones * 0x7f; /* the byte itself does not gain it */
                uint64_t slash =
                    (w ^ ones * '\\') + ones * 0x7f; /* and a neighbour of 0x80 and more is refused by itself */
                if ((w | ~low | ~quote | ~slash) & tops)
                        break;
        }
        return i;
}

/* Most strings need no escape: they are written in one go. */
static bool string_put_plain(struct buf *to, struct span s)
{
        size_t n = plain_words(s);
        uint8_t *at;

        while (n < s.len && byte_is_plain(s.at[n]))
                n++;
        if (n < s.len)
                return false;
        at = buf_reserve(to, s.len + 2);
        if (!at)
                return true;
        at[0] = '"';
        if (s.len > 0)
                memcpy(at + 1, s.at, s.len);
        at[s.len + 1] = '"';
        to->len += s.len + 2;
        return true;
}

static void string_put(struct buf *to, struct span s)
{
        if (string_put_plain(to, s))
                return;
        buf_put_u8(to, '"');
        while (s.len > 0) {
                size_t n = 0, step;
                uint32_t code;

                /* Runs that stay as they are go out in one piece. */
                while (n < s.len) {
                        if (byte_is_plain(s.at[n]))
                                step = 1;
                        else
                                step = s.at[n] < 0x80 ? 0 : utf8_decode(span_from(s, n), &code);
                        if (step == 0)
                                break;
                        n += step;
                }
                buf_put(to, span_cut(s, 0, n));
                s = span_from(s, n);
                if (s.len == 0)
                        break;
                if (s.at[0] < 0x80)
                        escape_put(to, s.at[0]);
                else
                        buf_put(to, SPAN_LIT("\xef\xbf\xbd")); /* U+FFFD for each byte that is no UTF-8 */
                s = span_from(s, 1);
        }
        buf_put_u8(to, '"');
}

void json_out_key_span(struct json_out *o, struct span key)
{
        assert(in_object(o) && !o->after_key);
        separate(o);
        string_put(o->to, key);
        buf_put_text(o->to, o->indent ? ": " : ":");
        o->after_key = true;
}

void json_out_key(struct json_out *o, const char *key)
{
        json_out_key_span(o, span_of(key));
}

void json_out_string(struct json_out *o, struct span s)
{
        value_begin(o);
        string_put(o->to, s);
}

void json_out_text(struct json_out *o, const char *text)
{
        if (text)
                json_out_string(o, span_of(text));
        else
                json_out_null(o);
}

void json_out_u64(struct json_out *o, uint64_t v)
{
        value_begin(o);
        buf_printf(o->to, "%llu", (unsigned long long)v);
}

void json_out_i64(struct json_out *o, int64_t v)
{
        value_begin(o);
        buf_printf(o->to, "%lld", (long long)v);
}

void json_out_fixed1(struct json_out *o, uint32_t tenths)
{
        value_begin(o);
        buf_printf(o->to, "%u.%u", tenths / 10, tenths % 10);
}

void json_out_bool(struct json_out *o, bool v)
{
        value_begin(o);
        buf_put_text(o->to, v ? "true" : "false");
}

void json_out_null(struct json_out *o)
{
        value_begin(o);
        buf_put_text(o->to, "null");
}

void json_out_raw(struct json_out *o, struct span value)
{
        assert(value.len > 0);
        value_begin(o);
        buf_put(o->to, value);
}

void json_out_member(struct json_out *o, const char *key, struct span s)
{
        json_out_key(o, key);
        json_out_string(o, s);
}

void json_out_member_text(struct json_out *o, const char *key, const char *text)
{
        json_out_key(o, key);
        json_out_text(o, text);
}

void json_out_member_u64(struct json_out *o, const char *key, uint64_t v)
{
        json_out_key(o, key);
        json_out_u64(o, v);
}
