/*
 * CSAF documents to records, as they leave the form: the test stands where the job's feed_put would. The real documents of
 * claircore's tests are read where they are at hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>

#include "advisory/feed/csaf_priv.h"

struct feed_out {
        struct buf records; /* a line for each record and each package in it */
        struct buf refusals;
        struct buf summary; /* of the last */
        size_t n_records, n_passed_over;
        bool gone;
};

static void package_write(struct buf *to, const struct feed_affected *f)
{
        buf_printf(to, " | %.*s %.*s", SPAN_FMT(f->ecosystem), SPAN_FMT(f->package));
        if (f->module.len)
                buf_printf(to, " (%.*s)", SPAN_FMT(f->module));
        for (size_t i = 0; i < f->n_ranges; i++)
                for (size_t k = 0; k < f->ranges[i].n_events; k++) {
                        static const char *const signs[] = {[FEED_FIXED] = "<",
                            [FEED_INTRODUCED] = ">=",
                            [FEED_LAST_AFFECTED] = "<=",
                            [FEED_LIMIT] = "?"};
                        const struct feed_event *e = &f->ranges[i].events[k];

                        if (e->kind != FEED_INTRODUCED || !span_is(e->version, "0"))
                                buf_printf(to, " %s%.*s", signs[e->kind], SPAN_FMT(e->version));
                }
        buf_printf(to, " %s", advisory_status_name(f->status));
        if (f->note.len)
                buf_printf(to, " \"%.*s\"", SPAN_FMT(f->note));
        if (f->severity.worded)
                buf_printf(to, " %s", severity_name(f->severity.word));
}

bool feed_put(struct feed_out *o, const struct feed_record *r, struct span place, struct err *e)
{
        (void)place;
        if (o->gone)
                return err_set(e, ERR_UNAVAILABLE, "gone");
        o->n_records++;
        buf_printf(&o->records, "%.*s", SPAN_FMT(r->id));
        for (size_t i = 0; i < r->n_aliases; i++)
                buf_printf(&o->records, " =%.*s", SPAN_FMT(r->aliases[i]));
        if (r->withdrawn)
                buf_printf(&o->records, " withdrawn");
        buf_clear(&o->summary);
        buf_put(&o->summary, r->summary);
        for (size_t i = 0; i < r->n_affected; i++) {
                if (span_starts(r->affected[i].ecosystem, "pkg:"))
                        o->n_passed_over++;
                else
                        package_write(&o->records, &r->affected[i]);
        }
        buf_put_u8(&o->records, '\n');
        return true;
}

bool feed_refuse(struct feed_out *o, struct span place, const struct err *why, struct err *e)
{
        (void)e;
        buf_printf(&o->refusals, "%.*s: %s\n", SPAN_FMT(place), why->text);
        return true;
}

static void out_done(struct feed_out *o)
{
        buf_done(&o->records);
        buf_done(&o->refusals);
        buf_done(&o->summary);
}

static void read_into(struct feed_out *o, struct span document)
{
        struct arena *a CLEANUP(arena_freep) = arena_new();
        struct err e = {0};

        assert_true(feed_csaf.is(span_cut(document, 0, FEED_HEAD)));
        if (!feed_csaf.read(document, a, o, &e)) {
                assert_true(e.kind != ERR_NONE);
                buf_printf(&o->refusals, "%s\n", e.text);
        }
}

static void reads(const char *document, const char *records, const char *refusals)
{
        struct feed_out o CLEANUP(out_done) = {0};

        read_into(&o, span_of(document));
        buf_put_u8(&o.records, 0);
        buf_put_u8(&o.refusals, 0);
        assert_string_equal((const char *)o.records.at, records);
        assert_string_equal((const char *)o.refusals.at, refusals);
}

#define DOCUMENT(id)                                                                                                 \
        "{\"document\":{\"category\":\"csaf_vex\",\"csaf_version\":\"2.0\",\"title\":\"T\",\"publisher\":{\"name\":" \
        "\"Red Hat Product Security\"},"                                                                             \
        "\"tracking\":{\"id\":\"" id "\",\"current_release_date\":\"2024-05-06T07:08:09+00:00\"}},"
