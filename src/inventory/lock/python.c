/*
 * Python: poetry.lock, pdm.lock, Pipfile.lock and pylock.toml. Names are written as PEP 503 has them.
 */
#include "inventory/toml_priv.h"

#include "inventory/lock/lock_priv.h"

static bool holds(const struct tree_value *list, const char *text)
{
        for (const struct tree_value *v = tree_first(list); v; v = v->next)
                if (v->kind == TREE_TEXT && span_is(v->text, text))
                        return true;
        return false;
}

/* With what "source" says, or PDM's own keys beside the name. */
static void add_from(struct lock *l, const struct tree *t, const struct tree_value *v, bool development)
{
        const struct tree_value *source = tree_member(t, v, "source");
        struct span type = tree_text(t, source, "type"), url = tree_text(t, source, "url");
        bool elsewhere = span_is(type, "git") || span_is(type, "url") || span_is(type, "file");
        struct package p = {.name = lock_python_name(l->arena, tree_text(t, v, "name")),
            .version = tree_text(t, v, "version"),
            .development = development};

        if (tree_member(t, v, "git")) {
                elsewhere = true;
                url = tree_text(t, v, "git");
        } else if (tree_member(t, v, "url")) {
                elsewhere = true;
                url = tree_text(t, v, "url");
        }
        if (elsewhere)
                lock_add_elsewhere(l, &p, url);
        else
                lock_add(l, &p);
}

/* Packages of a folder of the project's own have no other source. */
static bool is_folder(const struct tree *t, const struct tree_value *package)
{
        const struct tree_value *source = tree_member(t, package, "source");

        return span_is(tree_text(t, source, "type"), "directory") || tree_member(t, package, "path");
}

/* All groups but "main" are for those who work on the project; before there were groups, "category" said so. */
static void each_poetry(struct lock *l, const struct tree *t)
{
        for (const struct tree_value *v = tree_first(tree_member(t, t->root, "package")); v; v = v->next) {
                const struct tree_value *groups = tree_member(t, v, "groups");
                bool development =
                    (tree_first(groups) && !holds(groups, "main")) || span_is(tree_text(t, v, "category"), "dev");

                if (!is_folder(t, v))
                        add_from(l, t, v, development);
        }
}

static void read_poetry(struct span content, struct findings *f)
{
        lock_tree(content, f, "poetry.lock", tree_toml, each_poetry);
}

/* PDM's groups are extras as well as those for development: the file does not tell them apart. */
static void each_pdm(struct lock *l, const struct tree *t)
{
        for (const struct tree_value *v = tree_first(tree_member(t, t->root, "package")); v; v = v->next)
                if (!is_folder(t, v))
                        add_from(l, t, v, false);
}

static void read_pdm(struct span content, struct findings *f)
{
        lock_tree(content, f, "pdm.lock", tree_toml, each_pdm);
}

/* ---- Pipfile.lock ---- */

/* Categories by name; "default" and "develop" always, others as the project chose. */
static void each_pipenv(struct lock *l, const struct tree *t)
{
        for (const struct tree_value *category = tree_first(t->root); category; category = category->next) {
                if (span_is(category->key, "_meta"))
                        continue;
                for (const struct tree_value *v = tree_first(category); v; v = v->next) {
                        struct span version = tree_text(t, v, "version"), name = lock_python_name(l->arena, v->key);
                        bool development = span_is(category->key, "develop");

                        while (span_starts(version, "="))
                                version = span_from(version, 1);
                        if (version.len > 0)
                                lock_add_plain(l, name, version, development);
                        else if (tree_member(t, v, "git")) /* a commit has no place in the order of versions */
                                lock_add_elsewhere(l,
                                    &(struct package){.name = name,
                                        .version = tree_text(t, v, "ref"),
                                        .ecosystem = "",
                                        .development = development},
                                    tree_text(t, v, "git"));
                        else if (tree_member(t, v, "file"))
                                lock_add_elsewhere(l, &(struct package){.name = name, .development = development},
                                    tree_text(t, v, "file"));
                }
        }
}

static void read_pipenv(struct span content, struct findings *f)
{
        lock_tree(content, f, "Pipfile.lock", tree_json, each_pipenv);
}

/* ---- pylock.toml and pylock.NAME.toml (PEP 751) ---- */

static bool wants_pylock(struct span path)
{
        struct span name = path_name(path), middle;

        if (!span_starts(name, "pylock.") || !span_ends(name, ".toml") || !lock_path(path))
                return false;
        if (name.len == strlen("pylock.toml"))
                return true;
        middle = span_cut(name, 7, name.len - 12);
        return name.len > 12 && !memchr(middle.at, '.', middle.len);
}

/* 'dev' in dependency_groups: of a group that is not installed by default, in every part of the marker. */
static bool only_groups(struct span marker, const struct tree_value *defaults)
{
        static const char in[] = " in dependency_groups";

        while (marker.len > 0) {
                const uint8_t *either = memmem(marker.at, marker.len, " or ", 4);
                struct span part = span_cut(marker, 0, either ? (size_t)(either - marker.at) : marker.len), before,
                            group;
                const uint8_t *at = part.len > 0 ? memmem(part.at, part.len, in, sizeof(in) - 1) : NULL;

                marker = span_from(marker, part.len + 4);
                if (!at || at == part.at || (at[-1] != '\'' && at[-1] != '"'))
                        return false;
                if (!split_last(span_cut(part, 0, (size_t)(at - part.at) - 1), at[-1], &before, &group))
                        return false;
                for (const struct tree_value *v = tree_first(defaults); v; v = v->next)
                        if (span_equal(v->text, group))
                                return false;
        }
        return true;
}

static void each_pylock(struct lock *l, const struct tree *t)
{
        const struct tree_value *defaults = tree_member(t, t->root, "default-groups");

        for (const struct tree_value *v = tree_first(tree_member(t, t->root, "packages")); v; v = v->next) {
                const struct tree_value *vcs = tree_member(t, v, "vcs"), *archive = tree_member(t, v, "archive");
                struct span marker = tree_text(t, v, "marker");
                struct package p = {.name = lock_python_name(l->arena, tree_text(t, v, "name")),
                    .version = tree_text(t, v, "version"),
                    .development = marker.len > 0 && only_groups(marker, defaults)};

                if (tree_member(t, v, "directory"))
                        continue;
                if (vcs && p.version.len == 0) {
                        p.version = tree_text(t, vcs, "commit-id");
                        p.ecosystem = "";
                }
                if (vcs || archive)
                        lock_add_elsewhere(l, &p, tree_text(t, vcs ? vcs : archive, "url"));
                else
                        lock_add(l, &p);
        }
}

static void read_pylock(struct span content, struct findings *f)
{
        lock_tree(content, f, "pylock.toml", tree_toml, each_pylock);
}

const struct detector detect_lock_pylock =
    LOCK_DETECTOR("pylock", "pypi", "PyPI", "pylock*", wants_pylock, read_pylock);
LOCK_DETECTOR_OF(lock_poetry, "poetry-lock", "pypi", "PyPI", "poetry.lock", read_poetry);
LOCK_DETECTOR_OF(lock_pdm, "pdm-lock", "pypi", "PyPI", "pdm.lock", read_pdm);
LOCK_DETECTOR_OF(lock_pipenv, "pipenv-lock", "pypi", "PyPI", "Pipfile.lock", read_pipenv);
