/* A CSAF document: see form_fuzz_priv.h. Products of no known ecosystem keep their purl's type. */
#define FORM_NAMES_BY_PURL
#include "advisory/feed/form_fuzz_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        form_fuzz(&feed_csaf, span_bytes(data, size));
        return 0;
}
