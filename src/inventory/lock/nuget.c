/* packages.lock.json (NuGet): for each framework, and each framework with a runtime, what is resolved. */
#include "inventory/lock/lock_priv.h"

static void each(struct lock *l, const struct tree *t)
{
        for (const struct tree_value *framework = tree_first(tree_member(t, t->root, "dependencies")); framework;
             framework = framework->next)
                for (const struct tree_value *v = tree_first(framework); v; v = v->next)
                        if (!span_is(tree_text(t, v, "type"), "Project"))
                                lock_add_plain(l, v->key, tree_text(t, v, "resolved"), false);
}

static void read_lock(struct span content, struct findings *f)
{
        lock_tree(content, f, "packages.lock.json", tree_json, each);
}

LOCK_DETECTOR_OF(lock_nuget, "nuget-lock", "nuget", "NuGet", "packages.lock.json", read_lock);
