/* Lists of referrers and a referrer's own manifest: parsed in a worker, by parsers of their own. */
#pragma once

#include "image/document_priv.h"

/* One row of a list: claims, all of them. */
struct listed {
        struct digest digest;
        uint64_t size;
        struct span media_type, artifact_type, name; /* ref.name: a layout's tag */
        struct span created, title;
};

struct referrer_list {
        struct listed *at;
        size_t len, cap;
};

struct referrer_manifest {
        struct digest subject;     /* none: it names none */
        struct span artifact_type; /* or its configuration's media type */
        struct span created, title;
        struct image_blob *blobs;
        size_t n_blobs, cap_blobs;
};

/* Both borrow from `in` and the arena. A manifest may be an index: that can have a subject, too. */
bool referrers_parse(struct span in, struct arena *a, struct referrer_list *ret, struct err *e);
bool referrer_parse(struct span in, struct arena *a, struct referrer_manifest *ret, struct err *e);

/* Is it asked for, as far as its row says? One that states no type may be. */
bool referrer_may_be(const struct listed *l, struct span artifact_type);

void referrers_put(struct buf *b, const struct referrer_list *l);
bool referrers_get(struct cursor *c, struct arena *a, struct referrer_list *ret);
void referrer_put(struct buf *b, const struct referrer_manifest *m);
bool referrer_get(struct cursor *c, struct arena *a, struct referrer_manifest *ret);

bool job_referrers(size_t n_fds, struct err *e);
bool job_referrer(size_t n_fds, struct err *e);
