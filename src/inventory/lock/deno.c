/*
 * deno.lock: packages of npm and JSR by "name@1.2.3", at the top since version 4, within "packages" in 3, and npm's in
 * "npm": {"packages"} in 2. JSR's have no advisories. Modules by URL are counted and said once: no one keeps a list of them.
 */
#include "inventory/lock/lock_priv.h"

/* "@scope/name@1.2.3_peer@2.0.0": no version of npm has a '_'. */
static void packages(struct lock *l, const struct tree_value *in, const char *type, const char *ecosystem)
{
        for (const struct tree_value *v = tree_first(in); v; v = v->next) {
                struct package p = {.type = type, .ecosystem = ecosystem};
                struct span peers;
                char shown[80];
                size_t at;

                if (v->key.len < 2 || !span_find(span_from(v->key, 1), '@', &at)) {
                        findings_note(l->f, "\"%s\" names no package and version: not listed",
                            span_printable(v->key, shown, sizeof(shown)));
                        continue;
                }
                p.name = span_cut(v->key, 0, at + 1);
                span_split(span_from(v->key, at + 2), '_', &p.version, &peers);
                lock_add(l, &p);
        }
}

static void each(struct lock *l, const struct tree *t)
{
        const struct tree_value *in = tree_member(t, t->root, "packages"), *npm;
        size_t n = 0;

        if (!in)
                in = t->root;
        npm = tree_member(t, in, "npm");
        if (tree_member(t, npm, "packages"))
                npm = tree_member(t, npm, "packages");
        packages(l, npm, "npm", "npm");
        packages(l, tree_member(t, in, "jsr"), "jsr", "");
        for (const struct tree_value *v = tree_first(tree_member(t, t->root, "remote")); v; v = v->next)
                n++;
        if (n > 0)
                findings_note(l->f, "%zu modules by URL: not listed", n);
}

static void read_lock(struct span content, struct findings *f)
{
        lock_tree(content, f, "deno.lock", tree_json, each);
}

LOCK_DETECTOR_OF(lock_deno, "deno-lock", "npm", "npm", "deno.lock", read_lock);
