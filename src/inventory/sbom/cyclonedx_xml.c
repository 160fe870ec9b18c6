/*
 * CycloneDX (ECMA-424) as XML. An element counts by its place and its namespace: what a pedigree or somebody's extension
 * holds is not the document's own list.
 */
#include "inventory/sbom/sbom_priv.h"
#include "codec/codec.h"

enum position {
        ELSEWHERE = 0,
        OUTSIDE,
        BOM,
        METADATA,
        COMPONENTS,
        COMPONENT,
        SUPPLIER,
        LICENCES,
        LICENCE,
        PROPERTIES,
        EVIDENCE,
        OCCURRENCES,
        OCCURRENCE,
        SERVICES,
        SERVICE,
        DEPENDENCIES,
        DEPENDENCY,
        COMPOSITIONS,
        COMPOSITION,
        VULNERABILITIES,
        VULNERABILITY,
        REFERENCES,
        REFERENCE,
        /* whose text counts */
        GROUP,
        NAME,
        VERSION,
        DESCRIPTION,
        PURL,
        CPE,
        PUBLISHER,
        SCOPE,
        SUPPLIER_NAME,
        EXPRESSION,
        LICENCE_ID,
        LICENCE_NAME,
        PROPERTY,
        LOCATION,
        AGGREGATE,
        TIMESTAMP,
        REFERENCE_URL,
        PLACES
};

static const struct {
        enum position within;
        const char *name;
        enum position place;
} places[] = {
    {OUTSIDE, "bom", BOM},
    {BOM, "metadata", METADATA},
    {BOM, "components", COMPONENTS},
    {BOM, "services", SERVICES},
    {BOM, "dependencies", DEPENDENCIES},
    {BOM, "compositions", COMPOSITIONS},
    {BOM, "vulnerabilities", VULNERABILITIES},
    {VULNERABILITIES, "vulnerability", VULNERABILITY},
    {METADATA, "component", COMPONENT},
    {METADATA, "timestamp", TIMESTAMP},
    {COMPONENTS, "component", COMPONENT},
    {COMPONENT, "components", COMPONENTS},
    {COMPONENT, "group", GROUP},
    {COMPONENT, "name", NAME},
    {COMPONENT, "version", VERSION},
    {COMPONENT, "description", DESCRIPTION},
    {COMPONENT, "purl", PURL},
    {COMPONENT, "cpe", CPE},
    {COMPONENT, "publisher", PUBLISHER},
    {COMPONENT, "scope", SCOPE},
    {COMPONENT, "supplier", SUPPLIER},
    {COMPONENT, "licenses", LICENCES},
    {COMPONENT, "properties", PROPERTIES},
    {COMPONENT, "evidence", EVIDENCE},
    {COMPONENT, "externalReferences", REFERENCES},
    {REFERENCES, "reference", REFERENCE},
    {REFERENCE, "url", REFERENCE_URL},
    {SUPPLIER, "name", SUPPLIER_NAME},
    {LICENCES, "license", LICENCE},
    {LICENCES, "expression", EXPRESSION},
    {LICENCE, "id", LICENCE_ID},
    {LICENCE, "name", LICENCE_NAME},
    {PROPERTIES, "property", PROPERTY},
    {EVIDENCE, "occurrences", OCCURRENCES},
    {OCCURRENCES, "occurrence", OCCURRENCE},
    {OCCURRENCE, "location", LOCATION},
    {SERVICES, "service", SERVICE},
    {SERVICE, "services", SERVICES},
    {DEPENDENCIES, "dependency", DEPENDENCY},
    {DEPENDENCY, "dependency", DEPENDENCY},
    {COMPOSITIONS, "composition", COMPOSITION},
    {COMPOSITION, "aggregate", AGGREGATE},
};

/* An element that is open. */
struct level {
        enum position place;
        struct sbom_entry *entry; /* the innermost component or service around it */
        struct span value;        /* of an attribute: a property's name, a dependency's ref */
        uint64_t seen;            /* bit n: place n has been read within it */
};

struct reading {
        struct sbom_document *d;
        struct level levels[XML_DEPTH_MAX + 1];
        unsigned depth;
        struct span space; /* the document's namespace */
        bool failed;
        struct err err;
};

static bool fail(struct reading *r, const char *fmt, struct span shown)
{
        char text[160];

        if (r->failed)
                return false;
        r->failed = true;
        return err_set(&r->err, ERR_MALFORMED, fmt, span_printable(shown, text, sizeof(text)));
}

static void root(struct reading *r, const struct xml_element *e)
{
        static const char prefix[] = "http://cyclonedx.org/schema/bom/";

        if (!span_is(e->name, "bom") || !span_starts(e->space, prefix)) {
                fail(r, "it is XML, but no bill of materials: its first element is \"%s\", not CycloneDX's \"bom\"",
                    e->name);
                return;
        }
        r->space = arena_copy(r->d->arena, e->space);
        if (!sbom_is_cyclonedx(r->d, span_from(r->space, sizeof(prefix) - 1), &r->err))
                r->failed = true;
}

