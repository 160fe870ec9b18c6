/* The calls of an OCI runtime: create, start, delete, as every one of them takes them (crun, runc, youki). */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "monitor.h"

#define STATE MONITOR_HOME "/oci"
#define LOG MONITOR_HOME "/oci.log"
#define PID_FILE MONITOR_HOME "/pid"
#define CONSOLE MONITOR_HOME "/console"
#define CONSOLE_WAIT_MS 10000

static bool failed(struct failure *f, const char *what)
{
        f->exit_status = RUNTIME_EXIT_FAILED;
        snprintf(f->text, sizeof(f->text), "%s: %s", what, strerror(errno));
        return false;
}

/* stdio: three descriptors for 0, 1 and 2. */
static pid_t spawn(const struct monitor *m, const int *stdio, const char *const *args)
{
        const char *argv[24];
        size_t n = 0;
        sigset_t none;
        pid_t pid;

        argv[n++] = m->runtime;
        argv[n++] = "--root";
        argv[n++] = STATE;
        argv[n++] = "--log";
        argv[n++] = LOG;
        if (m->crun) {
                argv[n++] = "--cgroup-manager";
                argv[n++] = "cgroupfs";
        }
        while (*args && n + 1 < sizeof(argv) / sizeof(argv[0]))
                argv[n++] = *args++;
        argv[n] = NULL;
        pid = fork();
        if (pid != 0)
                return pid;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        signal(SIGPIPE, SIG_DFL);
        for (int i = 0; i < 3; i++) {
                if (dup2(stdio[i], i) < 0)
                        _exit(126);
        }
        execv(argv[0], (char *const *)(uintptr_t)argv); /* execv changes none of them */
        _exit(127);
}

/* The last line of the runtime's log; runc's is time="..." level=error msg="...". */
static void reason_read(char *to, size_t size)
{
        char text[4096], *line, *msg, *end;
        int fd = open(LOG, O_RDONLY | O_CLOEXEC);
        ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
        size_t out = 0;

        if (fd >= 0)
                close(fd);
        while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == ' '))
                n--;
        if (n <= 0) {
                snprintf(to, size, "it gave no reason");
                return;
        }
        text[n] = 0;
        line = strrchr(text, '\n');
        line = line ? line + 1 : text;
        msg = strstr(line, " msg=\"");
        end = line + strlen(line);
        if (msg && strncmp(line, "time=", 5) == 0 && end[-1] == '"') {
                line = msg + 6;
                end--;
        }
        for (; line < end && out + 1 < size; line++) {
                if (*line == '\\' && line + 1 < end && (line[1] == '"' || line[1] == '\\'))
                        line++;
                to[out++] = isprint((unsigned char)*line) ? *line : '?';
        }
        to[out] = 0;
}

/* What users of other engines expect: 127 where the command is not there, 126 where it can't be run. */
static int exit_status_of(const char *reason)
{
        bool about_command = strstr(reason, "executable") || strstr(reason, "exec: ");

        if (about_command && (strcasestr(reason, "not found") || strcasestr(reason, "no such file")))
                return RUNTIME_EXIT_NOT_FOUND;
        if (about_command && (strcasestr(reason, "permission denied") || strcasestr(reason, "not permitted") ||
                                 strcasestr(reason, "is a directory")))
                return RUNTIME_EXIT_NOT_EXECUTABLE;
        return RUNTIME_EXIT_FAILED;
}

static bool refused(const struct monitor *m, const char *step, int status, struct failure *f)
{
        char reason[RUNTIME_NOTE_MAX - 100];
        const char *slash = strrchr(m->runtime, '/');

        reason_read(reason, sizeof(reason));
        f->exit_status = exit_status_of(reason);
        snprintf(f->text, sizeof(f->text), "%s %s: %s", slash ? slash + 1 : m->runtime, step, reason);
        if (WIFSIGNALED(status))
                snprintf(f->text, sizeof(f->text), "%s %s died by signal %d", slash ? slash + 1 : m->runtime, step,
                    WTERMSIG(status));
        return false;
}

