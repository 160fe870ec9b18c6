#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "image/referrers_priv.h"

#define HEX64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define D "\"digest\":\"sha256:" HEX64 "\""
#define ROW "{\"mediaType\":\"" MEDIA_MANIFEST "\"," D ",\"size\":7"
#define LIST(rows) "{\"schemaVersion\":2,\"mediaType\":\"" MEDIA_INDEX "\",\"manifests\":[" rows "]}"
#define MANIFEST(more) "{\"schemaVersion\":2,\"mediaType\":\"" MEDIA_MANIFEST "\"" more "}"
#define CONFIG ",\"config\":{\"mediaType\":\"application/vnd.x.config\"," D ",\"size\":2}"
#define SUBJECT ",\"subject\":{\"mediaType\":\"" MEDIA_MANIFEST "\"," D ",\"size\":1}"

static void lists_are_read(void **state)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct referrer_list l, again;
        struct buf b CLEANUP(buf_done) = {0};
        struct cursor c;

        (void)state;
        assert_true(referrers_parse(SPAN_LIT(LIST("")), a, &l, NULL));
        assert_int_equal(l.len, 0);
        assert_true(referrers_parse(
            SPAN_LIT(LIST(
                ROW ",\"artifactType\":\"a/b\",\"annotations\":{\"x\":\"y\",\"org.opencontainers.image.created\":"
                    "\"2026-01-02\",\"org.opencontainers.image.title\":\"t\",\"org.opencontainers.image.ref.name\":"
                    "\"sha256-1\"}}," ROW ",\"annotations\":null}")),
            a, &l, NULL));
        assert_int_equal(l.len, 2);
        assert_true(span_is(l.at[0].artifact_type, "a/b") && span_is(l.at[0].created, "2026-01-02"));
        assert_true(span_is(l.at[0].title, "t") && span_is(l.at[0].name, "sha256-1"));
        assert_int_equal(l.at[0].size, 7);
        assert_int_equal(l.at[1].artifact_type.len, 0);
        referrers_put(&b, &l);
        c = (struct cursor){.rest = buf_span(&b)};
        assert_true(referrers_get(&c, a, &again) && cursor_at_end(&c) && again.len == 2);
        assert_true(span_is(again.at[0].title, "t") && digest_equal(&again.at[1].digest, &l.at[1].digest));
}

/* Anybody who may push chooses these texts: what can't be shown is left out and takes nothing else along. */
static void annotations_that_cannot_be_shown_are_left_out(void **state)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct buf b CLEANUP(buf_done) = {0};
        struct referrer_list l;

        (void)state;
        buf_put_text(&b,
            "{\"schemaVersion\":2,\"manifests\":[" ROW ",\"annotations\":{\"org.opencontainers.image.created\":7,"
            "\"org.opencontainers.image.ref.name\":\"a\\u0000b\",\"org.opencontainers.image.title\":\"");
        for (size_t i = 0; i <= IMAGE_ANNOTATION_MAX; i++)
                buf_put_u8(&b, 'x');
        buf_put_text(&b, "\"}}]}");
        assert_true(referrers_parse(buf_span(&b), a, &l, NULL));
        assert_int_equal(l.len, 1);
        assert_int_equal(l.at[0].created.len + l.at[0].title.len + l.at[0].name.len, 0);
}

static void what_is_no_list_is_refused(void **state)
{
        static const struct {
                const char *text;
                enum err_kind kind;
        } rows[] = {
            {"", ERR_MALFORMED},
            {"[]", ERR_MALFORMED},
            {"{\"manifests\":[]}", ERR_MALFORMED},
            {"{\"schemaVersion\":2}", ERR_MALFORMED},
            {"{\"schemaVersion\":1,\"manifests\":[]}", ERR_UNSUPPORTED},
            {"{\"schemaVersion\":2,\"mediaType\":\"" MEDIA_MANIFEST "\",\"manifests\":[]}", ERR_UNSUPPORTED},
            {"{\"schemaVersion\":2,\"manifests\":[],\"layers\":[]}", ERR_MALFORMED},
            {"{\"schemaVersion\":2,\"manifests\":[],\"config\":{}}", ERR_MALFORMED},
            {LIST("{\"mediaType\":\"x\",\"size\":1}"), ERR_MALFORMED},
            {LIST("{" D "}"), ERR_MALFORMED},
            {LIST("{" D ",\"size\":9223372036854775808}"), ERR_LIMIT},
            {LIST("{\"digest\":\"md5:00\",\"size\":1}"), ERR_UNSUPPORTED},
            {LIST(ROW ",\"artifactType\":\"a\\u001bb\"}"), ERR_MALFORMED},
            {LIST(ROW ",\"artifactType\":7}"), ERR_MALFORMED},
            {LIST(ROW "}") "x", ERR_MALFORMED},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(arena_freep) struct arena *a = arena_new();
                struct referrer_list l;
                struct err e = {0};

                if (referrers_parse(span_of(rows[i].text), a, &l, &e) || e.kind != rows[i].kind)
                        fail_msg("%s: kind %d, %s", rows[i].text, e.kind, e.text);
        }
}

static void a_list_has_an_end(void **state)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct buf b CLEANUP(buf_done) = {0};
        struct referrer_list l;
        struct err e = {0};

        (void)state;
        buf_put_text(&b, "{\"schemaVersion\":2,\"manifests\":[" ROW "}");
        for (size_t i = 0; i < IMAGE_MANIFESTS_MAX; i++)
                buf_put_text(&b, "," ROW "}");
        buf_put_text(&b, "]}");
        assert_false(referrers_parse(buf_span(&b), a, &l, &e));
        assert_int_equal(e.kind, ERR_LIMIT);
}

