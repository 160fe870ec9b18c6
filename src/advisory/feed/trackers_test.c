/* Trackers in forms of their own: Debian's lists, Arch, Photon OS, NVD, GitLab. */
#include "advisory/feed/feed_testing_priv.h"

static void debians_lists(void **state)
{
        struct testing_db t CLEANUP(testing_db_done);
        struct advisory_hit hit;

        (void)state;
        make(&t, "[29 Mar 2023] DSA-5380-1 xorg-server - security update\n"
                 "\t{CVE-2023-1393 CVE-2023-1394 }\n"
                 "\t[bullseye] - xorg-server 2:1.20.11-1+deb11u6\n"
                 "        [buster] - xorg-server <not-affected> (Vulnerable code not present)\n"
                 "\tNOTE: read by people\n"
                 "\n"
                 "[18 Apr 2018] DSA-4205-1 jessie end-of-life\n"
                 "        NOTE: end of security support for jessie\r\n"
                 "[17 Mar 2023] DLA-5356-2 sox - regression update\n"
                 " \t[buster] - sox  14.4.2-2 (medium)\n"
                 "\t[buster] - libsox <end-of-life>\n"
                 "\t- sox 14.4.2-3\n"
                 "[August 26th, 2005] DTSA-1-1 kismet - various\n"
                 "\t[etch] - kismet 2005.08.R1-0.1etch1\n"
                 "\t[etch] - ekg <unfixed>\n"
                 "\t[sarge] - ekg <undetermined>\n"
                 "\t[sarge] - kismet <removed>");
        assert_int_equal(t.stats.records, 3);
        assert_int_equal(t.stats.affected, 7);
        asked(&t, "Debian:11", "xorg-server", "2:1.20.11-1", "DSA-5380-1 affected < 2:1.20.11-1+deb11u6, fixed|");
        asked(&t, "Debian:11", "xorg-server", "2:1.20.11-1+deb11u6", "DSA-5380-1 not affected, fixed|");
        asked(&t, "Debian:10", "xorg-server", "1",
            "DSA-5380-1 not affected, not affected (Vulnerable code not present)|");
        asked(&t, "Debian:10", "sox", "14.4.2-1", "DLA-5356-2 affected < 14.4.2-2, fixed|");
        asked(&t, "Debian:10", "libsox", "1", "DLA-5356-2 affected, end of life|");
        asked(&t, "Debian:4", "ekg", "1", "DTSA-1-1 affected|");
        asked(&t, "Debian:3.1", "ekg", "1", "DTSA-1-1 can't tell, under investigation|");
        asked(&t, "Debian:3.1", "kismet", "1", "");
        assert_true(
            advisory_db_lookup(t.db, span_of("Debian:11"), span_of("xorg-server"), span_of("1"), take_hit, &hit, NULL));
        assert_true(hit.modified_s == 1680048000 && hit.n_aliases == 2 &&
                    span_is(hit.summary, "xorg-server - security update"));
        assert_true(span_is(hit.reference, "https://security-tracker.debian.org/tracker/DSA-5380-1"));
}

#define DSA "[29 Mar 2023] DSA-1-1 a - b\n"

static void debians_lists_refused(void **state)
{
        static const struct {
                const char *list, *place, *text;
                enum err_kind kind;
        } cases[] = {
            {DSA "\t[bullseye] - a 1\n\t[bullseye] - b\n", "line 3", "\"[release] - package version\"", ERR_MALFORMED},
            {DSA "\t[bullseye] a 1\n", "line 2", "\"[release] - package version\"", ERR_MALFORMED},
            {DSA "\t[bullseye - a 1\n", "line 2", "\"[release] - package version\"", ERR_MALFORMED},
            {DSA "\t[nowhere] - a 1\n", "line 2", "no release of Debian", ERR_UNSUPPORTED},
            {DSA "\t[bullseye] - a <perhaps>\n", "line 2", "a state", ERR_UNSUPPORTED},
            {DSA "\t{CVE-2023-1\n", "line 2", "has no end", ERR_MALFORMED},
            {DSA "\t{CVE-\001}\n", "line 2", "an id of at most", ERR_LIMIT},
            {DSA "\tsomething\n", "line 2", "ids in braces", ERR_MALFORMED},
            {DSA "[29 Mar 2023] RHSA-1 a\n", "line 2", "DSA-... title", ERR_MALFORMED},
            {DSA "RHSA-1 a\n\t[bullseye] - a 1\n", "line 3", "belongs to no advisory", ERR_MALFORMED},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
                struct testing_db t CLEANUP(testing_db_done);

                make(&t, cases[i].list);
                if (t.stats.refused == 0 || t.refused.kind != cases[i].kind || !strstr(t.refused.text, cases[i].text) ||
                    strcmp(t.refused_place, cases[i].place) != 0)
                        fail_msg("case %zu: %u refused, %s: %s", i, (unsigned)t.stats.refused, t.refused_place,
                            t.refused.text);
        }
}

