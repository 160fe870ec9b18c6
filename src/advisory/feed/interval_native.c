/*
 * Ranges in an ecosystem's own syntax, as they stand beside OSV records that were made of other lists: ruby-advisory-db's
 * patched_versions and unaffected_versions ("~> 2.0.1"), RustSec's patched and unaffected ("^0.3.26"), the Node.js security
 * group's vulnerable_versions ("<= 1.0.3 || 2.x"); and intervals that a form has read itself.
 */
#include "advisory/feed/feed_priv.h"
#include "advisory/version/order_priv.h"

struct interval_spans {
        struct version_interval *at;
        size_t len, cap;
};

/* The least key behind hi itself where hi belongs to the interval: no key is a prefix of another one. */
static struct span end_key(struct arena *a, const struct version_interval *i)
{
        struct buf b CLEANUP(buf_done) = {0};

        buf_put(&b, i->hi);
        if (i->flags & VERSION_INTERVAL_INCLUSIVE)
                buf_put_u8(&b, 0);
        return arena_copy(a, buf_span(&b));
}

static int by_start(const void *a, const void *b)
{
        const struct version_interval *x = a, *y = b;

        return span_compare(x->lo, y->lo);
}

static bool safe_collect(
    enum version_order o, const struct feed_affected *in, struct arena *a, struct interval_spans *to)
{
        const struct version_range_form form = {
            .syntax = version_range_syntax_of(in->ecosystem), .order = o, .prereleases = true};

        for (size_t i = 0; i < in->n_safe; i++) {
                struct version_range range;

                if (!version_range_parse(&form, in->safe[i], a, &range, NULL))
                        return false;
                for (size_t k = 0; k < range.n_intervals; k++)
                        *ARENA_PUSH(a, to) = range.intervals[k];
        }
        if (to->len > 1)
                qsort(to->at, to->len, sizeof(*to->at), by_start);
        return true;
}

/* The lowest of the versions said to be fixed that lies above `key`; one that its ecosystem rejects is none. */
static struct span fix_above(enum version_order o, const struct feed_affected *in, struct span key)
{
        struct buf best_key CLEANUP(buf_done) = {0}, fix CLEANUP(buf_done) = {0};
        struct span best = {0};

        for (size_t i = 0; i < in->n_fixes; i++) {
                buf_clear(&fix);
                if (!version_bound_key(o, in->fixes[i], &fix, NULL) || span_compare(buf_span(&fix), key) <= 0)
                        continue;
                if (best.len > 0 && span_compare(buf_span(&fix), buf_span(&best_key)) >= 0)
                        continue;
                best = in->fixes[i];
                buf_clear(&best_key);
                buf_put(&best_key, buf_span(&fix));
        }
        return best;
}

static void intervals_put(enum version_order o, const struct feed_affected *in, const struct version_interval *from,
    size_t n, struct arena *a, struct interval_list *to)
{
        for (size_t i = 0; i < n; i++) {
                const struct version_interval *v = &from[i];
                struct record_interval r = {
                    .lo = v->lo, .hi = v->hi, .introduced = v->lo.len > 0 ? v->lo_text : span_of("0")};

                if (v->flags & VERSION_INTERVAL_OPEN) {
                        r.flags |= INTERVAL_OPEN;
                } else if (v->flags & VERSION_INTERVAL_INCLUSIVE) {
                        r.flags |= INTERVAL_INCLUSIVE;
                        r.last_affected = v->hi_text;
                        r.fixed = fix_above(o, in, v->hi);
                        r.flags |= r.fixed.len > 0 ? INTERVAL_MENDED : 0;
                } else {
                        r.fixed = v->hi_text;
                }
                *ARENA_PUSH(a, to) = r;
        }
}

void feed_intervals_take(enum version_order o, const struct feed_affected *in, struct arena *a, struct interval_list *to)
{
        intervals_put(o, in, in->intervals, in->n_intervals, a, to);
}

static bool affected_evaluate(enum version_order o, const struct feed_affected *in, struct arena *a, struct range_result *io)
{
        const struct version_range_form form = {
            .syntax = version_range_syntax_of(in->ecosystem), .order = o, .prereleases = true};
        struct version_range range;

        if (!version_range_parse(&form, in->affected, a, &range, NULL))
                return false;
        intervals_put(o, in, range.intervals, range.n_intervals, a, &io->intervals);
        return true;
}

/* What lies in none of the safe ranges. */
static bool outside_evaluate(
    enum version_order o, const struct feed_affected *in, struct arena *a, struct range_result *io)
{
        struct interval_spans safe = {0};
        struct span lo = {0}, introduced = SPAN_LIT("0");

        if (!safe_collect(o, in, a, &safe))
                return false;
        for (size_t i = 0; i < safe.len; i++) {
                const struct version_interval *s = &safe.at[i];
                struct span end;

                if (span_compare(s->lo, lo) > 0) {
                        struct record_interval gap = {.lo = lo, .hi = s->lo, .introduced = introduced};

                        if (s->flags & VERSION_INTERVAL_ABOVE) { /* lo is the key behind that of its text */
                                gap.hi.len--;
                                gap.flags = INTERVAL_INCLUSIVE;
                                gap.last_affected = s->lo_text;
                        } else {
                                gap.fixed = s->lo_text;
                        }
                        *ARENA_PUSH(a, &io->intervals) = gap;
                }
                if (s->flags & VERSION_INTERVAL_OPEN)
                        return true;
                end = end_key(a, s);
                if (span_compare(end, lo) > 0) {
                        lo = end;
                        introduced = s->hi_text;
                }
        }
        *ARENA_PUSH(a, &io->intervals) =
            (struct record_interval){.lo = lo, .introduced = introduced, .flags = INTERVAL_OPEN};
        return true;
}

bool feed_native_evaluate(enum version_order o, const struct feed_affected *in, struct arena *a, struct range_result *io)
{
        return in->affected.len > 0 ? affected_evaluate(o, in, a, io) : outside_evaluate(o, in, a, io);
}
