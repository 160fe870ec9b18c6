/* One program, started in its cage: what it writes is kept up to a bound, and nothing of it outlives the call. */
#include "inventory/plugin/plugin_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define POLL_MS 100      /* how soon a request to stop is heeded */
#define ERRORS_KEPT 512u /* bytes of its standard error: the last ones */
#define READ_SIZE 65536u

struct child {
        pid_t pid;
        int pid_fd, out, errors, status; /* read ends; `status` says what failed before it was started */
        bool ended;
        int wait_status;
        char said[ERRORS_KEPT];
        size_t said_len;
};

/* Made before the child exists, which may only call the kernel. */
struct start {
        const struct plugin_run *run;
        struct plugin_cage cage;
        int input, out[2], errors[2], status[2];
        pid_t parent;
        bool namespaces;
};

static void start_done(struct start *s)
{
        int *const fds[] = {
            &s->input, &s->out[0], &s->out[1], &s->errors[0], &s->errors[1], &s->status[0], &s->status[1]};

        for (size_t i = 0; i < ARRAY_LEN(fds); i++)
                fd_close(fds[i]);
        plugin_cage_done(&s->cage);
}

/*
 * Its group is killed as a whole: it can't leave it (cage.c), and with a PID namespace not even hide in it. Before the
 * leader is waited for, since afterwards its number may be somebody else's.
 */
static void child_kill(struct child *c)
{
        if (c->pid <= 0 || c->ended)
                return;
        kill(-c->pid, SIGKILL);
        kill(c->pid, SIGKILL);
        while (waitpid(c->pid, &c->wait_status, 0) < 0 && errno == EINTR)
                ;
        c->ended = true;
}

static void child_done(struct child *c)
{
        child_kill(c);
        fd_close(&c->pid_fd);
        fd_close(&c->out);
        fd_close(&c->errors);
        fd_close(&c->status);
}

static _Noreturn void child_failed(int status, const char *step)
{
        const char *why = strerrordesc_np(errno);

        (void)!write(status, step, strlen(step));
        (void)!write(status, ": ", 2);
        (void)!write(status, why ? why : "?", why ? strlen(why) : 1);
        _exit(127);
}

static _Noreturn void child(struct start *s)
{
        struct sigaction plain = {.sa_handler = SIG_DFL};
        char *const argv[] = {(char *)(uintptr_t)s->run->path, (char *)(uintptr_t)s->run->arg, NULL};
        /* Nothing of the user's environment: it may hold secrets. */
        char *const envp[] = {(char *)"PATH=/usr/bin:/bin", (char *)"LC_ALL=C.UTF-8", (char *)"HOME=/", NULL};
        int high[4] = {s->input, s->out[1], s->errors[1], s->status[1]};
        const char *step;
        sigset_t none;

        /* In a PID namespace of its own the parent's number is 0. */
        if (prctl(PR_SET_PDEATHSIG, (long)SIGKILL, 0L, 0L, 0L) != 0 || (getppid() != s->parent && !s->namespaces))
                _exit(127);
        if (setsid() < 0)
                _exit(127);
        for (int sig = 1; sig < NSIG; sig++)
                (void)sigaction(sig, &plain, NULL);
        for (int i = 0; i < 4; i++)
                if ((high[i] = fcntl(high[i], F_DUPFD_CLOEXEC, 8)) < 0)
                        child_failed(s->status[1], "descriptors");
        for (int i = 0; i < 3; i++)
                if (dup2(high[i], i) < 0)
                        child_failed(high[3], "descriptors");
        if (close_range(3, ~0u, CLOSE_RANGE_CLOEXEC) != 0 || chdir("/") != 0)
                child_failed(high[3], "descriptors");
        step = plugin_cage_enter(&s->cage, s->namespaces);
        if (step)
                child_failed(high[3], step);
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        execve(s->run->path, argv, envp);
        child_failed(high[3], "start");
}