static enum position place_of(const struct reading *r, enum position within, const struct xml_element *e)
{
        if (!span_equal(e->space, r->space))
                return ELSEWHERE;
        for (size_t i = 0; i < ARRAY_LEN(places); i++)
                if (places[i].within == within && span_is(e->name, places[i].name))
                        return places[i].place;
        return ELSEWHERE;
}

/* XML Schema's xs:all: each of these stands once. */
static bool stands_once(enum position place)
{
        return place == METADATA || (place >= GROUP && place <= SUPPLIER_NAME) || place == LICENCE_ID ||
               place == LICENCE_NAME || place == COMPONENTS;
}

static void on_open(void *ctx, const struct xml_element *e)
{
        struct reading *r = ctx;
        struct level *above = &r->levels[r->depth], *level = above + 1;

        if (r->failed)
                return;
        if (r->depth == 0)
                root(r, e);
        if (r->failed)
                return;
        *level = (struct level){.place = place_of(r, above->place, e), .entry = above->entry};
        r->depth++;
        if (stands_once(level->place)) {
                if (above->seen >> level->place & 1) {
                        fail(r, "\"%s\" stands twice in one element", e->name);
                        return;
                }
                above->seen |= 1ull << level->place;
        }
        if (level->place == COMPONENT || level->place == SERVICE) {
                level->entry = sbom_entry_new(r->d, &r->err);
                if (!level->entry) {
                        r->failed = true;
                        return;
                }
                level->entry->ref = arena_copy(r->d->arena, xml_attribute(e, "bom-ref"));
                level->entry->type = arena_copy(r->d->arena, xml_attribute(e, "type"));
                level->entry->subject = above->place == METADATA;
                level->entry->service = level->place == SERVICE;
        } else if (level->place == DEPENDENCY) {
                level->value = arena_copy(r->d->arena, xml_attribute(e, "ref"));
                if (above->place == DEPENDENCY)
                        sbom_edge(r->d, above->value, level->value, false);
        } else if (level->place == VULNERABILITY) {
                r->d->n_statements++;
        } else if (level->place == REFERENCE) {
                level->value = arena_copy(r->d->arena, xml_attribute(e, "type"));
        } else if (level->place == REFERENCE_URL) {
                level->value = above->value;
        } else if (level->place == PROPERTY) {
                level->value = arena_copy(r->d->arena, xml_attribute(e, "name"));
        }
}

static void take(struct reading *r, const struct level *level, struct span text)
{
        struct sbom_document *d = r->d;
        struct sbom_entry *entry = level->entry;

        switch (level->place) {
        case GROUP:
                entry->group = text;
                break;
        case NAME:
                entry->name = text;
                if (entry->subject)
                        d->subject = text;
                break;
        case VERSION:
                entry->version = text;
                break;
        case DESCRIPTION:
                entry->description = text;
                break;
        case PURL:
                if (text.len > 0)
                        *ARENA_PUSH(d->arena, &entry->purls) = text;
                break;
        case CPE:
                entry->cpe = text;
                break;
        case PUBLISHER:
                entry->vendor = text;
                break;
        case SCOPE:
                entry->development |= span_is(text, "excluded");
                break;
        case SUPPLIER_NAME:
                if (entry->vendor.len == 0)
                        entry->vendor = text;
                break;
        case EXPRESSION:
        case LICENCE_ID:
        case LICENCE_NAME:
                sbom_licence(d, entry, text);
                break;
        case PROPERTY:
                sbom_property(entry, level->value, text);
                if (span_is(level->value, "coffer:complete") && span_is(text, "false"))
                        sbom_note_incomplete(d);
                break;
        case LOCATION:
                if (entry->path.len == 0)
                        entry->path = text;
                break;
        case AGGREGATE:
                if (span_starts(text, "incomplete"))
                        sbom_note_incomplete(d);
                break;
        case TIMESTAMP:
                d->created = text;
                break;
        case REFERENCE_URL:
                if (span_is(level->value, "bom"))
                        sbom_elsewhere(d, text);
                break;
        default:
                break;
        }
}

static void on_close(void *ctx, struct span name, struct span text)
{
        struct reading *r = ctx;
        const struct level *level = &r->levels[r->depth];

        (void)name;
        if (r->failed)
                return;
        r->depth--;
        if (level->place >= GROUP)
                take(r, level, arena_copy(r->d->arena, span_trim(text)));
}

bool cyclonedx_xml_read(struct span in, struct sbom_document *d, struct err *e)
{
        struct reading *r CLEANUP(heap_freep) = heap_alloc(sizeof(*r));
        const struct xml_reader reader = {.open = on_open, .close = on_close, .ctx = r};

        _Static_assert(PLACES <= 64, "one bit for each place");
        r->d = d;
        r->levels[0].place = OUTSIDE;
        d->edges_closed = true;
        bool ok = xml_read_spaces(in, &reader, e);
        if (r->failed) { /* our own objection came first */
                if (e)
                        *e = r->err;
                return false;
        }
        return ok;
}
