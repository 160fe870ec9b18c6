/*
 * Reports against readable files in golden/. UPDATE_GOLDEN=1 writes them anew: then read the difference.
 * scan_schema_test.py holds the .json among them against the published schema.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>

#include "report/report_priv.h"

/* Rows end where they have nothing more to say. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

#define SPAN(s)                                     \
        {                                           \
                (const uint8_t *)(s), sizeof(s) - 1 \
        }
#define DAY_S 86400
#define NOW_S 1795392000 /* 2026-11-23T00:00:00Z */

static struct component components[] = {
    {.ecosystem = SPAN("Debian:12"),
        .type = SPAN("deb"),
        .name = SPAN("libssl3"),
        .version = SPAN("3.0.9-1"),
        .source_name = SPAN("openssl"),
        .source_version = SPAN("3.0.9-1"),
        .arch = SPAN("amd64"),
        .licence = SPAN("Apache-2.0"),
        .purl = SPAN("pkg:deb/debian/libssl3@3.0.9-1?arch=amd64&distro=debian-12"),
        .path = SPAN("var/lib/dpkg/status"),
        .layer = 0},
    {.ecosystem = SPAN("Debian:12"),
        .type = SPAN("deb"),
        .name = SPAN("openssl"),
        .version = SPAN("3.0.9-1"),
        .source_name = SPAN("openssl"),
        .source_version = SPAN("3.0.9-1"),
        .arch = SPAN("amd64"),
        .licence = SPAN("Apache-2.0"),
        .purl = SPAN("pkg:deb/debian/openssl@3.0.9-1?arch=amd64&distro=debian-12"),
        .path = SPAN("var/lib/dpkg/status"),
        .layer = 0},
    {.ecosystem = SPAN("Debian:12"),
        .type = SPAN("deb"),
        .name = SPAN("zlib1g"),
        .version = SPAN("1:1.2.13.dfsg-1"),
        .source_name = SPAN("zlib"),
        .source_version = SPAN("1:1.2.13.dfsg-1"),
        .arch = SPAN("amd64"),
        .licence = SPAN("Zlib"),
        .purl = SPAN("pkg:deb/debian/zlib1g@1%3A1.2.13.dfsg-1?arch=amd64&distro=debian-12"),
        .path = SPAN("var/lib/dpkg/status"),
        .layer = 0},
    {.ecosystem = SPAN("npm"),
        .type = SPAN("npm"),
        .name = SPAN("lodash"),
        .version = SPAN("4.17.15"),
        .licence = SPAN("MIT"),
        .purl = SPAN("pkg:npm/lodash@4.17.15"),
        .path = SPAN("app/node_modules/lodash/package.json"),
        .layer = 1},
    {.ecosystem = SPAN("npm"),
        .type = SPAN("npm"),
        .name = SPAN("lodash"),
        .version = SPAN("4.17.15"),
        .licence = SPAN("MIT"),
        .purl = SPAN("pkg:npm/lodash@4.17.15"),
        .path = SPAN("app/node_modules/old/node_modules/lodash/package.json"),
        .layer = 1},
    {.ecosystem = SPAN("PyPI"),
        .type = SPAN("pypi"),
        .name = SPAN("odd"),
        .version = SPAN("not-a-version"),
        .purl = SPAN("pkg:pypi/odd@not-a-version"),
        .path = SPAN("usr/lib/python3/dist-packages/odd.dist-info/METADATA"),
        .layer = 1},
};

static const struct span openssl_aliases[] = {SPAN("DEBIAN-CVE-2023-5363"), SPAN("DSA-5532-1")};
static const struct span lodash_aliases[] = {SPAN("GHSA-35jh-r3h4-6jhm")};

#define OPENSSL(component, id, severity, score, fixed, aliases, n)                                                     \
        {                                                                                                              \
                component, SPAN("openssl"), SPAN("3.0.9-1"), SPAN(id), aliases, n, ADVISORY_AFFECTED, severity, score, \
                    SPAN(""), SPAN("0"), SPAN(fixed), SPAN(""), SPAN("openssl - a flaw"),                              \
                    SPAN("https://example.org/" id),                                                                   \
                    SPAN("openssl 3.0.9-1 in Debian:12: DEBIAN-" id " affects all versions before " fixed),            \
                    .update = SPAN("3.0.17-1~deb12u2")                                                                 \
        }

