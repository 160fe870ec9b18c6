/*
 * Supplements and owners: what one file says of packages that another lists, and which of the system's packages brought
 * the file that a component was found in. Only what is visible speaks.
 */
#include "inventory/merge_priv.h"

/* A component's file, by the id of its path; twice where a merged /usr gives it two names. */
struct asked {
        struct path_id id;
        uint32_t draft;
        uint32_t owner; /* of the first of those with this id: 1 + index; 0: none */
};

/*
 * A component that others may speak of. Those that are told apart by their path are spoken of by files of their own folder
 * alone: so many of one name elsewhere (a program of a package says its name, too) are not in the way.
 */
struct candidate {
        const struct component *c;
        struct span folder; /* empty for what is not told apart by its path */
        uint32_t draft;
};

struct owners {
        struct merge *m;
        struct candidate *candidates; /* in the order of type, name and folder */
        size_t n_candidates;
        uint32_t *draft_of_key; /* 1 + index; 0: not visible */
        struct asked *asked;
        size_t n_asked;
};

static int asked_compare(const void *a, const void *b)
{
        const struct asked *x = a, *y = b;
        int by = path_id_compare(&x->id, &y->id);

        return by ? by : (x->draft > y->draft) - (x->draft < y->draft);
}

static void ask(struct owners *o, struct span path, uint32_t draft)
{
        o->asked[o->n_asked++] = (struct asked){.id = path_id_of(path), .draft = draft};
}

/*
 * A package's list says lib/x where the image has usr/lib/x, if lib is a link to usr/lib there, or the other way round
 * where the list is newer than the image.
 */
static void ask_both(struct owners *o, struct span path, uint32_t draft, struct buf *b)
{
        const bool *links = o->m->usr_links;
        struct span first, rest, below;

        ask(o, path, draft);
        if (!span_split(path, '/', &first, &rest))
                return;
        int usr = path_usr_link(first);
        if (usr >= 0 && links[usr])
                ask(o, path_usr_merged(path, b), draft);
        if (!span_is(first, "usr"))
                return;
        span_split(rest, '/', &first, &below);
        usr = below.len > 0 ? path_usr_link(first) : -1;
        if (usr >= 0 && links[usr])
                ask(o, rest, draft);
}

/* Components, and behind them, as if they were further ones, the files with secrets. */
static void make_asked(struct owners *o)
{
        struct merge *m = o->m;
        CLEANUP(buf_done) struct buf b = {0};

        o->asked = arena_array(m->arena, 2 * (m->n_drafts + m->n_secrets), sizeof(*o->asked));
        for (size_t i = 0; i < m->n_drafts; i++)
                if (!m->drafts[i].of_system)
                        ask_both(o, m->drafts[i].source->evidence->path, (uint32_t)i, &b);
        for (size_t i = 0; i < m->n_secrets; i++)
                ask_both(o, m->secrets[i].path, (uint32_t)(m->n_drafts + i), &b);
        if (o->n_asked > 0)
                qsort(o->asked, o->n_asked, sizeof(*o->asked), asked_compare);
}

