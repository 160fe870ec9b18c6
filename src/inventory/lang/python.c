/*
 * Python: NAME.dist-info/METADATA (PEP 376, 566), NAME.egg-info/PKG-INFO, NAME.egg/EGG-INFO/PKG-INFO, and NAME.egg-info
 * as a file of its own. The name is given as PEP 503 normalises it, as PyPI's advisories spell it too.
 * What a package owns is in RECORD (PEP 376, 627) beside METADATA, or in installed-files.txt beside PKG-INFO.
 *
 * An install "for development" (setup.py develop, pip install -e) leaves a NAME.egg-link or an __editable__ file that
 * leads to the sources; the metadata is beside those, or in a dist-info folder as ever, and is found there.
 */
#include "inventory/lang/lang_priv.h"
#include "inventory/fields_priv.h"

static bool wants(struct span path)
{
        struct span name = path_name(path), folder = path_folder(path);

        if (span_is(name, "METADATA") || span_is(name, "RECORD"))
                return span_ends(folder, ".dist-info");
        if (span_is(name, "installed-files.txt"))
                return span_ends(folder, ".egg-info");
        if (span_is(name, "PKG-INFO"))
                return span_ends(folder, ".egg-info") ||
                       (span_is(path_name(folder), "EGG-INFO") && span_ends(path_folder(folder), ".egg"));
        return span_ends(name, ".egg-info") && name.len > sizeof(".egg-info") - 1;
}

static bool is_alnum(uint8_t c)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_joint(uint8_t c)
{
        return c == '-' || c == '_' || c == '.';
}

/* PEP 508: letters, digits and -_. between them. */
static bool name_ok(struct span s)
{
        for (size_t i = 0; i < s.len; i++)
                if (!is_alnum(s.at[i]) && !is_joint(s.at[i]))
                        return false;
        return s.len > 0 && is_alnum(s.at[0]) && is_alnum(s.at[s.len - 1]);
}

/* PEP 503: each run of -_. becomes one -, letters become small. */
static void name_normalise(struct span name, struct buf *to)
{
        for (size_t i = 0; i < name.len; i++) {
                uint8_t c = name.at[i];
                if (!is_joint(c))
                        buf_put_u8(to, c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c);
                else if (i == 0 || !is_joint(name.at[i - 1]))
                        buf_put_u8(to, '-');
        }
}

static bool version_ok(struct span s)
{
        for (size_t i = 0; i < s.len; i++)
                if (s.at[i] <= ' ' || s.at[i] >= 0x7f)
                        return false;
        return s.len > 0;
}

#define LICENCE_WORDS_MAX 100u /* bytes: a longer "License:" is the licence's text, not its name */

struct head {
        struct span name, version, expression, words;
        struct buf classified;
};

static void head_field(struct head *h, struct span name, struct span value)
{
        /* The first one counts, as for Python's own reader. */
        if (field_is(name, "Name") && h->name.len == 0)
                h->name = value;
        else if (field_is(name, "Version") && h->version.len == 0)
                h->version = value;
        else if (field_is(name, "License-Expression") && h->expression.len == 0)
                h->expression = value;
        else if (field_is(name, "License") && value.len <= LICENCE_WORDS_MAX &&
                 text_is_clean(value, LICENCE_WORDS_MAX) && !span_is(value, "UNKNOWN"))
                h->words = value;
        else if (field_is(name, "Classifier") && licence_of_classifier(value).len > 0)
                licence_or(&h->classified, licence_of_classifier(value));
}

/* "License:" and the classifiers state the same in two ways: one that is SPDX is better than words. */
static struct span best_licence(struct span words, struct span classified, enum licence_source *ret_source)
{
        words = licence_of_words(words);
        if (words.len > 0 && (inventory_licence_is_spdx(words) || !inventory_licence_is_spdx(classified)))
                return words;
        *ret_source = LICENCE_SOURCE_CLASSIFIER;
        return classified;
}

void python_metadata_read(struct span content, struct findings *f, const struct package *as)
{
        struct fields in;
        struct head h = {.classified = {.max = INVENTORY_LICENCE_MAX}};
        struct span name, value;
        enum fields_step step;
        CLEANUP(buf_done) struct buf normal = {.max = INVENTORY_NAME_MAX};
        char shown[80];

        fields_init(&in, content, false);
        /* Lines that are no field are ignored, as Python does: a "Summary" over two lines has them. */
        while ((step = fields_next(&in, &name, &value)) == FIELDS_FIELD || step == FIELDS_BROKEN)
                if (step == FIELDS_FIELD)
                        head_field(&h, name, value);
        span_printable(h.name, shown, sizeof(shown));
        name_normalise(h.name, &normal);
        if (!name_ok(h.name) || normal.failed) {
                findings_note(f, "\"%s\" is no valid name: not listed", shown);
        } else if (!version_ok(h.version)) {
                findings_note(f, "%s has no valid version: not listed", shown);
        } else {
                struct package p = *as;
                p.name = buf_span(&normal);
                p.version = h.version;
                if (h.expression.len > 0)
                        p.licence = h.expression;
                else
                        p.licence = best_licence(h.words,
                            h.classified.failed ? (struct span){0} : buf_span(&h.classified), &p.licence_source);
                findings_package(f, "head", &p);
        }
        buf_done(&h.classified);
}

