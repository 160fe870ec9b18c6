/* Signals to a container, its end, and what is left of it. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/base.h"
#include "runtime/cgroup_priv.h"
#include "runtime/runtime_limits.h"
#include "runtime/status_priv.h"

#define GONE_TIMEOUT_MS 30000 /* from SIGKILL to the monitor's end: a process in uninterruptible sleep */
#define LAST_MS 5000          /* from the exit record to the monitor's end */
#define CGROUP_TRIES 50       /* 20 ms each: the kernel empties a killed container's groups a moment later */

static const struct {
        const char *name;
        int number;
} signal_names[] = {{"HUP", SIGHUP}, {"INT", SIGINT}, {"QUIT", SIGQUIT}, {"ABRT", SIGABRT}, {"KILL", SIGKILL},
    {"USR1", SIGUSR1}, {"USR2", SIGUSR2}, {"ALRM", SIGALRM}, {"TERM", SIGTERM}, {"CONT", SIGCONT}, {"STOP", SIGSTOP},
    {"TSTP", SIGTSTP}, {"TTIN", SIGTTIN}, {"TTOU", SIGTTOU}, {"URG", SIGURG}, {"WINCH", SIGWINCH}, {"IO", SIGIO},
    {"PWR", SIGPWR}, {"CHLD", SIGCHLD}, {"PIPE", SIGPIPE}, {"VTALRM", SIGVTALRM}, {"PROF", SIGPROF}, {"SEGV", SIGSEGV},
    {"BUS", SIGBUS}, {"ILL", SIGILL}, {"FPE", SIGFPE}, {"TRAP", SIGTRAP}, {"SYS", SIGSYS}, {"XCPU", SIGXCPU},
    {"XFSZ", SIGXFSZ}};

static bool name_equal(struct span text, const char *name)
{
        if (text.len != strlen(name))
                return false;
        for (size_t i = 0; i < text.len; i++) {
                if (toupper(text.at[i]) != name[i])
                        return false;
        }
        return true;
}

/* "RTMIN+3", "RTMAX-1": signal(7); the C library's RTMIN is 34. */
static bool realtime_parse(struct span text, int *ret)
{
        bool from_min = text.len >= 5 && name_equal(span_cut(text, 0, 5), "RTMIN");
        bool from_max = text.len >= 5 && name_equal(span_cut(text, 0, 5), "RTMAX");
        struct span rest = span_from(text, 5);
        uint64_t n = 0;

        if (!from_min && !from_max)
                return false;
        if (rest.len > 0 && (rest.at[0] != (from_min ? '+' : '-') || !span_to_u64(span_from(rest, 1), &n)))
                return false;
        if (n > (uint64_t)(SIGRTMAX - SIGRTMIN))
                return false;
        *ret = from_min ? SIGRTMIN + (int)n : SIGRTMAX - (int)n;
        return true;
}

bool runtime_signal_parse(struct span text, int *ret, struct err *e)
{
        struct span name = text;
        char shown[40];
        uint64_t number;

        if (text.len == 0) {
                *ret = SIGTERM;
                return true;
        }
        if (span_to_u64(text, &number) && number >= 1 && number <= (uint64_t)SIGRTMAX) {
                *ret = (int)number;
                return true;
        }
        if (text.len > 3 && name_equal(span_cut(text, 0, 3), "SIG"))
                name = span_from(text, 3);
        for (size_t i = 0; i < ARRAY_LEN(signal_names); i++) {
                if (name_equal(name, signal_names[i].name)) {
                        *ret = signal_names[i].number;
                        return true;
                }
        }
        if (realtime_parse(name, ret))
                return true;
        return err_set(e, ERR_MALFORMED, "\"%s\" is no signal", span_printable(text, shown, sizeof(shown)));
}

/*
 * A descriptor of the monitor. The number came from the lock and may have been reused since; holding the descriptor,
 * the lock is asked again: the same holder then is the process that we hold. -1 without an error: it is gone.
 */
static bool monitor_open(int dir_fd, int *ret_fd, pid_t *ret_pid, struct err *e)
{
        pid_t first = 0, again = 0;
        int fd CLEANUP(fd_close) = -1;

        *ret_fd = -1;
        if (!lock_holder(dir_fd, &first, e))
                return false;
        if (first == 0)
                return true;
        fd = (int)syscall(SYS_pidfd_open, first, 0);
        if (fd < 0 && errno != ESRCH)
                return err_set(e, ERR_SYSTEM, "pidfd_open: %s", strerror(errno));
        if (!lock_holder(dir_fd, &again, e))
                return false;
        if (fd < 0 || again != first)
                return true;
        *ret_fd = TAKE_FD(fd);
        *ret_pid = first;
        return true;
}

static bool pidfd_signal(int fd, int signal, struct err *e)
{
        if (syscall(SYS_pidfd_send_signal, fd, signal, NULL, 0) == 0 || errno == ESRCH)
                return true;
        return err_set(e, ERR_SYSTEM, "send signal %d: %s", signal, strerror(errno));
}

/*
 * SIGKILL and SIGSTOP would hit the monitor itself; they go to the container's first process, and the kernel ends the
 * others with it. Before that one exists the monitor goes, and all with it.
 */
