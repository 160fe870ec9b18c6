#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "jail/frame_priv.h"
#include "jail/spawn_priv.h"

#define FDS_ALL (JAIL_FD_FIRST + JAIL_FDS_MAX)
#define ARG_MAX_LEN 24u /* a decimal number */

/* Made before the child exists: between vfork and execve only system calls are allowed. */
struct start {
        const char *program;
        char *argv[6];
        char *envp[4];
        int from[FDS_ALL]; /* from[i] becomes descriptor i */
        unsigned n_from;
        pid_t parent;
        volatile int child_errno; /* written by the child in the shared memory of vfork */
        const char *volatile child_step;
};

/* Where vfork is a plain fork (ThreadSanitizer, valgrind), the reason gets out by standard error alone. */
static _Noreturn void child_fail(struct start *s, const char *step)
{
        s->child_errno = errno ? errno : EINVAL;
        s->child_step = step;
        if (write(s->from[2], step, strlen(step)) < 0)
                (void)!write(2, step, strlen(step));
        _exit(127);
}

/*
 * Puts the descriptors in their places. The wanted numbers may be sources too, so that all sources are first copied
 * above them; what dup2 makes is not closed by execve, everything else is.
 */
static void child_descriptors(struct start *s)
{
        int top = (int)s->n_from;

        for (unsigned i = 0; i < s->n_from; i++) {
                s->from[i] = fcntl(s->from[i], F_DUPFD_CLOEXEC, top);
                if (s->from[i] < 0)
                        child_fail(s, "copy a descriptor");
        }
        for (unsigned i = 0; i < s->n_from; i++)
                if (dup2(s->from[i], (int)i) < 0)
                        child_fail(s, "place a descriptor");
        if (close_range((unsigned)top, ~0u, 0) != 0)
                child_fail(s, "close_range");
}

/* In the child, which shares our memory until execve: no handler of ours may run (all signals are blocked by then). */
static _Noreturn void child(struct start *s)
{
        struct sigaction plain = {.sa_handler = SIG_DFL};
        sigset_t none;

        if (prctl(PR_SET_PDEATHSIG, (long)SIGKILL, 0L, 0L, 0L) != 0)
                child_fail(s, "PR_SET_PDEATHSIG");
        if (getppid() != s->parent) /* it died before the line above: nobody would ever end us */
                _exit(127);
        /* Its own session: no terminal to type into, and Ctrl-C reaches the parent alone, which then ends us. */
        if (setsid() < 0)
                child_fail(s, "setsid");
        /* Handlers end with execve, ignored signals do not. SIGKILL, SIGSTOP and glibc's own fail, and may. */
        for (int sig = 1; sig < NSIG; sig++)
                (void)sigaction(sig, &plain, NULL);
        child_descriptors(s);
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        execve(s->program, s->argv, s->envp);
        child_fail(s, "start");
}

static bool child_start(struct start *s, pid_t *ret, struct err *e)
{
        sigset_t all, before;
        pid_t pid;

        sigfillset(&all);
        pthread_sigmask(SIG_BLOCK, &all, &before);
        /* Not posix_spawn, which has no PR_SET_PDEATHSIG; child() makes system calls only. */
        pid = vfork(); /* NOLINT(clang-analyzer-security.insecureAPI.vfork) */
        if (pid == 0)
                child(s); /* NOLINT(clang-analyzer-unix.Vfork) */
        int vfork_errno = errno;
        pthread_sigmask(SIG_SETMASK, &before, NULL);
        if (pid < 0) {
                errno = vfork_errno;
                return err_set(e, ERR_SYSTEM, "start a worker: %s", strerror(vfork_errno));
        }
        if (s->child_errno != 0) {
                (void)waitpid(pid, NULL, 0);
                return err_set(
                    e, ERR_UNSUPPORTED, "start %s: %s: %s", s->program, s->child_step, strerror(s->child_errno));
        }
        *ret = pid;
        return true;
}

/* One pipe; `ours` (0: the read end, 1: the write end) becomes non-blocking, the worker's end stays blocking. */
static bool pipe_open(int ends[2], int ours, struct err *e)
{
        if (pipe2(ends, O_CLOEXEC) != 0)
                return err_set(e, ERR_SYSTEM, "pipe to a worker: %s", strerror(errno));
        if (fcntl(ends[ours], F_SETFL, O_NONBLOCK) != 0)
                return err_set(e, ERR_SYSTEM, "pipe to a worker: %s", strerror(errno));
        return true;
}

struct pipes {
        int request[2], answer[2], errors[2];
};

static void pipes_close(struct pipes *p)
{
        for (size_t i = 0; i < 2; i++) {
                fd_close(&p->request[i]);
                fd_close(&p->answer[i]);
                fd_close(&p->errors[i]);
        }
}

static void start_descriptors(struct start *s, const struct pipes *p, const struct jail_task *t, int null_fd)
{
        const int standard[JAIL_FD_FIRST] = {null_fd, p->errors[1], p->errors[1], p->request[0], p->answer[1]};

        memcpy(s->from, standard, sizeof(standard));
        for (size_t i = 0; i < t->n_fds; i++)
                s->from[JAIL_FD_FIRST + i] = t->fds[i];
        s->n_from = JAIL_FD_FIRST + (unsigned)t->n_fds;
}

bool spawn_worker(const char *program, const struct jail_task *t, int null_fd, struct spawned *ret, struct err *e)
{
        struct pipes p CLEANUP(pipes_close) = {{-1, -1}, {-1, -1}, {-1, -1}};
        char n_fds[ARG_MAX_LEN], memory[ARG_MAX_LEN], cpu_s[ARG_MAX_LEN];
        struct start s = {.program = program,
            .argv = {(char *)"coffer-worker", (char *)t->job, n_fds, memory, cpu_s, NULL},
            /* Nothing of the user's environment: it may hold secrets, and what a library would heed. */
            .envp = {(char *)"LC_ALL=C", (char *)"OPENSSL_CONF=/dev/null", NULL, NULL},
            .parent = getpid()};
        pid_t pid;
        int pid_fd;

#ifdef JAIL_SANITIZER
        s.envp[2] = (char *)"ASAN_OPTIONS=detect_leaks=0:symbolize=0";
#endif
        snprintf(n_fds, sizeof(n_fds), "%zu", t->n_fds);
        snprintf(memory, sizeof(memory), "%llu", (unsigned long long)t->limits.memory_max);
        snprintf(cpu_s, sizeof(cpu_s), "%u", t->limits.cpu_s_max);
        if (!pipe_open(p.request, 1, e) || !pipe_open(p.answer, 0, e) || !pipe_open(p.errors, 0, e))
                return false;
        start_descriptors(&s, &p, t, null_fd);
        if (!child_start(&s, &pid, e))
                return false;
        pid_fd = pidfd_open(pid, 0);
        if (pid_fd < 0) {
                err_set(e, ERR_SYSTEM, "pidfd of a worker: %s", strerror(errno));
                kill(pid, SIGKILL);
                (void)waitpid(pid, NULL, 0);
                return false;
        }
        *ret = (struct spawned){.pid = pid,
            .pid_fd = pid_fd,
            .request_fd = TAKE_FD(p.request[1]),
            .answer_fd = TAKE_FD(p.answer[0]),
            .stderr_fd = TAKE_FD(p.errors[0])};
        return true;
}
