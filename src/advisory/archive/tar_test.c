/* Tar files of records: names in all their forms, and what could show another reader other members. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "advisory/archive/testing_archive_priv.h"

static void expect_failure(const struct buf *tar, enum err_kind kind, const char *text)
{
        struct testing_walk w CLEANUP(testing_walk_done) = {0};

        if (testing_walk_all(tar_walk, buf_span(tar), &w))
                fail_msg("%s: taken", text);
        if (w.e.kind != kind || !strstr(w.e.text, text))
                fail_msg("%s: %s \"%s\"", text, err_kind_name(w.e.kind), w.e.text);
}

static void names_are_read_in_every_form(void **state)
{
        struct testing_walk w CLEANUP(testing_walk_done) = {0};
        struct buf b CLEANUP(buf_done) = {0};
        size_t at;

        (void)state;
        testing_tar_add(&b, "npm", '5', (struct span){0});
        testing_tar_add(&b, "./A-1.json", '0', SPAN_LIT("{\"id\":1}"));
        testing_tar_add(&b, "README.md", '0', SPAN_LIT("text"));
        testing_tar_add(&b, ".hidden.json", '0', SPAN_LIT("{}"));
        testing_tar_add(&b, "link.json", '2', (struct span){0});
        at = b.len;
        testing_tar_add(&b, "B-1.json", '\0', SPAN_LIT("{}"));
        memcpy(b.at + at + 345, "deep/folder", 11);
        testing_tar_checksum(b.at + at);
        testing_tar_add(&b, "././@LongLink", 'L', SPAN_LIT("long/name/of/C-1.json\0"));
        testing_tar_add(&b, "long/name/of/C-1.js", '0', SPAN_LIT("{}"));
        testing_tar_add(&b, "pax", 'x', SPAN_LIT("20 mtime=1700000.25\n17 path=D-1.json\n"));
        testing_tar_add(&b, "D-1.js", '0', SPAN_LIT("{}"));
        testing_tar_add(&b, "global", 'g', SPAN_LIT("14 comment=ok\n"));
        at = b.len;
        testing_tar_add(&b, "E-1.json", '0', (struct span){0});
        memcpy(b.at + at + 257, "ustar  ", 8);      /* GNU's */
        memcpy(b.at + at + 345, "14712345670", 11); /* its access time: no prefix */
        testing_tar_checksum(b.at + at);
        testing_tar_end(&b);
        if (!testing_walk_all(tar_walk, buf_span(&b), &w))
                fail_msg("%s", w.e.text);
        assert_string_equal(w.names, "./A-1.json|deep/folder/B-1.json|long/name/of/C-1.json|D-1.json|E-1.json|");
        assert_int_equal(w.refused, 0);
        struct testing_walk parts CLEANUP(testing_walk_done) = {0};
        for (uint32_t i = 0; i < 3; i++)
                assert_true(testing_walk_part(tar_walk, buf_span(&b), (struct archive_part){i, 3}, &parts));
        assert_int_equal(parts.members, 5);
        for (size_t len = 0; len < b.len - 1023; len++) {
                struct buf cut = {.at = b.at, .len = len};
                expect_failure(&cut, ERR_MALFORMED, "file ends early");
        }
}

static void damaged_ones_fail(void **state)
{
        static const struct {
                size_t at;
                const char *bytes;
                size_t size;
                bool checksum; /* made right again */
                enum err_kind kind;
                const char *text;
        } cases[] = {
            {3, "x", 1, false, ERR_MALFORMED, "checksum"},
            {257, "rats!", 5, true, ERR_MALFORMED, "no ustar header"},
            {124, "\x80\0\0\0\0\0\0\0\0\0\0\5", 12, true, ERR_UNSUPPORTED, "base 256"},
            {124, "0000000000x", 11, true, ERR_MALFORMED, "not octal"},
            {124, "77777777777", 11, true, ERR_MALFORMED, "file ends early"},
            {124, "777777777777", 12, true, ERR_MALFORMED, "file ends early"},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
                struct buf b CLEANUP(buf_done) = {0};
                testing_tar_add(&b, "A-1.json", '0', SPAN_LIT("{}"));
                testing_tar_end(&b);
                memcpy(b.at + cases[i].at, cases[i].bytes, cases[i].size);
                if (cases[i].checksum)
                        testing_tar_checksum(b.at);
                expect_failure(&b, cases[i].kind, cases[i].text);
        }
}

