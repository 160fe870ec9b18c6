/*
 * NuGet, as NuGet.Versioning's NuGetVersion has it: one to four numbers (missing ones are 0, leading zeros allowed),
 * labels of a pre-release compared without case, metadata ignored, white space around it. A label is a number when
 * int.TryParse takes it, so "-5" is one and "20230102030405" (more than 32 bits) is a text, after all numbers.
 *
 * NuGet limits the four numbers to 32 bits; ours have no limit.
 *
 * Key: four numbers, then as SemVer's.
 */
#include "advisory/version/order_priv.h"

bool version_key_nuget(struct span version, struct buf *ret_key, struct err *e)
{
        static const char *const names[4] = {"major", "minor", "patch", "revision"};
        struct cursor c = {.rest = span_trim(version)};
        bool more = true;

        for (size_t i = 0; i < ARRAY_LEN(names); i++) {
                if (!more)
                        version_put_number(ret_key, SPAN_LIT(""));
                else if (!version_semver_number(&c, names[i], true, ret_key, e))
                        return false;
                more = more && i + 1 < ARRAY_LEN(names) && scan_byte(&c, '.');
        }
        return version_semver_tail(&c, SEMVER_NUGET, ret_key, e) && version_semver_done(&c, "NuGet", e);
}
