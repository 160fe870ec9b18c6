/*
 * yarn.lock. Yarn 1 has a format of its own, blocks of "name@range, name@range:" with indented "version" lines; later
 * ones (Berry) write YAML with "__metadata" and a "resolution" for each package. Which package is for development
 * stands in package.json alone.
 */
#include "inventory/yaml_priv.h"

#include "inventory/lock/lock_priv.h"

/* "@scope/name@range": the '@' in front of a scope divides nothing. */
static bool split_range(struct span s, struct span *ret_name, struct span *ret_range)
{
        size_t at;

        if (s.len < 2 || !span_find(span_from(s, 1), '@', &at))
                return false;
        *ret_name = span_cut(s, 0, at + 1);
        *ret_range = span_from(s, at + 2);
        return true;
}

static struct span unquoted(struct span s)
{
        return s.len >= 2 && s.at[0] == '"' && s.at[s.len - 1] == '"' ? span_cut(s, 1, s.len - 2) : s;
}

/* ---- Yarn 1 ---- */

struct block {
        struct span name, range; /* of the first that it stands for */
        struct span version, resolved;
};

static void block_end(struct lock *l, struct block *b)
{
        struct span other;

        /* "alias@npm:other@^1.0.0", without a range after "other" too. */
        if (span_starts(b->range, "npm:")) {
                other = span_from(b->range, 4);
                if (!split_range(other, &b->name, &b->range))
                        b->name = other;
        }
        /* "github:a/b", "git+ssh://...", "https://....tgz", "a/b#v1": ranges and tags have neither ':' nor '/'. */
        bool elsewhere =
            b->range.len > 0 && (memchr(b->range.at, ':', b->range.len) || memchr(b->range.at, '/', b->range.len));
        struct package p = {.name = b->name, .version = b->version};
        if (b->version.len == 0 || span_starts(b->range, "file:") || span_starts(b->range, "link:"))
                ; /* of the project itself */
        else if (!elsewhere || lock_npm_release(b->resolved, &p.name, &p.version))
                lock_add(l, &p);
        else
                lock_add_elsewhere(l, &p, b->resolved);
        *b = (struct block){0};
}

static void classic(struct lock *l, struct span content)
{
        struct cursor c = {.rest = content};
        struct block b = {0};
        struct span line, first, rest;
        size_t number = 0;

        while (cursor_line(&c, &line)) {
                number++;
                if (span_trim(line).len == 0 || span_starts(line, "#"))
                        continue;
                if (!span_starts(line, " ")) {
                        block_end(l, &b);
                        /* A range may hold ", " only within its quotes: the first needs no more than their end. */
                        if (span_starts(line, "\""))
                                span_split(span_from(line, 1), '"', &first, &rest);
                        else
                                span_split(line, ',', &first, &rest);
                        if (!span_ends(line, ":"))
                                first = (struct span){0};
                        if (span_ends(first, ":") && !span_starts(line, "\""))
                                first = span_cut(first, 0, first.len - 1);
                        if (!split_range(first, &b.name, &b.range))
                                findings_note(l->f, "line %zu: no package of Yarn's: passed over", number);
                } else if (span_starts(line, "  version ") && b.name.len > 0) {
                        b.version = unquoted(span_trim(span_from(line, 10)));
                } else if (span_starts(line, "  resolved ")) {
                        b.resolved = unquoted(span_trim(span_from(line, 11)));
                }
        }
        block_end(l, &b);
}

/* ---- Berry ---- */

static void berry(struct lock *l, const struct tree *t)
{
        for (const struct tree_value *v = tree_first(t->root); v; v = v->next) {
                struct span name, range, resolution = tree_text(t, v, "resolution");

                if (span_is(v->key, "__metadata"))
                        continue;
                if (!split_range(resolution, &name, &range)) {
                        char shown[80];
                        findings_note(
                            l->f, "\"%s\" has no resolution: not listed", span_printable(v->key, shown, sizeof(shown)));
                        continue;
                }
                struct package p = {.name = name, .version = tree_text(t, v, "version")};
                if (span_starts(range, "workspace:") || span_starts(range, "link:") || span_starts(range, "portal:") ||
                    span_starts(range, "file:"))
                        continue;
                /* A patch is of a registry's release: "patch:name@npm%3A1.0.0#...". */
                if (span_starts(range, "npm:") || span_starts(range, "patch:") ||
                    lock_npm_release(range, &p.name, &p.version))
                        lock_add(l, &p);
                else
                        lock_add_elsewhere(l, &p, range);
        }
}

static bool is_berry(struct span content)
{
        struct cursor c = {.rest = content};
        struct span line;

        while (cursor_line(&c, &line))
                if (span_starts(line, "__metadata:"))
                        return true;
        return false;
}

static void read_lock(struct span content, struct findings *f)
{
        if (is_berry(content))
                lock_tree(content, f, "yarn.lock", tree_yaml, berry);
        else
                lock_text(content, f, "yarn.lock", classic);
}

LOCK_DETECTOR_BIG(lock_yarn, "yarn-lock", "npm", "npm", "yarn.lock", read_lock);
