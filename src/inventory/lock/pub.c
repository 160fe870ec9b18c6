/* pubspec.lock (Dart): "packages" by name; what is for development is said of the project's own dependencies alone. */
#include "inventory/yaml_priv.h"

#include "inventory/lock/lock_priv.h"

static void each(struct lock *l, const struct tree *t)
{
        for (const struct tree_value *v = tree_first(tree_member(t, t->root, "packages")); v; v = v->next) {
                struct span source = tree_text(t, v, "source"), version = tree_text(t, v, "version");
                struct span name = tree_text(t, tree_member(t, v, "description"), "name");
                bool development = span_is(tree_text(t, v, "dependency"), "direct dev");

                if (span_is(source, "hosted"))
                        lock_add_plain(l, name.len > 0 ? name : v->key, version, development);
                else if (span_is(source, "git"))
                        lock_add_elsewhere(l,
                            &(struct package){.name = v->key, .version = version, .development = development},
                            tree_text(t, tree_member(t, v, "description"), "url"));
        } /* else "path", or "sdk": part of Flutter, with no version of its own */
}

static void read_lock(struct span content, struct findings *f)
{
        lock_tree(content, f, "pubspec.lock", tree_yaml, each);
}

LOCK_DETECTOR_OF(lock_pub, "pub-lock", "pub", "Pub", "pubspec.lock", read_lock);
