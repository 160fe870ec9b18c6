#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "secrets/secrets_priv.h"

/* Built here from parts, so that no scanner of this source finds a secret in it. */
#define A16 "QWERTYUIOPASDFGH"
#define HEX32 "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
#define MIX36 "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ6"

static struct secrets *opened(void)
{
        static struct secrets *s;
        CLEANUP(secrets_rules_freep) struct secrets_rules *r = NULL;
        CLEANUP(buf_done) struct buf b = {0};
        struct err e = {0};

        if (s)
                return s;
        if (!secrets_load(&e)) {
                print_message("skipped: %s\n", e.text);
                skip();
        }
        if (!secrets_rules_parse(span_of(secrets_default_rules), "default.rules", &r, &e) ||
            !secrets_compile(r, &b, &e) || !secrets_open(buf_span(&b), &s, &e))
                fail_msg("%s", e.text);
        assert_true(secrets_rules_count(r) > 50);
        return s;
}

struct seen {
        size_t n;
        char rules[32][64], shown[32][64];
        uint64_t lines[32];
};

static bool on_hit(void *ctx, const struct secret_hit *h)
{
        struct seen *s = ctx;

        assert_true(s->n < 32);
        snprintf(s->rules[s->n], 64, "%.*s", SPAN_FMT(h->rule));
        snprintf(s->shown[s->n], 64, "%s", h->shown);
        s->lines[s->n++] = h->line;
        return true;
}

static struct seen scan(const char *path, struct span text, size_t piece)
{
        struct secrets_reader *r = secrets_reader_new(opened(), span_of(path), text.len);
        struct seen seen = {0};

        if (!r)
                return seen;
        for (size_t at = 0; at < text.len; at += piece)
                secrets_reader_data(r, span_cut(text, at, piece));
        secrets_reader_end(r, on_hit, &seen);
        secrets_reader_free(r);
        return seen;
}

static void test_rules_find(void **state)
{
        static const struct {
                const char *text, *rule, *shown; /* rule NULL: nothing may be found */
        } rows[] = {
            {"key = AKIA"
             "2XYZ7QRS5TUV3WAB\n",
                "secret.aws-access-key", "AKIA***"},
            {"key = AKIA"
             "IOSFODNN7EXAMPLE\n",
                NULL, NULL}, /* of AWS's own documentation */
            {"AKIA"
             "AAAAAAAAAAAAAAAA rest\n",
                NULL, NULL},
            {"aws_secret_access_key = \"wJalrXUtnFEMI/K7MDENG/"
             "bPxRfiCYzzq83hv1Lp\"\n",
                "secret.aws-secret-key", "wJal***"},
            {"-----BEGIN RSA PRIVATE "
             "KEY-----\nMIIE\n",
                "secret.private-key", "-----BEGIN RSA PRIVATE KEY-----"},
            {"-----BEGIN PUBLIC "
             "KEY-----\nMIIE\n",
                NULL, NULL},
            {"token: gh"
             "p_" MIX36 "\n",
                "secret.github-token", "ghp_***"},
            {"token: gh"
             "p_"
             "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n",
                NULL, NULL},
            {"token: gh"
             "p_short\n",
                NULL, NULL},
            {"GITLAB=glpat"
             "-aB3dE6gH9jK2mN5pQ8sT\n",
                "secret.gitlab-token", "glpa***"},
            {"//registry.npmjs.org/:_authToken"
             "=npm-aB3dE6gH9jK2mN5pQ8\n",
                "secret.npm-auth-token", NULL},
            {"xo"
             "xb-123456789012-aB3dE6gH9jK2mN5pQ8sT1vW4\n",
                NULL, NULL}, /* 123456789: of a manual */
            {"xo"
             "xb-908172635412-aB3dE6gH9jK2mN5pQ8sT1vW4\n",
                "secret.slack-token", "xoxb***"},
            {"s"
             "k_live_aB3dE6gH9jK2mN5pQ8sT1vW4\n",
                "secret.stripe-key", "sk_l***"},
            {"mail: S"
             "G.aB3dE6gH9jK2mN5pQ8sT1v.W4yZ7bC0eF3hJ6aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC\n",
                "secret.sendgrid-key", "SG.a***"},
            {"{\"auths\":{\"r\":{\"auth\""
             ": \"dXNlcjpoVnI5c0tQMnFMd1g=\"}}}\n",
                "secret.docker-auth", "dXNl***"},
            {"db: postgres://shop:hV9sKP2qLwX@db.internal/shop\n", "secret.url-password", NULL},
            {"db: postgres://user:password@localhost/shop\n", NULL, NULL},
            {"https://example.com/path\n", NULL, NULL},
            {"password = \"hV9sKP2qLwX7z!mT4\"\n", "secret.assigned-password", "hV9s***"},
            {"password = \"aaaaaaaaaaaaaaaaaa\"\n", NULL, NULL},
            {"password = \"${PASSWORD_FROM_ENV}\"\n", NULL, NULL},
            {"plain text that holds nothing at all\n", NULL, NULL},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct seen s = scan("app/config", span_of(rows[i].text), 7);
                if (!rows[i].rule && s.n > 0)
                        fail_msg("%s is taken for %s", rows[i].text, s.rules[0]);
                if (rows[i].rule && (s.n == 0 || strcmp(s.rules[0], rows[i].rule) != 0))
                        fail_msg("%s is taken for %s", rows[i].text, s.n ? s.rules[0] : "nothing");
                if (rows[i].shown && strcmp(s.shown[0], rows[i].shown) != 0)
                        fail_msg("%s is shown as %s", rows[i].text, s.shown[0]);
        }
}

