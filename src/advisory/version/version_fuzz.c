/*
 * Two versions, A newline B. Properties of the keys for every order; and the sign of the comparisons of dpkg, SemVer,
 * rpm and RubyGems as written down a second time here, plainly, without keys; what a suffix does to the others' versions.
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

/* ---- rpm ---- */

/* What stands at the beginning, in ascending order of what differs first. */
enum rpm_next { RPM_TILDE, RPM_END, RPM_CARET, RPM_LETTERS, RPM_DIGITS };

static enum rpm_next rpm_next(struct span *s)
{
        while (s->len > 0) {
                uint8_t c = s->at[0];
                if (ascii_is_digit(c))
                        return RPM_DIGITS;
                if (ascii_is_letter(c))
                        return RPM_LETTERS;
                if (c == '~' || c == '^')
                        return c == '~' ? RPM_TILDE : RPM_CARET;
                *s = span_from(*s, 1);
        }
        return RPM_END;
}

static struct span rpm_run(struct span *s, enum rpm_next of)
{
        struct span all = *s;

        do
                *s = span_from(*s, 1);
        while (of >= RPM_LETTERS && s->len > 0 &&
               (of == RPM_DIGITS ? ascii_is_digit(s->at[0]) : ascii_is_letter(s->at[0])));
        return span_cut(all, 0, all.len - s->len);
}

static int rpm_part(struct span a, struct span b)
{
        for (;;) {
                enum rpm_next x = rpm_next(&a), y = rpm_next(&b);
                if (x != y)
                        return x < y ? -1 : 1;
                if (x == RPM_END)
                        return 0;
                struct span p = rpm_run(&a, x), q = rpm_run(&b, y);
                int sign = x == RPM_DIGITS ? digits_compare(p, q) : x == RPM_LETTERS ? sign_of(span_compare(p, q)) : 0;
                if (sign)
                        return sign;
        }
}

/* epoch, version, release; true if there is one */
static bool rpm_split(struct span v, struct span part[3])
{
        size_t colon, hyphen = v.len;
        bool epoch = span_find(v, ':', &colon) && all_digits(span_cut(v, 0, colon));

        part[0] = epoch ? span_cut(v, 0, colon) : (struct span){0};
        part[1] = epoch ? span_from(v, colon + 1) : v;
        part[2] = (struct span){0};
        for (size_t i = 0; i < part[1].len; i++)
                if (part[1].at[i] == '-')
                        hyphen = i;
        if (hyphen >= part[1].len)
                return false;
        part[2] = span_from(part[1], hyphen + 1);
        part[1] = span_cut(part[1], 0, hyphen);
        return true;
}

static int rpm_plain(struct span a, struct span b)
{
        struct span x[3], y[3];
        bool p = rpm_split(a, x), q = rpm_split(b, y);
        int sign = digits_compare(x[0], y[0]);

        if (!sign)
                sign = rpm_part(x[1], y[1]);
        return sign ? sign : p && q ? rpm_part(x[2], y[2]) : (int)p - (int)q;
}

/* ---- RubyGems ---- */

struct segment {
        struct span text;
        bool letters;
};

static size_t gem_segments(struct span v, struct segment *to)
{
        size_t n = 0, first = 0;

        v = span_trim(v);
        while (v.len > 0) {
                struct span all = v;
                if (v.at[0] == '.') {
                        v = span_from(v, 1);
                        continue;
                }
                if (v.at[0] == '-') {
                        v = span_from(v, 1);
                        to[n++] = (struct segment){SPAN_LIT("pre"), true};
                        continue;
                }
                bool letters = ascii_is_letter(v.at[0]);
                while (v.len > 0 && (letters ? ascii_is_letter(v.at[0]) : ascii_is_digit(v.at[0])))
                        v = span_from(v, 1);
                to[n++] = (struct segment){span_cut(all, 0, all.len - v.len), letters};
        }
        while (first < n && !to[first].letters)
                first++;
        size_t zero = first; /* from here to the first letters there are zeros alone */
        while (zero > 0 && digits_compare(to[zero - 1].text, (struct span){0}) == 0)
                zero--;
        if (first < n)
                memmove(to + zero, to + first, (n - first) * sizeof(*to));
        return first < n ? n - (first - zero) : n;
}

static int gem_plain(struct span a, struct span b)
{
        static struct segment x[VERSION_MAX], y[VERSION_MAX];
        size_t n = gem_segments(a, x), m = gem_segments(b, y);

        for (size_t i = 0; i < n || i < m; i++) {
                struct segment p = i < n ? x[i] : (struct segment){0}, q = i < m ? y[i] : (struct segment){0};
                int sign = p.letters != q.letters ? (p.letters ? -1 : 1)
                           : p.letters            ? sign_of(span_compare(p.text, q.text))
                                                  : digits_compare(p.text, q.text);
                if (sign)
                        return sign;
        }
        return 0;
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
        assert(x.len > 0 && x.len <= 8 * VERSION_MAX);
        assert(version_key(o, a, &again, NULL) && span_equal(buf_span(&x), buf_span(&again)));
        assert(version_compare(o, a, b, &sign, NULL) && version_compare(o, b, a, &back, NULL) && sign == -back);
        assert(sign == sign_of(span_compare(buf_span(&x), buf_span(&y))));
        /* No key is a prefix of another: bytes may follow a key in an index. */
        assert(sign == 0 || memcmp(x.at, y.at, x.len < y.len ? x.len : y.len) != 0);
        if (o == VERSION_ORDER_DPKG)
                assert(sign == dpkg_plain(a, b));
        if (o == VERSION_ORDER_SEMVER)
                assert(sign == semver_plain(a, b));
        if (o == VERSION_ORDER_RPM)
                assert(sign == rpm_plain(a, b));
        if (o == VERSION_ORDER_RUBYGEMS)
                assert(sign == gem_plain(a, b));
}

