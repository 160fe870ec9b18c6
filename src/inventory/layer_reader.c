/*
 * One layer's entries -> a report, in the worker.
 *
 * The last entry of a path counts, and a later entry that is no folder removes what an earlier one put at or beneath
 * its path, as unpacking would. A hard link at a wanted path has the content of an earlier entry, which no detector may
 * have wanted: then the layer is read again, or a package could be hidden by giving its file a second name.
 */
#include "inventory/layer_priv.h"

struct seen {
        struct path_id id;
        uint64_t index;
};

enum link_hit { LINK_OPEN = 0, LINK_FILE, LINK_LINK, LINK_ELSE };

struct link {
        size_t evidence;    /* index in the report's list */
        struct span target; /* where the content is to be found ... */
        uint64_t before;    /* ... in an entry before this one */
        enum link_hit hit;  /* what the last such entry was, in this pass */
        uint64_t hit_index;
        struct span next; /* its own target, when it is a hard link itself */
};

struct layer_reader {
        struct layer_report *report;
        struct arena *arena; /* the report's */
        struct seen *seen;
        size_t n_seen, cap_seen;
        struct {
                struct link *at;
                size_t len, cap;
        } links;
        struct { /* indexes of evidence that was read from a file of its own in the first pass */
                size_t *at;
                size_t len, cap;
        } files;
        unsigned pass; /* from 1 */
        size_t n_packages;
        bool too_many_evidence, too_many_packages, too_many_seen, too_many_hidden, too_many_links, too_deep;

        /* the file whose content comes in */
        bool reading;
        struct buf content;
        uint64_t index;
        size_t evidence;          /* first pass */
        size_t link_at, link_end; /* later passes: those that link to it */
};

struct layer_reader *layer_reader_new(void)
{
        struct layer_reader *r = heap_alloc(sizeof(*r));

        r->report = layer_report_new();
        r->arena = r->report->arena;
        r->pass = 1;
        return r;
}

void layer_reader_free(struct layer_reader *r)
{
        if (!r)
                return;
        layer_report_free(r->report);
        buf_done(&r->content);
        free(r->seen);
        free(r);
}

void layer_reader_freep(struct layer_reader **r)
{
        layer_reader_free(*r);
}

/* True the first time, for the one note about each limit. */
static bool first_time(bool *said)
{
        bool first = !*said;

        *said = true;
        return first;
}

static struct span *new_note(struct layer_reader *r)
{
        return ARENA_PUSH(r->arena, &r->report->notes);
}

static void seen_add(struct layer_reader *r, const struct image_entry *entry)
{
        if (r->n_seen == INVENTORY_ENTRIES_MAX) {
                if (first_time(&r->too_many_seen))
                        *new_note(r) = arena_printf(r->arena,
                            "more than %u entries: what the others replace is listed all the same",
                            INVENTORY_ENTRIES_MAX);
                return;
        }
        if (r->n_seen == r->cap_seen) {
                r->cap_seen = r->cap_seen ? r->cap_seen * 2 : 4096;
                r->seen = heap_realloc(r->seen, r->cap_seen, sizeof(*r->seen));
        }
        r->seen[r->n_seen++] = (struct seen){.id = path_id_of(entry->path), .index = entry->index};
}

static void hidden_add(struct layer_reader *r, struct span_list *list, struct span path)
{
        if (r->report->whiteouts.len + r->report->opaques.len < INVENTORY_WHITEOUTS_MAX)
                *ARENA_PUSH(r->arena, list) = arena_copy(r->arena, path);
        else if (first_time(&r->too_many_hidden))
                *new_note(r) = arena_printf(r->arena,
                    "more than %u whiteouts: what the others hide is listed all the same", INVENTORY_WHITEOUTS_MAX);
}

/* NULL when the layer has too many of them, or the path is beyond our limits: noted. */
static struct evidence *evidence_add(struct layer_reader *r, const struct detector *d, const struct image_entry *entry)
{
        if (entry->path.len > INVENTORY_PATH_MAX || path_depth(entry->path) > INVENTORY_DEPTH_MAX) {
                if (first_time(&r->too_deep))
                        *new_note(r) = arena_printf(
                            r->arena, "package files more than %u folders deep were not read", INVENTORY_DEPTH_MAX);
                return NULL;
        }
        if (r->report->evidence.len == INVENTORY_EVIDENCE_MAX) {
                if (first_time(&r->too_many_evidence))
                        *new_note(r) = arena_printf(r->arena,
                            "more than %u files that name packages: the others were not read", INVENTORY_EVIDENCE_MAX);
                return NULL;
        }
        struct evidence *e = ARENA_PUSH(r->arena, &r->report->evidence);
        e->detector = d;
        e->path = arena_copy(r->arena, entry->path);
        e->found.arena = r->arena;
        e->index = entry->index;
        return e;
}

