/* Which form a document has, and what its readers share. */
#include "inventory/sbom/sbom_priv.h"

#include <stdarg.h>

const struct json_limits sbom_json_limits = {.string_max = SBOM_STRING_MAX, .members_max = SBOM_MEMBERS_MAX};

struct span sbom_text(struct json *j)
{
        return json_null(j) ? (struct span){0} : json_string(j);
}

bool sbom_array(struct json *j)
{
        if (json_null(j))
                return false;
        json_array(j);
        return true;
}

bool sbom_object(struct json *j)
{
        if (json_null(j))
                return false;
        json_object(j);
        return true;
}

struct sbom_entry *sbom_entry_new(struct sbom_document *d, struct err *e)
{
        struct sbom_entry *entry;

        if (d->n_entries == SBOM_ENTRIES_MAX) {
                err_set(e, ERR_LIMIT, "more than %u components", SBOM_ENTRIES_MAX);
                return NULL;
        }
        entry = arena_alloc(d->arena, sizeof(*entry));
        entry->number = ++d->n_entries;
        if (d->last)
                d->last->next = entry;
        else
                d->first = entry;
        d->last = entry;
        return entry;
}

void sbom_edge(struct sbom_document *d, struct span from, struct span to, bool contains)
{
        if (d->edges.len == SBOM_EDGES_MAX) {
                d->too_many_edges = true;
                return;
        }
        *ARENA_PUSH(d->arena, &d->edges) = (struct sbom_edge){from, to, contains};
}

void sbom_elsewhere(struct sbom_document *d, struct span document)
{
        if (d->n_elsewhere++ == 0)
                d->elsewhere = document;
}

static bool has_or(struct span s)
{
        return s.len > 0 && memmem(s.at, s.len, " OR ", 4) != NULL;
}

void sbom_licence(struct sbom_document *d, struct sbom_entry *entry, struct span licence)
{
        bool before = has_or(entry->licence), added = has_or(licence);

        if (licence.len == 0 || span_equal(licence, entry->licence) || entry->licence.len > INVENTORY_LICENCE_MAX)
                return;
        if (entry->n_licences++ == 0) {
                entry->licence = licence;
                return;
        }
        CLEANUP(buf_done) struct buf b = {0};
        before &= entry->n_licences == 2;
        buf_put_text(&b, before ? "(" : "");
        buf_put(&b, entry->licence);
        buf_put_text(&b, before ? ") AND " : " AND ");
        buf_put_text(&b, added ? "(" : "");
        buf_put(&b, licence);
        buf_put_text(&b, added ? ")" : "");
        entry->licence = arena_copy(d->arena, buf_span(&b));
}

void sbom_property(struct sbom_entry *entry, struct span name, struct span value)
{
        const struct {
                const char *name;
                struct span *to;
        } rows[] = {
            {"syft:location:0:path", &entry->path},
            {"aquasecurity:trivy:FilePath", &entry->path},
            {"aquasecurity:trivy:SrcName", &entry->source_name},
            {"aquasecurity:trivy:SrcVersion", &entry->source_version},
            {"aquasecurity:trivy:SrcRelease", &entry->source_release},
            {"aquasecurity:trivy:SrcEpoch", &entry->source_epoch},
            {"aquasecurity:trivy:Modularitylabel", &entry->module},
            {"coffer:source:name", &entry->source_name},
            {"coffer:source:version", &entry->source_version},
            {"coffer:module", &entry->module},
            {"coffer:owned_by", &entry->owned_by},
            {"syft:distro:id", &entry->os_id},
            {"syft:distro:versionID", &entry->os_version},
            {"syft:distro:versionCodename", &entry->os_codename},
            {"syft:distro:prettyName", &entry->os_name},
        };

        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                if (span_is(name, rows[i].name) && rows[i].to->len == 0)
                        *rows[i].to = value;
        entry->holder |= span_is(name, "aquasecurity:trivy:Class");
        entry->development |= span_is(name, "cdx:npm:package:development") && span_is(value, "true");
}

