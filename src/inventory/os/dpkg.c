/*
 * Packages of dpkg: var/lib/dpkg/status, the journal beside it (updates/NNNN), and status.d/NAME of images that are
 * made without dpkg ("distroless"), whose stanzas carry no Status.
 *
 * Listed is every package that has files: all states but not-installed and config-files (dpkg(1), "Package states").
 */
#include "inventory/detect_priv.h"
#include "inventory/fields_priv.h"

static bool all_digits(struct span s)
{
        for (size_t i = 0; i < s.len; i++)
                if (s.at[i] < '0' || s.at[i] > '9')
                        return false;
        return s.len > 0;
}

static bool wants(struct span path)
{
        if (!span_starts(path, "var/lib/dpkg/"))
                return false;
        struct span rest = span_from(path, sizeof("var/lib/dpkg/") - 1), folder = path_folder(rest);

        if (span_is(folder, "status.d")) /* NAME.md5sums stands beside NAME and is no stanza */
                return path_name(rest).len > 0 && !span_ends(rest, ".md5sums");
        if (span_is(folder, "updates"))
                return all_digits(path_name(rest));
        return span_is(rest, "status");
}

static bool wants_no_link(struct span path)
{
        static const char *const folders[] = {
            "var", "var/lib", "var/lib/dpkg", "var/lib/dpkg/status.d", "var/lib/dpkg/updates"};

        for (size_t i = 0; i < ARRAY_LEN(folders); i++)
                if (span_is(path, folders[i]))
                        return true;
        return wants(path);
}

enum stanza_field { NAME, STATUS, VERSION, ARCH, SOURCE, STANZA_FIELDS };

struct stanza {
        struct span value[STANZA_FIELDS];
        bool seen[STANZA_FIELDS];
        size_t line; /* where it begins */
        bool open;
};

static bool is_lower(uint8_t c)
{
        return c >= 'a' && c <= 'z';
}

static bool is_digit(uint8_t c)
{
        return c >= '0' && c <= '9';
}

/* Debian policy 5.6.1: [a-z0-9][a-z0-9+.-]+ */
static bool name_ok(struct span s)
{
        for (size_t i = 0; i < s.len; i++)
                if (!is_lower(s.at[i]) && !is_digit(s.at[i]) &&
                    (i == 0 || (s.at[i] != '+' && s.at[i] != '.' && s.at[i] != '-')))
                        return false;
        return s.len >= 2;
}

/* Debian policy 5.6.12, with dpkg's leniency as to the first character. */
static bool version_ok(struct span s)
{
        for (size_t i = 0; i < s.len; i++) {
                uint8_t c = s.at[i];
                if (!is_lower(c) && !is_digit(c) && !(c >= 'A' && c <= 'Z') && c != '.' && c != '+' && c != '-' &&
                    c != '~' && c != ':')
                        return false;
        }
        return s.len > 0;
}

static bool arch_ok(struct span s)
{
        for (size_t i = 0; i < s.len; i++)
                if (!is_lower(s.at[i]) && !is_digit(s.at[i]) && s.at[i] != '-')
                        return false;
        return true;
}

/* "Status: want flag state": the third word. */
static struct span third_word(struct span s)
{
        struct span word = {0};

        for (int i = 0; i < 3; i++) {
                s = span_trim(s);
                span_split(s, ' ', &word, &s);
        }
        return span_trim(s).len == 0 ? word : (struct span){0};
}

/* A state that we can't read counts as present: too much is listed rather than too little. */
static bool has_files(const struct stanza *s, const char *place, struct findings *f)
{
        static const char *const present[] = {
            "installed", "half-installed", "unpacked", "half-configured", "triggers-awaited", "triggers-pending"};
        struct span state = third_word(s->value[STATUS]);
        char shown[80];

        if (!s->seen[STATUS])
                return true;
        if (span_is(state, "not-installed") || span_is(state, "config-files"))
                return false;
        for (size_t i = 0; i < ARRAY_LEN(present); i++)
                if (span_is(state, present[i]))
                        return true;
        findings_note(f, "%s: \"%s\" is no package status: taken as installed", place,
            span_printable(s->value[STATUS], shown, sizeof(shown)));
        return true;
}

/* "Source: name" or "Source: name (version)"; what is not stated is the package's own. */
static void source_parse(const struct stanza *s, const char *place, struct package *p, struct findings *f)
{
        struct span name, rest;
        char shown[80];

        p->source_name = p->name;
        p->source_version = p->version;
        if (s->value[SOURCE].len == 0)
                return;
        span_split(s->value[SOURCE], ' ', &name, &rest);
        rest = span_trim(rest);
        bool bracketed = rest.len > 2 && span_starts(rest, "(") && span_ends(rest, ")");
        struct span version = bracketed ? span_trim(span_cut(rest, 1, rest.len - 2)) : p->version;
        if (!name_ok(name) || !version_ok(version) || (rest.len > 0 && !bracketed)) {
                findings_note(f, "%s: \"%s\" names no source package: the package's own name is taken", place,
                    span_printable(s->value[SOURCE], shown, sizeof(shown)));
                return;
        }
        p->source_name = name;
        p->source_version = version;
}

static void stanza_end(const struct stanza *s, struct findings *f)
{
        struct package p = {.name = s->value[NAME], .version = s->value[VERSION], .arch = s->value[ARCH]};
        char place[40], shown[80];

        snprintf(place, sizeof(place), "line %zu", s->line);
        span_printable(p.name, shown, sizeof(shown));
        if (!has_files(s, place, f))
                return;
        if (!name_ok(p.name)) {
                findings_note(f, "%s: \"%s\" is no package name: not listed", place, shown);
                return;
        }
        if (!version_ok(p.version)) {
                findings_note(f, "%s: package %s has no valid version: not listed", place, shown);
                return;
        }
        if (!arch_ok(p.arch)) {
                findings_note(f, "%s: package %s has no valid architecture: not listed", place, shown);
                return;
        }
        source_parse(s, place, &p, f);
        findings_package(f, place, &p);
}

static void stanza_field(struct stanza *s, size_t line, struct span name, struct span value, struct findings *f)
{
        static const char *const names[STANZA_FIELDS] = {[NAME] = "Package",
            [STATUS] = "Status",
            [VERSION] = "Version",
            [ARCH] = "Architecture",
            [SOURCE] = "Source"};

        for (size_t i = 0; i < STANZA_FIELDS; i++) {
                if (!field_is(name, names[i]))
                        continue;
                /* A second "Status: deinstall ok config-files" must not make a package vanish. */
                if (s->seen[i])
                        findings_note(
                            f, "line %zu: a second field %s in one stanza: the first one counts", line, names[i]);
                else
                        s->value[i] = value;
                s->seen[i] = true;
        }
}

static void read_status(struct span content, struct findings *f)
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

const struct detector detect_dpkg = {
    .name = "dpkg",
    .type = "deb",
    .size_max = INVENTORY_DPKG_MAX,
    .confidence = CONFIDENCE_CERTAIN,
    .any_path = true,
    .wants = wants,
    .read = read_status,
    .wants_no_link = wants_no_link,
};