static void evidence_read(struct layer_reader *r, struct evidence *e, struct span content)
{
        e->found = (struct findings){.arena = r->arena, .path = e->path};
        e->detector->read(content, &e->found);
        findings_end(&e->found);
        if (e->found.packages.len > INVENTORY_PACKAGES_MAX - r->n_packages) {
                e->found.packages.len = 0;
                if (first_time(&r->too_many_packages))
                        *new_note(r) = arena_printf(
                            r->arena, "more than %u packages: the others are not listed", INVENTORY_PACKAGES_MAX);
        }
        r->n_packages += e->found.packages.len;
}

/* True when the content is needed; else says why not, or reads what needs none. */
static bool content_wanted(struct layer_reader *r, struct evidence *e, uint64_t size)
{
        if (e->detector->size_max == 0) {
                evidence_read(r, e, (struct span){0});
                return false;
        }
        if (size > e->detector->size_max) {
                e->found = (struct findings){.arena = r->arena, .path = e->path};
                findings_note(&e->found, NOTE_TOO_LARGE, (unsigned long long)size, e->detector->size_max);
                return false;
        }
        return true;
}

static void content_begin(struct layer_reader *r, uint64_t index)
{
        buf_clear(&r->content);
        r->reading = true;
        r->index = index;
}

static void link_add(struct layer_reader *r, const struct detector *d, const struct image_entry *entry)
{
        if (r->links.len == INVENTORY_LINKS_MAX) {
                if (first_time(&r->too_many_links))
                        *new_note(r) = arena_printf(r->arena,
                            "more than %u hard links to package files: the others were not read", INVENTORY_LINKS_MAX);
                return;
        }
        if (!evidence_add(r, d, entry))
                return;
        struct link *l = ARENA_PUSH(r->arena, &r->links);
        l->evidence = r->report->evidence.len - 1;
        l->target = arena_copy(r->arena, entry->link);
        l->before = entry->index;
}

static void symlink_add(struct layer_reader *r, const struct image_entry *entry)
{
        const struct detector *d = detector_of_link(entry->path);
        struct evidence *e = d ? evidence_add(r, d, entry) : NULL;

        if (e)
                findings_note(&e->found, "a symbolic link: what it leads to was not read");
}

static bool first_pass_entry(struct layer_reader *r, const struct image_entry *entry)
{
        const struct detector *d;
        struct evidence *e;

        if (entry->type == IMAGE_ENTRY_WHITEOUT)
                hidden_add(r, &r->report->whiteouts, entry->path);
        if (entry->type == IMAGE_ENTRY_OPAQUE)
                hidden_add(r, &r->report->opaques, entry->path);
        if (entry->type == IMAGE_ENTRY_WHITEOUT || entry->type == IMAGE_ENTRY_OPAQUE)
                return false;
        if (entry->type != IMAGE_ENTRY_DIR)
                seen_add(r, entry);
        if (entry->type == IMAGE_ENTRY_SYMLINK)
                symlink_add(r, entry);
        d = detector_of_path(entry->path);
        if (!d)
                return false;
        switch (entry->type) {
        case IMAGE_ENTRY_HARDLINK:
                link_add(r, d, entry);
                return false;
        case IMAGE_ENTRY_DIR: /* names nothing, and replaces a file of that name, below or before */
                evidence_add(r, d, entry);
                return false;
        case IMAGE_ENTRY_FILE:
                e = evidence_add(r, d, entry);
                if (!e || !content_wanted(r, e, entry->size))
                        return false;
                r->evidence = r->report->evidence.len - 1;
                *ARENA_PUSH(r->arena, &r->files) = r->evidence;
                content_begin(r, entry->index);
                return true;
        default:
                return false;
        }
}

static int link_compare(const void *a, const void *b)
{
        const struct link *x = a, *y = b;
        int by_target = span_compare(x->target, y->target);

        return by_target ? by_target : (x->before > y->before) - (x->before < y->before);
}

