/* run: the main job. Options as docker and podman users type them; everything before the start that fails is 125. */
#include "commands.h"
#include "containers.h"
#include "target.h"

#include <signal.h>
#include <unistd.h>

static bool arg_interactive, arg_tty, arg_detach, arg_rm, arg_read_only, arg_json, arg_32bit;
static const char *arg_name, *arg_user, *arg_workdir, *arg_hostname, *arg_entrypoint, *arg_runtime, *arg_cpus;
static const char *arg_network = "none", *arg_read_only_tmpfs = "true";
static struct cli_list arg_volumes, arg_env;
#define NOT_GIVEN UINT64_MAX
static uint64_t arg_memory = NOT_GIVEN, arg_pids = NOT_GIVEN;

/* One JSON line on standard error: what scripts act on. */
static void failure_json(
    const char *event, const char *kind, struct span text, const char *remedy, const struct launch *l)
{
        CLEANUP(buf_done) struct buf b = {0};
        struct json_out o;

        json_out_init(&o, &b, 0);
        json_out_object(&o);
        json_out_member_text(&o, "event", event);
        json_out_key(&o, "error");
        json_out_object(&o);
        json_out_member_text(&o, "kind", kind);
        json_out_member(&o, "text", text);
        if (remedy)
                json_out_member_text(&o, "remedy", remedy);
        json_out_object_end(&o);
        if (l && l->verdict) {
                json_out_member_text(&o, "record", l->record_hash);
                json_out_key(&o, "reasons");
                json_out_array(&o);
                for (size_t i = 0; i < l->verdict->n_reasons; i++) {
                        json_out_object(&o);
                        json_out_member_text(&o, "kind", policy_reason_kind_name(l->verdict->reasons[i].kind));
                        json_out_member(&o, "text", l->verdict->reasons[i].text);
                        json_out_object_end(&o);
                }
                json_out_array_end(&o);
        }
        json_out_object_end(&o);
        buf_put_text(&b, "\n");
        fwrite(b.at, 1, b.len, stderr);
}

/* 125 for everything before the start, whatever its kind: 0 to 124 belong to the container. An interrupt stays 130. */
static int failed(const struct err *e, int status)
{
        if (arg_json)
                failure_json("run.failed", err_kind_name(e->kind), span_of(e->text), cli_remedy(e), NULL);
        else
                cli_fail(e);
        return e->kind == ERR_CANCELLED ? EXIT_INTERRUPTED : status;
}

#define REASONS_SHOWN 20u

static int refused(const struct launch *l)
{
        char text[1024];

        if (arg_json) {
                failure_json("run.refused", "denied", launch_reason(l), NULL, l);
                return EXIT_RUN_REFUSED;
        }
        fprintf(stderr, "refused by %s:\n", span_printable(l->verdict->policy, text, sizeof(text)));
        for (size_t i = 0; i < l->verdict->n_reasons && i < REASONS_SHOWN; i++)
                fprintf(stderr, "  - %s\n", span_printable(l->verdict->reasons[i].text, text, sizeof(text)));
        if (l->verdict->n_reasons + l->verdict->reasons_left_out > REASONS_SHOWN)
                fprintf(stderr, "  ... and %llu more; `coffer check` lists all\n",
                    (unsigned long long)(l->verdict->n_reasons + l->verdict->reasons_left_out - REASONS_SHOWN));
        fprintf(stderr, "not started; the record of this decision is %s\n", l->record_hash);
        return EXIT_RUN_REFUSED;
}

