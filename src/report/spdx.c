/* SPDX 2.3 (ISO/IEC 5962 and later), JSON: the image and its packages, by what contains what. */
#include <stdlib.h>

#include "report/sbom_priv.h"

/* A licence in words becomes a LicenseRef, explained once at the end of the document. */
struct words {
        struct span text;
        struct digest digest;
};

struct words_list {
        struct words *at;
        size_t len, cap;
};

static void words_ref(const struct digest *d, char out[48])
{
        snprintf(out, 48, "LicenseRef-coffer-%02x%02x%02x%02x%02x%02x%02x%02x", d->bytes[0], d->bytes[1], d->bytes[2],
            d->bytes[3], d->bytes[4], d->bytes[5], d->bytes[6], d->bytes[7]);
}

static int words_compare(const void *a, const void *b)
{
        return span_compare(((const struct words *)a)->text, ((const struct words *)b)->text);
}

/* LicenseRefs of expressions must be explained too: by their own name, since nothing else is known of them. */
static void words_gather(const struct sbom *s, struct words_list *words)
{
        const struct inventory *v = s->facts->inventory;

        for (size_t i = 0; i < v->n_components; i++) {
                struct span licence = v->components[i].licence;
                if (licence.len > 0 && !inventory_licence_is_spdx(licence))
                        ARENA_PUSH(s->arena, words)->text = licence;
        }
        if (words->len > 0)
                qsort(words->at, words->len, sizeof(*words->at), words_compare);
        size_t n = 0;
        for (size_t i = 0; i < words->len; i++)
                if (n == 0 || words_compare(&words->at[n - 1], &words->at[i]) != 0)
                        words->at[n++] = words->at[i];
        words->len = n;
        for (size_t i = 0; i < n; i++)
                digest_of(DIGEST_SHA256, words->at[i].text, &words->at[i].digest);
}

static bool is_ref_byte(uint8_t c)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

/* The LicenseRef-... words of an expression, one after the other. */
static bool ref_next(struct span *rest, struct span *ret)
{
        for (size_t i = 0; i < rest->len; i++) {
                struct span here = span_from(*rest, i);
                size_t n = 0;
                if (!span_starts(here, "LicenseRef-") || (i > 0 && is_ref_byte(rest->at[i - 1])))
                        continue;
                while (n < here.len && is_ref_byte(here.at[n]))
                        n++;
                *ret = span_cut(here, 0, n);
                *rest = span_from(here, n);
                return true;
        }
        return false;
}

static void refs_gather(const struct sbom *s, struct words_list *refs)
{
        const struct inventory *v = s->facts->inventory;
        struct span ref;
        size_t n = 0;

        for (size_t i = 0; i < v->n_components; i++) {
                struct span rest = v->components[i].licence;
                if (inventory_licence_is_spdx(rest))
                        while (ref_next(&rest, &ref))
                                ARENA_PUSH(s->arena, refs)->text = ref;
        }
        if (refs->len > 0)
                qsort(refs->at, refs->len, sizeof(*refs->at), words_compare);
        for (size_t i = 0; i < refs->len; i++)
                if (n == 0 || words_compare(&refs->at[n - 1], &refs->at[i]) != 0)
                        refs->at[n++] = refs->at[i];
        refs->len = n;
}

static void put_extracted(const struct sbom *s, struct json_out *o)
{
        struct words_list words = {0}, refs = {0};
        char id[48];

        words_gather(s, &words);
        refs_gather(s, &refs);
        if (words.len + refs.len == 0)
                return;
        json_out_key(o, "hasExtractedLicensingInfos");
        json_out_array(o);
        for (size_t i = 0; i < words.len; i++) {
                words_ref(&words.at[i].digest, id);
                json_out_object(o);
                json_out_member_text(o, "licenseId", id);
                json_out_member(o, "extractedText", words.at[i].text);
                json_out_object_end(o);
        }
        for (size_t i = 0; i < refs.len; i++) {
                json_out_object(o);
                json_out_member(o, "licenseId", refs.at[i].text);
                json_out_member(o, "extractedText", span_from(refs.at[i].text, sizeof("LicenseRef-") - 1));
                json_out_object_end(o);
        }
        json_out_array_end(o);
}

static void put_licence(struct json_out *o, const struct component *c)
{
        struct digest d;
        char id[48];

        json_out_member_text(o, "licenseConcluded", "NOASSERTION");
        if (c->licence.len == 0) {
                json_out_member_text(o, "licenseDeclared", "NOASSERTION");
        } else if (inventory_licence_is_spdx(c->licence)) {
                json_out_member(o, "licenseDeclared", c->licence);
        } else {
                digest_of(DIGEST_SHA256, c->licence, &d);
                words_ref(&d, id);
                json_out_member_text(o, "licenseDeclared", id);
        }
        json_out_member_text(o, "copyrightText", "NOASSERTION");
}