#define RPM(id, purl)                                                                                                 \
        "{\"category\":\"product_version\",\"name\":\"" id "\",\"product\":{\"name\":\"" id "\",\"product_id\":\"" id \
        "\",\"product_identification_helper\":{\"purl\":\"" purl "\"}}}"
#define BARE(id)                                                                                                      \
        "{\"category\":\"product_version\",\"name\":\"" id "\",\"product\":{\"name\":\"" id "\",\"product_id\":\"" id \
        "\"}}"
#define PLATFORM(id, name, cpe)                                                                                        \
        "{\"category\":\"product_name\",\"name\":\"" name "\",\"product\":{\"name\":\"" name "\",\"product_id\":\"" id \
        "\",\"product_identification_helper\":{\"cpe\":\"" cpe "\"}}}"
#define PART(platform, component)                                                                                 \
        "{\"category\":\"default_component_of\",\"full_product_name\":{\"name\":\"x\",\"product_id\":\"" platform \
        ":" component "\"},\"product_reference\":\"" component "\",\"relates_to_product_reference\":\"" platform "\"}"
#define TREE(branches, parts)                                                                             \
        "\"product_tree\":{\"branches\":[{\"category\":\"vendor\",\"name\":\"V\",\"branches\":[" branches \
        "]}],\"relationships\":[" parts "]},"

static void test_states(void **state)
{
        (void)state;
        reads(
            DOCUMENT("CVE-2024-1") TREE(
                PLATFORM("R9", "Red Hat Enterprise Linux 9", "cpe:/o:redhat:enterprise_linux:9") "," PLATFORM("B9",
                    "Red Hat Enterprise Linux BaseOS (v. 9)", "cpe:/o:redhat:enterprise_linux:9::baseos") "," RPM("a.x",
                    "pkg:rpm/redhat/a@2.0-1.el9?arch=x86_64&epoch=1") "," RPM("a.s",
                    "pkg:rpm/redhat/a@2.0-1.el9?arch=s390x&epoch=1") "," RPM("a-src",
                    "pkg:rpm/redhat/a@9.9-1.el9?arch=src&epoch=1") "," RPM("a-debuginfo",
                    "pkg:rpm/redhat/a-debuginfo@2.0-1.el9?arch=x86_64&epoch=1") "," RPM("b",
                    "pkg:rpm/redhat/b") "," RPM("c", "pkg:rpm/redhat/c") "," RPM("d", "pkg:rpm/redhat/d") "," RPM("e",
                    "pkg:rpm/redhat/e?arch=src") "," RPM("f", "pkg:rpm/redhat/f") "," RPM("g", "pkg:rpm/redhat/g"),
                PART("B9", "a.x") "," PART("B9", "a.s") "," PART("B9", "a-src") "," PART("B9", "a-debuginfo") "," PART(
                    "R9", "b") "," PART("R9", "c") "," PART("R9", "d") "," PART("R9", "e") "," PART("R9",
                    "f") "," PART("R9",
                    "g")) "\"vulnerabilities\":[{\"cve\":\"CVE-2024-1\",\"title\":\"t\",\"flags\":[{\"label\":"
                          "\"vulnerable_code_not_present\","
                          "\"product_ids\":[\"R9:f\"]}],\"product_status\":{\"fixed\":[\"B9:a.x\",\"B9:a.s\",\"B9:a-"
                          "src\",\"B9:a-debuginfo\"],"
                          "\"known_affected\":[\"R9:b\",\"R9:c\",\"R9:d\",\"R9:e\"],\"known_not_affected\":[\"R9:f\"],"
                          "\"under_investigation\":[\"R9:g\"]},\"remediations\":[{\"category\":\"vendor_fix\","
                          "\"details\":\"Update.\","
                          "\"product_ids\":[\"B9:a.x\"]},{\"category\":\"no_fix_planned\",\"details\":\"Will not "
                          "fix\",\"product_ids\":[\"R9:b\"]},"
                          "{\"category\":\"no_fix_planned\",\"details\":\"Out of support "
                          "scope\",\"product_ids\":[\"R9:c\"]},"
                          "{\"category\":\"none_available\",\"details\":\"Fix deferred\",\"product_ids\":[\"R9:d\"]},"
                          "{\"category\":\"none_available\",\"details\":\"Affected\",\"product_ids\":[\"R9:e\"]},"
                          "{\"category\":\"workaround\",\"details\":\"Don't.\"}],\"threats\":[{\"category\":\"impact\","
                          "\"details\":\"Low\","
                          "\"product_ids\":[\"R9:b\"]}]}]}",
            "RHEL-CVE-2024-1 =CVE-2024-1"
            " | Red Hat:enterprise_linux:9 a <1:2.0-1.el9 fixed"
            " | Red Hat:enterprise_linux:9 b will not fix \"Will not fix\" low"
            " | Red Hat:enterprise_linux:9 c end of life \"Out of support scope\""
            " | Red Hat:enterprise_linux:9 d postponed \"Fix deferred\""
            " | Red Hat:enterprise_linux:9 e fix pending \"Affected\""
            " | Red Hat:enterprise_linux:9 f not affected \"vulnerable_code_not_present\""
            " | Red Hat:enterprise_linux:9 g under investigation\n",
            "");
}

