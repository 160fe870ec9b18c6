/* Any bytes as a zip: members within the limits or errors with a kind, and two workers take what one would take. */
#include <assert.h>

#include "advisory/archive/testing_archive_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct testing_walk whole CLEANUP(testing_walk_done) = {0};
        struct testing_walk parts CLEANUP(testing_walk_done) = {0};
        struct span zip = span_bytes(data, size);

        if (!testing_walk_all(zip_walk, zip, &whole)) {
                assert(whole.e.kind != ERR_NONE && whole.e.kind != ERR_BUG && whole.e.text[0]);
                assert(whole.members + whole.refused == 0);
                return 0;
        }
        assert(whole.members + whole.refused > 0);
        assert(whole.refused == 0 || (whole.why.kind != ERR_NONE && whole.why.text[0]));
        for (uint32_t i = 0; i < 2; i++)
                assert(testing_walk_part(zip_walk, zip, (struct archive_part){i, 2}, &parts));
        assert(parts.members == whole.members && parts.refused == whole.refused);
        return 0;
}
