/*
 * SPDX licence expressions (SPDX 2.3, annex D): identifiers of the list, LicenseRefs, AND, OR, WITH, brackets. "GPL-2.0+" and
 * the deprecated "GPL-2.0" are not in the list any more, but every tool reads them: they count.
 */
#include "inventory/detect_priv.h"
#include "inventory/os/licence_priv.h"

#define EXPRESSION_DEPTH_MAX 32u

struct expression {
        struct span rest, token; /* token: the next one; empty at the end */
};

static bool is_id(uint8_t c)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '+' ||
               c == ':';
}

static void next(struct expression *x)
{
        size_t n = 0;

        x->rest = span_trim(x->rest);
        if (x->rest.len > 0 && (x->rest.at[0] == '(' || x->rest.at[0] == ')'))
                n = 1;
        while (n == 0 || (n < x->rest.len && is_id(x->rest.at[0]) && is_id(x->rest.at[n]))) {
                if (n >= x->rest.len)
                        break;
                n++;
        }
        x->token = span_cut(x->rest, 0, n);
        x->rest = span_from(x->rest, n);
}

static bool is_deprecated(struct span id)
{
        static const char *const families[] = {"GPL-1.0", "GPL-2.0", "GPL-3.0", "LGPL-2.0", "LGPL-2.1", "LGPL-3.0", "AGPL-1.0",
            "AGPL-3.0", "GFDL-1.1", "GFDL-1.2", "GFDL-1.3"};

        for (size_t i = 0; i < ARRAY_LEN(families); i++)
                if (span_is(id, families[i]))
                        return true;
        return false;
}

static bool simple(struct expression *x)
{
        struct span id = x->token;

        if (span_starts(id, "LicenseRef-") || span_starts(id, "DocumentRef-")) {
                size_t at;
                bool ok = id.len > 11 && !span_find(id, '+', &at);
                next(x);
                return ok;
        }
        if (span_ends(id, "+"))
                id.len--;
        if (spdx_licence(id).len == 0 && !is_deprecated(id))
                return false;
        next(x);
        if (!span_is(x->token, "WITH"))
                return true;
        next(x);
        if (spdx_exception(x->token).len == 0)
                return false;
        next(x);
        return true;
}

static bool any_of(struct expression *x, unsigned depth)
{
        for (;;) {
                if (span_is(x->token, "(")) {
                        next(x);
                        if (depth == EXPRESSION_DEPTH_MAX || !any_of(x, depth + 1) || !span_is(x->token, ")"))
                                return false;
                        next(x);
                } else if (!simple(x)) {
                        return false;
                }
                if (!span_is(x->token, "AND") && !span_is(x->token, "OR"))
                        return true;
                next(x);
        }
}

bool inventory_licence_is_spdx(struct span text)
{
        struct expression x = {.rest = text};

        next(&x);
        return any_of(&x, 0) && x.token.len == 0 && span_trim(x.rest).len == 0;
}
