/*
 * Julia's VersionNumber: SemVer with short forms ("1.2" is 1.2.0), leading zeros, a pre-release that needs no '-' before
 * a letter ("1.2.3rc1"), a build that takes part in the order, and two forms that bound all others of a release:
 * "1.2.3-" is before every pre-release, "1.2.3+" behind every build.
 *
 * Julia keeps numbers in 32 or 64 bits; ours have no limit. Its "\u221e" is no version that anything has, and refused.
 *
 * Key: three numbers; pre-release: 01 for the empty one, 02 and a list, 04 for none; build: 01 for none, 02 and a list,
 * 03 for the empty one. Lists as SemVer's.
 */
#include "advisory/version/order_priv.h"

enum { PRE_EMPTY = 1, PRE_LIST = 2, PRE_NONE = 4 };
enum { BUILD_NONE = 1, BUILD_LIST = 2, BUILD_EMPTY = 3 };

bool version_key_julia(struct span version, struct buf *ret_key, struct err *e)
{
        static const char *const names[3] = {"major", "minor", "patch"};
        struct cursor c = {.rest = version};
        bool more = true, dash;

        scan_word(&c, "v");
        for (size_t i = 0; i < ARRAY_LEN(names); i++) {
                if (!more)
                        version_put_number(ret_key, SPAN_LIT(""));
                else if (!version_semver_number(&c, names[i], true, ret_key, e))
                        return false;
                more = more && i + 1 < ARRAY_LEN(names) && scan_byte(&c, '.');
        }
        dash = scan_byte(&c, '-');
        if (dash && c.rest.len == 0) {
                buf_put_u8(ret_key, PRE_EMPTY);
        } else if (dash || ascii_is_letter(scan_peek(&c))) {
                buf_put_u8(ret_key, PRE_LIST);
                if (!version_semver_list(&c, SEMVER_JULIA, ret_key, e))
                        return false;
        } else {
                buf_put_u8(ret_key, PRE_NONE);
        }
        if (!scan_byte(&c, '+')) {
                buf_put_u8(ret_key, BUILD_NONE);
        } else if (c.rest.len == 0) {
                buf_put_u8(ret_key, BUILD_EMPTY);
        } else {
                buf_put_u8(ret_key, BUILD_LIST);
                if (!version_semver_list(&c, SEMVER_JULIA, ret_key, e))
                        return false;
        }
        return version_semver_done(&c, "Julia", e);
}