#define LODASH(component)                                                                                       \
        {                                                                                                       \
                component, SPAN("lodash"), SPAN("4.17.15"), SPAN("CVE-2021-23337"), lodash_aliases, 1,          \
                    ADVISORY_AFFECTED, SEVERITY_HIGH, 72, SPAN("CVSS:3.1/AV:N/AC:L/PR:H/UI:N/S:U/C:H/I:H/A:H"), \
                    SPAN("0"), SPAN("4.17.21"), SPAN(""), SPAN("Command Injection in lodash"),                  \
                    SPAN("https://example.org/lodash"),                                                         \
                    SPAN("lodash 4.17.15 in npm: GHSA-35jh-r3h4-6jhm affects all versions before 4.17.21"),     \
                    .update = SPAN("4.17.21")                                                                   \
        }

/* In the order that match gives: severity, score, id, component. */
static struct finding findings[] = {
    {2, SPAN("zlib"), SPAN("1:1.2.13.dfsg-1"), SPAN("CVE-2023-45853"), NULL, 0, ADVISORY_AFFECTED, SEVERITY_CRITICAL,
        98, SPAN("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"), SPAN("0"), SPAN(""), SPAN(""),
        SPAN("MiniZip: integer overflow and resultant heap-based buffer overflow in zipOpenNewFileInZip4_64"), SPAN(""),
        SPAN("zlib 1:1.2.13.dfsg-1 in Debian:12: DEBIAN-CVE-2023-45853 affects every version, no fix known"),
        .status = ADVISORY_STATUS_WILL_NOT_FIX,
        .note = SPAN("contrib/minizip is not built"),
        .fact = {.id = SPAN("CVE-2023-45853"),
            .kev_added_s = NOW_S - 30 * DAY_S,
            .kev_due_s = NOW_S - 9 * DAY_S,
            .ransomware = true,
            .epss = 974560,
            .epss_percentile = 999990,
            .exploitation = ADVISORY_EXPLOITATION_ACTIVE,
            .automatable = true}},
    OPENSSL(0, "CVE-2023-5363", SEVERITY_HIGH, 75, "3.0.11-1~deb12u2", openssl_aliases, 2),
    OPENSSL(1, "CVE-2023-5363", SEVERITY_HIGH, 75, "3.0.11-1~deb12u2", openssl_aliases, 2),
    LODASH(3),
    LODASH(4),
    OPENSSL(0, "CVE-2024-5535", SEVERITY_LOW, 0, "3.0.17-1~deb12u2", NULL, 0),
    OPENSSL(1, "CVE-2024-5535", SEVERITY_LOW, 0, "3.0.17-1~deb12u2", NULL, 0),
    {5, SPAN("odd"), SPAN("not-a-version"), SPAN("PYSEC-2020-1"), NULL, 0, ADVISORY_UNKNOWN, SEVERITY_UNKNOWN, 0,
        SPAN(""), SPAN(""), SPAN(""), SPAN(""), SPAN(""), SPAN(""),
        SPAN("odd not-a-version in PyPI: PYSEC-2020-1 speaks of it, but the versions can't be put in order")},
};

static struct span match_notes[] = {SPAN("no advisories for RubyGems in the database: 2 components not assessed")};
static struct span inventory_notes[] = {SPAN("layer 1: opt/app.jar: Java archives are not read here")};

static struct match full_match(void)
{
        struct match m = {
            .findings = findings,
            .n_findings = ARRAY_LEN(findings),
            .n_affected = {[SEVERITY_CRITICAL] = 1, [SEVERITY_HIGH] = 4, [SEVERITY_LOW] = 2},
            .n_cannot_tell = 1,
            .notes = match_notes,
            .n_notes = 1,
            .database = {.built_s = NOW_S - 3 * DAY_S - 1, .newest_record_s = NOW_S - 4 * DAY_S, .records = 45000},
        };

        digest_of(DIGEST_SHA256, SPAN_LIT("database"), &m.database.digest);
        return m;
}

static struct remark remarks[] = {
    {.kind = REMARK_SECRET,
        .severity = REMARK_HIGH,
        .rule = SPAN("secret.aws-access-key"),
        .title = SPAN("an access key of AWS"),
        .path = SPAN("app/.env"),
        .line = 3,
        .excerpt = SPAN("AKIA***"),
        .remedy = SPAN("revoke it, and take it out of the layer that has it"),
        .layer = 0,
        .visible = false},
    {.kind = REMARK_CONFIGURATION,
        .severity = REMARK_LOW,
        .rule = SPAN("config.root-user"),
        .title = SPAN("the image runs as root"),
        .remedy = SPAN("name another user with USER"),
        .layer = 1,
        .visible = true},
};

