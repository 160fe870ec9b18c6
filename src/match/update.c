/*
 * Which version to move to. The end of an interval mends one finding: another branch of the same record, or another record, may
 * hold that version again. So each candidate is looked up itself, and the way goes on until nothing is left that could be mended.
 *
 * While an interval holds the candidate, no version below its end is free of it: what the way ends at is the lowest version that
 * is, as far as records speak in ranges.
 */
#include "match/match_priv.h"

static bool is_mendable(const struct finding *f)
{
        return f->answer == ADVISORY_AFFECTED && f->fixed.len > 0;
}

/* The highest end of all; empty: nothing can be mended. False: two can't be put in order, or the end is not above `version`. */
static bool next_of(const struct question *q, const struct finding *f, size_t n, struct span *ret)
{
        enum version_order order = version_order_of(q->ecosystem);
        struct span next = {0};
        int by = 0;

        for (size_t i = 0; i < n; i++) {
                if (!is_mendable(&f[i]))
                        continue;
                if (next.len > 0 && !version_compare(order, f[i].fixed, next, &by, NULL))
                        return false;
                if (next.len == 0 || by > 0)
                        next = f[i].fixed;
        }
        *ret = next;
        return next.len == 0 || (version_compare(order, next, q->version, &by, NULL) && by > 0);
}

static bool is_among(const struct finding *f, size_t n, struct span id)
{
        for (size_t i = 0; i < n; i++)
                if (span_equal(f[i].id, id))
                        return true;
        return false;
}

bool update_find(const struct match_source *from, const struct question *q, struct finding *f, size_t n,
    struct arena *scratch, struct arena *a, struct err *e)
{
        struct question at = *q;
        struct finding_list there = {.at = f, .len = n};
        uint32_t brings = 0;

        for (unsigned step = 0;; step++) {
                struct span next;
                struct hits hits;

                if (!next_of(&at, there.at, there.len, &next))
                        return true;
                if (next.len == 0)
                        break;
                if (step == MATCH_UPDATE_STEPS_MAX)
                        return true;
                at.version = next;
                there = (struct finding_list){0};
                if (!match_lookup(from, &at, scratch, &hits, e) ||
                    (hits.len > 0 && !group_hits(&at, &hits, scratch, scratch, &there, e)))
                        return false;
        }
        if (span_equal(at.version, q->version))
                return true;
        for (size_t i = 0; i < there.len; i++)
                brings += !is_among(f, n, there.at[i].id);
        at.version = arena_copy(a, at.version);
        for (size_t i = 0; i < n; i++)
                if (is_mendable(&f[i])) {
                        f[i].update = at.version;
                        f[i].update_brings = brings;
                }
        return true;
}