/* SRC:DST[:ro|rw]; SRC may be relative here, as docker allows with "./". */
static bool volume_parse(char *text, struct runtime_volume *ret, struct err *e)
{
        char *target = strchr(text, ':'), *mode;

        if (!target || target[1] != '/')
                return err_set(e, ERR_MALFORMED, "-v %s: say SOURCE:TARGET or SOURCE:TARGET:ro, TARGET absolute", text);
        *target++ = '\0';
        mode = strchr(target, ':');
        if (mode)
                *mode++ = '\0';
        if (mode && strcmp(mode, "ro") != 0 && strcmp(mode, "rw") != 0)
                return err_set(e, ERR_MALFORMED, "-v %s:%s:%s: only ro and rw are known", text, target, mode);
        *ret = (struct runtime_volume){.source = text, .target = target, .read_only = mode && strcmp(mode, "ro") == 0};
        return true;
}

#define CPU_MILLI_MIN 10u /* the kernel's least quota: 1 ms of the 100 ms that a period has */

/* "1.5" -> 1500 */
static bool cpus_parse(const char *text, uint32_t *ret, struct err *e)
{
        struct span whole, part = {0};
        uint64_t units, thousandths = 0;

        span_split(span_of(text), '.', &whole, &part);
        if (!span_to_u64(whole, &units) || units > 4096 || part.len > 3 || (part.len > 0 && !span_to_u64(part, &thousandths)))
                return err_set(e, ERR_MALFORMED, "--cpus: '%s' is no number such as 1.5", text);
        for (size_t i = part.len; i < 3; i++)
                thousandths *= 10;
        *ret = (uint32_t)(units * 1000 + thousandths);
        return *ret >= CPU_MILLI_MIN ||
               err_set(e, ERR_MALFORMED, "--cpus %s: the least that the kernel can give is 0.01", text);
}

static bool env_check(struct cli_list *list, struct err *e)
{
        size_t n = 0;

        for (size_t i = 0; i < list->n; i++) {
                const char *eq = strchr(list->at[i], '=');
                if (eq == list->at[i] || list->at[i][0] == '\0')
                        return err_set(e, ERR_MALFORMED, "-e '%s': say NAME=value, or NAME to pass on this one's", list->at[i]);
                if (!eq) { /* as docker: the value of the caller's own environment; not set here, not set there */
                        const char *value = getenv(list->at[i]);
                        char *pair;
                        if (!value)
                                continue;
                        if (asprintf(&pair, "%s=%s", list->at[i], value) < 0)
                                return err_set(e, ERR_SYSTEM, "out of memory");
                        list->at[i] = pair; /* lives as long as the process */
                }
                list->at[n++] = list->at[i];
        }
        list->n = n;
        return true;
}

#define PIDS_MAX 4194304u /* the kernel's own (proc(5), pid_max) */

static bool spec_make(struct runtime_volume *volumes, struct runtime_spec *p, struct err *e)
{
        *p = (struct runtime_spec){
            .terminal = arg_tty,
            .interactive = arg_interactive,
            .detach = arg_detach,
            .read_only = arg_read_only,
            .tmpfs = arg_read_only && strcmp(arg_read_only_tmpfs, "true") == 0,
            .hostname = arg_hostname,
            .memory_max = arg_memory == NOT_GIVEN ? 0 : arg_memory,
            .network = strcmp(arg_network, "host") == 0 ? RUNTIME_NETWORK_HOST : RUNTIME_NETWORK_NONE,
            .runtime = arg_runtime,
            .allow_32bit = arg_32bit,
            .volumes = volumes,
            .n_volumes = arg_volumes.n,
        };
        /* 0 is "no limit" to docker and podman: neither that nor the default may be what somebody gets who typed it. */
        if (arg_memory == 0)
                return err_set(e, ERR_MALFORMED, "--memory 0: no container runs without a limit; leave it out for half of the "
                                                 "machine's memory, or name a size such as 512m");
        if (arg_pids == 0)
                return err_set(e, ERR_MALFORMED, "--pids-limit 0: no container runs without a limit; leave it out for %u, or name a "
                                                 "number up to %u", RUNTIME_PIDS_DEFAULT, PIDS_MAX);
        if (arg_pids > PIDS_MAX && arg_pids != NOT_GIVEN)
                return err_set(e, ERR_MALFORMED, "--pids-limit: at most %u", PIDS_MAX);
        p->pids_max = arg_pids == NOT_GIVEN ? 0 : (uint32_t)arg_pids;
        if (arg_cpus && !cpus_parse(arg_cpus, &p->cpu_milli, e))
                return false;
        for (size_t i = 0; i < arg_volumes.n; i++)
                if (!volume_parse((char *)arg_volumes.at[i], &volumes[i], e)) /* argv is ours to write */
                        return false;
        if (arg_detach && (arg_interactive || arg_tty))
                return err_set(e, ERR_UNSUPPORTED, "-d together with -i or -t: there is no attach yet");
        if (arg_detach && arg_rm)
                return err_set(e, ERR_UNSUPPORTED, "-d together with --rm: nobody would be there to remove it; use `coffer rm` when it has ended");
        if (arg_tty && !isatty(STDIN_FILENO))
                return err_set(e, ERR_MALFORMED, "-t: standard input is no terminal");
        return env_check(&arg_env, e);
}

