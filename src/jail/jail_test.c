#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "jail/frame_priv.h"

static const char *arg_self, *arg_worker, *arg_deny;
static char folder[] = "/tmp/coffer-jail-test-XXXXXX";

#ifdef __SANITIZE_ADDRESS__
#define ADDRESS_SANITIZER
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ADDRESS_SANITIZER
#endif
#endif
#ifdef JAIL_SANITIZER
#define SANITIZER true
#else
#define SANITIZER false
#endif

static void assert_says(const struct err *e, const char *part)
{
        if (!strstr(e->text, part))
                fail_msg("\"%s\" does not say \"%s\"", e->text, part);
}

/* Runs one task; what it answered, as text, is in `ret`. */
static bool run(const char *job, const char *request, struct jail_task *t, char ret[256])
{
        struct err e = {0};
        bool ok;

        t->job = job;
        t->request = span_of(request);
        t->what = "layer 3";
        ok = jail_run(t, 1, 1, &e);
        if (!ok)
                fail_msg("machinery: %s", e.text);
        snprintf(ret, 256, "%.*s", SPAN_FMT(buf_span(&t->answer)));
        buf_done(&t->answer);
        return t->ok;
}

static void refused(const char *job, const char *request, struct jail_task *t, enum err_kind kind, const char *part)
{
        char answer[256];

        assert_false(run(job, request, t, answer));
        if (t->err.kind != kind)
                fail_msg("%s is %s, not %s", t->err.text, err_kind_name(t->err.kind), err_kind_name(kind));
        assert_says(&t->err, "layer 3: ");
        assert_says(&t->err, part);
}

/* ---- what works ---- */

static void echo_gives_request_and_inputs(void **state)
{
        struct jail_task t = {.fds = {-1, -1}, .n_fds = 2};
        char answer[256];
        int ends[2][2];

        (void)state;
        /* Descriptors that have to change places: the second's number is where the first must go. */
        for (int i = 0; i < 2; i++) {
                char name[] = "/tmp/coffer-jail-input-XXXXXX";
                int fd = mkstemp(name);
                assert_true(fd >= 0);
                unlink(name);
                assert_int_equal(write(fd, i ? "two" : "one", 3), 3);
                ends[i][0] = fd;
        }
        assert_int_equal(dup2(ends[0][0], 6), 6);
        assert_int_equal(dup2(ends[1][0], 5), 5);
        t.fds[0] = 6;
        t.fds[1] = 5;
        assert_true(run("echo", "request+", &t, answer));
        assert_string_equal(answer, "request+onetwo");
        assert_true(t.state.no_new_privs && t.state.no_capabilities && t.state.seccomp);
        assert_true(t.state.landlock_abi >= 1);
        assert_true(t.state.sanitizer == SANITIZER);
        assert_int_equal(t.signal, 0);
        close(ends[0][0]);
        close(ends[1][0]);
        close(5);
        close(6);
}

static void largest_request_passes(void **state)
{
        struct arena *a CLEANUP(arena_freep) = arena_new();
        uint8_t *content = arena_alloc(a, JAIL_FRAME_MAX);
        struct jail_task t = {.job = "echo", .request = span_bytes(content, JAIL_FRAME_MAX)};
        struct err e = {0};

        (void)state;
        for (size_t i = 0; i < JAIL_FRAME_MAX; i++)
                content[i] = (uint8_t)(i * 2654435761u >> 13);
        assert_true(jail_run_one(&t, &e));
        assert_true(span_equal(buf_span(&t.answer), t.request));
        buf_done(&t.answer);

        t.request.len = (size_t)JAIL_FRAME_MAX + 1;
        assert_false(jail_run_one(&t, &e));
        assert_int_equal(e.kind, ERR_LIMIT);
}

struct pieces {
        size_t n, progress_calls;
        uint64_t progress;
        size_t stop_at;
};

static bool piece_take(void *ctx, struct span data, struct err *e)
{
        struct pieces *p = ctx;

        assert_int_equal(data.len, 1 << 20);
        for (size_t i = 0; i < data.len; i += 4097)
                assert_int_equal(data.at[i], p->n);
        p->n++;
        return p->n != p->stop_at || err_set(e, ERR_CONFLICT, "enough");
}

