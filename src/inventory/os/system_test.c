#include "inventory/detect_test_priv.h"
#include "inventory/os/system_life_priv.h"

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

static const struct {
        const char *id, *version, *other, *ecosystem, *distro; /* ecosystem NULL: no advisories */
} releases[] = {
    /* other: the codename; of CentOS and openEuler PRETTY_NAME */
    {"debian", "12", "bookworm", "Debian:12", "debian-12"},
    {"debian", "7", "", "Debian:7", "debian-7"},
    {"debian", "", "trixie", "Debian:13", "debian-trixie"},
    {"debian", "", "forky", "Debian:14", "debian-forky"},
    {"debian", "", "sid", NULL, "debian-sid"},
    {"debian", "", "", NULL, "debian"},
    {"debian", "12.4", "", NULL, "debian-12.4"},
    {"debian", "012", "", NULL, "debian-012"},
    {"debian", "99999", "", NULL, "debian-99999"},
    {"debian", "sid", "trixie", NULL, "debian-sid"},
    {"ubuntu", "22.04", "jammy", "Ubuntu:22.04:LTS", "ubuntu-22.04"},
    {"ubuntu", "8.04", "", "Ubuntu:8.04:LTS", "ubuntu-8.04"},
    {"ubuntu", "6.06", "", "Ubuntu:6.06:LTS", "ubuntu-6.06"},
    {"ubuntu", "23.04", "", "Ubuntu:23.04", "ubuntu-23.04"},
    {"ubuntu", "22.10", "", "Ubuntu:22.10", "ubuntu-22.10"},
    {"ubuntu", "22", "", NULL, "ubuntu-22"},
    {"ubuntu", "22.4", "", NULL, "ubuntu-22.4"},
    {"ubuntu", "22.13", "", NULL, "ubuntu-22.13"},
    {"ubuntu", "22.04.1", "", NULL, "ubuntu-22.04.1"},
    {"echo", "1", "", "Echo", "echo-1"},
    {"alpine", "3.18.4", "", "Alpine:v3.18", "alpine-3.18.4"},
    {"alpine", "3.10", "", "Alpine:v3.10", "alpine-3.10"},
    {"alpine", "3.18.0_rc1", "", "Alpine:v3.18", "alpine-3.18.0_rc1"},
    {"alpine", "3.21.0_alpha20240923", "", "Alpine:edge", "alpine-3.21.0_alpha20240923"},
    {"alpine", "edge", "", "Alpine:edge", "alpine-edge"},
    {"alpine", "3", "", NULL, "alpine-3"},
    {"alpine", "", "", NULL, "alpine"},
    {"wolfi", "20230201", "", "Wolfi", "wolfi-20230201"},
    {"wolfi", "", "", "Wolfi", "wolfi"},
    {"chainguard", "20230214", "", "Chainguard", "chainguard-20230214"},
    {"minimos", "20241031", "", "MinimOS", "minimos-20241031"},
    {"alpaquita", "23", "", "Alpaquita:23", "alpaquita-23"},
    {"alpaquita", "stream", "", "Alpaquita:stream", "alpaquita-stream"},
    {"rhel", "9.4", "", "Red Hat:enterprise_linux:9", "rhel-9.4"},
    {"rhel", "8", "", "Red Hat:enterprise_linux:8", "rhel-8"},
    {"rhel", "10.0", "", "Red Hat:enterprise_linux:10", "rhel-10.0"},
    {"rhel", "", "", NULL, "rhel"},
    {"rhel", "nine", "", NULL, "rhel-nine"},
    {"centos", "7", "CentOS Linux 7 (Core)", "Red Hat:enterprise_linux:7", "centos-7"},
    {"centos", "8", "CentOS Linux 8", "Red Hat:enterprise_linux:8", "centos-8"},
    {"centos", "8", "CentOS Stream 8", NULL, "centos-8"},
    {"centos", "9", "CentOS Stream 9", NULL, "centos-9"},
    {"centos", "10", "", NULL, "centos-10"},
    {"almalinux", "9.3", "", "AlmaLinux:9", "almalinux-9.3"},
    {"rocky", "8.9", "", "Rocky Linux:8", "rocky-8.9"},
    {"ol", "9.3", "", "Oracle Linux:9", "ol-9.3"},
    {"amzn", "2", "", "Amazon Linux:2", "amzn-2"},
    {"amzn", "2023", "", "Amazon Linux:2023", "amzn-2023"},
    {"amzn", "2018.03", "", "Amazon Linux:1", "amzn-2018.03"},
    {"fedora", "42", "", "Fedora:42", "fedora-42"},
    {"fedora", "rawhide", "", NULL, "fedora-rawhide"},
    {"sles", "15.5", "", "SUSE:Linux Enterprise Server 15 SP5", "sles-15.5"},
    {"sles", "15", "", "SUSE:Linux Enterprise Server 15", "sles-15"},
    {"sles", "12.5", "", "SUSE:Linux Enterprise Server 12 SP5", "sles-12.5"},
    {"sles", "16.0", "", "SUSE:Linux Enterprise Server 16.0", "sles-16.0"},
    {"sles_sap", "15.4", "", "SUSE:Linux Enterprise Server for SAP Applications 15 SP4", "sles_sap-15.4"},
    {"sle-micro", "5.4", "", "SUSE:Linux Enterprise Micro 5.4", "sle-micro-5.4"},
    {"sl-micro", "6.0", "", "SUSE:Linux Micro 6.0", "sl-micro-6.0"},
    {"sles", "", "", NULL, "sles"},
    {"opensuse-leap", "15.1", "", "openSUSE:Leap 15.1", "opensuse-leap-15.1"},
    {"opensuse", "42.3", "", "openSUSE:Leap 42.3", "opensuse-42.3"},
    {"opensuse", "13.2", "", "openSUSE:13.2", "opensuse-13.2"},
    {"opensuse-leap-micro", "5.5", "", "openSUSE:Leap Micro 5.5", "opensuse-leap-micro-5.5"},
    {"opensuse-tumbleweed", "20231001", "", "openSUSE:Tumbleweed", "opensuse-tumbleweed-20231001"},
    {"photon", "4.0", "", "Photon OS:4.0", "photon-4.0"},
    {"azurelinux", "3.0", "", "Azure Linux:3", "azurelinux-3.0"},
    {"mariner", "2.0", "", "Azure Linux:2", "mariner-2.0"},
    {"mageia", "9", "", "Mageia:9", "mageia-9"},
    {"openEuler", "22.03", "openEuler 22.03 (LTS-SP1)", "openEuler:22.03-LTS-SP1", "openEuler-22.03"},
    {"openEuler", "24.03", "openEuler 24.03 (LTS)", "openEuler:24.03-LTS", "openEuler-24.03"},
    {"openEuler", "24.03", "openEuler 24.03 (LTS SP1)", "openEuler:24.03-LTS-SP1", "openEuler-24.03"},
    {"openEuler", "23.09", "openEuler 23.09", NULL, "openEuler-23.09"},
    {"arch", "20231001", "", "Arch Linux", "arch-20231001"},
    {"gentoo", "2.14", "", "Gentoo", "gentoo-2.14"},
    {"bottlerocket", "1.19.0", "", "Bottlerocket", "bottlerocket-1.19.0"},
    {"openwrt", "23.05.2", "", NULL, "openwrt-23.05.2"},
    {"void", "", "", NULL, "void"},
    {"nixos", "24.05", "", NULL, "nixos-24.05"},
    {"raspbian", "12", "bookworm", NULL, "raspbian-12"},
    {"vyos", "1.4-rolling-202307070317", "bookworm", NULL, "vyos-1.4-rolling-202307070317"},
    {"Debian", "12", "", NULL, "Debian-12"},
    {"", "12", "", NULL, ""},
};

