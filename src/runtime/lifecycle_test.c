/* How real containers start, speak, are limited, stopped, killed, and what is left of them: nothing. */
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "runtime/box_test_priv.h"

/* ---- how it ends ---- */

static void exit_statuses(void **state)
{
        static const struct {
                const char *command;
                int status;
        } rows[] = {{"/bin/true", 0}, {"false", 1}, {"no-such-command", 127}, {"/no/such/file", 127},
            {"/etc/passwd", 126}, {"/etc", 126}};
        (void)state;

        run_script("exit 3", 3, "");
        /* The first process of a PID namespace can't be ended by its own signals: a child is, and the shell says so. */
        run_script("sh -c 'kill -9 $$'; exit $?", 137, "");
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct result r CLEANUP(result_done) = {0};
                struct box b CLEANUP(box_done);

                box_init(&b, NULL);
                b.args[0] = span_of(rows[i].command);
                run(&b, "", &r);
                expect(&r, rows[i].status, "");
        }
}

static void input_and_output(void **state)
{
        struct result r CLEANUP(result_done) = {0};
        struct result none CLEANUP(result_done) = {0};
        struct box b CLEANUP(box_done), c CLEANUP(box_done);
        (void)state;

        box_init(&b, "cat; echo err >&2");
        b.spec.interactive = true;
        run(&b, "some input\n", &r);
        expect(&r, 0, "some input\n");
        assert_string_equal((const char *)r.err.at, "err\n");
        box_init(&c, "cat; head -c 300000 /dev/zero | tr '\\0' x | wc -c; head -c 300000 /dev/zero | tr '\\0' y");
        run(&c, "not for the container\n", &none);
        assert_int_equal(none.status, 0);
        assert_int_equal(none.out.len, 7 + 300000 + 1);
        assert_memory_equal(none.out.at, "300000\ny", 8);
}

static void until(bool (*ok)(struct box *b), struct box *b, const char *what)
{
        struct timespec pause = {.tv_nsec = 20000000};

        for (int i = 0; i < DEADLINE_MS / 20; i++) {
                if (ok(b))
                        return;
                nanosleep(&pause, NULL);
        }
        fail_msg("still not: %s", what);
}

static bool is_up(struct box *b)
{
        struct buf log CLEANUP(buf_done) = {0};

        return file_read(b->dir, "log", 1u << 20, &log, NULL) && log.len > 2 && memmem(log.at, log.len, "F up", 4);
}

static void signals_are_forwarded(void **state)
{
        struct result r CLEANUP(result_done) = {0};
        struct result killed CLEANUP(result_done) = {0};
        struct box b CLEANUP(box_done), c CLEANUP(box_done);
        struct running running;
        (void)state;

        box_init(&b, "trap 'echo term; exit 9' TERM; trap 'echo usr1' USR1; echo up; while :; do sleep 0.05; done");
        running = run_start(&b, "");
        until(is_up, &b, "up");
        kill(running.pid, SIGUSR1);
        kill(running.pid, SIGTERM);
        run_end(running, &r);
        expect(&r, 9, NULL);
        need(&r, "term\n");
        /* Who does not listen is ended by the third request. */
        box_init(&c, "echo up; exec sleep 1000");
        running = run_start(&c, "");
        until(is_up, &c, "up");
        for (int i = 0; i < 3; i++) {
                kill(running.pid, SIGINT);
                usleep(50000);
        }
        run_end(running, &killed);
        expect(&killed, 137, NULL);
}

/* ---- limits ---- */

static void limits(void **state)
{
        struct result r CLEANUP(result_done) = {0};
        struct result oom CLEANUP(result_done) = {0};
        struct box b CLEANUP(box_done), c CLEANUP(box_done);
        struct runtime_status s;
        struct err e;
        (void)state;

        box_init(&b, "cd /sys/fs/cgroup; cat memory/memory.limit_in_bytes memory.max pids/pids.max pids.max "
                     "cpu/cpu.cfs_quota_us cpu.max "
                     "2>/dev/null; for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 1 & done; wait");
        b.spec.memory_max = 64u << 20;
        b.spec.pids_max = 8;
        b.spec.cpu_milli = 500;
        run(&b, "", &r);
        if (has(&r.err, "note:"))
                return; /* this host has no such control group, and the start said so */
        need(&r, "67108864\n");
        need(&r, "8\n");
        need(&r, "50000");
        assert_true(has(&r.err, "can't fork"));

        box_init(&c, "head -c 200000000 /dev/zero | tail -c 190000000 >/dev/null; exit $?");
        c.spec.memory_max = 32u << 20;
        run(&c, "", &oom);
        expect(&oom, 137, "");
        assert_true(runtime_status(c.dir, &s, &e));
        assert_int_equal(s.state, RUNTIME_STATE_EXITED);
        assert_true(s.oom);
}

