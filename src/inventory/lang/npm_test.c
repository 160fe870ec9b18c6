#include "inventory/lang/lang_test_priv.h"

static void test_forms(void **state)
{
        static const struct {
                const char *text, *name, *version, *licence; /* name NULL: nothing listed */
                const char *note;                            /* NULL: none */
        } rows[] = {
            {"{\"name\":\"lodash\",\"version\":\"4.17.21\",\"license\":\"MIT\"}", "lodash", "4.17.21", "MIT", NULL},
            {"\xef\xbb\xbf{\"name\":\"bom\",\"version\":\"1.0.0\"}", "bom", "1.0.0", "", NULL},
            {"{\"version\":\" =v1.2.3 \",\"name\":\"@babel/core\",\"license\":\"(MIT OR Apache-2.0)\"}", "@babel/core",
                "1.2.3", "(MIT OR Apache-2.0)", NULL},
            {"{\"name\":\"old\",\"version\":\"0.1.0\",\"license\":{\"type\":\"BSD-3-Clause\",\"url\":\"x\"}}", "old",
                "0.1.0", "BSD-3-Clause", NULL},
            {"{\"name\":\"older\",\"version\":\"0.1.0\",\"licenses\":[{\"type\":\"MIT\"},{\"type\":\"GPL-2.0\"},"
             "\"ISC\"]}",
                "older", "0.1.0", "MIT OR GPL-2.0 OR ISC", NULL},
            {"{\"name\":\"both\",\"version\":\"1.0.0\",\"license\":\"The MIT "
             "License\",\"licenses\":[{\"type\":\"MIT\"}]}",
                "both", "1.0.0", "MIT", NULL},
            {"{\"name\":\"odd\",\"version\":\"1.0.0\",\"license\":null,\"licenses\":[1,{\"type\":2}]}", "odd", "1.0.0",
                "", NULL},
            {"{\"name\":\"secret\",\"version\":\"1.0.0\",\"license\":\"UNLICENSED\"}", "secret", "1.0.0", "UNLICENSED",
                NULL},
            {"{\"name\":\"JSONStream\",\"version\":\"1.3.5\"}", "JSONStream", "1.3.5", "", NULL},
            {"{\"type\":\"module\"}", NULL, NULL, NULL, NULL},
            {"{\"name\":\"x\"}", NULL, NULL, NULL, NULL},
            {"{\"name\":1,\"version\":\"1\"}", NULL, NULL, NULL, NULL},
            {"[]", NULL, NULL, NULL, NULL},
            {"{\"name\":\"a b\",\"version\":\"1\"}", NULL, NULL, NULL, "\"a b\" has no valid name"},
            {"{\"name\":\"../x\",\"version\":\"1\"}", NULL, NULL, NULL, "no valid name"},
            {"{\"name\":\"..\",\"version\":\"1\"}", NULL, NULL, NULL, "no valid name"},
            {"{\"name\":\"@/x\",\"version\":\"1\"}", NULL, NULL, NULL, "no valid name"},
            {"{\"name\":\"@s/\",\"version\":\"1\"}", NULL, NULL, NULL, "no valid name"},
            {"{\"name\":\"@s/x/y\",\"version\":\"1\"}", NULL, NULL, NULL, "no valid name"},
            {"{\"name\":\"x\",\"version\":\"1 2\"}", NULL, NULL, NULL, "no valid name or version"},
            {"{\"name\":\"x\",\"version\":\"1\"", NULL, NULL, NULL, "not read: "},
            {"{\"name\":\"x\",\"name\":\"y\",\"version\":\"1\"}", NULL, NULL, NULL, "not read: "},
            {"{\"name\":\"x\",\"version\":\"1\"} x", NULL, NULL, NULL, "not read: "},
            {"", NULL, NULL, NULL, "not read: "},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct findings f = detect_text(&detect_npm, span_of(rows[i].text));
                if (f.packages.len != (rows[i].name ? 1 : 0) || f.notes.len != (rows[i].note ? 1 : 0))
                        fail_msg("row %zu: %zu packages, %zu notes", i, f.packages.len, f.notes.len);
                if (rows[i].note)
                        assert_noted(f.notes.at, f.notes.len, rows[i].note);
                if (rows[i].name) {
                        assert_span(f.packages.at[0].name, rows[i].name);
                        assert_span(f.packages.at[0].version, rows[i].version);
                        assert_span(f.packages.at[0].licence, rows[i].licence);
                        assert_span(f.packages.at[0].source_name, "");
                }
                arena_free(f.arena);
        }
}

