/* A worker's answer: whatever is accepted can be sent again, is read as the same, and can be merged. */
#include "inventory/merge_priv.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool append(void *ctx, struct span frame, struct err *e)
{
        (void)e;
        buf_put(ctx, frame);
        return true;
}

static bool read_frame(struct layer_report *r, struct span frame)
{
        struct err e = {0};
        bool ok = layer_report_frame(r, frame, &e);

        assert(ok || e.kind == ERR_MALFORMED || e.kind == ERR_LIMIT);
        return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        CLEANUP(layer_report_freep) struct layer_report *r = layer_report_new(), *again = layer_report_new();
        CLEANUP(buf_done) struct buf once = {0}, twice = {0};

        if (!read_frame(r, span_bytes(data, size)) || !r->ended)
                return 0;
        assert(layer_report_send(r, append, &once, NULL));
        assert(read_frame(again, buf_span(&once)) && again->ended);
        assert(layer_report_send(again, append, &twice, NULL));
        assert(span_equal(buf_span(&once), buf_span(&twice)));

        struct layer_report *layers[] = {r, again, r};
        CLEANUP(inventory_freep) struct inventory *v = inventory_new(), *got = NULL;
        CLEANUP(buf_done) struct buf stored = {0};
        inventory_merge(layers, ARRAY_LEN(layers), v);
        v->n_layers = ARRAY_LEN(layers);
        v->layers = arena_array(v->arena, v->n_layers, sizeof(*v->layers));
        inventory_put(&stored, v);
        assert(inventory_get(buf_span(&stored), &got, NULL));
        return 0;
}
