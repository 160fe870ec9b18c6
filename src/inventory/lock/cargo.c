/*
 * Cargo.lock. A package without "source" is of the workspace, or of a folder beside it. Nothing in it says what is for
 * tests alone.
 */
#include "inventory/toml_priv.h"

#include "inventory/lock/lock_priv.h"

static void each(struct lock *l, const struct tree *t)
{
        for (const struct tree_value *v = tree_first(tree_member(t, t->root, "package")); v; v = v->next) {
                struct span source = tree_text(t, v, "source");
                struct package p = {.name = tree_text(t, v, "name"), .version = tree_text(t, v, "version")};

                if (span_starts(source, "registry+") || span_starts(source, "sparse+"))
                        lock_add(l, &p);
                else if (source.len > 0)
                        lock_add_elsewhere(l, &p, source);
        }
}

static void read_lock(struct span content, struct findings *f)
{
        lock_tree(content, f, "Cargo.lock", tree_toml, each);
}

LOCK_DETECTOR_OF(lock_cargo, "cargo-lock", "cargo", "crates.io", "Cargo.lock", read_lock);