static struct inventory full_inventory(void)
{
        static __typeof__(*((struct inventory *)0)->layers) layers[2];
        struct inventory v = {
            .os = {SPAN("debian"), SPAN("12"), SPAN("bookworm"), SPAN("Debian GNU/Linux 12 (bookworm)")},
            .os_known = true,
            .components = components,
            .n_components = ARRAY_LEN(components),
            .remarks = remarks,
            .n_remarks = ARRAY_LEN(remarks),
            .layers = layers,
            .n_layers = 2,
            .notes = inventory_notes,
            .n_notes = 1,
        };

        digest_of(DIGEST_SHA256, SPAN_LIT("image"), &v.image);
        digest_of(DIGEST_SHA256, SPAN_LIT("config"), &v.config);
        for (size_t i = 0; i < 2; i++) {
                digest_of(DIGEST_SHA256, span_bytes(&"01"[i], 1), &layers[i].diff_id);
                digest_of(DIGEST_SHA512, span_bytes(&"ab"[i], 1), &layers[i].blob);
                layers[i].size = 1000 + i;
                layers[i].plain_size = 3000 + i;
                layers[i].entries = 17;
        }
        layers[1].created_by = SPAN_LIT("COPY . /app # \"quoted\"");
        return v;
}

static const char policy_text[] = "version: 1\n"
                                  "findings:\n"
                                  "  deny:\n"
                                  "    - severity: critical\n"
                                  "packages:\n"
                                  "  deny: ['pkg:npm/lodash@4.17.15']\n"
                                  "require: {signature: true}\n"
                                  "ignore:\n"
                                  "  - {id: CVE-2023-45853, reason: long gone, until: 2026-11-22}\n"
                                  "  - {id: PYSEC-2020-1, package: odd, reason: looked at, until: 2026-12-31}\n"
                                  "max_database_age_days: 2\n";

static void facts_make(struct policy_finding facts[ARRAY_LEN(findings)])
{
        for (size_t i = 0; i < ARRAY_LEN(findings); i++) {
                const struct finding *f = &findings[i];

                facts[i] = (struct policy_finding){.id = f->id,
                    .package = components[f->component].name,
                    .version = components[f->component].version,
                    .severity = (enum policy_severity)f->severity,
                    .score_tenths = f->score_tenths,
                    .fix_available = f->fixed.len > 0,
                    .cannot_tell = f->answer != ADVISORY_AFFECTED,
                    .purl = components[f->component].purl,
                    .path = components[f->component].path};
        }
}

static struct policy_verdict *full_verdict(const struct match *m)
{
        CLEANUP(policy_freep) struct policy *p = NULL;
        struct policy_finding facts[ARRAY_LEN(findings)];
        struct policy_component purls[ARRAY_LEN(components)];
        struct policy_verdict *v = NULL;

        facts_make(facts);
        for (size_t i = 0; i < ARRAY_LEN(components); i++)
                purls[i] = (struct policy_component){components[i].purl, components[i].licence};
        assert_true(policy_load(span_of(policy_text), "team/policy.yaml", &p, NULL));
        assert_true(policy_decide(p,
            &(struct policy_facts){.findings = facts,
                .n_findings = ARRAY_LEN(facts),
                .components = purls,
                .n_components = ARRAY_LEN(purls),
                .steps = {[POLICY_STEP_SCAN] = {POLICY_FAILED, SPAN("2 components not assessed")}},
                .database_s = m->database.built_s,
                .now_s = NOW_S},
            &v, NULL));
        return v;
}

