/* An OVAL document: see form_fuzz_priv.h. */
#include "advisory/feed/form_fuzz_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        form_fuzz(&feed_oval, span_bytes(data, size));
        return 0;
}
