#include "inventory/detect_test_priv.h"
#include "inventory/os/system_priv.h"

static void test_os_release(void **state)
{
        struct findings f = detect_text(&detect_os_release, span_of("PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n"
                                                                    "NAME=\"Debian GNU/Linux\"\n"
                                                                    "VERSION_ID=\"12\"\n"
                                                                    "# ID=other\n"
                                                                    "VERSION_CODENAME=bookworm\n"
                                                                    "ID=debian\n"
                                                                    "HOME_URL=\"https://www.debian.org/\"\n"));

        (void)state;
        assert_int_equal(f.notes.len, 0);
        assert_span(f.os.id, "debian");
        assert_span(f.os.version_id, "12");
        assert_span(f.os.version_codename, "bookworm");
        assert_span(f.os.pretty_name, "Debian GNU/Linux 12 (bookworm)");
        assert_span(f.os.id_like, "");
        arena_free(f.arena);
}

static void test_quoting(void **state)
{
        static const struct {
                const char *line, *pretty_name; /* NULL: refused with a note */
        } rows[] = {
            {"PRETTY_NAME=plain", "plain"},
            {"  PRETTY_NAME=plain\r", "plain"},
            {"PRETTY_NAME=''", ""},
            {"PRETTY_NAME=", ""},
            {"PRETTY_NAME='single \\ $ \"'", "single \\ $ \""},
            {"PRETTY_NAME=\"a \\\"b\\\" \\\\ \\$ \\` \\n\"", "a \"b\" \\ $ ` \\n"},
            {"PRETTY_NAME=a\\ b", "a b"},
            {"PRETTY_NAME=one\nPRETTY_NAME=two", "two"},
            {"PRETTY_NAME=a b", NULL},
            {"PRETTY_NAME=\"open", NULL},
            {"PRETTY_NAME='open", NULL},
            {"PRETTY_NAME=\"a\"b", NULL},
            {"PRETTY_NAME=a\"b\"", NULL},
            {"PRETTY_NAME=end\\", NULL},
            {"PRETTY_NAME=\"\x1b[2J\"", NULL},
            {"PRETTY_NAME=\"\xff\"", NULL},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct findings f = detect_text(&detect_os_release, span_of(rows[i].line));
                assert_int_equal(f.notes.len, rows[i].pretty_name ? 0 : 1);
                assert_span(f.os.pretty_name, rows[i].pretty_name ? rows[i].pretty_name : "");
                arena_free(f.arena);
        }
}

static void test_ecosystem(void **state)
{
        static const struct {
                const char *id, *version, *codename, *ecosystem, *distro; /* ecosystem NULL: no advisories */
        } rows[] = {
            {"debian", "12", "bookworm", "Debian:12", "debian-12"},
            {"debian", "7", "", "Debian:7", "debian-7"},
            {"debian", "", "trixie", NULL, "debian-trixie"},
            {"debian", "", "", NULL, "debian"},
            {"debian", "12.4", "", NULL, "debian-12.4"},
            {"debian", "012", "", NULL, "debian-012"},
            {"debian", "99999", "", NULL, "debian-99999"},
            {"debian", "sid", "", NULL, "debian-sid"},
            {"ubuntu", "22.04", "jammy", "Ubuntu:22.04:LTS", "ubuntu-22.04"},
            {"ubuntu", "8.04", "", "Ubuntu:8.04:LTS", "ubuntu-8.04"},
            {"ubuntu", "23.04", "", "Ubuntu:23.04", "ubuntu-23.04"},
            {"ubuntu", "22.10", "", "Ubuntu:22.10", "ubuntu-22.10"},
            {"ubuntu", "22", "", NULL, "ubuntu-22"},
            {"ubuntu", "22.4", "", NULL, "ubuntu-22.4"},
            {"ubuntu", "22.13", "", NULL, "ubuntu-22.13"},
            {"ubuntu", "22.04.1", "", NULL, "ubuntu-22.04.1"},
            {"raspbian", "12", "bookworm", NULL, "raspbian-12"},
            {"alpine", "3.18.4", "", NULL, "alpine-3.18.4"},
            {"", "12", "", NULL, ""},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(buf_done) struct buf ecosystem = {0}, distro = {0};
                const struct os_release os = {.id = span_of(rows[i].id),
                    .version_id = span_of(rows[i].version),
                    .version_codename = span_of(rows[i].codename)};
                assert_int_equal(system_ecosystem(&os, &ecosystem), rows[i].ecosystem != NULL);
                assert_span(buf_span(&ecosystem), rows[i].ecosystem ? rows[i].ecosystem : "");
                system_distro(&os, &distro);
                assert_span(buf_span(&distro), rows[i].distro);
        }
}

static void test_paths(void **state)
{
        (void)state;
        assert_ptr_equal(detector_of_path(span_of("etc/os-release")), &detect_os_release);
        assert_ptr_equal(detector_of_path(span_of("usr/lib/os-release")), &detect_os_release);
        assert_null(detector_of_path(span_of("lib/os-release")));
        assert_null(detector_of_link(span_of("etc/os-release")));
        assert_ptr_equal(detector_of_path(span_of("var/lib/rpm/rpmdb.sqlite")), &detect_unread);
        assert_ptr_equal(detector_of_path(span_of("lib/apk/db/installed")), &detect_unread);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_os_release),
            cmocka_unit_test(test_quoting),
            cmocka_unit_test(test_ecosystem),
            cmocka_unit_test(test_paths),
        };

        return cmocka_run_group_tests_name("inventory system", tests, NULL, NULL);
}
