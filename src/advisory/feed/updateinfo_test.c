/* updateinfo.xml of each publisher: of which system it is, what it says of whom, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "advisory/feed/form_testing_priv.h"
#include "advisory/feed/updateinfo_priv.h"

#define UPDATES(inner) "<?xml version=\"1.0\" ?>\n<!-- made today -->\n<updates>" inner "</updates>"
#define UPDATE(id, type, rest) \
        "<update from=\"x\" status=\"final\" type=\"" type "\" version=\"1.4\"><id>" id "</id>" rest "</update>"
#define CVE(id) "<references><reference href=\"https://x/" id "\" id=\"" id "\" title=\"\" type=\"cve\"/></references>"
#define LIST(short_name, name, inner) \
        "<pkglist><collection short=\"" short_name "\"><name>" name "</name>" inner "</collection></pkglist>"
#define PKG(name, epoch, version, release, arch)                                                                      \
        "<package arch=\"" arch "\" epoch=\"" epoch "\" name=\"" name "\" release=\"" release "\" version=\"" version \
        "\"><filename>Packages/x.rpm</filename></package>"

/* ALAS: core below its fix, a topic of Extras only from its own line on, debug packages not at all. */
static void amazon(void **state)
{
        struct testing_db t CLEANUP(testing_db_done);

        (void)state;
        form_make(&t,
            span_of(UPDATES(UPDATE("ALAS2-2018-939", "security",
                "<title>ALAS2-2018-939: critical priority package update for kernel</title>"
                "<issued date=\"2018-01-11 21:05\"/><updated date=\"2018-01-16 01:28\"/><severity>critical</severity>"
                "<description>a &amp;#039;flaw&amp;#039;</description>" CVE("CVE-2017-5754")
                    LIST("amazon-linux-2", "Amazon Linux 2",
                        PKG("kernel", "0", "4.9.76", "38.79.amzn2", "x86_64")
                            PKG("kernel", "0", "4.9.76", "38.79.amzn2", "src") PKG("kernel-debuginfo", "0", "4.9.76",
                                "38.79.amzn2", "x86_64"))) UPDATE("ALAS2KERNEL-5.15-2022-001", "security",
                "<severity>medium</severity>" CVE("CVE-2022-1") LIST("amazon-linux-2---kernel-5.15",
                    "Amazon Linux 2 - kernel-5.15",
                    PKG("kernel", "0", "5.15.43", "20.123.amzn2", "x86_64")
                        PKG("bpftool", "1", "5.15.43", "20.amzn2", "x86_64")
                            PKG("libzip", "0", "1.3.2", "1.amzn2", "x86_64"))) UPDATE("ALAS2023-2023-001", "security",
                "<severity>Important</severity>" CVE("CVE-2022-24903") LIST("amazon-linux-2023", "Amazon Linux 2023",
                    PKG("rsyslog", "2", "8.2204.0", "3.amzn2023.0.2", "aarch64"))) UPDATE("ALAS-2011-1", "security",
                "<severity>medium</severity>" CVE("CVE-2011-3192")
                    LIST("amazon-linux-ami", "Amazon Linux AMI", PKG("httpd", "0", "2.2.21", "1.18.amzn1", "i686"))))));
        assert_int_equal(t.stats.refused, 0);
        assert_int_equal(t.stats.records, 4);
        form_asked(&t, "Amazon Linux:2", "kernel", "4.9.70-1.amzn2",
            "ALAS2-2018-939 affected < 4.9.76-38.79.amzn2, fixed [critical]|"
            "ALAS2KERNEL-5.15-2022-001 not affected, fixed [medium]|");
        form_asked(&t, "Amazon Linux:2", "kernel", "5.15.40-20.1.amzn2",
            "ALAS2-2018-939 not affected, fixed [critical]|"
            "ALAS2KERNEL-5.15-2022-001 affected >= 5.15 < 5.15.43-20.123.amzn2, fixed [medium]|");
        form_asked(
            &t, "Amazon Linux:2", "bpftool", "1:4.14.1-1", "ALAS2KERNEL-5.15-2022-001 not affected, fixed [medium]|");
        form_asked(&t, "Amazon Linux:2", "bpftool", "1:5.15.1-1",
            "ALAS2KERNEL-5.15-2022-001 affected >= 1:5.15 < 1:5.15.43-20.amzn2, fixed [medium]|");
        form_asked(&t, "Amazon Linux:2", "libzip", "1.3.1-1",
            "ALAS2KERNEL-5.15-2022-001 affected < 1.3.2-1.amzn2, fixed [medium]|");
        form_asked(&t, "Amazon Linux:2", "kernel-debuginfo", "1-1", "");
        form_asked(&t, "Amazon Linux:2", "kernel-debuginfo-common-x86_64", "1-1", "");
        form_asked(&t, "Amazon Linux:2023", "rsyslog", "8.3000-1",
            "ALAS2023-2023-001 affected < 2:8.2204.0-3.amzn2023.0.2, fixed [high]|");
        form_asked(&t, "Amazon Linux:1", "httpd", "2.2.21-1.18.amzn1", "ALAS-2011-1 not affected, fixed [medium]|");
}