static void manifests_say_what_they_are_attached_to(void **state)
{
        static const struct {
                const char *text, *type;
                bool subject;
                size_t n_blobs;
        } rows[] = {
            {MANIFEST(CONFIG ",\"layers\":[]" SUBJECT), "application/vnd.x.config", true, 0},
            {MANIFEST(",\"artifactType\":\"a/b\"" CONFIG ",\"layers\":[" ROW "}," ROW
                      ",\"annotations\":{\"org.opencontainers.image.title\":\"vex.json\"}}]" SUBJECT),
                "a/b", true, 2},
            {MANIFEST(",\"artifactType\":\"a/b\"" CONFIG ",\"layers\":[]"), "a/b", false, 0},
            {MANIFEST(CONFIG ",\"layers\":[],\"subject\":null"), "application/vnd.x.config", false, 0},
            {"{\"schemaVersion\":2,\"mediaType\":\"" MEDIA_INDEX
             "\",\"artifactType\":\"a/b\",\"manifests\":[{}]" SUBJECT "}",
                "a/b", true, 0},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(arena_freep) struct arena *a = arena_new();
                struct buf b CLEANUP(buf_done) = {0};
                struct referrer_manifest m, again;
                struct err e = {0};

                if (!referrer_parse(span_of(rows[i].text), a, &m, &e))
                        fail_msg("%s: %s", rows[i].text, e.text);
                assert_true(span_is(m.artifact_type, rows[i].type));
                assert_int_equal(m.subject.alg != DIGEST_NONE, rows[i].subject);
                assert_int_equal(m.n_blobs, rows[i].n_blobs);
                assert_true(m.n_blobs == 0 || span_is(m.blobs[1].title, "vex.json"));
                referrer_put(&b, &m);
                struct cursor c = {.rest = buf_span(&b)};
                assert_true(referrer_get(&c, a, &again) && cursor_at_end(&c));
                assert_true(span_equal(again.artifact_type, m.artifact_type) && again.n_blobs == m.n_blobs);
                assert_int_equal(again.subject.alg, m.subject.alg);
        }
}

static void what_is_no_manifest_is_refused(void **state)
{
        static const char *const rows[] = {"{}", MANIFEST(CONFIG SUBJECT),
            MANIFEST(",\"layers\":[],\"manifests\":[]" SUBJECT), MANIFEST(CONFIG ",\"manifests\":[]" SUBJECT),
            MANIFEST(CONFIG ",\"layers\":[],\"subject\":{}"),
            MANIFEST(CONFIG ",\"layers\":[],\"subject\":\"sha256:" HEX64 "\""),
            MANIFEST(CONFIG ",\"layers\":[],\"subject\":{" D "}"),
            MANIFEST(CONFIG ",\"layers\":[],\"artifactType\":\"a\\nb\"" SUBJECT),
            MANIFEST(CONFIG ",\"layers\":[{}]" SUBJECT), MANIFEST(CONFIG ",\"layers\":[]" SUBJECT SUBJECT),
            "{\"schemaVersion\":2,\"mediaType\":\"text/html\",\"layers\":[]" SUBJECT "}"};

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(arena_freep) struct arena *a = arena_new();
                struct referrer_manifest m;
                struct err e = {0};

                if (referrer_parse(span_of(rows[i]), a, &m, &e) ||
                    (e.kind != ERR_MALFORMED && e.kind != ERR_UNSUPPORTED))
                        fail_msg("%s: kind %d, %s", rows[i], e.kind, e.text);
        }
}

static void one_type_is_asked_for(void **state)
{
        const struct listed typed = {.artifact_type = SPAN_LIT("a/b")}, untyped = {.size = 1};

        (void)state;
        assert_true(referrer_may_be(&typed, (struct span){0}));
        assert_true(referrer_may_be(&typed, SPAN_LIT("a/b")));
        assert_false(referrer_may_be(&typed, SPAN_LIT("a/B")));
        assert_false(referrer_may_be(&typed, SPAN_LIT("a/b+json")));
        assert_true(referrer_may_be(&untyped, SPAN_LIT("a/b"))); /* its own manifest tells */
}

static void a_damaged_answer_is_refused(void **state)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct buf list CLEANUP(buf_done) = {0}, manifest CLEANUP(buf_done) = {0};
        struct referrer_manifest m;
        struct referrer_list l;

        (void)state;
        assert_true(referrers_parse(SPAN_LIT(LIST(ROW ",\"artifactType\":\"a/b\"}")), a, &l, NULL));
        referrers_put(&list, &l);
        for (size_t n = 0; n < list.len; n++) {
                struct cursor c = {.rest = span_cut(buf_span(&list), 0, n)};
                assert_false(referrers_get(&c, a, &l));
        }
        assert_true(referrer_parse(SPAN_LIT(MANIFEST(CONFIG ",\"layers\":[" ROW "}]" SUBJECT)), a, &m, NULL));
        referrer_put(&manifest, &m);
        for (size_t n = 0; n < manifest.len; n++) {
                struct cursor c = {.rest = span_cut(buf_span(&manifest), 0, n)};
                assert_false(referrer_get(&c, a, &m));
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(lists_are_read),
            cmocka_unit_test(annotations_that_cannot_be_shown_are_left_out),
            cmocka_unit_test(what_is_no_list_is_refused),
            cmocka_unit_test(a_list_has_an_end),
            cmocka_unit_test(manifests_say_what_they_are_attached_to),
            cmocka_unit_test(what_is_no_manifest_is_refused),
            cmocka_unit_test(one_type_is_asked_for),
            cmocka_unit_test(a_damaged_answer_is_refused),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
