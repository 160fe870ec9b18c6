/* Statements of several documents, of any form, as one history that OpenVEX can tell. */
#include <stdlib.h>

#include "advisory/vex/vex_priv.h"

struct dated {
        struct vex_statement s;
        size_t order;
};

struct merging {
        struct arena *arena;
        struct {
                struct dated *at;
                size_t len, cap;
        } statements;
        struct vex_span_list notes;
        size_t n_left_out; /* products, of one document */
};

static struct span name_of(const struct vex_document *d)
{
        return d->id.len > 0 ? d->id : d->name;
}

/* CycloneDX's own justifications, where one of OpenVEX's says the same (its specification, "justification"). */
static struct span justification_of(struct span label)
{
        static const struct {
                const char *cyclonedx, *openvex;
        } rows[] = {{"code_not_present", "vulnerable_code_not_present"},
            {"code_not_reachable", "vulnerable_code_not_in_execute_path"},
            {"protected_by_compiler", "inline_mitigations_already_exist"},
            {"protected_at_runtime", "inline_mitigations_already_exist"}};

        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                if (span_is(label, rows[i].cyclonedx))
                        return span_of(rows[i].openvex);
        return vex_justification_is_known(label) ? label : (struct span){0};
}

/* What the form demands and the document does not say is said to be missing, never made up. */
static void words_fit(struct merging *k, const struct vex_document *d, struct vex_statement *s)
{
        struct span label = s->justification;

        s->justification = s->status == VEX_STATUS_NOT_AFFECTED ? justification_of(label) : (struct span){0};
        if (label.len > 0 && s->justification.len == 0)
                s->note = arena_printf(
                    k->arena, "%.*s%s%.*s", SPAN_FMT(label), s->note.len > 0 ? ": " : "", SPAN_FMT(s->note));
        if (s->status == VEX_STATUS_NOT_AFFECTED && s->justification.len == 0 && s->note.len == 0)
                s->note = arena_printf(k->arena, "no reason is stated in %.*s", SPAN_FMT(name_of(d)));
        if (s->status == VEX_STATUS_AFFECTED && s->action.len == 0)
                s->action = arena_printf(k->arena, "no action is stated in %.*s", SPAN_FMT(name_of(d)));
        if (s->status != VEX_STATUS_AFFECTED && s->action.len > 0) {
                s->note = arena_printf(
                    k->arena, "%.*s%s%.*s", SPAN_FMT(s->note), s->note.len > 0 ? ". " : "", SPAN_FMT(s->action));
                s->action = (struct span){0};
        }
}

static bool same_product(const struct vex_product *a, const struct vex_product *b)
{
        if (!span_equal(a->name, b->name) || a->n_subcomponents != b->n_subcomponents)
                return false;
        for (size_t i = 0; i < a->n_subcomponents; i++)
                if (!span_equal(a->subcomponents[i], b->subcomponents[i]))
                        return false;
        return true;
}

static int product_order(const void *pa, const void *pb)
{
        const struct vex_product *a = pa, *b = pb;
        int by = span_compare(a->name, b->name);

        for (size_t i = 0; by == 0 && i < a->n_subcomponents && i < b->n_subcomponents; i++)
                by = span_compare(a->subcomponents[i], b->subcomponents[i]);
        return by ? by : (a->n_subcomponents > b->n_subcomponents) - (a->n_subcomponents < b->n_subcomponents);
}

static bool can_be_said(const struct vex_product *p)
{
        for (size_t i = 0; i < p->n_subcomponents; i++)
                if (p->subcomponents[i].len == 0)
                        return false;
        return p->name.len > 0 && p->ecosystem.len == 0 && p->range.len == 0;
}

/* Packages of one distribution's release alone: in OpenVEX they would be those of every release. */
static size_t products_fit(const struct vex_statement *from, struct vex_product *to, size_t *ret_n_left_out)
{
        size_t n = 0, kept = 0;

        for (size_t i = 0; i < from->n_products; i++)
                if (can_be_said(&from->products[i]))
                        to[n++] = from->products[i];
        if (n > 1)
                qsort(to, n, sizeof(*to), product_order);
        for (size_t i = 0; i < n; i++)
                if (kept == 0 || !same_product(&to[kept - 1], &to[i]))
                        to[kept++] = to[i];
        *ret_n_left_out = from->n_products - n;
        return kept;
}

static int id_order(const void *pa, const void *pb)
{
        return span_compare(*(const struct span *)pa, *(const struct span *)pb);
}

