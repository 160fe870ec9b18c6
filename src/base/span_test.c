/* Spans, cursors, buffers, arenas, errors, time and log lines. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/base.h"

static void span_basics(void **state)
{
        struct span s = SPAN_LIT("key=value=x"), before, rest;
        size_t at;

        (void)state;
        assert_true(span_split(s, '=', &before, &rest));
        assert_true(span_is(before, "key") && span_is(rest, "value=x"));
        assert_false(span_split(SPAN_LIT("none"), '=', &before, &rest));
        assert_true(span_is(before, "none") && rest.len == 0);
        assert_true(span_split(SPAN_LIT("end="), '=', &before, &rest));
        assert_int_equal(rest.len, 0);
        assert_true(span_find(s, 'v', &at) && at == 4);
        assert_false(span_find((struct span){0}, 'v', &at));
        assert_true(span_starts(s, "key") && span_starts(s, "") && !span_starts(s, "key=value=xy"));
        assert_true(span_ends(s, "=x") && !span_ends(SPAN_LIT("x"), "=x"));
        assert_true(span_is(span_cut(s, 4, 5), "value"));
        assert_true(span_is(span_cut(s, 9, SIZE_MAX), "=x"));
        assert_int_equal(span_cut(s, SIZE_MAX, SIZE_MAX).len, 0);
        assert_int_equal(span_from(s, s.len).len, 0);
        assert_true(span_is(span_trim(SPAN_LIT(" \t a b\r\n")), "a b"));
        assert_int_equal(span_trim(SPAN_LIT(" \n")).len, 0);
        assert_int_equal(span_of(NULL).len, 0);
        assert_int_equal(span_bytes(NULL, 9).len, 0);
        assert_true(span_compare(SPAN_LIT("a"), SPAN_LIT("ab")) < 0);
        assert_true(span_compare(SPAN_LIT("b"), SPAN_LIT("ab")) > 0);
        assert_true(span_compare(SPAN_LIT("\xff"), SPAN_LIT("a")) > 0);
        assert_int_equal(span_compare((struct span){0}, SPAN_LIT("")), 0);
        assert_true(span_equal((struct span){0}, SPAN_LIT("")));
        assert_true(span_has_control(SPAN_LIT("a\x7f")) && span_has_control(SPAN_LIT("\x1f")));
        assert_false(span_has_control(SPAN_LIT("a \xc3\xa9")));
}

static void span_numbers(void **state)
{
        static const char *const refused[] = {
            "", "-1", "+1", " 1", "1 ", "1x", "0x1", "18446744073709551616", "99999999999999999999", "/", ":"};
        uint64_t v = 7;

        (void)state;
        assert_true(span_to_u64(SPAN_LIT("0"), &v) && v == 0);
        assert_true(span_to_u64(SPAN_LIT("18446744073709551615"), &v) && v == UINT64_MAX);
        assert_true(span_to_u64(SPAN_LIT("007"), &v) && v == 7);
        for (size_t i = 0; i < ARRAY_LEN(refused); i++)
                assert_false(span_to_u64(span_of(refused[i]), &v));
        assert_int_equal(v, 7);
        assert_true(span_to_octal(SPAN_LIT("0000644"), &v) && v == 0644);
        assert_true(span_to_octal(SPAN_LIT("1777777777777777777777"), &v) && v == UINT64_MAX);
        assert_false(span_to_octal(SPAN_LIT("2000000000000000000000"), &v));
        assert_false(span_to_octal(SPAN_LIT("8"), &v));
}

static void hex_has_one_form(void **state)
{
        static const uint8_t bytes[] = {0x00, 0x0f, 0xa5, 0xff};
        static const char *const bad[] = {"", "000fa5f", "000fa5", "000fa5ff0", "000fa5ff00", "000FA5FF", "000fa5fg", " 00fa5ff", "000fa5f\n"};
        uint8_t into[4] = {1, 2, 3, 4};
        CLEANUP(buf_done) struct buf b = {0};

        (void)state;
        buf_put_hex(&b, span_bytes(bytes, sizeof(bytes)));
        assert_true(span_is(buf_span(&b), "000fa5ff"));
        for (size_t i = 0; i < ARRAY_LEN(bad); i++)
                assert_false(span_to_bytes(span_of(bad[i]), into, sizeof(into)));
        assert_true(into[0] == 1 && into[3] == 4);
        assert_true(span_to_bytes(buf_span(&b), into, sizeof(into)));
        assert_memory_equal(into, bytes, sizeof(bytes));
        assert_true(span_to_bytes((struct span){0}, into, 0));
        b.max = 9;
        buf_put_hex(&b, SPAN_LIT("x"));
        assert_true(b.failed && b.len == 8);
}

static void utf8_accepts_exactly_rfc3629(void **state)
{
        static const char *const good[] = {"", "plain text of more than eight bytes", "\xc2\x80", "\xdf\xbf",
            "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf",
            "12345678\xc3\xa9_12345678\xe6\x97\xa5"};
        static const char *const bad[] = {"\x80", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2\x41", "\xe0\x9f\xbf",
            "\xe2\x82", "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
            "\xff", "12345678\xff", "\xf0\x9f\x98"};

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(good); i++)
                assert_true(span_is_utf8(span_of(good[i])));
        for (size_t i = 0; i < ARRAY_LEN(bad); i++)
                assert_false(span_is_utf8(span_of(bad[i])));
}

static void printable_disarms(void **state)
{
        char out[64], small[5];

        (void)state;
        assert_string_equal(span_printable(SPAN_LIT("a\x1b[2Jb\n\x7f"), out, sizeof(out)), "a?[2Jb??");
        assert_string_equal(span_printable(SPAN_LIT("gr\xc3\xb6\xc3\x9f"
                                                    "e"),
                                out, sizeof(out)),
            "gr\xc3\xb6\xc3\x9f"
            "e");
        assert_string_equal(span_printable(SPAN_LIT("x\xe2\x80\xaey\xe2\x81\xa6z"), out, sizeof(out)), "x?y?z");
        assert_string_equal(span_printable(SPAN_LIT("\xc2\x9b"
                                                    "31m"),
                                out, sizeof(out)),
            "?31m"); /* C1 CSI */
        assert_string_equal(span_printable(SPAN_LIT("\xff\xc3"
                                                    "a\0b"),
                                out, sizeof(out)),
            "??a?b");
        assert_string_equal(span_printable(SPAN_LIT("abcdef"), small, sizeof(small)), "abcd");
        /* A character that does not fit whole is left out, not halved. */
        assert_string_equal(span_printable(SPAN_LIT("abc\xc3\xa9"), small, sizeof(small)), "abc");
        assert_string_equal(span_printable(SPAN_LIT("abc"), small, 1), "");
        assert_string_equal(span_printable(SPAN_LIT("abc"), small, 0), "");
}

