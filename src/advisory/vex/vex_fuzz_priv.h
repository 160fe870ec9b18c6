/* What all three readers of VEX promise. */
#pragma once

#include <assert.h>

#include "advisory/vex/vex_priv.h"

/* What was read of any form can be written as OpenVEX, is valid, and says the same when it is read again. */
static inline void vex_fuzz_merge(const struct vex_parsed *p, struct arena *a)
{
        const struct vex_document d = {.name = SPAN_LIT("d"), .statements = p->statements.at, .n_statements = p->statements.len};
        const struct vex_document *const documents[] = {&d, &d};
        CLEANUP(buf_done) struct buf text = {0};
        struct vex_merged m;
        struct vex_draft draft = {.author = SPAN_LIT("a"), .time_s = 1, .version = 1};
        struct vex_parsed back;
        struct err e = {0};

        if (!vex_merge(documents, ARRAY_LEN(documents), a, &m, &e)) {
                assert(e.kind == ERR_MALFORMED);
                return;
        }
        for (size_t i = 0; i < m.n_statements; i++) {
                assert(vex_statement_check(&m.statements[i], &e));
                assert(i == 0 || m.statements[i - 1].time_s <= m.statements[i].time_s);
        }
        draft.statements = m.statements;
        draft.n_statements = m.n_statements;
        vex_write(&draft, &text);
        assert(openvex_parse(buf_span(&text), a, &back, &e));
        assert(back.statements.len == m.n_statements && back.n_passed_over == 0);
        assert(back.remarks.len == (m.n_statements == 0));
        for (size_t i = 0; i < m.n_statements; i++) {
                assert(back.statements.at[i].status == m.statements[i].status);
                assert(back.statements.at[i].time_s == m.statements[i].time_s);
                assert(back.statements.at[i].n_ids == m.statements[i].n_ids);
                assert(back.statements.at[i].n_products == m.statements[i].n_products);
        }
}

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
        vex_fuzz_merge(&p, a);
        vex_put(&first, &p);
        assert(vex_get(buf_span(&first), a, &back, &e));
        assert(back.statements.len == p.statements.len && back.n_products == p.n_products);
        vex_put(&again, &back);
        assert(span_equal(buf_span(&first), buf_span(&again)));
}
