#include "inventory/detector_fuzz_priv.h"
#include "inventory/os/rpm_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct findings f = {.arena = arena_new()};
        struct rpm_list l = {.f = &f};

        rpm_header_read(&l, span_bytes(data, size), "fuzz");
        assert(f.packages.len <= 1);
        assert(f.packages.len + f.notes.len > 0 || size > 8); /* a key's header leaves no trace */
        findings_end(&f);
        fuzz_check(&f);
        arena_free(f.arena);
        return 0;
}