static bool run(struct monitor *m, const char *step, const int *stdio, const char *const *args, struct failure *f)
{
        int status = 0;
        pid_t pid = spawn(m, stdio, args);

        if (pid < 0)
                return failed(f, "fork");
        if (!wait_for(m, pid, &status)) {
                f->exit_status = RUNTIME_EXIT_FAILED;
                snprintf(f->text, sizeof(f->text), "the caller went away while the container was started");
                return false;
        }
        if (status != 0)
                return refused(m, step, status, f);
        return true;
}

/* A pipe whose container end belongs to the container's user, who may open /dev/stdout by name. */
static bool pipe_make(const struct monitor *m, int *ret_read, int *ret_write, bool container_reads)
{
        int ends[2];

        if (pipe2(ends, O_CLOEXEC) != 0)
                return false;
        if (fchown(ends[container_reads ? 0 : 1], m->uid, m->gid) != 0) {
                close(ends[0]);
                close(ends[1]);
                return false;
        }
        *ret_read = ends[0];
        *ret_write = ends[1];
        return true;
}

static int console_listen(void)
{
        struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = CONSOLE};
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        if (fd >= 0 && (bind(fd, (struct sockaddr *)&a, sizeof(a)) != 0 || listen(fd, 1) != 0)) {
                close(fd);
                return -1;
        }
        return fd;
}

/* runtime-spec says nothing of it, but all runtimes do as runc: one message with the descriptor. */
static int console_receive(int listening)
{
        union {
                struct cmsghdr header;
                char space[CMSG_SPACE(sizeof(int))];
        } control = {0};
        char name[256];
        struct iovec v = {name, sizeof(name)};
        struct msghdr msg = {
            .msg_iov = &v, .msg_iovlen = 1, .msg_control = control.space, .msg_controllen = sizeof(control.space)};
        struct pollfd p = {.fd = listening, .events = POLLIN};
        struct cmsghdr *c;
        int fd, master = -1;

        if (poll(&p, 1, CONSOLE_WAIT_MS) != 1)
                return -1;
        fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
        p.fd = fd;
        if (fd < 0)
                return -1;
        if (poll(&p, 1, CONSOLE_WAIT_MS) == 1 && recvmsg(fd, &msg, MSG_CMSG_CLOEXEC) > 0) {
                c = CMSG_FIRSTHDR(&msg);
                if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS &&
                    c->cmsg_len == CMSG_LEN(sizeof(int)))
                        memcpy(&master, CMSG_DATA(c), sizeof(int));
        }
        close(fd);
        return master;
}

static bool pid_read(struct monitor *m)
{
        char text[32] = {0};
        int fd = open(PID_FILE, O_RDONLY | O_CLOEXEC);
        ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
        long pid = n > 0 ? strtol(text, NULL, 10) : 0;

        if (fd >= 0)
                close(fd);
        if (pid <= 1 || pid > 1 << 30)
                return false;
        m->init = (pid_t)pid;
        return true;
}

/* An input that has ended. Never /dev/null: OCI runtimes chown the standard input and output they are given to the
 * container's root, and with the host's own device node that would be a part of the host. */
static bool ended_input(struct monitor *m, int *ret_read)
{
        int write_end;

        if (!pipe_make(m, ret_read, &write_end, true))
                return false;
        close(write_end);
        return true;
}