#define GROUP(name, packages, status, versions)                                                               \
        "{\"name\":\"" name "\",\"packages\":[" packages "],\"status\":\"" status                             \
        "\",\"severity\":\"Critical\",\"type\":\"arbitrary code execution\",\"affected\":\"1.0-1\"," versions \
        ",\"ticket\":null,\"issues\":[\"CVE-2016-1\",\"CVE-2016-2\"],\"advisories\":[\"ASA-201611-12\"]}"

static void archs_groups(void **state)
{
        struct testing_db t CLEANUP(testing_db_done);
        struct advisory_hit hit;

        (void)state;
        make(&t,
            "[\n" GROUP("AVG-1", "\"a\",\"lib32-a\"", "Fixed", "\"fixed\":\"1.0+2+g1-1\"") "," GROUP(
                "AVG-2", "\"b\"", "Vulnerable", "\"fixed\":null") "," GROUP("AVG-3", "\"c\"", "Vulnerable",
                "\"fixed\":\"1:1.0-2\"") "," GROUP("AVG-4", "\"d\"", "Testing",
                "\"fixed\":\"2.0-1\"") "," GROUP("AVG-5", "\"e\"", "Not affected", "\"fixed\":null") "," GROUP("AVG-6",
                "\"f\"", "Unknown", "\"fixed\":null") "," GROUP("AVG-7", "\"g\"", "Fixed", "\"fixed\":null") "]");
        asked(&t, "Arch Linux", "a", "1.0-3", "AVG-1 affected < 1.0+2+g1-1, fixed [critical]|");
        asked(&t, "Arch Linux", "lib32-a", "1.0+2+g1-1", "AVG-1 not affected, fixed [critical]|");
        asked(&t, "Arch Linux", "b", "9-1", "AVG-2 affected [critical]|");
        asked(&t, "Arch Linux", "c", "3.0-1", "AVG-3 affected < 1:1.0-2, fix pending [critical]|");
        asked(&t, "Arch Linux", "d", "2.0-1", "AVG-4 not affected, fix pending [critical]|");
        asked(&t, "Arch Linux", "e", "1.0-1", "AVG-5 not affected, not affected [critical]|");
        asked(&t, "Arch Linux", "f", "1.0-1", "AVG-6 can't tell, under investigation [critical]|");
        asked(&t, "Arch Linux", "g", "1.0-1", "AVG-7 can't tell, fixed [critical]|");
        assert_true(
            advisory_db_lookup(t.db, span_of("Arch Linux"), span_of("a"), span_of("1-1"), take_hit, &hit, NULL));
        assert_true(hit.n_aliases == 2 && span_is(hit.summary, "arbitrary code execution"));
        assert_true(span_is(hit.reference, "https://security.archlinux.org/AVG-1"));
        refused("[" GROUP("AVG-1", "\"a\"", "Solved", "\"fixed\":null") "]", ERR_MALFORMED, "a status is Vulnerable");
        refused("[" GROUP("", "\"a\"", "Fixed", "\"fixed\":null") "]", ERR_MALFORMED, "\"name\" of at most");
        refused(
            "[" GROUP("AVG-1", "\"\"", "Fixed", "\"fixed\":null") "]", ERR_LIMIT, "[0].packages[0]: a name of at most");
        refused("[" GROUP("AVG-1", "\"a\"", "Fixed", "\"fixed\":7") "]", ERR_MALFORMED, "[0].fixed: ");
}

#define ROW(cve, package, fixed, status)                                                                               \
        "{\"cve_id\": \"" cve "\", \"pkg\": \"" package                                                                \
        "\", \"cve_score\": 7.5, \"aff_ver\": \"all versions before " fixed " are vulnerable\", \"res_ver\": \"" fixed \
        "\", \"status\": \"" status "\"}"

