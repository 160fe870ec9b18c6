/* Help text from the command table. */
#include "cli.h"

static void print_option(FILE *to, const struct cli_option *o)
{
        char left[64];
        int n;

        n = snprintf(left, sizeof(left), "  %c%c%s --%s%s%s", o->letter ? '-' : ' ', o->letter ? o->letter : ' ',
            o->letter ? "," : " ", o->name, o->value ? " " : "", o->value ? o->value : "");
        fprintf(to, n > 29 ? "%s\n%31s%s" : "%-29s%.0s  %s", left, "", o->help);
        if (o->choices)
                fprintf(to, " (%s)", o->choices);
        if (o->kind == CLI_LIST)
                fprintf(to, "; may be repeated");
        fputc('\n', to);
}

/* Paragraphs wrapped at 100 columns. */
static void print_wrapped(FILE *to, const char *text, unsigned width)
{
        unsigned column = 0;

        for (const char *p = text; *p;) {
                size_t word = strcspn(p, " \n");
                if (column && column + 1 + word > width) {
                        fputc('\n', to);
                        column = 0;
                }
                if (column)
                        column += (unsigned)fprintf(to, " ");
                fwrite(p, 1, word, to);
                column += (unsigned)word;
                p += word;
                if (p[0] == '\n') {
                        size_t breaks = strspn(p, "\n");
                        fputs(breaks > 1 ? "\n\n" : "\n", to);
                        column = 0;
                        p += breaks;
                } else if (*p) {
                        p++;
                }
        }
        fputc('\n', to);
}

void cli_print_help(FILE *to, const struct cli_command *c)
{
        fprintf(to, "coffer %s: %s\n\nusage: coffer %s [OPTION...] %s\n\n", c->name, c->summary, c->name, c->operands);
        print_wrapped(to, c->about, 100);
        if (c->n_options)
                fprintf(to, "\noptions:\n");
        for (size_t i = 0; i < c->n_options; i++)
                print_option(to, &c->options[i]);
        fprintf(to, "\nfor every command:\n");
        for (size_t i = 0; i < cli_n_global_options; i++)
                print_option(to, &cli_global_options[i]);
        if (c->examples) {
                struct span rest = span_of(c->examples), line, command, comment;
                fprintf(to, "\nexamples:\n");
                while (rest.len > 0) {
                        span_split(rest, '\n', &line, &rest);
                        span_split(line, '\t', &command, &comment);
                        fprintf(to, "  %.*s\n      %.*s\n", SPAN_FMT(command), SPAN_FMT(comment));
                }
        }
}

void cli_print_overview(FILE *to)
{
        fprintf(to, "coffer runs other people's containers on machines you own: scanned, decided by policy, isolated,\n"
                    "and every decision on record.\n\nusage: coffer COMMAND [OPTION...] [OPERAND...]\n\n");
        for (size_t i = 0; i < cli_n_commands; i++)
                fprintf(to, "  %-14s %s\n", cli_commands[i]->name, cli_commands[i]->summary);
        fprintf(to, "\n`coffer COMMAND --help` says more; coffer(1) is the manual.\n"
                    "exit status of scan and check: 0 clean, 1 the policy says no, 2 usage, 3 not assessed, 4 internal.\n");
}
