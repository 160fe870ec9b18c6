/* composer.lock: "packages", and "packages-dev" for development. */
#include "inventory/lock/lock_priv.h"

/* "v1.2.3" is 1.2.3 for Composer, and in Packagist's advisories; "dev-main" is a branch and stays. */
static struct span version_of(struct span version)
{
        bool v = version.len > 1 && (version.at[0] == 'v' || version.at[0] == 'V') && version.at[1] >= '0' &&
                 version.at[1] <= '9';

        return span_from(version, v);
}

static void read_list(struct lock *l, const struct tree *t, const char *list, bool development)
{
        for (const struct tree_value *v = tree_first(tree_member(t, t->root, list)); v; v = v->next) {
                /* A folder of the project, by a repository of the type "path". */
                if (span_is(tree_text(t, tree_member(t, v, "dist"), "type"), "path"))
                        continue;
                const struct tree_value *licences = tree_member(t, v, "license");
                CLEANUP(buf_done) struct buf licence = {.max = INVENTORY_LICENCE_MAX};

                for (const struct tree_value *one = tree_first(licences); one; one = one->next)
                        licence_or(&licence, one->text);
                lock_add(l, &(struct package){.name = lock_small(l->arena, tree_text(t, v, "name")),
                                .version = version_of(tree_text(t, v, "version")),
                                .licence = arena_copy(l->arena, licence.failed ? (struct span){0} : buf_span(&licence)),
                                .development = development});
        }
}

static void each(struct lock *l, const struct tree *t)
{
        read_list(l, t, "packages", false);
        read_list(l, t, "packages-dev", true);
}

static void read_lock(struct span content, struct findings *f)
{
        lock_tree(content, f, "composer.lock", tree_json, each);
}

LOCK_DETECTOR_OF(lock_composer, "composer-lock", "composer", "Packagist", "composer.lock", read_lock);
