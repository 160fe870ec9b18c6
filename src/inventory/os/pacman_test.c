#include "inventory/detect_test_priv.h"
#include "inventory/os/os_priv.h"

#define GCC "var/lib/pacman/local/lib32-gcc-libs-12.2.1+r1+g4-2"

/* As pacman 6.0.2 writes them. */
static const char desc[] = "%NAME%\nlib32-gcc-libs\n\n"
                           "%VERSION%\n12.2.1+r1+g4-2\n\n"
                           "%BASE%\ngcc\n\n"
                           "%DESC%\ntest of lib32-gcc-libs\n\n"
                           "%URL%\nhttps://example.org\n\n"
                           "%ARCH%\nx86_64\n\n"
                           "%BUILDDATE%\n1700000000\n\n"
                           "%SIZE%\n9\n\n"
                           "%LICENSE%\nGPL3\nLGPL\ncustom:FDL\n\n"
                           "%VALIDATION%\nnone\n\n";
static const char files[] = "%FILES%\n"
                            "etc/\n"
                            "etc/lib32-gcc-libs.conf\n"
                            "usr/\n"
                            "usr/bin/\n"
                            "usr/bin/lib32-gcc-libs\n"
                            "usr/share/with blank/data\n"
                            "\n"
                            "%BACKUP%\n"
                            "etc/lib32-gcc-libs.conf\t2cd6ee2c70b0bde53fbe6cac3c8b8bb1\n"
                            "\n";

static void test_desc(void **state)
{
        struct findings f = detect_file(&detect_pacman, GCC "/desc", span_of(desc));

        (void)state;
        assert_int_equal(f.notes.len, 0);
        assert_int_equal(f.packages.len, 1);
        assert_span(f.packages.at[0].name, "lib32-gcc-libs");
        assert_span(f.packages.at[0].version, "12.2.1+r1+g4-2");
        assert_span(f.packages.at[0].arch, "x86_64");
        assert_span(f.packages.at[0].source_name, "gcc");
        assert_span(f.packages.at[0].source_version, "12.2.1+r1+g4-2");
        assert_span(f.packages.at[0].licence, "GPL3 AND LGPL AND custom:FDL");
        arena_free(f.arena);
}

static void test_files(void **state)
{
        struct findings f = detect_file(&detect_pacman, GCC "/files", span_of(files));

        (void)state;
        assert_int_equal(f.notes.len, 0);
        assert_int_equal(f.packages.len, 0);
        assert_int_equal(f.supplements.len, 1);
        assert_span(f.supplements.at[0].name, "lib32-gcc-libs");
        assert_int_equal(f.owned.len, 3);
        assert_true(f.owned.at[0].by_supplement);
        assert_span(f.owned.at[0].path, "etc/lib32-gcc-libs.conf");
        assert_span(f.owned.at[1].path, "usr/bin/lib32-gcc-libs");
        assert_span(f.owned.at[2].path, "usr/share/with blank/data");
        arena_free(f.arena);
}

static void test_broken_entries(void **state)
{
        static const struct {
                const char *text, *note;
                size_t packages;
        } rows[] = {
            {"%NAME%\nacl\n\n%VERSION%\n1:2.3.1-3\n", NULL, 1},
            {"%NAME%\r\nacl\r\n\r\n%VERSION%\r\n1\r\n", NULL, 1},
            {"", "\"\" is no package name", 0},
            {"%NAME%\nacl\n", "package acl has no valid version", 0},
            {"%VERSION%\n1\n", "is no package name", 0},
            {"%NAME%\na/b\n\n%VERSION%\n1\n", "is no package name", 0},
            {"%NAME%\nacl\n\n%BASE%\n..\n\n%VERSION%\n1\n", "is no package name", 0},
            {"%NAME%\nacl\n\n%VERSION%\n1 2\n", "no valid version", 0},
            {"%NAME%\nacl\n\n%VERSION%\n1\n\n%ARCH%\nx 86\n", "no valid architecture", 0},
            {"%NAME%\nacl\nbash\n\n%VERSION%\n1\n", "line 3: a second value of %NAME%", 1},
            {"%NAME%\nacl\n\n%VERSION%\n1\n\n%VERSION%\n2\n", "line 8: a second value of %VERSION%", 1},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct findings f =
                    detect_file(&detect_pacman, "var/lib/pacman/local/acl-1-1/desc", span_of(rows[i].text));
                if (f.packages.len != rows[i].packages || f.notes.len != (rows[i].note ? 1 : 0))
                        fail_msg("row %zu: %zu packages, %zu notes", i, f.packages.len, f.notes.len);
                if (rows[i].note)
                        assert_noted(f.notes.at, f.notes.len, rows[i].note);
                if (f.packages.len > 0)
                        assert_span(f.packages.at[0].name, "acl");
                arena_free(f.arena);
        }
}

/* Whose files they are is the folder's name less version and release. */
static void test_names_of_folders(void **state)
{
        static const struct {
                const char *path, *name; /* NULL: nobody's */
        } rows[] = {
            {"var/lib/pacman/local/git-1:2.40.0-1/files", "git"},
            {"var/lib/pacman/local/gtk-update-icon-cache-1:4.10-2/files", "gtk-update-icon-cache"},
            {"var/lib/pacman/local/odd/files", NULL},
            {"var/lib/pacman/local/odd-1/files", NULL},
            {"var/lib/pacman/local/-1-1/files", NULL},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct findings f = detect_file(&detect_pacman, rows[i].path, SPAN_LIT("%FILES%\nusr/bin/git\n"));
                assert_int_equal(f.supplements.len, rows[i].name ? 1 : 0);
                assert_int_equal(f.owned.len, rows[i].name ? 1 : 0);
                if (rows[i].name)
                        assert_span(f.supplements.at[0].name, rows[i].name);
                arena_free(f.arena);
        }
}

static void test_paths(void **state)
{
        (void)state;
        assert_ptr_equal(detector_of_path(span_of(GCC "/desc")), &detect_pacman);
        assert_ptr_equal(detector_of_path(span_of(GCC "/files")), &detect_pacman);
        assert_null(detector_of_path(span_of(GCC "/mtree")));
        assert_null(detector_of_path(span_of("var/lib/pacman/local/desc")));
        assert_null(detector_of_path(span_of("var/lib/pacman/sync/core/acl-1-1/desc")));
        assert_ptr_equal(detector_of_link(span_of(GCC)), &detect_pacman);
        assert_ptr_equal(detector_of_link(span_of("var/lib/pacman")), &detect_pacman);
        assert_null(detector_of_link(span_of("var/lib/pacman/sync")));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_desc),
            cmocka_unit_test(test_files),
            cmocka_unit_test(test_broken_entries),
            cmocka_unit_test(test_names_of_folders),
            cmocka_unit_test(test_paths),
        };

        return cmocka_run_group_tests_name("inventory pacman", tests, NULL, NULL);
}
