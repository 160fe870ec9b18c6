#include "inventory/lang/lang_test_priv.h"

#define GO "usr/local/go/VERSION"
#define OTP "usr/local/lib/erlang/releases/25/OTP_VERSION"

static void test_paths(void **state)
{
        static const char *const wanted[] = {
            GO, OTP, "usr/lib/go-1.19/VERSION", "root/sdk/go1.22.1/VERSION", "go/VERSION"};
        static const char *const unwanted[] = {"usr/share/x/VERSION", "VERSION", "usr/local/go/VERSION.cache",
            "usr/local/go/src/VERSION", "lib/erlang/OTP_VERSION", "google/VERSION"};

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
                assert_ptr_equal(detector_of_path(span_of(wanted[i])), &detect_toolchain);
        for (size_t i = 0; i < ARRAY_LEN(unwanted); i++)
                assert_false(detect_toolchain.wants(span_of(unwanted[i])));
}

/* As go.dev's archives and Debian's erlang-base have them. */
static void test_versions(void **state)
{
        static const struct lang_row rows[] = {
            {GO, "go1.26.8\ntime 2026-08-28T16:20:06Z\n", "toolchain 1.26.8 [golang/Go]", NULL},
            {GO, "go1.20", "toolchain 1.20.0 [golang/Go]", NULL}, /* no line's end, before 1.21 */
            {GO, "go1.22rc1\n", "toolchain 1.22.0-rc.1 [golang/Go]", NULL},
            {GO, "devel go1.23-1a2b3c\n", "", NULL},
            {GO, "1.26.8\n", "", NULL},
            {GO, "", "", NULL},
            {OTP, "25.2.3\n", "erlang 25.2.3", NULL},
            {OTP, "25.3.2.6", "erlang 25.3.2.6", NULL},
            {OTP, "27.0-rc3\n", "erlang 27.0-rc3", NULL},
            {OTP, "25.3**\n", "erlang 25.3", NULL},
            {OTP, "", "", "no version of Erlang/OTP"},
            {OTP, "master\n", "", "no version of Erlang/OTP"},
            {OTP, "25 3\n", "", "no version of Erlang/OTP"},
            {OTP, ".5\n", "", "no version of Erlang/OTP"},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                check_row(&detect_toolchain, &rows[i]);
        struct findings f = detect_file(&detect_toolchain, OTP, SPAN_LIT("25.3\n"));
        assert_span(f.packages.at[0].cpe, "cpe:2.3:a:erlang:erlang\\/otp:25.3:*:*:*:*:*:*:*");
        assert_true(f.packages.at[0].unless_owned);
        arena_free(f.arena);
        f = detect_file(&detect_toolchain, GO, SPAN_LIT("go1.26.8\n"));
        assert_span(f.packages.at[0].cpe, "cpe:2.3:a:golang:go:1.26.8:*:*:*:*:*:*:*");
        assert_true(f.packages.at[0].unless_owned);
        arena_free(f.arena);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_paths),
            cmocka_unit_test(test_versions),
        };

        return cmocka_run_group_tests_name("inventory toolchain", tests, NULL, NULL);
}