/* The links to this path, which are neighbours: sorted by target. */
static bool links_to(const struct layer_reader *r, struct span path, size_t *ret_at, size_t *ret_end)
{
        size_t low = 0, high = r->links.len;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                if (span_compare(r->links.at[middle].target, path) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        *ret_at = low;
        while (low < r->links.len && span_equal(r->links.at[low].target, path))
                low++;
        *ret_end = low;
        return *ret_at < *ret_end;
}

static bool later_pass_entry(struct layer_reader *r, const struct image_entry *entry)
{
        bool want = false;
        size_t at, end;

        if (entry->type == IMAGE_ENTRY_WHITEOUT || entry->type == IMAGE_ENTRY_OPAQUE ||
            !links_to(r, entry->path, &at, &end))
                return false;
        for (size_t i = at; i < end; i++) {
                struct link *l = &r->links.at[i];
                if (entry->index >= l->before)
                        continue;
                l->hit_index = entry->index;
                l->hit = LINK_ELSE;
                if (entry->type == IMAGE_ENTRY_HARDLINK) {
                        l->hit = LINK_LINK;
                        l->next = arena_copy(r->arena, entry->link);
                } else if (entry->type == IMAGE_ENTRY_FILE) {
                        l->hit = LINK_FILE;
                        want |= content_wanted(r, &r->report->evidence.at[l->evidence], entry->size);
                }
        }
        if (!want)
                return false;
        r->link_at = at;
        r->link_end = end;
        content_begin(r, entry->index);
        return true;
}

static void content_end(struct layer_reader *r)
{
        struct span content = buf_span(&r->content);

        r->reading = false;
        if (r->pass == 1) {
                evidence_read(r, &r->report->evidence.at[r->evidence], content);
                return;
        }
        for (size_t i = r->link_at; i < r->link_end; i++) {
                const struct link *l = &r->links.at[i];
                struct evidence *e = &r->report->evidence.at[l->evidence];
                if (l->hit == LINK_FILE && l->hit_index == r->index && content.len <= e->detector->size_max &&
                    e->detector->size_max > 0)
                        evidence_read(r, e, content);
        }
}

static bool on_entry(void *ctx, const struct image_entry *entry, bool *ret_want, struct err *e)
{
        struct layer_reader *r = ctx;

        if (r->reading)
                return err_set(
                    e, ERR_BUG, "entry %llu: the content before it had no end", (unsigned long long)entry->index);
        *ret_want = r->pass == 1 ? first_pass_entry(r, entry) : later_pass_entry(r, entry);
        return true;
}

static bool on_data(void *ctx, struct span piece, struct err *e)
{
        struct layer_reader *r = ctx;

        if (!r->reading)
                return err_set(e, ERR_BUG, "content that nobody wanted");
        if (piece.len == 0) {
                content_end(r);
                return true;
        }
        buf_put(&r->content, piece);
        return !r->content.failed ||
               err_set(e, ERR_BUG, "entry %llu: more content than its size", (unsigned long long)r->index);
}

struct image_sink layer_reader_sink(struct layer_reader *r)
{
        r->content.max = INVENTORY_DPKG_MAX; /* the largest of the detectors' */
        return (struct image_sink){.entry = on_entry, .data = on_data, .ctx = r};
}

static int evidence_compare(const void *a, const void *b)
{
        const struct evidence *x = a, *y = b;
        int by_path = span_compare(x->path, y->path);

        return by_path ? by_path : (x->index > y->index) - (x->index < y->index);
}

static int file_compare(const void *a, const void *b, void *ctx)
{
        const struct layer_reader *r = ctx;

        return evidence_compare(
            &r->report->evidence.at[*(const size_t *)a], &r->report->evidence.at[*(const size_t *)b]);
}

/* The last file of that path that was read in the first pass, before entry `before`; NULL if there is none. */
static const struct evidence *file_find(const struct layer_reader *r, struct span path, uint64_t before)
{
        const struct evidence key = {.path = path, .index = before};
        size_t low = 0, high = r->files.len;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                if (evidence_compare(&r->report->evidence.at[r->files.at[middle]], &key) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        if (low == 0)
                return NULL;
        const struct evidence *e = &r->report->evidence.at[r->files.at[low - 1]];
        return span_equal(e->path, path) ? e : NULL;
}

static void link_unresolved(struct layer_reader *r, const struct link *l, const char *why)
{
        struct evidence *e = &r->report->evidence.at[l->evidence];
        char shown[300];

        findings_note(
            &e->found, "a hard link to %s, %s: not read", span_printable(l->target, shown, sizeof(shown)), why);
}

/* False when the link is settled, well or not. */
static bool link_open(struct layer_reader *r, struct link *l)
{
        struct evidence *e = &r->report->evidence.at[l->evidence];
        const struct evidence *file;

        if (l->hit == LINK_FILE)
                return false;
        if (l->hit == LINK_ELSE || (l->hit == LINK_OPEN && r->pass > 1)) {
                link_unresolved(
                    r, l, l->hit == LINK_ELSE ? "which is no file" : "which is not before it in this layer");
                return false;
        }
        if (l->hit == LINK_LINK) {
                l->target = l->next;
                l->before = l->hit_index;
        }
        l->hit = LINK_OPEN;
        file = file_find(r, l->target, l->before);
        if (file && file->detector == e->detector &&
            file->found.packages.len <= INVENTORY_PACKAGES_MAX - r->n_packages) {
                e->found = file->found;
                r->n_packages += e->found.packages.len;
                return false;
        }
        return true;
}

bool layer_reader_again(struct layer_reader *r)
{
        size_t n_open = 0;

        if (r->pass == 1 && r->links.len > 0 && r->files.len > 0)
                qsort_r(r->files.at, r->files.len, sizeof(*r->files.at), file_compare, r);
        for (size_t i = 0; i < r->links.len; i++)
                if (link_open(r, &r->links.at[i]))
                        r->links.at[n_open++] = r->links.at[i];
        r->links.len = n_open;
        if (n_open == 0)
                return false;
        if (r->pass == INVENTORY_LINK_PASSES_MAX) {
                for (size_t i = 0; i < n_open; i++)
                        link_unresolved(r, &r->links.at[i], "itself a link to a link to a link");
                r->links.len = 0;
                return false;
        }
        qsort(r->links.at, r->links.len, sizeof(*r->links.at), link_compare);
        r->pass++;
        return true;
}

static int seen_compare(const void *a, const void *b)
{
        const struct seen *x = a, *y = b;
        int by_id = path_id_compare(&x->id, &y->id);

        return by_id ? by_id : (x->index > y->index) - (x->index < y->index);
}

/* Sorted, the last entry of each path alone; and the same without the indexes for the report. */
static void seen_settle(struct layer_reader *r)
{
        size_t n = 0;

        if (r->n_seen == 0)
                return;
        qsort(r->seen, r->n_seen, sizeof(*r->seen), seen_compare);
        for (size_t i = 0; i < r->n_seen; i++)
                if (i + 1 == r->n_seen || path_id_compare(&r->seen[i].id, &r->seen[i + 1].id) != 0)
                        r->seen[n++] = r->seen[i];
        r->n_seen = n;
        r->report->taken = heap_realloc(NULL, n, sizeof(*r->report->taken));
        r->report->n_taken = n;
        for (size_t i = 0; i < n; i++)
                r->report->taken[i] = r->seen[i].id;
}

static bool seen_after(const struct layer_reader *r, struct span path, uint64_t index)
{
        struct seen key = {.id = path_id_of(path)};
        size_t low = 0, high = r->n_seen;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                if (path_id_compare(&r->seen[middle].id, &key.id) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low < r->n_seen && path_id_compare(&r->seen[low].id, &key.id) == 0 && r->seen[low].index > index;
}

/* A later entry, no folder, stands at the path or in place of a folder above it. */
static bool replaced_later(const struct layer_reader *r, const struct evidence *e)
{
        for (struct span path = e->path; path.len > 0; path = path_folder(path))
                if (seen_after(r, path, e->index))
                        return true;
        return false;
}

static void evidence_settle(struct layer_reader *r)
{
        struct layer_report *report = r->report;
        size_t n = 0, left_out = 0;

        if (report->evidence.len > 0)
                qsort(report->evidence.at, report->evidence.len, sizeof(*report->evidence.at), evidence_compare);
        for (size_t i = 0; i < report->evidence.len; i++) {
                struct evidence *e = &report->evidence.at[i];
                bool last = i + 1 == report->evidence.len || !span_equal(e->path, e[1].path);
                if (!last || replaced_later(r, e))
                        continue;
                /* No file loses all of its notes: a file with a note is one that is not whole. */
                if (e->found.notes.len > 1 && report->n_notes + e->found.notes.len > INVENTORY_LAYER_NOTES_MAX) {
                        left_out += e->found.notes.len - 1;
                        e->found.notes.len = 1;
                }
                report->n_notes += e->found.notes.len;
                report->n_packages += e->found.packages.len;
                report->evidence.at[n++] = *e;
        }
        report->evidence.len = n;
        if (left_out > 0)
                *new_note(r) =
                    arena_printf(r->arena, "and %zu more places in package files that were not understood", left_out);
        report->n_notes += report->notes.len;
}

struct layer_report *layer_reader_end(struct layer_reader *r, const struct image_read *read)
{
        struct layer_report *report = r->report;

        seen_settle(r);
        evidence_settle(r);
        report->read = *read;
        report->ended = true;
        r->report = NULL;
        return report;
}
