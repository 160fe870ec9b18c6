#include "inventory/detector_fuzz_priv.h"
#include "inventory/lang/lang_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first byte says how large the pieces are. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        if (size > 0)
                fuzz_stream(&detect_python_wheel, "w/a-1-py3-none-any.whl", span_bytes(data + 1, size - 1),
                    (size_t)data[0] * 8 + 1);
        return 0;
}