static void test_ecosystem(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(releases); i++) {
                CLEANUP(buf_done) struct buf ecosystem = {0}, distro = {0};
                const struct os_release os = {.id = span_of(releases[i].id),
                    .version_id = span_of(releases[i].version),
                    .version_codename = span_of(releases[i].other),
                    .pretty_name = span_of(releases[i].other)};
                bool known = system_ecosystem(&os, &ecosystem);
                if (known != (releases[i].ecosystem != NULL) ||
                    !span_is(buf_span(&ecosystem), releases[i].ecosystem ? releases[i].ecosystem : ""))
                        fail_msg(
                            "%s %s: \"%.*s\"", releases[i].id, releases[i].version, SPAN_FMT(buf_span(&ecosystem)));
                system_distro(&os, &distro);
                assert_span(buf_span(&distro), releases[i].distro);
        }
}

/* A package of another manager than the system's is of no ecosystem. */
static void test_package_types(void **state)
{
        static const struct {
                const char *id, *version, *type, *ecosystem;
        } rows[] = {
            {"debian", "12", "deb", "Debian:12"},
            {"debian", "12", "rpm", NULL},
            {"debian", "12", "apk", NULL},
            {"alpine", "3.18.0", "apk", "Alpine:v3.18"},
            {"alpine", "3.18.0", "deb", NULL},
            {"rhel", "9.4", "rpm", "Red Hat:enterprise_linux:9"},
            {"arch", "", "alpm", "Arch Linux"},
            {"arch", "", "rpm", NULL},
            {"gentoo", "", "portage", "Gentoo"},
            {"openwrt", "23.05", "opkg", NULL},
            {"nobody", "1", "deb", NULL},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(buf_done) struct buf to = {0};
                const struct os_release os = {.id = span_of(rows[i].id), .version_id = span_of(rows[i].version)};
                assert_int_equal(system_package_ecosystem(&os, rows[i].type, &to), rows[i].ecosystem != NULL);
                assert_span(buf_span(&to), rows[i].ecosystem ? rows[i].ecosystem : "");
        }
        assert_string_equal(system_package_type(&(struct os_release){.id = span_of("wolfi")}), "apk");
        assert_null(system_package_type(&(struct os_release){.id = span_of("vyos")}));
}

