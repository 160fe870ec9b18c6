/* Two lists of findings of the same components -> what is another one now. */
#include "assess/fleet_priv.h"

/* By component, then id: the order in which two lists are merged. */
static int finding_order(const void *pa, const void *pb)
{
        const struct finding *a = *(const struct finding *const *)pa, *b = *(const struct finding *const *)pb;
        int by = (a->component > b->component) - (a->component < b->component);

        return by ? by : span_compare(a->id, b->id);
}

static const struct finding **sorted(const struct match *m, struct arena *a)
{
        const struct finding **list = arena_array(a, m->n_findings, sizeof(*list));

        for (size_t i = 0; i < m->n_findings; i++)
                list[i] = &m->findings[i];
        if (m->n_findings > 1)
                qsort(list, m->n_findings, sizeof(*list), finding_order);
        return list;
}

static bool is_exploited(const struct finding *f)
{
        return f->fact.kev_added_s > 0 || f->fact.exploitation == ADVISORY_EXPLOITATION_ACTIVE;
}

/* How bad, as one number: whether it applies, whether it is exploited, its severity. */
static int badness(const struct finding *f)
{
        return (f->answer == ADVISORY_AFFECTED ? 100 : 0) + (is_exploited(f) ? 50 : 0) + (int)f->severity;
}

static bool kind_of(const struct finding *old, const struct finding *new, enum change_kind *ret)
{
        if (!old) {
                *ret = CHANGE_ADDED;
                return true;
        }
        if (!new) {
                *ret = CHANGE_REMOVED;
                return true;
        }
        if (badness(old) != badness(new)) {
                *ret = badness(new) > badness(old) ? CHANGE_WORSENED : CHANGE_EASED;
                return true;
        }
        *ret = CHANGE_MENDABLE;
        return old->fixed.len == 0 && new->fixed.len > 0;
}

static void change_put(struct fleet *f, const struct store_row *row, enum change_kind kind, const struct finding *of)
{
        struct arena *a = f->arena;

        if (f->rows.len == 0 || f->rows.at[f->rows.len - 1].component != row->id)
                *ARENA_PUSH(a, &f->rows) = (struct changed_row){.component = row->id, .first = f->changes.len};
        f->rows.at[f->rows.len - 1].n++;
        *ARENA_PUSH(a, &f->changes) = (struct change){.kind = kind,
            .ecosystem = arena_copy(a, row->c.ecosystem),
            .id = arena_copy(a, of->id),
            .package = arena_copy(a, of->package),
            .version = arena_copy(a, of->package_version),
            .fixed = arena_copy(a, of->fixed),
            .explanation = arena_copy(a, of->explanation),
            .severity = of->severity,
            .score_tenths = of->score_tenths,
            .exploited = is_exploited(of)};
}

bool fleet_compare(struct fleet *f, const struct store_row *rows, size_t n, const struct match *old,
    const struct match *new, struct err *e)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        const struct finding **x = sorted(old, a), **y = sorted(new, a);
        size_t i = 0, k = 0;

        while (i < old->n_findings || k < new->n_findings) {
                int by = i == old->n_findings ? 1 : k == new->n_findings ? -1 : finding_order(&x[i], &y[k]);
                const struct finding *was = by <= 0 ? x[i] : NULL, *is = by >= 0 ? y[k] : NULL, *of = is ? is : was;
                enum change_kind kind;

                if (!of || of->component >= n)
                        return err_set(e, ERR_BUG, "a finding of an owner");
                if (kind_of(was, is, &kind))
                        change_put(f, &rows[of->component], kind, of);
                i += by <= 0;
                k += by >= 0;
        }
        return true;
}
