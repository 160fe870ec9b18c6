/*
 * pom.xml: the dependencies that a project declares itself. Versions may stand behind the file's own "properties" or in
 * its "dependencyManagement". Those of a parent or in a range are Maven's to find out: what it chose is seen in the jars.
 */
#include "codec/codec.h"

#include "inventory/lock/lock_priv.h"

#define POM_PROPERTIES_MAX 10000u   /* of one file; 300 seen */
#define POM_PROPERTY_MAX 256u       /* bytes of its name */
#define POM_DEPENDENCIES_MAX 20000u /* of one file; Spring Boot manages 1,800 */
#define POM_DEPTH_MAX 8u            /* "${a}" may be "${b}"; deepest seen: 2; attack: two that name each other */
#define POM_STEPS_MAX 1000000u      /* properties looked up; attack: each names the next one a thousand times */

/* A project's own; what an archive was unpacked from has META-INF/maven/GROUP/ARTIFACT/pom.xml, which says what it is. */
static bool wants(struct span path)
{
        struct span folder = path_folder(path), part;

        if (!lock_named(path, "pom.xml"))
                return false;
        while (folder.len > 0) {
                span_split(folder, '/', &part, &folder);
                if (span_is(part, "META-INF"))
                        return false;
        }
        return true;
}

enum word {
        WORD_OTHER = 0,
        WORD_PROJECT,
        WORD_PARENT,
        WORD_PROPERTIES,
        WORD_MANAGEMENT,
        WORD_DEPENDENCIES,
        WORD_DEPENDENCY,
        WORD_PROFILES,
        WORD_PROFILE,
};

static const char *const words[] = {[WORD_PROJECT] = "project",
    [WORD_PARENT] = "parent",
    [WORD_PROPERTIES] = "properties",
    [WORD_MANAGEMENT] = "dependencyManagement",
    [WORD_DEPENDENCIES] = "dependencies",
    [WORD_DEPENDENCY] = "dependency",
    [WORD_PROFILES] = "profiles",
    [WORD_PROFILE] = "profile"};

struct dependency {
        struct span group, artifact, version, scope, classifier, type;
        bool open; /* its version is a property that the file does not set */
};

struct dependencies {
        struct dependency *at;
        size_t len, cap;
};

struct pom {
        struct lock *l;
        enum word open[XML_DEPTH_MAX]; /* the elements around */
        size_t depth;
        struct dependency one;
        struct dependencies used, managed;
        struct tree properties; /* a map */
        size_t n_left_out, steps;
};

static void open_element(void *ctx, const struct xml_element *e)
{
        struct pom *p = ctx;
        enum word word = WORD_OTHER;

        for (size_t i = WORD_PROJECT; i < ARRAY_LEN(words); i++)
                if (span_is(e->name, words[i]))
                        word = (enum word)i;
        p->open[p->depth++] = word;
        if (word == WORD_DEPENDENCY)
                p->one = (struct dependency){0};
}

/* The elements that are open are those of `path`, and `below` more. */
static bool is_at(const struct pom *p, const enum word *path, size_t n, size_t below)
{
        return p->depth == n + below && memcmp(p->open, path, n * sizeof(*path)) == 0;
}
#define IS_AT(p, below, ...) \
        is_at((p), (const enum word[]){__VA_ARGS__}, sizeof((enum word[]){__VA_ARGS__}) / sizeof(enum word), (below))

static struct dependencies *list_of(struct pom *p, size_t below)
{
        if (IS_AT(p, below, WORD_PROJECT, WORD_DEPENDENCIES, WORD_DEPENDENCY) ||
            IS_AT(p, below, WORD_PROJECT, WORD_PROFILES, WORD_PROFILE, WORD_DEPENDENCIES, WORD_DEPENDENCY))
                return &p->used;
        return IS_AT(p, below, WORD_PROJECT, WORD_MANAGEMENT, WORD_DEPENDENCIES, WORD_DEPENDENCY) ? &p->managed : NULL;
}

static void property(struct pom *p, struct span name, struct span text)
{
        bool of_project = span_is(name, "version") || span_is(name, "groupId");
        const char *prefix = IS_AT(p, 1, WORD_PROJECT, WORD_PROPERTIES)             ? ""
                             : of_project && IS_AT(p, 1, WORD_PROJECT)              ? "project."
                             : of_project && IS_AT(p, 1, WORD_PROJECT, WORD_PARENT) ? "project.parent."
                                                                                    : NULL;
        struct tree *t = &p->properties;

        if (!prefix)
                return;
        struct span key = arena_printf(p->l->arena, "%s%.*s", prefix, SPAN_FMT(name));
        struct tree_value *v = tree_get(t, t->root, key);
        if (!v && t->n_values > POM_PROPERTIES_MAX) {
                p->n_left_out++;
                return;
        }
        v = v ? v : tree_add(t, t->root, key, TREE_TEXT);
        v->text = arena_copy(p->l->arena, span_trim(text));
}

static void field(struct pom *p, struct span name, struct span text)
{
        struct dependency *d = &p->one;
        const struct {
                const char *name;
                struct span *to;
        } fields[] = {{"groupId", &d->group}, {"artifactId", &d->artifact}, {"version", &d->version},
            {"scope", &d->scope}, {"classifier", &d->classifier}, {"type", &d->type}};

        for (size_t i = 0; i < ARRAY_LEN(fields); i++)
                if (span_is(name, fields[i].name))
                        *fields[i].to = arena_copy(p->l->arena, span_trim(text));
}

