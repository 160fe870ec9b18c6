#include "inventory/purl_priv.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What can be read can be written; that is canonical, can be read strictly, and is written the same again. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct arena *a = arena_new();
        struct buf b = {0}, again = {0};
        struct purl p = {0}, q = {0};
        struct err e = {0};

        if (purl_parse(span_bytes(data, size), a, false, &p, &e)) {
                assert(purl_build(&b, &p, &e));
                assert(b.len <= 3 * PURL_MAX);
                if (b.len <= PURL_MAX) {
                        assert(purl_parse(buf_span(&b), a, true, &q, &e));
                        assert(purl_build(&again, &q, &e));
                        assert(span_equal(buf_span(&b), buf_span(&again)));
                }
        } else {
                assert(e.kind == ERR_MALFORMED || e.kind == ERR_LIMIT);
                assert(!p.type);
        }
        buf_done(&b);
        buf_done(&again);
        arena_free(a);
        return 0;
}
