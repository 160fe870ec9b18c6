/* The calling side of a start: find the programs, fork twice, hear how it went. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base.h"
#include "jail/jail.h"
#include "runtime/config_priv.h"
#include "runtime/start_priv.h"
#include "runtime/status_priv.h"

bool message_send(int channel, const struct monitor_message *m, struct err *e)
{
        ssize_t n;

        do {
                n = send(channel, m, sizeof(*m), MSG_NOSIGNAL);
        } while (n < 0 && errno == EINTR);
        if (n != (ssize_t)sizeof(*m))
                return err_set(e, ERR_UNAVAILABLE, "the container's monitor is gone");
        return true;
}

bool message_receive(int channel, int timeout_ms, struct monitor_message *ret, struct err *e)
{
        int64_t until = timeout_ms < 0 ? 0 : clock_mono_ms() + timeout_ms;
        struct monitor_message m;

        for (;;) {
                int64_t left = timeout_ms < 0 ? -1 : until - clock_mono_ms();
                struct pollfd p = {.fd = channel, .events = POLLIN};
                int ready = timeout_ms >= 0 && left <= 0 ? 0 : poll(&p, 1, (int)left);
                ssize_t n;

                if (file_cancel_flag && timeout_ms >= 0)
                        return err_set(e, ERR_CANCELLED, "interrupted");
                if (ready < 0 && errno == EINTR)
                        continue;
                if (ready <= 0)
                        return err_set(
                            e, ERR_UNAVAILABLE, "no answer from the container's monitor in %d s", timeout_ms / 1000);
                n = recv(channel, &m, sizeof(m), 0);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n != (ssize_t)sizeof(m))
                        return err_set(e, ERR_UNAVAILABLE, "the container's monitor died");
                m.text[sizeof(m.text) - 1] = 0;
                *ret = m;
                return true;
        }
}

static bool program_find(const char *name, char *ret, size_t size)
{
        static const char *const folders[] = {
            "/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"};

        for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
                snprintf(ret, size, "%s/%s", folders[i], name);
                if (access(ret, X_OK) == 0)
                        return true;
        }
        return false;
}

bool runtime_program(const char *asked, char *ret, size_t size, struct err *e)
{
        char *real CLEANUP(heap_freep) = NULL;

        if (!asked) {
                if (program_find("crun", ret, size) || program_find("runc", ret, size))
                        return true;
                return err_set(
                    e, ERR_UNSUPPORTED, "no OCI runtime: neither crun nor runc is installed (apt-get install crun)");
        }
        if (!strchr(asked, '/')) {
                if (program_find(asked, ret, size))
                        return true;
                return err_set(e, ERR_NOT_FOUND, "no OCI runtime of the name %s is installed", asked);
        }
        real = realpath(asked, NULL);
        if (!real || strlen(real) >= size || access(real, X_OK) != 0)
                return err_set(e, ERR_NOT_FOUND, "OCI runtime %s: %s", asked, strerror(errno));
        snprintf(ret, size, "%s", real);
        return true;
}

static void signals_default(void)
{
        sigset_t none;

        for (int i = 1; i < NSIG; i++)
                signal(i, SIG_DFL);
        signal(SIGPIPE, SIG_IGN);
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
}

/* The child of the caller: makes the namespaces, forks the first process in them, and goes. */
static void between(const struct prepare *p) __attribute__((noreturn));
static void between(const struct prepare *p)
{
        struct monitor_message m = {.kind = MONITOR_FAILED, .value = RUNTIME_EXIT_FAILED};
        pid_t pid = -1;

        signals_default();
        /* Ctrl-C at the terminal reaches the caller alone, which forwards it: once, not twice. */
        setsid();
        if (unshare(CLONE_NEWNS | CLONE_NEWPID) == 0)
                pid = fork();
        if (pid == 0)
                prepare_and_exec(p);
        if (pid > 0)
                _exit(0);
        m.err_kind = ERR_SYSTEM;
        m.os_errno = errno;
        snprintf(m.text, sizeof(m.text), "make mount and PID namespaces: %s", strerror(errno));
        message_send(p->channel, &m, NULL);
        _exit(RUNTIME_EXIT_FAILED);
}

