/*
 * rebar.lock (Erlang): a term, {"1.2.0", [{<<"app">>, {pkg, <<"package">>, <<"1.2.3">>}, 0}, ...]}., or the list alone
 * in its first version; what follows the list are hashes.
 */
#include "inventory/lang/literal_priv.h"
#include "inventory/lock/lock_priv.h"

struct terms {
        struct lock *l;
        struct span rest;
};

static bool skip(struct terms *t, const char *text)
{
        t->rest = span_trim(t->rest);
        if (!span_starts(t->rest, text))
                return false;
        t->rest = span_from(t->rest, strlen(text));
        return true;
}

static bool text(struct terms *t, struct span *ret)
{
        t->rest = span_trim(t->rest);
        return literal_erlang(&t->rest, t->l->arena, ret);
}

/* <<"...">> or <<"..."/utf8>> */
static bool binary(struct terms *t, struct span *ret)
{
        if (!skip(t, "<<") || !text(t, ret))
                return false;
        skip(t, "/utf8");
        return skip(t, ">>");
}

/* Up to and with the bracket that closes the innermost `depth` that are open. */
static bool skip_out(struct terms *t, size_t depth)
{
        struct span value;

        while (depth > 0) {
                t->rest = span_trim(t->rest);
                if (t->rest.len == 0)
                        return false;
                uint8_t c = t->rest.at[0];
                if (c == '"' || c == '\'') {
                        if (!literal_erlang(&t->rest, t->l->arena, &value))
                                return false;
                        continue;
                }
                depth += c == '{' || c == '[';
                depth -= c == '}' || c == ']';
                t->rest = span_from(t->rest, 1);
        }
        return true;
}

/* {git, "https://...", {ref, "0123"}} behind its first word; of a folder in it: {git_subdir, URL, {ref, ...}, "lib"}. */
static bool from_git(struct terms *t, struct package *p)
{
        struct span url;

        p->ecosystem = "";
        if (!skip(t, ",") || !text(t, &url) || !skip(t, ",") || !skip(t, "{"))
                return false;
        if (!(skip(t, "ref") || skip(t, "tag") || skip(t, "branch")) || !skip(t, ",") || !text(t, &p->version))
                return false;
        lock_add_elsewhere(t->l, p, url);
        return skip_out(t, 3);
}

/* {<<"app">>, {pkg, <<"package">>, <<"1.2.3">>, ...}, LEVEL} behind its first bracket. */
static bool entry(struct terms *t)
{
        struct package p = {0};

        if (!binary(t, &p.name) || !skip(t, ",") || !skip(t, "{"))
                return false;
        if (skip(t, "pkg")) {
                if (!skip(t, ",") || !binary(t, &p.name) || !skip(t, ",") || !binary(t, &p.version))
                        return false;
                lock_add(t->l, &p);
                return skip_out(t, 2);
        }
        return skip(t, "git_subdir") || skip(t, "git") ? from_git(t, &p) : skip_out(t, 2);
}

static void list(struct lock *l, struct span content)
{
        struct terms t = {l, content};
        struct span version;
        size_t n = 0;

        if (skip(&t, "{"))
                if (!text(&t, &version) || !skip(&t, ",")) {
                        findings_note(l->f, "not read: no lock file of rebar3's");
                        return;
                }
        if (!skip(&t, "[")) {
                findings_note(l->f, "not read: no lock file of rebar3's");
                return;
        }
        while (!skip(&t, "]")) {
                n++;
                if (!skip(&t, "{") || !entry(&t)) {
                        findings_note(
                            l->f, "entry %zu is no package of Hex or git: it and those behind it are not read", n);
                        return;
                }
                skip(&t, ",");
        }
}

static void read_lock(struct span content, struct findings *f)
{
        lock_text(content, f, "rebar.lock", list);
}

LOCK_DETECTOR_OF(lock_rebar, "rebar-lock", "hex", "Hex", "rebar.lock", read_lock);
