#include "inventory/lang/lang_test_priv.h"

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
            "usr/lib/python3.11/site-packages/requests-2.31.0.dist-info/METADATA", "x.egg/EGG-INFO/PKG-INFO",
            "usr/lib/python3.11/site-packages/requests-2.31.0.dist-info/RECORD", "x.egg-info/installed-files.txt"};
        static const char *const unwanted[] = {"METADATA", "x/METADATA", "x.egg-info/RECORD", "x/installed-files.txt",
            "PKG-INFO", "x/PKG-INFO", "x.dist-info/a/METADATA", ".egg-info", "x/.egg-info", "EGG-INFO/PKG-INFO",
            "x.dist-info"};

        (void)state;
        check_paths(&detect_python, wanted, ARRAY_LEN(wanted), unwanted, ARRAY_LEN(unwanted));
}

/* pip 23.2.1 for six 1.16.0 in a virtual environment: all of it, with the hashes cut short. */
static const char record[] = "__pycache__/six.cpython-311.pyc,,\n"
                             "six-1.16.0.dist-info/INSTALLER,sha256=zuuue4knoyJ-UwPPXg8fezS7VCrXJQrAP7zeNuwvFQg,4\n"
                             "six-1.16.0.dist-info/METADATA,sha256=VQcGIFCAEmfZcl77E5riPCN4v2TIsc_qtacnjxKHJoI,1795\n"
                             "six-1.16.0.dist-info/RECORD,,\n"
                             "six.py,sha256=TOOfQi7nFGfMrIvtdr6wX4wyHH8M7aknmuLfo2cBBrM,34549\n"
                             "../../../bin/six,sha256=x,3\n";

#define SITE "usr/lib/python3.11/site-packages/"

static void test_record(void **state)
{
        (void)state;
        check_owned(&detect_python, SITE "six-1.16.0.dist-info/RECORD", record, "six",
            SITE "__pycache__/six.cpython-311.pyc\n" SITE "six-1.16.0.dist-info/INSTALLER\n" SITE
                 "six-1.16.0.dist-info/METADATA\n" SITE "six-1.16.0.dist-info/RECORD\n" SITE "six.py\nusr/bin/six");
        check_owned(&detect_python, SITE "zope_Interface-5.5.2.dist-info/RECORD",
            "\"a,\"\"b\"\".py\",sha256=x,1\r\n\n/etc/x,,\n../../../../../up,,\n\"c\"\n", "zope-interface",
            SITE "a,\"b\".py\netc/x\n" SITE "c");
        /* of an install by pip before 21.3 without a wheel: as the metadata's folder sees them */
        check_owned(&detect_python, SITE "Foo.Bar-1.0-py3.11.egg-info/installed-files.txt", "../foo/bar.py\nPKG-INFO\n",
            "foo-bar", SITE "foo/bar.py\n" SITE "Foo.Bar-1.0-py3.11.egg-info/PKG-INFO");
        check_owned(&detect_python, "foo.egg-info/installed-files.txt", "../foo.py\n", "foo", "foo.py");
}

static void test_record_broken(void **state)
{
        static const struct lang_row rows[] = {
            {SITE "a-1.dist-info/RECORD", "\"open,,\nb,,\n", "", "line 1: the quotes"},
            {SITE "a-1.dist-info/RECORD", "b,,\n\"a\"b,,\n", "", "line 2: the quotes"},
            {SITE ".dist-info/RECORD", "b,,\n", "", NULL},
            {SITE "-1.dist-info/RECORD", "b,,\n", "", NULL},
        };

        (void)state;
        check_rows(&detect_python, rows, ARRAY_LEN(rows));
}

static void test_licences(void **state)
{
        static const struct lang_row rows[] = {
            {"", "Name: a\nVersion: 1\nLicense: Apache 2.0\nClassifier: License :: OSI Approved :: MIT License\n",
                "a 1 (Apache-2.0)", NULL},
            {"", "Name: a\nVersion: 1\nLicense: BSD\nClassifier: License :: OSI Approved :: ISC License (ISCL)\n",
                "a 1 (ISC)", NULL},
            {"", "Name: a\nVersion: 1\nLicense: BSD\nClassifier: License :: OSI Approved :: BSD License\n", "a 1 (BSD)",
                NULL},
        };
        struct findings f;

        (void)state;
        check_rows(&detect_python, rows, ARRAY_LEN(rows));
        f = detect_text(&detect_python, span_of(rows[1].text));
        assert_int_equal(f.packages.at[0].licence_source, LICENCE_SOURCE_CLASSIFIER);
        arena_free(f.arena);
        f = detect_text(&detect_python, span_of(rows[0].text));
        assert_int_equal(f.packages.at[0].licence_source, LICENCE_SOURCE_FIELD);
        arena_free(f.arena);
}

static void test_too_large(void **state)
{
        struct findings f;
        CLEANUP(buf_done) struct buf b = {0};

        (void)state;
        buf_put_text(&b, "Name: a\nVersion: 1\n\n");
        while (b.len <= INVENTORY_METADATA_MAX)
                buf_put_text(&b, "a README of many lines\n");
        f = detect_file(&detect_python, SITE "a-1.dist-info/METADATA", buf_span(&b));
        assert_int_equal(f.packages.len, 0);
        assert_noted(f.notes.at, f.notes.len, "too large, not read");
        arena_free(f.arena);
}

static void test_egg(void **state)
{
        static const struct lang_row rows[] = {
            {SITE "six-1.16.0-py3.11.egg", "", "six 1.16.0 low", NULL},
            {SITE "foo_bar-1.0_1-py3.8-linux-x86_64.egg", "", "foo-bar 1.0-1 low", NULL},
            {SITE "foo.egg", "", "", "\"foo\" has no name and version"},
            {SITE "-1.egg", "", "", "has no name and version"},
        };
        static const char *const wanted[] = {SITE "x-1-py3.egg", "usr/lib/python3/dist-packages/x.egg", "eggs/x-1.egg"};
        static const char *const unwanted[] = {"x-1.egg", "tmp/x-1.egg", SITE ".egg", SITE "x-1.egg/EGG-INFO/PKG-INFO"};

        (void)state;
        check_rows(&detect_python_egg, rows, ARRAY_LEN(rows));
        check_paths(&detect_python_egg, wanted, ARRAY_LEN(wanted), unwanted, ARRAY_LEN(unwanted));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_forms),
            cmocka_unit_test(test_paths),
            cmocka_unit_test(test_record),
            cmocka_unit_test(test_record_broken),
            cmocka_unit_test(test_licences),
            cmocka_unit_test(test_too_large),
            cmocka_unit_test(test_egg),
        };

        return cmocka_run_group_tests_name("inventory python", tests, NULL, NULL);
}
