/* One record that breaks its form is refused with its place; all the others of the document are used. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "advisory/feed/form_testing_priv.h"

/* One refusal with this place and reason, and one record that came behind it. */
static void told(const char *document, const char *place, const char *reason, const char *ecosystem,
    const char *package, const char *want)
{
        struct testing_db t CLEANUP(testing_db_done);

        form_make(&t, span_of(document));
        if (t.stats.refused != 1 || strcmp(t.refused_place, place) != 0 || !strstr(t.refused.text, reason))
                fail_msg("%.100s: %u refused, \"%s\": %s", document, (unsigned)t.stats.refused, t.refused_place,
                    t.refused.text);
        form_asked(&t, ecosystem, package, "1.0", want);
}

/* What is no JSON as a whole is one refusal of the document. */
static void refused_whole(const char *document, const char *reason)
{
        struct testing_db t CLEANUP(testing_db_done);

        form_make(&t, span_of(document));
        if (t.stats.refused != 1 || t.refused_place[0] || !strstr(t.refused.text, reason))
                fail_msg("%.100s: %u refused, \"%s\": %s", document, (unsigned)t.stats.refused, t.refused_place,
                    t.refused.text);
}

#define AVG(name, packages, fixed)                                                                                  \
        "{\"name\":\"" name "\",\"packages\":" packages ",\"status\":\"Fixed\",\"affected\":\"1\",\"fixed\":" fixed \
        ",\"issues\":[\"CVE-1\"]}"

static void arch(void **state)
{
        const char want[] = "AVG-2 affected < 2.0-1, fixed|";

        (void)state;
        told("[" AVG("AVG-1", "[\"a\"]", "7") "," AVG("AVG-2", "[\"a\"]", "\"2.0-1\"") "]", "AVG-1",
            "[0].fixed: a string was expected", "Arch Linux", "a", want);
        told("[" AVG("AVG-1", "[\"\"]", "null") "," AVG("AVG-2", "[\"a\"]", "\"2.0-1\"") "]", "AVG-1",
            "[0].packages[0]: a name of at most", "Arch Linux", "a", want);
        told("[" AVG("AVG-2", "[\"a\"]", "\"2.0-1\"") ",[[7]]]", "", "[1]: an object was expected", "Arch Linux", "a",
            want);
        refused_whole("[" AVG("AVG-2", "[\"a\"]", "\"2.0-1\"") "]]", "something follows");
}

#define ROW(cve, fixed, status) "{\"cve_id\":" cve ",\"pkg\":\"a\",\"res_ver\":\"" fixed "\",\"status\":" status "}"

static void photon(void **state)
{
        const char want[] = "PHOTON-CVE-2 affected < 2.0-1.ph5, fixed|";

        (void)state;
        told("[" ROW("\"CVE-1\"", "1.5-1.ph5", "[]") "," ROW("\"CVE-2\"", "2.0-1.ph5", "\"Fixed\"") "]", "CVE-1",
            "[0].status: a string was expected, found an array", "Photon OS:5.0", "a", want);
        told("[" ROW("7", "1.5-1.ph5", "null") "," ROW("\"CVE-2\"", "2.0-1.ph5", "\"Fixed\"") "]", "",
            "[0].cve_id: a string was expected, found a number", "Photon OS:5.0", "a", want);
        told("[" ROW("\"CVE-2\"", "2.0-1.ph5", "\"Fixed\"") ",null]", "", "[1]: an object was expected, found null",
            "Photon OS:5.0", "a", want);
}

#define RELEASES(inner) "{\"releases\":{" inner "}}"
#define RELEASE(name, status) "\"" name "\":{\"repositories\":{},\"status\":" status ",\"fixed_version\":\"2.0-1\"}"

