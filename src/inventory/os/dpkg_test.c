#include "inventory/detect_test_priv.h"

#include <fcntl.h>
#include <unistd.h>

static const char status[] = "Package: adduser\n"
                             "Status: install ok installed\n"
                             "Priority: important\n"
                             "Architecture: all\n"
                             "Version: 3.134\n"
                             "Conffiles:\n"
                             " /etc/adduser.conf cc3493ecd2d09837ffdcc3e25fdfff18\n"
                             "Description: add and remove users and groups\n"
                             " Package: not-a-package\n"
                             " .\n"
                             " Version: 9\n"
                             "\n"
                             "Package: libgcc-s1\n"
                             "Status: install ok installed\n"
                             "Multi-Arch: same\n"
                             "Architecture: amd64\n"
                             "Source: gcc-12\n"
                             "Version: 12.2.0-14+deb12u1\n"
                             "\n"
                             "\n"
                             "package: bsdutils\n"
                             "status: install ok installed\n"
                             "architecture: amd64\n"
                             "Source: util-linux (2.38.1-5+deb12u3)\n"
                             "VERSION: 1:2.38.1-5+deb12u3\n"
                             "\n"
                             "Package: gone\n"
                             "Status: deinstall ok config-files\n"
                             "Architecture: amd64\n"
                             "Version: 1.0\n"
                             "\n"
                             "Package: never\n"
                             "Status: unknown ok not-installed\n"
                             "Architecture: amd64\n";

static void test_stanzas(void **state)
{
        struct findings f = detect_text(&detect_dpkg, span_of(status));

        (void)state;
        assert_int_equal(f.packages.len, 3);
        assert_int_equal(f.notes.len, 0);
        assert_span(f.packages.at[0].name, "adduser");
        assert_span(f.packages.at[0].version, "3.134");
        assert_span(f.packages.at[0].arch, "all");
        assert_span(f.packages.at[0].source_name, "adduser");
        assert_span(f.packages.at[0].source_version, "3.134");
        assert_span(f.packages.at[1].source_name, "gcc-12");
        assert_span(f.packages.at[1].source_version, "12.2.0-14+deb12u1");
        assert_span(f.packages.at[2].name, "bsdutils");
        assert_span(f.packages.at[2].version, "1:2.38.1-5+deb12u3");
        assert_span(f.packages.at[2].source_name, "util-linux");
        assert_span(f.packages.at[2].source_version, "2.38.1-5+deb12u3");
        arena_free(f.arena);
}

static void test_states(void **state)
{
        static const struct {
                const char *status;
                size_t packages, notes;
        } rows[] = {
            {"Status: install ok installed\n", 1, 0},
            {"Status:  install\tok installed \n", 1, 1}, /* dpkg divides by blanks; what we can't read stays listed */
            {"Status: hold ok installed\n", 1, 0},
            {"Status: install ok half-installed\n", 1, 0},
            {"Status: install reinstreq half-configured\n", 1, 0},
            {"Status: install ok unpacked\n", 1, 0},
            {"Status: install ok triggers-awaited\n", 1, 0},
            {"Status: install ok triggers-pending\n", 1, 0},
            {"Status: deinstall ok config-files\n", 0, 0},
            {"Status: purge ok not-installed\n", 0, 0},
            {"", 1, 0}, /* status.d has none */
            {"Status: install ok wonderful\n", 1, 1},
            {"Status: config-files\n", 1, 1},
            {"Status: deinstall ok config-files too\n", 1, 1},
            {"Status: install ok installed\nStatus: deinstall ok config-files\n", 1, 1},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(buf_done) struct buf b = {0};
                buf_printf(&b, "Package: sed\n%sArchitecture: amd64\nVersion: 4.9-1\n", rows[i].status);
                struct findings f = detect_text(&detect_dpkg, buf_span(&b));
                if (f.packages.len != rows[i].packages || f.notes.len != rows[i].notes)
                        fail_msg("row %zu: %zu packages, %zu notes", i, f.packages.len, f.notes.len);
                arena_free(f.arena);
        }
}

