#include "report/sbom_priv.h"

/* The image's own time, or the epoch: never the clock's, for the same input gives the same bytes. */
static void created_set(struct sbom *s)
{
        int64_t wall_s = 0;

        if (!clock_parse(s->facts->created, &wall_s) || wall_s < 0)
                wall_s = 0;
        clock_format(wall_s, s->created);
}

/* RFC 9562, version 8: the bits of a digest. */
static void uuid_set(struct sbom *s)
{
        const struct inventory *v = s->facts->inventory;
        CLEANUP(hasher_freep) struct hasher *h = hasher_new(DIGEST_SHA256);
        char text[DIGEST_TEXT_MAX];
        struct digest d;
        uint8_t *b = d.bytes;

        hasher_update(h, s->facts->name);
        hasher_update(h, span_of(digest_format(&v->image, text)));
        for (size_t i = 0; i < v->n_components; i++) {
                hasher_update(h, v->components[i].purl);
                hasher_update(h, v->components[i].path);
                hasher_update(h, SPAN_LIT("\n"));
        }
        hasher_final(h, &d);
        b[6] = (uint8_t)((b[6] & 0x0f) | 0x80);
        b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
        snprintf(s->uuid, sizeof(s->uuid), "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0],
            b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
}

/* Components of one purl follow each other: they are sorted by type, name, version, architecture. */
static void refs_set(struct sbom *s)
{
        const struct inventory *v = s->facts->inventory;
        size_t same = 1;

        s->refs = arena_array(s->arena, v->n_components, sizeof(*s->refs));
        for (size_t i = 0; i < v->n_components; i++) {
                const struct component *c = &v->components[i];
                same = i > 0 && span_equal(c->purl, c[-1].purl) ? same + 1 : 1;
                s->refs[i] = same == 1
                                 ? c->purl
                                 : arena_printf(s->arena, "%.*s#%zu", (int)c->purl.len, (const char *)c->purl.at, same);
        }
}

static void percent(struct buf *b, struct span s)
{
        for (size_t i = 0; i < s.len; i++) {
                uint8_t c = s.at[i];
                bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                             c == '.' || c == '_' || c == '~';
                if (plain)
                        buf_put_u8(b, c);
                else
                        buf_printf(b, "%%%02X", c);
        }
}

/* pkg:oci/debian@sha256%3A...: the purl type's name is the last part of the repository, in small letters. */
static void image_purl_set(struct sbom *s)
{
        const struct digest *d = &s->facts->inventory->image;
        CLEANUP(buf_done) struct buf b = {0}, name = {0};
        struct span part = s->facts->name;
        char text[DIGEST_TEXT_MAX];

        snprintf(s->image_ref, sizeof(s->image_ref), "image-%s", s->uuid);
        if (d->alg == DIGEST_NONE)
                return;
        for (size_t i = 0; i < part.len; i++)
                if (part.at[i] == '/') {
                        part = span_from(part, i + 1);
                        i = SIZE_MAX;
                }
        for (size_t i = 0; i < part.len && part.at[i] != ':' && part.at[i] != '@'; i++) {
                uint8_t c = part.at[i];
                buf_put_u8(&name, c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c);
        }
        buf_put_text(&b, "pkg:oci/");
        percent(&b, name.len ? buf_span(&name) : SPAN_LIT("image"));
        buf_put_text(&b, "@");
        percent(&b, span_of(digest_format(d, text)));
        if (s->facts->platform.architecture.len > 0) {
                buf_put_text(&b, "?arch=");
                percent(&b, s->facts->platform.architecture);
        }
        s->image_purl = arena_copy(s->arena, buf_span(&b));
}

void sbom_init(struct sbom *s, const struct report_facts *f, struct arena *a)
{
        *s = (struct sbom){.facts = f, .arena = a};
        created_set(s);
        uuid_set(s);
        refs_set(s);
        image_purl_set(s);
}

void sbom_name_split(const struct component *c, struct span *ret_group, struct span *ret_name)
{
        uint8_t by = span_is(c->type, "maven") ? ':' : '/';

        *ret_group = (struct span){0};
        *ret_name = c->name;
        if ((span_is(c->type, "maven") || span_is(c->type, "composer") ||
                (span_is(c->type, "npm") && span_starts(c->name, "@"))) &&
            !span_split(c->name, by, ret_group, ret_name)) {
                *ret_group = (struct span){0};
                *ret_name = c->name;
        }
}
