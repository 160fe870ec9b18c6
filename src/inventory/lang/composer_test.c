#include "inventory/lang/lang_test_priv.h"

#define AT "app/vendor/composer/installed.json"

/* As Composer 2.5.5 wrote it for three local packages, less "dist" and "transport-options". */
static const char second[] = "{\n"
                             "    \"packages\": [\n"
                             "        {\n"
                             "            \"name\": \"acme/alpha\",\n"
                             "            \"version\": \"v1.2.3\",\n"
                             "            \"version_normalized\": \"1.2.3.0\",\n"
                             "            \"type\": \"library\",\n"
                             "            \"installation-source\": \"dist\",\n"
                             "            \"license\": [\n"
                             "                \"MIT\",\n"
                             "                \"GPL-2.0-or-later\"\n"
                             "            ],\n"
                             "            \"install-path\": \"../acme/alpha\"\n"
                             "        },\n"
                             "        {\n"
                             "            \"name\": \"acme/beta\",\n"
                             "            \"version\": \"0.9.0\",\n"
                             "            \"version_normalized\": \"0.9.0.0\",\n"
                             "            \"type\": \"library\",\n"
                             "            \"license\": [\n"
                             "                \"proprietary\"\n"
                             "            ],\n"
                             "            \"install-path\": \"../acme/beta\"\n"
                             "        },\n"
                             "        {\n"
                             "            \"name\": \"acme/meta\",\n"
                             "            \"version\": \"3.0.0\",\n"
                             "            \"version_normalized\": \"3.0.0.0\",\n"
                             "            \"type\": \"metapackage\",\n"
                             "            \"install-path\": null\n"
                             "        }\n"
                             "    ],\n"
                             "    \"dev\": true,\n"
                             "    \"dev-package-names\": [\n"
                             "        \"acme/beta\"\n"
                             "    ]\n"
                             "}\n";

static void test_forms(void **state)
{
        static const struct lang_row rows[] = {
            {AT, second,
                "acme/alpha 1.2.3 (MIT OR GPL-2.0-or-later)\nacme/beta 0.9.0 (proprietary) dev\nacme/meta 3.0.0 "
                "declared",
                NULL},
            /* Composer 1 wrote the array alone. */
            {AT,
                "[{\"name\":\"asm89/stack-cors\",\"version\":\"1.3.0\",\"license\":[\"MIT\"]},"
                "{\"name\":\"behat/mink\",\"version\":\"v1.8.1\",\"version_normalized\":\"1.8.1.0\"}]",
                "asm89/stack-cors 1.3.0 (MIT)\nbehat/mink 1.8.1", NULL},
            {AT, "[{\"name\":\"Monolog/Monolog\",\"version\":\"dev-main\",\"license\":\"MIT\"}]",
                "monolog/monolog dev-main (MIT)", NULL},
            {AT,
                "[{\"name\":\"a/b\",\"version\":\"vnext\"},3,{\"name\":\"a/"
                "c\",\"version\":\"1\",\"license\":{\"x\":1}}]",
                "a/b vnext\na/c 1", NULL},
            {AT, "{\"dev-package-names\":[\"A/B\"],\"packages\":[{\"name\":\"a/b\",\"version\":\"1\"}]}", "a/b 1 dev",
                NULL},
            {AT, "{\"packages\":[],\"dev-package-names\":{}}", "", NULL},
            {AT, "[]", "", NULL},
            {AT, "{}", "", NULL},
            {AT, "[{\"name\":\"nameless\",\"version\":\"1\"}]", "", "\"nameless\" has no valid name"},
            {AT, "[{\"name\":\"a/b/c\",\"version\":\"1\"}]", "", "no valid name"},
            {AT, "[{\"name\":\"a/..\",\"version\":\"1\"}]", "", "no valid name"},
            {AT, "[{\"name\":\"a/b\"}]", "", "no valid name or version"},
            {AT, "[{\"name\":\"a/b\",\"version\":\"1 2\"}]", "", "no valid name or version"},
            {AT, "[{\"name\":\"a/b\",\"version\":\"1\"},{\"name\":", "a/b 1", "not read to its end"},
            {AT, "{\"packages\":{\"a/b\":1}}", "", "the packages are no array"},
            {AT, "\"x\"", "", "the packages are no array"},
            {AT, "", "", "not read to its end"},
        };

        (void)state;
        check_rows(&detect_composer, rows, ARRAY_LEN(rows));
}

static void test_paths(void **state)
{
        static const char *const wanted[] = {AT, "composer/installed.json"};
        static const char *const unwanted[] = {
            "installed.json", "app/installed.json", "vendor/composer/x/installed.json", "composer/installed.php"};

        (void)state;
        check_paths(&detect_composer, wanted, ARRAY_LEN(wanted), unwanted, ARRAY_LEN(unwanted));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_forms),
            cmocka_unit_test(test_paths),
        };

        return cmocka_run_group_tests_name("inventory composer", tests, NULL, NULL);
}
