/*
 * coffer-monitor CHANNEL DIR LOCK ID RUNTIME FLAGS UID GID LOG_MAX NOTE      (started by the runtime room, never by
 * hand)
 *
 * CHANNEL, DIR, LOCK: descriptors, see runtime.h. FLAGS: t terminal, i interactive, d detached, c the runtime is crun.
 * UID, GID: host ids of the container's process. NOTE goes back with "started".
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "monitor.h"

static bool number(const char *text, unsigned long long max, unsigned long long *ret)
{
        char *end;

        errno = 0;
        *ret = strtoull(text, &end, 10);
        return text[0] >= '0' && text[0] <= '9' && *end == 0 && errno == 0 && *ret <= max;
}

static bool arguments(struct monitor *m, int argc, char **argv)
{
        unsigned long long channel, dir, lock, uid, gid, log_max;

        if (argc != 11 || !number(argv[1], 1 << 20, &channel) || !number(argv[2], 1 << 20, &dir) ||
            !number(argv[3], 1 << 20, &lock) || !number(argv[7], UINT32_MAX - 1, &uid) ||
            !number(argv[8], UINT32_MAX - 1, &gid) || !number(argv[9], UINT64_MAX, &log_max))
                return false;
        m->channel = (int)channel;
        m->dir = (int)dir;
        m->lock = (int)lock;
        m->id = argv[4];
        m->runtime = argv[5];
        m->terminal = strchr(argv[6], 't');
        m->interactive = strchr(argv[6], 'i');
        m->detached = strchr(argv[6], 'd');
        m->crun = strchr(argv[6], 'c');
        m->uid = (uid_t)uid;
        m->gid = (gid_t)gid;
        m->note = argv[10];
        if (fcntl(m->channel, F_SETFD, FD_CLOEXEC) != 0 || fcntl(m->dir, F_SETFD, FD_CLOEXEC) != 0 ||
            fcntl(m->lock, F_SETFD, FD_CLOEXEC) != 0)
                return false;
        log_open(&m->log, m->dir, log_max);
        return true;
}

static bool signals_open(struct monitor *m)
{
        sigset_t all;

        sigfillset(&all);
        /* A fault of our own must end us at once; as a stop signal these do not reach the container, and KILL follows. */
        sigdelset(&all, SIGSEGV);
        sigdelset(&all, SIGBUS);
        sigdelset(&all, SIGILL);
        sigdelset(&all, SIGFPE);
        sigdelset(&all, SIGABRT);
        signal(SIGPIPE, SIG_IGN);
        m->signals = sigprocmask(SIG_SETMASK, &all, NULL) == 0 ? signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK) : -1;
        return m->signals >= 0;
}

static void relays_prepare(struct monitor *m)
{
        m->in = (struct relay){.from = -1, .to = -1, .keep_from = true};
        m->out = (struct relay){.from = -1, .to = -1, .keep_to = true, .logged = true, .end_with_reader = !m->terminal};
        m->err = m->out;
        m->err.is_stderr = true;
        if (m->detached)
                return;
        m->out.to = 1;
        m->err.to = 2;
        if (m->interactive)
                m->in.from = 0;
}

/* "oom_kill N" of memory.oom_control (version 1) or memory.events (version 2). */
static bool memory_killed(const char *id)
{
        static const char *const files[][2] = {{"/memory", "memory.oom_control"}, {"", "memory.events"}};
        char path[128], text[512];

        for (size_t i = 0; i < 2; i++) {
                const char *at;
                ssize_t n;
                int fd;

                snprintf(path, sizeof(path), "/sys/fs/cgroup%s/coffer/%s/%s", files[i][0], id, files[i][1]);
                fd = open(path, O_RDONLY | O_CLOEXEC);
                if (fd < 0)
                        continue;
                n = read(fd, text, sizeof(text) - 1);
                close(fd);
                text[n > 0 ? n : 0] = 0;
                at = strstr(text, "oom_kill ");
                return at && strtoul(at + 9, NULL, 10) > 0;
        }
        return false;
}

static int status_of(int wait_status, int *ret_signal)
{
        *ret_signal = WIFSIGNALED(wait_status) ? WTERMSIG(wait_status) : 0;
        return *ret_signal ? 128 + *ret_signal : WEXITSTATUS(wait_status);
}

/* Whole or not at all: a temporary name, then rename. */
static void exit_write(const struct monitor *m, int status, int signal, bool oom)
{
        char text[160];
        int fd = openat(m->dir, "exit.tmp", O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
        int n = snprintf(text, sizeof(text), "{\"status\":%d,\"signal\":%d,\"oom\":%s,\"time\":%lld}\n", status, signal,
            oom ? "true" : "false", (long long)time(NULL));

        if (fd < 0)
                return;
        if (write(fd, text, (size_t)n) == n && fsync(fd) == 0)
                renameat(m->dir, "exit.tmp", m->dir, "exit");
        close(fd);
}

static bool start(struct monitor *m, struct failure *f)
{
        int fd;

        if (!oci_create(m, f))
                return false;
        terminal_resize(m); /* before anybody asks for it */
        if (!oci_start(m, f))
                return false;
        fd = openat(m->dir, "started", O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd >= 0)
                close(fd);
        if (!channel_send(m, MONITOR_STARTED, 0, m->note)) {
                snprintf(f->text, sizeof(f->text), "the caller is gone");
                return false;
        }
        m->started = true;
        if (m->detached) {
                close(m->channel);
                m->channel = -1;
        }
        return true;
}

int main(int argc, char **argv)
{
        static struct monitor m = {.master = -1};
        struct failure f = {.exit_status = RUNTIME_EXIT_FAILED};
        int status, signal;
        bool oom;

        if (!arguments(&m, argc, argv)) {
                fprintf(stderr, "coffer-monitor: it is started by coffer, not by hand\n");
                return 2;
        }
        umask(022);
        if (!signals_open(&m)) {
                channel_send(&m, MONITOR_FAILED, RUNTIME_EXIT_FAILED, "signalfd failed");
                return 1;
        }
        relays_prepare(&m);
        if (!start(&m, &f)) {
                m.started = true; /* from here on it no longer matters whether the caller is there */
                container_cleanup(&m);
                channel_send(&m, MONITOR_FAILED, f.exit_status, f.text);
                return 1;
        }
        supervise(&m);
        oom = memory_killed(m.id);
        container_cleanup(&m);
        status = status_of(m.init_status, &signal);
        exit_write(&m, status, signal, oom);
        /* Who hears of the end may start it anew or remove it at once. */
        umount2(MONITOR_HOME "/rootfs", MNT_DETACH);
        close(m.lock);
        channel_send(&m, MONITOR_EXITED, status, "");
        return 0;
}
