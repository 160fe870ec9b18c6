/*
 * requirements*.txt and *.txt in a folder "requirements", of which only exact pins are packages: "name==1.2.3" (PEP 508
 * with pip's own options around it). Files that a line names with -r are not followed: most are read by themselves.
 */
#include "inventory/lock/lock_priv.h"

static bool wants(struct span path)
{
        struct span name = path_name(path);

        if (!span_ends(name, ".txt") || !lock_path(path))
                return false;
        return span_starts(name, "requirements") || span_is(path_name(path_folder(path)), "requirements");
}

static bool is_name(uint8_t c)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
               c == '.';
}

/* "==1.2.3" or "===1.2.3" and nothing beside it; "==1.*" is a range, as are two conditions. */
static bool exact_version(struct span rest, struct span *ret)
{
        size_t len = 0;

        if (!span_starts(rest, "=="))
                return false;
        rest = span_trim(span_from(rest, span_starts(rest, "===") ? 3 : 2));
        while (len < rest.len && rest.at[len] > ' ' && !memchr(";,#)", rest.at[len], 4))
                len++;
        *ret = span_cut(rest, 0, len);
        return len > 0 && rest.at[len - 1] != '*' && !span_starts(span_trim(span_from(rest, len)), ",");
}

void lock_requirement(struct lock *l, struct span line, const char *type, const char *ecosystem)
{
        struct span rest = span_trim(line), inner, url;
        struct package p = {.type = type, .ecosystem = ecosystem};
        size_t len = 0;

        while (len < rest.len && is_name(rest.at[len]))
                len++;
        if (len == 0 || memchr("-_.", rest.at[0], 3)) /* "./folder", "--option" */
                return;
        p.name = lock_python_name(l->arena, span_cut(rest, 0, len));
        rest = span_trim(span_from(rest, len));
        if (span_starts(rest, "["))
                span_split(rest, ']', &inner, &rest);
        rest = span_trim(rest);
        if (span_starts(rest, "@")) { /* name @ https://... ; marker */
                span_split(span_trim(span_from(rest, 1)), ' ', &url, &rest);
                if (!span_starts(url, "file:") && url.len > 0)
                        lock_add_elsewhere(l, &p, url);
                return;
        }
        rest = span_from(rest, span_starts(rest, "(")); /* "name (==1.0)", the old form */
        if (!exact_version(rest, &p.version))
                return;
        p.version = arena_copy(l->arena, p.version);
        lock_add(l, &p);
}

/* "-r other.txt", "--requirement=other.txt": true for one that is not read by itself. */
static bool is_lost(struct span own_folder, struct span line)
{
        static const char *const options[] = {"-r", "--requirement"};
        struct span name;

        for (size_t i = 0; i < ARRAY_LEN(options); i++) {
                if (!span_starts(line, options[i]))
                        continue;
                name = span_trim(span_from(line, strlen(options[i])));
                name = span_trim(span_from(name, span_starts(name, "=")));
                name = span_from(name, span_starts(name, "./") ? 2 : 0);
                bool beside = path_folder(name).len == 0 && span_is(path_name(own_folder), "requirements");
                SPAN_HOLDS(name);
                return (name.len > 0 && memmem(name.at, name.len, "://", 3)) || !(wants(name) || (beside && span_ends(name, ".txt")));
        }
        return false;
}

static void one_line(struct lock *l, struct span line, size_t *n_lost)
{
        line = span_trim(line);
        if (line.len == 0)
                return;
        if (line.at[0] == '-')
                *n_lost += is_lost(path_folder(l->f->path), line);
        else
                lock_requirement(l, line, NULL, NULL);
}

static void lines(struct lock *l, struct span content)
{
        struct cursor c = {.rest = content};
        CLEANUP(buf_done) struct buf joined = {.max = 65536};
        struct span line;
        size_t n_lost = 0;

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
                        one_line(l, buf_span(&joined), &n_lost);
                buf_clear(&joined);
        }
        if (!joined.failed)
                one_line(l, buf_span(&joined), &n_lost);
        if (n_lost > 0)
                findings_note(l->f, "%zu files that it names with -r are not read", n_lost);
}

static void read_lock(struct span content, struct findings *f)
{
        lock_text(content, f, "requirements.txt", lines);
}

/* Which other files are read by themselves depends on where this one lies. */
const struct detector detect_lock_requirements = {
    .name = "requirements",
    .type = "pypi",
    .ecosystem = "PyPI",
    .confidence = CONFIDENCE_HIGH,
    .state = COMPONENT_DECLARED,
    .by_path = true,
    .size_max = LOCK_FILE_MAX,
    .wants = wants,
    .names = "*.txt",
    .read = read_lock,
};