/* Rocky's are asked for by source, AlmaLinux' by what is installed; a module counts for its own packages alone. */
static void rebuilds(void **state)
{
        struct testing_db t CLEANUP(testing_db_done);

        (void)state;
        form_make(&t,
            span_of(UPDATES(UPDATE("RLSA-2021:2575", "security",
                "<release>Rocky Linux 8</release><severity>Moderate</severity>" CVE("CVE-2021-3520")
                    LIST("none-baseos-rpms", "none-baseos-rpms",
                        "<package name=\"lz4-libs\" version=\"1.8.3\" release=\"3.el8_4\" epoch=\"0\" arch=\"x86_64\" "
                        "src=\"lz4-1.8.3-3.el8_4.src.rpm\"/>"
                        "<package name=\"lz4\" version=\"1.8.3\" release=\"3.el8_4\" epoch=\"1\" arch=\"src\"/>"
                        "<package name=\"lz4-devel\" version=\"1.8.3\" release=\"3.el8_4\" epoch=\"0\" arch=\"x86_64\" "
                        "src=\"lz4-devel-1.8.3-3.el8_4.x86_64.rpm\"/>")) UPDATE("ALSA-2022:4940", "security",
                "<release>0</release><severity>Important</severity>" CVE("CVE-2022-1271")
                    LIST("almalinux-9-for-x86_64-baseos-rpms__9_1_default",
                        "almalinux-9-for-x86_64-baseos-rpms__9_1_default",
                        "<module name=\"ruby\" stream=\"2.6\" version=\"80\" context=\"d6\" arch=\"x86_64\"/>"
                        "<package name=\"xz\" version=\"5.2.5\" release=\"8.el9_0\" epoch=\"0\" arch=\"x86_64\" "
                        "src=\"xz-5.2.5-8.el9_0.src.rpm\"/>"
                        "<package name=\"xz\" version=\"5.2.5\" release=\"8.el9_0\" epoch=\"0\" arch=\"aarch64\" "
                        "src=\"xz-5.2.5-8.el9_0.src.rpm\"/>")) UPDATE("ALBA-2023:1", "bugfix",
                LIST("almalinux-9-x", "x", PKG("curl", "0", "1", "1", "x86_64"))) UPDATE("ALEA-2023:1", "enhancement",
                CVE("CVE-2023-1") LIST("x", "x",
                    PKG("curl", "0", "7", "1",
                        "x86_64")) "<references><reference href=\"https://errata.almalinux.org/8/ALEA-2023-1.html\" "
                                   "type=\"self\"/></references>") UPDATE("RLSA-2023:1", "security", "<title>Moderate: nodejs:18 security update</title><release>Rocky Linux 9</release>" LIST("x", "x",
                "<package name=\"npm\" version=\"18.17\" release=\"1.module+el9.2\" epoch=\"1\" arch=\"x86_64\" src=\"nodejs-18.17-1.module+el9.2.src.rpm\"/>"
                "<package name=\"tool\" version=\"1\" release=\"1.el9\" epoch=\"0\" arch=\"noarch\" src=\"tool-1-1.el9.src.rpm\"/>"))
            UPDATE("ELSA-2023-2", "security", "<release>Oracle Linux 8</release>" LIST("", "x", PKG("glibc", "2", "2.28", "151.0.1.ksplice1.el8", "x86_64")
                PKG("nettle", "0", "3.4", "7.el8_fips", "x86_64")))
            UPDATE("ELSA-2023-1", "security",
                "<release>Oracle Linux 9</release>" LIST("", "x", PKG("bash", "0", "5", "1.0.1.el9", "x86_64"))))));
        assert_int_equal(t.stats.refused, 1);
        assert_string_equal(t.refused_place, "RLSA-2021:2575: lz4-devel");
        form_asked(
            &t, "Rocky Linux:8", "lz4", "1:1.8.3-2.el8", "RLSA-2021:2575 affected < 1:1.8.3-3.el8_4, fixed [medium]|");
        form_asked(&t, "Rocky Linux:8", "lz4-libs", "1-1", "");
        form_asked(&t, "AlmaLinux:9", "xz", "5.2.5-7.el9",
            "ALSA-2022:4940 affected < 5.2.5-8.el9_0 of ruby:2.6, fixed [high]|");
        form_asked(&t, "AlmaLinux:9", "curl", "0-1", "");
        form_asked(&t, "AlmaLinux:8", "curl", "0-1", "ALEA-2023:1 affected < 7-1, fixed|");
        form_asked(&t, "Rocky Linux:9", "nodejs", "1:18.16-1.module+el9", "RLSA-2023:1 affected < 1:18.17-1.module+el9.2 of nodejs:18, fixed|");
        form_asked(&t, "Rocky Linux:9", "tool", "0-1", "RLSA-2023:1 affected < 1-1.el9, fixed|");
        form_asked(&t, "Oracle Linux:8", "glibc", "2.27-1.el8", "ELSA-2023-2 not affected, fixed|");
        form_asked(&t, "Oracle Linux:8", "nettle", "3.3-1.el8", "");
        form_asked(&t, "Oracle Linux:9", "bash", "4-1", "ELSA-2023-1 affected < 5-1.0.1.el9, fixed|");
}

