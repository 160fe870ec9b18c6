/* Statements about findings (VEX), held against what was found. */
#include "launch/launch_priv.h"

bool launch_vex_suppresses(const struct match_vex *x, size_t finding)
{
        uint32_t n = x ? x->speaks[finding] : 0;

        return n > 0 && x->notes[n - 1].suppresses;
}

bool launch_vex_counts(const struct launch_request *r, size_t document)
{
        const struct vex_document *d = r->vex[document];

        return !r->policy || policy_counts_vex(r->policy, &d->digest, d->author);
}

/*
 * Twice, since of several statements the last counts: one that does not count for the policy could stand before one that does,
 * and hide what that says, either way.
 */
bool launch_vex_apply(const struct launch_request *r, struct launch *l, struct err *e)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        const struct vex_document **counted = arena_array(a, r->n_vex, sizeof(*counted));
        struct match_subject subject;
        size_t n = 0;

        if (!l->match || r->n_vex == 0)
                return true;
        for (size_t i = 0; i < r->n_vex; i++)
                if (launch_vex_counts(r, i))
                        counted[n++] = r->vex[i];
        launch_subject(r, l, a, &subject);
        return (match_vex(l->inventory, l->match, &subject, r->vex, r->n_vex, &l->vex, e) &&
                   (n == 0 || match_vex(l->inventory, l->match, &subject, counted, n, &l->vex_counted, e))) ||
               err_wrap(e, "hold the statements (VEX) against what was found");
}