static void assert_golden(const char *name, struct span got)
{
        CLEANUP(fd_close) int dir = open(REPORT_GOLDEN, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        CLEANUP(buf_done) struct buf expected = {0}, shown = {0};
        const char *mode = getenv("UPDATE_GOLDEN");
        struct err e = {0};

        assert_true(dir >= 0);
        if (mode && strcmp(mode, "1") == 0)
                assert_true(file_replace(dir, name, got, 0644, NULL));
        if (!file_read(dir, name, 1 << 20, &expected, &e))
                fail_msg("%s: %s", name, e.text);
        buf_put(&shown, got);
        buf_put_u8(&shown, 0);
        buf_put_u8(&expected, 0);
        assert_string_equal((const char *)shown.at, (const char *)expected.at);
}

static void check(const char *name, const struct report_facts *f, struct report_options o)
{
        CLEANUP(buf_done) struct buf b = {0}, again = {0};

        assert_true(report_scan(f, &o, &b, NULL));
        assert_true(report_scan(f, &o, &again, NULL));
        assert_true(span_equal(buf_span(&b), buf_span(&again)));
        assert_golden(name, buf_span(&b));
}

static void check_verdict(const char *name, const struct report_facts *f, struct report_options o)
{
        CLEANUP(buf_done) struct buf b = {0};

        assert_true(report_verdict(f, &o, &b, NULL));
        assert_golden(name, buf_span(&b));
}

static void test_full(void **state)
{
        struct inventory v = full_inventory();
        struct match m = full_match();
        CLEANUP(policy_verdict_freep) struct policy_verdict *verdict = full_verdict(&m);
        struct report_facts f = {.name = SPAN_LIT("registry.example.org/team/shop:1.4"),
            .platform = {SPAN("linux"), SPAN("arm64"), SPAN("v8")},
            .inventory = &v,
            .match = &m,
            .verdict = verdict,
            .now_s = NOW_S,
            .kind = SPAN_LIT("OCI layout"),
            .from_store = true,
            .record = "sha256:77d2"};

        (void)state;
        check("full_100.txt", &f, (struct report_options){.width = 100});
        check("full_40.txt", &f, (struct report_options){.width = 40});
        check("full_unwrapped.txt", &f, (struct report_options){.width = 0});
        check("full_colour.txt", &f, (struct report_options){.width = 100, .colour = true});
        check("full_all.txt", &f, (struct report_options){.width = 100, .all_components = true});
        check("full.json", &f, (struct report_options){.format = REPORT_JSON});
        check("full.sarif", &f, (struct report_options){.format = REPORT_SARIF});
        check("full.junit.xml", &f, (struct report_options){.format = REPORT_JUNIT});
        check("full.cdx", &f, (struct report_options){.format = REPORT_CYCLONEDX});
        check("full.spdx", &f, (struct report_options){.format = REPORT_SPDX});
        check("full.github", &f, (struct report_options){.format = REPORT_GITHUB});
        check("full.html", &f, (struct report_options){.format = REPORT_HTML});
        check_verdict("refused.txt", &f, (struct report_options){.width = 80});
        check_verdict("refused_colour.txt", &f, (struct report_options){.width = 80, .colour = true});
}

static void test_clean(void **state)
{
        struct inventory v = full_inventory();
        struct match m = full_match();
        CLEANUP(policy_freep) struct policy *p = policy_default();
        CLEANUP(policy_verdict_freep) struct policy_verdict *verdict = NULL;
        struct report_facts f = {.name = SPAN_LIT("./clean"), .inventory = &v, .match = &m, .now_s = NOW_S};

        (void)state;
        v.n_components = 3;
        v.n_notes = m.n_notes = m.n_findings = m.n_cannot_tell = v.n_remarks = 0;
        memset(m.n_affected, 0, sizeof(m.n_affected));
        v.complete = m.complete = true;
        assert_true(policy_decide(p,
            &(struct policy_facts){.steps = {[POLICY_STEP_SCAN] = {POLICY_DONE_OK, {0}}}, .now_s = NOW_S}, &verdict,
            NULL));
        f.verdict = verdict;
        check("clean.txt", &f, (struct report_options){.width = 80});
        check("clean_colour.txt", &f, (struct report_options){.width = 80, .colour = true});
        check("clean.junit.xml", &f, (struct report_options){.format = REPORT_JUNIT});
        check("clean.html", &f, (struct report_options){.format = REPORT_HTML});
        check("clean.json", &f, (struct report_options){.format = REPORT_JSON});
        check_verdict("allowed.txt", &f, (struct report_options){.width = 80});
        verdict->run_not_judged = 9;
        check_verdict("allowed_run_not_judged.txt", &f, (struct report_options){.width = 80});
        check("run_not_judged.txt", &f, (struct report_options){.width = 80});
        check("run_not_judged.html", &f, (struct report_options){.format = REPORT_HTML});
        check("run_not_judged.json", &f, (struct report_options){.format = REPORT_JSON});
        verdict->run_not_judged = 0;
        v.complete = false; /* nothing found is then no praise */
        v.n_notes = 1;
        m.database.built_s = NOW_S + 1;
        check("not_all_assessed.txt", &f, (struct report_options){.width = 80});
        check_verdict("allowed_not_assessed.txt", &f, (struct report_options){.width = 80});
}

/* What a user's statements say: suppressed ones stand apart and count nowhere, others stay with what is said of them. */
/* One that covers, one that has ended, of another image, to come, and for nothing: each is told as what it is. */
static void test_exceptions(void **state)
{
        static const char text[] =
            "version: 1\nmax_ignore_days: 366\nignore:\n"
            "  - {id: CVE-2023-5363, component: pkg:deb/debian/*, since: 2026-11-01, until: 2026-12-31, reason: not called}\n"
            "  - {id: CVE-2023-45853, path: var/lib/dpkg/*, since: 2026-01-01, until: 2026-11-22, reason: '<minizip>'}\n"
            "  - {id: CVE-2023-45853, image: ghcr.io/other/app, since: 2026-01-01, until: 2026-12-31, reason: elsewhere}\n"
            "  - {id: CVE-2023-45853, since: 2026-12-01, until: 2026-12-31, reason: later}\n"
            "  - {id: CVE-1999-1, since: 2026-01-01, until: 2026-12-31, reason: long gone}\n";
        struct inventory v = full_inventory();
        struct match m = full_match();
        struct policy_finding facts[ARRAY_LEN(findings)];
        CLEANUP(policy_freep) struct policy *p = NULL;
        struct policy_exceptions *x = NULL;
        struct report_facts f = {.name = SPAN_LIT("shop"), .inventory = &v, .match = &m, .now_s = NOW_S};
        struct report_counts before = report_count(&f), counts;
        struct err e = {0};

        (void)state;
        facts_make(facts);
        if (!policy_load_exceptions(span_of(text), "team/ignore me.yaml", &p, &e))
                fail_msg("%s", e.text);
        assert_true(policy_except(
            p, &(struct policy_facts){.findings = facts, .n_findings = ARRAY_LEN(facts), .now_s = NOW_S}, &x, NULL));
        f.exceptions = x;
        counts = report_count(&f);
        assert_int_equal(counts.excepted, 2);
        assert_int_equal(counts.expired, 1);
        assert_int_equal(counts.affected[SEVERITY_CRITICAL], before.affected[SEVERITY_CRITICAL]);
        assert_int_equal(counts.affected[SEVERITY_HIGH], before.affected[SEVERITY_HIGH] - 2);
        check("exceptions.txt", &f, (struct report_options){.width = 100});
        check("exceptions.json", &f, (struct report_options){.format = REPORT_JSON});
        check("exceptions.sarif", &f, (struct report_options){.format = REPORT_SARIF});
        check("exceptions.junit.xml", &f, (struct report_options){.format = REPORT_JUNIT});
        check("exceptions.html", &f, (struct report_options){.format = REPORT_HTML});
        check("exceptions.cdx", &f, (struct report_options){.format = REPORT_CYCLONEDX});
        check("exceptions.spdx", &f, (struct report_options){.format = REPORT_SPDX});
        policy_exceptions_free(x);
}

static void test_vex(void **state)
{
        static struct match_vex_note notes[] = {
            {.status = VEX_STATUS_NOT_AFFECTED,
                .suppresses = true,
                .id = SPAN("CVE-2023-45853"),
                .product = SPAN("pkg:deb/debian/zlib1g"),
                .justification = SPAN("vulnerable_code_not_in_execute_path"),
                .note = SPAN("MiniZip is not built <here>"),
                .author = SPAN("Example & Sons"),
                .document = SPAN("vex/zlib.json"),
                .time_s = NOW_S - DAY_S,
                .n_findings = 1},
            {.status = VEX_STATUS_FIXED,
                .suppresses = true,
                .id = SPAN("CVE-2023-5363"),
                .product = SPAN("sha256:00"),
                .document = SPAN("vex/ssl.json")},
            {.status = VEX_STATUS_AFFECTED,
                .id = SPAN("CVE-2024-5535"),
                .product = SPAN("pkg:deb/debian/openssl"),
                .action = SPAN("wait for 3.0.17"),
                .document = SPAN("vex/ssl.json")},
        };
        struct inventory v = full_inventory();
        struct match m = full_match();
        uint32_t speaks[ARRAY_LEN(findings)] = {0};
        struct match_vex vex = {.notes = notes, .n_notes = ARRAY_LEN(notes), .speaks = speaks};
        struct report_facts f = {.name = SPAN_LIT("shop"), .inventory = &v, .match = &m, .vex = &vex, .now_s = NOW_S};
        struct report_counts before = report_count(&(struct report_facts){.inventory = &v, .match = &m}), counts;

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(findings); i++)
                for (size_t k = 0; k < ARRAY_LEN(notes); k++)
                        if (span_equal(findings[i].id, notes[k].id))
                                speaks[i] = (uint32_t)k + 1;
        counts = report_count(&f);
        assert_int_equal(counts.suppressed, 3);
        assert_int_equal(before.affected[SEVERITY_CRITICAL], 1);
        assert_int_equal(counts.affected[SEVERITY_CRITICAL], 0);
        assert_int_equal(counts.affected[SEVERITY_HIGH], before.affected[SEVERITY_HIGH] - 2);
        assert_int_equal(counts.affected[SEVERITY_LOW], before.affected[SEVERITY_LOW]);
        check("vex.txt", &f, (struct report_options){.width = 100});
        check("vex.json", &f, (struct report_options){.format = REPORT_JSON});
        check("vex.sarif", &f, (struct report_options){.format = REPORT_SARIF});
        check("vex.junit.xml", &f, (struct report_options){.format = REPORT_JUNIT});
        check("vex.cdx", &f, (struct report_options){.format = REPORT_CYCLONEDX});
        check("vex.html", &f, (struct report_options){.format = REPORT_HTML});
}

