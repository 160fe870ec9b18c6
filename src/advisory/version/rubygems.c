/*
 * RubyGems: accepted and compared as Gem::Version does: digits{.alphanumerics}[-alphanumerics and hyphens{...}], blanks
 * around it, where every '-' stands for ".pre.". Only the empty version, which Gem::Version takes for 0, is refused.
 *
 * Segments are runs of digits and runs of letters; a version is continued by zeros without end, so 1 = 1.0, and zeros
 * before the first letters don't count either: 1.0.a = 1.a. Letters sort before numbers and bytewise: 1.a < 1 < 1.1.
 * This is a total order.
 *
 * Key: for each segment that isn't zero, how it compares with the zeros that would stand there if the version ended:
 * 01, the count of zeros before it and the letters, ended by 00: before the end, sooner if fewer zeros come first; 02,
 * the end; 03, the count of zeros before it, inverted, and the number: after the end, later if fewer zeros come first.
 */
#include "advisory/version/order_priv.h"

#define NEXT_LETTERS 1u
#define NEXT_END 2u
#define NEXT_NUMBER 3u

static bool is_alphanumeric(int c)
{
        return ascii_is_digit(c) || ascii_is_letter(c);
}

/* [0-9]+(\.[0-9a-zA-Z]+)*(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)? */
static bool check(struct span version, struct err *e)
{
        bool after_hyphen = false;
        size_t i = 0, from = 0;

        while (i < version.len && ascii_is_digit(version.at[i]))
                i++;
        if (i == 0)
                return err_set(e, ERR_MALFORMED, "the first segment is not a number");
        while (i < version.len) {
                if (version.at[i] != '.' && (version.at[i] != '-' || after_hyphen))
                        return err_set(
                            e, ERR_MALFORMED, "byte 0x%02x is not allowed here in a version of a gem", version.at[i]);
                after_hyphen |= version.at[i] == '-';
                from = ++i;
                while (i < version.len && (is_alphanumeric(version.at[i]) || (after_hyphen && version.at[i] == '-')))
                        i++;
                if (i == from)
                        return err_set(e, ERR_MALFORMED, "a segment is empty or not alphanumeric");
        }
        return true;
}

struct segments {
        struct buf *key;
        uint16_t zeros;   /* since the last segment that isn't zero */
        bool has_letters; /* zeros count from here on */
};

static void zeros_put(struct segments *s, uint8_t next, uint16_t zeros)
{
        buf_put_u8(s->key, next);
        buf_put_u8(s->key, (uint8_t)(zeros >> 8));
        buf_put_u8(s->key, (uint8_t)zeros);
        s->zeros = 0;
}

static void letters_put(struct segments *s, struct span letters)
{
        zeros_put(s, NEXT_LETTERS, s->has_letters ? s->zeros : 0);
        buf_put(s->key, letters);
        buf_put_u8(s->key, 0);
        s->has_letters = true;
}

static void number_put(struct segments *s, struct span digits)
{
        size_t zeros = 0;

        while (zeros < digits.len && digits.at[zeros] == '0')
                zeros++;
        if (zeros == digits.len) {
                s->zeros++;
                return;
        }
        zeros_put(s, NEXT_NUMBER, (uint16_t)(0xffffu - s->zeros));
        version_put_number(s->key, digits);
}

bool version_key_rubygems(struct span version, struct buf *ret_key, struct err *e)
{
        struct cursor c = {.rest = span_trim(version)};
        struct segments s = {.key = ret_key};

        if (!check(c.rest, e))
                return false;
        while (c.rest.len > 0) {
                int byte = scan_peek(&c);
                if (ascii_is_digit(byte))
                        number_put(&s, scan_digits(&c));
                else if (ascii_is_letter(byte))
                        letters_put(&s, scan_letters(&c));
                else if (cursor_u8(&c) == '-')
                        letters_put(&s, SPAN_LIT("pre"));
        }
        buf_put_u8(ret_key, NEXT_END);
        return true;
}
