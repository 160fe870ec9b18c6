#include "inventory/sbom/sbom_fuzz_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        return sbom_fuzz(span_bytes(data, size));
}
