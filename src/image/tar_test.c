#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "image/record_test_priv.h"
#include "image/tar_make_priv.h"
#include "image/tar_priv.h"

/* In pieces of `step` bytes. */
static bool walk(struct span in, size_t step, struct record *r, struct err *e)
{
        struct image_sink sink = record_sink(r);
        struct tar t CLEANUP(tar_done);

        tar_init(&t, &sink);
        while (in.len > 0) {
                if (!tar_feed(&t, span_cut(in, 0, step), e))
                        return false;
                in = span_from(in, step);
        }
        return tar_end(&t, e);
}

static void assert_walk(const struct buf *tar, const char *want)
{
        static const size_t steps[] = {1, 7, 511, 512, 513, 1 << 20};

        for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
                struct record r = {0};
                struct err e = {0};

                if (!walk(buf_span(tar), steps[i], &r, &e))
                        fail_msg("%s", e.text);
                assert_string_equal(record_text(&r), want);
                buf_done(&r.text);
        }
}

static void assert_refused(struct buf *tar, enum err_kind kind, const char *says)
{
        static const size_t steps[] = {1, 513, 1 << 20};

        for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
                struct record r = {0};
                struct err e = {0};

                if (walk(buf_span(tar), steps[i], &r, &e))
                        fail_msg("was taken; should say: %s", says);
                if (e.kind != kind || !strstr(e.text, says))
                        fail_msg("%s: %s: does not say: %s", err_kind_name(e.kind), e.text, says);
                buf_done(&r.text);
        }
        buf_done(tar);
}

static void all_types_come_out(void **state)
{
        struct buf b CLEANUP(buf_done) = {0};

        (void)state;
        tar_make(&b, &(struct tar_item){.path = "./", .type = '5', .mode = 0755});
        tar_make(&b,
            &(struct tar_item){.path = "./usr//./bin/", .type = '5', .mode = 01777, .uid = 1, .gid = 2, .mtime = 5});
        tar_make(&b, &(struct tar_item){.path = "usr/a", .content = SPAN_LIT("hello"), .mode = 04755});
        tar_make(&b, &(struct tar_item){.path = "empty", .type = '7'});
        tar_make(&b, &(struct tar_item){.path = "s", .type = '2', .link = "../../x"});
        tar_make(&b, &(struct tar_item){.path = "h", .type = '1', .link = "./usr/./a"});
        tar_make(&b, &(struct tar_item){.path = "dev/null", .type = '3', .dev_major = 1, .dev_minor = 3});
        tar_make(&b, &(struct tar_item){.path = "sda", .type = '4', .dev_major = 8});
        tar_make(&b, &(struct tar_item){.path = "fifo", .type = '6'});
        tar_make_end(&b);
        buf_put(&b, span_bytes((uint8_t[700]){0}, 700)); /* any number of zeros, not only whole blocks */
        assert_walk(&b,
            "dir  0755 0:0 @0\ndir usr/bin 1777 1:2 @5\nfile usr/a 4755 0:0 @0 =hello\nfile empty 0000 0:0 @0 =\n"
            "symlink s 0000 0:0 @0 ->../../x\nhardlink h 0000 0:0 @0 ->usr/a\nchar dev/null 0000 0:0 @0 1,3\n"
            "block sda 0000 0:0 @0 8,0\nfifo fifo 0000 0:0 @0\n");
}

