/* What is kept of notices, and with which databases images were matched by themselves. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/store_test_priv.h"

#define S(text) SPAN_LIT(text)

static void put(struct store *s, unsigned n, const char *advisories)
{
        struct store_image i = {.name = S("demo"), .inventory_format = 3, .inventory = S("inventory"), .assessed_s = 1};

        i.digest.alg = DIGEST_SHA256;
        i.digest.bytes[0] = (uint8_t)n;
        assert_ok(store_image_put(s, &i, e));
        if (advisories[0])
                assert_ok(store_image_matched(s, &i.digest, span_of(advisories), e));
}

static void told(struct store *s, int64_t image, const char *const *sinks, size_t n_sinks)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct span advisories;
        struct store_holder h;

        assert_ok(store_fleet_begin(s, a, &advisories, e));
        assert_ok(store_fleet_image(s, image, a, &h, e));
        assert_ok(store_fleet_notice(s, S("sha256:new"), &h, S("{}"), sinks, n_sinks, e));
        assert_ok(store_fleet_end(s, true, S("sha256:new"), e));
}

/* "a b ": in the order of their texts. */
static void matched_are(struct store *s, const char *want, bool ever)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        char got[200] = "";
        int64_t since_s = -1;
        struct span *list;
        size_t n;

        assert_ok(store_fleet_since(s, a, &list, &n, &since_s, e));
        for (size_t i = 0; i < n; i++)
                snprintf(got + strlen(got), sizeof(got) - strlen(got), "%.*s ", SPAN_FMT(list[i]));
        assert_string_equal(got, want);
        assert_true(ever ? since_s > 1700000000 : since_s == 0);
}

static void each_database_that_images_were_matched_with(void **state)
{
        struct store *s = room_open(*state);

        matched_are(s, "", false);
        put(s, 1, "sha256:b");
        put(s, 2, "sha256:a");
        put(s, 3, "sha256:b");
        put(s, 4, "");
        matched_are(s, "sha256:a sha256:b ", false);
        told(s, 2, NULL, 0);
        matched_are(s, "sha256:b ", true);
        told(s, 1, NULL, 0);
        matched_are(s, "sha256:b ", true); /* the third image's */
        told(s, 3, NULL, 0);
        matched_are(s, "", true);
}

static void old_notices_are_forgotten_once_they_are_told(void **state)
{
        static const char *const sinks[] = {"file", "hook"};
        struct store *s = room_open(*state);
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct store_notice *list;
        int64_t now_s = clock_wall_s();
        uint64_t gone = 77;
        size_t n;

        for (unsigned i = 1; i <= 3; i++)
                put(s, i, "");
        told(s, 1, sinks, 2);
        told(s, 2, NULL, 0);
        told(s, 3, sinks, 1);
        assert_ok(store_notices_forget(s, now_s - 60, &gone, e));
        assert_int_equal(gone, 0); /* they are new */
        assert_ok(store_notices_forget(s, now_s + 60, &gone, e));
        assert_int_equal(gone, 1); /* the one that nobody waits for */
        assert_ok(store_notices(s, "file", 10, a, &list, &n, e));
        assert_int_equal(n, 2);
        assert_ok(store_notice_told(s, "file", list[0].id, e));
        assert_ok(store_notice_told(s, "file", list[1].id, e));
        assert_ok(store_notices_forget(s, now_s + 60, &gone, e));
        assert_int_equal(gone, 1); /* the first is still waited for by the hook */
        assert_ok(store_notices(s, "hook", 10, a, &list, &n, e));
        assert_int_equal(n, 1);
        assert_ok(store_notice_told(s, "hook", list[0].id, e));
        assert_ok(store_notices_forget(s, now_s + 60, &gone, e));
        assert_int_equal(gone, 1);
        assert_int_equal(sql_number(s, "SELECT count(*) FROM notice"), 0);
        assert_int_equal(sql_number(s, "SELECT count(*) FROM ledger WHERE seq > 0"), 3); /* where it stays */
}

#define ROW(f) cmocka_unit_test_setup_teardown(f, room_setup, room_teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
            ROW(each_database_that_images_were_matched_with),
            ROW(old_notices_are_forgotten_once_they_are_told),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
