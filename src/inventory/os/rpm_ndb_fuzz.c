#include "inventory/detector_fuzz_priv.h"
#include "inventory/os/rpm_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/*
 * A byte: 0: what follows is a database. Else how many pieces of 16 bytes its head and its slots are; free slots fill that up
 * to a page, so that inputs are not pages of nothing.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct span in = span_from(span_bytes(data, size), 1), head = span_cut(in, 0, size ? 16ul * data[0] : 0);
        CLEANUP(buf_done) struct buf b = {0};

        buf_put(&b, head);
        for (size_t i = head.len; head.len > 0 && i + 16 <= 4096; i += 16)
                buf_put(&b, SPAN_LIT("Slot\0\0\0\0\0\0\0\0\0\0\0\0"));
        buf_put(&b, span_from(in, head.len));
        fuzz_detector(&detect_rpm_ndb, buf_span(&b));
        return 0;
}
