#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "advisory/score/cvss_priv.h"

static void scores(const char *vector, uint32_t tenths)
{
        struct err e = {0};
        uint32_t got = 9999;

        if (!cvss_score(span_of(vector), &got, &e))
                fail_msg("%s: %s", vector, e.text);
        if (got != tenths)
                fail_msg("%s is %u, not %u", vector, got, tenths);
}

static void refused(const char *vector, enum err_kind kind, const char *reason)
{
        struct err e = {0};
        uint32_t got = 9999;

        if (cvss_score(span_of(vector), &got, &e))
                fail_msg("%s scored %u", vector, got);
        assert_int_equal(got, 9999);
        assert_int_equal(e.kind, kind);
        if (!strstr(e.text, reason))
                fail_msg("%s is refused with \"%s\", not \"%s\"", vector, e.text, reason);
}

static void base_scores(void **state)
{
        (void)state;
        scores("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 98);
        scores("CVSS:3.1/A:H/I:H/C:H/S:U/UI:N/PR:N/AC:L/AV:N", 98); /* 3.1: any order */
        scores("CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 61);
        scores("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:U/RL:O/RC:U/MAV:P", 98); /* the base score alone */
        scores("CVSS:3.1/AV:N/AC:L/PR:L/UI:R/S:U/C:N/I:N/A:N", 0);
        scores("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 93);
        scores("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:N/SI:N/SA:N", 0);
        scores("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H/U:Clear", 100);
}

static void version_2(void **state)
{
        (void)state;
        scores("AV:N/AC:L/Au:N/C:C/I:C/A:C", 100);
        scores("AV:N/AC:L/Au:N/C:N/I:N/A:N", 0);
        scores("AV:L/AC:H/Au:M/C:P/I:N/A:N", 8);
        scores("AV:N/AC:M/Au:N/C:P/I:P/A:P", 68);
        scores("AV:N/AC:L/Au:N/C:C/I:C/A:C/E:U/RL:OF/RC:UC", 67); /* with temporal metrics */
        scores("AV:N/AC:L/Au:N/C:C/I:C/A:C/E:ND/RL:ND/RC:ND", 100);
        scores("AV:N/AC:L/Au:N/C:P/I:N/A:N/CDP:MH/TD:H/CR:H/IR:M/AR:M", 76); /* environmental ones alone */
        scores("AV:L/AC:L/Au:N/C:C/I:C/A:C", 72);                            /* an impact above 10 */
        scores(
            "AV:L/AC:L/Au:N/C:C/I:C/A:C/CDP:N/TD:H/CR:M/IR:M/AR:M", 71);   /* which the environmental equation bounds */
        scores("AV:L/AC:H/Au:M/C:P/I:N/A:N/CDP:N/TD:H/CR:L/IR:L/AR:L", 0); /* below nothing */
        scores("AV:L/AC:H/Au:M/C:N/I:P/A:N/CDP:H/TD:M/CR:ND/IR:L/AR:L", 37); /* from an adjusted base below nothing */
        assert_int_equal(cvss_version(SPAN_LIT("AV:N/AC:L/Au:N/C:C/I:C/A:C")), 20);
        assert_int_equal(cvss_version(SPAN_LIT("CVSS:3.0/AV:N")), 30);
        assert_int_equal(cvss_version(SPAN_LIT("CVSS:4.0/AV:N")), 40);
        assert_int_equal(cvss_version(SPAN_LIT("CVSS:5.0/AV:N")), 0);
        assert_int_equal(cvss_vector_severity(SPAN_LIT("AV:N/AC:L/Au:N/C:C/I:C/A:C"), 100), SEVERITY_HIGH);
        assert_int_equal(cvss_vector_severity(SPAN_LIT("AV:N/AC:L/Au:N/C:P/I:N/A:N"), 50), SEVERITY_MEDIUM);
        assert_int_equal(
            cvss_vector_severity(SPAN_LIT("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"), 98), SEVERITY_CRITICAL);
}

static void refusals(void **state)
{
        static const char v4[] = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N";
        char text[CVSS_VECTOR_MAX + 100];

        (void)state;
        refused("", ERR_MALFORMED, "does not start");
        refused("CVSS:3.1", ERR_UNSUPPORTED, "does not start");
        refused("CVSS:2.0/AV:N", ERR_UNSUPPORTED, "does not start");
        refused("(AV:N/AC:L/Au:N/C:N/I:N/A:C)", ERR_MALFORMED, "does not start");
        refused("AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", ERR_MALFORMED, "\"PR\" stands where Au was expected");
        refused("AV:N/AC:L/Au:N/C:N/I:N", ERR_MALFORMED, "A is missing");
        refused("AV:N/AC:L/Au:N/C:N/I:N/A:C/E:F", ERR_MALFORMED, "RL is missing");
        refused("AV:N/AC:L/Au:N/C:N/I:N/A:C/E:F/RL:OF/RC:C/CDP:H/TD:H/CR:H/IR:H", ERR_MALFORMED, "AR is missing");
        refused("AV:N/AC:L/Au:N/C:N/I:N/A:C/A:C", ERR_MALFORMED, "\"A\" stands where E was expected");
        refused("AV:N/AC:L/Au:N/C:N/I:N/A:C/E:F/RL:OF/RC:C/CDP:H/TD:H/CR:H/IR:H/AR:H/AR:H", ERR_MALFORMED,
            "where the end was expected");
        refused("AV:N/AC:L/Au:N/C:N/I:N/A:", ERR_MALFORMED, "A has no value");
        refused("AV:N/AC:L/Au:N/C:N/I:N/A:C/E:PO/RL:U/RC:C", ERR_MALFORMED, "E has no value \"PO\"");
        refused("AV:N/AC:L/Au:N/C:N/I:N/A:C/", ERR_MALFORMED, "no colon");
        refused("AV:n/AC:L/Au:N/C:N/I:N/A:C", ERR_MALFORMED, "AV has no value");
        refused("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H", ERR_MALFORMED, "A is missing");
        refused("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/A:H", ERR_MALFORMED, "given twice");
        refused("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:X", ERR_MALFORMED, "no value");
        refused("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/", ERR_MALFORMED, "no colon");
        refused("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/XX:N", ERR_MALFORMED, "no metric");
        refused("CVSS:4.0/AC:L/AV:N/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", ERR_MALFORMED, "out of order");
        snprintf(text, sizeof(text), "%s/U:C", v4);
        refused(text, ERR_MALFORMED, "no value");
        snprintf(text, sizeof(text), "%s/E:A/E:A", v4);
        refused(text, ERR_MALFORMED, "given twice");
        memset(text, 'A', sizeof(text));
        text[sizeof(text) - 1] = 0;
        refused(text, ERR_LIMIT, "at most");
        refused("CVSS:3.1/AV:", ERR_MALFORMED, "no value");
}

static void ratings(void **state)
{
        static const struct {
                uint32_t tenths;
                enum severity severity;
        } cases[] = {{0, SEVERITY_NONE}, {1, SEVERITY_LOW}, {39, SEVERITY_LOW}, {40, SEVERITY_MEDIUM},
            {69, SEVERITY_MEDIUM}, {70, SEVERITY_HIGH}, {89, SEVERITY_HIGH}, {90, SEVERITY_CRITICAL},
            {100, SEVERITY_CRITICAL}};
        enum severity s = SEVERITY_HIGH;

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(cases); i++)
                assert_int_equal(cvss_severity(cases[i].tenths), cases[i].severity);
        for (enum severity k = SEVERITY_NONE; k <= SEVERITY_CRITICAL; k++) {
                assert_true(severity_parse(span_of(severity_name(k)), &s));
                assert_int_equal(s, k);
        }
        assert_true(severity_parse(SPAN_LIT("MODERATE"), &s));
        assert_int_equal(s, SEVERITY_MEDIUM);
        assert_false(severity_parse(SPAN_LIT("not yet assigned"), &s));
        assert_false(severity_parse(SPAN_LIT(""), &s));
        assert_int_equal(s, SEVERITY_MEDIUM);
}

/* ---- claircore's lists: "VECTOR SCORE # comment", or "VECTOR #OK" among vectors that must be refused ---- */

static void list_line(struct span line, bool errors, unsigned *n)
{
        struct span text, comment, vector, rest;
        struct err e = {0};
        uint32_t tenths;
        double want;
        char score[16];

        span_split(line, '#', &text, &comment);
        text = span_trim(text);
        if (text.len == 0)
                return;
        (*n)++;
        if (errors) {
                if (cvss_score(text, &tenths, &e) != span_is(span_trim(comment), "OK"))
                        fail_msg("%.*s: %s", SPAN_FMT(text), e.text);
                return;
        }
        span_split(text, ' ', &vector, &rest);
        rest = span_trim(rest);
        if (!cvss_score(vector, &tenths, &e))
                fail_msg("%.*s: %s", SPAN_FMT(vector), e.text);
        if (rest.len == 0) /* a list of vectors alone */
                return;
        snprintf(score, sizeof(score), "%.*s", SPAN_FMT(rest));
        want = strtod(score, NULL) * 10;
        if (tenths != (uint32_t)(want + 0.5))
                fail_msg("%.*s is %u, not %.0f", SPAN_FMT(vector), tenths, want);
}

static void lists(void **state)
{
        static const struct {
                const char *name;
                bool errors;
                unsigned least;
        } files[] = {{"v2_score.list", false, 7}, {"v2_roundtrip.list", false, 1}, {"v2_error.list", true, 7},
            {"v30_score.list", false, 15}, {"v31_score.list", false, 18}, {"v4_score.list", false, 18},
            {"v3_roundtrip.list", false, 9}, {"v4_roundtrip.list", false, 17}, {"v3_error.list", true, 13},
            {"v4_error.list", true, 4}};

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(files); i++) {
                struct buf content CLEANUP(buf_done) = {0};
                struct err e = {0};
                struct cursor c;
                struct span line;
                char path[4096];
                unsigned n = 0;
                snprintf(path, sizeof(path), "%s/data/vectors/cpe-cvss/%s", COFFER_SHARED, files[i].name);
                if (!file_read(AT_FDCWD, path, 1u << 20, &content, &e)) {
                        if (e.kind != ERR_NOT_FOUND)
                                fail_msg("%s", e.text);
                        print_message("skip: %s is not there\n", path);
                        skip();
                }
                c = (struct cursor){.rest = buf_span(&content)};
                while (cursor_line(&c, &line))
                        list_line(line, files[i].errors, &n);
                assert_true(n >= files[i].least);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(base_scores),
            cmocka_unit_test(version_2),
            cmocka_unit_test(refusals),
            cmocka_unit_test(ratings),
            cmocka_unit_test(lists),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
