/* help, man, completion, version: what the command table says of itself. */
#include "commands.h"
#include "coffer_build.h"

static bool arg_names;

static const struct cli_command *named(int argc, char **argv)
{
        char name[64];
        int n = argc == 0 ? -1 : snprintf(name, sizeof(name), "%s%s%s", argv[0], argc > 1 ? " " : "", argc > 1 ? argv[1] : "");

        for (size_t i = 0; n > 0 && (size_t)n < sizeof(name) && i < cli_n_commands; i++)
                if (strcmp(cli_commands[i]->name, name) == 0)
                        return cli_commands[i];
        return NULL;
}

static int no_such_command(void)
{
        fprintf(stderr, "coffer: there is no such command; `coffer help` lists them\n");
        return EXIT_USAGE;
}

static int help_run(int argc, char **argv)
{
        const struct cli_command *c = named(argc, argv);

        if (arg_names) {
                for (size_t i = 0; i < cli_n_commands; i++)
                        printf("%s\n", cli_commands[i]->name);
                return 0;
        }
        if (argc > 0 && !c)
                return no_such_command();
        if (c)
                cli_print_help(stdout, c);
        else
                cli_print_overview(stdout);
        return 0;
}

static const struct cli_option help_options[] = {
    {"names", 0, CLI_FLAG, NULL, "the names of all commands, one a line", &arg_names, NULL},
};

const struct cli_command cmd_help = {
    .name = "help",
    .operands = "[COMMAND]",
    .summary = "say what a command does and which options it has",
    .about = "Without a command, lists all of them.",
    .options = help_options,
    .n_options = ARRAY_LEN(help_options),
    .max_operands = 2,
    .run = help_run,
};

static int man_run(int argc, char **argv)
{
        const struct cli_command *c = named(argc, argv);

        if (argc > 0 && !c)
                return no_such_command();
        cli_print_man(stdout, c);
        return 0;
}

const struct cli_command cmd_man = {
    .name = "man",
    .operands = "[COMMAND]",
    .summary = "print a manual page as roff",
    .about = "The page of the command, or coffer(1) without one. `coffer man scan | man -l -` shows it.",
    .max_operands = 2,
    .run = man_run,
};

static int completion_run(int argc, char **argv)
{
        (void)argc;
        if (strcmp(argv[0], "bash") != 0) {
                fprintf(stderr, "coffer completion: only bash is there so far\n");
                return EXIT_USAGE;
        }
        cli_print_completion_bash(stdout);
        return 0;
}

const struct cli_command cmd_completion = {
    .name = "completion",
    .operands = "bash",
    .summary = "print the shell completion",
    .about = "Made from the same table as this help, so it is never behind.",
    .examples = "source <(coffer completion bash)\tfor this shell\n"
                "coffer completion bash > /etc/bash_completion.d/coffer\tfor every shell of this machine",
    .min_operands = 1,
    .max_operands = 1,
    .run = completion_run,
};

static int version_run(int argc, char **argv)
{
        (void)argc;
        (void)argv;
        puts("coffer " COFFER_VERSION);
        return 0;
}

const struct cli_command cmd_version = {
    .name = "version",
    .operands = "",
    .summary = "print the version",
    .about = "One line: the program's name and its version.",
    .run = version_run,
};