static void debian_tracker(void **state)
{
        const char want[] = "DEBIAN-TRACKER-CVE-2 affected < 2.0-1, fixed|";
        const char good[] = RELEASES(RELEASE("bookworm", "\"resolved\""));
        char document[1000];

        (void)state;
        snprintf(document, sizeof(document), "{\"a\":{\"CVE-1\":%s,\"CVE-2\":%s}}", RELEASES(RELEASE("bookworm", "7")),
            good);
        told(document, "a: CVE-1", "a.CVE-1.releases.bookworm.status: a string was expected", "Debian:12", "a", want);
        snprintf(document, sizeof(document), "{\"b\":{\"CVE-1\":%s},\"a\":{\"CVE-2\":%s}}",
            RELEASES(RELEASE("sid", "\"solved\"")), good);
        told(document, "b: CVE-1", "a status is resolved, open or undetermined", "Debian:12", "a", want);
        snprintf(document, sizeof(document), "{\"a\":{\"CVE-2\":%s},\"b\":[1,{\"x\":2}]}", good);
        told(document, "b", "b: an object was expected, found an array", "Debian:12", "a", want);
        snprintf(document, sizeof(document), "{\"a\":{\"CVE-1\":%s", good);
        form_refused(document, "", ERR_MALFORMED, "the text ends");
}

#define SECDB(packages) \
        "{\"urlprefix\":\"https://x\",\"reponame\":\"main\",\"distroversion\":\"v3.20\",\"packages\":[" packages "]}"
#define PKG(name, fixes) "{\"pkg\":{\"name\":\"" name "\",\"secfixes\":" fixes "}}"

static void secdb(void **state)
{
        const char want[] = "ALPINE-SECDB-CVE-2017-2 affected < 2.0-r1, fixed|";

        (void)state;
        told(SECDB(PKG("b", "{\"1-r0\":[7]}") "," PKG("a", "{\"2.0-r1\":[\"CVE-2017-2\"]}")), "b",
            "packages[0].pkg.secfixes.1-r0[0]: a string was expected", "Alpine:v3.20", "a", want);
        told(SECDB("{\"pkg\":{\"name\":7}}," PKG("a", "{\"2.0-r1\":[\"CVE-2017-2\"]}")), "",
            "packages[0].pkg.name: a string was expected", "Alpine:v3.20", "a", want);
        told(SECDB(PKG("a", "{\"2.0-r1\":[\"CVE-2017-2\"]}") ",[]"), "", "packages[1]: an object was expected",
            "Alpine:v3.20", "a", want);
        refused_whole(SECDB(PKG("a", "{\"2.0-r1\":[\"CVE-2017-2\"]}")) "x", "something follows");
}

static bool is_known(const struct testing_db *t, const char *id)
{
        struct advisory_fact f;
        bool known;

        assert_true(advisory_db_fact(t->db, span_of(id), &f, &known, NULL));
        return known;
}

static void facts(void **state)
{
        static const struct {
                const char *document, *place, *reason;
        } cases[] = {
            {"{\"catalogVersion\":\"1\",\"vulnerabilities\":[{\"cveID\":\"CVE-1\",\"dateAdded\":\"soon\"},"
             "{\"cveID\":\"CVE-2\",\"dateAdded\":\"2021-12-10\"}]}",
                "CVE-1", "vulnerabilities[0]"},
            {"{\"resultsPerPage\":1,\"format\":\"NVD_CVE\",\"vulnerabilities\":[{\"cve\":{\"id\":\"CVE-1\",\"metrics\":"
             "[]}},{\"cve\":{\"id\":\"CVE-2\",\"metrics\":{},\"cisaExploitAdd\":\"2021-12-10\"}}]}",
                "", "vulnerabilities[0].cve.metrics: an object was expected"},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
                struct testing_db t CLEANUP(testing_db_done);

                form_make(&t, span_of(cases[i].document));
                if (t.stats.refused != 1 || strcmp(t.refused_place, cases[i].place) != 0 ||
                    !strstr(t.refused.text, cases[i].reason))
                        fail_msg("%zu: %u refused, \"%s\": %s", i, (unsigned)t.stats.refused, t.refused_place,
                            t.refused.text);
                assert_true(t.db && is_known(&t, "CVE-2") && !is_known(&t, "CVE-1"));
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(arch),
            cmocka_unit_test(photon),
            cmocka_unit_test(debian_tracker),
            cmocka_unit_test(secdb),
            cmocka_unit_test(facts),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
