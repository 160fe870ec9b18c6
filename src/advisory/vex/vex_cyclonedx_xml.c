/* An element counts by its place and the document's namespace, as for bills of materials: extensions say nothing here. */
#include "advisory/vex/vex_cyclonedx_priv.h"
#include "codec/codec.h"

enum position {
        ELSEWHERE = 0,
        OUTSIDE,
        BOM,
        METADATA,
        AUTHORS,
        AUTHOR,
        COMPONENTS,
        COMPONENT,
        VULNERABILITIES,
        VULNERABILITY,
        REFERENCES,
        REFERENCE,
        ANALYSIS,
        RESPONSES,
        AFFECTS,
        TARGET,
        VERSIONS,
        AFFECTED, /* one of them */
        /* whose text counts */
        TIMESTAMP,
        AUTHOR_NAME,
        COMPONENT_NAME,
        COMPONENT_VERSION,
        PURL,
        ID,
        UPDATED,
        STATE,
        JUSTIFICATION,
        RESPONSE,
        DETAIL,
        LAST_UPDATED,
        REF,
        VERSION,
        RANGE,
        STATUS
};

static const struct {
        enum position within;
        const char *name;
        enum position place;
} places[] = {
    {OUTSIDE, "bom", BOM},
    {BOM, "metadata", METADATA},
    {BOM, "components", COMPONENTS},
    {BOM, "vulnerabilities", VULNERABILITIES},
    {METADATA, "timestamp", TIMESTAMP},
    {METADATA, "authors", AUTHORS},
    {METADATA, "component", COMPONENT},
    {METADATA, "supplier", AUTHOR},
    {METADATA, "manufacturer", AUTHOR},
    {METADATA, "manufacture", AUTHOR},
    {AUTHORS, "author", AUTHOR},
    {AUTHOR, "name", AUTHOR_NAME},
    {COMPONENTS, "component", COMPONENT},
    {COMPONENT, "components", COMPONENTS},
    {COMPONENT, "name", COMPONENT_NAME},
    {COMPONENT, "version", COMPONENT_VERSION},
    {COMPONENT, "purl", PURL},
    {VULNERABILITIES, "vulnerability", VULNERABILITY},
    {VULNERABILITY, "id", ID},
    {VULNERABILITY, "references", REFERENCES},
    {VULNERABILITY, "updated", UPDATED},
    {VULNERABILITY, "analysis", ANALYSIS},
    {VULNERABILITY, "affects", AFFECTS},
    {REFERENCES, "reference", REFERENCE},
    {REFERENCE, "id", ID},
    {ANALYSIS, "state", STATE},
    {ANALYSIS, "justification", JUSTIFICATION},
    {ANALYSIS, "responses", RESPONSES},
    {ANALYSIS, "detail", DETAIL},
    {ANALYSIS, "lastUpdated", LAST_UPDATED},
    {RESPONSES, "response", RESPONSE},
    {AFFECTS, "target", TARGET},
    {TARGET, "ref", REF},
    {TARGET, "versions", VERSIONS},
    {VERSIONS, "version", AFFECTED},
    {AFFECTED, "version", VERSION},
    {AFFECTED, "range", RANGE},
    {AFFECTED, "status", STATUS},
};

struct level {
        enum position place;
        struct cdx_component component; /* that is open here */
};

struct reading {
        struct cdx_document d;
        struct level levels[XML_DEPTH_MAX + 1];
        unsigned depth;
        struct span space; /* the document's namespace */
        struct cdx_vulnerability v;
        struct cdx_target target;
        struct span version, range, status;
        bool failed;
        struct err err;
};

static void objection(struct reading *r, bool ok)
{
        r->failed |= !ok;
}

