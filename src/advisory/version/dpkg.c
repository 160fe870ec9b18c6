/*
 * dpkg: [epoch:]upstream[-revision], deb-version(7).
 *
 * Accepted is what Dpkg::Version's version_check accepts, which is the strict reading of the manual page: nothing
 * empty, the upstream version starts with a digit, no other bytes than A-Za-z0-9.+-~ and ':'. One difference: "1:" has
 * nothing after its colon and is refused, as libdpkg does; Dpkg::Version takes it for a version that ends in a colon.
 *
 * Compared are runs of non-digits and of digits in turn. In a non-digit run '~' sorts before the end of the run, then
 * come letters, then the rest; a missing number is 0. As bytes: '~' is 01, the end of a run is 02, letters and the rest
 * follow, then the number. A part ends with another 02: the run of a part that goes on here is not empty, so its next
 * byte is 01 or above 02. "1.0" and "1.0-0" are the same version, and so are "1a" and "1a0".
 */
#include "advisory/version/order_priv.h"

#define RANK_TILDE 1u
#define RANK_END 2u
#define RANK_LETTER 3u /* 'A' to 'Z', then 'a' to 'z' */
#define RANK_OTHER (RANK_LETTER + 52u)

/* 0: not allowed in a version. */
static uint8_t rank(uint8_t c)
{
        if (c == '~')
                return RANK_TILDE;
        if (c >= 'A' && c <= 'Z')
                return (uint8_t)(RANK_LETTER + (c - 'A'));
        if (c >= 'a' && c <= 'z')
                return (uint8_t)(RANK_LETTER + 26u + (c - 'a'));
        switch (c) {
        case '+':
                return RANK_OTHER;
        case '-':
                return RANK_OTHER + 1;
        case '.':
                return RANK_OTHER + 2;
        case ':':
                return RANK_OTHER + 3;
        default:
                return 0;
        }
}

bool version_put_dpkg_part(struct buf *key, struct span part, bool underscore, struct err *e)
{
        struct cursor c = {.rest = part};

        do {
                while (c.rest.len > 0 && !ascii_is_digit(scan_peek(&c))) {
                        uint8_t byte = cursor_u8(&c), r = rank(byte);
                        if (byte == '_' && underscore)
                                r = RANK_OTHER + 4;
                        if (r == 0 || (byte == ':' && underscore))
                                return err_set(e, ERR_MALFORMED, "byte 0x%02x is not allowed in %s version", byte,
                                    underscore ? "an opam" : "a dpkg");
                        buf_put_u8(key, r);
                }
                buf_put_u8(key, RANK_END);
                version_put_number(key, scan_digits(&c));
        } while (c.rest.len > 0);
        buf_put_u8(key, RANK_END);
        return true;
}

bool version_key_dpkg(struct span version, struct buf *ret_key, struct err *e)
{
        struct span epoch = SPAN_LIT("0"), upstream = version, revision = SPAN_LIT("0");
        struct cursor c;
        size_t colon;

        if (span_find(version, ':', &colon)) {
                epoch = span_cut(version, 0, colon);
                upstream = span_from(version, colon + 1);
                c = (struct cursor){.rest = epoch};
                if (epoch.len == 0)
                        return err_set(e, ERR_MALFORMED, "the epoch is empty");
                scan_digits(&c);
                if (c.rest.len > 0)
                        return err_set(e, ERR_MALFORMED, "the epoch is not a number");
        }
        for (size_t i = upstream.len; i > 0; i--) {
                if (upstream.at[i - 1] == '-') {
                        revision = span_from(upstream, i);
                        upstream = span_cut(upstream, 0, i - 1);
                        break;
                }
        }
        if (revision.len == 0)
                return err_set(e, ERR_MALFORMED, "the revision is empty");
        if (upstream.len == 0)
                return err_set(e, ERR_MALFORMED, "the upstream version is empty");
        SPAN_HOLDS(upstream);
        if (!ascii_is_digit(upstream.at[0]))
                return err_set(e, ERR_MALFORMED, "the upstream version does not start with a digit");
        version_put_number(ret_key, epoch);
        return version_put_dpkg_part(ret_key, upstream, false, e) && version_put_dpkg_part(ret_key, revision, false, e);
}

/*
 * opam: as dpkg without an epoch, and the version may start with anything (opam manual, "Version ordering"): the bytes
 * are A-Za-z0-9-_+.~, the last '-' begins the revision, "1" and "1-" and "1-0" are the same version.
 */
bool version_key_opam(struct span version, struct buf *ret_key, struct err *e)
{
        struct span upstream = version, revision = SPAN_LIT("0");

        for (size_t i = version.len; i > 0; i--) {
                if (version.at[i - 1] == '-') {
                        revision = span_from(version, i);
                        upstream = span_cut(version, 0, i - 1);
                        break;
                }
        }
        if (revision.len == 0)
                revision = SPAN_LIT("0");
        if (upstream.len == 0)
                upstream = SPAN_LIT("0");
        return version_put_dpkg_part(ret_key, upstream, true, e) && version_put_dpkg_part(ret_key, revision, true, e);
}
