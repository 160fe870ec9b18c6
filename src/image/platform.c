/* Which manifest of an index: by tag, then by platform (Go's names of systems and architectures). */
#include "image/document_priv.h"

#if defined(__x86_64__)
#define HOST "linux/amd64"
#elif defined(__aarch64__)
#define HOST "linux/arm64"
#elif defined(__riscv) && __riscv_xlen == 64
#define HOST "linux/riscv64"
#elif defined(__powerpc64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define HOST "linux/ppc64le"
#elif defined(__s390x__)
#define HOST "linux/s390x"
#elif defined(__arm__)
#define HOST "linux/arm/v7"
#else
#error "say here what Go calls this architecture"
#endif

bool platform_parse(const char *text, struct image_platform *ret, struct err *e)
{
        struct span whole = span_of(text ? text : HOST), rest = whole, more = {0};
        struct image_platform p;
        char shown[80];

        span_split(rest, '/', &p.os, &rest);
        span_split(rest, '/', &p.architecture, &rest);
        span_split(rest, '/', &p.variant, &more);
        if (p.os.len == 0 || p.architecture.len == 0 || more.len > 0 || span_ends(whole, "/") ||
            whole.len > IMAGE_PLATFORM_MAX || span_has_control(whole))
                return err_set(e, ERR_MALFORMED, "platform \"%s\": linux/amd64 or linux/arm/v7 is one",
                    span_printable(whole, shown, sizeof(shown)));
        *ret = p;
        return true;
}

/* arm64 has one variant that anybody uses, and it is left out as often as not. */
static struct span variant_of(const struct image_platform *p)
{
        if (span_is(p->architecture, "arm64") && span_is(p->variant, "v8"))
                return (struct span){0};
        return p->variant;
}

bool platform_matches(const struct image_platform *has, const struct image_platform *want)
{
        struct span variant = variant_of(want);

        return span_equal(has->os, want->os) && span_equal(has->architecture, want->architecture) &&
               (variant.len == 0 || span_equal(variant_of(has), variant));
}

const char *platform_format(const struct image_platform *p, char *out, size_t size)
{
        char os[72], architecture[72], variant[72];

        snprintf(out, size, "%s/%s%s%s", span_printable(p->os, os, sizeof(os)),
            span_printable(p->architecture, architecture, sizeof(architecture)), p->variant.len ? "/" : "",
            span_printable(p->variant, variant, sizeof(variant)));
        return out;
}

void list_add(char list[LIST_TEXT_MAX], const char *text)
{
        size_t len = strlen(list), n = strlen(text);
        const char *seen = list;

        while ((seen = strstr(seen, text)) != NULL) {
                if ((seen == list || seen[-1] == ' ') && (seen[n] == 0 || seen[n] == ','))
                        return;
                seen += n;
        }
        if (len + n + 6 < LIST_TEXT_MAX)
                snprintf(list + len, LIST_TEXT_MAX - len, "%s%s", len ? ", " : "", text);
        else if (len > 3 && strcmp(list + len - 3, "...") != 0)
                snprintf(list + len, LIST_TEXT_MAX - len, " ...");
}

/* "sha256-" and a digest's digits: of the list of what is attached to that digest (distribution-spec 1.1). */
static bool is_referrers_tag(struct span name)
{
        uint8_t digest[32];

        return span_starts(name, "sha256-") && span_to_bytes(span_from(name, 7), digest, sizeof(digest));
}

/* Attestations of buildkit are listed as manifests of a platform that does not exist. */
static bool is_image(const struct descriptor *d)
{
        return (media_is_manifest(d->media_type) || media_is_index(d->media_type)) &&
               !span_is(d->platform.os, "unknown") && !d->artifact && !is_referrers_tag(d->name);
}

/* The one tag to look for: as asked, or the only one. */
static bool tag_choose(const struct index *index, const struct choice *want, struct span *ret, struct err *e)
{
        char tags[LIST_TEXT_MAX] = "", shown[80], one[IMAGE_TAG_MAX + 1];
        struct span tag = want->tag;
        bool found = false, several = false;

        for (size_t i = 0; i < index->len; i++) {
                const struct descriptor *d = &index->at[i];

                if (!is_image(d) || d->name.len == 0)
                        continue;
                list_add(tags, span_printable(d->name, one, sizeof(one)));
                if (want->tag.len > 0) {
                        found |= span_equal(d->name, want->tag);
                        continue;
                }
                several |= tag.len > 0 && !span_equal(d->name, tag);
                tag = d->name;
        }
        if (several)
                return err_set(e, ERR_CONFLICT, "several images are there, name one by its tag: %s", tags);
        if (want->tag.len > 0 && !found)
                return err_set(e, ERR_NOT_FOUND, "no tag \"%s\" is there; %s%s",
                    span_printable(want->tag, shown, sizeof(shown)), tags[0] ? "there are: " : "there is none at all",
                    tags);
        *ret = tag;
        return true;
}

static bool platform_missing(const char *have, const struct choice *want, struct err *e)
{
        char wanted[80];

        return err_set(e, ERR_NOT_FOUND, "no image for %s is there; there are: %s",
            platform_format(&want->platform, wanted, sizeof(wanted)),
            have[0] ? have : "none that say what they are for");
}

bool index_choose(const struct index *index, const struct choice *want, struct descriptor *ret, struct err *e)
{
        char have[LIST_TEXT_MAX] = "", one[256];
        const struct descriptor *match = NULL, *last = NULL;
        size_t n = 0, n_matches = 0;
        struct span tag;

        if (!tag_choose(index, want, &tag, e))
                return false;
        for (size_t i = 0; i < index->len; i++) {
                const struct descriptor *d = &index->at[i];

                if (!is_image(d) || !span_equal(d->name, tag) || (last && digest_equal(&d->digest, &last->digest)))
                        continue;
                last = d;
                n++;
                if (d->platform.os.len > 0)
                        list_add(have, platform_format(&d->platform, one, sizeof(one)));
                if (d->platform.os.len == 0 || !platform_matches(&d->platform, &want->platform))
                        continue;
                n_matches++;
                match = d;
        }
        if (n == 0)
                return err_set(e, ERR_NOT_FOUND, "no image is there");
        /* A single one is taken as it is, unless it says that it is not what the user asked for. */
        if (n == 1 && !match && (!want->strict || last->platform.os.len == 0))
                match = last;
        if (n_matches > 1)
                return err_set(e, ERR_CONFLICT,
                    "several images for one platform are there: %s; say which by os/arch/variant or by a tag", have);
        if (!match)
                return platform_missing(have, want, e);
        *ret = *match;
        return true;
}
