/*
 * SemVer 2.0.0, section 11, and the members of its family that differ in one thing each.
 *
 * Accepted is what the specification allows, and one leading 'v', as node-semver's valid() has it. Two limits of
 * node-semver are not ours, since the specification has none: numbers above 2^53-1 (which it refuses in the core and
 * compares inexactly in a pre-release) and versions above 256 bytes. Build metadata is checked and ignored.
 *
 * Hex (Elixir's Version) takes no 'v'. Bitnami's "-1" is a revision: it comes after the release, and no 'v' is taken
 * (bitnami/go-version). Pub (Dart's pub_semver) takes leading zeros, orders build metadata behind the release without,
 * and takes for a number in an identifier whatever int.tryParse does: "-5" and "0x1f" are numbers.
 *
 * Key: three numbers; then 04 for a release, or the identifiers of the pre-release (02 and a number, 03 and text ended
 * by 00) and 01 at the end of the list. Bitnami: 01 for a release, 02 before a list. Pub: then 01, or 02 and the list of
 * the build.
 */
#include "advisory/version/order_priv.h"

#define LIST_NONE 1u
#define LIST_SOME 2u

bool version_semver_number(struct cursor *c, const char *name, bool zeros, struct buf *key, struct err *e)
{
        struct span digits = scan_digits(c);

        if (digits.len == 0)
                return err_set(e, ERR_MALFORMED, "the %s version is not a number", name);
        if (!zeros && digits.len > 1 && digits.at[0] == '0')
                return err_set(e, ERR_MALFORMED, "the %s version has a leading zero", name);
        version_put_number(key, digits);
        return true;
}

/* [0-9A-Za-z-]+ */
static bool identifier(struct cursor *c, struct span *ret, bool *ret_digits, struct err *e)
{
        bool digits = true;
        size_t n = 0;

        for (; n < c->rest.len; n++) {
                int byte = c->rest.at[n];
                if (ascii_is_digit(byte))
                        continue;
                if (!ascii_is_letter(byte) && byte != '-')
                        break;
                digits = false;
        }
        if (n == 0)
                return err_set(e, ERR_MALFORMED, "an identifier is empty or has a byte outside [0-9A-Za-z-]");
        *ret = cursor_take(c, n);
        *ret_digits = digits;
        return true;
}

/* Up to 16 digits of a base, as many as 64 bits hold; false when there are none, other bytes or more. */
static bool to_u64(struct span text, bool hex, uint64_t *ret)
{
        uint64_t v = 0;

        if (!hex)
                return span_to_u64(text, ret);
        while (text.len > 1 && text.at[0] == '0')
                text = span_from(text, 1);
        if (text.len == 0 || text.len > 16)
                return false;
        for (size_t i = 0; i < text.len; i++) {
                uint8_t byte = ascii_lower(text.at[i]);
                if (!ascii_is_digit(byte) && (byte < 'a' || byte > 'f'))
                        return false;
                v = v << 4 | (uint64_t)(ascii_is_digit(byte) ? byte - '0' : byte - 'a' + 10);
        }
        *ret = v;
        return true;
}

/* What .NET's int.TryParse and Dart's int.tryParse make of an identifier; a text when it is false. */
static bool to_integer(struct span id, enum semver_ids ids, int64_t *ret)
{
        const uint64_t max = ids == SEMVER_NUGET ? INT32_MAX : INT64_MAX;
        bool negative = id.len > 0 && id.at[0] == '-', hex;
        uint64_t v;

        if (negative)
                id = span_from(id, 1);
        hex = ids == SEMVER_DART && id.len > 2 && id.at[0] == '0' && ascii_lower(id.at[1]) == 'x';
        if (!to_u64(hex ? span_from(id, 2) : id, hex, &v))
                return false;
        if (!hex && v > max + negative)
                return false;
        *ret = (int64_t)(negative ? -v : v); /* Dart's hexadecimal numbers wrap around */
        return true;
}

static void put_text(struct buf *key, struct span id, bool fold)
{
        buf_put_u8(key, SEMVER_TEXT);
        for (size_t i = 0; i < id.len; i++)
                buf_put_u8(key, fold ? ascii_lower(id.at[i]) : id.at[i]);
        buf_put_u8(key, 0);
}