/* Streams that are paid for, and products above the system, never speak for the system. */
static void test_platforms(void **state)
{
        static const struct {
                const char *cpe, *name, *want;
        } rows[] = {
            {"cpe:/o:redhat:enterprise_linux:9::baseos", "", "Red Hat:enterprise_linux:9"},
            {"cpe:/a:redhat:enterprise_linux:8::appstream", "", "Red Hat:enterprise_linux:8"},
            {"cpe:/o:redhat:enterprise_linux:10.1", "", "Red Hat:enterprise_linux:10"},
            {"cpe:2.3:o:redhat:enterprise_linux:9:*:baseos:*:*:*:*:*", "", "Red Hat:enterprise_linux:9"},
            {"cpe:/o:redhat:enterprise_linux", "", ""},
            {"cpe:/o:redhat:rhel_eus:9.4::baseos", "", "Red Hat:rhel_eus:9.4"},
            {"cpe:/a:redhat:rhel_aus:8.4::appstream", "", "Red Hat:rhel_aus:8.4"},
            {"cpe:/o:redhat:enterprise_linux_eus:10.0", "", "Red Hat:enterprise_linux_eus:10.0"},
            {"cpe:/o:redhat:rhel_els:7", "", "Red Hat:rhel_els:7"},
            {"cpe:/a:redhat:openshift:4.16::el9", "", "Red Hat:openshift:4.16::el9"},
            {"cpe:/o:suse:sles:15:sp5", "SUSE Linux Enterprise Server 15 SP5", "SUSE:Linux Enterprise Server 15 SP5"},
            {"cpe:/o:suse:sle-module-basesystem:15:sp5", "SUSE Linux Enterprise Module for Basesystem 15 SP5",
                "SUSE:Linux Enterprise Server 15 SP5"},
            {"cpe:/o:suse:sle-module-public-cloud:12", "SUSE Linux Enterprise Module for Public Cloud 12",
                "SUSE:Linux Enterprise Module for Public Cloud 12"},
            {"cpe:/o:suse:sles-ltss:15:sp3", "SUSE Linux Enterprise Server 15 SP3-LTSS",
                "SUSE:Linux Enterprise Server 15 SP3-LTSS"},
            {"cpe:/o:opensuse:tumbleweed", "openSUSE Tumbleweed", "openSUSE:Tumbleweed"},
            {"cpe:/o:opensuse:leap:15.5", "openSUSE Leap 15.5", "openSUSE:Leap 15.5"},
            {"cpe:/o:suse:x", "Somebody's Linux", ""},
            {"cpe:/a:openEuler:openEuler:24.03-LTS-SP1", "", "openEuler:24.03-LTS-SP1"},
            {"cpe:/o:oracle:linux:9:4:baseos", "", "Oracle Linux:9"},
            {"cpe:/o:rocky:rocky:9::baseos", "", "Rocky Linux:9"},
            {"cpe:/o:almalinux:almalinux:9::baseos", "", "AlmaLinux:9"},
            {"cpe:2.3:o:amazon:amazon_linux:2023", "", "Amazon Linux:2023"},
            {"cpe:/o:cisco:ios", "", ""},
            {"cpe:/", "", ""},
            {"", "", ""},
        };
        struct arena *a CLEANUP(arena_freep) = arena_new();

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct span got = csaf_ecosystem(span_of(rows[i].cpe), span_of(rows[i].name), a);

                if (!span_is(got, rows[i].want))
                        fail_msg("%s: \"%.*s\", not \"%s\"", rows[i].cpe, SPAN_FMT(got), rows[i].want);
        }
}

