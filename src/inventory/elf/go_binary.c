/*
 * Go's module lines (runtime/debug.ParseBuildInfo) -> packages.
 *
 * Versions stand as go.mod and `go version -m` have them, "v1.2.3"; the order of the ecosystem "Go" takes that 'v'. The
 * standard library is the package "stdlib" of OSV, whose versions are Go's own as SemVer: go1.22rc1 is 1.22.0-rc.1.
 */
#include "inventory/elf/elf_priv.h"

#define PLACE "Go build information"
#define SENTINEL 16u /* bytes before and after the module lines */

struct settings {
        struct span ldflags, revision, time, path;
        bool modified;
};

static void add(struct elf *s, struct span name, struct span version, enum component_confidence confidence)
{
        if (name.len > 0)
                findings_package(s->f, PLACE,
                    &(struct package){.name = name,
                        .version = version,
                        .type = "golang",
                        .ecosystem = "Go",
                        .confidence = confidence});
}

static struct span digits(struct span *s)
{
        size_t n = 0;

        while (n < s->len && s->at[n] >= '0' && s->at[n] <= '9')
                n++;
        struct span taken = span_cut(*s, 0, n);
        *s = span_from(*s, n);
        return taken;
}

static bool skip_text(struct span *s, const char *text)
{
        if (!span_starts(*s, text))
                return false;
        *s = span_from(*s, strlen(text));
        return true;
}

struct span go_release(struct span text, struct arena *a)
{
        struct span rest = text, major, minor, patch = {0}, before = {0};
        const char *stage = "";

        skip_text(&rest, "go");
        major = digits(&rest);
        bool release = skip_text(&rest, ".");
        minor = digits(&rest);
        if (skip_text(&rest, "."))
                patch = digits(&rest);
        if (skip_text(&rest, "rc"))
                stage = "-rc.";
        else if (skip_text(&rest, "beta"))
                stage = "-beta.";
        if (*stage)
                before = digits(&rest);
        release = release && major.len > 0 && minor.len > 0 && (!*stage || before.len > 0) &&
                  (rest.len == 0 || strchr(" -+", rest.at[0]));
        if (!release)
                return (struct span){0};
        return arena_printf(a, "%.*s.%.*s.%.*s%s%.*s", SPAN_FMT(major), SPAN_FMT(minor),
            SPAN_FMT(patch.len > 0 ? patch : SPAN_LIT("0")), stage, SPAN_FMT(before));
}

/* What is no release ("devel go1.23-1a2b3c") stands as it is; the order of versions then can't tell. */
static void add_stdlib(struct elf *s, struct span text)
{
        struct span release = go_release(text, s->arena);

        add(s, SPAN_LIT("stdlib"), release.len > 0 ? release : text, CONFIDENCE_HIGH);
}

/* strconv.Quote's form, or plain. Other escapes than those of a quote and a backslash can't matter for a version. */
static struct span unquote(struct elf *s, struct span text)
{
        uint8_t *to;
        size_t n = 0;

        if (text.len >= 2 && text.at[0] == '`')
                return span_cut(text, 1, text.len - 2);
        if (text.len < 2 || text.at[0] != '"')
                return text;
        to = arena_alloc(s->arena, text.len);
        for (size_t i = 1; i + 1 < text.len; i++) {
                if (text.at[i] == '\\' && i + 2 < text.len)
                        i++;
                to[n++] = text.at[i];
        }
        return (struct span){to, n};
}

/* The next word of a command line; quotes hold words together. */
static bool next_word(struct span *rest, struct span *ret)
{
        size_t n = 0;

        *rest = span_trim(*rest);
        if (rest->len == 0)
                return false;
        if ((rest->at[0] == '\'' || rest->at[0] == '"') && span_find(span_from(*rest, 1), rest->at[0], &n)) {
                *ret = span_cut(*rest, 1, n);
                *rest = span_from(*rest, n + 2);
                return true;
        }
        while (n < rest->len && rest->at[n] != ' ' && rest->at[n] != '\t' && rest->at[n] != '\n')
                n++;
        *ret = span_cut(*rest, 0, n);
        *rest = span_from(*rest, n);
        return true;
}

