/* CycloneDX 1.6 (ECMA-424), JSON: components, where they were found, what owns them, and what is known to be wrong. */
#include <stdlib.h>

#include "report/sbom_priv.h"

static void property(struct json_out *o, const char *name, struct span value)
{
        if (value.len == 0)
                return;
        json_out_object(o);
        json_out_member_text(o, "name", name);
        json_out_member(o, "value", value);
        json_out_object_end(o);
}

static void property_text(struct json_out *o, const char *name, const char *value)
{
        property(o, name, span_of(value));
}

static void put_tool(struct json_out *o)
{
        json_out_key(o, "tools");
        json_out_object(o);
        json_out_key(o, "components");
        json_out_array(o);
        json_out_object(o);
        json_out_member_text(o, "type", "application");
        json_out_member_text(o, "name", "coffer");
        json_out_member_text(o, "version", COFFER_VERSION);
        json_out_object_end(o);
        json_out_array_end(o);
        json_out_object_end(o);
}

static void put_image(struct json_out *o, const struct sbom *s)
{
        const struct inventory *v = s->facts->inventory;
        struct report_expired_list expired;
        char text[DIGEST_TEXT_MAX];

        json_out_key(o, "component");
        json_out_object(o);
        json_out_member(o, "type", s->facts->type.len > 0 ? s->facts->type : SPAN_LIT("container"));
        json_out_member_text(o, "bom-ref", s->image_ref);
        json_out_member(o, "name", s->facts->name);
        if (v->image.alg != DIGEST_NONE)
                json_out_member_text(o, "version", digest_format(&v->image, text));
        if (v->image.alg == DIGEST_SHA256) {
                json_out_key(o, "hashes");
                json_out_array(o);
                json_out_object(o);
                json_out_member_text(o, "alg", "SHA-256");
                json_out_member_text(o, "content", digest_hex(&v->image, text));
                json_out_object_end(o);
                json_out_array_end(o);
        }
        if (s->image_purl.len > 0)
                json_out_member(o, "purl", s->image_purl);
        json_out_key(o, "properties");
        json_out_array(o);
        if (v->config.alg != DIGEST_NONE)
                property_text(o, "coffer:config", digest_format(&v->config, text));
        for (size_t i = 0; i < v->n_layers; i++)
                if (v->layers[i].diff_id.alg != DIGEST_NONE)
                        property_text(o, "coffer:layer:diff_id", digest_format(&v->layers[i].diff_id, text));
        property_text(o, "coffer:complete", v->complete ? "true" : "false");
        for (size_t i = 0; i < v->n_notes; i++)
                property(o, "coffer:note", v->notes[i]);
        report_expired(s->facts, s->arena, &expired);
        for (size_t i = 0; i < expired.len; i++)
                property(o, "coffer:expired_exception", expired.at[i].note->text);
        json_out_array_end(o);
        json_out_object_end(o);
}

static void put_licences(struct json_out *o, const struct component *c)
{
        if (c->licence.len == 0)
                return;
        json_out_key(o, "licenses");
        json_out_array(o);
        json_out_object(o);
        if (inventory_licence_is_spdx(c->licence)) {
                json_out_member(o, "expression", c->licence);
        } else {
                json_out_key(o, "license");
                json_out_object(o);
                json_out_member(o, "name", c->licence);
                json_out_object_end(o);
        }
        json_out_object_end(o);
        json_out_array_end(o);
}

static const char *const confidence_numbers[] = {
    [CONFIDENCE_NONE] = "0",
    [CONFIDENCE_LOW] = "0.3",
    [CONFIDENCE_MEDIUM] = "0.6",
    [CONFIDENCE_HIGH] = "0.9",
    [CONFIDENCE_CERTAIN] = "1",
};

