#include "inventory/detect_priv.h"

/* PyPI's list of classifiers, those that name one SPDX licence without doubt ("BSD License" does not). */
static const struct {
        const char *words, *spdx;
} classifiers[] = {
    {"Apache Software License", "Apache-2.0"},
    {"Boost Software License 1.0 (BSL-1.0)", "BSL-1.0"},
    {"CC0 1.0 Universal (CC0 1.0) Public Domain Dedication", "CC0-1.0"},
    {"Eclipse Public License 1.0 (EPL-1.0)", "EPL-1.0"},
    {"Eclipse Public License 2.0 (EPL-2.0)", "EPL-2.0"},
    {"European Union Public Licence 1.2 (EUPL 1.2)", "EUPL-1.2"},
    {"GNU Affero General Public License v3", "AGPL-3.0-only"},
    {"GNU Affero General Public License v3 or later (AGPLv3+)", "AGPL-3.0-or-later"},
    {"GNU General Public License v2 (GPLv2)", "GPL-2.0-only"},
    {"GNU General Public License v2 or later (GPLv2+)", "GPL-2.0-or-later"},
    {"GNU General Public License v3 (GPLv3)", "GPL-3.0-only"},
    {"GNU General Public License v3 or later (GPLv3+)", "GPL-3.0-or-later"},
    {"GNU Lesser General Public License v2 (LGPLv2)", "LGPL-2.0-only"},
    {"GNU Lesser General Public License v2 or later (LGPLv2+)", "LGPL-2.0-or-later"},
    {"GNU Lesser General Public License v3 (LGPLv3)", "LGPL-3.0-only"},
    {"GNU Lesser General Public License v3 or later (LGPLv3+)", "LGPL-3.0-or-later"},
    {"ISC License (ISCL)", "ISC"},
    {"MIT License", "MIT"},
    {"MIT No Attribution License (MIT-0)", "MIT-0"},
    {"Mozilla Public License 1.1 (MPL 1.1)", "MPL-1.1"},
    {"Mozilla Public License 2.0 (MPL 2.0)", "MPL-2.0"},
    {"Python Software Foundation License", "PSF-2.0"},
    {"The Unlicense (Unlicense)", "Unlicense"},
    {"Universal Permissive License (UPL)", "UPL-1.0"},
    {"zlib/libpng License", "Zlib"},
};

struct span licence_of_classifier(struct span classifier)
{
        static const char prefix[] = "License ::";
        struct span words = classifier, rest;

        if (!span_starts(classifier, prefix))
                return (struct span){0};
        for (size_t at; span_find(words, ':', &at);) /* the part after the last "::" */
                words = span_from(words, at + 1);
        rest = span_trim(words);
        if (span_is(rest, "OSI Approved"))
                return (struct span){0};
        for (size_t i = 0; i < ARRAY_LEN(classifiers); i++)
                if (span_is(rest, classifiers[i].words))
                        return span_of(classifiers[i].spdx);
        return rest;
}

void licence_or(struct buf *b, struct span licence)
{
        if (b->len > 0)
                buf_put_text(b, " OR ");
        buf_put(b, licence);
}
