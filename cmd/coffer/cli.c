/* Parsing: from argv to one command's arg_* variables, by its table alone. */
#include "cli.h"

#include <errno.h>
#include <getopt.h>

static const struct cli_command *find_command(int argc, char **argv, int *ret_words)
{
        char two[64];

        if (argc > 2 && (size_t)snprintf(two, sizeof(two), "%s %s", argv[1], argv[2]) < sizeof(two))
                for (size_t i = 0; i < cli_n_commands; i++)
                        if (strcmp(cli_commands[i]->name, two) == 0) {
                                *ret_words = 2;
                                return cli_commands[i];
                        }
        for (size_t i = 0; i < cli_n_commands; i++)
                if (argc > 1 && strcmp(cli_commands[i]->name, argv[1]) == 0) {
                        *ret_words = 1;
                        return cli_commands[i];
                }
        return NULL;
}

/* Names that begin as the user's word does, for "did you mean". */
static void suggest(const char *word)
{
        size_t len = strlen(word);
        bool any = false;

        for (size_t i = 0; i < cli_n_commands; i++) {
                const char *name = cli_commands[i]->name;
                size_t same = 0;
                while (same < len && name[same] && name[same] == word[same])
                        same++;
                if (same >= 2 || (same == 1 && len <= 2)) {
                        fprintf(stderr, "%s%s", any ? ", " : "did you mean: ", name);
                        any = true;
                }
        }
        if (any)
                fputc('\n', stderr);
        fprintf(stderr, "`coffer help` lists the commands\n");
}

static bool choice_is_valid(const char *choices, const char *value)
{
        struct span rest = span_of(choices), one;

        while (rest.len > 0) {
                span_split(rest, ' ', &one, &rest);
                if (span_is(one, value))
                        return true;
        }
        return false;
}

/* Bytes with an optional binary unit: 65536, 64k, 512m, 2g, as docker and podman users type them. */
static bool parse_size(const char *text, uint64_t *ret)
{
        static const char units[] = "bkmgt";
        size_t len = strlen(text);
        unsigned shift = 0;
        uint64_t v;

        if (len > 0 && (text[len - 1] | 0x20) >= 'a') {
                const char *u = strchr(units, text[len - 1] | 0x20);
                if (!u)
                        return false;
                shift = 10 * (unsigned)(u - units);
                len--;
        }
        if (!span_to_u64(span_bytes(text, len), &v) || v > UINT64_MAX >> shift)
                return false;
        *ret = v << shift;
        return true;
}

static bool option_set(const struct cli_option *o, const char *value)
{
        struct cli_list *list = o->to;

        if (value && o->choices && !choice_is_valid(o->choices, value)) {
                fprintf(stderr, "coffer: --%s: '%s' is not one of: %s\n", o->name, value, o->choices);
                return false;
        }
        switch (o->kind) {
        case CLI_FLAG:
                *(bool *)o->to = true;
                return true;
        case CLI_TEXT:
                *(const char **)o->to = value;
                return true;
        case CLI_LIST:
                if (list->n == CLI_LIST_MAX) {
                        fprintf(stderr, "coffer: --%s: given more than %u times\n", o->name, CLI_LIST_MAX);
                        return false;
                }
                list->at[list->n++] = value;
                return true;
        case CLI_SIZE:
                if (parse_size(value, o->to))
                        return true;
                fprintf(stderr, "coffer: --%s: '%s' is no size; say 65536, 64k, 512m or 2g\n", o->name, value);
                return false;
        case CLI_NUMBER:
                if (span_to_u64(span_of(value), o->to))
                        return true;
                fprintf(stderr, "coffer: --%s: '%s' is no whole number\n", o->name, value);
                return false;
        }
        return false;
}

#define OPTIONS_MAX 64u

struct option_set {
        struct option longs[OPTIONS_MAX + 1];
        const struct cli_option *rows[OPTIONS_MAX];
        char shorts[2 * OPTIONS_MAX + 3];
        size_t n;
};

static void option_set_add(struct option_set *s, const struct cli_option *rows, size_t n)
{
        size_t len = strlen(s->shorts);

        for (size_t i = 0; i < n && s->n < OPTIONS_MAX; i++) {
                s->rows[s->n] = &rows[i];
                s->longs[s->n] = (struct option){rows[i].name, rows[i].kind == CLI_FLAG ? no_argument : required_argument,
                    NULL, (int)(256 + s->n)};
                if (rows[i].letter) {
                        s->shorts[len++] = rows[i].letter;
                        if (rows[i].kind != CLI_FLAG)
                                s->shorts[len++] = ':';
                }
                s->n++;
        }
        s->shorts[len] = '\0';
}

