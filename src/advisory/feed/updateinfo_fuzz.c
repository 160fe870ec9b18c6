/* A repository's updateinfo.xml: see form_fuzz_priv.h. */
#include "advisory/feed/form_fuzz_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        form_fuzz(&feed_updateinfo, span_bytes(data, size));
        return 0;
}