static void whiteouts_are_named_by_what_they_do(void **state)
{
        struct buf b CLEANUP(buf_done) = {0};

        (void)state;
        tar_make(&b, &(struct tar_item){.path = "etc/.wh.passwd"});
        tar_make(&b, &(struct tar_item){.path = ".wh.bin", .content = SPAN_LIT("ignored")});
        tar_make(&b, &(struct tar_item){.path = "a/b/.wh..wh..opq"});
        tar_make(&b, &(struct tar_item){.path = ".wh..wh..opq"});
        tar_make(&b, &(struct tar_item){.path = ".wh..wh.plnk/12.34", .content = SPAN_LIT("skipped")});
        tar_make(&b, &(struct tar_item){.path = ".wh..wh.aufs"});
        tar_make(&b, &(struct tar_item){.path = "x/.wh.l", .type = '1', .link = ".wh..wh.aufs"});
        tar_make(&b, &(struct tar_item){.path = "not.wh.x", .content = SPAN_LIT("x")});
        assert_walk(&b,
            "whiteout etc/passwd 0000 0:0 @0\nwhiteout bin 0000 0:0 @0\nopaque a/b 0000 0:0 @0\nopaque  0000 0:0 @0\n"
            "whiteout x/l 0000 0:0 @0\nfile not.wh.x 0000 0:0 @0 =x\n");
        buf_clear(&b);
        tar_make(&b, &(struct tar_item){.path = "a/.wh."});
        assert_refused(&b, ERR_MALFORMED, "entry 0 (a/.wh.): a whiteout must name");
        tar_make(&b, &(struct tar_item){.path = "a/.wh..."});
        assert_refused(&b, ERR_MALFORMED, "a whiteout must name");
        tar_make(&b, &(struct tar_item){.path = "a/.wh..."});
        assert_refused(&b, ERR_MALFORMED, "a whiteout must name");
        tar_make(&b, &(struct tar_item){.path = ".wh.d/x"});
        assert_refused(&b, ERR_MALFORMED, "named as a whiteout");
        tar_make(&b, &(struct tar_item){.path = "x", .type = '1', .link = ".wh.y"});
        assert_refused(&b, ERR_MALFORMED, "no file");
}

static void long_names_come_in_three_ways(void **state)
{
        struct buf b CLEANUP(buf_done) = {0}, records CLEANUP(buf_done) = {0};
        uint8_t block[512];
        char name[300] = "", want[4096];

        (void)state;
        memset(name, 'n', 250);
        tar_make(&b, &(struct tar_item){.path = name});
        tar_make_extended(&b, 'L', span_bytes(name, 251));
        tar_make_extended(&b, 'K', span_of("far/away"));
        tar_make_raw(&b, &(struct tar_item){.path = "cut", .type = '2', .link = "cut"});
        tar_make_header(block, &(struct tar_item){.path = "name"});
        memcpy(block + 345, "a/prefix", 8);
        tar_make_checksum(block);
        buf_put(&b, span_bytes(block, 512));
        memcpy(block + 508, "tar", 4); /* star: the prefix is shorter, what follows are times */
        memcpy(block + 345 + 131, "00000000000", 11);
        tar_make_checksum(block);
        buf_put(&b, span_bytes(block, 512));
        memcpy(block + 257, "ustar  ", 8); /* GNU: no prefix at all */
        tar_make_checksum(block);
        buf_put(&b, span_bytes(block, 512));
        tar_make_record(&records, "SCHILY.xattr.user.x", SPAN_LIT("\0\n\xff="));
        tar_make_record(&records, "mtime", SPAN_LIT("-1.25"));
        tar_make_record(&records, "uid", SPAN_LIT("4000000000"));
        tar_make_record(&records, "gid", SPAN_LIT("7"));
        tar_make_record(&records, "size", SPAN_LIT("3"));
        tar_make_record(&records, "path", SPAN_LIT("first"));
        tar_make_record(&records, "path", SPAN_LIT("last"));
        tar_make_extended(&b, 'x', buf_span(&records));
        tar_make_raw(&b, &(struct tar_item){.path = "cut", .content = SPAN_LIT("abc")});
        buf_clear(&records);
        tar_make_record(&records, "comment", SPAN_LIT("0123456789abcdef"));
        tar_make_extended(&b, 'g', buf_span(&records));
        tar_make_raw(&b, &(struct tar_item){.path = "end", .mtime = 0100000000000});
        snprintf(want, sizeof(want),
            "file %s 0000 0:0 @0 =\nsymlink %s 0000 0:0 @0 ->far/away\nfile a/prefix/name 0000 0:0 @0 =\n"
            "file a/prefix/name 0000 0:0 @0 =\nfile name 0000 0:0 @0 =\nfile last 0000 4000000000:7 @-2.750000000 "
            "=abc\n"
            "file end 0000 0:0 @8589934592 =\n",
            name, name);
        assert_walk(&b, want);
}