static void others(void **state)
{
        struct testing_db t CLEANUP(testing_db_done);

        (void)state;
        form_make(&t,
            span_of(UPDATES(UPDATE("FEDORA-2024-d", "security",
                "<release>Fedora 38 Modular</release><references><reference href=\"https://b\" id=\"2264297\" "
                "type=\"bugzilla\" "
                "title=\"TRIAGE (CVE-2024-24989, CVE-2024-24990): nginx\"/></references>" LIST("F38M",
                    "Fedora 38 Modular", PKG("nginx", "1", "1.25.4", "1.f38", "x86_64"))) UPDATE("GHSA-mgxf-pj6m-9494",
                "security",
                CVE("CVE-2020-10711") LIST("bottlerocket", "Bottlerocket",
                    PKG("kernel", "0", "0.3.3", "b7d91846",
                        "x86_64"))) "<update status=\"retracted\" "
                                    "type=\"security\"><id>11749</id><release>openSUSE Leap 15.1 "
                                    "Update</release>"
                                    "<issued date=\"1593505741\"/>" CVE(
                                        "CVE-2020-1") "<pkglist><collection><package name=\"hello\" "
                                                      "epoch=\"0\" version=\"2.10\" release=\"lp151.4.1\" "
                                                      "arch=\"x86_64\"/></collection></pkglist></"
                                                      "update>" UPDATE("openSUSE-SLE-15.3-2021-1", "security",
                                                          "<release>openSUSE-SLE "
                                                          "15.3</release><severity>important</severity>"
                                                          "<pkglist><collection>" PKG("hello", "0", "2.11", "1",
                                                              "noarch") "</collection></pkglist>")
                                                          UPDATE("SUSE-SLE-Module-Basesystem-15-SP4-2022-1", "security",
                                                              "<release>SUSE Linux Enterprise Module for "
                                                              "Basesystem 15 SP4</release>"
                                                              "<pkglist><collection>" PKG("hello", "0", "2.12", "1",
                                                                  "noarch") "</collection></pkglist>"))));
        assert_int_equal(t.stats.refused, 0);
        assert_int_equal(t.stats.withdrawn, 1);
        form_asked(&t, "Fedora:38", "nginx", "1:1.25.3-1.f38", "FEDORA-2024-d affected < 1:1.25.4-1.f38, fixed|");
        form_asked(&t, "Bottlerocket", "kernel", "0.3.2-1",
            "Bottlerocket-GHSA-mgxf-pj6m-9494 affected < 0.3.3-b7d91846, fixed|");
        form_asked(
            &t, "openSUSE:Leap 15.1", "hello", "1-1", "openSUSE-11749 affected < 2.10-lp151.4.1, fixed, withdrawn|");
        form_asked(
            &t, "openSUSE:Leap 15.3", "hello", "2.10-1", "openSUSE-SLE-15.3-2021-1 affected < 2.11-1, fixed [high]|");
        form_asked(&t, "SUSE:Linux Enterprise Server 15 SP4", "hello", "2.10-1",
            "SUSE-SLE-Module-Basesystem-15-SP4-2022-1 affected < 2.12-1, fixed|");
}

