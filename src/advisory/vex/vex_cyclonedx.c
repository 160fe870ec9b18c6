/*
 * CycloneDX's vulnerabilities[].analysis. What they affect is named by references: to components of the same document, by BOM-Link
 * to another's, or, as most tools write them, by the purl itself.
 */
#include "advisory/feed/feed_priv.h"
#include "advisory/vex/vex_priv.h"

struct component {
        struct span ref, purl, name;
};

struct reading {
        struct json *j;
        struct vex_parsed *to;
        struct {
                struct component *at;
                size_t len, cap;
        } components; /* sorted by ref once all are read */
        int64_t time_s;
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
        struct component c = {0};
        struct span version = {0}, key;
        struct json *j = r->j;

        json_object(j);
        while (json_member(j, &key)) {
                if (span_is(key, "bom-ref"))
                        c.ref = json_string(j);
                else if (span_is(key, "purl"))
                        c.purl = json_string(j);
                else if (span_is(key, "name"))
                        c.name = json_string(j);
                else if (span_is(key, "version"))
                        version = json_string(j);
                else if (span_is(key, "components"))
                        for (json_array(j); json_element(j);)
                                component_read(r);
                else
                        json_skip(j);
        }
        if (c.ref.len == 0 || j->failed)
                return;
        if (r->components.len >= VEX_PRODUCTS_MAX) {
                json_fail(j, ERR_LIMIT, "more than %u components", VEX_PRODUCTS_MAX);
                return;
        }
        if (span_starts(version, "sha256:")) /* an image, by its digest */
                c.name = version;
        *ARENA_PUSH(j->arena, &r->components) = c;
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
                        r->time_s = time_read(j);
                } else if (span_is(key, "component")) {
                        component_read(r);
                } else if (span_is(key, "authors")) {
                        for (json_array(j); json_element(j);) {
                                struct span name = organisation_read(j);
                                if (r->to->author.len == 0)
                                        r->to->author = name;
                        }
                } else if (span_is(key, "supplier") || span_is(key, "manufacturer") || span_is(key, "manufacture")) {
                        struct span name = organisation_read(j);
                        if (r->to->author.len == 0)
                                r->to->author = name;
                } else {
                        json_skip(j);
                }
        }
}

static int component_order(const void *pa, const void *pb)
{
        const struct component *a = pa, *b = pb;
        int by = span_compare(a->ref, b->ref);

        return by ? by : span_compare(a->purl, b->purl);
}

static int component_find(const void *key, const void *at)
{
        return span_compare(*(const struct span *)key, ((const struct component *)at)->ref);
}

/* What a reference names: a purl, else an image's name. "urn:cdx:SERIAL/VERSION#REF" is a component of another document. */
static struct span name_of(const struct reading *r, struct span ref)
{
        const struct component *c;
        struct span before, inner;

        if (span_starts(ref, "urn:cdx:") && span_split(ref, '#', &before, &inner))
                ref = feed_percent_decode(inner, r->j->arena);
        c = r->components.len == 0
                ? NULL
                : bsearch(&ref, r->components.at, r->components.len, sizeof(*r->components.at), component_find);
        if (c)
                return c->purl.len > 0 ? c->purl : c->name;
        return span_starts(ref, "pkg:") ? ref : (struct span){0};
}

/* "pkg:deb/debian/curl?arch=amd64" and "7.88" -> "pkg:deb/debian/curl@7.88?arch=amd64" */
static struct span with_version(struct span purl, struct span version, struct arena *a)
{
        CLEANUP(buf_done) struct buf b = {0};
        struct span before, behind;
        bool qualified = span_split(purl, '?', &before, &behind);
        size_t at;

        if (!span_starts(purl, "pkg:") || (span_find(before, '@', &at) && at > 0))
                return purl;
        buf_put(&b, before);
        buf_put_u8(&b, '@');
        for (size_t i = 0; i < version.len; i++) {
                uint8_t c = version.at[i];

                if (c > ' ' && c < 0x7f && !strchr("%?#@/", c))
                        buf_put_u8(&b, c);
                else
                        buf_printf(&b, "%%%02X", c);
        }
        if (qualified)
                buf_printf(&b, "?%.*s", SPAN_FMT(behind));
        return arena_copy(a, buf_span(&b));
}

struct product_list {
        struct vex_product *at;
        size_t len, cap;
};

/* Versions that are said to be affected are what the analysis is of; of ranges it is not known what is in them. */
static void affects_read(struct reading *r, struct product_list *to)
{
        struct vex_span_list versions = {0};
        struct span ref = {0}, name, key;
        bool limited = false;
        struct json *j = r->j;

        json_object(j);
        while (json_member(j, &key)) {
                if (span_is(key, "ref")) {
                        ref = json_string(j);
                } else if (span_is(key, "versions")) {
                        for (json_array(j); json_element(j);) {
                                struct span version = {0}, status = SPAN_LIT("affected");

                                limited = true;
                                for (json_object(j); json_member(j, &key);) {
                                        if (span_is(key, "version"))
                                                version = json_string(j);
                                        else if (span_is(key, "status"))
                                                status = json_string(j);
                                        else
                                                json_skip(j);
                                }
                                if (version.len > 0 && span_is(status, "affected"))
                                        *ARENA_PUSH(j->arena, &versions) = version;
                        }
                } else {
                        json_skip(j);
                }
        }
        name = name_of(r, ref);
        if (name.len == 0)
                return;
        for (size_t i = 0; i < versions.len; i++)
                *ARENA_PUSH(j->arena, to) = (struct vex_product){.name = with_version(name, versions.at[i], j->arena)};
        if (!limited)
                *ARENA_PUSH(j->arena, to) = (struct vex_product){.name = name};
}