static void progress_take(void *ctx, uint64_t done)
{
        struct pieces *p = ctx;

        p->progress_calls++;
        assert_true(done >= p->progress);
        p->progress = done;
}

static void big_answer_comes_in_order(void **state)
{
        struct pieces p = {0};
        struct jail_task t = {.job = "big", .on_frame = piece_take, .on_progress = progress_take, .ctx = &p};
        struct err e = {0};

        (void)state;
        assert_true(jail_run_one(&t, &e));
        assert_int_equal(p.n, 64);
        assert_true(p.progress_calls >= 1 && p.progress_calls < 60);
        assert_int_equal(t.answer.len, 0);
}

static void many_tasks_each_get_their_answer(void **state)
{
        struct jail_task tasks[24] = {0};
        char request[24][8];
        struct err e = {0};

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(tasks); i++) {
                snprintf(request[i], sizeof(request[i]), "r%zu", i);
                tasks[i] = (struct jail_task){.job = i % 6 == 5 ? "crash" : "echo", .request = span_of(request[i])};
        }
        assert_true(jail_run(tasks, ARRAY_LEN(tasks), 3, &e));
        for (size_t i = 0; i < ARRAY_LEN(tasks); i++) {
                assert_int_equal(tasks[i].ok, i % 6 != 5);
                if (tasks[i].ok)
                        assert_true(span_is(buf_span(&tasks[i].answer), request[i]));
                buf_done(&tasks[i].answer);
        }
        assert_true(jail_run(tasks, 0, 0, &e));
        assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child is left */
        assert_int_equal(errno, ECHILD);
}

static void library_calls_work_inside(void **state)
{
        struct jail_task t = {0};
        char answer[256];

        (void)state;
        assert_true(run("library", "", &t, answer));
        assert_string_equal(answer, "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_true(run("threads", "", &t, answer));
        assert_string_equal(answer, "tttt12582912");
}

static void nothing_is_inherited(void **state)
{
        int fds[40];
        struct jail_task t = {.n_fds = 1};
        char answer[256], want[256];

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
                fds[i] = open("/dev/null", O_RDONLY); /* without O_CLOEXEC: a careless neighbour in the program */
                assert_true(fds[i] >= 0);
        }
        t.fds[0] = fds[3];
        setenv("COFFER_TEST_SECRET", "hunter2", 1);
        assert_true(run("inside", "", &t, answer));
        snprintf(
            want, sizeof(want), "env=%d fds=0,1,2,3,4,5, stdin=0 fstat=%d", SANITIZER ? 3 : 2, SANITIZER ? 0 : ENOSYS);
        assert_string_equal(answer, want);
        for (size_t i = 0; i < ARRAY_LEN(fds); i++)
                close(fds[i]);
}

/* ---- what is refused ---- */

static void killed_worker_is_a_finding(void **state)
{
        struct jail_task t = {0};

        (void)state;
        refused("crash", "", &t, ERR_MALFORMED, "parser died, signal 31 (SIGSYS): last words ?[31m");
        assert_int_equal(t.signal, SIGSYS);
        refused("assert", "", &t, ERR_MALFORMED, "parser died, signal 6 (SIGABRT): assertion of 0 failed");
        refused("mute", "", &t, ERR_MALFORMED, "ended without an answer, exit status 3: giving up");
        refused("flood-errors", "", &t, ERR_MALFORMED, "layer 3: entry 17: bad");
        refused("reject", "", &t, ERR_UNTRUSTED, "layer 3: digest differs");
}

static void limits_end_a_worker(void **state)
{
        struct jail_task t = {.limits = {.wall_ms_max = 150}};
        int64_t begun_ms = clock_mono_ms();

        (void)state;
        refused("slow", "", &t, ERR_LIMIT, "took longer than 150 ms");
        refused("spin", "", &t, ERR_LIMIT, "took longer than 150 ms");
        refused("hide", "", &t, ERR_LIMIT, "took longer than 150 ms");
        assert_true(clock_mono_ms() - begun_ms < 5000);
        t.limits = (struct jail_limits){.cpu_s_max = 1};
        refused("spin", "", &t, ERR_LIMIT, "more than 1 s of CPU time, signal 24 (SIGXCPU)");
        t.limits = (struct jail_limits){.answer_max = 3u << 20};
        refused("big", "", &t, ERR_LIMIT, "answered more than 3145728 bytes");
        t.limits = (struct jail_limits){.wall_ms_max = 60000};
        refused("empty-frames", "", &t, ERR_LIMIT, "more than 4194304 frames");
        if (SANITIZER)
                return; /* a sanitizer's shadow needs the address space */
        t.limits = (struct jail_limits){.memory_max = 64u << 20};
        refused("alloc", "", &t, ERR_MALFORMED, "parser died, signal 6 (SIGABRT)");
}