static bool put_identifier(struct buf *key, struct span id, bool digits, enum semver_ids ids, struct err *e)
{
        int64_t v;

        if (digits && id.len > 1 && id.at[0] == '0' && ids != SEMVER_JULIA && ids != SEMVER_DART)
                return err_set(e, ERR_MALFORMED, "a numeric pre-release identifier has a leading zero");
        if (ids == SEMVER_NUGET || ids == SEMVER_DART) {
                if (!to_integer(id, ids, &v)) {
                        put_text(key, id, ids == SEMVER_NUGET);
                        return true;
                }
                buf_put_u8(key, SEMVER_NUMBER);
                for (int shift = 56; shift >= 0; shift -= 8) /* the sign turned: negative numbers come first */
                        buf_put_u8(key, (uint8_t)(((uint64_t)v ^ 1ull << 63) >> shift));
        } else if (digits) {
                buf_put_u8(key, SEMVER_NUMBER);
                version_put_number(key, id);
        } else {
                put_text(key, id, false);
        }
        return true;
}

bool version_semver_list(struct cursor *c, enum semver_ids ids, struct buf *key, struct err *e)
{
        do {
                struct span id = {0};
                bool digits = false;
                if (!identifier(c, &id, &digits, e) || (key && !put_identifier(key, id, digits, ids, e)))
                        return false;
        } while (scan_byte(c, '.'));
        if (key)
                buf_put_u8(key, SEMVER_END);
        return true;
}

bool version_semver_done(const struct cursor *c, const char *what, struct err *e)
{
        if (c->rest.len == 0)
                return true;
        return err_set(e, ERR_MALFORMED, "byte 0x%02x is not allowed here in a %s version", c->rest.at[0], what);
}

bool version_semver_tail(struct cursor *c, enum semver_ids ids, struct buf *key, struct err *e)
{
        if (!scan_byte(c, '-'))
                buf_put_u8(key, SEMVER_RELEASE);
        else if (!version_semver_list(c, ids, key, e))
                return false;
        return !scan_byte(c, '+') || version_semver_list(c, ids, NULL, e);
}

static bool core(struct cursor *c, bool zeros, struct buf *key, struct err *e)
{
        static const char *const names[3] = {"major", "minor", "patch"};

        for (size_t i = 0; i < ARRAY_LEN(names); i++) {
                if (i > 0 && !scan_byte(c, '.'))
                        return err_set(e, ERR_MALFORMED, "the %s version is missing", names[i]);
                if (!version_semver_number(c, names[i], zeros, key, e))
                        return false;
        }
        return true;
}

bool version_key_semver(struct span version, struct buf *ret_key, struct err *e)
{
        struct cursor c = {.rest = version};

        scan_byte(&c, 'v');
        return core(&c, false, ret_key, e) && version_semver_tail(&c, SEMVER_IDS, ret_key, e) &&
               version_semver_done(&c, "SemVer", e);
}

bool version_key_hex(struct span version, struct buf *ret_key, struct err *e)
{
        struct cursor c = {.rest = version};

        return core(&c, false, ret_key, e) && version_semver_tail(&c, SEMVER_IDS, ret_key, e) &&
               version_semver_done(&c, "Hex", e);
}

bool version_key_bitnami(struct span version, struct buf *ret_key, struct err *e)
{
        struct cursor c = {.rest = version};

        if (!core(&c, false, ret_key, e))
                return false;
        if (scan_byte(&c, '-')) {
                buf_put_u8(ret_key, LIST_SOME);
                if (!version_semver_list(&c, SEMVER_IDS, ret_key, e))
                        return false;
        } else {
                buf_put_u8(ret_key, LIST_NONE);
        }
        return (!scan_byte(&c, '+') || version_semver_list(&c, SEMVER_IDS, NULL, e)) &&
               version_semver_done(&c, "Bitnami", e);
}

bool version_key_pub(struct span version, struct buf *ret_key, struct err *e)
{
        struct cursor c = {.rest = version};

        if (!core(&c, true, ret_key, e))
                return false;
        if (!scan_byte(&c, '-'))
                buf_put_u8(ret_key, SEMVER_RELEASE);
        else if (!version_semver_list(&c, SEMVER_DART, ret_key, e))
                return false;
        if (!scan_byte(&c, '+')) {
                buf_put_u8(ret_key, LIST_NONE);
        } else {
                buf_put_u8(ret_key, LIST_SOME);
                if (!version_semver_list(&c, SEMVER_DART, ret_key, e))
                        return false;
        }
        return version_semver_done(&c, "Pub", e);
}