static void put_evidence(struct json_out *o, const struct component *c)
{
        struct span confidence = span_of(confidence_numbers[c->confidence]);

        json_out_key(o, "evidence");
        json_out_object(o);
        json_out_key(o, "identity");
        json_out_array(o);
        json_out_object(o);
        json_out_member_text(o, "field", "purl");
        json_out_key(o, "confidence");
        json_out_raw(o, confidence);
        json_out_key(o, "methods");
        json_out_array(o);
        json_out_object(o);
        json_out_member_text(o, "technique", c->confidence == CONFIDENCE_LOW ? "filename" : "manifest-analysis");
        json_out_key(o, "confidence");
        json_out_raw(o, confidence);
        json_out_member(o, "value", c->path);
        json_out_object_end(o);
        json_out_array_end(o);
        json_out_object_end(o);
        json_out_array_end(o);
        json_out_key(o, "occurrences");
        json_out_array(o);
        json_out_object(o);
        json_out_member(o, "location", c->path);
        json_out_object_end(o);
        json_out_array_end(o);
        json_out_object_end(o);
}

static void put_properties(struct json_out *o, const struct sbom *s, const struct component *c)
{
        const struct inventory *v = s->facts->inventory;
        char text[DIGEST_TEXT_MAX];

        json_out_key(o, "properties");
        json_out_array(o);
        property(o, "coffer:detector", c->detector);
        if (c->layer < v->n_layers && v->layers[c->layer].diff_id.alg != DIGEST_NONE)
                property_text(o, "coffer:layer:diff_id", digest_format(&v->layers[c->layer].diff_id, text));
        property_text(o, "coffer:state", c->state == COMPONENT_DECLARED ? "declared" : "installed");
        property(o, "coffer:source:name", c->source_name);
        property(o, "coffer:source:version", c->source_version);
        property(o, "coffer:module", c->module);
        if (c->owner > 0)
                property(o, "coffer:owned_by", s->refs[c->owner - 1]);
        json_out_array_end(o);
}

static void put_component(struct json_out *o, const struct sbom *s, size_t i)
{
        const struct component *c = &s->facts->inventory->components[i];
        struct span group, name;

        sbom_name_split(c, &group, &name);
        json_out_object(o);
        json_out_member_text(o, "type", "library");
        json_out_member(o, "bom-ref", s->refs[i]);
        if (c->vendor.len > 0)
                json_out_member(o, "publisher", c->vendor);
        if (group.len > 0)
                json_out_member(o, "group", group);
        json_out_member(o, "name", name);
        json_out_member(o, "version", c->version);
        if (c->state == COMPONENT_DECLARED && c->development)
                json_out_member_text(o, "scope", "excluded");
        put_licences(o, c);
        if (span_starts(c->cpe, "cpe:"))
                json_out_member(o, "cpe", c->cpe);
        json_out_member(o, "purl", c->purl);
        put_evidence(o, c);
        put_properties(o, s, c);
        json_out_object_end(o);
}

static void put_os(struct json_out *o, const struct inventory *v)
{
        if (v->os.id.len == 0)
                return;
        json_out_object(o);
        json_out_member_text(o, "type", "operating-system");
        json_out_member_text(o, "bom-ref", "operating-system");
        json_out_member(o, "name", v->os.id);
        if (v->os.version_id.len > 0)
                json_out_member(o, "version", v->os.version_id);
        if (v->os.pretty_name.len > 0)
                json_out_member(o, "description", v->os.pretty_name);
        json_out_object_end(o);
}

struct owned {
        uint32_t owner; /* as in struct component: 1 + index */
        size_t index;
};

static int by_owner(const void *a, const void *b)
{
        const struct owned *x = a, *y = b;

        if (x->owner != y->owner)
                return x->owner < y->owner ? -1 : 1;
        return (x->index > y->index) - (x->index < y->index);
}

/* The image holds everything; what an operating system's package installed hangs under it. */
static void put_dependencies(struct json_out *o, const struct sbom *s)
{
        const struct inventory *v = s->facts->inventory;
        struct owned *owned = arena_array(s->arena, v->n_components, sizeof(*owned));
        size_t n = 0;

        json_out_key(o, "dependencies");
        json_out_array(o);
        json_out_object(o);
        json_out_member_text(o, "ref", s->image_ref);
        json_out_key(o, "dependsOn");
        json_out_array(o);
        if (v->os.id.len > 0)
                json_out_text(o, "operating-system");
        for (size_t i = 0; i < v->n_components; i++) {
                if (v->components[i].owner == 0)
                        json_out_string(o, s->refs[i]);
                else
                        owned[n++] = (struct owned){v->components[i].owner, i};
        }
        json_out_array_end(o);
        json_out_object_end(o);
        if (n > 0)
                qsort(owned, n, sizeof(*owned), by_owner);
        for (size_t i = 0; i < n;) {
                uint32_t owner = owned[i].owner;
                json_out_object(o);
                json_out_member(o, "ref", s->refs[owner - 1]);
                json_out_key(o, "dependsOn");
                json_out_array(o);
                for (; i < n && owned[i].owner == owner; i++)
                        json_out_string(o, s->refs[owned[i].index]);
                json_out_array_end(o);
                json_out_object_end(o);
        }
        json_out_array_end(o);
}

