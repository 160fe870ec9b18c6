/* What was remarked on files, each with whether it is still to be seen. */
#include "inventory/merge_priv.h"

static int by_number(uint64_t a, uint64_t b)
{
        return (a > b) - (a < b);
}

int remark_compare(const struct remark *a, const struct remark *b)
{
        int by = by_number(a->kind, b->kind);

        if (by == 0)
                by = by_number(b->severity, a->severity);
        if (by == 0)
                by = span_compare(a->rule, b->rule);
        if (by == 0)
                by = span_compare(a->path, b->path);
        if (by == 0)
                by = by_number(a->line, b->line);
        if (by == 0)
                by = by_number(a->layer, b->layer);
        if (by == 0)
                by = span_compare(a->excerpt, b->excerpt);
        if (by == 0)
                by = span_compare(a->title, b->title);
        if (by == 0)
                by = span_compare(a->remedy, b->remedy);
        return by ? by : by_number(a->visible, b->visible);
}

static int remark_order(const void *a, const void *b)
{
        return remark_compare(a, b);
}

static bool is_visible(const struct merge *m, const struct place *p, size_t layer)
{
        for (size_t i = layer + 1; i < m->n_layers; i++)
                if (layer_hides(m->reports[i], &m->hidden[i], p))
                        return false;
        return true;
}

/* ---- secrets in files that a package published ---- */

static int secret_file_compare(const void *a, const void *b)
{
        return span_compare(((const struct secret_file *)a)->path, ((const struct secret_file *)b)->path);
}

void merge_secret_files(struct merge *m)
{
        size_t n = 0;

        for (size_t i = 0; i < m->n_layers; i++)
                n += m->reports[i]->remarks.len;
        m->secrets = arena_array(m->arena, n, sizeof(*m->secrets));
        n = 0;
        for (size_t i = 0; i < m->n_layers; i++)
                for (size_t k = 0; k < m->reports[i]->remarks.len; k++)
                        if (m->reports[i]->remarks.at[k].said.kind == REMARK_SECRET)
                                m->secrets[n++].path = m->reports[i]->remarks.at[k].said.path;
        if (n > 0)
                qsort(m->secrets, n, sizeof(*m->secrets), secret_file_compare);
        for (size_t i = 0; i < n; i++)
                if (i == 0 || !span_equal(m->secrets[i].path, m->secrets[m->n_secrets - 1].path))
                        m->secrets[m->n_secrets++] = m->secrets[i];
}

/*
 * What anybody can download with a package of the distribution is no secret: keys of its tests, examples in its texts. That
 * holds for a file as the package brought it: one that a later layer wrote is looked at, and so is what people are meant
 * to write to, in etc.
 */
static bool is_published(const struct merge *m, const struct remark *r, uint32_t layer)
{
        const struct secret_file key = {.path = r->path}, *f;

        if (r->kind != REMARK_SECRET || span_starts(r->path, "etc/") || m->n_secrets == 0)
                return false;
        f = bsearch(&key, m->secrets, m->n_secrets, sizeof(*m->secrets), secret_file_compare);
        return f && f->owner > 0 && m->drafts[f->owner - 1].c.layer == layer;
}

void merge_remarks(struct merge *m)
{
        struct inventory *v = m->v;
        size_t n = 0, kept = 0;

        for (size_t i = 0; i < m->n_layers; i++)
                n += m->reports[i]->remarks.len;
        if (n > INVENTORY_IMAGE_REMARKS_MAX) {
                merge_note(m, arena_printf(v->arena, "%zu remarks on files, of which %u are listed", n,
                                  INVENTORY_IMAGE_REMARKS_MAX));
                n = INVENTORY_IMAGE_REMARKS_MAX;
        }
        v->remarks = arena_array(v->arena, n, sizeof(*v->remarks));
        for (size_t i = 0; i < m->n_layers; i++) {
                const struct layer_report *r = m->reports[i];
                struct place p = {0};
                bool visible = false;
                for (size_t k = 0; k < r->remarks.len && v->n_remarks < n; k++) {
                        const struct remark *said = &r->remarks.at[k].said;
                        struct remark *to;
                        if (is_published(m, said, (uint32_t)i))
                                continue;
                        to = &v->remarks[v->n_remarks++];
                        if (p.n_ids == 0 || !span_equal(said->path, p.path)) { /* several of one file follow each other */
                                place_init(m->arena, &p, said->path);
                                visible = is_visible(m, &p, i);
                        }
                        *to = *said;
                        to->rule = arena_copy(v->arena, said->rule);
                        to->title = arena_copy(v->arena, said->title);
                        to->path = arena_copy(v->arena, said->path);
                        to->excerpt = arena_copy(v->arena, said->excerpt);
                        to->remedy = arena_copy(v->arena, said->remedy);
                        to->layer = (uint32_t)i;
                        to->visible = visible;
                }
        }
        if (v->n_remarks > 0)
                qsort(v->remarks, v->n_remarks, sizeof(*v->remarks), remark_order);
        for (size_t i = 0; i < v->n_remarks; i++)
                if (i == 0 || remark_compare(&v->remarks[kept - 1], &v->remarks[i]) != 0)
                        v->remarks[kept++] = v->remarks[i];
        v->n_remarks = kept;
}
