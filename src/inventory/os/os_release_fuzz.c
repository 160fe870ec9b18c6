#include "inventory/detector_fuzz_priv.h"
#include "inventory/os/system_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        /* The first byte says which of the files it is. */
        if (size > 0)
                fuzz_detector_at(
                    &detect_os_release, system_files[data[0] % system_n_files], span_bytes(data + 1, size - 1));
        return 0;
}