/* The name first; the others once each, in their order as bytes. */
static size_t ids_fit(const struct vex_statement *from, struct span *to)
{
        size_t n = 0, kept;

        for (size_t i = 0; i < from->n_ids; i++)
                if (from->ids[i].len > 0)
                        to[n++] = from->ids[i];
        if (n < 2)
                return n;
        qsort(to + 1, n - 1, sizeof(*to), id_order);
        kept = 1;
        for (size_t i = 1; i < n; i++)
                if (!span_equal(to[i], to[kept - 1]) && !span_equal(to[i], to[0]))
                        to[kept++] = to[i];
        return kept;
}

static bool add(struct merging *k, const struct vex_document *d, const struct vex_statement *from, struct err *e)
{
        struct vex_product *products = arena_array(k->arena, from->n_products, sizeof(*products));
        struct span *ids = arena_array(k->arena, from->n_ids, sizeof(*ids));
        struct vex_statement s = *from;
        size_t n_left_out;
        char shown[200];

        if (s.time_s == 0)
                return err_set(e, ERR_MALFORMED,
                    "%s: neither its statement about %.*s nor the document says since when it holds: which of two "
                    "would "
                    "count?",
                    span_printable(d->name, shown, sizeof(shown)), (int)(s.ids[0].len > 100 ? 100 : s.ids[0].len),
                    (const char *)s.ids[0].at);
        s.ids = ids;
        s.n_ids = ids_fit(from, ids);
        s.products = products;
        s.n_products = products_fit(from, products, &n_left_out);
        k->n_left_out += n_left_out;
        if (s.n_products == 0 || s.n_ids == 0)
                return true;
        words_fit(k, d, &s);
        *ARENA_PUSH(k->arena, &k->statements) = (struct dated){s, k->statements.len};
        return true;
}

static int by_time(const void *pa, const void *pb)
{
        const struct dated *a = pa, *b = pb;

        if (a->s.time_s != b->s.time_s)
                return a->s.time_s < b->s.time_s ? -1 : 1;
        return (a->order > b->order) - (a->order < b->order);
}

static bool same_statement(const struct vex_statement *a, const struct vex_statement *b)
{
        if (a->status != b->status || a->n_ids != b->n_ids || a->n_products != b->n_products ||
            !span_equal(a->justification, b->justification) || !span_equal(a->note, b->note) ||
            !span_equal(a->action, b->action))
                return false;
        for (size_t i = 0; i < a->n_ids; i++)
                if (!span_equal(a->ids[i], b->ids[i]))
                        return false;
        for (size_t i = 0; i < a->n_products; i++)
                if (!same_product(&a->products[i], &b->products[i]))
                        return false;
        return true;
}

#define SAME_LOOK_BACK 64u /* statements of one time; attack: all of them, held against all */

static bool is_repeated(const struct vex_merged *m, const struct vex_statement *s)
{
        for (size_t i = m->n_statements, n = 0; i-- > 0 && m->statements[i].time_s == s->time_s && n < SAME_LOOK_BACK;
             n++)
                if (same_statement(&m->statements[i], s))
                        return true;
        return false;
}

bool vex_merge(const struct vex_document *const *documents, size_t n_documents, struct arena *a, struct vex_merged *ret,
    struct err *e)
{
        struct merging k = {.arena = a};
        struct vex_merged m = {0};

        for (size_t d = 0; d < n_documents; d++) {
                k.n_left_out = 0;
                for (size_t i = 0; i < documents[d]->n_statements; i++)
                        if (!add(&k, documents[d], &documents[d]->statements[i], e))
                                return false;
                if (k.n_left_out > 0)
                        *ARENA_PUSH(a, &k.notes) = arena_printf(a,
                            "%.*s: what it says of %zu product%s is left out: OpenVEX can't limit it to a "
                            "distribution's "
                            "release or to a range of versions",
                            SPAN_FMT(documents[d]->name), k.n_left_out, k.n_left_out == 1 ? "" : "s");
        }
        if (k.statements.len > 1)
                qsort(k.statements.at, k.statements.len, sizeof(*k.statements.at), by_time);
        m.statements = arena_array(a, k.statements.len, sizeof(*m.statements));
        for (size_t i = 0; i < k.statements.len; i++)
                if (!is_repeated(&m, &k.statements.at[i].s))
                        m.statements[m.n_statements++] = k.statements.at[i].s;
        m.notes = k.notes.at;
        m.n_notes = k.notes.len;
        *ret = m;
        return true;
}
