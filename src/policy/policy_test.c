#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "policy/policy_priv.h"

#define SPAN(s)                                     \
        {                                           \
                (const uint8_t *)(s), sizeof(s) - 1 \
        }
#define DAY_S 86400
#define NOW_S 1795392000 /* 2026-11-23T00:00:00Z */

static const struct span aliases_1[] = {SPAN("DEBIAN-CVE-2026-1"), SPAN("DSA-7-1")};

static const struct policy_finding findings[] = {
    {SPAN("CVE-2026-1"), aliases_1, 2, SPAN("libssl3"), SPAN("openssl"), SPAN("3.0.9-1"), POLICY_SEVERITY_HIGH, 75,
        true, false, false, false, SPAN("pkg:deb/debian/libssl3@3.0.9-1"), SPAN("var/lib/dpkg/status"), false},
    {SPAN("CVE-2026-2"), NULL, 0, SPAN("zlib1g"), SPAN("zlib"), SPAN("1.2.13"), POLICY_SEVERITY_CRITICAL, 98, false,
        false, false, false, SPAN("pkg:deb/debian/zlib1g@1.2.13"), SPAN("var/lib/dpkg/status"), false},
    {SPAN("GHSA-3"), NULL, 0, SPAN("lodash"), SPAN(""), SPAN("4.0.0"), POLICY_SEVERITY_LOW, 0, true, false, false, false,
        SPAN("pkg:npm/lodash@4.0.0"), SPAN("opt/app/node_modules/lodash/package.json"), false},
    {SPAN("CVE-2026-4"), NULL, 0, SPAN("sed"), SPAN("sed"), SPAN("4.9"), POLICY_SEVERITY_UNKNOWN, 0, false, false, true,
        false, SPAN("pkg:deb/debian/sed@4.9"), SPAN("var/lib/dpkg/status"), false},
    {SPAN("CVE-2026-5"), NULL, 0, SPAN("odd"), SPAN(""), SPAN("x.y"), POLICY_SEVERITY_CRITICAL, 0, false, true, false,
        false, SPAN(""), SPAN(""), false},
};
#define TELLABLE 4 /* all but the last */

static const struct policy_component components[] = {
    {SPAN("pkg:deb/debian/libssl3@3.0.9-1%2Bdeb12u1?arch=amd64&distro=debian-12"), SPAN("Apache-2.0")},
    {SPAN("pkg:deb/debian/telnetd@0.17-41?arch=amd64"), SPAN("BSD-4-Clause and others; GPL-3+")},
    {SPAN("pkg:npm/%40angular/core@1.0.0"), SPAN("MIT OR GPL-3.0-only")},
    {SPAN("pkg:npm/event-stream@3.3.6"), SPAN("MIT")},
    {SPAN("pkg:pypi/plain@1"), SPAN("")},
};

static const struct span image_names[] = {
    SPAN("sha256:aa"), SPAN("ghcr.io/org/app"), SPAN("ghcr.io/org/app:1.2"), SPAN("ghcr.io/org/app@sha256:aa")};

static struct policy_facts good_facts(void)
{
        return (struct policy_facts){
            .image_names = image_names,
            .n_image_names = ARRAY_LEN(image_names),
            .findings = findings,
            .n_findings = TELLABLE,
            .components = components,
            .n_components = ARRAY_LEN(components),
            .steps = {[POLICY_STEP_SCAN] = {POLICY_DONE_OK, {0}}},
            .database_s = NOW_S - 3 * DAY_S,
            .now_s = NOW_S,
        };
}

static struct policy *load(const char *text)
{
        struct policy *p = NULL;
        struct err e = {0};

        if (!policy_load(span_of(text), "p.yaml", &p, &e))
                fail_msg("%s", e.text);
        return p;
}

/* "allow" or "deny", and every sentence of the verdict, each on its own line. */
static void assert_verdict(const struct policy *p, const struct policy_facts *f, const char *expected)
{
        CLEANUP(policy_verdict_freep) struct policy_verdict *v = NULL;
        CLEANUP(buf_done) struct buf b = {0};

        assert_true(policy_decide(p, f, &v, NULL));
        buf_printf(&b, "%s\n", verdict_name(v->verdict));
        for (size_t i = 0; i < v->n_reasons; i++)
                buf_printf(&b, "%s: %.*s\n", policy_reason_kind_name(v->reasons[i].kind), SPAN_FMT(v->reasons[i].text));
        for (size_t i = 0; i < v->n_ignores; i++)
                buf_printf(&b, "%s %zu: %.*s\n", policy_ignore_state_name(v->ignores[i].state),
                    v->ignores[i].n_findings, SPAN_FMT(v->ignores[i].text));
        buf_put_u8(&b, 0);
        assert_string_equal((const char *)b.at, expected);
        assert_true((v->verdict == VERDICT_ALLOW) == (v->n_reasons == 0));
        assert_true(digest_equal(&v->policy_digest, policy_digest(p)));
}

struct row {
        const char *policy; /* after "version: 1", which is line 1 */
        const char *verdict;
};

