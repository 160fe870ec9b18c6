/*
 * Properties of the reader of databases' signatures for any bytes:
 * - what is accepted is, byte for byte, what advisory_signature_put writes, and reads back as the same;
 * - what is accepted as signed is not with another sequence number;
 * - a failure has a kind that blames the input, and a text.
 */
#include <assert.h>

#include "advisory/advisory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct buf again CLEANUP(buf_done) = {0}, key CLEANUP(buf_done) = {0};
        struct span text = span_bytes(data, size);
        struct advisory_signature s, s2;
        uint8_t key2[SIGN_PUBLIC_LEN];
        struct err e = {0};

        if (advisory_key_parse(text, key2, &e)) {
                advisory_key_put(key2, &key);
                assert(span_equal(buf_span(&key), text));
        } else {
                assert(e.kind == ERR_MALFORMED);
        }
        e = (struct err){0};
        if (!advisory_signature_parse(text, &s, &e)) {
                assert(e.kind == ERR_MALFORMED || e.kind == ERR_LIMIT || e.kind == ERR_UNSUPPORTED);
                assert(e.text[0] != 0);
                return 0;
        }
        assert(s.file.alg == DIGEST_SHA256 && s.sequence > 0 && s.sequence <= INT64_MAX && s.size > 0 && s.format > 0);
        advisory_signature_put(&s, &again);
        assert(span_equal(buf_span(&again), text));
        assert(advisory_signature_parse(buf_span(&again), &s2, &e));
        assert(digest_equal(&s2.file, &s.file) && s2.size == s.size && s2.built_s == s.built_s &&
               s2.sequence == s.sequence);
        assert(
            memcmp(s2.key, s.key, sizeof(s.key)) == 0 && memcmp(s2.signature, s.signature, sizeof(s.signature)) == 0);
        if (!advisory_signature_check(&s, &e)) {
                assert(e.kind == ERR_UNTRUSTED || e.kind == ERR_UNSUPPORTED || e.kind == ERR_BUG);
                return 0;
        }
        s.sequence ^= 1;
        assert(!advisory_signature_check(&s, NULL));
        return 0;
}
