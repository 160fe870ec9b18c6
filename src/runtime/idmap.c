/* user_namespaces(7) as a translation table for mounts: a process that makes the namespace, is mapped, and goes. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base.h"
#include "runtime/mounts_priv.h"

/* The child: says "ready" (or its errno) once the namespace is there, then waits to be killed. */
static void holder(int to)
{
        int failed;

        prctl(PR_SET_PDEATHSIG, SIGKILL);
        failed = unshare(CLONE_NEWUSER) == 0 ? 0 : errno;
        if (write(to, &failed, sizeof(failed)) == (ssize_t)sizeof(failed))
                pause();
        _exit(1);
}

static bool map_write(pid_t pid, const char *name, uint32_t inside, uint32_t outside, struct err *e)
{
        char path[64], line[64];
        int fd CLEANUP(fd_close) = -1;

        snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
        snprintf(line, sizeof(line), "%u %u %u\n", inside, outside, RUNTIME_IDS);
        fd = open(path, O_WRONLY | O_CLOEXEC);
        if (fd < 0 || write(fd, line, strlen(line)) != (ssize_t)strlen(line))
                return err_set(e, ERR_SYSTEM, "write %s: %s", name, strerror(errno));
        return true;
}

static bool namespace_open(pid_t pid, int from, uint32_t inside, uint32_t outside, int *ret_fd, struct err *e)
{
        char path[64];
        int failed = 0, fd;
        size_t n = 0;

        if (!fd_read_full(from, &failed, sizeof(failed), &n, e))
                return false;
        if (n != sizeof(failed))
                return err_set(e, ERR_SYSTEM, "the process that holds it died");
        errno = failed;
        if (failed)
                return err_set(e, failed == ENOSPC ? ERR_LIMIT : ERR_SYSTEM,
                    "%s; see /proc/sys/user/max_user_namespaces", strerror(failed));
        if (!map_write(pid, "uid_map", inside, outside, e) || !map_write(pid, "gid_map", inside, outside, e))
                return false;
        snprintf(path, sizeof(path), "/proc/%d/ns/user", (int)pid);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return err_set(e, ERR_SYSTEM, "open %s: %s", path, strerror(errno));
        *ret_fd = fd;
        return true;
}

bool idmap_open(uint32_t inside, uint32_t outside, int *ret_fd, struct err *e)
{
        int from CLEANUP(fd_close) = -1;
        int ends[2];
        pid_t pid;
        bool ok;

        if (pipe2(ends, O_CLOEXEC) != 0)
                return err_set(e, ERR_SYSTEM, "make a pipe: %s", strerror(errno));
        from = ends[0];
        pid = fork();
        if (pid == 0)
                holder(ends[1]);
        close(ends[1]);
        if (pid < 0)
                return err_set(e, ERR_SYSTEM, "fork: %s", strerror(errno));
        ok = namespace_open(pid, from, inside, outside, ret_fd, e);
        kill(pid, SIGKILL);
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
                continue;
        return ok || err_wrap(e, "make a user namespace");
}