static bool started_receive(int channel, struct runtime_started *ret, int *ret_exit, struct err *e)
{
        struct monitor_message m;

        if (!message_receive(channel, RUNTIME_START_TIMEOUT_MS, &m, e))
                return false;
        if (m.kind == MONITOR_STARTED) {
                snprintf(ret->note, sizeof(ret->note), "%s", m.text);
                return true;
        }
        if (m.kind != MONITOR_FAILED || m.value < RUNTIME_EXIT_FAILED || m.value > RUNTIME_EXIT_NOT_FOUND)
                return err_set(e, ERR_BUG, "the monitor said %u where it starts", m.kind);
        *ret_exit = m.value;
        err_set(e, m.err_kind > ERR_NONE && m.err_kind < ERR_KIND_COUNT ? (enum err_kind)m.err_kind : ERR_UNAVAILABLE,
            "%s", m.text);
        if (e)
                e->os_errno = m.os_errno;
        return false;
}

static bool run(struct prepare *p, struct runtime_started *ret, int *ret_exit, struct err *e)
{
        int ours CLEANUP(fd_close) = -1;
        int ends[2];
        pid_t pid;

        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
                return err_set(e, ERR_SYSTEM, "socketpair: %s", strerror(errno));
        ours = ends[0];
        p->channel = ends[1];
        pid = fork();
        if (pid == 0) {
                close(TAKE_FD(ours));
                between(p);
        }
        close(ends[1]);
        if (pid < 0)
                return err_set(e, ERR_SYSTEM, "fork: %s", strerror(errno));
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
                continue;
        if (!started_receive(ours, ret, ret_exit, e))
                return false;
        ret->channel = TAKE_FD(ours);
        return true;
}

static bool earlier_remove(int dir_fd, struct err *e)
{
        pid_t holder;

        if (!lock_holder(dir_fd, &holder, e))
                return false;
        if (holder > 0)
                return err_set(e, ERR_CONFLICT, "the container is running already");
        if ((unlinkat(dir_fd, "exit", 0) != 0 && errno != ENOENT) ||
            (unlinkat(dir_fd, "started", 0) != 0 && errno != ENOENT))
                return err_set(e, ERR_SYSTEM, "remove the record of an earlier run: %s", strerror(errno));
        return true;
}

bool runtime_start(const struct runtime_spec *s, struct runtime_started *ret, int *ret_exit, struct err *e)
{
        char runtime_path[PATH_MAX], monitor_path[PATH_MAX];
        int lock CLEANUP(fd_close) = -1;
        struct trees trees CLEANUP(trees_close) = {.bundle = -1};
        struct prepare p = {.spec = s, .trees = &trees, .runtime_path = runtime_path, .monitor_path = monitor_path};
        struct runtime_started started = {.channel = -1, .terminal = s->terminal};

        *ret_exit = RUNTIME_EXIT_FAILED;
        if (!config_check(s, e))
                return err_wrap(e, "start the container");
        if (geteuid() != 0)
                return err_set(e, ERR_UNSUPPORTED,
                    "start the container: this needs root; containers of other users are not there yet");
        if (!runtime_program(s->runtime, runtime_path, sizeof(runtime_path), e) ||
            !program_path("coffer-monitor", monitor_path, sizeof(monitor_path), e))
                return err_wrap(e, "start the container");
        if (!file_open_beneath(s->dir_fd, "lock", O_RDWR | O_CREAT, 0600, &lock, e))
                return false;
        p.lock = lock;
        /* Of an earlier run. A container that runs has no exit record, and its monitor's lock refuses a second one. */
        if (!earlier_remove(s->dir_fd, e))
                return false;
        if (!trees_open(s, &trees, e) || !run(&p, &started, ret_exit, e))
                return err_wrap(e, "start the container");
        *ret = started;
        return true;
}