static void systems(void **state)
{
        static const struct {
                const char *collection, *short_name, *release, *reference, *ecosystem, *line;
        } rows[] = {
            {"Amazon Linux 2 - Core", "amazon-linux-2---core", "", "", "Amazon Linux:2", ""},
            {"", "amzn2023", "", "", "Amazon Linux:2023", ""},
            {"Amazon Linux 2023 - Kernel Livepatch", "amazon-linux-2023---kernel-livepatch", "", "",
                "Amazon Linux:2023", ""},
            {"Amazon Linux 2 - php8.2", "", "", "", "Amazon Linux:2", "8.2"},
            {"", "amazon-linux-2---nginx1", "", "", "Amazon Linux:2", "1"},
            {"", "amazon-linux-2---.", "", "", "Amazon Linux:2", ""},
            {"", "RL8", "", "", "Rocky Linux:8", ""},
            {"", "rocky-linux-9-x86-64-appstream-rpms", "", "", "Rocky Linux:9", ""},
            {"", "none", "0", "https://errata.almalinux.org/10/ALSA-1.html", "AlmaLinux:10", ""},
            {"", "rhel-9-for-x86_64-baseos-rpms__9", "0", "", "Red Hat:enterprise_linux:9", ""},
            {"", "ubi-8-appstream-rpms", "0", "", "Red Hat:enterprise_linux:8", ""},
            {"", "ol9_baseos_latest", "", "", "Oracle Linux:9", ""},
            {"", "", "openSUSE Tumbleweed", "", "openSUSE:Tumbleweed", ""},
            {"Bottlerocket", "bottlerocket", "", "", "Bottlerocket", ""},
            {"", "rhel-9-for-x86_64-baseos-eus-rpms", "0", "", NULL, NULL},
            {"Fedora EPEL 9", "EL-9", "Fedora EPEL 9", "", NULL, NULL},
            {"Fedora ", "", "", "", NULL, NULL},
            {"Fedora 123456", "", "", "", NULL, NULL},
            {"Rocky Linux 8x", "", "", "", NULL, NULL},
            {"Bottlerockets", "", "", "", NULL, NULL},
            {"openSUSE Leap 15", "", "", "", NULL, NULL},
            {"openSUSE Leap 15.", "", "", "", NULL, NULL},
            {"rhel-9", "", "", "", NULL, NULL},
            {"", "", "", "", NULL, NULL},
        };
        struct arena *a CLEANUP(arena_freep) = arena_new();

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                const struct updateinfo_names n = {span_of(rows[i].collection), span_of(rows[i].short_name),
                    span_of(rows[i].release), span_of(rows[i].reference)};
                struct updateinfo_system s = {0};
                bool ok = updateinfo_system_find(&n, a, &s);

                if (ok != !!rows[i].ecosystem ||
                    (ok && (!span_is(s.ecosystem, rows[i].ecosystem) || !span_is(s.line, rows[i].line))))
                        fail_msg("row %zu: \"%.*s\" \"%.*s\"", i, SPAN_FMT(s.ecosystem), SPAN_FMT(s.line));
        }
        assert_true(updateinfo_is_of_line(span_of("5.15.43"), span_of("5.15")));
        assert_false(updateinfo_is_of_line(span_of("5.150"), span_of("5.15")));
        assert_false(updateinfo_is_of_line(span_of("5.15"), span_of("5.15")));
        assert_false(updateinfo_is_of_line(span_of("1"), (struct span){0}));
}