static const struct cli_option *option_of(const struct option_set *s, int c)
{
        if (c >= 256 && (size_t)(c - 256) < s->n)
                return s->rows[c - 256];
        for (size_t i = 0; i < s->n; i++)
                if (c != 0 && s->rows[i]->letter == c)
                        return s->rows[i];
        return NULL;
}

static bool arg_help;
static const struct cli_option help_option = {"help", 'h', CLI_FLAG, NULL, "show this help", &arg_help, NULL};

static int run_command(const struct cli_command *c, int argc, char **argv)
{
        static struct option_set set;
        int usage = c->usage_exit ? c->usage_exit : EXIT_USAGE;
        int opt, n;

        set.shorts[0] = c->stop_at_operand ? '+' : '\0';
        set.shorts[1] = '\0';
        option_set_add(&set, c->options, c->n_options);
        option_set_add(&set, cli_global_options, cli_n_global_options);
        option_set_add(&set, &help_option, 1);
        while ((opt = getopt_long(argc, argv, set.shorts, set.longs, NULL)) != -1) {
                const struct cli_option *o = option_of(&set, opt);
                if (!o || !option_set(o, optarg)) {
                        fprintf(stderr, "`coffer %s --help` lists the options\n", c->name);
                        return usage;
                }
        }
        if (arg_help) {
                cli_print_help(stdout, c);
                return 0;
        }
        n = argc - optind;
        if (n < c->min_operands || (c->max_operands >= 0 && n > c->max_operands)) {
                fprintf(stderr, "coffer %s: %s\nusage: coffer %s [OPTION...] %s\n", c->name,
                    n < c->min_operands ? "an operand is missing" : "too many operands", c->name, c->operands);
                return usage;
        }
        return c->run(n, argv + optind);
}

/* Those that every command has, in front of it, as git and docker take them. Gives how many words they are; -1: wrong. */
static int leading_options(int argc, char **argv)
{
        static struct option_set set;
        static char shorts[] = "+";
        int opt, n;

        memcpy(set.shorts, shorts, sizeof(shorts));
        option_set_add(&set, cli_global_options, cli_n_global_options);
        while ((opt = getopt_long(argc, argv, set.shorts, set.longs, NULL)) != -1) {
                const struct cli_option *o = option_of(&set, opt);
                if (!o || !option_set(o, optarg)) {
                        fprintf(stderr, "`coffer help` lists the commands; their own options stand behind them\n");
                        return -1;
                }
        }
        n = optind - 1;
        optind = 0; /* from the beginning, for the command's own (getopt(3), glibc) */
        return n;
}

/* "db" alone: the commands that begin so. */
static bool tell_group(const char *word)
{
        size_t len = strlen(word);
        bool any = false;

        for (size_t i = 0; i < cli_n_commands; i++) {
                const char *name = cli_commands[i]->name;

                if (strncmp(name, word, len) != 0 || name[len] != ' ')
                        continue;
                fprintf(stderr, "%s%s", any ? ", " : "coffer: say which: ", name);
                any = true;
        }
        if (any)
                fputc('\n', stderr);
        return any;
}

int cli_main(int argc, char **argv)
{
        static char name[] = "coffer", version[] = "version", help[] = "help";
        const struct cli_command *c;
        int words = 0;

        if (argc < 2) {
                cli_print_overview(stderr);
                return EXIT_USAGE;
        }
        if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0)
                argv[1] = version;
        if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
                argv[1] = help;
        if (argv[1][0] == '-') {
                argv[0] = name;
                int n = leading_options(argc, argv);

                if (n < 0)
                        return EXIT_USAGE;
                argv[n] = argv[0];
                argc -= n;
                argv += n;
                if (argc < 2) {
                        cli_print_overview(stderr);
                        return EXIT_USAGE;
                }
        }
        c = find_command(argc, argv, &words);
        if (!c && tell_group(argv[1]))
                return EXIT_USAGE;
        if (!c) {
                char shown[64];
                fprintf(stderr, "coffer: there is no command '%s'\n", span_printable(span_of(argv[1]), shown, sizeof(shown)));
                suggest(argv[1]);
                return EXIT_USAGE;
        }
        /* getopt wants a program name first; its messages begin with it. */
        argv[words] = name;
        int code = run_command(c, argc - words, argv + words);

        /* What was not written was not said: a full disk must not read as success. */
        if ((fflush(stdout) != 0 || ferror(stdout)) && code == EXIT_CLEAN) {
                fprintf(stderr, "coffer: standard output: %s\n", strerror(errno));
                code = EXIT_NOT_ASSESSED;
        }
        return code;
}
