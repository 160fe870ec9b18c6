#include "inventory/detector_fuzz_priv.h"
#include "inventory/os/os_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        /* The first byte says which of the files it is. */
        static const char *const paths[] = {"usr/lib/opkg/status", "usr/lib/opkg/info/libc.list"};

        if (size > 0)
                fuzz_detector_at(&detect_opkg, paths[data[0] % ARRAY_LEN(paths)], span_bytes(data + 1, size - 1));
        return 0;
}