static void nonsense_is_refused(void **state)
{
        struct jail_task t = {0};

        (void)state;
        refused("garbage", "GET / HTTP/1.0\r\n\r\n", &t, ERR_MALFORMED, "frame type 71 is unknown");
        refused("garbage", "\x03\xff\xff\xff\x7f", &t, ERR_LIMIT, "a frame of 2147483647 bytes");
        refused("garbage", "\x01\x01\x01\x01\x01", &t, ERR_LIMIT, "at most");
        refused("garbage", "\x03\x20", &t, ERR_MALFORMED, "parser ended without an answer"); /* a frame cut short */
}

static void callback_ends_its_task(void **state)
{
        struct pieces p = {.stop_at = 5};
        struct jail_task t = {.job = "big", .what = "it", .on_frame = piece_take, .ctx = &p};
        struct err e = {0};

        (void)state;
        assert_false(jail_run_one(&t, &e));
        assert_int_equal(e.kind, ERR_CONFLICT);
        assert_string_equal(e.text, "it: enough");
        assert_int_equal(p.n, 5);
}

static void processes_are_refused(void **state)
{
        struct jail_task t = {0};
        char answer[256];

        (void)state;
        assert_true(run("clone3-threads", "", &t, answer));
        assert_int_equal(strtol(answer, NULL, 10), ENOSYS);
        refused("clone3", "", &t, ERR_MALFORMED, "SIGSYS");
        refused("no-threads", "", &t, ERR_MALFORMED, "SIGSYS");
#if defined(__x86_64__)
        /* SIGSEGV where the kernel has that door walled up. */
        refused("int80", "", &t, ERR_MALFORMED, "parser died, signal");
        assert_true(t.signal == SIGSYS || t.signal == SIGSEGV);
#endif
}

static void forbidden_acts_kill(void **state)
{
        /* The sanitizers' run-time library needs these. */
        static const char *const widened[] = {"open", "create", "prlimit"};
        struct jail_state s = {0};
        struct err e = {0};
        size_t n = 0;

        (void)state;
        for (const char *const *act = jail_forbidden_acts; *act; act++, n++) {
                bool killed = false, excused = false;
                for (size_t i = 0; SANITIZER && i < ARRAY_LEN(widened); i++)
                        excused = excused || strcmp(*act, widened[i]) == 0;
                if (!jail_selftest(*act, &killed, &s, &e))
                        fail_msg("%s: %s", *act, e.text);
                if (!killed && !excused)
                        fail_msg("%s was not killed", *act);
                assert_true(s.seccomp && s.landlock_abi >= 1);
        }
        assert_true(n >= 35);
        bool killed = true;
        assert_false(jail_selftest("whistle", &killed, NULL, &e));
        assert_int_equal(e.kind, ERR_NOT_FOUND);
}

#ifdef ADDRESS_SANITIZER
/* A bug of ours in a sanitizer build: its report is the error's last words. */
static void sanitizer_can_report(void **state)
{
        struct jail_task t = {0};

        (void)state;
        refused("overflow", "", &t, ERR_MALFORMED, "AddressSanitizer: heap-buffer-overflow");
}
#endif

static void unknown_job_is_the_machinery(void **state)
{
        struct jail_task t[2] = {{.job = "no such"}, {.job = "echo"}};
        struct err e = {0};

        (void)state;
        assert_false(jail_run(t, 2, 1, &e));
        assert_int_equal(e.kind, ERR_UNSUPPORTED);
        assert_says(&e, "the worker has no job \"no such\"");
        assert_false(t[0].ok);
        assert_false(t[1].ok);
        assert_int_equal(t[1].err.kind, ERR_UNSUPPORTED);
}

