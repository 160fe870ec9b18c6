/* doctor: what this host offers, each thing found by trying it, and what Coffer makes of it. */
#include "commands.h"
#include "host/host.h"
#include "jail/jail.h"
#include "store/store.h"

static bool arg_json, arg_jail;

static int jail_run_all(void)
{
        struct jail_state state = {0};
        bool all = true;

        for (const char *const *act = jail_forbidden_acts; *act; act++) {
                struct err e = {0};
                bool killed = false;
                if (!jail_selftest(*act, &killed, &state, &e)) {
                        err_wrap(&e, "%s", *act);
                        return cli_fail(&e);
                }
                printf("%-20s %s\n", *act, killed ? "killed" : "NOT killed");
                all = all && killed;
        }
        printf("no new privileges %s, Landlock ABI %d, seccomp %s, own network namespace %s\n", state.no_new_privs ? "yes" : "NO",
            state.landlock_abi, state.seccomp ? "yes" : "NO", state.net_namespace ? "yes" : "no (the filter alone keeps it off the network)");
        return all ? 0 : EXIT_INTERNAL;
}

static void facts_json(const struct host_facts *f, struct buf *b)
{
        struct json_out o;

        json_out_init(&o, b, 2);
        json_out_array(&o);
        for (size_t i = 0; i < f->n; i++) {
                json_out_object(&o);
                json_out_member_text(&o, "area", f->at[i].area);
                json_out_member_text(&o, "name", f->at[i].name);
                json_out_member_text(&o, "state", host_state_name(f->at[i].state));
                json_out_member_text(&o, "detail", f->at[i].detail);
                json_out_member_text(&o, "means", f->at[i].means);
                json_out_object_end(&o);
        }
        json_out_array_end(&o);
        buf_put_text(b, "\n");
}

/* Where records are kept; a host without a state folder has none yet, and none is made for the question. */
static void records_add(struct host_facts *to)
{
        struct host_fact f = {.area = "records", .name = "database", .means = "nothing can be recorded: nothing runs"};
        struct store *s CLEANUP(store_freep) = NULL;
        int root CLEANUP(fd_close) = -1;
        struct err e = {0};

        if (to->n == HOST_FACTS_MAX || !state_open_existing(&root, NULL))
                return;
        f.state = store_open(root, state_path(), &s, &e) ? HOST_YES : HOST_NO;
        span_printable(span_of(s ? store_where(s) : e.text), f.detail, sizeof(f.detail));
        to->at[to->n++] = f;
}

static int doctor_run(int argc, char **argv)
{
        static struct host_facts facts;
        CLEANUP(buf_done) struct buf b = {0};
        const char *area = "";
        struct err e = {0};

        (void)argc;
        (void)argv;
        if (arg_jail)
                return jail_run_all();
        if (!host_probe(&facts, &e))
                return cli_fail(&e);
        records_add(&facts);
        if (arg_json) {
                facts_json(&facts, &b);
                return cli_write_output(NULL, buf_span(&b), &e) ? 0 : cli_fail(&e);
        }
        for (size_t i = 0; i < facts.n; i++) {
                const struct host_fact *f = &facts.at[i];
                if (strcmp(area, f->area) != 0)
                        printf("%s%s\n", i ? "\n" : "", f->area);
                area = f->area;
                printf("  %-26s %-8s %s\n", f->name, host_state_name(f->state), f->detail);
                /* What a missing thing costs is said where it is missing. */
                if (f->state != HOST_YES)
                        printf("  %-26s %-8s %s\n", "", "", f->means);
        }
        return 0;
}

static const struct cli_option doctor_options[] = {
    {"json", 0, CLI_FLAG, NULL, "as JSON", &arg_json, NULL},
    {"jail", 0, CLI_FLAG, NULL, "try each forbidden act inside a parser's jail; exit 4 if one is not killed", &arg_jail, NULL},
};

const struct cli_command cmd_doctor = {
    .name = "doctor",
    .operands = "",
    .summary = "say what this host offers, and what Coffer does without",
    .about = "Each thing is tried, not looked up: namespaces, seccomp, Landlock, cgroups, mounts, devices, BPF programs, "
             "runtimes. Nothing outlives the probe. Without privileges, what only root may try says so.",
    .options = doctor_options,
    .n_options = ARRAY_LEN(doctor_options),
    .run = doctor_run,
};
