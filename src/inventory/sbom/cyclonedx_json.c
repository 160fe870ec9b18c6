/* CycloneDX (ECMA-424) as JSON. What a component's pedigree names is not in what it is about, and is passed over. */
#include "inventory/sbom/sbom_priv.h"

static void read_licences(struct json *j, struct sbom_document *d, struct sbom_entry *entry)
{
        struct span key, id, name;

        if (!sbom_array(j))
                return;
        while (json_element(j)) {
                json_object(j);
                while (json_member(j, &key)) {
                        if (span_is(key, "expression")) {
                                sbom_licence(d, entry, sbom_text(j));
                                continue;
                        }
                        if (!span_is(key, "license")) {
                                json_skip(j);
                                continue;
                        }
                        id = name = (struct span){0};
                        if (!sbom_object(j))
                                continue;
                        while (json_member(j, &key)) {
                                if (span_is(key, "id"))
                                        id = sbom_text(j);
                                else if (span_is(key, "name"))
                                        name = sbom_text(j);
                                else
                                        json_skip(j);
                        }
                        sbom_licence(d, entry, id.len > 0 ? id : name);
                }
        }
}

static void read_properties(struct json *j, struct sbom_document *d, struct sbom_entry *entry)
{
        struct span key, name, value;

        if (!sbom_array(j))
                return;
        while (json_element(j)) {
                name = value = (struct span){0};
                json_object(j);
                while (json_member(j, &key)) {
                        if (span_is(key, "name"))
                                name = sbom_text(j);
                        else if (span_is(key, "value"))
                                value = sbom_text(j);
                        else
                                json_skip(j);
                }
                sbom_property(entry, name, value);
                if (span_is(name, "coffer:complete") && span_is(value, "false"))
                        sbom_note_incomplete(d);
        }
}

static void read_occurrences(struct json *j, struct sbom_entry *entry)
{
        struct span key;

        if (!sbom_array(j))
                return;
        while (json_element(j)) {
                json_object(j);
                while (json_member(j, &key)) {
                        if (!span_is(key, "location"))
                                json_skip(j);
                        else if (entry->path.len == 0)
                                entry->path = sbom_text(j);
                        else
                                sbom_text(j);
                }
        }
}

static void read_evidence(struct json *j, struct sbom_entry *entry)
{
        struct span key;

        if (!sbom_object(j))
                return;
        while (json_member(j, &key)) {
                if (span_is(key, "occurrences"))
                        read_occurrences(j, entry);
                else
                        json_skip(j);
        }
}

static void read_supplier(struct json *j, struct sbom_entry *entry)
{
        struct span key;

        if (!sbom_object(j))
                return;
        while (json_member(j, &key)) {
                if (span_is(key, "name") && entry->vendor.len == 0)
                        entry->vendor = sbom_text(j);
                else
                        json_skip(j);
        }
}

/* BOM-Link and its like: what this component is made of stands elsewhere. */
static void read_references(struct json *j, struct sbom_document *d)
{
        struct span key, type, url;

        if (!sbom_array(j))
                return;
        while (json_element(j)) {
                type = url = (struct span){0};
                json_object(j);
                while (json_member(j, &key)) {
                        if (span_is(key, "type"))
                                type = sbom_text(j);
                        else if (span_is(key, "url"))
                                url = sbom_text(j);
                        else
                                json_skip(j);
                }
                if (span_is(type, "bom"))
                        sbom_elsewhere(d, url);
        }
}

static void read_components(struct json *j, struct sbom_document *d);

/* The JSON reader's limit on depth bounds the recursion. */
static void read_component(struct json *j, struct sbom_document *d, bool subject)
{
        struct err e = {0};
        struct sbom_entry *entry = sbom_entry_new(d, &e);
        struct span key, purl;

        if (!entry) {
                json_fail(j, e.kind, "%s", e.text);
                return;
        }
        entry->subject = subject;
        json_object(j);
        while (json_member(j, &key)) {
                if (span_is(key, "bom-ref"))
                        entry->ref = sbom_text(j);
                else if (span_is(key, "type"))
                        entry->type = sbom_text(j);
                else if (span_is(key, "group"))
                        entry->group = sbom_text(j);
                else if (span_is(key, "name"))
                        entry->name = sbom_text(j);
                else if (span_is(key, "version"))
                        entry->version = sbom_text(j);
                else if (span_is(key, "description"))
                        entry->description = sbom_text(j);
                else if (span_is(key, "cpe"))
                        entry->cpe = sbom_text(j);
                else if (span_is(key, "publisher"))
                        entry->vendor = sbom_text(j);
                else if (span_is(key, "supplier"))
                        read_supplier(j, entry);
                else if (span_is(key, "scope"))
                        entry->development |= span_is(sbom_text(j), "excluded");
                else if (span_is(key, "licenses"))
                        read_licences(j, d, entry);
                else if (span_is(key, "properties"))
                        read_properties(j, d, entry);
                else if (span_is(key, "evidence"))
                        read_evidence(j, entry);
                else if (span_is(key, "components"))
                        read_components(j, d);
                else if (span_is(key, "externalReferences"))
                        read_references(j, d);
                else if (!span_is(key, "purl"))
                        json_skip(j);
                else if ((purl = sbom_text(j)).len > 0)
                        *ARENA_PUSH(d->arena, &entry->purls) = purl;
        }
        if (subject)
                d->subject = entry->name;
}

