#include "inventory/detect_test_priv.h"

static void test_forms(void **state)
{
        static const struct {
                const char *text, *name, *version, *licence; /* name NULL: nothing listed, one note */
        } rows[] = {
            {"Metadata-Version: 2.1\nName: Django\nVersion: 4.2.1\nLicense: BSD-3-Clause\n\nName: body\n", "django",
                "4.2.1", "BSD-3-Clause"},
            {"Name: zope.interface\nVersion: 6.0\nLicense: UNKNOWN\nClassifier: License :: OSI Approved\n"
             "Classifier: License :: OSI Approved :: Zope Public License\n",
                "zope-interface", "6.0", "Zope Public License"},
            {"Name: A__b.-c\nVersion: 1\nLicense-Expression: MIT AND (Apache-2.0 OR BSD-2-Clause)\nLicense: x\n",
                "a-b-c", "1", "MIT AND (Apache-2.0 OR BSD-2-Clause)"},
            {"Name: two\nVersion: 1\nClassifier: License :: OSI Approved :: MIT License\n"
             "Classifier: Programming Language :: Python\n"
             "Classifier: License :: OSI Approved :: Apache Software License\n",
                "two", "1", "MIT OR Apache-2.0"},
            /* the licence's whole text, with lines of blanks in it, is not a name */
            {"Name: long\nLicense: MIT License\n        \n        Copyright (c) 2020\nVersion: 2\n"
             "Classifier: License :: OSI Approved :: MIT License\n",
                "long", "2", "MIT"},
            {"Name: crlf\r\nVersion: 1.0\r\n\r\nbody\r\n", "crlf", "1.0", ""},
            {"Name: wrapped\nSummary: one\nstray line\nVersion: 1\n", "wrapped", "1", ""},
            {"Name: first\nName: second\nVersion: 1\nVersion: 2\n", "first", "1", ""},
            {"Version: 1\n", NULL, NULL, NULL},
            {"Name: x\n\nVersion: 1\n", NULL, NULL, NULL},
            {"Name: -x\nVersion: 1\n", NULL, NULL, NULL},
            {"Name: x/y\nVersion: 1\n", NULL, NULL, NULL},
            {"Name: x\nVersion: 1 2\n", NULL, NULL, NULL},
            {"Name: x\x1b\nVersion: 1\n", NULL, NULL, NULL},
            {"", NULL, NULL, NULL},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct findings f = detect_text(&detect_python, span_of(rows[i].text));
                if (f.packages.len != (rows[i].name ? 1 : 0) || f.notes.len != (rows[i].name ? 0 : 1))
                        fail_msg("row %zu: %zu packages, %zu notes", i, f.packages.len, f.notes.len);
                if (rows[i].name) {
                        assert_span(f.packages.at[0].name, rows[i].name);
                        assert_span(f.packages.at[0].version, rows[i].version);
                        assert_span(f.packages.at[0].licence, rows[i].licence);
                } else {
                        assert_noted(f.notes.at, f.notes.len, "no valid");
                }
                arena_free(f.arena);
        }
}

static void test_paths(void **state)
{
        static const char *const wanted[] = {"usr/lib/python3/dist-packages/six-1.16.0.egg-info",
            "usr/lib/python3/dist-packages/six-1.16.0.egg-info/PKG-INFO",
            "usr/lib/python3.11/site-packages/requests-2.31.0.dist-info/METADATA", "x.egg/EGG-INFO/PKG-INFO"};
        static const char *const unwanted[] = {"METADATA", "x/METADATA", "x.dist-info/RECORD", "PKG-INFO", "x/PKG-INFO",
            "x.dist-info/a/METADATA", ".egg-info", "x/.egg-info", "EGG-INFO/PKG-INFO", "x.dist-info"};

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
                assert_ptr_equal(detector_of_path(span_of(wanted[i])), &detect_python);
        for (size_t i = 0; i < ARRAY_LEN(unwanted); i++)
                assert_null(detector_of_path(span_of(unwanted[i])));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_forms),
            cmocka_unit_test(test_paths),
        };

        return cmocka_run_group_tests_name("inventory python", tests, NULL, NULL);
}
