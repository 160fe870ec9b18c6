/* prune: what no container needs goes from the state folder. */
#include "commands.h"
#include "database.h"
#include "launch/launch.h"

static bool arg_layers, arg_blobs, arg_dry_run, arg_json, arg_force;

struct sum {
        uint64_t n[LAUNCH_PRUNED_COUNT], bytes[LAUNCH_PRUNED_COUNT];
        struct buf items; /* one line each */
        struct json_out json;
        struct buf text; /* that json writes to */
};

static void sum_done(struct sum *s)
{
        buf_done(&s->items);
        buf_done(&s->text);
}

static const struct {
        const char *one, *many, *key;
} words[LAUNCH_PRUNED_COUNT] = {
    [LAUNCH_PRUNED_LAYER] = {"layer", "layers", "layer"},
    [LAUNCH_PRUNED_BLOB] = {"blob", "blobs", "blob"},
    [LAUNCH_PRUNED_LEFT_OVER] = {"left-over", "left-overs", "left_over"},
};

static const char *size_text(uint64_t bytes, char out[32])
{
        static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
        size_t u = 0;
        uint64_t tenths = bytes * 10;

        while (tenths >= 10240 && u + 1 < ARRAY_LEN(units)) {
                tenths /= 1024;
                u++;
        }
        if (u == 0)
                snprintf(out, 32, "%llu bytes", (unsigned long long)bytes);
        else
                snprintf(out, 32, "%llu.%llu %s", (unsigned long long)(tenths / 10), (unsigned long long)(tenths % 10),
                    units[u]);
        return out;
}

static void on_item(void *ctx, enum launch_pruned what, const char *name, uint64_t bytes)
{
        struct sum *s = ctx;
        char size[32], shown[600];

        s->n[what]++;
        s->bytes[what] += bytes;
        span_printable(span_of(name), shown, sizeof(shown));
        if (what == LAUNCH_PRUNED_FOREIGN && !arg_quiet)
                fprintf(stderr, "coffer: %s is none of Coffer's making: left alone\n", shown);
        if (!words[what].one)
                return;
        buf_printf(&s->items, "%s %s  %s\n", words[what].one, shown, size_text(bytes, size));
        json_out_object(&s->json);
        json_out_member_text(&s->json, "kind", words[what].key);
        json_out_member_text(&s->json, "name", name);
        json_out_member_u64(&s->json, "bytes", bytes);
        json_out_object_end(&s->json);
}

static uint64_t freed(const struct sum *s)
{
        return s->bytes[LAUNCH_PRUNED_LAYER] + s->bytes[LAUNCH_PRUNED_BLOB] + s->bytes[LAUNCH_PRUNED_LEFT_OVER];
}

static void say_text(struct sum *s, struct buf *b)
{
        char size[32];
        bool any = false;

        buf_put(b, buf_span(&s->items));
        buf_put_text(b, arg_dry_run ? "would remove " : "removed ");
        for (size_t i = 0; i < LAUNCH_PRUNED_COUNT; i++) {
                if (s->n[i] == 0 || !words[i].one)
                        continue;
                buf_printf(b, "%s%llu %s", any ? ", " : "", (unsigned long long)s->n[i],
                    s->n[i] == 1 ? words[i].one : words[i].many);
                any = true;
        }
        if (any)
                buf_printf(b, "; %s %s\n", arg_dry_run ? "this would free" : "freed", size_text(freed(s), size));
        else
                buf_put_text(b, "nothing\n");
        if (s->n[LAUNCH_PRUNED_IN_USE] > 0)
                buf_printf(b, "%llu in use: kept\n", (unsigned long long)s->n[LAUNCH_PRUNED_IN_USE]);
}