static void cursor_reads_back_what_buf_wrote(void **state)
{
        struct buf b CLEANUP(buf_done) = {0};
        struct cursor c;

        (void)state;
        buf_put_u8(&b, 0xab);
        buf_put_u16le(&b, 0x1234);
        buf_put_u32le(&b, 0xdeadbeef);
        buf_put_u64le(&b, 0x0123456789abcdef);
        buf_put_string(&b, SPAN_LIT("text"));
        buf_put_string(&b, (struct span){0});
        buf_printf(&b, "%d-%s", 42, "x");
        assert_false(b.failed);
        assert_int_equal(b.at[1], 0x34); /* little-endian on every machine */
        c = (struct cursor){.rest = buf_span(&b)};
        assert_int_equal(cursor_u8(&c), 0xab);
        assert_int_equal(cursor_u16le(&c), 0x1234);
        assert_int_equal(cursor_u32le(&c), 0xdeadbeef);
        assert_true(cursor_u64le(&c) == 0x0123456789abcdef);
        assert_true(span_is(cursor_string(&c, 4), "text"));
        assert_int_equal(cursor_string(&c, 0).len, 0);
        assert_false(cursor_at_end(&c));
        assert_true(span_is(cursor_take(&c, 4), "42-x"));
        assert_true(cursor_at_end(&c));
}

