#include "inventory/os/rpm_test_priv.h"

static void test_paths(void **state)
{
        static const struct {
                const char *path;
                const struct detector *detector;
        } rows[] = {
            {"var/lib/rpm/rpmdb.sqlite", &detect_rpm_sqlite},
            {"usr/lib/sysimage/rpm/rpmdb.sqlite", &detect_rpm_sqlite},
            {"usr/share/rpm/rpmdb.sqlite", &detect_rpm_sqlite},
            {"usr/lib/sysimage/rpm/Packages.db", &detect_rpm_ndb},
            {"var/lib/rpm/Packages.db", &detect_rpm_ndb},
            {"var/lib/rpm/Packages", &detect_rpm_bdb},
            {"var/lib/rpmmanifest/container-manifest-2", &detect_rpm_manifest},
            {"var/lib/rpmmanifest/container-manifest-1", NULL},
            {"var/lib/rpm/rpmdb.sqlite-shm", NULL},
            {"var/lib/rpm/Name", NULL},
            {"var/lib/rpm/Index.db", NULL},
            {"srv/var/lib/rpm/Packages", NULL},
            {"var/lib/rpm", NULL},
            {"Packages", NULL},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                assert_ptr_equal(detector_of_path(span_of(rows[i].path)), rows[i].detector);
        assert_ptr_equal(detector_of_companion(span_of("var/lib/rpm/rpmdb.sqlite-wal")), &detect_rpm_sqlite);
        assert_null(detector_of_companion(span_of("var/lib/rpm/rpmdb.sqlite-shm")));
        assert_ptr_equal(detector_of_link(span_of("var/lib/rpm/Packages")), &detect_rpm_sqlite);
        assert_ptr_equal(detector_of_link(span_of("var/lib/rpmmanifest")), &detect_rpm_manifest);
        assert_null(detector_of_link(span_of("var/lib/rpm"))); /* as on Fedora, to usr/lib/sysimage/rpm */
}

static void test_manifest(void **state)
{
        static const char text[] =
            "filesystem\t1.1-7.cm2\t1653816591\t1653628924\tMicrosoft Corporation\t(none)\t7596\tx86_64\t0\t"
            "filesystem-1.1-7.cm2.src.rpm\n"
            "openssl-libs\t1.1.1k-15.cm2\t1\t2\tMicrosoft "
            "Corporation\t(none)\t7\tx86_64\t3\topenssl-1.1.1k-15.cm2.src.rpm\n"
            "\n"
            "bare\t1-2\t\t\t(none)\t(none)\t\t(none)\t(none)\t(none)\r\n";
        struct findings f =
            detect_file(&detect_rpm_manifest, "var/lib/rpmmanifest/container-manifest-2", span_of(text));

        (void)state;
        assert_no_notes(&f);
        assert_int_equal(f.packages.len, 3);
        assert_span(f.packages.at[0].name, "filesystem");
        assert_span(f.packages.at[0].version, "1.1-7.cm2");
        assert_span(f.packages.at[0].arch, "x86_64");
        assert_span(f.packages.at[0].vendor, "Microsoft Corporation");
        assert_span(f.packages.at[0].source_name, "filesystem");
        assert_span(f.packages.at[0].source_version, "1.1-7.cm2");
        assert_span(f.packages.at[1].version, "3:1.1.1k-15.cm2");
        assert_span(f.packages.at[1].source_name, "openssl");
        assert_span(f.packages.at[1].source_version, "3:1.1.1k-15.cm2");
        assert_span(f.packages.at[2].arch, "");
        assert_span(f.packages.at[2].vendor, "");
        assert_span(f.packages.at[2].source_name, "");
        arena_free(f.arena);
}

static void test_broken_manifest(void **state)
{
        static const struct {
                const char *line;
                size_t packages;
                const char *note;
        } rows[] = {
            {"a\t1-2", 0, "line 1: less than 10 columns"},
            {"a\t1-2\t\t\t\t\t\t\t0\t(none)\tmore", 0, "line 1: more than 10 columns"},
            {"\t1-2\t\t\t\t\t\t\t0\t(none)", 0, "line 1: a package without a name"},
            {"a\t\t\t\t\t\t\t\t0\t(none)", 0, "line 1: package a has no valid version"},
            {"a\t1-2\t\t\t\t\t\t\tone\t(none)", 0, "line 1: package a: its epoch is no number"},
            {"a\t1-2\t\t\t\t\t\t\t-1\t(none)", 0, "its epoch is no number"},
            {"a\t1-2\t\t\t\t\t\t\t99999999999999999999\t(none)", 0, "its epoch is no number"},
            {"a\t1-2\t\t\t\t\t\t\t0\tnonsense", 1, "line 1: package a: \"nonsense\" names no source package"},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct findings f = detect_file(&detect_rpm_manifest, "", span_of(rows[i].line));
                assert_int_equal(f.packages.len, rows[i].packages);
                assert_noted(f.notes.at, f.notes.len, rows[i].note);
                arena_free(f.arena);
        }
}

static void test_versions(void **state)
{
        char out[RPM_EVR_SIZE], longest[RPM_EVR_SIZE];

        (void)state;
        assert_true(rpm_evr(out, 0, SPAN_LIT("1-2")));
        assert_string_equal(out, "1-2");
        assert_true(rpm_evr(out, 12, SPAN_LIT("1-2")));
        assert_string_equal(out, "12:1-2");
        memset(longest, '1', sizeof(longest));
        assert_true(rpm_evr(out, 0, span_bytes(longest, INVENTORY_VERSION_MAX)));
        assert_int_equal(strlen(out), INVENTORY_VERSION_MAX);
        assert_false(rpm_evr(out, 0, span_bytes(longest, INVENTORY_VERSION_MAX + 1)));
        assert_true(rpm_evr(out, 9, span_bytes(longest, INVENTORY_VERSION_MAX - 2)));
        assert_false(rpm_evr(out, 9, span_bytes(longest, INVENTORY_VERSION_MAX - 1)));
}

static void test_numbers(void **state)
{
        struct span s = SPAN_LIT("\x01\x02\x03\x84\x05");
        struct rpm_pages p;

        (void)state;
        assert_int_equal(rpm_u16be(s, 0), 0x0102);
        assert_int_equal(rpm_u16le(s, 0), 0x0201);
        assert_int_equal(rpm_u32be(s, 1), 0x02038405);
        assert_int_equal(rpm_u32le(s, 1), 0x05840302);
        assert_int_equal(rpm_u32be(s, 2), 0);
        assert_int_equal(rpm_u16le(s, 4), 0);
        assert_int_equal(rpm_u32le(s, SIZE_MAX), 0);
        rpm_pages_init(&p, 9);
        assert_true(rpm_pages_take(&p, 8) && rpm_pages_take(&p, 0));
        assert_false(rpm_pages_take(&p, 8) || rpm_pages_take(&p, 0) || rpm_pages_take(&p, 9));
        assert_false(rpm_pages_take(&p, UINT32_MAX));
        rpm_pages_done(&p);
}

static void test_too_many_rows(void **state)
{
        struct findings f = {.arena = arena_new()};
        struct rpm_list l = {.f = &f};

        (void)state;
        for (size_t i = 0; i < RPM_ROWS_MAX; i++)
                assert_true(rpm_list_next(&l));
        assert_no_notes(&f);
        assert_false(rpm_list_next(&l));
        assert_noted(f.notes.at, f.notes.len, "more than 200000 packages: the others are not listed");
        arena_free(f.arena);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_paths),
            cmocka_unit_test(test_manifest),
            cmocka_unit_test(test_broken_manifest),
            cmocka_unit_test(test_versions),
            cmocka_unit_test(test_numbers),
            cmocka_unit_test(test_too_many_rows),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
