#include "inventory/detect_test_priv.h"
#include "inventory/purl_priv.h"

#include <fcntl.h>
#include <unistd.h>

static void test_encoding(void **state)
{
        CLEANUP(buf_done) struct buf b = {0};
        const struct purl p = {.type = "deb",
            .namespace = span_of("/a b//Debian/"),
            .name = span_of("g++~/@%"),
            .version = span_of("1:2.4.47-2+b1~rc_1?#\xc3\xa9"),
            .qualifiers = {{"z", span_of("1")}, {"arch", span_of("")}, {"distro", span_of("debian-12&x=y")}},
            .subpath = span_of("/a/./../b c/")};

        (void)state;
        purl_put(&b, &p);
        assert_span(buf_span(&b),
            "pkg:deb/a%20b/debian/g%2B%2B~%2F%40%25@1:2.4.47-2%2Bb1~rc_1%3F%23%C3%A9?distro=debian-12%26x%3Dy&z=1#a/"
            "b%20c");
}

static void test_words_of_components(void **state)
{
        static const struct {
                const char *purl, *ecosystem, *name, *version, *refused;
        } rows[] = {
            {"pkg:npm/%40babel/core@7.0.0", "npm", "@babel/core", "7.0.0", NULL},
            {"pkg:maven/a.b/c@1?type=jar", "Maven", "a.b:c", "1", NULL},
            {"pkg:pypi/Django_Rest", "PyPI", "django-rest", "", NULL},
            {"pkg:golang/github.com/BurntSushi/toml@v1.2.0#cmd", "Go", "github.com/BurntSushi/toml", "v1.2.0", NULL},
            {"pkg:deb/debian/zlib1g@1", NULL, NULL, NULL, "a system's package"},
            {"pkg:generic/a@1", NULL, NULL, NULL, "no ecosystem"},
            {"pkg:npm", NULL, NULL, NULL, ""},
            {"npm/a", NULL, NULL, NULL, ""},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(arena_freep) struct arena *a = arena_new();
                struct component c = {0};
                struct err e = {0};
                bool ok = inventory_purl_read(span_of(rows[i].purl), a, &c, &e);

                assert_int_equal(ok, rows[i].refused == NULL);
                if (ok) {
                        assert_span(c.ecosystem, rows[i].ecosystem);
                        assert_span(c.name, rows[i].name);
                        assert_span(c.version, rows[i].version);
                } else {
                        assert_non_null(strstr(e.text, rows[i].refused));
                        assert_int_equal(e.kind, *rows[i].refused ? ERR_UNSUPPORTED : ERR_MALFORMED);
                }
        }
}

/* Read, and written again: what comes out is canonical and stays what it is. */
static void test_round_trip(void **state)
{
        static const struct {
                const char *text, *canonical; /* NULL: refused */
        } rows[] = {
            {"pkg:npm/%40babel/core@7.0.0", "pkg:npm/%40babel/core@7.0.0"},
            {"pkg:npm/@babel/core@7.0.0", "pkg:npm/%40babel/core@7.0.0"},
            {"PKG:///NPM/a@1/", "pkg:npm/a@1"},
            {"pkg:golang/github.com/BurntSushi/toml@v1.2.0#cmd/x",
                "pkg:golang/github.com/burntsushi/toml@v1.2.0#cmd/x"},
            {"pkg:pypi/Django_Rest@1", "pkg:pypi/django-rest@1"},
            {"pkg:maven/a.b/c@1?type=jar&classifier=x&e=", "pkg:maven/a.b/c@1?classifier=x&type=jar"},
            {"pkg:rpm/Fedora/Curl@1?Arch=i386", "pkg:rpm/fedora/Curl@1?arch=i386"},
            {"pkg:generic/a%2fb", "pkg:generic/a%2Fb"},
            {"pkg:generic/a#../../b/%2e%2e/c", "pkg:generic/a#b/c"},
            {"pkg:git/codeberg.org///a//b@1", "pkg:git/codeberg.org/a/b@1"},
            {"pkg:git//github/B", "pkg:git/github/b"},
            {"pkg:git/githubt/B", "pkg:git/githubt/B"},
            {"pkg:git/codeberg.org", "pkg:git/codeberg.org"},
            {"pkg:git/a/%2f", NULL},
            {"pkg:generic/a%2Fb/c", NULL},
            {"pkg:generic/a?x=1&x=2", NULL},
            {"pkg:generic/a?=1", NULL},
            {"pkg:generic/a?x%20y=1", NULL},
            {"pkg:generic/a?1=1", NULL},
            {"pkg:generic/a%", NULL},
            {"pkg:generic/a%2", NULL},
            {"pkg:generic/a%zz", NULL},
            {"pkg:generic/a%0a", NULL},
            {"pkg:generic/a%ff", NULL},
            {"pkg:generic/a\n", NULL},
            {"pkg:generic/", NULL},
            {"pkg:generic", NULL},
            {"pkg:/a", NULL},
            {"pkg:9a/b", NULL},
            {"pkg:", NULL},
            {"pk:generic/a", NULL},
            {"", NULL},
            {"pkg:julia/Dates", NULL},
            {"pkg:swift/Alamofire", NULL},
            {"pkg:otp/a/b", NULL},
            {"pkg:chrome-extension/dlpngalgnefjeiefhmpklpfiohadpglk@1.2.3.4.5", NULL},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(arena_freep) struct arena *a = arena_new();
                CLEANUP(buf_done) struct buf b = {0}, again = {0};
                struct purl p = {0};
                struct err e = {0};
                bool read = purl_parse(span_of(rows[i].text), a, false, &p, &e);
                if (read != (rows[i].canonical != NULL))
                        fail_msg("%s: %s", rows[i].text, read ? "read" : e.text);
                if (!read) {
                        assert_int_equal(e.kind, ERR_MALFORMED);
                        assert_null(p.type);
                        continue;
                }
                purl_put(&b, &p);
                assert_span(buf_span(&b), rows[i].canonical);
                assert_true(purl_parse(buf_span(&b), a, true, &p, &e));
                assert_true(purl_build(&again, &p, &e));
                assert_true(span_equal(buf_span(&b), buf_span(&again)));
        }
}