static int64_t day(const char *text)
{
        int64_t s = 0;

        assert_true(clock_parse(span_of(text), &s));
        return s;
}

static const struct {
        const char *id, *version, *name, *now;
        enum system_life life;
        const char *date; /* on which updates for all ended; NULL: they did not */
        const char *note; /* NULL: none */
} lives[] = {
    {"debian", "9", "Debian GNU/Linux 9 (stretch)", "2022-06-30T23:59:59Z", SYSTEM_LIFE_SUPPORTED, NULL, NULL},
    {"debian", "9", "Debian GNU/Linux 9 (stretch)", "2022-07-01", SYSTEM_LIFE_PAID, "2022-06-30",
        "Debian GNU/Linux 9 (stretch) has had no security updates since 2022-06-30, but for those who pay "
        "(until "
        "2027-06-30): what is found is not all that is wrong"},
    {"debian", "9", "Debian GNU/Linux 9 (stretch)", "2027-07-01", SYSTEM_LIFE_ENDED, "2022-06-30",
        "Debian GNU/Linux 9 (stretch) has had no security updates since 2022-06-30: what is found is not all "
        "that is wrong"},
    {"debian", "12", "", "2026-11-23", SYSTEM_LIFE_SUPPORTED, NULL, NULL},
    {"debian", "16", "", "2026-11-23", SYSTEM_LIFE_UNKNOWN, NULL,
        "debian-16: until when it gets security updates is not known here"},
    {"ubuntu", "18.04", "Ubuntu 18.04.6 LTS", "2026-11-23", SYSTEM_LIFE_PAID, "2023-05-31", "since 2023-05-31"},
    {"ubuntu", "23.10", "Ubuntu 23.10", "2026-11-23", SYSTEM_LIFE_ENDED, "2024-07-11", "since 2024-07-11: what"},
    {"ubuntu", "24.04", "", "2026-11-23", SYSTEM_LIFE_SUPPORTED, NULL, NULL},
    {"alpine", "3.10.2", "Alpine Linux v3.10", "2026-11-23", SYSTEM_LIFE_ENDED, "2021-05-01",
        "Alpine Linux v3.10 has had no security updates since 2021-05-01"},
    {"alpine", "3.22.1", "", "2026-11-23", SYSTEM_LIFE_SUPPORTED, NULL, NULL},
    {"alpine", "3.21.0_alpha20240923", "", "2026-11-23", SYSTEM_LIFE_ROLLING, NULL, NULL},
    {"rhel", "7.9", "", "2026-11-23", SYSTEM_LIFE_PAID, "2024-06-30", "rhel-7.9 has had no security updates"},
    {"rhel", "9.4", "", "2026-11-23", SYSTEM_LIFE_SUPPORTED, NULL, NULL},
    {"centos", "7", "CentOS Linux 7 (Core)", "2026-11-23", SYSTEM_LIFE_ENDED, "2024-06-30", "since 2024-06-30"},
    {"centos", "8", "CentOS Linux 8", "2022-02-01", SYSTEM_LIFE_ENDED, "2021-12-31", "since 2021-12-31"},
    {"centos", "8", "CentOS Stream 8", "2022-02-01", SYSTEM_LIFE_SUPPORTED, NULL, NULL},
    {"ol", "10.0", "", "2026-11-23", SYSTEM_LIFE_SUPPORTED, NULL, NULL},
    {"amzn", "2018.03", "", "2026-11-23", SYSTEM_LIFE_ENDED, "2023-12-31", "since 2023-12-31"},
    {"amzn", "2", "", "2026-11-23", SYSTEM_LIFE_ENDED, "2026-06-30", "since 2026-06-30"},
    {"sles", "15", "", "2026-11-23", SYSTEM_LIFE_ENDED, "2019-12-31", "since 2019-12-31"},
    {"sles", "15.6", "", "2026-11-23", SYSTEM_LIFE_PAID, "2025-12-31", "(until 2028-12-31)"},
    {"sl-micro", "6.0", "", "2026-11-23", SYSTEM_LIFE_SUPPORTED, NULL, NULL},
    {"opensuse", "42.3", "", "2026-11-23", SYSTEM_LIFE_ENDED, "2019-07-01", "since 2019-07-01"},
    {"opensuse-tumbleweed", "20231001", "", "2026-11-23", SYSTEM_LIFE_ROLLING, NULL, NULL},
    {"photon", "5.0", "", "2026-11-23", SYSTEM_LIFE_SUPPORTED, NULL, NULL},
    {"mariner", "2.0", "", "2026-11-23", SYSTEM_LIFE_ENDED, "2025-11-30", "since 2025-11-30"},
    {"openEuler", "22.03", "openEuler 22.03 (LTS-SP1)", "2026-11-23", SYSTEM_LIFE_ENDED, "2024-12-31", "since"},
    {"wolfi", "20230201", "", "2026-11-23", SYSTEM_LIFE_ROLLING, NULL, NULL},
    {"vyos", "1.4", "", "2026-11-23", SYSTEM_LIFE_UNKNOWN, NULL, "vyos-1.4: until when"},
    {"", "", "", "2026-11-23", SYSTEM_LIFE_UNKNOWN, NULL, "a system without a name: until when"},
};