static void test_broken_stanzas_are_noted(void **state)
{
        static const struct {
                const char *text, *note;
                size_t packages;
        } rows[] = {
            {"Package: Upper\nVersion: 1\n", "is no package name", 0},
            {"Package: x\nVersion: 1\n", "is no package name", 0},
            {"Package: -ab\nVersion: 1\n", "is no package name", 0},
            {"Package: a\x1b[2Jb\nVersion: 1\n", "\"a?[2Jb\" is no package name", 0},
            {"Package: \xc3\x28zz\nVersion: 1\n", "is no package name", 0},
            {"Version: 1\nArchitecture: amd64\n", "is no package name", 0},
            {"Package: sed\n", "package sed has no valid version", 0},
            {"Package: sed\nVersion: 1 2\n", "package sed has no valid version", 0},
            {"Package: sed\nVersion: 1\nArchitecture: AMD 64\n", "no valid architecture", 0},
            {"Package: sed\nVersion: 1\nSource: Sed\n", "names no source package", 1},
            {"Package: sed\nVersion: 1\nSource: sed (\n", "names no source package", 1},
            {"Package: sed\nVersion: 1\nSource: sed ()\n", "names no source package", 1},
            {"Package: sed\nVersion: 1\nSource: sed 2\n", "names no source package", 1},
            {"Package: sed\nno colon here\nVersion: 1\n", "line 2: neither a field", 1},
            {" Package: sed\nPackage: sed\nVersion: 1\n", "line 1: neither a field", 1},
            {"Package: sed\nPackage: bash\nVersion: 1\n", "a second field Package", 1},
            {"Package: sed\nVersion: 1\nVersion: 2\n", "a second field Version", 1},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct findings f = detect_text(&detect_dpkg, span_of(rows[i].text));
                if (f.packages.len != rows[i].packages)
                        fail_msg("row %zu: %zu packages", i, f.packages.len);
                assert_int_equal(f.notes.len, 1);
                assert_noted(f.notes.at, f.notes.len, rows[i].note);
                if (f.packages.len > 0) {
                        assert_span(f.packages.at[0].name, "sed");
                        assert_span(f.packages.at[0].version, "1");
                        assert_span(f.packages.at[0].source_name, "sed");
                }
                arena_free(f.arena);
        }
}

/* A line of blanks ends a stanza, so that "Package" below it is no second field of the one above. */
static void test_line_of_blanks_divides(void **state)
{
        struct findings f = detect_text(&detect_dpkg,
            span_of(
                "Package: sed\nVersion: 1\n \t\nPackage: bash\r\nVersion: 5.2\r\n \r\nPackage: dash\nVersion: 0.5\n"));

        (void)state;
        assert_int_equal(f.notes.len, 0);
        assert_int_equal(f.packages.len, 3);
        assert_span(f.packages.at[1].version, "5.2");
        assert_span(f.packages.at[2].name, "dash");
        arena_free(f.arena);
}

static void test_limits(void **state)
{
        CLEANUP(buf_done) struct buf b = {0};

        (void)state;
        buf_put_text(&b, "Package: ");
        for (size_t i = 0; i < INVENTORY_NAME_MAX + 1; i++)
                buf_put_u8(&b, 'a');
        buf_put_text(&b, "\nVersion: 1\n\n");
        for (size_t i = 0; i < 100; i++)
                buf_put_text(&b, "Package: B\nVersion: 1\n\n");
        buf_put_text(&b, "Package: last\nVersion: 1\n");
        struct findings f = detect_text(&detect_dpkg, buf_span(&b));
        assert_int_equal(f.packages.len, 1);
        assert_span(f.packages.at[0].name, "last");
        assert_int_equal(f.notes.len, INVENTORY_FILE_NOTES_MAX + 1);
        assert_noted(f.notes.at, f.notes.len, "name is longer than 512 bytes");
        assert_noted(f.notes.at, f.notes.len, "and 85 more places in this file");
        arena_free(f.arena);
}

