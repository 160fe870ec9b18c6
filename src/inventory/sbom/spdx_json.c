/* SPDX 2.2 and 2.3 as JSON: the packages. Files and snippets are nothing that advisories speak of. */
#include "inventory/sbom/sbom_priv.h"

static void read_external_refs(struct json *j, struct sbom_document *d, struct sbom_entry *entry)
{
        struct span key, type, locator;

        if (!sbom_array(j))
                return;
        while (json_element(j)) {
                type = locator = (struct span){0};
                json_object(j);
                while (json_member(j, &key)) {
                        if (span_is(key, "referenceType"))
                                type = sbom_text(j);
                        else if (span_is(key, "referenceLocator"))
                                locator = sbom_text(j);
                        else
                                json_skip(j);
                }
                spdx_external_ref(d, entry, type, locator);
        }
}

static void read_package(struct json *j, struct sbom_document *d)
{
        struct err e = {0};
        struct sbom_entry *entry = sbom_entry_new(d, &e);
        struct span key;

        if (!entry) {
                json_fail(j, e.kind, "%s", e.text);
                return;
        }
        json_object(j);
        while (json_member(j, &key)) {
                if (span_is(key, "SPDXID"))
                        entry->ref = sbom_text(j);
                else if (span_is(key, "name"))
                        entry->name = sbom_text(j);
                else if (span_is(key, "versionInfo"))
                        entry->version = spdx_stated(sbom_text(j));
                else if (span_is(key, "description"))
                        entry->description = sbom_text(j);
                else if (span_is(key, "supplier"))
                        entry->vendor = spdx_party(sbom_text(j));
                else if (span_is(key, "licenseDeclared"))
                        entry->licence = spdx_stated(sbom_text(j));
                else if (span_is(key, "licenseConcluded"))
                        entry->concluded = spdx_stated(sbom_text(j));
                else if (span_is(key, "sourceInfo"))
                        spdx_source_info(entry, sbom_text(j));
                else if (span_is(key, "primaryPackagePurpose"))
                        spdx_purpose(d, entry, sbom_text(j));
                else if (span_is(key, "externalRefs"))
                        read_external_refs(j, d, entry);
                else
                        json_skip(j);
        }
}

static void read_relationship(struct json *j, struct sbom_document *d)
{
        struct span key, from = {0}, type = {0}, to = {0};

        json_object(j);
        while (json_member(j, &key)) {
                if (span_is(key, "spdxElementId"))
                        from = sbom_text(j);
                else if (span_is(key, "relationshipType"))
                        type = sbom_text(j);
                else if (span_is(key, "relatedSpdxElement"))
                        to = sbom_text(j);
                else
                        json_skip(j);
        }
        spdx_relationship(d, from, type, to);
}

static void read_licence(struct json *j, struct sbom_document *d)
{
        struct sbom_licence_text text = {0};
        struct span key;

        json_object(j);
        while (json_member(j, &key)) {
                if (span_is(key, "licenseId"))
                        text.id = sbom_text(j);
                else if (span_is(key, "name"))
                        text.name = sbom_text(j);
                else if (span_is(key, "extractedText"))
                        text.text = sbom_text(j);
                else
                        json_skip(j);
        }
        if (d->licences.len < SBOM_LICENCES_MAX)
                *ARENA_PUSH(d->arena, &d->licences) = text;
        else
                json_fail(j, ERR_LIMIT, "more than %u licences are explained", SBOM_LICENCES_MAX);
}

static void read_creation(struct json *j, struct sbom_document *d)
{
        struct span key;

        if (!sbom_object(j))
                return;
        while (json_member(j, &key)) {
                if (span_is(key, "created"))
                        d->created = sbom_text(j);
                else if (!span_is(key, "comment"))
                        json_skip(j);
                else if (span_starts(sbom_text(j), "The image could not be read as a whole"))
                        sbom_note_incomplete(d);
        }
}

static void each(struct json *j, struct sbom_document *d, void (*read)(struct json *j, struct sbom_document *d))
{
        if (!sbom_array(j))
                return;
        while (json_element(j))
                read(j, d);
}

static void read_described(struct json *j, struct sbom_document *d)
{
        *ARENA_PUSH(d->arena, &d->described) = json_string(j);
}

bool spdx_json_read(struct span in, struct sbom_document *d, struct err *e)
{
        struct span key;
        struct json j;

        json_init(&j, in, d->arena, &sbom_json_limits);
        json_object(&j);
        while (json_member(&j, &key)) {
                if (span_is(key, "name"))
                        d->subject = sbom_text(&j); /* unless it describes something that has a name */
                else if (span_is(key, "creationInfo"))
                        read_creation(&j, d);
                else if (span_is(key, "packages"))
                        each(&j, d, read_package);
                else if (span_is(key, "relationships"))
                        each(&j, d, read_relationship);
                else if (span_is(key, "documentDescribes"))
                        each(&j, d, read_described);
                else if (span_is(key, "hasExtractedLicensingInfos"))
                        each(&j, d, read_licence);
                else
                        json_skip(&j);
        }
        if (!json_finish(&j, e))
                return false;
        spdx_settle(d);
        return true;
}
