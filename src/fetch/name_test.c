#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "fetch/fetch_priv.h"

#define HEX64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void names_are_read_as_docker_reads_them(void **state)
{
        static const struct {
                const char *text, *host, *repository, *reference;
        } rows[] = {
            {"debian", "docker.io", "library/debian", "latest"},
            {"debian:12", "docker.io", "library/debian", "12"},
            {"org/app", "docker.io", "org/app", "latest"},
            {"docker.io/debian", "docker.io", "library/debian", "latest"},
            {"index.docker.io/org/app:1", "docker.io", "org/app", "1"},
            {"ghcr.io/a/b/c:v1.2_x-Y", "ghcr.io", "a/b/c", "v1.2_x-Y"},
            {"localhost/app", "localhost", "app", "latest"},
            {"localhost:5000/app", "localhost:5000", "app", "latest"},
            {"127.0.0.1:5000/app:2", "127.0.0.1:5000", "app", "2"},
            {"[::1]:5000/app:2", "[::1]:5000", "app", "2"},
            {"app@sha256:" HEX64, "docker.io", "library/app", "sha256:" HEX64},
            {"r.example/app:1@sha256:" HEX64, "r.example", "app", "sha256:" HEX64},
            {"r.example/a--b__c.d", "r.example", "a--b__c.d", "latest"},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(arena_freep) struct arena *a = arena_new();
                struct fetch_name n;
                struct err e = {0};
                if (!fetch_name_parse(rows[i].text, a, &n, &e))
                        fail_msg("%s: %s", rows[i].text, e.text);
                assert_string_equal(n.host, rows[i].host);
                assert_string_equal(n.repository, rows[i].repository);
                assert_string_equal(n.reference, rows[i].reference);
        }
}

static void what_is_no_name_is_refused(void **state)
{
        static const char *const rows[] = {"", ":", "/", "Debian", "a//b", "/a", "a/", "a:", "a:-x", "a b", "a\nb",
            "../a", "./a", "a..b", "a___b", "-a", "a-", "r.example:0/a", "r.example:65536/a", "r.example:x/a",
            "r.example/A", "a@sha256:12", "a@md5:" HEX64, "[::1/a", ".r.example/a", "user@r.example/a", "r.example/a?b",
            "r.example/a#b", "r.example/a%2e",
            "a:"
            "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345"
            "678901"
            "23456789012345678"};

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(arena_freep) struct arena *a = arena_new();
                struct fetch_name n;
                struct err e = {0};
                if (fetch_name_parse(rows[i], a, &n, &e))
                        fail_msg("\"%s\" was taken for %s/%s:%s", rows[i], n.host, n.repository, n.reference);
                assert_true(e.kind == ERR_MALFORMED || e.kind == ERR_UNSUPPORTED);
        }
}

static void challenges_are_read(void **state)
{
        static const struct {
                const char *text;
                enum challenge_scheme scheme;
                const char *realm, *service, *scope;
        } rows[] = {
            {"Basic realm=\"x\"", CHALLENGE_BASIC, "x", "", ""},
            {"Bearer realm=\"https://a/t\",service=\"s\",scope=\"repository:a/b:pull,push\"", CHALLENGE_BEARER,
                "https://a/t", "s", "repository:a/b:pull,push"},
            {"bearer REALM=https, Service=s", CHALLENGE_BEARER, "https", "s", ""},
            {"Basic realm=\"a\", Bearer realm=\"b\"", CHALLENGE_BEARER, "b", "", ""},
            {"Bearer realm=\"b\", Basic realm=\"a\"", CHALLENGE_BEARER, "b", "", ""},
            {"Negotiate, Basic realm=\"q\\\"uo\\\\te\"", CHALLENGE_BASIC, "q\"uo\\te", "", ""},
        };
        static const char *const bad[] = {
            "", "Negotiate", "Bearer realm=\"open", "Basic realm=\"a\x01\"", "=", "\"\"", "Basic realm=\"a\" ;"};

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(arena_freep) struct arena *a = arena_new();
                struct challenge c;
                assert_true(challenge_parse(span_of(rows[i].text), a, &c));
                assert_int_equal(c.scheme, rows[i].scheme);
                assert_true(span_is(c.realm, rows[i].realm) && span_is(c.service, rows[i].service) &&
                            span_is(c.scope, rows[i].scope));
        }
        for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
                CLEANUP(arena_freep) struct arena *a = arena_new();
                struct challenge c;
                if (challenge_parse(span_of(bad[i]), a, &c))
                        fail_msg("\"%s\" was taken", bad[i]);
        }
}