static const struct row rows[] = {
    {"", "allow\n"},
    {"findings: {deny: []}\n", "allow\n"},
    {"findings:\n  deny:\n    - severity: critical\n", "deny\nfinding: p.yaml:4: CVE-2026-2 in zlib1g 1.2.13 is "
                                                       "critical (9.8), no fix is known; refused: severity critical\n"},
    {"findings:\n  deny:\n    - severity: critical\n      fix_available: true\n", "allow\n"},
    {"findings:\n  deny:\n    - {severity: high, fix_available: true}\n",
        "deny\nfinding: p.yaml:4: CVE-2026-1 in libssl3 3.0.9-1 is high (7.5), a fix is available; refused: severity "
        "high or "
        "above with a fix\n"},
    {"findings:\n  deny:\n    - {severity: medium, fix_available: false}\n    - {severity: critical, fix_available: "
     "any}\n",
        "deny\n"
        "finding: p.yaml:4: CVE-2026-2 in zlib1g 1.2.13 is critical (9.8), no fix is known; refused: severity medium "
        "or above "
        "without a fix\n"
        "finding: p.yaml:5: CVE-2026-2 in zlib1g 1.2.13 is critical (9.8), no fix is known; refused: severity "
        "critical\n"},
    {"findings:\n  deny:\n    - {severity: unknown, exploited: true}\n",
        "deny\nfinding: p.yaml:4: CVE-2026-4 in sed 4.9 is of unknown severity, no fix is known, it is known to be exploited; "
        "refused: severity unknown or above, exploited\n"},
    {"findings:\n  deny:\n    - {severity: low, exploited: true}\n    - {severity: critical, exploited: any}\n",
        "deny\nfinding: p.yaml:5: CVE-2026-2 in zlib1g 1.2.13 is critical (9.8), no fix is known; refused: severity critical\n"},
    {"findings:\n  deny: [{severity: unknown}]\n",
        "deny\n"
        "finding: p.yaml:3: CVE-2026-1 in libssl3 3.0.9-1 is high (7.5), a fix is available; refused: severity unknown "
        "or "
        "above\n"
        "finding: p.yaml:3: CVE-2026-2 in zlib1g 1.2.13 is critical (9.8), no fix is known; refused: severity unknown "
        "or above\n"
        "finding: p.yaml:3: GHSA-3 in lodash 4.0.0 is low, a fix is available; refused: severity unknown or above\n"
        "finding: p.yaml:3: CVE-2026-4 in sed 4.9 is of unknown severity, no fix is known, it is known to be exploited; refused: severity unknown "
        "or "
        "above\n"},
    /* exceptions */
    {"findings:\n  deny: [{severity: critical}]\nignore:\n  - {id: CVE-2026-2, reason: not built, until: 2026-11-23}\n",
        "allow\nused 1: p.yaml:5: CVE-2026-2 is ignored until 2026-11-23: not built\n"},
    {"findings:\n  deny: [{severity: critical}]\nignore:\n  - {id: CVE-2026-2, reason: not built, until: 2026-11-22}\n",
        "deny\nfinding: p.yaml:3: CVE-2026-2 in zlib1g 1.2.13 is critical (9.8), no fix is known; refused: severity "
        "critical\n"
        "ignore: p.yaml:5: CVE-2026-2: this exception ended on 2026-11-22 and counts as absent: 1 finding counts again. "
        "Mend that, or renew it; it was for: not built\n"
        "expired 1: p.yaml:5: CVE-2026-2: this exception ended on 2026-11-22 and counts as absent: 1 finding counts again. "
        "Mend that, or renew it; it was for: not built\n"},
    /* of another image or component it says nothing, expired or not */
    {"findings:\n  deny: [{severity: critical}]\nignore:\n"
     "  - {id: CVE-2026-2, image: ghcr.io/org/other, reason: r, until: 2020-01-01}\n"
     "  - {id: CVE-2026-2, image: ghcr.io/org/app*, component: pkg:npm/zlib1g, reason: r, until: 2020-01-01}\n",
        "deny\nfinding: p.yaml:3: CVE-2026-2 in zlib1g 1.2.13 is critical (9.8), no fix is known; refused: severity "
        "critical\n"
        "elsewhere 0: p.yaml:5: CVE-2026-2 of ghcr.io/org/other: this exception is for other images\n"
        "expired 0: p.yaml:6: CVE-2026-2 in pkg:npm/zlib1g of ghcr.io/org/app*: this exception ended on 2020-01-01 and counts "
        "as absent: renew or remove it\n"},
    /* limited to an image, a component, a path: each alone, and by a part that differs */
    {"findings:\n  deny: [{severity: low}]\nignore:\n"
     "  - {id: CVE-2026-1, image: \"ghcr.io/org/app:1.*\", reason: a, until: 2027-01-01}\n"
     "  - {id: CVE-2026-2, component: \"pkg:deb/*/ZLIB*@1.2.*\", reason: b, until: 2027-01-01}\n"
     "  - {id: GHSA-3, path: \"/opt/app/**\", reason: c, until: 2027-01-01}\n",
        "allow\nused 1: p.yaml:5: CVE-2026-1 of ghcr.io/org/app:1.* is ignored until 2027-01-01: a\n"
        "used 1: p.yaml:6: CVE-2026-2 in pkg:deb/*/ZLIB*@1.2.* is ignored until 2027-01-01: b\n"
        "used 1: p.yaml:7: GHSA-3 at opt/app/** is ignored until 2027-01-01: c\n"},
    {"findings:\n  deny: [{severity: low, fix_available: true}]\nignore:\n"
     "  - {id: CVE-2026-1, image: ghcr.io/org/app:2, reason: a, until: 2027-01-01}\n"
     "  - {id: CVE-2026-1, component: \"pkg:deb/debian/libssl3@3.0.8*\", reason: b, until: 2027-01-01}\n"
     "  - {id: GHSA-3, path: \"opt/app/*\", reason: c, until: 2027-01-01}\n"
     "  - {id: GHSA-3, path: \"opt/app/**\", package: other, reason: d, until: 2027-01-01}\n",
        "deny\n"
        "finding: p.yaml:3: CVE-2026-1 in libssl3 3.0.9-1 is high (7.5), a fix is available; refused: severity low or above "
        "with a fix\n"
        "finding: p.yaml:3: GHSA-3 in lodash 4.0.0 is low, a fix is available; refused: severity low or above with a fix\n"
        "elsewhere 0: p.yaml:5: CVE-2026-1 of ghcr.io/org/app:2: this exception is for other images\n"
        "unused 0: p.yaml:6: CVE-2026-1 in pkg:deb/debian/libssl3@3.0.8*: this exception matches nothing that would be "
        "refused\n"
        "unused 0: p.yaml:7: GHSA-3 at opt/app/*: this exception matches nothing that would be refused\n"
        "unused 0: p.yaml:8: GHSA-3 in other at opt/app/**: this exception matches nothing that would be refused\n"},
    {"findings:\n  deny: [{severity: critical}]\nmax_ignore_days: 31\nignore:\n"
     "  - {id: CVE-2026-2, since: 2026-11-24, until: 2026-12-24, reason: r}\n",
        "deny\nfinding: p.yaml:3: CVE-2026-2 in zlib1g 1.2.13 is critical (9.8), no fix is known; refused: severity "
        "critical\n"
        "not_yet 0: p.yaml:6: CVE-2026-2: this exception begins on 2026-11-24 and counts as absent until then\n"},
    {"findings:\n  deny: [{severity: critical}]\nmax_ignore_days: 31\nignore:\n"
     "  - {id: CVE-2026-2, since: 2026-11-23, until: 2026-12-23, reason: r}\n",
        "allow\nused 1: p.yaml:6: CVE-2026-2 is ignored until 2026-12-23: r\n"},
    {"findings:\n  deny: [{severity: critical}]\nignore:\n"
     "  - {id: CVE-2026-2, reason: old, until: 2020-02-29}\n  - {id: CVE-2026-2, reason: new, until: 2027-01-01}\n",
        "allow\nexpired 1: p.yaml:5: CVE-2026-2: this exception ended on 2020-02-29 and counts as absent: renew or "
        "remove it\n"
        "used 1: p.yaml:6: CVE-2026-2 is ignored until 2027-01-01: new\n"},
    {"findings:\n  deny: [{severity: high}]\nignore:\n"
     "  - {id: DSA-7-1, package: openssl, reason: by alias and source, until: 2027-01-01}\n"
     "  - {id: CVE-2026-2, package: zlib1g, reason: by package, until: 2027-01-01}\n",
        "allow\nused 1: p.yaml:5: DSA-7-1 in openssl is ignored until 2027-01-01: by alias and source\n"
        "used 1: p.yaml:6: CVE-2026-2 in zlib1g is ignored until 2027-01-01: by package\n"},
    {"findings:\n  deny: [{severity: critical}]\nignore:\n"
     "  - {id: CVE-2026-2, package: openssl, reason: other package, until: 2027-01-01}\n"
     "  - {id: CVE-2026-22, reason: other id, until: 2027-01-01}\n"
     "  - {id: cve-2026-2, reason: other case, until: 2027-01-01}\n",
        "deny\nfinding: p.yaml:3: CVE-2026-2 in zlib1g 1.2.13 is critical (9.8), no fix is known; refused: severity "
        "critical\n"
        "unused 0: p.yaml:5: CVE-2026-2 in openssl: this exception matches nothing that would be refused\n"
        "unused 0: p.yaml:6: CVE-2026-22: this exception matches nothing that would be refused\n"
        "unused 0: p.yaml:7: cve-2026-2: this exception matches nothing that would be refused\n"},
    {"ignore: [{id: CVE-2026-2, reason: nothing refuses it, until: 2027-01-01}]\n",
        "allow\nunused 0: p.yaml:2: CVE-2026-2: this exception matches nothing that would be refused\n"},
    /* packages */
    {"packages:\n  deny:\n    - pkg:deb/*/telnetd\n    - pkg:npm/event-stream@3.3.6\n",
        "deny\n"
        "package: p.yaml:4: pkg:deb/debian/telnetd@0.17-41?arch=amd64 is denied by pkg:deb/*/telnetd\n"
        "package: p.yaml:5: pkg:npm/event-stream@3.3.6 is denied by pkg:npm/event-stream@3.3.6\n"},
    {"packages: {deny: ['pkg:npm/event-stream@3.3.5', 'pkg:deb/telnetd', 'pkg:deb/*/telnet', 'pkg:npm/core', "
     "'pkg:npm/ev']}\n",
        "allow\n"},
    {"packages: {deny: ['pkg:npm/@angular/core']}\n",
        "deny\npackage: p.yaml:2: pkg:npm/%40angular/core@1.0.0 is denied by pkg:npm/@angular/core\n"},
    {"packages: {deny: ['pkg:deb/debian/libssl3@3.0.9-1+*']}\n",
        "deny\npackage: p.yaml:2: pkg:deb/debian/libssl3@3.0.9-1%2Bdeb12u1?arch=amd64&distro=debian-12 is denied by "
        "pkg:deb/debian/libssl3@3.0.9-1+*\n"},
    {"packages:\n  allow: ['pkg:deb/**', 'pkg:npm/*']\n",
        "deny\npackage: p.yaml:3: pkg:npm/%40angular/core@1.0.0 is none of the packages allowed\n"
        "package: p.yaml:3: pkg:pypi/plain@1 is none of the packages allowed\n"},
    {"packages: {allow: ['pkg:**']}\n", "allow\n"},
    /* licences */
    {"licences: {deny: ['gpl-3*']}\n", "deny\nlicence: p.yaml:2: pkg:deb/debian/telnetd@0.17-41?arch=amd64 is licensed "
                                       "under BSD-4-Clause and others; GPL-3+, "
                                       "denied by gpl-3*\n"},
    {"licences:\n  allow: [MIT, Apache-2.0, '*GPL-3+']\n",
        "deny\nlicence: p.yaml:3: pkg:pypi/plain@1 states no licence (NOASSERTION), and NOASSERTION is none of the "
        "licences "
        "allowed\n"},
    {"licences: {allow: [MIT, Apache-2.0, '*GPL-3+', NOASSERTION]}\n", "allow\n"},
    {"licences: {deny: [NOASSERTION]}\n",
        "deny\nlicence: p.yaml:2: pkg:pypi/plain@1 states no licence (NOASSERTION), denied by NOASSERTION\n"},
    /* steps */
    {"require:\n  signature: true\n", "deny\nstep: p.yaml:3: signature is required and was not checked\n"},
    {"require: {host: true, signature: true}\n", "deny\nstep: p.yaml:2: signature is required and was not checked\n"
                                                 "step: p.yaml:2: host is required and was not checked\n"},
    {"require: {scan: true, signature: false, host: false}\n", "allow\n"},
    /* age */
    {"max_database_age_days: 3\n", "allow\n"},
    {"max_database_age_days: 2\n", "deny\ndatabase: p.yaml:2: the advisory database is of 2026-11-20T00:00:00Z, 3 days "
                                   "old, at most 2: build it anew from fresh advisories\n"},
};