static void numbers_of_both_kinds(void **state)
{
        uint64_t v;
        bool negative;

        (void)state;
        assert_true(tar_number(SPAN_LIT("0000644\0"), &v, NULL) && v == 0644);
        assert_true(tar_number(SPAN_LIT("  644 \0\0"), &v, NULL) && v == 0644);
        assert_true(tar_number(SPAN_LIT("\0\0\0\0"), &v, NULL) && v == 0);
        assert_true(tar_number(SPAN_LIT("\x80\0\0\0\0\0\x12\x34"), &v, NULL) && v == 0x1234);
        assert_true(tar_number(SPAN_LIT("\x80\x7f\xff\xff\xff\xff\xff\xff"), &v, NULL) && v == 0x7fffffffffffff);
        assert_true(tar_number(SPAN_LIT("\xff\xff\xff\xff\xff\xff\xff\xfe"), &v, &negative) && negative && v == 2);
        assert_false(tar_number(SPAN_LIT("\xff\xff\xff\xff\xff\xff\xff\xfe"), &v, NULL));
        assert_false(tar_number(SPAN_LIT("\x80\0\0\xff\xff\xff\xff\xff\xff\xff\xff\xff"), &v, NULL));
        assert_false(tar_number(SPAN_LIT("0000648\0"), &v, NULL));
        assert_false(tar_number(SPAN_LIT("6 4"), &v, NULL));
        assert_false(tar_number(SPAN_LIT("-1"), &v, NULL));
        assert_false(tar_number(SPAN_LIT("7777777777777777777777"), &v, NULL));
}

static void paths_have_one_form(void **state)
{
        static const struct {
                const char *raw, *clean;
        } good[] = {
            {"a", "a"},
            {"./a", "a"},
            {"./", ""},
            {".", ""},
            {"a//b/./c/", "a/b/c"},
            {"..a/b..", "..a/b.."},
            {"...", "..."},
            {"a/.b", "a/.b"},
        };
        static const char *const bad[] = {"", "/", "/a", "..", "a/..", "../a", "a/../b", "./../a", "a/b/../../../c"};
        uint8_t out[IMAGE_PATH_MAX], big[5000];
        struct err e = {0};
        size_t len;

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(good); i++) {
                assert_true(tar_path_clean(span_of(good[i].raw), out, &len, &e));
                assert_true(span_is(span_bytes(out, len), good[i].clean));
        }
        for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
                assert_false(tar_path_clean(span_of(bad[i]), out, &len, &e));
                assert_int_equal(e.kind, ERR_MALFORMED);
        }
        assert_false(tar_path_clean(SPAN_LIT("a\0b"), out, &len, &e));
        memset(big, 'x', sizeof(big));
        assert_true(tar_path_clean(span_bytes(big, 255), out, &len, &e));
        assert_false(tar_path_clean(span_bytes(big, 256), out, &len, &e));
        assert_int_equal(e.kind, ERR_LIMIT);
        for (size_t i = 1; i < sizeof(big); i += 2)
                big[i] = '/';
        assert_true(tar_path_clean(span_bytes(big, 4095), out, &len, &e));
        assert_int_equal(len, 4095);
        assert_false(tar_path_clean(span_bytes(big, 4097), out, &len, &e));
        assert_int_equal(e.kind, ERR_LIMIT);
}

static void one_pax(struct buf *b, const char *key, struct span value, char flag)
{
        struct buf records CLEANUP(buf_done) = {0};

        tar_make_record(&records, key, value);
        tar_make_extended(b, flag, buf_span(&records));
        tar_make_raw(b, &(struct tar_item){.path = "p"});
}