static void photons_lists(void **state)
{
        struct testing_db t CLEANUP(testing_db_done);
        struct advisory_hit hit;

        (void)state;
        make(&t, "[" ROW("CVE-2025-1", "curl-libs", "8.16.0-1.ph4", "Fixed") "," ROW(
                     "CVE-2025-1", "curl", "8.9-1.ph4", "Fixed") "," ROW("CVE-2025-1", "curl", "8.16.0-1.ph4",
                     "Fixed") "," ROW("CVE-2025-2", "curl", "NA", "Not Affected") "," ROW("CVE-2025-2", "wget", "NA",
                     "Open") "," ROW("UNK-1", "curl", "NA", "Not Affected") "," ROW("BDSA-2025-3", "consul",
                     "1.0-1.ph3", "Fixed") ",{\"cve_id\":\"CVE-2025-4\",\"pkg\":\"jq\",\"cve_score\":null,"
                                           "\"aff_ver\":\"x\",\"res_ver\":\"1.5-1.ph4\"}]");
        asked(&t, "Photon OS:4.0", "curl", "8.10-1.ph4",
            "PHOTON-CVE-2025-1 affected < 8.16.0-1.ph4, fixed [high]|PHOTON-CVE-2025-2 not affected, not affected|");
        asked(&t, "Photon OS:4.0", "curl-libs", "8.16.0-1.ph4", "PHOTON-CVE-2025-1 not affected, fixed [high]|");
        asked(&t, "Photon OS:4.0", "wget", "9", "PHOTON-CVE-2025-2 affected (Open) [high]|");
        asked(&t, "Photon OS:4.0", "consul", "0.9-1.ph4", "PHOTON-BDSA-2025-3 affected < 1.0-1.ph3, fixed [high]|");
        asked(&t, "Photon OS:4.0", "jq", "1.5-0.ph4", "PHOTON-CVE-2025-4 affected < 1.5-1.ph4, fixed|");
        asked(&t, "Photon OS:3.0", "consul", "0.9-1.ph4", "");
        assert_true(
            advisory_db_lookup(t.db, span_of("Photon OS:4.0"), span_of("jq"), span_of("1"), take_hit, &hit, NULL));
        assert_int_equal(hit.n_aliases, 1);
        refused("[" ROW("Re", "linux", "1-1.ph5", "Fixed") "]", ERR_MALFORMED, "no id of a vulnerability");
        refused("[" ROW("CVE-1", "", "1-1.ph5", "Fixed") "]", ERR_MALFORMED, "\"pkg\" of at most");
        refused("[" ROW("CVE-1", "linux", "1-1.el8", "Fixed") "]", ERR_MALFORMED, "names a release");
        refused("[" ROW("CVE-1", "linux", "1-1.ph5", "Fixed") ",{\"cve_id\":7}]", ERR_MALFORMED, "[1].cve_id: ");
}

#define V31 "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
#define V31_LOW "CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N"
#define V40 "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:L/VI:N/VA:N/SC:N/SI:N/SA:N"
#define V2 "AV:N/AC:M/Au:N/C:C/I:C/A:C"
#define METRIC(source, type, vector)                                                                                  \
        "{\"source\":\"" source "\",\"type\":\"" type "\",\"cvssData\":{\"version\":\"x\",\"vectorString\":\"" vector \
        "\"}}"
#define PAGE(cves)                                                                                              \
        "{\"resultsPerPage\":1,\"startIndex\":0,\"totalResults\":1,\"format\":\"NVD_CVE\",\"version\":\"2.0\"," \
        "\"vulnerabilities\":[" cves "]}"
#define CVE(id, inner) \
        "{\"cve\":{\"id\":\"" id "\",\"sourceIdentifier\":\"a@b\",\"vulnStatus\":\"Analyzed\"," inner "}}"