static void test_paths_and_binaries(void **state)
{
        static const char text[] = "x\nx\ntoken: gh"
                                   "p_" MIX36 "\n";
        char binary[sizeof(text)];

        (void)state;
        struct seen s = scan("app/.env", SPAN_LIT(text), 1);
        assert_int_equal(s.n, 1);
        assert_int_equal(s.lines[0], 3);
        assert_int_equal(scan("usr/share/doc/x/README", SPAN_LIT(text), 9).n, 0);
        assert_int_equal(scan("src/testdata/x", SPAN_LIT(text), 9).n, 0);
        memcpy(binary, text, sizeof(text));
        binary[1] = 0;
        assert_int_equal(scan("app/program", span_bytes(binary, sizeof(binary)), 9).n, 0);
}

/* A secret at every place round the bound of a window: found once, on its line. */
static void test_windows(void **state)
{
        size_t size = SECRETS_WINDOW * 2 + 100;
        char *text CLEANUP(heap_freep) = heap_realloc(NULL, size, 1);
        static const char secret[] = "gh"
                                     "p_" MIX36;

        (void)state;
        for (size_t at = SECRETS_WINDOW - 60; at < SECRETS_WINDOW + 20; at += 3) {
                memset(text, ' ', size);
                for (size_t i = 63; i < size; i += 64)
                        text[i] = '\n';
                memcpy(text + at, secret, sizeof(secret) - 1);
                text[at - 1] = text[at + sizeof(secret) - 1] = ' ';
                struct seen s = scan("app/large", span_bytes(text, size), 10007);
                uint64_t line = 1;
                for (size_t i = 0; i < at; i++)
                        line += text[i] == '\n';
                assert_int_equal(s.n, 1);
                assert_int_equal(s.lines[0], line);
        }
}

static void test_weights(void **state)
{
        (void)state;
        assert_int_equal(entropy_tenths(SPAN_LIT("")), 0);
        assert_int_equal(entropy_tenths(SPAN_LIT("aaaa")), 0);
        assert_int_equal(entropy_tenths(SPAN_LIT("abcd")), 20);
        assert_int_equal(entropy_tenths(SPAN_LIT("0123456789abcdef")), 40);
        assert_true(span_is(value_of(SPAN_LIT("key=\"abcdefgh\"")), "abcdefgh"));
        assert_true(span_is(value_of(SPAN_LIT("aws_secret_access_key=abc")), "aws_secret_access_key") ||
                    span_is(value_of(SPAN_LIT("aws_secret_access_key=abc")), "abc"));
}

static void test_bad_rules(void **state)
{
        static const struct {
                const char *text, *says;
        } rows[] = {
            {"", "no rule"},
            {"rule A\n", "small letters"},
            {"rule a\ntitle t\nseverity high\nmatch x\nrule a\n", "two rules"},
            {"rule a\ntitle t\nseverity urgent\n", "low, medium, high or critical"},
            {"rule a\ntitle t\nseverity high\n", "lacks"},
            {"title t\n", "before the first rule"},
            {"rule a\nentropy 9\n", "0 to 8"},
            {"rule a\nentropy 3.55\n", "0 to 8"},
            {"rule a\nsize 3\n", "unknown key"},
            {"rule a\ntitle\n", "without a value"},
            {"rule a\nshow yes\n", "stands alone"},
            {"rule a\ntitle t\x01\n", "clean text"},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct secrets_rules *r = NULL;
                struct err e = {0};
                assert_false(secrets_rules_parse(span_of(rows[i].text), "mine.rules", &r, &e));
                if (e.kind != ERR_MALFORMED || !strstr(e.text, rows[i].says) || !strstr(e.text, "mine.rules"))
                        fail_msg("%s: %s", rows[i].text, e.text);
        }
}

static void test_bad_expressions_and_bytes(void **state)
{
        CLEANUP(secrets_rules_freep) struct secrets_rules *r = NULL, *good = NULL;
        CLEANUP(buf_done) struct buf b = {0}, c = {0};
        struct secrets *s = NULL;
        struct err e = {0};

        (void)state;
        opened();
        assert_true(secrets_rules_parse(SPAN_LIT("rule a\ntitle t\nseverity high\nmatch (?<!x)y\n"), "m", &r, &e));
        assert_false(secrets_compile(r, &b, &e));
        assert_int_equal(e.kind, ERR_MALFORMED);
        assert_non_null(strstr(e.text, "secret.a"));
        assert_true(secrets_rules_parse(SPAN_LIT("rule a\ntitle t\nseverity high\nmatch abc\n"), "m", &good, &e));
        assert_true(secrets_compile(good, &c, &e));
        for (size_t len = 0; len < c.len; len += len < 200 ? 1 : 97)
                assert_false(secrets_open(span_bytes(c.at, len), &s, &e));
        for (size_t i = 0; i < c.len; i += 211) { /* one byte changed: refused, or the same in effect; never a crash */
                c.at[i] ^= 0x5a;
                if (secrets_open(buf_span(&c), &s, &e))
                        secrets_freep(&s);
                c.at[i] ^= 0x5a;
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_rules_find),
            cmocka_unit_test(test_paths_and_binaries),
            cmocka_unit_test(test_windows),
            cmocka_unit_test(test_weights),
            cmocka_unit_test(test_bad_rules),
            cmocka_unit_test(test_bad_expressions_and_bytes),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