static void cursor_stays_failed(void **state)
{
        struct cursor c = {.rest = SPAN_LIT("abc")};

        (void)state;
        assert_int_equal(cursor_u32le(&c), 0);
        assert_true(c.failed);
        assert_int_equal(cursor_u8(&c), 0); /* though a byte would be there */
        assert_int_equal(cursor_take(&c, 1).len, 0);
        assert_false(cursor_at_end(&c));
        c = (struct cursor){.rest = SPAN_LIT("\4\0\0\0text")};
        assert_int_equal(cursor_string(&c, 3).len, 0);
        assert_true(c.failed);
        c = (struct cursor){.rest = SPAN_LIT("\xff\xff\xff\xfftext")};
        assert_int_equal(cursor_string(&c, UINT32_MAX).len, 0);
        assert_true(c.failed);
        c = (struct cursor){.rest = SPAN_LIT("ab")};
        assert_int_equal(cursor_take(&c, SIZE_MAX).len, 0);
        assert_true(c.failed);
}

static void cursor_lines(void **state)
{
        struct cursor c = {.rest = SPAN_LIT("one\r\n\ntwo\nlast")};
        struct span line;

        (void)state;
        assert_true(cursor_line(&c, &line) && span_is(line, "one"));
        assert_true(cursor_line(&c, &line) && line.len == 0);
        assert_true(cursor_line(&c, &line) && span_is(line, "two"));
        assert_true(cursor_line(&c, &line) && span_is(line, "last"));
        assert_false(cursor_line(&c, &line));
        assert_true(cursor_at_end(&c));
}

static void buf_stops_at_its_bound(void **state)
{
        struct buf b CLEANUP(buf_done) = {.max = 8};

        (void)state;
        buf_put_text(&b, "12345");
        buf_put_u32le(&b, 1);
        assert_true(b.failed);
        assert_true(span_is(buf_span(&b), "12345")); /* no half number */
        buf_put_u8(&b, 'x');
        assert_int_equal(b.len, 5); /* sticky */
        buf_clear(&b);
        buf_put_string(&b, SPAN_LIT("12345")); /* 4 + 5 > 8: not even its length */
        assert_true(b.failed && b.len == 0);
        buf_clear(&b);
        buf_printf(&b, "%s", "12345678"); /* exactly the bound: the NUL of printf needs none of it */
        assert_false(b.failed);
        assert_true(span_is(buf_span(&b), "12345678"));
        buf_printf(&b, "%s", "");
        assert_false(b.failed);
        buf_printf(&b, "%d", 1);
        assert_true(b.failed);
        buf_clear(&b);
        assert_null(buf_reserve(&b, 9));
        buf_clear(&b);
        assert_null(buf_reserve(&b, SIZE_MAX));
        buf_done(&b);
        buf_put_text(&b, "again");
        assert_true(span_is(buf_span(&b), "again"));
        assert_int_equal(b.max, 8);
}

static void arena_gives_separate_zeroed_memory(void **state)
{
        struct arena *a CLEANUP(arena_freep) = arena_new();
        struct {
                uint32_t *at;
                size_t len, cap;
        } list = {0};
        uint8_t *many[300];

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(many); i++) {
                size_t size = i * 37 % 5000;

                many[i] = arena_alloc(a, size);
                assert_int_equal((uintptr_t)many[i] % 16, 0);
                for (size_t k = 0; k < size; k++)
                        assert_int_equal(many[i][k], 0);
                memset(many[i], (int)i, size);
                assert_true(arena_owns(a, span_bytes(many[i], size)));
        }
        for (size_t i = 0; i < ARRAY_LEN(many); i++)
                for (size_t k = 0; k < i * 37 % 5000; k++)
                        assert_int_equal(many[i][k], (uint8_t)i);
        assert_false(arena_owns(a, SPAN_LIT("elsewhere")));
        for (uint32_t i = 0; i < 1000; i++)
                *ARENA_PUSH(a, &list) = i;
        for (uint32_t i = 0; i < 1000; i++)
                assert_int_equal(list.at[i], i);
        assert_string_equal(arena_string(a, SPAN_LIT("text")), "text");
        assert_string_equal(arena_string(a, (struct span){0}), "");
        assert_true(span_is(arena_printf(a, "%s %d", "n", 5), "n 5"));
        assert_true(span_is(arena_copy(a, SPAN_LIT("copy")), "copy"));
        assert_null(arena_copy(a, (struct span){0}).at);
        assert_non_null(arena_array(a, 0, 8));
        assert_true(arena_used(a) > 300 * 1000);
        arena_reset(a);
        assert_int_equal(arena_used(a), 0);
        for (size_t k = 0; k < 4000; k++)
                assert_int_equal(*(uint8_t *)arena_alloc(a, 1), 0); /* zeroed again after the reset */
}

