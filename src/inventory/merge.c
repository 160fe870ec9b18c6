#include "inventory/merge_priv.h"
#include "inventory/os/system_priv.h"

/* ---- tables ---- */

static int by_number(size_t a, size_t b)
{
        return (a > b) - (a < b);
}

/* Plug-ins have places of their own: what one finds in a file does not hide what others do. */
static int source_by_path(const void *a, const void *b)
{
        const struct source *const *x = a, *const *y = b;

        const struct detector *d = (*x)->evidence->detector, *other = (*y)->evidence->detector;
        int by = span_compare((*x)->evidence->path, (*y)->evidence->path);

        if (by == 0)
                by = by_number(d->plugin, other->plugin);
        return by == 0 && d->plugin ? strcmp(d->name, other->name) : by;
}

void place_init(struct arena *a, struct place *p, struct span path)
{
        size_t n = path_depth(path) + 1;

        *p = (struct place){.path = path};
        p->ends = arena_array(a, n, sizeof(*p->ends));
        p->ids = arena_array(a, n, sizeof(*p->ids));
        for (size_t i = 1; i <= path.len; i++) {
                if (i < path.len && path.at[i] != '/')
                        continue;
                p->ends[p->n_ids] = i;
                p->ids[p->n_ids++] = path_id_of(span_cut(path, 0, i));
        }
}

static void make_places(struct merge *m)
{
        size_t n = 0, at = 0;

        m->sources = arena_array(m->arena, m->n_layers, sizeof(*m->sources));
        for (size_t i = 0; i < m->n_layers; i++)
                n += m->reports[i]->evidence.len;
        struct source **all = arena_array(m->arena, n, sizeof(struct source *));
        for (size_t i = 0; i < m->n_layers; i++) {
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
                        place_init(m->arena, &m->places[m->n_places++], all[i]->evidence->path);
                all[i]->place = &m->places[m->n_places - 1];
        }
}

const char *package_type(const struct detector *d, const struct package *p)
{
        return p->type ? p->type : d->type;
}

enum component_state package_state(const struct detector *d, const struct package *p)
{
        return p->state != COMPONENT_INSTALLED ? p->state : d->state;
}

static int key_compare(const void *a, const void *b)
{
        const struct key *x = a, *y = b;
        const struct detector *d = x->source->evidence->detector, *other = y->source->evidence->detector;
        int by = strcmp(package_type(d, x->package), package_type(other, y->package));

        if (by == 0)
                by = span_compare(x->package->name, y->package->name);
        if (by == 0)
                by = span_compare(x->package->version, y->package->version);
        if (by == 0)
                by = span_compare(x->package->arch, y->package->arch);
        if (by == 0)
                by = span_compare(x->package->module, y->package->module);
        if (by == 0)
                by = by_number(package_state(d, x->package), package_state(other, y->package));
        if (by == 0)
                by = by_number(d->by_path, other->by_path);
        if (by == 0 && d->by_path)
                by = span_compare(x->source->evidence->path, y->source->evidence->path);
        if (by == 0 && d->by_path)
                by = span_compare(x->package->inside, y->package->inside);
        return by;
}

