/* Haskell: package.conf.d/ID.conf (or package.db/ID.conf) of a ghc package database, as ghc-pkg registers a library. */
#include "inventory/lang/lang_priv.h"
#include "inventory/fields_priv.h"

static bool wants(struct span path)
{
        if (!span_ends(path, ".conf") || path_name(path).len == sizeof(".conf") - 1)
                return false;
        struct span folder = path_name(path_folder(path));
        return span_is(folder, "package.conf.d") || span_is(folder, "package.db");
}

/* Before cabal 2.2 licences were Cabal's own words. */
static const struct {
        const char *words, *spdx;
} licences[] = {
    {"AGPL-3", "AGPL-3.0-only"},
    {"BSD2", "BSD-2-Clause"},
    {"BSD3", "BSD-3-Clause"},
    {"GPL-2", "GPL-2.0-only"},
    {"GPL-3", "GPL-3.0-only"},
    {"LGPL-2.1", "LGPL-2.1-only"},
    {"LGPL-3", "LGPL-3.0-only"},
    {"PublicDomain", "LicenseRef-PublicDomain"},
};

static struct span licence_of(struct span words)
{
        for (size_t i = 0; i < ARRAY_LEN(licences); i++)
                if (span_is(words, licences[i].words))
                        return span_of(licences[i].spdx);
        return span_is(words, "UnspecifiedLicense") || span_is(words, "NONE") ? (struct span){0} : words;
}

enum field { NAME, PACKAGE, VERSION, LICENCE, FIELDS };

static void read_conf(struct span content, struct findings *f)
{
        static const char *const names[FIELDS] = {"name", "package-name", "version", "license"};
        struct fields in;
        struct span value[FIELDS] = {0}, name, text;
        enum fields_step step;
        char shown[80];

        fields_init(&in, content, false);
        while ((step = fields_next(&in, &name, &text)) == FIELDS_FIELD || step == FIELDS_BROKEN ||
               step == FIELDS_STANZA_END) /* an empty line in a description ends nothing */
                for (size_t i = 0; step == FIELDS_FIELD && i < FIELDS; i++)
                        if (field_is(name, names[i]) && value[i].len == 0)
                                value[i] = text;
        /* A library inside a package is registered as "z-PACKAGE-z-LIBRARY", with the package's name beside it. */
        struct package p = {.name = value[PACKAGE].len > 0 ? value[PACKAGE] : value[NAME],
            .version = value[VERSION],
            .licence = licence_of(value[LICENCE])};
        if (!package_name(p.name) || !printable_word(p.version, "/"))
                findings_note(
                    f, "\"%s\" has no valid name or version: not listed", span_printable(p.name, shown, sizeof(shown)));
        else
                findings_package(f, "conf", &p);
}

const struct detector detect_haskell = {
    .name = "haskell",
    .type = "hackage",
    .ecosystem = "Hackage",
    .by_path = true,
    .size_max = INVENTORY_PACKAGE_JSON_MAX,
    .confidence = CONFIDENCE_CERTAIN,
    .wants = wants,
    .names = "*.conf",
    .any_path = true,
    .read = read_conf,
};
