/* Publishers' own forms: what their documents say, told by the database that is made of them; and what is refused. */
#include "advisory/feed/feed_testing_priv.h"

#define DEBIAN(inner) "{\"openssl\":{\"CVE-2023-1\":{\"description\":\"a flaw\\nin two lines\",\"releases\":{" inner "}}}}"
#define RELEASE(name, inner) "\"" name "\":{\"repositories\":{\"" name "\":\"3.0\"}," inner "}"

static void debians_tracker(void **state)
{
        struct testing_db t CLEANUP(testing_db_done);

        (void)state;
        make(&t, "{\"openssl\":{\"CVE-2023-1\":{\"description\":\"a flaw\",\"releases\":{"
                 RELEASE("bookworm", "\"status\":\"resolved\",\"fixed_version\":\"3.0.11-1\",\"urgency\":\"high**\"") ","
                 RELEASE("bullseye", "\"status\":\"resolved\",\"fixed_version\":\"0\",\"urgency\":\"high**\"") ","
                 RELEASE("trixie", "\"status\":\"open\",\"urgency\":\"not yet assigned\",\"nodsa\":\"Minor issue\",\"nodsa_reason\":\"postponed\"") ","
                 RELEASE("buster", "\"status\":\"open\",\"urgency\":\"end-of-life\"") ","
                 RELEASE("sid", "\"status\":\"open\",\"urgency\":\"low\"") "}},"
                 "\"CVE-2023-2\":{\"releases\":{"
                 RELEASE("bookworm", "\"status\":\"open\",\"urgency\":\"unimportant\"") ","
                 RELEASE("bullseye", "\"status\":\"undetermined\",\"urgency\":\"not yet assigned\"") "}}},"
                 "\"zlib\":{\"CVE-2023-1\":{\"releases\":{"
                 RELEASE("bookworm", "\"status\":\"open\",\"urgency\":\"low\",\"nodsa\":\"Never used\",\"nodsa_reason\":\"ignored\"") "}},"
                 "\"TEMP-0000000-1\":{\"releases\":{" RELEASE("bookworm", "\"status\":\"open\",\"urgency\":\"low\"") "}}}}");
        asked(&t, "Debian:12", "openssl", "3.0.9-1", "DEBIAN-TRACKER-CVE-2023-1 affected < 3.0.11-1, fixed [high]|"
                                                     "DEBIAN-TRACKER-CVE-2023-2 affected, will not fix (unimportant: without effect in "
                                                     "Debian's build or use) [low]|");
        asked(&t, "Debian:12", "openssl", "3.0.11-1", "DEBIAN-TRACKER-CVE-2023-1 not affected, fixed [high]|"
                                                      "DEBIAN-TRACKER-CVE-2023-2 affected, will not fix (unimportant: without effect in "
                                                      "Debian's build or use) [low]|");
        asked(&t, "Debian:11", "openssl", "1", "DEBIAN-TRACKER-CVE-2023-1 not affected, not affected [high]|"
                                               "DEBIAN-TRACKER-CVE-2023-2 can't tell, under investigation|");
        asked(&t, "Debian:13", "openssl", "1", "DEBIAN-TRACKER-CVE-2023-1 affected, postponed (Minor issue)|");
        asked(&t, "Debian:10", "openssl", "1", "DEBIAN-TRACKER-CVE-2023-1 affected, end of life|");
        asked(&t, "Debian:12", "zlib", "1", "DEBIAN-TRACKER-CVE-2023-1 affected, will not fix (Never used) [low]|"
                                            "DEBIAN-TRACKER-TEMP-0000000-1 affected [low]|");
        assert_int_equal(t.stats.records, 3); /* the two packages of one CVE are one record */
        refused(DEBIAN(RELEASE("bookworm", "\"status\":\"solved\"")), ERR_MALFORMED, "a status is resolved, open or undetermined");
        refused(DEBIAN(RELEASE("bookworm", "\"status\":7")), ERR_MALFORMED, "openssl.CVE-2023-1.releases.bookworm.status");
}

#define SECDB(head, packages) "{\"apkurl\":\"{{urlprefix}}/x\",\"archs\":[\"x86_64\"]," head ",\"packages\":[" packages "]}"
#define PKG(name, fixes) "{\"pkg\":{\"name\":\"" name "\",\"secfixes\":{" fixes "}}}"