/* The monitor tells the status, then tidies up and goes: until then the folder is still in use. */
static bool remove_ended(struct target *t, const char *id, struct err *e)
{
        CLEANUP(fd_close) int dir = -1;

        return container_folder(t->root_fd, span_of(id), false, &dir, e) &&
               runtime_stop(dir, SIGKILL, RUNTIME_STOP_TIMEOUT_S_DEFAULT, e) &&
               container_remove(t->store, t->root_fd, span_of(id), e);
}

/* The first process of a container does not get signals that it has no handler for: people wonder. */
static void on_asked(int signal, unsigned more)
{
        if (!arg_quiet)
                fprintf(stderr, "coffer: %s was sent to the container, which goes on; %u more (Ctrl-C) end%s it by force%s",
                    signal == SIGINT ? "SIGINT" : "SIGTERM", more, more == 1 ? "s" : "", arg_tty ? "\r\n" : "\n");
}

/* What the kernel did is in no output of the container, and with --rm its record goes. */
static void tell_out_of_memory(struct target *t, const char *id, int status)
{
        CLEANUP(fd_close) int dir = -1;
        CLEANUP(buf_done) struct buf b = {0};
        struct runtime_status s = {0};
        uint64_t limit = arg_memory == NOT_GIVEN ? runtime_memory_default() : arg_memory;
        struct json_out o;

        if (!container_folder(t->root_fd, span_of(id), false, &dir, NULL) || !runtime_status(dir, &s, NULL) || !s.oom)
                return;
        if (!arg_json) {
                fprintf(stderr,
                    "coffer: out of memory: the kernel killed %s for the limit of %llu.%llu MiB; --memory gives more\n",
                    status == 128 + SIGKILL ? "the container" : "a process of the container", (unsigned long long)(limit >> 20),
                    (unsigned long long)((limit & 0xfffff) * 10 >> 20));
                return;
        }
        json_out_init(&o, &b, 0);
        json_out_object(&o);
        json_out_member_text(&o, "event", "run.out_of_memory");
        json_out_member_text(&o, "container", id);
        json_out_member_u64(&o, "memory_max", limit);
        json_out_member_u64(&o, "exit_status", (uint64_t)status);
        json_out_member_text(&o, "remedy", "--memory gives more");
        json_out_object_end(&o);
        buf_put_text(&b, "\n");
        fwrite(b.at, 1, b.len, stderr);
}

static int wait_for_end(struct target *t, const char *id, struct runtime_started *started)
{
        struct err e = {0};
        int status = EXIT_RUN_REFUSED;
        bool ok;

        started->on_asked = on_asked;
        ok = runtime_wait(started, &status, &e);
        if (!ok)
                failed(&e, EXIT_RUN_REFUSED);
        else
                tell_out_of_memory(t, id, status);
        if (ok && arg_rm && !remove_ended(t, id, &e)) {
                err_wrap(&e, "--rm");
                cli_fail(&e);
        }
        return ok ? status : EXIT_RUN_REFUSED;
}

