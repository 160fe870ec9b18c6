/*
 * stack.yaml.lock: what a project adds to its snapshot, "hackage: name-1.2.3@sha256:...,size" or a repository at a
 * commit. cabal.project.freeze: "constraints:", a list of "any.name ==1.2.3" and of flags.
 */
#include "inventory/yaml_priv.h"

#include "inventory/lock/lock_priv.h"

static void each_stack(struct lock *l, const struct tree *t)
{
        for (const struct tree_value *v = tree_first(tree_member(t, t->root, "packages")); v; v = v->next) {
                const struct tree_value *made = tree_member(t, v, "completed");
                struct span hackage = tree_text(t, made, "hackage"), id, revision;
                struct package p = {.name = tree_text(t, made, "name"), .version = tree_text(t, made, "version")};
                struct span url = tree_text(t, made, "git");

                if (hackage.len > 0) {
                        span_split(hackage, '@', &id, &revision);
                        if (!split_last(id, '-', &p.name, &p.version))
                                p = (struct package){.name = id};
                        lock_add(l, &p);
                } else {
                        lock_add_elsewhere(l, &p, url.len > 0 ? url : tree_text(t, made, "url"));
                }
        }
        if (tree_first(tree_member(t, t->root, "snapshots")))
                findings_note(l->f, "the packages of its snapshot stand in no file of the project: not listed");
}

static void read_stack(struct span content, struct findings *f)
{
        lock_tree(content, f, "stack.yaml.lock", tree_yaml, each_stack);
}

/* "any.name ==1.2.3", "name ==1.2.3"; "name +flag" and "any.base installed" pin nothing. */
static void constraint(struct lock *l, struct span text)
{
        struct span name, version, rest;

        text = span_trim(text);
        text = span_from(text, span_starts(text, "any.") ? 4 : 0);
        if (!span_split(text, '=', &name, &version) || !span_starts(version, "="))
                return;
        span_split(span_trim(span_from(version, 1)), ' ', &version, &rest);
        lock_add_plain(l, span_trim(name), version, false);
}

static void freeze(struct lock *l, struct span content)
{
        struct cursor c = {.rest = content};
        struct span line, one;
        bool inside = false;

        while (cursor_line(&c, &line)) {
                if (span_starts(span_trim(line), "--"))
                        continue;
                if (line.len > 0 && line.at[0] > ' ') {
                        inside = span_starts(line, "constraints:");
                        line = span_from(line, 12);
                }
                while (inside && line.len > 0) {
                        span_split(line, ',', &one, &line);
                        constraint(l, one);
                }
        }
}

static void read_freeze(struct span content, struct findings *f)
{
        lock_text(content, f, "cabal.project.freeze", freeze);
}

LOCK_DETECTOR_OF(lock_stack, "stack-lock", "hackage", "Hackage", "stack.yaml.lock", read_stack);
LOCK_DETECTOR_OF(lock_cabal, "cabal-freeze", "hackage", "Hackage", "cabal.project.freeze", read_freeze);
