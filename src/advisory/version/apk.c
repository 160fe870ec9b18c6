/*
 * apk: digits{.digits}[letter]{_suffix[digits]}[~hash][-rdigits], as apk-tools 3 accepts and compares it.
 *
 * The first number and those of suffixes and of -r are numbers. The others, after a dot, are numbers too unless either
 * begins with a zero: then they are compared as text, so 1.0 < 1.00 < 1.01 < 1.1. At the place of the first difference:
 * _alpha, _beta, _pre, _rc, the end, -r, ~hash, a suffix's number, _cvs, _svn, _git, _hg, _p, a letter, a dot. This is
 * a total order on what apk accepts; its comparison of invalid versions, which goes by the beginning that it could
 * read, isn't, and those are refused here as `apk version --check` does.
 *
 * apk-tools 2 differs in corners that no package uses: digits after a letter (6.6.2p1) were allowed, ~hash was not,
 * and zeros alone went by their count (1.00 < 1.0). Its numbers end at 18 digits and those of apk-tools 3 at 2^64;
 * ours don't end.
 *
 * Key: the first number, then for each further part one byte for its kind in the order above and its value.
 */
#include "advisory/version/order_priv.h"

enum {
        NEXT_PRE = 1, /* to 4 */
        NEXT_END = 5,
        NEXT_REVISION,
        NEXT_HASH,
        NEXT_SUFFIX_NUMBER,
        NEXT_POST, /* to 13 */
        NEXT_LETTER = NEXT_POST + 5,
        NEXT_ZERO_TEXT,
        NEXT_NUMBER
};

static bool number(struct cursor *c, const char *name, struct span *ret, struct err *e)
{
        struct span digits = scan_digits(c);

        if (digits.len == 0)
                return err_set(e, ERR_MALFORMED, "%s is not a number", name);
        *ret = digits;
        return true;
}

static bool dotted(struct cursor *c, struct buf *key, struct err *e)
{
        struct span digits;

        while (scan_byte(c, '.')) {
                if (!number(c, "what follows a dot", &digits, e))
                        return false;
                if (digits.at[0] != '0') {
                        buf_put_u8(key, NEXT_NUMBER);
                        version_put_number(key, digits);
                } else {
                        buf_put_u8(key, NEXT_ZERO_TEXT);
                        buf_put(key, digits);
                        buf_put_u8(key, 0);
                }
        }
        return true;
}

static bool suffixes(struct cursor *c, struct buf *key, struct err *e)
{
        static const struct {
                const char *name;
                uint8_t next;
        } known[] = {{"alpha", NEXT_PRE}, {"beta", NEXT_PRE + 1}, {"pre", NEXT_PRE + 2}, {"rc", NEXT_PRE + 3},
            {"cvs", NEXT_POST}, {"svn", NEXT_POST + 1}, {"git", NEXT_POST + 2}, {"hg", NEXT_POST + 3},
            {"p", NEXT_POST + 4}};

        while (scan_byte(c, '_')) {
                struct span name = scan_letters(c), digits;
                size_t i = 0;
                while (i < ARRAY_LEN(known) && !span_is(name, known[i].name))
                        i++;
                if (i == ARRAY_LEN(known))
                        return err_set(e, ERR_MALFORMED, "the suffix \"_%.*s\" is not one of apk's",
                            name.len > 20 ? 20 : (int)name.len, name.len ? (const char *)name.at : "");
                buf_put_u8(key, known[i].next);
                digits = scan_digits(c);
                if (digits.len > 0) {
                        buf_put_u8(key, NEXT_SUFFIX_NUMBER);
                        version_put_number(key, digits);
                }
        }
        return true;
}

static bool hash(struct cursor *c, struct buf *key, struct err *e)
{
        size_t n = 0;

        while (n < c->rest.len && (ascii_is_digit(c->rest.at[n]) || (c->rest.at[n] >= 'a' && c->rest.at[n] <= 'f')))
                n++;
        if (n == 0)
                return err_set(e, ERR_MALFORMED, "what follows '~' is not a hexadecimal number");
        buf_put_u8(key, NEXT_HASH);
        buf_put(key, cursor_take(c, n));
        buf_put_u8(key, 0);
        return true;
}

bool version_key_apk(struct span version, struct buf *ret_key, struct err *e)
{
        struct cursor c = {.rest = version};
        struct span digits;

        if (!number(&c, "the beginning", &digits, e))
                return false;
        version_put_number(ret_key, digits);
        if (!dotted(&c, ret_key, e))
                return false;
        if (scan_peek(&c) >= 'a' && scan_peek(&c) <= 'z') {
                buf_put_u8(ret_key, NEXT_LETTER);
                buf_put_u8(ret_key, cursor_u8(&c));
        }
        if (!suffixes(&c, ret_key, e))
                return false;
        if (scan_byte(&c, '~') && !hash(&c, ret_key, e))
                return false;
        if (span_starts(c.rest, "-r")) {
                cursor_take(&c, 2);
                if (!number(&c, "what follows \"-r\"", &digits, e))
                        return false;
                buf_put_u8(ret_key, NEXT_REVISION);
                version_put_number(ret_key, digits);
        }
        if (c.rest.len > 0)
                return err_set(e, ERR_MALFORMED, "byte 0x%02x is not allowed here in an apk version", c.rest.at[0]);
        buf_put_u8(ret_key, NEXT_END);
        return true;
}
