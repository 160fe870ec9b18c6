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

/* Findings of one side, by component, then id. */
struct side {
        const struct finding **at;
        size_t n;
        const struct finding **other; /* what each is on the other side; NULL: nothing */
};

static struct side side_make(const struct match *m, struct arena *a)
{
        return (struct side){
            .at = sorted(m, a), .n = m->n_findings, .other = arena_array(a, m->n_findings, sizeof(struct finding *))};
}

static bool side_find(const struct side *s, uint32_t component, struct span id, size_t *ret)
{
        const struct finding like = {.component = component, .id = id}, *key = &like;
        const struct finding **at =
            s->n > 0 ? bsearch(&key, s->at, s->n, sizeof(struct finding *), finding_order) : NULL;

        if (at)
                *ret = (size_t)(at - s->at);
        return at != NULL;
}

static void same_ids_join(struct side *old, struct side *new)
{
        for (size_t k = 0; k < new->n; k++) {
                size_t i;

                if (!side_find(old, new->at[k]->component, new->at[k]->id, &i))
                        continue;
                new->other[k] = old->at[i];
                old->other[i] = new->at[k];
        }
}

/*
 * What a finding is called can change while it stays what it is: a GHSA is given its CVE, or loses it. One that the other side knows
 * by an alias is that one, each for one at most; of several that have become one, the others are not gone either. Ids in common
 * alone say nothing: an advisory for ten CVEs is an alias of ten findings.
 */
static void aliases_join(struct side *from, struct side *to, bool many)
{
        for (size_t k = 0; k < from->n; k++) {
                const struct finding *f = from->at[k];

                for (size_t n = 0; n < f->n_aliases; n++) {
                        size_t i;

                        if (!side_find(to, f->component, f->aliases[n], &i) || to->other[i] ||
                            (from->other[k] && !many))
                                continue;
                        to->other[i] = f;
                        if (!from->other[k])
                                from->other[k] = to->at[i];
                }
        }
}

bool fleet_compare(struct fleet *f, const struct store_row *rows, size_t n, const struct match *old,
    const struct match *new, struct err *e)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct side x = side_make(old, a), y = side_make(new, a);
        size_t i = 0, k = 0;

        same_ids_join(&x, &y);
        aliases_join(&y, &x, true);
        aliases_join(&x, &y, false);
        while (i < x.n || k < y.n) { /* in the order of components */
                bool is_old = k == y.n || (i < x.n && x.at[i]->component <= y.at[k]->component);
                const struct finding *of = is_old ? x.at[i] : y.at[k], *other = is_old ? x.other[i++] : y.other[k++];
                enum change_kind kind;

                if (of->component >= n)
                        return err_set(e, ERR_BUG, "a finding of an owner");
                if (is_old ? !other && kind_of(of, NULL, &kind) : kind_of(other, of, &kind))
                        change_put(f, &rows[of->component], kind, of);
        }
        return true;
}
