#include "inventory/lang/lang_test_priv.h"

#define AT "usr/local/lib/luarocks/rocks-5.1/cofferx/1.2.0-1/cofferx-1.2.0-1.rockspec"

/* As LuaRocks 3.8.0 installed it: the file is the author's, unchanged. */
static const char rockspec[] = "package = \"CofferX\"\n"
                               "version = \"1.2.0-1\"\n"
                               "source = { url = \"file://src\" }\n"
                               "description = {\n"
                               "   summary = \"a test\", detailed = [[ license = \"no\" ]],\n"
                               "   license = \"MIT/X11\",\n"
                               "}\n"
                               "dependencies = { \"lua >= 5.1\" }\n"
                               "build = { type = \"builtin\", modules = { cofferx = \"src/cofferx.lua\" } }\n";

static void test_forms(void **state)
{
        static const struct lang_row rows[] = {
            {AT, rockspec, "cofferx 1.2.0-1 (MIT)", NULL},
            {AT, "description={license='Zlib'}", "cofferx 1.2.0-1 (Zlib)", NULL},
            {AT,
                "-- description = { license = 'no' }\n--[[ description = {\nlicense = 'no' } ]]\ndescription = "
                "{ labels = { license = 'no' }, license = [[ISC]] }",
                "cofferx 1.2.0-1 (ISC)", NULL},
            {AT, "build = { license = 'no' }\nlicense = 'no'\n", "cofferx 1.2.0-1", NULL},
            {AT, "description = { license = name }", "cofferx 1.2.0-1", NULL},
            {AT, "description = { homepage = 'x\n license = 'no' }", "cofferx 1.2.0-1", NULL},
            {AT, "}}}}{{{{", "cofferx 1.2.0-1", NULL},
            {AT, "", "cofferx 1.2.0-1", NULL},
            {"x/cofferx-1.rockspec", rockspec, "", "no name and version"},
            {"rocks/a b/1-1/a b-1-1.rockspec", rockspec, "", "no name and version"},
        };

        (void)state;
        check_rows(&detect_luarocks, rows, ARRAY_LEN(rows));
}

static void test_paths(void **state)
{
        static const char *const wanted[] = {AT, "opt/lib/luarocks/rocks/a/1-1/a-1-1.rockspec"};
        static const char *const unwanted[] = {"src/cofferx-1.2.0-1.rockspec", "rocks-5.1/a/1-1/b-1-1.rockspec",
            "rocks-5.1/a/1-1/a-1-2.rockspec", "rocks-5.1/a/1-1/rock_manifest", "stones/a/1-1/a-1-1.rockspec",
            "rocks-5.1/a/1-1/.rockspec", "rocks/.rockspec", ".rockspec"};

        (void)state;
        check_paths(&detect_luarocks, wanted, ARRAY_LEN(wanted), unwanted, ARRAY_LEN(unwanted));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_forms),
            cmocka_unit_test(test_paths),
        };

        return cmocka_run_group_tests_name("inventory luarocks", tests, NULL, NULL);
}
