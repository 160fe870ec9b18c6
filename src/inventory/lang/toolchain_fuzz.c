#include "inventory/detector_fuzz_priv.h"
#include "inventory/lang/lang_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first byte says which of the files it is. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static const char *const paths[] = {"usr/local/go/VERSION", "usr/lib/erlang/releases/25/OTP_VERSION"};

        if (size > 0)
                fuzz_detector_at(&detect_toolchain, paths[data[0] % ARRAY_LEN(paths)], span_bytes(data + 1, size - 1));
        return 0;
}
