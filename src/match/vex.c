/* Which of a user's statements speaks of a finding. */
#include "match/match_priv.h"

/* A statement under one of the ids that it gives the vulnerability. */
struct named {
        struct span id;
        uint32_t document, statement;
};

struct applying {
        const struct inventory *v;
        const struct match *m;
        const struct match_subject *subject;
        const struct vex_document *const *documents;
        struct purl_parts *purls; /* of each component; type empty: it has none */
        struct named *at;         /* by id */
        size_t n;
        struct arena *scratch;
        uint64_t checks;
};

/* ---- the image ---- */

static bool names_has(const struct match_subject *s, struct span name)
{
        for (size_t i = 0; i < s->n_names && name.len > 0; i++)
                if (span_equal(s->names[i], name))
                        return true;
        return false;
}

static struct span last_part(struct span repository)
{
        for (size_t i = repository.len; i-- > 0;)
                if (repository.at[i] == '/')
                        return span_from(repository, i + 1);
        return repository;
}

/* "debian", "docker.io/debian", "index.docker.io/library/debian" are one repository. */
static bool same_repository(struct span said, struct span full)
{
        static const char *const defaults[] = {"docker.io/library/", "docker.io/"};

        if (span_starts(said, "index."))
                said = span_from(said, strlen("index."));
        if (span_equal(said, full))
                return true;
        for (size_t i = 0; i < ARRAY_LEN(defaults); i++)
                if (span_starts(full, defaults[i]) && span_equal(span_from(full, strlen(defaults[i])), said))
                        return true;
        return span_starts(full, "docker.io/library/") && span_starts(said, "docker.io/") &&
               span_equal(span_from(said, strlen("docker.io/")), span_from(full, strlen("docker.io/library/")));
}

/*
 * pkg:oci/debian@sha256:...?repository_url=docker.io/library/debian&tag=12 or pkg:docker/library/debian@12. A digest alone is enough;
 * without one the repository must be known, and be that one.
 */
static bool is_image(struct applying *k, const struct purl_parts *p)
{
        const struct match_subject *s = k->subject;
        struct span repository = match_purl_qualifier(p, "repository_url", k->scratch);
        struct span tag = match_purl_qualifier(p, "tag", k->scratch);
        bool docker = span_is(p->type, "docker");

        if (!span_is(p->type, "oci") && !docker)
                return false;
        if (span_starts(p->version, "sha256:") || span_starts(p->version, "sha512:"))
                return names_has(s, p->version);
        if (s->repository.len == 0)
                return false;
        if (p->version.len > 0) /* of docker's: the tag */
                tag = p->version;
        if (tag.len > 0 && !span_equal(tag, s->tag))
                return false;
        if (docker && repository.len == 0) {
                repository = p->namespace.len == 0
                                 ? p->name
                                 : arena_printf(k->scratch, "%.*s/%.*s", SPAN_FMT(p->namespace), SPAN_FMT(p->name));
                return same_repository(repository, s->repository);
        }
        if (repository.len > 0 && !same_repository(repository, s->repository) &&
            !same_repository(
                arena_printf(k->scratch, "%.*s/%.*s", SPAN_FMT(repository), SPAN_FMT(p->name)), s->repository))
                return false;
        return span_equal(p->name, last_part(s->repository));
}

/* ---- components ---- */

static bool check(struct applying *k, struct err *e)
{
        if (++k->checks > MATCH_VEX_CHECKS_MAX)
                return err_set(e, ERR_LIMIT, "its statements name more products than are held against components here");
        return true;
}

static bool is_source(struct applying *k, const struct purl_parts *pattern)
{
        struct span arch = match_purl_qualifier(pattern, "arch", k->scratch);

        return span_is(arch, "src") || span_is(arch, "source");
}

/* arch=src names a source package: whatever is built of it. */
static bool covers_name(struct applying *k, const struct purl_parts *pattern, struct span ecosystem, uint32_t component)
{
        const struct component *c = &k->v->components[component];
        struct purl_parts source = k->purls[component], plain = *pattern;

        if (source.type.len == 0 || (ecosystem.len > 0 && !span_equal(ecosystem, c->ecosystem)))
                return false;
        if (match_purl_covers(pattern, &source, k->scratch))
                return true;
        if (c->source_name.len == 0 || !is_source(k, pattern))
                return false;
        source.name = c->source_name;
        source.version = c->source_version.len > 0 ? c->source_version : c->version;
        for (size_t i = 0; i < source.version.len; i++) /* the epoch is a qualifier of rpm's purls */
                if (source.version.at[i] == ':' && span_is(source.type, "rpm"))
                        source.version = span_from(source.version, i + 1);
        plain.qualifiers = source.qualifiers = (struct span){0};
        return match_purl_covers(&plain, &source, k->scratch);
}

