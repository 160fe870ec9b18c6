/*
 * NuGet's older files: packages.config, an XML list of what is installed for a project, and Paket's paket.lock, lines
 * that are indented by what they belong to: section, source, "    Name (1.2.3)", and six blanks in what that needs.
 */
#include "codec/codec.h"

#include "inventory/lock/lock_priv.h"

static void package(void *ctx, const struct xml_element *e)
{
        if (span_is(e->name, "package")) {
                struct lock *l = ctx;
                lock_add_plain(l, arena_copy(l->arena, xml_attribute(e, "id")),
                    arena_copy(l->arena, xml_attribute(e, "version")),
                    span_is(xml_attribute(e, "developmentDependency"), "true"));
        }
}

static void config(struct lock *l, struct span content)
{
        struct err e = {0};

        if (!xml_read(content, &(struct xml_reader){.open = package, .ctx = l}, &e))
                findings_note(l->f, "not read to its end: %s", e.text);
}

static void read_config(struct span content, struct findings *f)
{
        lock_text(content, f, "packages.config", config);
}

/* ---- paket.lock ---- */

enum section { SECTION_OTHER = 0, SECTION_NUGET, SECTION_GITHUB };

/* "    Name (1.2.3) - framework: net45" */
static bool name_and_version(struct span line, struct span *ret_name, struct span *ret_version)
{
        struct span rest;

        return span_split(span_trim(line), ' ', ret_name, &rest) && span_starts(rest, "(") &&
               span_split(span_from(rest, 1), ')', ret_version, &rest) && ret_version->len > 0;
}

static void paket(struct lock *l, struct span content)
{
        struct cursor c = {.rest = content};
        struct span line, remote = {0}, name, version;
        enum section section = SECTION_OTHER;
        size_t number = 0;

        while (cursor_line(&c, &line)) {
                number++;
                if (span_trim(line).len == 0)
                        continue;
                if (line.at[0] != ' ') {
                        section = span_is(line, "NUGET")    ? SECTION_NUGET
                                  : span_is(line, "GITHUB") ? SECTION_GITHUB
                                                            : SECTION_OTHER;
                } else if (span_starts(line, "  remote: ")) {
                        remote = span_trim(span_from(line, 10));
                } else if (section != SECTION_OTHER && span_starts(line, "    ") && line.len > 4 && line.at[4] != ' ') {
                        if (!name_and_version(line, &name, &version))
                                findings_note(l->f, "line %zu: no \"Name (version)\": passed over", number);
                        else if (section == SECTION_NUGET)
                                lock_add_plain(l, name, version, false);
                        else /* a file of that repository, at a commit */
                                lock_add(l, &(struct package){
                                                .name = remote, .version = version, .type = "github", .ecosystem = ""});
                }
        }
}

static void read_paket(struct span content, struct findings *f)
{
        lock_text(content, f, "paket.lock", paket);
}

LOCK_DETECTOR_OF(lock_nuget_config, "nuget-config", "nuget", "NuGet", "packages.config", read_config);
LOCK_DETECTOR_OF(lock_paket, "paket-lock", "nuget", "NuGet", "paket.lock", read_paket);
