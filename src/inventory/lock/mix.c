/*
 * mix.lock: a map of Elixir's with a line for each package, "app": {:hex, :package, "1.2.3", ...} or
 * "app": {:git, "https://...", "commit", ...}.
 */
#include "inventory/lock/lock_priv.h"

/* "..." without escapes, which names and versions never have. */
static bool quoted(struct span *s, struct span *ret)
{
        *s = span_trim(*s);
        return span_starts(*s, "\"") && span_split(span_from(*s, 1), '"', ret, s) && ret->len > 0;
}

/* :name or :"name" */
static bool atom(struct span *s, struct span *ret)
{
        size_t len = 0;

        *s = span_trim(*s);
        if (!span_starts(*s, ":"))
                return false;
        *s = span_from(*s, 1);
        if (span_starts(*s, "\""))
                return quoted(s, ret);
        while (len < s->len && s->at[len] > ' ' && s->at[len] != ',' && s->at[len] != '}')
                len++;
        *ret = span_cut(*s, 0, len);
        *s = span_from(*s, len);
        return len > 0;
}

static bool skip(struct span *s, const char *text)
{
        *s = span_trim(*s);
        if (!span_starts(*s, text))
                return false;
        *s = span_from(*s, strlen(text));
        return true;
}

static bool entry(struct lock *l, struct span line)
{
        struct span app, kind, name, version, address;

        if (!quoted(&line, &app) || !skip(&line, ":") || !skip(&line, "{") || !atom(&line, &kind))
                return false;
        if (span_is(kind, "hex")) {
                if (!skip(&line, ",") || !atom(&line, &name) || !skip(&line, ",") || !quoted(&line, &version))
                        return false;
                lock_add_plain(l, name, version, false);
                return true;
        }
        if (span_is(kind, "git")) {
                if (!skip(&line, ",") || !quoted(&line, &address) || !skip(&line, ",") || !quoted(&line, &version))
                        return false;
                lock_add_elsewhere(l, &(struct package){.name = app, .version = version, .ecosystem = ""}, address);
        }
        return true; /* else of a folder */
}

static void lines(struct lock *l, struct span content)
{
        struct cursor c = {.rest = content};
        struct span line;
        size_t number = 0;

        while (cursor_line(&c, &line)) {
                number++;
                line = span_trim(line);
                skip(&line, "%{");
                if (line.len == 0 || span_starts(line, "}") || span_starts(line, "#"))
                        continue;
                if (!entry(l, line))
                        findings_note(l->f, "line %zu: no package of Hex or git: passed over", number);
        }
}

static void read_lock(struct span content, struct findings *f)
{
        lock_text(content, f, "mix.lock", lines);
}

LOCK_DETECTOR_OF(lock_mix, "mix-lock", "hex", "Hex", "mix.lock", read_lock);
