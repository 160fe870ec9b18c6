/* The parent's side: starts coffer-unpack, maps its ids, hands it the request, waits for its answer. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "unpack/unpack_priv.h"

#define POLL_MS 100 /* how soon a request to stop is heeded */
#define PROGRAM "coffer-unpack"

struct child {
        pid_t pid;
        int socket;
};

/* Whatever it is doing: it is not left behind. */
static void child_done(struct child *c)
{
        fd_close(&c->socket);
        if (c->pid > 0) {
                kill(c->pid, SIGKILL);
                while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
                        ;
        }
        c->pid = 0;
}

/* Between fork and exec: only what is safe in the child of a program with threads. */
static _Noreturn void child_exec(const char *path, const int fds[3], pid_t parent)
{
        static char name[] = PROGRAM;
#ifdef UNPACK_SANITIZER /* looking for leaks needs ptrace, which the cage does not allow */
        static char no_leaks[] = "ASAN_OPTIONS=detect_leaks=0:symbolize=0";
        char *environment[] = {no_leaks, NULL};
#else
        char *environment[] = {NULL};
#endif
        char *argv[] = {name, NULL};
        int null, high[3], flags;
        sigset_t none;

        setpgid(0, 0); /* Ctrl-C is for the parent, which then ends this one and cleans up */
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        signal(SIGPIPE, SIG_DFL);
        /* Out of the way first: any of them may be 0 to 5, as the caller may have none of the standard three. */
        for (int i = 0; i < 3; i++)
                if ((high[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, 16)) < 0)
                        _exit(127);
        null = open("/dev/null", O_RDWR);
        if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0)
                _exit(127);
        /* Standard error is the caller's; a descriptor that only has its number is not. */
        flags = fcntl(2, F_GETFD);
        if ((flags < 0 || flags & FD_CLOEXEC || fds[0] == 2 || fds[1] == 2 || fds[2] == 2) && dup2(null, 2) < 0)
                _exit(127);
        for (int i = 0; i < 3; i++)
                if (dup2(high[i], UNPACK_FD_SOCKET + i) < 0)
                        _exit(127);
        if (close_range(UNPACK_FD_FIRST_FREE, ~0u, 0) != 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 ||
            getppid() != parent)
                _exit(127);
        execve(path, argv, environment);
        _exit(127);
}

static bool child_start(int layer_fd, int folder_fd, struct child *ret, struct err *e)
{
        char path[4096];
        int pair[2];
        pid_t parent = getpid(), pid;

        if (!program_path(PROGRAM, path, sizeof(path), e))
                return false;
        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
                return err_set(e, ERR_SYSTEM, "make a socket: %s", strerror(errno));
        pid = fork();
        if (pid == 0)
                child_exec(path, (const int[]){pair[1], layer_fd, folder_fd}, parent);
        close(pair[1]);
        if (pid < 0) {
                err_set(e, ERR_SYSTEM, "start %s: %s", PROGRAM, strerror(errno));
                close(pair[0]);
                return false;
        }
        *ret = (struct child){pid, pair[0]};
        return true;
}

