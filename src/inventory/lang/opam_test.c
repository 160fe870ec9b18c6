#include "inventory/lang/lang_test_priv.h"

#define AT(folder) "root/.opam/t/.opam-switch/packages/" folder "/opam"

/* As opam 2.1.2 wrote both into a switch. */
static const char tiny[] = "opam-version: \"2.0\"\n"
                           "synopsis: \"a test\"\n"
                           "maintainer: \"t@example.org\"\n"
                           "license: \"ISC\"\n";
static const char duo[] = "opam-version: \"2.0\"\n"
                          "synopsis: \"a test\"\n"
                          "maintainer: \"t@example.org\"\n"
                          "license: [\"MIT\" \"LGPL-2.1-only WITH OCaml-LGPL-linking-exception\"]\n";

static void test_forms(void **state)
{
        static const struct lang_row rows[] = {
            {AT("tiny.1.0.2"), tiny, "tiny 1.0.2 (ISC)", NULL},
            {AT("duo.0.3~beta1"), duo, "duo 0.3~beta1 (MIT AND LGPL-2.1-only WITH OCaml-LGPL-linking-exception)", NULL},
            {AT("a.v0.16"), "license: [\n  \"MIT OR Zlib\"\n  \"ISC\"\n]\n", "a v0.16 ((MIT OR Zlib) AND ISC)", NULL},
            {AT("a.1"), "description: \"\"\"\n  license: \"no\"\n\"\"\"\n", "a 1", NULL},
            {AT("a.1"), "license: [\"MIT\"", "a 1 (MIT)", NULL},
            {AT("a.1"), "license: \"MIT", "a 1", NULL},
            {AT("a.1"), "", "a 1", NULL},
            {AT("a"), tiny, "", "\"a\" is no NAME.VERSION"},
            {AT("a."), tiny, "", "no NAME.VERSION"},
            {AT("a b.1"), tiny, "", "no NAME.VERSION"},
        };

        (void)state;
        check_rows(&detect_opam, rows, ARRAY_LEN(rows));
}

static void test_paths(void **state)
{
        static const char *const wanted[] = {AT("tiny.1.0.2"), ".opam-switch/packages/a.1/opam"};
        static const char *const unwanted[] = {
            "root/.opam/repo/default/packages/tiny/tiny.1.0.2/opam", ".opam-switch/packages/cache", "opam", "src/opam"};

        (void)state;
        check_paths(&detect_opam, wanted, ARRAY_LEN(wanted), unwanted, ARRAY_LEN(unwanted));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_forms),
            cmocka_unit_test(test_paths),
        };

        return cmocka_run_group_tests_name("inventory opam", tests, NULL, NULL);
}
