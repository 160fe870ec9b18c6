/*
 * CycloneDX's vulnerabilities[].analysis. What they affect is named by references: to components of the same document, by BOM-Link
 * to another's, or, as most tools write them, by the purl itself.
 */
#include <stdlib.h>

#include "advisory/feed/feed_priv.h"
#include "advisory/vex/vex_cyclonedx_priv.h"

enum vex_status cdx_state(struct span word)
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

bool cdx_component_add(struct cdx_document *d, struct cdx_component c, struct err *e)
{
        if (c.ref.len == 0)
                return true;
        if (d->components.len >= VEX_PRODUCTS_MAX)
                return err_set(e, ERR_LIMIT, "more than %u components", VEX_PRODUCTS_MAX);
        if (span_starts(c.version, "sha256:")) /* an image, by its digest */
                c.name = c.version;
        *ARENA_PUSH(d->arena, &d->components) = c;
        return true;
}

bool cdx_target_add(struct cdx_document *d, struct cdx_vulnerability *v, const struct cdx_target *t, struct err *e)
{
        d->n_targets += 1 + t->versions.len + t->ranges.len;
        if (d->n_targets > VEX_PRODUCTS_MAX)
                return err_set(e, ERR_LIMIT, "more than %u versions are affected", VEX_PRODUCTS_MAX);
        *ARENA_PUSH(d->arena, &v->targets) = *t;
        return true;
}

void cdx_version_add(
    struct cdx_document *d, struct cdx_target *t, struct span version, struct span range, struct span status)
{
        t->limited = true;
        if (status.len > 0 && !span_is(status, "affected"))
                return;
        if (version.len > 0)
                *ARENA_PUSH(d->arena, &t->versions) = version;
        if (range.len > 0)
                *ARENA_PUSH(d->arena, &t->ranges) = range;
}

void cdx_response_add(struct cdx_document *d, struct cdx_vulnerability *v, struct span response)
{
        struct span before = v->s.action;

        if (before.len > VEX_TEXT_MAX) /* what is kept of it is full */
                return;
        v->s.action =
            before.len == 0 ? response : arena_printf(d->arena, "%.*s, %.*s", SPAN_FMT(before), SPAN_FMT(response));
}

static int component_order(const void *pa, const void *pb)
{
        const struct cdx_component *a = pa, *b = pb;
        int by = span_compare(a->ref, b->ref);

        return by ? by : span_compare(a->purl, b->purl);
}

static int component_find(const void *key, const void *at)
{
        return span_compare(*(const struct span *)key, ((const struct cdx_component *)at)->ref);
}

/* What a reference names: a purl, else an image's name. "urn:cdx:SERIAL/VERSION#REF" is a component of another document. */
static struct span name_of(const struct cdx_document *d, struct span ref)
{
        const struct cdx_component *c;
        struct span before, inner;

        if (span_starts(ref, "urn:cdx:") && span_split(ref, '#', &before, &inner))
                ref = feed_percent_decode(inner, d->arena);
        c = d->components.len == 0
                ? NULL
                : bsearch(&ref, d->components.at, d->components.len, sizeof(*d->components.at), component_find);
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

static void products_of(
    struct cdx_document *d, const struct cdx_target *t, struct product_list *to, uint64_t *io_passed_over)
{
        struct span name = name_of(d, t->ref);

        if (name.len == 0)
                return;
        for (size_t i = 0; i < t->versions.len; i++)
                *ARENA_PUSH(d->arena, to) =
                    (struct vex_product){.name = with_version(name, t->versions.at[i], d->arena)};
        for (size_t i = 0; i < t->ranges.len; i++) {
                if (version_vers_check(t->ranges.at[i], NULL))
                        *ARENA_PUSH(d->arena, to) = (struct vex_product){.name = name, .range = t->ranges.at[i]};
                else
                        ++*io_passed_over; /* which versions are in it nobody knows */
        }
        if (!t->limited)
                *ARENA_PUSH(d->arena, to) = (struct vex_product){.name = name};
}

static bool resolve(struct cdx_document *d, struct cdx_vulnerability *v, struct vex_parsed *to, struct err *e)
{
        struct product_list products = {0};

        if (!v->stated) /* a vulnerability that somebody lists is no statement */
                return true;
        for (size_t i = 0; i < v->targets.len; i++)
                products_of(d, &v->targets.at[i], &products, &to->n_passed_over);
        if (v->s.time_s == 0)
                v->s.time_s = v->updated_s > 0 ? v->updated_s : d->time_s;
        v->s.ids = v->ids.at;
        v->s.n_ids = v->ids.len;
        v->s.products = products.at;
        v->s.n_products = products.len;
        return vex_add(to, d->arena, &v->s, e);
}

bool cdx_resolve(struct cdx_document *d, struct vex_parsed *ret, struct err *e)
{
        struct vex_parsed p = {.id = d->id, .author = d->author};

        p.form = arena_printf(d->arena, "CycloneDX %.*s", SPAN_FMT(span_cut(d->version, 0, 8)));
        if (d->components.len > 1)
                qsort(d->components.at, d->components.len, sizeof(*d->components.at), component_order);
        for (size_t i = 0; i < d->vulnerabilities.len; i++)
                if (!resolve(d, &d->vulnerabilities.at[i], &p, e))
                        return false;
        *ret = p;
        return true;
}

bool vex_cyclonedx_parse(struct span document, struct arena *a, struct vex_parsed *ret, struct err *e)
{
        bool xml = span_starts(span_trim(span_cut(document, 0, 4096)), "<");

        return (xml ? vex_cyclonedx_xml_parse : vex_cyclonedx_json_parse)(document, a, ret, e);
}
