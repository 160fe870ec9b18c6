/* CycloneDX in JSON: what vex_cyclonedx.c resolves. */
#include "advisory/vex/vex_cyclonedx_priv.h"

struct reading {
        struct json *j;
        struct cdx_document d;
};

static int64_t time_read(struct json *j)
{
        struct span text = json_string(j);
        int64_t s = 0;

        if (!j->failed && !clock_parse(text, &s))
                json_fail(j, ERR_MALFORMED, "a date and time was expected");
        return s > 0 ? s : 0;
}

/* Components nest; the JSON reader's depth bounds it. */
static void component_read(struct reading *r) // NOLINT(misc-no-recursion)
{
        struct cdx_component c = {0};
        struct json *j = r->j;
        struct err why = {0};
        struct span key;

        json_object(j);
        while (json_member(j, &key)) {
                if (span_is(key, "bom-ref"))
                        c.ref = json_string(j);
                else if (span_is(key, "purl"))
                        c.purl = json_string(j);
                else if (span_is(key, "name"))
                        c.name = json_string(j);
                else if (span_is(key, "version"))
                        c.version = json_string(j);
                else if (span_is(key, "components"))
                        for (json_array(j); json_element(j);)
                                component_read(r);
                else
                        json_skip(j);
        }
        if (!j->failed && !cdx_component_add(&r->d, c, &why))
                json_fail(j, why.kind, "%s", why.text);
}

static struct span organisation_read(struct json *j)
{
        struct span name = {0}, key;

        for (json_object(j); json_member(j, &key);) {
                if (span_is(key, "name"))
                        name = json_string(j);
                else
                        json_skip(j);
        }
        return name;
}

static void metadata_read(struct reading *r)
{
        struct json *j = r->j;
        struct span key;

        json_object(j);
        while (json_member(j, &key)) {
                if (span_is(key, "timestamp")) {
                        r->d.time_s = time_read(j);
                } else if (span_is(key, "component")) {
                        component_read(r);
                } else if (span_is(key, "authors")) {
                        for (json_array(j); json_element(j);) {
                                struct span name = organisation_read(j);
                                if (r->d.author.len == 0)
                                        r->d.author = name;
                        }
                } else if (span_is(key, "supplier") || span_is(key, "manufacturer") || span_is(key, "manufacture")) {
                        struct span name = organisation_read(j);
                        if (r->d.author.len == 0)
                                r->d.author = name;
                } else {
                        json_skip(j);
                }
        }
}

static void version_read(struct reading *r, struct cdx_target *t)
{
        struct span version = {0}, range = {0}, status = {0}, key;
        struct json *j = r->j;

        for (json_object(j); json_member(j, &key);) {
                if (span_is(key, "version"))
                        version = json_string(j);
                else if (span_is(key, "range"))
                        range = json_string(j);
                else if (span_is(key, "status"))
                        status = json_string(j);
                else
                        json_skip(j);
        }
        cdx_version_add(&r->d, t, version, range, status);
}

static void target_read(struct reading *r, struct cdx_vulnerability *v)
{
        struct cdx_target t = {.limited = false};
        struct json *j = r->j;
        struct err why = {0};
        struct span key;

        json_object(j);
        while (json_member(j, &key)) {
                if (span_is(key, "ref"))
                        t.ref = json_string(j);
                else if (span_is(key, "versions"))
                        for (json_array(j); json_element(j);)
                                version_read(r, &t);
                else
                        json_skip(j);
        }
        if (!j->failed && !cdx_target_add(&r->d, v, &t, &why))
                json_fail(j, why.kind, "%s", why.text);
}

static void analysis_read(struct reading *r, struct cdx_vulnerability *v)
{
        struct json *j = r->j;
        struct span key;

        json_object(j);
        while (json_member(j, &key)) {
                if (span_is(key, "state")) {
                        v->s.status = cdx_state(json_string(j));
                        v->stated = true;
                        if (!j->failed && v->s.status == VEX_STATUS_NONE)
                                json_fail(j, ERR_MALFORMED, "it is none of CycloneDX's states");
                } else if (span_is(key, "justification")) {
                        v->s.justification = json_string(j);
                } else if (span_is(key, "detail")) {
                        v->s.note = json_string(j);
                } else if (span_is(key, "lastUpdated")) {
                        v->s.time_s = time_read(j);
                } else if (span_is(key, "response")) {
                        for (json_array(j); json_element(j);)
                                cdx_response_add(&r->d, v, json_string(j));
                } else {
                        json_skip(j);
                }
        }
}

/* Other names of the vulnerability. */
static void references_read(struct json *j, struct vex_span_list *ids)
{
        struct span key;

        for (json_array(j); json_element(j);)
                for (json_object(j); json_member(j, &key);) {
                        if (span_is(key, "id"))
                                *ARENA_PUSH(j->arena, ids) = json_string(j);
                        else
                                json_skip(j);
                }
}

static void vulnerability_read(struct reading *r)
{
        struct cdx_vulnerability v = {.stated = false};
        struct json *j = r->j;
        struct span key;

        json_object(j);
        while (json_member(j, &key)) {
                if (span_is(key, "id")) {
                        *ARENA_PUSH(j->arena, &v.ids) = json_string(j);
                } else if (span_is(key, "references")) {
                        references_read(j, &v.ids);
                } else if (span_is(key, "updated")) {
                        v.updated_s = time_read(j);
                } else if (span_is(key, "analysis")) {
                        analysis_read(r, &v);
                } else if (span_is(key, "affects")) {
                        for (json_array(j); json_element(j);)
                                target_read(r, &v);
                } else {
                        json_skip(j);
                }
        }
        if (!j->failed)
                *ARENA_PUSH(j->arena, &r->d.vulnerabilities) = v;
}

bool vex_cyclonedx_json_parse(struct span document, struct arena *a, struct vex_parsed *ret, struct err *e)
{
        static const struct json_limits limits = {.string_max = VEX_DOCUMENT_MAX, .members_max = VEX_PRODUCTS_MAX};
        struct json j;
        struct reading r = {.j = &j, .d = {.arena = a}};
        struct span key;

        json_init(&j, document, a, &limits);
        json_object(&j);
        while (json_member(&j, &key)) {
                if (span_is(key, "serialNumber"))
                        r.d.id = json_string(&j);
                else if (span_is(key, "specVersion"))
                        r.d.version = json_string(&j);
                else if (span_is(key, "metadata"))
                        metadata_read(&r);
                else if (span_is(key, "components"))
                        for (json_array(&j); json_element(&j);)
                                component_read(&r);
                else if (span_is(key, "vulnerabilities"))
                        for (json_array(&j); json_element(&j);)
                                vulnerability_read(&r);
                else
                        json_skip(&j);
        }
        return json_finish(&j, e) && cdx_resolve(&r.d, ret, e);
}
