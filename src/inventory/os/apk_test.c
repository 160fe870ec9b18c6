#include "inventory/detect_test_priv.h"
#include "inventory/os/os_priv.h"

/* As apk 3.0.6 writes it; summaries and checksums shortened. */
static const char installed[] = "C:Q1cM5XmChWSsUBghiS96EZmnPnD/0=\n"
                                "P:.build-deps\n"
                                "V:20261123.072127\n"
                                "A:noarch\n"
                                "S:0\n"
                                "I:0\n"
                                "T:virtual meta package\n"
                                "U:\n"
                                "L:\n"
                                "D:musl\n"
                                "\n"
                                "C:Q1IXYLEQ/XRYHn77nnYdlRX9CoLJo=\n"
                                "P:libcrypto3\n"
                                "V:3.1.1-r1\n"
                                "A:x86_64\n"
                                "S:605\n"
                                "I:10\n"
                                "T:test of libcrypto3\n"
                                "U:https://example.org\n"
                                "L:Apache-2.0\n"
                                "o:openssl\n"
                                "m:Someone <someone@example.org>\n"
                                "c:65502ca9379dd29d1ac4b0bf0dcf03a3dd1b324a\n"
                                "f:S\n"
                                "F:\n"
                                "R:libcrypto3-at-top\n"
                                "Z:Q1994pR8ZMtkNeFfsr7zWdHtX2NWs=\n"
                                "F:etc\n"
                                "F:etc/libcrypto3.d\n"
                                "R:conf\n"
                                "Z:Q1U8I05ehHK2rFHBrhyrP+BvrQU74=\n"
                                "F:opt/with blank\n"
                                "R:f libcrypto3\n"
                                "F:usr\n"
                                "F:usr/bin\n"
                                "M:0:0:755\n"
                                "R:libcrypto3-link\n"
                                "a:0:0:777\n"
                                "Z:Q16FQYX7NgLPoNGdDCmPUdJ5XG9o8=\n"
                                "\n"
                                "P:so_name+x.y\n"
                                "V:0_git20230501-r2\n"
                                "A:x86_64\n"
                                "L:GPL-2.0-or-later AND MIT\n";

static void test_records(void **state)
{
        struct findings f = detect_text(&detect_apk, span_of(installed));
        static const char *const owned[] = {
            "libcrypto3-at-top", "etc/libcrypto3.d/conf", "opt/with blank/f libcrypto3", "usr/bin/libcrypto3-link"};

        (void)state;
        assert_int_equal(f.notes.len, 0);
        assert_int_equal(f.packages.len, 3);
        assert_span(f.packages.at[0].name, ".build-deps");
        assert_span(f.packages.at[0].version, "20261123.072127");
        assert_span(f.packages.at[0].licence, "");
        assert_span(f.packages.at[0].source_name, ".build-deps");
        assert_span(f.packages.at[1].name, "libcrypto3");
        assert_span(f.packages.at[1].version, "3.1.1-r1");
        assert_span(f.packages.at[1].arch, "x86_64");
        assert_span(f.packages.at[1].licence, "Apache-2.0");
        assert_int_equal(f.packages.at[1].licence_source, LICENCE_SOURCE_FIELD);
        assert_span(f.packages.at[1].source_name, "openssl");
        assert_span(f.packages.at[1].source_version, "3.1.1-r1");
        assert_span(f.packages.at[2].source_name, "so_name+x.y");
        assert_int_equal(f.owned.len, ARRAY_LEN(owned));
        for (size_t i = 0; i < ARRAY_LEN(owned); i++) {
                assert_span(f.owned.at[i].path, owned[i]);
                assert_int_equal(f.owned.at[i].package, 1);
                assert_false(f.owned.at[i].by_supplement);
        }
        arena_free(f.arena);
}

