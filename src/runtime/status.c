/* How a container stands, read from what cannot be left behind wrongly: the monitor's lock and its exit record. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base.h"
#include "runtime/runtime_limits.h"
#include "runtime/status_priv.h"

#define CHILDREN_MAX 4096u     /* bytes of /proc/PID/task/PID/children: the runtime's calls and one container */
#define PROC_STATUS_MAX 16384u /* bytes of /proc/PID/status */

const char *runtime_state_name(enum runtime_state s)
{
        static const char *const names[] = {"created", "starting", "running", "exited", "dead", "damaged"};

        return (size_t)s < ARRAY_LEN(names) ? names[s] : "unknown";
}

bool lock_holder(int dir_fd, pid_t *ret, struct err *e)
{
        struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
        int fd CLEANUP(fd_close) = openat(dir_fd, "lock", O_RDWR | O_CLOEXEC | O_NOFOLLOW);

        if (fd < 0 && errno == ENOENT) {
                *ret = 0;
                return true;
        }
        if (fd < 0 || fcntl(fd, F_GETLK, &l) != 0)
                return err_set(e, ERR_SYSTEM, "look at the container's lock: %s", strerror(errno));
        *ret = l.l_type == F_UNLCK ? 0 : l.l_pid;
        return true;
}

/* "NSpid:\t812\t2\t1": this host, the monitor's namespace, the container's. Its first process ends in 1. */
static bool is_first(pid_t pid)
{
        struct buf b CLEANUP(buf_done) = {0};
        struct span rest, line, one;
        char path[64];

        snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
        if (!file_read(AT_FDCWD, path, PROC_STATUS_MAX, &b, NULL))
                return false;
        for (rest = buf_span(&b); rest.len > 0;) {
                span_split(rest, '\n', &line, &rest);
                if (!span_starts(line, "NSpid:"))
                        continue;
                one = span_trim(span_from(line, 6));
                while (memchr(one.at, '\t', one.len))
                        span_split(one, '\t', &line, &one);
                return span_is(one, "1");
        }
        return false;
}

pid_t container_process(pid_t monitor)
{
        struct buf b CLEANUP(buf_done) = {0};
        struct span rest, one;
        char path[80];
        uint64_t pid;

        snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)monitor, (int)monitor);
        if (!file_read(AT_FDCWD, path, CHILDREN_MAX, &b, NULL))
                return 0;
        for (rest = span_trim(buf_span(&b)); rest.len > 0;) {
                span_split(rest, ' ', &one, &rest);
                if (span_to_u64(one, &pid) && pid > 1 && pid < INT32_MAX && is_first((pid_t)pid))
                        return (pid_t)pid;
        }
        return 0;
}

static bool exit_read(int dir_fd, struct runtime_status *s, struct err *e)
{
        struct arena *a CLEANUP(arena_freep) = arena_new();
        struct buf b CLEANUP(buf_done) = {0};
        struct json j;
        struct span key;
        uint64_t status = 0, signal = 0;

        if (!file_read(dir_fd, "exit", RUNTIME_EXIT_FILE_MAX, &b, e))
                return e->kind != ERR_NOT_FOUND && err_wrap(e, "the container's exit record");
        json_init(&j, buf_span(&b), a, NULL);
        json_object(&j);
        while (json_member(&j, &key)) {
                if (span_is(key, "status"))
                        status = json_u64(&j);
                else if (span_is(key, "signal"))
                        signal = json_u64(&j);
                else if (span_is(key, "oom"))
                        s->oom = json_bool(&j);
                else if (span_is(key, "time"))
                        s->finished_s = json_i64(&j);
                else
                        json_skip(&j);
        }
        if (status > 255 || signal > 64)
                json_fail(&j, ERR_MALFORMED, "no exit status");
        if (!json_finish(&j, e))
                return err_wrap(e, "the container's exit record");
        s->status = (int)status;
        s->signal = (int)signal;
        return true;
}

static int64_t started_time(int dir_fd)
{
        struct stat st;

        return fstatat(dir_fd, "started", &st, AT_SYMLINK_NOFOLLOW) == 0 ? (int64_t)st.st_mtim.tv_sec : 0;
}

bool runtime_status(int dir_fd, struct runtime_status *ret, struct err *e)
{
        struct runtime_status s = {0};
        struct err inner;

        if (!lock_holder(dir_fd, &s.monitor, e))
                return false;
        s.started_s = started_time(dir_fd);
        /* Its last act: with the record there the monitor is on its way out, if it is not gone. */
        if (exit_read(dir_fd, &s, &inner)) {
                s.state = RUNTIME_STATE_EXITED;
                s.monitor = 0;
        } else if (inner.kind != ERR_NOT_FOUND) {
                return err_set(e, inner.kind, "%s", inner.text);
        } else if (s.monitor > 0) {
                s.pid = container_process(s.monitor);
                s.state = s.started_s ? RUNTIME_STATE_RUNNING : RUNTIME_STATE_STARTING;
        } else {
                s.state = s.started_s ? RUNTIME_STATE_DEAD : RUNTIME_STATE_NONE;
        }
        *ret = s;
        return true;
}