static void credentials_are_found(void **state)
{
        /* dTpw = u:p, bmFtZTpzZWM6cmV0 = name:sec:ret */
        static const struct {
                const char *file, *host, *repository, *user, *password, *token, *helper;
        } rows[] = {
            {"{}", "r.example", "a", "", "", "", ""},
            {"{\"auths\":{\"r.example\":{\"auth\":\"dTpw\"}}}", "r.example", "a", "u", "p", "", ""},
            {"{\"auths\":{\"https://r.example/v2/\":{\"auth\":\"bmFtZTpzZWM6cmV0\"}}}", "r.example", "a", "name",
                "sec:ret", "", ""},
            {"{\"auths\":{\"r.example\":{\"auth\":\"dTpw\"}}}", "r.example:5000", "a", "", "", "", ""},
            {"{\"auths\":{\"r.example.evil\":{\"auth\":\"dTpw\"}}}", "r.example", "a", "", "", "", ""},
            {"{\"auths\":{\"https://index.docker.io/v1/\":{\"auth\":\"dTpw\"}}}", "docker.io", "library/a", "u", "p",
                "", ""},
            {"{\"auths\":{\"r.example/a\":{\"auth\":\"dTpw\"},\"r.example\":{\"username\":\"x\",\"password\":\"y\"}}}",
                "r.example", "a/b", "u", "p", "", ""},
            {"{\"auths\":{\"r.example/a\":{\"auth\":\"dTpw\"},\"r.example\":{\"username\":\"x\",\"password\":\"y\"}}}",
                "r.example", "ab", "x", "y", "", ""},
            {"{\"auths\":{\"r.example\":{\"auth\":\"\",\"identitytoken\":\"t\"}}}", "r.example", "a", "", "", "t", ""},
            {"{\"auths\":{\"r.example\":{}},\"credsStore\":\"pass\"}", "r.example", "a", "", "", "", "pass"},
            {"{\"credHelpers\":{\"r.example\":\"gcr\"},\"auths\":{\"r.example\":{\"auth\":\"dTpw\"}}}", "r.example",
                "a", "", "", "", "gcr"},
            {"{\"credHelpers\":{\"other\":\"gcr\"},\"auths\":{\"r.example\":{\"auth\":\"dTpw\"}}}", "r.example", "a",
                "u", "p", "", ""},
        };
        static const char *const bad[] = {"", "[]", "{\"auths\":{\"r.example\":{\"auth\":\"!!!!\"}}}",
            "{\"auths\":{\"r.example\":{\"auth\":\"dQ==\"}}}", "{\"auths\":{},\"auths\":{}}"};

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(arena_freep) struct arena *a = arena_new();
                struct credentials c;
                struct err e = {0};
                if (!credentials_find(span_of(rows[i].file), rows[i].host, rows[i].repository, a, &c, &e))
                        fail_msg("row %zu: %s", i, e.text);
                if (!span_is(c.user, rows[i].user) || !span_is(c.password, rows[i].password) ||
                    !span_is(c.identity_token, rows[i].token) || !span_is(c.helper, rows[i].helper))
                        fail_msg("row %zu gives another answer", i);
        }
        for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
                CLEANUP(arena_freep) struct arena *a = arena_new();
                struct credentials c;
                struct err e = {0};
                assert_false(credentials_find(span_of(bad[i]), "r.example", "a", a, &c, &e));
                assert_int_equal(e.kind, ERR_MALFORMED);
        }
}

static void tokens_and_helpers_are_read(void **state)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct credentials c;
        struct token t;
        struct err e = {0};

        (void)state;
        assert_true(token_parse(SPAN_LIT("{\"token\":\"abc\",\"expires_in\":300}"), a, &t, &e));
        assert_true(span_is(t.value, "abc") && t.expires_in_s == 300);
        assert_true(token_parse(SPAN_LIT("{\"access_token\":\"abc\"}"), a, &t, &e) && t.expires_in_s == 60);
        assert_false(token_parse(SPAN_LIT("{}"), a, &t, &e));
        assert_false(token_parse(SPAN_LIT("{\"token\":\"a\\r\\nX: y\"}"), a, &t, &e)); /* a header of its own */
        assert_false(token_parse(SPAN_LIT("<html>"), a, &t, &e));
        assert_true(
            credentials_of_helper(SPAN_LIT("{\"ServerURL\":\"x\",\"Username\":\"u\",\"Secret\":\"s\"}"), a, &c, &e));
        assert_true(span_is(c.user, "u") && span_is(c.password, "s"));
        assert_true(credentials_of_helper(SPAN_LIT("{\"Username\":\"<token>\",\"Secret\":\"s\"}"), a, &c, &e));
        assert_true(c.user.len == 0 && span_is(c.identity_token, "s"));
        assert_false(credentials_of_helper(SPAN_LIT("credentials not found"), a, &c, &e));
}