static void test_verdicts(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(policy_freep) struct policy *p = NULL;
                CLEANUP(buf_done) struct buf b = {0};
                struct policy_facts f = good_facts();

                buf_printf(&b, "version: 1\n%s", rows[i].policy);
                buf_put_u8(&b, 0);
                print_message("%s", rows[i].policy);
                p = load((const char *)b.at);
                assert_verdict(p, &f, rows[i].verdict);
        }
}

static void test_zero_facts_are_refused(void **state)
{
        static const char *const policies[] = {"version: 1\n", "version: 1\nrequire: {scan: false}\n"};
        struct policy_facts zero = {0}, f = good_facts();

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(policies); i++) {
                CLEANUP(policy_freep) struct policy *p = load(policies[i]);
                CLEANUP(policy_verdict_freep) struct policy_verdict *v = NULL;

                assert_true(policy_decide(p, &zero, &v, NULL));
                assert_int_equal(v->verdict, VERDICT_DENY);
                assert_int_equal(v->reasons[0].kind, POLICY_REASON_FACTS);
        }
        CLEANUP(policy_freep) struct policy *p = load("version: 1\n");
        assert_verdict(p, &zero,
            "deny\nfacts: p.yaml: the facts are not whole: they carry no time\n"
            "step: p.yaml: scan is required and was not checked\n");
        f.now_s = -1;
        assert_verdict(p, &f, "deny\nfacts: p.yaml: the facts are not whole: they carry no time\n");
        assert_int_equal((enum verdict)0, VERDICT_DENY);
}