static uint64_t now_ms(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/*
 * How it has ended, once it has nothing more to say. A program that the layer has taken over may close its socket and
 * stay: it gets the time to free its memory and no more, and a request to stop is heeded here, too.
 */
static bool child_status(struct child *c, int *ret_status, struct err *e)
{
        uint64_t deadline_ms = now_ms() + UNPACK_END_MS_MAX;
        int fd CLEANUP(fd_close) = pidfd_open(c->pid, 0);
        struct pollfd p = {.fd = fd, .events = POLLIN};

        if (fd < 0)
                return err_set(e, ERR_SYSTEM, "watch %s: %s", PROGRAM, strerror(errno));
        while (poll(&p, 1, POLL_MS) <= 0) {
                if (file_cancel_flag)
                        return err_set(e, ERR_CANCELLED, "stopped on request");
                if (now_ms() > deadline_ms)
                        return err_set(e, ERR_UNAVAILABLE, "%s does not end", PROGRAM);
        }
        while (waitpid(c->pid, ret_status, 0) < 0 && errno == EINTR)
                ;
        c->pid = 0;
        return true;
}

/* Ended by a signal: which is all that can be said. */
static bool child_killed(int signal, struct err *e)
{
        if (signal == SIGXCPU)
                return err_set(e, ERR_LIMIT, "unpacking took more than %u CPU seconds", UNPACK_CPU_S_MAX);
        if (signal == SIGKILL)
                return err_set(e, ERR_UNAVAILABLE, "%s was killed: no memory left?", PROGRAM);
        return err_set(e, ERR_MALFORMED, "%s died, signal %d (%s)", PROGRAM, signal,
            sigabbrev_np(signal) ? sigabbrev_np(signal) : "?");
}

/* It has ended without an answer. */
static bool child_died(struct child *c, struct err *e)
{
        int status = 0;

        if (!child_status(c, &status, e))
                return false;
        if (WIFSIGNALED(status))
                return child_killed(WTERMSIG(status), e);
        return err_set(e, ERR_UNSUPPORTED, "%s could not be started (exit %d)", PROGRAM, WEXITSTATUS(status));
}

/* One message; empty when there are no more. A request to stop is an error. */
static bool message_read(struct child *c, uint64_t deadline_ms, uint8_t *into, size_t *ret_len, struct err *e)
{
        for (;;) {
                struct pollfd p = {.fd = c->socket, .events = POLLIN};
                ssize_t n;

                if (file_cancel_flag)
                        return err_set(e, ERR_CANCELLED, "stopped on request");
                if (now_ms() > deadline_ms)
                        return err_set(e, ERR_LIMIT, "unpacking took more than %u seconds", UNPACK_WALL_MS_MAX / 1000);
                if (poll(&p, 1, POLL_MS) <= 0)
                        continue;
                n = recv(c->socket, into, UNPACK_MESSAGE_MAX, MSG_DONTWAIT);
                if (n < 0 && (errno == EINTR || errno == EAGAIN))
                        continue;
                *ret_len = n > 0 ? (size_t)n : 0;
                return true;
        }
}

static bool map_write(pid_t pid, const char *which, uint32_t id_first, struct err *e)
{
        char path[64], line[64];
        int fd CLEANUP(fd_close) = -1;
        int n = snprintf(line, sizeof(line), "0 %u %u\n", id_first, UNPACK_IDS);

        snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, which);
        fd = open(path, O_WRONLY | O_CLOEXEC);
        if (fd < 0 || write(fd, line, (size_t)n) != n)
                return err_set(e, ERR_UNSUPPORTED, "map ids %u to %u: %s: they must belong to this user namespace",
                    id_first, id_first + UNPACK_IDS - 1, strerror(errno));
        return true;
}

static bool request_send(const struct child *c, const struct image_source *source, struct err *e)
{
        struct buf b CLEANUP(buf_done) = {.max = UNPACK_MESSAGE_MAX};
        struct image_source inside = *source;

        inside.fd = UNPACK_FD_LAYER;
        image_source_put(&b, &inside);
        if (send(c->socket, b.at, b.len, MSG_NOSIGNAL) != (ssize_t)b.len)
                return err_set(e, ERR_SYSTEM, "ask %s: %s", PROGRAM, strerror(errno));
        return true;
}

static bool answer_read(struct child *c, uint64_t deadline_ms, struct unpack_answer *ret, struct err *e)
{
        uint8_t message[UNPACK_MESSAGE_MAX];
        size_t len;

        if (!message_read(c, deadline_ms, message, &len, e))
                return false;
        if (len == 0)
                return child_died(c, e);
        return unpack_answer_get(span_bytes(message, len), ret) ||
               err_set(e, ERR_MALFORMED, "%s answered nonsense", PROGRAM);
}

/* That all is well counts when nothing follows but a good end: a late signal and a sanitizer's report are bad ones. */
static bool child_ended(struct child *c, struct err *e)
{
        int status = 0;
        uint8_t more;

        if (!child_status(c, &status, e))
                return false;
        if (WIFSIGNALED(status))
                return child_killed(WTERMSIG(status), e);
        if (WEXITSTATUS(status) != 0)
                return err_set(
                    e, ERR_MALFORMED, "%s said that all is well, but ended with exit %d", PROGRAM, WEXITSTATUS(status));
        if (recv(c->socket, &more, sizeof(more), MSG_DONTWAIT) > 0)
                return err_set(e, ERR_MALFORMED, "%s went on after its answer", PROGRAM);
        return true;
}

bool unpack_run(
    const struct image_source *source, int folder_fd, uint32_t id_first, struct unpack_report *ret, struct err *e)
{
        struct child c CLEANUP(child_done) = {.socket = -1};
        struct unpack_answer answer = {0};
        uint64_t deadline_ms = now_ms() + UNPACK_WALL_MS_MAX;

        if (!child_start(source->fd, folder_fd, &c, e))
                return false;
        /* Its first answer: it stands in its namespaces, without any id. */
        if (!answer_read(&c, deadline_ms, &answer, e))
                return false;
        if (answer.ok) {
                if (!map_write(c.pid, "uid_map", id_first, e) || !map_write(c.pid, "gid_map", id_first, e) ||
                    !request_send(&c, source, e) || !answer_read(&c, deadline_ms, &answer, e))
                        return false;
        }
        if (!answer.ok) {
                if (e)
                        *e = answer.err;
                return false;
        }
        if (!child_ended(&c, e))
                return false;
        *ret = answer.report;
        return true;
}
