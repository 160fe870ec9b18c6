/*
 * npm: node_modules/NAME/package.json and node_modules/@SCOPE/NAME/package.json, at any depth; and the folders in which
 * Debian's node finds packages beside them.
 */
#include "inventory/lang/lang_priv.h"

/* Debian's NODE_PATH: usr/lib/nodejs, usr/lib/TRIPLET/nodejs and usr/share/nodejs. */
static bool debian_root(struct span folder)
{
        size_t depth = path_depth(folder);

        return span_is(folder, "usr/share/nodejs") || span_is(folder, "usr/lib/nodejs") ||
               (span_starts(folder, "usr/lib/") && span_ends(folder, "-linux-gnu/nodejs") && depth == 3);
}

static bool wants(struct span path)
{
        if (!span_is(path_name(path), "package.json"))
                return false;
        struct span package = path_folder(path), above = path_folder(package);

        if (span_starts(path_name(above), "@"))
                above = path_folder(above);
        else if (span_starts(path_name(package), "@"))
                return false;
        return span_is(path_name(above), "node_modules") || debian_root(above);
}

/* "name" or "@scope/name". Old packages have upper case and odd characters; a blank or a path never. */
static bool name_ok(struct span name)
{
        struct span scope, rest;

        if (!span_starts(name, "@"))
                return package_name(name);
        return span_split(name, '/', &scope, &rest) && scope.len > 1 && printable_word(scope, "\\") &&
               printable_word(rest, "/\\");
}

/* As npm itself cleans it: " =v1.2.3" is 1.2.3. */
static struct span version_clean(struct span s)
{
        s = span_trim(s);
        while (s.len > 0 && (s.at[0] == '=' || s.at[0] == 'v'))
                s = span_from(s, 1);
        return span_trim(s);
}

/* "license": an expression, or the old {"type": ..., "url": ...}. */
static void read_licence(struct json *j, struct buf *licence)
{
        struct span key, type = {0};

        switch (json_peek(j)) {
        case JSON_STRING:
                type = json_string(j);
                break;
        case JSON_OBJECT:
                json_object(j);
                while (json_member(j, &key)) {
                        if (span_is(key, "type") && json_peek(j) == JSON_STRING)
                                type = json_string(j);
                        else
                                json_skip(j);
                }
                break;
        default:
                json_skip(j);
                return;
        }
        if (!j->failed)
                licence_choice(licence, type);
}

/* "license" as above, or the old "licenses": an array of such, of which one may choose. */
static void read_licences(struct json *j, struct buf *licence)
{
        if (json_peek(j) != JSON_ARRAY) {
                read_licence(j, licence);
                return;
        }
        json_array(j);
        while (json_element(j))
                read_licence(j, licence);
}

struct manifest {
        struct package p;
        struct buf licence;
        bool is_private; /* npm refuses to publish it */
};

static bool manifest_read(struct span content, struct arena *scratch, struct manifest *m, struct err *e)
{
        struct span key;
        struct json j;

        json_init(&j, without_bom(content), scratch, NULL); /* npm accepts a byte order mark */
        if (json_peek(&j) == JSON_OBJECT) {
                json_object(&j);
                while (json_member(&j, &key)) {
                        if (span_is(key, "name"))
                                m->p.name = json_text_or_skip(&j);
                        else if (span_is(key, "version"))
                                m->p.version = version_clean(json_text_or_skip(&j));
                        else if (span_is(key, "license") || span_is(key, "licenses"))
                                read_licences(&j, &m->licence);
                        else if (span_is(key, "private") && json_peek(&j) == JSON_BOOL)
                                m->is_private = json_bool(&j);
                        else
                                json_skip(&j);
                }
        } else {
                json_skip(&j);
        }
        if (!m->licence.failed)
                m->p.licence = buf_span(&m->licence);
        return json_finish(&j, e);
}

static bool manifest_ok(const struct manifest *m)
{
        return name_ok(m->p.name) && printable_word(m->p.version, "");
}

static void read_package_json(struct span content, struct findings *f)
{
        CLEANUP(arena_freep) struct arena *scratch = arena_new();
        struct manifest m = {.licence = {.max = INVENTORY_LICENCE_MAX}};
        struct err e = {0};
        char shown[80];

        if (!manifest_read(content, scratch, &m, &e))
                findings_note(f, "not read: %s", e.text);
        else if (m.p.name.len == 0 || m.p.version.len == 0)
                ; /* a module's own settings, as {"type": "module"}: npm installs nothing without both */
        else if (!manifest_ok(&m))
                findings_note(f, "\"%s\" has no valid name or version: not listed",
                    span_printable(m.p.name, shown, sizeof(shown)));
        else
                findings_package(f, "package.json", &m.p);
        buf_done(&m.licence);
}

const struct detector detect_npm = {
    .name = "npm",
    .type = "npm",
    .ecosystem = "npm",
    .by_path = true,
    .size_max = INVENTORY_PACKAGE_JSON_MAX,
    .confidence = CONFIDENCE_CERTAIN,
    .wants = wants,
    .names = "package.json",
    .any_path = true,
    .read = read_package_json,
};

/* ---- elsewhere: an application's own, and packages that others carry within them ---- */

static bool has_folder(struct span path, const char *const *names, size_t n)
{
        struct span part, rest = path_folder(path);

        while (rest.len > 0) {
                span_split(rest, '/', &part, &rest);
                for (size_t i = 0; i < n; i++)
                        if (span_is(part, names[i]))
                                return true;
        }
        return false;
}

/* Not what tests, examples and generators of projects are made of, nor the settings that lie beside a build's output. */
static bool wants_elsewhere(struct span path)
{
        static const char *const folders[] = {"test", "tests", "__tests__", "fixture", "benchmark", "benchmarks",
            "example", "template", "templates", "demo", "sample", "samples"};
        struct span last = path_name(path_folder(path));

        return span_is(path_name(path), "package.json") && !path_is_documentation(path) &&
               !has_folder(path, folders, ARRAY_LEN(folders)) && !span_is(last, "bin") && !span_is(last, "dist");
}

/* Many such files are no package's: what can't be read or says no version is none. */
static void read_elsewhere(struct span content, struct findings *f)
{
        CLEANUP(arena_freep) struct arena *scratch = arena_new();
        struct manifest m = {.licence = {.max = INVENTORY_LICENCE_MAX}};

        if (manifest_read(content, scratch, &m, NULL) && manifest_ok(&m) && !m.is_private)
                findings_package(f, "package.json", &m.p);
        buf_done(&m.licence);
}

const struct detector detect_npm_elsewhere = {
    .name = "npm-elsewhere",
    .type = "npm",
    .ecosystem = "npm",
    .by_path = true,
    .size_max = INVENTORY_PACKAGE_JSON_MAX,
    .confidence = CONFIDENCE_MEDIUM,
    .wants = wants_elsewhere,
    .names = "package.json",
    .any_path = true,
    .read = read_elsewhere,
};
