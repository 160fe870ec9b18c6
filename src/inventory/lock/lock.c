/* What the readers of lock files share. */
#include "inventory/lock/lock_priv.h"

/*
 * Folders in which package managers keep what they installed: a lock file there is the package's own, of its maker's
 * machine.
 */
bool lock_path(struct span path)
{
        static const char *const parts[] = {
            "node_modules", "site-packages", "dist-packages", "vendor", "gems", "bower_components", "Pods"};
        static const char *const pairs[][2] = {
            {"pkg", "mod"}, {"registry", "src"}, {"git", "checkouts"}, {"share", "nodejs"}, {"lib", "nodejs"}};
        struct span folder = path_folder(path), part, before = {0};

        if (path_is_documentation(path))
                return false;
        for (; folder.len > 0; before = part) {
                span_split(folder, '/', &part, &folder);
                for (size_t i = 0; i < ARRAY_LEN(parts); i++)
                        if (span_is(part, parts[i]))
                                return false;
                for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
                        if (span_is(before, pairs[i][0]) && span_is(part, pairs[i][1]))
                                return false;
        }
        return true;
}

/* Parts divided by '/', none of which could lead out of a folder. */
static bool name_ok(struct span name)
{
        struct span part;

        if (!printable_word(name, "\\") || name.at[name.len - 1] == '/')
                return false;
        while (name.len > 0) {
                span_split(name, '/', &part, &name);
                if (!package_name(part))
                        return false;
        }
        return true;
}

void lock_add(struct lock *l, const struct package *p)
{
        char shown[80];

        if (!name_ok(p->name) || (p->version.len > 0 && !printable_word(p->version, "\\"))) {
                findings_note(l->f, "%s: \"%s\" has no valid name or version: not listed", l->place,
                    span_printable(p->name, shown, sizeof(shown)));
                return;
        }
        if (l->packages.len < LOCK_PACKAGES_MAX)
                *ARENA_PUSH(l->arena, &l->packages) = *p;
        else
                l->n_left_out++;
}

/* "https://user:password@host/x?token=1#0123" -> "https://host/x#0123"; ssh's user "git" is no secret and stays. */
static struct span public_url(struct arena *a, struct span url)
{
        CLEANUP(buf_done) struct buf b = {.max = INVENTORY_NAME_MAX};
        const uint8_t *scheme = url.len > 0 ? memmem(url.at, url.len, "://", 3) : NULL;
        struct span host, path, query, fragment, user;

        if (scheme)
                buf_put(&b, span_cut(url, 0, (size_t)(scheme - url.at) + 3));
        url = span_from(url, b.len);
        bool has_path = span_split(url, '/', &host, &path);
        if (split_last(host, '@', &user, &host) && span_is(user, "git"))
                buf_put_text(&b, "git@");
        buf_put(&b, host);
        buf_put_text(&b, has_path ? "/" : "");
        bool has_fragment = span_split(path, '#', &path, &fragment);
        span_split(path, '?', &path, &query);
        buf_put(&b, path);
        buf_put_text(&b, has_fragment ? "#" : "");
        buf_put(&b, fragment);
        return !b.failed && printable_word(buf_span(&b), "") ? arena_copy(a, buf_span(&b)) : (struct span){0};
}

static bool is_git(struct span url)
{
        struct span address, fragment, query;

        span_split(url, '#', &address, &fragment);
        span_split(address, '?', &address, &query);
        return span_starts(url, "git") || span_starts(url, "ssh://") || span_ends(address, ".git");
}

void lock_add_elsewhere(struct lock *l, const struct package *p, struct span url)
{
        struct package made = *p;
        size_t n = 0;

        if (p->version.len == 0)
                made.ecosystem = "";
        while (n < ARRAY_LEN(made.qualifiers) && made.qualifiers[n].key)
                n++;
        bool from_web = span_starts(url, "http://") || span_starts(url, "https://");
        if (n < ARRAY_LEN(made.qualifiers) && (is_git(url) || from_web)) {
                struct span shown = public_url(l->arena, url);
                if (shown.len > 0)
                        made.qualifiers[n] =
                            (struct package_qualifier){is_git(url) ? "vcs_url" : "download_url", shown};
        }
        lock_add(l, &made);
}

static int texts_compare(const char *a, const char *b)
{
        return strcmp(a ? a : "", b ? b : "");
}

static int by_name(const void *a, const void *b)
{
        const struct package *x = a, *y = b;
        int c = span_compare(x->name, y->name);

        c = c ? c : span_compare(x->version, y->version);
        c = c ? c : texts_compare(x->type, y->type);
        c = c ? c : texts_compare(x->ecosystem, y->ecosystem);
        for (size_t i = 0; i < ARRAY_LEN(x->qualifiers) && !c; i++) {
                c = texts_compare(x->qualifiers[i].key, y->qualifiers[i].key);
                c = c ? c : span_compare(x->qualifiers[i].value, y->qualifiers[i].value);
        }
        return c;
}