static void make_keys(struct merge *m)
{
        size_t n = 0, at = 0;

        for (size_t i = 0; i < m->n_layers; i++)
                for (size_t k = 0; k < m->reports[i]->evidence.len; k++)
                        n += m->reports[i]->evidence.at[k].found.packages.len;
        struct key *keys = arena_array(m->arena, n, sizeof(*keys));
        for (size_t i = 0; i < m->n_layers; i++) {
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

static bool has_id(const struct path_ids *ids, const struct path_id *id)
{
        return ids->len > 0 && bsearch(id, ids->at, ids->len, sizeof(*ids->at), path_id_compare);
}

bool layer_hides(const struct layer_report *r, const struct hidden *h, const struct place *p)
{
        if (listed(&h->opaques, (struct span){0}))
                return true;
        for (size_t i = 0; i < p->n_ids; i++) {
                struct span path = span_cut(p->path, 0, p->ends[i]);
                bool itself = i + 1 == p->n_ids;
                if (listed(&h->whiteouts, path) || (!itself && listed(&h->opaques, path)))
                        return true;
                if (has_id(&r->taken, &p->ids[i]) || (itself && has_id(&r->folders, &p->ids[i])))
                        return true;
        }
        return false;
}

static void put_layer(struct merge *m, uint32_t layer)
{
        const struct layer_report *r = m->reports[layer];
        struct hidden *h = &m->hidden[layer];

        h->whiteouts = sorted(m->arena, &r->whiteouts);
        h->opaques = sorted(m->arena, &r->opaques);
        m->touched.len = 0;
        if (h->whiteouts.len > 0 || h->opaques.len > 0 || r->taken.len > 0 || r->folders.len > 0)
                for (size_t i = 0; i < m->n_places; i++)
                        if (m->places[i].live && layer_hides(r, h, &m->places[i]))
                                hide(m, layer, &m->places[i]);
        for (size_t i = 0; i < r->evidence.len; i++)
                show(m, layer, &m->sources[layer][i]);
        for (size_t i = 0; i < m->touched.len; i++) {
                struct presence *p = &m->presence[m->touched.at[i]];
                if (p->count_below == 0)
                        p->since = layer;
        }
        for (size_t i = 0; i < USR_LINKS; i++)
                if (r->usr_links[i] != USR_LINK_UNSAID)
                        m->usr_links[i] = r->usr_links[i] == USR_LINK_YES;
}

/* ---- the result ---- */

static const struct evidence *live_at(const struct merge *m, const char *path)
{
        const struct span wanted = span_of(path);
        size_t low = 0, high = m->n_places;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                if (span_compare(m->places[middle].path, wanted) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        if (low == m->n_places || !span_equal(m->places[low].path, wanted) || !m->places[low].live)
                return NULL;
        return m->places[low].live->evidence;
}

/* The first that is a file and says which: mostly etc/os-release is a symbolic link to the other. */
static struct os_release system_of(const struct merge *m)
{
        struct os_release os = {0};

        for (size_t i = 0; i < system_n_files && os.id.len == 0; i++) {
                const struct evidence *e = live_at(m, system_files[i]);
                if (e && (e->found.os.id.len > 0 || os.pretty_name.len == 0))
                        os = e->found.os;
        }
        return os;
}

static void choose_shown(struct merge *m)
{
        for (size_t i = 0; i < m->n_places; i++) {
                const struct source *s = m->places[i].live;
                for (size_t k = 0; s && k < s->evidence->found.packages.len; k++) {
                        struct presence *p = &m->presence[s->keys[k]];
                        const struct package *package = &s->evidence->found.packages.at[k];
                        p->needed |= !package->development;
                        if (p->source)
                                continue;
                        p->source = s;
                        p->package = package;
                }
        }
}

void inventory_merge(struct layer_report *const *reports, size_t n, struct inventory *v)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        CLEANUP(buf_done) struct buf ecosystem = {.max = INVENTORY_ECOSYSTEM_MAX};
        struct merge m = {.arena = arena, .reports = reports, .n_layers = n, .v = v};
        const char *system_type = NULL;
        struct os_release os;

        m.hidden = arena_array(arena, n, sizeof(*m.hidden));
        make_places(&m);
        make_keys(&m);
        for (size_t i = 0; i < n; i++)
                put_layer(&m, (uint32_t)i);
        os = system_of(&m);
        v->os.id = arena_copy(v->arena, os.id);
        v->os.version_id = arena_copy(v->arena, os.version_id);
        v->os.version_codename = arena_copy(v->arena, os.version_codename);
        v->os.pretty_name = arena_copy(v->arena, os.pretty_name);
        v->os_known = system_ecosystem(&os, &ecosystem);
        choose_shown(&m);
        merge_secret_files(&m);
        size_t n_system = merge_components(&m, &os, &system_type);
        merge_remarks(&m);
        merge_notes(&m, &os, n_system, system_type);
}