static void secdb(void **state)
{
        struct testing_db t CLEANUP(testing_db_done), wolfi CLEANUP(testing_db_done);

        (void)state;
        make(&t, SECDB("\"urlprefix\":\"https://dl-cdn.alpinelinux.org/alpine\",\"reponame\":\"main\"",
                     PKG("busybox", "\"1.27.2-r4\":[\"CVE-2017-1 XSA-2 (+ fix)\"],\"1.28.3-r2\":[\"CVE-2017-1\"],\"0\":[\"CVE-2020-9\"]") ","
                     PKG("xen", "\"4.1-r0\":[\"CVE-2017-1\"],\"4.2-r0\":null") ) );
        assert_int_equal(t.stats.refused, 1); /* no release, and nobody's packages */
        testing_db_done(&t);
        make(&t, SECDB("\"urlprefix\":\"https://dl-cdn.alpinelinux.org/alpine\",\"reponame\":\"main\"",
                     PKG("busybox", "\"1.27.2-r4\":[\"CVE-2017-1 XSA-2 (+ fix)\"],\"1.28.3-r2\":[\"CVE-2017-1\"],\"0\":[\"CVE-2020-9\"]") ","
                     PKG("xen", "\"4.1-r0\":[\"CVE-2017-1\"],\"4.2-r0\":null") "],\"distroversion\":\"v3.20\",\"x\":[") );
        asked(&t, "Alpine:v3.20", "busybox", "1.28.0-r0", "ALPINE-SECDB-CVE-2017-1 affected < 1.28.3-r2, fixed|"
                                                          "ALPINE-SECDB-CVE-2020-9 not affected, not affected|"
                                                          "ALPINE-SECDB-XSA-2 not affected, fixed|");
        asked(&t, "Alpine:v3.20", "xen", "4.0-r9", "ALPINE-SECDB-CVE-2017-1 affected < 4.1-r0, fixed|");
        make(&wolfi, SECDB("\"urlprefix\":\"https://packages.wolfi.dev\",\"reponame\":\"os\"", PKG("go", "\"1.21-r1\":[\"CVE-2023-1\",\"GHSA-x-y\"]")));
        asked(&wolfi, "Wolfi", "go", "1.20-r0", "WOLFI-SECDB-CVE-2023-1 affected < 1.21-r1, fixed|WOLFI-SECDB-GHSA-x-y affected < 1.21-r1, fixed|");
        refused(SECDB("\"urlprefix\":\"https://packages.wolfi.dev\",\"reponame\":\"os\"", "{\"pkg\":{\"secfixes\":{}}}"), ERR_MALFORMED, "no name");
}

static void kev(void **state)
{
        struct testing_db t CLEANUP(testing_db_done);

        (void)state;
        make(&t, "{\"title\":\"KEV\",\"catalogVersion\":\"2025.08.25\",\"count\":2,\"vulnerabilities\":["
                 "{\"cveID\":\"CVE-2021-44228\",\"dateAdded\":\"2021-12-10\",\"dueDate\":\"2021-12-24\",\"knownRansomwareCampaignUse\":\"Known\",\"cwes\":[]},"
                 "{\"cveID\":\"CVE-2025-1\",\"dateAdded\":\"2025-08-25\",\"dueDate\":\"\",\"knownRansomwareCampaignUse\":\"Unknown\"}]}");
        struct advisory_fact f = fact(&t, "CVE-2021-44228");
        assert_true(f.kev_added_s == 1639094400 && f.kev_due_s == 1640304000 && f.ransomware);
        f = fact(&t, "CVE-2025-1");
        assert_true(f.kev_added_s == 1756080000 && f.kev_due_s == 0 && !f.ransomware);
        refused("{\"catalogVersion\":\"1\",\"vulnerabilities\":[{\"cveID\":\"CVE-1\",\"dateAdded\":\"soon\"}]}", ERR_MALFORMED, "a date");
        refused("{\"catalogVersion\":\"1\",\"vulnerabilities\":[{\"cveID\":\"CVE-1\"}]}", ERR_MALFORMED, "\"dateAdded\" is missing");
        refused("{\"catalogVersion\":\"1\",\"vulnerabilities\":[{\"dateAdded\":\"2025-01-01\"}]}", ERR_MALFORMED, "an id");
}

static void epss(void **state)
{
        struct testing_db t CLEANUP(testing_db_done);
        struct advisory_fact f;

        (void)state;
        make(&t, "#model_version:v2025,score_date:2025-01-01T00:00:00+0000\r\ncve,epss,percentile\r\nCVE-1999-0001,0.97456,0.99999\r\n"
                 "CVE-1999-0002,1,0.5\nCVE-1999-0003,0.000431234,0");
        f = fact(&t, "CVE-1999-0001");
        assert_true(f.epss == 974560 && f.epss_percentile == 999990);
        f = fact(&t, "CVE-1999-0002");
        assert_true(f.epss == 1000000 && f.epss_percentile == 500000);
        f = fact(&t, "CVE-1999-0003");
        assert_true(f.epss == 431 && f.epss_percentile == 0);
        refused("cve,epss,percentile\nCVE-1,1.5,0\n", ERR_MALFORMED, "numbers from 0 to 1");
        refused("cve,epss,percentile\nCVE-1,0.5\n", ERR_MALFORMED, "numbers from 0 to 1");
        refused("cve,epss,percentile\nCVE-1,0.5,-1\n", ERR_MALFORMED, "numbers from 0 to 1");
        refused("#model_version:v1\nCVE-1,0.5,1\n", ERR_MALFORMED, "line 2: \"cve,epss,percentile\"");
        refused("#model_version:v1\n", ERR_MALFORMED, "ends before");
}

#define CVSS "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
#define CVSS_4 "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:L/VI:N/VA:N/SC:N/SI:N/SA:N"
#define CVSS_LOW "CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N"

