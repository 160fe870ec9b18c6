/*
 * Unpacked snaps: snap/NAME/REVISION/meta/snap.yaml (snapcraft.io, "The snap format"). Of its YAML only the scalars at
 * the top are read: name, version, license, and architectures when it names one.
 */
#include "inventory/os/os_priv.h"
#include "inventory/os/words_priv.h"

static bool wants(struct span path)
{
        return span_starts(path, "snap/") && path_depth(path) == 4 && span_ends(path, "/meta/snap.yaml");
}

/* A plain or quoted scalar on one line, a comment cut off; the empty span when it is none. */
static struct span scalar(struct span s)
{
        size_t at;

        s = span_trim(s);
        if (s.len == 0 || strchr("|>&*!%@`{", s.at[0]))
                return (struct span){0};
        if (s.at[0] == '"' || s.at[0] == '\'') {
                uint8_t quote = s.at[0];
                s = span_from(s, 1);
                return span_find(s, quote, &at) ? span_cut(s, 0, at) : (struct span){0};
        }
        for (at = 0; at < s.len; at++)
                if (s.at[at] == '#' && (at == 0 || s.at[at - 1] == ' '))
                        break;
        return span_trim(span_cut(s, 0, at));
}

/* "[amd64]" */
static struct span only_item(struct span s)
{
        s = scalar(s);
        if (s.len < 2 || !span_starts(s, "[") || !span_ends(s, "]"))
                return (struct span){0};
        s = scalar(span_cut(s, 1, s.len - 2));
        return printable_word(s, ",") ? s : (struct span){0};
}

struct snap {
        struct package p;
        bool in_architectures;
        size_t n_architectures;
};

static void read_line(struct snap *s, struct span line, struct findings *f, size_t n)
{
        struct span key, value;

        if (s->in_architectures && span_starts(span_trim(line), "- ")) {
                struct span item = scalar(span_from(span_trim(line), 2));
                s->p.arch = s->n_architectures++ == 0 && printable_word(item, "") ? item : (struct span){0};
                return;
        }
        if (line.len == 0 || line.at[0] == ' ' || line.at[0] == '#' || !span_split(line, ':', &key, &value))
                return;
        s->in_architectures = span_is(key, "architectures");
        if (s->in_architectures) {
                s->p.arch = only_item(value);
                return;
        }
        const struct {
                const char *key;
                struct span *to;
        } keys[] = {{"name", &s->p.name}, {"version", &s->p.version}, {"license", &s->p.licence}};
        for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
                if (!span_is(key, keys[i].key))
                        continue;
                if (keys[i].to->len > 0)
                        findings_note(f, "line %zu: a second %s: the first one counts", n, keys[i].key);
                else
                        *keys[i].to = scalar(value);
        }
}

static void read_snap(struct span content, struct findings *f)
{
        struct cursor c = {.rest = content};
        struct snap s = {0};
        struct span line;
        char shown[80];

        for (size_t n = 1; cursor_line(&c, &line); n++)
                read_line(&s, line, f, n);
        span_printable(s.p.name, shown, sizeof(shown));
        if (!package_name(s.p.name))
                findings_note(f, "\"%s\" is no name of a snap: not listed", shown);
        else if (!printable_word(s.p.version, ""))
                findings_note(f, "snap %s has no valid version: not listed", shown);
        else
                findings_package(f, "snap.yaml", &s.p);
}

const struct detector detect_snap = {
    .name = "snap",
    .type = "snap",
    .by_path = true,
    .size_max = INVENTORY_METADATA_MAX,
    .confidence = CONFIDENCE_HIGH,
    .names = "snap.yaml",
    .any_path = true,
    .wants = wants,
    .read = read_snap,
};
