/* Sets of versions as lists of pieces: intersection, union, complement. Every operation is one pass over both lists. */
#include "advisory/version/range_priv.h"

static int cut_compare(const struct range_cut *x, const struct range_cut *y)
{
        return span_compare(x->key, y->key);
}

/* -1, 0, 1: which of two pieces ends first. */
static int end_compare(const struct range_piece *x, const struct range_piece *y)
{
        if (x->open || y->open)
                return (int)x->open - (int)y->open;
        return cut_compare(&x->hi, &y->hi);
}

static bool is_empty(const struct range_piece *x)
{
        return !x->open && cut_compare(&x->lo, &x->hi) >= 0;
}

static struct range_set single(struct arena *a, struct range_piece piece)
{
        struct range_set set = {0};

        if (!is_empty(&piece))
                *ARENA_PUSH(a, &set) = piece;
        return set;
}

struct range_set range_all(struct arena *a)
{
        return single(a, (struct range_piece){.open = true});
}

struct range_set range_between(struct arena *a, struct range_cut lo, struct range_cut hi)
{
        return single(a, (struct range_piece){.lo = lo, .hi = hi});
}

struct range_set range_from(struct arena *a, struct range_cut lo)
{
        return single(a, (struct range_piece){.lo = lo, .open = true});
}

struct range_set range_until(struct arena *a, struct range_cut hi)
{
        return single(a, (struct range_piece){.hi = hi});
}

struct range_set range_intersection(struct arena *a, const struct range_set *x, const struct range_set *y)
{
        struct range_set set = {0};
        size_t i = 0, k = 0;

        while (i < x->len && k < y->len) {
                const struct range_piece *p = &x->at[i], *q = &y->at[k];
                struct range_piece both = end_compare(p, q) <= 0 ? *p : *q;
                both.lo = cut_compare(&p->lo, &q->lo) >= 0 ? p->lo : q->lo;
                if (!is_empty(&both))
                        *ARENA_PUSH(a, &set) = both;
                if (end_compare(p, q) <= 0)
                        i++;
                else
                        k++;
        }
        return set;
}

struct range_set range_union(struct arena *a, const struct range_set *x, const struct range_set *y)
{
        struct range_set set = {0};
        size_t i = 0, k = 0;

        while (i < x->len || k < y->len) {
                bool first = k == y->len || (i < x->len && cut_compare(&x->at[i].lo, &y->at[k].lo) <= 0);
                const struct range_piece *next = first ? &x->at[i++] : &y->at[k++];
                struct range_piece *last = set.len > 0 ? &set.at[set.len - 1] : NULL;
                if (!last || (!last->open && cut_compare(&last->hi, &next->lo) < 0)) {
                        *ARENA_PUSH(a, &set) = *next;
                } else if (end_compare(last, next) < 0) {
                        last->hi = next->hi;
                        last->open = next->open;
                }
        }
        return set;
}

struct range_set range_complement(struct arena *a, const struct range_set *x)
{
        struct range_set set = {0};
        struct range_cut from = {0};

        for (size_t i = 0; i < x->len; i++) {
                struct range_piece gap = {.lo = from, .hi = x->at[i].lo};
                if (!is_empty(&gap))
                        *ARENA_PUSH(a, &set) = gap;
                if (x->at[i].open)
                        return set;
                from = x->at[i].hi;
        }
        *ARENA_PUSH(a, &set) = (struct range_piece){.lo = from, .open = true};
        return set;
}
