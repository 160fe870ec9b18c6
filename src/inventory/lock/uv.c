/*
 * uv.lock: every package with what it needs. For development is what the project's own packages, those without another
 * source than a folder, do not reach but by their "dev-dependencies".
 */
#include "inventory/toml_priv.h"

#include "inventory/lock/lock_priv.h"

struct graph {
        struct lock_graph g;
        const struct tree *t;
        size_t steps;
        /* By name: a range in `order`, since forks list a package in several versions. */
        struct entry {
                const struct tree_value *v;
                struct span name;
        } * order;
};

static bool is_own(const struct tree *t, const struct tree_value *v)
{
        const struct tree_value *source = tree_member(t, v, "source");

        return tree_member(t, source, "virtual") || tree_member(t, source, "editable") ||
               tree_member(t, source, "directory");
}

static int by_name(const void *a, const void *b)
{
        const struct entry *x = a, *y = b;

        return span_compare(x->name, y->name);
}

#define EDGES_MAX 2000000u /* a real file has 5 for each package; attack: one name a million times, needed as often */

/* All packages of that name, or the one of the version that is stated. */
static void edge(struct graph *x, size_t from, const struct tree_value *to)
{
        struct span name = tree_text(x->t, to, "name"), version = tree_text(x->t, to, "version");
        size_t low = 0, high = x->g.n;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                if (span_compare(x->order[middle].name, name) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        for (; low < x->g.n && span_equal(x->order[low].name, name) && x->steps < EDGES_MAX; low++) {
                x->steps++;
                if (version.len == 0 || span_equal(version, tree_text(x->t, x->order[low].v, "version")))
                        lock_graph_edge(&x->g, from, low);
        }
}

static void edges(struct graph *x, size_t from, const struct tree_value *list)
{
        for (const struct tree_value *v = tree_first(list); v; v = v->next)
                edge(x, from, v);
}

static void each(struct lock *l, const struct tree *t)
{
        const struct tree_value *packages = tree_member(t, t->root, "package");
        struct graph x = {.g = {.arena = l->arena}, .t = t};

        for (const struct tree_value *v = tree_first(packages); v; v = v->next)
                x.g.n++;
        x.order = arena_array(l->arena, x.g.n + 1, sizeof(*x.order));
        size_t n = 0;
        for (const struct tree_value *v = tree_first(packages); v; v = v->next)
                x.order[n++] = (struct entry){v, tree_text(t, v, "name")};
        if (n > 1)
                qsort(x.order, n, sizeof(*x.order), by_name);
        for (size_t i = 0; i < n; i++) {
                const struct tree_value *v = x.order[i].v;
                edges(&x, i, tree_member(t, v, "dependencies"));
                for (const struct tree_value *extra = tree_first(tree_member(t, v, "optional-dependencies")); extra;
                     extra = extra->next)
                        edges(&x, i, extra);
                if (is_own(t, v))
                        lock_graph_root(&x.g, i);
        }
        lock_graph_walk(&x.g);
        /* Without a project there is no one who could need it for development only; nor is it known above the bound. */
        bool known = x.g.roots.len > 0 && x.steps < EDGES_MAX;
        for (size_t i = 0; i < n; i++) {
                const struct tree_value *v = x.order[i].v;
                const struct tree_value *source = tree_member(t, v, "source");
                struct package p = {.name = lock_python_name(l->arena, x.order[i].name),
                    .version = tree_text(t, v, "version"),
                    .development = known && !x.g.reached[i]};
                struct span url = tree_text(t, source, "git");
                if (is_own(t, v))
                        continue;
                if (url.len > 0)
                        url = arena_printf(l->arena, "git+%.*s", SPAN_FMT(url));
                else
                        url = tree_text(t, source, "url");
                if (url.len > 0 || tree_member(t, source, "path"))
                        lock_add_elsewhere(l, &p, url);
                else
                        lock_add(l, &p);
        }
}

static void read_lock(struct span content, struct findings *f)
{
        lock_tree(content, f, "uv.lock", tree_toml, each);
}

LOCK_DETECTOR_OF(lock_uv, "uv-lock", "pypi", "PyPI", "uv.lock", read_lock);