/* "Foo_Bar-1.2.dist-info" and "Foo_Bar-1.2-py3.11.egg-info": what stands before the first '-' has none in it. */
static struct span name_of_folder(struct span folder)
{
        struct span name = path_name(folder), rest;

        split_last(name, '.', &name, &rest);
        span_split(name, '-', &name, &rest);
        return name;
}

/* The first column of a line of comma-separated values (RFC 4180), with its quotes taken off. */
static bool first_column(struct span line, struct buf *to)
{
        struct span column, rest;

        buf_clear(to);
        if (!span_starts(line, "\"")) {
                span_split(line, ',', &column, &rest);
                buf_put(to, column);
                return true;
        }
        for (rest = span_from(line, 1); span_split(rest, '"', &column, &rest); rest = span_from(rest, 1)) {
                buf_put(to, column);
                if (!span_starts(rest, "\""))
                        return rest.len == 0 || rest.at[0] == ',';
                buf_put_u8(to, '"');
        }
        return false;
}

/* Paths in RECORD are as site-packages sees them, those in installed-files.txt as the metadata's folder does. */
static void read_files(struct span content, struct findings *f)
{
        struct cursor in = {.rest = content};
        bool record = span_is(path_name(f->path), "RECORD");
        struct span folder = path_folder(f->path), line;
        CLEANUP(buf_done) struct buf name = {.max = INVENTORY_NAME_MAX};
        CLEANUP(buf_done) struct buf column = {.max = INVENTORY_PATH_MAX}, path = {.max = INVENTORY_PATH_MAX};
        struct supplement of = {0};
        uint32_t at;

        name_normalise(name_of_folder(folder), &name);
        of.name = buf_span(&name);
        if (name.failed || of.name.len == 0)
                return; /* no package: METADATA's reader says so */
        at = findings_supplement(f, "files", &of);
        for (size_t number = 1; cursor_line(&in, &line); number++) {
                if (line.len == 0)
                        continue;
                buf_clear(&path);
                if (record && !first_column(line, &column))
                        findings_note(f, "line %zu: the quotes of the path don't end: passed over", number);
                else if (path_join(record ? path_folder(folder) : folder, record ? buf_span(&column) : line, &path))
                        findings_supplement_owns(f, at, buf_span(&path));
        }
}

static void read_any(struct span content, struct findings *f)
{
        struct span name = path_name(f->path);

        if (span_is(name, "RECORD") || span_is(name, "installed-files.txt"))
                read_files(content, f);
        else if (content.len > INVENTORY_METADATA_MAX)
                findings_note(f, NOTE_TOO_LARGE, (unsigned long long)content.len, (size_t)INVENTORY_METADATA_MAX);
        else
                python_metadata_read(content, f, &(struct package){0});
}

const struct detector detect_python = {
    .name = "python",
    .type = "pypi",
    .ecosystem = "PyPI",
    .by_path = true,
    .size_max = INVENTORY_PACKAGE_FILE_MAX,
    .confidence = CONFIDENCE_CERTAIN,
    .wants = wants,
    .names = "METADATA RECORD installed-files.txt PKG-INFO *.egg-info",
    .read = read_any,
};

/* ---- eggs that are one file, which Python imports from as they are ---- */

/* Elsewhere it is a download, or test data. */
static bool wants_egg(struct span path)
{
        static const char *const folders[] = {"site-packages", "dist-packages", "eggs"};

        if (!span_ends(path, ".egg") || path_name(path).len == sizeof(".egg") - 1)
                return false;
        for (size_t i = 0; i < ARRAY_LEN(folders); i++)
                if (span_is(path_name(path_folder(path)), folders[i]))
                        return true;
        return false;
}

/* "NAME-VERSION-pyX.Y[-PLATFORM].egg": Python's own pkg_resources takes name and version from there, too. */
static void read_egg(struct span content, struct findings *f)
{
        struct span file = path_name(f->path), name, version, rest;
        CLEANUP(buf_done) struct buf normal = {.max = INVENTORY_NAME_MAX}, plain = {.max = INVENTORY_VERSION_MAX};
        char shown[80];

        (void)content;
        file = span_cut(file, 0, file.len - (sizeof(".egg") - 1));
        span_split(file, '-', &name, &rest);
        span_split(rest, '-', &version, &rest);
        name_normalise(name, &normal);
        for (size_t i = 0; i < version.len; i++) /* a '-' of the version is written '_' */
                buf_put_u8(&plain, version.at[i] == '_' ? '-' : version.at[i]);
        if (!name_ok(name) || normal.failed || !version_ok(version) || plain.failed) {
                findings_note(f, "\"%s\" has no name and version in front of .egg: not listed; it is not looked into",
                    span_printable(file, shown, sizeof(shown)));
                return;
        }
        findings_package(f, "file name", &(struct package){.name = buf_span(&normal), .version = buf_span(&plain)});
}

const struct detector detect_python_egg = {
    .name = "python-egg",
    .type = "pypi",
    .ecosystem = "PyPI",
    .by_path = true,
    .confidence = CONFIDENCE_LOW,
    .wants = wants_egg,
    .names = "*.egg",
    .read = read_egg,
};
