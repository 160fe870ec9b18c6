#include "inventory/detect_test_priv.h"
#include "inventory/os/os_priv.h"

static void test_names_and_versions(void **state)
{
        static const struct {
                const char *folder, *name, *version; /* NULL: no package's folder */
        } rows[] = {
            {"app-containers/skopeo-1.5.1", "app-containers/skopeo", "1.5.1"},
            {"sys-libs/glibc-2.37-r3", "sys-libs/glibc", "2.37-r3"},
            {"app-shells/bash-5.1_p16-r6", "app-shells/bash", "5.1_p16-r6"},
            {"dev-libs/libxml2-2.10.3-r1", "dev-libs/libxml2", "2.10.3-r1"},
            {"media-fonts/font-misc-misc-1.1.3", "media-fonts/font-misc-misc", "1.1.3"},
            {"sys-kernel/gentoo-sources-6.1.31", "sys-kernel/gentoo-sources", "6.1.31"},
            {"app-misc/x-r1", NULL, NULL},
            {"app-misc/noversion", NULL, NULL},
            {"app-misc/-MERGING-x-1", "app-misc/-MERGING-x", "1"},
            {"app-misc/-1", NULL, NULL},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                char path[200];
                snprintf(path, sizeof(path), "var/db/pkg/%s/PF", rows[i].folder);
                struct findings f = detect_file(&detect_portage, path, SPAN_LIT("x\n"));
                if (f.packages.len != (rows[i].name ? 1 : 0) || f.notes.len != (rows[i].name ? 0 : 1))
                        fail_msg("row %zu: %zu packages, %zu notes", i, f.packages.len, f.notes.len);
                if (rows[i].name) {
                        assert_span(f.packages.at[0].name, rows[i].name);
                        assert_span(f.packages.at[0].version, rows[i].version);
                } else {
                        assert_noted(f.notes.at, f.notes.len, "is no package's folder");
                }
                arena_free(f.arena);
        }
}

static void test_what_stands_beside(void **state)
{
        static const char contents[] = "dir /usr\n"
                                       "dir /usr/bin\n"
                                       "obj /usr/bin/skopeo 376c02bd3b22804df8fdfdc895e7dbfb 1649284374\n"
                                       "obj /usr/share/with blank d41d8cd98f00b204e9800998ecf8427e 1649284374\n"
                                       "sym /usr/lib/libx.so -> libx.so.1 1649284375\n"
                                       "obj broken\n"
                                       "fif /run/pipe\n";
        struct findings f =
            detect_file(&detect_portage, "var/db/pkg/app-containers/skopeo-1.5.1/CONTENTS", span_of(contents));

        (void)state;
        assert_int_equal(f.packages.len, 0);
        assert_int_equal(f.supplements.len, 1);
        assert_span(f.supplements.at[0].name, "app-containers/skopeo");
        assert_int_equal(f.owned.len, 3);
        assert_span(f.owned.at[0].path, "usr/bin/skopeo");
        assert_span(f.owned.at[1].path, "usr/share/with blank");
        assert_span(f.owned.at[2].path, "usr/lib/libx.so");
        arena_free(f.arena);
        f = detect_file(
            &detect_portage, "var/db/pkg/app-containers/skopeo-1.5.1/LICENSE", SPAN_LIT("Apache-2.0 BSD\n"));
        assert_int_equal(f.supplements.len, 1);
        assert_span(f.supplements.at[0].licence, "Apache-2.0 BSD");
        assert_int_equal(f.supplements.at[0].licence_source, LICENCE_SOURCE_FIELD);
        arena_free(f.arena);
        f = detect_file(&detect_portage, "var/db/pkg/app-containers/odd/LICENSE", SPAN_LIT("MIT\n"));
        assert_int_equal(f.supplements.len, 0);
        assert_int_equal(f.notes.len, 0);
        arena_free(f.arena);
}

static void test_paths(void **state)
{
        (void)state;
        assert_ptr_equal(detector_of_path(span_of("var/db/pkg/a-b/c-1/PF")), &detect_portage);
        assert_ptr_equal(detector_of_path(span_of("var/db/pkg/a-b/c-1/CONTENTS")), &detect_portage);
        assert_ptr_equal(detector_of_path(span_of("var/db/pkg/a-b/c-1/LICENSE")), &detect_portage);
        assert_null(detector_of_path(span_of("var/db/pkg/a-b/c-1/CATEGORY")));
        assert_null(detector_of_path(span_of("var/db/pkg/c-1/PF")));
        assert_ptr_equal(detector_of_link(span_of("var/db/pkg/a-b/c-1")), &detect_portage);
        assert_ptr_equal(detector_of_link(span_of("var/db/pkg")), &detect_portage);
        assert_null(detector_of_link(span_of("var/db/other")));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_names_and_versions),
            cmocka_unit_test(test_what_stands_beside),
            cmocka_unit_test(test_paths),
        };

        return cmocka_run_group_tests_name("inventory portage", tests, NULL, NULL);
}
