#include "inventory/detect_test_priv.h"
#include "inventory/os/os_priv.h"

/* As opkg 0.4.4 writes them. */
static const char status[] = "Package: libc\n"
                             "Version: 1.2.4-4\n"
                             "Status: install user installed\n"
                             "Architecture: x86_64\n"
                             "Conffiles:\n"
                             " /etc/libc.conf 2cd6ee2c70b0bde53fbe6cac3c8b8bb1\n"
                             "Installed-Time: 1795418488\n"
                             "\n"
                             "Package: kernel-module-x\n"
                             "Version: 5.15.1+git0+abc-r0\n"
                             "Status: install user unpacked\n"
                             "Architecture: all\n"
                             "\n"
                             "Package: gone\n"
                             "Version: 1.0-1\n"
                             "Status: deinstall user not-installed\n"
                             "Architecture: all\n";
static const char openwrt_control[] = "Package: busybox\n"
                                      "Version: 1.36.1-1\n"
                                      "Depends: libc\n"
                                      "Source: package/utils/busybox\n"
                                      "SourceName: busybox-source\n"
                                      "License: GPL-2.0\n"
                                      "Section: base\n"
                                      "CPE-ID: cpe:/a:busybox:busybox\n"
                                      "Architecture: x86_64\n"
                                      "Description:  The Swiss Army Knife\n"
                                      " Version: 9\n";
static const char yocto_control[] = "Package: kernel-module-x\n"
                                    "Version: 5.15.1+git0+abc-r0\n"
                                    "OE: linux-yocto\n"
                                    "HomePage: https://example.org\n"
                                    "License: GPL-2.0-only & MIT\n"
                                    "Source: git://example.org/x;branch=main file://a.patch\n"
                                    "Architecture: all\n";
static const char list[] = "/etc\t040755\n"
                           "\t040755\n"
                           "/bin/libc\t0100644\n"
                           "/bin/libc-link\t0120777\tlibc\n"
                           "/usr/lib/with blank\n";

static void test_status(void **state)
{
        struct findings f = detect_file(&detect_opkg, "usr/lib/opkg/status", span_of(status));

        (void)state;
        assert_int_equal(f.notes.len, 0);
        assert_int_equal(f.packages.len, 2);
        assert_span(f.packages.at[0].name, "libc");
        assert_span(f.packages.at[0].version, "1.2.4-4");
        assert_span(f.packages.at[0].arch, "x86_64");
        assert_span(f.packages.at[0].source_name, "libc");
        assert_span(f.packages.at[1].name, "kernel-module-x");
        assert_span(f.packages.at[1].version, "5.15.1+git0+abc-r0");
        arena_free(f.arena);
}

static void test_control(void **state)
{
        struct findings f = detect_file(&detect_opkg, "usr/lib/opkg/info/busybox.control", span_of(openwrt_control));

        (void)state;
        assert_int_equal(f.notes.len, 0);
        assert_int_equal(f.packages.len, 1);
        assert_span(f.packages.at[0].name, "busybox");
        assert_span(f.packages.at[0].version, "1.36.1-1");
        assert_span(f.packages.at[0].source_name, "busybox-source");
        assert_span(f.packages.at[0].licence, "GPL-2.0");
        assert_span(f.packages.at[0].cpe, "cpe:/a:busybox:busybox");
        arena_free(f.arena);
        f = detect_file(&detect_opkg, "var/lib/opkg/info/kernel-module-x.control", span_of(yocto_control));
        assert_int_equal(f.notes.len, 0);
        assert_int_equal(f.packages.len, 1);
        assert_span(f.packages.at[0].source_name, "linux-yocto");
        assert_span(f.packages.at[0].licence, "GPL-2.0-only & MIT");
        arena_free(f.arena);
}

static void test_list(void **state)
{
        struct findings f = detect_file(&detect_opkg, "usr/lib/opkg/info/libc.list", span_of(list));

        (void)state;
        assert_int_equal(f.notes.len, 0);
        assert_int_equal(f.supplements.len, 1);
        assert_span(f.supplements.at[0].name, "libc");
        assert_int_equal(f.owned.len, 3);
        assert_span(f.owned.at[0].path, "bin/libc");
        assert_span(f.owned.at[1].path, "bin/libc-link");
        assert_span(f.owned.at[2].path, "usr/lib/with blank");
        arena_free(f.arena);
        f = detect_file(&detect_opkg, "usr/lib/opkg/info/.list", span_of(list));
        assert_int_equal(f.owned.len, 0);
        arena_free(f.arena);
}

static void test_broken_stanzas_are_noted(void **state)
{
        static const struct {
                const char *text, *note;
                size_t packages;
        } rows[] = {
            {"Package: sed\nVersion: 1\n", NULL, 1},
            {"Package: sed\nVersion: 1\nStatus: install ok config-files\n", NULL, 0},
            {"Package: sed\nVersion: 1\nStatus: odd\n", NULL, 1},
            {"Package: s/d\nVersion: 1\n", "is no package name", 0},
            {"Version: 1\n", "is no package name", 0},
            {"Package: sed\n", "package sed has no valid version", 0},
            {"Package: sed\nVersion: 1\nArchitecture: a b\n", "no valid architecture", 0},
            {"Package: sed\nVersion: 1\nVersion: 2\n", "a second field Version", 1},
            {"Package: sed\nVersion: 1\nno field\n", "line 3: neither a field", 1},
            {"Package: sed\nVersion: 1\nSourceName: a b\n", NULL, 1},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct findings f = detect_file(&detect_opkg, "usr/lib/opkg/status", span_of(rows[i].text));
                if (f.packages.len != rows[i].packages || f.notes.len != (rows[i].note ? 1 : 0))
                        fail_msg("row %zu: %zu packages, %zu notes", i, f.packages.len, f.notes.len);
                if (rows[i].note)
                        assert_noted(f.notes.at, f.notes.len, rows[i].note);
                if (f.packages.len > 0) {
                        assert_span(f.packages.at[0].version, "1");
                        assert_span(f.packages.at[0].source_name, "sed");
                }
                arena_free(f.arena);
        }
}

static void test_paths(void **state)
{
        static const char *const wanted[] = {"usr/lib/opkg/status", "var/lib/opkg/status", "opt/lib/opkg/status",
            "usr/lib/opkg/info/libc.control", "var/lib/opkg/info/libc.list"};
        static const char *const unwanted[] = {"usr/lib/opkg/info/libc.conffiles", "usr/lib/opkg/info/a/libc.list",
            "usr/lib/opkg/libc.control", "usr/lib/opkg/lists/status", "x/usr/lib/opkg/status"};

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
                assert_ptr_equal(detector_of_path(span_of(wanted[i])), &detect_opkg);
        for (size_t i = 0; i < ARRAY_LEN(unwanted); i++)
                assert_null(detector_of_path(span_of(unwanted[i])));
        assert_ptr_equal(detector_of_link(span_of("usr/lib/opkg")), &detect_opkg);
        assert_ptr_equal(detector_of_link(span_of("var/lib/opkg/info")), &detect_opkg);
        assert_null(detector_of_link(span_of("usr/lib")));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_status),
            cmocka_unit_test(test_control),
            cmocka_unit_test(test_list),
            cmocka_unit_test(test_broken_stanzas_are_noted),
            cmocka_unit_test(test_paths),
        };

        return cmocka_run_group_tests_name("inventory opkg", tests, NULL, NULL);
}