static void test_facts_without_entries(void **state)
{
        CLEANUP(policy_freep) struct policy *p = load("version: 1\n");
        struct policy_verdict *v = NULL;
        struct policy_facts f = good_facts();
        struct err e = {0};

        (void)state;
        f.findings = NULL;
        assert_false(policy_decide(p, &f, &v, &e));
        assert_int_equal(e.kind, ERR_BUG);
        f = good_facts();
        f.components = NULL;
        assert_false(policy_decide(p, &f, &v, &e));
        assert_null(v);
}

static void test_scan_states(void **state)
{
        CLEANUP(policy_freep) struct policy *p = load("version: 1\n");
        CLEANUP(policy_freep) struct policy *without = load("version: 1\nrequire:\n  scan: false\n");
        struct policy_facts f = good_facts();

        (void)state;
        f.steps[POLICY_STEP_SCAN] = (struct policy_step){POLICY_FAILED, SPAN("no advisories for npm")};
        assert_verdict(p, &f, "deny\nstep: p.yaml: scan is required and failed: no advisories for npm\n");
        assert_verdict(without, &f, "allow\n");
        f.steps[POLICY_STEP_SCAN] = (struct policy_step){(enum policy_step_state)7, {0}};
        assert_verdict(p, &f, "deny\nstep: p.yaml: scan is required and was not checked\n");
}

