#include "inventory/detector_fuzz_priv.h"
#include "inventory/lock/lock_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Both of Yarn's formats; which one it is the file itself says. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        fuzz_detector(&detect_lock_yarn, span_bytes(data, size));
        return 0;
}
