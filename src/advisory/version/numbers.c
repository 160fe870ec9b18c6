/*
 * Versions that are lists of numbers, compared number by number; a list that ends is lower than one that goes on, so
 * 1.0 is before 1.0.0.
 *
 * CRAN and Bioconductor: R's compareVersion, by which it updates packages (its operator == also holds 1.0 for 1.0.0):
 * numbers by '.' or '-', leading zeros allowed, so "0.01-2" is 0.1.2. R keeps them as 32-bit integers; ours have no
 * limit. A package needs two numbers; a bound of an advisory may have one.
 *
 * Hackage and GHC: the Haskell package versioning policy as Cabal reads it, numbers by '.' without leading zeros, of at
 * most nine digits. Tags ("1.0-rc1") are deprecated, refused by Hackage and by us; Cabal reads and forgets them.
 *
 * Key: each number after 02, 01 at the end.
 */
#include "advisory/version/order_priv.h"

#define LIST_END 1u
#define LIST_NUMBER 2u
#define PVP_DIGITS_MAX 9u /* Cabal, Distribution.Types.Version */

bool version_key_cran(struct span version, struct buf *ret_key, struct err *e)
{
        struct cursor c = {.rest = version};

        do {
                struct span digits = scan_digits(&c);
                if (digits.len == 0)
                        return err_set(e, ERR_MALFORMED, "a part between '.' and '-' is not a number");
                buf_put_u8(ret_key, LIST_NUMBER);
                version_put_number(ret_key, digits);
        } while (scan_byte(&c, '.') || scan_byte(&c, '-'));
        buf_put_u8(ret_key, LIST_END);
        return version_semver_done(&c, "R", e);
}

bool version_key_pvp(struct span version, struct buf *ret_key, struct err *e)
{
        struct cursor c = {.rest = version};

        do {
                struct span digits = scan_digits(&c);
                if (digits.len == 0)
                        return err_set(e, ERR_MALFORMED, "a part between dots is not a number");
                if (digits.len > 1 && digits.at[0] == '0')
                        return err_set(e, ERR_MALFORMED, "a number has a leading zero");
                if (digits.len > PVP_DIGITS_MAX)
                        return err_set(e, ERR_MALFORMED, "a number has more than %u digits", PVP_DIGITS_MAX);
                buf_put_u8(ret_key, LIST_NUMBER);
                version_put_number(ret_key, digits);
        } while (scan_byte(&c, '.'));
        buf_put_u8(ret_key, LIST_END);
        return version_semver_done(&c, "Hackage", e);
}