static bool kill_first(int monitor_fd, pid_t monitor, int signal, struct err *e)
{
        pid_t pid = container_process(monitor);
        int fd CLEANUP(fd_close) = pid > 0 ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;

        /* Still that monitor's child, so the number was not reused between. */
        if (fd >= 0 && container_process(monitor) == pid)
                return pidfd_signal(fd, signal, e);
        return signal == SIGKILL ? pidfd_signal(monitor_fd, SIGKILL, e) : true;
}

static bool signal_send(int monitor_fd, pid_t monitor, int signal, struct err *e)
{
        if (signal == SIGKILL || signal == SIGSTOP)
                return kill_first(monitor_fd, monitor, signal, e);
        return pidfd_signal(monitor_fd, signal, e);
}

bool runtime_kill(int dir_fd, int signal, struct err *e)
{
        int fd CLEANUP(fd_close) = -1;
        pid_t pid;

        if (!monitor_open(dir_fd, &fd, &pid, e))
                return false;
        if (fd < 0)
                return err_set(e, ERR_CONFLICT, "the container is not running");
        return signal_send(fd, pid, signal, e);
}

/* True once the process ended. */
static bool gone(int fd, int64_t timeout_ms)
{
        int64_t until = clock_mono_ms() + timeout_ms;
        struct pollfd p = {.fd = fd, .events = POLLIN};

        for (;;) {
                int64_t left = until - clock_mono_ms();
                int n = poll(&p, 1, (int)(left > 0 ? left : 0));

                if (n > 0)
                        return true;
                if (n == 0 || file_cancel_flag)
                        return false;
        }
}

bool runtime_stop(int dir_fd, int signal, uint32_t timeout_s, struct err *e)
{
        int fd CLEANUP(fd_close) = -1;
        pid_t pid;

        if (!monitor_open(dir_fd, &fd, &pid, e))
                return false;
        if (fd < 0)
                return true;
        if (!signal_send(fd, pid, signal, e))
                return false;
        if (gone(fd, (int64_t)timeout_s * 1000))
                return true;
        if (file_cancel_flag)
                return err_set(e, ERR_CANCELLED, "stop was interrupted; the container got its signal");
        if (!kill_first(fd, pid, SIGKILL, e))
                return false;
        if (gone(fd, GONE_TIMEOUT_MS))
                return true;
        return err_set(e, ERR_UNAVAILABLE,
            "the container did not end %d s after SIGKILL; a process hangs in the kernel", GONE_TIMEOUT_MS / 1000);
}

static bool cgroups_gone(const char *id, struct err *e)
{
        struct timespec pause = {.tv_nsec = 20000000};

        for (int i = 0; i < CGROUP_TRIES; i++) {
                struct err inner;

                if (cgroup_remove(id, &inner))
                        return true;
                if (inner.kind != ERR_CONFLICT)
                        return err_set(e, inner.kind, "%s", inner.text);
                nanosleep(&pause, NULL);
        }
        return cgroup_remove(id, e);
}

bool runtime_reap(int dir_fd, const char *id, struct err *e)
{
        struct runtime_status s;
        struct buf b CLEANUP(buf_done) = {0};

        if (!runtime_status(dir_fd, &s, e))
                return false;
        if (s.state != RUNTIME_STATE_DEAD && s.state != RUNTIME_STATE_NONE)
                return true;
        /* Groups of a start that was cut short too. */
        if (!cgroups_gone(id, e))
                return err_wrap(e, "clean up after container %s", id);
        if (s.state == RUNTIME_STATE_NONE)
                return true;
        /* When it ended nobody saw; the time is when this was found. */
        buf_printf(&b, "{\"status\":137,\"signal\":9,\"oom\":false,\"time\":%lld}\n", (long long)clock_wall_s());
        if (file_replace(dir_fd, "exit", buf_span(&b), 0600, e))
                return true;
        /* A full disk must not keep ps and rm from working: it stays "dead", which is as true. */
        return e->kind == ERR_SYSTEM && (e->os_errno == ENOSPC || e->os_errno == EDQUOT);
}

bool runtime_remove(int dir_fd, const char *id, struct err *e)
{
        static const char *const names[] = {
            "upper", "work", "config.json", "log", "log.1", "started", "exit", "exit.tmp", "lock"};
        int fd CLEANUP(fd_close) = -1;
        pid_t pid;

        if (!monitor_open(dir_fd, &fd, &pid, e))
                return false;
        /* With the exit on record the monitor is in its last moments. */
        if (fd >= 0 && (faccessat(dir_fd, "exit", F_OK, AT_SYMLINK_NOFOLLOW) != 0 || !gone(fd, LAST_MS)))
                return err_set(e, ERR_CONFLICT, "container %s is running; stop it first", id);
        if (!cgroups_gone(id, e))
                return err_wrap(e, "remove container %s", id);
        for (size_t i = 0; i < ARRAY_LEN(names); i++) {
                if (!tree_remove(dir_fd, names[i], e))
                        return err_wrap(e, "remove container %s", id);
        }
        return true;
}
