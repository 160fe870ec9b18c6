/*
 * pnpm-lock.yaml. Keys of "packages" are "/name/1.0.0_peer@2" (lockfileVersion 5), "/name@1.0.0(peer@2)" (6) and
 * "name@1.0.0" (9), where "snapshots" holds the graph, "name@1.0.0(peer@2)", and nothing says what is for
 * development: that is what "importers" do not reach without their devDependencies.
 */
#include "inventory/yaml_priv.h"

#include "inventory/lock/lock_priv.h"

static struct span without_peers(struct span key)
{
        struct span before, rest;

        span_split(key, '(', &before, &rest);
        return before;
}

/* "name@1.0.0", "@scope/name@1.0.0", "name@https://..." */
static bool split_at(struct span key, struct span *ret_name, struct span *ret_version)
{
        size_t at;

        key = without_peers(key);
        if (key.len < 2 || !span_find(span_from(key, 1), '@', &at))
                return false;
        *ret_name = span_cut(key, 0, at + 1);
        *ret_version = span_from(key, at + 2);
        return ret_version->len > 0;
}

/* "name/1.0.0", "@scope/name/1.0.0_react@17.0.0": the version is the part after the name. */
static bool split_slash(struct span key, struct span *ret_name, struct span *ret_version)
{
        struct span first, rest, second;

        if (!span_split(key, '/', &first, &rest))
                return false;
        *ret_name = first;
        if (span_starts(first, "@")) {
                if (!span_split(rest, '/', &second, &rest))
                        return false;
                *ret_name = span_cut(key, 0, first.len + 1 + second.len);
        }
        span_split(rest, '_', ret_version, &second);
        return ret_version->len > 0 && !memchr(ret_version->at, '/', ret_version->len);
}

/* Keys of 5 and 6 begin with '/', or with a registry's host: "registry.example.org/name/1.0.0". */
static bool split_key(struct span key, bool by_slash, struct span *ret_name, struct span *ret_version)
{
        struct span host, rest;

        if (span_starts(key, "/"))
                key = span_from(key, 1);
        else if (by_slash && span_split(key, '/', &host, &rest))
                key = rest;
        return by_slash ? split_slash(key, ret_name, ret_version) : split_at(key, ret_name, ret_version);
}

/* A URL or a path in place of a version: "file:../x", "https://codeload.github.com/...", "link:". */
static bool is_place(struct span version)
{
        return version.len > 0 && memchr(version.at, ':', version.len) != NULL;
}

static void add(struct lock *l, const struct tree *t, const struct tree_value *v, bool by_slash, bool development)
{
        struct span name = {0}, version = {0}, own = tree_text(t, v, "name"), stated = tree_text(t, v, "version");
        char shown[80];

        if (span_is(tree_text(t, tree_member(t, v, "resolution"), "type"), "directory") ||
            span_starts(v->key, "file:") || span_starts(v->key, "link:"))
                return;
        bool ok = split_key(v->key, by_slash, &name, &version);
        struct span place = version;
        if (own.len > 0)
                name = own;
        if (stated.len > 0)
                version = stated;
        if (name.len == 0 || (!ok && version.len == 0)) {
                findings_note(l->f, "\"%s\" names no package and version: not listed",
                    span_printable(v->key, shown, sizeof(shown)));
                return;
        }
        struct package p = {.name = name, .version = version, .development = development};
        const struct tree_value *resolution = tree_member(t, v, "resolution");
        struct span url = tree_text(t, resolution, "tarball");
        if (url.len == 0)
                url = tree_text(t, resolution, "repo");
        if (is_place(place)) /* a URL for its version */
                url = url.len > 0 ? url : place;
        else if (own.len == 0) { /* "name" is written for what has no registry */
                lock_add(l, &p);
                return;
        }
        if (is_place(version))
                p.version = (struct span){0};
        lock_add_elsewhere(l, &p, url);
}

/* ---- lockfileVersion 9: what is reached ---- */

struct graph {
        struct lock_graph g;
        const struct tree *t;
        struct tree nodes; /* a map: a snapshot's key to its number, as text of 8 bytes */
        struct tree_value *map;
};

