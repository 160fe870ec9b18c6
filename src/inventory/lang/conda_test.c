#include "inventory/lang/lang_test_priv.h"

#define AT "opt/conda/conda-meta/zlib-1.2.11-h90dfc92_1014.json"

/* Facts of conda-forge's zlib, in the form in which conda and its successors write them; hashes and paths_data left out. */
static const char zlib[] = "{\n"
                           "  \"arch\": \"x86_64\",\n"
                           "  \"build\": \"h90dfc92_1014\",\n"
                           "  \"build_number\": 1014,\n"
                           "  \"depends\": [\n"
                           "    \"libzlib 1.2.11 h90dfc92_1014\"\n"
                           "  ],\n"
                           "  \"license\": \"Zlib\",\n"
                           "  \"license_family\": \"Other\",\n"
                           "  \"name\": \"zlib\",\n"
                           "  \"subdir\": \"linux-64\",\n"
                           "  \"version\": \"1.2.11\",\n"
                           "  \"channel\": \"https://conda.anaconda.org/conda-forge/linux-64\",\n"
                           "  \"files\": [\n"
                           "    \"include/zlib.h\",\n"
                           "    \"lib/libz.so\"\n"
                           "  ],\n"
                           "  \"link\": {\n"
                           "    \"type\": 1\n"
                           "  }\n"
                           "}\n";

static void test_forms(void **state)
{
        static const struct lang_row rows[] = {
            {AT, zlib, "zlib 1.2.11 (Zlib) build=h90dfc92_1014 channel=conda-forge subdir=linux-64", NULL},
            {AT,
                "{\"name\":\"a\",\"version\":\"1\",\"channel\":\"https://conda.anaconda.org/conda-forge/"
                "\",\"subdir\":\"noarch\"}",
                "a 1 channel=conda-forge subdir=noarch", NULL},
            {AT,
                "{\"name\":\"a\",\"version\":\"1\",\"channel\":\"https://repo.anaconda.com/pkgs/main/"
                "linux-64\",\"subdir\":"
                "\"linux-64\",\"license\":\"BSD 3-Clause\"}",
                "a 1 (BSD-3-Clause) channel=main subdir=linux-64", NULL},
            {AT, "{\"name\":\"_x\",\"version\":\"1\",\"channel\":\"defaults\",\"files\":3,\"license\":null}",
                "_x 1 channel=defaults", NULL},
            {AT, "{\"name\":\"a\"}", "", "no valid name, version or build"},
            {AT, "{\"name\":\"a/b\",\"version\":\"1\"}", "", "\"a/b\" has no valid name"},
            {AT, "{\"name\":\"a\",\"version\":\"1\",\"build\":\"x y\"}", "", "no valid name, version or build"},
            {AT, "[]", "", "no valid name"},
            {AT, "{\"name\":\"a\",\"version\":\"1\"", "", "not read: "},
            {AT, "", "", "not read: "},
        };

        (void)state;
        check_rows(&detect_conda, rows, ARRAY_LEN(rows));
}

static void test_owned(void **state)
{
        (void)state;
        check_owned(&detect_conda, AT, zlib, "zlib", "opt/conda/include/zlib.h\nopt/conda/lib/libz.so");
        check_owned(&detect_conda, "conda-meta/a.json",
            "{\"files\":[\"../../etc/passwd\",\"./bin/x\",7,\"\",\"lib//y\"],\"name\":\"a\",\"version\":\"1\"}", "a",
            "bin/x\nlib/y");
        /* Without a package no file has an owner. */
        check_owned(&detect_conda, AT, "{\"files\":[\"a\"]}", "", "");
}

static void test_paths(void **state)
{
        static const char *const wanted[] = {AT, "conda-meta/a.json"};
        static const char *const unwanted[] = {"conda-meta/history", "opt/conda/a.json", "conda-meta/x/a.json"};

        (void)state;
        check_paths(&detect_conda, wanted, ARRAY_LEN(wanted), unwanted, ARRAY_LEN(unwanted));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_forms),
            cmocka_unit_test(test_owned),
            cmocka_unit_test(test_paths),
        };

        return cmocka_run_group_tests_name("inventory conda", tests, NULL, NULL);
}
