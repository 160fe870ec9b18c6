/*
 * Package.resolved (Swift): "pins", under "object" in its first version. A package's name is where it is kept,
 * without scheme and ".git", as OSV's SwiftURL has it: "github.com/apple/swift-nio".
 */
#include "inventory/lock/lock_priv.h"

/* "https://github.com/a/b.git", "git@github.com:a/b", "ssh://git@github.com/a/b.git" -> "github.com/a/b" */
static struct span name_of(struct arena *a, struct span location)
{
        struct span host, rest, user, address = location;
        const uint8_t *scheme = memmem(location.at ? location.at : (const uint8_t *)"", location.len, "://", 3);
        bool by_ssh = !scheme;

        if (scheme)
                address = span_from(location, (size_t)(scheme - location.at) + 3);
        while (span_ends(address, "/"))
                address = span_cut(address, 0, address.len - 1);
        if (span_ends(address, ".git"))
                address = span_cut(address, 0, address.len - 4);
        if (!span_split(address, by_ssh ? ':' : '/', &host, &rest) || rest.len == 0)
                return (struct span){0};
        split_last(host, '@', &user, &host);
        return host.len > 0 ? arena_printf(a, "%.*s/%.*s", SPAN_FMT(lock_small(a, host)), SPAN_FMT(rest))
                            : (struct span){0};
}

static void each(struct lock *l, const struct tree *t)
{
        const struct tree_value *pins = tree_member(t, t->root, "pins");

        if (!pins)
                pins = tree_member(t, tree_member(t, t->root, "object"), "pins");
        for (const struct tree_value *v = tree_first(pins); v; v = v->next) {
                struct span location = tree_text(t, v, "location"), name;
                const struct tree_value *state = tree_member(t, v, "state");
                struct package p = {.version = tree_text(t, state, "version")};
                char shown[80];

                if (location.len == 0)
                        location = tree_text(t, v, "repositoryURL");
                if (span_is(tree_text(t, v, "kind"), "localSourceControl") || span_starts(location, "/") ||
                    span_starts(location, "file:"))
                        continue;
                name = name_of(l->arena, location);
                if (name.len == 0 || !memchr(name.at, '/', name.len)) {
                        findings_note(l->f, "\"%s\" is no address of a package: not listed",
                            span_printable(location, shown, sizeof(shown)));
                        continue;
                }
                p.name = name;
                if (p.version.len == 0) { /* a branch, at a commit */
                        p.version = tree_text(t, state, "revision");
                        p.ecosystem = "";
                }
                lock_add(l, &p);
        }
}

static void read_lock(struct span content, struct findings *f)
{
        lock_tree(content, f, "Package.resolved", tree_json, each);
}

LOCK_DETECTOR_OF(lock_swift, "swift-lock", "swift", "SwiftURL", "Package.resolved", read_lock);
