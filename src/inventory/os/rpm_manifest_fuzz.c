#include "inventory/detector_fuzz_priv.h"
#include "inventory/os/rpm_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        fuzz_detector(&detect_rpm_manifest, span_bytes(data, size));
        return 0;
}