/* ---- notes ---- */

static void note_put(struct sbom_document *d, struct span text)
{
        if (d->notes.len < INVENTORY_NOTES_MAX)
                *ARENA_PUSH(d->arena, &d->notes) = text;
        else
                d->notes.left_out++;
}

void sbom_note(struct sbom_document *d, const struct sbom_entry *entry, const char *fmt, ...)
{
        char text[700], clean[700], name[300] = "";
        va_list args;

        va_start(args, fmt);
        vsnprintf(text, sizeof(text), fmt, args);
        va_end(args);
        span_printable(span_of(text), clean, sizeof(clean));
        if (!entry)
                note_put(d, arena_printf(d->arena, "%s", clean));
        else if (entry->ref.len > 0)
                note_put(d,
                    arena_printf(d->arena, "component %s: %s", span_printable(entry->ref, name, sizeof(name)), clean));
        else
                note_put(d, arena_printf(d->arena, "component %u%s%s: %s", entry->number, entry->name.len ? ", " : "",
                                span_printable(entry->name, name, sizeof(name)), clean));
}

void sbom_note_incomplete(struct sbom_document *d)
{
        static const char text[] = "the document says itself that it does not list everything";

        for (size_t i = 0; i < d->notes.len; i++)
                if (span_is(d->notes.at[i], text))
                        return;
        sbom_note(d, NULL, "%s", text);
}

/* ---- forms ---- */

static bool is_version(
    struct sbom_document *d, const char *standard, const char *const *versions, struct span version, struct err *e)
{
        char shown[40];

        for (size_t i = 0; versions[i]; i++)
                if (span_is(version, versions[i])) {
                        d->form = arena_printf(d->arena, "%s %s", standard, versions[i]);
                        return true;
                }
        return err_set(e, ERR_UNSUPPORTED, "%s %s is not read here", standard,
            version.len ? span_printable(version, shown, sizeof(shown)) : "without a version");
}

bool sbom_is_cyclonedx(struct sbom_document *d, struct span version, struct err *e)
{
        static const char *const versions[] = {"1.2", "1.3", "1.4", "1.5", "1.6", "1.7", NULL};

        d->detector = "cyclonedx";
        return is_version(d, "CycloneDX", versions, version, e);
}

bool sbom_is_spdx(struct sbom_document *d, struct span version, struct err *e)
{
        static const char *const versions[] = {"2.2", "2.3", NULL};

        d->detector = "spdx";
        if (!span_starts(version, "SPDX-"))
                return err_set(e, ERR_MALFORMED, "its SPDX version does not begin with \"SPDX-\"");
        return is_version(d, "SPDX", versions, span_from(version, 5), e);
}

/* Keys come in any order: the outermost ones say what it is, then it is read again from the front. */
static bool json_read(struct span in, struct sbom_document *d, struct err *e)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct span key, format = {0}, version = {0}, spdx = {0};
        bool context = false, has_format = false, has_spdx = false;
        struct json j;

        json_init(&j, in, a, &sbom_json_limits);
        json_object(&j);
        while (json_member(&j, &key)) {
                if (span_is(key, "bomFormat")) {
                        format = json_string(&j);
                        has_format = true;
                } else if (span_is(key, "specVersion")) {
                        version = json_string(&j);
                } else if (span_is(key, "spdxVersion")) {
                        spdx = json_string(&j);
                        has_spdx = true;
                } else {
                        context |= span_is(key, "@context");
                        json_skip(&j);
                }
        }
        if (!json_finish(&j, e))
                return false;
        if (has_format && has_spdx)
                return err_set(e, ERR_MALFORMED, "it says that it is CycloneDX, and that it is SPDX");
        if (has_spdx)
                return sbom_is_spdx(d, spdx, e) && spdx_json_read(in, d, e);
        if (has_format && !span_is(format, "CycloneDX"))
                return err_set(e, ERR_MALFORMED, "its \"bomFormat\" is not \"CycloneDX\"");
        if (has_format)
                return sbom_is_cyclonedx(d, version, e) && cyclonedx_json_read(in, d, e);
        if (context)
                return err_set(e, ERR_UNSUPPORTED, "it is linked data, as SPDX 3: SPDX 2.2 and 2.3 are read here");
        return err_set(e, ERR_MALFORMED,
            "it is JSON, but no bill of materials: CycloneDX has \"bomFormat\", SPDX \"spdxVersion\"");
}

