/*
 * R: LIBRARY/PACKAGE/DESCRIPTION of an installed package, which R CMD INSTALL marks with "Built:"; a package's sources have
 * the file without it. Advisories exist for CRAN's and for Bioconductor's packages; those of R itself are of no such place.
 */
#include "inventory/lang/lang_priv.h"
#include "inventory/fields_priv.h"

static bool wants(struct span path)
{
        return span_is(path_name(path), "DESCRIPTION") && path_folder(path).len > 0;
}

/* "Writing R Extensions", 1.1.2: the abbreviations of licences. */
static const struct {
        const char *words, *spdx;
} licences[] = {
    {"ACM", "ACM"},
    {"AGPL-3", "AGPL-3.0-only"},
    {"AGPL (>= 3)", "AGPL-3.0-or-later"},
    {"Apache License 2.0", "Apache-2.0"},
    {"Apache License (== 2.0)", "Apache-2.0"},
    {"Apache License (>= 2)", "Apache-2.0"},
    {"Apache License (>= 2.0)", "Apache-2.0"},
    {"Apache License version 2.0", "Apache-2.0"},
    {"Artistic-2.0", "Artistic-2.0"},
    {"BSD_2_clause", "BSD-2-Clause"},
    {"BSD_3_clause", "BSD-3-Clause"},
    {"BSL", "BSL-1.0"},
    {"BSL-1.0", "BSL-1.0"},
    {"CC0", "CC0-1.0"},
    {"CC BY 4.0", "CC-BY-4.0"},
    {"CC BY-SA 4.0", "CC-BY-SA-4.0"},
    {"EUPL", "EUPL-1.1"},
    {"GPL-2", "GPL-2.0-only"},
    {"GPL-3", "GPL-3.0-only"},
    {"GPL (== 2)", "GPL-2.0-only"},
    {"GPL (== 3)", "GPL-3.0-only"},
    {"GPL (>= 2)", "GPL-2.0-or-later"},
    {"GPL (>= 2.0)", "GPL-2.0-or-later"},
    {"GPL (>= 3)", "GPL-3.0-or-later"},
    {"GPL (>= 3.0)", "GPL-3.0-or-later"},
    {"LGPL-2", "LGPL-2.0-only"},
    {"LGPL-2.1", "LGPL-2.1-only"},
    {"LGPL-3", "LGPL-3.0-only"},
    {"LGPL (>= 2)", "LGPL-2.0-or-later"},
    {"LGPL (>= 2.1)", "LGPL-2.1-or-later"},
    {"LGPL (>= 3)", "LGPL-3.0-or-later"},
    {"MIT", "MIT"},
    {"MPL-1.1", "MPL-1.1"},
    {"MPL-2.0", "MPL-2.0"},
    {"Unlimited", ""},
};

/* "MIT + file LICENSE | GPL (>= 2)": '|' divides what one may choose from; "+ file" adds a text, not a licence. */
static void put_licence(struct span words, struct buf *to)
{
        struct span one, rest;

        while (words.len > 0) {
                span_split(words, '|', &one, &words);
                struct span name = span_trim(one);
                if (span_split(one, '+', &one, &rest) && span_starts(span_trim(rest), "file "))
                        name = span_trim(one);
                for (size_t i = 0; i < ARRAY_LEN(licences); i++)
                        if (span_is(name, licences[i].words))
                                name = span_of(licences[i].spdx);
                if (!span_starts(name, "Part of R") && !span_starts(name, "file "))
                        licence_choice(to, name);
        }
}

/* Letters, digits and '.', beginning with a letter ("Writing R Extensions", 1.1.1). */
static bool name_ok(struct span s)
{
        for (size_t i = 0; i < s.len; i++) {
                uint8_t c = s.at[i];
                bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
                if (!letter && (i == 0 || !((c >= '0' && c <= '9') || c == '.')))
                        return false;
        }
        return s.len > 0;
}

enum field { PACKAGE, VERSION, LICENCE, BUILT, PRIORITY, BIOC, FIELDS };

static void read_description(struct span content, struct findings *f)
{
        static const char *const names[FIELDS] = {"Package", "Version", "License", "Built", "Priority", "biocViews"};
        struct fields in;
        struct span value[FIELDS] = {0}, name, text;
        enum fields_step step;
        CLEANUP(buf_done) struct buf licence = {.max = INVENTORY_LICENCE_MAX};
        char shown[80];

        fields_init(&in, content, false);
        while ((step = fields_next(&in, &name, &text)) == FIELDS_FIELD || step == FIELDS_BROKEN)
                for (size_t i = 0; step == FIELDS_FIELD && i < FIELDS; i++)
                        if (span_is(name, names[i]) && value[i].len == 0)
                                value[i] = text;
        if (value[PACKAGE].len == 0 || value[BUILT].len == 0)
                return; /* a package's sources, or another program's file of that name */
        if (!name_ok(value[PACKAGE]) || !printable_word(value[VERSION], "/")) {
                findings_note(f, "\"%s\" has no valid name or version: not listed",
                    span_printable(value[PACKAGE], shown, sizeof(shown)));
                return;
        }
        put_licence(value[LICENCE], &licence);
        struct package p = {.name = value[PACKAGE], .version = value[VERSION]};
        if (!licence.failed)
                p.licence = buf_span(&licence);
        if (span_is(value[PRIORITY], "base")) {
                p.type = "generic"; /* part of R: CRAN has no package of that name */
                p.ecosystem = "";
        } else if (value[BIOC].len > 0) {
                p.type = "generic"; /* no purl type is set for it */
                p.ecosystem = "Bioconductor";
        }
        findings_package(f, "DESCRIPTION", &p);
}

const struct detector detect_cran = {
    .name = "cran",
    .type = "cran",
    .ecosystem = "CRAN",
    .by_path = true,
    .size_max = INVENTORY_METADATA_MAX,
    .confidence = CONFIDENCE_CERTAIN,
    .wants = wants,
    .names = "DESCRIPTION",
    .any_path = true,
    .read = read_description,
};