static void what_readers_take_differently_is_refused(void **state)
{
        struct buf b = {0};

        (void)state;
        one_pax(&b, "path", SPAN_LIT("a\0b"), 'x');
        assert_refused(&b, ERR_MALFORMED, "path=a?b is not valid");
        one_pax(&b, "path", SPAN_LIT(""), 'x');
        assert_refused(&b, ERR_MALFORMED, "path=");
        one_pax(&b, "path", SPAN_LIT("../x"), 'x');
        assert_refused(&b, ERR_MALFORMED, "entry 0 (../x): \"..\"");
        one_pax(&b, "size", SPAN_LIT("-1"), 'x');
        assert_refused(&b, ERR_MALFORMED, "size=-1");
        one_pax(&b, "size", SPAN_LIT("99999999999999999999"), 'x');
        assert_refused(&b, ERR_MALFORMED, "size=");
        one_pax(&b, "size", SPAN_LIT("9999999999999999999"), 'x');
        assert_refused(&b, ERR_LIMIT, "size of 9999999999999999999");
        one_pax(&b, "mtime", SPAN_LIT("1.2x"), 'x');
        assert_refused(&b, ERR_MALFORMED, "mtime=");
        one_pax(&b, "uid", SPAN_LIT("4294967296"), 'x');
        assert_refused(&b, ERR_LIMIT, "owner");
        one_pax(&b, "GNU.sparse.major", SPAN_LIT("1"), 'x');
        assert_refused(&b, ERR_UNSUPPORTED, "sparse");
        one_pax(&b, "path", SPAN_LIT("everything"), 'g');
        assert_refused(&b, ERR_UNSUPPORTED, "global pax header that sets path");
        one_pax(&b, "size", SPAN_LIT("1"), 'g');
        assert_refused(&b, ERR_UNSUPPORTED, "global pax header that sets size");
        tar_make_extended(&b, 'x', SPAN_LIT("13 path=a/b/cd\n"));
        assert_refused(&b, ERR_MALFORMED, "length of 13");
        tar_make_extended(&b, 'x', SPAN_LIT("path=a\n"));
        assert_refused(&b, ERR_MALFORMED, "does not begin with its length");
        tar_make_extended(&b, 'x', SPAN_LIT("99 path=a\n"));
        assert_refused(&b, ERR_MALFORMED, "length of 99");
        tar_make_extended(&b, 'x', SPAN_LIT("5 ab\n"));
        assert_refused(&b, ERR_MALFORMED, "no keyword");
        tar_make_extended(&b, 'x', SPAN_LIT("10 path=a\n"));
        tar_make_extended(&b, 'x', SPAN_LIT("10 path=b\n"));
        assert_refused(&b, ERR_MALFORMED, "two extended headers (x)");
        tar_make_extended(&b, 'x', SPAN_LIT("10 path=a\n"));
        tar_make_extended(&b, 'L', SPAN_LIT("b\0"));
        tar_make_raw(&b, &(struct tar_item){.path = "p"});
        assert_refused(&b, ERR_MALFORMED, "name it twice");
        tar_make_extended(&b, 'x', SPAN_LIT("10 path=a\n"));
        assert_refused(&b, ERR_MALFORMED, "ends within entry 0");
        tar_make_extended(&b, 'x', SPAN_LIT("10 path=a\n"));
        tar_make_end(&b);
        assert_refused(&b, ERR_MALFORMED, "without the entry");
        tar_make_extended(&b, 'L', SPAN_LIT("a\0b"));
        assert_refused(&b, ERR_MALFORMED, "NUL in it");
        tar_make_raw(&b, &(struct tar_item){.path = "a/", .content = SPAN_LIT("x")});
        assert_refused(&b, ERR_MALFORMED, "ends in a slash");
        tar_make_raw(&b, &(struct tar_item){.path = "a", .type = '1', .link = "b", .content = SPAN_LIT("x")});
        assert_refused(&b, ERR_MALFORMED, "content of 1 bytes");
        tar_make_raw(&b, &(struct tar_item){.path = "a", .type = '5', .content = SPAN_LIT("x")});
        assert_refused(&b, ERR_MALFORMED, "content of 1 bytes");
        tar_make_raw(&b, &(struct tar_item){.path = "a", .type = 'S'});
        assert_refused(&b, ERR_UNSUPPORTED, "sparse");
        tar_make_raw(&b, &(struct tar_item){.path = "a", .type = 'V'});
        assert_refused(&b, ERR_UNSUPPORTED, "type is 0x56");
        tar_make_raw(&b, &(struct tar_item){.path = "a", .type = '2'});
        assert_refused(&b, ERR_MALFORMED, "link to nothing");
        tar_make_raw(&b, &(struct tar_item){.path = "./", .type = '2', .link = "/"});
        assert_refused(&b, ERR_MALFORMED, "root folder");
        tar_make_raw(&b, &(struct tar_item){.path = "a", .type = '1', .link = "./a"});
        assert_refused(&b, ERR_MALFORMED, "to itself");
        tar_make_raw(&b, &(struct tar_item){.path = "a", .type = '1', .link = "."});
        assert_refused(&b, ERR_MALFORMED, "no file");
        tar_make_raw(&b, &(struct tar_item){.path = "a", .type = 'x', .size = IMAGE_PAX_MAX + 1});
        assert_refused(&b, ERR_LIMIT, "extended header (x) of 1048577");
        tar_make_raw(&b, &(struct tar_item){.path = "a", .type = 'L', .size = 4097});
        assert_refused(&b, ERR_LIMIT, "extended header (L)");
        tar_make_raw(&b, &(struct tar_item){.path = "a", .size = IMAGE_PLAIN_MAX + 1});
        assert_refused(&b, ERR_LIMIT, "size of");
}