static void test_broken_records_are_noted(void **state)
{
        static const struct {
                const char *text, *note; /* note NULL: none */
                size_t packages, owned;
        } rows[] = {
            {"", NULL, 0, 0},
            {"\n\n\n", NULL, 0, 0},
            {"P:sed\nV:4.9-r2\n", NULL, 1, 0},
            {"P:sed\r\nV:4.9-r2\r\n\r\nP:bash\r\nV:5-r0\r\n", NULL, 2, 0},
            {"P:sed\n", "package sed has no valid version", 0, 0},
            {"V:1\n", "\"\" is no package name", 0, 0},
            {"P:a b\nV:1\n", "\"a b\" is no package name", 0, 0},
            {"P:a/b\nV:1\n", "is no package name", 0, 0},
            {"P:..\nV:1\n", "is no package name", 0, 0},
            {"P:a\x1b[2J\nV:1\n", "\"a?[2J\" is no package name", 0, 0},
            {"P:sed\nV:1 2\n", "no valid version", 0, 0},
            {"P:sed\nV:1\nA:x 86\n", "no valid architecture", 0, 0},
            {"P:sed\nV:1\no:/\n", "no valid origin", 0, 0},
            {"P:sed\nV:1\nV:2\n", "line 3: a second or late V:", 1, 0},
            {"P:sed\nV:1\nF:bin\nR:sed\nP:bash\n", "line 5: a second or late P:", 1, 1},
            {"P:sed\nV:1\nno field\n", "line 3: no field of a package", 1, 0},
            {"asdf\n\nyolo\n", "line 1: no field", 0, 0},
            {"P:sed\nV:1\nR:at-top\n", NULL, 1, 1},
            {"P:sed\nV:1\nF:../etc\nR:passwd\n", NULL, 1, 0},
            {"P:sed\nV:1\nF:bin\nR:\n", NULL, 1, 0},
            {"P:s d\nV:1\nF:bin\nR:sed\n", "is no package name", 0, 0},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct findings f = detect_text(&detect_apk, span_of(rows[i].text));
                if (f.packages.len != rows[i].packages || f.owned.len != rows[i].owned ||
                    (f.notes.len > 0) != (rows[i].note != NULL))
                        fail_msg(
                            "row %zu: %zu packages, %zu owned, %zu notes", i, f.packages.len, f.owned.len, f.notes.len);
                if (rows[i].note)
                        assert_noted(f.notes.at, f.notes.len, rows[i].note);
                if (f.packages.len > 0) {
                        assert_span(f.packages.at[0].name, "sed");
                        assert_true(f.packages.at[0].version.len > 0);
                }
                arena_free(f.arena);
        }
}

static void test_long_paths_are_passed_over(void **state)
{
        CLEANUP(buf_done) struct buf b = {0};

        (void)state;
        buf_put_text(&b, "P:sed\nV:1\nF:");
        for (size_t i = 0; i < INVENTORY_PATH_MAX; i++)
                buf_put_u8(&b, 'a');
        buf_put_text(&b, "\nR:x\nF:bin\nR:sed\n");
        struct findings f = detect_text(&detect_apk, buf_span(&b));
        assert_int_equal(f.packages.len, 1);
        assert_int_equal(f.owned.len, 1);
        assert_span(f.owned.at[0].path, "bin/sed");
        arena_free(f.arena);
}

static void test_paths(void **state)
{
        (void)state;
        assert_ptr_equal(detector_of_path(span_of("lib/apk/db/installed")), &detect_apk);
        assert_ptr_equal(detector_of_path(span_of("usr/lib/apk/db/installed")), &detect_apk);
        assert_null(detector_of_path(span_of("x/lib/apk/db/installed")));
        assert_null(detector_of_path(span_of("lib/apk/db/scripts.tar")));
        assert_ptr_equal(detector_of_link(span_of("lib/apk/db")), &detect_apk);
        assert_null(detector_of_link(span_of("lib")));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_records),
            cmocka_unit_test(test_broken_records_are_noted),
            cmocka_unit_test(test_long_paths_are_passed_over),
            cmocka_unit_test(test_paths),
        };

        return cmocka_run_group_tests_name("inventory apk", tests, NULL, NULL);
}