/* fork(2) by its own name: glibc's does not take namespaces. The child calls nothing that would mind. */
static pid_t fork_into(unsigned long namespaces)
{
        return (pid_t)syscall(SYS_clone, namespaces | SIGCHLD, NULL, NULL, NULL, NULL);
}

static bool start(struct start *s, struct child *ret, struct err *e)
{
        const unsigned long all =
            CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS;
        sigset_t every, before;
        pid_t pid;

        sigfillset(&every);
        pthread_sigmask(SIG_BLOCK, &every, &before);
        s->namespaces = true;
        pid = fork_into(all);
        if (pid < 0) { /* they can't be had here; what must be there is checked in the child */
                s->namespaces = false;
                pid = fork_into(0);
        }
        if (pid == 0)
                child(s);
        int why = errno;
        pthread_sigmask(SIG_SETMASK, &before, NULL);
        if (pid < 0)
                return err_set(e, ERR_SYSTEM, "start it: %s", strerror(why));
        ret->pid = pid;
        ret->pid_fd = pidfd_open(pid, 0);
        ret->out = TAKE_FD(s->out[0]);
        ret->errors = TAKE_FD(s->errors[0]);
        ret->status = TAKE_FD(s->status[0]);
        if (ret->pid_fd < 0)
                return err_set(e, ERR_SYSTEM, "pidfd_open: %s", strerror(errno));
        return true;
}

static void errors_keep(struct child *c, const char *at, size_t n)
{
        size_t drop;

        if (n > ERRORS_KEPT) {
                at += n - ERRORS_KEPT;
                n = ERRORS_KEPT;
        }
        drop = c->said_len + n > ERRORS_KEPT ? c->said_len + n - ERRORS_KEPT : 0;
        memmove(c->said, c->said + drop, c->said_len - drop);
        memcpy(c->said + c->said_len - drop, at, n);
        c->said_len = c->said_len - drop + n;
}

/* Once each turn, so that one that floods does not get more of our time than the clock allows. */
static void errors_read(struct child *c)
{
        char chunk[2 * ERRORS_KEPT];
        ssize_t n = c->errors < 0 ? 0 : read(c->errors, chunk, sizeof(chunk));

        if (n > 0)
                errors_keep(c, chunk, (size_t)n);
        else if (c->errors >= 0 && (n == 0 || (errno != EAGAIN && errno != EINTR)))
                (void)close(TAKE_FD(c->errors));
}

static bool out_read(struct child *c, const struct plugin_run *r, struct buf *to, struct err *e)
{
        uint8_t chunk[READ_SIZE];
        ssize_t n = c->out < 0 ? 0 : read(c->out, chunk, sizeof(chunk));

        if (n > 0) {
                if ((size_t)n > r->answer_max - to->len)
                        return err_set(e, ERR_LIMIT, "it printed more than %zu bytes", r->answer_max);
                buf_put(to, span_bytes(chunk, (size_t)n));
        } else if (c->out >= 0 && (n == 0 || (errno != EAGAIN && errno != EINTR))) {
                (void)close(TAKE_FD(c->out));
        }
        return true;
}