static void test_paths(void **state)
{
        static const char *const wanted[] = {"node_modules/a/package.json", "app/node_modules/a/package.json",
            "app/node_modules/@s/a/package.json", "app/node_modules/a/node_modules/b/package.json",
            "app/node_modules/.pnpm/a@1.0.0/node_modules/a/package.json", "usr/lib/node_modules/npm/package.json",
            "usr/share/nodejs/semver/package.json", "usr/share/nodejs/@types/node/package.json",
            "usr/lib/nodejs/x/package.json", "usr/lib/x86_64-linux-gnu/nodejs/iconv/package.json",
            "usr/share/nodejs/webpack/node_modules/x/package.json"};
        static const char *const unwanted[] = {"package.json", "app/package.json", "a/node_modules/package.json",
            "node_modules/a/dist/package.json", "node_modules/@s/package.json", "node_modules/a/b/package.json",
            "xnode_modules/a/package.json", "node_modules/@s/a/b/package.json", "node_modules/a/xpackage.json",
            "usr/share/nodejs/package.json", "usr/share/nodejs/semver/dist/package.json",
            "opt/usr/share/nodejs/a/package.json", "usr/lib/a/b-linux-gnu/nodejs/a/package.json",
            "usr/share/nodejs/@types/package.json"};

        (void)state;
        check_paths(&detect_npm, wanted, ARRAY_LEN(wanted), unwanted, ARRAY_LEN(unwanted));
}

static void test_elsewhere(void **state)
{
        static const struct {
                const char *text, *name;
        } rows[] = {
            {"{\"name\":\"shop\",\"version\":\"1.0.0\"}", "shop"},
            {"{\"name\":\"@edge-runtime/cookies\",\"version\":\"3.0.6\",\"private\":false}", "@edge-runtime/cookies"},
            {"{\"name\":\"ours\",\"version\":\"1.0.0\",\"private\":true}", NULL},
            {"{\"name\":\"no-version\"}", NULL},
            {"{\"name\":\"{{ name }}\",\"version\":\"1.0.0\"}", NULL},
            {"{\"name\":\"cut\",\"version\":\"1.0.0\"", NULL},
            {"", NULL},
        };
        static const char *const wanted[] = {"srv/app/package.json",
            "srv/app/node_modules/next/dist/compiled/react-is/package.json",
            "srv/app/node_modules/bson/vendor/base64/package.json", "package.json"};
        static const char *const unwanted[] = {"srv/app/node_modules/resolve/test/resolver/package.json",
            "srv/app/node_modules/terser/dist/package.json", "srv/app/node_modules/terser/bin/package.json",
            "usr/share/doc/x/package.json", "srv/app/templates/new/package.json", "srv/examples/a/package.json",
            "srv/app/package.json.bak"};

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct findings f = detect_text(&detect_npm_elsewhere, span_of(rows[i].text));
                if (f.packages.len != (rows[i].name ? 1 : 0) || f.notes.len != 0)
                        fail_msg("row %zu: %zu packages, %zu notes", i, f.packages.len, f.notes.len);
                if (rows[i].name)
                        assert_span(f.packages.at[0].name, rows[i].name);
                arena_free(f.arena);
        }
        for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
                assert_ptr_equal(detector_of_path(span_of(wanted[i])), &detect_npm_elsewhere);
        for (size_t i = 0; i < ARRAY_LEN(unwanted); i++)
                if (detector_of_path(span_of(unwanted[i])) == &detect_npm_elsewhere)
                        fail_msg("%s", unwanted[i]);
        assert_ptr_equal(detector_of_path(SPAN_LIT("a/node_modules/b/package.json")), &detect_npm);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_forms),
            cmocka_unit_test(test_paths), cmocka_unit_test(test_elsewhere),
        };

        return cmocka_run_group_tests_name("inventory npm", tests, NULL, NULL);
}
