#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/base.h"
#include "runtime/user_priv.h"

static const char passwd[] = "root:x:0:0:root:/root:/bin/bash\n"
                             "broken:x:zero:0::/:\n"
                             "short:x:7:7:\n"
                             "toomuch:x:8:8::/:/bin/sh:extra\n"
                             ":x:9:9::/:\n"
                             "www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin\n"
                             "www-data:x:34:34:a second line:/nowhere:/bin/sh\n"
                             "big:x:65536:0::/:\n"
                             "neg:x:-1:0::/:\n"
                             "rel:x:50:50::relative:/bin/sh\n"
                             "ctl:x:51:51::/a\033b:/bin/sh\n"
                             "last:x:65535:65535::/last:/bin/sh"; /* no '\n' */
static const char group[] = "root:x:0:\n"
                            "www-data:x:33:\n"
                            "adm:x:4:syslog,www-data\n"
                            "tape:x:26:www-data\n"
                            "tape2:x:26:www-data\n"
                            "near:x:27:www-data2,xwww-data\n"
                            "own:x:33:www-data\n"
                            "bad:x:999999:www-data\n";

static bool resolve(const char *request, struct user *u, struct err *e)
{
        return user_resolve(span_of(request), SPAN_LIT(passwd), SPAN_LIT(group), u, e);
}

static void requests_resolve(void **state)
{
        static const struct {
                const char *request;
                uint32_t uid, gid;
                size_t n_groups;
                const char *home;
        } rows[] = {
            {"", 0, 0, 0, "/root"},
            {"0", 0, 0, 0, "/root"},
            {"www-data", 33, 33, 2, "/var/www"},
            {"33", 33, 33, 2, "/var/www"},
            {"www-data:tape", 33, 26, 0, "/var/www"},
            {"www-data:5", 33, 5, 0, "/var/www"},
            {"12345", 12345, 0, 0, ""},
            {"12345:adm", 12345, 4, 0, ""},
            {"last", 65535, 65535, 0, "/last"},
            {"rel", 50, 50, 0, ""},
            {"ctl", 51, 51, 0, ""},
        };
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct user u;
                struct err e = {0};

                if (!resolve(rows[i].request, &u, &e))
                        fail_msg("\"%s\": %s", rows[i].request, e.text);
                assert_int_equal(u.uid, rows[i].uid);
                assert_int_equal(u.gid, rows[i].gid);
                assert_int_equal(u.n_groups, rows[i].n_groups);
                assert_string_equal(u.home, rows[i].home);
        }
}

static void bad_requests_are_refused(void **state)
{
        static const struct {
                const char *request;
                enum err_kind kind;
        } rows[] = {
            {"nobody", ERR_NOT_FOUND},
            {"broken", ERR_NOT_FOUND},
            {"short", ERR_NOT_FOUND},
            {"toomuch", ERR_NOT_FOUND},
            {"big", ERR_NOT_FOUND},
            {"neg", ERR_NOT_FOUND},
            {"root:nogroup", ERR_NOT_FOUND},
            {"root:bad", ERR_NOT_FOUND},
            {"65536", ERR_LIMIT},
            {"4294967295", ERR_LIMIT},
            {"4294967296", ERR_LIMIT},
            {"99999999999999999999", ERR_LIMIT},
            {"0:65536", ERR_LIMIT},
            {":", ERR_MALFORMED},
            {"root:", ERR_MALFORMED},
            {":root", ERR_MALFORMED},
            {"root:root:root", ERR_MALFORMED},
            {"ro\not", ERR_MALFORMED},
            {"-1", ERR_NOT_FOUND},
        };
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct user u = {.uid = 77};
                struct err e = {0};

                assert_false(resolve(rows[i].request, &u, &e));
                if (e.kind != rows[i].kind)
                        fail_msg("\"%s\": %s: %s", rows[i].request, err_kind_name(e.kind), e.text);
                assert_int_equal(u.uid, 77); /* untouched */
        }
}

static void an_image_without_accounts_takes_numbers_alone(void **state)
{
        struct user u;
        struct err e;
        (void)state;

        assert_true(user_resolve(SPAN_LIT("5:6"), (struct span){0}, (struct span){0}, &u, &e));
        assert_int_equal(u.uid, 5);
        assert_int_equal(u.gid, 6);
        assert_false(user_resolve(SPAN_LIT("root"), (struct span){0}, (struct span){0}, &u, &e));
        assert_int_equal(e.kind, ERR_NOT_FOUND);
}

static void too_many_groups_are_refused_not_dropped(void **state)
{
        struct buf b CLEANUP(buf_done) = {0};
        struct user u;
        struct err e;
        (void)state;

        for (unsigned i = 0; i < RUNTIME_GROUPS_MAX; i++)
                buf_printf(&b, "g%u:x:%u:www-data\n", i, 1000 + i);
        assert_true(user_resolve(SPAN_LIT("www-data"), SPAN_LIT(passwd), buf_span(&b), &u, &e));
        assert_int_equal(u.n_groups, RUNTIME_GROUPS_MAX);
        buf_put_text(&b, "one-more:x:5000:www-data\n");
        assert_false(user_resolve(SPAN_LIT("www-data"), SPAN_LIT(passwd), buf_span(&b), &u, &e));
        assert_int_equal(e.kind, ERR_LIMIT);
        assert_true(user_resolve(SPAN_LIT("www-data:adm"), SPAN_LIT(passwd), SPAN_LIT(group), &u, &e));
}

static void large_files_are_refused(void **state)
{
        struct buf b CLEANUP(buf_done) = {0};
        struct user u;
        struct err e;
        (void)state;

        while (b.len <= RUNTIME_PASSWD_MAX)
                buf_put_text(&b, "root:x:0:0:root:/root:/bin/bash\n");
        assert_false(user_resolve(SPAN_LIT("0"), buf_span(&b), (struct span){0}, &u, &e));
        assert_int_equal(e.kind, ERR_LIMIT);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(requests_resolve),
            cmocka_unit_test(bad_requests_are_refused),
            cmocka_unit_test(an_image_without_accounts_takes_numbers_alone),
            cmocka_unit_test(too_many_groups_are_refused_not_dropped),
            cmocka_unit_test(large_files_are_refused),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