static void errors_keep_kind_and_cause(void **state)
{
        struct err e = {0};
        char longer[700], other[500];

        (void)state;
        errno = ENOSPC;
        assert_false(err_set(&e, ERR_SYSTEM, "write %s", "x"));
        assert_int_equal(e.os_errno, ENOSPC);
        assert_int_equal(errno, ENOSPC);
        assert_false(err_wrap(&e, "layer %d", 3));
        assert_string_equal(e.text, "layer 3: write x");
        assert_int_equal(e.kind, ERR_SYSTEM);
        assert_int_equal(e.os_errno, ENOSPC);
        err_set(&e, ERR_LIMIT, "outer (%s)", e.text); /* its own text as an argument */
        assert_string_equal(e.text, "outer (layer 3: write x)");
        assert_int_equal(e.os_errno, 0);
        assert_false(err_set(NULL, ERR_BUG, "nobody listens"));
        assert_false(err_wrap(NULL, "nobody listens"));
        err_set(&e, ERR_NONE, "an error is never none");
        assert_int_equal(e.kind, ERR_BUG);

        memset(longer, 'x', sizeof(longer));
        longer[sizeof(longer) - 1] = 0;
        err_set(&e, ERR_LIMIT, "%s", longer);
        assert_int_equal(strlen(e.text), ERR_TEXT_MAX - 1);
        assert_string_equal(e.text + ERR_TEXT_MAX - 5, "x...");
        err_wrap(&e, "short");
        assert_int_equal(strlen(e.text), ERR_TEXT_MAX - 1);
        assert_true(strncmp(e.text, "short: xxx", 10) == 0);
        assert_string_equal(e.text + ERR_TEXT_MAX - 4, "...");
        err_set(&e, ERR_LIMIT, "cause");
        err_wrap(&e, "%s", longer);
        assert_string_equal(e.text + ERR_TEXT_MAX - 4, "...");
        /* Every position of the cut in a text of three-byte characters leaves valid UTF-8. */
        for (size_t shift = 0; shift < 3; shift++) {
                memset(longer, 'y', shift);
                for (size_t i = shift; i + 3 < sizeof(longer); i += 3)
                        memcpy(longer + i, "\xe6\x97\xa5", 4);
                err_set(&e, ERR_LIMIT, "%s", longer);
                assert_true(span_is_utf8(span_of(e.text)) && span_ends(span_of(e.text), "..."));
                err_wrap(&e, "w");
                assert_true(span_is_utf8(span_of(e.text)) && span_ends(span_of(e.text), "..."));
        }
        for (size_t n = 480; n < 500; n++) { /* the lengths around which the separator fits or does not */
                memset(other, 'z', n);
                other[n < 499 ? n : 499] = 0;
                err_set(&e, ERR_LIMIT, "cause");
                err_wrap(&e, "%s", other);
                assert_true(strlen(e.text) < ERR_TEXT_MAX);
        }
}

static void error_kinds_have_stable_names(void **state)
{
        (void)state;
        for (int k = 0; k < ERR_KIND_COUNT; k++) {
                assert_string_not_equal(err_kind_name((enum err_kind)k), "unknown");
                for (int other = 0; other < k; other++)
                        assert_string_not_equal(err_kind_name((enum err_kind)k), err_kind_name((enum err_kind)other));
        }
        assert_string_equal(err_kind_name(ERR_MALFORMED), "malformed");
        assert_string_equal(err_kind_name(ERR_KIND_COUNT), "unknown");
        assert_string_equal(err_kind_name((enum err_kind) - 1), "unknown");
}

