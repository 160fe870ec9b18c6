/*
 * Versions as advisories write the ends of ranges. SemVer's bounds are often short ("2.7", "4.0-rc1") or have leading
 * zeros ("2022.04.01"): three numbers are made of them, as osv.dev does; a fourth number stays refused. Only for bounds:
 * a component's version is taken as it is.
 */
#include "advisory/version/order_priv.h"

static bool complete(struct span version, struct buf *to)
{
        struct cursor c = {.rest = version};
        size_t n = 0;

        scan_byte(&c, 'v');
        while (n < 3) {
                struct span digits = scan_digits(&c);
                if (digits.len == 0)
                        return false;
                while (digits.len > 1 && digits.at[0] == '0')
                        digits = span_from(digits, 1);
                buf_put_text(to, n > 0 ? "." : "");
                buf_put(to, digits);
                n++;
                if (c.rest.len < 2 || scan_peek(&c) != '.')
                        break;
                if (n < 3)
                        cursor_take(&c, 1);
        }
        for (; n < 3; n++)
                buf_put_text(to, ".0");
        buf_put(to, c.rest);
        return true;
}

static bool semver_like(enum version_order o)
{
        return o == VERSION_ORDER_SEMVER || o == VERSION_ORDER_GO || o == VERSION_ORDER_HEX || o == VERSION_ORDER_PUB ||
               o == VERSION_ORDER_BITNAMI;
}

bool version_bound_key(enum version_order o, struct span version, struct buf *ret_key, struct err *e)
{
        struct buf text CLEANUP(buf_done) = {0};

        if (version_key(o, version, ret_key, e))
                return true;
        return semver_like(o) && version.len <= VERSION_MAX && complete(version, &text) &&
               version_key(o, buf_span(&text), ret_key, NULL);
}
