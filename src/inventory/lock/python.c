/*
 * Python: poetry.lock, pdm.lock, uv.lock, Pipfile.lock and requirements*.txt. Names are written as PEP 503 has them.
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

static void add(struct lock *l, struct span name, struct span version, bool development)
{
        lock_add_plain(l, lock_python_name(l->arena, name), version, development);
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
                        add(l, tree_text(t, v, "name"), tree_text(t, v, "version"), development);
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
                        add(l, tree_text(t, v, "name"), tree_text(t, v, "version"), false);
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
                                lock_add(l, &(struct package){.name = name,
                                                .version = tree_text(t, v, "ref"),
                                                .ecosystem = "",
                                                .development = development});
                }
        }
}

static void read_pipenv(struct span content, struct findings *f)
{
        lock_tree(content, f, "Pipfile.lock", tree_json, each_pipenv);
}

/* ---- requirements*.txt ---- */

static bool wants_requirements(struct span path)
{
        struct span name = path_name(path);

        return span_starts(name, "requirements") && span_ends(name, ".txt") && lock_path(path);
}

static bool is_name(uint8_t c)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
               c == '.';
}

/* PEP 508, of which only "name[extra] == 1.2.3" pins a version; all else may be any. */
static void requirement(struct lock *l, struct span line)
{
        struct span rest = span_trim(line), name, version, inner;
        size_t len = 0;

        while (len < rest.len && is_name(rest.at[len]))
                len++;
        name = span_cut(rest, 0, len);
        rest = span_trim(span_from(rest, len));
        if (span_starts(rest, "["))
                span_split(rest, ']', &inner, &rest);
        rest = span_trim(rest);
        bool brackets = span_starts(rest, "("); /* "name (==1.0)", the old form */
        rest = span_from(rest, brackets);
        if (name.len == 0 || name.at[0] == '-' || !span_starts(rest, "=="))
                return;
        rest = span_trim(span_from(rest, span_starts(rest, "===") ? 3 : 2));
        for (len = 0; len < rest.len && rest.at[len] > ' ' && !memchr(";,#)", rest.at[len], 4);)
                len++;
        version = span_cut(rest, 0, len);
        rest = span_trim(span_from(rest, len));
        if (version.len > 0 && version.at[version.len - 1] != '*' && !span_starts(rest, ","))
                add(l, name, version, false);
}

static void requirements(struct lock *l, struct span content)
{
        struct cursor c = {.rest = content};
        CLEANUP(buf_done) struct buf joined = {.max = 65536};
        struct span line;

        while (cursor_line(&c, &line)) {
                size_t end = 0;
                bool goes_on = span_ends(line, "\\");

                /* A comment begins at the line's start or after a blank; one with a '\' at its end does not go on. */
                while (end < line.len && !(line.at[end] == '#' && (end == 0 || line.at[end - 1] <= ' ')))
                        end++;
                goes_on = goes_on && end == line.len;
                buf_put(&joined, span_cut(line, 0, end - goes_on));
                if (goes_on)
                        continue;
                if (joined.failed)
                        findings_note(l->f, "a line longer than 65536 bytes: passed over");
                else
                        requirement(l, arena_copy(l->arena, buf_span(&joined)));
                buf_clear(&joined);
        }
        if (!joined.failed)
                requirement(l, arena_copy(l->arena, buf_span(&joined)));
}

static void read_requirements(struct span content, struct findings *f)
{
        lock_text(content, f, "requirements.txt", requirements);
}

LOCK_DETECTOR_OF(lock_poetry, "poetry-lock", "pypi", "PyPI", "poetry.lock", read_poetry);
LOCK_DETECTOR_OF(lock_pdm, "pdm-lock", "pypi", "PyPI", "pdm.lock", read_pdm);
LOCK_DETECTOR_OF(lock_pipenv, "pipenv-lock", "pypi", "PyPI", "Pipfile.lock", read_pipenv);
const struct detector detect_lock_requirements =
    LOCK_DETECTOR("requirements", "pypi", "PyPI", "requirements*", wants_requirements, read_requirements);