static void the_end_is_the_end(void **state)
{
        struct buf b = {0};

        (void)state;
        assert_walk(&b, "");
        tar_make_end(&b);
        assert_walk(&b, "");
        tar_make_raw(&b, &(struct tar_item){.path = "hidden"});
        assert_refused(&b, ERR_MALFORMED, "goes on after its end at byte 1024");
        buf_put(&b, span_bytes((uint8_t[512]){0}, 512));
        tar_make_raw(&b, &(struct tar_item){.path = "hidden"});
        assert_refused(&b, ERR_MALFORMED, "after a block of zeros at byte 512");
        tar_make_raw(&b, &(struct tar_item){.path = "a", .content = SPAN_LIT("x")});
        assert_walk(&b, "file a 0000 0:0 @0 =x\n"); /* no end mark: between entries it is taken */
        b.len -= 1;
        assert_refused(&b, ERR_MALFORMED, "ends within entry 1");
        tar_make_raw(&b, &(struct tar_item){.path = "a", .content = SPAN_LIT("xyz")});
        b.len = 514;
        assert_refused(&b, ERR_MALFORMED, "entry 0 (a): the tar ends 1 bytes before");
        tar_make_raw(&b, &(struct tar_item){.path = "a"});
        b.len = 300;
        assert_refused(&b, ERR_MALFORMED, "ends within entry 0, at byte 300");
        tar_make_raw(&b, &(struct tar_item){.path = "a"});
        b.at[0] ^= 1;
        assert_refused(&b, ERR_MALFORMED, "checksum");
}

static void the_sink_may_refuse(void **state)
{
        struct buf b CLEANUP(buf_done) = {0};
        struct record r = {.refuse_at = 2};
        struct err e = {0};

        (void)state;
        tar_make(&b, &(struct tar_item){.path = "a"});
        tar_make(&b, &(struct tar_item){.path = "b\x1b[2J"});
        assert_false(walk(buf_span(&b), 512, &r, &e));
        assert_int_equal(e.kind, ERR_DENIED);
        assert_string_equal(e.text, "entry 1 (b?[2J): enough");
        buf_done(&r.text);
}

static void old_writers_are_read(void **state)
{
        struct buf b CLEANUP(buf_done) = {0};
        uint8_t block[512];
        int sum = 0;

        (void)state;
        /* v7: no magic, a folder by its slash, a checksum of signed bytes. */
        tar_make_header(block, &(struct tar_item){.path = "d\xe9/", .mode = 0755});
        memset(block + 257, 0, 8);
        block[156] = 0;
        memset(block + 148, ' ', 8);
        for (size_t i = 0; i < 512; i++)
                sum += (int8_t)block[i];
        snprintf((char *)block + 148, 8, "%06o", (unsigned)sum);
        buf_put(&b, span_bytes(block, 512));
        assert_walk(&b, "dir d\xe9 0755 0:0 @0\n");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(all_types_come_out),
            cmocka_unit_test(whiteouts_are_named_by_what_they_do),
            cmocka_unit_test(long_names_come_in_three_ways),
            cmocka_unit_test(numbers_of_both_kinds),
            cmocka_unit_test(paths_have_one_form),
            cmocka_unit_test(what_readers_take_differently_is_refused),
            cmocka_unit_test(the_end_is_the_end),
            cmocka_unit_test(the_sink_may_refuse),
            cmocka_unit_test(old_writers_are_read),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
