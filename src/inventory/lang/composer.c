/*
 * PHP: composer/installed.json in a vendor folder, Composer's record of what it installed: an array of packages
 * (Composer 1), or an object that holds it as "packages", with the names of those for development (Composer 2).
 */
#include "inventory/lang/lang_priv.h"

static bool wants(struct span path)
{
        return span_is(path_name(path), "installed.json") && span_is(path_name(path_folder(path)), "composer");
}

/* "vendor/name"; Packagist's names are in small letters, and Composer takes them in any. */
static bool name_ok(struct span name)
{
        struct span vendor, rest;

        return span_split(name, '/', &vendor, &rest) && package_name(vendor) && package_name(rest);
}

static void put_small(struct buf *to, struct span s)
{
        for (size_t i = 0; i < s.len; i++)
                buf_put_u8(to, s.at[i] >= 'A' && s.at[i] <= 'Z' ? (uint8_t)(s.at[i] + 32) : s.at[i]);
}

/* "v1.2.3" is 1.2.3 for Composer, and in Packagist's advisories; "dev-main" is a branch and stays. */
static struct span version_clean(struct span s)
{
        bool v = s.len > 1 && (s.at[0] == 'v' || s.at[0] == 'V') && s.at[1] >= '0' && s.at[1] <= '9';

        return span_from(s, v);
}

/* An array of licences, of which one may choose, or one alone. */
static void read_licence(struct json *j, struct buf *licence)
{
        if (json_peek(j) != JSON_ARRAY) {
                licence_choice(licence, json_text_or_skip(j));
                return;
        }
        json_array(j);
        while (json_element(j))
                licence_choice(licence, json_text_or_skip(j));
}

static void read_package(struct json *j, struct findings *f)
{
        struct package p = {0};
        struct span key, type = {0};
        CLEANUP(buf_done) struct buf licence = {.max = INVENTORY_LICENCE_MAX}, name = {.max = INVENTORY_NAME_MAX};
        char shown[80];

        if (!json_object_or_skip(j))
                return;
        while (json_member(j, &key)) {
                if (span_is(key, "name"))
                        p.name = json_text_or_skip(j);
                else if (span_is(key, "version"))
                        p.version = version_clean(json_text_or_skip(j));
                else if (span_is(key, "license"))
                        read_licence(j, &licence);
                else if (span_is(key, "type"))
                        type = json_text_or_skip(j);
                else
                        json_skip(j);
        }
        if (j->failed)
                return;
        if (span_is(type, "metapackage")) /* a name for others: nothing is installed for it */
                p.state = COMPONENT_DECLARED;
        put_small(&name, p.name);
        if (!name_ok(p.name) || name.failed || !printable_word(p.version, "")) {
                findings_note(
                    f, "\"%s\" has no valid name or version: not listed", span_printable(p.name, shown, sizeof(shown)));
                return;
        }
        p.name = buf_span(&name);
        if (!licence.failed)
                p.licence = buf_span(&licence);
        findings_package(f, "installed.json", &p);
}

static void read_packages(struct json *j, struct findings *f)
{
        if (json_peek(j) != JSON_ARRAY) {
                json_fail(j, ERR_MALFORMED, "the packages are no array");
                return;
        }
        json_array(j);
        while (json_element(j))
                read_package(j, f);
}

struct names {
        struct span *at;
        size_t len, cap;
};

static void read_names(struct json *j, struct arena *a, struct names *names)
{
        CLEANUP(buf_done) struct buf name = {.max = INVENTORY_NAME_MAX};

        if (!json_array_or_skip(j))
                return;
        while (json_element(j)) {
                buf_clear(&name);
                put_small(&name, json_text_or_skip(j));
                *ARENA_PUSH(a, names) = arena_copy(a, buf_span(&name));
        }
}

static int by_text(const void *a, const void *b)
{
        return span_compare(*(const struct span *)a, *(const struct span *)b);
}

static void mark_development(struct findings *f, struct names *names)
{
        if (names->len == 0)
                return;
        qsort(names->at, names->len, sizeof(*names->at), by_text);
        for (size_t i = 0; i < f->packages.len; i++)
                f->packages.at[i].development =
                    bsearch(&f->packages.at[i].name, names->at, names->len, sizeof(*names->at), by_text) != NULL;
}

static void read_installed(struct span content, struct findings *f)
{
        struct json j;
        struct span key;
        struct names development = {0};
        struct err e = {0};
        CLEANUP(arena_freep) struct arena *scratch = arena_new();

        json_init(&j, content, scratch, NULL);
        if (json_peek(&j) == JSON_OBJECT) {
                json_object(&j);
                while (json_member(&j, &key)) {
                        if (span_is(key, "packages"))
                                read_packages(&j, f);
                        else if (span_is(key, "dev-package-names"))
                                read_names(&j, scratch, &development);
                        else
                                json_skip(&j);
                }
        } else {
                read_packages(&j, f);
        }
        mark_development(f, &development);
        if (!json_finish(&j, &e))
                findings_note(f, "not read to its end: %s", e.text);
}

const struct detector detect_composer = {
    .name = "composer",
    .type = "composer",
    .ecosystem = "Packagist",
    .by_path = true,
    .size_max = INVENTORY_PACKAGE_FILE_MAX,
    .confidence = CONFIDENCE_CERTAIN,
    .wants = wants,
    .names = "installed.json",
    .any_path = true,
    .read = read_installed,
};