static void test_cannot_tell(void **state)
{
        CLEANUP(policy_freep)
        struct policy *p = load("version: 1\nfindings: {deny: [{severity: low}]}\nrequire: {scan: true}\n");
        CLEANUP(policy_freep)
        struct policy *without = load("version: 1\nfindings: {deny: [{severity: low}]}\nrequire: {scan: false}\n");
        CLEANUP(policy_freep)
        struct policy *ignoring =
            load("version: 1\nignore: [{id: CVE-2026-5, reason: looked at, until: 2026-12-31}]\n");
        struct policy_facts f = good_facts();

        (void)state;
        f.findings = &findings[4];
        f.n_findings = 1;
        assert_verdict(p, &f,
            "deny\ncannot_tell: p.yaml:3: CVE-2026-5 in odd x.y: can't tell whether it is affected; scan is "
            "required\n");
        assert_verdict(without, &f, "allow\n");
        assert_verdict(ignoring, &f, "allow\nused 1: p.yaml:2: CVE-2026-5 is ignored until 2026-12-31: looked at\n");
}

/* The last day counts as a whole; the first second after it no longer. */
static void test_expiry_border(void **state)
{
        CLEANUP(policy_freep)
        struct policy *p = load("version: 1\nfindings: {deny: [{severity: critical}]}\n"
                                "ignore: [{id: CVE-2026-2, reason: r, until: 2026-11-23}]\n");
        static const struct {
                int64_t now_s;
                enum verdict verdict;
        } borders[] = {{NOW_S - 1, VERDICT_ALLOW}, {NOW_S, VERDICT_ALLOW}, {NOW_S + DAY_S - 1, VERDICT_ALLOW},
            {NOW_S + DAY_S, VERDICT_DENY}, {NOW_S + DAY_S + 1, VERDICT_DENY}, {INT64_MAX, VERDICT_DENY}};

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(borders); i++) {
                CLEANUP(policy_verdict_freep) struct policy_verdict *v = NULL;
                struct policy_facts f = good_facts();

                f.now_s = borders[i].now_s;
                assert_true(policy_decide(p, &f, &v, NULL));
                assert_int_equal(v->verdict, borders[i].verdict);
        }
}

static void test_database_age(void **state)
{
        CLEANUP(policy_freep) struct policy *p = load("version: 1\nmax_database_age_days: 30\n");
        struct policy_facts f = good_facts();

        (void)state;
        f.database_s = NOW_S - 30 * (int64_t)DAY_S;
        assert_verdict(p, &f, "allow\n");
        f.database_s--;
        assert_verdict(p, &f,
            "deny\ndatabase: p.yaml:2: the advisory database is of 2026-10-23T23:59:59Z, 30 days old, at most 30: "
            "build it "
            "anew from fresh advisories\n");
        f.database_s = 0;
        assert_verdict(
            p, &f, "deny\ndatabase: p.yaml:2: the age of the advisory database is limited, and there is no database\n");
        f.database_s = NOW_S + DAY_S;
        assert_verdict(p, &f, "allow\n");
        f.database_s++;
        assert_verdict(p, &f,
            "deny\ndatabase: p.yaml:2: the advisory database is dated 2026-11-24T00:00:01Z, in the future: its clock "
            "or this "
            "one is wrong\n");
}

static void test_default(void **state)
{
        CLEANUP(policy_freep) struct policy *p = policy_default();
        struct policy_finding critical = findings[1];
        struct policy_facts f = good_facts();

        (void)state;
        assert_verdict(p, &f, "allow\n"); /* the critical one has no fix */
        critical.fix_available = true;
        f.findings = &critical;
        f.n_findings = 1;
        assert_verdict(p, &f,
            "deny\nfinding: built-in policy:4: CVE-2026-2 in zlib1g 1.2.13 is critical (9.8), a fix is available; "
            "refused: "
            "severity critical with a fix\n");
        f.n_findings = 0;
        f.steps[POLICY_STEP_SCAN].state = POLICY_NOT_CHECKED;
        assert_verdict(p, &f, "deny\nstep: built-in policy:7: scan is required and was not checked\n");
}

static void test_many_reasons(void **state)
{
        CLEANUP(policy_freep) struct policy *p = load("version: 1\nfindings: {deny: [{severity: high}]}\n");
        CLEANUP(policy_verdict_freep) struct policy_verdict *v = NULL;
        struct policy_finding *many CLEANUP(heap_freep) = heap_alloc((POLICY_REASONS_MAX + 5) * sizeof(*many));
        struct policy_facts f = good_facts();

        (void)state;
        for (size_t i = 0; i < POLICY_REASONS_MAX + 5; i++)
                many[i] = findings[0];
        f.findings = many;
        f.n_findings = POLICY_REASONS_MAX + 5;
        assert_true(policy_decide(p, &f, &v, NULL));
        assert_int_equal(v->verdict, VERDICT_DENY);
        assert_int_equal(v->n_reasons, POLICY_REASONS_MAX);
        assert_int_equal(v->reasons_left_out, 5);
}