static void headers_before_a_member_are_bounded(void **state)
{
        static const struct {
                char type;
                const char *content;
                enum err_kind kind;
                const char *text;
        } cases[] = {
            {'x', "12 size=999\n", ERR_UNSUPPORTED, "a pax header with a size"},
            {'x', "22 GNU.sparse.major=1\n", ERR_UNSUPPORTED, "sparse"},
            {'x', "99 path=a.json\n", ERR_MALFORMED, "pax header is damaged"},
            {'x', "15 path=a.json", ERR_MALFORMED, "pax header is damaged"},
            {'x', "2 \n", ERR_MALFORMED, "pax header is damaged"},
            {'x', "18446744073709551616 path=a.json\n", ERR_MALFORMED, "pax header is damaged"},
            {'x', "10 no key\n", ERR_MALFORMED, "pax header is damaged"},
            {'x', "x path=a.json\n", ERR_MALFORMED, "pax header is damaged"},
        };
        struct buf b CLEANUP(buf_done) = {0};
        struct buf large CLEANUP(buf_done) = {0};

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
                buf_clear(&b);
                testing_tar_add(&b, "head", cases[i].type, span_of(cases[i].content));
                testing_tar_add(&b, "A-1.json", '0', SPAN_LIT("{}"));
                testing_tar_end(&b);
                expect_failure(&b, cases[i].kind, cases[i].text);
        }
        memset(buf_reserve(&large, TAR_META_MAX + 1), 'n', TAR_META_MAX + 1);
        for (large.len = SOURCE_PATH_MAX; large.len <= TAR_META_MAX + 1;
             large.len += TAR_META_MAX + 1 - SOURCE_PATH_MAX) {
                buf_clear(&b);
                testing_tar_add(&b, "head", 'L', buf_span(&large));
                testing_tar_add(&b, "A-1.json", '0', SPAN_LIT("{}"));
                testing_tar_end(&b);
                expect_failure(&b, large.len > TAR_META_MAX ? ERR_LIMIT : ERR_NOT_FOUND,
                    large.len > TAR_META_MAX ? "a header of 65537 bytes" : "no .json file");
        }
        buf_clear(&b);
        testing_tar_add(&b, "head", 'L', span_bytes(large.at, SOURCE_PATH_MAX + 1));
        testing_tar_add(&b, "A-1.json", '0', SPAN_LIT("{}"));
        testing_tar_end(&b);
        expect_failure(&b, ERR_LIMIT, "a name above 4096 bytes");
}

static void large_records_are_refused_alone(void **state)
{
        struct testing_walk w CLEANUP(testing_walk_done) = {0};
        struct buf large CLEANUP(buf_done) = {.max = FEED_MEMBER_MAX + 1};
        struct buf b CLEANUP(buf_done) = {.max = 3u * FEED_MEMBER_MAX};

        (void)state;
        memset(buf_reserve(&large, FEED_MEMBER_MAX + 1), ' ', FEED_MEMBER_MAX + 1);
        large.len = FEED_MEMBER_MAX + 1;
        testing_tar_add(&b, "large.json", '0', buf_span(&large));
        large.len--;
        testing_tar_add(&b, "fits.json", '0', buf_span(&large));
        testing_tar_end(&b);
        assert_true(testing_walk_all(tar_walk, buf_span(&b), &w));
        assert_string_equal(w.names, "fits.json|");
        assert_string_equal(w.last_refused, "large.json");
        assert_int_equal(w.refused, 1);
        assert_int_equal(w.why.kind, ERR_LIMIT);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(names_are_read_in_every_form),
            cmocka_unit_test(damaged_ones_fail),
            cmocka_unit_test(headers_before_a_member_are_bounded),
            cmocka_unit_test(large_records_are_refused_alone),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
