/*
 * Python: NAME.dist-info/METADATA (PEP 376, 566), NAME.egg-info/PKG-INFO, NAME.egg/EGG-INFO/PKG-INFO, and NAME.egg-info
 * as a file of its own. The name is given as PEP 503 normalises it, as PyPI's advisories spell it too.
 */
#include "inventory/detect_priv.h"
#include "inventory/fields_priv.h"

static bool wants(struct span path)
{
        struct span name = path_name(path), folder = path_folder(path);

        if (span_is(name, "METADATA"))
                return span_ends(folder, ".dist-info");
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

static void read_metadata(struct span content, struct findings *f)
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
                struct package p = {.name = buf_span(&normal), .version = h.version};
                if (h.expression.len > 0)
                        p.licence = h.expression;
                else if (h.words.len > 0)
                        p.licence = h.words;
                else if (!h.classified.failed)
                        p.licence = buf_span(&h.classified);
                findings_package(f, "head", &p);
        }
        buf_done(&h.classified);
}

const struct detector detect_python = {
    .name = "python",
    .type = "pypi",
    .ecosystem = "PyPI",
    .by_path = true,
    .size_max = INVENTORY_METADATA_MAX,
    .confidence = CONFIDENCE_CERTAIN,
    .wants = wants,
    .read = read_metadata,
};
