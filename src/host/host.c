#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/facts_priv.h"

void fact_add(struct host_facts *f, const char *area, const char *name, enum host_state state, const char *means,
    const char *fmt, ...)
{
        char text[2 * HOST_DETAIL_MAX];
        struct host_fact *fact;
        va_list args;

        if (f->n == HOST_FACTS_MAX)
                return; /* the test counts that there is room */
        fact = &f->at[f->n++];
        *fact = (struct host_fact){.area = area, .state = state, .means = means};
        snprintf(fact->name, sizeof(fact->name), "%s", name);
        va_start(args, fmt);
        vsnprintf(text, sizeof(text), fmt, args);
        va_end(args);
        span_printable(span_of(text), fact->detail, sizeof(fact->detail));
}

/* Waits for the child's end; kills it after HOST_TRY_MS. */
static bool child_wait(pid_t pid, int *ret_status)
{
        int pid_fd CLEANUP(fd_close) = pidfd_open(pid, 0);
        struct pollfd p = {.fd = pid_fd, .events = POLLIN};
        int64_t until_ms = clock_mono_ms() + HOST_TRY_MS;
        bool ended = false;

        while (pid_fd >= 0 && !ended && clock_mono_ms() < until_ms && !file_cancel_flag)
                ended = poll(&p, 1, 100) > 0;
        if (!ended)
                kill(pid, SIGKILL);
        while (waitpid(pid, ret_status, 0) < 0)
                if (errno != EINTR)
                        return false;
        return ended;
}

bool try_in_child(int (*attempt)(void *ctx, char text[HOST_DETAIL_MAX]), void *ctx, struct try_out *ret, struct err *e)
{
        struct try_out out = {.result = -1};
        int ends[2], status;
        size_t n = 0;
        pid_t pid;

        if (file_cancel_flag)
                return err_set(e, ERR_CANCELLED, "stopped");
        if (pipe2(ends, O_CLOEXEC) != 0)
                return err_set(e, ERR_SYSTEM, "pipe: %s", strerror(errno));
        pid = fork();
        if (pid == 0) {
                struct try_out mine = {0};
                mine.result = attempt(ctx, mine.text);
                /* Less than PIPE_BUF, so it is written whole or not at all. */
                _exit(write(ends[1], &mine, sizeof(mine)) == (ssize_t)sizeof(mine) ? 0 : 1);
        }
        close(ends[1]);
        if (pid < 0) {
                close(ends[0]);
                return err_set(e, ERR_SYSTEM, "fork: %s", strerror(errno));
        }
        if (child_wait(pid, &status) && WIFEXITED(status) && WEXITSTATUS(status) == 0) {
                struct try_out got;
                if (fd_read_full(ends[0], &got, sizeof(got), &n, NULL) && n == sizeof(got))
                        out = got;
                out.text[sizeof(out.text) - 1] = 0;
        }
        close(ends[0]);
        *ret = out;
        return true;
}

bool kernel_file(const char *path, char *ret, size_t size)
{
        int fd CLEANUP(fd_close) = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        size_t n = 0;

        if (fd < 0 || !fd_read_full(fd, ret, size - 1, &n, NULL))
                return false;
        while (n > 0 && (ret[n - 1] == '\n' || ret[n - 1] == 0))
                n--;
        ret[n] = 0;
        return true;
}

bool host_probe(struct host_facts *ret, struct err *e)
{
        static bool (*const probes[])(struct host_facts *, struct err *) = {
            probe_kernel, probe_jail, probe_mounts, probe_devices, probe_bpf, probe_resources};
        struct host_facts *f CLEANUP(heap_freep) = heap_alloc(sizeof(*f));

        for (size_t i = 0; i < ARRAY_LEN(probes); i++)
                if (!probes[i](f, e))
                        return err_wrap(e, "probe this host");
        *ret = *f;
        return true;
}

const struct host_fact *host_fact_find(const struct host_facts *facts, const char *name)
{
        for (size_t i = 0; i < facts->n; i++)
                if (strcmp(facts->at[i].name, name) == 0)
                        return &facts->at[i];
        return NULL;
}

const char *host_state_name(enum host_state s)
{
        static const char *const names[] = {
            [HOST_UNKNOWN] = "unknown", [HOST_NO] = "no", [HOST_LIMITED] = "limited", [HOST_YES] = "yes"};

        return (size_t)s < ARRAY_LEN(names) ? names[s] : "unknown";
}
