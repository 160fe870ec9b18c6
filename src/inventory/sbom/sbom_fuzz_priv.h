/* What the four fuzz targets assert of a document; each keeps the corpus of its own form. */
#pragma once

#include <assert.h>

#include "inventory/sbom/sbom_priv.h"

static inline int sbom_fuzz(struct span in)
{
        CLEANUP(inventory_freep) struct inventory *v = NULL, *got = NULL;
        CLEANUP(buf_done) struct buf b = {0}, again = {0};
        struct inventory_sbom s = {0}, back;
        struct err e = {0};

        if (!sbom_read(in, SPAN_LIT("bom"), &v, &s, &e)) {
                assert(!v && e.text[0]);
                assert(e.kind == ERR_MALFORMED || e.kind == ERR_LIMIT || e.kind == ERR_UNSUPPORTED);
                return 0;
        }
        /* What is read would have been found by looking, but for long comments in front and a tar's mark. */
        assert(sbom_head(in) || in.len > 4000 || span_is(span_cut(in, 257, 5), "ustar"));
        assert(v->complete == (v->n_notes == 0) && v->n_layers == 0 && v->n_remarks == 0);
        assert(v->n_components > 0 || !v->complete);
        for (size_t i = 0; i < v->n_components; i++) {
                const struct component *c = &v->components[i];
                assert(c->state == COMPONENT_DECLARED && c->purl.len > 0 && c->path.len > 0 && c->owner != i + 1);
                assert(c->ecosystem.len > 0 || !v->complete); /* what nobody can look up is said so */
                assert(c->owner == 0 || v->components[c->owner - 1].owner == 0);
        }
        /* What the worker sends the parent takes, and says the same. */
        digest_of(DIGEST_SHA256, in, &s.digest);
        sbom_answer_put(&b, &s, v);
        if (!sbom_answer_get(buf_span(&b), &got, &back, &e))
                abort();
        sbom_answer_put(&again, &back, got);
        assert(span_equal(buf_span(&b), buf_span(&again)));
        return 0;
}