static void test_paths(void **state)
{
        static const char *const wanted[] = {"var/lib/dpkg/status", "var/lib/dpkg/status.d/base-files",
            "var/lib/dpkg/status.d/libc6", "var/lib/dpkg/updates/0001"};
        static const char *const unwanted[] = {"var/lib/dpkg/status-old", "var/lib/dpkg/status.d",
            "var/lib/dpkg/status.d/", "var/lib/dpkg/status.d/a/b", "var/lib/dpkg/updates/tmp.i", "",
            "var/lib/dpkg/updates", "var/lib/dpkg/available", "x/var/lib/dpkg/status", "var/lib/dpkg/"};

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
                assert_ptr_equal(detector_of_path(span_of(wanted[i])), &detect_dpkg);
        for (size_t i = 0; i < ARRAY_LEN(unwanted); i++)
                assert_null(detector_of_path(span_of(unwanted[i])));
        assert_false(detect_dpkg.wants(span_of("var/lib/dpkg/status.d/libc6.md5sums"))); /* no stanza */
        assert_ptr_equal(detector_of_link(span_of("var/lib/dpkg/status")), &detect_dpkg);
        assert_ptr_equal(detector_of_link(span_of("var/lib")), &detect_dpkg);
        assert_null(detector_of_link(span_of("var/lib/dpkg/info")));
        assert_null(detector_of_link(span_of("lib")));
}

static int line_order(const void *a, const void *b)
{
        return span_compare(*(const struct span *)a, *(const struct span *)b);
}

/* Lines of a text, or of packages, as one sorted text. */
static struct span sorted_lines(struct arena *a, struct span text)
{
        struct span_list lines = {0};
        struct cursor c = {.rest = text};
        struct span line;
        CLEANUP(buf_done) struct buf b = {0};

        while (cursor_line(&c, &line))
                *ARENA_PUSH(a, &lines) = line;
        if (lines.len > 0)
                qsort(lines.at, lines.len, sizeof(*lines.at), line_order);
        for (size_t i = 0; i < lines.len; i++)
                buf_printf(&b, "%.*s\n", SPAN_FMT(lines.at[i]));
        return arena_copy(a, buf_span(&b));
}

/* The tool itself as judge, on the system that runs this test. */
static void test_equals_dpkg_query(void **state)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        CLEANUP(buf_done) struct buf file = {0}, theirs = {0}, ours = {0};
        char line[1024];
        FILE *f = access("/usr/bin/dpkg-query", X_OK) == 0
                      ? popen("dpkg-query -W -f '${db:Status-Status} ${Package} ${Version} ${Architecture} "
                              "${source:Package} ${source:Version}\\n'",
                            "r")
                      : NULL;

        (void)state;
        if (!f || !file_read(AT_FDCWD, "/var/lib/dpkg/status", INVENTORY_DPKG_MAX, &file, NULL)) {
                print_message("skipped: no dpkg on this system\n");
                skip();
        }
        while (fgets(line, sizeof(line), f)) {
                struct span status_word, rest;
                span_split(span_of(line), ' ', &status_word, &rest);
                if (!span_is(status_word, "config-files") && !span_is(status_word, "not-installed"))
                        buf_put(&theirs, rest);
        }
        assert_int_equal(pclose(f), 0);
        struct findings found = detect_text(&detect_dpkg, buf_span(&file));
        for (size_t i = 0; i < found.packages.len; i++) {
                const struct package *p = &found.packages.at[i];
                buf_printf(&ours, "%.*s %.*s %.*s %.*s %.*s\n", SPAN_FMT(p->name), SPAN_FMT(p->version),
                    SPAN_FMT(p->arch), SPAN_FMT(p->source_name), SPAN_FMT(p->source_version));
        }
        assert_true(found.packages.len > 10);
        assert_int_equal(found.notes.len, 0);
        assert_true(span_equal(sorted_lines(a, buf_span(&theirs)), sorted_lines(a, buf_span(&ours))));
        arena_free(found.arena);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_stanzas),
            cmocka_unit_test(test_states),
            cmocka_unit_test(test_broken_stanzas_are_noted),
            cmocka_unit_test(test_line_of_blanks_divides),
            cmocka_unit_test(test_limits),
            cmocka_unit_test(test_paths),
            cmocka_unit_test(test_equals_dpkg_query),
        };

        return cmocka_run_group_tests_name("inventory dpkg", tests, NULL, NULL);
}
