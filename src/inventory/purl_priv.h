/*
 * Package URLs (ECMA-427), built and read, with the rules of each type (purl-spec, types/).
 *
 * Two rules are not followed to the letter: `purl_put` writes Go's names in small letters as the type wants it, but
 * `purl_parse` keeps them, since "github.com/BurntSushi/toml" can't be had back and names of modules are told apart by
 * case. And what one type alone forbids for form's sake is refused only where the standard's own tests do.
 */
#pragma once

#include "base/base.h"

#define PURL_QUALIFIERS_MAX 24u /* Conan's have 9 */
#define PURL_MAX 8192u          /* bytes that are read */

struct purl_qualifier {
        const char *key;   /* in small letters */
        struct span value; /* empty: left out */
};

struct purl {
        const char *type;      /* in small letters */
        struct span namespace; /* parts divided by '/'; may be empty */
        struct span name, version;
        struct purl_qualifier qualifiers[PURL_QUALIFIERS_MAX]; /* in any order; key NULL ends them, if they are fewer */
        struct span subpath;                                   /* parts divided by '/'; may be empty */
};

/* Canonical form: parts as the type wants them, qualifiers sorted. Type and name must be there. */
void purl_put(struct buf *b, const struct purl *p);
/* As purl_put, of parts that came from elsewhere. ERR_MALFORMED with the rule that is broken, and nothing written. */
bool purl_build(struct buf *b, const struct purl *p, struct err *e);
/*
 * Everything of `ret` lies in `a`, decoded and as the type wants it; qualifiers are sorted. `strict` refuses a key of a
 * qualifier that begins with a capital letter; others are made small. (The standard's required tests refuse "Arch" and
 * take "repositorY_url".) ERR_MALFORMED with the rule that is broken, ERR_LIMIT.
 */
bool purl_parse(struct span s, struct arena *a, bool strict, struct purl *ret, struct err *e);

/*
 * What OSV's records call the package: "group:artifact" for maven, "@scope/name" for npm, a module's whole path for golang.
 * Of other types than these the name has its namespace in front, divided by '/', as the inventory lists them.
 */
struct purl_osv {
        struct span ecosystem; /* empty: the type has none, or the system decides */
        struct span name;      /* borrows from `p` or lies in the arena */
        bool of_system;        /* of an operating system's packages: the ecosystem is its release's */
};
struct purl_osv purl_osv(const struct purl *p, struct arena *a);