static void program_is_found_or_named(void **state)
{
        struct err e = {0};
        struct jail_task t = {.job = "echo"};
        char path[4096], want[4096];

        (void)state;
        assert_true(program_path("coffer-worker", path, sizeof(path), &e));
        snprintf(want, sizeof(want), "%s/coffer-worker", folder);
        assert_string_equal(path, want);
        assert_false(program_path("../sh", path, sizeof(path), &e));
        assert_false(program_path("coffer-worker", path, 10, &e));
        assert_int_equal(e.kind, ERR_LIMIT);
        setenv("COFFER_LIBEXEC", "relative", 1);
        assert_false(jail_run_one(&t, &e));
        assert_says(&e, "absolute");
        setenv("COFFER_LIBEXEC", "/nonexistent", 1);
        assert_false(jail_run_one(&t, &e));
        assert_int_equal(e.kind, ERR_UNSUPPORTED);
        assert_says(&e, "coffer-worker is not in /nonexistent");
        unsetenv("COFFER_LIBEXEC");
        assert_false(program_path("coffer-no-such", path, sizeof(path), &e));
        assert_says(&e, "COFFER_LIBEXEC");
        setenv("COFFER_LIBEXEC", folder, 1);
}

static void wrong_program_is_the_machinery(void **state)
{
        struct jail_task t = {.job = "echo"};
        struct err e = {0};
        char other[] = "/tmp/coffer-jail-other-XXXXXX", path[128];

        (void)state;
        assert_non_null(mkdtemp(other));
        snprintf(path, sizeof(path), "%s/coffer-worker", other);
        assert_int_equal(symlink("/bin/true", path), 0);
        setenv("COFFER_LIBEXEC", other, 1);
        assert_false(jail_run_one(&t, &e));
        assert_int_equal(e.kind, ERR_UNSUPPORTED);
        assert_says(&e, "ended before it was locked down");
        unlink(path);
        FILE *f = fopen(path, "w");
        assert_non_null(f);
        fprintf(f, "#!/bin/sh\nprintf 'hello' >&4; sleep 5\n");
        fchmod(fileno(f), 0755);
        fclose(f);
        assert_false(jail_run_one(&t, &e));
        assert_int_equal(e.kind, ERR_UNSUPPORTED);
        assert_says(&e, "not of this version");
        unlink(path);
        rmdir(other);
        setenv("COFFER_LIBEXEC", folder, 1);
}

static void on_alarm(int sig)
{
        (void)sig;
        file_cancel_flag = 1;
}

