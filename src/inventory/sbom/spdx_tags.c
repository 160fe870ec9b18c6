/*
 * SPDX 2.2 and 2.3 as tag-value text: "Tag: value" lines, of which the value may be <text>...</text> over many lines. A
 * package begins with its name; what follows is its own until another package, file, snippet or licence begins.
 */
#include "inventory/sbom/sbom_priv.h"

struct tags {
        struct sbom_document *d;
        struct cursor in;
        size_t line;
        struct sbom_entry *package;        /* whose lines they are; NULL: nobody's that count */
        struct sbom_licence_text *licence; /* likewise */
        bool in_document;                  /* before the first package, file ...: the document's own lines */
        bool versioned;
};

static bool malformed(const struct tags *t, struct err *e, const char *fmt, struct span shown)
{
        char text[120], why[200];

        snprintf(why, sizeof(why), fmt, span_printable(shown, text, sizeof(text)));
        return err_set(e, ERR_MALFORMED, "line %zu: %s", t->line, why);
}

/* The value may go on: `*value` becomes what stands between <text> and </text>. */
static bool text_take(struct tags *t, struct span *value, struct err *e)
{
        static const char end[] = "</text>";
        struct span start = span_from(*value, strlen("<text>")), line = start;
        const uint8_t *from = start.at;

        for (;;) {
                const void *at = line.len ? memmem(line.at, line.len, end, sizeof(end) - 1) : NULL;
                if (at) {
                        *value = span_bytes(from, (size_t)((const uint8_t *)at - from));
                        return true;
                }
                t->line++;
                if (!cursor_line(&t->in, &line))
                        return err_set(e, ERR_MALFORMED, "line %zu: a <text> without its end", t->line);
        }
}

static bool is_one_of(struct span tag, const char *const *names)
{
        for (size_t i = 0; names[i]; i++)
                if (span_is(tag, names[i]))
                        return true;
        return false;
}

static bool set_once(const struct tags *t, struct span tag, struct span *to, struct span value, struct err *e)
{
        if (to->len > 0)
                return malformed(t, e, "\"%s\" stands twice in one package", tag);
        *to = value;
        return true;
}

/* "PACKAGE-MANAGER purl pkg:npm/a@1" */
static void external_ref(struct tags *t, struct span value)
{
        struct span category, type, locator;

        span_split(value, ' ', &category, &value);
        span_split(span_trim(value), ' ', &type, &locator);
        spdx_external_ref(t->d, t->package, type, span_trim(locator));
}

static bool package_tag(struct tags *t, struct span tag, struct span value, struct err *e)
{
        struct sbom_entry *p = t->package;

        if (span_is(tag, "SPDXID"))
                return set_once(t, tag, &p->ref, value, e);
        if (span_is(tag, "PackageVersion"))
                return set_once(t, tag, &p->version, spdx_stated(value), e);
        if (span_is(tag, "PackageSupplier"))
                return set_once(t, tag, &p->vendor, spdx_party(value), e);
        if (span_is(tag, "PackageLicenseDeclared"))
                return set_once(t, tag, &p->licence, spdx_stated(value), e);
        if (span_is(tag, "PackageLicenseConcluded"))
                return set_once(t, tag, &p->concluded, spdx_stated(value), e);
        if (span_is(tag, "PackageDescription"))
                return set_once(t, tag, &p->description, value, e);
        if (span_is(tag, "PackageSourceInfo"))
                spdx_source_info(p, value);
        else if (span_is(tag, "PrimaryPackagePurpose"))
                spdx_purpose(t->d, p, value);
        else if (span_is(tag, "ExternalRef"))
                external_ref(t, value);
        return true;
}

static void licence_tag(struct tags *t, struct span tag, struct span value)
{
        if (span_is(tag, "LicenseName"))
                t->licence->name = value;
        else if (span_is(tag, "ExtractedText"))
                t->licence->text = value;
}

