/* What is listed: the visible packages as components, with what the system and their package URL add. */
#include "inventory/merge_priv.h"
#include "inventory/os/system_priv.h"
#include "inventory/purl_priv.h"

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
        if (by == 0)
                by = span_compare(a->module, b->module);
        if (by == 0)
                by = (a->state > b->state) - (a->state < b->state);
        /* An image's don't differ in what follows; of a document's one may be listed for two systems. */
        if (by == 0)
                by = span_compare(a->purl, b->purl);
        if (by == 0)
                by = span_compare(a->source_name, b->source_name);
        return by ? by : span_compare(a->source_version, b->source_version);
}

/* What one system tells all of its packages. */
struct system_facts {
        const struct os_release *os;
        struct span distro;
        struct span id;
        const char *type; /* whose ecosystem was asked for last; NULL: none yet */
        struct span ecosystem;
};

/* Types of what an operating system's package manager installs. */
static bool is_system_type(const char *type)
{
        static const char *const types[] = {"deb", "rpm", "apk", "alpm", "opkg", "portage"};

        for (size_t i = 0; i < ARRAY_LEN(types); i++)
                if (strcmp(type, types[i]) == 0)
                        return true;
        return false;
}

static struct span buf_to_arena(struct arena *a, struct buf *b)
{
        struct span s = arena_copy(a, buf_span(b));

        buf_done(b);
        return s;
}

static struct span ecosystem_of(
    struct system_facts *s, struct inventory *v, const struct detector *d, const struct package *p, const char *type)
{
        const char *said = p->ecosystem ? p->ecosystem : d->ecosystem;
        struct buf b = {.max = INVENTORY_ECOSYSTEM_MAX};

        if (said)
                return arena_copy(v->arena, span_of(said));
        if (!is_system_type(type))
                return (struct span){0};
        if (!s->type || strcmp(s->type, type) != 0) {
                system_package_ecosystem(s->os, type, &b);
                s->ecosystem = buf_to_arena(v->arena, &b);
                s->type = type;
        }
        return s->ecosystem;
}

/* "1:2.3-4" is epoch 1 of rpm's version; "0:2.3-4" has none to tell. */
static struct span rpm_version(struct span version, struct span *ret_epoch)
{
        struct span epoch, rest;
        uint64_t number;

        *ret_epoch = (struct span){0};
        if (!span_split(version, ':', &epoch, &rest) || !span_to_u64(epoch, &number))
                return version;
        if (number > 0)
                *ret_epoch = epoch;
        return rest;
}

/* A name of several parts: what stands before the last part is the namespace (purl-spec, types/). */
static void name_split(const char *type, struct span name, struct purl *u)
{
        static const char *const slashed[] = {
            "npm", "golang", "composer", "swift", "github", "bitbucket", "huggingface", "portage"};
        uint8_t divider = strcmp(type, "maven") == 0 ? ':' : 0;

        for (size_t i = 0; i < ARRAY_LEN(slashed); i++)
                if (strcmp(type, slashed[i]) == 0)
                        divider = '/';
        u->name = name;
        for (size_t i = name.len; divider && i > 1; i--) {
                if (name.at[i - 1] != divider || i == name.len)
                        continue;
                u->namespace = span_cut(name, 0, i - 1);
                u->name = span_from(name, i);
                return;
        }
}

static struct span purl_of(struct inventory *v, const struct system_facts *s, const struct package *p, const char *type)
{
        struct buf b = {.max = INVENTORY_PURL_MAX};
        struct purl u = {.type = type, .version = p->version};
        struct span epoch = {0};
        size_t n = 0;

        name_split(type, p->name, &u);
        for (size_t i = 0; i < ARRAY_LEN(p->qualifiers) && p->qualifiers[i].key; i++)
                u.qualifiers[n++] = (struct purl_qualifier){p->qualifiers[i].key, p->qualifiers[i].value};
        if (is_system_type(type)) {
                if (strcmp(type, "portage") != 0) /* whose namespace is the category */
                        u.namespace = s->id;
                if (strcmp(type, "rpm") == 0)
                        u.version = rpm_version(p->version, &epoch);
                u.qualifiers[n++] = (struct purl_qualifier){"arch", p->arch};
                u.qualifiers[n++] = (struct purl_qualifier){"distro", s->distro};
                u.qualifiers[n] = (struct purl_qualifier){"epoch", epoch};
        }
        purl_put(&b, &u);
        if (b.failed)
                buf_clear(&b); /* longer than all of its parts may be: none at all */
        return buf_to_arena(v->arena, &b);
}