static void cancel_ends_all(void **state)
{
        struct sigaction plain = {.sa_handler = SIG_DFL}, stop = {.sa_handler = on_alarm};
        struct jail_task t[3] = {{.job = "slow"}, {.job = "spin"}, {.job = "slow"}};
        struct err e = {0};
        int64_t begun_ms = clock_mono_ms();

        (void)state;
        sigaction(SIGALRM, &stop, NULL);
        ualarm(100000, 0);
        assert_false(jail_run(t, 3, 2, &e));
        file_cancel_flag = 0;
        sigaction(SIGALRM, &plain, NULL);
        assert_int_equal(e.kind, ERR_CANCELLED);
        for (size_t i = 0; i < 3; i++) {
                assert_int_equal(t[i].err.kind, ERR_CANCELLED);
                buf_done(&t[i].answer);
        }
        assert_true(clock_mono_ms() - begun_ms < 3000);
        assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

/* ---- what outlives whom ---- */

static bool pid_pass_on(void *ctx, struct span data, struct err *e)
{
        return fd_write_all(*(int *)ctx, data, e);
}

/* In a child: runs "slow", whose process number goes into the pipe, and is killed meanwhile. */
static void worker_dies_with_parent(uid_t uid)
{
        int ends[2], status;
        char text[32] = "";

        assert_int_equal(
            prctl(PR_SET_CHILD_SUBREAPER, 1L, 0L, 0L, 0L), 0); /* the orphan becomes ours: its end is seen */
        assert_int_equal(pipe(ends), 0);
        pid_t parent = fork();
        assert_true(parent >= 0);
        if (parent == 0) {
                struct jail_task t = {.job = "slow", .on_frame = pid_pass_on, .ctx = &ends[1]};
                struct err e = {0};
                if (uid != 0 && setresuid(uid, uid, uid) != 0)
                        _exit(1);
                (void)jail_run_one(&t, &e);
                fprintf(stderr, "%s\n", e.text);
                _exit(1);
        }
        close(ends[1]);
        assert_true(read(ends[0], text, sizeof(text) - 1) > 0);
        pid_t worker = (pid_t)strtol(text, NULL, 10);
        assert_true(worker > 1);
        assert_int_equal(waitpid(worker, &status, WNOHANG), -1); /* not ours yet */
        kill(parent, SIGKILL);
        assert_int_equal(waitpid(parent, &status, 0), parent);
        for (int i = 0; i < 200 && waitpid(worker, &status, WNOHANG) != worker; i++) {
                assert_true(i < 199);
                poll(NULL, 0, 10);
        }
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        close(ends[0]);
        prctl(PR_SET_CHILD_SUBREAPER, 0L, 0L, 0L, 0L);
}

static bool worker_open_to(uid_t uid)
{
        pid_t pid = fork();
        int status;

        assert_true(pid >= 0);
        if (pid == 0)
                _exit(setresuid(uid, uid, uid) == 0 && access(arg_worker, X_OK) == 0 ? 0 : 1);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void no_worker_outlives_its_parent(void **state)
{
        (void)state;
        worker_dies_with_parent(0);
        if (geteuid() != 0 || !worker_open_to(65534)) {
                fprintf(stderr, "skip: unprivileged part: needs root, and a build folder that others may enter\n");
                return;
        }
        worker_dies_with_parent(65534); /* with a user namespace in between, where the host allows it */
}

/* Runs this program's "once" with system calls taken away; its output is in `ret`. */
static int run_denied(const char *rule, char ret[1024])
{
        char *argv[] = {(char *)arg_deny, (char *)rule, (char *)"--", (char *)arg_self, (char *)arg_worker,
            (char *)arg_deny, (char *)"once", NULL};
        int ends[2], status;
        size_t n = 0;
        ssize_t got;

        assert_int_equal(pipe(ends), 0);
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
                dup2(ends[1], 1);
                dup2(ends[1], 2);
                execv(argv[0], argv);
                _exit(127);
        }
        close(ends[1]);
        while (n < 1023 && (got = read(ends[0], ret + n, 1023 - n)) > 0)
                n += (size_t)got;
        ret[n] = 0;
        close(ends[0]);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFEXITED(status));
        return WEXITSTATUS(status);
}

/* No sandbox, no parse: each part of the lock-down is taken away, or pretends. */
static void without_sandbox_nothing_is_parsed(void **state)
{
        static const struct {
                const char *rule, *says;
        } rows[] = {
            {"landlock_create_ruleset=ENOSYS", "no Landlock (Function not implemented)"},
            {"landlock_create_ruleset=EOPNOTSUPP", "no Landlock"},
            {"landlock_restrict_self=EPERM", "Landlock: restrict"},
            {"landlock_restrict_self=0", "the root folder is not refused"},
            {"seccomp=EINVAL", "seccomp: "},
            {"seccomp=ENOSYS", "seccomp: "},
            {"seccomp=0", "seccomp: "},
            {"seccomp@1=0", "the filter was loaded but is not in force"}, /* only SECCOMP_SET_MODE_FILTER pretends */
            {"capset=EPERM", "drop capabilities"},
            {"capset=0", "capabilities were dropped but are still there"},
            {"close_range=ENOSYS", "close_range"},
            {"prctl=EINVAL", "PR_SET_PDEATHSIG"},
            {"prctl=0", ""},
            {"prlimit64=EPERM", "limit "},
        };
        char out[1024];

        (void)state;
        assert_int_equal(run_denied("reboot=EPERM", out), 0); /* the tool itself does not stand in the way */
        assert_memory_equal(out, "ran: content", 12);
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                if (strcmp(rows[i].rule, "capset=0") == 0 && geteuid() != 0)
                        continue; /* only root has some to keep */
                if (SANITIZER && (strncmp(rows[i].rule, "pr", 2) == 0 || strncmp(rows[i].rule, "cap", 3) == 0))
                        continue; /* its run-time library stumbles over these first */
                int rc = run_denied(rows[i].rule, out);
                if (rc != 3 || !strstr(out, rows[i].says) || !strstr(out, "refused: unsupported: ") ||
                    strstr(out, "content"))
                        fail_msg("%s: exit %d, said: %s", rows[i].rule, rc, out);
        }
}

