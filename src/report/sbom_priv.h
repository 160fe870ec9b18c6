/* What the two bills of materials share: names for components that are one of a kind, and the same for the same input. */
#pragma once

#include "coffer_build.h"
#include "report/report_priv.h"

struct sbom {
        const struct report_facts *facts;
        struct arena *arena;
        struct span *refs; /* of each component: its purl, and "#2", "#3" ... where several bear the same */
        char uuid[37];     /* of everything that is said of the image */
        char image_ref[64];
        struct span image_purl; /* empty for what has no digest */
        char created[CLOCK_TEXT_MAX];
};

void sbom_init(struct sbom *s, const struct report_facts *f, struct arena *a);
/* "a/b" -> "a" and "b", where the type has a group or scope that stands apart: npm, maven, composer. */
void sbom_name_split(const struct component *c, struct span *ret_group, struct span *ret_name);