static size_t node_of(const struct graph *x, struct span key)
{
        const struct tree_value *v = tree_get(&x->nodes, x->map, key);
        size_t n = SIZE_MAX;

        if (v)
                memcpy(&n, v->text.at, sizeof(n));
        return n;
}

/* A dependency "name: 1.0.0(peer@2)" is the snapshot "name@1.0.0(peer@2)"; "name: other@1.0.0" is that one. */
static size_t node_of_dependency(const struct graph *x, struct span name, struct span version)
{
        CLEANUP(buf_done) struct buf key = {0};

        buf_put(&key, name);
        buf_put_u8(&key, '@');
        buf_put(&key, version);
        size_t n = node_of(x, buf_span(&key));
        return n != SIZE_MAX ? n : node_of(x, version);
}

static void edges(struct graph *x, size_t from, const struct tree_value *dependencies)
{
        for (const struct tree_value *v = tree_first(dependencies); v; v = v->next) {
                struct span version = v->kind == TREE_MAP ? tree_text(x->t, v, "version") : v->text;
                size_t to = node_of_dependency(x, v->key, version);
                if (to == SIZE_MAX)
                        continue;
                if (from == SIZE_MAX)
                        lock_graph_root(&x->g, to);
                else
                        lock_graph_edge(&x->g, from, to);
        }
}

static void edges_of(struct graph *x, size_t from, const struct tree_value *v)
{
        edges(x, from, tree_member(x->t, v, "dependencies"));
        edges(x, from, tree_member(x->t, v, "optionalDependencies"));
}

static void read_graph(
    struct lock *l, const struct tree *t, const struct tree_value *document, const struct tree_value *snapshots)
{
        struct graph x = {.g = {.arena = l->arena}, .t = t};
        size_t n = 0;

        tree_init(&x.nodes, l->arena);
        x.map = tree_add(&x.nodes, NULL, (struct span){0}, TREE_MAP);
        for (const struct tree_value *v = tree_first(snapshots); v; v = v->next, n++)
                tree_add(&x.nodes, x.map, v->key, TREE_TEXT)->text =
                    arena_copy(l->arena, span_bytes(&n, sizeof(n))); /* no more than t holds */
        x.g.n = n;
        n = 0;
        for (const struct tree_value *v = tree_first(snapshots); v; v = v->next)
                edges_of(&x, n++, v);
        for (const struct tree_value *v = tree_first(tree_member(t, document, "importers")); v; v = v->next)
                edges_of(&x, SIZE_MAX, v);
        lock_graph_walk(&x.g);
        n = 0;
        for (const struct tree_value *v = tree_first(snapshots); v; v = v->next, n++) {
                const struct tree_value *package =
                    tree_get(t, tree_member(t, document, "packages"), without_peers(v->key));
                add(l, t, package ? package : v, false, !x.g.reached[n]);
        }
}

static void document(struct lock *l, const struct tree *t, const struct tree_value *document)
{
        const struct tree_value *snapshots = tree_member(t, document, "snapshots");
        struct span version = tree_word(t, document, "lockfileVersion"), major, rest;
        uint64_t number = 0;

        span_split(version, '.', &major, &rest);
        if (!span_to_u64(major, &number) || number < 5 || number > 9) {
                char shown[40];
                findings_note(l->f, "lockfileVersion \"%s\" is not known (5 to 9 are): not read",
                    span_printable(version, shown, sizeof(shown)));
                return;
        }
        if (snapshots) {
                read_graph(l, t, document, snapshots);
                return;
        }
        for (const struct tree_value *v = tree_first(tree_member(t, document, "packages")); v; v = v->next)
                add(l, t, v, number == 5, tree_true(t, v, "dev"));
}

/*
 * Since version 11 another document may stand before the project's: pnpm itself and what configures it. No importer
 * lists those as its dependencies, so all of it counts as for development.
 */
static void each(struct lock *l, const struct tree *t)
{
        for (const struct tree_value *v = tree_first(t->before); v; v = v->next)
                document(l, t, v);
}

static void read_lock(struct span content, struct findings *f)
{
        lock_tree(content, f, "pnpm-lock.yaml", tree_yaml_documents, each);
}

LOCK_DETECTOR_BIG(lock_pnpm, "pnpm-lock", "npm", "npm", "pnpm-lock.yaml", read_lock);