static bool create_with_terminal(struct monitor *m, struct failure *f)
{
        const char *args[] = {"create", "--bundle", MONITOR_HOME "/bundle", "--pid-file", PID_FILE, "--console-socket",
            CONSOLE, m->id, NULL};
        int stdio[] = {-1, -1, -1}, unread = -1;
        int listening = console_listen();
        bool ok;

        if (listening < 0)
                return failed(f, "console socket");
        /* The container's are its terminal; these are the runtime's own, and it says what goes wrong in its log. */
        if (!ended_input(m, &stdio[0]) || !pipe_make(m, &unread, &stdio[1], false)) {
                close(listening);
                return failed(f, "make pipes");
        }
        stdio[2] = stdio[1];
        ok = run(m, "create", stdio, args, f);
        close(stdio[0]);
        close(stdio[1]);
        close(unread);
        if (ok) {
                m->master = console_receive(listening);
                if (m->master < 0)
                        ok = failed(f, "the OCI runtime gave no terminal");
        }
        close(listening);
        if (!ok)
                return false;
        m->out.from = m->master;
        if (m->interactive) {
                m->in.to = fcntl(m->master, F_DUPFD_CLOEXEC, 3);
                m->in.end_byte = 4; /* end of file, as typed */
        }
        return true;
}

static bool create_with_pipes(struct monitor *m, struct failure *f)
{
        const char *args[] = {"create", "--bundle", MONITOR_HOME "/bundle", "--pid-file", PID_FILE, m->id, NULL};
        int stdio[] = {-1, -1, -1};
        bool ok;

        if (!pipe_make(m, &m->out.from, &stdio[1], false) || !pipe_make(m, &m->err.from, &stdio[2], false) ||
            !(m->interactive ? pipe_make(m, &stdio[0], &m->in.to, true) : ended_input(m, &stdio[0])))
                return failed(f, "make the container's pipes");
        ok = run(m, "create", stdio, args, f);
        for (int i = 0; i < 3; i++)
                close(stdio[i]);
        return ok;
}

bool oci_create(struct monitor *m, struct failure *f)
{
        bool ok = m->terminal ? create_with_terminal(m, f) : create_with_pipes(m, f);

        if (ok && !pid_read(m))
                ok = failed(f, "the OCI runtime named no process");
        return ok;
}

static bool simple(struct monitor *m, const char *step, const char *const *args, struct failure *f)
{
        int null = open("/dev/null", O_RDWR | O_CLOEXEC);
        const int stdio[] = {null, null, null};
        bool ok = null >= 0 && run(m, step, stdio, args, f);

        if (null >= 0)
                close(null);
        return ok;
}

bool oci_start(struct monitor *m, struct failure *f)
{
        const char *args[] = {"start", m->id, NULL};

        return simple(m, "start", args, f);
}

static void oci_delete(struct monitor *m)
{
        const char *args[] = {"delete", "--force", m->id, NULL};
        struct failure unread;

        simple(m, "delete", args, &unread);
}

#define CGROUPS "/sys/fs/cgroup"
#define TRIES 100 /* 5 ms each: the kernel takes a group's last process off a moment after its end */

static bool group_remove(const char *path)
{
        const struct timespec pause = {.tv_nsec = 5000000};

        for (int i = 0; i < TRIES; i++) {
                if (rmdir(path) == 0 || errno != EBUSY)
                        break;
                nanosleep(&pause, NULL);
        }
        return access(path, F_OK) != 0;
}

/* /sys/fs/cgroup/coffer/ID, and of version 1 /sys/fs/cgroup/<controller>/coffer/ID. */
static bool groups_remove(const char *id)
{
        char path[400];
        DIR *dir = opendir(CGROUPS);
        struct dirent *entry;
        bool ok;

        snprintf(path, sizeof(path), CGROUPS "/coffer/%s", id);
        ok = group_remove(path);
        while (dir && (entry = readdir(dir))) {
                if (entry->d_name[0] == '.')
                        continue;
                snprintf(path, sizeof(path), CGROUPS "/%s/coffer/%s", entry->d_name, id);
                ok = group_remove(path) && ok;
        }
        if (dir)
                closedir(dir);
        return ok;
}

/*
 * Without the OCI runtime, whose call would cost as much as its start: its state is on our own tmpfs and goes with us,
 * so what is left to remove is processes and control groups.
 */
void container_cleanup(struct monitor *m)
{
        /* Everybody in our PID namespace but ourselves. */
        kill(-1, SIGKILL);
        while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
                continue;
        if (!groups_remove(m->id))
                oci_delete(m); /* a group in the group: the runtime knows what it made */
}