static void dates(void **state)
{
        static const struct {
                const char *text, *want;
        } rows[] = {{"2018-01-11 21:05", "2018-01-11T21:05:00Z"}, {"2023-02-17 20:41:07", "2023-02-17T20:41:07Z"},
            {"2022-10-20", "2022-10-20T00:00:00Z"}, {"2020-05-14T20:15:38Z", "2020-05-14T20:15:38Z"},
            {"1593505741", "2020-06-30T08:29:01Z"}, {" 2023-12-18 15:00:00 UTC ", "2023-12-18T15:00:00Z"},
            {"2023-12-18 15", NULL}, {"2023-12-18 15:00:0", NULL}, {"yesterday", NULL}, {"", NULL}, {"2024", NULL},
            {"18446744073709551615", NULL}};

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                char text[CLOCK_TEXT_MAX];
                int64_t at = -1;
                bool ok = feed_date(span_of(rows[i].text), &at);

                if (ok != !!rows[i].want || (ok && strcmp(clock_format(at, text), rows[i].want) != 0))
                        fail_msg("%s: %lld", rows[i].text, (long long)at);
        }
}

static void refusals(void **state)
{
        (void)state;
        form_refused(UPDATES(UPDATE("", "security", LIST("RL8", "", ""))), "update 1", ERR_MALFORMED, "it has no id");
        form_refused(UPDATES(UPDATE("a", "security", LIST("EL-6", "", "") "<release>Fedora EPEL 6</release>")
                             UPDATE("b", "security", LIST("EL-6", "", "") "<release>Fedora EPEL 6</release>")),
            "Fedora EPEL 6", ERR_UNSUPPORTED, "2 updates are of no system that is known here");
        form_refused(UPDATES(UPDATE("a", "security", LIST("", "", PKG("x", "0", "1", "1", "x86_64")))),
            "a collection without a name", ERR_UNSUPPORTED, "1 updates");
        form_refused(UPDATES(UPDATE("a", "security", LIST("F43", "Fedora 43", PKG("x", "0", "", "1", "x86_64")))),
            "a: x", ERR_MALFORMED, "no version and release");
        form_refused(UPDATES(UPDATE("a", "security", LIST("F43", "Fedora 43", PKG("", "0", "1", "1", "x86_64")))), "a",
            ERR_MALFORMED, "a package's name");
        form_refused(
            "<updates><update type=\"security\"><id>a</id>\n</updates>", "", ERR_MALFORMED, "line 2: mismatched tag");
        form_refused("<updates x=\"&e;\"/>", "", ERR_MALFORMED, "line 1: ");
        form_refused("<?xml version=\"1.0\"?><updates><update type=\"security\"><id>a\x01</id></update></updates>", "",
            ERR_MALFORMED, "line 1: ");
}

/* What is XML and what is an updateinfo is told by its first bytes. */
static void told_by(void **state)
{
        static const char *const roots[] = {
            "<updates/>", "\xef\xbb\xbf<?xml version='1.0'?> <!-- <a> -->\n<x:updates xmlns:x='y'>", "<updates >"};
        static const char *const others[] = {"<update/>", "<updatesx>", "updates", "<?xml <updates>", "<!-- <updates>",
            "<updates", "<", "", "<!DOCTYPE updates><updates>"};

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(roots); i++)
                assert_true(feed_updateinfo.is(span_of(roots[i])));
        for (size_t i = 0; i < ARRAY_LEN(others); i++)
                assert_false(feed_updateinfo.is(span_of(others[i])));
}

int main(void)
{
        const struct CMUnitTest tests[] = {cmocka_unit_test(amazon), cmocka_unit_test(rebuilds),
            cmocka_unit_test(others), cmocka_unit_test(systems), cmocka_unit_test(dates), cmocka_unit_test(refusals),
            cmocka_unit_test(told_by)};

        return cmocka_run_group_tests_name("updateinfo.xml", tests, NULL, NULL);
}
