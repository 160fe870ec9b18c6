/*
 * SemVer 2.0.0, section 11. Build metadata is checked and ignored.
 *
 * Accepted is what the specification allows, and one leading 'v', as node-semver's valid() and Go's module versions
 * have it. Two limits of node-semver are not ours, since the specification has none: numbers above 2^53-1 (which it
 * refuses in the core and compares inexactly in a pre-release) and versions above 256 bytes.
 *
 * Key: three numbers; then 04 for a release, or the identifiers of the pre-release (02 and a number, 03 and text ended
 * by 00) and 01 at the end of the list.
 */
#include "advisory/version/order_priv.h"

#define FIELD_END 1u
#define FIELD_NUMBER 2u
#define FIELD_TEXT 3u
#define FIELD_RELEASE 4u

static bool core_number(struct cursor *c, const char *name, struct buf *key, struct err *e)
{
        struct span digits = scan_digits(c);

        if (digits.len == 0)
                return err_set(e, ERR_MALFORMED, "the %s version is not a number", name);
        if (digits.len > 1 && digits.at[0] == '0')
                return err_set(e, ERR_MALFORMED, "the %s version has a leading zero", name);
        version_put_number(key, digits);
        return true;
}

/* [0-9A-Za-z-]+ */
static bool identifier(struct cursor *c, struct span *ret, bool *ret_numeric, struct err *e)
{
        bool numeric = true;
        size_t n = 0;

        for (; n < c->rest.len; n++) {
                int byte = c->rest.at[n];
                if (ascii_is_digit(byte))
                        continue;
                if (!ascii_is_letter(byte) && byte != '-')
                        break;
                numeric = false;
        }
        if (n == 0)
                return err_set(e, ERR_MALFORMED, "an identifier is empty or has a byte outside [0-9A-Za-z-]");
        *ret = cursor_take(c, n);
        *ret_numeric = numeric;
        return true;
}

static bool prerelease(struct cursor *c, struct buf *key, struct err *e)
{
        do {
                struct span id = {0};
                bool numeric = false;
                if (!identifier(c, &id, &numeric, e))
                        return false;
                if (numeric && id.len > 1 && id.at[0] == '0')
                        return err_set(e, ERR_MALFORMED, "a numeric pre-release identifier has a leading zero");
                buf_put_u8(key, numeric ? FIELD_NUMBER : FIELD_TEXT);
                if (numeric) {
                        version_put_number(key, id);
                } else {
                        buf_put(key, id);
                        buf_put_u8(key, 0);
                }
        } while (scan_byte(c, '.'));
        buf_put_u8(key, FIELD_END);
        return true;
}

static bool build_check(struct cursor *c, struct err *e)
{
        struct span id;
        bool numeric;

        do {
                if (!identifier(c, &id, &numeric, e))
                        return false;
        } while (scan_byte(c, '.'));
        return true;
}

bool version_key_semver(struct span version, struct buf *ret_key, struct err *e)
{
        static const char *const names[3] = {"major", "minor", "patch"};
        struct cursor c = {.rest = version};

        scan_byte(&c, 'v');
        for (size_t i = 0; i < ARRAY_LEN(names); i++) {
                if (i > 0 && !scan_byte(&c, '.'))
                        return err_set(e, ERR_MALFORMED, "the %s version is missing", names[i]);
                if (!core_number(&c, names[i], ret_key, e))
                        return false;
        }
        if (!scan_byte(&c, '-'))
                buf_put_u8(ret_key, FIELD_RELEASE);
        else if (!prerelease(&c, ret_key, e))
                return false;
        if (scan_byte(&c, '+') && !build_check(&c, e))
                return false;
        if (c.rest.len > 0)
                return err_set(e, ERR_MALFORMED, "byte 0x%02x is not allowed here in a SemVer version", c.rest.at[0]);
        return true;
}
