/*
 * One layer's entries -> a report, in the worker.
 *
 * The last entry of a path counts, and a later entry that is no folder removes what an earlier one put at or beneath
 * its path, as unpacking would. A hard link has the content of an earlier entry, which no detector may have wanted: then
 * the layer is read again, or a package could be hidden by giving its file a second name.
 */
#include "inventory/reader_priv.h"

struct layer_reader *layer_reader_new(void)
{
        struct layer_reader *r = heap_alloc(sizeof(*r));

        r->report = layer_report_new();
        r->arena = r->report->arena;
        r->index = detector_index_new();
        r->sniff = detectors_sniff();
        r->place = &r->nowhere;
        r->pass = 1;
        r->replay_max = INVENTORY_REPLAY_MAX;
        r->content.max = detectors_size_max() > r->replay_max ? detectors_size_max() : r->replay_max;
        return r;
}

void layer_reader_free(struct layer_reader *r)
{
        if (!r)
                return;
        jobs_drop(&r->now, 0);
        jobs_drop(&r->later, 0);
        jobs_drop(&r->waiting, r->next);
        for (size_t i = 0; i < r->held.len; i++)
                buf_done(&r->held.at[i].content);
        layer_report_free(r->report);
        detector_index_free(r->index);
        buf_done(&r->content);
        buf_done(&r->folder);
        buf_done(&r->path);
        free(r->seen);
        free(r->taken);
        free(r->folders);
        free(r->heads);
        free(r);
}

void layer_reader_freep(struct layer_reader **r)
{
        layer_reader_free(*r);
}

void layer_reader_watch(
    struct layer_reader *r, volatile struct layer_place *place, const struct layer_skip *skips, size_t n_skips)
{
        if (place)
                r->place = place;
        r->skips = skips;
        r->n_skips = n_skips;
}

void layer_reader_once(struct layer_reader *r)
{
        r->replay_max = INVENTORY_REPLAY_PIPE_MAX;
        if (r->content.max < r->replay_max)
                r->content.max = r->replay_max;
}

/* ---- entries ---- */

static void seen_add(
    struct layer_reader *r, struct span path, enum image_entry_type type, const struct image_entry *entry)
{
        bool is_file = type == IMAGE_ENTRY_FILE;

        r->own_seen = SIZE_MAX;
        if (r->n_seen == INVENTORY_ENTRIES_MAX || entry->index > UINT32_MAX) {
                if (first_time(&r->too_many_seen))
                        *layer_note(r) = arena_printf(r->arena,
                            "more than %u entries: what the others replace is listed all the same",
                            INVENTORY_ENTRIES_MAX);
                return;
        }
        if (r->n_seen == r->cap_seen) {
                r->cap_seen = r->cap_seen ? r->cap_seen * 2 : 4096;
                r->seen = heap_realloc(r->seen, r->cap_seen, sizeof(*r->seen));
        }
        r->own_seen = r->n_seen;
        r->seen[r->n_seen++] = (struct seen){.id = path_id_of(path),
            .index = (uint32_t)entry->index,
            .size = !is_file                   ? 0
                    : entry->size < UINT32_MAX ? (uint32_t)entry->size
                                               : UINT32_MAX,
            .mode = (is_file ? entry->mode : 0) & 07777,
            .type = (unsigned)type & 15u};
}

static bool is_or_holds(struct span folder, struct span path)
{
        if (path.len < folder.len || memcmp(path.at, folder.at, folder.len) != 0)
                return false;
        return path.len == folder.len || folder.len == 0 || path.at[folder.len] == '/';
}

/* What must be a folder for this entry. They come folder by folder: those of the last one are known. */
static void folders_add(struct layer_reader *r, struct span folder, const struct image_entry *entry)
{
        struct span last = buf_span(&r->folder);

        for (struct span f = folder; f.len > 0 && !(last.len > 0 && is_or_holds(f, last)); f = path_folder(f)) {
                int usr = path_usr_link(f);
                if (usr >= 0)
                        r->report->usr_links[usr] = USR_LINK_NO;
                seen_add(r, f, IMAGE_ENTRY_DIR, entry);
        }
        if (span_equal(folder, last))
                return;
        buf_clear(&r->folder);
        buf_put(&r->folder, folder);
}

static void hidden_add(struct layer_reader *r, struct span_list *list, struct span path)
{
        if (r->report->whiteouts.len + r->report->opaques.len < INVENTORY_WHITEOUTS_MAX)
                *ARENA_PUSH(r->arena, list) = arena_copy(r->arena, path);
        else if (first_time(&r->too_many_hidden))
                *layer_note(r) = arena_printf(r->arena,
                    "more than %u whiteouts: what the others hide is listed all the same", INVENTORY_WHITEOUTS_MAX);
}

