/*
 * rpm: [epoch:]version[-release], compared as rpm's rpmVersionCompare() does (rpm 4.15 and later, which know '^').
 *
 * The epoch is what stands before the first ':' if that is digits alone, and 0 if there is none; the release is what
 * follows the last '-'. A version without a release sorts before the same version with one, as rpm has it: an advisory
 * that says "fixed in 1.2" speaks of all of its releases.
 *
 * Version and release are read as runs of digits and runs of letters; '~' and '^' stand for themselves, and all other
 * bytes only divide. At the place of the first difference: '~', then the end, then '^', then letters (bytewise), then
 * numbers. This is a total order; rpm's own comparison has no cycles. "1.0", "1_0", "1..0" and "1.0." are one version.
 *
 * rpm compares any text. Refused here is what rpm's own tools can't make or ask for: no version at all ("1:", "-1"),
 * blanks and control bytes. Bytes above 0x7f only divide, as in rpm.
 *
 * Key: the epoch; the version's runs, ended by 02; 01 without a release, or 02 and the release's runs, ended by 02.
 */
#include "advisory/version/order_priv.h"

#define RUN_TILDE 1u
#define RUN_END 2u
#define RUN_CARET 3u
#define RUN_LETTERS 4u /* ended by 00 */
#define RUN_NUMBER 5u

#define RELEASE_NONE 1u
#define RELEASE_SOME 2u

struct version_evr version_evr_split(struct span text)
{
        struct version_evr evr = {.version = text};
        struct cursor c = {.rest = text};
        struct span epoch = scan_digits(&c);

        if (scan_byte(&c, ':')) {
                evr.epoch = epoch;
                evr.version = c.rest;
        }
        for (size_t i = evr.version.len; i > 0; i--) {
                if (evr.version.at[i - 1] == '-') {
                        evr.release = span_from(evr.version, i);
                        evr.version = span_cut(evr.version, 0, i - 1);
                        evr.has_release = true;
                        break;
                }
        }
        return evr;
}

static void part_put(struct buf *key, struct span part)
{
        struct cursor c = {.rest = part};

        while (c.rest.len > 0) {
                int byte = scan_peek(&c);
                if (ascii_is_digit(byte)) {
                        buf_put_u8(key, RUN_NUMBER);
                        version_put_number(key, scan_digits(&c));
                } else if (ascii_is_letter(byte)) {
                        buf_put_u8(key, RUN_LETTERS);
                        buf_put(key, scan_letters(&c));
                        buf_put_u8(key, 0);
                } else {
                        if (byte == '~' || byte == '^')
                                buf_put_u8(key, byte == '~' ? RUN_TILDE : RUN_CARET);
                        cursor_take(&c, 1);
                }
        }
        buf_put_u8(key, RUN_END);
}

bool version_key_rpm(struct span version, struct buf *ret_key, struct err *e)
{
        struct version_evr evr;

        for (size_t i = 0; i < version.len; i++)
                if (version.at[i] <= ' ' || version.at[i] == 0x7f)
                        return err_set(e, ERR_MALFORMED, "byte 0x%02x is not allowed in an rpm version", version.at[i]);
        evr = version_evr_split(version);
        if (evr.version.len == 0)
                return err_set(e, ERR_MALFORMED, "there is no version beside the epoch and the release");
        version_put_number(ret_key, evr.epoch);
        part_put(ret_key, evr.version);
        buf_put_u8(ret_key, evr.has_release ? RELEASE_SOME : RELEASE_NONE);
        if (evr.has_release)
                part_put(ret_key, evr.release);
        return true;
}