static void external(struct json_out *o, const char *category, const char *type, struct span locator)
{
        json_out_object(o);
        json_out_member_text(o, "referenceCategory", category);
        json_out_member_text(o, "referenceType", type);
        json_out_member(o, "referenceLocator", locator);
        json_out_object_end(o);
}

static void put_package(const struct sbom *s, struct json_out *o, size_t i)
{
        const struct inventory *v = s->facts->inventory;
        const struct component *c = &v->components[i];
        char text[DIGEST_TEXT_MAX];
        CLEANUP(buf_done) struct buf source = {0};

        json_out_object(o);
        json_out_member(o, "name", c->name);
        json_out_member(o, "SPDXID", arena_printf(s->arena, "SPDXRef-Package-%zu", i + 1));
        if (c->version.len > 0)
                json_out_member(o, "versionInfo", c->version);
        if (c->vendor.len > 0)
                json_out_member(o, "supplier",
                    arena_printf(s->arena, "Organization: %.*s", (int)c->vendor.len, (const char *)c->vendor.at));
        json_out_member_text(o, "downloadLocation", "NOASSERTION");
        json_out_key(o, "filesAnalyzed");
        json_out_bool(o, false);
        buf_printf(&source, "%s in /", c->state == COMPONENT_DECLARED ? "declared" : "installed; recorded");
        buf_put(&source, c->path);
        if (c->layer < v->n_layers && v->layers[c->layer].diff_id.alg != DIGEST_NONE)
                buf_printf(&source, ", brought by layer %u (%s)", c->layer + 1,
                    digest_format(&v->layers[c->layer].diff_id, text));
        if (c->source_name.len > 0)
                buf_printf(&source, ", built from source package %.*s %.*s", SPAN_FMT(c->source_name),
                    SPAN_FMT(c->source_version.len > 0 ? c->source_version : c->version));
        if (c->module.len > 0)
                buf_printf(&source, ", of module %.*s", SPAN_FMT(c->module));
        json_out_member(o, "sourceInfo", buf_span(&source));
        put_licence(o, c);
        json_out_key(o, "externalRefs");
        json_out_array(o);
        external(o, "PACKAGE-MANAGER", "purl", c->purl);
        if (span_starts(c->cpe, "cpe:2.3:"))
                external(o, "SECURITY", "cpe23Type", c->cpe);
        json_out_array_end(o);
        json_out_object_end(o);
}

/* SPDX 2.3, 7.24; "OTHER" for what has no word there. */
static const char *purpose_of(struct span type)
{
        static const char *const purposes[][2] = {{"", "CONTAINER"}, {"container", "CONTAINER"}, {"application", "APPLICATION"},
            {"framework", "FRAMEWORK"}, {"library", "LIBRARY"}, {"operating-system", "OPERATING-SYSTEM"},
            {"device", "DEVICE"}, {"firmware", "FIRMWARE"}, {"file", "FILE"}};

        for (size_t i = 0; i < ARRAY_LEN(purposes); i++)
                if (span_is(type, purposes[i][0]))
                        return purposes[i][1];
        return "OTHER";
}

static void put_image(const struct sbom *s, struct json_out *o)
{
        const struct digest *d = &s->facts->inventory->image;
        char text[DIGEST_TEXT_MAX];

        json_out_object(o);
        json_out_member(o, "name", s->facts->name);
        json_out_member_text(o, "SPDXID", "SPDXRef-Image");
        if (d->alg != DIGEST_NONE)
                json_out_member_text(o, "versionInfo", digest_format(d, text));
        json_out_member_text(o, "downloadLocation", "NOASSERTION");
        json_out_key(o, "filesAnalyzed");
        json_out_bool(o, false);
        json_out_member_text(o, "primaryPackagePurpose", purpose_of(s->facts->type));
        json_out_member_text(o, "licenseConcluded", "NOASSERTION");
        json_out_member_text(o, "licenseDeclared", "NOASSERTION");
        json_out_member_text(o, "copyrightText", "NOASSERTION");
        if (d->alg != DIGEST_NONE) {
                json_out_key(o, "checksums");
                json_out_array(o);
                json_out_object(o);
                json_out_member_text(o, "algorithm", d->alg == DIGEST_SHA256 ? "SHA256" : "SHA512");
                json_out_member_text(o, "checksumValue", digest_hex(d, text));
                json_out_object_end(o);
                json_out_array_end(o);
        }
        if (s->image_purl.len > 0) {
                json_out_key(o, "externalRefs");
                json_out_array(o);
                external(o, "PACKAGE-MANAGER", "purl", s->image_purl);
                json_out_array_end(o);
        }
        json_out_object_end(o);
}

