#include "inventory/merge_priv.h"
#include "inventory/purl_priv.h"
#include "inventory/os/system_priv.h"

/* A file of a layer that says something. */
struct source {
        const struct evidence *evidence;
        struct place *place;
        size_t *keys; /* of its packages */
};

/* A path that some layer has evidence at, and its ancestors' ids: ids[i] is of the first `ends[i]` bytes. */
struct place {
        struct span path;
        size_t *ends;
        struct path_id *ids;
        size_t n_ids;
        const struct source *live; /* the layer's file that is visible now; NULL: none */
        uint32_t live_layer;
};

/* A package, as components are told apart. */
struct key {
        const struct source *source;
        const struct package *package;
        size_t *slot; /* where its source keeps the number of this key */
};

/* How many visible files state it, while the layers are put on each other. */
struct presence {
        size_t count, count_below; /* count_below: before the layer `touched` */
        uint32_t touched;          /* layer + 1; 0: never */
        uint32_t since;
        const struct key *shown;
};

struct merge {
        struct arena *arena;
        struct layer_report *const *reports;
        struct source **sources; /* of each layer, beside its evidence */
        struct place *places;
        size_t n_places;
        struct key *keys; /* one of each kind, in component order */
        struct presence *presence;
        size_t n_keys;
        struct {
                size_t *at;
                size_t len, cap;
        } touched;
};

/* ---- tables ---- */

static int source_by_path(const void *a, const void *b)
{
        const struct source *const *x = a, *const *y = b;

        return span_compare((*x)->evidence->path, (*y)->evidence->path);
}

static void place_init(struct merge *m, struct place *p, struct span path)
{
        size_t n = path_depth(path) + 1;

        p->path = path;
        p->ends = arena_array(m->arena, n, sizeof(*p->ends));
        p->ids = arena_array(m->arena, n, sizeof(*p->ids));
        for (size_t i = 1; i <= path.len; i++) {
                if (i < path.len && path.at[i] != '/')
                        continue;
                p->ends[p->n_ids] = i;
                p->ids[p->n_ids++] = path_id_of(span_cut(path, 0, i));
        }
}

static void make_places(struct merge *m, size_t n_layers)
{
        size_t n = 0, at = 0;

        m->sources = arena_array(m->arena, n_layers, sizeof(*m->sources));
        for (size_t i = 0; i < n_layers; i++)
                n += m->reports[i]->evidence.len;
        struct source **all = arena_array(m->arena, n, sizeof(struct source *));
        for (size_t i = 0; i < n_layers; i++) {
                m->sources[i] = arena_array(m->arena, m->reports[i]->evidence.len, sizeof(**m->sources));
                for (size_t k = 0; k < m->reports[i]->evidence.len; k++) {
                        struct source *s = &m->sources[i][k];
                        s->evidence = &m->reports[i]->evidence.at[k];
                        s->keys = arena_array(m->arena, s->evidence->found.packages.len, sizeof(*s->keys));
                        all[at++] = s;
                }
        }
        qsort(all, n, sizeof(*all), source_by_path);
        m->places = arena_array(m->arena, n, sizeof(*m->places));
        for (size_t i = 0; i < n; i++) {
                if (i == 0 || source_by_path(&all[i - 1], &all[i]) != 0)
                        place_init(m, &m->places[m->n_places++], all[i]->evidence->path);
                all[i]->place = &m->places[m->n_places - 1];
        }
}

static int key_compare(const void *a, const void *b)
{
        const struct key *x = a, *y = b;
        const struct detector *d = x->source->evidence->detector, *other = y->source->evidence->detector;
        int by = span_compare(span_of(d->type), span_of(other->type));

        if (by == 0)
                by = span_compare(x->package->name, y->package->name);
        if (by == 0)
                by = span_compare(x->package->version, y->package->version);
        if (by == 0)
                by = span_compare(x->package->arch, y->package->arch);
        if (by == 0 && d->by_path)
                by = span_compare(x->source->evidence->path, y->source->evidence->path);
        return by;
}