static void say_json(struct sum *s)
{
        struct json_out *o = &s->json;

        json_out_array_end(o);
        json_out_member_u64(o, "layers", s->n[LAUNCH_PRUNED_LAYER]);
        json_out_member_u64(o, "blobs", s->n[LAUNCH_PRUNED_BLOB]);
        json_out_member_u64(o, "left_overs", s->n[LAUNCH_PRUNED_LEFT_OVER]);
        json_out_member_u64(o, "in_use", s->n[LAUNCH_PRUNED_IN_USE]);
        json_out_member_u64(o, "foreign", s->n[LAUNCH_PRUNED_FOREIGN]);
        json_out_member_u64(o, "freed_bytes", freed(s));
        json_out_object_end(o);
        buf_put_text(&s->text, "\n");
}

static int prune_run(int argc, char **argv)
{
        CLEANUP(store_freep) struct store *store = NULL;
        CLEANUP(sum_done) struct sum sum = {0};
        CLEANUP(buf_done) struct buf out = {0};
        CLEANUP(fd_close) int root = -1;
        struct err e = {0}, output = {0};
        bool both = arg_layers == arg_blobs;
        struct launch_prune_request r = {.layers = both || arg_layers,
            .blobs = both || arg_blobs,
            .advisory_new = both ? DATABASE_NEW : NULL,
            .dry_run = arg_dry_run,
            .on_item = on_item,
            .ctx = &sum};

        (void)argc;
        (void)argv;
        (void)arg_force;
        if (!state_open(&root, &e) || !store_open(root, state_path(), &store, &e))
                return cli_fail(&e);
        r.root_fd = root;
        r.store = store;
        json_out_init(&sum.json, &sum.text, 2);
        json_out_object(&sum.json);
        json_out_key(&sum.json, "dry_run");
        json_out_bool(&sum.json, arg_dry_run);
        json_out_key(&sum.json, "items");
        json_out_array(&sum.json);
        bool ok = launch_prune(&r, &e);

        /* After a failure, too: what is gone is gone. */
        say_json(&sum);
        say_text(&sum, &out);
        if (!cli_write_output(NULL, arg_json ? buf_span(&sum.text) : buf_span(&out), &output) && ok)
                return cli_fail(&output);
        return ok ? EXIT_CLEAN : cli_fail(&e);
}

static const struct cli_option prune_options[] = {
    {"layers", 0, CLI_FLAG, NULL, "unpacked layers alone", &arg_layers, NULL},
    {"blobs", 0, CLI_FLAG, NULL, "downloaded blobs alone", &arg_blobs, NULL},
    {"dry-run", 'n', CLI_FLAG, NULL, "say what would go, and change nothing", &arg_dry_run, NULL},
    {"force", 'f', CLI_FLAG, NULL, "of no effect: nothing is asked, and what is in use stays in any case", &arg_force,
        NULL},
    {"json", 0, CLI_FLAG, NULL, "as JSON", &arg_json, NULL},
};

const struct cli_command cmd_prune = {
    .name = "prune",
    .operands = "",
    .summary = "free disk space: remove unpacked layers and left-overs that nothing uses",
    .about =
        "Three things go: unpacked layers that no container uses, running or stopped (the next start of such an image "
        "unpacks "
        "them again); blobs that a start from a registry kept and could not remove, halves of downloads included; and "
        "what "
        "killed processes have left. What a container or a start in progress uses stays, so that prune may run at any "
        "time, from a timer too. Containers stay: see coffer rm.\n\n"
        "It works on a full disk. An interrupt leaves whole layers, or left-overs for the next prune. Sizes are those "
        "on "
        "the disk. The ledger gets a record of what was removed. What is known of images stays, so that they need no "
        "new scan.\n\n"
        "A link or file in the folders of layers and blobs that Coffer did not make is named, not followed and not "
        "removed.",
    .examples = "coffer prune --dry-run\twhat would go\n"
                "coffer prune --json | jq .freed_bytes\tfor a timer",
    .options = prune_options,
    .n_options = ARRAY_LEN(prune_options),
    .run = prune_run,
};
