/*
 * Programs that images bring without any package, built from source or copied from elsewhere: told by the file's name,
 * the version by a text that the program itself would print. Of those that a package owns the package says it better.
 *
 * Programs of Go need no rule: their build information names the main module and its version.
 */
#include "inventory/elf/elf_priv.h"

#define NEAR 48u /* bytes behind a version in which its neighbour begins and ends */

#define PARTS_MAX 4u

/*
 * '*' at the end stands for anything. "libz.so*" is also "libz-1f2e3d4c.so.1": auditwheel puts eight digits of a checksum
 * into the names of libraries that it copies into Python's wheels.
 */
static bool matches(struct span name, const char *file)
{
        size_t n = strlen(file), stem = n > 4 && strcmp(file + n - 4, ".so*") == 0 ? n - 4 : 0;

        if (file[n - 1] != '*')
                return span_is(name, file);
        if (stem > 0 && name.len >= stem + 9 && name.at[stem] == '-' && memcmp(name.at, file, stem) == 0) {
                struct span sum = span_cut(name, stem + 1, 8);
                while (sum.len > 0 && memchr("0123456789abcdef", sum.at[0], 16))
                        sum = span_from(sum, 1);
                return sum.len == 0 && span_starts(span_from(name, stem + 9), ".so");
        }
        return name.len >= n - 1 && memcmp(name.at, file, n - 1) == 0;
}

static size_t n_digits(struct span s)
{
        size_t n = 0;

        while (n < s.len && s.at[n] >= '0' && s.at[n] <= '9')
                n++;
        return n;
}

static void search_add(struct elf *s, const struct elf_program *p, struct span before, size_t own, bool whole)
{
        if (s->n_programs < ELF_PROGRAMS_MAX)
                s->programs[s->n_programs++] =
                    (struct elf_program_search){.rule = p, .before = before, .own = own, .whole = whole};
}

/*
 * "libpython3.11.so.1.0" -> NUL "3.11.": the version stands alone in the program. Or it is the end of a path: a linker may let
 * it begin in the middle of ".../versions/3.11.7" and of ".../Python-3.11.7".
 */
static void series_begin(struct elf *s, const struct elf_program *p, struct span name)
{
        size_t at = 0, major, minor;

        while (at < name.len && n_digits(span_from(name, at)) == 0)
                at++;
        major = n_digits(span_from(name, at));
        if (at + major >= name.len || name.at[at + major] != '.')
                return;
        minor = n_digits(span_from(name, at + major + 1));
        if (minor == 0 || major + minor > 8)
                return;
        struct span series = span_cut(name, at, major + 1 + minor);
        for (const char *c = "\0/-", *end = c + 3; c < end; c++)
                search_add(s, p, arena_printf(s->arena, "%c%.*s.", *c, SPAN_FMT(series)), series.len + 1, *c != 0);
}

void program_begin(struct elf *s, struct span path)
{
        struct span name = path_name(path);

        for (size_t i = 0; i < elf_n_programs; i++) {
                const struct elf_program *p = &elf_programs[i];
                if (!matches(name, p->file))
                        continue;
                if (p->series)
                        series_begin(s, p, name);
                else
                        search_add(s, p, p->alone ? arena_printf(s->arena, "%c%s", 0, p->before) : span_of(p->before),
                            p->own, p->whole);
        }
}

/*
 * Redis's own identification of a build, "7.0.14buildkitsandbox-1702957741": version, host, time. The host of a container is
 * twelve hexadecimal digits, "4.0.11841ce7054bd9-1542359302".
 */
static struct span version_of_build(struct span from)
{
        struct span text, head, time, rest, number;
        size_t len = 0, n;

        while (len < from.len && len < NEAR + 32 && from.at[len] > ' ' && from.at[len] < 0x7f)
                len++;
        text = span_cut(from, 0, len);
        n = len;
        while (n > 0 && text.at[n - 1] != '-')
                n--;
        if (n == 0)
                return (struct span){0};
        head = span_cut(text, 0, n - 1);
        time = span_from(text, n);
        if (time.len < 10 || n_digits(time) != time.len)
                return (struct span){0};
        rest = head;
        for (size_t part = 0; part < 2; part++)
                if (!span_split(rest, '.', &number, &rest) || number.len == 0 || number.len > 3 ||
                    n_digits(number) != number.len)
                        return (struct span){0};
        n = n_digits(rest);
        if (rest.len > 12 && rest.len - 12 <= n && rest.len - 12 <= 3) {
                size_t hex = rest.len - 12;
                while (hex < rest.len && memchr("0123456789abcdef", rest.at[hex], 16))
                        hex++;
                if (hex == rest.len)
                        n = rest.len - 12;
        }
        return n > 0 && n <= 3 && n < rest.len ? span_cut(head, 0, head.len - rest.len + n) : (struct span){0};
}

