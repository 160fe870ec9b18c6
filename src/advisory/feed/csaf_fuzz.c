/*
 * A CSAF document. Whatever it says, it says it twice alike; what it hands on has names, and survives compiling and encoding.
 */
#include <assert.h>

#include "advisory/feed/csaf_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Stands where the job's would: this target links the form without the job. */
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

                assert(f->ecosystem.len > 0 && f->ecosystem.len <= FEED_ECOSYSTEM_MAX + strlen("pkg:"));
                assert(f->package.len > 0 || span_starts(f->ecosystem, "pkg:"));
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

static bool read_once(struct span document, struct feed_out *o)
{
        struct arena *a CLEANUP(arena_freep) = arena_new();
        struct err e = {0};
        bool ok = feed_csaf.read(document, a, o, &e);

        assert(ok || (e.kind != ERR_NONE && e.text[0]));
        return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct feed_out first = {.left = SIZE_MAX}, second = {.left = SIZE_MAX}, gone = {0};
        struct span document = span_bytes(data, size);
        bool ok = read_once(document, &first);

        (void)feed_csaf.is(document);
        assert(read_once(document, &second) == ok);
        assert(span_equal(buf_span(&first.said), buf_span(&second.said)));
        (void)read_once(document, &gone);
        buf_done(&first.said);
        buf_done(&second.said);
        buf_done(&gone.said);
        return 0;
}
