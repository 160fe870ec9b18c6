/*
 * .NET's project files (*.csproj, *.fsproj, *.vbproj) and Directory.Packages.props: "PackageReference" and
 * "PackageVersion" with a version of their own or behind a property of the file. "1.2.3" means 1.2.3 or later, and NuGet
 * takes the lowest that there is. Ranges, "1.*" and properties of other files are left to what was restored. Conditions
 * are not weighed: what any of them would take is listed.
 */
#include "codec/codec.h"

#include "inventory/lock/lock_priv.h"

#define NUGET_FILE_MAX (4u << 20)   /* bytes; 200 KiB seen */
#define NUGET_PROPERTIES_MAX 10000u /* of one file; 300 seen */
#define NUGET_REFERENCES_MAX 50000u /* of one file; 600 seen */
#define NUGET_WORD_MAX 256u         /* bytes of a version, or of a property's name */
#define NUGET_PROPERTY_DEPTH_MAX 4u /* "$(A)" may be "$(B)"; attack: two that name each other */

static bool wants(struct span path)
{
        static const char *const endings[] = {".csproj", ".fsproj", ".vbproj"};
        static const char *const names[] = {
            "Directory.Packages.props", "Directory.Build.props", "Packages.props", "packages.props"};
        struct span name = path_name(path);
        bool ours = false;

        for (size_t i = 0; i < ARRAY_LEN(endings); i++)
                ours = ours || span_ends(name, endings[i]);
        for (size_t i = 0; i < ARRAY_LEN(names); i++)
                ours = ours || span_is(name, names[i]);
        return ours && lock_path(path);
}

struct reference {
        struct span name, version;
};

struct project {
        struct lock *l;
        unsigned depth, depth_of_reference, depth_of_group; /* 0: in none */
        struct {
                struct reference *at;
                size_t len, cap;
        } references;
        struct tree properties; /* a map; names of MSBuild's are the same in any case */
        size_t n_left_out;
};

static void reference_open(struct project *p, const struct xml_element *e)
{
        struct arena *a = p->l->arena;
        struct span name = xml_attribute(e, "Include"), version = xml_attribute(e, "VersionOverride");

        name = name.len > 0 ? name : xml_attribute(e, "Update");
        version = version.len > 0 ? version : xml_attribute(e, "Version");
        if (p->references.len == NUGET_REFERENCES_MAX) {
                p->n_left_out++;
                return;
        }
        *ARENA_PUSH(a, &p->references) =
            (struct reference){arena_copy(a, span_trim(name)), arena_copy(a, span_trim(version))};
        p->depth_of_reference = p->depth;
}

static void open_element(void *ctx, const struct xml_element *e)
{
        struct project *p = ctx;

        p->depth++;
        if (p->depth_of_reference == 0 && (span_is(e->name, "PackageReference") || span_is(e->name, "PackageVersion") ||
                                              span_is(e->name, "GlobalPackageReference")))
                reference_open(p, e);
        else if (p->depth_of_group == 0 && span_is(e->name, "PropertyGroup"))
                p->depth_of_group = p->depth;
}

static void property(struct project *p, struct span name, struct span text)
{
        struct tree *t = &p->properties;
        struct span key = lock_small(p->l->arena, name);
        struct tree_value *v = tree_get(t, t->root, key);

        if (!v && t->n_values > NUGET_PROPERTIES_MAX) {
                p->n_left_out++;
                return;
        }
        v = v ? v : tree_add(t, t->root, key, TREE_TEXT);
        v->text = arena_copy(p->l->arena, span_trim(text));
}

static void close_element(void *ctx, struct span name, struct span text)
{
        struct project *p = ctx;
        bool of_version = span_is(name, "Version") || span_is(name, "VersionOverride");

        if (p->depth_of_reference > 0 && p->depth == p->depth_of_reference + 1 && of_version)
                p->references.at[p->references.len - 1].version = arena_copy(p->l->arena, span_trim(text));
        else if (p->depth_of_group > 0 && p->depth == p->depth_of_group + 1)
                property(p, name, text);
        if (p->depth == p->depth_of_reference)
                p->depth_of_reference = 0;
        if (p->depth == p->depth_of_group)
                p->depth_of_group = 0;
        p->depth--;
}

/* "$(Name)", and nothing beside it; the empty span when the file does not set it. */
static struct span resolved(const struct project *p, struct span s)
{
        for (unsigned i = 0; span_starts(s, "$("); i++) {
                if (i == NUGET_PROPERTY_DEPTH_MAX || !span_ends(s, ")") || s.len > NUGET_WORD_MAX)
                        return (struct span){0};
                struct span key = lock_small(p->l->arena, span_cut(s, 2, s.len - 3));
                const struct tree_value *v = tree_get(&p->properties, p->properties.root, key);
                s = v ? v->text : (struct span){0};
        }
        return s;
}

/* "1.2.3" and "[1.2.3]"; not "[1,2)", "(1,)", "1.*", "$(A).1". */
static struct span release_of(struct span s)
{
        if (span_starts(s, "[") && span_ends(s, "]"))
                s = span_trim(span_cut(s, 1, s.len - 2));
        if (s.len > NUGET_WORD_MAX)
                return (struct span){0};
        for (size_t i = 0; i < s.len; i++)
                if (memchr("[](),*$;", s.at[i], 8))
                        return (struct span){0};
        return s;
}

static void project(struct lock *l, struct span content)
{
        struct project p = {.l = l};
        struct err e = {0};

        tree_init(&p.properties, l->arena);
        p.properties.root = tree_add(&p.properties, NULL, (struct span){0}, TREE_MAP);
        if (!xml_read(content, &(struct xml_reader){open_element, close_element, &p}, &e))
                findings_note(l->f, "not read to its end: %s", e.text);
        for (size_t i = 0; i < p.references.len; i++) {
                struct span names = p.references.at[i].name, name;
                struct span version = release_of(resolved(&p, p.references.at[i].version));
                while (names.len > 0 && version.len > 0) { /* "A;B" */
                        span_split(names, ';', &name, &names);
                        if (span_trim(name).len > 0)
                                lock_add_plain(l, span_trim(name), version, false);
                }
        }
        if (p.n_left_out > 0)
                findings_note(l->f, "more than %u packages or %u properties: %zu more are not listed",
                    NUGET_REFERENCES_MAX, NUGET_PROPERTIES_MAX, p.n_left_out);
}

static void read_project(struct span content, struct findings *f)
{
        lock_text(content, f, "project file", project);
}

const struct detector detect_lock_nuget_project = LOCK_DETECTOR_SIZED(
    "nuget-project", "nuget", "NuGet", "*.csproj *.fsproj *.vbproj *.props", wants, read_project, NUGET_FILE_MAX);