/* A pattern and one purl: whether case counts is the type's own rule. */
static void test_case_of_types(void **state)
{
        static const struct {
                const char *pattern, *purl;
                bool matches;
        } t[] = {
            {"pkg:deb/debian/ZLIB1G", "pkg:deb/debian/zlib1g@1", true},
            {"pkg:DEB/Debian/zlib1g", "pkg:deb/debian/zlib1g@1", true},
            {"pkg:deb/debian/zlib1g", "pkg:deb/debian/ZLIB1G@1", true}, /* of a bill of materials, say */
            {"pkg://deb/debian/zlib1g", "pkg:deb/debian/zlib1g@1", true},
            {"pkg:deb/debian/zlib1g@1RC", "pkg:deb/debian/zlib1g@1rc", false}, /* versions are as they are */
            {"pkg:deb/Debian/z*G", "pkg:deb/debian/zlib1g@1", true},
            {"pkg:DEB**", "pkg:deb/debian/zlib1g@1", true},
            {"pkg:*/debian/ZLIB1G", "pkg:deb/debian/zlib1g@1", true},
            {"pkg:**ZLIB1G", "pkg:deb/debian/zlib1g@1", true},
            {"pkg:pypi/Typing_Extensions", "pkg:pypi/typing-extensions@4", true},
            {"pkg:pypi/typing-extensions", "pkg:pypi/Typing_Extensions@4", true},
            {"pkg:github/Actions/Checkout", "pkg:github/actions/checkout@v4", true},
            {"pkg:golang/github.com/BurntSushi/toml", "pkg:golang/github.com/burntsushi/toml@v1", true},
            {"pkg:nuget/newtonsoft.json", "pkg:nuget/Newtonsoft.Json@13", true},
            {"pkg:rpm/Fedora/ImageMagick", "pkg:rpm/fedora/ImageMagick@7", true},
            {"pkg:rpm/fedora/imagemagick", "pkg:rpm/fedora/ImageMagick@7", false},
            {"pkg:cpan/drolsky/DateTime", "pkg:cpan/DROLSKY/DateTime@1", true},
            {"pkg:cpan/DROLSKY/datetime", "pkg:cpan/DROLSKY/DateTime@1", false},
            {"pkg:npm/jsonstream", "pkg:npm/JSONStream@1", false}, /* two packages */
            {"pkg:maven/Org.x/a", "pkg:maven/org.x/a@1", false},
            {"pkg:cargo/a_b", "pkg:cargo/a-b@1", false},
            {"pkg:own/Tool", "pkg:own/tool@1", false},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(t); i++) {
                CLEANUP(policy_freep) struct policy *p = NULL;
                CLEANUP(policy_verdict_freep) struct policy_verdict *v = NULL;
                CLEANUP(buf_done) struct buf b = {0};
                struct policy_component c = {.purl = span_of(t[i].purl)};
                struct policy_facts f = good_facts();

                print_message("%s %s\n", t[i].pattern, t[i].purl);
                f.components = &c;
                f.n_components = 1;
                buf_printf(&b, "version: 1\npackages: {deny: ['%s']}\n", t[i].pattern);
                buf_put_u8(&b, 0);
                p = load((const char *)b.at);
                assert_true(policy_decide(p, &f, &v, NULL));
                assert_int_equal(v->verdict, t[i].matches ? VERDICT_DENY : VERDICT_ALLOW);
        }
}

/* Patterns that match nothing, or nearly nothing, are said. */
static void test_remarks(void **state)
{
        static const char text[] = "version: 1\npackages:\n  deny:\n"
                                   "    - pkg:deb/zlib1g\n    - pkg:RPM/Bash@5*\n    - pkg:apk/*\n    - pkg:swift/x\n"
                                   "    - pkg:debian/sed\n"
                                   "    - pkg:deb/*/zlib1g\n    - pkg:deb/**zlib1g\n    - pkg:npm/a\n    - pkg:*/a\n"
                                   "    - pkg:deb**\n"
                                   "  allow: ['pkg:github/x', 'pkg:golang/stdlib', 'pkg:generic/**']\n";
        static const char *const remarks =
            "p.yaml:4: packages.deny: pkg:deb/zlib1g: a package of this type has its distribution in front of its "
            "name, so "
            "this matches those of images alone that name none: say pkg:deb/*/zlib1g\n"
            "p.yaml:5: packages.deny: pkg:RPM/Bash@5*: a package of this type has its distribution in front of its "
            "name, so "
            "this matches those of images alone that name none: say pkg:rpm/*/Bash@5*\n"
            "p.yaml:6: packages.deny: pkg:apk/*: a package of this type has its distribution in front of its name, so "
            "this "
            "matches those of images alone that name none: say pkg:apk/**\n"
            "p.yaml:7: packages.deny: pkg:swift/x: a package of this type has its owner in front of its name, so this "
            "matches none: say pkg:swift/*/x\n"
            "p.yaml:8: packages.deny: pkg:debian/sed: no type of purls is called \"debian\": if no detector of your "
            "own "
            "lists such packages, this matches none\n"
            "p.yaml:14: packages.allow: pkg:github/x: a package of this type has its owner in front of its name, so "
            "this "
            "matches none: say pkg:github/*/x\n";
        CLEANUP(policy_freep) struct policy *p = load(text);
        CLEANUP(policy_freep) struct policy *quiet = policy_default();
        CLEANUP(buf_done) struct buf b = {0};
        const struct policy_notes *n = policy_remarks(p);

        (void)state;
        for (size_t i = 0; i < n->len; i++)
                buf_printf(&b, "%.*s\n", SPAN_FMT(n->at[i]));
        buf_put_u8(&b, 0);
        assert_string_equal((const char *)b.at, remarks);
        assert_int_equal(policy_remarks(quiet)->len, 0);
}

