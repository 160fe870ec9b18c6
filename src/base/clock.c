#include <time.h>

#include "base/base.h"

#define DAY_S 86400
#define YEAR_FIRST 1970
#define YEAR_LAST 9999

static int64_t clock_ns(clockid_t which)
{
        struct timespec t;

        if (clock_gettime(which, &t) != 0)
                abort(); /* both clocks exist on every Linux */
        return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t clock_wall_s(void)
{
        return clock_wall_ns() / 1000000000;
}

int64_t clock_wall_ns(void)
{
        return clock_ns(CLOCK_REALTIME);
}

int64_t clock_mono_ms(void)
{
        return clock_ns(CLOCK_MONOTONIC) / 1000000;
}

static bool year_is_leap(int64_t year)
{
        return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int64_t month_days(int64_t year, int64_t month)
{
        static const uint8_t days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

        return days[(size_t)(month - 1) % 12] + (month == 2 && year_is_leap(year));
}

/* Days of all years before `year` in the proleptic Gregorian calendar, counted from year 0 (a leap year). */
static int64_t days_before_year(int64_t year)
{
        int64_t full = year - 1;

        return year == 0 ? 0 : year * 365 + full / 4 - full / 100 + full / 400 + 1;
}

static int64_t days_since_epoch(int64_t year, int64_t month, int64_t day)
{
        int64_t days = days_before_year(year) - days_before_year(YEAR_FIRST) + day - 1;

        for (int64_t m = 1; m < month; m++)
                days += month_days(year, m);
        return days;
}

const char *clock_format(int64_t wall_s, char out[CLOCK_TEXT_MAX])
{
        int64_t days = wall_s / DAY_S, s = wall_s % DAY_S;
        int64_t year = YEAR_FIRST + days / 366, month = 1;

        if (wall_s < 0 || wall_s >= days_since_epoch(YEAR_LAST + 1, 1, 1) * DAY_S) {
                memcpy(out, "-", 2);
                return out;
        }
        while (days_since_epoch(year + 1, 1, 1) <= days)
                year++;
        days -= days_since_epoch(year, 1, 1);
        while (month < 12 && days >= month_days(year, month))
                days -= month_days(year, month++);
        snprintf(out, CLOCK_TEXT_MAX, "%04d-%02d-%02dT%02d:%02d:%02dZ", (int)year, (int)month, (int)days + 1,
            (int)(s / 3600), (int)(s / 60 % 60), (int)(s % 60));
        return out;
}

/* Exactly `n` digits with a value from `least` to `most`, then (when not 0) the byte `then`. `least` on failure. */
static int64_t field_take(struct cursor *c, size_t n, int64_t least, int64_t most, char then)
{
        uint64_t v = 0;

        if (!span_to_u64(cursor_take(c, n), &v) || (int64_t)v < least || (int64_t)v > most)
                c->failed = true;
        if (then && cursor_u8(c) != (uint8_t)then)
                c->failed = true;
        return c->failed ? least : (int64_t)v;
}

/* ".5", ".123456789": dropped. */
static void fraction_drop(struct cursor *c)
{
        size_t n = 0;

        if (c->rest.len == 0 || c->rest.at[0] != '.')
                return;
        cursor_u8(c);
        while (n < c->rest.len && c->rest.at[n] >= '0' && c->rest.at[n] <= '9')
                n++;
        if (n == 0)
                c->failed = true;
        cursor_take(c, n);
}

/* "Z", "+05:30": seconds east of UTC. */
static int64_t offset_take(struct cursor *c)
{
        uint8_t sign = cursor_u8(c);
        int64_t s;

        if (sign == 'Z' || sign == 'z')
                return 0;
        if (sign != '+' && sign != '-')
                c->failed = true;
        s = field_take(c, 2, 0, 23, ':') * 3600;
        s += field_take(c, 2, 0, 59, 0) * 60;
        return sign == '-' ? -s : s;
}

bool clock_parse(struct span text, int64_t *ret_wall_s)
{
        struct cursor c = {.rest = text};
        int64_t year = field_take(&c, 4, 0, YEAR_LAST, '-');
        int64_t month = field_take(&c, 2, 1, 12, '-');
        int64_t day = field_take(&c, 2, 1, 31, 0);
        int64_t s;
        uint8_t mark;

        if (c.failed || day > month_days(year, month))
                return false;
        s = days_since_epoch(year, month, day) * DAY_S;
        if (c.rest.len > 0) {
                mark = cursor_u8(&c);
                if (mark != 'T' && mark != 't' && mark != ' ') /* RFC 3339, 5.6: the blank is allowed */
                        return false;
                s += field_take(&c, 2, 0, 23, ':') * 3600;
                s += field_take(&c, 2, 0, 59, ':') * 60;
                s += field_take(&c, 2, 0, 60, 0); /* 60: leap second, counted as the next minute's first */
                fraction_drop(&c);
                s -= offset_take(&c);
        }
        if (!cursor_at_end(&c))
                return false;
        *ret_wall_s = s;
        return true;
}
