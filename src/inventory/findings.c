/* What detectors hand back, and questions to paths. */
#include "inventory/detect_priv.h"

#include <stdarg.h>

/* Eight bytes of printable ASCII: bit 7 of a byte shows that it is none. */
static bool is_plain(const uint8_t *at)
{
        const uint64_t ones = 0x0101010101010101u;
        uint64_t w;

        memcpy(&w, at, sizeof(w));
        uint64_t low = (w | ones * 0x80) - ones * 0x20; /* below 0x20: loses its bit 7 */
        uint64_t del = (w ^ ones * 0x7f) + ones * 0x7f; /* 0x7f: does not gain it */
        return !((w | ~low | ~del) & ones * 0x80);
}

/* How much at the front is printable ASCII, as nearly all texts are; the last eight bytes may have been asked about before. */
static size_t plain_ascii(struct span s)
{
        size_t i = 0;

        while (i + 8 <= s.len && is_plain(s.at + i))
                i += 8;
        return i + 8 > s.len && s.len >= 8 && is_plain(s.at + s.len - 8) ? s.len : i;
}

bool text_is_clean(struct span s, size_t max)
{
        if (s.len > max)
                return false;
        s = span_from(s, plain_ascii(s));
        return !span_has_control(s) && span_is_utf8(s);
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
        if (f->remarks_left_out > 0)
                *ARENA_PUSH(f->arena, &f->notes) = arena_printf(f->arena,
                    "more than %u remarks: %zu more are not listed", INVENTORY_FILE_REMARKS_MAX, f->remarks_left_out);
        f->remarks_left_out = 0;
}

struct bounded {
        const char *what;
        struct span text;
        size_t max;
};

static bool texts_ok(struct findings *f, const char *place, struct span name, const struct bounded *texts, size_t n)
{
        char shown[80];

        for (size_t i = 0; i < n; i++) {
                if (text_is_clean(texts[i].text, texts[i].max))
                        continue;
                findings_note(f, "%s: package %s: %s is longer than %zu bytes or not clean text: not listed", place,
                    span_printable(name, shown, sizeof(shown)), texts[i].what, texts[i].max);
                return false;
        }
        return true;
}

/* What a package says of its licence, vendor and the like is for people: unreadable words are no reason to lose it. */
static struct span optional(struct arena *a, struct span text, size_t max)
{
        return text_is_clean(text, max) ? arena_copy(a, text) : (struct span){0};
}

uint32_t findings_package(struct findings *f, const char *place, const struct package *p)
{
        const struct bounded texts[] = {
            {"name", p->name, INVENTORY_NAME_MAX},
            {"version", p->version, INVENTORY_VERSION_MAX},
            {"source name", p->source_name, INVENTORY_NAME_MAX},
            {"source version", p->source_version, INVENTORY_VERSION_MAX},
            {"architecture", p->arch, INVENTORY_ARCH_MAX},
            {"module", p->module, INVENTORY_NAME_MAX},
            {"qualifier", p->qualifiers[0].value, INVENTORY_NAME_MAX},
            {"qualifier", p->qualifiers[1].value, INVENTORY_NAME_MAX},
            {"qualifier", p->qualifiers[2].value, INVENTORY_NAME_MAX},
        };

        if (!texts_ok(f, place, p->name, texts, ARRAY_LEN(texts)))
                return UINT32_MAX;
        if (p->name.len == 0) {
                findings_note(f, "%s: a package without a name: not listed", place);
                return UINT32_MAX;
        }
        struct package *to = ARENA_PUSH(f->arena, &f->packages);
        *to = *p;
        to->name = arena_copy(f->arena, p->name);
        to->version = arena_copy(f->arena, p->version);
        to->source_name = arena_copy(f->arena, p->source_name);
        to->source_version = arena_copy(f->arena, p->source_version);
        to->arch = arena_copy(f->arena, p->arch);
        to->module = arena_copy(f->arena, p->module);
        to->licence = optional(f->arena, p->licence, INVENTORY_LICENCE_MAX);
        to->vendor = optional(f->arena, p->vendor, INVENTORY_NAME_MAX);
        to->cpe = optional(f->arena, p->cpe, INVENTORY_NAME_MAX);
        to->inside = optional(f->arena, p->inside, INVENTORY_PATH_MAX);
        for (size_t i = 0; i < ARRAY_LEN(to->qualifiers); i++)
                to->qualifiers[i].value = arena_copy(f->arena, p->qualifiers[i].value);
        if (to->licence.len == 0)
                to->licence_source = LICENCE_SOURCE_NONE;
        else if (to->licence_source == LICENCE_SOURCE_NONE)
                to->licence_source = LICENCE_SOURCE_FIELD;
        return (uint32_t)f->packages.len - 1;
}