/* The first of two packages that claim a file, in the order of components, has it. */
static void own(struct owners *o, const struct path_id *id, uint32_t owner)
{
        size_t low = 0, high = o->n_asked;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                if (path_id_compare(&o->asked[middle].id, id) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        if (low == o->n_asked || path_id_compare(&o->asked[low].id, id) != 0)
                return;
        if (o->asked[low].owner == 0 || o->asked[low].owner > owner + 1)
                o->asked[low].owner = owner + 1;
}

static void owners_put(struct owners *o)
{
        struct merge *m = o->m;
        uint32_t owner = 0;

        for (size_t i = 0; i < o->n_asked; i++) {
                size_t draft = o->asked[i].draft;
                uint32_t *to = draft < m->n_drafts ? &m->drafts[draft].c.owner : &m->secrets[draft - m->n_drafts].owner;
                if (i == 0 || path_id_compare(&o->asked[i - 1].id, &o->asked[i].id) != 0)
                        owner = o->asked[i].owner;
                if (owner > 0 && (*to == 0 || *to > owner))
                        *to = owner;
        }
}

/* Whether what `from` says of a package may concern this one. */
static bool concerns(const struct source *from, const struct supplement *s, const struct draft *to)
{
        const struct detector *d = from->evidence->detector, *other = to->source->evidence->detector;

        if (to->c.state != COMPONENT_INSTALLED || !span_equal(s->name, to->c.name) ||
            (s->arch.len > 0 && !span_equal(s->arch, to->c.arch)))
                return false;
        if (d->type ? !span_is(to->c.type, d->type) : !detectors_of_one_shelf(d, other))
                return false;
        return !other->by_path ||
               span_equal(path_folder(from->evidence->path), path_folder(to->source->evidence->path));
}

static int candidate_compare(const void *a, const void *b)
{
        const struct candidate *x = a, *y = b;
        int by = span_compare(x->c->type, y->c->type);

        if (by == 0)
                by = span_compare(x->c->name, y->c->name);
        if (by == 0)
                by = span_compare(x->folder, y->folder);
        return by ? by : (x->draft > y->draft) - (x->draft < y->draft);
}

static void make_candidates(struct owners *o)
{
        struct merge *m = o->m;

        o->candidates = arena_array(m->arena, m->n_drafts, sizeof(*o->candidates));
        for (size_t i = 0; i < m->n_drafts; i++) {
                const struct evidence *e = m->drafts[i].source->evidence;
                struct candidate *to = &o->candidates[o->n_candidates];

                if (m->drafts[i].c.state != COMPONENT_INSTALLED)
                        continue;
                *to = (struct candidate){.c = &m->drafts[i].c, .draft = (uint32_t)i};
                if (e->detector->by_path)
                        to->folder = path_folder(e->path);
                o->n_candidates++;
        }
        if (o->n_candidates > 0)
                qsort(o->candidates, o->n_candidates, sizeof(*o->candidates), candidate_compare);
}

static void supplement_fill(
    struct arena *a, const struct supplement *s, struct component *to, uint32_t n_files)
{
        if (to->licence.len == 0 && s->licence.len > 0) {
                to->licence = arena_copy(a, s->licence);
                to->licence_source = s->licence_source != LICENCE_SOURCE_NONE ? s->licence_source : LICENCE_SOURCE_FIELD;
        }
        to->n_files += n_files > UINT32_MAX - to->n_files ? UINT32_MAX - to->n_files : n_files;
}

/* One run of candidates: those of `like`'s type and name, in its folder. */
static void supplement_join(struct owners *o, const struct source *from, const struct supplement *s,
    const struct candidate *like, uint32_t n_files, size_t *ret_first)
{
        size_t low = 0, high = o->n_candidates;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                if (candidate_compare(&o->candidates[middle], like) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        for (size_t n = 0; low < o->n_candidates && n < INVENTORY_SAME_NAME_MAX; low++, n++) {
                const struct candidate *c = &o->candidates[low];
                struct draft *to = &o->m->drafts[c->draft];

                if (!span_equal(c->c->type, like->c->type) || !span_equal(c->c->name, like->c->name) ||
                    !span_equal(c->folder, like->folder))
                        break;
                if (!concerns(from, s, to))
                        continue;
                if (*ret_first > c->draft)
                        *ret_first = c->draft;
                supplement_fill(o->m->v->arena, s, &to->c, n_files);
        }
}

static void supplement_of_type(struct owners *o, const struct source *from, const struct supplement *s, const char *type,
    uint32_t n_files, size_t *ret_first)
{
        const struct component named = {.type = span_of(type), .name = s->name};
        struct candidate like = {.c = &named};

        supplement_join(o, from, s, &like, n_files, ret_first);
        like.folder = path_folder(from->evidence->path);
        if (like.folder.len > 0)
                supplement_join(o, from, s, &like, n_files, ret_first);
}

/* Of a detector without a type of its own: all types of its shelf. */
static size_t supplement_take(struct owners *o, const struct source *from, const struct supplement *s, uint32_t n_files)
{
        const struct detector *d = from->evidence->detector, *row;
        size_t first = SIZE_MAX;

        if (d->type) {
                supplement_of_type(o, from, s, d->type, n_files, &first);
                return first;
        }
        for (size_t i = 0; (row = detector_at(i)) != NULL; i++) {
                bool before = false;
                for (size_t k = 0; k < i; k++)
                        before |= row->type && detector_at(k)->type && detectors_of_one_shelf(d, detector_at(k)) &&
                                  strcmp(row->type, detector_at(k)->type) == 0;
                if (row->type && !before && detectors_of_one_shelf(d, row))
                        supplement_of_type(o, from, s, row->type, n_files, &first);
        }
        return first;
}

static void source_take(struct owners *o, const struct source *from)
{
        const struct evidence *e = from->evidence;
        struct merge *m = o->m;
        uint32_t *counts[2] = {arena_array(m->arena, e->found.packages.len, sizeof(uint32_t)),
            arena_array(m->arena, e->found.supplements.len, sizeof(uint32_t))};
        size_t *joined = arena_array(m->arena, e->found.supplements.len, sizeof(*joined));

        for (size_t i = 0; i < e->owned.len; i++)
                counts[e->owned.at[i].by_supplement][e->owned.at[i].package]++;
        for (size_t i = 0; i < e->found.packages.len; i++) {
                uint32_t draft = o->draft_of_key[from->keys[i]];
                if (draft > 0 && m->drafts[draft - 1].c.n_files < counts[0][i])
                        m->drafts[draft - 1].c.n_files = counts[0][i];
        }
        for (size_t i = 0; i < e->found.supplements.len; i++)
                joined[i] = supplement_take(o, from, &e->found.supplements.at[i], counts[1][i]);
        for (size_t i = 0; i < e->owned.len; i++) {
                const struct owned *w = &e->owned.at[i];
                size_t owner =
                    w->by_supplement ? joined[w->package] : (size_t)o->draft_of_key[from->keys[w->package]] - 1;
                if (owner < m->n_drafts && m->drafts[owner].of_system)
                        own(o, &w->id, (uint32_t)owner);
        }
}

void merge_owners(struct merge *m)
{
        struct owners o = {.m = m};

        o.draft_of_key = arena_array(m->arena, m->n_keys, sizeof(*o.draft_of_key));
        for (size_t i = 0; i < m->n_drafts; i++)
                o.draft_of_key[m->drafts[i].key] = (uint32_t)i + 1;
        make_asked(&o);
        make_candidates(&o);
        for (size_t i = 0; i < m->n_places; i++)
                if (m->places[i].live)
                        source_take(&o, m->places[i].live);
        owners_put(&o);
        for (size_t i = 0; i < m->n_drafts; i++)
                m->drafts[i].gone = m->drafts[i].package->unless_owned && m->drafts[i].c.owner > 0;
}
