/*
 * pacman: [epoch:]pkgver[-pkgrel], compared as libalpm's alpm_pkg_vercmp() (the program vercmp) does.
 *
 * Accepted is what makepkg lets a package be called: epoch a number, pkgver of ASCII without ':', '/', '-' and blanks
 * and not empty, pkgrel the same. vercmp itself compares any text.
 *
 * Runs of digits and of letters count; what stands between them counts by its length alone. At the place of the first
 * difference (d is the count of dividing bytes before the next run):
 *
 *     letters d=0 ("1.0rc") < the end < digits d=0 < letters d=1 < only dividing bytes follow ("1.0.") < digits d=1
 *     < letters d=2 < digits d=2 ...
 *
 * libalpm is no total order, and ours differs from it in two places:
 * - Dividing bytes at the end: libalpm has them after all letters and before all digits. With 1.1 < 1..a (fewer
 *   dividing bytes) that is a circle: 1. < 1.1 < 1..a < 1. Ours is 1. < 1.1 < 1..a. For the same reason a1 < a.a < a. is ours, while libalpm has a. < a1.
 * - A missing pkgrel: libalpm has 1-1 = 1 = 1-2, yet 1-1 < 1-2. Ours is 1 < 1-1 < 1-2, so that "fixed in 1" speaks of
 *   all builds of it. Versions of packages always have a pkgrel.
 *
 * Key: the epoch, the runs of pkgver, 01 without pkgrel, or 02 and its runs.
 */
#include "advisory/version/order_priv.h"

#define NEXT_LETTERS 1u
#define NEXT_END 2u
#define NEXT_DIGITS 3u
#define NEXT_DIVIDED_LETTERS 4u /* d=1 */
#define NEXT_DIVIDED_END 5u
#define NEXT_DIVIDED 6u /* then d in two bytes, big-endian, and one of the first three */

#define PKGREL_NONE 1u
#define PKGREL_SOME 2u

/* [0-9A-Za-z] and all else, which divides. */
static size_t dividers(struct cursor *c)
{
        size_t n = 0;

        while (n < c->rest.len && !ascii_is_digit(c->rest.at[n]) && !ascii_is_letter(c->rest.at[n]))
                n++;
        cursor_take(c, n);
        return n;
}

static void next_put(struct buf *key, size_t divided, uint8_t next)
{
        if (divided == 0) {
                buf_put_u8(key, next);
        } else if (next == NEXT_END) {
                buf_put_u8(key, NEXT_DIVIDED_END);
        } else if (divided == 1 && next == NEXT_LETTERS) {
                buf_put_u8(key, NEXT_DIVIDED_LETTERS);
        } else {
                buf_put_u8(key, NEXT_DIVIDED);
                buf_put_u8(key, (uint8_t)(divided >> 8));
                buf_put_u8(key, (uint8_t)divided);
                buf_put_u8(key, next);
        }
}

static void part_put(struct buf *key, struct span part)
{
        struct cursor c = {.rest = part};

        for (;;) {
                size_t divided = dividers(&c);
                int byte = scan_peek(&c);
                if (byte < 0) {
                        next_put(key, divided, NEXT_END);
                        return;
                }
                if (ascii_is_digit(byte)) {
                        next_put(key, divided, NEXT_DIGITS);
                        version_put_number(key, scan_digits(&c));
                } else {
                        next_put(key, divided, NEXT_LETTERS);
                        buf_put(key, scan_letters(&c));
                        buf_put_u8(key, 0);
                }
        }
}

static bool part_check(struct span part, const char *name, struct err *e)
{
        if (part.len == 0)
                return err_set(e, ERR_MALFORMED, "%s is empty", name);
        for (size_t i = 0; i < part.len; i++) {
                uint8_t byte = part.at[i];
                if (byte <= ' ' || byte >= 0x7f || byte == ':' || byte == '/' || byte == '-')
                        return err_set(e, ERR_MALFORMED, "byte 0x%02x is not allowed in %s", byte, name);
        }
        return true;
}

bool version_key_pacman(struct span version, struct buf *ret_key, struct err *e)
{
        struct version_evr evr = version_evr_split(version);

        if (version.at[0] == ':')
                return err_set(e, ERR_MALFORMED, "the epoch is empty");
        if (!part_check(evr.version, "pkgver", e) || (evr.has_release && !part_check(evr.release, "pkgrel", e)))
                return false;
        version_put_number(ret_key, evr.epoch);
        part_put(ret_key, evr.version);
        buf_put_u8(ret_key, evr.has_release ? PKGREL_SOME : PKGREL_NONE);
        if (evr.has_release)
                part_put(ret_key, evr.release);
        return true;
}