static void test_limits(void **state)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        CLEANUP(buf_done) struct buf b = {0};
        struct purl p;
        struct err e = {0};

        (void)state;
        buf_put_text(&b, "pkg:generic/a?");
        for (size_t i = 0; i < PURL_QUALIFIERS_MAX; i++)
                buf_printf(&b, "%sk%zu=1", i ? "&" : "", i);
        assert_true(purl_parse(buf_span(&b), a, true, &p, &e));
        assert_string_equal(p.qualifiers[2].key, "k10");
        buf_put_text(&b, "&l=1");
        assert_false(purl_parse(buf_span(&b), a, true, &p, &e));
        assert_int_equal(e.kind, ERR_LIMIT);
        buf_clear(&b);
        buf_put_text(&b, "pkg:generic/");
        while (b.len < PURL_MAX)
                buf_put_u8(&b, 'a');
        assert_true(purl_parse(buf_span(&b), a, true, &p, &e));
        buf_put_u8(&b, 'a');
        assert_false(purl_parse(buf_span(&b), a, true, &p, &e));
        assert_int_equal(e.kind, ERR_LIMIT);
}

/* ---- the purl project's own tests ---- */

struct purl_case {
        struct span description, test_type, text, canonical; /* canonical: of "build" and "validate" */
        struct purl parts;                                   /* put in by "build", expected of "parse" */
        bool required, fails;
};

static struct span string_or_null(struct json *j)
{
        return json_null(j) ? (struct span){0} : json_string(j);
}

static void read_qualifiers(struct json *j, struct arena *a, struct purl *p)
{
        struct span key;
        size_t n = 0;

        if (json_null(j))
                return;
        json_object(j);
        while (json_member(j, &key)) {
                assert_true(n < PURL_QUALIFIERS_MAX);
                p->qualifiers[n].key = arena_string(a, key);
                p->qualifiers[n++].value = json_string(j);
        }
}

static void read_parts(struct json *j, struct arena *a, struct purl *p)
{
        struct span key;

        json_object(j);
        while (json_member(j, &key)) {
                if (span_is(key, "type"))
                        p->type = json_null(j) ? NULL : arena_string(a, json_string(j));
                else if (span_is(key, "namespace"))
                        p->namespace = string_or_null(j);
                else if (span_is(key, "name"))
                        p->name = string_or_null(j);
                else if (span_is(key, "version"))
                        p->version = string_or_null(j);
                else if (span_is(key, "qualifiers"))
                        read_qualifiers(j, a, p);
                else if (span_is(key, "subpath"))
                        p->subpath = string_or_null(j);
                else
                        fail_msg("a part that is not known: %.*s", SPAN_FMT(key));
        }
}

static struct purl_case read_case(struct json *j, struct arena *a)
{
        struct purl_case t = {0};
        struct span key;

        json_object(j);
        while (json_member(j, &key)) {
                bool in = span_is(key, "input");
                if (in || span_is(key, "expected_output")) {
                        if (json_peek(j) == JSON_STRING)
                                *(in ? &t.text : &t.canonical) = json_string(j);
                        else if (json_peek(j) == JSON_OBJECT)
                                read_parts(j, a, &t.parts);
                        else
                                json_skip(j);
                } else if (span_is(key, "test_type")) {
                        t.test_type = json_string(j);
                } else if (span_is(key, "description")) {
                        t.description = json_string(j);
                } else if (span_is(key, "test_group")) {
                        t.required = span_is(json_string(j), "required");
                } else if (span_is(key, "expected_failure")) {
                        t.fails = json_bool(j);
                } else {
                        json_skip(j);
                }
        }
        return t;
}

