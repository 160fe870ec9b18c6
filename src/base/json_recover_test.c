/* A record that breaks its reader's form is passed over; what is no JSON is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base.h"

/* {"n": 1} or {"n": [1, 2]}: numbers that are told; the rest is objected to. */
static void record_read(struct json *j, struct buf *said)
{
        struct span key;

        for (json_object(j); json_member(j, &key);) {
                if (!span_is(key, "n")) {
                        json_skip(j);
                } else if (json_peek(j) == JSON_ARRAY) {
                        for (json_array(j); json_element(j);)
                                buf_printf(said, "%llu ", (unsigned long long)json_u64(j));
                } else {
                        buf_printf(said, "%llu ", (unsigned long long)json_u64(j));
                }
        }
}

static void told(const char *text, const struct json_limits *limits, const char *want)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        CLEANUP(buf_done) struct buf said = {0};
        struct err why, e = {0};
        struct json j;

        json_init(&j, span_of(text), a, limits);
        for (json_array(&j); json_element(&j);) {
                struct json_mark m = json_mark(&j);
                CLEANUP(buf_done) struct buf one = {0};

                record_read(&j, &one);
                if (json_recover(&j, &m, &why))
                        buf_printf(&said, "!%s|", why.text);
                else if (!j.failed)
                        buf_printf(&said, "%.*s|", SPAN_FMT(buf_span(&one)));
        }
        if (!json_finish(&j, &e))
                buf_printf(&said, "?%s", e.text);
        if (!span_is(buf_span(&said), want))
                fail_msg("%s: %.*s", text, SPAN_FMT(buf_span(&said)));
}

static void the_next_record_is_read(void **state)
{
        (void)state;
        told("[{\"n\":1},{\"n\":[2,3]}]", NULL, "1 |2 3 |");
        told("[{\"n\":1},{\"n\":\"x\"},{\"n\":3}]", NULL,
            "1 |![1].n: a number was expected, found a string (byte 14)|3 |");
        told("[{\"n\":[1,{\"deep\":[[]]},2],\"m\":{}} , 7,[ ],{\"n\":4}]", NULL,
            "![0].n[1]: a number was expected, found an object (byte 9)|![1]: an object was expected, found a number "
            "(byte 36)|![2]: an object was expected, found an array (byte 38)|4 |");
        told("[{\"n\":-1}]", NULL, "![0].n: an integer without sign was expected, found -1 (byte 6)|");
}

static void what_is_no_json_stays_an_error(void **state)
{
        static const struct json_limits limits = {.depth_max = 4, .members_max = 3};

        (void)state;
        told("[{\"n\":1},{\"n\":\"x\",", NULL, "1 |?[1]: a key was expected, the text ends (byte 18)");
        told("[{\"n\":\"x\",\"n\":1},{\"n\":3}]", NULL, "?[0]: the key \"n\" appears twice (byte 10)");
        told("[{\"n\":\"x\"}}", NULL,
            "![0].n: a number was expected, found a string (byte 6)|?[0]: ',' or ']' was expected, found '}' (byte "
            "10)");
        told("[{\"n\":\"x\",\"m\":[[[1]]]},{\"n\":3}]", &limits,
            "?[0].m[0][0]: nested deeper than the 4 levels accepted (byte 16)");
        told("[{\"n\":\"x\"},1,2,3]", &limits,
            "![0].n: a number was expected, found a string (byte 6)|![1]: an object was expected, found a number (byte "
            "11)|![2]: an object was expected, found a number (byte 13)|?[2]: more than the 3 elements accepted (byte "
            "15)");
}

static void a_value_alone(void **state)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct err why = {0};
        struct json_mark m;
        struct json j;

        (void)state;
        json_init(&j, SPAN_LIT(" [1, 2] "), a, NULL);
        m = json_mark(&j);
        assert_false(json_recover(&j, &m, &why)); /* nothing failed */
        for (json_array(&j); json_element(&j);)
                json_string(&j);
        assert_true(json_recover(&j, &m, &why));
        assert_int_equal(why.kind, ERR_MALFORMED);
        assert_true(json_finish(&j, NULL));
        json_init(&j, SPAN_LIT("[1]"), a, NULL); /* a reader's own fault is nobody's record */
        json_array(&j);
        json_element(&j);
        m = json_mark(&j);
        json_element(&j);
        assert_false(json_recover(&j, &m, &why));
        assert_int_equal(j.err.kind, ERR_BUG);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(the_next_record_is_read),
            cmocka_unit_test(what_is_no_json_stays_an_error),
            cmocka_unit_test(a_value_alone),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
