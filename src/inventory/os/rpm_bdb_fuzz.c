#include "inventory/detector_fuzz_priv.h"
#include "inventory/os/rpm_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void take(void *ctx, struct span blob, const char *place)
{
        rpm_header_read(blob, place, ctx);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct findings f = {.arena = arena_new()};
        struct span in = span_bytes(data, size);
        const struct rpm_sink sink = {take, &f, &f};

        rpm_bdb_read(in, &sink);
        findings_end(&f);
        fuzz_check(&f);
        arena_free(f.arena);
        return 0;
}