static void close_element(void *ctx, struct span name, struct span text)
{
        struct pom *p = ctx;
        struct dependencies *list = list_of(p, 0);

        property(p, name, text);
        if (list_of(p, 1))
                field(p, name, text);
        if (list && list->len < POM_DEPENDENCIES_MAX)
                *ARENA_PUSH(p->l->arena, list) = p->one;
        else if (list)
                p->n_left_out++;
        p->depth--;
}

/* ---- at the end, when all properties are known ---- */

static bool expand(struct pom *p, struct span text, struct buf *to, unsigned depth)
{
        struct span name, rest;

        while (text.len > 0 && !to->failed) {
                const uint8_t *at = memmem(text.at, text.len, "${", 2);
                size_t len = at ? (size_t)(at - text.at) : text.len;
                buf_put(to, span_cut(text, 0, len));
                text = span_from(text, len);
                if (text.len == 0)
                        break;
                if (depth == POM_DEPTH_MAX || p->steps++ == POM_STEPS_MAX ||
                    !span_split(span_from(text, 2), '}', &name, &rest) || name.len > POM_PROPERTY_MAX)
                        return false;
                const struct tree_value *v = tree_get(&p->properties, p->properties.root, name);
                if (!v || !expand(p, v->text, to, depth + 1))
                        return false;
                text = rest;
        }
        return !to->failed;
}

/* Empty when a property is not known here. */
static struct span resolved(struct pom *p, struct span text)
{
        CLEANUP(buf_done) struct buf b = {.max = INVENTORY_NAME_MAX};

        if (text.len == 0 || !memmem(text.at, text.len, "${", 2))
                return text;
        return expand(p, text, &b, 0) ? arena_copy(p->l->arena, buf_span(&b)) : (struct span){0};
}

static void resolve_all(struct pom *p, struct dependencies *list)
{
        for (size_t i = 0; i < list->len; i++) {
                struct dependency *d = &list->at[i];
                d->group = resolved(p, d->group);
                d->artifact = resolved(p, d->artifact);
                struct span version = resolved(p, d->version);
                d->open = version.len == 0 && d->version.len > 0;
                d->version = version;
        }
}

static struct span key_of(struct pom *p, const struct dependency *d)
{
        return arena_printf(p->l->arena, "%.*s:%.*s:%.*s:%.*s", SPAN_FMT(d->group), SPAN_FMT(d->artifact),
            SPAN_FMT(d->type.len > 0 ? d->type : SPAN_LIT("jar")), SPAN_FMT(d->classifier));
}

/* Not "[1.0,2.0)", "LATEST". */
static bool is_release(struct span s)
{
        return s.len > 0 && !memchr("[(", s.at[0], 2) && !span_is(s, "LATEST") && !span_is(s, "RELEASE");
}

static void add_all(struct pom *p)
{
        struct tree managed;

        tree_init(&managed, p->l->arena);
        struct tree_value *root = managed.root = tree_add(&managed, NULL, (struct span){0}, TREE_MAP);
        for (size_t i = 0; i < p->managed.len; i++) {
                struct span key = key_of(p, &p->managed.at[i]);
                if (tree_get(&managed, root, key))
                        continue;
                struct tree_value *v = tree_add(&managed, root, key, TREE_MAP);
                tree_add(&managed, v, SPAN_LIT("version"), TREE_TEXT)->text = p->managed.at[i].version;
                tree_add(&managed, v, SPAN_LIT("scope"), TREE_TEXT)->text = p->managed.at[i].scope;
        }
        for (size_t i = 0; i < p->used.len; i++) {
                const struct dependency *d = &p->used.at[i];
                const struct tree_value *m = tree_get(&managed, root, key_of(p, d));
                struct span version = d->version.len > 0 ? d->version : tree_text(&managed, m, "version");
                struct span scope = d->scope.len > 0 ? d->scope : tree_text(&managed, m, "scope");
                if (!d->open && d->group.len > 0 && d->artifact.len > 0 && is_release(version))
                        lock_add_plain(p->l,
                            arena_printf(p->l->arena, "%.*s:%.*s", SPAN_FMT(d->group), SPAN_FMT(d->artifact)), version,
                            span_is(scope, "test"));
        }
}

static void project(struct lock *l, struct span content)
{
        struct pom p = {.l = l};
        struct err e = {0};

        tree_init(&p.properties, l->arena);
        p.properties.root = tree_add(&p.properties, NULL, (struct span){0}, TREE_MAP);
        if (!xml_read(content, &(struct xml_reader){open_element, close_element, &p}, &e))
                findings_note(l->f, "not read to its end: %s", e.text);
        resolve_all(&p, &p.managed);
        resolve_all(&p, &p.used);
        add_all(&p);
        if (p.n_left_out > 0)
                findings_note(l->f, "more than %u dependencies or %u properties: %zu more are not listed",
                    POM_DEPENDENCIES_MAX, POM_PROPERTIES_MAX, p.n_left_out);
}

static void read_project(struct span content, struct findings *f)
{
        lock_text(content, f, "pom.xml", project);
}

const struct detector detect_lock_pom = LOCK_DETECTOR("pom", "maven", "Maven", "pom.xml", wants, read_project);
