#include "inventory/detector_fuzz_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        fuzz_detector(&detect_npm, span_bytes(data, size));
        fuzz_detector(&detect_npm_elsewhere, span_bytes(data, size));
        return 0;
}