/* Four builds of a module for four contexts: what stands behind the last '+' is no order. */
static void test_modules(void **state)
{
        (void)state;
        reads(
            DOCUMENT("CVE-2025-40907") TREE(
                PLATFORM("A8", "AppStream", "cpe:/a:redhat:enterprise_linux:8::appstream") "," RPM("1",
                    "pkg:rpm/redhat/"
                    "perl-FCGI@0.78-12.module%2Bel8.10.0%2B23147%2B20b7d289?arch=x86_64&epoch=1&rpmmod=perl-"
                    "FCGI:0.78:8100020250529111022:69ef70f8") "," RPM("2",
                    "pkg:rpm/redhat/"
                    "perl-FCGI@0.78-12.module%2Bel8.10.0%2B23147%2B95b68fad?arch=x86_64&epoch=1&rpmmod=perl-FCGI:0."
                    "78:8100020250529111022:491cfe3d") "," RPM("3",
                    "pkg:rpm/redhat/"
                    "nginx@1.24-1.module%2Bel8.10.0%2B1%2Bab?arch="
                    "x86_64&rpmmod=nginx:1.24:8:cd") "," RPM("4", "pkg:rpm/redhat/good@1-1?arch=x86_64") "," RPM("5",
                    "pkg:rpm/redhat/firefox-flatpak@128.0-1?arch=src&rpmmod=rhel10") "," RPM("6",
                    "pkg:rpm/redhat/go-toolset@rhel8?arch=src&rpmmod=go-toolset:rhel8") "," RPM("7",
                    "pkg:rpmmod/redhat/ruby@3.3:8100:aa") "," RPM("8",
                    "pkg:rpm/redhat/ruby-libs@3.3-1?arch=x86_64") "," RPM("9", "pkg:rpm/redhat/odd@1-1?rpmmod=a%0Ab:c"),
                PART("A8", "1") "," PART("A8", "2") "," PART("A8", "3") "," PART("A8", "4") "," PART(
                    "A8", "5") "," PART("A8", "6") "," PART("A8", "7") "," PART("A8", "9") "," PART("A8:7",
                    "8")) "\"vulnerabilities\":[{\"cve\":\"CVE-2025-40907\",\"product_status\":{\"fixed\":[\"A8:1\","
                          "\"A8:2\",\"A8:3\",\"A8:4\",\"A8:7:8\"],"
                          "\"known_affected\":[\"A8:5\",\"A8:6\",\"A8:9\"]}}]}",
            "RHEL-CVE-2025-40907 =CVE-2025-40907"
            " | Red Hat:enterprise_linux:8 go-toolset (go-toolset:rhel8) fix pending"
            " | Red Hat:enterprise_linux:8 good <1-1 fixed"
            " | Red Hat:enterprise_linux:8 nginx (nginx:1.24) <1.24-1.module+el8.10.0+1+ab fixed"
            " | Red Hat:enterprise_linux:8 perl-FCGI (perl-FCGI:0.78) <1:0.78-12.module+el8.10.0+23147 fixed"
            " | Red Hat:enterprise_linux:8 ruby-libs (ruby:3.3) <3.3-1 fixed\n",
            "A8:5: rpmmod has the form name:stream:version:context\n"
            "A8:9: the name of its module is no name of at most 256 printable bytes\n");
}

