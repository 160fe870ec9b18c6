/*
 * A hostile worker's frame: what the parent takes of it survives its encoding unchanged, and whatever order and bounds
 * its intervals claim, a database is made of it or an error, and lookups in it end.
 */
#include <assert.h>

#include "advisory/testing_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool any(void *ctx, const struct advisory_hit *hit)
{
        (void)ctx;
        assert(hit->id.len > 0 && hit->severity <= SEVERITY_CRITICAL && hit->score_tenths <= 100);
        return true;
}

static void check_item(struct span item, struct testing_db *t)
{
        struct arena *a CLEANUP(arena_freep) = arena_new();
        struct buf again CLEANUP(buf_done) = {0};
        struct err e = {0};
        struct record r;

        if (!record_decode(item, a, &r, &e)) {
                assert(e.kind != ERR_NONE);
                return;
        }
        record_encode(&r, &again);
        assert(span_equal(buf_span(&again), item));
        for (size_t i = 0; i < r.n_entries && t->db; i++)
                if (version_order_of(r.entries[i].ecosystem) != VERSION_ORDER_NONE)
                        assert(advisory_db_lookup(t->db, r.entries[i].ecosystem, r.entries[i].package,
                                   SPAN_LIT("1.0.0"), any, NULL, &e) ||
                               e.kind == ERR_MALFORMED);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct testing_db t CLEANUP(testing_db_done) = {.writer = db_writer_new()};
        struct cursor c = {.rest = span_bytes(data, size)};
        enum item_kind kind;
        struct span item;
        struct err e = {0};

        if (!testing_frame(&t, c.rest, &e))
                assert(e.kind != ERR_NONE && e.text[0]);
        if (db_writer_finish(t.writer, 0, &t.file, &t.stats, &e))
                assert(advisory_db_over(buf_span(&t.file), &t.db, &e) && advisory_db_verify(t.db, &e));
        while (item_next(&c, &kind, &item))
                if (kind == ITEM_RECORD)
                        check_item(item, &t);
        return 0;
}
