/*
 * Programs that images bring without any package, built from source or copied from elsewhere: told by the file's name,
 * the version by a text that the program itself would print. Of those that a package owns the package says it better.
 */
#include "inventory/elf/elf_priv.h"

static const struct elf_program programs[] = {
    {.file = "apache2", .name = "httpd", .before = "Apache/", .parts = 3},
    {.file = "bash", .name = "bash", .before = "@(#)Bash version ", .parts = 3},
    {.file = "busybox", .name = "busybox", .before = "BusyBox v", .parts = 3},
    {.file = "curl", .name = "curl", .before = "curl/", .parts = 3},
    {.file = "git", .name = "git", .before = "git/", .parts = 3},
    {.file = "httpd", .name = "httpd", .before = "Apache/", .parts = 3},
    {.file = "libcrypto.so*", .name = "openssl", .before = "OpenSSL ", .parts = 3, .letters = true},
    {.file = "libcurl.so*", .name = "curl", .before = "libcurl/", .parts = 3},
    {.file = "libphp*", .name = "php", .before = "PHP/", .parts = 3},
    {.file = "libpython*", .name = "python", .series = true, .parts = 3},
    {.file = "libruby*", .name = "ruby", .before = "ruby ", .parts = 3},
    {.file = "memcached", .name = "memcached", .before = "memcached ", .parts = 3},
    {.file = "nginx", .name = "nginx", .before = "nginx version: nginx/", .parts = 3},
    {.file = "node", .name = "node", .before = "node.js/v", .parts = 3},
    {.file = "openssl", .name = "openssl", .before = "OpenSSL ", .parts = 3, .letters = true},
    {.file = "perl*", .name = "perl", .before = "v5.", .alone = true, .own = 2, .parts = 3},
    {.file = "php*", .name = "php", .before = "PHP/", .parts = 3},
    {.file = "postgres", .name = "postgresql", .before = "PostgreSQL ", .parts = 2},
    {.file = "python*", .name = "python", .series = true, .parts = 3},
    {.file = "ruby*", .name = "ruby", .before = "ruby ", .parts = 3},
};

/* '*' at the end stands for anything. */
static bool matches(struct span name, const char *file)
{
        size_t n = strlen(file);

        if (file[n - 1] != '*')
                return span_is(name, file);
        return name.len >= n - 1 && memcmp(name.at, file, n - 1) == 0;
}

static size_t n_digits(struct span s)
{
        size_t n = 0;

        while (n < s.len && s.at[n] >= '0' && s.at[n] <= '9')
                n++;
        return n;
}

/* "libpython3.11.so.1.0" -> NUL "3.11.": the version stands alone in the program. */
static bool series_of(struct span name, struct elf *s)
{
        size_t at = 0, major, minor;

        while (at < name.len && n_digits(span_from(name, at)) == 0)
                at++;
        major = n_digits(span_from(name, at));
        if (at + major >= name.len || name.at[at + major] != '.')
                return false;
        minor = n_digits(span_from(name, at + major + 1));
        if (minor == 0 || major + minor > 8)
                return false;
        s->program_before = arena_printf(s->arena, "%c%.*s.", 0, SPAN_FMT(span_cut(name, at, major + 1 + minor)));
        return true;
}

void program_begin(struct elf *s, struct span path)
{
        struct span name = path_name(path);

        for (size_t i = 0; i < ARRAY_LEN(programs) && !s->program; i++) {
                if (!matches(name, programs[i].file) || (programs[i].series && !series_of(name, s)))
                        continue;
                s->program = &programs[i];
                if (!programs[i].series)
                        s->program_before = programs[i].alone ? arena_printf(s->arena, "%c%s", 0, programs[i].before)
                                                              : span_of(programs[i].before);
        }
}

/* As many numbers as the program's versions have, and then something that is no part of a version. */
static struct span version_at(const struct elf_program *p, struct span from)
{
        size_t at = 0;

        for (size_t part = 0; part < p->parts; part++) {
                size_t n = n_digits(span_from(from, at));
                if (n == 0 || n > 6 || (part > 0 && from.at[at - 1] != '.'))
                        return (struct span){0};
                at += n + 1;
        }
        at--;
        while (p->letters && at < from.len && from.at[at] >= 'a' && from.at[at] <= 'z')
                at++;
        /* ruby's patch level follows directly: "3.1.7p261" */
        if (at < from.len && !strchr(" \n(<)p-", from.at[at]))
                return (struct span){0};
        return span_cut(from, 0, at);
}

void program_scan(struct elf *s, struct span window, size_t n)
{
        size_t at = 0;

        while (s->program && s->program_version.len == 0 && at < n) {
                const uint8_t *hit =
                    memmem(window.at + at, window.len - at, s->program_before.at, s->program_before.len);
                if (!hit || (size_t)(hit - window.at) >= n)
                        return;
                at = (size_t)(hit - window.at) + 1;
                size_t skip = s->program->series ? 1 : s->program_before.len - s->program->own;
                s->program_version = arena_copy(s->arena, version_at(s->program, span_from(window, at - 1 + skip)));
        }
}

void program_list(struct elf *s)
{
        if (s->program && s->program_version.len > 0)
                findings_package(s->f, "program",
                    &(struct package){.name = span_of(s->program->name),
                        .version = s->program_version,
                        .confidence = CONFIDENCE_MEDIUM,
                        .unless_owned = true});
}
