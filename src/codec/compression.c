/* What a compressed stream begins with. */
#include "codec/codec.h"

enum compression compression_of(struct span head)
{
        static const struct {
                struct span magic;
                enum compression compression;
        } known[] = {
            {{(const uint8_t *)"\x1f\x8b", 2}, COMPRESSION_GZIP},
            {{(const uint8_t *)"\x28\xb5\x2f\xfd", 4}, COMPRESSION_ZSTD},
            {{(const uint8_t *)"\xfd\x37\x7a\x58\x5a\x00", 6}, COMPRESSION_XZ},
            {{(const uint8_t *)"BZh", 3}, COMPRESSION_BZIP2},
        };

        for (size_t i = 0; i < ARRAY_LEN(known); i++)
                if (span_equal(span_cut(head, 0, known[i].magic.len), known[i].magic))
                        return known[i].compression;
        return COMPRESSION_NONE;
}