/* Network namespaces are "where possible": without them the job runs, and its state says so. */
static void without_namespaces_it_runs_and_says_so(void **state)
{
        char out[1024];

        (void)state;
        assert_int_equal(run_denied("unshare=EPERM", out), 0);
        assert_string_equal(out, "ran: content, in the host's network\n");
}

/* ---- */

static int once(void)
{
        struct jail_task t = {.job = "echo", .request = SPAN_LIT("content")};
        struct err e = {0};

        if (!jail_run_one(&t, &e)) {
                printf("refused: %s: %s\n", err_kind_name(e.kind), e.text);
                return 3;
        }
        printf("ran: %.*s%s\n", SPAN_FMT(buf_span(&t.answer)), t.state.net_namespace ? "" : ", in the host's network");
        buf_done(&t.answer);
        return 0;
}

/* How long an empty job takes: for people, not for the test's verdict. */
static int measure(unsigned n)
{
        struct err e = {0};
        int64_t begun_ms = clock_mono_ms();

        for (unsigned i = 0; i < n; i++) {
                struct jail_task t = {.job = "nothing"};
                if (!jail_run_one(&t, &e)) {
                        fprintf(stderr, "%s\n", e.text);
                        return 1;
                }
        }
        printf("%u empty jobs one after the other: %.2f ms each\n", n, (double)(clock_mono_ms() - begun_ms) / n);
        return 0;
}

static bool folder_make(void)
{
        char path[128];

        if (!mkdtemp(folder) || chmod(folder, 0755) != 0)
                return false;
        snprintf(path, sizeof(path), "%s/coffer-worker", folder);
        return symlink(arg_worker, path) == 0 && setenv("COFFER_LIBEXEC", folder, 1) == 0;
}

static void folder_remove(void)
{
        char path[128];

        snprintf(path, sizeof(path), "%s/coffer-worker", folder);
        unlink(path);
        rmdir(folder);
}

int main(int argc, char **argv)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(echo_gives_request_and_inputs),
            cmocka_unit_test(largest_request_passes),
            cmocka_unit_test(big_answer_comes_in_order),
            cmocka_unit_test(many_tasks_each_get_their_answer),
            cmocka_unit_test(library_calls_work_inside),
            cmocka_unit_test(nothing_is_inherited),
            cmocka_unit_test(killed_worker_is_a_finding),
            cmocka_unit_test(limits_end_a_worker),
            cmocka_unit_test(nonsense_is_refused),
            cmocka_unit_test(callback_ends_its_task),
            cmocka_unit_test(processes_are_refused),
            cmocka_unit_test(forbidden_acts_kill),
#ifdef ADDRESS_SANITIZER
            cmocka_unit_test(sanitizer_can_report),
#endif
            cmocka_unit_test(unknown_job_is_the_machinery),
            cmocka_unit_test(program_is_found_or_named),
            cmocka_unit_test(wrong_program_is_the_machinery),
            cmocka_unit_test(cancel_ends_all),
            cmocka_unit_test(no_worker_outlives_its_parent),
            cmocka_unit_test(without_sandbox_nothing_is_parsed),
            cmocka_unit_test(without_namespaces_it_runs_and_says_so),
        };
        int rc;

        if (argc < 3) {
                fprintf(stderr, "usage: %s TEST_WORKER DENY_SYSCALL [once | measure]\n", argv[0]);
                return 2;
        }
        arg_self = argv[0];
        arg_worker = argv[1];
        arg_deny = argv[2];
        if (!folder_make()) {
                perror("jail_test");
                return 2;
        }
        if (argc > 3)
                rc = strcmp(argv[3], "once") == 0 ? once() : measure(500);
        else
                rc = cmocka_run_group_tests(tests, NULL, NULL);
        folder_remove();
        return rc;
}
