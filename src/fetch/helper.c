/* Credential helpers: docker-credential-NAME of the user's PATH, which asks a keyring or a cloud. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fetch/fetch_priv.h"

/* It becomes part of a program's name: no '/', nothing that a shell or PATH would make more of. */
static bool name_ok(struct span name)
{
        for (size_t i = 0; i < name.len; i++)
                if (!((name.at[i] >= 'a' && name.at[i] <= 'z') || (name.at[i] >= 'A' && name.at[i] <= 'Z') ||
                        (name.at[i] >= '0' && name.at[i] <= '9') || name.at[i] == '-' || name.at[i] == '_' ||
                        (i > 0 && name.at[i] == '.')))
                        return false;
        return name.len > 0 && name.len <= FETCH_HELPER_MAX;
}

static bool start(const char *program, const int in[2], const int out[2], pid_t *ret, struct err *e)
{
        extern char **environ; /* it needs HOME, DISPLAY, a session bus */
        char *argv[] = {(char *)(uintptr_t)program, (char *)(uintptr_t) "get", NULL};
        posix_spawn_file_actions_t actions;
        int rc;

        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, in[0], 0);
        posix_spawn_file_actions_adddup2(&actions, out[1], 1);
        rc = posix_spawnp(ret, program, &actions, NULL, argv, environ);
        posix_spawn_file_actions_destroy(&actions);
        if (rc == ENOENT)
                return err_set(e, ERR_NOT_FOUND, "%s is named in the registry's settings, and not in PATH", program);
        return rc == 0 || err_set(e, ERR_SYSTEM, "start %s: %s", program, strerror(rc));
}

static int64_t milliseconds(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static bool read_output(int fd, const char *program, struct buf *ret, struct err *e)
{
        int64_t until = milliseconds() + 1000 * (int64_t)FETCH_HELPER_S;

        ret->max = FETCH_HELPER_OUTPUT_MAX;
        for (;;) {
                struct pollfd p = {.fd = fd, .events = POLLIN};
                uint8_t piece[4096];
                if (file_cancel_flag)
                        return err_set(e, ERR_CANCELLED, "stopped on request");
                if (milliseconds() > until)
                        return err_set(e, ERR_LIMIT, "%s did not answer within %u s", program, FETCH_HELPER_S);
                if (poll(&p, 1, 200) <= 0)
                        continue;
                ssize_t n = read(fd, piece, sizeof(piece));
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return err_set(e, ERR_SYSTEM, "%s: %s", program, strerror(errno));
                if (n == 0)
                        return true;
                buf_put(ret, span_bytes(piece, (size_t)n));
                wipe(piece, (size_t)n);
                if (ret->failed)
                        return err_set(e, ERR_LIMIT, "%s: more than %u bytes", program, FETCH_HELPER_OUTPUT_MAX);
        }
}

bool helper_run(struct span name, struct span host, struct buf *ret_output, struct err *e)
{
        char program[FETCH_HELPER_MAX + 32], shown[100];
        int in[2] = {-1, -1}, out[2] = {-1, -1}, status = 0;
        pid_t pid;
        bool ok;

        if (!name_ok(name))
                return err_set(e, ERR_MALFORMED, "\"%s\" is no name of a credential helper",
                    span_printable(name, shown, sizeof(shown)));
        snprintf(program, sizeof(program), "docker-credential-%.*s", SPAN_FMT(name));
        ok = (pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0) ||
             err_set(e, ERR_SYSTEM, "pipe: %s", strerror(errno));
        ok = ok && start(program, in, out, &pid, e);
        fd_close(&in[0]);
        fd_close(&out[1]);
        if (ok) {
                /* A helper that does not read its input is no reason to die. */
                void (*before)(int) = signal(SIGPIPE, SIG_IGN);
                (void)fd_write_all(in[1], host, NULL);
                (void)fd_write_all(in[1], SPAN_LIT("\n"), NULL);
                fd_close(&in[1]);
                ok = read_output(out[0], program, ret_output, e);
                if (!ok)
                        kill(pid, SIGKILL);
                while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
                        ;
                signal(SIGPIPE, before);
                /* Its words may be "credentials not found in native keychain", on standard output. */
                if (ok && !(WIFEXITED(status) && WEXITSTATUS(status) == 0))
                        ok = err_set(e, ERR_DENIED, "%s: %s", program,
                            span_printable(span_cut(buf_span(ret_output), 0, 90), shown, sizeof(shown)));
        }
        fd_close(&in[1]);
        fd_close(&out[0]);
        return ok;
}