/* "v1.2", "1.2.3-rc1": digits, a point, a digit. */
static bool is_version(struct span text)
{
        struct span rest = text;

        skip_text(&rest, "v");
        if (digits(&rest).len == 0 || !skip_text(&rest, ".") || digits(&rest).len == 0)
                return false;
        for (size_t i = 0; i < text.len; i++)
                if (text.at[i] <= ' ' || text.at[i] >= 0x7f)
                        return false;
        return text.len <= INVENTORY_VERSION_MAX;
}

/* How much a variable that the linker sets looks like the program's version; 0: not at all. */
static unsigned rank(struct span variable, struct span module)
{
        struct span name = variable, package;
        char low[64];
        unsigned n = 1;
        size_t dot = 0;

        for (size_t i = 0; i < variable.len; i++)
                if (variable.at[i] == '.')
                        dot = i;
        package = span_cut(variable, 0, dot);
        name = span_from(variable, dot + 1);
        if (dot == 0 || name.len >= sizeof(low))
                return 0;
        for (size_t i = 0; i <= name.len; i++)
                low[i] = (char)(i == name.len                            ? 0
                                : name.at[i] >= 'A' && name.at[i] <= 'Z' ? name.at[i] + 32
                                                                         : name.at[i]);
        if (!span_ends(span_of(low), "version") || strcmp(low, "goversion") == 0)
                return 0;
        if (span_is(package, "main"))
                n += 4;
        else if (module.len > 0 && package.len >= module.len && span_equal(span_cut(package, 0, module.len), module))
                n += 2;
        return n * 2 + (strcmp(low, "version") == 0);
}

/* -X importpath.name=value */
static struct span version_of_ldflags(struct span flags, struct span module)
{
        struct span word, variable, value, best = {0};
        unsigned best_rank = 0;
        bool is_set = false;

        while (next_word(&flags, &word)) {
                bool next = span_is(word, "-X") || span_is(word, "--X");
                if (!is_set && !next && (skip_text(&word, "-X=") || skip_text(&word, "--X=")))
                        is_set = true;
                if (is_set && span_split(word, '=', &variable, &value) && is_version(value)) {
                        unsigned n = rank(variable, module);
                        if (n > best_rank) {
                                best_rank = n;
                                best = value;
                        }
                }
                is_set = next;
        }
        return best;
}

/*
 * "(devel)" is Go's own word for a version that nobody stamped. With time and commit known it is the pseudo-version that Go
 * 1.24 and later would have stamped, had there been no tag: v0.0.0-yyyymmddhhmmss-abcdefabcdef (Go Modules Reference,
 * "Pseudo-versions"). There may have been one, so this is no more than a guess.
 */
static struct span version_of_commit(struct elf *s, const struct settings *set, bool *ret_guess)
{
        struct span revision = span_cut(set->revision, 0, 12);
        char time[15] = "";
        size_t n = 0;

        for (size_t i = 0; i < set->time.len && n + 1 < sizeof(time); i++)
                if (set->time.at[i] >= '0' && set->time.at[i] <= '9')
                        time[n++] = (char)set->time.at[i];
        for (size_t i = 0; i < revision.len; i++)
                if (!memchr("0123456789abcdef", revision.at[i], 16))
                        n = 0;
        if (revision.len < 12 || n != 14 || !span_ends(set->time, "Z"))
                return SPAN_LIT("(devel)");
        *ret_guess = true;
        return arena_printf(s->arena, "v0.0.0-%s-%.*s%s", time, SPAN_FMT(revision), set->modified ? "+dirty" : "");
}

static struct span version_of_main(
    struct elf *s, struct span module, struct span version, const struct settings *set, bool *ret_guess)
{
        struct span flagged = version_of_ldflags(set->ldflags, module);
        bool stamped = version.len > 0 && !span_is(version, "(devel)");

        *ret_guess = false;
        /* v0.0.0 with a time and a commit: no tag was there to stamp */
        if (flagged.len > 0 && (!stamped || span_starts(version, "v0.0.0-")))
                return flagged;
        return stamped ? version : version_of_commit(s, set, ret_guess);
}

static void setting(struct elf *s, struct span text, struct settings *set)
{
        struct span key, value;

        if (!span_split(text, '=', &key, &value))
                return;
        if (span_is(key, "-ldflags"))
                set->ldflags = unquote(s, value);
        else if (span_is(key, "vcs.revision"))
                set->revision = value;
        else if (span_is(key, "vcs.time"))
                set->time = value;
        else if (span_is(key, "vcs.modified"))
                set->modified = span_is(value, "true");
}

