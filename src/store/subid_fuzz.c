/*
 * Properties of the reader of subuid(5) files for any bytes:
 * - each range is one: not empty, and within the ids that exist;
 * - the range found between them is aligned, lies where ours lie, overlaps none of them, and is the lowest such one.
 */
#include <assert.h>

#include "store/ids_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool overlaps(const struct id_spans *spans, uint64_t first)
{
        for (size_t i = 0; i < spans->len; i++)
                if (spans->at[i].first < first + STORE_ID_RANGE && spans->at[i].end > first)
                        return true;
        return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct id_spans spans = {.arena = a};
        struct err e = {0};
        uint32_t first = 0;
        bool found;

        if (!subid_parse(span_bytes(data, size), &spans, &e)) {
                assert(e.kind == ERR_LIMIT && e.text[0] != 0);
                return 0;
        }
        for (size_t i = 0; i < spans.len; i++)
                assert(spans.at[i].first < spans.at[i].end && spans.at[i].end <= 1ull << 32);
        found = id_spans_free(&spans, &first);
        if (found) {
                assert(
                    first % STORE_ID_RANGE == 0 && first >= STORE_ID_FIRST && first <= STORE_ID_END - STORE_ID_RANGE);
                assert(!overlaps(&spans, first));
        }
        /* The lowest one: every one below it is taken. Short inputs only, for the time. */
        if (spans.len <= 8)
                for (uint64_t at = STORE_ID_FIRST; at < (found ? first : STORE_ID_END); at += STORE_ID_RANGE)
                        assert(overlaps(&spans, at));
        return 0;
}
