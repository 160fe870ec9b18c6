/*
 * Packagist: what composer/semver's VersionParser::normalize makes of a version, ordered by PHP's version_compare.
 *
 * Accepted are one to four numbers (the first of at most five digits), dates ("2010-01-02", "20100102.1"), then
 * "-beta2", "RC1", "pl3", "-dev" in all their spellings; around them white space, 'v', "@stability", "+metadata" and
 * "1.0 as 2.0" as Composer removes them. "1.x-dev" is the branch 1.9999999.9999999.9999999-dev.
 *
 * Refused are other branches ("dev-main", "master"): Composer orders them before all numbers, but says of none that it
 * lies in a range, and what a branch holds can't be told from its name.
 *
 * version_compare computes with 64 bits; ours has no limit on numbers. What it makes of "1.0-Stable" (only "stable" in
 * small letters is no suffix, and an unknown one sorts before dev) is kept as it is.
 *
 * Key: the numbers and suffixes one by one: unknown 01, dev 02, alpha 03, beta 04, RC 05, the end 06, a number 07,
 * patch 08. Longer lists of numbers come after shorter ones, since a number is after the end.
 */
#include "advisory/version/order_priv.h"

enum { PART_UNKNOWN = 1, PART_DEV, PART_ALPHA, PART_BETA, PART_RC, PART_END, PART_NUMBER, PART_PATCH };

#define FIRST_DIGITS_MAX 5u
#define PARTS_OF_BRANCH 4u

static const struct {
        const char *text; /* lower case, longer spellings first */
        uint8_t part;     /* 0: "stable" */
} stabilities[] = {{"stable", 0}, {"beta", PART_BETA}, {"b", PART_BETA}, {"rc", PART_RC}, {"alpha", PART_ALPHA},
    {"a", PART_ALPHA}, {"patch", PART_PATCH}, {"pl", PART_PATCH}, {"p", PART_PATCH}};

static void put_number(struct buf *key, struct span digits)
{
        buf_put_u8(key, PART_NUMBER);
        version_put_number(key, digits);
}

/* [.-]?dev at the end of all. */
static bool scan_dev(struct cursor *c)
{
        struct cursor at = *c;

        if (!scan_byte(&at, '.'))
                scan_byte(&at, '-');
        if (!scan_word(&at, "dev") || at.rest.len > 0)
                return false;
        *c = at;
        return true;
}

/* ([.-]?[0-9]+)* */
static void scan_numbers(struct cursor *c, struct buf *key)
{
        for (;;) {
                struct cursor at = *c;
                if (!scan_byte(&at, '.'))
                        scan_byte(&at, '-');
                if (!ascii_is_digit(scan_peek(&at)))
                        return;
                put_number(key, scan_digits(&at));
                *c = at;
        }
}

/* [._-]? (stability numbers)? ([.-]?dev)? and the end of the version; false when something else follows. */
static bool suffixes(struct cursor c, struct buf *key)
{
        const size_t before = key->len;
        struct cursor start = c;
        bool dev;

        if (scan_peek(&start) == '.' || scan_peek(&start) == '_' || scan_peek(&start) == '-')
                cursor_take(&start, 1);
        for (size_t i = 0; i < ARRAY_LEN(stabilities); i++) {
                struct cursor at = start;
                bool plain = span_starts(at.rest, "stable");
                if (!scan_word(&at, stabilities[i].text))
                        continue;
                buf_put_u8(key, stabilities[i].part ? stabilities[i].part : PART_UNKNOWN);
                scan_numbers(&at, key);
                dev = scan_dev(&at);
                if (at.rest.len > 0) {
                        key->len = before;
                        continue;
                }
                if (stabilities[i].part == 0 && plain)
                        key->len = before; /* all that follows "stable" is dropped */
                else if (dev)
                        buf_put_u8(key, PART_DEV);
                buf_put_u8(key, PART_END);
                return true;
        }
        dev = scan_dev(&start) || scan_dev(&c);
        if (!dev && start.rest.len > 0)
                return false;
        if (dev)
                buf_put_u8(key, PART_DEV);
        buf_put_u8(key, PART_END);
        return true;
}

static bool classical(struct cursor c, struct buf *key)
{
        const size_t before = key->len;
        struct span digits = scan_digits(&c);

        if (digits.len == 0 || digits.len > FIRST_DIGITS_MAX)
                return false;
        put_number(key, digits);
        for (size_t i = 1; i < 4; i++) {
                struct cursor at = c;
                digits = scan_byte(&at, '.') ? scan_digits(&at) : (struct span){0};
                put_number(key, digits);
                if (digits.len > 0)
                        c = at;
        }
        if (suffixes(c, key))
                return true;
        key->len = before;
        return false;
}

/* The digits of a run behind the year as pairs, the last run with 0 to 3 digits more. */
static bool date_pairs(size_t pairs, size_t last)
{
        for (size_t tail = 0; tail <= 3 && tail <= last; tail++) {
                size_t n = pairs + (last - tail) / 2;
                if ((last - tail) % 2 == 0 && n >= 1 && n <= 6)
                        return true;
        }
        return false;
}