static bool parts_equal(const struct purl *a, const struct purl *b)
{
        size_t n_a = 0, n_b = 0;

        if (strcmp(a->type, b->type) != 0 || !span_equal(a->namespace, b->namespace) || !span_equal(a->name, b->name) ||
            !span_equal(a->version, b->version) || !span_equal(a->subpath, b->subpath))
                return false;
        while (n_a < PURL_QUALIFIERS_MAX && a->qualifiers[n_a].key)
                n_a++;
        while (n_b < PURL_QUALIFIERS_MAX && b->qualifiers[n_b].key)
                n_b++;
        for (size_t i = 0; i < n_a; i++) {
                bool found = false;
                for (size_t k = 0; k < n_b; k++)
                        found |= strcmp(a->qualifiers[i].key, b->qualifiers[k].key) == 0 &&
                                 span_equal(a->qualifiers[i].value, b->qualifiers[k].value);
                if (!found)
                        return false;
        }
        return n_a == n_b;
}

/* What the standard requires is done strictly; what it recommends is what it does with forgivable input. */
static bool passes(const struct purl_case *t, struct arena *a)
{
        CLEANUP(buf_done) struct buf b = {0};
        struct purl p;
        bool done;

        if (span_is(t->test_type, "build")) {
                done = purl_build(&b, &t->parts, NULL);
                return done ? !t->fails && span_equal(buf_span(&b), t->canonical) : t->fails && b.len == 0;
        }
        done = purl_parse(t->text, a, t->required, &p, NULL);
        if (!done || t->fails)
                return !done && t->fails;
        if (span_is(t->test_type, "parse"))
                return parts_equal(&p, &t->parts);
        return purl_build(&b, &p, NULL) && span_equal(buf_span(&b), t->canonical);
}

static void run_file(const char *name, unsigned *ret_passed, unsigned *ret_n)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        CLEANUP(buf_done) struct buf b = {0};
        char path[512];
        struct json j;
        struct span key;
        struct err e = {0};

        snprintf(path, sizeof(path), "%s/data/vectors/purl/tests/%s-test.json", SHARED_DIR, name);
        if (!file_read(AT_FDCWD, path, 1u << 20, &b, &e))
                fail_msg("%s", e.text);
        json_init(&j, buf_span(&b), a, NULL);
        json_object(&j);
        while (json_member(&j, &key)) {
                if (!span_is(key, "tests")) {
                        json_skip(&j);
                        continue;
                }
                for (json_array(&j); json_element(&j);) {
                        struct purl_case t = read_case(&j, a);
                        bool passed = passes(&t, a);
                        *ret_n += 1;
                        *ret_passed += passed;
                        if (!passed)
                                print_message("%s: %.*s %.*s: %.*s%.*s\n", name, SPAN_FMT(t.test_type),
                                    SPAN_FMT(t.description), SPAN_FMT(t.text), SPAN_FMT(t.canonical));
                }
        }
        if (!json_finish(&j, &e))
                fail_msg("%s: %s", path, e.text);
}

static void test_vectors(void **state)
{
        static const char *const files[] = {"spec/specification", "types/alpm", "types/apk", "types/bazel",
            "types/bitbucket", "types/bitnami", "types/brew", "types/cargo", "types/chrome-extension",
            "types/cocoapods", "types/composer", "types/conan", "types/conda", "types/cpan", "types/cran", "types/deb",
            "types/docker", "types/gem", "types/generic", "types/git", "types/github", "types/golang", "types/hackage",
            "types/hex", "types/huggingface", "types/julia", "types/luarocks", "types/maven", "types/mlflow",
            "types/npm", "types/nuget", "types/oci", "types/opam", "types/otp", "types/pub", "types/pypi", "types/qpkg",
            "types/rpm", "types/swid", "types/swift", "types/vcpkg", "types/vscode-extension", "types/yocto"};
        unsigned n = 0, passed = 0;

        (void)state;
        if (access(SHARED_DIR "/data/vectors/purl/tests", R_OK) != 0) {
                print_message("skipped: %s/data/vectors/purl is not here\n", SHARED_DIR);
                skip();
        }
        for (size_t i = 0; i < ARRAY_LEN(files); i++)
                run_file(files[i], &passed, &n);
        print_message("%u of %u vectors\n", passed, n);
        assert_int_equal(passed, n);
        assert_int_equal(n, 586);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_encoding),
            cmocka_unit_test(test_round_trip),
            cmocka_unit_test(test_words_of_components),
            cmocka_unit_test(test_limits),
            cmocka_unit_test(test_vectors),
        };

        return cmocka_run_group_tests_name("inventory purl", tests, NULL, NULL);
}
