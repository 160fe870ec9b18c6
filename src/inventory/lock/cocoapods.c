/*
 * Podfile.lock: "PODS" is a list of "Name (1.2.3)", or of a map from that to what it needs. "Name/Part" is a part of
 * the pod, of the pod's version. OSV has no ecosystem for them.
 */
#include "inventory/yaml_priv.h"

#include "inventory/lock/lock_priv.h"

static void each(struct lock *l, const struct tree *t)
{
        const struct tree_value *outside = tree_member(t, t->root, "EXTERNAL SOURCES");

        for (const struct tree_value *v = tree_first(tree_member(t, t->root, "PODS")); v; v = v->next) {
                struct span pod = v->kind == TREE_MAP && v->first ? v->first->key : v->text;
                struct span name, version, part;
                char shown[80];

                if (!span_split(pod, ' ', &name, &version) || !span_starts(version, "(") || !span_ends(version, ")")) {
                        findings_note(
                            l->f, "\"%s\" has no version: not listed", span_printable(pod, shown, sizeof(shown)));
                        continue;
                }
                span_split(name, '/', &name, &part);
                /* ":path": a folder of the project. */
                if (!tree_member(t, tree_get(t, outside, name), ":path"))
                        lock_add_plain(l, name, span_cut(version, 1, version.len - 2), false);
        }
}

static void read_lock(struct span content, struct findings *f)
{
        lock_tree(content, f, "Podfile.lock", tree_yaml, each);
}

LOCK_DETECTOR_OF(lock_cocoapods, "cocoapods-lock", "cocoapods", "", "Podfile.lock", read_lock);
