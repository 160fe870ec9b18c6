#include "inventory/detector_fuzz_priv.h"
#include "inventory/lang/lang_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first byte says which of the files it is that the rest is read as. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static const char *const paths[] = {
            ".meta/A-1/MYMETA.json",
            "perllocal.pod",
            "auto/A/B/.packlist",
            ".meta/A-1/install.json",
        };

        if (size > 0)
                fuzz_detector_at(&detect_cpan, paths[data[0] % ARRAY_LEN(paths)], span_bytes(data + 1, size - 1));
        return 0;
}
