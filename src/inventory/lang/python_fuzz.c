#include "inventory/detector_fuzz_priv.h"
#include "inventory/lang/lang_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first byte says which of the files it is that the rest is read as. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static const char *const paths[] = {
            "a-1.dist-info/METADATA",
            "usr/a-1.dist-info/RECORD",
            "usr/a-1.egg-info/installed-files.txt",
        };

        if (size > 0)
                fuzz_detector_at(&detect_python, paths[data[0] % ARRAY_LEN(paths)], span_bytes(data + 1, size - 1));
        return 0;
}
