/*
 * Ruby gems: specifications/NAME-VERSION[-PLATFORM].gemspec, those in specifications/default, and bundler's checkouts
 * (bundler/gems/NAME-REVISION/NAME.gemspec), as Gem::Specification#to_ruby writes them.
 *
 * It is Ruby source and never run: read are the line "# stub: NAME VERSION PLATFORM PATHS" and lines that assign literals.
 * RubyGems itself goes by the stub line; the file's name is what is left when there is neither.
 */
#include "inventory/lang/lang_priv.h"
#include "inventory/lang/literal_priv.h"

static const char suffix[] = ".gemspec";

static bool wants(struct span path)
{
        if (!span_ends(path, suffix) || path_name(path).len <= sizeof(suffix) - 1)
                return false;
        struct span folder = path_folder(path);
        if (span_is(path_name(folder), "default"))
                folder = path_folder(folder);
        if (span_is(path_name(folder), "specifications"))
                return true;
        folder = path_folder(path_folder(path)); /* of bundler/gems/NAME-REVISION */
        return span_is(path_name(folder), "gems") && span_is(path_name(path_folder(folder)), "bundler");
}

struct gem {
        struct arena *arena;
        struct span name, version, platform;
        struct buf licences;
        bool stubbed;
};

static void read_stub(struct gem *g, struct span words)
{
        struct span name, version, platform;

        span_split(words, ' ', &name, &words);
        span_split(words, ' ', &version, &words);
        span_split(words, ' ', &platform, &words);
        if (!package_name(name) || !printable_word(version, "/"))
                return;
        g->name = name;
        g->version = version;
        g->platform = platform;
        g->stubbed = true;
}

/* "[" and strings between commas; what is none ends the list. */
static void read_licences(struct gem *g, struct span value)
{
        struct span licence;

        if (span_starts(value, "["))
                value = span_from(value, 1);
        while (literal_ruby(&value, g->arena, &licence)) {
                licence_choice(&g->licences, licence);
                value = span_trim(value);
                if (!span_starts(value, ","))
                        return;
                value = span_trim(span_from(value, 1));
        }
}

/* Gem::Version.new("1.0") is the form of old gems. */
static struct span without_constructor(struct span value)
{
        static const char constructor[] = "Gem::Version.new(";

        return span_starts(value, constructor) ? span_from(value, sizeof(constructor) - 1) : value;
}

/* "s.name = VALUE" -> "name" and VALUE; whatever stands before the '.' is the block's variable. */
static bool assignment(struct span line, struct span *ret_field, struct span *ret_value)
{
        struct span left, right, variable, field;

        if (!span_split(line, '=', &left, &right) || !span_split(span_trim(left), '.', &variable, &field))
                return false;
        if (!printable_word(variable, ".\"'#(") || !printable_word(field, ".\"'#("))
                return false;
        *ret_field = field;
        *ret_value = span_trim(right);
        return true;
}

static void read_line(struct gem *g, struct findings *f, struct span line)
{
        struct span field, value, text;
        char shown[80];

        if (!assignment(line, &field, &value))
                return;
        if (span_is(field, "licenses") || span_is(field, "license")) {
                if (g->licences.len == 0)
                        read_licences(g, value);
                return;
        }
        struct span *to = span_is(field, "name")       ? &g->name
                          : span_is(field, "version")  ? &g->version
                          : span_is(field, "platform") ? &g->platform
                                                       : NULL;
        value = without_constructor(value);
        if (!to || !literal_ruby(&value, g->arena, &text))
                return;
        if (!g->stubbed)
                *to = text;
        else if (to != &g->platform && !span_equal(*to, text))
                findings_note(f, "line \"stub\" and %.*s \"%s\" contradict each other: the former is listed",
                    SPAN_FMT(field), span_printable(text, shown, sizeof(shown)));
}

/*
 * NAME-VERSION[-PLATFORM]: the version is the last part that begins with a digit and has a '.', since names and platforms
 * have digits too ("a-2-1.0", "a-1.0-arm64-darwin-22"); without any such, the first that begins with a digit.
 */
static void from_file_name(struct gem *g, struct span file)
{
        struct span stem = span_cut(file, 0, file.len - (sizeof(suffix) - 1));
        size_t dot;

        g->name = g->version = g->platform = (struct span){0};
        for (size_t i = 1; i + 1 < stem.len; i++) {
                struct span version = span_from(stem, i + 1), platform;
                if (stem.at[i] != '-' || version.at[0] < '0' || version.at[0] > '9')
                        continue;
                span_split(version, '-', &version, &platform);
                if (g->version.len > 0 && !span_find(version, '.', &dot))
                        continue;
                g->name = span_cut(stem, 0, i);
                g->version = version;
                g->platform = platform;
        }
}

static void read_gemspec(struct span content, struct findings *f)
{
        CLEANUP(arena_freep) struct arena *scratch = arena_new();
        struct gem g = {.arena = scratch, .licences = {.max = INVENTORY_LICENCE_MAX}};
        struct cursor in = {.rest = content};
        struct package p = {0};
        struct span line;
        char shown[80];

        for (size_t number = 1; cursor_line(&in, &line); number++) {
                line = span_trim(line);
                if (number <= 3 && !g.stubbed && span_starts(line, "# stub: "))
                        read_stub(&g, span_from(line, sizeof("# stub: ") - 1));
                else
                        read_line(&g, f, line);
        }
        if (g.name.len == 0 || g.version.len == 0) {
                from_file_name(&g, path_name(f->path));
                p.confidence = CONFIDENCE_LOW;
        }
        if (!package_name(g.name) || !printable_word(g.version, "/")) {
                findings_note(f,
                    "neither a line \"# stub:\" nor assignments nor the file's name give name and version (\"%s\"): "
                    "not listed",
                    span_printable(g.name, shown, sizeof(shown)));
        } else {
                p.name = g.name;
                p.version = g.version;
                if (g.platform.len > 0 && !span_is(g.platform, "ruby") && printable_word(g.platform, "/"))
                        p.qualifiers[0] = (struct package_qualifier){"platform", g.platform};
                if (!g.licences.failed)
                        p.licence = buf_span(&g.licences);
                findings_package(f, "gemspec", &p);
        }
        buf_done(&g.licences);
}

const struct detector detect_gem = {
    .name = "gem",
    .type = "gem",
    .ecosystem = "RubyGems",
    .by_path = true,
    .size_max = INVENTORY_PACKAGE_JSON_MAX,
    .confidence = CONFIDENCE_CERTAIN,
    .wants = wants,
    .names = "*.gemspec",
    .read = read_gemspec,
};
