/* What is no policy: refused, with the line and what is wrong in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "policy/policy_priv.h"

static const struct {
        const char *text, *error;
} broken[] = {
    {"", "p.yaml:1:1: the policy is empty; it begins with \"version: 1\""},
    {"# only a comment\n", "p.yaml:2:1: the policy is empty; it begins with \"version: 1\""},
    {"findings:\n  deny: []\n", "p.yaml:1:1: policy: \"version\" is missing"},
    {"version: 2\n", "p.yaml:1:10: version: this program knows version 1 of policies"},
    {"version: '1'\n", "p.yaml:1:10: version: this program knows version 1 of policies"},
    {"- version: 1\n", "p.yaml:1:1: policy: a mapping (key: value) was expected, found a list"},
    {"version 1\n", "p.yaml:1:1: policy: a mapping (key: value) was expected, found a text"},
    {"version: 1\nfinding:\n  deny: []\n", "p.yaml:2:1: unknown key \"finding\"; known here: version, findings, "
                                           "packages, licences, ignore, max_ignore_days, vex, require, "
                                           "max_database_age_days, run"},
    {"version: 1\nfindings:\n  deny:\n    - severity: high\n      fix: true\n",
        "p.yaml:5:7: unknown key \"fix\"; known here: severity, fix_available, exploited"},
    {"version: 1\nrequire:\n  scan: true\n  scan: false\n",
        "p.yaml:4:3: duplicate key \"scan\", first in line 3: keep one"},
    {"version: 1\nversion: 1\n", "p.yaml:2:1: duplicate key \"version\", first in line 1: keep one"},
    {"version: 1\nfindings:\n", "p.yaml:2:10: findings: a mapping (key: value) was expected, found nothing"},
    {"version: 1\nfindings:\n  deny:\n", "p.yaml:3:8: findings.deny: a list was expected, found nothing"},
    {"version: 1\nfindings:\n  deny: {severity: high}\n",
        "p.yaml:3:9: findings.deny: a list was expected, found a mapping"},
    {"version: 1\nfindings:\n  deny:\n    - high\n",
        "p.yaml:4:7: findings.deny: a mapping (key: value) was expected, found a text"},
    {"version: 1\nfindings:\n  deny:\n    - fix_available: true\n",
        "p.yaml:4:7: findings.deny: \"severity\" is missing"},
    {"version: 1\nfindings: {deny: [{severity: High}]}\n",
        "p.yaml:2:30: severity: unknown, low, medium, high or critical was expected"},
    {"version: 1\nfindings: {deny: [{severity: none}]}\n",
        "p.yaml:2:30: severity: unknown, low, medium, high or critical was expected"},
    {"version: 1\nfindings: {deny: [{severity: low, fix_available: yes}]}\n",
        "p.yaml:2:50: fix_available: true, false or any was expected"},
    {"version: 1\nrequire: {scan: yes}\n", "p.yaml:2:17: scan: true or false was expected"},
    {"version: 1\nrequire: {scan: 'true'}\n", "p.yaml:2:17: scan: true or false was expected"},
    {"version: 1\nrequire: {scan: }\n", "p.yaml:2:17: scan: true or false was expected"},
    {"version: 1\nrequire: {signatur: true}\n",
        "p.yaml:2:11: unknown key \"signatur\"; known here: scan, signature, host"},
    {"version: 1\nmax_database_age_days: -1\n",
        "p.yaml:2:24: max_database_age_days: a whole number from 0 to 36500 was expected"},
    {"version: 1\nmax_database_age_days: 1e3\n",
        "p.yaml:2:24: max_database_age_days: a whole number from 0 to 36500 was expected"},
    {"version: 1\nmax_database_age_days: 99999999999999999999\n",
        "p.yaml:2:24: max_database_age_days: a whole number from 0 to 36500 was expected"},
    {"version: 1\npackages:\n  allow: []\n",
        "p.yaml:3:10: packages.allow: an empty list would refuse everything: leave \"allow\" out"},
    {"version: 1\nlicences:\n  allow: []\n",
        "p.yaml:3:10: licences.allow: an empty list would refuse everything: leave \"allow\" out"},
    {"version: 1\nlicences: {deny: [MIT, '']}\n", "p.yaml:2:24: licences.deny: a text was expected, found nothing"},
    {"version: 1\nlicences: {deny: [[MIT]]}\n", "p.yaml:2:19: licences.deny: a text was expected, found a list"},
    {"version: 1\npackages: {deny: [telnetd]}\n",
        "p.yaml:2:19: packages.deny: a purl pattern begins with \"pkg:\", for example pkg:npm/event-stream@3.3.6"},
    {"version: 1\npackages: {deny: ['pkg:deb/debian/sed?arch=amd64']}\n",
        "p.yaml:2:19: packages.deny: a pattern ends with the version; leave qualifiers (?) and subpath (#) out"},
    {"version: 1\npackages: {deny: ['pkg:deb']}\n", "p.yaml:2:19: packages.deny: a pattern that names a type and no "
                                                    "package: end it with \"/**\" for all of that type"},
    {"version: 1\npackages: {deny: ['pkg:deb/']}\n",
        "p.yaml:2:19: packages.deny: a pattern that has an empty part: no package's purl does"},
    {"version: 1\npackages: {allow: ['pkg:deb//sed@1']}\n",
        "p.yaml:2:20: packages.allow: a pattern that has an empty part: no package's purl does"},
    {"version: 1\nignore:\n  - id: CVE-1\n    until: 2026-12-31\n", "p.yaml:3:5: ignore: \"reason\" is missing"},
    {"version: 1\nignore:\n  - id: CVE-1\n    reason: r\n", "p.yaml:3:5: ignore: \"until\" is missing"},
    {"version: 1\nignore:\n  - reason: r\n    until: 2026-12-31\n", "p.yaml:3:5: ignore: \"id\" is missing"},
    {"version: 1\nignore:\n  - id: CVE-1\n    reason: '  '\n    until: 2026-12-31\n",
        "p.yaml:4:13: ignore: reason: a text was expected, found nothing"},
    {"version: 1\nignore:\n  - id: CVE-1\n    reason: r\n    until: 2026-02-30\n",
        "p.yaml:5:12: ignore: until: a date was expected, for example 2026-12-31"},
    {"version: 1\nignore:\n  - id: CVE-1\n    reason: r\n    untill: 2026-12-31\n",
        "p.yaml:5:5: unknown key \"untill\"; known here: id, package, component, path, image, reason, since, until"},
    {"version: 1\nignore: [{id: CVE-1, reason: r, until: 2026-12-31, component: lodash}]\n",
        "p.yaml:2:63: ignore: component: a purl pattern begins with \"pkg:\", for example pkg:npm/event-stream@3.3.6"},
    {"version: 1\nignore: [{id: CVE-1, reason: r, until: 2026-12-31, path: /}]\n",
        "p.yaml:2:58: ignore: path: name a file in the image, or a pattern such as opt/app/**"},
    {"version: 1\nignore: [{id: CVE-1, reason: r, until: 2026-12-31, image: ''}]\n",
        "p.yaml:2:59: ignore: image: a text was expected, found nothing"},
    {"version: 1\nignore: [{id: CVE-1, reason: r, since: soon, until: 2026-12-31}]\n",
        "p.yaml:2:40: ignore: since: a date was expected, for example 2026-12-31"},
    {"version: 1\nignore: [{id: CVE-1, reason: r, since: 2027-01-01, until: 2026-12-31}]\n",
        "p.yaml:2:10: ignore: it ends (2026-12-31) before it begins (2027-01-01)"},
    {"version: 1\nignore: [{id: CVE-1, reason: r, until: 2026-12-31}]\nmax_ignore_days: 90\n",
        "p.yaml:2:10: ignore: \"since\" is missing: the 90 days that exceptions may last (line 3) are counted from it"},
    {"version: 1\nmax_ignore_days: 30\nignore: [{id: CVE-1, reason: r, since: 2026-12-01, until: 2026-12-31}]\n",
        "p.yaml:3:10: ignore: from 2026-12-01 until 2026-12-31 are 31 days, at most 30 (line 2)"},
    {"version: 1\nvex: any\n", "p.yaml:2:6: vex: a mapping (key: value) was expected, found a text"},
    {"version: 1\nvex: {authors: [A]}\n", "p.yaml:2:6: vex: \"documents\" is missing"},
    {"version: 1\nvex: {documents: \"any\"}\n", "p.yaml:2:18: vex.documents: a list of digests, or any, was expected"},
    {"version: 1\nvex: {documents: all}\n", "p.yaml:2:18: vex.documents: a list of digests, or any, was expected"},
    {"version: 1\nvex: {documents: [sha256:ab]}\n", "p.yaml:2:19: vex.documents: sha256: and 64 hexadecimal digits "
                                                    "were expected, the digest of the document's bytes"},
    {"version: 1\nvex: {documents: any, authors: []}\n",
        "p.yaml:2:32: vex.authors: an empty list would count nobody: leave it out, or the whole of \"vex\""},
    {"version: 1\nvex: {documents: any, author: A}\n",
        "p.yaml:2:23: unknown key \"author\"; known here: documents, attached, authors"},
    {"version: 1\nmax_ignore_days: many\n",
        "p.yaml:2:18: max_ignore_days: a whole number from 0 to 36500 was expected"},
    {"version: 1\nignore:\n  - id: CVE-1\n    reason: r\n    until: never\n",
        "p.yaml:5:12: ignore: until: a date was expected, for example 2026-12-31"},
    {"version: 1\nignore:\n  - id: CVE-1\n    reason: r\n    until: 2026-12-31T00:00:00Z\n",
        "p.yaml:5:12: ignore: until: a date was expected, for example 2026-12-31"},
    /* YAML itself */
    {"version: 1\nrequire: &x {scan: true}\n",
        "p.yaml:2:10: anchors are not accepted: write the value where it is meant"},
    {"version: &v 1\n", "p.yaml:1:10: anchors are not accepted: write the value where it is meant"},
    {"version: 1\nrequire: *x\n", "p.yaml:2:10: aliases are not accepted: write the value where it is meant"},
    {"version: !!int 1\n", "p.yaml:1:10: tags are not accepted: leave it out"},
    {"version: 1\nrequire: !x {scan: true}\n", "p.yaml:2:10: tags are not accepted: leave it out"},
    {"%YAML 1.1\n---\nversion: 1\n", "p.yaml:1:1: directives (%) are not accepted: leave them out"},
    {"version: 1\n---\nversion: 1\n", "p.yaml:2:1: a second document: one file is one policy"},
    {"version: 1\n? [a, b]\n: c\n", "p.yaml:2:3: a key must be a word"},
    {"version: 1\nrequire: {scan: true\n",
        "p.yaml:3:1: did not find expected ',' or '}', while parsing a flow mapping"},
    {"version: 1\n\trequire: x\n",
        "p.yaml:2:1: found a tab character that violates indentation, while scanning a plain scalar"},
    {"version: 1\nignore: [{id: \"a\\nb\"}]\n",
        "p.yaml:2:15: the text holds a line break or another control character"},
    {"version: 1\nlicences: {deny: [\"\\e[2J\"]}\n",
        "p.yaml:2:19: the text holds a line break or another control character"},
    {"version: 1\nignore: [[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]\n", "p.yaml:2:24: nested too deeply"},
    {"version: 1 # \xff\n", "p.yaml: not UTF-8"},
    {"version: 1 # \x01\n", "p.yaml: byte 13: control characters are not allowed"},
};

