#include "inventory/detect_test_priv.h"
#include "inventory/purl_priv.h"

#include <fcntl.h>

static void test_encoding(void **state)
{
        CLEANUP(buf_done) struct buf b = {0};
        const struct purl p = {.type = "deb",
            .namespace = span_of("/a b//debian/"),
            .name = span_of("g++~/@%"),
            .version = span_of("1:2.4.47-2+b1~rc_1?#\xc3\xa9"),
            .qualifiers = {{"arch", span_of("")}, {"distro", span_of("debian-12&x=y")}}};

        (void)state;
        purl_put(&b, &p);
        assert_span(buf_span(&b),
            "pkg:deb/a%20b/debian/g%2B%2B~%2F%40%25@1:2.4.47-2%2Bb1~rc_1%3F%23%C3%A9?distro=debian-12%26x%3Dy");
}

struct purl_case {
        struct span type, namespace, name, version, expected, test_type;
        struct purl_qualifier qualifiers[4];
        bool usable; /* has nothing that we never build: no subpath, no failure, few qualifiers */
};

static struct span string_or_null(struct json *j)
{
        return json_null(j) ? (struct span){0} : json_string(j);
}

static void read_qualifiers(struct json *j, struct arena *a, struct purl_case *t)
{
        struct span key;
        size_t n = 0;

        if (json_null(j))
                return;
        json_object(j);
        while (json_member(j, &key)) {
                struct span value = json_string(j);
                if (n == ARRAY_LEN(t->qualifiers) ||
                    (n > 0 && span_compare(span_of(t->qualifiers[n - 1].key), key) >= 0))
                        t->usable = false;
                else
                        t->qualifiers[n++] = (struct purl_qualifier){arena_string(a, key), value};
        }
}

static void read_input(struct json *j, struct arena *a, struct purl_case *t)
{
        struct span key;

        if (json_peek(j) != JSON_OBJECT) {
                json_skip(j);
                t->usable = false;
                return;
        }
        json_object(j);
        while (json_member(j, &key)) {
                if (span_is(key, "type"))
                        t->type = string_or_null(j);
                else if (span_is(key, "namespace"))
                        t->namespace = string_or_null(j);
                else if (span_is(key, "name"))
                        t->name = string_or_null(j);
                else if (span_is(key, "version"))
                        t->version = string_or_null(j);
                else if (span_is(key, "qualifiers"))
                        read_qualifiers(j, a, t);
                else if (string_or_null(j).len > 0)
                        t->usable = false; /* subpath */
        }
}

static unsigned check_case(struct json *j, struct arena *a)
{
        struct purl_case t = {.usable = true};
        CLEANUP(buf_done) struct buf b = {0};
        struct span key;

        json_object(j);
        while (json_member(j, &key)) {
                if (span_is(key, "input"))
                        read_input(j, a, &t);
                else if (span_is(key, "test_type"))
                        t.test_type = json_string(j);
                else if (span_is(key, "expected_output") && json_peek(j) == JSON_STRING)
                        t.expected = json_string(j);
                else
                        json_skip(j);
        }
        if (!t.usable || !span_is(t.test_type, "build") || t.expected.len == 0)
                return 0;
        struct purl p = {
            .type = arena_string(a, t.type), .namespace = t.namespace, .name = t.name, .version = t.version};
        memcpy(p.qualifiers, t.qualifiers, sizeof(p.qualifiers));
        purl_put(&b, &p);
        assert_span(buf_span(&b), arena_string(a, t.expected));
        return 1;
}

/* The purl project's own tests, those that build one of our types or try encoding. */
static void test_vectors(void **state)
{
        static const char *const files[] = {"types/deb-test.json", "types/npm-test.json", "types/pypi-test.json",
            "types/rpm-test.json", "types/gem-test.json", "types/maven-test.json", "spec/specification-test.json"};
        unsigned n = 0;

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(files); i++) {
                CLEANUP(arena_freep) struct arena *a = arena_new();
                CLEANUP(buf_done) struct buf b = {0};
                struct json j;
                struct span key;
                struct err e = {0};
                char path[512];
                snprintf(path, sizeof(path), "%s/data/vectors/purl/tests/%s", SHARED_DIR, files[i]);
                if (!file_read(AT_FDCWD, path, 1u << 20, &b, &e)) {
                        print_message("skipped: %s\n", e.text);
                        skip();
                }
                json_init(&j, buf_span(&b), a, NULL);
                json_object(&j);
                while (json_member(&j, &key)) {
                        if (!span_is(key, "tests")) {
                                json_skip(&j);
                                continue;
                        }
                        for (json_array(&j); json_element(&j);)
                                n += check_case(&j, a);
                }
                if (!json_finish(&j, &e))
                        fail_msg("%s: %s", files[i], e.text);
        }
        print_message("%u vectors\n", n);
        assert_true(n >= 20);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_encoding),
            cmocka_unit_test(test_vectors),
        };

        return cmocka_run_group_tests_name("inventory purl", tests, NULL, NULL);
}
