#include "inventory/detect_priv.h"

#include <stdarg.h>

/* One row a detector. An earlier row wins where two want a path. */
const struct detector *const detectors[] = {
    &detect_os_release,
    &detect_dpkg,
    &detect_npm,
    &detect_python,
    &detect_unread,
};
const size_t n_detectors = ARRAY_LEN(detectors);

const struct detector *detector_of_path(struct span path)
{
        for (size_t i = 0; i < n_detectors; i++)
                if (detectors[i]->wants(path))
                        return detectors[i];
        return NULL;
}

const struct detector *detector_of_name(struct span name)
{
        for (size_t i = 0; i < n_detectors; i++)
                if (span_is(name, detectors[i]->name))
                        return detectors[i];
        return NULL;
}

const struct detector *detector_of_link(struct span path)
{
        for (size_t i = 0; i < n_detectors; i++)
                if (detectors[i]->wants_no_link && detectors[i]->wants_no_link(path))
                        return detectors[i];
        return NULL;
}

bool text_is_clean(struct span s, size_t max)
{
        return s.len <= max && !span_has_control(s) && span_is_utf8(s);
}

void findings_note(struct findings *f, const char *fmt, ...)
{
        char text[700], clean[700];
        va_list args;

        if (f->notes.len >= INVENTORY_FILE_NOTES_MAX) {
                f->notes_left_out++;
                return;
        }
        va_start(args, fmt);
        int n = vsnprintf(text, sizeof(text), fmt, args);
        va_end(args);
        struct span whole = span_bytes(text, n < 0 ? 0 : (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1);
        *ARENA_PUSH(f->arena, &f->notes) = arena_copy(f->arena, span_of(span_printable(whole, clean, sizeof(clean))));
}

void findings_end(struct findings *f)
{
        if (f->notes_left_out > 0)
                *ARENA_PUSH(f->arena, &f->notes) =
                    arena_printf(f->arena, "and %zu more places in this file", f->notes_left_out);
        f->notes_left_out = 0;
}

void findings_package(struct findings *f, const char *place, const struct package *p)
{
        const struct {
                const char *what;
                struct span text;
                size_t max;
        } texts[] = {
            {"name", p->name, INVENTORY_NAME_MAX},
            {"version", p->version, INVENTORY_VERSION_MAX},
            {"source name", p->source_name, INVENTORY_NAME_MAX},
            {"source version", p->source_version, INVENTORY_VERSION_MAX},
            {"architecture", p->arch, INVENTORY_ARCH_MAX},
        };
        char shown[80];

        for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
                if (text_is_clean(texts[i].text, texts[i].max))
                        continue;
                findings_note(f, "%s: package %s: %s is longer than %zu bytes or not clean text: not listed", place,
                    span_printable(p->name, shown, sizeof(shown)), texts[i].what, texts[i].max);
                return;
        }
        struct package *to = ARENA_PUSH(f->arena, &f->packages);
        to->name = arena_copy(f->arena, p->name);
        to->version = arena_copy(f->arena, p->version);
        to->source_name = arena_copy(f->arena, p->source_name);
        to->source_version = arena_copy(f->arena, p->source_version);
        to->arch = arena_copy(f->arena, p->arch);
        /* What a package says of its licence is for people: unreadable words are no reason to lose the package. */
        if (text_is_clean(p->licence, INVENTORY_LICENCE_MAX))
                to->licence = arena_copy(f->arena, p->licence);
}

struct span path_name(struct span path)
{
        size_t from = path.len;

        while (from > 0 && path.at[from - 1] != '/')
                from--;
        return span_from(path, from);
}

struct span path_folder(struct span path)
{
        size_t len = path.len;

        while (len > 0 && path.at[len - 1] != '/')
                len--;
        return span_cut(path, 0, len > 0 ? len - 1 : 0);
}

size_t path_depth(struct span path)
{
        size_t n = 0;

        for (size_t i = 0; i < path.len; i++)
                n += path.at[i] == '/';
        return n;
}
