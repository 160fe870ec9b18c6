/* What an image is called, where exceptions and statements (VEX) say which images they are about. */
#include <string.h>

#include "launch/launch_priv.h"

#define PREFIX "docker://"

struct name_list {
        struct span *at;
        size_t len, cap;
};

static void digest_add(struct name_list *to, const struct digest *d, struct arena *a)
{
        char text[DIGEST_TEXT_MAX];

        if (d->alg != DIGEST_NONE)
                *ARENA_PUSH(a, to) = arena_copy(a, span_of(digest_format(d, text)));
}

static bool registry_name(
    const struct launch_request *r, const struct launch *l, struct arena *a, struct fetch_name *ret)
{
        const char *text = r->reference;

        if (span_starts(span_of(text), PREFIX))
                text += strlen(PREFIX);
        return l->image && launch_is_registry(r->reference) && fetch_name_parse(text, a, ret, NULL);
}

/* A folder may be called "ghcr.io/org/app" by whoever wants to have that one's exceptions. */
static struct span local_name(const char *reference, struct arena *a)
{
        bool plain =
            reference[0] == '/' || reference[0] == '.' || launch_says_form(reference) || launch_is_engine(reference);

        return plain ? span_of(reference) : arena_printf(a, "./%s", reference);
}

const struct span *launch_image_names(
    const struct launch_request *r, const struct launch *l, struct arena *a, size_t *ret_n)
{
        struct name_list names = {0};
        struct fetch_name name;
        char digest[DIGEST_TEXT_MAX];

        if (l->image) {
                digest_add(&names, &l->image->manifest, a);
                digest_add(&names, &l->inventory->config, a);
        }
        if (registry_name(r, l, a, &name)) {
                bool by_digest = strchr(name.reference, ':') != NULL; /* no tag has one */

                *ARENA_PUSH(a, &names) = arena_printf(a, "%s/%s", name.host, name.repository);
                *ARENA_PUSH(a, &names) =
                    arena_printf(a, "%s/%s%s%s", name.host, name.repository, by_digest ? "@" : ":", name.reference);
                if (!by_digest && l->image->manifest.alg != DIGEST_NONE)
                        *ARENA_PUSH(a, &names) = arena_printf(
                            a, "%s/%s@%s", name.host, name.repository, digest_format(&l->image->manifest, digest));
        } else {
                *ARENA_PUSH(a, &names) = local_name(r->reference, a);
        }
        if (l->is_sbom && l->sbom.subject.len > 0) /* which nothing is started from */
                *ARENA_PUSH(a, &names) = arena_printf(a, "sbom:%.*s", SPAN_FMT(l->sbom.subject));
        *ret_n = names.len;
        return names.at;
}

void launch_subject(const struct launch_request *r, const struct launch *l, struct arena *a, struct match_subject *ret)
{
        struct match_subject subject = {0};
        struct name_list names = {0};
        struct fetch_name name;

        *ARENA_PUSH(a, &names) = span_of(r->reference);
        if (l->image) {
                digest_add(&names, &l->image->manifest, a);
                digest_add(&names, &l->inventory->config, a);
        }
        if (l->is_sbom && l->sbom.subject.len > 0)
                *ARENA_PUSH(a, &names) = l->sbom.subject;
        if (registry_name(r, l, a, &name)) {
                subject.repository = arena_printf(a, "%s/%s", name.host, name.repository);
                subject.tag = span_of(name.reference);
                *ARENA_PUSH(a, &names) = span_of(name.reference); /* a digest, if it is one */
        }
        subject.names = names.at;
        subject.n_names = names.len;
        *ret = subject;
}
