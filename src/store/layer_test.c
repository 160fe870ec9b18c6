/* What is kept of layers: found again, replaced, and gone when others need the room. */
#include "store/store_test_priv.h"

static struct digest layer(const char *name)
{
        struct digest d;

        digest_of(DIGEST_SHA256, span_of(name), &d);
        return d;
}

static void put(struct store *s, const char *name, uint32_t format, struct span bytes, uint64_t max)
{
        struct digest d = layer(name);

        assert_ok(store_layer_put(s, &d, format, bytes, max, e));
}

static bool known(struct store *s, const char *name, uint32_t format, const char *content)
{
        CLEANUP(buf_done) struct buf b = {0};
        struct digest d = layer(name);
        struct err e = {0};

        if (!store_layer_get(s, &d, format, &b, &e)) {
                assert_int_equal(e.kind, ERR_NOT_FOUND);
                return false;
        }
        if (content)
                assert_true(span_is(buf_span(&b), content));
        return true;
}

static void it_is_found_again(void **state)
{
        struct room *r = *state;
        struct store *s = room_open(r);

        assert_false(known(s, "a", 1, NULL));
        put(s, "a", 1, SPAN_LIT("first"), 0);
        put(s, "b", 1, SPAN_LIT("\0other"), 0);
        assert_true(known(s, "a", 1, "first"));
        assert_false(known(s, "a", 2, NULL));
        room_close(r);
        s = room_open(r);
        assert_true(known(s, "a", 1, "first"));
        assert_true(known(s, "b", 1, NULL));
        put(s, "a", 2, SPAN_LIT("second"), 0); /* of newer detectors: replaces */
        assert_true(known(s, "a", 2, "second"));
        assert_false(known(s, "a", 1, NULL));
        assert_int_equal(sql_number(s, "SELECT count(*) FROM layer"), 2);
        put(s, "empty", 1, (struct span){0}, 0);
        assert_true(known(s, "empty", 1, ""));
}

static void the_least_recently_used_go(void **state)
{
        struct room *r = *state;
        struct store *s = room_open(r);

        put(s, "a", 1, SPAN_LIT("0123456789"), 30);
        put(s, "b", 1, SPAN_LIT("0123456789"), 30);
        put(s, "c", 1, SPAN_LIT("0123456789"), 30);
        assert_true(known(s, "a", 1, NULL) && known(s, "b", 1, NULL) && known(s, "c", 1, NULL));
        sql(s, "UPDATE layer SET used_s = used_s - 10000"); /* an hour ago and more */
        assert_true(known(s, "a", 1, NULL));                /* which is now the newest */
        put(s, "d", 1, SPAN_LIT("0123456789"), 30);
        assert_true(known(s, "a", 1, NULL) && known(s, "c", 1, NULL) && known(s, "d", 1, NULL));
        assert_false(known(s, "b", 1, NULL));
        put(s, "e", 1, SPAN_LIT("01234567890123456789"), 30);
        assert_true(known(s, "e", 1, NULL));
        assert_int_equal(sql_number(s, "SELECT CAST(sum(size) AS BIGINT) FROM layer"), 30);
        put(s, "f", 1, SPAN_LIT("x"), 1);
        assert_int_equal(sql_number(s, "SELECT count(*) FROM layer"), 1);
        assert_true(known(s, "f", 1, "x"));
}

static void reading_writes_once_an_hour(void **state)
{
        struct room *r = *state;
        struct store *s = room_open(r);
        int64_t used;

        put(s, "a", 1, SPAN_LIT("x"), 0);
        sql(s, "UPDATE layer SET used_s = used_s - 100");
        used = sql_number(s, "SELECT used_s FROM layer");
        assert_true(known(s, "a", 1, "x"));
        assert_int_equal(sql_number(s, "SELECT used_s FROM layer"), used);
        sql(s, "UPDATE layer SET used_s = used_s - 3600");
        assert_true(known(s, "a", 1, "x"));
        assert_true(sql_number(s, "SELECT used_s FROM layer") > used);
        sql(s, "UPDATE layer SET used_s = used_s + 1000000"); /* a clock that was wrong */
        assert_true(known(s, "a", 1, "x"));
        assert_true(sql_number(s, "SELECT used_s FROM layer") < used + 100000);
}

static void refusals(void **state)
{
        struct room *r = *state;
        struct store *s = room_open(r);
        struct digest none = {0}, a = layer("a");
        CLEANUP(buf_done) struct buf small = {.max = 3};
        struct span huge = {.at = (const uint8_t *)"", .len = STORE_LAYER_MAX + 1u};

        assert_refused(store_layer_put(s, &none, 1, SPAN_LIT("x"), 0, e), ERR_BUG, "without a diff id");
        assert_refused(store_layer_put(s, &a, 1, huge, 0, e), ERR_LIMIT, "keep layer sha256:");
        assert_refused(store_layer_put(s, &a, 1, SPAN_LIT("four"), 3, e), ERR_LIMIT, "4 bytes, at most 3");
        put(s, "a", 1, SPAN_LIT("four"), 0);
        assert_refused(store_layer_get(s, &a, 1, &small, e), ERR_LIMIT, "than the caller takes");
}

int main(void)
{
#define ROW(f) cmocka_unit_test_setup_teardown(f, room_setup, room_teardown)
        const struct CMUnitTest tests[] = {
            ROW(it_is_found_again),
            ROW(the_least_recently_used_go),
            ROW(reading_writes_once_an_hour),
            ROW(refusals),
        };
        return cmocka_run_group_tests_name("store layer", tests, NULL, NULL);
}