static enum vex_status state_of(struct span word)
{
        static const struct {
                const char *word;
                enum vex_status status;
        } rows[] = {{"exploitable", VEX_STATUS_AFFECTED}, {"in_triage", VEX_STATUS_INVESTIGATING},
            {"false_positive", VEX_STATUS_NOT_AFFECTED}, {"not_affected", VEX_STATUS_NOT_AFFECTED},
            {"resolved", VEX_STATUS_FIXED}, {"resolved_with_pedigree", VEX_STATUS_FIXED}};

        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                if (span_is(word, rows[i].word))
                        return rows[i].status;
        return VEX_STATUS_NONE;
}

static void analysis_read(struct json *j, struct vex_statement *s, bool *ret_state)
{
        struct span key;

        json_object(j);
        while (json_member(j, &key)) {
                if (span_is(key, "state")) {
                        s->status = state_of(json_string(j));
                        *ret_state = true;
                        if (!j->failed && s->status == VEX_STATUS_NONE)
                                json_fail(j, ERR_MALFORMED, "it is none of CycloneDX's states");
                } else if (span_is(key, "justification")) {
                        s->justification = json_string(j);
                } else if (span_is(key, "detail")) {
                        s->note = json_string(j);
                } else if (span_is(key, "lastUpdated")) {
                        s->time_s = time_read(j);
                } else if (span_is(key, "response")) {
                        for (json_array(j); json_element(j);) {
                                struct span one = json_string(j);
                                s->action = s->action.len == 0 ? one
                                                               : arena_printf(j->arena, "%.*s, %.*s",
                                                                     SPAN_FMT(s->action), SPAN_FMT(one));
                        }
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
        struct product_list products = {0};
        struct vex_span_list ids = {0};
        struct vex_statement s = {0};
        bool stated = false;
        struct json *j = r->j;
        struct err why = {0};
        struct span key;
        int64_t updated_s = 0;

        json_object(j);
        while (json_member(j, &key)) {
                if (span_is(key, "id")) {
                        *ARENA_PUSH(j->arena, &ids) = json_string(j);
                } else if (span_is(key, "references")) {
                        references_read(j, &ids);
                } else if (span_is(key, "updated")) {
                        updated_s = time_read(j);
                } else if (span_is(key, "analysis")) {
                        analysis_read(j, &s, &stated);
                } else if (span_is(key, "affects")) {
                        for (json_array(j); json_element(j);)
                                affects_read(r, &products);
                } else {
                        json_skip(j);
                }
        }
        if (j->failed || !stated) /* a vulnerability that somebody lists is no statement */
                return;
        if (s.time_s == 0)
                s.time_s = updated_s > 0 ? updated_s : r->time_s;
        s.ids = ids.at;
        s.n_ids = ids.len;
        s.products = products.at;
        s.n_products = products.len;
        if (!vex_add(r->to, j->arena, &s, &why))
                json_fail(j, why.kind, "%s", why.text);
}

bool vex_cyclonedx_parse(struct span document, struct arena *a, struct vex_parsed *ret, struct err *e)
{
        static const struct json_limits limits = {.string_max = VEX_DOCUMENT_MAX, .members_max = VEX_PRODUCTS_MAX};
        struct vex_parsed p = {.form = SPAN_LIT("CycloneDX")};
        struct json j, later;
        struct reading r = {.j = &j, .to = &p};
        struct span key, version = {0}, waiting = {0};

        json_init(&j, document, a, &limits);
        json_object(&j);
        while (json_member(&j, &key)) {
                if (span_is(key, "serialNumber"))
                        p.id = json_string(&j);
                else if (span_is(key, "specVersion"))
                        version = json_string(&j);
                else if (span_is(key, "metadata"))
                        metadata_read(&r);
                else if (span_is(key, "components"))
                        for (json_array(&j); json_element(&j);)
                                component_read(&r);
                else if (span_is(key, "vulnerabilities"))
                        waiting = json_raw(&j); /* they refer to components that may come later */
                else
                        json_skip(&j);
        }
        if (!json_finish(&j, e))
                return false;
        if (r.components.len > 1)
                qsort(r.components.at, r.components.len, sizeof(*r.components.at), component_order);
        if (waiting.len > 0) {
                json_init(&later, waiting, a, &limits);
                r.j = &later;
                for (json_array(&later); json_element(&later);)
                        vulnerability_read(&r);
                if (!json_finish(&later, e))
                        return err_wrap(e, "vulnerabilities");
        }
        p.form = arena_printf(a, "CycloneDX %.*s", SPAN_FMT(span_cut(version, 0, 8)));
        *ret = p;
        return true;
}
