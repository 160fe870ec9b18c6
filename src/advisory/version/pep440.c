/*
 * PEP 440, accepted and ordered as PyPA's packaging.version.Version has it: all spellings that its "Version
 * normalisation" allows (case, v, separators, alpha/beta/c/pre/preview, rev/r, implicit numbers, "1.0-1"), white space
 * around it. Versions that are not PEP 440 ("2004d") are refused. One difference: packaging's regular expression works
 * on Unicode and takes 'ſ' (U+017F) for an 's' and blanks outside ASCII for white space; ours are refused.
 *
 * Key: epoch; the release without trailing zeros, each number after 02, ended by 01; pre-release; post-release;
 * development release; local version, its segments 02 (text, ended by 00) or 03 (number), ended by 01.
 */
#include "advisory/version/order_priv.h"

#define FIELD_END 1u
#define RELEASE_NUMBER 2u
#define LOCAL_TEXT 2u
#define LOCAL_NUMBER 3u

enum { PRE_DEV_ONLY = 1, PRE_A = 2, PRE_B = 3, PRE_RC = 4, PRE_NONE = 5 };
enum { POST_NONE = 1, POST_SOME = 2 };
enum { DEV_SOME = 1, DEV_NONE = 2 };

struct label {
        const char *text; /* lower case */
        uint8_t value;
};

/* Longer spellings before their own beginnings. */
static const struct label pre_labels[] = {{"alpha", PRE_A}, {"a", PRE_A}, {"beta", PRE_B}, {"b", PRE_B},
    {"preview", PRE_RC}, {"pre", PRE_RC}, {"rc", PRE_RC}, {"c", PRE_RC}};
static const struct label post_labels[] = {{"post", POST_SOME}, {"rev", POST_SOME}, {"r", POST_SOME}};
static const struct label dev_labels[] = {{"dev", DEV_SOME}};

static bool is_separator(int c)
{
        return c == '.' || c == '-' || c == '_';
}

/* [-_.]? LABEL [-_.]? [0-9]*; nothing is taken when there is no label. */
static uint8_t scan_label(struct cursor *c, const struct label *labels, size_t n, struct span *ret_number)
{
        struct cursor at = *c;

        if (is_separator(scan_peek(&at)))
                cursor_take(&at, 1);
        for (size_t i = 0; i < n; i++) {
                if (!scan_word(&at, labels[i].text))
                        continue;
                if (is_separator(scan_peek(&at)))
                        cursor_take(&at, 1);
                *ret_number = scan_digits(&at);
                *c = at;
                return labels[i].value;
        }
        return 0;
}

/* "-1" right after the release or the pre-release is a post-release. */
static bool scan_implicit_post(struct cursor *c, struct span *ret_number)
{
        struct cursor at = *c;
        struct span digits;

        if (!scan_byte(&at, '-'))
                return false;
        digits = scan_digits(&at);
        if (digits.len == 0)
                return false;
        *ret_number = digits;
        *c = at;
        return true;
}

static bool release(struct cursor *c, struct span first, struct buf *key, struct err *e)
{
        size_t after_last = key->len;
        struct span number = first;

        if (first.len == 0)
                return err_set(e, ERR_MALFORMED, "the release is not a number");
        for (;;) {
                struct cursor at;
                size_t before = key->len;
                buf_put_u8(key, RELEASE_NUMBER);
                version_put_number(key, number);
                if (key->len > before + 2) /* not zero */
                        after_last = key->len;
                at = *c;
                if (!scan_byte(&at, '.') || !ascii_is_digit(scan_peek(&at)))
                        break;
                number = scan_digits(&at);
                *c = at;
        }
        key->len = after_last; /* 1.0 is 1 */
        buf_put_u8(key, FIELD_END);
        return true;
}