/* Until its end, or until it has had its time. Its own end closes the pipes of all that it started: see child_kill. */
static bool wait_for(struct child *c, const struct plugin_run *r, struct buf *to, struct err *e)
{
        int64_t deadline_ms = clock_mono_ms() + r->ms_max;

        while (!c->ended || c->out >= 0) {
                struct pollfd polls[] = {{.fd = c->out, .events = POLLIN}, {.fd = c->errors, .events = POLLIN},
                    {.fd = c->ended ? -1 : c->pid_fd, .events = POLLIN}};

                if (file_cancel_flag)
                        return err_set(e, ERR_CANCELLED, "stopped on request");
                if (clock_mono_ms() > deadline_ms)
                        return err_set(e, ERR_LIMIT, "it took more than %u seconds", r->ms_max / 1000);
                if (poll(polls, ARRAY_LEN(polls), POLL_MS) < 0 && errno != EINTR)
                        return err_set(e, ERR_SYSTEM, "poll: %s", strerror(errno));
                errors_read(c);
                if (!out_read(c, r, to, e))
                        return false;
                siginfo_t info = {0};
                /* Those whom it left behind hold the pipe, and have nothing to say. */
                if (!c->ended && waitid(P_PID, (id_t)c->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
                    info.si_pid == c->pid)
                        child_kill(c);
        }
        return true;
}

/* What failed before it was started: the cage, then, and that is never passed over. */
static bool status_check(const struct child *c, struct err *e)
{
        char text[200], shown[200];
        size_t n;

        if (!fd_read_full(c->status, text, sizeof(text), &n, NULL) || n == 0)
                return true;
        return err_set(
            e, ERR_UNSUPPORTED, "no cage, no detector: %s", span_printable(span_bytes(text, n), shown, sizeof(shown)));
}

static bool end_check(struct child *c, struct err *e)
{
        struct cursor lines = {.rest = span_bytes(c->said, c->said_len)};
        struct span line, last = {0};
        char shown[200];

        if (!status_check(c, e))
                return false;
        if (WIFEXITED(c->wait_status) && WEXITSTATUS(c->wait_status) == 0)
                return true;
        while (cursor_line(&lines, &line))
                if (span_trim(line).len > 0)
                        last = span_trim(line);
        span_printable(last, shown, sizeof(shown));
        if (WIFSIGNALED(c->wait_status))
                return err_set(e, ERR_MALFORMED, "it was killed by signal %d (%s)%s%s", WTERMSIG(c->wait_status),
                    strsignal(WTERMSIG(c->wait_status)), last.len ? ": " : "", shown);
        return err_set(e, ERR_MALFORMED, "it ended with exit status %d%s%s", WEXITSTATUS(c->wait_status),
            last.len ? ": " : "", shown);
}

static bool pipes_make(struct start *s, struct err *e)
{
        if (pipe2(s->out, O_CLOEXEC) != 0 || pipe2(s->errors, O_CLOEXEC) != 0 || pipe2(s->status, O_CLOEXEC) != 0 ||
            fcntl(s->out[0], F_SETFL, O_NONBLOCK) != 0 || fcntl(s->errors[0], F_SETFL, O_NONBLOCK) != 0)
                return err_set(e, ERR_SYSTEM, "pipe: %s", strerror(errno));
        s->input = s->run->input_fd >= 0 ? fcntl(s->run->input_fd, F_DUPFD_CLOEXEC, 3)
                                         : open("/dev/null", O_RDONLY | O_CLOEXEC);
        return s->input >= 0 || err_set(e, ERR_SYSTEM, "its input: %s", strerror(errno));
}

bool plugin_run(const struct plugin_run *r, struct buf *ret, struct err *e)
{
        CLEANUP(child_done) struct child c = {.pid_fd = -1, .out = -1, .errors = -1, .status = -1};
        CLEANUP(start_done)
        struct start s = {.run = r,
            .cage = {.ruleset_fd = -1},
            .input = -1,
            .out = {-1, -1},
            .errors = {-1, -1},
            .status = {-1, -1},
            .parent = getpid()};
        CLEANUP(buf_done) struct buf printed = {.max = r->answer_max + 1};

        if (!plugin_cage_make(r->path, &s.cage, e) || !pipes_make(&s, e) || !start(&s, &c, e))
                return false;
        /* Our copies of what the child writes to: its end is to be seen. */
        (void)close(TAKE_FD(s.out[1]));
        (void)close(TAKE_FD(s.errors[1]));
        (void)close(TAKE_FD(s.status[1]));
        if (!wait_for(&c, r, &printed, e) || !end_check(&c, e))
                return false;
        *ret = printed;
        printed = (struct buf){0};
        return true;
}
