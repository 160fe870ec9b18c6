/*
 * PHP: .registry/[.channel.HOST/]NAME.reg of PEAR and PECL, their record of what they installed. It is one value in PHP's
 * serialize() form: s:LENGTH:"TEXT"; i:NUMBER; d:NUMBER; b:0; N; a:COUNT:{KEY VALUE ...}.
 */
#include "inventory/lang/lang_priv.h"

#define DEPTH_MAX 16u /* arrays in arrays; real ones have 8 */

static bool wants(struct span path)
{
        if (!span_ends(path, ".reg") || path_name(path).len == sizeof(".reg") - 1)
                return false;
        struct span folder = path_folder(path);
        if (span_starts(path_name(folder), ".channel."))
                folder = path_folder(folder);
        return span_is(path_name(folder), ".registry");
}

struct registry {
        struct span in;
        bool failed;
        struct span keys[DEPTH_MAX]; /* of the value that is read, outermost first */
        struct span name, version, licence, channel;
        /* In the second reading: whose files they are. */
        struct findings *owner;
        uint32_t package;
};

/* The text up to `end`, which is taken too. */
static struct span until(struct registry *r, uint8_t end)
{
        struct span text;

        if (!span_split(r->in, end, &text, &r->in))
                r->failed = true;
        return text;
}

static bool number_until(struct registry *r, uint8_t end, size_t max, size_t *ret)
{
        uint64_t n;

        if (!span_to_u64(until(r, end), &n) || n > max)
                r->failed = true;
        *ret = r->failed ? 0 : (size_t)n;
        return !r->failed;
}

/* s:3:"abc"; with the 's' and ':' read already. */
static struct span counted(struct registry *r)
{
        size_t len;

        if (!number_until(r, ':', r->in.len, &len))
                return (struct span){0};
        struct span text = span_cut(r->in, 1, len), rest = span_from(r->in, len + 1);
        if (!span_starts(r->in, "\"") || text.len != len || !span_starts(rest, "\";")) {
                r->failed = true;
                return (struct span){0};
        }
        r->in = span_from(rest, 2);
        return text;
}

/* One that is no array; its text, if it has one. The letter and the byte behind it are taken. */
static struct span scalar(struct registry *r, uint8_t letter)
{
        if (letter == 's')
                return counted(r);
        if (letter == 'i' || letter == 'd' || letter == 'b')
                return until(r, ';');
        if (letter != 'N') /* objects and references are never in a registry */
                r->failed = true;
        return (struct span){0};
}

static uint8_t letter_of(struct registry *r)
{
        uint8_t letter = r->in.len > 1 ? r->in.at[0] : 0;
        char divider = letter == 'N' ? ';' : ':';

        if (letter == 0 || r->in.at[1] != (uint8_t)divider)
                r->failed = true;
        r->in = span_from(r->in, 2);
        return letter;
}

static bool at(const struct registry *r, size_t depth, size_t level, const char *key)
{
        return level < depth && span_is(r->keys[level], key);
}

/* `depth` keys lead to the value. */
static void tell(struct registry *r, size_t depth, struct span text)
{
        if (r->owner) {
                if (depth == 3 && at(r, depth, 0, "filelist") && at(r, depth, 2, "installed_as"))
                        findings_owns(r->owner, r->package, text);
        } else if (depth == 1) {
                struct span *to = at(r, 1, 0, "name") || at(r, 1, 0, "package") ? &r->name
                                  : at(r, 1, 0, "version")                      ? &r->version
                                  : at(r, 1, 0, "license")                      ? &r->licence
                                  : at(r, 1, 0, "channel")                      ? &r->channel
                                                                                : NULL;
                if (to && to->len == 0)
                        *to = text;
        } else if (depth == 2) {
                if (at(r, depth, 0, "version") && at(r, depth, 1, "release"))
                        r->version = text;
                else if (at(r, depth, 0, "license") && at(r, depth, 1, "_content"))
                        r->licence = text;
        }
}

static void value(struct registry *r, size_t depth)
{
        uint8_t letter = letter_of(r);
        size_t count;

        if (r->failed)
                return;
        if (letter != 'a') {
                struct span text = scalar(r, letter);
                if (!r->failed)
                        tell(r, depth, text);
                return;
        }
        /* An element has two bytes at least, so the count is bounded by what is there. */
        if (!number_until(r, ':', r->in.len / 2, &count) || !span_starts(r->in, "{") || depth == DEPTH_MAX) {
                r->failed = true;
                return;
        }
        r->in = span_from(r->in, 1);
        for (size_t i = 0; i < count && !r->failed; i++) {
                letter = letter_of(r);
                if (letter != 's' && letter != 'i')
                        r->failed = true;
                if (!r->failed)
                        r->keys[depth] = scalar(r, letter);
                if (!r->failed)
                        value(r, depth + 1);
        }
        if (!span_starts(r->in, "}"))
                r->failed = true;
        r->in = span_from(r->in, 1);
}

static void read_registry(struct span content, struct findings *f)
{
        struct registry r = {.in = content};
        char shown[80];

        value(&r, 0);
        if (r.failed) {
                findings_note(f, "not read: no PHP value, near byte %zu of %zu", content.len - r.in.len, content.len);
                return;
        }
        struct package p = {.name = r.name,
            .version = r.version,
            .licence = licence_of_words(r.licence),
            .qualifiers = {{"channel", r.channel}}};
        if (!package_name(p.name) || !printable_word(p.version, "/") ||
            (r.channel.len > 0 && !printable_word(r.channel, ""))) {
                findings_note(f, "\"%s\" has no valid name, version or channel: not listed",
                    span_printable(p.name, shown, sizeof(shown)));
                return;
        }
        struct registry again = {.in = content, .owner = f, .package = findings_package(f, "registry", &p)};
        if (again.package != UINT32_MAX)
                value(&again, 0);
}

const struct detector detect_pear = {
    .name = "pear",
    .type = "pear",
    .ecosystem = "",
    .by_path = true,
    .size_max = INVENTORY_PACKAGE_FILE_MAX,
    .confidence = CONFIDENCE_CERTAIN,
    .wants = wants,
    .names = "*.reg",
    .any_path = true,
    .read = read_registry,
};