static bool is_utf16(struct span in)
{
        return span_starts(in, "\xff\xfe") || span_starts(in, "\xfe\xff");
}

/* SPDX's tags: comments may stand before the version, which comes first. */
static bool is_tags(struct span head)
{
        struct cursor c = {.rest = head};
        struct span line;

        while (cursor_line(&c, &line)) {
                line = span_trim(line);
                if (line.len > 0 && line.at[0] != '#')
                        return span_starts(line, "SPDXVersion:");
        }
        return false;
}

bool sbom_head(struct span head)
{
        if (span_is(span_cut(head, 257, 5), "ustar"))
                return false; /* an archive, whatever its first file is called */
        if (is_utf16(head))
                return true;
        if (span_starts(head, "\xef\xbb\xbf"))
                head = span_from(head, 3);
        head = span_trim(head);
        return span_starts(head, "{") || span_starts(head, "<") || is_tags(head);
}

static bool form_read(struct span in, struct sbom_document *d, struct err *e)
{
        struct span head;

        if (span_starts(in, "\xef\xbb\xbf"))
                in = span_from(in, 3);
        head = span_trim(in);
        if (span_starts(in, "\x1f\x8b") || span_starts(in, "\x28\xb5\x2f\xfd"))
                return err_set(e, ERR_UNSUPPORTED, "it is compressed: unpack it first");
        if (span_starts(head, "{"))
                return json_read(in, d, e);
        if (span_starts(head, "<") || (is_utf16(in) && in.len > 3 && (in.at[2] == '<' || in.at[3] == '<')))
                return cyclonedx_xml_read(head, d, e);
        if (is_utf16(in))
                return err_set(e, ERR_UNSUPPORTED, "it is UTF-16: write it as UTF-8, as its standard wants it");
        return spdx_tags_read(in, d, e);
}

/* The words that CycloneDX 1.6 has. */
static struct span subject_type(const struct sbom_document *d)
{
        static const char *const types[] = {"application", "container", "cryptographic-asset", "data", "device",
            "device-driver", "file", "firmware", "framework", "library", "machine-learning-model", "operating-system",
            "platform"};

        for (const struct sbom_entry *entry = d->first; entry; entry = entry->next)
                for (size_t i = 0; entry->subject && i < ARRAY_LEN(types); i++)
                        if (span_is(entry->type, types[i]))
                                return span_of(types[i]);
        return (struct span){0};
}

static struct span clean(struct span text, size_t max)
{
        return text_is_clean(text, max) ? text : (struct span){0};
}

bool sbom_read(struct span in, struct span file, struct inventory **ret, struct inventory_sbom *ret_sbom, struct err *e)
{
        CLEANUP(inventory_freep) struct inventory *v = inventory_new();
        struct sbom_document d = {.arena = v->arena, .file = file};
        int64_t created_s;

        if (in.len > SBOM_FILE_MAX)
                return err_set(e, ERR_LIMIT, "%zu bytes, at most %u", in.len, SBOM_FILE_MAX);
        if (!form_read(in, &d, e))
                return false;
        sbom_links(&d);
        sbom_resolve(&d, v);
        *ret_sbom = (struct inventory_sbom){
            .form = d.form,
            .subject = clean(d.subject, INVENTORY_NAME_MAX),
            .type = subject_type(&d),
            .created = clock_parse(d.created, &created_s) ? d.created : (struct span){0},
            .n_statements = d.n_statements,
        };
        *ret = v;
        v = NULL;
        return true;
}