/* ---- in the background ---- */

static bool log_line(void *ctx, const struct runtime_log_line *l, struct err *e)
{
        (void)e;
        buf_printf(ctx, "%s%.*s\n", l->is_stderr ? "E " : "", SPAN_FMT(l->text));
        return true;
}

static void in_the_background(void **state)
{
        struct result r CLEANUP(result_done) = {0};
        struct result second CLEANUP(result_done) = {0};
        struct buf log CLEANUP(buf_done) = {0};
        struct box b CLEANUP(box_done);
        struct runtime_status s;
        struct err e;
        (void)state;

        box_init(&b, "trap 'echo bye; exit 7' TERM; echo up; echo err >&2; while :; do sleep 0.05; done");
        b.spec.detach = true;
        run(&b, "", &r);
        expect(&r, 0, "");
        until(is_up, &b, "up");
        assert_true(runtime_status(b.dir, &s, &e));
        assert_int_equal(s.state, RUNTIME_STATE_RUNNING);
        assert_true(s.pid > 0 && kill(s.pid, 0) == 0);
        run(&b, "", &second);
        expect(&second, 125, "");
        assert_true(has(&second.err, "running already"));
        assert_true(runtime_stop(b.dir, SIGTERM, 10, &e));
        assert_true(runtime_status(b.dir, &s, &e));
        assert_int_equal(s.state, RUNTIME_STATE_EXITED);
        assert_int_equal(s.status, 7);
        assert_false(s.oom);
        assert_true(runtime_logs(b.dir, true, log_line, &log, &e));
        buf_put_u8(&log, 0);
        assert_string_equal((const char *)log.at, "up\nE err\nbye\n");
}

static void a_deaf_container_is_killed(void **state)
{
        struct result r CLEANUP(result_done) = {0};
        struct box b CLEANUP(box_done);
        struct runtime_status s;
        struct err e;
        (void)state;

        box_init(&b, "echo up; sleep 1000");
        b.spec.detach = true;
        run(&b, "", &r);
        assert_true(runtime_stop(b.dir, SIGTERM, 1, &e));
        assert_true(runtime_status(b.dir, &s, &e));
        assert_int_equal(s.status, 137);
        assert_int_equal(s.signal, SIGKILL);
}

static void nothing_outlives_a_killed_monitor(void **state)
{
        struct result r CLEANUP(result_done) = {0};
        struct box b CLEANUP(box_done);
        struct runtime_status s, after;
        struct err e;
        (void)state;

        box_init(&b, "sleep 1000 & echo up; sleep 1000");
        b.spec.detach = true;
        run(&b, "", &r);
        until(is_up, &b, "up");
        assert_true(runtime_status(b.dir, &s, &e));
        assert_true(s.pid > 0);
        kill(s.monitor, SIGKILL);
        for (int i = 0; i < 250 && kill(s.pid, 0) == 0; i++)
                usleep(20000);
        assert_int_equal(kill(s.pid, 0), -1);
        assert_true(runtime_status(b.dir, &after, &e));
        assert_int_equal(after.state, RUNTIME_STATE_DEAD);
        assert_true(runtime_reap(b.dir, b.id, &e));
        assert_true(runtime_status(b.dir, &after, &e));
        assert_int_equal(after.state, RUNTIME_STATE_EXITED);
        assert_int_equal(after.status, 137);
        nothing_of(b.id);
}

static void nothing_is_left(void **state)
{
        struct result r CLEANUP(result_done) = {0};
        struct box b CLEANUP(box_done);
        (void)state;

        box_init(&b, "sleep 1000 & exit 0");
        run(&b, "", &r);
        expect(&r, 0, "");
        nothing_of(b.id);
}

/* Whoever starts a container and is killed meanwhile leaves nothing, or a container that runs: never a half. */
static void a_caller_killed_while_it_starts(void **state)
{
        (void)state;
        for (unsigned ms = 1; ms < 24; ms += 3) {
                struct result r CLEANUP(result_done) = {0};
                struct box b CLEANUP(box_done);
                struct runtime_status s;
                struct running running;
                struct err e;

                box_init(&b, "exec sleep 1000");
                running = run_start(&b, "");
                usleep(ms * 1000);
                kill(running.pid, SIGKILL);
                for (int i = 0; i < 500; i++) { /* until the lock is free, or it runs */
                        usleep(10000);
                        assert_true(runtime_status(b.dir, &s, &e));
                        if (s.state != RUNTIME_STATE_STARTING && i > 20)
                                break;
                }
                assert_true(s.state == RUNTIME_STATE_NONE || s.state == RUNTIME_STATE_RUNNING);
                if (s.state == RUNTIME_STATE_NONE)
                        nothing_of(b.id);
                assert_true(runtime_stop(b.dir, SIGKILL, 5, &e));
                run_end(running, &r);
                nothing_of(b.id);
        }
}

