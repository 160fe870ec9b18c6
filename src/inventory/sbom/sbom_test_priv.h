/* For the tests: a document as a text of lines, so that two forms of one list can be compared as a whole. */
#pragma once

#include "inventory/detect_test_priv.h"
#include "inventory/sbom/sbom_priv.h"

static inline void sbom_dump_component(struct buf *b, const struct inventory *v, const struct component *c)
{
        buf_printf(b, "%.*s|%.*s|%.*s|%.*s", SPAN_FMT(c->type), SPAN_FMT(c->ecosystem), SPAN_FMT(c->name),
            SPAN_FMT(c->version));
        if (c->source_name.len > 0)
                buf_printf(b, "|source %.*s %.*s", SPAN_FMT(c->source_name), SPAN_FMT(c->source_version));
        if (c->arch.len > 0)
                buf_printf(b, "|%.*s", SPAN_FMT(c->arch));
        if (c->licence.len > 0)
                buf_printf(b, "|licence %.*s", SPAN_FMT(c->licence));
        if (c->vendor.len > 0)
                buf_printf(b, "|vendor %.*s", SPAN_FMT(c->vendor));
        if (c->cpe.len > 0)
                buf_printf(b, "|%.*s", SPAN_FMT(c->cpe));
        if (c->module.len > 0)
                buf_printf(b, "|module %.*s", SPAN_FMT(c->module));
        buf_printf(b, "|%.*s", SPAN_FMT(c->path));
        if (c->development)
                buf_put_text(b, "|development");
        if (c->owner > 0)
                buf_printf(b, "|owner %.*s", SPAN_FMT(v->components[c->owner - 1].name));
        buf_put_u8(b, '\n');
        assert_int_equal(c->state, COMPONENT_DECLARED);
        assert_int_equal(c->layer, 0);
}

/* System, components, notes: a line each. */
static inline struct span sbom_dump(const struct inventory *v, struct buf *b)
{
        if (v->os.id.len > 0)
                buf_printf(b, "system %.*s|%.*s|%.*s|%.*s%s\n", SPAN_FMT(v->os.id), SPAN_FMT(v->os.version_id),
                    SPAN_FMT(v->os.version_codename), SPAN_FMT(v->os.pretty_name), v->os_known ? "" : "|unknown");
        for (size_t i = 0; i < v->n_components; i++)
                sbom_dump_component(b, v, &v->components[i]);
        for (size_t i = 0; i < v->n_notes; i++)
                buf_printf(b, "note %.*s\n", SPAN_FMT(v->notes[i]));
        assert_int_equal(v->complete, v->n_notes == 0);
        assert_int_equal(v->n_layers, 0);
        return buf_span(b);
}

static inline void sbom_expect(struct span document, const char *dump)
{
        CLEANUP(inventory_freep) struct inventory *v = NULL;
        CLEANUP(buf_done) struct buf b = {0};
        struct inventory_sbom s;
        struct err e = {0};

        if (!sbom_read(document, SPAN_LIT("../a/bom"), &v, &s, &e))
                fail_msg("%.*s: %s", SPAN_FMT(document), e.text);
        sbom_dump(v, &b);
        buf_put_u8(&b, 0);
        assert_string_equal((const char *)b.at, dump);
}

static inline void sbom_refused(struct span document, enum err_kind kind, const char *why)
{
        CLEANUP(inventory_freep) struct inventory *v = NULL;
        struct inventory_sbom s;
        struct err e = {0};

        if (sbom_read(document, SPAN_LIT("../a/bom"), &v, &s, &e))
                fail_msg("taken: %.*s", SPAN_FMT(document));
        if (e.kind != kind || !strstr(e.text, why))
                fail_msg("%.*s: kind %d: %s", SPAN_FMT(document), e.kind, e.text);
}
