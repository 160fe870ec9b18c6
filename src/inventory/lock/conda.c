/*
 * conda-lock.yml: "package", a list for all platforms, of conda's own and of pip's. environment.yml: "dependencies", of
 * which "name==1.2.3" and "name=1.2.3=build" are exact, as "conda env export" writes them, and "name=1.2" means 1.2.*;
 * within it a list for pip. No advisories are kept for conda's own packages.
 */
#include "inventory/yaml_priv.h"

#include "inventory/lock/lock_priv.h"

static bool wants_lock(struct span path)
{
        return lock_named(path, "conda-lock.yml") || span_ends(path_name(path), ".conda-lock.yml");
}

static void each_locked(struct lock *l, const struct tree *t)
{
        for (const struct tree_value *v = tree_first(tree_member(t, t->root, "package")); v; v = v->next) {
                struct span category = tree_text(t, v, "category");
                struct package p = {.name = tree_text(t, v, "name"),
                    .version = tree_text(t, v, "version"),
                    .development = category.len > 0 && !span_is(category, "main")};

                if (span_is(tree_text(t, v, "manager"), "pip")) {
                        p.type = "pypi";
                        p.ecosystem = "PyPI";
                        p.name = lock_python_name(l->arena, p.name);
                }
                lock_add(l, &p);
        }
}

static void read_locked(struct span content, struct findings *f)
{
        lock_tree(content, f, "conda-lock.yml", tree_yaml, each_locked);
}

/* "channel::name==1.2.3", "name=1.2.3=build", with blanks around the signs or in their place. */
static void specification(struct lock *l, struct span text)
{
        struct package p = {0};
        struct span channel, build = {0}, rest = text;
        size_t len = 0;

        for (size_t at; span_find(rest, ':', &at);)
                rest = span_from(rest, at + 1);
        span_split(rest, '[', &rest, &channel);
        while (len < rest.len && rest.at[len] > ' ' && !memchr("=<>!~", rest.at[len], 5))
                len++;
        p.name = span_cut(rest, 0, len);
        rest = span_trim(span_from(rest, len));
        bool exact = span_starts(rest, "==");
        if (!span_starts(rest, "="))
                return;
        if (span_split(span_trim(span_from(rest, exact ? 2 : 1)), '=', &p.version, &build))
                exact = build.len > 0 && !memchr(build.at, '*', build.len);
        for (size_t i = 0; i < p.version.len; i++)
                exact = exact && !memchr("*,|", p.version.at[i], 3);
        if (exact && p.name.len > 0 && p.version.len > 0)
                lock_add(l, &p);
}

static bool wants_environment(struct span path)
{
        return lock_named(path, "environment.yml") || lock_named(path, "environment.yaml");
}

static void each_environment(struct lock *l, const struct tree *t)
{
        for (const struct tree_value *v = tree_first(tree_member(t, t->root, "dependencies")); v; v = v->next) {
                if (v->kind == TREE_MAP) {
                        for (const struct tree_value *w = tree_first(tree_member(t, v, "pip")); w; w = w->next)
                                lock_requirement(l, w->text, "pypi", "PyPI");
                } else {
                        specification(l, v->text);
                }
        }
}

/* Other programs have files of that name too. */
static bool is_condas(struct span content)
{
        struct cursor c = {.rest = content};
        struct span line;

        while (cursor_line(&c, &line))
                if (span_starts(line, "dependencies:"))
                        return true;
        return false;
}

static void read_environment(struct span content, struct findings *f)
{
        if (is_condas(content))
                lock_tree(content, f, "environment.yml", tree_yaml, each_environment);
}

const struct detector detect_lock_conda =
    LOCK_DETECTOR("conda-lock", "conda", "", "conda-lock.yml *.yml", wants_lock, read_locked);
const struct detector detect_lock_environment = LOCK_DETECTOR(
    "conda-environment", "conda", "", "environment.yml environment.yaml", wants_environment, read_environment);
