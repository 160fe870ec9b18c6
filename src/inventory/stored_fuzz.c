/* A stored inventory: whatever is accepted is written again as the same bytes. */
#include "inventory/inventory.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        CLEANUP(inventory_freep) struct inventory *v = NULL;
        CLEANUP(buf_done) struct buf b = {0};
        struct err e = {0};

        if (!inventory_get(span_bytes(data, size), &v, &e)) {
                assert(e.kind == ERR_MALFORMED || e.kind == ERR_UNSUPPORTED);
                return 0;
        }
        inventory_put(&b, v);
        assert(span_equal(buf_span(&b), span_bytes(data, size)));
        return 0;
}
