/* policy show, policy check: what a policy says, without an image. */
#include "commands.h"
#include "policy/policy.h"

#include <fcntl.h>

static bool arg_strict;

#define POLICY_OPERAND                                                                                           \
        "FILE is a policy; \"default\" is the built-in one, which decides where no --policy is given and which " \
        "messages call "                                                                                         \
        "\"built-in policy\" (./default is a file of that name)."

static bool is_default(const char *name)
{
        return strcmp(name, "default") == 0;
}

static bool text_get(const char *name, struct buf *ret, struct err *e)
{
        if (!is_default(name))
                return file_read(AT_FDCWD, name, POLICY_FILE_MAX, ret, e);
        buf_put_text(ret, policy_default_text);
        return true;
}

static void put_printable(FILE *to, struct span line)
{
        CLEANUP(heap_freep) char *shown = heap_alloc(line.len + 1);

        fprintf(to, "%s\n", span_printable(line, shown, line.len + 1));
}

static int show_run(int argc, char **argv)
{
        const char *name = argc > 0 ? argv[0] : "default";
        CLEANUP(buf_done) struct buf text = {0};
        CLEANUP(policy_freep) struct policy *p = NULL;
        struct err e = {0};
        struct cursor c;
        struct span line;

        if (!text_get(name, &text, &e) ||
            !policy_load(buf_span(&text), is_default(name) ? "built-in policy" : name, &p, &e))
                return cli_fail(&e);
        c = (struct cursor){.rest = buf_span(&text)};
        while (cursor_line(&c, &line))
                put_printable(stdout, line);
        return EXIT_CLEAN;
}

const struct cli_command cmd_policy_show = {
    .name = "policy show",
    .operands = "[FILE]",
    .summary = "print the built-in policy, or a policy as it is read",
    .about = "Without FILE, the policy that decides where no --policy is given: a beginning for one of your own. A "
             "FILE that is no "
             "policy is an error.\n\n" POLICY_OPERAND,
    .examples = "coffer policy show > policy.yaml\tto begin with",
    .max_operands = 1,
    .run = show_run,
};

static int check_run(int argc, char **argv)
{
        CLEANUP(buf_done) struct buf text = {0}, words = {0};
        CLEANUP(policy_freep) struct policy *p = NULL;
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct policy_notes errors = {0};
        struct policy_notes expired = {0};
        const struct policy_notes *remarks;
        struct err e = {0};
        struct cursor c;
        struct span line;

        (void)argc;
        if (!text_get(argv[0], &text, &e))
                return cli_fail(&e);
        if (!policy_examine(buf_span(&text), is_default(argv[0]) ? "built-in policy" : argv[0], a, &p, &errors)) {
                for (size_t i = 0; i < errors.len; i++)
                        put_printable(stderr, errors.at[i]);
                fprintf(stderr, "%zu error%s: no policy\n", errors.len, errors.len == 1 ? "" : "s");
                return EXIT_NOT_ASSESSED;
        }
        policy_describe(p, &words);
        c = (struct cursor){.rest = buf_span(&words)};
        while (cursor_line(&c, &line))
                put_printable(stdout, line);
        remarks = policy_remarks(p);
        policy_expired(p, clock_wall_s(), a, &expired);
        for (size_t i = 0; i < remarks->len; i++)
                put_printable(stderr, remarks->at[i]);
        for (size_t i = 0; i < expired.len; i++)
                put_printable(stderr, expired.at[i]);
        return arg_strict && remarks->len + expired.len > 0 ? EXIT_FINDINGS : EXIT_CLEAN;
}

static const struct cli_option check_options[] = {
    {"strict", 0, CLI_FLAG, NULL, "exit 1 for a remark, too", &arg_strict, NULL},
};

const struct cli_command cmd_policy_check = {
    .name = "policy check",
    .operands = "FILE",
    .summary = "say whether a file is a policy, with every error, and list its rules in words",
    .about = "Each rule is one line with its place in the file: these are the places that refusals name. A remark "
             "tells of what is "
             "no error and may not do what it seems to, such as a pattern that can match no package, or an exception that has "
             "ended.\n\n"
             "Exit status 0 for a policy, 1 for one with remarks if --strict is given, 3 for none: every error is "
             "listed with "
             "line and column, but what breaks YAML itself ends the reading.\n\n" POLICY_OPERAND
             "\n\nThe format is described in "
             "docs/policy.md.",
    .examples = "coffer policy check --strict production.yaml\tin a pipeline\n"
                "coffer policy check default\twhat holds without a policy",
    .options = check_options,
    .n_options = ARRAY_LEN(check_options),
    .min_operands = 1,
    .max_operands = 1,
    .run = check_run,
};