/* [0-9]{4} ([.:-]?[0-9]{2}){1,6} ([.:-]?[0-9]{1,3})? and suffixes; each run of digits is one number. */
static bool date(struct cursor c, struct buf *key)
{
        const size_t before = key->len;
        struct span digits = scan_digits(&c);
        size_t pairs = 0, last;

        if (digits.len < 4)
                return false;
        last = digits.len - 4;
        put_number(key, digits);
        for (;;) {
                struct cursor at = c;
                if (!scan_byte(&at, '.') && !scan_byte(&at, ':'))
                        scan_byte(&at, '-');
                digits = scan_digits(&at);
                if (digits.len == 0)
                        break;
                if (last % 2 != 0)
                        pairs = VERSION_MAX; /* an odd run that is not the last: no date */
                pairs += last / 2;
                last = digits.len;
                put_number(key, digits);
                c = at;
        }
        if (date_pairs(pairs, last) && suffixes(c, key))
                return true;
        key->len = before;
        return false;
}

/* "1.x-dev", "1.2-dev": each number that is not given is 9999999. */
static bool branch(struct span version, struct buf *key)
{
        const struct span rest = SPAN_LIT("9999999");
        const size_t before = key->len;
        struct cursor c;
        size_t n = 1;

        if (version.len < 3 ||
            !(c = (struct cursor){.rest = span_from(version, version.len - 3)}, scan_word(&c, "dev")))
                return false;
        version.len -= 3;
        if (version.len > 0 && (version.at[version.len - 1] == '.' || version.at[version.len - 1] == '-'))
                version.len--;
        c = (struct cursor){.rest = span_trim(version)};
        scan_word(&c, "v");
        if (!ascii_is_digit(scan_peek(&c)))
                return false;
        put_number(key, scan_digits(&c));
        for (; n < PARTS_OF_BRANCH && scan_byte(&c, '.'); n++) {
                struct span digits = scan_digits(&c);
                if (digits.len == 0 && !scan_word(&c, "x") && !scan_byte(&c, '*')) {
                        key->len = before;
                        return false;
                }
                put_number(key, digits.len > 0 ? digits : rest);
        }
        for (; n < PARTS_OF_BRANCH; n++)
                put_number(key, rest);
        buf_put_u8(key, PART_DEV);
        buf_put_u8(key, PART_END);
        if (c.rest.len == 0)
                return true;
        key->len = before;
        return false;
}

static bool has_blank_or_comma(struct span s)
{
        for (size_t i = 0; i < s.len; i++)
                if (s.at[i] == ',' || s.at[i] == ' ' || (s.at[i] >= '\t' && s.at[i] <= '\r'))
                        return true;
        return false;
}

/* "X as Y" is X, for X and Y without blanks and commas. */
static struct span without_alias(struct span v)
{
        struct span before, rest;

        if (!span_split(v, ' ', &before, &rest))
                return v;
        while (span_starts(rest, " "))
                rest = span_from(rest, 1);
        if (!span_starts(rest, "as "))
                return v;
        rest = span_from(rest, 3);
        while (span_starts(rest, " "))
                rest = span_from(rest, 1);
        return rest.len > 0 && before.len > 0 && !has_blank_or_comma(rest) && !has_blank_or_comma(before) ? before : v;
}

static struct span without_flag(struct span v)
{
        static const char *const flags[] = {"stable", "rc", "beta", "alpha", "dev"};
        size_t at;

        if (!span_find(v, '@', &at))
                return v;
        for (size_t i = 0; i < ARRAY_LEN(flags); i++) {
                size_t n = strlen(flags[i]) + 1;
                struct cursor c;
                if (v.len < n || v.at[v.len - n] != '@')
                        continue;
                c = (struct cursor){.rest = span_from(v, v.len - n + 1)};
                if (scan_word(&c, flags[i]))
                        return span_cut(v, 0, v.len - n);
        }
        return v;
}

bool version_key_composer(struct span version, struct buf *ret_key, struct err *e)
{
        struct span v = without_flag(without_alias(span_trim(version)));
        struct cursor c = {.rest = v};
        size_t plus;

        if (span_is(v, "master") || span_is(v, "trunk") || span_is(v, "default") || scan_word(&c, "dev-"))
                return err_set(e, ERR_MALFORMED, "a branch: Composer puts it into no range of versions");
        if (span_find(v, '+', &plus) && plus > 0 && plus + 1 < v.len && !has_blank_or_comma(span_cut(v, 0, plus)) &&
            !span_has_control(v) && !span_find(span_from(v, plus), ' ', &(size_t){0}))
                v = span_cut(v, 0, plus);
        c = (struct cursor){.rest = v};
        scan_word(&c, "v");
        if (classical(c, ret_key) || date(c, ret_key) || branch(v, ret_key))
                return true;
        return err_set(e, ERR_MALFORMED, "Composer knows no version of this form");
}
