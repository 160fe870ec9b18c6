#include "inventory/lang/lang_test_priv.h"

#define AT "usr/lib/R/site-library/x/DESCRIPTION"

/* Debian's r-cran-jsonlite 1.8.4, less the authors. */
static const char jsonlite[] = "Package: jsonlite\n"
                               "Version: 1.8.4\n"
                               "Title: A Simple and Robust JSON Parser and Generator for R\n"
                               "License: MIT + file LICENSE\n"
                               "Depends: methods\n"
                               "Authors@R: c(\n"
                               "    person(\"Jeroen\", \"Ooms\", role = c(\"aut\", \"cre\"),\n"
                               "      comment = c(ORCID = \"0000-0002-4035-0289\")))\n"
                               "Description: A reasonably fast JSON parser and generator, optimized for statistical \n"
                               "    data and the web. Offers simple, flexible tools for working with JSON in R, and\n"
                               "    is particularly powerful.\n"
                               "Repository: CRAN\n"
                               "Built: R 4.2.2; x86_64-pc-linux-gnu; 'Fri, 09 Dec 2022 11:32:41 +0100'; unix\n";
/* R's own. */
static const char base[] = "Package: base\n"
                           "Version: 4.2.2\n"
                           "Priority: base\n"
                           "License: Part of R 4.2.2\n"
                           "Built: R 4.2.2; ; 2023-01-20 18:24:23 UTC; unix\n";

#define BUILT "\nBuilt: R 4.2.2; ; ; unix\n"

static void test_forms(void **state)
{
        static const struct lang_row rows[] = {
            {AT, jsonlite, "jsonlite 1.8.4 (MIT)", NULL},
            {AT, base, "base 4.2.2 [generic/]", NULL},
            {AT, "Package: limma\nVersion: 3.54.0\nbiocViews: Microarray\nLicense: GPL (>=2)" BUILT,
                "limma 3.54.0 (GPL (>=2)) [generic/Bioconductor]", NULL},
            {AT, "Package: MASS\nVersion: 7.3-58.2\nPriority: recommended\nLicense: GPL-2 | GPL-3" BUILT,
                "MASS 7.3-58.2 (GPL-2.0-only OR GPL-3.0-only)", NULL},
            {AT, "Package: a\nVersion: 1\nLicense: file LICENSE" BUILT, "a 1", NULL},
            {AT, "Package: a\nVersion: 1\nLicense: BSD_3_clause + file LICENSE | Apache License (>= 2)" BUILT,
                "a 1 (BSD-3-Clause OR Apache-2.0)", NULL},
            {AT, "Package: a\nVersion: 1\nLicense: GPL-2 + something" BUILT, "a 1 (GPL-2 + something)", NULL},
            /* Sources, and files of other programs. */
            {AT, "Package: a\nVersion: 1\n", "", NULL},
            {AT, "Built: yes\n", "", NULL},
            {AT, "a text without any field\n", "", NULL},
            {AT, "", "", NULL},
            {AT, "Package: a_b\nVersion: 1" BUILT, "", "\"a_b\" has no valid name"},
            {AT, "Package: 1a\nVersion: 1" BUILT, "", "no valid name"},
            {AT, "Package: a" BUILT, "", "no valid name or version"},
            {AT, "Package: a\nVersion: 1 2" BUILT, "", "no valid name or version"},
        };

        (void)state;
        check_rows(&detect_cran, rows, ARRAY_LEN(rows));
}

static void test_paths(void **state)
{
        static const char *const wanted[] = {AT, "usr/local/lib/R/library/x/DESCRIPTION", "DESC/DESCRIPTION"};
        static const char *const unwanted[] = {"DESCRIPTION", "a/description", "a/DESCRIPTION.txt"};

        (void)state;
        check_paths(&detect_cran, wanted, ARRAY_LEN(wanted), unwanted, ARRAY_LEN(unwanted));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_forms),
            cmocka_unit_test(test_paths),
        };

        return cmocka_run_group_tests_name("inventory cran", tests, NULL, NULL);
}
