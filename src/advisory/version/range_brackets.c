/*
 * Maven (VersionRange.createFromVersionSpec): "[1.0,2.0)", "[1.0]", "(,1.0],[1.2,)"; alternatives joined by ',', in
 * ascending order. A bare "1.0" is a recommendation that bounds nothing, and refused. NuGet: one interval, where a bare
 * "1.0" is that version and later; "1.*" and "1.0.0-*" name the newest at the time, not a range, and are refused.
 */
#include "advisory/version/range_priv.h"

static struct span trimmed_until(struct cursor *c, const char *stops)
{
        size_t n = 0;

        while (n < c->rest.len && (c->rest.at[n] == 0 || !strchr(stops, c->rest.at[n])))
                n++;
        return span_trim(cursor_take(c, n));
}

/* One interval from its bracket on. */
static bool interval(struct range_parser *p, struct cursor *c, struct range_set *ret)
{
        struct range_set from = range_all(p->arena), until = range_all(p->arena);
        bool lo_in, hi_in, list;
        struct span lo, hi;

        range_at(p, c);
        lo_in = scan_byte(c, '[');
        if (!lo_in && !scan_byte(c, '('))
                return range_refuse(p, ERR_MALFORMED, "no '[' or '(' where an interval begins");
        lo = trimmed_until(c, ",])[(");
        list = scan_byte(c, ',');
        hi = list ? trimmed_until(c, ",])[(") : lo;
        hi_in = scan_byte(c, ']');
        if (!hi_in && !scan_byte(c, ')'))
                return range_refuse(p, ERR_MALFORMED, "the interval has no ']' or ')'");
        if (!list && (!lo_in || !hi_in))
                return range_refuse(p, ERR_MALFORMED, "a single version stands in '[' and ']'");
        if (list && lo.len == 0 && hi.len == 0)
                return range_refuse(p, ERR_MALFORMED, "the interval has no ends");
        if ((lo.len > 0 || !list) && !range_compare_set(p, lo_in ? OP_GE : OP_GT, lo, &from))
                return false;
        if ((hi.len > 0 || !list) && !range_compare_set(p, hi_in ? OP_LE : OP_LT, hi, &until))
                return false;
        *ret = range_intersection(p->arena, &from, &until);
        if (ret->len == 0)
                return range_refuse(
                    p, ERR_MALFORMED, "no version can be in this interval: its lower end is not below its upper end");
        range_skip_blanks(c);
        return true;
}

bool range_parse_maven(struct range_parser *p)
{
        struct cursor c = {.rest = p->text};
        struct range_set set = {0}, next;

        range_skip_blanks(&c);
        if (scan_peek(&c) != '[' && scan_peek(&c) != '(') {
                range_at(p, &c);
                return range_refuse(p, ERR_MALFORMED,
                    "a version without brackets recommends, it bounds nothing: write [1.0] or [1.0,)");
        }
        do {
                range_skip_blanks(&c);
                if (!interval(p, &c, &next))
                        return false;
                if (set.len > 0 &&
                    (set.at[set.len - 1].open || span_compare(set.at[set.len - 1].hi.key, next.at[0].lo.key) > 0))
                        return range_refuse(p, ERR_MALFORMED, "intervals overlap or don't ascend");
                set = range_union(p->arena, &set, &next);
        } while (scan_byte(&c, ','));
        range_at(p, &c);
        if (c.rest.len > 0)
                return range_refuse(p, ERR_MALFORMED, "no ',' behind an interval");
        range_narrow(p, set);
        return range_group_end(p);
}

bool range_parse_nuget(struct range_parser *p)
{
        struct cursor c = {.rest = p->text};
        struct range_set set;
        size_t at;

        range_skip_blanks(&c);
        range_at(p, &c);
        if (span_find(p->text, '*', &at)) {
                p->offset = at;
                return range_refuse(p, ERR_UNSUPPORTED, "a floating version names the newest at the time, not a range");
        }
        if (scan_peek(&c) == '[' || scan_peek(&c) == '(') {
                if (!interval(p, &c, &set))
                        return false;
                range_at(p, &c);
                if (c.rest.len > 0)
                        return range_refuse(p, ERR_MALFORMED, "a NuGet range is one interval");
        } else if (!range_compare_set(p, OP_GE, span_trim(c.rest), &set)) {
                return false;
        }
        range_narrow(p, set);
        return range_group_end(p);
}
