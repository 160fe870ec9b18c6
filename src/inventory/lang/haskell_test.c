#include "inventory/lang/lang_test_priv.h"

#define AT "var/lib/ghc/package.conf.d/x.conf"

/* Debian's libghc-random-dev 1.2.1.1, less the end. */
static const char random_conf[] = "name:                 random\n"
                                  "version:              1.2.1.1\n"
                                  "visibility:           public\n"
                                  "id:                   random-1.2.1.1-C39Bl6vCcFv5bcBncES6Ba\n"
                                  "key:                  random-1.2.1.1-C39Bl6vCcFv5bcBncES6Ba\n"
                                  "license:              BSD-3-Clause\n"
                                  "maintainer:           core-libraries-committee@haskell.org\n"
                                  "synopsis:             Pseudo-random number generation\n"
                                  "description:\n"
                                  "    This package provides basic pseudo-random number generation.\n"
                                  "\n"
                                  "    == \"System.Random\": pure pseudo-random number interface\n"
                                  "\n"
                                  "    >>> let roll = uniformR (1, 6)        :: RandomGen g => g -> (Word, g)\n"
                                  "category:             System\n";

static void test_forms(void **state)
{
        static const struct lang_row rows[] = {
            {AT, random_conf, "random 1.2.1.1 (BSD-3-Clause)", NULL},
            {AT,
                "name: z-attoparsec-z-attoparsec-internal\nversion: 0.14.4\npackage-name: attoparsec\n"
                "lib-name: attoparsec-internal\nlicense: BSD3\n",
                "attoparsec 0.14.4 (BSD-3-Clause)", NULL},
            {AT, "description:\n\n    x: y\n\nName: a\nVersion: 1\nlicense: UnspecifiedLicense\n", "a 1", NULL},
            {AT, "name: a\nname: b\nversion: 1\nlicense: GPL-2\n", "a 1 (GPL-2.0-only)", NULL},
            {AT, "name: a/b\nversion: 1\n", "", "\"a/b\" has no valid name"},
            {AT, "name: a\n", "", "no valid name or version"},
            {AT, "version: 1\n", "", "no valid name"},
            {AT, "", "", "no valid name"},
        };

        (void)state;
        check_rows(&detect_haskell, rows, ARRAY_LEN(rows));
}

static void test_paths(void **state)
{
        static const char *const wanted[] = {AT, "root/.cabal/store/ghc-9.0.2/package.db/x.conf"};
        static const char *const unwanted[] = {"var/lib/ghc/package.conf.d/package.cache", "etc/x.conf",
            "package.conf.d/.conf", "package.conf.d/a/x.conf"};

        (void)state;
        check_paths(&detect_haskell, wanted, ARRAY_LEN(wanted), unwanted, ARRAY_LEN(unwanted));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_forms),
            cmocka_unit_test(test_paths),
        };

        return cmocka_run_group_tests_name("inventory haskell", tests, NULL, NULL);
}
