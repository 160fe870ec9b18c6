/* TOML's four kinds of strings: "...", '...', and each between three quotes over several lines. */
#include "inventory/toml_string_priv.h"

bool toml_fail(struct toml *r, enum err_kind kind, const char *what)
{
        return err_set(r->e, kind, "line %zu: %s", r->line, what);
}

static void put_utf8(struct buf *b, uint32_t c)
{
        if (c < 0x80) {
                buf_put_u8(b, (uint8_t)c);
                return;
        }
        unsigned more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
        buf_put_u8(b, (uint8_t)((0xff80u >> more) | (c >> (6 * more))));
        while (more-- > 0)
                buf_put_u8(b, (uint8_t)(0x80 | ((c >> (6 * more)) & 0x3f)));
}

/* \uXXXX or \UXXXXXXXX behind its letter. */
static bool code_point(struct toml *r, size_t digits, struct buf *to)
{
        uint32_t c = 0;

        if (r->rest.len < digits)
                return toml_fail(r, ERR_MALFORMED, "an escape that ends early");
        for (size_t i = 0; i < digits; i++) {
                uint8_t d = r->rest.at[i];
                uint32_t v = d >= '0' && d <= '9'   ? d - '0' + 0u
                             : d >= 'a' && d <= 'f' ? d - 'a' + 10u
                             : d >= 'A' && d <= 'F' ? d - 'A' + 10u
                                                    : 16u;
                if (v > 15 || c > 0x10ffff)
                        return toml_fail(r, ERR_MALFORMED, "an escape that is no character");
                c = c << 4 | v;
        }
        if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
                return toml_fail(r, ERR_MALFORMED, "an escape that is no character");
        r->rest = span_from(r->rest, digits);
        put_utf8(to, c);
        return true;
}

/* A '\' at a line's end takes away the break and all white space in front of the next word. */
static bool line_continued(struct toml *r)
{
        size_t at = 0;

        while (at < r->rest.len && (r->rest.at[at] == ' ' || r->rest.at[at] == '\t' || r->rest.at[at] == '\r'))
                at++;
        if (at == r->rest.len || r->rest.at[at] != '\n')
                return false;
        for (; at < r->rest.len && strchr(" \t\r\n", r->rest.at[at]) && r->rest.at[at]; at++)
                r->line += r->rest.at[at] == '\n';
        r->rest = span_from(r->rest, at);
        return true;
}

static bool escape(struct toml *r, bool lines, struct buf *to)
{
        static const char letters[] = "btnfr\"\\", bytes[] = "\b\t\n\f\r\"\\";
        uint8_t c;

        if (lines && line_continued(r))
                return true;
        if (r->rest.len == 0)
                return toml_fail(r, ERR_MALFORMED, "an escape that ends early");
        c = r->rest.at[0];
        r->rest = span_from(r->rest, 1);
        if (c == 'u' || c == 'U')
                return code_point(r, c == 'u' ? 4 : 8, to);
        const char *at = c ? strchr(letters, c) : NULL;
        if (!at)
                return toml_fail(r, ERR_MALFORMED, "an escape that is not known");
        buf_put_u8(to, (uint8_t)bytes[at - letters]);
        return true;
}

/* Up to two quotes more may stand in front of the three that end it. */
static bool ends(struct toml *r, uint8_t quote, bool lines, struct buf *to)
{
        size_t n = 0;

        while (n < 5 && n < r->rest.len && r->rest.at[n] == quote)
                n++;
        if (n < (lines ? 3u : 1u))
                return false;
        if (!lines)
                n = 1;
        for (size_t i = 3; lines && i < n; i++)
                buf_put_u8(to, quote);
        r->rest = span_from(r->rest, n);
        return true;
}

bool toml_string(struct toml *r, bool lines_too, struct span *ret)
{
        uint8_t quote = r->rest.at[0];
        bool lines = lines_too && span_starts(r->rest, quote == '"' ? "\"\"\"" : "'''");
        CLEANUP(buf_done) struct buf text = {0};

        r->rest = span_from(r->rest, lines ? 3 : 1);
        if (lines && (span_starts(r->rest, "\n") || span_starts(r->rest, "\r\n"))) {
                r->rest = span_from(r->rest, r->rest.at[0] == '\r' ? 2 : 1);
                r->line++;
        }
        while (!ends(r, quote, lines, &text)) {
                if (r->rest.len == 0)
                        return toml_fail(r, ERR_MALFORMED, "a string that does not end");
                uint8_t c = r->rest.at[0];
                r->rest = span_from(r->rest, 1);
                if (c == '\\' && quote == '"') {
                        if (!escape(r, lines, &text))
                                return false;
                        continue;
                }
                bool breaks = lines && (c == '\n' || (c == '\r' && span_starts(r->rest, "\n")));
                if ((c < ' ' && c != '\t' && !breaks) || c == 0x7f)
                        return toml_fail(r, ERR_MALFORMED, "a control byte in a string");
                r->line += c == '\n';
                buf_put_u8(&text, c);
        }
        *ret = arena_copy(r->tree->arena, buf_span(&text));
        return true;
}