static void root(struct reading *r, const struct xml_element *e)
{
        static const char prefix[] = "http://cyclonedx.org/schema/bom/";

        if (!span_is(e->name, "bom") || !span_starts(e->space, prefix)) {
                objection(r,
                    err_set(&r->err, ERR_UNSUPPORTED, "it is XML, but its first element is not CycloneDX's \"bom\""));
                return;
        }
        r->space = arena_copy(r->d.arena, e->space);
        r->d.version = span_from(r->space, sizeof(prefix) - 1);
        r->d.id = arena_copy(r->d.arena, xml_attribute(e, "serialNumber"));
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

static void on_open(void *ctx, const struct xml_element *e)
{
        struct reading *r = ctx;
        struct level *above = &r->levels[r->depth], *level = above + 1;

        if (!r->failed && r->depth == 0)
                root(r, e);
        if (r->failed)
                return;
        *level = (struct level){.place = place_of(r, above->place, e)};
        r->depth++;
        switch (level->place) {
        case COMPONENT:
                level->component.ref = arena_copy(r->d.arena, xml_attribute(e, "bom-ref"));
                break;
        case VULNERABILITY:
                r->v = (struct cdx_vulnerability){.stated = false};
                break;
        case TARGET:
                r->target = (struct cdx_target){.limited = false};
                break;
        case VERSIONS: /* an empty list lists nothing that is affected */
                r->target.limited = true;
                break;
        case AFFECTED:
                r->version = r->range = r->status = (struct span){0};
                break;
        default:
                break;
        }
}

static int64_t time_of(struct reading *r, struct span text)
{
        int64_t s = 0;

        if (!clock_parse(text, &s))
                objection(r, err_set(&r->err, ERR_MALFORMED, "a date and time was expected"));
        return s > 0 ? s : 0;
}

static void state_take(struct reading *r, struct span text)
{
        r->v.s.status = cdx_state(text);
        r->v.stated = true;
        if (r->v.s.status == VEX_STATUS_NONE)
                objection(r, err_set(&r->err, ERR_MALFORMED, "analysis: state: it is none of CycloneDX's states"));
}

static void take(struct reading *r, enum position place, struct cdx_component *within, struct span text)
{
        switch (place) {
        case TIMESTAMP:
                r->d.time_s = time_of(r, text);
                break;
        case AUTHOR_NAME:
                if (r->d.author.len == 0)
                        r->d.author = text;
                break;
        case COMPONENT_NAME:
                within->name = text;
                break;
        case COMPONENT_VERSION:
                within->version = text;
                break;
        case PURL:
                within->purl = text;
                break;
        case ID:
                *ARENA_PUSH(r->d.arena, &r->v.ids) = text;
                break;
        case UPDATED:
                r->v.updated_s = time_of(r, text);
                break;
        case STATE:
                state_take(r, text);
                break;
        case JUSTIFICATION:
                r->v.s.justification = text;
                break;
        case RESPONSE:
                cdx_response_add(&r->d, &r->v, text);
                break;
        case DETAIL:
                r->v.s.note = text;
                break;
        case LAST_UPDATED:
                r->v.s.time_s = time_of(r, text);
                break;
        case REF:
                r->target.ref = text;
                break;
        case VERSION:
                r->version = text;
                break;
        case RANGE:
                r->range = text;
                break;
        case STATUS:
                r->status = text;
                break;
        default:
                break;
        }
}

static void on_close(void *ctx, struct span name, struct span text)
{
        struct reading *r = ctx;
        struct level *level = &r->levels[r->depth];

        (void)name;
        if (r->failed)
                return;
        r->depth--;
        if (level->place >= TIMESTAMP)
                take(r, level->place, &r->levels[r->depth].component, arena_copy(r->d.arena, span_trim(text)));
        else if (level->place == AFFECTED)
                cdx_version_add(&r->d, &r->target, r->version, r->range, r->status);
        else if (level->place == TARGET)
                objection(r, cdx_target_add(&r->d, &r->v, &r->target, &r->err));
        else if (level->place == COMPONENT)
                objection(r, cdx_component_add(&r->d, level->component, &r->err));
        else if (level->place == VULNERABILITY)
                *ARENA_PUSH(r->d.arena, &r->d.vulnerabilities) = r->v;
}

bool vex_cyclonedx_xml_parse(struct span document, struct arena *a, struct vex_parsed *ret, struct err *e)
{
        struct reading *r CLEANUP(heap_freep) = heap_alloc(sizeof(*r));
        const struct xml_reader reader = {.open = on_open, .close = on_close, .ctx = r};
        bool ok;

        r->d.arena = a;
        r->levels[0].place = OUTSIDE;
        ok = xml_read_spaces(document, &reader, e);
        if (r->failed) { /* our own objection came first */
                if (e)
                        *e = r->err;
                return false;
        }
        return ok && cdx_resolve(&r->d, ret, e);
}
