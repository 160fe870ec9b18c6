/* Package URLs (ECMA-427): built, never read. */
#pragma once

#include "base/base.h"

struct purl_qualifier {
        const char *key;
        struct span value; /* empty: left out */
};

struct purl {
        const char *type;
        struct span namespace; /* parts divided by '/'; may be empty */
        struct span name, version;
        struct purl_qualifier qualifiers[4]; /* in the order of their keys; key NULL ends them */
};

/* Canonical form. Names must already be as the type wants them (pypi: PEP 503; deb: small letters). */
void purl_put(struct buf *b, const struct purl *p);
