/*
 * Packages of opkg (OpenWrt up to 24.10, Yocto, Entware): status, and info/NAME.control and info/NAME.list beside it.
 *
 * The status file says what is installed; a control file, which exists while its package is, also says of which source
 * and under which licence. Images without the one have the other, so both are read and merging makes one of the two.
 */
#include "inventory/os/os_priv.h"
#include "inventory/os/words_priv.h"
#include "inventory/fields_priv.h"

static const char *const databases[] = {"usr/lib/opkg/", "var/lib/opkg/", "opt/lib/opkg/"};

/* What follows the database's folder; the empty span elsewhere. */
static struct span within(struct span path)
{
        for (size_t i = 0; i < ARRAY_LEN(databases); i++)
                if (span_starts(path, databases[i]))
                        return span_from(path, strlen(databases[i]));
        return (struct span){0};
}

static bool wants(struct span path)
{
        struct span rest = within(path);

        if (span_is(rest, "status"))
                return true;
        return span_is(path_folder(rest), "info") && (span_ends(rest, ".control") || span_ends(rest, ".list"));
}

static bool wants_no_link(struct span path)
{
        for (size_t i = 0; i < ARRAY_LEN(databases); i++)
                if (span_equal(path, span_cut(span_of(databases[i]), 0, strlen(databases[i]) - 1)))
                        return true;
        return span_is(within(path), "info") || span_is(within(path), "status");
}

enum stanza_field { NAME, STATUS, VERSION, ARCH, SOURCE, RECIPE, LICENCE, CPE, STANZA_FIELDS };

struct stanza {
        struct span value[STANZA_FIELDS];
        size_t line;
        bool open;
};

/* "Status: want flag state"; those of libopkg that have no files. */
static bool has_files(struct span status)
{
        struct span before, state;

        return !split_last(status, ' ', &before, &state) ||
               !(span_is(state, "not-installed") || span_is(state, "config-files"));
}

static void stanza_end(const struct stanza *s, struct findings *f)
{
        const struct span *v = s->value;
        struct package p = {
            .name = v[NAME], .version = v[VERSION], .arch = v[ARCH], .licence = v[LICENCE], .cpe = v[CPE]};
        char place[40], shown[80];

        snprintf(place, sizeof(place), "line %zu", s->line);
        span_printable(p.name, shown, sizeof(shown));
        p.source_name = v[SOURCE].len > 0 ? v[SOURCE] : v[RECIPE].len > 0 ? v[RECIPE] : v[NAME];
        p.source_version = p.version;
        if (!has_files(v[STATUS]))
                return;
        if (!package_name(p.name))
                findings_note(f, "%s: \"%s\" is no package name: not listed", place, shown);
        else if (!printable_word(p.version, ""))
                findings_note(f, "%s: package %s has no valid version: not listed", place, shown);
        else if (p.arch.len > 0 && !printable_word(p.arch, ""))
                findings_note(f, "%s: package %s has no valid architecture: not listed", place, shown);
        else
                findings_package(f, place, &p);
}

static void stanza_field(struct stanza *s, size_t line, struct span name, struct span value, struct findings *f)
{
        /* OpenWrt's "Source" is a folder of its tree, Yocto's a list of URLs: neither is a package's name. */
        static const char *const names[STANZA_FIELDS] = {[NAME] = "Package",
            [STATUS] = "Status",
            [VERSION] = "Version",
            [ARCH] = "Architecture",
            [SOURCE] = "SourceName",
            [RECIPE] = "OE",
            [LICENCE] = "License",
            [CPE] = "CPE-ID"};

        for (size_t i = 0; i < STANZA_FIELDS; i++) {
                if (!field_is(name, names[i]))
                        continue;
                if (s->value[i].len > 0)
                        findings_note(
                            f, "line %zu: a second field %s in one stanza: the first one counts", line, names[i]);
                else if ((i == SOURCE || i == RECIPE) && !package_name(value))
                        continue;
                else
                        s->value[i] = value;
        }
}

static void read_stanzas(struct span content, struct findings *f)
{
        struct fields in;
        struct stanza s = {0};
        struct span name, value;
        enum fields_step step;

        fields_init(&in, content, true);
        while ((step = fields_next(&in, &name, &value)) != FIELDS_END) {
                if (step == FIELDS_STANZA_END) {
                        stanza_end(&s, f);
                        s = (struct stanza){0};
                        continue;
                }
                if (!s.open)
                        s = (struct stanza){.open = true, .line = in.line};
                if (step == FIELDS_BROKEN)
                        findings_note(f, "line %zu: neither a field nor the continuation of one", in.line);
                else
                        stanza_field(&s, in.line, name, value, f);
        }
}

/* One path a line; since opkg 0.4 with its mode and a link's target, divided by tabs. */
static void read_list(struct span content, struct findings *f)
{
        struct cursor c = {.rest = content};
        struct span name = path_name(f->path), line, path, rest;
        const struct supplement s = {.name = span_cut(name, 0, name.len - strlen(".list"))};
        uint32_t at = UINT32_MAX;

        while (cursor_line(&c, &line)) {
                span_split(line, '\t', &path, &rest);
                if (span_starts(rest, "04")) /* a folder's mode in octal */
                        continue;
                if (at == UINT32_MAX)
                        at = findings_supplement(f, "list", &s);
                findings_supplement_owns(f, at, path);
        }
}

static void read_entry(struct span content, struct findings *f)
{
        if (span_ends(f->path, ".list"))
                read_list(content, f);
        else
                read_stanzas(content, f);
}

const struct detector detect_opkg = {
    .name = "opkg",
    .type = "opkg",
    .size_max = INVENTORY_PACKAGE_FILE_MAX,
    .confidence = CONFIDENCE_CERTAIN,
    .names = "status *.control *.list",
    .wants = wants,
    .read = read_entry,
    .wants_no_link = wants_no_link,
};