static void nvds_pages(void **state)
{
        struct testing_db t CLEANUP(testing_db_done), one CLEANUP(testing_db_done);
        struct advisory_fact f;

        (void)state;
        make(&t,
            PAGE(CVE("CVE-1",
                "\"metrics\":{\"cvssMetricV2\":[" METRIC("nvd@nist.gov", "Primary", V2) "],\"cvssMetricV31\":[" METRIC(
                    "a", "Secondary", V31_LOW) "," METRIC("nvd@nist.gov", "Primary", V31) "," METRIC("b", "Primary",
                    V31_LOW) "],\"ssvcV203\":[{\"source\":\"c\",\"ssvcData\":{\"options\":[{\"exploitation\":"
                             "\"active\"},{\"automatable\":\"yes\"},"
                             "{\"technicalImpact\":\"total\"}],\"role\":\"x\"}}]},\"cisaExploitAdd\":\"2021-12-10\","
                             "\"cisaActionDue\":\"2021-12-24\"") "," CVE("CVE-2",
                "\"metrics\":{\"cvssMetricV2\":[" METRIC("nvd@nist.gov", "Primary", V2) "]}") "," CVE("CVE-3",
                "\"metrics\":{\"cvssMetricV31\":[" METRIC("nvd@nist.gov", "Primary",
                    V31) "],\"cvssMetricV40\":[" METRIC("a", "Secondary", V40) "," METRIC("a", "Primary",
                    "CVSS:4.0/AV:N") "]}") ",{\"cve\":{\"id\":\"CVE-4\",\"vulnStatus\":\"Rejected\",\"metrics\":{}}}"));
        assert_int_equal(t.stats.facts, 3);
        f = fact(&t, "CVE-1");
        assert_true(
            span_is(f.vector, V31) && f.score_tenths == 98 && f.kev_added_s == 1639094400 && f.kev_due_s == 1640304000);
        assert_true(f.exploitation == ADVISORY_EXPLOITATION_ACTIVE && f.automatable && f.total_impact);
        f = fact(&t, "CVE-2");
        assert_true(span_is(f.vector, V2) && f.score_tenths == 93 && f.kev_added_s == 0);
        assert_true(span_is(fact(&t, "CVE-3").vector, V40)); /* a broken vector is none */
        make(&one, "{\"id\":\"CVE-5\",\"sourceIdentifier\":\"a@b\",\"vulnStatus\":\"Modified\",\"metrics\":{"
                   "\"cvssMetricV31\":[" METRIC("a", "Secondary", V31_LOW) "]}}");
        assert_true(span_is(fact(&one, "CVE-5").vector, V31_LOW));
        refused(PAGE(CVE("CVE-1", "\"cisaExploitAdd\":\"soon\"")), ERR_MALFORMED, "a date was expected");
        refused(PAGE(CVE("", "\"metrics\":{}")), ERR_MALFORMED, "an id of at most");
        refused(PAGE(CVE("CVE-1", "\"metrics\":[]")), ERR_MALFORMED, "vulnerabilities[0].cve.metrics: ");
        refused(PAGE("{\"cve\":{\"id\":\"CVE-1\""), ERR_MALFORMED, "byte");
}

#define YAML(id, slug, range, more)                                                                    \
        "---\nidentifier: \"" id "\"\nidentifiers:\n- \"" id "\"\n- \"GHSA-1\"\npackage_slug: \"" slug \
        "\"\ntitle: \"A flaw\"\ndescription: |\n  in\n  two lines\ndate: \"2021-06-02\"\npubdate: "    \
        "\"2021-04-21\"\naffected_range: \"" range "\"\nfixed_versions:\n- \"9.9.9\"\n- \"4.0.0\"\n- \"3.2.5\"\n" more

static void gitlab_asked(
    const char *document, const char *ecosystem, const char *package, const char *version, const char *want)
{
        struct testing_db t CLEANUP(testing_db_done);

        make_part(&t, document);
        asked(&t, ecosystem, package, version, want);
}

