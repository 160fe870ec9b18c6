/*
 * WordPress: wp-includes/version.php, and what is installed in wp-content: plugins and themes, which state name and version
 * in a comment at their head. No source keeps advisories for them in an order that we have: they are listed, not assessed.
 */
#include "inventory/lang/lang_priv.h"
#include "inventory/fields_priv.h"

#define HEAD_MAX 8192u /* bytes in which WordPress itself looks for the fields (get_file_data) */

enum kind { NOTHING = 0, CORE, PLUGIN, THEME };

/* WordPress looks in plugins/ and one folder below; must-use plugins are files; a theme is a folder. */
static enum kind kind_of(struct span path, struct span *ret_slug)
{
        struct span name = path_name(path), folder = path_folder(path), above = path_folder(folder), rest;

        if (span_is(name, "version.php") && span_is(path_name(folder), "wp-includes")) {
                *ret_slug = SPAN_LIT("wordpress");
                return CORE;
        }
        *ret_slug = path_name(folder);
        if (span_is(name, "style.css") && span_is(path_name(above), "themes") &&
            span_is(path_name(path_folder(above)), "wp-content"))
                return THEME;
        if (!span_ends(name, ".php"))
                return NOTHING;
        if (span_is(path_name(above), "plugins") && span_is(path_name(path_folder(above)), "wp-content"))
                return PLUGIN;
        if (!span_is(path_name(above), "wp-content") ||
            (!span_is(path_name(folder), "plugins") && !span_is(path_name(folder), "mu-plugins")))
                return NOTHING;
        split_last(name, '.', ret_slug, &rest);
        return PLUGIN;
}

static bool wants(struct span path)
{
        struct span slug;

        return (span_ends(path, ".php") || span_ends(path, "/style.css")) && kind_of(path, &slug) != NOTHING;
}

/* What a comment's end and the blanks before it leave over. */
static struct span without_comment_end(struct span s)
{
        for (size_t i = 0; i + 1 < s.len; i++)
                if ((s.at[i] == '*' && s.at[i + 1] == '/') || (s.at[i] == '?' && s.at[i + 1] == '>'))
                        return span_trim(span_cut(s, 0, i));
        return span_trim(s);
}

enum field { NAME, VERSION, LICENCE, FIELDS };

/* " * Plugin Name: Akismet" at the head; the first one of each counts. */
static void read_head(struct span content, enum kind kind, struct span value[FIELDS])
{
        const char *const names[FIELDS] = {kind == THEME ? "Theme Name" : "Plugin Name", "Version", "License"};
        struct cursor in = {.rest = span_cut(content, 0, HEAD_MAX)};
        struct span line, name, text;

        while (cursor_line(&in, &line)) {
                if (span_starts(line, "<?php"))
                        line = span_from(line, 5);
                while (line.len > 0 && memchr(" \t/*#@", line.at[0], 6))
                        line = span_from(line, 1);
                if (!span_split(line, ':', &name, &text))
                        continue;
                for (size_t i = 0; i < FIELDS; i++)
                        if (value[i].len == 0 && field_is(name, names[i]))
                                value[i] = without_comment_end(text);
        }
}

/* $wp_version = '6.1.9'; */
static struct span core_version(struct span content)
{
        struct cursor in = {.rest = content};
        struct span line, left, right;

        while (cursor_line(&in, &line)) {
                if (!span_split(line, '=', &left, &right) || !span_is(span_trim(left), "$wp_version"))
                        continue;
                right = span_trim(right);
                if (right.len < 2 || (right.at[0] != '\'' && right.at[0] != '"'))
                        continue;
                span_split(span_from(right, 1), right.at[0], &left, &right);
                return left;
        }
        return (struct span){0};
}

static void read_php(struct span content, struct findings *f)
{
        struct span value[FIELDS] = {0};
        struct package p = {0};
        enum kind kind = kind_of(f->path, &p.name);
        char shown[80];

        if (kind == CORE) {
                p.version = core_version(content);
                p.licence = SPAN_LIT("GPL-2.0-or-later");
        } else {
                read_head(content, kind, value);
                if (value[NAME].len == 0)
                        return; /* another file of a plugin */
                p.version = value[VERSION];
                p.licence = licence_of_words(value[LICENCE]);
                p.qualifiers[0] =
                    (struct package_qualifier){"wordpress", kind == THEME ? SPAN_LIT("theme") : SPAN_LIT("plugin")};
        }
        if (!package_name(p.name) || !printable_word(p.version, "/"))
                findings_note(
                    f, "\"%s\" has no valid name or version: not listed", span_printable(p.name, shown, sizeof(shown)));
        else
                findings_package(f, "head", &p);
}

const struct detector detect_wordpress = {
    .name = "wordpress",
    .type = "generic",
    .ecosystem = "",
    .by_path = true,
    .size_max = INVENTORY_PACKAGE_JSON_MAX,
    .confidence = CONFIDENCE_HIGH,
    .wants = wants,
    .names = "*.php style.css",
    .read = read_php,
};
