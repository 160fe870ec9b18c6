/*
 * A publisher's document of any form: the first byte chooses which. What is handed on decodes as what was encoded, and no form ends
 * without an error of its own.
 */
#include <assert.h>

#include "advisory/testing_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool frame(void *ctx, struct span frame, struct err *e)
{
        struct arena *a CLEANUP(arena_freep) = arena_new();
        struct cursor c = {.rest = frame};
        enum item_kind kind;
        struct span item;

        (void)ctx;
        while (item_next(&c, &kind, &item)) {
                struct advisory_fact fact;
                struct refusal refusal;
                struct record record;

                if (kind == ITEM_RECORD)
                        assert(record_decode(item, a, &record, e));
                else if (kind == ITEM_FACT)
                        assert(fact_decode(item, &fact, e));
                else
                        assert(refusal_decode(item, &refusal, e));
        }
        assert(!c.failed);
        return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct feed_sink sink = {.frame = frame};
        struct err e = {0};
        size_t n = 0;

        while (feed_forms[n])
                n++;
        if (size == 0)
                return 0;
        (void)feed_forms[(uint8_t)(data[0] - '0') % n]->is(span_bytes(data + 1, size - 1));
        if (!feed_read_one(feed_forms[(uint8_t)(data[0] - '0') % n], span_bytes(data + 1, size - 1), &sink, &e))
                assert(e.kind != ERR_NONE && e.text[0]);
        return 0;
}
