#include "inventory/detector_fuzz_priv.h"
#include "inventory/lang/lang_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        fuzz_detector_at(&detect_dotnet, "shared/Microsoft.NETCore.App/8.0.1/Microsoft.NETCore.App.deps.json",
            span_bytes(data, size));
        return 0;
}
