#include "inventory/detector_fuzz_priv.h"
#include "inventory/lang/lang_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        fuzz_detector_at(&detect_haskell, "package.conf.d/x.conf", span_bytes(data, size));
        return 0;
}