static void cve_records(void **state)
{
        struct testing_db t CLEANUP(testing_db_done), slim CLEANUP(testing_db_done);
        struct advisory_fact f;

        (void)state;
        make(&t, "{\"dataType\":\"CVE_RECORD\",\"dataVersion\":\"5.1\",\"cveMetadata\":{\"cveId\":\"CVE-2024-1\",\"state\":\"PUBLISHED\"},\"containers\":{"
                 "\"cna\":{\"metrics\":[{\"cvssV3_1\":{\"vectorString\":\"" CVSS_LOW "\"}}]},"
                 "\"adp\":[{\"title\":\"CISA ADP Vulnrichment\",\"metrics\":[{\"cvssV3_1\":{\"vectorString\":\"" CVSS "\"}},"
                 "{\"other\":{\"type\":\"ssvc\",\"content\":{\"options\":[{\"Exploitation\":\"active\"},{\"Automatable\":\"yes\"},{\"Technical Impact\":\"total\"}]}}},"
                 "{\"other\":{\"type\":\"kev\",\"content\":{\"dateAdded\":\"2024-01-02\"}}}]}]}}");
        f = fact(&t, "CVE-2024-1");
        assert_int_equal(f.exploitation, ADVISORY_EXPLOITATION_ACTIVE);
        assert_true(f.automatable && f.total_impact && f.score_tenths == 98 && span_is(f.vector, CVSS) && f.kev_added_s == 1704153600);
        testing_db_done(&t);
        make(&t, "{\"dataType\":\"CVE_RECORD\",\"cveMetadata\":{\"cveId\":\"CVE-2024-1\"},\"containers\":{"
                 "\"cna\":{\"metrics\":[{\"cvssV4_0\":{\"vectorString\":\"" CVSS_4
                 "\"}},{\"cvssV2_0\":{\"vectorString\":\"AV:N/AC:L/Au:N/C:C/I:C/A:C\"}}]},"
                 "\"adp\":[{\"metrics\":[{\"cvssV3_1\":{\"vectorString\":\"" CVSS "\"}}]}]}}");
        assert_true(span_is(fact(&t, "CVE-2024-1").vector, CVSS_4));
        make(&slim, "{\"id\":\"CVE-2024-2\",\"state\":\"PUBLISHED\",\"cna_cvss\":\"" CVSS_LOW "\",\"ssvc\":{\"Exploitation\":\"poc\",\"Automatable\":\"no\","
                    "\"Technical Impact\":\"partial\"},\"cwe\":[]}\n{\"id\":\"CVE-2024-3\",\"state\":\"REJECTED\",\"ssvc\":{}}\n");
        f = fact(&slim, "CVE-2024-2");
        assert_true(f.exploitation == ADVISORY_EXPLOITATION_POC && !f.automatable && span_is(f.vector, CVSS_LOW));
        assert_int_equal(slim.stats.facts, 1);
        refused("{\"cveMetadata\":{},\"containers\":{\"adp\":{}}}", ERR_MALFORMED, "containers.adp");
        refused("{\"cveMetadata\":{\"state\":\"PUBLISHED\"}}", ERR_MALFORMED, "an id");
}

static void what_is_none(void **state)
{
        struct feed_sink sink = {.frame = testing_frame};
        struct err e = {0};

        (void)state;
        int fd CLEANUP(fd_close) = testing_file(span_of("<xml/>"));
        assert_false(feed_read_source(fd, &(struct feed_request){FEED_SOURCE_FILE, {0, 1}}, &sink, &e));
        assert_int_equal(e.kind, ERR_UNSUPPORTED);
        assert_non_null(strstr(e.text, "debian-tracker"));
        refused("{\"@context\":\"https://openvex.dev/ns/v0.2.0\",\"@id\":\"x\",\"statements\":[]}", ERR_UNSUPPORTED,
            "--vex");
        refused("{\"ID\":\"pkg:golang/x\",\"Sources\":[]}", ERR_UNSUPPORTED, "no form that is known here");
        refused("{\"id\":\"A\"}", ERR_MALFORMED, "\"modified\" is missing");
}

static void keys_at_the_top(void **state)
{
        static const struct {
                const char *head;
                bool has;
        } cases[] = {{"{\"key\":1}", true}, {" {\"a\":\"key\",\"key\":", true}, {"{\"a\":{\"key\":1}}", false}, {"{\"a\":\"\\\"key\"", false},
            {"[{\"key\":1}]", false}, {"{\"a\":[\"key\"],\"b\":1}", false}, {"{\"a\":[{}],\"key\"", true}, {"{\"a\":\"key\"}", false}, {"", false},
            {"{\"a\":1}{\"key\":1}", false}, {"{\"key", false}};

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(cases); i++)
                if (feed_json_has_key(span_of(cases[i].head), "key") != cases[i].has)
                        fail_msg("%s", cases[i].head);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(debians_tracker),
            cmocka_unit_test(secdb),
            cmocka_unit_test(kev),
            cmocka_unit_test(epss),
            cmocka_unit_test(cve_records),
            cmocka_unit_test(what_is_none),
            cmocka_unit_test(keys_at_the_top),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
