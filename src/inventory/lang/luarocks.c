/*
 * Lua: rocks-VERSION/NAME/VERSION/NAME-VERSION.rockspec in a tree of LuaRocks, which goes by the folders' names; the licence
 * is description.license of the rockspec, Lua that is read as data and never run.
 */
#include "inventory/lang/lang_priv.h"
#include "inventory/lang/literal_priv.h"

static bool of_path(struct span path, struct span *ret_name, struct span *ret_version)
{
        if (!span_ends(path, ".rockspec"))
                return false;
        struct span file = path_name(path), folder = path_folder(path), above = path_folder(folder);
        struct span version = path_name(folder), name = path_name(above), tree = path_name(path_folder(above));

        if (file.len < sizeof(".rockspec") || !(span_is(tree, "rocks") || span_starts(tree, "rocks-")))
                return false;
        file = span_cut(file, 0, file.len - (sizeof(".rockspec") - 1));
        if (file.len != name.len + 1 + version.len || !span_equal(span_cut(file, 0, name.len), name) ||
            file.at[name.len] != '-' || !span_equal(span_from(file, name.len + 1), version))
                return false;
        *ret_name = name;
        *ret_version = version;
        return true;
}

static bool wants(struct span path)
{
        struct span name, version;

        return of_path(path, &name, &version);
}

static bool word_byte(uint8_t c)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* "--" to the line's end, or "--[[" to "]]". */
static struct span behind_comment(struct span in)
{
        struct span line, rest;

        if (!span_starts(in, "--[[")) {
                span_split(in, '\n', &line, &rest);
                return rest;
        }
        while (in.len > 0 && !span_starts(in, "]]"))
                in = span_from(in, 1);
        return span_from(in, 2);
}

/* description = { license = "MIT" }: false when it is not there as a literal. */
static bool read_licence(struct span in, struct arena *a, struct span *ret)
{
        struct span word = {0}, value;
        size_t depth = 0;
        bool described = false, assigned = false;

        while (in.len > 0) {
                uint8_t c = in.at[0];
                size_t n = 1;
                if (span_starts(in, "--")) {
                        in = behind_comment(in);
                        continue;
                }
                if ((c == '"' || c == '\'' || span_starts(in, "[[")) && literal_lua(&in, a, &value)) {
                        if (described && depth == 1 && assigned && span_is(word, "license")) {
                                *ret = licence_of_words(value);
                                return true;
                        }
                        assigned = false;
                        continue;
                }
                if (c == '"' || c == '\'')
                        return false; /* too long, or without end: what follows can't be told from it */
                if (word_byte(c)) {
                        while (n < in.len && word_byte(in.at[n]))
                                n++;
                        word = span_cut(in, 0, n);
                        assigned = false;
                } else if (c == '{') {
                        described = depth == 0 ? assigned && span_is(word, "description") : described;
                        depth++;
                } else if (c == '}') {
                        depth -= depth > 0;
                } else if (c > ' ') {
                        assigned = c == '=';
                }
                in = span_from(in, n);
        }
        return false;
}

static void read_rockspec(struct span content, struct findings *f)
{
        CLEANUP(arena_freep) struct arena *scratch = arena_new();
        struct package p = {0};
        char shown[80];

        if (!of_path(f->path, &p.name, &p.version) || !package_name(p.name) || !printable_word(p.version, "")) {
                findings_note(f, "the folders' names \"%s\" are no name and version: not listed",
                    span_printable(path_folder(f->path), shown, sizeof(shown)));
                return;
        }
        read_licence(content, scratch, &p.licence);
        findings_package(f, "path", &p);
}

const struct detector detect_luarocks = {
    .name = "luarocks",
    .type = "luarocks",
    .ecosystem = "",
    .by_path = true,
    .size_max = INVENTORY_METADATA_MAX,
    .confidence = CONFIDENCE_CERTAIN,
    .wants = wants,
    .names = "*.rockspec",
    .read = read_rockspec,
};