/* A replacement by a folder ("./local") says no name, and of the version at most that it is "(devel)". */
static void add_dependency(struct elf *s, struct span name, struct span version, const struct span *replaced)
{
        bool folder = replaced && (span_starts(replaced[0], ".") || span_starts(replaced[0], "/"));

        add(s, replaced && !folder ? replaced[0] : name, replaced ? replaced[1] : version, CONFIDENCE_HIGH);
}

/* True when a main module or a dependency is named. */
static bool list_modules(struct elf *s, struct span text, struct settings *set)
{
        struct cursor lines = {.rest = text};
        struct span line, kind, rest, pending[2] = {{0}}, main[2] = {{0}}, at[2];
        bool is_pending = false, any = false;

        while (cursor_line(&lines, &line)) {
                span_split(line, '\t', &kind, &rest);
                span_split(rest, '\t', &at[0], &rest);
                span_split(rest, '\t', &at[1], &rest);
                if (span_is(kind, "=>") && is_pending) {
                        add_dependency(s, pending[0], pending[1], at);
                        is_pending = false;
                        continue;
                }
                if (is_pending)
                        add_dependency(s, pending[0], pending[1], NULL);
                is_pending = span_is(kind, "dep");
                if (is_pending)
                        memcpy(pending, at, sizeof(at));
                else if (span_is(kind, "mod"))
                        memcpy(main, at, sizeof(at));
                else if (span_is(kind, "path"))
                        set->path = at[0];
                else if (span_is(kind, "build"))
                        setting(s, span_from(line, strlen("build\t")), set);
                any |= is_pending || span_is(kind, "mod");
        }
        if (is_pending)
                add_dependency(s, pending[0], pending[1], NULL);
        if (main[0].len > 0) {
                bool guess;
                struct span version = version_of_main(s, main[0], main[1], set, &guess);
                add(s, main[0], version, guess ? CONFIDENCE_MEDIUM : CONFIDENCE_HIGH);
        }
        return any;
}

static void list_paths(struct elf *s, const struct settings *set)
{
        const struct elf_names *v = &s->go.modules;
        struct span main = {0};
        bool unsure, listed = false;

        go_module_of_package(set->path, &main, &unsure);
        for (size_t i = 0; i < v->len; i++) {
                const struct elf_name *n = &v->at[i];
                bool is_main = main.len > 0 && span_equal(n->name, main);
                struct span version = n->version;
                if (is_main && version.len == 0)
                        version = version_of_ldflags(set->ldflags, main);
                listed |= is_main;
                add(s, n->name, version, n->unsure ? CONFIDENCE_LOW : CONFIDENCE_MEDIUM);
        }
        if (main.len > 0 && !listed)
                add(s, main, version_of_ldflags(set->ldflags, main), CONFIDENCE_MEDIUM);
        if (v->too_many)
                findings_note(s->f, "more than %u Go modules: the others are not listed", ELF_NAMES_MAX);
}

static bool is_toolchain(struct span version)
{
        return text_is_clean(version, ELF_GO_VERSION_MAX) &&
               (span_starts(version, "go1") || span_starts(version, "go2") || span_starts(version, "devel"));
}

void go_list(struct elf *s)
{
        const struct go_place *info = NULL;
        struct settings set = {0};
        bool named = false;

        for (size_t i = 0; i < s->go.n_places && !info; i++)
                if (!s->go.places[i].refused && s->go.places[i].has[0] && is_toolchain(s->go.places[i].version))
                        info = &s->go.places[i];
        if (info) {
                struct span text = info->modules;
                add_stdlib(s, info->version);
                if (text.len > 2 * SENTINEL && text.at[text.len - SENTINEL - 1] == '\n')
                        named = list_modules(s, span_cut(text, SENTINEL, text.len - 2 * SENTINEL), &set);
        } else if (s->go.modules.len > 0) {
                add(s, SPAN_LIT("stdlib"), (struct span){0}, CONFIDENCE_MEDIUM);
        }
        if (!named)
                list_paths(s, &set);
}
