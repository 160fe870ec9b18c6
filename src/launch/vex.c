/* What statements about findings (VEX) may call the image that was assessed. */
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

bool launch_vex_suppresses(const struct launch *l, size_t finding)
{
        uint32_t n = l->vex ? l->vex->speaks[finding] : 0;

        return n > 0 && l->vex->notes[n - 1].suppresses;
}

bool launch_vex_apply(const struct launch_request *r, struct launch *l, struct err *e)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct match_subject subject = {0};
        struct name_list names = {0};
        struct fetch_name name;
        const char *text = r->reference;

        if (!l->match || r->n_vex == 0)
                return true;
        *ARENA_PUSH(a, &names) = span_of(r->reference);
        if (l->image) {
                digest_add(&names, &l->image->manifest, a);
                digest_add(&names, &l->inventory->config, a);
        }
        if (l->is_sbom && l->sbom.subject.len > 0)
                *ARENA_PUSH(a, &names) = l->sbom.subject;
        if (span_starts(span_of(text), PREFIX))
                text += strlen(PREFIX);
        if (l->image && launch_is_registry(r->reference) && fetch_name_parse(text, a, &name, NULL)) {
                subject.repository = arena_printf(a, "%s/%s", name.host, name.repository);
                subject.tag = span_of(name.reference);
                *ARENA_PUSH(a, &names) = span_of(name.reference); /* a digest, if it is one */
        }
        subject.names = names.at;
        subject.n_names = names.len;
        return match_vex(l->inventory, l->match, &subject, r->vex, r->n_vex, &l->vex, e) ||
               err_wrap(e, "hold the statements (VEX) against what was found");
}
