/*
 * Portage: digits{.digits}[letter]{_suffix[digits]}[-rdigits], Package Manager Specification, section 3.2 and the
 * algorithms of section 3.3.
 *
 * Numbers after a dot are compared as text without their trailing zeros when either begins with a zero, so 1.01 is
 * 1.010 and 1.02 < 1.1; fewer numbers come first (1 < 1.0). Then the letter, none before a; then the suffixes _alpha,
 * _beta, _pre, _rc, none, _p, each with a number that is 0 if missing; then the revision, 0 if missing. A total order.
 *
 * Key: the first number, and for each further part one byte for its kind and its value.
 */
#include "advisory/version/order_priv.h"

#define NUMBERS_END 1u
#define NUMBER_TEXT 2u /* ended by 00 */
#define NUMBER 3u

#define SUFFIX_NONE 5u /* 1 to 4 before, 6 after */

static bool dotted(struct cursor *c, struct buf *key, struct err *e)
{
        while (scan_byte(c, '.')) {
                struct span digits = scan_digits(c);
                if (digits.len == 0)
                        return err_set(e, ERR_MALFORMED, "what follows a dot is not a number");
                if (digits.at[0] != '0') {
                        buf_put_u8(key, NUMBER);
                        version_put_number(key, digits);
                        continue;
                }
                while (digits.len > 0 && digits.at[digits.len - 1] == '0')
                        digits.len--;
                buf_put_u8(key, NUMBER_TEXT);
                buf_put(key, digits);
                buf_put_u8(key, 0);
        }
        buf_put_u8(key, NUMBERS_END);
        return true;
}

static bool suffixes(struct cursor *c, struct buf *key, struct err *e)
{
        static const struct {
                const char *name;
                uint8_t rank;
        } known[] = {{"alpha", 1}, {"beta", 2}, {"pre", 3}, {"rc", 4}, {"p", 6}};

        while (scan_byte(c, '_')) {
                struct span name = scan_letters(c);
                size_t i = 0;
                while (i < ARRAY_LEN(known) && !span_is(name, known[i].name))
                        i++;
                if (i == ARRAY_LEN(known))
                        return err_set(e, ERR_MALFORMED, "the suffix \"_%.*s\" is not one of Gentoo's",
                            name.len > 20 ? 20 : (int)name.len, name.len ? (const char *)name.at : "");
                buf_put_u8(key, known[i].rank);
                version_put_number(key, scan_digits(c));
        }
        buf_put_u8(key, SUFFIX_NONE);
        return true;
}

bool version_key_portage(struct span version, struct buf *ret_key, struct err *e)
{
        struct cursor c = {.rest = version};
        struct span digits = scan_digits(&c), revision = {0};

        if (digits.len == 0)
                return err_set(e, ERR_MALFORMED, "the beginning is not a number");
        version_put_number(ret_key, digits);
        if (!dotted(&c, ret_key, e))
                return false;
        buf_put_u8(ret_key, scan_peek(&c) >= 'a' && scan_peek(&c) <= 'z' ? cursor_u8(&c) : 0);
        if (!suffixes(&c, ret_key, e))
                return false;
        if (span_starts(c.rest, "-r")) {
                cursor_take(&c, 2);
                revision = scan_digits(&c);
                if (revision.len == 0)
                        return err_set(e, ERR_MALFORMED, "what follows \"-r\" is not a number");
        }
        if (c.rest.len > 0)
                return err_set(
                    e, ERR_MALFORMED, "byte 0x%02x is not allowed here in a version of Gentoo", c.rest.at[0]);
        version_put_number(ret_key, revision);
        return true;
}