/* A version that the range's order does not know is in none. */
static bool covers(struct applying *k, const struct purl_parts *pattern, const struct vex_product *p, uint32_t component)
{
        const struct component *c = &k->v->components[component];
        struct span version = c->version;
        bool in_range = false;

        if (!covers_name(k, pattern, p->ecosystem, component))
                return false;
        if (c->source_version.len > 0 && is_source(k, pattern))
                version = c->source_version;
        return p->range.len == 0 ||
               (version_vers_has(p->range, k->purls[component].type, version, &in_range, NULL) && in_range);
}

static struct span folder_of(struct span path)
{
        for (size_t i = path.len; i-- > 0;)
                if (path.at[i] == '/')
                        return span_cut(path, 0, i + 1);
        return (struct span){0};
}

static bool is_one_of(struct span type, const char *const *types)
{
        for (size_t i = 0; types[i]; i++)
                if (span_is(type, types[i]))
                        return true;
        return false;
}

/*
 * What a program or a jar is made of lies in its file; what a manifest describes, in its folder; what a package of the system
 * installed says who owns it. One file that lists many (dpkg's, a lock file, a bill of materials) says nothing of the kind.
 * Which of the modules in a program is the program itself is not known: unless the statement names the inner one, too, the
 * file does not count.
 */
static bool holds(const struct inventory *v, uint32_t outer, uint32_t inner, bool named)
{
        static const char *const in_file[] = {"cargo", "golang", "maven", NULL};
        static const char *const in_folder[] = {"composer", "gem", "hex", "npm", "nuget", "pub", "pypi", NULL};
        const struct component *o = &v->components[outer], *i = &v->components[inner];
        struct span place = o->path;

        if (outer == inner || i->owner == outer + 1)
                return true;
        if (!named || o->state != COMPONENT_INSTALLED || i->state != COMPONENT_INSTALLED || place.len == 0)
                return false;
        if (is_one_of(o->type, in_folder))
                place = folder_of(place);
        else if (!is_one_of(o->type, in_file))
                return false;
        return i->path.len >= place.len && span_equal(span_cut(i->path, 0, place.len), place);
}

/* Is the product the image, or in it and around this component? */
static bool product_is_here(
    struct applying *k, const struct vex_product *p, uint32_t component, bool *ret, struct err *e)
{
        struct purl_parts parts;

        *ret = true;
        if (names_has(k->subject, p->name))
                return true;
        *ret = false;
        if (!match_purl_split(p->name, k->scratch, &parts))
                return true;
        if (is_image(k, &parts)) {
                *ret = true;
                return true;
        }
        *ret = p->n_subcomponents == 0 && covers(k, &parts, p, component);
        for (uint32_t i = 0; i < k->v->n_components && !*ret; i++) {
                if (!check(k, e))
                        return false;
                *ret = covers(k, &parts, p, i) && holds(k->v, i, component, p->n_subcomponents > 0);
        }
        return true;
}

static bool product_matches(
    struct applying *k, const struct vex_product *p, uint32_t component, bool *ret, struct err *e)
{
        bool named = p->n_subcomponents == 0;
        struct purl_parts parts;

        for (size_t i = 0; i < p->n_subcomponents && !named; i++) {
                if (!check(k, e))
                        return false;
                named = match_purl_split(p->subcomponents[i], k->scratch, &parts) &&
                        covers_name(k, &parts, (struct span){0}, component);
        }
        *ret = false;
        return check(k, e) && (!named || product_is_here(k, p, component, ret, e));
}

static bool statement_matches(struct applying *k, const struct vex_statement *s, uint32_t component,
    const struct vex_product **ret, struct err *e)
{
        bool here = false;

        *ret = NULL;
        for (size_t i = 0; i < s->n_products && !here; i++) {
                if (!product_matches(k, &s->products[i], component, &here, e))
                        return false;
                if (here)
                        *ret = &s->products[i];
        }
        return true;
}

/* ---- findings ---- */

static int named_order(const void *pa, const void *pb)
{
        const struct named *a = pa, *b = pb;
        int by = span_compare(a->id, b->id);

        if (by == 0)
                by = (a->document > b->document) - (a->document < b->document);
        return by ? by : (a->statement > b->statement) - (a->statement < b->statement);
}

static void names_sort(struct applying *k, size_t n_documents)
{
        for (size_t d = 0; d < n_documents; d++)
                for (size_t i = 0; i < k->documents[d]->n_statements; i++)
                        k->n += k->documents[d]->statements[i].n_ids;
        k->at = arena_array(k->scratch, k->n, sizeof(*k->at));
        k->n = 0;
        for (size_t d = 0; d < n_documents; d++)
                for (size_t i = 0; i < k->documents[d]->n_statements; i++) {
                        const struct vex_statement *s = &k->documents[d]->statements[i];

                        for (size_t id = 0; id < s->n_ids; id++)
                                k->at[k->n++] = (struct named){s->ids[id], (uint32_t)d, (uint32_t)i};
                }
        if (k->n > 1)
                qsort(k->at, k->n, sizeof(*k->at), named_order);
}