static void test_life(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(lives); i++) {
                CLEANUP(buf_done) struct buf note = {0};
                struct span date = {0};
                const struct os_release os = {.id = span_of(lives[i].id),
                    .version_id = span_of(lives[i].version),
                    .pretty_name = span_of(lives[i].name)};
                int64_t now_s = day(lives[i].now);
                if (system_life(&os, now_s, &note) != lives[i].life)
                        fail_msg("row %zu: %d", i, (int)system_life(&os, now_s, NULL));
                assert_int_equal(system_end_of_life(&os, now_s, &date), lives[i].date != NULL);
                assert_span(date, lives[i].date ? lives[i].date : "");
                if (!(lives[i].note ? contains(buf_span(&note), lives[i].note) : note.len == 0))
                        fail_msg("row %zu: \"%.*s\"", i, SPAN_FMT(buf_span(&note)));
        }
}

/* Every date is one, the paid end is the later one, no release stands twice. */
static void test_life_table(void **state)
{
        (void)state;
        assert_true(system_life_n_rows > 200);
        for (size_t i = 0; i < system_life_n_rows; i++) {
                const struct system_life_row *r = &system_life_rows[i];
                if (r->free_end && r->paid_end)
                        assert_true(day(r->paid_end) > day(r->free_end));
                else if (r->free_end)
                        assert_true(day(r->free_end) > 0);
                for (size_t k = 0; k < i; k++)
                        assert_false(strcmp(system_life_rows[k].id, r->id) == 0 &&
                                     strcmp(system_life_rows[k].release, r->release) == 0);
        }
}