static void make_keys(struct merge *m, size_t n_layers)
{
        size_t n = 0, at = 0;

        for (size_t i = 0; i < n_layers; i++)
                for (size_t k = 0; k < m->reports[i]->evidence.len; k++)
                        n += m->reports[i]->evidence.at[k].found.packages.len;
        struct key *keys = arena_array(m->arena, n, sizeof(*keys));
        for (size_t i = 0; i < n_layers; i++) {
                for (size_t k = 0; k < m->reports[i]->evidence.len; k++) {
                        struct source *s = &m->sources[i][k];
                        for (size_t p = 0; p < s->evidence->found.packages.len; p++)
                                keys[at++] = (struct key){
                                    .source = s, .package = &s->evidence->found.packages.at[p], .slot = &s->keys[p]};
                }
        }
        qsort(keys, n, sizeof(*keys), key_compare);
        for (size_t i = 0; i < n; i++) {
                if (i == 0 || key_compare(&keys[m->n_keys - 1], &keys[i]) != 0)
                        keys[m->n_keys++] = keys[i];
                *keys[i].slot = m->n_keys - 1;
        }
        m->keys = keys;
        m->presence = arena_array(m->arena, m->n_keys, sizeof(*m->presence));
}

/* ---- layers on each other ---- */

static struct presence *touch(struct merge *m, uint32_t layer, size_t key)
{
        struct presence *p = &m->presence[key];

        if (p->touched != layer + 1) {
                p->touched = layer + 1;
                p->count_below = p->count;
                *ARENA_PUSH(m->arena, &m->touched) = key;
        }
        return p;
}

static void hide(struct merge *m, uint32_t layer, struct place *p)
{
        if (!p->live)
                return;
        for (size_t i = 0; i < p->live->evidence->found.packages.len; i++)
                touch(m, layer, p->live->keys[i])->count--;
        p->live = NULL;
}

static void show(struct merge *m, uint32_t layer, const struct source *s)
{
        hide(m, layer, s->place);
        s->place->live = s;
        s->place->live_layer = layer;
        for (size_t i = 0; i < s->evidence->found.packages.len; i++)
                touch(m, layer, s->keys[i])->count++;
}

static int path_order(const void *a, const void *b)
{
        return span_compare(*(const struct span *)a, *(const struct span *)b);
}

static struct span_list sorted(struct arena *a, const struct span_list *list)
{
        struct span_list copy = {.at = arena_array(a, list->len, sizeof(struct span)), .len = list->len};

        for (size_t i = 0; i < list->len; i++)
                copy.at[i] = list->at[i];
        qsort(copy.at, copy.len, sizeof(*copy.at), path_order);
        return copy;
}

static bool listed(const struct span_list *list, struct span path)
{
        return list->len > 0 && bsearch(&path, list->at, list->len, sizeof(path), path_order);
}

/* Whether a layer hides what lies at this path in the layers below: it, or a folder above it, is gone or replaced. */
static bool hides(const struct layer_report *r, const struct span_list *whiteouts, const struct span_list *opaques,
    const struct place *p)
{
        if (listed(opaques, (struct span){0}))
                return true;
        for (size_t i = 0; i < p->n_ids; i++) {
                struct span path = span_cut(p->path, 0, p->ends[i]);
                if (listed(whiteouts, path) || (i + 1 < p->n_ids && listed(opaques, path)))
                        return true;
                if (r->n_taken > 0 && bsearch(&p->ids[i], r->taken, r->n_taken, sizeof(*r->taken), path_id_compare))
                        return true;
        }
        return false;
}

static void put_layer(struct merge *m, uint32_t layer)
{
        const struct layer_report *r = m->reports[layer];
        struct span_list whiteouts = sorted(m->arena, &r->whiteouts), opaques = sorted(m->arena, &r->opaques);

        m->touched.len = 0;
        if (whiteouts.len > 0 || opaques.len > 0 || r->n_taken > 0)
                for (size_t i = 0; i < m->n_places; i++)
                        if (m->places[i].live && hides(r, &whiteouts, &opaques, &m->places[i]))
                                hide(m, layer, &m->places[i]);
        for (size_t i = 0; i < r->evidence.len; i++)
                show(m, layer, &m->sources[layer][i]);
        for (size_t i = 0; i < m->touched.len; i++) {
                struct presence *p = &m->presence[m->touched.at[i]];
                if (p->count_below == 0)
                        p->since = layer;
        }
}

/* ---- the result ---- */

struct notes {
        struct span *at;
        size_t len, cap, left_out;
};

