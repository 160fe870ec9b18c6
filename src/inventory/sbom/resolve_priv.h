/* Between identify.c, which says what each entry is, and resolve.c, which makes the list of them. */
#pragma once

#include "inventory/sbom/sbom_priv.h"

#define SYSTEMS_MAX 16u /* different ones in one document */

/* Why no advisory can be asked for. */
enum lack { LACK_NOTHING = 0, LACK_PURL, LACK_PURL_NOT_CPE, LACK_ADVISORIES, LACK_RELEASE, LACKS };

struct listing {
        struct component c;
        struct sbom_entry *entry;
        enum lack lack;
        bool of_system;
};

struct system_count {
        struct os_release os;
        size_t n;
};

struct resolving {
        struct sbom_document *d;
        struct inventory *v;
        struct {
                struct listing **at;
                size_t len, cap;
        } drafts;
        struct os_release os;                     /* of the component that is an operating system; id empty: none */
        struct system_count systems[SYSTEMS_MAX]; /* that purls name */
        size_t n_systems;
        size_t n_left_out, n_system_packages, n_debs, n_debs_with_source;
};

/* Adds what the entry stands for to the drafts: nothing, one, or one for each package URL. */
void sbom_identify(struct resolving *r, struct sbom_entry *entry);
/* Both name the same release. */
bool sbom_same_system(const struct os_release *a, const struct os_release *b);
