/*
 * Packages of pacman: var/lib/pacman/local/NAME-VERSION-RELEASE/desc, and what they own in `files` beside it.
 * "%FIELD%" lines, each followed by its values, one a line, up to an empty line (libalpm, be_local.c; version 9).
 */
#include "inventory/os/os_priv.h"
#include "inventory/os/words_priv.h"

static const char database[] = "var/lib/pacman/local/";

static bool wants(struct span path)
{
        struct span name = path_name(path);

        return span_starts(path, database) && path_depth(path) == 5 &&
               (span_is(name, "desc") || span_is(name, "files"));
}

static bool wants_no_link(struct span path)
{
        static const char *const folders[] = {"var", "var/lib", "var/lib/pacman", "var/lib/pacman/local"};

        for (size_t i = 0; i < ARRAY_LEN(folders); i++)
                if (span_is(path, folders[i]))
                        return true;
        return (span_starts(path, database) && path_depth(path) == 4) || wants(path);
}

/* ---- "%FIELD%" and its values ---- */

struct section {
        struct cursor in;
        struct span field; /* empty before the first one */
        size_t line;
};

enum desc_field { NAME, VERSION, BASE, ARCH, LICENCE, FILES, DESC_FIELDS };
static const char *const fields[DESC_FIELDS] = {[NAME] = "%NAME%",
    [VERSION] = "%VERSION%",
    [BASE] = "%BASE%",
    [ARCH] = "%ARCH%",
    [LICENCE] = "%LICENSE%",
    [FILES] = "%FILES%"};

/* The next value and which field it is of (DESC_FIELDS: none that is asked for); false at the end. */
static bool next_value(struct section *s, enum desc_field *ret_field, struct span *ret_value)
{
        struct span line;

        while (cursor_line(&s->in, &line)) {
                s->line++;
                if (line.len == 0) {
                        s->field = (struct span){0};
                        continue;
                }
                if (s->field.len == 0) {
                        s->field = line;
                        continue;
                }
                *ret_field = DESC_FIELDS;
                for (size_t i = 0; i < DESC_FIELDS; i++)
                        if (span_is(s->field, fields[i]))
                                *ret_field = (enum desc_field)i;
                *ret_value = line;
                return true;
        }
        return false;
}

static void read_desc(struct span content, struct findings *f)
{
        struct section s = {.in = {.rest = content}};
        struct span value[DESC_FIELDS] = {0}, line;
        CLEANUP(buf_done) struct buf licence = {.max = INVENTORY_LICENCE_MAX};
        enum desc_field field;
        char shown[80];

        while (next_value(&s, &field, &line)) {
                if (field == LICENCE) {
                        if (licence.len > 0)
                                buf_put_text(&licence, " AND ");
                        buf_put(&licence, line);
                } else if (field < FILES && value[field].len > 0) {
                        findings_note(f, "line %zu: a second value of %s: the first one counts", s.line, fields[field]);
                } else if (field < FILES) {
                        value[field] = line;
                }
        }
        struct package p = {.name = value[NAME],
            .version = value[VERSION],
            .arch = value[ARCH],
            .source_name = value[BASE].len > 0 ? value[BASE] : value[NAME],
            .source_version = value[VERSION]};
        if (!licence.failed)
                p.licence = buf_span(&licence);
        span_printable(p.name, shown, sizeof(shown));
        if (!package_name(p.name) || !package_name(p.source_name))
                findings_note(f, "\"%s\" is no package name: not listed", shown);
        else if (!printable_word(p.version, "/"))
                findings_note(f, "package %s has no valid version: not listed", shown);
        else if (p.arch.len > 0 && !printable_word(p.arch, ""))
                findings_note(f, "package %s has no valid architecture: not listed", shown);
        else
                findings_package(f, "desc", &p);
}

/* Folders end in '/': they belong to many packages. */
static void read_files(struct span content, struct findings *f)
{
        struct section s = {.in = {.rest = content}};
        struct supplement package = {.name = path_name(path_folder(f->path))};
        struct span line, version, release;
        enum desc_field field;
        uint32_t at = UINT32_MAX;

        if (!split_last(package.name, '-', &package.name, &release) ||
            !split_last(package.name, '-', &package.name, &version))
                return; /* no folder of a package */
        while (next_value(&s, &field, &line)) {
                if (field != FILES || span_ends(line, "/"))
                        continue;
                if (at == UINT32_MAX)
                        at = findings_supplement(f, "files", &package);
                findings_supplement_owns(f, at, line);
        }
}

static void read_entry(struct span content, struct findings *f)
{
        if (span_is(path_name(f->path), "files"))
                read_files(content, f);
        else
                read_desc(content, f);
}

const struct detector detect_pacman = {
    .name = "pacman",
    .type = "alpm",
    .size_max = INVENTORY_PACKAGE_FILE_MAX,
    .confidence = CONFIDENCE_CERTAIN,
    .names = "desc files",
    .wants = wants,
    .read = read_entry,
    .wants_no_link = wants_no_link,
};
