/* TOML's bare values: booleans, integers, floats, and RFC 3339's dates and times. */
#include "inventory/toml_string_priv.h"

static bool is_digit(uint8_t c, unsigned base)
{
        unsigned d = c >= '0' && c <= '9'   ? c - '0' + 0u
                     : c >= 'a' && c <= 'f' ? c - 'a' + 10u
                     : c >= 'A' && c <= 'F' ? c - 'A' + 10u
                                            : 99u;

        return d < base;
}

static bool skip(struct span *s, const char *one_of)
{
        if (s->len == 0 || !strchr(one_of, s->at[0]) || s->at[0] == 0)
                return false;
        *s = span_from(*s, 1);
        return true;
}

/* "1_000": '_' only between two digits. */
static bool digits(struct span *s, unsigned base)
{
        size_t n = 0;

        while (n < s->len && (is_digit(s->at[n], base) || (s->at[n] == '_' && n > 0 && s->at[n - 1] != '_')))
                n++;
        bool ok = n > 0 && s->at[n - 1] != '_';
        *s = span_from(*s, n);
        return ok;
}

static bool number(struct span s)
{
        static const struct {
                const char *prefix;
                unsigned base;
        } bases[] = {{"0x", 16}, {"0o", 8}, {"0b", 2}};

        for (size_t i = 0; i < ARRAY_LEN(bases); i++)
                if (span_starts(s, bases[i].prefix)) {
                        s = span_from(s, 2);
                        return digits(&s, bases[i].base) && s.len == 0;
                }
        skip(&s, "+-");
        if (span_is(s, "inf") || span_is(s, "nan"))
                return true;
        if (s.len > 1 && s.at[0] == '0' && (s.at[1] == '_' || is_digit(s.at[1], 10)))
                return false;
        if (!digits(&s, 10) || (skip(&s, ".") && !digits(&s, 10)))
                return false;
        if (!skip(&s, "eE"))
                return s.len == 0;
        skip(&s, "+-");
        return digits(&s, 10) && s.len == 0;
}

/* Exactly `n` digits, and a value from `low` to `high`. */
static bool field(struct span *s, size_t n, unsigned low, unsigned high, unsigned *ret)
{
        uint64_t v;

        if (s->len < n || !span_to_u64(span_cut(*s, 0, n), &v) || v < low || v > high)
                return false;
        *s = span_from(*s, n);
        *ret = (unsigned)v;
        return true;
}

static bool date(struct span *s)
{
        static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
        unsigned year, month, day;

        if (!field(s, 4, 0, 9999, &year) || !skip(s, "-") || !field(s, 2, 1, 12, &month) || !skip(s, "-"))
                return false;
        bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        return field(s, 2, 1, days[month - 1] + (leap && month == 2 ? 1u : 0u), &day);
}

/* A leap second is 60. */
static bool time_of_day(struct span *s)
{
        unsigned v;

        if (!field(s, 2, 0, 23, &v) || !skip(s, ":") || !field(s, 2, 0, 59, &v) || !skip(s, ":") ||
            !field(s, 2, 0, 60, &v))
                return false;
        if (!skip(s, "."))
                return true;
        size_t n = 0;
        while (n < s->len && is_digit(s->at[n], 10))
                n++;
        *s = span_from(*s, n);
        return n > 0;
}

static bool offset(struct span *s)
{
        unsigned v;

        return skip(s, "Zz") || (skip(s, "+-") && field(s, 2, 0, 23, &v) && skip(s, ":") && field(s, 2, 0, 59, &v));
}

/* 07:32:00, 1979-05-27, 1979-05-27T07:32:00.5, 1979-05-27 07:32:00-07:00 */
static bool moment(struct span s)
{
        if (s.len > 2 && s.at[2] == ':')
                return time_of_day(&s) && s.len == 0;
        if (!date(&s))
                return false;
        if (s.len == 0)
                return true;
        return skip(&s, "Tt ") && time_of_day(&s) && (s.len == 0 || (offset(&s) && s.len == 0));
}

bool toml_word(struct toml *r, struct span *ret)
{
        struct span s = r->rest;
        size_t len = 0;

        while (len < s.len && (toml_is_bare(s.at[len]) || (s.at[len] && strchr("+.:", s.at[len]))))
                len++;
        /* A blank in the place of a date's T. */
        if (len == 10 && s.at[4] == '-' && len + 1 < s.len && s.at[len] == ' ' && is_digit(s.at[len + 1], 10))
                for (len++; len < s.len && (toml_is_bare(s.at[len]) || (s.at[len] && strchr("+.:", s.at[len])));)
                        len++;
        s = span_cut(s, 0, len);
        if (!span_is(s, "true") && !span_is(s, "false") && !number(s) && !moment(s))
                return toml_fail(r, ERR_MALFORMED, "a value was expected");
        r->rest = span_from(r->rest, len);
        *ret = s;
        return true;
}