static void note(struct inventory *v, struct notes *n, struct span text)
{
        if (n->len < INVENTORY_NOTES_MAX)
                *ARENA_PUSH(v->arena, n) = text;
        else
                n->left_out++;
}

static const struct evidence *live_at(const struct merge *m, const char *path)
{
        for (size_t i = 0; i < m->n_places; i++)
                if (span_is(m->places[i].path, path) && m->places[i].live)
                        return m->places[i].live->evidence;
        return NULL;
}

static struct span buf_to_arena(struct arena *a, struct buf *b)
{
        struct span s = arena_copy(a, buf_span(b));

        buf_done(b);
        return s;
}

static void component_make(struct inventory *v, const struct os_release *os, struct span deb_ecosystem,
    const struct presence *p, struct component *c)
{
        const struct detector *d = p->shown->source->evidence->detector;
        const struct package *from = p->shown->package;
        struct buf purl = {.max = INVENTORY_PURL_MAX}, distro = {0};
        struct purl u = {.type = d->type, .name = from->name, .version = from->version};
        struct span scope, bare;

        c->ecosystem = d->ecosystem ? span_of(d->ecosystem) : deb_ecosystem;
        c->type = span_of(d->type);
        c->name = arena_copy(v->arena, from->name);
        c->version = arena_copy(v->arena, from->version);
        c->source_name = arena_copy(v->arena, from->source_name);
        c->source_version = arena_copy(v->arena, from->source_version);
        c->arch = arena_copy(v->arena, from->arch);
        c->licence = arena_copy(v->arena, from->licence);
        c->path = arena_copy(v->arena, p->shown->source->evidence->path);
        c->layer = p->since;
        if (!d->ecosystem) {
                system_distro(os, &distro);
                u.namespace = os->id;
                u.qualifiers[0] = (struct purl_qualifier){"arch", from->arch};
                u.qualifiers[1] = (struct purl_qualifier){"distro", buf_span(&distro)};
        } else if (span_starts(from->name, "@") && span_split(from->name, '/', &scope, &bare)) {
                u.namespace = scope;
                u.name = bare;
        }
        purl_put(&purl, &u);
        c->purl = buf_to_arena(v->arena, &purl);
        buf_done(&distro);
}

/* Of the visible files that state a package, the first by path is named. */
static void choose_shown(struct merge *m)
{
        for (size_t i = 0; i < m->n_places; i++) {
                const struct source *s = m->places[i].live;
                for (size_t k = 0; s && k < s->evidence->found.packages.len; k++) {
                        struct presence *p = &m->presence[s->keys[k]];
                        if (p->shown)
                                continue;
                        struct key *shown = arena_alloc(m->arena, sizeof(*shown));
                        *shown = (struct key){.source = s, .package = &s->evidence->found.packages.at[k]};
                        p->shown = shown;
                }
        }
}

/* Returns how many packages follow the system's ecosystem. */
static size_t make_components(
    struct merge *m, struct inventory *v, const struct os_release *os, struct span deb_ecosystem, struct notes *notes)
{
        size_t n = 0, of_system = 0;

        choose_shown(m);
        for (size_t i = 0; i < m->n_keys; i++)
                n += m->presence[i].shown != NULL;
        if (n > INVENTORY_COMPONENTS_MAX)
                note(v, notes,
                    arena_printf(v->arena, "%zu components, of which %u are listed", n, INVENTORY_COMPONENTS_MAX));
        v->components = arena_array(v->arena, n, sizeof(*v->components));
        for (size_t i = 0; i < m->n_keys && v->n_components < INVENTORY_COMPONENTS_MAX; i++) {
                const struct presence *p = &m->presence[i];
                if (!p->shown)
                        continue;
                of_system += p->shown->source->evidence->detector->ecosystem == NULL;
                component_make(v, os, deb_ecosystem, p, &v->components[v->n_components++]);
        }
        return of_system;
}

