/* References between entries: what a lock file lists, who installed what, and what leads nowhere. */
#include "inventory/sbom/sbom_priv.h"

#include <stdlib.h>

struct ref {
        struct span name;
        struct sbom_entry *entry;
};

struct links {
        struct sbom_document *d;
        struct ref *refs; /* ascending by name, then as they stand in the document */
        size_t n_refs;
        struct sbom_entry **waiting; /* of a walk */
        size_t n_waiting;
};

static int ref_order(const void *a, const void *b)
{
        const struct ref *x = a, *y = b;
        int by = span_compare(x->name, y->name);

        return by ? by : (x->entry->number > y->entry->number) - (x->entry->number < y->entry->number);
}

static int edge_order(const void *a, const void *b)
{
        const struct sbom_edge *x = a, *y = b;
        int by = span_compare(x->from, y->from);

        return by ? by : span_compare(x->to, y->to);
}

/* The first of that name; NULL: none. */
static struct sbom_entry *find(const struct links *l, struct span name)
{
        size_t low = 0, high = l->n_refs;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                if (span_compare(l->refs[middle].name, name) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low < l->n_refs && span_equal(l->refs[low].name, name) ? l->refs[low].entry : NULL;
}

static size_t first_edge(const struct sbom_document *d, struct span from)
{
        size_t low = 0, high = d->edges.len;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                if (span_compare(d->edges.at[middle].from, from) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

/* What a lock file lists, and what that depends on, was found in it. The first that reaches an entry has it. */
static void walk(struct links *l, const struct sbom_entry *holder)
{
        struct sbom_document *d = l->d;
        struct span from = holder->ref;

        for (l->n_waiting = 0;;) {
                for (size_t i = first_edge(d, from); i < d->edges.len && span_equal(d->edges.at[i].from, from); i++) {
                        struct sbom_entry *to = find(l, d->edges.at[i].to);
                        if (!to || to->walked || to->holder || to->subject)
                                continue;
                        to->walked = true;
                        if (to->path.len == 0)
                                to->path = holder->name;
                        if (to->ref.len > 0)
                                l->waiting[l->n_waiting++] = to;
                }
                if (l->n_waiting == 0)
                        return;
                from = l->waiting[--l->n_waiting]->ref;
        }
}

/* A dependency that nothing stands for: the list was cut, or filtered. */
static void note_nowhere(const struct links *l)
{
        struct sbom_document *d = l->d;
        struct span first = {0};
        char shown[160];
        size_t n = 0;

        for (size_t i = 0; i < d->edges.len; i++) {
                if (i > 0 && span_equal(d->edges.at[i].to, d->edges.at[i - 1].to))
                        continue;
                if (find(l, d->edges.at[i].to))
                        continue;
                if (n++ == 0)
                        first = d->edges.at[i].to;
        }
        if (n > 0)
                sbom_note(d, NULL, "%zu dependenc%s on what it does not list, the first is %s: it is not whole", n,
                    n == 1 ? "y" : "ies", span_printable(first, shown, sizeof(shown)));
}

void sbom_links(struct sbom_document *d)
{
        struct links l = {.d = d};
        char shown[160];

        l.refs = arena_array(d->arena, d->n_entries, sizeof(*l.refs));
        l.waiting = arena_array(d->arena, d->n_entries, sizeof(struct sbom_entry *));
        for (struct sbom_entry *entry = d->first; entry; entry = entry->next)
                if (entry->ref.len > 0)
                        l.refs[l.n_refs++] = (struct ref){entry->ref, entry};
        if (l.n_refs > 0)
                qsort(l.refs, l.n_refs, sizeof(*l.refs), ref_order);
        if (d->edges.len > 0)
                qsort(d->edges.at, d->edges.len, sizeof(*d->edges.at), edge_order);
        for (struct sbom_entry *entry = d->first; entry; entry = entry->next) {
                if (entry->holder && !span_is(entry->type, "operating-system") && entry->ref.len > 0)
                        walk(&l, entry);
                if (entry->owned_by.len > 0)
                        entry->owner = find(&l, entry->owned_by);
        }
        for (size_t i = 0; i < d->edges.len; i++) {
                struct sbom_entry *to = d->edges.at[i].contains ? find(&l, d->edges.at[i].to) : NULL;
                struct sbom_entry *from = to && !to->owner ? find(&l, d->edges.at[i].from) : NULL;
                if (from && !from->subject && !from->holder)
                        to->owner = from;
        }
        if (d->edges_closed)
                note_nowhere(&l);
        if (d->too_many_edges)
                sbom_note(d, NULL, "more than %u dependencies: the others were not followed", SBOM_EDGES_MAX);
        if (d->n_elsewhere > 0)
                sbom_note(d, NULL, "%zu part%s of it stand%s in other documents, which were not read; the first is %s",
                    d->n_elsewhere, d->n_elsewhere == 1 ? "" : "s", d->n_elsewhere == 1 ? "s" : "",
                    span_printable(d->elsewhere, shown, sizeof(shown)));
}
