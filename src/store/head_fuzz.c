/*
 * Properties of the reader of ledger heads for any bytes:
 * - what is accepted is, byte for byte, what head_put writes, and what is signed is its front;
 * - a failure has a kind that blames the input, and a text.
 */
#include <assert.h>

#include "store/ledger_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        CLEANUP(buf_done) struct buf again = {0};
        CLEANUP(buf_done) struct buf front = {0};
        struct span text = span_bytes(data, size);
        struct err e = {0};
        struct head h, h2;

        if (!head_parse(text, &h, &e)) {
                assert(e.kind == ERR_MALFORMED || e.kind == ERR_LIMIT || e.kind == ERR_UNSUPPORTED);
                assert(e.text[0] != 0);
                return 0;
        }
        assert(h.end.seq <= INT64_MAX && h.end.hash.alg == DIGEST_SHA256);
        head_put(&again, &h);
        assert(span_equal(buf_span(&again), text));
        head_put_signed(&front, &h);
        assert(front.len < text.len && span_equal(buf_span(&front), span_cut(text, 0, front.len)));
        assert(head_parse(buf_span(&again), &h2, &e));
        assert(h2.end.seq == h.end.seq && digest_equal(&h2.end.hash, &h.end.hash));
        assert(
            memcmp(h2.key, h.key, sizeof(h.key)) == 0 && memcmp(h2.signature, h.signature, sizeof(h.signature)) == 0);
        return 0;
}