static void test_templates(void **state)
{
        static const struct {
                const char *template, *gives; /* NULL: refused */
        } rows[] = {
            {"", ""},
            {"plain } { {", "plain } { {"},
            {"{{image.name}}", "a&lt;b&gt;"},
            {"{{{image.name}}} {{& image.name }}", "a<b> a<b>"},
            {"{{os.id}}{{none}}{{os.none}}", "debian"},
            {"{{#components}}{{name}},{{/components}}", "libssl3,openssl,zlib1g,"},
            {"{{#components}}{{#owner}}x{{/owner}}{{^owner}}-{{/owner}}{{/components}}", "---"},
            {"{{^findings}}none{{/findings}}", "none"},
            {"{{#findings}}none{{/findings}}", ""},
            {"{{#os}}{{version_id}} {{image.name}}{{/os}}", "12 a&lt;b&gt;"},
            {"a\n{{! a comment }}\nb", "a\nb"},
            {"a\n  {{#os}}\n{{id}}\n  {{/os}}\nb", "a\ndebian\nb"},
            {"{{#complete}}yes{{/complete}}{{^complete}}no{{/complete}}", "yes"},
            {"{{#os", NULL},
            {"{{#os}}", NULL},
            {"{{/os}}", NULL},
            {"{{#os}}{{/image}}", NULL},
            {"{{}}", NULL},
            {"{{>partial}}", NULL},
            {"{{=<% %>=}}", NULL},
        };
        struct inventory v = full_inventory();
        struct match m = full_match();
        struct report_facts f = {.name = SPAN_LIT("a<b>"), .inventory = &v, .match = &m, .now_s = NOW_S};

        (void)state;
        v.n_components = 3;
        v.n_notes = m.n_notes = m.n_findings = m.n_cannot_tell = 0;
        v.complete = m.complete = true;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(buf_done) struct buf b = {0};
                struct report_options o = {.format = REPORT_TEMPLATE, .template_text = span_of(rows[i].template)};
                struct err e = {0};
                bool ok = report_scan(&f, &o, &b, &e);
                if (ok != (rows[i].gives != NULL) || (ok && !span_is(buf_span(&b), rows[i].gives)))
                        fail_msg("%s: %.*s%s", rows[i].template, (int)b.len, b.at ? (const char *)b.at : "", e.text);
                if (!ok)
                        assert_true(e.kind == ERR_MALFORMED && strstr(e.text, "line "));
        }
}