static void time_is_rfc3339(void **state)
{
        static const struct {
                const char *text;
                int64_t s;
        } good[] = {
            {"1970-01-01T00:00:00Z", 0},
            {"2026-11-23T01:23:57Z", 1795397037},
            {"2026-11-23t01:23:57.123456789z", 1795397037},
            {"2026-11-23 02:23:57+01:00", 1795397037},
            {"2026-11-22T19:53:57-05:30", 1795397037},
            {"2026-11-23", 1795392000},
            {"2000-02-29", 951782400},
            {"2016-12-31T23:59:60Z", 1483228800}, /* a leap second */
            {"9999-12-31T23:59:59Z", 253402300799},
            {"0001-01-01T00:00:00Z", -62135596800}, /* Go's zero time, found in image configurations */
            {"0000-01-01", -62167219200},
        };
        static const char *const bad[] = {"", "2026", "2026-1-1", "2026-13-01", "2026-00-01", "2026-02-29",
            "1900-02-29", "2026-04-31", "2026-11-23T", "2026-11-23T01:23", "2026-11-23T01:23:57",
            "2026-11-23T24:00:00Z", "2026-11-23T01:60:00Z", "2026-11-23T01:23:61Z", "2026-11-23T01:23:57.Z",
            "2026-11-23T01:23:57+0100", "2026-11-23T01:23:57+24:00", "2026-11-23T01:23:57Zx", "+026-11-23",
            "2026-11-23T01:23:57 Z", "-026-11-23"};
        char out[CLOCK_TEXT_MAX];
        int64_t s = 5, now = clock_wall_s();

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(good); i++) {
                assert_true(clock_parse(span_of(good[i].text), &s));
                assert_true(s == good[i].s);
        }
        s = 5;
        for (size_t i = 0; i < ARRAY_LEN(bad); i++)
                assert_false(clock_parse(span_of(bad[i]), &s));
        assert_int_equal(s, 5);
        assert_string_equal(clock_format(1795397037, out), "2026-11-23T01:23:57Z");
        assert_string_equal(clock_format(0, out), "1970-01-01T00:00:00Z");
        assert_string_equal(clock_format(951782400, out), "2000-02-29T00:00:00Z");
        assert_string_equal(clock_format(253402300799, out), "9999-12-31T23:59:59Z");
        assert_string_equal(clock_format(253402300800, out), "-");
        assert_string_equal(clock_format(-1, out), "-");
        assert_string_equal(clock_format(INT64_MAX, out), "-");
        for (int64_t t = 0; t < 253402300800; t += 86400 * 97 + 12345) { /* there and back over eight thousand years */
                assert_true(clock_parse(span_of(clock_format(t, out)), &s));
                assert_true(s == t);
        }
        assert_true(now > 1700000000 && clock_wall_ns() / 1000000000 - now <= 5);
        assert_true(clock_mono_ms() >= 0 && clock_mono_ms() <= clock_mono_ms() + 1);
}

static const char *log_take(int fd, char *out, size_t size)
{
        struct pollfd p = {.fd = fd, .events = POLLIN};
        size_t len = 0;
        ssize_t n;

        /* Until nothing comes any more: a terminal passes on each write on its own, and a moment later. */
        while (len < size - 1 && poll(&p, 1, 50) == 1 && (n = read(fd, out + len, size - 1 - len)) > 0)
                len += (size_t)n;
        out[len] = 0;
        return out;
}

static void log_values_never_break_the_line(void **state)
{
        static const struct log_field fields[] = {
            {"plain", SPAN_LIT("sha256:abc")}, {"quoted", SPAN_LIT("a \"b\"\\\n\x1b[0m")}, {"empty", SPAN_LIT("")}};
        struct log_field big[32];
        char text[600], out[20000];
        int p[2];

        (void)state;
        assert_int_equal(pipe2(p, O_CLOEXEC | O_NONBLOCK), 0);
        log_init(p[1], LOG_LEVEL_WARN, false);
        log_event(LOG_LEVEL_INFO, "not_shown", fields, 3);
        assert_string_equal(log_take(p[0], out, sizeof(out)), "");
        log_event(LOG_LEVEL_WARN, "refused", fields, 3);
        assert_string_equal(log_take(p[0], out, sizeof(out)),
            "level=warn event=refused plain=sha256:abc quoted=\"a \\\"b\\\"\\\\??[0m\" empty=\"\"\n");
        log_init(p[1], LOG_LEVEL_DEBUG, true);
        log_event(LOG_LEVEL_DEBUG, "refused", fields, 3);
        assert_string_equal(log_take(p[0], out, sizeof(out)),
            "{\"level\":\"debug\",\"event\":\"refused\",\"plain\":\"sha256:abc\","
            "\"quoted\":\"a \\\"b\\\"\\\\??[0m\",\"empty\":\"\"}\n");
        /* More than a line holds: whole fields go, the line stays one and says so. */
        memset(text, 'v', sizeof(text));
        for (size_t i = 0; i < ARRAY_LEN(big); i++)
                big[i] = (struct log_field){"k", span_bytes(text, sizeof(text))};
        log_event(LOG_LEVEL_ERROR, "big", big, ARRAY_LEN(big));
        log_take(p[0], out, sizeof(out));
        assert_true(span_ends(span_of(out), "\"fields_dropped\":16}\n"));
        log_init(p[1], LOG_LEVEL_DEBUG, false);
        log_event(LOG_LEVEL_ERROR, "big", big, ARRAY_LEN(big));
        log_take(p[0], out, sizeof(out));
        assert_true(span_ends(span_of(out), " fields_dropped=16\n"));
        log_init(STDERR_FILENO, LOG_LEVEL_INFO, false);
        close(p[0]);
        close(p[1]);
}

