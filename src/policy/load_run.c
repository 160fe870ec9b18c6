/* The section `run`: how an image may be started. */
#include "policy/load_priv.h"

/* One of two words; the line is kept when it is the one that limits. */
static bool read_choice(const struct loader *l, const struct node *n, const char *what, const char *limits,
    const char *free_word, uint32_t *line)
{
        if (n->kind != NODE_SCALAR || (!span_is(n->text, limits) && !span_is(n->text, free_word)))
                return load_fail(l, n, "run: %s: %s or %s was expected", what, limits, free_word);
        *line = span_is(n->text, limits) ? n->line : 0;
        return true;
}

static bool run_network(const struct loader *l, const struct node *n, void *into)
{
        (void)into;
        return read_choice(l, n, "network", "none", "host", &l->p->run.network);
}

static bool run_user(const struct loader *l, const struct node *n, void *into)
{
        (void)into;
        return read_choice(l, n, "user", "non-root", "any", &l->p->run.user);
}

static bool run_command(const struct loader *l, const struct node *n, void *into)
{
        (void)into;
        return read_choice(l, n, "command", "image", "any", &l->p->run.command);
}

static bool run_read_only(const struct loader *l, const struct node *n, void *into)
{
        bool wanted = false, ok = load_bool(l, n, "run: read_only", &wanted);

        (void)into;
        l->p->run.read_only = wanted ? n->line : 0;
        return ok;
}

static bool run_32bit(const struct loader *l, const struct node *n, void *into)
{
        bool allowed = false, ok = load_bool(l, n, "run: allow_32bit", &allowed);

        (void)into;
        l->p->run.no_32bit = allowed ? 0 : n->line;
        return ok;
}

/* ---- volumes ---- */

/* Why no path that is resolved can look so; NULL: one can. */
static const char *path_fault(struct span path)
{
        struct span rest = path, part;

        if (path.len == 0 || path.at[0] != '/')
                return "begins with \"/\"";
        if (path.len == 1)
                return NULL;
        rest = span_from(path, 1);
        if (span_ends(rest, "/") || rest.len == 0)
                return "ends without \"/\"; \"/**\" is what lies below a folder";
        while (rest.len > 0) {
                span_split(rest, '/', &part, &rest);
                if (part.len == 0 || span_is(part, ".") || span_is(part, ".."))
                        return "has neither \"//\" nor \".\" nor \"..\" in it: it is compared with a path that is "
                               "resolved";
        }
        return NULL;
}

static bool run_volumes(const struct loader *l, const struct node *n, void *into)
{
        bool ok = true;

        (void)into;
        if (!load_list(l, n, "run: volumes", POLICY_LIST_MAX))
                return false;
        l->p->run.volumes.line = n->line;
        for (size_t i = 0; i < n->n_items; i++) {
                struct path_rule rule = {.line = n->items[i].line};
                const char *fault;

                if (!load_text(l, &n->items[i], "run: volumes", &rule.text)) {
                        ok = false;
                        continue;
                }
                rule.read_only = span_ends(rule.text, ":ro");
                rule.pattern = span_cut(rule.text, 0, rule.text.len - (rule.read_only ? strlen(":ro") : 0));
                fault = path_fault(rule.pattern);
                if (fault)
                        ok = load_fail(l, &n->items[i], "run: volumes: a pattern %s", fault);
                *ARENA_PUSH(l->p->arena, &l->p->run.volumes) = rule;
        }
        return ok;
}

/* ---- names ---- */

static bool read_names(const struct loader *l, const struct node *n, const char *what, struct name_list *to)
{
        bool ok = true;

        to->line = n->line;
        for (size_t i = 0; i < n->n_items; i++) {
                struct name_rule rule = {.line = n->items[i].line};
                size_t at;

                if (!load_text(l, &n->items[i], what, &rule.text)) {
                        ok = false;
                        continue;
                }
                if (span_find(rule.text, '=', &at))
                        ok = load_fail(l, &n->items[i], "%s: a name has no \"=\" in it: leave the value out", what);
                rule.pattern = load_stars_doubled(rule.text, l->p->arena);
                *ARENA_PUSH(l->p->arena, to) = rule;
        }
        return ok;
}

