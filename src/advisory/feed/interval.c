/*
 * Ranges of an OSV record as intervals of version keys (OSV schema, "Evaluation").
 *
 * Events are sorted by version and swept: introduced opens an interval, fixed closes it before its version,
 * last_affected behind it. At one version fixed comes first and last_affected last, so that "introduced X,
 * last_affected X" is X alone and "fixed X, introduced X" leaves X affected. The highest limit caps all intervals of
 * its range; "*" is none. An interval without an end gets the bound that GitHub keeps beside the range, if it has one.
 */
#include "advisory/feed/feed_priv.h"
#include "advisory/version/order_priv.h"

struct keyed_event {
        struct span key, text;
        enum feed_event_kind kind;
};

/* The bytes of a key in the arena; false when the ecosystem rejects the version. */
static bool bound_make(enum version_order o, struct span version, struct arena *a, struct span *ret)
{
        struct buf key CLEANUP(buf_done) = {0};

        if (!version_bound_key(o, version, &key, NULL))
                return false;
        *ret = arena_copy(a, buf_span(&key));
        return true;
}

static int event_compare(const void *a, const void *b)
{
        const struct keyed_event *x = a, *y = b;
        int sign = span_compare(x->key, y->key);

        return sign ? sign : (int)x->kind - (int)y->kind;
}

/* -1, 0, 1: which of two intervals ends first. */
static int end_compare(const struct record_interval *x, const struct record_interval *y)
{
        bool x_open = x->flags & INTERVAL_OPEN, y_open = y->flags & INTERVAL_OPEN;
        int sign;

        if (x_open || y_open)
                return (int)x_open - (int)y_open;
        sign = span_compare(x->hi, y->hi);
        if (sign)
                return sign < 0 ? -1 : 1;
        return (int)!!(x->flags & INTERVAL_INCLUSIVE) - (int)!!(y->flags & INTERVAL_INCLUSIVE);
}

static bool is_empty(const struct record_interval *i)
{
        int sign;

        if (i->flags & INTERVAL_OPEN)
                return false;
        sign = span_compare(i->lo, i->hi);
        return sign > 0 || (sign == 0 && !(i->flags & INTERVAL_INCLUSIVE));
}

/* "<= 1.2.3" or "< 1.2.3" bounds an interval that has no end; anything else, or one below its start, is passed over. */
static void last_known_apply(enum version_order o, struct span text, struct arena *a, struct record_interval *i)
{
        struct record_interval bounded = *i;
        bool inclusive = span_starts(text, "<=");
        struct span version;

        if (!span_starts(text, "<"))
                return;
        version = span_trim(span_from(text, inclusive ? 2 : 1));
        if (version.len > VERSION_MAX || !bound_make(o, version, a, &bounded.hi))
                return;
        bounded.flags = inclusive ? INTERVAL_INCLUSIVE : 0;
        if (inclusive)
                bounded.last_affected = version;
        if (!is_empty(&bounded))
                *i = bounded;
}

struct sweep {
        enum version_order order;
        struct arena *arena;
        struct span last_known;
        const struct keyed_event *limit; /* NULL: none */
        struct interval_list *to;
        struct record_interval now;
        bool in;
};

static void sweep_close(struct sweep *s)
{
        s->in = false;
        if (s->limit) {
                struct record_interval capped = {.lo = s->now.lo, .hi = s->limit->key, .introduced = s->now.introduced};
                if (end_compare(&capped, &s->now) < 0)
                        s->now = capped;
        }
        if ((s->now.flags & INTERVAL_OPEN) && s->last_known.len > 0)
                last_known_apply(s->order, s->last_known, s->arena, &s->now);
        if (!is_empty(&s->now))
                *ARENA_PUSH(s->arena, s->to) = s->now;
}

static void sweep_event(struct sweep *s, const struct keyed_event *event)
{
        switch (event->kind) {
        case FEED_INTRODUCED:
                if (s->in)
                        return;
                s->now = (struct record_interval){.lo = event->key, .introduced = event->text, .flags = INTERVAL_OPEN};
                s->in = true;
                return;
        case FEED_FIXED:
                if (!s->in)
                        return;
                s->now.hi = event->key;
                s->now.fixed = event->text;
                s->now.flags = 0;
                break;
        case FEED_LAST_AFFECTED:
                if (!s->in)
                        return;
                s->now.hi = event->key;
                s->now.last_affected = event->text;
                s->now.flags = INTERVAL_INCLUSIVE;
                break;
        case FEED_LIMIT:
                return;
        }
        sweep_close(s);
}

/* False when a bound can't be ordered, or nothing is introduced: then the range says nothing that could be relied on.
 */
static bool range_evaluate(enum version_order o, const struct feed_range *range, const struct feed_affected *in,
    struct arena *a, struct range_result *io)
{
        struct keyed_event *events = arena_array(a, range->n_events, sizeof(*events));
        struct sweep s = {.order = o, .arena = a, .last_known = in->last_known, .to = &io->intervals};
        size_t n = 0, limits = 0, bad = 0, introduced = 0;
        bool unlimited = false;