static void helpers_are_run_by_name_alone(void **state)
{
        static const char *const names[] = {"", "../x", "a/b", "a b", ".x", "a;b", "a\nb"};
        CLEANUP(buf_done) struct buf output = {0};
        struct err e = {0};

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(names); i++) {
                assert_false(helper_run(span_of(names[i]), SPAN_LIT("r.example"), &output, &e));
                assert_int_equal(e.kind, ERR_MALFORMED);
        }
        assert_false(helper_run(SPAN_LIT("coffer-has-no-such"), SPAN_LIT("r.example"), &output, &e));
        assert_int_equal(e.kind, ERR_NOT_FOUND);
}

static void the_next_page_is_found(void **state)
{
        static const struct {
                const char *value, *target; /* NULL: none */
        } rows[] = {
            {"</v2/a/referrers/sha256:1?n=2>; rel=\"next\"", "/v2/a/referrers/sha256:1?n=2"},
            {"<x>;rel=next", "x"},
            {"<x> ; title=\"a, <b>; rel=next\" ; REL=NEXT", "x"},
            {"<a>; rel=\"prev\", <b>; rel=\"next\"", "b"},
            {"<a>; rel=prev, <b>; rel=\"last next\", <c>; rel=next", "b"},
            {"<a>, <b>;rel=next", "b"},
            {"< a,b;c >;rel=next", "a,b;c"},
            {"", NULL},
            {"<a>", NULL},
            {"<a>; rel=\"prev\"", NULL},
            {"<a>; rel=nextish", NULL},
            {"<a>; title=\"; rel=next\"", NULL},
            {"<a; rel=next", NULL},
            {"a; rel=next", NULL},
            {"<>; rel=next", NULL},
            {"<a> rel=next", NULL},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct span target = {0};
                bool found = link_next(span_of(rows[i].value), &target);

                if (found != (rows[i].target != NULL) || (found && !span_is(target, rows[i].target)))
                        fail_msg("%s: %s %.*s", rows[i].value, found ? "found" : "none", SPAN_FMT(target));
        }
        assert_true(list_has(SPAN_LIT("artifactType"), "artifactType"));
        assert_true(list_has(SPAN_LIT("x , ARTIFACTTYPE"), "artifactType"));
        assert_false(list_has(SPAN_LIT(""), "artifactType"));
        assert_false(list_has(SPAN_LIT("artifactTypes,artifact Type"), "artifactType"));
}

static void a_page_is_of_the_same_list(void **state)
{
        static const struct {
                const char *path;
                bool ok;
        } rows[] = {
            {"/v2/a/b/referrers/sha256:1", true},
            {"/v2/a/b/referrers/sha256:1/page/2", true},
            {"/v2/a/b/referrers/", false},
            {"/v2/a/b/referrers", false},
            {"/v2/a/b/manifests/1", false},
            {"/v2/a/bc/referrers/1", false},
            {"/v2/a/c/referrers/1", false},
            {"/v2/x/a/b/referrers/1", false},
            {"/a/b/referrers/1", false},
            {"/v2/a/b/referrers/../../../c/referrers/1", false},
            {"/v2/a/b/referrers/./1", false},
            {"/v2/a/b/referrers//1", false},
            {"/v2/a/b/referrers/%2e%2e/1", false},
            {"/v2/a/b/referrers/..\\1", false},
            {"/v2/a/b/referrers/a b", false},
            {"", false},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                if (link_path_check(span_of(rows[i].path), SPAN_LIT("a/b")) != rows[i].ok)
                        fail_msg("%s", rows[i].path);
        assert_false(link_path_check(SPAN_LIT("/v2//referrers/1"), (struct span){0}));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(names_are_read_as_docker_reads_them),
            cmocka_unit_test(what_is_no_name_is_refused),
            cmocka_unit_test(challenges_are_read),
            cmocka_unit_test(the_next_page_is_found),
            cmocka_unit_test(a_page_is_of_the_same_list),
            cmocka_unit_test(credentials_are_found),
            cmocka_unit_test(tokens_and_helpers_are_read),
            cmocka_unit_test(helpers_are_run_by_name_alone),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
