/* VERS: which versions a range holds, by the specification's own rules, and what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "advisory/advisory.h"
#include "advisory/advisory_limits.h"

/* `in` and `out` are versions separated by blanks. */
static void holds(const char *vers, const char *type, const char *versions, bool want)
{
        struct span rest = span_of(versions), one;

        while (rest.len > 0) {
                struct err e = {0};
                bool has = !want;

                span_split(rest, ' ', &one, &rest);
                if (!version_vers_has(span_of(vers), span_of(type), one, &has, &e))
                        fail_msg("%s, %.*s: %s", vers, SPAN_FMT(one), e.text);
                if (has != want)
                        fail_msg("%s %s %.*s", vers, has ? "holds" : "does not hold", SPAN_FMT(one));
        }
}

static void test_ranges(void **state)
{
        static const struct {
                const char *vers, *type, *in, *out;
        } t[] = {
            {"vers:npm/>=1.0.0|<2.0.0", "npm", "1.0.0 1.9.9 2.0.0-rc.1", "0.9.9 1.0.0-rc.1 2.0.0 3.0.0"},
            {"vers:npm/>1.0.0|<=2.0.0", "npm", "1.0.1 2.0.0", "1.0.0 2.0.1"},
            {"vers:npm/1.2.3|>=2.0.0|<5.0.0", "npm", "1.2.3 2.0.0 4.9.9", "1.2.2 1.2.4 1.9.9 5.0.0"},
            {"vers:npm/<1.0.0|>=2.0.0|<3.0.0|>4.0.0", "npm", "0.1.0 2.0.0 2.5.0 4.0.1", "1.0.0 1.5.0 3.0.0 4.0.0"},
            {"vers:pypi/>=1|!=1.5|<2", "pypi", "1 1.4 1.6", "0.9 1.5 1.5.0 2"},
            {"vers:npm/!=1.5.0|!=2.0.0", "npm", "1.0.0 1.7.0 3.0.0", "1.5.0 2.0.0"},
            {"vers:npm/=1.0.0|=2.0.0", "npm", "1.0.0 2.0.0", "1.5.0 0.1.0 3.0.0"},
            {"vers:npm/1.0.0", "npm", "1.0.0", "1.0.1 0.9.0"},
            {"vers:npm/ >= 1.0.0 | < 2.0.0 ", "npm", "1.5.0", "2.0.0"},
            {"vers:deb/*", "deb", "0 1:2.3-4~deb12u1", ""},
            {"vers:deb/<1%3A2.3-4", "deb", "1:2.3-3 9.0 1:2.3-4~deb12u1", "1:2.3-4 1:2.3-5"},
            {"vers:rpm/>=1%3A3.0", "rpm", "1:3.0 2:1", "3.5 1:2.9"},
            {"vers:alpine/<1.2-r3", "apk", "1.2-r2 1.1", "1.2-r3"},
            {"vers:semver/>=1.0.0", "cargo", "1.0.0", "0.1.0"},
            {"vers:golang/<1.2.3", "golang", "v1.2.2 1.0.0", "v1.2.3"},
            {"vers:maven/>=1.0-beta1|<=1.7.5", "maven", "1.0 1.7.5", "1.7.6 1.0-alpha1"},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(t); i++) {
                holds(t[i].vers, t[i].type, t[i].in, true);
                holds(t[i].vers, t[i].type, t[i].out, false);
        }
}

static void test_refused(void **state)
{
        static const struct {
                const char *vers;
                enum err_kind kind;
                const char *why;
        } t[] = {
            {"", ERR_MALFORMED, "was expected"},
            {"npm/>=1", ERR_MALFORMED, "was expected"},
            {"vers:npm", ERR_MALFORMED, "was expected"},
            {"vers:npm/", ERR_MALFORMED, "no constraint"},
            {"vers:npm/>=", ERR_MALFORMED, "has no version"},
            {"vers:npm/1.0.0||2.0.0", ERR_MALFORMED, "has no version"},
            {"vers:npm/*|1.0.0", ERR_MALFORMED, "vers"},
            {"vers:npm/one", ERR_MALFORMED, "vers"},
            {"vers:npm/>=2.0.0|<1.0.0", ERR_MALFORMED, "do not ascend"},
            {"vers:npm/>=1.0.0|<1.0.0", ERR_MALFORMED, "do not ascend"},
            {"vers:npm/>=1.0.0|>=2.0.0", ERR_MALFORMED, "side by side"},
            {"vers:npm/<1.0.0|1.5.0|<2.0.0", ERR_MALFORMED, "side by side"},
            {"vers:unknown/>=1", ERR_UNSUPPORTED, "not known"},
            {"vers:/>=1", ERR_UNSUPPORTED, "not known"},
        };
        CLEANUP(buf_done) struct buf many = {0};
        struct err e = {0};
        bool has;

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(t); i++) {
                e = (struct err){0};
                if (version_vers_check(span_of(t[i].vers), &e))
                        fail_msg("taken: %s", t[i].vers);
                if (!strstr(e.text, t[i].why))
                        fail_msg("%s: %s", t[i].vers, e.text);
                assert_int_equal(e.kind, t[i].kind);
                assert_false(version_vers_has(span_of(t[i].vers), SPAN_LIT("npm"), SPAN_LIT("1.0.0"), &has, NULL));
        }
        /* of another order, or no version of its own */
        assert_false(version_vers_has(SPAN_LIT("vers:npm/>=1.0.0"), SPAN_LIT("deb"), SPAN_LIT("1.0.0"), &has, &e));
        assert_int_equal(e.kind, ERR_UNSUPPORTED);
        assert_false(version_vers_has(SPAN_LIT("vers:npm/>=1.0.0"), SPAN_LIT("npm"), SPAN_LIT("one"), &has, &e));
        assert_int_equal(e.kind, ERR_MALFORMED);
        buf_put_text(&many, "vers:npm/0.0.0");
        for (unsigned i = 1; i < VERS_CONSTRAINTS_MAX; i++)
                buf_printf(&many, "|0.0.%u", i);
        assert_true(version_vers_check(buf_span(&many), &e));
        buf_put_text(&many, "|1.0.0");
        assert_false(version_vers_check(buf_span(&many), &e));
        assert_int_equal(e.kind, ERR_LIMIT);
}

int main(void)
{
        const struct CMUnitTest tests[] = {cmocka_unit_test(test_ranges), cmocka_unit_test(test_refused)};

        return cmocka_run_group_tests(tests, NULL, NULL);
}
