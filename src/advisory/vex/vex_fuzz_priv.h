/* What all three readers of VEX promise. */
#pragma once

#include <assert.h>

#include "advisory/vex/vex_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void vex_fuzz(
    struct span document, bool (*parse)(struct span document, struct arena *a, struct vex_parsed *ret, struct err *e))
{
        struct arena *a CLEANUP(arena_freep) = arena_new();
        struct buf first CLEANUP(buf_done) = {0}, again CLEANUP(buf_done) = {0};
        struct vex_parsed p, back;
        struct err e = {0};

        (void)vex_get(document, a, &back, &e); /* the parent's side, with anything */
        e = (struct err){0};
        if (!parse(document, a, &p, &e)) {
                assert(e.kind != ERR_NONE && e.text[0]);
                return;
        }
        for (size_t i = 0; i < p.statements.len; i++) {
                const struct vex_statement *s = &p.statements.at[i];

                assert(s->n_ids > 0 && s->n_products > 0 && vex_status_name(s->status)[0]);
                assert(s->time_s >= 0 && s->note.len <= VEX_TEXT_MAX);
        }
        vex_put(&first, &p);
        assert(vex_get(buf_span(&first), a, &back, &e));
        assert(back.statements.len == p.statements.len && back.n_products == p.n_products);
        vex_put(&again, &back);
        assert(span_equal(buf_span(&first), buf_span(&again)));
}
