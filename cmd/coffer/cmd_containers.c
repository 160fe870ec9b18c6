/* logs, stop, rm: containers after their start. How they stand is cmd_ps.c. */
#include "commands.h"
#include "containers.h"

#include <fcntl.h>
#include <signal.h>

static bool arg_follow, arg_force, arg_timestamps;
static uint64_t arg_time = RUNTIME_STOP_TIMEOUT_S_DEFAULT;
static const char *arg_signal;

static bool log_line(void *ctx, const struct runtime_log_line *l, struct err *e)
{
        FILE *to = l->is_stderr ? stderr : stdout;

        (void)ctx;
        if (arg_timestamps)
                fprintf(to, "%.*s ", SPAN_FMT(l->time));
        /* The container's own output, byte for byte: whoever asks for it gets what it wrote, as from a pipe. */
        fwrite(l->text.at, 1, l->text.len, to);
        if (l->ended)
                fputc('\n', to);
        if (fflush(to) != 0)
                return err_set(e, ERR_UNAVAILABLE, "the output is closed");
        return true;
}

static int logs_run(int argc, char **argv)
{
        CLEANUP(container_done) struct container c = {.root_fd = -1, .dir_fd = -1};
        struct err e = {0};

        (void)argc;
        if (!container_find(argv[0], &c, &e) || !runtime_logs(c.dir_fd, arg_follow, log_line, NULL, &e))
                return cli_fail(&e);
        return 0;
}

static const struct cli_option logs_options[] = {
    {"follow", 'f', CLI_FLAG, NULL, "go on until the container ends", &arg_follow, NULL},
    {"timestamps", 't', CLI_FLAG, NULL, "put the time before each line", &arg_timestamps, NULL},
};

const struct cli_command cmd_logs = {
    .name = "logs",
    .operands = "CONTAINER",
    .summary = "print what a container has written",
    .about = "Its standard output on standard output, its standard error on standard error. Kept up to 32 MiB, oldest lost first.",
    .options = logs_options,
    .n_options = ARRAY_LEN(logs_options),
    .min_operands = 1,
    .max_operands = 1,
    .run = logs_run,
};

/* The signal that the image asks for, as its record kept it. */
static bool stop_signal(const struct container *c, int *ret, struct err *e)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct span name = {0}, key;
        struct json j;

        if (arg_signal)
                return runtime_signal_parse(span_of(arg_signal), ret, e) || err_wrap(e, "--signal");
        json_init(&j, c->record.record, a, NULL);
        json_object(&j);
        while (json_member(&j, &key)) {
                if (span_is(key, "stop_signal"))
                        name = json_string(&j);
                else
                        json_skip(&j);
        }
        if (!json_finish(&j, e))
                return false;
        if (!runtime_signal_parse(name, ret, NULL)) { /* an image must not be able to make its end impossible */
                char shown[64];

                fprintf(stderr, "coffer: the image's stop signal \"%s\" is none: TERM instead\n",
                    span_printable(name, shown, sizeof(shown)));
                *ret = SIGTERM;
        }
        return true;
}

static int stop_run(int argc, char **argv)
{
        int worst = 0;

        for (int i = 0; i < argc; i++) {
                CLEANUP(container_done) struct container c = {.root_fd = -1, .dir_fd = -1};
                struct err e = {0};
                int signal;
                if (arg_time > 86400)
                        arg_time = 86400;
                if (container_find(argv[i], &c, &e) && stop_signal(&c, &signal, &e) &&
                    runtime_stop(c.dir_fd, signal, (uint32_t)arg_time, &e)) {
                        printf("%.*s\n", SPAN_FMT(c.record.id));
                        continue;
                }
                err_wrap(&e, "stop %s", argv[i]);
                worst = cli_fail(&e);
        }
        return worst;
}

static const struct cli_option stop_options[] = {
    {"time", 't', CLI_NUMBER, "SECONDS", "wait so long before all its processes are killed (10)", &arg_time, NULL},
    {"signal", 's', CLI_TEXT, "SIGNAL", "instead of the one that the image asks for, or TERM", &arg_signal, NULL},
};

const struct cli_command cmd_stop = {
    .name = "stop",
    .operands = "CONTAINER...",
    .summary = "end containers: ask first, then kill",
    .about = "Sends the stop signal to the first process, waits, and kills what is left. Stopping a stopped one is fine.",
    .options = stop_options,
    .n_options = ARRAY_LEN(stop_options),
    .min_operands = 1,
    .max_operands = -1,
    .run = stop_run,
};

static bool remove_one(const char *name, struct err *e)
{
        CLEANUP(store_freep) struct store *s = NULL;
        CLEANUP(arena_freep) struct arena *a = arena_new();
        CLEANUP(fd_close) int root = -1;
        CLEANUP(fd_close) int dir = -1;
        struct store_container record;
        struct runtime_status status = {0};
        struct err damage = {0};

        if (!state_open(&root, e) || !store_open(root, state_path(), &s, e) || !store_container_get(s, name, a, &record, e))
                return false;
        if (container_folder(root, record.id, false, &dir, e)) {
                container_status(dir, record.id, &status, &damage);
                if (status.state == RUNTIME_STATE_DAMAGED && !arg_force)
                        return err_set(e, damage.kind, "%s; --force removes it all the same", damage.text);
                if ((status.state == RUNTIME_STATE_RUNNING || status.state == RUNTIME_STATE_STARTING) && !arg_force)
                        return err_set(e, ERR_CONFLICT, "it is running; stop it first, or say --force");
                /* By the monitor's lock, whatever the records say: nobody gets the ids of processes that may live. */
                if (status.state != RUNTIME_STATE_EXITED && status.state != RUNTIME_STATE_NONE &&
                    !runtime_stop(dir, SIGKILL, 1, e))
                        return false;
        } else if (e->kind != ERR_NOT_FOUND) {
                return false;
        }
        if (!container_remove(s, root, record.id, e))
                return false;
        printf("%.*s\n", SPAN_FMT(record.id));
        return true;
}

static int rm_run(int argc, char **argv)
{
        int worst = 0;

        for (int i = 0; i < argc; i++) {
                struct err e = {0};
                if (remove_one(argv[i], &e))
                        continue;
                err_wrap(&e, "rm %s", argv[i]);
                worst = cli_fail(&e);
        }
        return worst;
}

static const struct cli_option rm_options[] = {
    {"force", 'f', CLI_FLAG, NULL, "kill it first if it runs; a damaged one goes, too", &arg_force, NULL},
};

const struct cli_command cmd_rm = {
    .name = "rm",
    .operands = "CONTAINER...",
    .summary = "remove containers that have ended, with all they wrote",
    .about = "The writable layer, the log and the range of ids go. The records in the ledger stay.",
    .options = rm_options,
    .n_options = ARRAY_LEN(rm_options),
    .min_operands = 1,
    .max_operands = -1,
    .run = rm_run,
};