/* SUSE: no purls, platforms declared again and again, "recommended" is what mends; advisories have many CVEs. */
static void test_file_names(void **state)
{
        (void)state;
        reads(
            "{\"document\":{\"csaf_version\":\"2.0\",\"publisher\":{\"name\":\"SUSE Product Security "
            "Team\"},\"tracking\":{\"id\":"
            "\"SUSE-SU-2024:1-1\",\"current_release_date\":\"2024-05-06T07:08:09Z\"}}," TREE(
                PLATFORM("B", "SUSE Linux Enterprise Module for Basesystem 15 SP5",
                    "cpe:/o:suse:sle-module-basesystem:15:sp5") "," PLATFORM("B",
                    "SUSE Linux Enterprise Module for Basesystem 15 SP5",
                    "cpe:/o:suse:sle-module-basesystem:15:sp5") "," PLATFORM("S", "SUSE Linux Enterprise Server 15 SP5",
                    "cpe:/o:suse:sles:15:sp5") "," BARE("bind-utils-9.9.4P2-0.6.1.x86_64") "," BARE("java-1_8_0-"
                                                                                                    "openjdk") "," BARE("ctdb-pcp-pmda") "," BARE("lib-1:2.0-3.src"),
                PART("B", "bind-utils-9.9.4P2-0.6.1.x86_64") "," PART("S", "bind-utils-9.9.4P2-0.6.1.x86_64") "," PART(
                    "S", "java-1_8_0-openjdk") "," PART("S", "ctdb-pcp-pmda") "," PART("S",
                    "lib-1:2.0-3.src")) "\"vulnerabilities\":[{\"cve\":\"CVE-2024-1\",\"product_status\":{"
                                        "\"recommended\":[\"B:bind-utils-9.9.4P2-0.6.1.x86_64\","
                                        "\"S:bind-utils-9.9.4P2-0.6.1.x86_64\"],\"known_not_affected\":[\"S:ctdb-pcp-"
                                        "pmda\"]}},"
                                        "{\"cve\":\"CVE-2024-2\",\"ids\":[{\"system_name\":\"x\",\"text\":\"GHSA-"
                                        "aaaa\"}],\"product_status\":{\"known_affected\":"
                                        "[\"S:java-1_8_0-openjdk\"],\"last_affected\":[\"S:lib-1:2.0-3.src\"],"
                                        "\"recommended\":[\"B:bind-utils-9.9.4P2-0.6.1.x86_64\"]}}]}",
            "SUSE-SU-2024:1-1 =CVE-2024-1 =CVE-2024-2 =GHSA-aaaa"
            " | SUSE:Linux Enterprise Server 15 SP5 bind-utils <9.9.4P2-0.6.1 fixed"
            " | SUSE:Linux Enterprise Server 15 SP5 java-1_8_0-openjdk fix pending"
            " | SUSE:Linux Enterprise Server 15 SP5 lib <=1:2.0-3 fix pending\n",
            "");
}

