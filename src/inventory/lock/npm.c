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

/* A package's place: its registry's address, or "git+ssh://...#commit" for one that no registry released. */
static bool is_git(struct span resolved)
{
        return span_starts(resolved, "git") || span_starts(resolved, "ssh:");
}

static void add(struct lock *l, struct package p, struct span resolved)
{
        struct span whole = p.version;

        without_alias(&p.name, &p.version);
        if (from_git(p.version, &p.version)) {
                p.ecosystem = "";
                lock_add_elsewhere(l, &p, whole);
        } else if (is_git(resolved)) {
                lock_add_elsewhere(l, &p, resolved);
        } else {
                lock_add(l, &p);
        }
}

bool lock_npm_release(struct span url, struct span *ret_name, struct span *ret_version)
{
        static const char mark[] = "/-/";
        const uint8_t *at = url.len > 0 ? memmem(url.at, url.len, mark, 3) : NULL;
        struct span before, file, rest, name, scope;

        if (!at || !span_starts(url, "http"))
                return false;
        span_split(span_from(url, (size_t)(at - url.at) + 3), '#', &file, &rest);
        span_split(file, '?', &file, &rest);
        if (!split_last(span_cut(url, 0, (size_t)(at - url.at)), '/', &before, &name) || name.len == 0)
                return false;
        if (file.len <= name.len + 5 || !span_ends(file, ".tgz") || memcmp(file.at, name.at, name.len) != 0 ||
            file.at[name.len] != '-')
                return false;
        *ret_version = span_cut(file, name.len + 1, file.len - name.len - 5);
        if (split_last(before, '/', &rest, &scope) && span_starts(scope, "@"))
                name = span_bytes(scope.at, scope.len + 1 + name.len);
        *ret_name = name;
        return true;
}

static void read_dependencies(struct lock *l, const struct tree *t, const struct tree_value *in)
{
        for (const struct tree_value *v = tree_first(in); v; v = v->next) {
                struct span version = tree_text(t, v, "version");
                struct package p = {.name = v->key, .version = version, .development = tree_true(t, v, "dev")};

                if (span_starts(version, "http")) {
                        p.version = (struct span){0};
                        lock_npm_release(version, &p.name, &p.version);
                        lock_add_elsewhere(l, &p, version);
                } else if (version.len > 0 && !is_local(version)) {
                        add(l, p, tree_text(t, v, "resolved"));
                }
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
                struct span resolved = tree_text(t, v, "resolved");
                struct package p = {.name = own.len > 0 ? own : name,
                    .version = tree_text(t, v, "version"),
                    .licence = tree_text(t, v, "license"),
                    .development = tree_true(t, v, "dev")};

                if (name.len == 0 || tree_true(t, v, "link") || is_local(resolved))
                        continue;
                if (p.version.len > 0) /* without one: a place kept for an optional package that was not installed */
                        add(l, p, resolved);
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

const struct detector detect_lock_npm = LOCK_DETECTOR_SIZED(
    "npm-lock", "npm", "npm", "package-lock.json npm-shrinkwrap.json", wants, read_lock, LOCK_FILE_BIG_MAX);