static void test_broken_policies(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(broken); i++) {
                struct policy *p = NULL;
                struct err e = {0};

                print_message("%s", broken[i].text);
                assert_false(policy_load(span_of(broken[i].text), "p.yaml", &p, &e));
                assert_null(p);
                assert_string_equal(e.text, broken[i].error);
                assert_true(e.kind == ERR_MALFORMED || e.kind == ERR_LIMIT);
                assert_false(policy_load(span_of(broken[i].text), "p.yaml", &p, NULL));
        }
}

static void assert_limit(const struct buf *b, const char *error)
{
        struct policy *p = NULL;
        struct err e = {0};

        assert_false(policy_load(buf_span(b), "p.yaml", &p, &e));
        assert_string_equal(e.text, error);
}

static void test_limits(void **state)
{
        CLEANUP(buf_done) struct buf b = {0};
        struct policy *p = NULL;

        (void)state;
        buf_put_text(&b, "version: 1\n#");
        while (b.len < POLICY_FILE_MAX)
                buf_put_u8(&b, 'x');
        assert_true(policy_load(buf_span(&b), "p.yaml", &p, NULL));
        policy_free(p);
        p = NULL;
        buf_put_u8(&b, 'x');
        assert_limit(&b, "p.yaml: 1048577 bytes, at most 1048576");

        buf_clear(&b);
        buf_put_text(&b, "version: 1\nfindings:\n  deny:\n");
        for (unsigned i = 0; i <= POLICY_RULES_MAX; i++)
                buf_put_text(&b, "  - {severity: low}\n");
        assert_limit(&b, "p.yaml:4:3: findings.deny: 257 entries, at most 256");

        buf_clear(&b);
        buf_put_text(&b, "version: 1\nlicences: {deny: [");
        for (unsigned i = 0; i <= POLICY_TEXT_MAX; i++)
                buf_put_u8(&b, 'x');
        buf_put_text(&b, "]}\n");
        assert_limit(&b, "p.yaml:2:19: the text is longer than 1024 bytes");

        buf_clear(&b);
        buf_put_text(&b, "version: 1\nlicences: {deny: [");
        for (unsigned i = 0; i < POLICY_NODES_MAX; i++)
                buf_put_text(&b, "x,");
        buf_put_text(&b, "]}\n");
        assert_limit(&b, "p.yaml:2:131077: more than 65536 values in one policy");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_broken_policies),
            cmocka_unit_test(test_limits),
        };

        return cmocka_run_group_tests_name("policy_load", tests, NULL, NULL);
}
