/* The bash completion, from the command table. */
#include "cli.h"

static struct span first_word(const struct cli_command *c)
{
        struct span first, rest;

        span_split(span_of(c->name), ' ', &first, &rest);
        return first;
}

/* The verbs of a noun ("build import status" of "db"), or the empty list. */
static void print_verbs(FILE *to, struct span noun)
{
        for (size_t i = 0; i < cli_n_commands; i++) {
                struct span first, verb;
                if (span_split(span_of(cli_commands[i]->name), ' ', &first, &verb) && span_equal(first, noun))
                        fprintf(to, "%.*s ", SPAN_FMT(verb));
        }
}

static bool is_first_of_noun(size_t i)
{
        return i == 0 || !span_equal(first_word(cli_commands[i]), first_word(cli_commands[i - 1]));
}

static void print_case(FILE *to, const struct cli_command *c)
{
        bool two = strchr(c->name, ' ') != NULL;

        fprintf(to, "        \"%s%s) words=\"--help", c->name, two ? "\"" : " \"*");
        for (size_t k = 0; k < c->n_options; k++)
                fprintf(to, " --%s", c->options[k].name);
        for (size_t k = 0; k < cli_n_global_options; k++)
                fprintf(to, " --%s", cli_global_options[k].name);
        fputs("\"\n                case \"$prev\" in\n", to);
        for (size_t k = 0; k < c->n_options; k++)
                if (c->options[k].choices)
                        fprintf(to, "                --%s) words=\"%s\" ;;\n", c->options[k].name, c->options[k].choices);
        fputs("                esac ;;\n", to);
}

void cli_print_completion_bash(FILE *to)
{
        fputs("# bash completion for coffer, made from its command table by `coffer completion bash`\n"
              "_coffer() {\n"
              "        local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
              "        local cmd=${COMP_WORDS[1]} sub=${COMP_WORDS[2]} words=\n"
              "        if [ \"$COMP_CWORD\" = 1 ]; then\n"
              "                words=\"",
            to);
        for (size_t i = 0; i < cli_n_commands; i++)
                if (is_first_of_noun(i))
                        fprintf(to, "%.*s ", SPAN_FMT(first_word(cli_commands[i])));
        fputs("--help --version\"\n"
              "                mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
              "                return\n"
              "        fi\n"
              "        if [ \"$COMP_CWORD\" = 2 ]; then\n"
              "                case \"$cmd\" in\n",
            to);
        for (size_t i = 0; i < cli_n_commands; i++) {
                if (!is_first_of_noun(i) || !strchr(cli_commands[i]->name, ' '))
                        continue;
                fprintf(to, "                %.*s) words=\"", SPAN_FMT(first_word(cli_commands[i])));
                print_verbs(to, first_word(cli_commands[i]));
                fputs("\" ;;\n", to);
        }
        fputs("                esac\n"
              "                if [ -n \"$words\" ]; then\n"
              "                        mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
              "                        return\n"
              "                fi\n"
              "        fi\n"
              "        case \"$cmd $sub\" in\n",
            to);
        for (int two = 1; two >= 0; two--)
                for (size_t i = 0; i < cli_n_commands; i++)
                        if ((strchr(cli_commands[i]->name, ' ') != NULL) == two)
                                print_case(to, cli_commands[i]);
        fputs("        esac\n"
              "        case \"$cur\" in\n"
              "        -*) mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\") ;;\n"
              "        *) case \"$words\" in --*) words= ;; esac\n"
              "           mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\"; [ -n \"$words\" ] || compgen -f -- \"$cur\") ;;\n"
              "        esac\n"
              "}\n"
              "complete -o filenames -F _coffer coffer\n",
            to);
}