/* What a suffix does to every version that ends in a digit and is still one with it. */
static void check_suffixes(struct span a)
{
        static const struct {
                enum version_order order;
                const char *suffix;
                int sign;
        } suffixes[] = {{VERSION_ORDER_RPM, "~", -1}, {VERSION_ORDER_RPM, "^", 1}, {VERSION_ORDER_RPM, ".", 0},
            {VERSION_ORDER_APK, "_rc", -1}, {VERSION_ORDER_APK, "-r0", 1}, {VERSION_ORDER_APK, "_p", 1},
            {VERSION_ORDER_APK, ".0", 1}, {VERSION_ORDER_MAVEN, ".0", 0}, {VERSION_ORDER_MAVEN, "-ga", 0},
            {VERSION_ORDER_MAVEN, "-alpha", -1}, {VERSION_ORDER_MAVEN, "-SNAPSHOT", -1},
            {VERSION_ORDER_MAVEN, "rc9", -1}, {VERSION_ORDER_MAVEN, "-sp", 1}, {VERSION_ORDER_MAVEN, "-1", 1},
            {VERSION_ORDER_MAVEN, ".1", 1}, {VERSION_ORDER_MAVEN, ".x", 1}, {VERSION_ORDER_RUBYGEMS, ".0", 0},
            {VERSION_ORDER_RUBYGEMS, ".a", -1}, {VERSION_ORDER_RUBYGEMS, ".1", 1}, {VERSION_ORDER_PACMAN, "rc", -1},
            {VERSION_ORDER_PACMAN, ".", 1}, {VERSION_ORDER_PACMAN, ".1", 1}, {VERSION_ORDER_PORTAGE, "_rc", -1},
            {VERSION_ORDER_PORTAGE, "-r0", 0}, {VERSION_ORDER_PORTAGE, "_p", 1}, {VERSION_ORDER_PORTAGE, ".0", 1}};
        struct buf longer CLEANUP(buf_done) = {0};
        int sign;

        if (a.len == 0 || !ascii_is_digit(a.at[a.len - 1]))
                return;
        for (size_t i = 0; i < ARRAY_LEN(suffixes); i++) {
                buf_clear(&longer);
                buf_put(&longer, a);
                buf_put_text(&longer, suffixes[i].suffix);
                if (version_compare(suffixes[i].order, buf_span(&longer), a, &sign, NULL))
                        assert(sign == suffixes[i].sign);
        }
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

/* A '-' in front of the metadata. */
static bool has_dash(struct span s)
{
        struct span version, build;
        size_t at;

        span_split(s, '+', &version, &build);
        return span_find(version, '-', &at);
}

/* Where two orders accept the same pair, what they may differ in is known. */
static void check_family(struct span a, struct span b)
{
        static const enum version_order as_semver[] = {VERSION_ORDER_GO, VERSION_ORDER_HEX};
        int sign, other;

        if (version_compare(VERSION_ORDER_SEMVER, a, b, &sign, NULL)) {
                for (size_t i = 0; i < ARRAY_LEN(as_semver); i++)
                        if (version_compare(as_semver[i], a, b, &other, NULL))
                                assert(sign == other);
                assert(version_compare(VERSION_ORDER_GO, a, b, &other, NULL));
                if (version_compare(VERSION_ORDER_BITNAMI, a, b, &other, NULL) && has_dash(a) == has_dash(b))
                        assert(sign == other);
                if (version_compare(VERSION_ORDER_JULIA, a, b, &other, NULL) && sign != 0)
                        assert(sign == other);
        }
        if (version_compare(VERSION_ORDER_DPKG, a, b, &sign, NULL) &&
            version_compare(VERSION_ORDER_OPAM, a, b, &other, NULL))
                assert(sign == other);
        if (version_compare(VERSION_ORDER_PVP, a, b, &sign, NULL)) {
                assert(version_compare(VERSION_ORDER_CRAN, a, b, &other, NULL) && sign == other);
                if (version_compare(VERSION_ORDER_NUGET, a, b, &other, NULL))
                        assert(other == sign || other == 0); /* 1.0 is 1.0.0 for NuGet alone */
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct span a, b;

        span_split(span_bytes(data, size), '\n', &a, &b);
        for (enum version_order o = VERSION_ORDER_NONE; o <= VERSION_ORDER_OPAM; o++)
                check(o, a, b);
        check_pep440(a);
        check_suffixes(a);
        check_family(a, b);
        return 0;
}
