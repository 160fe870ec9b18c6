/*
 * Hard links. Each leads to the last entry of its target's path before it, which may be a link itself. What the file says,
 * it says under the link's path too; unless its reader was another, or heeds paths: then it is read in the next pass.
 */
#include "inventory/reader_priv.h"

/* The last entry of that path before entry `index`; NULL if there is none. */
static const struct seen *seen_before(const struct layer_reader *r, const struct path_id *id, uint32_t index)
{
        size_t low = 0, high = r->n_seen;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                int by = path_id_compare(&r->seen[middle].id, id);
                if (by < 0 || (by == 0 && r->seen[middle].index < index))
                        low = middle + 1;
                else
                        high = middle;
        }
        return low > 0 && path_id_compare(&r->seen[low - 1].id, id) == 0 ? &r->seen[low - 1] : NULL;
}

static const struct link *link_at(const struct layer_reader *r, uint32_t index)
{
        size_t low = 0, high = r->links.len;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                if (r->links.at[middle].index < index)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low < r->links.len && r->links.at[low].index == index ? &r->links.at[low] : NULL;
}

/* Those before it are resolved. */
static void resolve(struct layer_reader *r, struct link *l)
{
        const struct seen *to = seen_before(r, &l->target, l->index);
        const struct link *through = to && to->type == IMAGE_ENTRY_HARDLINK ? link_at(r, to->index) : NULL;

        if (!to)
                return;
        l->end = LINK_TO_ELSE;
        if (through) {
                l->end = through->end;
                l->file = through->file;
                l->seen = through->seen;
        } else if (to->type == IMAGE_ENTRY_FILE) {
                l->end = LINK_TO_FILE;
                l->file = to->index;
                l->seen = (size_t)(to - r->seen);
        }
}

/* What was read of the entry in the first pass. They are in the order of their entries. */
static const struct evidence *evidence_of(const struct layer_reader *r, uint32_t index, size_t n)
{
        size_t low = 0, high = n;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                if (r->report->evidence.at[middle].index < index)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low < n && r->report->evidence.at[low].index == index ? &r->report->evidence.at[low] : NULL;
}

static bool is_pending(const struct layer_reader *r, uint32_t index, size_t n)
{
        size_t low = 0, high = n;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                if (r->later.at[middle].entry < index)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low < n && r->later.at[low].entry == index;
}

static void remarks_copy(struct layer_reader *r, const struct link *l, size_t n)
{
        size_t low = 0, high = n;
        struct span path = {0};

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                if (r->report->remarks.at[middle].index < l->file)
                        low = middle + 1;
                else
                        high = middle;
        }
        for (; low < n && r->report->remarks.at[low].index == l->file; low++) {
                const struct remark said = r->report->remarks.at[low].said;
                if (path.len == 0)
                        path = arena_copy(r->arena, l->path);
                remark_add(r, &said, path, l->index);
        }
}

/* How much there was of each list when the first pass ended. */
struct first_pass {
        size_t evidence, remarks, later;
};

static void remarks_link(struct layer_reader *r, const struct link *l, const struct first_pass *first)
{
        const struct seen *file = &r->seen[l->seen];
        const struct image_entry as = {
            .type = IMAGE_ENTRY_FILE, .path = l->path, .size = file->size, .mode = file->mode, .index = l->index};

        if (file->readers)
                remarks_copy(r, l, first->remarks);
        r->own_seen = SIZE_MAX;
        remarks_ask(r, &as, (uint8_t)~file->readers, l->file, &r->later);
}

/* By its path, else by its first bytes; NULL: nobody wants it. */
static const struct detector *wanted_by(struct layer_reader *r, const struct link *l, bool *ret_quiet)
{
        const struct detector *d = detector_index_find(r->index, l->path);
        const struct seen *file = l->end == LINK_TO_FILE ? &r->seen[l->seen] : NULL;

        *ret_quiet = false;
        if (!d)
                d = detector_index_companion(r->index, l->path);
        if (d || !file || !r->sniff || file->size == 0)
                return d;
        *ret_quiet = true;
        if (file->head > 0) {
                const struct head *h = &r->heads[file->head - 1];
                detector_enter(r, NULL, l->file);
                d = detector_of_head(l->path, span_bytes(h->bytes, h->len));
                detector_leave(r);
        } else if (first_time(&r->too_many_heads)) {
                *layer_note(r) = arena_printf(r->arena, "hard links to some of its files were not looked at");
        }
        return d;
}

static void link_take(struct layer_reader *r, const struct link *l, const struct first_pass *first)
{
        const struct detector *d;
        const struct evidence *said;
        struct evidence *own;
        struct job j;
        bool quiet;

        if (l->end == LINK_TO_FILE && entry_skipped(r, l->path, l->index, l->file))
                return;
        if (l->end == LINK_TO_FILE)
                remarks_link(r, l, first);
        d = wanted_by(r, l, &quiet);
        own = d ? evidence_new(r, d, l->path, l->index) : NULL;
        if (!own)
                return;
        if (l->end != LINK_TO_FILE) {
                findings_note(&own->found, "a hard link to %s: not read",
                    l->end == LINK_TO_ELSE ? "what is no file" : "what is not before it in this layer");
                evidence_add(r, own, false);
                return;
        }
        const struct seen *file = &r->seen[l->seen];
        if (d->any_path && file->detector == detector_number(d) + 1 && !is_pending(r, l->file, first->later)) {
                said = evidence_of(r, l->file, first->evidence);
                if (said) {
                        own->found = said->found;
                        own->owned = said->owned;
                        evidence_add(r, own, false);
                }
                return;
        }
        if (!job_make(r, own, l->file, file->size, &j))
                return;
        j.quiet = quiet;
        *ARENA_PUSH(r->arena, &r->later) = j;
}

void links_resolve(struct layer_reader *r)
{
        const struct first_pass first = {
            .evidence = r->report->evidence.len, .remarks = r->report->remarks.len, .later = r->later.len};

        if (r->links.len == 0)
                return;
        seen_sort(r);
        for (size_t i = 0; i < r->links.len; i++)
                resolve(r, &r->links.at[i]);
        for (size_t i = 0; i < r->links.len; i++)
                link_take(r, &r->links.at[i], &first);
}
