/*
 * For fuzz targets of forms. Whatever a document says, it says it twice alike; what is handed on has names, and survives compiling and
 * encoding. Defines what the job defines: the target links the form without it.
 */
#pragma once

#include <assert.h>

#include "advisory/feed/feed_priv.h"

struct feed_out {
        struct buf said;
        size_t left; /* records until the parent is gone */
};

bool feed_put(struct feed_out *o, const struct feed_record *r, struct span place, struct err *e)
{
        struct arena *a CLEANUP(arena_freep) = arena_new();
        struct buf again CLEANUP(buf_done) = {0}, first CLEANUP(buf_done) = {0};
        struct record record, decoded;
        struct err why = {0};

        (void)place;
        if (o->left-- == 0)
                return err_set(e, ERR_UNAVAILABLE, "gone");
        assert(feed_is_name(r->id, FEED_ID_MAX));
        for (size_t i = 0; i < r->n_affected; i++) {
                const struct feed_affected *f = &r->affected[i];

#ifdef FORM_NAMES_BY_PURL /* "pkg:..." in place of the ecosystem, and then the package may be empty */
                assert(f->ecosystem.len > 0 && f->ecosystem.len <= FEED_ECOSYSTEM_MAX + strlen("pkg:"));
                assert(f->package.len > 0 || span_starts(f->ecosystem, "pkg:"));
#else
                assert(feed_is_name(f->ecosystem, FEED_ECOSYSTEM_MAX));
                assert(feed_is_name(f->package, FEED_PACKAGE_MAX));
#endif
                assert(f->module.len <= FEED_MODULE_MAX);
                assert(f->n_ranges == 0 || f->status != ADVISORY_STATUS_NOT_AFFECTED);
                for (size_t k = 0; k < f->n_ranges; k++)
                        assert(f->ranges[k].n_events > 0);
        }
        feed_compile(r, a, &record);
        record_encode(&record, &first);
        assert(record_decode(buf_span(&first), a, &decoded, &why));
        record_encode(&decoded, &again);
        assert(span_equal(buf_span(&first), buf_span(&again)));
        buf_put(&o->said, buf_span(&first));
        return true;
}

bool feed_refuse(struct feed_out *o, struct span place, const struct err *why, struct err *e)
{
        (void)e;
        assert(why->kind != ERR_NONE && why->text[0]);
        buf_put(&o->said, place);
        buf_put_text(&o->said, why->text);
        return true;
}

static inline bool form_read_once(const struct feed_form *form, struct span document, struct feed_out *o)
{
        struct arena *a CLEANUP(arena_freep) = arena_new();
        struct err e = {0};
        bool ok = form->read(document, a, o, &e);

        assert(ok || (e.kind != ERR_NONE && e.text[0]));
        return ok;
}

static inline void form_fuzz(const struct feed_form *form, struct span document)
{
        struct feed_out first = {.left = SIZE_MAX}, second = {.left = SIZE_MAX}, gone = {0};
        bool ok = form_read_once(form, document, &first);

        (void)form->is(document);
        assert(form_read_once(form, document, &second) == ok);
        assert(span_equal(buf_span(&first.said), buf_span(&second.said)));
        (void)form_read_once(form, document, &gone);
        buf_done(&first.said);
        buf_done(&second.said);
        buf_done(&gone.said);
}