uint32_t findings_supplement(struct findings *f, const char *place, const struct supplement *s)
{
        const struct bounded texts[] = {
            {"name", s->name, INVENTORY_NAME_MAX},
            {"architecture", s->arch, INVENTORY_ARCH_MAX},
        };

        if (s->name.len == 0 || !texts_ok(f, place, s->name, texts, ARRAY_LEN(texts)))
                return UINT32_MAX;
        *ARENA_PUSH(f->arena, &f->supplements) = (struct supplement){
            .name = arena_copy(f->arena, s->name),
            .arch = arena_copy(f->arena, s->arch),
            .licence = optional(f->arena, s->licence, INVENTORY_LICENCE_MAX),
            .licence_source = s->licence_source,
        };
        return (uint32_t)f->supplements.len - 1;
}

/* As tar paths are cleaned: no '/' or "./" in front, no ".." anywhere. False: of no use. */
static bool owned_path(struct span *path)
{
        struct span rest, part;

        while (span_starts(*path, "/") || span_starts(*path, "./"))
                *path = span_from(*path, path->at[0] == '/' ? 1 : 2);
        rest = *path;
        while (rest.len > 0) {
                span_split(rest, '/', &part, &rest);
                if (span_is(part, "..") || span_is(part, ".") || part.len == 0)
                        return false;
        }
        return path->len > 0 && path->len <= INVENTORY_PATH_MAX;
}

static void owns(struct findings *f, uint32_t package, bool by_supplement, struct span path)
{
        if (package == UINT32_MAX || !owned_path(&path))
                return;
        *ARENA_PUSH(f->arena, &f->owned) =
            (struct ownership){.package = package, .by_supplement = by_supplement, .path = arena_copy(f->arena, path)};
}

void findings_owns(struct findings *f, uint32_t package, struct span path)
{
        owns(f, package, false, path);
}

void findings_supplement_owns(struct findings *f, uint32_t supplement, struct span path)
{
        owns(f, supplement, true, path);
}

void findings_remark(struct findings *f, const struct remark *r)
{
        if (f->remarks.len >= INVENTORY_FILE_REMARKS_MAX) {
                f->remarks_left_out++;
                return;
        }
        struct remark *to = ARENA_PUSH(f->arena, &f->remarks);
        *to = (struct remark){.kind = r->kind, .severity = r->severity, .line = r->line};
        to->rule = optional(f->arena, r->rule, INVENTORY_RULE_MAX);
        to->title = optional(f->arena, r->title, INVENTORY_REMARK_TEXT_MAX);
        to->excerpt = optional(f->arena, r->excerpt, INVENTORY_REMARK_TEXT_MAX);
        to->remedy = optional(f->arena, r->remedy, INVENTORY_REMARK_TEXT_MAX);
}

static const char *const usr_links[USR_LINKS] = {"bin", "lib", "lib32", "lib64", "libx32", "sbin"};

int path_usr_link(struct span path)
{
        for (size_t i = 0; i < ARRAY_LEN(usr_links); i++)
                if (span_is(path, usr_links[i]))
                        return (int)i;
        return -1;
}

struct span path_usr_merged(struct span path, struct buf *to)
{
        struct span first, rest;

        if (!span_split(path, '/', &first, &rest) || path_usr_link(first) < 0)
                return (struct span){0};
        buf_clear(to);
        buf_put_text(to, "usr/");
        buf_put(to, path);
        return buf_span(to);
}

static bool has_part(struct span path, const char *wanted)
{
        struct span part;

        while (path.len > 0) {
                span_split(path, '/', &part, &path);
                if (span_is(part, wanted))
                        return true;
        }
        return false;
}

bool path_is_documentation(struct span path)
{
        static const char *const parts[] = {"testdata", "fixtures", "__fixtures__", "examples"};

        if (span_starts(path, "usr/share/doc/") || span_starts(path, "usr/share/man/") ||
            span_starts(path, "usr/local/share/doc/"))
                return true;
        for (size_t i = 0; i < ARRAY_LEN(parts); i++)
                if (has_part(path_folder(path), parts[i]))
                        return true;
        return false;
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
