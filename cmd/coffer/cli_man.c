/* Man pages, man(7) roff, from the command table. */
#include "cli.h"
#include "coffer_build.h"

/* roff text: a leading '.' or '\'' would be a request, '-' and '\\' have their own escapes. */
static void roff(FILE *to, const char *text)
{
        bool line_start = true;

        for (const char *p = text; *p; p++) {
                if (line_start && (*p == '.' || *p == '\''))
                        fputs("\\&", to);
                if (*p == '-')
                        fputs("\\-", to);
                else if (*p == '\\')
                        fputs("\\e", to);
                else
                        fputc(*p, to);
                line_start = *p == '\n';
        }
}

static void roff_paragraphs(FILE *to, const char *text)
{
        struct span rest = span_of(text), line;

        while (rest.len > 0) {
                span_split(rest, '\n', &line, &rest);
                if (line.len == 0) {
                        fputs(".PP\n", to);
                        continue;
                }
                char one[2048];
                snprintf(one, sizeof(one), "%.*s", SPAN_FMT(line));
                roff(to, one);
                fputc('\n', to);
        }
}

static void man_option(FILE *to, const struct cli_option *o)
{
        fputs(".TP\n", to);
        if (o->letter)
                fprintf(to, "\\fB\\-%c\\fR, ", o->letter);
        fputs("\\fB\\-\\-", to);
        roff(to, o->name);
        fputs("\\fR", to);
        if (o->value)
                fprintf(to, " \\fI%s\\fR", o->value);
        fputc('\n', to);
        roff(to, o->help);
        if (o->choices)
                fprintf(to, " (one of: %s)", o->choices);
        if (o->kind == CLI_LIST)
                fputs("; may be repeated", to);
        fputs(".\n", to);
}

static void man_name(FILE *to, const char *name)
{
        for (; *name; name++)
                fputs(*name == ' ' ? "\\-" : (char[]){*name, '\0'}, to);
}

static void man_head(FILE *to, const struct cli_command *c)
{
        char upper[64] = "COFFER", *u = upper + 6;

        if (c) {
                *u++ = '-';
                for (const char *p = c->name; *p && u < upper + sizeof(upper) - 1; p++)
                        *u++ = *p == ' ' ? '-' : (char)(*p >= 'a' && *p <= 'z' ? *p - 32 : *p);
                *u = '\0';
        }
        fprintf(to, ".TH \"%s\" \"1\" \"2026-11-23\" \"Coffer %s\" \"Coffer manual\"\n.nh\n", upper, COFFER_VERSION);
}

static void man_exit_status(FILE *to)
{
        fputs(".SH EXIT STATUS\n"
              "Of scan, check and every command but run:\n"
              ".TP\n.B 0\nDone; the policy allows, or was not asked.\n"
              ".TP\n.B 1\nThe policy or \\-\\-fail\\-on says no.\n"
              ".TP\n.B 2\nThe command line is wrong.\n"
              ".TP\n.B 3\nNot assessed: the input is malformed or unavailable, or a privilege or host feature is missing.\n"
              ".TP\n.B 4\nA fault of Coffer itself.\n"
              ".TP\n.B 130\nInterrupted; nothing was left half done.\n"
              ".PP\ncoffer run passes on the container's own status; 125 is every refusal or failure before the start,\n"
              "126 a command that can't be run, 127 a command that is not there, 128+N death by signal N.\n", to);
}

static void man_overview(FILE *to)
{
        man_head(to, NULL);
        fputs(".SH NAME\ncoffer \\- run other people's containers: scanned, decided, isolated, on record\n"
              ".SH SYNOPSIS\n\\fBcoffer\\fR \\fICOMMAND\\fR [\\fIOPTION\\fR...] [\\fIOPERAND\\fR...]\n"
              ".SH DESCRIPTION\nOne command, coffer run, assesses an image layer by layer, decides by a policy, starts the\n"
              "container in a user namespace of its own, and keeps a record that says why it was allowed.\n"
              "Each step is a command of its own too.\n.SH COMMANDS\n", to);
        for (size_t i = 0; i < cli_n_commands; i++) {
                fputs(".TP\n\\fBcoffer\\-", to);
                man_name(to, cli_commands[i]->name);
                fputs("\\fR(1)\n", to);
                roff(to, cli_commands[i]->summary);
                fputs(".\n", to);
        }
        fputs(".SH OPTIONS\n", to);
        for (size_t i = 0; i < cli_n_global_options; i++)
                man_option(to, &cli_global_options[i]);
        man_exit_status(to);
        fputs(".SH ENVIRONMENT\n.TP\n.B COFFER_ROOT\nThe state folder, if \\-\\-root is not given.\n"
              ".TP\n.B NO_COLOR\nIf set, no colour is used.\n"
              ".SH FILES\n.TP\n.I /var/lib/coffer\nThe state folder of root; elsewhere it is $XDG_DATA_HOME/coffer.\n", to);
}

void cli_print_man(FILE *to, const struct cli_command *c)
{
        if (!c) {
                man_overview(to);
                return;
        }
        man_head(to, c);
        fputs(".SH NAME\ncoffer\\-", to);
        man_name(to, c->name);
        fputs(" \\- ", to);
        roff(to, c->summary);
        fprintf(to, "\n.SH SYNOPSIS\n\\fBcoffer %s\\fR [\\fIOPTION\\fR...] ", c->name);
        roff(to, c->operands);
        fputs("\n.SH DESCRIPTION\n", to);
        roff_paragraphs(to, c->about);
        fputs(".SH OPTIONS\n", to);
        for (size_t i = 0; i < c->n_options; i++)
                man_option(to, &c->options[i]);
        for (size_t i = 0; i < cli_n_global_options; i++)
                man_option(to, &cli_global_options[i]);
        if (c->examples) {
                struct span rest = span_of(c->examples), line, command, comment;
                char one[512];
                fputs(".SH EXAMPLES\n", to);
                while (rest.len > 0) {
                        span_split(rest, '\n', &line, &rest);
                        span_split(line, '\t', &command, &comment);
                        fputs(".TP\n\\fB", to);
                        snprintf(one, sizeof(one), "%.*s", SPAN_FMT(command));
                        roff(to, one);
                        snprintf(one, sizeof(one), "%.*s", SPAN_FMT(comment));
                        fputs("\\fR\n", to);
                        roff(to, one);
                        fputc('\n', to);
                }
        }
        man_exit_status(to);
        fputs(".SH SEE ALSO\n.BR coffer (1)\n", to);
}
