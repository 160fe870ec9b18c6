#include "report/report_priv.h"

/* One finding with what it is grouped by. */
struct item {
        enum group_kind kind;
        struct span ecosystem;
        const struct finding *f;
};

static enum group_kind kind_of(const struct finding *f)
{
        if (f->answer != ADVISORY_AFFECTED)
                return GROUP_CANNOT_TELL;
        return f->fixed.len > 0 ? GROUP_UPDATE : GROUP_NO_FIX;
}

static int group_compare(const struct item *a, const struct item *b)
{
        int by = (a->kind > b->kind) - (a->kind < b->kind);

        if (by == 0)
                by = span_compare(a->ecosystem, b->ecosystem);
        if (by == 0)
                by = span_compare(a->f->package, b->f->package);
        if (by == 0)
                by = span_compare(a->f->package_version, b->f->package_version);
        return by;
}

/* Within a group as the match has them: most severe first. */
static int item_order(const void *pa, const void *pb)
{
        const struct item *a = pa, *b = pb;
        int by = group_compare(a, b);

        return by ? by : (a->f > b->f) - (a->f < b->f);
}

static int component_order(const void *pa, const void *pb)
{
        const struct component *a = *(const struct component *const *)pa, *b = *(const struct component *const *)pb;
        int by = span_compare(a->name, b->name);

        if (by == 0)
                by = span_compare(a->path, b->path);
        return by ? by : (a > b) - (a < b);
}

static int group_order(const void *pa, const void *pb)
{
        const struct group *a = pa, *b = pb;
        const struct finding *x = a->findings[0], *y = b->findings[0];
        int by = (a->kind > b->kind) - (a->kind < b->kind);

        if (by == 0) /* as the match has them: its most urgent finding tells a group's place */
                by = (x->fact.kev_added_s == 0) - (y->fact.kev_added_s == 0);
        if (by == 0)
                by = (x->severity < y->severity) - (x->severity > y->severity);
        if (by == 0)
                by = (x->fact.epss < y->fact.epss) - (x->fact.epss > y->fact.epss);
        if (by == 0)
                by = (x->score_tenths < y->score_tenths) - (x->score_tenths > y->score_tenths);
        if (by == 0)
                by = span_compare(x->package, y->package);
        if (by == 0)
                by = span_compare(x->id, y->id);
        return by ? by : (x > y) - (x < y);
}

static int span_order(const void *a, const void *b)
{
        return span_compare(*(const struct span *)a, *(const struct span *)b);
}

/*
 * The version that match has found to mend them all, the same in each. Where it could find none (versions without an order), or
 * not one for all (streams of a module), naming one would promise what nobody knows: then all of them.
 */
static size_t fixed_versions(const struct item *items, size_t n, struct span *into)
{
        size_t distinct = 0;

        for (size_t i = 0; i < n; i++)
                into[i] = items[i].f->update.len > 0 ? items[i].f->update : items[i].f->fixed;
        qsort(into, n, sizeof(*into), span_order);
        for (size_t i = 0; i < n; i++)
                if (i == 0 || !span_equal(into[i], into[distinct - 1]))
                        into[distinct++] = into[i];
        return distinct;
}

static struct group group_make(const struct item *items, size_t n, const struct inventory *v, struct arena *a)
{
        const struct finding **findings = arena_array(a, n, sizeof(*findings));
        const struct component **components = arena_array(a, n, sizeof(*components));
        struct group g = {.kind = items[0].kind, .findings = findings, .components = components};

        for (size_t i = 0; i < n; i++) {
                /* In the match's order equal ids are neighbours: one for each component that has it. */
                if (i == 0 || !span_equal(items[i].f->id, items[i - 1].f->id))
                        findings[g.n_findings++] = items[i].f;
                components[i] = &v->components[items[i].f->component];
        }
        if (g.kind == GROUP_UPDATE) {
                struct span *fixed = arena_array(a, n, sizeof(*fixed));

                g.n_fixed = fixed_versions(items, n, fixed);
                g.fixed = fixed;
                for (size_t i = 0; i < n; i++)
                        if (items[i].f->update_brings > g.brings)
                                g.brings = items[i].f->update_brings;
        }
        qsort(components, n, sizeof(*components), component_order);
        for (size_t i = 0; i < n; i++)
                if (i == 0 || components[i] != components[g.n_components - 1])
                        components[g.n_components++] = components[i];
        return g;
}

void report_groups(const struct report_facts *facts, struct arena *a, struct groups *ret)
{
        const struct match *m = facts->match;
        const struct inventory *v = facts->inventory;
        struct item *items = arena_array(a, m->n_findings, sizeof(*items));
        size_t n = 0;

        *ret = (struct groups){0};
        for (size_t i = 0; i < m->n_findings; i++) {
                const struct finding *f = &m->findings[i];

                if (!report_is_set_aside(facts, i))
                        items[n++] = (struct item){kind_of(f), v->components[f->component].ecosystem, f};
        }
        if (n == 0)
                return;
        qsort(items, n, sizeof(*items), item_order);
        for (size_t i = 0, end; i < n; i = end) {
                end = i + 1;
                while (end < n && group_compare(&items[end], &items[i]) == 0)
                        end++;
                *ARENA_PUSH(a, ret) = group_make(&items[i], end - i, v, a);
        }
        qsort(ret->at, ret->len, sizeof(*ret->at), group_order);
}