/* What is asked for, whatever the image and the policy say. */
static bool start_make(int argc, char **argv, struct runtime_volume *volumes, struct launch_start *ret, struct err *e)
{
        *ret = (struct launch_start){
            .name = arg_name,
            .args = (const char *const *)argv,
            .n_args = (size_t)argc,
            .entrypoint = arg_entrypoint,
            .user = arg_user,
            .cwd = arg_workdir,
        };
        if (!spec_make(volumes, &ret->spec, e))
                return false;
        ret->env = arg_env.at; /* as spec_make left them */
        ret->n_env = arg_env.n;
        return true;
}

static int start(struct target *t, struct launch *l)
{
        struct runtime_started started = {0};
        char id[RUNTIME_ID_LEN + 1];
        struct err e = {0};
        int status = EXIT_RUN_REFUSED;

        if (!launch_start(l, &t->request, id, &started, &status, &e))
                return failed(&e, status);
        if (started.note[0] && !arg_quiet)
                fprintf(stderr, "coffer: not in force: %s\n", started.note);
        if (arg_detach) {
                runtime_detach(&started);
                puts(id);
                return 0;
        }
        return wait_for_end(t, id, &started);
}

static int run_run(int argc, char **argv)
{
        CLEANUP(target_done) struct target t = {.root_fd = -1, .secrets_fd = -1};
        CLEANUP(launch_freep) struct launch *l = NULL;
        struct runtime_volume volumes[CLI_LIST_MAX];
        struct launch_start wanted;
        struct err e = {0}, no_db = {0};

        if (geteuid() != 0) {
                err_set(&e, ERR_UNSUPPORTED, "running needs root (user namespaces with ids of their own, idmapped layers); scan and check do not");
                return failed(&e, EXIT_RUN_REFUSED);
        }
        if (!start_make(argc - 1, argv + 1, volumes, &wanted, &e) || !target_open(argv[0], true, true, &t, &no_db, &e))
                return failed(&e, EXIT_RUN_REFUSED);
        t.request.start = &wanted;
        if (!target_assess(&t, "run", &l, &e))
                return failed(&e, EXIT_RUN_REFUSED);
        if (!launch_allowed(l))
                return refused(l);
        return start(&t, l);
}