static void test_exceptions(void **state)
{
        static const struct span aliases[] = {SPAN_LIT("GHSA-a")};
        const struct policy_finding looked_at[] = {
            {.id = SPAN_LIT("CVE-1"), .package = SPAN_LIT("a"), .aliases = aliases, .n_aliases = 1},
            {.id = SPAN_LIT("CVE-1"), .package = SPAN_LIT("b"), .cannot_tell = true},
            {.id = SPAN_LIT("CVE-2"), .package = SPAN_LIT("c"), .source_package = SPAN_LIT("s")},
            {.id = SPAN_LIT("CVE-3"), .package = SPAN_LIT("d")},
        };
        static const char text[] = "version: 1\nignore:\n"
                                   "  - {id: GHSA-a, reason: by alias, until: 2026-11-23}\n"
                                   "  - {id: CVE-2, package: s, reason: by source, until: 2026-11-23}\n"
                                   "  - {id: CVE-3, reason: too late, until: 2026-11-22}\n"
                                   "  - {id: CVE-4, reason: not there, until: 2027-01-01}\n";
        static const uint32_t covers[] = {1, 0, 2, 0};
        static const char *const texts[] = {"x.yaml:3: GHSA-a is ignored until 2026-11-23: by alias",
            "x.yaml:4: CVE-2 in s is ignored until 2026-11-23: by source",
            ("x.yaml:5: CVE-3: this exception ended on 2026-11-22 and counts as absent: 1 finding counts again. Mend that, "
             "or renew it; it was for: too late"),
            "x.yaml:6: CVE-4: this exception matches no finding"};
        static const char *const refused[] = {"version: 1\nfindings:\n  deny: [{severity: low}]\n", "version: 1\n",
            "version: 1\nignore:\n  - {id: CVE-1, until: 2026-12-31}\n"};
        CLEANUP(policy_freep) struct policy *p = NULL;
        struct policy_facts f = {.findings = looked_at, .n_findings = ARRAY_LEN(looked_at)};
        struct policy_exceptions *x = NULL;
        struct policy_notes expired = {0};
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct err e = {0};

        (void)state;
        assert_true(policy_load_exceptions(span_of(text), "x.yaml", &p, &e));
        assert_false(policy_except(p, &f, &x, &e));
        assert_int_equal(e.kind, ERR_BUG);
        f.now_s = 1795435200; /* 2026-11-23T12:00:00Z */
        assert_true(policy_except(p, &f, &x, &e));
        assert_true(span_is(x->name, "x.yaml"));
        assert_int_equal(x->n_covered, 2);
        for (size_t i = 0; i < ARRAY_LEN(covers); i++)
                assert_int_equal(x->covers[i], covers[i]);
        assert_int_equal(x->n_notes, ARRAY_LEN(texts));
        for (size_t i = 0; i < ARRAY_LEN(texts); i++)
                assert_true(span_is(x->notes[i].text, texts[i]));
        policy_exceptions_free(x);
        policy_expired(p, f.now_s, a, &expired);
        assert_int_equal(expired.len, 1);
        assert_true(span_is(expired.at[0],
            "x.yaml:5: CVE-3: this exception ended on 2026-11-22 and counts as absent: renew or remove it"));
        for (size_t i = 0; i < ARRAY_LEN(refused); i++) { /* what decides, or has neither reason nor end */
                struct policy *none = NULL;
                e = (struct err){0};
                assert_false(policy_load_exceptions(span_of(refused[i]), "x.yaml", &none, &e));
                assert_int_equal(e.kind, ERR_MALFORMED);
        }
}