/* The vulnerabilities before the tree, groups instead of products, a purl of another type, a product that nobody declared. */
static void test_order_and_groups(void **state)
{
        struct feed_out o CLEANUP(out_done) = {0};
        static const char document[] =
            "{\"vulnerabilities\":[{\"cve\":\"CVE-2024-9\",\"product_status\":{\"known_affected\":[\"R:a\",\"R:img\","
            "\"none\",\"std\"]},"
            "\"remediations\":[{\"category\":\"no_fix_planned\",\"details\":\"No.\",\"group_ids\":[\"G\"]}]}]," TREE(
                PLATFORM("R", "RHEL 9", "cpe:/o:redhat:enterprise_linux:9") "," RPM("a", "pkg:rpm/redhat/a") "," RPM(
                    "img", "pkg:oci/img@sha256:00") "," RPM("std", "pkg:golang/stdlib@1.20"),
                PART("R", "a") "," PART("R", "img") "],\"product_groups\":[{\"group_id\":\"G\",\"product_ids\":[\"R:"
                                                    "a\"]}") "\"document\":{\"csaf_version\":\"2.0\",\"publisher\":{"
                                                             "\"name\":\"Test & "
                                                             "Vendor\"},\"tracking\":{\"id\":\"CVE-2024-9\","
                                                             "\"current_release_date\":\"2024-05-06T07:08:09Z\"}}}";

        (void)state;
        read_into(&o, span_of(document));
        assert_true(span_is(buf_span(&o.refusals), ""));
        assert_true(span_is(buf_span(&o.records),
            "TEST-VENDOR-CVE-2024-9 =CVE-2024-9 | Red Hat:enterprise_linux:9 a will not fix \"No.\"\n"));
        assert_int_equal(o.n_passed_over, 2);
}

static void test_refusals(void **state)
{
        (void)state;
        reads("{\"document\":{\"tracking\":{\"id\":\"CVE-2023-1\",\"status\":\"deleted\",\"current_release_date\":"
              "\"2024-05-06T07:08:09Z\"},"
              "\"publisher\":{\"name\":\"Red Hat\"}}}",
            "RHEL-CVE-2023-1 withdrawn\n", "");
        reads("{\"document\":{\"tracking\":{\"id\":\"CVE-2023-1\",\"status\":\"deleted\"}}}", "",
            "the document is deleted and does not say when: take what it replaces out of the source\n");
        reads("{\"document\":{\"csaf_version\":\"2.0\"}}", "", "document.tracking.id is missing\n");
        reads("{\"document\":{\"tracking\":{\"id\":\"CVE-1\"}},\"product_tree\":{},\"vulnerabilities\":[{}]}", "",
            "document.tracking.current_release_date is missing\n");
        reads("{\"document\":{\"tracking\":{\"id\":\"X\",\"current_release_date\":\"soon\"}}}", "",
            "document.tracking.current_release_date: a date and time was expected (byte 63)\n");
        reads(DOCUMENT("CVE-1") "\"product_tree\":{\"branches\":[{\"product\":{\"name\":\"a\"}}]}}", "",
            "product_tree.branches[0].product: a product has no product_id (byte 245)\n");
        reads(DOCUMENT("CVE-1") "\"product_tree\":{\"relationships\":[{\"product_reference\":\"a\"}]}}", "",
            "product_tree.relationships[0]: a relationship needs a product of its own and two that it relates (byte "
            "252)\n");
        reads("{\"vulnerabilities\":[{\"product_status\":{\"fixed\":[7]}}],\"document\":{\"csaf_version\":\"2.0\","
              "\"tracking\":{\"id\":\"CVE-1\"}}}",
            "", "vulnerabilities: [0].product_status.fixed[0]: a string was expected, found a number (byte 29)\n");
        /* a relates to b relates to a */
        reads(DOCUMENT("CVE-1") "\"product_tree\":{\"relationships\":[{\"full_product_name\":{\"product_id\":\"a\"},"
                                "\"product_reference\":\"b\","
                                "\"relates_to_product_reference\":\"b\"},{\"full_product_name\":{\"product_id\":\"b\"},"
                                "\"product_reference\":\"a\","
                                "\"relates_to_product_reference\":\"a\"}]},\"vulnerabilities\":[{\"cve\":\"CVE-1\","
                                "\"product_status\":{\"known_affected\":[\"a\"]}}]}",
            "RHEL-CVE-1 =CVE-1\n", "");
}

