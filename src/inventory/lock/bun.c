/*
 * bun.lock: JSON with comments and commas before closing brackets. "packages" has for each place in the tree a list
 * that begins with "name@1.0.0". What is for development stands with the workspaces, whose graph is followed here.
 */
#include "inventory/lock/lock_priv.h"

/* Comments, and commas with nothing behind them, become blanks: places in error texts stay right. */
static struct span plain_json(struct arena *a, struct span in)
{
        struct span copy = arena_copy(a, in);
        uint8_t *at = (uint8_t *)(uintptr_t)copy.at;
        size_t comma = SIZE_MAX;

        for (size_t i = 0; i < copy.len; i++) {
                if (at[i] == '"') {
                        for (i++; i < copy.len && at[i] != '"'; i++)
                                i += at[i] == '\\';
                        comma = SIZE_MAX;
                } else if (at[i] == '/' && i + 1 < copy.len && at[i + 1] == '/') {
                        while (i < copy.len && at[i] != '\n')
                                at[i++] = ' ';
                } else if (at[i] == '/' && i + 1 < copy.len && at[i + 1] == '*') {
                        const uint8_t *end = memmem(at + i + 2, copy.len - i - 2, "*/", 2);
                        if (!end)
                                break; /* left as it is: refused */
                        size_t len = (size_t)(end + 2 - (at + i));
                        memset(at + i, ' ', len);
                        i += len - 1;
                } else if (at[i] == ',') {
                        comma = i;
                } else if ((at[i] == ']' || at[i] == '}') && comma != SIZE_MAX) {
                        at[comma] = ' ';
                        comma = SIZE_MAX;
                } else if (at[i] > ' ') {
                        comma = SIZE_MAX;
                }
        }
        return copy;
}

static bool tree_bun(struct tree *t, struct span in, struct err *e)
{
        return tree_json(t, plain_json(t->arena, in), e);
}

struct graph {
        struct lock_graph g;
        const struct tree *t;
        struct tree nodes; /* a map: a place to its number, as text */
        struct tree_value *map;
        size_t steps; /* see STEPS_MAX */
};

/* Bytes of places that are looked up; a real file has 200 for each package. Attack: long places of many parts. */
#define STEPS_MAX (64u << 20)

static size_t node_of(const struct graph *x, struct span place)
{
        const struct tree_value *v = tree_get(&x->nodes, x->map, place);
        size_t n = SIZE_MAX;

        if (v)
                memcpy(&n, v->text.at, sizeof(n));
        return n;
}

/* As node_modules are looked through: "a/b/name", "a/name", "name". A scope's '/' makes one look-up more, in vain. */
static size_t find(struct graph *x, struct span place, struct span name)
{
        CLEANUP(buf_done) struct buf there = {0};

        for (; place.len > 0 && x->steps < STEPS_MAX; place = path_folder(place)) {
                buf_clear(&there);
                buf_put(&there, place);
                buf_put_u8(&there, '/');
                buf_put(&there, name);
                x->steps += there.len;
                size_t n = node_of(x, buf_span(&there));
                if (n != SIZE_MAX)
                        return n;
        }
        x->steps += name.len + 1;
        return node_of(x, name);
}

static void edges(struct graph *x, size_t from, struct span place, const struct tree_value *v)
{
        static const char *const kinds[] = {"dependencies", "optionalDependencies", "peerDependencies"};

        for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
                for (const struct tree_value *d = tree_first(tree_member(x->t, v, kinds[i])); d; d = d->next) {
                        size_t to = x->steps < STEPS_MAX ? find(x, place, d->key) : SIZE_MAX;
                        if (to == SIZE_MAX)
                                continue;
                        if (from == SIZE_MAX)
                                lock_graph_root(&x->g, to);
                        else
                                lock_graph_edge(&x->g, from, to);
                }
}

static void walk(struct graph *x, const struct tree_value *packages)
{
        size_t n = 0;

        tree_init(&x->nodes, x->g.arena);
        x->map = tree_add(&x->nodes, NULL, (struct span){0}, TREE_MAP);
        for (const struct tree_value *v = tree_first(packages); v; v = v->next, n++)
                tree_add(&x->nodes, x->map, v->key, TREE_TEXT)->text =
                    arena_copy(x->g.arena, span_bytes(&n, sizeof(n))); /* no more than t holds */
        x->g.n = n;
        n = 0;
        for (const struct tree_value *v = tree_first(packages); v; v = v->next, n++)
                for (const struct tree_value *part = v->first; part; part = part->next)
                        if (part->kind == TREE_MAP)
                                edges(x, n, v->key, part);
        for (const struct tree_value *v = tree_first(tree_member(x->t, x->t->root, "workspaces")); v; v = v->next)
                edges(x, SIZE_MAX, tree_text(x->t, v, "name"), v);
        lock_graph_walk(&x->g);
}

static void each(struct lock *l, const struct tree *t)
{
        const struct tree_value *packages = tree_member(t, t->root, "packages");
        struct graph x = {.g = {.arena = l->arena}, .t = t};
        size_t n = 0;

        walk(&x, packages);
        for (const struct tree_value *v = tree_first(packages); v; v = v->next, n++) {
                struct span id = v->first ? v->first->text : (struct span){0}, name, version;
                struct package p = {.development = x.steps < STEPS_MAX && !x.g.reached[n]};
                char shown[80];
                size_t at;

                if (id.len < 2 || !span_find(span_from(id, 1), '@', &at)) {
                        findings_note(l->f, "\"%s\" names no package and version: not listed",
                            span_printable(v->key, shown, sizeof(shown)));
                        continue;
                }
                name = span_cut(id, 0, at + 1);
                version = span_from(id, at + 2);
                if (span_starts(version, "workspace:") || span_starts(version, "file:") ||
                    span_starts(version, "link:") || span_starts(version, "root:"))
                        continue;
                p.name = name;
                if (version.len > 0 && memchr(version.at, ':', version.len)) { /* of git or a URL */
                        lock_npm_release(version, &p.name, &p.version);
                        lock_add_elsewhere(l, &p, version);
                        continue;
                }
                p.version = version;
                lock_add(l, &p);
        }
}

static void read_lock(struct span content, struct findings *f)
{
        lock_tree(content, f, "bun.lock", tree_bun, each);
}

LOCK_DETECTOR_BIG(lock_bun, "bun-lock", "npm", "npm", "bun.lock", read_lock);

/* Bun's own binary form, until 1.1. Its content is not asked for. */
static void read_binary(struct span content, struct findings *f)
{
        (void)content;
        findings_note(f, "not read: a binary lock file; \"bun install --save-text-lockfile\" writes one that can be");
}

static bool wants_binary(struct span path)
{
        return lock_named(path, "bun.lockb");
}

const struct detector detect_lock_bun_binary =
    LOCK_DETECTOR_SIZED("bun-lockb", "npm", "npm", "bun.lockb", wants_binary, read_binary, 0);
