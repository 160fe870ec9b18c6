#include "inventory/detector_fuzz_priv.h"
#include "inventory/os/os_priv.h"

#include <zstd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An even first byte: the stream itself. An odd one: what lies within, which is compressed first. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        CLEANUP(buf_done) struct buf b = {0};

        if (size == 0)
                return 0;
        if (data[0] % 2 == 0) {
                fuzz_detector(&detect_chisel, span_bytes(data + 1, size - 1));
                return 0;
        }
        size_t bound = ZSTD_compressBound(size - 1);
        uint8_t *at = buf_reserve(&b, bound);
        size_t n = ZSTD_compress(at, bound, data + 1, size - 1, 1);
        assert(!ZSTD_isError(n));
        b.len = n;
        fuzz_detector(&detect_chisel, buf_span(&b));
        return 0;
}