static const struct {
        const char *path, *text, *id, *version, *codename, *pretty_name;
} old_files[] = {
    {"etc/lsb-release",
        "DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=12.04\nDISTRIB_CODENAME=precise\n"
        "DISTRIB_DESCRIPTION=\"Ubuntu 12.04.5 LTS\"\n",
        "ubuntu", "12.04", "precise", "Ubuntu 12.04.5 LTS"},
    {"etc/lsb-release", "LSB_VERSION=1.4\nDISTRIB_ID=\"Arch\n", "", "", "", ""},
    {"etc/redhat-release", "CentOS release 6.10 (Final)\n", "centos", "6.10", "", "CentOS release 6.10 (Final)"},
    {"etc/redhat-release", "Red Hat Enterprise Linux Server release 6.10 (Santiago)\n", "rhel", "6.10", "",
        "Red Hat Enterprise Linux Server release 6.10 (Santiago)"},
    {"etc/redhat-release", "Fedora release 20 (Heisenbug)\n", "fedora", "20", "", "Fedora release 20 (Heisenbug)"},
    {"etc/redhat-release", "AlmaLinux release 8.5 (Arctic Sphynx)\n", "almalinux", "8.5", "",
        "AlmaLinux release 8.5 (Arctic Sphynx)"},
    {"etc/oracle-release", "Oracle Linux Server release 6.9\n", "ol", "6.9", "", "Oracle Linux Server release 6.9"},
    {"etc/system-release", "Amazon Linux AMI release 2018.03\n", "amzn", "2018.03", "",
        "Amazon Linux AMI release 2018.03"},
    {"etc/SuSE-release", "SUSE Linux Enterprise Server 11 (x86_64)\nVERSION = 11\nPATCHLEVEL = 4\n", "sles", "11.4", "",
        "SUSE Linux Enterprise Server 11 (x86_64)"},
    {"etc/SuSE-release", "SUSE Linux Enterprise Server 12 (x86_64)\nVERSION = 12\nPATCHLEVEL = 0\n", "sles", "12", "",
        "SUSE Linux Enterprise Server 12 (x86_64)"},
    {"etc/SuSE-release", "openSUSE 13.1 (x86_64)\nVERSION = 13.1\nCODENAME = Bottle\n", "opensuse", "13.1", "",
        "openSUSE 13.1 (x86_64)"},
    {"etc/photon-release", "VMware Photon Linux 1.0\nPHOTON_BUILD_NUMBER=62c543d\n", "photon", "1.0", "",
        "VMware Photon Linux 1.0"},
    {"etc/gentoo-release", "Gentoo Base System release 2.14\n", "gentoo", "2.14", "",
        "Gentoo Base System release 2.14"},
    {"etc/alpine-release", "3.4.6\n", "alpine", "3.4.6", "", ""},
    {"etc/alpine-release", "\n", "", "", "", ""},
    {"etc/arch-release", "", "arch", "", "", "Arch Linux"},
    {"etc/debian_version", "6.0.10\n", "debian", "6", "", ""},
    {"etc/debian_version", "trixie/sid\n", "debian", "", "trixie", ""},
    {"etc/debian_version", "\x1b[2J\n", "", "", "", ""},
    {"etc/redhat-release", "Something else release 1\n", "", "", "", ""},
    {"etc/redhat-release", "", "", "", "", ""},
};

static void test_old_release_files(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(old_files); i++) {
                struct findings f = detect_file(&detect_os_release, old_files[i].path, span_of(old_files[i].text));
                assert_int_equal(f.notes.len, 0);
                assert_span(f.os.id, old_files[i].id);
                assert_span(f.os.version_id, old_files[i].version);
                assert_span(f.os.version_codename, old_files[i].codename);
                assert_span(f.os.pretty_name, old_files[i].pretty_name);
                arena_free(f.arena);
        }
}

