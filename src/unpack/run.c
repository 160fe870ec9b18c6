/* The parent's side: starts coffer-unpack, maps its ids, hands it the request, waits for its answer. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
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
        char *argv[] = {name, NULL}, *environment[] = {NULL};
        int null = open("/dev/null", O_RDWR), high[3];
        sigset_t none;

        setpgid(0, 0); /* Ctrl-C is for the parent, which then ends this one and cleans up */
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        signal(SIGPIPE, SIG_DFL);
        if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0)
                _exit(127);
        for (int i = 0; i < 3; i++) /* out of the way first: any of them may be 3, 4 or 5 */
                if ((high[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, 16)) < 0)
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

        if (!jail_program_path(PROGRAM, path, sizeof(path), e))
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

/* It has ended without an answer: how is all that can be said. */
static bool child_died(struct child *c, struct err *e)
{
        int status = 0;

        while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
                ;
        c->pid = 0;
        if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)
                return err_set(e, ERR_LIMIT, "unpacking took more than %u CPU seconds", UNPACK_CPU_S_MAX);
        if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
                return err_set(e, ERR_UNAVAILABLE, "%s was killed: no memory left?", PROGRAM);
        if (WIFSIGNALED(status))
                return err_set(e, ERR_MALFORMED, "%s died, signal %d (%s)", PROGRAM, WTERMSIG(status),
                    sigabbrev_np(WTERMSIG(status)) ? sigabbrev_np(WTERMSIG(status)) : "?");
        return err_set(e, ERR_UNSUPPORTED, "%s could not be started (exit %d)", PROGRAM, WEXITSTATUS(status));
}

static uint64_t now_ms(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* One message; the program's end and a request to stop are errors. */
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
                if (n <= 0)
                        return child_died(c, e);
                *ret_len = (size_t)n;
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
        return unpack_answer_get(span_bytes(message, len), ret) ||
               err_set(e, ERR_MALFORMED, "%s answered nonsense", PROGRAM);
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
        *ret = answer.report;
        return true;
}