static size_t names_find(const struct applying *k, struct span id)
{
        size_t low = 0, high = k->n;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (span_compare(k->at[middle].id, id) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

struct word {
        uint32_t document, statement; /* both + 1; 0: none yet */
        const struct vex_product *product;
        int64_t time_s;
};

static bool is_later(const struct word *than, const struct named *n, int64_t time_s)
{
        if (than->document == 0 || time_s != than->time_s)
                return than->document == 0 || time_s > than->time_s;
        if (n->document + 1 != than->document)
                return n->document + 1 > than->document;
        return n->statement + 1 > than->statement;
}

static bool ask_id(struct applying *k, struct span id, uint32_t component, struct word *io, struct err *e)
{
        for (size_t i = names_find(k, id); i < k->n && span_equal(k->at[i].id, id); i++) {
                const struct vex_statement *s = &k->documents[k->at[i].document]->statements[k->at[i].statement];
                const struct vex_product *product;

                if (!is_later(io, &k->at[i], s->time_s))
                        continue;
                if (!statement_matches(k, s, component, &product, e))
                        return false;
                if (product)
                        *io = (struct word){k->at[i].document + 1, k->at[i].statement + 1, product, s->time_s};
        }
        return true;
}

static struct match_vex_note note_of(const struct applying *k, const struct word *w, struct arena *a)
{
        const struct vex_document *d = k->documents[w->document - 1];
        const struct vex_statement *s = &d->statements[w->statement - 1];

        return (struct match_vex_note){.status = s->status,
            .suppresses = s->status == VEX_STATUS_NOT_AFFECTED || s->status == VEX_STATUS_FIXED,
            .id = arena_copy(a, s->ids[0]),
            .product = arena_copy(a, w->product->name),
            .justification = arena_copy(a, s->justification),
            .note = arena_copy(a, s->note),
            .action = arena_copy(a, s->action),
            .author = arena_copy(a, d->author),
            .document = arena_copy(a, d->name),
            .time_s = s->time_s};
}

static int word_order(const void *pa, const void *pb)
{
        const struct word *a = pa, *b = pb;
        int by = (a->document > b->document) - (a->document < b->document);

        return by ? by : (a->statement > b->statement) - (a->statement < b->statement);
}

/* One note for each statement that was heard. */
static void notes_make(const struct applying *k, const struct word *words, struct match_vex *x)
{
        size_t n = k->m->n_findings, kept = 0;
        struct word *sorted = arena_array(k->scratch, n, sizeof(*sorted));

        for (size_t i = 0; i < n; i++)
                if (words[i].document > 0)
                        sorted[kept++] = words[i];
        if (kept > 1)
                qsort(sorted, kept, sizeof(*sorted), word_order);
        x->notes = arena_array(x->arena, kept, sizeof(*x->notes));
        for (size_t i = 0; i < kept; i++) {
                if (i > 0 && word_order(&sorted[i - 1], &sorted[i]) == 0)
                        continue;
                x->notes[x->n_notes++] = note_of(k, &sorted[i], x->arena);
                sorted[x->n_notes - 1] = sorted[i];
        }
        for (size_t i = 0; i < n; i++) {
                const struct word *at =
                    words[i].document == 0 ? NULL : bsearch(&words[i], sorted, x->n_notes, sizeof(*sorted), word_order);

                if (!at)
                        continue;
                x->speaks[i] = (uint32_t)(at - sorted) + 1;
                x->notes[at - sorted].n_findings++;
                x->n_suppressed += x->notes[at - sorted].suppresses;
        }
}

bool match_vex(const struct inventory *v, const struct match *m, const struct match_subject *subject,
    const struct vex_document *const *documents, size_t n_documents, struct match_vex **ret, struct err *e)
{
        CLEANUP(arena_freep) struct arena *scratch = arena_new(), *pairs = arena_new();
        struct applying k = {.v = v, .m = m, .subject = subject, .documents = documents, .scratch = scratch};
        struct word *words = arena_array(scratch, m->n_findings, sizeof(*words));
        struct match_vex *x;

        k.purls = arena_array(scratch, v->n_components, sizeof(*k.purls));
        for (size_t i = 0; i < v->n_components; i++)
                if (!match_purl_split(v->components[i].purl, scratch, &k.purls[i]))
                        k.purls[i] = (struct purl_parts){0};
        names_sort(&k, n_documents);
        k.scratch = pairs;
        for (size_t i = 0; i < m->n_findings; i++) {
                const struct finding *f = &m->findings[i];

                arena_reset(pairs);
                for (size_t id = 0; id <= f->n_aliases; id++)
                        if (!ask_id(&k, id < f->n_aliases ? f->aliases[id] : f->id, f->component, &words[i], e))
                                return false;
        }
        x = heap_alloc(sizeof(*x));
        x->arena = arena_new();
        x->speaks = arena_array(x->arena, m->n_findings, sizeof(*x->speaks));
        notes_make(&k, words, x);
        *ret = x;
        return true;
}

void match_vex_free(struct match_vex *x)
{
        if (!x)
                return;
        arena_free(x->arena);
        free(x);
}
