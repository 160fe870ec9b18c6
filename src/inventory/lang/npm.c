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

static void read_package_json(struct span content, struct findings *f)
{
        struct json j;
        struct package p = {0};
        struct span key;
        struct err e = {0};
        CLEANUP(arena_freep) struct arena *scratch = arena_new();
        CLEANUP(buf_done) struct buf licence = {.max = INVENTORY_LICENCE_MAX};
        char shown[80];

        json_init(&j, without_bom(content), scratch, NULL); /* npm accepts a byte order mark */
        if (json_peek(&j) == JSON_OBJECT) {
                json_object(&j);
                while (json_member(&j, &key)) {
                        if (span_is(key, "name"))
                                p.name = json_text_or_skip(&j);
                        else if (span_is(key, "version"))
                                p.version = version_clean(json_text_or_skip(&j));
                        else if (span_is(key, "license") || span_is(key, "licenses"))
                                read_licences(&j, &licence);
                        else
                                json_skip(&j);
                }
        } else {
                json_skip(&j);
        }
        if (!json_finish(&j, &e)) {
                findings_note(f, "not read: %s", e.text);
                return;
        }
        if (p.name.len == 0 || p.version.len == 0)
                return; /* a module's own settings, as {"type": "module"}: npm installs nothing without both */
        if (!name_ok(p.name) || !printable_word(p.version, "")) {
                findings_note(
                    f, "\"%s\" has no valid name or version: not listed", span_printable(p.name, shown, sizeof(shown)));
                return;
        }
        if (!licence.failed)
                p.licence = buf_span(&licence);
        findings_package(f, "package.json", &p);
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