/* An image whose system we can't assess must say so: no findings would look like a clean image. */
static void note_system(struct inventory *v, struct notes *notes, const struct os_release *os, size_t n_packages)
{
        struct buf b = {0};

        system_name(os, &b);
        struct span name = buf_to_arena(v->arena, &b);
        if (!v->os_known && name.len > 0)
                note(v, notes,
                    arena_printf(v->arena, "no advisories for %.*s%s: its packages were not assessed", SPAN_FMT(name),
                        span_is(os->id, "debian") && os->version_id.len == 0 ? " without a VERSION_ID" : ""));
        else if (!v->os_known && n_packages > 0)
                note(v, notes,
                    arena_printf(v->arena,
                        "no os-release says which system the %zu packages of dpkg are of: they were not assessed",
                        n_packages));
        else if (v->os_known && n_packages == 0)
                note(v, notes,
                    arena_printf(v->arena,
                        "%.*s without a list of packages (var/lib/dpkg/status): they were not assessed",
                        SPAN_FMT(name)));
}

static const char *layer_name(const struct merge *m, size_t layer, char out[32])
{
        out[0] = 0;
        if (!m->reports[layer]->folder)
                snprintf(out, 32, "layer %zu: ", layer + 1); /* people count from one */
        return out;
}

/* Whole, unlike SPAN_FMT: a path of 4095 bytes and a sentence; at most INVENTORY_NOTE_MAX and never empty. */
#define NOTE_FMT(s) (int)(s).len, (const char *)(s).at

static void gather_notes(const struct merge *m, size_t n_layers, struct inventory *v, struct notes *notes)
{
        char layer[32];
        char shown[INVENTORY_PATH_MAX + 1];

        for (size_t i = 0; i < n_layers; i++)
                for (size_t k = 0; k < m->reports[i]->notes.len; k++)
                        note(v, notes,
                            arena_printf(
                                v->arena, "%s%.*s", layer_name(m, i, layer), NOTE_FMT(m->reports[i]->notes.at[k])));
        for (size_t i = 0; i < m->n_places; i++) {
                const struct source *s = m->places[i].live;
                for (size_t k = 0; s && k < s->evidence->found.notes.len; k++) {
                        span_printable(m->places[i].path, shown, sizeof(shown));
                        note(v, notes,
                            arena_printf(v->arena, "%s%s: %.*s", layer_name(m, m->places[i].live_layer, layer), shown,
                                NOTE_FMT(s->evidence->found.notes.at[k])));
                }
        }
}

void inventory_merge(struct layer_report *const *reports, size_t n, struct inventory *v)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct merge m = {.arena = arena, .reports = reports};
        struct notes notes = {0};
        struct buf ecosystem = {.max = INVENTORY_ECOSYSTEM_MAX};
        const struct evidence *e;
        struct os_release os = {0};

        make_places(&m, n);
        make_keys(&m, n);
        for (size_t i = 0; i < n; i++)
                put_layer(&m, (uint32_t)i);
        /* etc/ first, if it is a file that says so: mostly it is a symbolic link to the other. */
        e = live_at(&m, "etc/os-release");
        if (!e || e->found.os.id.len == 0)
                e = live_at(&m, "usr/lib/os-release");
        if (e)
                os = e->found.os;
        v->os.id = arena_copy(v->arena, os.id);
        v->os.version_id = arena_copy(v->arena, os.version_id);
        v->os.version_codename = arena_copy(v->arena, os.version_codename);
        v->os.pretty_name = arena_copy(v->arena, os.pretty_name);
        v->os_known = system_ecosystem(&os, &ecosystem);
        size_t of_system = make_components(&m, v, &os, buf_to_arena(v->arena, &ecosystem), &notes);
        note_system(v, &notes, &os, of_system);
        gather_notes(&m, n, v, &notes);
        /* A static program from scratch, or a wrong folder: "nothing known against nothing" must not read as clean. */
        if (v->n_components == 0 && notes.len == 0)
                note(v, &notes,
                    arena_printf(v->arena, "nothing was found that could be assessed: no dpkg, npm or Python package"));
        v->complete = notes.len == 0;
        if (notes.left_out > 0)
                *ARENA_PUSH(v->arena, &notes) = arena_printf(v->arena, "and %zu more notes", notes.left_out);
        v->notes = notes.at;
        v->n_notes = notes.len;
}

int component_compare(const struct component *a, const struct component *b)
{
        int by = span_compare(a->type, b->type);

        if (by == 0)
                by = span_compare(a->name, b->name);
        if (by == 0)
                by = span_compare(a->version, b->version);
        if (by == 0)
                by = span_compare(a->arch, b->arch);
        if (by == 0)
                by = span_compare(a->path, b->path);
        return by;
}
