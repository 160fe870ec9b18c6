/* Statements about findings (VEX), held against what was found. */
#include "launch/launch_priv.h"

bool launch_vex_suppresses(const struct match_vex *x, size_t finding)
{
        uint32_t n = x ? x->speaks[finding] : 0;

        return n > 0 && x->notes[n - 1].suppresses;
}

size_t launch_vex_n(const struct launch_request *r, const struct launch *l)
{
        return l->n_attached + r->n_vex;
}

const struct vex_document *launch_vex_at(const struct launch_request *r, const struct launch *l, size_t i)
{
        return i < l->n_attached ? l->attached[i] : r->vex[i - l->n_attached];
}

bool launch_vex_counts(const struct launch_request *r, const struct launch *l, size_t i)
{
        const struct vex_document *d = launch_vex_at(r, l, i);

        return !r->policy || policy_counts_vex(r->policy, &d->digest, d->author, i < l->n_attached);
}

/*
 * Twice, since of several statements the last counts: one that does not count for the policy could stand before one that does,
 * and hide what that says, either way.
 */
bool launch_vex_apply(const struct launch_request *r, struct launch *l, struct err *e)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        size_t n_all = launch_vex_n(r, l), n = 0;
        const struct vex_document **all = arena_array(a, n_all, sizeof(*all));
        const struct vex_document **counted = arena_array(a, n_all, sizeof(*counted));
        struct match_subject subject;

        if (!l->match || n_all == 0)
                return true;
        for (size_t i = 0; i < n_all; i++) {
                all[i] = launch_vex_at(r, l, i);
                if (launch_vex_counts(r, l, i))
                        counted[n++] = all[i];
        }
        launch_subject(r, l, a, &subject);
        return (match_vex(l->inventory, l->match, &subject, all, n_all, &l->vex, e) &&
                   (n == 0 || match_vex(l->inventory, l->match, &subject, counted, n, &l->vex_counted, e))) ||
               err_wrap(e, "hold the statements (VEX) against what was found");
}