static void put_rating(struct json_out *o, const struct finding *f)
{
        static const char *const methods[][2] = {
            {"CVSS:4", "CVSSv4"}, {"CVSS:3.1", "CVSSv31"}, {"CVSS:3.0", "CVSSv3"}, {"AV:", "CVSSv2"}};
        const char *method = "other";

        for (size_t i = 0; i < ARRAY_LEN(methods); i++)
                if (span_starts(f->vector, methods[i][0]))
                        method = methods[i][1];
        json_out_key(o, "ratings");
        json_out_array(o);
        json_out_object(o);
        if (f->score_tenths > 0) {
                json_out_key(o, "score");
                json_out_fixed1(o, f->score_tenths);
        }
        json_out_member_text(o, "severity", severity_name(f->severity)); /* the names are CycloneDX's, too */
        json_out_member_text(o, "method", method);
        if (f->vector.len > 0)
                json_out_member(o, "vector", f->vector);
        json_out_object_end(o);
        json_out_array_end(o);
}

/* CycloneDX's words for OpenVEX's and CSAF's reasons; what has none is told in the detail. Its own pass as they are. */
static const char *justification_of(struct span said)
{
        static const struct {
                const char *said, *word;
        } rows[] = {{"component_not_present", "code_not_present"}, {"vulnerable_code_not_present", "code_not_present"},
            {"vulnerable_code_not_in_execute_path", "code_not_reachable"},
            {"inline_mitigations_already_exist", "protected_by_mitigating_control"},
            {"code_not_present", "code_not_present"}, {"code_not_reachable", "code_not_reachable"},
            {"requires_configuration", "requires_configuration"}, {"requires_dependency", "requires_dependency"},
            {"requires_environment", "requires_environment"}, {"protected_by_compiler", "protected_by_compiler"},
            {"protected_at_runtime", "protected_at_runtime"}, {"protected_at_perimeter", "protected_at_perimeter"},
            {"protected_by_mitigating_control", "protected_by_mitigating_control"}};

        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                if (span_is(said, rows[i].said))
                        return rows[i].word;
        return NULL;
}

/* Somebody's statement goes on as the document's own, with who made it. */
static void put_analysis(struct json_out *o, const struct sbom *s, const struct match_vex_note *n)
{
        static const char *const states[] = {[VEX_STATUS_NONE] = "in_triage",
            [VEX_STATUS_INVESTIGATING] = "in_triage",
            [VEX_STATUS_AFFECTED] = "exploitable",
            [VEX_STATUS_NOT_AFFECTED] = "not_affected",
            [VEX_STATUS_FIXED] = "resolved"};
        const char *justification = n->status == VEX_STATUS_NOT_AFFECTED ? justification_of(n->justification) : NULL;

        json_out_key(o, "analysis");
        json_out_object(o);
        json_out_member_text(o, "state", states[n->status]);
        if (justification)
                json_out_member_text(o, "justification", justification);
        json_out_member(o, "detail", report_vex_text(n, s->arena));
        json_out_object_end(o);
}

