/*
 * Packages of Gentoo's Portage: var/db/pkg/CATEGORY/NAME-VERSION/, of which PF says that it is there, CONTENTS what it
 * owns and LICENSE under which licence (Package Manager Specification, chapter 3; vdb format 1).
 */
#include "inventory/os/os_priv.h"
#include "inventory/os/words_priv.h"

static const char database[] = "var/db/pkg/";

static bool wants(struct span path)
{
        struct span name = path_name(path);

        return span_starts(path, database) && path_depth(path) == 5 &&
               (span_is(name, "PF") || span_is(name, "CONTENTS") || span_is(name, "LICENSE"));
}

static bool wants_no_link(struct span path)
{
        return span_is(path, "var/db") || span_is(path, "var/db/pkg") ||
               (span_starts(path, database) && path_depth(path) <= 4) || wants(path);
}

static bool is_digit(uint8_t c)
{
        return c >= '0' && c <= '9';
}

/* "r1" */
static bool is_revision(struct span s)
{
        for (size_t i = 1; i < s.len; i++)
                if (!is_digit(s.at[i]))
                        return false;
        return s.len > 1 && s.at[0] == 'r';
}

/* "app-containers/skopeo-1.5.1-r1": the version begins at the last part, or the last but one before a revision, and
 * with a digit; a name can't end so (PMS 3.1.2). */
static bool package_of(struct span path, struct span *ret_name, struct span *ret_version)
{
        struct span folder = path_folder(path), whole = span_from(folder, strlen(database)), pf = path_name(folder);
        struct span name, version, before, after;

        if (!split_last(pf, '-', &name, &version))
                return false;
        if (is_revision(version) && split_last(name, '-', &before, &after) && after.len > 0 && is_digit(after.at[0])) {
                name = before;
                version = span_from(pf, before.len + 1);
        }
        if (version.len == 0 || !is_digit(version.at[0]) || !package_name(name) || !printable_word(version, ""))
                return false;
        *ret_name = span_cut(whole, 0, whole.len - version.len - 1);
        *ret_version = version;
        return printable_word(*ret_name, "\\");
}

/* "obj PATH MD5 TIME", "sym PATH -> TARGET TIME", "dir PATH": the path of the first two; empty for others. */
static struct span path_of(struct span line)
{
        struct span path = span_from(line, 4), sum, rest;

        if (span_starts(line, "obj ") && split_last(path, ' ', &sum, &rest) && split_last(sum, ' ', &path, &rest))
                return path;
        for (size_t i = 0; span_starts(line, "sym ") && i < path.len; i++)
                if (span_starts(span_from(path, i), " -> "))
                        return span_cut(path, 0, i);
        return (struct span){0};
}

static void read_contents(struct span content, struct findings *f, uint32_t package)
{
        struct cursor c = {.rest = content};
        struct span line;

        while (cursor_line(&c, &line))
                findings_supplement_owns(f, package, path_of(line));
}

static void read_entry(struct span content, struct findings *f)
{
        struct package p = {0};
        struct supplement s = {0};
        struct span file = path_name(f->path);
        char shown[80];

        if (!package_of(f->path, &p.name, &p.version)) {
                if (span_is(file, "PF"))
                        findings_note(f, "\"%s\" is no package's folder: not listed",
                            span_printable(path_name(path_folder(f->path)), shown, sizeof(shown)));
                return;
        }
        s.name = p.name;
        if (span_is(file, "PF")) {
                p.source_name = p.name;
                p.source_version = p.version;
                findings_package(f, "PF", &p);
        } else if (span_is(file, "LICENSE")) {
                s.licence = span_trim(content);
                s.licence_source = LICENCE_SOURCE_FIELD;
                if (s.licence.len > 0)
                        findings_supplement(f, "LICENSE", &s);
        } else if (content.len > 0) {
                read_contents(content, f, findings_supplement(f, "CONTENTS", &s));
        }
}

const struct detector detect_portage = {
    .name = "portage",
    .type = "portage",
    .size_max = INVENTORY_PACKAGE_FILE_MAX,
    .confidence = CONFIDENCE_CERTAIN,
    .names = "PF CONTENTS LICENSE",
    .wants = wants,
    .read = read_entry,
    .wants_no_link = wants_no_link,
};