void lock_end(struct lock *l)
{
        struct package *p = l->packages.at;
        size_t n = l->packages.len;

        if (l->n_left_out > 0)
                findings_note(l->f, "%s: more than %u packages: %zu more are not listed", l->place, LOCK_PACKAGES_MAX,
                    l->n_left_out);
        if (n > 1)
                qsort(p, n, sizeof(*p), by_name);
        for (size_t i = 0, next; i < n; i = next) {
                for (next = i + 1; next < n && by_name(&p[i], &p[next]) == 0; next++) {
                        p[i].development = p[i].development && p[next].development;
                        if (p[i].licence.len == 0)
                                p[i].licence = p[next].licence;
                }
                findings_package(l->f, l->place, &p[i]);
        }
}

struct span lock_small(struct arena *a, struct span s)
{
        uint8_t *at = arena_alloc(a, s.len);

        for (size_t i = 0; i < s.len; i++)
                at[i] = s.at[i] >= 'A' && s.at[i] <= 'Z' ? (uint8_t)(s.at[i] + 32) : s.at[i];
        return span_bytes(at, s.len);
}

struct span lock_python_name(struct arena *a, struct span name)
{
        struct span small = lock_small(a, name);
        uint8_t *at = arena_alloc(a, name.len);
        size_t len = 0;

        for (size_t i = 0; i < small.len; i++) {
                bool joint = small.at[i] == '-' || small.at[i] == '_' || small.at[i] == '.';
                if (!joint)
                        at[len++] = small.at[i];
                else if (len == 0 || at[len - 1] != '-')
                        at[len++] = '-';
        }
        return span_bytes(at, len);
}

void lock_tree(struct span content, struct findings *f, const char *place, lock_reader *read,
    void (*each)(struct lock *l, const struct tree *t))
{
        CLEANUP(arena_freep) struct arena *scratch = arena_new();
        struct lock l = {.f = f, .place = place, .arena = scratch};
        struct tree t;
        struct err e = {0};

        tree_init(&t, scratch);
        if (!read(&t, content, &e)) {
                findings_note(f, "not read: %s", e.text);
                return;
        }
        if (!t.root || t.root->kind != TREE_MAP) {
                findings_note(f, "not read: no lock file, its outermost value is no map");
                return;
        }
        each(&l, &t);
        lock_end(&l);
}

void lock_text(
    struct span content, struct findings *f, const char *place, void (*each)(struct lock *l, struct span content))
{
        CLEANUP(arena_freep) struct arena *scratch = arena_new();
        struct lock l = {.f = f, .place = place, .arena = scratch};

        each(&l, span_starts(content, "\xef\xbb\xbf") ? span_from(content, 3) : content);
        lock_end(&l);
}

void lock_graph_edge(struct lock_graph *g, size_t from, size_t to)
{
        *ARENA_PUSH(g->arena, &g->edges) = (struct lock_edge){from, to};
}

void lock_graph_root(struct lock_graph *g, size_t node)
{
        *ARENA_PUSH(g->arena, &g->roots) = node;
}

static int by_from(const void *a, const void *b)
{
        const struct lock_edge *x = a, *y = b;

        return (x->from > y->from) - (x->from < y->from);
}

/* Every node and edge is looked at once. */
void lock_graph_walk(struct lock_graph *g)
{
        size_t *first = arena_array(g->arena, g->n + 2, sizeof(*first)); /* of a node's edges */
        size_t *todo = arena_array(g->arena, g->n + 1, sizeof(*todo)), n_todo = 0;

        g->reached = arena_array(g->arena, g->n + 1, sizeof(*g->reached));
        if (g->edges.len > 1)
                qsort(g->edges.at, g->edges.len, sizeof(*g->edges.at), by_from);
        for (size_t i = 0; i < g->edges.len; i++)
                first[g->edges.at[i].from + 1]++;
        for (size_t i = 0; i < g->n; i++)
                first[i + 1] += first[i];
        for (size_t i = 0; i < g->roots.len; i++)
                if (!g->reached[g->roots.at[i]]) {
                        g->reached[g->roots.at[i]] = true;
                        todo[n_todo++] = g->roots.at[i];
                }
        while (n_todo > 0) {
                size_t from = todo[--n_todo];
                for (size_t i = first[from]; i < first[from + 1]; i++) {
                        size_t to = g->edges.at[i].to;
                        if (!g->reached[to]) {
                                g->reached[to] = true;
                                todo[n_todo++] = to;
                        }
                }
        }
}