static void progress_is_silent_without_a_terminal(void **state)
{
        struct progress p;
        char out[200];
        int fds[2], kept = dup(STDERR_FILENO);

        (void)state;
        assert_int_equal(pipe2(fds, O_CLOEXEC | O_NONBLOCK), 0);
        assert_true(dup2(fds[1], STDERR_FILENO) >= 0);
        progress_begin(&p, "read", 100, false);
        p.begun_ms -= 1000;
        progress_at(&p, 50);
        progress_end(&p);
        assert_true(dup2(kept, STDERR_FILENO) >= 0);
        assert_false(p.active);
        assert_string_equal(log_take(fds[0], out, sizeof(out)), "");
        assert_int_equal(p.done, 50);
        close(kept);
        close(fds[0]);
        close(fds[1]);
}

static void progress_draws_and_wipes_on_a_terminal(void **state)
{
        struct progress p;
        char out[400];
        int main_fd = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK), tty = -1, kept = dup(STDERR_FILENO);

        (void)state;
        if (main_fd < 0 || grantpt(main_fd) != 0 || unlockpt(main_fd) != 0 ||
            (tty = open(ptsname(main_fd), O_RDWR | O_NOCTTY)) < 0) {
                print_message("skipped: no pseudo-terminal here\n");
                skip();
                return;
        }
        assert_int_equal(setenv("TERM", "xterm", 1), 0);
        assert_true(dup2(tty, STDERR_FILENO) >= 0);
        progress_begin(&p, "read", 200, false);
        progress_at(&p, 1); /* too soon */
        p.begun_ms -= 1000;
        progress_at(&p, 50);
        progress_end(&p);
        progress_begin(&p, "quiet", 200, true);
        p.begun_ms -= 1000;
        progress_at(&p, 50);
        assert_int_equal(setenv("TERM", "dumb", 1), 0);
        progress_begin(&p, "dumb", 200, false);
        p.begun_ms -= 1000;
        progress_at(&p, 50);
        assert_true(dup2(kept, STDERR_FILENO) >= 0);
        assert_string_equal(log_take(main_fd, out, sizeof(out)), "\r\033[Kread  25%  1 s\r\033[K");
        close(kept);
        close(tty);
        close(main_fd);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(span_basics),
            cmocka_unit_test(span_numbers),
            cmocka_unit_test(hex_has_one_form),
            cmocka_unit_test(utf8_accepts_exactly_rfc3629),
            cmocka_unit_test(printable_disarms),
            cmocka_unit_test(cursor_reads_back_what_buf_wrote),
            cmocka_unit_test(cursor_stays_failed),
            cmocka_unit_test(cursor_lines),
            cmocka_unit_test(buf_stops_at_its_bound),
            cmocka_unit_test(arena_gives_separate_zeroed_memory),
            cmocka_unit_test(errors_keep_kind_and_cause),
            cmocka_unit_test(error_kinds_have_stable_names),
            cmocka_unit_test(time_is_rfc3339),
            cmocka_unit_test(log_values_never_break_the_line),
            cmocka_unit_test(progress_is_silent_without_a_terminal),
            cmocka_unit_test(progress_draws_and_wipes_on_a_terminal),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
