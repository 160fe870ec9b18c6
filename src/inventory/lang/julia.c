/*
 * Julia: packages/NAME/SLUG/Project.toml in a depot, which is installed; and Manifest.toml, which a project declares.
 * Read are lines "key = "text"" and the headings of tables, the forms in which Pkg writes both.
 */
#include "inventory/lang/lang_priv.h"
#include "inventory/lang/literal_priv.h"

static bool is_manifest(struct span path)
{
        return span_is(path_name(path), "Manifest.toml") || span_is(path_name(path), "JuliaManifest.toml");
}

static bool wants(struct span path)
{
        struct span name = path_name(path);

        if (is_manifest(path))
                return !path_is_documentation(path);
        if (!span_is(name, "Project.toml") && !span_is(name, "JuliaProject.toml"))
                return false;
        return span_is(path_name(path_folder(path_folder(path_folder(path)))), "packages");
}

static bool is_uuid(struct span s)
{
        for (size_t i = 0; i < s.len; i++) {
                uint8_t c = s.at[i];
                bool dash = i == 8 || i == 13 || i == 18 || i == 23;
                if (dash ? c != '-' : !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
                        return false;
        }
        return s.len == 36;
}

struct entry {
        struct span name, version, uuid;
};

static void read_key(struct entry *e, struct span line, struct arena *a)
{
        struct span key, value, text;

        if (!span_split(line, '=', &key, &value))
                return;
        key = span_trim(key);
        value = span_trim(value);
        struct span *to = span_is(key, "name")      ? &e->name
                          : span_is(key, "version") ? &e->version
                          : span_is(key, "uuid")    ? &e->uuid
                                                    : NULL;
        if (to && to->len == 0 && literal_toml(&value, a, &text))
                *to = text;
}

/* Libraries of Julia itself have no version there, and are not listed; a file without a UUID is another program's. */
static void list(struct findings *f, const struct entry *e, enum component_state state)
{
        char shown[80];

        if (e->name.len == 0 || e->version.len == 0 || !is_uuid(e->uuid))
                return;
        if (!package_name(e->name) || !printable_word(e->version, "/")) {
                findings_note(f, "\"%s\" has no valid name or version: not listed",
                    span_printable(e->name, shown, sizeof(shown)));
                return;
        }
        findings_package(f, "entry",
            &(struct package){.name = e->name,
                .version = e->version,
                .state = state,
                .confidence = state == COMPONENT_DECLARED ? CONFIDENCE_HIGH : CONFIDENCE_NONE,
                .qualifiers = {{"uuid", e->uuid}}});
}

/* [[deps.NAME]], and [[NAME]] before manifest_format 2; other tables, as [deps.NAME.deps], say nothing of a version. */
static bool heading(struct span line, struct entry *e)
{
        struct span name;

        *e = (struct entry){0};
        if (!span_starts(line, "[[") || !span_split(span_from(line, 2), ']', &name, &line))
                return false;
        if (span_starts(name, "deps."))
                name = span_from(name, sizeof("deps.") - 1);
        e->name = name;
        return true;
}

static void read_manifest(struct span content, struct findings *f)
{
        CLEANUP(arena_freep) struct arena *scratch = arena_new();
        struct cursor in = {.rest = content};
        struct entry e = {0};
        struct span line;
        bool inside = false;

        while (cursor_line(&in, &line)) {
                line = span_trim(line);
                if (span_starts(line, "[")) {
                        list(f, &e, COMPONENT_DECLARED);
                        inside = heading(line, &e);
                } else if (inside) {
                        read_key(&e, line, scratch);
                }
        }
        list(f, &e, COMPONENT_DECLARED);
}

static void read_project(struct span content, struct findings *f)
{
        CLEANUP(arena_freep) struct arena *scratch = arena_new();
        struct cursor in = {.rest = content};
        struct entry e = {0};
        struct span line, folder = path_name(path_folder(path_folder(f->path)));
        char shown[80], other[80];

        while (cursor_line(&in, &line) && !span_starts(span_trim(line), "["))
                read_key(&e, span_trim(line), scratch);
        if (e.name.len == 0 || e.version.len == 0 || !is_uuid(e.uuid))
                findings_note(f, "no name, version and uuid in front of the first table: not listed");
        else if (!span_equal(e.name, folder))
                findings_note(f, "\"%s\" in the folder of \"%s\": not listed",
                    span_printable(e.name, shown, sizeof(shown)), span_printable(folder, other, sizeof(other)));
        else
                list(f, &e, COMPONENT_INSTALLED);
}

static void read_any(struct span content, struct findings *f)
{
        if (is_manifest(f->path))
                read_manifest(content, f);
        else
                read_project(content, f);
}

const struct detector detect_julia = {
    .name = "julia",
    .type = "julia",
    .ecosystem = "Julia",
    .by_path = true,
    .size_max = INVENTORY_PACKAGE_JSON_MAX,
    .confidence = CONFIDENCE_CERTAIN,
    .wants = wants,
    .names = "Manifest.toml JuliaManifest.toml Project.toml JuliaProject.toml",
    .read = read_any,
};
