/* Signals by name, and how a container's folder is read when nothing runs. */
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/base.h"
#include "runtime/runtime.h"

#define ID "0123456789ab"

static void signals(void **state)
{
        static const struct {
                const char *text;
                int number;
        } good[] = {{"", SIGTERM}, {"SIGTERM", SIGTERM}, {"term", SIGTERM}, {"Sigquit", SIGQUIT}, {"9", 9}, {"64", 64},
            {"SIGRTMIN+3", 37}, {"RTMAX", 64}, {"RTMAX-1", 63}, {"WINCH", SIGWINCH}};
        static const char *const bad[] = {"SIG", "0", "65", "-9", "TERM ", "RTMIN-1", "RTMIN+31", "RTMIN+", "RTMAX+1",
            "TERMS", "99999999999999999999", "\x1b[0m"};
        struct err e;
        int n;
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(good); i++) {
                if (!runtime_signal_parse(span_of(good[i].text), &n, &e))
                        fail_msg("%s", e.text);
                assert_int_equal(n, good[i].number);
        }
        for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
                n = -1;
                if (runtime_signal_parse(span_of(bad[i]), &n, &e))
                        fail_msg("\"%s\" was taken as %d", bad[i], n);
                assert_int_equal(e.kind, ERR_MALFORMED);
                assert_int_equal(n, -1);
                assert_false(span_has_control(span_of(e.text)));
        }
}

static void put(int dir, const char *name, const char *text)
{
        struct err e;

        assert_true(file_replace(dir, name, span_of(text), 0600, &e));
}

static enum runtime_state state_of(int dir)
{
        struct runtime_status s;
        struct err e;

        if (!runtime_status(dir, &s, &e))
                fail_msg("%s", e.text);
        return s.state;
}

/* Holds the lock as a monitor does, until the pipe closes. */
static pid_t holder_start(int dir, int *ret_pipe)
{
        struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
        int go[2], ready[2];
        char c;
        pid_t pid;

        assert_int_equal(pipe2(go, O_CLOEXEC), 0);
        assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
        pid = fork();
        if (pid == 0) {
                int fd = openat(dir, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);

                close(go[1]);
                if (fd < 0 || fcntl(fd, F_SETLK, &l) != 0 || write(ready[1], "x", 1) != 1)
                        _exit(1);
                _exit(read(go[0], &c, 1) == 0 ? 0 : 1);
        }
        close(go[0]);
        close(ready[1]);
        assert_int_equal(read(ready[0], &c, 1), 1);
        close(ready[0]);
        *ret_pipe = go[1];
        return pid;
}

static void states(void **state)
{
        char path[] = "/tmp/coffer-state-XXXXXX";
        struct runtime_status s;
        struct err e;
        int dir, pipe_fd, status;
        pid_t pid;
        (void)state;

        assert_non_null(mkdtemp(path));
        dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        assert_int_equal(state_of(dir), RUNTIME_STATE_NONE);
        assert_true(runtime_stop(dir, SIGTERM, 1, &e)); /* not running: fine */
        assert_false(runtime_kill(dir, SIGTERM, &e));
        assert_int_equal(e.kind, ERR_CONFLICT);

        pid = holder_start(dir, &pipe_fd);
        assert_int_equal(state_of(dir), RUNTIME_STATE_STARTING);
        put(dir, "started", "");
        assert_true(runtime_status(dir, &s, &e));
        assert_int_equal(s.state, RUNTIME_STATE_RUNNING);
        assert_int_equal(s.monitor, pid); /* who holds the lock */
        assert_true(s.started_s > 0);
        assert_false(runtime_remove(dir, ID, &e));
        assert_int_equal(e.kind, ERR_CONFLICT);
        close(pipe_fd);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(status, 0);

        assert_int_equal(state_of(dir), RUNTIME_STATE_DEAD);
        assert_true(runtime_reap(dir, ID, &e));
        assert_true(runtime_status(dir, &s, &e));
        assert_int_equal(s.state, RUNTIME_STATE_EXITED);
        assert_int_equal(s.status, 137);
        assert_int_equal(s.signal, 9);

        put(dir, "exit", "{\"status\":3,\"signal\":0,\"oom\":true,\"time\":1700000000}\n");
        assert_true(runtime_reap(dir, ID, &e)); /* changes nothing */
        assert_true(runtime_status(dir, &s, &e));
        assert_int_equal(s.status, 3);
        assert_true(s.oom);
        assert_int_equal(s.finished_s, 1700000000);
        put(dir, "exit", "{\"status\":300}");
        assert_false(runtime_status(dir, &s, &e));
        assert_int_equal(e.kind, ERR_MALFORMED);
        /* A record that can't be read is in nobody's way. */
        put(dir, "exit", "{");
        assert_false(runtime_status(dir, &s, &e));
        assert_non_null(strstr(e.text, "exit record"));
        assert_true(runtime_stop(dir, SIGKILL, 1, &e));

        assert_int_equal(mkdirat(dir, "upper", 0), 0);
        assert_true(runtime_remove(dir, ID, &e));
        assert_int_equal(rmdir(path), 0);
        close(dir);
}

int main(void)
{
        const struct CMUnitTest tests[] = {cmocka_unit_test(signals), cmocka_unit_test(states)};

        return cmocka_run_group_tests(tests, NULL, NULL);
}