static bool says(const struct report_facts *f, const char *words)
{
        CLEANUP(buf_done) struct buf b = {0};

        assert_true(report_scan(f, &(struct report_options){.width = 0}, &b, NULL));
        buf_put_u8(&b, 0);
        return strstr((const char *)b.at, words) != NULL;
}

#define PRAISE "no known vulnerabilities in 3 components"

/* Each thing that is missing, alone and without any note, is enough to withhold the praise and gives a reason. */
static void test_praise_only_when_assessed(void **state)
{
        struct inventory v = full_inventory();
        struct match m = full_match();
        struct report_facts f = {.name = SPAN_LIT("x"), .inventory = &v, .match = &m, .now_s = NOW_S};

        (void)state;
        v.n_components = 3;
        v.n_notes = m.n_notes = m.n_findings = m.n_cannot_tell = v.n_remarks = 0;
        memset(m.n_affected, 0, sizeof(m.n_affected));
        v.complete = m.complete = true;
        assert_true(says(&f, PRAISE));
        assert_false(says(&f, "not assessed"));
        assert_false(says(&f, "NOT ASSESSED"));

        v.complete = false;
        assert_false(says(&f, PRAISE));
        assert_true(says(&f, "not assessed as a whole: the image was not read as a whole"));
        v.complete = true;
        m.complete = false;
        assert_false(says(&f, PRAISE));
        assert_true(says(&f, "not assessed as a whole: not every component was looked up"));
        m.complete = true;
        m.n_cannot_tell = 1;
        assert_false(says(&f, PRAISE));
        assert_true(says(&f, "not assessed as a whole: whether a finding applies can't be told"));
        m.n_cannot_tell = 0;
        f.match = NULL;
        assert_false(says(&f, PRAISE));
        assert_true(says(&f, "not assessed: no advisory database: no component was looked up"));
}