static const struct cli_option run_options[] = {
    {"policy", 'p', CLI_TEXT, "FILE", "decide by this policy (else the built-in one: `coffer policy show`)", &arg_policy, NULL},
    {"interactive", 'i', CLI_FLAG, NULL, "pass standard input on", &arg_interactive, NULL},
    {"tty", 't', CLI_FLAG, NULL, "give it a terminal", &arg_tty, NULL},
    {"detach", 'd', CLI_FLAG, NULL, "return once it runs; print its id", &arg_detach, NULL},
    {"rm", 0, CLI_FLAG, NULL, "remove it when it has ended", &arg_rm, NULL},
    {"name", 0, CLI_TEXT, "NAME", "call it so", &arg_name, NULL},
    {"env", 'e', CLI_LIST, "NAME=VALUE", "set a variable; NAME alone passes this one's on", &arg_env, NULL},
    {"volume", 'v', CLI_LIST, "SRC:DST[:ro]", "mount a folder or file of the host, nosuid and nodev", &arg_volumes, NULL},
    {"user", 'u', CLI_TEXT, "USER[:GROUP]", "run as this one of the image", &arg_user, NULL},
    {"workdir", 'w', CLI_TEXT, "DIR", "begin in this folder", &arg_workdir, NULL},
    {"entrypoint", 0, CLI_TEXT, "PROGRAM", "instead of the image's; empty for none", &arg_entrypoint, NULL},
    {"hostname", 0, CLI_TEXT, "NAME", "its host name (its id)", &arg_hostname, NULL},
    {"network", 0, CLI_TEXT, "MODE", "none: its own loopback alone (default); host: the host's", &arg_network, "none host"},
    {"read-only", 0, CLI_FLAG, NULL, "mount its root read-only; /tmp, /run and /var/tmp can be written, in memory", &arg_read_only, NULL},
    {"read-only-tmpfs", 0, CLI_TEXT, "BOOL", "with --read-only: false leaves these three read-only, too (true)", &arg_read_only_tmpfs, "true false"},
    {"memory", 'm', CLI_SIZE, "BYTES", "at most this much memory, swap included (half of the machine's; never unlimited)", &arg_memory, NULL},
    {"pids-limit", 0, CLI_NUMBER, "N", "at most this many processes and threads (1024; never unlimited)", &arg_pids, NULL},
    {"cpus", 0, CLI_TEXT, "N", "at most this much CPU, 1.5 for one and a half; at least 0.01", &arg_cpus, NULL},
    {"allow-32bit", 0, CLI_FLAG, NULL, "let i386 programs run; their socket calls are checked less", &arg_32bit, NULL},
    {"runtime", 0, CLI_TEXT, "PROGRAM", "OCI runtime to start it with (crun, else runc)", &arg_runtime, NULL},
    VEX_OPTIONS,
    {"platform", 0, CLI_TEXT, "OS/ARCH", "of an image for several (the host's)", &arg_platform, NULL},
    DETECTOR_OPTIONS,
    REGISTRY_OPTIONS,
    {"json", 0, CLI_FLAG, NULL, "say a refusal or failure as one JSON line on standard error", &arg_json, NULL},
};

const struct cli_command cmd_run = {
    .name = "run",
    .operands = "IMAGE [COMMAND [ARG...]]",
    .summary = "assess an image, decide by policy, and run it isolated",
    .about = "Resolves the image, verifies every digest, lists what is in it, looks up what is wrong with that, decides by the "
             "policy, and only then unpacks and starts it: in a user namespace with 65,536 ids that nobody else has, without "
             "network, under a seccomp allow-list, with few capabilities and limits on memory and processes. Each decision is "
             "in the ledger.\n\n"
             "A policy may limit what these options ask for: network, volumes, user, command, variables, runtime, root, i386 "
             "programs, memory, CPU and processes (docs/policy.md; `coffer policy check FILE` tells one in words). Coffer's state "
             "folder, what lies in it and what holds it can't be mounted at all.\n\n"
             "Statements about findings (--vex, docs/vex.md) let an image run only where the policy's section \"vex\" counts their "
             "document: by its digest, or all that are given. Nobody has signed them.\n\n"
             "IMAGE is " IMAGE_FORMS "\n\n"
             "Signals are passed on. The first process of a container gets those alone that it has a handler for (as any first "
             "process of a PID namespace), so that `sleep` as the command ignores Ctrl-C: the third INT or TERM ends the "
             "container by force (SIGKILL). With -t, Ctrl-C goes to the container's own terminal.\n\n"
             "When the kernel kills a process for the memory limit, standard error says so; the exit status is then 137, if it "
             "was the first process.\n\n"
             "The exit status is the container's own. 125 is every refusal or failure before the start, 126 a command that "
             "can't be run, 127 one that is not there.",
    .examples = "coffer run --rm ./image\tthe image's own command\n"
                "coffer run --rm -it ./image /bin/bash\ta shell in a terminal\n"
                "coffer run -d --name web -v /srv/www:/data:ro --network host ./image\tin the background",
    .options = run_options,
    .n_options = ARRAY_LEN(run_options),
    .min_operands = 1,
    .max_operands = -1,
    .stop_at_operand = true,
    .usage_exit = EXIT_RUN_REFUSED,
    .run = run_run,
};
