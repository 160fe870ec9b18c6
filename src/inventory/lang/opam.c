/*
 * OCaml: .opam-switch/packages/NAME.VERSION/opam, opam's record of what a switch has installed. Names have no '.' (opam
 * manual, "Package definitions"), so the folder tells both; the file tells the licence.
 */
#include "inventory/lang/lang_priv.h"
#include "inventory/lang/literal_priv.h"

static bool wants(struct span path)
{
        if (!span_is(path_name(path), "opam"))
                return false;
        struct span packages = path_folder(path_folder(path));
        return span_is(path_name(packages), "packages") && span_is(path_name(path_folder(packages)), ".opam-switch");
}

/* license: "MIT", or a list in brackets, perhaps over several lines: all of them hold. */
static void read_licence(struct span content, struct arena *a, struct buf *to)
{
        static const char field[] = "license:";
        struct cursor in = {.rest = content};
        struct span line, value, one;

        for (;;) {
                struct span before = in.rest;
                if (!cursor_line(&in, &line))
                        return;
                if (span_starts(line, field)) {
                        value = span_trim(span_from(before, sizeof(field) - 1));
                        break;
                }
        }
        bool listed = span_starts(value, "[");
        value = span_from(value, listed);
        do {
                value = span_trim(value);
                if (!literal_toml(&value, a, &one))
                        return;
                licence_also(to, one);
        } while (listed);
}

static void read_opam(struct span content, struct findings *f)
{
        CLEANUP(arena_freep) struct arena *scratch = arena_new();
        CLEANUP(buf_done) struct buf licence = {.max = INVENTORY_LICENCE_MAX};
        struct package p = {0};
        struct span folder = path_name(path_folder(f->path));
        char shown[80];

        if (!span_split(folder, '.', &p.name, &p.version) || !package_name(p.name) || !printable_word(p.version, "")) {
                findings_note(f, "the folder \"%s\" is no NAME.VERSION: not listed",
                    span_printable(folder, shown, sizeof(shown)));
                return;
        }
        read_licence(content, scratch, &licence);
        if (!licence.failed)
                p.licence = buf_span(&licence);
        findings_package(f, "folder", &p);
}

const struct detector detect_opam = {
    .name = "opam",
    .type = "opam",
    .ecosystem = "opam",
    .by_path = true,
    .size_max = INVENTORY_METADATA_MAX,
    .confidence = CONFIDENCE_CERTAIN,
    .wants = wants,
    .names = "opam",
    .read = read_opam,
};
