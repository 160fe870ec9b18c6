#include "inventory/detector_fuzz_priv.h"
#include "inventory/os/os_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        /* The first byte says which of the files it is. */
        static const char *const paths[] = {
            "var/lib/dpkg/info/libc6:amd64.list", "var/lib/dpkg/status.d/libc6.md5sums"};

        if (size > 0)
                fuzz_detector_at(&detect_dpkg_files, paths[data[0] % ARRAY_LEN(paths)], span_bytes(data + 1, size - 1));
        return 0;
}