static bool document_tag(struct tags *t, struct span tag, struct span value, struct err *e)
{
        if (span_is(tag, "SPDXVersion")) {
                if (t->versioned)
                        return malformed(t, e, "\"%s\" stands twice", tag);
                t->versioned = true;
                return sbom_is_spdx(t->d, value, e);
        }
        if (span_is(tag, "DocumentName"))
                t->d->subject = value;
        else if (span_is(tag, "Created"))
                t->d->created = value;
        else if (span_is(tag, "CreatorComment") && span_starts(value, "The image could not be read as a whole"))
                sbom_note_incomplete(t->d);
        return true;
}

/* "SPDXRef-DOCUMENT DESCRIBES SPDXRef-Package" */
static bool relationship(struct tags *t, struct span value, struct err *e)
{
        struct span from, type, to;

        if (!span_split(value, ' ', &from, &to) || !span_split(span_trim(to), ' ', &type, &to))
                return malformed(t, e, "\"%s\" is no relationship", value);
        spdx_relationship(t->d, from, type, span_trim(to));
        return true;
}

static bool tag_take(struct tags *t, struct span tag, struct span value, struct err *e)
{
        static const char *const others[] = {
            "FileName", "SnippetSPDXID", "SnippetFromFileSPDXID", "Annotator", "Reviewer", NULL};

        if (span_is(tag, "Relationship"))
                return relationship(t, value, e);
        if (span_is(tag, "PackageName")) {
                t->licence = NULL;
                t->in_document = false;
                t->package = sbom_entry_new(t->d, e);
                if (!t->package)
                        return false;
                t->package->name = value;
                return true;
        }
        if (span_is(tag, "LicenseID")) {
                t->package = NULL;
                t->in_document = false;
                if (t->d->licences.len == SBOM_LICENCES_MAX)
                        return err_set(
                            e, ERR_LIMIT, "line %zu: more than %u licences are explained", t->line, SBOM_LICENCES_MAX);
                t->licence = ARENA_PUSH(t->d->arena, &t->d->licences);
                t->licence->id = value;
                return true;
        }
        /* An annotation stands behind what it is about, and ends nothing but the document's own lines. */
        if (is_one_of(tag, others)) {
                t->in_document = false;
                if (!span_is(tag, "Annotator") && !span_is(tag, "Reviewer"))
                        t->package = NULL, t->licence = NULL;
                return true;
        }
        if (t->package)
                return package_tag(t, tag, value, e);
        if (t->licence)
                licence_tag(t, tag, value);
        return !t->in_document || document_tag(t, tag, value, e);
}

static bool tag_valid(struct span tag)
{
        for (size_t i = 0; i < tag.len; i++)
                if (!((tag.at[i] | 0x20) >= 'a' && (tag.at[i] | 0x20) <= 'z'))
                        return false;
        return tag.len > 0;
}

bool spdx_tags_read(struct span in, struct sbom_document *d, struct err *e)
{
        struct tags t = {.d = d, .in = {.rest = in}, .in_document = true};
        struct span line, tag, value;

        while (t.line++, cursor_line(&t.in, &line)) {
                line = span_trim(line);
                if (line.len == 0 || line.at[0] == '#')
                        continue;
                if (!span_is_utf8(line))
                        return err_set(e, ERR_MALFORMED, "line %zu: it is not UTF-8", t.line);
                if (!span_split(line, ':', &tag, &value) || !tag_valid(tag))
                        return t.versioned ? malformed(&t, e, "\"%s\" is no \"Tag: value\"", line)
                                           : err_set(e, ERR_MALFORMED,
                                                 "it is no bill of materials: neither JSON, nor XML, nor SPDX's tags");
                value = span_trim(value);
                if (span_starts(value, "<text>") && !text_take(&t, &value, e))
                        return false;
                if (!t.versioned && !span_is(tag, "SPDXVersion"))
                        return err_set(e, ERR_MALFORMED, "line %zu: \"SPDXVersion\" must come first", t.line);
                if (!tag_take(&t, tag, value, e))
                        return false;
        }
        if (!t.versioned)
                return err_set(e, ERR_MALFORMED, "it is no bill of materials: it is empty");
        spdx_settle(d);
        return true;
}
