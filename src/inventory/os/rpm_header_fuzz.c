#include "inventory/detector_fuzz_priv.h"
#include "inventory/os/rpm_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct findings f = {.arena = arena_new()};
        struct span in = span_bytes(data, size);

        rpm_header_read(in, "fuzz", &f);
        findings_end(&f);
        fuzz_check(&f);
        arena_free(f.arena);
        return 0;
}