static void summarises(const char *vulnerability, const char *want)
{
        struct feed_out o CLEANUP(out_done) = {0};
        struct buf document CLEANUP(buf_done) = {0};

        buf_printf(&document, DOCUMENT("CVE-1") "\"product_tree\":{},\"vulnerabilities\":[{\"cve\":\"CVE-1\"%s}]}",
            vulnerability);
        read_into(&o, buf_span(&document));
        assert_int_equal(o.n_records, 1);
        if (!span_is(buf_span(&o.summary), want))
                fail_msg("\"%.*s\", not \"%s\"", SPAN_FMT(buf_span(&o.summary)), want);
}

static void test_summaries(void **state)
{
        (void)state;
        summarises(",\"title\":\"curl: overflow\",\"notes\":[{\"category\":\"description\",\"text\":\"long\"}]",
            "curl: overflow");
        summarises(",\"title\":\"CVE-1\",\"notes\":[{\"category\":\"general\",\"text\":\"An overflow.\\nMore.\"}]",
            "An overflow.");
        summarises(
            ",\"notes\":[{\"category\":\"general\",\"text\":\"a\"},{\"category\":\"description\",\"text\":\"b\"}]",
            "b");
        summarises("", "T");
}

/* What lies beside the documents is no document, and no error. */
static void test_lists(void **state)
{
        (void)state;
        reads("\"2023/cve-2023-0030.json\",\"2023-12-10T00:00:00+00:00\"\n\"2023/"
              "cve-2023-0044.json\",\"2023-12-12T00:00:00+00:00\"\n",
            "", "");
        assert_false(feed_csaf.is(span_of("\"a.json\",\"now\"\n")));
        assert_false(feed_csaf.is(span_of("cve,epss,percentile\nCVE-1,0.1,0.2\n")));
        assert_false(feed_csaf.is(span_of("")));
}

static void test_gone(void **state)
{
        struct arena *a CLEANUP(arena_freep) = arena_new();
        struct feed_out o CLEANUP(out_done) = {.gone = true};
        struct err e = {0};

        (void)state;
        assert_false(feed_csaf.read(
            span_of(DOCUMENT("CVE-1") "\"product_tree\":{},\"vulnerabilities\":[{\"cve\":\"CVE-1\"}]}"), a, &o, &e));
        assert_int_equal(e.kind, ERR_UNAVAILABLE);
        assert_false(feed_csaf.is(span_of("{\"id\":\"X\",\"modified\":\"2024-01-01T00:00:00Z\"}")));
}

/* ---- documents of claircore's tests ---- */

#define VEX COFFER_SHARED "/data/vectors/vex-csaf/"

static bool real_file(const char *path, struct buf *to)
{
        char full[4096];

        snprintf(full, sizeof(full), VEX "%s", path);
        return file_read(AT_FDCWD, full, 64u << 20, to, NULL);
}

/* How many packages and states a real document has, and a few of them. */
static void real(
    const char *path, size_t passed_over, size_t packages, const char *const *has, const char *const *has_not)
{
        struct feed_out o CLEANUP(out_done) = {0};
        struct buf text CLEANUP(buf_done) = {0};
        size_t n = 0;

        if (!real_file(path, &text))
                fail_msg("%s can't be read", path);
        read_into(&o, buf_span(&text));
        buf_put_u8(&o.records, 0);
        for (size_t i = 0; i < o.records.len; i++)
                n += o.records.at[i] == '|';
        for (size_t i = 0; has && has[i]; i++)
                if (!strstr((const char *)o.records.at, has[i]))
                        fail_msg("%s has no \"%s\"", path, has[i]);
        for (size_t i = 0; has_not && has_not[i]; i++)
                if (strstr((const char *)o.records.at, has_not[i]))
                        fail_msg("%s has \"%s\"", path, has_not[i]);
        if (n != packages || o.n_passed_over != passed_over)
                fail_msg("%s: %zu packages, %zu passed over: %s", path, n, o.n_passed_over, (const char *)o.records.at);
}

static bool shared_absent(void)
{
        struct buf text CLEANUP(buf_done) = {0};

        return !real_file("claircore-rhel-vex/cve-2024-24786-simple.json", &text);
}

