/*
 * conan.lock: Conan 1's "graph_lock" with nodes, Conan 2's lists of references.
 * "name/1.2.3@user/channel#revision%time": without user and channel it is ConanCenter's.
 */
#include "inventory/lock/lock_priv.h"

static void reference(struct lock *l, struct span text, bool development)
{
        struct package p = {.development = development};
        struct span place, rest, reference = text, user, channel;
        char shown[80];

        span_split(reference, '#', &reference, &rest);
        span_split(reference, '%', &reference, &rest);
        span_split(reference, '@', &reference, &place);
        if (!span_split(reference, '/', &p.name, &p.version) || p.version.len == 0) {
                findings_note(l->f, "\"%s\" is no reference: not listed", span_printable(text, shown, sizeof(shown)));
                return;
        }
        if (place.len > 0) {
                span_split(place, '/', &user, &channel);
                p.ecosystem = "";
                p.qualifiers[0] = (struct package_qualifier){"user", user};
                p.qualifiers[1] = (struct package_qualifier){"channel", channel};
        }
        lock_add(l, &p);
}

static void read_list(struct lock *l, const struct tree *t, const char *list, bool development)
{
        for (const struct tree_value *v = tree_first(tree_member(t, t->root, list)); v; v = v->next) {
                /* With "overrides" or a package id an element is a list itself: [reference, {...}]. */
                const struct tree_value *text = v->kind == TREE_LIST ? v->first : v;
                if (text && text->kind == TREE_TEXT)
                        reference(l, text->text, development);
        }
}

static void each(struct lock *l, const struct tree *t)
{
        const struct tree_value *nodes = tree_member(t, tree_member(t, t->root, "graph_lock"), "nodes");

        for (const struct tree_value *v = tree_first(nodes); v; v = v->next) {
                struct span ref = tree_text(t, v, "ref");
                /* The project itself has a path, or no reference. */
                if (ref.len > 0 && tree_text(t, v, "path").len == 0)
                        reference(l, ref, span_is(tree_text(t, v, "context"), "build"));
        }
        read_list(l, t, "requires", false);
        read_list(l, t, "build_requires", true);
        read_list(l, t, "python_requires", true);
        read_list(l, t, "config_requires", true);
}

static void read_lock(struct span content, struct findings *f)
{
        lock_tree(content, f, "conan.lock", tree_json, each);
}

LOCK_DETECTOR_OF(lock_conan, "conan-lock", "conan", "ConanCenter", "conan.lock", read_lock);
