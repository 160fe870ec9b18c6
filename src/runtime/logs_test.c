#include <fcntl.h>
#include <unistd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/base.h"
#include "runtime/runtime.h"
#include "runtime/runtime_limits.h"

struct seen {
        struct buf text;
        size_t lines, stop_after;
};

static bool on_line(void *ctx, const struct runtime_log_line *l, struct err *e)
{
        struct seen *s = ctx;

        buf_printf(&s->text, "%c%c<", l->is_stderr ? 'E' : 'O', l->ended ? 'F' : 'P');
        buf_put(&s->text, l->text); /* whatever is in it */
        buf_put_u8(&s->text, '>');
        if (++s->lines == s->stop_after)
                return err_set(e, ERR_CANCELLED, "enough");
        return true;
}

static int folder_new(char *path)
{
        int fd;

        memcpy(path, "/tmp/coffer-logs-XXXXXX", 24);
        assert_non_null(mkdtemp(path));
        fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        assert_true(fd >= 0);
        return fd;
}

static void put(int dir, const char *name, struct span s)
{
        struct err e;

        assert_true(file_replace(dir, name, s, 0600, &e));
}

static void folder_gone(int dir, const char *path)
{
        unlinkat(dir, "log", 0);
        unlinkat(dir, "log.1", 0);
        assert_int_equal(rmdir(path), 0);
        close(dir);
}

static void lines_come_back_oldest_first(void **state)
{
        static const char first[] = "2026-11-23T01:23:57.000000001Z stdout F one\n"
                                    "2026-11-23T01:23:57.000000002Z stderr P half\n";
        static const char second[] = "2026-11-23T01:23:57.000000003Z stderr F  a half \0more\n"
                                     "garbage\n"
                                     "x stdin F no such stream\n"
                                     "x stdout X no such tag\n"
                                     "\n"
                                     "2026-11-23T01:23:57.000000004Z stdout F \n"
                                     "2026-11-23T01:23:57.000000005Z stdout F cut off";
        struct seen s = {0};
        char path[32];
        struct err e;
        int dir = folder_new(path);
        (void)state;

        assert_false(runtime_logs(dir, false, on_line, &s, &e));
        assert_int_equal(e.kind, ERR_NOT_FOUND);
        put(dir, "log.1", SPAN_LIT(first));
        put(dir, "log", SPAN_LIT(second));
        assert_true(runtime_logs(dir, false, on_line, &s, &e));
        buf_put_u8(&s.text, 0);
        assert_string_equal((const char *)s.text.at, "OF<one>EP<half>EF< a half "); /* the rest stands behind the NUL */
        assert_int_equal(s.lines, 4);
        assert_memory_equal(s.text.at + 26, "\0more>OF<>", 10);

        /* A dead container has nothing more to say: following ends. */
        assert_true(runtime_logs(dir, true, on_line, &s, &e));
        assert_int_equal(s.lines, 8);

        s.lines = 0;
        s.stop_after = 2;
        assert_false(runtime_logs(dir, false, on_line, &s, &e));
        assert_int_equal(e.kind, ERR_CANCELLED);
        assert_int_equal(s.lines, 2);
        buf_done(&s.text);
        folder_gone(dir, path);
}

/* Lines across the reader's blocks arrive whole; one that is longer than any the monitor writes does not stop it. */
static void long_lines(void **state)
{
        struct buf b CLEANUP(buf_done) = {0};
        struct seen s = {0};
        char path[32];
        struct err e;
        int dir = folder_new(path);
        (void)state;

        for (unsigned i = 0; i < 40; i++) {
                buf_printf(&b, "t stdout F %u", i);
                for (unsigned k = 0; k < 16000; k++)
                        buf_put_u8(&b, 'x');
                buf_put_u8(&b, '\n');
        }
        put(dir, "log", buf_span(&b));
        assert_true(runtime_logs(dir, false, on_line, &s, &e));
        assert_int_equal(s.lines, 40);

        buf_clear(&b);
        for (unsigned k = 0; k < 5 * RUNTIME_LOG_LINE_MAX; k++)
                buf_put_u8(&b, 'y');
        buf_put_text(&b, "\nt stderr F end\n");
        put(dir, "log", buf_span(&b));
        s.lines = 0;
        buf_clear(&s.text);
        assert_true(runtime_logs(dir, false, on_line, &s, &e));
        assert_int_equal(s.lines, 1);
        assert_memory_equal(s.text.at, "EF<end>", 7);
        buf_done(&s.text);
        folder_gone(dir, path);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(lines_come_back_oldest_first),
            cmocka_unit_test(long_lines),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