static struct span place_of(struct arena *a, struct span path, struct span inside)
{
        CLEANUP(buf_done) struct buf b = {0};

        if (inside.len == 0)
                return arena_copy(a, path);
        buf_put(&b, path);
        buf_put_text(&b, "!/");
        buf_put(&b, inside);
        return arena_copy(a, buf_span(&b));
}

static void component_make(
    struct inventory *v, struct system_facts *s, const struct presence *presence, struct draft *to)
{
        const struct detector *d = presence->source->evidence->detector;
        const struct package *p = presence->package;
        const char *type = package_type(d, p);
        struct component *c = &to->c;

        to->source = presence->source;
        to->package = p;
        c->state = package_state(d, p);
        to->of_system = is_system_type(type) && c->state == COMPONENT_INSTALLED && !p->ecosystem && !d->ecosystem;
        c->ecosystem = ecosystem_of(s, v, d, p, type);
        c->type = arena_copy(v->arena, span_of(type));
        c->name = arena_copy(v->arena, p->name);
        c->version = arena_copy(v->arena, p->version);
        c->source_name = arena_copy(v->arena, p->source_name);
        c->source_version = arena_copy(v->arena, p->source_version);
        c->arch = arena_copy(v->arena, p->arch);
        c->licence = arena_copy(v->arena, p->licence);
        c->licence_source = p->licence.len > 0 ? p->licence_source : LICENCE_SOURCE_NONE;
        c->vendor = arena_copy(v->arena, p->vendor);
        c->cpe = arena_copy(v->arena, p->cpe);
        c->module = arena_copy(v->arena, p->module);
        c->purl = purl_of(v, s, p, type);
        c->path = place_of(v->arena, presence->source->evidence->path, p->inside);
        c->detector = d->plugin ? arena_copy(v->arena, span_of(d->name)) : span_of(d->name);
        c->confidence = p->confidence != CONFIDENCE_NONE ? p->confidence : d->confidence;
        c->development = !presence->needed;
        c->layer = presence->since;
}

static int draft_compare(const void *a, const void *b)
{
        const struct draft *x = a, *y = b;

        return component_compare(&x->c, &y->c);
}

/* The list proper, and owners by their place in it. */
static void components_put(struct merge *m)
{
        struct inventory *v = m->v;
        uint32_t *place = arena_array(m->arena, m->n_drafts, sizeof(*place));
        size_t n = 0, left_out = 0;

        for (size_t i = 0; i < m->n_drafts; i++) {
                if (m->drafts[i].gone)
                        continue;
                if (n < INVENTORY_COMPONENTS_MAX)
                        place[i] = (uint32_t)++n;
                else
                        left_out++;
        }
        v->components = arena_array(v->arena, n, sizeof(*v->components));
        for (size_t i = 0; i < m->n_drafts; i++) {
                struct component *c = &m->drafts[i].c;
                if (place[i] == 0)
                        continue;
                if (c->owner > 0)
                        c->owner = place[c->owner - 1];
                v->components[v->n_components++] = *c;
        }
        if (left_out > 0)
                merge_note(m, arena_printf(v->arena, "%zu components, of which %u are listed", n + left_out,
                                  INVENTORY_COMPONENTS_MAX));
}

size_t merge_components(struct merge *m, const struct os_release *os, const char **ret_type)
{
        CLEANUP(buf_done) struct buf distro = {0};
        struct system_facts facts = {.os = os, .id = os->id};
        size_t n = 0, n_system = 0;

        system_distro(os, &distro);
        facts.distro = buf_span(&distro);
        for (size_t i = 0; i < m->n_keys; i++)
                n += m->presence[i].source != NULL;
        m->drafts = arena_array(m->arena, n, sizeof(*m->drafts));
        for (size_t i = 0; i < m->n_keys; i++) {
                struct draft *d = &m->drafts[m->n_drafts];
                if (!m->presence[i].source)
                        continue;
                component_make(m->v, &facts, &m->presence[i], d);
                d->key = i;
                if (d->of_system && n_system++ == 0)
                        *ret_type = package_type(d->source->evidence->detector, d->package);
                m->n_drafts++;
        }
        if (m->n_drafts > 0)
                qsort(m->drafts, m->n_drafts, sizeof(*m->drafts), draft_compare);
        merge_owners(m);
        components_put(m);
        return n_system;
}
