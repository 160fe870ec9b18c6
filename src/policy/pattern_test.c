/* What patterns match: names, package URLs, licences. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "policy/policy_priv.h"

static void test_patterns(void **state)
{
        static const struct {
                const char *pattern, *text;
                bool matches;
        } t[] = {
            {"", "", true},
            {"", "a", false},
            {"a", "", false},
            {"*", "", true},
            {"**", "", true},
            {"*", "abc", true},
            {"*", "a/b", false},
            {"**", "a/b", true},
            {"a*", "a", true},
            {"*a", "bab", false},
            {"*a", "baba", true},
            {"a*b*c", "aXbYc", true},
            {"a*b*c", "aXbYcd", false},
            {"a/*/c", "a/b/c", true},
            {"a/*/c", "a/b/b/c", false},
            {"a/**/c", "a/b/b/c", true},
            {"a/**/c", "a/c", false},
            {"**/c", "a/b/c", true},
            {"**/c*", "a/c/b/cd", true},
            {"a**b*c", "a/b/bc", true},
            {"**b*/d", "ab/bc/d", true},
            {"***", "a/b", true},
            {"*/**", "a/b/c", true},
            {"A", "a", false},
            {"?", "a", false},
            {"?", "?", true},
            {"[a]", "a", false},
            {"*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(t); i++) {
                print_message("%s %s\n", t[i].pattern, t[i].text);
                assert_int_equal(pattern_matches(span_of(t[i].pattern), span_of(t[i].text), false), t[i].matches);
        }
        assert_true(pattern_matches(span_of("gPl-*"), span_of("GPL-3.0-only"), true));
}

static void test_purl_split(void **state)
{
        static const struct {
                const char *purl, *path, *version; /* NULL: none */
        } t[] = {
            {"pkg:npm/a@1", "pkg:npm/a", "1"},
            {"pkg:npm/a", "pkg:npm/a", NULL},
            {"pkg:npm/%40s/a@1", "pkg:npm/@s/a", "1"},
            {"pkg:npm/@s/a", "pkg:npm/@s/a", NULL},
            {"pkg:npm/@s", "pkg:npm/@s", NULL},
            {"pkg:npm/a@", "pkg:npm/a", ""},
            {"pkg:deb/d/a@1%3A2%2B3?arch=x@y#z@w", "pkg:deb/d/a", "1:2+3"},
            {"pkg:deb/a%", "pkg:deb/a%", NULL},
            {"pkg:deb/a%4", "pkg:deb/a%4", NULL},
            {"pkg:deb/a%zz", "pkg:deb/a%zz", NULL},
            {"", "", NULL},
            {"@", "@", NULL},
        };
        CLEANUP(arena_freep) struct arena *a = arena_new();

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(t); i++) {
                struct purl_parts p;

                print_message("%s\n", t[i].purl);
                purl_split(span_of(t[i].purl), a, &p);
                assert_true(span_is(p.path, t[i].path));
                assert_int_equal(p.has_version, t[i].version != NULL);
                assert_true(span_is(p.version, t[i].version));
        }
}

static void test_licences(void **state)
{
        static const struct {
                const char *licence, *deny, *allow; /* one pattern each, NULL: no list */
                bool refused;
        } t[] = {
            {"MIT", NULL, NULL, false},
            {"MIT", "MIT", NULL, true},
            {"mit", "MIT", NULL, true},
            {"MIT", "GPL*", NULL, false},
            {"GPL-3.0", "GPL-3.0-only", NULL, true}, /* GNU's, in their old spelling and the new one */
            {"GPL-3.0-only", "GPL-3.0", NULL, true},
            {"lgpl-2.1+", "LGPL-2.1-or-later", NULL, true},
            {"AGPL-3.0-or-later", "AGPL-3.0+", NULL, true},
            {"GPL-3.0-or-later", "GPL-3.0-only", NULL, false},
            {"GPL-3.0+", "GPL-3.0", NULL, false},
            {"GPL-2.0 WITH Classpath-exception-2.0", "GPL-2.0-only", NULL, true},
            {"GPL-3.0", NULL, "GPL-3.0-only", false},
            {"GPL-3.0", NULL, "GPL-3.0-or-later", true},
            {"MIT OR GPL-3.0-only", "GPL*", NULL, false},
            {"GPL-2.0-only OR GPL-3.0-only", "GPL*", NULL, true},
            {"MIT AND GPL-3.0-only", "GPL*", NULL, true},
            {"GPL-3.0-only AND MIT OR MIT", "GPL*", NULL, false},
            {"GPL-3.0-only AND (MIT OR X11)", "GPL*", NULL, true},
            {"(MIT)", "MIT", NULL, true},
            {"(MIT or (GPL-3.0-only and X11))", "GPL*", NULL, false},
            {"GPL-2.0-only WITH Classpath-exception-2.0", "GPL-2.0-only", NULL, true},
            {"GPL-2.0-only WITH Classpath-exception-2.0", "GPL-2.0-only WITH*", NULL, true},
            {"GPL-2.0-only", "GPL-2.0-only WITH*", NULL, false},
            {"MIT", NULL, "MIT", false},
            {"X11", NULL, "MIT", true},
            {"X11 OR MIT", NULL, "MIT", false},
            {"X11 AND MIT", NULL, "MIT", true},
            {"", NULL, "MIT", true},
            {"  ", "NOASSERTION", NULL, true},
            {"Apache-2.0 WITH LLVM-exception", NULL, "Apache-2.0", false},
            {"MIT MIT", "MIT", NULL, true},
            {"MIT AND", "MIT", NULL, true},
            {"BSD/GPL", "GPL", NULL, true},
            {"The GPL, version 3", "GPL", NULL, true},
            {"free for all", "GPL*", NULL, false},
            {"(", "GPL", NULL, false},
            {"MIT OR", NULL, "MIT", true},
            {"free for all", NULL, "MIT", true},
            {"free for all", NULL, "free*", false},
            {"((((((((((((((((((((((((((((((((((MIT))))))))))))))))))))))))))))))))))", "MIT", NULL, true},
            {"((((((((((((((((((((((((((((((((((MIT))))))))))))))))))))))))))))))))))", NULL, "MIT", true},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(t); i++) {
                struct licence_entry deny_entry = {span_of(t[i].deny), 1}, allow_entry = {span_of(t[i].allow), 2};
                struct licence_list deny = {t[i].deny != NULL, &deny_entry, t[i].deny != NULL, 1};
                struct licence_list allow = {t[i].allow != NULL, &allow_entry, t[i].allow != NULL, 1};
                const struct licence_entry *blamed = NULL;
                struct span part;

                print_message("%s\n", t[i].licence);
                assert_int_equal(licence_refused(span_of(t[i].licence), &deny, &allow, &blamed, &part), t[i].refused);
                assert_ptr_equal(blamed, t[i].refused && t[i].deny ? &deny_entry : NULL);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_patterns),
            cmocka_unit_test(test_purl_split),
            cmocka_unit_test(test_licences),
        };

        return cmocka_run_group_tests_name("policy_pattern", tests, NULL, NULL);
}