/* The one that match has found for all; else no choice, and no promise. */
static void test_version_to_move_to(void **state)
{
        struct inventory v = full_inventory();
        struct match m = full_match();
        struct component c = {SPAN("npm"), SPAN("npm"), SPAN("p"), SPAN("1.0.0"), .path = SPAN("p/package.json")};
        struct finding two[2] = {
            {0, SPAN("p"), SPAN("1.0.0"), SPAN("CVE-1"), .answer = ADVISORY_AFFECTED, .fixed = SPAN("1.10.0")},
            {0, SPAN("p"), SPAN("1.0.0"), SPAN("CVE-2"), .answer = ADVISORY_AFFECTED, .fixed = SPAN("1.9.0")}};
        struct report_facts f = {.name = SPAN_LIT("x"), .inventory = &v, .match = &m, .now_s = NOW_S};

        (void)state;
        v.components = &c;
        v.n_components = 1;
        m.findings = two;
        m.n_findings = 2;
        assert_true(says(&f, "update p 1.0.0 -> 1.10.0, 1.9.0 (which of these mends all can't be told)"));
        two[0].update = two[1].update = SPAN_LIT("2.0.0");
        assert_true(says(&f, "update p 1.0.0 -> 2.0.0 (in"));
        assert_true(says(&f, "(mended in 1.9.0)"));
        two[1].update_brings = 3;
        assert_true(says(&f, "update p 1.0.0 -> 2.0.0 (which has 3 of its own without a fix) (in"));
        two[1].update = SPAN_LIT("2.0.1"); /* streams of a module */
        assert_true(says(&f, "update p 1.0.0 -> 2.0.0, 2.0.1 (which of these mends all can't be told)"));
        two[0].update = two[1].update = (struct span){0};
        two[0].fixed = SPAN_LIT("1.9.0"); /* the same twice leaves no choice */
        two[1].update_brings = 0;
        assert_true(says(&f, "update p 1.0.0 -> 1.9.0 (in"));
}