static void gitlabs_files(void **state)
{
        static const char gem[] = YAML("CVE-2021-1", "gem/rexml", "<3.2.5 || >=3.3 <=3.9",
            "cvss_v2: \"AV:N/AC:L/Au:N/C:N/I:N/A:C\"\n"
            "cvss_v3: \"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H\"\nurls:\n- \"https://a.example/x\"\nlinks:\n- "
            "url: \"y\"\n");
        static const struct {
                const char *slug, *range, *ecosystem, *package, *version, *want;
        } cases[] = {
            {"maven/org.a.b/c", "[2.0,2.1),(,1.5],[3.0]", "Maven", "org.a.b:c", "2.0.1",
                "GITLAB-CVE-1 affected < 2.1|"},
            {"maven/org.a.b/c", "[2.0,2.1),(,1.5],[3.0]", "Maven", "org.a.b:c", "1.5",
                "GITLAB-CVE-1 affected < 3.2.5|"},
            {"maven/org.a.b/c", "[2.3.7][3.0.9]", "Maven", "org.a.b:c", "3.0.9", "GITLAB-CVE-1 affected < 3.2.5|"},
            {"maven/org.a.b/c", "(,)", "Maven", "org.a.b:c", "7", "GITLAB-CVE-1 affected|"},
            {"maven/org.a.b/c", "(1.0,2.0)", "Maven", "org.a.b:c", "1.0", "GITLAB-CVE-1 not affected|"},
            {"maven/org.a.b/c", "(0)", "Maven", "org.a.b:c", "1.0", ""},
            {"nuget/A.B", "[2.0.0,2.1.0),[,1.5.0]", "NuGet", "A.B", "1.5.0", "GITLAB-CVE-1 affected < 3.2.5|"},
            {"nuget/A.B", "<2.0.0", "NuGet", "A.B", "1.9.9", "GITLAB-CVE-1 affected < 2.0.0|"},
            {"nuget/A.B", "<2.0.0", "NuGet", "A.B", "2.0.0", "GITLAB-CVE-1 not affected|"},
            {"nuget/A.B", ">=1.0.0,<1.2.3||>=2.0 <2.1", "NuGet", "A.B", "2.0.5", "GITLAB-CVE-1 affected < 2.1|"},
            {"nuget/A.B", ">=1.0.0,<1.2.3||>=2.0 <2.1", "NuGet", "A.B", "1.2.3", "GITLAB-CVE-1 not affected|"},
            {"nuget/A.B", "<=1.0.0 || =1.5.0", "NuGet", "A.B", "1.5.0", "GITLAB-CVE-1 affected < 3.2.5|"},
            {"nuget/A.B", "<1.0.0,[2.0.0,2.1.0)||>=3.0 <3.1", "NuGet", "A.B", "0.9.0", "GITLAB-CVE-1 affected < 1.0.0|"},
            {"nuget/A.B", "<1.0.0,[2.0.0,2.1.0)||>=3.0 <3.1", "NuGet", "A.B", "2.0.0", "GITLAB-CVE-1 affected < 2.1.0|"},
            {"nuget/A.B", "<1.0.0,[2.0.0,2.1.0)||>=3.0 <3.1", "NuGet", "A.B", "3.0.1", "GITLAB-CVE-1 affected < 3.1|"},
            {"maven/a.b/c", "<1.0||[2.0,2.1)", "Maven", "a.b:c", "2.0.1", "GITLAB-CVE-1 affected < 2.1|"},
            {"npm/@a/b", ">=1.2.0 <1.3.0||1.0.x", "npm", "@a/b", "1.0.7", "GITLAB-CVE-1 affected < 1.1.0-0|"},
            {"npm/a", ">=1.0.0,<2.0.0", "npm", "a", "1.5.0", "GITLAB-CVE-1 affected < 2.0.0|"},
            {"npm/a", ">=1.0.0,<2.0.0", "npm", "a", "3.0.0", "GITLAB-CVE-1 not affected|"},
            {"maven/a.b/c", "<2.0.0", "Maven", "a.b:c", "3.0", "GITLAB-CVE-1 not affected|"},
            {"npm/@a/b", "<0", "npm", "@a/b", "1.0.0", ""},
            {"pypi/A_b", "<1.0||==2.*", "PyPI", "a-b", "2.7", "GITLAB-CVE-1 affected < 3.dev0|"},
            {"pypi/a", ">=1.1.post1,<1.0||==2.0", "PyPI", "a", "2.0", "GITLAB-CVE-1 affected < 3.2.5|"},
            {"go/k8s.io/a", "<v1.2.0", "Go", "k8s.io/a", "v1.1.0", "GITLAB-CVE-1 affected < v1.2.0|"},
            {"packagist/a/b", ">=2 <2.5.0||<1.24.0", "Packagist", "a/b", "2.5.0-beta1",
                "GITLAB-CVE-1 affected < 2.5.0|"},
            {"cargo/a", "<=0.4.0", "crates.io", "a", "0.4.1", "GITLAB-CVE-1 not affected|"},
            {"pub/a", "<0.3.5", "Pub", "a", "0.3.4", "GITLAB-CVE-1 affected < 0.3.5|"},
            {"swift/github.com/a/b", "<0.7.0", "SwiftURL", "github.com/a/b", "0.6.0", "GITLAB-CVE-1 affected < 0.7.0|"},
        };
        struct testing_db t CLEANUP(testing_db_done);
        struct advisory_hit hit;

        (void)state;
        make(&t, gem);
        asked(&t, "RubyGems", "rexml", "3.2.4", "GITLAB-CVE-2021-1 affected < 3.2.5 [critical]|");
        asked(&t, "RubyGems", "rexml", "3.2.5", "GITLAB-CVE-2021-1 not affected [critical]|");
        asked(&t, "RubyGems", "rexml", "3.9", "GITLAB-CVE-2021-1 affected < 4.0.0 [critical]|");
        assert_true(
            advisory_db_lookup(t.db, span_of("RubyGems"), span_of("rexml"), span_of("1"), take_hit, &hit, NULL));
        assert_true(hit.n_aliases == 2 && hit.modified_s == 1622592000 && span_is(hit.summary, "A flaw"));
        assert_true(span_is(hit.reference, "https://a.example/x") && hit.score_tenths == 98);
        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
                char document[1000];

                snprintf(document, sizeof(document), YAML("CVE-1", "%s", "%s", ""), cases[i].slug, cases[i].range);
                gitlab_asked(document, cases[i].ecosystem, cases[i].package, cases[i].version, cases[i].want);
        }
        gitlab_asked(YAML("GMS-2022-1", "npm/a", "<1.0.0", ""), "npm", "a", "0.9.0", "GMS-2022-1 affected < 1.0.0|");
}