static void put_vulnerability(struct json_out *o, const struct sbom *s, size_t index)
{
        const struct finding *f = &s->facts->match->findings[index];
        const struct policy_ignore_note *ignored = report_exception(s->facts, index);
        const struct policy_ignore_note *ended = report_ended(s->facts, index);
        const struct component *c = &s->facts->inventory->components[f->component];

        json_out_object(o);
        json_out_member(o, "id", f->id);
        if (f->n_aliases > 0) {
                json_out_key(o, "references");
                json_out_array(o);
                for (size_t i = 0; i < f->n_aliases; i++) {
                        json_out_object(o);
                        json_out_member(o, "id", f->aliases[i]);
                        json_out_key(o, "source");
                        json_out_object(o);
                        json_out_member_text(o, "name", "OSV");
                        json_out_object_end(o);
                        json_out_object_end(o);
                }
                json_out_array_end(o);
        }
        put_rating(o, f);
        if (f->summary.len > 0)
                json_out_member(o, "description", f->summary);
        json_out_member(o, "detail", f->explanation);
        if (f->fixed.len > 0)
                json_out_member(o, "recommendation",
                    arena_printf(s->arena, "update %.*s to %.*s", SPAN_FMT(f->package), SPAN_FMT(f->fixed)));
        if (f->reference.len > 0) {
                json_out_key(o, "advisories");
                json_out_array(o);
                json_out_object(o);
                json_out_member(o, "url", f->reference);
                json_out_object_end(o);
                json_out_array_end(o);
        }
        if (report_vex(s->facts, index) && !ignored)
                put_analysis(o, s, report_vex(s->facts, index));
        if (ignored) {
                json_out_key(o, "analysis");
                json_out_object(o);
                json_out_member(o, "detail",
                    arena_printf(s->arena, "ignored until %.*s: %.*s", SPAN_FMT(ignored->until), SPAN_FMT(ignored->reason)));
                json_out_object_end(o);
        }
        json_out_key(o, "affects");
        json_out_array(o);
        json_out_object(o);
        json_out_member(o, "ref", s->refs[f->component]);
        json_out_key(o, "versions");
        json_out_array(o);
        json_out_object(o);
        json_out_member(o, "version", c->version);
        json_out_member_text(o, "status", f->answer == ADVISORY_AFFECTED ? "affected" : "unknown");
        json_out_object_end(o);
        json_out_array_end(o);
        json_out_object_end(o);
        json_out_array_end(o);
        if (ended) {
                json_out_key(o, "properties");
                json_out_array(o);
                property(o, "coffer:expired_exception", ended->text);
                json_out_array_end(o);
        }
        json_out_object_end(o);
}

static void put_completeness(struct json_out *o, const struct sbom *s)
{
        json_out_key(o, "compositions");
        json_out_array(o);
        json_out_object(o);
        json_out_member_text(o, "aggregate", s->facts->inventory->complete ? "complete" : "incomplete");
        json_out_key(o, "assemblies");
        json_out_array(o);
        json_out_text(o, s->image_ref);
        json_out_array_end(o);
        json_out_object_end(o);
        json_out_array_end(o);
}

void report_cyclonedx(const struct report_facts *f, struct buf *to)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        const struct inventory *v = f->inventory;
        struct json_out o;
        struct sbom s;

        sbom_init(&s, f, a);
        json_out_init(&o, to, 2);
        json_out_object(&o);
        json_out_member_text(&o, "$schema", "http://cyclonedx.org/schema/bom-1.6.schema.json");
        json_out_member_text(&o, "bomFormat", "CycloneDX");
        json_out_member_text(&o, "specVersion", "1.6");
        json_out_member(&o, "serialNumber", arena_printf(a, "urn:uuid:%s", s.uuid));
        json_out_member_u64(&o, "version", 1);
        json_out_key(&o, "metadata");
        json_out_object(&o);
        json_out_member_text(&o, "timestamp", s.created);
        put_tool(&o);
        put_image(&o, &s);
        json_out_object_end(&o);
        json_out_key(&o, "components");
        json_out_array(&o);
        put_os(&o, v);
        for (size_t i = 0; i < v->n_components; i++)
                put_component(&o, &s, i);
        json_out_array_end(&o);
        put_dependencies(&o, &s);
        put_completeness(&o, &s);
        if (f->match && f->match->n_findings > 0) {
                json_out_key(&o, "vulnerabilities");
                json_out_array(&o);
                for (size_t i = 0; i < f->match->n_findings; i++)
                        put_vulnerability(&o, &s, i);
                json_out_array_end(&o);
        }
        json_out_object_end(&o);
        buf_put_text(to, "\n");
}
