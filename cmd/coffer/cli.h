/*
 * The command table: one row a command, and from it come parsing, help, man pages and shell completion.
 *
 * A command is one file cmd_<name>.c that defines a `struct cli_command` and one row in commands.c.
 */
#pragma once

#include "base/base.h"

/* Exit codes of scan and check, documented and frozen. run has its own: see EXIT_RUN_*. */
enum {
        EXIT_CLEAN = 0,        /* done; for check: allowed */
        EXIT_FINDINGS = 1,     /* the policy or --fail-on says no */
        EXIT_USAGE = 2,
        EXIT_NOT_ASSESSED = 3, /* input malformed or unavailable; a privilege or a host feature is missing */
        EXIT_INTERNAL = 4,     /* our own fault */
        EXIT_RUN_REFUSED = 125, /* run: any refusal or failure before the start; the kind stands in its JSON */
        EXIT_INTERRUPTED = 130,
};

enum cli_kind { CLI_FLAG = 0, CLI_TEXT, CLI_LIST, CLI_SIZE, CLI_NUMBER };

#define CLI_LIST_MAX 64u /* values of one repeated option */

struct cli_list {
        const char *at[CLI_LIST_MAX];
        size_t n;
};

struct cli_option {
        const char *name; /* long form */
        char letter;      /* 0: none */
        enum cli_kind kind;
        const char *value; /* what the value is called, in help: "FILE" */
        const char *help;
        void *to;          /* bool, const char *, struct cli_list, uint64_t (bytes: 64k, 512m, 2g), uint64_t */
        const char *choices; /* "table json": checked, and offered by completion; NULL: anything */
};

struct cli_command {
        const char *name;     /* "scan", "db build" */
        const char *operands; /* "IMAGE [COMMAND [ARG...]]" */
        const char *summary;  /* one line, no full stop */
        const char *about;    /* paragraphs, separated by "\n\n" */
        const char *examples; /* lines "command\tcomment" separated by '\n'; may be NULL */
        const struct cli_option *options;
        size_t n_options;
        int min_operands, max_operands; /* max -1: any number */
        bool stop_at_operand;           /* options end at the first operand: the rest belongs to the container */
        int usage_exit;                 /* 0: EXIT_USAGE */
        int (*run)(int argc, char **argv); /* the operands alone */
};

extern const struct cli_command *const cli_commands[];
extern const size_t cli_n_commands;
extern const struct cli_option cli_global_options[];
extern const size_t cli_n_global_options;

/* Finds the command, parses its options and runs it; prints usage errors. Returns the exit status. */
int cli_main(int argc, char **argv);

/* ---- what the table gives besides parsing (cli_help.c, cli_man.c, cli_completion.c) ---- */

void cli_print_overview(FILE *to);
void cli_print_help(FILE *to, const struct cli_command *c);
void cli_print_man(FILE *to, const struct cli_command *c); /* roff man(7); NULL: the page coffer(1) */
void cli_print_completion_bash(FILE *to);

/* ---- shared by commands (state.c) ---- */

extern const char *arg_root;
extern bool arg_quiet;

/* "error: ..." on standard error, made printable; returns the exit code that belongs to the kind. */
int cli_fail(const struct err *e);
int cli_exit_code(enum err_kind kind);
/* What to do about it, where that is the same for all commands; else NULL. cli_fail says it. */
const char *cli_remedy(const struct err *e);

/* The state folder: --root, COFFER_ROOT, /var/lib/coffer as root, $XDG_DATA_HOME/coffer. Made if need be, mode 0700. */
bool state_open(int *ret_fd, struct err *e);
bool state_open_existing(int *ret_fd, struct err *e); /* never makes one: ERR_NOT_FOUND */
const char *state_path(void); /* valid after either; empty when none could be chosen */

/* --output FILE or standard output; whole or an error. */
bool cli_write_output(const char *file, struct span content, struct err *e);
bool cli_use_colour(void); /* standard output is a terminal, NO_COLOR is unset and TERM is not dumb */
unsigned cli_width(void);  /* columns of the terminal; 100 when there is none */