static void gitlabs_files_refused(void **state)
{
        struct testing_db t CLEANUP(testing_db_done);

        (void)state;
        make_part(&t, YAML("CVE-1", "pypi/a", "<2023-01-12||==3.0", ""));
        assert_int_equal(t.stats.refused, 1);
        assert_non_null(strstr(t.refused.text, "range \"<2023-01-12\""));
        asked(&t, "PyPI", "a", "3.0", "GITLAB-CVE-1 affected < 3.2.5|");
        asked(&t, "PyPI", "a", "1.0", "GITLAB-CVE-1 can't tell|"); /* never "not affected" by what was not read */
        refused(YAML("CVE-1", "nuget/A.B", "[1.*,2.0)", ""), ERR_UNSUPPORTED, "a floating version");
        refused(YAML("CVE-1", "pypi/a", "", ""), ERR_MALFORMED, "\"affected_range\" is missing");
        refused(YAML("", "npm/a", "<1.0.0", ""), ERR_MALFORMED, "\"identifier\" of at most");
        refused(YAML("CVE-1", "npm", "<1.0.0", ""), ERR_MALFORMED, "\"package_slug\" of the form");
        refused(YAML("CVE-1", "deb/a", "<1.0.0", ""), ERR_UNSUPPORTED, "packages of this type");
        refused(YAML("CVE-1", "npm/a", "<1.0.0", "title: \"again\"\n"), ERR_MALFORMED,
            "line 18, column 1: a key that its map has already");
        refused(YAML("CVE-1", "npm/a", "<1.0.0", "x: &a 1\ny: *a\n"), ERR_UNSUPPORTED, "line 19, column 4: an alias");
        refused(YAML("CVE-1", "npm/a", "<1.0.0", "---\na: 1\n"), ERR_UNSUPPORTED, "a second document");
        refused(YAML("CVE-1", "npm/a", "<1.0.0", "x: [1\n"), ERR_MALFORMED, "line 1");
        refused(YAML("CVE-1", "npm/a", "<1.0.0", "[1, 2]: 3\n"), ERR_UNSUPPORTED, "a key that is no plain word");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(debians_lists),
            cmocka_unit_test(debians_lists_refused),
            cmocka_unit_test(archs_groups),
            cmocka_unit_test(photons_lists),
            cmocka_unit_test(nvds_pages),
            cmocka_unit_test(gitlabs_files),
            cmocka_unit_test(gitlabs_files_refused),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
