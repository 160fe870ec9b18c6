/* What of all that was read counts: the last entry of each path, unless something took its place or that of a folder above. */
#include "inventory/reader_priv.h"

static int seen_compare(const void *a, const void *b)
{
        const struct seen *x = a, *y = b;
        int by_id = path_id_compare(&x->id, &y->id);

        return by_id ? by_id : (x->index > y->index) - (x->index < y->index);
}

void seen_sort(struct layer_reader *r)
{
        if (!r->seen_sorted && r->n_seen > 0)
                qsort(r->seen, r->n_seen, sizeof(*r->seen), seen_compare);
        r->seen_sorted = true;
}

/* The last entry of each path that is a folder, or that is none. */
static struct seen *last_ones(const struct layer_reader *r, bool folders, size_t *ret_n, struct path_ids *ids)
{
        struct seen *to = NULL;
        size_t n = 0;

        for (size_t i = 0; i < r->n_seen; i++)
                n += (r->seen[i].type == IMAGE_ENTRY_DIR) == folders;
        *ret_n = 0;
        if (n == 0)
                return NULL;
        to = heap_realloc(NULL, n, sizeof(*to));
        n = 0;
        for (size_t i = 0; i < r->n_seen; i++) {
                if ((r->seen[i].type == IMAGE_ENTRY_DIR) != folders)
                        continue;
                if (n > 0 && path_id_compare(&to[n - 1].id, &r->seen[i].id) == 0)
                        n--;
                to[n++] = r->seen[i];
        }
        ids->at = heap_realloc(NULL, n, sizeof(*ids->at));
        ids->len = n;
        for (size_t i = 0; i < n; i++)
                ids->at[i] = to[i].id;
        *ret_n = n;
        return to;
}

void seen_settle(struct layer_reader *r)
{
        seen_sort(r);
        r->taken = last_ones(r, false, &r->n_taken, &r->report->taken);
        r->folders = last_ones(r, true, &r->n_folders, &r->report->folders);
        free(r->seen);
        r->seen = NULL;
        r->n_seen = 0;
}

static bool after(const struct seen *list, size_t n, const struct path_id *id, uint64_t index)
{
        size_t low = 0, high = n;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                if (path_id_compare(&list[middle].id, id) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low < n && path_id_compare(&list[low].id, id) == 0 && list[low].index > index;
}

bool replaced_later(const struct layer_reader *r, struct span path, uint64_t index)
{
        struct path_id id = path_id_of(path);

        if (after(r->taken, r->n_taken, &id, index) || after(r->folders, r->n_folders, &id, index))
                return true;
        for (path = path_folder(path); path.len > 0; path = path_folder(path)) {
                id = path_id_of(path);
                if (after(r->taken, r->n_taken, &id, index))
                        return true;
        }
        return false;
}

/* ---- files that have companions ---- */

static struct held *companion_of(struct layer_reader *r, const struct held *main)
{
        for (size_t i = 0; i < r->held.len; i++) {
                struct held *h = &r->held.at[i];
                if (h->companion && h->own->detector == main->own->detector &&
                    span_equal(path_folder(h->own->path), path_folder(main->own->path)) &&
                    !replaced_later(r, h->own->path, h->own->index))
                        return h;
        }
        return NULL;
}

/* Its main file is of this layer, read or not. */
static bool main_is_here(const struct layer_reader *r, const struct held *companion)
{
        struct span folder = path_folder(companion->own->path);

        for (size_t i = 0; i < r->report->evidence.len; i++) {
                const struct evidence *e = &r->report->evidence.at[i];
                if (e->detector == companion->own->detector && e != companion->own &&
                    span_equal(path_folder(e->path), folder) && e->detector->wants(e->path))
                        return true;
        }
        return false;
}

void held_settle(struct layer_reader *r)
{
        for (size_t i = 0; i < r->held.len; i++) {
                struct held *h = &r->held.at[i], *other;
                if (h->companion || replaced_later(r, h->own->path, h->own->index))
                        continue;
                other = companion_of(r, h);
                detector_enter(r, h->own->detector, h->own->index);
                h->own->detector->read_pair(
                    buf_span(&h->content), other ? buf_span(&other->content) : (struct span){0}, &h->own->found);
                detector_leave(r);
                evidence_add(r, h->own, false);
        }
        for (size_t i = 0; i < r->held.len; i++) {
                struct held *h = &r->held.at[i];
                if (!h->companion || h->content.len == 0 || replaced_later(r, h->own->path, h->own->index) ||
                    main_is_here(r, h))
                        continue;
                findings_note(&h->own->found, "not read: its database is in another layer");
                evidence_add(r, h->own, false);
        }
}

/* ---- lists ---- */

static int evidence_compare(const void *a, const void *b)
{
        const struct evidence *x = a, *y = b;
        int by_path = span_compare(x->path, y->path);

        return by_path ? by_path : (x->index > y->index) - (x->index < y->index);
}

void evidence_settle(struct layer_reader *r)
{
        struct layer_report *report = r->report;
        size_t n = 0, left_out = 0;

        if (report->evidence.len > 0)
                qsort(report->evidence.at, report->evidence.len, sizeof(*report->evidence.at), evidence_compare);
        for (size_t i = 0; i < report->evidence.len; i++) {
                struct evidence *e = &report->evidence.at[i];
                bool last = i + 1 == report->evidence.len || !span_equal(e->path, e[1].path);
                if (!last || replaced_later(r, e->path, e->index))
                        continue;
                /* No file loses all of its notes: a file with a note is one that is not whole. */
                if (e->found.notes.len > 1 && report->n_notes + e->found.notes.len > INVENTORY_LAYER_NOTES_MAX) {
                        left_out += e->found.notes.len - 1;
                        e->found.notes.len = 1;
                }
                report->n_notes += e->found.notes.len;
                report->n_packages += e->found.packages.len;
                report->n_supplements += e->found.supplements.len;
                report->n_owned += e->owned.len;
                report->evidence.at[n++] = *e;
        }
        report->evidence.len = n;
        if (left_out > 0)
                *layer_note(r) =
                    arena_printf(r->arena, "and %zu more places in package files that were not understood", left_out);
        report->n_notes += report->notes.len;
}

static int remark_compare(const void *a, const void *b)
{
        const struct layer_remark *x = a, *y = b;
        int by = span_compare(x->said.path, y->said.path);

        if (by == 0)
                by = span_compare(x->said.rule, y->said.rule);
        if (by == 0)
                by = (x->said.line > y->said.line) - (x->said.line < y->said.line);
        return by ? by : span_compare(x->said.excerpt, y->said.excerpt);
}

void remarks_settle(struct layer_reader *r)
{
        struct layer_report *report = r->report;
        size_t n = 0;

        for (size_t i = 0; i < report->remarks.len; i++)
                if (!replaced_later(r, report->remarks.at[i].said.path, report->remarks.at[i].index))
                        report->remarks.at[n++] = report->remarks.at[i];
        report->remarks.len = n;
        if (n > 0)
                qsort(report->remarks.at, n, sizeof(*report->remarks.at), remark_compare);
}