static void test_real_vex(void **state)
{
        static const char *const openssl[] = {"RHEL-CVE-2024-0727 =CVE-2024-0727",
            "| Red Hat:enterprise_linux:9 openssl-libs <1:3.0.7-27.el9 fixed",
            "| Red Hat:enterprise_linux:9 edk2-ovmf <20240524-6.el9_5 fixed",
            "| Red Hat:enterprise_linux:7 openssl-libs end of life \"Out of support scope\"",
            "| Red Hat:enterprise_linux:8 openssl-libs postponed \"Fix deferred\"",
            "| Red Hat:enterprise_linux:9 shim-x64 not affected \"vulnerable_code_not_present\"",
            "| Red Hat:enterprise_linux:9 openssl-fips-provider not affected \"vulnerable_code_not_present\"", NULL};
        static const char *const bad_module[] = {"| Red Hat:enterprise_linux:10 good-pkg fix pending",
            "| Red Hat:enterprise_linux:10 cri-tools <1.29.0-3.1.el9 fixed", NULL};
        static const char *const no_flatpak[] = {"flatpak", NULL};
        static const char *const go_toolset[] = {
            "| Red Hat:enterprise_linux:8 go-toolset (go-toolset:rhel8) fix pending", NULL};
        static const char *const cri[] = {"| Red Hat:openshift:4.16::el9 cri-tools <1.29.0-3.1.el9 fixed", NULL};
        static const char *const curl[] = {
            "| Red Hat:enterprise_linux:9 curl <7.76.1-23.el9_2.4 >=7.76.1-23.el9_3 <7.76.1-26.el9_3.2 fixed",
            "| Red Hat:rhel_eus:9.0 curl <7.76.1-14.el9_0.9 fixed", "| Red Hat:enterprise_linux:8 curl not affected",
            NULL};
        static const char *const brotli[] = {"| Red Hat:enterprise_linux:8 brotli <1.0.6-4.el8_10 fixed",
            "| Red Hat:rhel_eus:9.4 libbrotli <1.0.9-6.el9_4.1 fixed", NULL};

        (void)state;
        if (shared_absent()) {
                print_message("skipped: no real CSAF documents under " VEX "\n");
                skip();
        }
        real("claircore-acceptance/cve-2024-0727-openssl.json", 0, 36, openssl, NULL);
        real("claircore-acceptance/cve-2025-40907-perl.json", 0, 14, NULL, NULL);
        real("claircore-acceptance/cve-2025-6176.json", 142, 61, brotli, NULL);
        real("claircore-rhel-vex/cve-2024-24786-simple.json", 0, 1, cri, NULL);
        real("claircore-rhel-vex/cve-2024-24786-bad-rpmmod.json", 0, 2, bad_module, no_flatpak);
        real("claircore-rhel-vex/cve-2024-24786-illegal-module.json", 0, 1, go_toolset, NULL);
        real("claircore-rhel-vex/cve-2023-38545.json", 1, 175, curl, NULL);
        real("claircore-rhel-vex/cve-2022-38752.json", 47, 1532, NULL, NULL);
        real("claircore-rhel-vex/cve-2023-4154.json", 0, 159, NULL, NULL);
        real("claircore-rhel-vex/cve-2023-42670.json", 0, 159, NULL, NULL);
        real("claircore-acceptance/cve-2026-0968.json", 1, 15, NULL, NULL);
        real("claircore-acceptance/cve-2026-2297.json", 4, 174, NULL, NULL);
        real("claircore-acceptance/cve-2026-2673.json", 0, 38, NULL, NULL);
        real("claircore-acceptance/cve-2026-27142.json", 4, 28, NULL, NULL);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_states),
            cmocka_unit_test(test_platforms),
            cmocka_unit_test(test_modules),
            cmocka_unit_test(test_file_names),
            cmocka_unit_test(test_order_and_groups),
            cmocka_unit_test(test_refusals),
            cmocka_unit_test(test_lists),
            cmocka_unit_test(test_summaries),
            cmocka_unit_test(test_gone),
            cmocka_unit_test(test_real_vex),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
