#include "inventory/detector_fuzz_priv.h"
#include "inventory/lock/lock_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first byte, 'a' and on, says which of the readers gets the rest. What is declared is listed once, and sorted. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static const struct detector *const detectors[] = {&detect_lock_npm, &detect_lock_bun, &detect_lock_pipenv,
            &detect_lock_composer, &detect_lock_nuget, &detect_lock_swift, &detect_lock_conan, &detect_lock_deno,
            &detect_lock_renv};

        if (size > 0)
                fuzz_detector(
                    detectors[(uint8_t)(data[0] - 'a') % ARRAY_LEN(detectors)], span_bytes(data + 1, size - 1));
        return 0;
}