static void usr_link_say(struct layer_reader *r, const struct image_entry *entry)
{
        int usr = path_usr_link(entry->path);
        struct span to = span_starts(entry->link, "/") ? span_from(entry->link, 1) : entry->link;

        if (usr >= 0)
                r->report->usr_links[usr] = entry->type == IMAGE_ENTRY_SYMLINK && span_starts(to, "usr/") &&
                                                    span_equal(span_from(to, 4), entry->path)
                                                ? USR_LINK_YES
                                                : USR_LINK_NO;
}

static void link_add(struct layer_reader *r, const struct image_entry *entry)
{
        if (r->own_seen == SIZE_MAX || r->links.len == INVENTORY_LINKS_MAX) {
                if (first_time(&r->too_many_links))
                        *layer_note(r) = arena_printf(
                            r->arena, "more than %u hard links: the others were not looked at", INVENTORY_LINKS_MAX);
                return;
        }
        struct link *l = ARENA_PUSH(r->arena, &r->links);
        l->path = arena_copy(r->arena, entry->path);
        l->target = path_id_of(entry->link);
        l->index = (uint32_t)entry->index;
}

static void symlink_add(struct layer_reader *r, const struct image_entry *entry)
{
        const struct detector *d = detector_of_link(entry->path);
        struct evidence *e = d ? evidence_new(r, d, entry->path, entry->index) : NULL;

        if (!e)
                return;
        findings_note(&e->found, "a symbolic link: what it leads to was not read");
        evidence_add(r, e, false);
}

static bool first_pass_entry(struct layer_reader *r, const struct image_entry *entry)
{
        if (entry->type == IMAGE_ENTRY_WHITEOUT || entry->type == IMAGE_ENTRY_OPAQUE) {
                bool opaque = entry->type == IMAGE_ENTRY_OPAQUE;
                hidden_add(r, opaque ? &r->report->opaques : &r->report->whiteouts, entry->path);
                folders_add(r, opaque ? entry->path : path_folder(entry->path), entry);
                return false;
        }
        if (entry->path.len == 0) /* the root itself */
                return false;
        usr_link_say(r, entry);
        folders_add(r, path_folder(entry->path), entry);
        seen_add(r, entry->path, entry->type, entry);
        switch (entry->type) {
        case IMAGE_ENTRY_SYMLINK:
                symlink_add(r, entry);
                alias_add(r, entry);
                return false;
        case IMAGE_ENTRY_HARDLINK:
                link_add(r, entry);
                alias_add(r, entry);
                return false;
        case IMAGE_ENTRY_FILE:
                return content_first(r, entry);
        default:
                return false;
        }
}

/* ---- evidence ---- */

struct evidence *evidence_new(struct layer_reader *r, const struct detector *d, struct span path, uint64_t index)
{
        if (path.len > INVENTORY_PATH_MAX || path_depth(path) > INVENTORY_DEPTH_MAX) {
                if (first_time(&r->too_deep))
                        *layer_note(r) = arena_printf(
                            r->arena, "package files more than %u folders deep were not read", INVENTORY_DEPTH_MAX);
                return NULL;
        }
        struct evidence *e = arena_alloc(r->arena, sizeof(*e));
        e->detector = d;
        e->path = arena_copy(r->arena, path);
        e->index = index;
        e->found = (struct findings){.arena = r->arena, .path = e->path};
        return e;
}

/* The texts have done their work: ids of the paths are what is told. */
static void owned_take(struct layer_reader *r, struct evidence *e)
{
        size_t n = e->found.owned.len;

        e->owned.at = arena_array(r->arena, n, sizeof(*e->owned.at));
        e->owned.len = e->owned.cap = n;
        for (size_t i = 0; i < n; i++) {
                const struct ownership *o = &e->found.owned.at[i];
                e->owned.at[i] =
                    (struct owned){.package = o->package, .by_supplement = o->by_supplement, .id = path_id_of(o->path)};
        }
        e->found.owned.len = 0;
}