/* Behind the numbers: what is no part of a version. */
static bool ends_well(const struct elf_program_search *search, struct span rest)
{
        const struct elf_program *p = search->rule;

        if (p->after)
                return span_starts(rest, p->after);
        if (search->whole && (rest.len == 0 || rest.at[0] != 0))
                return false;
        if (p->near && rest.len == 0)
                return false;
        SPAN_HOLDS(rest);
        if (p->near && !memmem(rest.at, rest.len < NEAR ? rest.len : NEAR, p->near, strlen(p->near)))
                return false;
        /* ruby's patch level follows directly: "3.1.7p261" */
        return p->any_end || rest.len == 0 || strchr(" \n\r(<)p-+,/", rest.at[0]);
}

/* As many numbers as the program's versions have, and then something that is no part of a version. */
static struct span version_at(const struct elf_program_search *search, struct span from)
{
        const struct elf_program *p = search->rule;
        size_t at = 0, part = 0, most = p->more ? PARTS_MAX : p->parts;

        for (; part < most; part++) {
                size_t point = part > 0, n;
                if (point && (at == from.len || from.at[at] != '.'))
                        break;
                n = n_digits(span_from(from, at + point));
                if (n == 0 || n > 6)
                        return (struct span){0};
                at += point + n;
        }
        if (part < p->parts)
                return (struct span){0};
        if (p->patch && at + 1 < from.len && from.at[at] == 'p' && n_digits(span_from(from, at + 1)) > 0)
                at += 1 + n_digits(span_from(from, at + 1));
        else if (p->patched)
                return (struct span){0};
        while (p->letters && at < from.len && from.at[at] >= 'a' && from.at[at] <= 'z')
                at++;
        return ends_well(search, span_from(from, at)) ? span_cut(from, 0, at) : (struct span){0};
}

/* The byte in front of a place; 0: the file begins there. */
static uint8_t byte_before(const struct elf *s, struct span window, size_t at)
{
        return at > 0 ? window.at[at - 1] : s->program_last;
}

/* A version may stand behind anything that is no number. */
static void builds_in(struct elf *s, struct elf_program_search *search, struct span window, size_t n)
{
        for (size_t at = 0; at < n && search->version.len == 0; at++) {
                uint8_t before = byte_before(s, window, at);
                if (window.at[at] < '0' || window.at[at] > '9' || before == '.' || (before >= '0' && before <= '9'))
                        continue;
                search->version = arena_copy(s->arena, version_of_build(span_from(window, at)));
        }
}

/* The next place at which what stands in front of the version begins; `n` when there is none. */
static size_t next_place(const struct elf_program_search *search, struct span window, size_t at, size_t n)
{
        const uint8_t *hit;

        if (search->before.len > 1) {
                hit = memmem(window.at + at, window.len - at, search->before.at, search->before.len);
                return hit && (size_t)(hit - window.at) < n ? (size_t)(hit - window.at) : n;
        }
        /* A NUL alone: programs are full of them, so the digit behind is asked for at once. */
        while (at < n && (window.at[at] != 0 || at + 1 >= window.len || (uint8_t)(window.at[at + 1] - '0') > 9))
                at++;
        return at;
}

static void search_in(struct elf *s, struct elf_program_search *search, struct span window, size_t n)
{
        if (search->rule->build) {
                builds_in(s, search, window, n);
                return;
        }
        for (size_t at = 0; search->version.len == 0; at++) {
                at = next_place(search, window, at, n);
                if (at >= n)
                        return;
                if (search->rule->never && byte_before(s, window, at) == (uint8_t)search->rule->never)
                        continue;
                search->version =
                    arena_copy(s->arena, version_at(search, span_from(window, at + search->before.len - search->own)));
        }
}

void program_scan(struct elf *s, struct span window, size_t n)
{
        for (size_t i = 0; i < s->n_programs; i++)
                search_in(s, &s->programs[i], window, n);
        if (n > 0)
                s->program_last = window.at[n - 1];
}

/* "9.2p1" is version 9.2, update p1. */
static struct span cpe_of(struct elf *s, const struct elf_program *p, struct span version)
{
        struct span number = version, update = SPAN_LIT("*");

        for (size_t i = 0; p->patch && i < version.len; i++)
                if (version.at[i] == 'p') {
                        number = span_cut(version, 0, i);
                        update = span_from(version, i);
                }
        return arena_printf(s->arena, "cpe:2.3:a:%s:%.*s:%.*s:*:*:*:*:*:*", p->cpe, SPAN_FMT(number), SPAN_FMT(update));
}

void program_list(struct elf *s)
{
        for (size_t i = 0; i < s->n_programs; i++) {
                const struct elf_program_search *found = &s->programs[i];
                if (found->version.len == 0)
                        continue;
                findings_package(s->f, "program",
                    &(struct package){.name = span_of(found->rule->name),
                        .version = found->version,
                        .cpe = cpe_of(s, found->rule, found->version),
                        .confidence = CONFIDENCE_MEDIUM,
                        .unless_owned = true});
                return;
        }
}
