#include "inventory/detector_fuzz_priv.h"
#include "inventory/lock/lock_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first byte, 'a' and on, says which of the readers gets the rest. What is declared is listed once, and sorted. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static const struct detector *const detectors[] = {&detect_lock_yarn, &detect_lock_requirements,
            &detect_lock_go, &detect_lock_gem, &detect_lock_gradle, &detect_lock_mix, &detect_lock_paket,
            &detect_lock_rebar, &detect_lock_cabal, &detect_lock_nuget_config, &detect_lock_pom,
            &detect_lock_nuget_project};

        if (size > 0)
                fuzz_detector(
                    detectors[(uint8_t)(data[0] - 'a') % ARRAY_LEN(detectors)], span_bytes(data + 1, size - 1));
        return 0;
}
