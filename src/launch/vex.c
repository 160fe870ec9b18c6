/* Statements about findings (VEX), held against what was found. */
#include "launch/launch_priv.h"

bool launch_vex_suppresses(const struct launch *l, size_t finding)
{
        uint32_t n = l->vex ? l->vex->speaks[finding] : 0;

        return n > 0 && l->vex->notes[n - 1].suppresses;
}

bool launch_vex_apply(const struct launch_request *r, struct launch *l, struct err *e)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct match_subject subject;

        if (!l->match || r->n_vex == 0)
                return true;
        launch_subject(r, l, a, &subject);
        return match_vex(l->inventory, l->match, &subject, r->vex, r->n_vex, &l->vex, e) ||
               err_wrap(e, "hold the statements (VEX) against what was found");
}