static bool local(struct cursor *c, struct buf *key, struct err *e)
{
        do {
                bool numeric = true;
                size_t n = 0;
                while (n < c->rest.len && (ascii_is_digit(c->rest.at[n]) || ascii_is_letter(c->rest.at[n])))
                        numeric &= ascii_is_digit(c->rest.at[n++]);
                if (n == 0)
                        return err_set(e, ERR_MALFORMED, "a segment of the local version is empty or not alphanumeric");
                struct span segment = cursor_take(c, n);
                buf_put_u8(key, numeric ? LOCAL_NUMBER : LOCAL_TEXT);
                if (numeric) {
                        version_put_number(key, segment);
                        continue;
                }
                for (size_t i = 0; i < segment.len; i++)
                        buf_put_u8(key, ascii_lower(segment.at[i]));
                buf_put_u8(key, 0);
        } while (is_separator(scan_peek(c)) && cursor_take(c, 1).len == 1);
        return true;
}

/* Pre-, post- and development release; a development release of neither sorts before all pre-releases. */
static void suffixes(struct cursor *c, struct buf *key)
{
        struct span pre_number = {0}, post_number = {0}, dev_number = {0};
        uint8_t pre = scan_label(c, pre_labels, ARRAY_LEN(pre_labels), &pre_number);
        bool post = scan_implicit_post(c, &post_number) ||
                    scan_label(c, post_labels, ARRAY_LEN(post_labels), &post_number) != 0;
        bool dev = scan_label(c, dev_labels, ARRAY_LEN(dev_labels), &dev_number) != 0;

        if (pre) {
                buf_put_u8(key, pre);
                version_put_number(key, pre_number);
        } else {
                buf_put_u8(key, dev && !post ? PRE_DEV_ONLY : PRE_NONE);
        }
        buf_put_u8(key, post ? POST_SOME : POST_NONE);
        if (post)
                version_put_number(key, post_number);
        buf_put_u8(key, dev ? DEV_SOME : DEV_NONE);
        if (dev)
                version_put_number(key, dev_number);
}

bool version_key_pep440(struct span version, struct buf *ret_key, struct err *e)
{
        struct cursor c = {.rest = span_trim(version)};
        struct span number;

        if (!scan_byte(&c, 'v'))
                scan_byte(&c, 'V');
        number = scan_digits(&c);
        if (number.len > 0 && scan_byte(&c, '!')) {
                version_put_number(ret_key, number);
                number = scan_digits(&c);
        } else {
                version_put_number(ret_key, (struct span){0});
        }
        if (!release(&c, number, ret_key, e))
                return false;
        suffixes(&c, ret_key);
        if (scan_byte(&c, '+') && !local(&c, ret_key, e))
                return false;
        buf_put_u8(ret_key, FIELD_END);
        if (c.rest.len > 0)
                return err_set(e, ERR_MALFORMED, "byte 0x%02x is not allowed here in a PEP 440 version", c.rest.at[0]);
        return true;
}

#define ABOVE_ALL 0xffu

void version_pep440_above_local(struct buf *key)
{
        key->at[key->len - 1] = ABOVE_ALL; /* in place of the FIELD_END of a version without local segments */
}

/* Bytes of a number as version_put_number wrote it. */
static size_t number_len(struct span key)
{
        if (key.len > 2 && key.at[0] == 255)
                return 3u + ((size_t)key.at[1] << 8 | key.at[2]);
        return key.len > 0 ? 1u + key.at[0] : 0;
}

void version_pep440_above_release(struct buf *key)
{
        struct span rest = buf_span(key);

        rest = span_from(rest, number_len(rest)); /* epoch */
        while (rest.len > 0 && rest.at[0] == RELEASE_NUMBER)
                rest = span_from(rest, 1 + number_len(span_from(rest, 1)));
        key->len -= rest.len > 0 ? rest.len - 1 : 0; /* the release keeps its FIELD_END */
        buf_put_u8(key, ABOVE_ALL);
}

bool version_pep440_is_prerelease(struct span key)
{
        struct span rest = span_from(key, number_len(key));
        uint8_t pre, post;

        while (rest.len > 0 && rest.at[0] == RELEASE_NUMBER)
                rest = span_from(rest, 1 + number_len(span_from(rest, 1)));
        pre = rest.len > 1 ? rest.at[1] : PRE_NONE;
        if (pre != PRE_NONE)
                return true;
        post = rest.len > 2 ? rest.at[2] : POST_NONE;
        rest = span_from(rest, 3);
        if (post == POST_SOME)
                rest = span_from(rest, number_len(rest));
        return rest.len > 0 && rest.at[0] == DEV_SOME;
}
