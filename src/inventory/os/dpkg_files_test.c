#include "inventory/detect_test_priv.h"
#include "inventory/os/os_priv.h"

#include <unistd.h>

static void test_list(void **state)
{
        /* A link stands far from its folder. */
        static const char list[] = "/.\n"
                                   "/lib\n"
                                   "/lib/x86_64-linux-gnu\n"
                                   "/lib/x86_64-linux-gnu/libz.so.1.2.13\n"
                                   "/usr\n"
                                   "/usr/share\n"
                                   "/usr/share/doc\n"
                                   "/usr/share/doc/zlib1g\n"
                                   "/usr/share/doc/zlib1g-not-below\n"
                                   "/usr/share/empty\n"
                                   "/usr/share/links\n"
                                   "/lib/x86_64-linux-gnu/libz.so.1\n"
                                   "\n"
                                   "/usr/share/doc/zlib1g/with blank\n"
                                   "/usr/share/links/one\n";
        static const char *const owned[] = {"lib/x86_64-linux-gnu/libz.so.1", "lib/x86_64-linux-gnu/libz.so.1.2.13",
            "usr/share/doc/zlib1g/with blank", "usr/share/doc/zlib1g-not-below", "usr/share/empty",
            "usr/share/links/one"};
        struct findings f = detect_file(&detect_dpkg_files, "var/lib/dpkg/info/zlib1g:amd64.list", span_of(list));

        (void)state;
        assert_int_equal(f.notes.len, 0);
        assert_int_equal(f.packages.len, 0);
        assert_int_equal(f.supplements.len, 1);
        assert_span(f.supplements.at[0].name, "zlib1g");
        assert_span(f.supplements.at[0].arch, "amd64");
        assert_span(f.supplements.at[0].licence, "");
        assert_int_equal(f.owned.len, ARRAY_LEN(owned));
        for (size_t i = 0; i < ARRAY_LEN(owned); i++) {
                assert_true(f.owned.at[i].by_supplement);
                assert_span(f.owned.at[i].path, owned[i]);
        }
        arena_free(f.arena);
}

static void test_md5sums(void **state)
{
        static const char sums[] = "d41d8cd98f00b204e9800998ecf8427e  usr/bin/env\n"
                                   "d41d8cd98f00b204e9800998ecf8427e  usr/share/with blank\n"
                                   "d41d8cd98f00b204e9800998ecf8427e *usr/bin/binary\n"
                                   "d41d8cd98f00b204e9800998ecf8427e  ../etc/passwd\n"
                                   "not a line of md5sum\n"
                                   "d41d8cd98f00b204e9800998ecf8427e  \n";
        struct findings f = detect_file(&detect_dpkg_files, "var/lib/dpkg/status.d/libssl1.1.md5sums", span_of(sums));

        (void)state;
        assert_int_equal(f.notes.len, 0);
        assert_int_equal(f.supplements.len, 1);
        assert_span(f.supplements.at[0].name, "libssl1.1");
        assert_span(f.supplements.at[0].arch, "");
        assert_int_equal(f.owned.len, 3);
        assert_span(f.owned.at[0].path, "usr/bin/env");
        assert_span(f.owned.at[1].path, "usr/share/with blank");
        assert_span(f.owned.at[2].path, "usr/bin/binary");
        arena_free(f.arena);
}

static void test_nothing_to_own(void **state)
{
        static const char *const paths[] = {"var/lib/dpkg/info/.list", "var/lib/dpkg/info/:amd64.list"};

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
                struct findings f = detect_file(&detect_dpkg_files, paths[i], SPAN_LIT("/bin/x\n"));
                assert_int_equal(f.owned.len, 0);
                arena_free(f.arena);
        }
        struct findings f = detect_file(&detect_dpkg_files, "var/lib/dpkg/info/x.list", (struct span){0});
        assert_int_equal(f.supplements.len, 0);
        arena_free(f.arena);
}

/* The tool itself as judge, on the system that runs this test: what it names and is no folder (nor a link to one: /lib) is owned. */
static void test_equals_dpkg_query(void **state)
{
        static const char *const packages[] = {"dpkg", "coreutils", "bash", "tar", "base-files", "libc6", "tzdata"};
        char name[300], line[4200];
        size_t n_files = 0;

        (void)state;
        if (access("/usr/bin/dpkg-query", X_OK) != 0) {
                print_message("skipped: no dpkg on this system\n");
                skip();
        }
        for (size_t i = 0; i < ARRAY_LEN(packages); i++) {
                CLEANUP(buf_done) struct buf file = {0};
                struct stat st;
                snprintf(name, sizeof(name), "/var/lib/dpkg/info/%s.list", packages[i]);
                if (!file_read(AT_FDCWD, name, INVENTORY_PACKAGE_FILE_MAX, &file, NULL))
                        continue; /* NAME:ARCH.list, or not installed */
                struct findings f = detect_file(&detect_dpkg_files, name + 1, buf_span(&file));
                snprintf(name, sizeof(name), "dpkg-query -L %s", packages[i]);
                FILE *tool = popen(name, "r");
                assert_non_null(tool);
                while (fgets(line, sizeof(line), tool)) {
                        struct span path = span_trim(span_of(line));
                        size_t at = 0;
                        line[path.len] = 0;
                        if (line[0] != '/' || (stat(line, &st) == 0 && S_ISDIR(st.st_mode)))
                                continue;
                        while (at < f.owned.len && !span_equal(f.owned.at[at].path, span_from(path, 1)))
                                at++;
                        if (at == f.owned.len)
                                fail_msg("%s of %s is not owned", line, packages[i]);
                        n_files++;
                }
                assert_int_equal(pclose(tool), 0);
                arena_free(f.arena);
        }
        print_message("%zu files as dpkg-query -L\n", n_files);
        assert_true(n_files > 0);
}

static void test_paths(void **state)
{
        static const char *const wanted[] = {"var/lib/dpkg/info/libc6:amd64.list", "var/lib/dpkg/info/adduser.list",
            "var/lib/dpkg/status.d/base-files.md5sums"};
        static const char *const unwanted[] = {"var/lib/dpkg/info/adduser.md5sums", "var/lib/dpkg/info/format",
            "var/lib/dpkg/info/a/b.list", "var/lib/dpkg/info/adduser.postinst", "var/lib/dpkg/info"};

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
                assert_ptr_equal(detector_of_path(span_of(wanted[i])), &detect_dpkg_files);
        for (size_t i = 0; i < ARRAY_LEN(unwanted); i++)
                assert_null(detector_of_path(span_of(unwanted[i])));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_list),
            cmocka_unit_test(test_md5sums),
            cmocka_unit_test(test_nothing_to_own),
            cmocka_unit_test(test_equals_dpkg_query),
            cmocka_unit_test(test_paths),
        };

        return cmocka_run_group_tests_name("inventory dpkg files", tests, NULL, NULL);
}