/* A layer says no more than its parent will listen to. */
static void evidence_bound(struct layer_reader *r, struct evidence *e)
{
        struct findings *f = &e->found;

        if (f->packages.len > INVENTORY_PACKAGES_MAX - r->n_packages ||
            f->supplements.len > INVENTORY_SUPPLEMENTS_MAX - r->n_supplements) {
                f->packages.len = f->supplements.len = f->owned.len = e->owned.len = 0;
                if (first_time(&r->too_many_packages))
                        *layer_note(r) = arena_printf(
                            r->arena, "more than %u packages: the others are not listed", INVENTORY_PACKAGES_MAX);
        }
        if (f->owned.len + e->owned.len > INVENTORY_OWNED_MAX - r->n_owned) {
                f->owned.len = e->owned.len = 0;
                if (first_time(&r->too_many_owned))
                        *layer_note(r) = arena_printf(r->arena,
                            "packages own more than %u files: whose the others are is not known", INVENTORY_OWNED_MAX);
        }
}

void evidence_add(struct layer_reader *r, struct evidence *e, bool quiet)
{
        struct findings *f = &e->found;

        findings_end(f);
        if (quiet && f->packages.len == 0 && f->notes.len == 0 && f->supplements.len == 0)
                return;
        if (r->report->evidence.len == INVENTORY_EVIDENCE_MAX) {
                if (first_time(&r->too_many_evidence))
                        *layer_note(r) = arena_printf(r->arena,
                            "more than %u files that name packages: the others were not read", INVENTORY_EVIDENCE_MAX);
                return;
        }
        evidence_bound(r, e);
        if (f->owned.len > 0)
                owned_take(r, e);
        r->n_packages += f->packages.len;
        r->n_supplements += f->supplements.len;
        r->n_owned += e->owned.len;
        *ARENA_PUSH(r->arena, &r->report->evidence) = *e;
}

static const struct layer_skip *skip_of(const struct layer_reader *r, uint64_t entry)
{
        for (size_t i = 0; i < r->n_skips; i++)
                if (r->skips[i].entry == entry + 1)
                        return &r->skips[i];
        return NULL;
}

bool entry_skipped(struct layer_reader *r, struct span path, uint64_t index, uint64_t entry)
{
        const struct layer_skip *skip = skip_of(r, entry);
        const struct detector *d = skip ? detector_of_path(path) : NULL;
        struct evidence *e;
        char shown[INVENTORY_PATH_MAX + 1];

        if (!skip)
                return false;
        if (!d && skip->detector > 0) {
                d = detector_at(skip->detector - 1);
                if (d && !(d->stream && d->stream->sniff)) /* it may not speak of this path */
                        d = NULL;
        }
        e = d ? evidence_new(r, d, path, index) : NULL;
        if (e) {
                findings_note(&e->found, "a detector died reading it: not assessed");
                evidence_add(r, e, false);
        } else {
                *layer_note(r) = arena_printf(r->arena, "%s: a detector died reading it: not assessed",
                    span_printable(path, shown, sizeof(shown)));
        }
        return true;
}

/* ---- passes ---- */

static bool on_entry(void *ctx, const struct image_entry *entry, bool *ret_want, struct err *e)
{
        struct layer_reader *r = ctx;

        if (r->reading)
                return err_set(
                    e, ERR_BUG, "entry %llu: the content before it had no end", (unsigned long long)entry->index);
        *ret_want = r->pass == 1 ? first_pass_entry(r, entry) : content_later(r, entry);
        r->reading = *ret_want;
        return true;
}

static bool on_data(void *ctx, struct span piece, struct err *e)
{
        struct layer_reader *r = ctx;

        if (!r->reading)
                return err_set(e, ERR_BUG, "content that nobody wanted");
        if (piece.len == 0) {
                content_end(r);
                r->reading = false;
                return true;
        }
        return content_take(r, piece) ||
               err_set(e, ERR_BUG, "entry %llu: more content than its size", (unsigned long long)r->entry);
}

struct image_sink layer_reader_sink(struct layer_reader *r)
{
        return (struct image_sink){.entry = on_entry, .data = on_data, .ctx = r};
}

static int job_compare(const void *a, const void *b)
{
        const struct job *x = a, *y = b;

        return (x->entry > y->entry) - (x->entry < y->entry);
}

bool layer_reader_again(struct layer_reader *r)
{
        if (r->pass == 1)
                links_resolve(r);
        jobs_drop(&r->waiting, r->next);
        r->waiting = r->later;
        r->later = (struct jobs){0};
        r->next = 0;
        if (r->waiting.len == 0)
                return false;
        qsort(r->waiting.at, r->waiting.len, sizeof(*r->waiting.at), job_compare);
        r->pass++;
        return true;
}

struct layer_report *layer_reader_end(struct layer_reader *r, const struct image_read *read)
{
        struct layer_report *report = r->report;

        seen_settle(r);
        held_settle(r);
        evidence_settle(r);
        aliases_settle(r);
        remarks_settle(r);
        report->read = *read;
        report->ended = true;
        r->report = NULL;
        return report;
}
