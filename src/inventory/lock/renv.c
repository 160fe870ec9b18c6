/* renv.lock (R): "Packages" by name, each with where it came from. */
#include "inventory/lock/lock_priv.h"

static void each(struct lock *l, const struct tree *t)
{
        for (const struct tree_value *v = tree_first(tree_member(t, t->root, "Packages")); v; v = v->next) {
                struct span source = tree_text(t, v, "Source"), name = tree_text(t, v, "Package");
                struct package p = {.name = name.len > 0 ? name : v->key,
                    .version = tree_text(t, v, "Version"),
                    .licence = tree_text(t, v, "License")};

                if (span_is(source, "Repository") || span_is(source, "CRAN") || source.len == 0) {
                        lock_add(l, &p);
                } else if (span_is(source, "Bioconductor")) {
                        p.type = "generic"; /* no purl type is set for it */
                        p.ecosystem = "Bioconductor";
                        lock_add(l, &p);
                } else {
                        struct span user = tree_text(t, v, "RemoteUsername"), repo = tree_text(t, v, "RemoteRepo");
                        struct span url = tree_text(t, v, "RemoteUrl");
                        if (url.len == 0 && span_is(source, "GitHub") && user.len > 0)
                                url = arena_printf(l->arena, "https://github.com/%.*s/%.*s.git#%.*s", SPAN_FMT(user),
                                    SPAN_FMT(repo), SPAN_FMT(tree_text(t, v, "RemoteSha")));
                        lock_add_elsewhere(l, &p, url);
                }
        }
}

static void read_lock(struct span content, struct findings *f)
{
        lock_tree(content, f, "renv.lock", tree_json, each);
}

LOCK_DETECTOR_OF(lock_renv, "renv-lock", "cran", "CRAN", "renv.lock", read_lock);