static void read_components(struct json *j, struct sbom_document *d)
{
        if (!sbom_array(j))
                return;
        while (json_element(j))
                read_component(j, d, false);
}

static void read_services(struct json *j, struct sbom_document *d)
{
        struct err e = {0};
        struct span key;

        if (!sbom_array(j))
                return;
        while (json_element(j)) {
                struct sbom_entry *entry = sbom_entry_new(d, &e);
                if (!entry) {
                        json_fail(j, e.kind, "%s", e.text);
                        return;
                }
                entry->service = true;
                json_object(j);
                while (json_member(j, &key)) {
                        if (span_is(key, "bom-ref"))
                                entry->ref = sbom_text(j);
                        else if (span_is(key, "services"))
                                read_services(j, d);
                        else
                                json_skip(j);
                }
        }
}

static void read_metadata(struct json *j, struct sbom_document *d)
{
        struct span key;

        if (!sbom_object(j))
                return;
        while (json_member(j, &key)) {
                if (span_is(key, "component") && json_peek(j) == JSON_OBJECT)
                        read_component(j, d, true);
                else if (span_is(key, "timestamp"))
                        d->created = sbom_text(j);
                else
                        json_skip(j);
        }
}

static void read_dependencies(struct json *j, struct sbom_document *d)
{
        struct span key, ref;

        if (!sbom_array(j))
                return;
        while (json_element(j)) {
                size_t first = d->edges.len;
                ref = (struct span){0};
                json_object(j);
                while (json_member(j, &key)) {
                        if (span_is(key, "ref")) {
                                ref = sbom_text(j);
                        } else if (!span_is(key, "dependsOn")) {
                                json_skip(j);
                        } else if (sbom_array(j)) {
                                while (json_element(j))
                                        sbom_edge(d, ref, json_string(j), false);
                        }
                }
                for (size_t i = first; i < d->edges.len; i++) /* "ref" may come last */
                        d->edges.at[i].from = ref;
        }
}

static void read_compositions(struct json *j, struct sbom_document *d)
{
        struct span key;

        if (!sbom_array(j))
                return;
        while (json_element(j)) {
                json_object(j);
                while (json_member(j, &key)) {
                        if (!span_is(key, "aggregate"))
                                json_skip(j);
                        else if (span_starts(sbom_text(j), "incomplete"))
                                sbom_note_incomplete(d);
                }
        }
}

/* VEX: what somebody says of vulnerabilities. The advisory database is asked instead; statements are counted. */
static void count_vulnerabilities(struct json *j, struct sbom_document *d)
{
        if (!sbom_array(j))
                return;
        for (; json_element(j); d->n_statements++)
                json_skip(j);
}

bool cyclonedx_json_read(struct span in, struct sbom_document *d, struct err *e)
{
        struct span key;
        struct json j;

        d->edges_closed = true;
        json_init(&j, in, d->arena, &sbom_json_limits);
        json_object(&j);
        while (json_member(&j, &key)) {
                if (span_is(key, "metadata"))
                        read_metadata(&j, d);
                else if (span_is(key, "components"))
                        read_components(&j, d);
                else if (span_is(key, "services"))
                        read_services(&j, d);
                else if (span_is(key, "dependencies"))
                        read_dependencies(&j, d);
                else if (span_is(key, "compositions"))
                        read_compositions(&j, d);
                else if (span_is(key, "vulnerabilities"))
                        count_vulnerabilities(&j, d);
                else
                        json_skip(&j);
        }
        return json_finish(&j, e);
}