/* A section of a txtar file: "-- NAME --", then its lines. */
static struct span section(struct span file, const char *name)
{
        struct cursor c = {.rest = file};
        struct span line, from = {0};
        char head[60];
        bool in = false;

        snprintf(head, sizeof(head), "-- %s --", name);
        for (;;) {
                struct span before = c.rest;
                if (!cursor_line(&c, &line) || (in && span_starts(line, "-- ")))
                        return in ? span_cut(from, 0, from.len - before.len) : from;
                if (span_is(line, head)) {
                        in = true;
                        from = c.rest;
                }
        }
}

static struct span member(struct span object, struct arena *a, const char *name)
{
        struct json j;
        struct span key, value = {0};

        json_init(&j, object, a, NULL);
        json_object(&j);
        while (json_member(&j, &key))
                if (span_is(key, name))
                        value = json_string(&j);
                else
                        json_skip(&j);
        assert_true(json_finish(&j, NULL));
        return value;
}

/* What Clair's own tests expect of the same files. */
static void test_clair_vectors(void **state)
{
        static const struct {
                const char *name, *ecosystem;
        } files[] = {{"Alpine", "Alpine:v3.10"}, {"Bionic", "Ubuntu:18.04:LTS"}, {"Buster", "Debian:10"},
            {"DistrolessCorrupt", "Debian:12"}, {"DistrolessValid", "Debian:12"}, {"EmptyKey", "Fedora:30"},
            {"OpenSUSe", "openSUSE:Leap 15.1"}, {"Silverblue", "Fedora:30"}, {"Toolbox", "Fedora:30"},
            {"Ubi8", "Red Hat:enterprise_linux:8"}, {"Vyos", ""}};

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(files); i++) {
                CLEANUP(buf_done) struct buf file = {0}, ecosystem = {0};
                CLEANUP(arena_freep) struct arena *a = arena_new();
                char name[600];
                snprintf(name, sizeof(name), "%s/data/vectors/clair/%s.txtar", SHARED_DIR, files[i].name);
                if (!file_read(AT_FDCWD, name, 1 << 20, &file, NULL)) {
                        print_message("skipped: no %s\n", name);
                        skip();
                }
                struct span parsed = section(buf_span(&file), "Parsed");
                struct findings f = detect_text(&detect_os_release, section(buf_span(&file), "os-release"));
                assert_int_equal(f.notes.len, 0);
                assert_true(f.os.id.len > 0);
                assert_true(span_equal(f.os.id, member(parsed, a, "ID")));
                assert_true(span_equal(f.os.id_like, member(parsed, a, "ID_LIKE")));
                assert_true(span_equal(f.os.version_id, member(parsed, a, "VERSION_ID")));
                assert_true(span_equal(f.os.version_codename, member(parsed, a, "VERSION_CODENAME")));
                assert_true(span_equal(f.os.pretty_name, member(parsed, a, "PRETTY_NAME")));
                system_ecosystem(&f.os, &ecosystem);
                assert_span(buf_span(&ecosystem), files[i].ecosystem);
                arena_free(f.arena);
        }
}

static void test_paths(void **state)
{
        (void)state;
        for (size_t i = 0; i < system_n_files; i++)
                assert_ptr_equal(detector_of_path(span_of(system_files[i])), &detect_os_release);
        assert_string_equal(system_files[0], "etc/os-release");
        assert_null(detector_of_path(span_of("lib/os-release")));
        assert_null(detector_of_link(span_of("etc/os-release")));
        assert_ptr_equal(detector_of_path(span_of("nix/var/nix/db/db.sqlite")), &detect_unread);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_os_release),
            cmocka_unit_test(test_quoting),
            cmocka_unit_test(test_ecosystem),
            cmocka_unit_test(test_package_types),
            cmocka_unit_test(test_life),
            cmocka_unit_test(test_life_table),
            cmocka_unit_test(test_old_release_files),
            cmocka_unit_test(test_clair_vectors),
            cmocka_unit_test(test_paths),
        };

        return cmocka_run_group_tests_name("inventory system", tests, NULL, NULL);
}