/* Which system advisories are of: more than the qualifier distro of its packages says. */
static void put_system(const struct inventory *v, struct json_out *o)
{
        json_out_object(o);
        json_out_member(o, "name", v->os.id);
        json_out_member_text(o, "SPDXID", "SPDXRef-OperatingSystem");
        if (v->os.version_id.len > 0)
                json_out_member(o, "versionInfo", v->os.version_id);
        json_out_member_text(o, "downloadLocation", "NOASSERTION");
        json_out_key(o, "filesAnalyzed");
        json_out_bool(o, false);
        json_out_member_text(o, "primaryPackagePurpose", "OPERATING-SYSTEM");
        json_out_member_text(o, "licenseConcluded", "NOASSERTION");
        json_out_member_text(o, "licenseDeclared", "NOASSERTION");
        json_out_member_text(o, "copyrightText", "NOASSERTION");
        if (v->os.pretty_name.len > 0)
                json_out_member(o, "description", v->os.pretty_name);
        json_out_object_end(o);
}

static void relation(struct json_out *o, struct span from, const char *type, struct span to)
{
        json_out_object(o);
        json_out_member(o, "spdxElementId", from);
        json_out_member_text(o, "relationshipType", type);
        json_out_member(o, "relatedSpdxElement", to);
        json_out_object_end(o);
}

static void put_relations(const struct sbom *s, struct json_out *o)
{
        const struct inventory *v = s->facts->inventory;

        json_out_key(o, "relationships");
        json_out_array(o);
        relation(o, SPAN_LIT("SPDXRef-DOCUMENT"), "DESCRIBES", SPAN_LIT("SPDXRef-Image"));
        if (v->os.id.len > 0)
                relation(o, SPAN_LIT("SPDXRef-Image"), "CONTAINS", SPAN_LIT("SPDXRef-OperatingSystem"));
        for (size_t i = 0; i < v->n_components; i++) {
                struct span id = arena_printf(s->arena, "SPDXRef-Package-%zu", i + 1);
                relation(o, SPAN_LIT("SPDXRef-Image"), "CONTAINS", id);
                if (v->components[i].owner > 0)
                        relation(
                            o, arena_printf(s->arena, "SPDXRef-Package-%u", v->components[i].owner), "CONTAINS", id);
        }
        json_out_array_end(o);
}

/* Exceptions that have ended are the one thing of findings that is told here: whoever keeps the document must know of them. */
static void put_expired(const struct sbom *s, struct json_out *o)
{
        struct report_expired_list expired;

        report_expired(s->facts, s->arena, &expired);
        if (expired.len == 0)
                return;
        json_out_key(o, "annotations");
        json_out_array(o);
        for (size_t i = 0; i < expired.len; i++) {
                json_out_object(o);
                json_out_member_text(o, "annotationDate", s->created);
                json_out_member_text(o, "annotationType", "REVIEW");
                json_out_member_text(o, "annotator", "Tool: coffer-" COFFER_VERSION);
                json_out_member(o, "comment", expired.at[i].note->text);
                json_out_object_end(o);
        }
        json_out_array_end(o);
}

void report_spdx(const struct report_facts *f, struct buf *to)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct json_out o;
        struct sbom s;

        sbom_init(&s, f, a);
        json_out_init(&o, to, 2);
        json_out_object(&o);
        json_out_member_text(&o, "spdxVersion", "SPDX-2.3");
        json_out_member_text(&o, "dataLicense", "CC0-1.0");
        json_out_member_text(&o, "SPDXID", "SPDXRef-DOCUMENT");
        json_out_member(&o, "name", f->name);
        json_out_member(&o, "documentNamespace", arena_printf(a, "https://spdx.org/spdxdocs/coffer-%s", s.uuid));
        json_out_key(&o, "creationInfo");
        json_out_object(&o);
        json_out_member_text(&o, "created", s.created);
        json_out_key(&o, "creators");
        json_out_array(&o);
        json_out_text(&o, "Tool: coffer-" COFFER_VERSION);
        json_out_array_end(&o);
        if (!f->inventory->complete)
                json_out_member_text(&o, "comment", "The image could not be read as a whole: packages may be missing.");
        json_out_object_end(&o);
        put_expired(&s, &o);
        json_out_key(&o, "packages");
        json_out_array(&o);
        put_image(&s, &o);
        if (f->inventory->os.id.len > 0)
                put_system(f->inventory, &o);
        for (size_t i = 0; i < f->inventory->n_components; i++)
                put_package(&s, &o, i);
        json_out_array_end(&o);
        put_extracted(&s, &o);
        put_relations(&s, &o);
        json_out_object_end(&o);
        buf_put_text(to, "\n");
}