/* Which documents count, and that by default none does. */
static void test_vex(void **state)
{
#define HEX "0123456789012345678901234567890123456789012345678901234567890123"
        static const struct {
                const char *policy;
                bool listed, other, none; /* the document of that digest, another, one without a digest */
                bool by_another, attached, attached_other; /* the listed one by another author; it and another, attached to the image */
        } t[] = {
            {"", false, false, false, false, false, false},
            {"vex: {documents: []}\n", false, false, false, false, false, false},
            {"vex: {documents: any}\n", true, true, false, true, false, false},
            {"vex: {documents: [sha256:" HEX "]}\n", true, false, false, true, true, false},
            {"vex: {documents: any, authors: ['Example / *']}\n", true, true, false, false, false, false},
            {"vex: {documents: [sha256:" HEX "], authors: [other, 'Example *']}\n", true, false, false, false, true, false},
            {"vex: {documents: any, authors: ['example*', 'Example']}\n", false, false, false, false, false, false},
            {"vex: {documents: [], attached: true}\n", false, false, false, false, true, true},
            {"vex: {documents: any, attached: true}\n", true, true, false, true, true, true},
            {"vex: {documents: [], attached: true, authors: ['Somebody']}\n", false, false, false, false, false, false},
        };
        const struct span author = SPAN_LIT("Example / Sons"), another = SPAN_LIT("Somebody");
        struct digest listed, other;

        (void)state;
        assert_true(digest_parse(SPAN_LIT("sha256:" HEX), &listed, NULL));
        digest_of(DIGEST_SHA256, SPAN_LIT("x"), &other);
        for (size_t i = 0; i < ARRAY_LEN(t); i++) {
                CLEANUP(buf_done) struct buf b = {0}, words = {0};
                CLEANUP(policy_freep) struct policy *p = NULL;

                print_message("%s\n", t[i].policy);
                buf_printf(&b, "version: 1\n%s", t[i].policy);
                buf_put_u8(&b, 0);
                p = load((const char *)b.at);
                assert_int_equal(policy_counts_vex(p, &listed, author, false), t[i].listed);
                assert_int_equal(policy_counts_vex(p, &other, author, false), t[i].other);
                assert_int_equal(policy_counts_vex(p, &(struct digest){0}, author, false), t[i].none);
                assert_int_equal(policy_counts_vex(p, &listed, author, true), t[i].attached);
                assert_int_equal(policy_counts_vex(p, &other, author, true), t[i].attached_other);
                assert_int_equal(policy_counts_vex(p, &listed, another, false), t[i].by_another);
                assert_false(policy_counts_vex(p, &(struct digest){0}, author, true));
                policy_describe(p, &words);
                assert_int_equal(memmem(words.at, words.len, "VEX", 3) != NULL, t[i].listed || t[i].attached || i == 6 || i == 9);
        }
        CLEANUP(policy_freep) struct policy *built_in = policy_default();
        assert_false(policy_counts_vex(built_in, &listed, author, false));
        assert_false(policy_counts_vex(built_in, &listed, author, true));
#undef HEX
}

/* Who gave a statement that does not count is told so, beside what is refused all the same. */
static void test_disputed(void **state)
{
        CLEANUP(policy_freep) struct policy *p = load("version: 1\nfindings: {deny: [{severity: critical}]}\n");
        struct policy_finding looked_at[] = {findings[1], findings[4]};
        struct policy_facts f = good_facts();

        (void)state;
        f.findings = looked_at;
        f.n_findings = ARRAY_LEN(looked_at);
        looked_at[0].disputed = looked_at[1].disputed = true;
        assert_verdict(p, &f,
            "deny\n"
            "cannot_tell: p.yaml: CVE-2026-5 in odd x.y: can't tell whether it is affected; scan is required. A statement "
            "(VEX) rules it out, of a document that the policy's \"vex\" does not count\n"
            "finding: p.yaml:2: CVE-2026-2 in zlib1g 1.2.13 is critical (9.8), no fix is known; refused: severity critical. A "
            "statement (VEX) rules it out, of a document that the policy's \"vex\" does not count\n");
}

/* What a trusted statement suppresses is nobody's reason, be it decided or not; its likes still are. */
static void test_suppressed(void **state)
{
        static const char text[] = "version: 1\nfindings:\n  deny: [{severity: unknown}]\n";
        struct policy_finding looked_at[ARRAY_LEN(findings)];
        CLEANUP(policy_freep) struct policy *p = NULL;
        struct policy_facts f = {.findings = looked_at,
            .n_findings = ARRAY_LEN(looked_at),
            .steps = {[POLICY_STEP_SCAN] = {POLICY_DONE_OK, {0}}},
            .now_s = NOW_S};

        (void)state;
        assert_true(policy_load(span_of(text), "p.yaml", &p, NULL));
        memcpy(looked_at, findings, sizeof(findings));
        for (size_t i = 0; i < ARRAY_LEN(looked_at); i++) {
                CLEANUP(policy_verdict_freep) struct policy_verdict *v = NULL;

                looked_at[i].suppressed = true;
                assert_true(policy_decide(p, &f, &v, NULL));
                assert_true(v->verdict == (i + 1 < ARRAY_LEN(looked_at) ? VERDICT_DENY : VERDICT_ALLOW));
                assert_int_equal(v->n_reasons, ARRAY_LEN(looked_at) - 1 - i);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_suppressed),
            cmocka_unit_test(test_vex),
            cmocka_unit_test(test_disputed),
            cmocka_unit_test(test_verdicts),
            cmocka_unit_test(test_zero_facts_are_refused),
            cmocka_unit_test(test_facts_without_entries),
            cmocka_unit_test(test_scan_states),
            cmocka_unit_test(test_cannot_tell),
            cmocka_unit_test(test_expiry_border),
            cmocka_unit_test(test_database_age),
            cmocka_unit_test(test_default),
            cmocka_unit_test(test_many_reasons),
            cmocka_unit_test(test_case_of_types),
            cmocka_unit_test(test_remarks),
            cmocka_unit_test(test_exceptions),
        };

        return cmocka_run_group_tests_name("policy", tests, NULL, NULL);
}
