/* What each type of package URL wants beyond the common rules. Types that are not listed want nothing. */
#pragma once

#include "inventory/purl_priv.h"

enum purl_case { PURL_KEEP = 0, PURL_LOWER, PURL_UPPER, PURL_LOWER_DASHES /* and '_' becomes '-' */ };

struct purl_cases {
        enum purl_case namespace, name, version;
};

/* `writing`: see purl_priv.h on Go. */
struct purl_cases purl_type_cases(const struct purl *p, bool writing);
uint8_t purl_cased(uint8_t byte, enum purl_case how);
bool purl_type_check(const struct purl *p, struct err *e);
/* The name may hold '/', and the namespace is one part: "pkg:git/codeberg.org/forgejo/forgejo". */
bool purl_type_has_paths(const char *type);