/* A package in several layers; a command as long as a script; more paths than a table should list. */
static void test_places(void **state)
{
        struct inventory v = full_inventory();
        struct match m = full_match();
        struct component many[20];
        struct finding findings_of[20];
        char paths[20][24], command[400];
        struct report_facts f = {.name = SPAN_LIT("x"), .inventory = &v, .match = &m, .now_s = NOW_S};

        (void)state;
        for (size_t i = 0; i < 20; i++) {
                snprintf(paths[i], sizeof(paths[i]), "p%02zu/package.json", i);
                many[i] = components[3];
                many[i].path = span_of(paths[i]);
                many[i].layer = i < 10;
                findings_of[i] = findings[3];
                findings_of[i].component = (uint32_t)i;
        }
        v.components = many;
        m.findings = findings_of;
        v.n_components = m.n_findings = 20;
        assert_true(says(&f, "p11/package.json, and 8 more; layers 1, 2)"));
        assert_true(says(&f, "findings    1 ")); /* one line on the page is one finding, in however many places */
        v.n_components = m.n_findings = 1;
        memset(command, 'x', sizeof(command));
        memcpy(command + 59, "\xc3\xa4", 2); /* the cut would fall into this character */
        v.layers[1].created_by = span_bytes(command, sizeof(command));
        assert_true(says(&f, "; layer 2: xxxxxxxx"));
        assert_true(says(&f, "xxx ...)"));
        assert_false(says(&f, "?"));
        v.layers[1].created_by = SPAN_LIT(" \n");
        assert_true(says(&f, "; layer 2)"));
        v.n_layers = 0;
        assert_true(says(&f, "(in p00/package.json)"));
}

/* No database at all, an empty folder, and names that would like to talk to the terminal. */
static void test_hostile(void **state)
{
        struct inventory v = {0};
        struct match m = full_match();
        struct component evil = {.ecosystem = SPAN("npm"),
            .type = SPAN("n\033pm"),
            .name = SPAN("\033[2Jgone"),
            .version = SPAN("1\n2"),
            .licence = SPAN("\xff\xfe"),
            .purl = SPAN("pkg:npm/\xe2\x80\xaegone"),
            .path = SPAN("a\r\nb/package.json"),
            .layer = 0};
        struct finding finding = {0, SPAN("\033[2Jgone"), SPAN("1\n2"), SPAN("CVE-1\007"), NULL, 0, ADVISORY_AFFECTED,
            SEVERITY_HIGH, 75, SPAN("\x80"), SPAN(""), SPAN("3\xe2\x80\xae"), SPAN(""),
            SPAN("text\twith\nbreaks\0and NUL"), SPAN("javascript:"), SPAN("\033]0;title\007")};
        struct span note = SPAN("a note\033[31m\nverdict ALLOW");
        struct report_facts f = {.name = SPAN_LIT("\033[1mname"), .inventory = &v, .now_s = NOW_S};

        (void)state;
        check("no_database.txt", &f, (struct report_options){.width = 80});
        check_verdict("undecided.txt", &f, (struct report_options){.width = 80, .colour = true});
        check("no_database.json", &f, (struct report_options){.format = REPORT_JSON});
        v.components = &evil;
        v.n_components = 1;
        v.notes = &note;
        v.n_notes = 1;
        v.os.pretty_name = SPAN_LIT("Evil\033c OS");
        m.findings = &finding;
        m.n_findings = 1;
        f.match = &m;
        check("hostile.txt", &f, (struct report_options){.width = 80, .colour = false});
        check("hostile.json", &f, (struct report_options){.format = REPORT_JSON});
        check("hostile.junit.xml", &f, (struct report_options){.format = REPORT_JUNIT});
        check("hostile.html", &f, (struct report_options){.format = REPORT_HTML});
        check("hostile.sarif", &f, (struct report_options){.format = REPORT_SARIF});
}

static void test_full_buffer(void **state)
{
        struct inventory v = full_inventory();
        struct report_facts f = {.name = SPAN_LIT("x"), .inventory = &v, .now_s = NOW_S};

        (void)state;
        for (int format = REPORT_TABLE; format <= REPORT_JSON; format++) {
                CLEANUP(buf_done) struct buf b = {.max = 100};
                struct err e = {0};

                assert_false(report_scan(&f, &(struct report_options){.format = (enum report_format)format}, &b, &e));
                assert_int_equal(e.kind, ERR_LIMIT);
                assert_string_equal(e.text, "the report is larger than 100 bytes");
        }
        struct buf small CLEANUP(buf_done) = {.max = 10};
        struct err e = {0};

        assert_false(report_verdict(&f, &(struct report_options){.width = 0}, &small, &e));
        assert_int_equal(e.kind, ERR_LIMIT);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_full),
            cmocka_unit_test(test_clean),
            cmocka_unit_test(test_exceptions),
            cmocka_unit_test(test_vex),
            cmocka_unit_test(test_templates),
            cmocka_unit_test(test_praise_only_when_assessed),
            cmocka_unit_test(test_version_to_move_to),
            cmocka_unit_test(test_places),
            cmocka_unit_test(test_hostile),
            cmocka_unit_test(test_full_buffer),
        };

        return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
