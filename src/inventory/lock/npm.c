/*
 * package-lock.json and npm-shrinkwrap.json. The first format nests "dependencies" as node_modules folders nest; the
 * third has "packages", by the folder in which each lies; the second has both, of which the newer says more.
 */
#include "inventory/lock/lock_priv.h"

static bool wants(struct span path)
{
        return lock_named(path, "package-lock.json") || lock_named(path, "npm-shrinkwrap.json");
}

/* From the project's own folder, or a link to one. */
static bool is_local(struct span version)
{
        return span_starts(version, "file:") || span_starts(version, "link:");
}

/* "npm:other@1.0.0", under a name that the project chose. */
static void without_alias(struct span *name, struct span *version)
{
        struct span other, number;

        if (span_starts(*version, "npm:") && split_last(span_from(*version, 4), '@', &other, &number) &&
            other.len > 0) {
                *name = other;
                *version = number;
        }
}

/* Of git: the address and the commit, "git+ssh://git@github.com/a/b.git#0123", "github:a/b#0123". No release number. */
static bool from_git(struct span version, struct span *ret_commit)
{
        struct span address;

        return memchr(version.at ? version.at : (const uint8_t *)"", ':', version.len) &&
               split_last(version, '#', &address, ret_commit);
}

static void add(struct lock *l, struct span name, struct span version, bool development, struct span licence)
{
        struct package p = {.name = name, .version = version, .development = development, .licence = licence};

        without_alias(&p.name, &p.version);
        if (from_git(p.version, &p.version))
                p.ecosystem = ""; /* a commit can't be compared with an advisory's versions */
        lock_add(l, &p);
}

static void read_dependencies(struct lock *l, const struct tree *t, const struct tree_value *in)
{
        for (const struct tree_value *v = tree_first(in); v; v = v->next) {
                struct span version = tree_text(t, v, "version");

                if (version.len > 0 && !is_local(version) && !span_starts(version, "http"))
                        add(l, v->key, version, tree_true(t, v, "dev"), (struct span){0});
                else if (span_starts(version, "http"))
                        lock_add(l,
                            &(struct package){.name = v->key, .ecosystem = "", .development = tree_true(t, v, "dev")});
                read_dependencies(l, t, tree_member(t, v, "dependencies"));
        }
}

/* What follows the last "node_modules/"; empty for a folder of the project itself. */
static struct span name_of_folder(struct span folder)
{
        static const char mark[] = "node_modules/";
        const size_t len = sizeof(mark) - 1;

        for (size_t i = folder.len; i >= len; i--)
                if (memcmp(folder.at + i - len, mark, len) == 0 && (i == len || folder.at[i - len - 1] == '/'))
                        return span_from(folder, i);
        return (struct span){0};
}

static void read_packages(struct lock *l, const struct tree *t, const struct tree_value *in)
{
        for (const struct tree_value *v = tree_first(in); v; v = v->next) {
                struct span name = name_of_folder(v->key), own = tree_text(t, v, "name");
                struct span version = tree_text(t, v, "version");

                if (name.len == 0 || tree_true(t, v, "link") || is_local(tree_text(t, v, "resolved")))
                        continue;
                if (version.len > 0) /* without one: a place kept for an optional package that was not installed */
                        add(l, own.len > 0 ? own : name, version, tree_true(t, v, "dev"), tree_text(t, v, "license"));
        }
}

static void each(struct lock *l, const struct tree *t)
{
        const struct tree_value *packages = tree_member(t, t->root, "packages");

        if (packages)
                read_packages(l, t, packages);
        else
                read_dependencies(l, t, tree_member(t, t->root, "dependencies"));
}

static void read_lock(struct span content, struct findings *f)
{
        lock_tree(content, f, "package-lock.json", tree_json, each);
}

const struct detector detect_lock_npm =
    LOCK_DETECTOR("npm-lock", "npm", "npm", "package-lock.json npm-shrinkwrap.json", wants, read_lock);
