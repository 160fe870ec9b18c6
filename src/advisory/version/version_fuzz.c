/*
 * Two versions, A newline B. Properties of the keys for every order; and the sign of dpkg's and SemVer's comparison as
 * written down a second time here, plainly, without keys.
 */
#include <assert.h>

#include "advisory/version/order_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int sign_of(int v)
{
        return v < 0 ? -1 : v > 0;
}

static int digits_compare(struct span a, struct span b)
{
        while (a.len > 0 && a.at[0] == '0')
                a = span_from(a, 1);
        while (b.len > 0 && b.at[0] == '0')
                b = span_from(b, 1);
        if (a.len != b.len)
                return a.len < b.len ? -1 : 1;
        return sign_of(a.len ? memcmp(a.at, b.at, a.len) : 0);
}

/* ---- dpkg, as deb-version(7) tells it ---- */

static int dpkg_weight(struct span s, size_t i)
{
        if (i >= s.len || ascii_is_digit(s.at[i]))
                return 0;
        return s.at[i] == '~' ? -1 : ascii_is_letter(s.at[i]) ? s.at[i] : s.at[i] + 256;
}

static struct span digits_at(struct span s, size_t *i)
{
        size_t from = *i;

        while (*i < s.len && ascii_is_digit(s.at[*i]))
                ++*i;
        return span_cut(s, from, *i - from);
}

static int dpkg_part(struct span a, struct span b)
{
        size_t i = 0, k = 0;

        while (i < a.len || k < b.len) {
                while ((i < a.len && !ascii_is_digit(a.at[i])) || (k < b.len && !ascii_is_digit(b.at[k]))) {
                        int x = dpkg_weight(a, i), y = dpkg_weight(b, k);
                        if (x != y)
                                return x < y ? -1 : 1;
                        i++;
                        k++;
                }
                struct span x = digits_at(a, &i), y = digits_at(b, &k);
                int sign = digits_compare(x, y);
                if (sign)
                        return sign;
        }
        return 0;
}

static void dpkg_split(struct span v, struct span part[3])
{
        part[0] = part[2] = SPAN_LIT("0");
        part[1] = v;
        for (size_t i = 0; i < v.len; i++) {
                if (v.at[i] == ':') {
                        part[0] = span_cut(v, 0, i);
                        part[1] = span_from(v, i + 1);
                        break;
                }
        }
        v = part[1];
        for (size_t i = v.len; i > 0; i--) {
                if (v.at[i - 1] == '-') {
                        part[1] = span_cut(v, 0, i - 1);
                        part[2] = span_from(v, i);
                        break;
                }
        }
}

static int dpkg_plain(struct span a, struct span b)
{
        struct span x[3], y[3];
        int sign;

        dpkg_split(a, x);
        dpkg_split(b, y);
        sign = digits_compare(x[0], y[0]);
        if (!sign)
                sign = dpkg_part(x[1], y[1]);
        return sign ? sign : dpkg_part(x[2], y[2]);
}

/* ---- SemVer, section 11 ---- */

static bool all_digits(struct span s)
{
        for (size_t i = 0; i < s.len; i++)
                if (!ascii_is_digit(s.at[i]))
                        return false;
        return true;
}

static int semver_plain(struct span a, struct span b)
{
        struct span core[2] = {a, b}, pre[2] = {{0}, {0}}, ids[2];
        bool has[2];

        for (size_t i = 0; i < 2; i++) {
                struct span rest = core[i].at[0] == 'v' ? span_from(core[i], 1) : core[i];
                span_split(rest, '+', &core[i], &rest);
                has[i] = span_split(core[i], '-', &core[i], &pre[i]);
        }
        for (int n = 0; n < 3; n++) {
                struct span x, y;
                span_split(core[0], '.', &x, &core[0]);
                span_split(core[1], '.', &y, &core[1]);
                int sign = digits_compare(x, y);
                if (sign)
                        return sign;
        }
        if (!has[0] || !has[1])
                return (int)has[1] - (int)has[0];
        for (bool more[2] = {true, true};;) {
                if (!more[0] || !more[1])
                        return (int)more[0] - (int)more[1];
                for (size_t i = 0; i < 2; i++)
                        more[i] = span_split(pre[i], '.', &ids[i], &pre[i]);
                bool x = all_digits(ids[0]), y = all_digits(ids[1]);
                int sign = x != y ? (x ? -1 : 1) : x ? digits_compare(ids[0], ids[1]) : span_compare(ids[0], ids[1]);
                if (sign)
                        return sign_of(sign);
        }
}

static void check(enum version_order o, struct span a, struct span b)
{
        struct buf x CLEANUP(buf_done) = {0}, y CLEANUP(buf_done) = {0}, again CLEANUP(buf_done) = {0};
        struct err e = {0};
        bool ok = version_key(o, a, &x, &e);
        int sign, back;

        assert(ok || (e.kind != ERR_NONE && e.text[0] && x.len == 0));
        if (!ok || !version_key(o, b, &y, NULL))
                return;
        assert(x.len > 0 && x.len <= 4 * VERSION_MAX);
        assert(version_key(o, a, &again, NULL) && span_equal(buf_span(&x), buf_span(&again)));
        assert(version_compare(o, a, b, &sign, NULL) && version_compare(o, b, a, &back, NULL) && sign == -back);
        assert(sign == sign_of(span_compare(buf_span(&x), buf_span(&y))));
        /* No key is a prefix of another: bytes may follow a key in an index. */
        assert(sign == 0 || memcmp(x.at, y.at, x.len < y.len ? x.len : y.len) != 0);
        if (o == VERSION_ORDER_DPKG)
                assert(sign == dpkg_plain(a, b));
        if (o == VERSION_ORDER_SEMVER)
                assert(sign == semver_plain(a, b));
}

/* A suffix moves every PEP 440 version the known way. */
static void check_pep440(struct span a)
{
        static const struct {
                const char *suffix;
                int sign;
        } suffixes[] = {{" ", 0}, {".dev0", -1}, {"+0", 1}, {"+z", 1}};
        struct cursor c = {.rest = a};
        int sign;

        for (size_t i = 0; i < ARRAY_LEN(suffixes); i++) {
                struct buf longer CLEANUP(buf_done) = {0};
                bool has_dev = false, has_local = false;
                buf_put(&longer, span_trim(a));
                buf_put_text(&longer, suffixes[i].suffix);
                for (c.rest = a; c.rest.len > 0; cursor_take(&c, 1)) {
                        has_dev |= ascii_lower(c.rest.at[0]) == 'd';
                        has_local |= c.rest.at[0] == '+';
                }
                if (suffixes[i].sign && (has_dev || has_local))
                        continue;
                if (version_compare(VERSION_ORDER_PEP440, buf_span(&longer), a, &sign, NULL))
                        assert(sign == suffixes[i].sign);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct span a, b;

        span_split(span_bytes(data, size), '\n', &a, &b);
        for (enum version_order o = VERSION_ORDER_NONE; o <= VERSION_ORDER_PEP440; o++)
                check(o, a, b);
        check_pep440(a);
        return 0;
}
