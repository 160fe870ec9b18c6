/*
 * Links that say what the file is to which they lead: usr/share/maven-repo/org/example/tool/1.2/tool-1.2.jar is a link to
 * usr/share/java/tool.jar. Links and files of one layer are brought together, as package managers unpack both at once.
 */
#include "inventory/lang/lang_priv.h"
#include "inventory/reader_priv.h"

#define HOPS_MAX 8u   /* links that lead to links */
#define NAMES_MAX 64u /* of one file */

void alias_add(struct layer_reader *r, const struct image_entry *entry)
{
        const struct detector *d = detector_index_find(r->index, entry->path);
        CLEANUP(buf_done) struct buf target = {.max = INVENTORY_PATH_MAX};
        bool hard = entry->type == IMAGE_ENTRY_HARDLINK;

        if (!d || !d->named || entry->index > UINT32_MAX || entry->path.len > INVENTORY_PATH_MAX)
                return;
        if (r->aliases.len == INVENTORY_LINKS_MAX) {
                if (first_time(&r->too_many_aliases))
                        *layer_note(r) = arena_printf(r->arena,
                            "more than %u links: what the others say of files was not read", INVENTORY_LINKS_MAX);
                return;
        }
        if (!path_join(hard ? (struct span){0} : path_folder(entry->path), entry->link, &target))
                return; /* it leads out of the root, or nowhere */
        *ARENA_PUSH(r->arena, &r->aliases) = (struct alias){.path = arena_copy(r->arena, entry->path),
            .target = arena_copy(r->arena, buf_span(&target)),
            .detector = d,
            .index = (uint32_t)entry->index};
        if (!hard || r->aliases.len == INVENTORY_LINKS_MAX)
                return;
        struct alias back = r->aliases.at[r->aliases.len - 1]; /* both are names of one file */
        struct span path = back.path;
        back.path = back.target;
        back.target = path;
        if (detector_index_find(r->index, back.path) == d)
                *ARENA_PUSH(r->arena, &r->aliases) = back;
}

static int by_path(const void *a, const void *b)
{
        const struct alias *x = a, *y = b;
        int by = span_compare(x->path, y->path);

        return by ? by : (x->index > y->index) - (x->index < y->index);
}

static int by_target(const void *a, const void *b)
{
        const struct alias *x = a, *y = b;
        int by = span_compare(x->target, y->target);

        return by ? by : by_path(a, b);
}

static struct evidence *evidence_at(struct layer_reader *r, struct span path)
{
        size_t low = 0, high = r->report->evidence.len;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                if (span_compare(r->report->evidence.at[middle].path, path) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low < r->report->evidence.len && span_equal(r->report->evidence.at[low].path, path)
                   ? &r->report->evidence.at[low]
                   : NULL;
}

static const struct alias *alias_at(const struct layer_reader *r, struct span path)
{
        size_t low = 0, high = r->aliases.len;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                if (span_compare(r->aliases.at[middle].path, path) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low < r->aliases.len && span_equal(r->aliases.at[low].path, path) ? &r->aliases.at[low] : NULL;
}

/* Where it leads in the end; the empty span: to no file that was read. */
static struct span end_of(struct layer_reader *r, const struct alias *from)
{
        const struct alias *a = from;
        struct span at = from->target;

        for (unsigned hops = 0; hops < HOPS_MAX; hops++) {
                if (evidence_at(r, at))
                        return at;
                a = alias_at(r, at);
                if (!a)
                        return (struct span){0};
                at = a->target;
        }
        return (struct span){0};
}

void aliases_settle(struct layer_reader *r)
{
        struct span paths[NAMES_MAX];
        struct alias *ends;
        size_t n = 0;

        for (size_t i = 0; i < r->aliases.len; i++)
                if (!replaced_later(r, r->aliases.at[i].path, r->aliases.at[i].index))
                        r->aliases.at[n++] = r->aliases.at[i];
        r->aliases.len = n;
        if (n == 0)
                return;
        qsort(r->aliases.at, n, sizeof(*r->aliases.at), by_path);
        ends = arena_array(r->arena, n, sizeof(*ends));
        for (size_t i = 0; i < n; i++) {
                ends[i] = r->aliases.at[i];
                ends[i].target = end_of(r, &r->aliases.at[i]);
        }
        qsort(ends, n, sizeof(*ends), by_target);
        for (size_t i = 0, next; i < n; i = next) {
                struct evidence *e = ends[i].target.len > 0 ? evidence_at(r, ends[i].target) : NULL;
                size_t n_paths = 0;
                for (next = i; next < n && span_equal(ends[next].target, ends[i].target); next++)
                        if (n_paths < NAMES_MAX && e && ends[next].detector == e->detector)
                                paths[n_paths++] = ends[next].path;
                if (n_paths == 0)
                        continue;
                detector_enter(r, e->detector, e->index);
                e->detector->named(&e->found, paths, n_paths);
                detector_leave(r);
        }
}