        for (size_t i = 0; i < range->n_events; i++) {
                const struct feed_event *event = &range->events[i];
                struct keyed_event *k = &events[n];
                *k = (struct keyed_event){.kind = event->kind, .text = event->version};
                introduced += event->kind == FEED_INTRODUCED;
                limits += event->kind == FEED_LIMIT;
                if (event->kind == FEED_LIMIT && span_is(event->version, "*")) {
                        unlimited = true;
                        continue;
                }
                if (!(event->kind == FEED_INTRODUCED && span_is(event->version, "0")) &&
                    !bound_make(o, event->version, a, &k->key)) {
                        bad++;
                        continue;
                }
                n++;
        }
        io->refused_versions += (uint32_t)bad;
        io->beginless += introduced == 0;
        if (bad > 0 || introduced == 0)
                return false;
        if (n > 1)
                qsort(events, n, sizeof(*events), event_compare);
        for (size_t i = 0; i < n && limits > 0 && !unlimited; i++)
                if (events[i].kind == FEED_LIMIT)
                        s.limit = &events[i]; /* the last is the highest */
        for (size_t i = 0; i < n; i++)
                sweep_event(&s, &events[i]);
        if (s.in)
                sweep_close(&s);
        return true;
}

void feed_affected_evaluate(
    enum version_order o, const struct feed_affected *in, struct arena *a, struct range_result *io)
{
        bool ordered_range = in->n_intervals > 0, refused_list = false;

        if (in->status == ADVISORY_STATUS_NOT_AFFECTED)
                return;
        if (in->status >= ADVISORY_STATUS_PENDING && in->n_ranges + in->n_versions + in->n_intervals == 0) {
                *ARENA_PUSH(a, &io->intervals) =
                    (struct record_interval){.introduced = span_of("0"), .flags = INTERVAL_OPEN};
                return;
        }
        if ((in->has_safe || in->affected.len > 0) && in->n_ranges == 0 && in->n_versions == 0) {
                if (!feed_native_evaluate(o, in, a, io))
                        io->flags |= ENTRY_UNKNOWN;
                return;
        }
        feed_intervals_take(o, in, a, &io->intervals);
        if (in->unread)
                io->flags |= ENTRY_UNKNOWN;
        for (size_t i = 0; i < in->n_ranges; i++) {
                if (in->ranges[i].git)
                        continue;
                ordered_range = true;
                if (!range_evaluate(o, &in->ranges[i], in, a, io))
                        io->flags |= ENTRY_UNKNOWN;
        }
        for (size_t i = 0; i < in->n_versions; i++) {
                struct record_interval point = {.introduced = in->versions[i],
                    .last_affected = in->versions[i],
                    .flags = INTERVAL_INCLUSIVE | INTERVAL_LISTED};
                if (!bound_make(o, in->versions[i], a, &point.lo)) {
                        io->refused_versions++;
                        refused_list = true;
                        continue;
                }
                point.hi = point.lo;
                *ARENA_PUSH(a, &io->intervals) = point;
        }
        /*
         * A list names versions, and one that its ecosystem rejects is no version that can be installed: beside a range
         * it changes nothing. Alone it may be all that the record meant to say.
         */
        if (!ordered_range && (refused_list || in->n_versions == 0))
                io->flags |= ENTRY_UNKNOWN;
}

/* By start; of equal starts ranges come before listed versions, so that these fall inside them. */
static int interval_compare(const void *a, const void *b)
{
        const struct record_interval *x = a, *y = b;
        int sign = span_compare(x->lo, y->lo);

        if (sign)
                return sign;
        sign = (x->flags & INTERVAL_LISTED) - (y->flags & INTERVAL_LISTED);
        return sign ? sign : end_compare(y, x);
}

void feed_intervals_unite(struct interval_list *io)
{
        size_t n = 0;

        if (io->len > 1)
                qsort(io->at, io->len, sizeof(*io->at), interval_compare);
        for (size_t i = 0; i < io->len; i++) {
                struct record_interval next = io->at[i];
                struct record_interval *last = n > 0 ? &io->at[n - 1] : NULL;
                int gap = last && !(last->flags & INTERVAL_OPEN) ? span_compare(next.lo, last->hi) : -1;
                bool listed = next.flags & INTERVAL_LISTED;
                bool touches = last && (gap < 0 || (gap == 0 && (!listed || last->flags & INTERVAL_INCLUSIVE)));
                if (!touches) {
                        io->at[n++] = next;
                        continue;
                }
                if (end_compare(&next, last) <= 0)
                        continue;
                last->hi = next.hi;
                last->fixed = next.fixed;
                last->last_affected = next.last_affected;
                last->flags = next.flags;
        }
        io->len = n;
}