static bool variables_deny(const struct loader *l, const struct node *n, void *into)
{
        (void)into;
        return load_list(l, n, "run: environment.deny", POLICY_LIST_MAX) &&
               read_names(l, n, "run: environment.deny", &l->p->run.variables_deny);
}

/* Empty is meant here: no variable at all. */
static bool variables_allow(const struct loader *l, const struct node *n, void *into)
{
        (void)into;
        return load_list(l, n, "run: environment.allow", POLICY_LIST_MAX) &&
               read_names(l, n, "run: environment.allow", &l->p->run.variables_allow);
}

static const struct load_key variables_keys[] = {{"deny", variables_deny, false}, {"allow", variables_allow, false}};

static bool run_environment(const struct loader *l, const struct node *n, void *into)
{
        return load_mapping(l, n, "run: environment", variables_keys, ARRAY_LEN(variables_keys), into);
}

static bool run_runtimes(const struct loader *l, const struct node *n, void *into)
{
        (void)into;
        return load_list(l, n, "run: runtimes", POLICY_LIST_MAX) &&
               read_names(l, n, "run: runtimes", &l->p->run.runtimes);
}

/* ---- limits ---- */

static bool run_memory(const struct loader *l, const struct node *n, void *into)
{
        static const struct {
                const char *name;
                unsigned shift;
        } units[] = {{"KiB", 10}, {"MiB", 20}, {"GiB", 30}, {"TiB", 40}, {"", 0}};
        struct run_limit *to = &l->p->run.memory;
        size_t u = 0;
        uint64_t v;

        (void)into;
        to->line = n->line;
        while (n->kind == NODE_SCALAR && !span_ends(n->text, units[u].name))
                u++;
        if (n->kind != NODE_SCALAR || !n->plain ||
            !span_to_u64(span_trim(span_cut(n->text, 0, n->text.len - strlen(units[u].name))), &v) || v == 0 ||
            v > UINT64_MAX >> units[u].shift)
                return load_fail(l, n, "run: max_memory: a size above 0 was expected, for example 512MiB or 2GiB");
        to->max = v << units[u].shift;
        return true;
}

/* Thousandths. */
static bool run_cpus(const struct loader *l, const struct node *n, void *into)
{
        struct run_limit *to = &l->p->run.cpus;
        struct span units = {0}, part = {0};
        uint64_t v = 0, thousandths = 0;
        bool ok = n->kind == NODE_SCALAR && n->plain;

        (void)into;
        to->line = n->line;
        if (ok && span_split(n->text, '.', &units, &part))
                ok = part.len > 0 && part.len <= 3 && span_to_u64(part, &thousandths);
        for (size_t i = part.len; i < 3; i++)
                thousandths *= 10;
        ok = ok && span_to_u64(units, &v) && v <= POLICY_CPUS_MAX && v * 1000 + thousandths > 0;
        to->max = v * 1000 + thousandths;
        return ok || load_fail(l, n, "run: max_cpus: a number above 0 was expected, for example 2 or 1.5");
}

static bool run_pids(const struct loader *l, const struct node *n, void *into)
{
        struct run_limit *to = &l->p->run.pids;
        uint32_t v = 0;

        (void)into;
        to->line = n->line;
        if (!load_number(l, n, "run: max_pids", POLICY_PIDS_MAX, &v))
                return false;
        to->max = v;
        return v > 0 || load_fail(l, n, "run: max_pids: a number above 0 was expected");
}

static const struct load_key run_keys[] = {
    {"network", run_network, false},
    {"volumes", run_volumes, false},
    {"user", run_user, false},
    {"command", run_command, false},
    {"environment", run_environment, false},
    {"runtimes", run_runtimes, false},
    {"read_only", run_read_only, false},
    {"allow_32bit", run_32bit, false},
    {"max_memory", run_memory, false},
    {"max_cpus", run_cpus, false},
    {"max_pids", run_pids, false},
};

bool load_run(const struct loader *l, const struct node *n, void *into)
{
        l->p->run.line = n->line;
        return load_mapping(l, n, "run", run_keys, ARRAY_LEN(run_keys), into);
}
