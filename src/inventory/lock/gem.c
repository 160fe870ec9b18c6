/*
 * Gemfile.lock (Bundler): sections GEM, GIT, PATH and PLUGIN SOURCE, each with "  specs:" and below it, four blanks in,
 * "    name (version)", and six blanks in what that needs. Groups stand in the Gemfile alone.
 */
#include "inventory/lock/lock_priv.h"

static bool wants(struct span path)
{
        return lock_named(path, "Gemfile.lock") || lock_named(path, "gems.locked");
}

/* "nokogiri (1.16.0-x86_64-linux)": a gem's own version has no '-'. */
static void spec(struct lock *l, struct span line, size_t number, bool git, struct span remote)
{
        struct span name, version, rest, url = remote;

        if (!span_split(span_trim(line), ' ', &name, &version) || !span_starts(version, "(") ||
            !span_ends(version, ")")) {
                findings_note(l->f, "line %zu: a gem without a version: passed over", number);
                return;
        }
        span_split(span_cut(version, 1, version.len - 2), '-', &version, &rest);
        struct package p = {.name = name, .version = version};
        if (git && !span_starts(url, "git"))
                url = arena_printf(l->arena, "git+%.*s", SPAN_FMT(remote));
        if (git)
                lock_add_elsewhere(l, &p, url);
        else
                lock_add(l, &p);
}

static void bundle(struct lock *l, struct span content)
{
        struct cursor c = {.rest = content};
        struct span line, remote = {0};
        bool wanted = false, specs = false, git = false;
        size_t number = 0;

        while (cursor_line(&c, &line)) {
                number++;
                if (span_trim(line).len == 0)
                        continue;
                if (line.at[0] != ' ') {
                        wanted = span_is(line, "GEM") || span_is(line, "GIT") || span_is(line, "PLUGIN SOURCE");
                        git = span_is(line, "GIT");
                        specs = false;
                } else if (span_starts(line, "  remote: ")) {
                        remote = span_trim(span_from(line, 10));
                } else if (span_is(line, "  specs:")) {
                        specs = wanted;
                } else if (specs && span_starts(line, "    ") && line.at[4] != ' ') {
                        spec(l, line, number, git, remote);
                }
        }
}

static void read_lock(struct span content, struct findings *f)
{
        lock_text(content, f, "Gemfile.lock", bundle);
}

const struct detector detect_lock_gem =
    LOCK_DETECTOR("bundler-lock", "gem", "RubyGems", "Gemfile.lock gems.locked", wants, read_lock);