static void the_log_is_bounded(void **state)
{
        struct result r CLEANUP(result_done) = {0};
        struct buf log CLEANUP(buf_done) = {0};
        struct box b CLEANUP(box_done);
        struct stat st;
        struct err e;
        (void)state;

        box_init(&b, "i=0; while [ $i -lt 4000 ]; do echo line $i; i=$((i + 1)); done");
        b.spec.log_max = 65536;
        run(&b, "", &r);
        expect(&r, 0, NULL);
        assert_int_equal(fstatat(b.dir, "log", &st, 0), 0);
        assert_true(st.st_size <= 65536);
        assert_int_equal(fstatat(b.dir, "log.1", &st, 0), 0);
        assert_true(st.st_size <= 65536);
        assert_true(runtime_logs(b.dir, false, log_line, &log, &e));
        assert_memory_equal(log.at + log.len - 10, "line 3999\n", 10);
}

/* ---- a terminal ---- */

static void terminal(void **state)
{
        struct box b CLEANUP(box_done);
        struct buf out CLEANUP(buf_done) = {0};
        struct winsize size = {.ws_row = 33, .ws_col = 99};
        int master, slave, status;
        pid_t pid;
        (void)state;

        box_init(
            &b, "tty; stty size; test -t 0 && test -t 1 && test -t 2 && echo all; read line; echo got $line; exit 4");
        b.spec.terminal = b.spec.interactive = true;
        assert_int_equal(openpty(&master, &slave, NULL, NULL, &size), 0);
        pid = fork();
        if (pid == 0) {
                close(master);
                setsid();
                ioctl(slave, TIOCSCTTY, 0);
                run_as_child(&b.spec, (int[]){slave, slave, slave});
        }
        close(slave);
        /* Not before it asks: the terminal's echo would stand in the middle of its words. */
        collect_until(master, "all\r\n", &out);
        assert_int_equal(write(master, "typed\n", 6), 6);
        collect(master, &out);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(WEXITSTATUS(status), 4);
        assert_true(has(&out, "/dev/pts/0"));
        assert_true(has(&out, "33 99"));
        assert_true(has(&out, "all\r\n"));
        assert_true(has(&out, "got typed"));
}

/* ---- the other runtime ---- */

static void runc_does_the_same(void **state)
{
        struct result r CLEANUP(result_done) = {0};
        struct result bad CLEANUP(result_done) = {0};
        struct box b CLEANUP(box_done), c CLEANUP(box_done);
        (void)state;

        if (access("/usr/sbin/runc", X_OK) != 0 && access("/usr/bin/runc", X_OK) != 0) {
                print_message("skipped: runc is not installed\n");
                skip();
        }
        box_init(&b,
            "grep -E '^(CapEff|Seccomp:)' /proc/self/status; echo net $(ls /sys/class/net); unshare -r true || exit 6");
        b.spec.runtime = "runc";
        run(&b, "", &r);
        expect(&r, 6, "CapEff:\t00000000000004eb\nSeccomp:\t2\nnet lo\n");
        box_init(&c, NULL);
        c.args[0] = SPAN_LIT("no-such-command");
        c.spec.runtime = "runc";
        run(&c, "", &bad);
        expect(&bad, 127, "");
        nothing_of(b.id);
}

int main(int argc, char **argv)
{
        const struct CMUnitTest tests[] = {
            BOX_TEST(exit_statuses),
            BOX_TEST(input_and_output),
            BOX_TEST(signals_are_forwarded),
            BOX_TEST(limits),
            BOX_TEST(in_the_background),
            BOX_TEST(a_deaf_container_is_killed),
            BOX_TEST(nothing_outlives_a_killed_monitor),
            BOX_TEST(nothing_is_left),
            BOX_TEST(a_caller_killed_while_it_starts),
            BOX_TEST(the_log_is_bounded),
            BOX_TEST(terminal),
            BOX_TEST(runc_does_the_same),
        };

        return box_main(argc, argv, "lifecycle", tests, ARRAY_LEN(tests));
}
