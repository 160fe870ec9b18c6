/*
 * CSAF 2.0 documents (OASIS Standard, 18 November 2022): the product tree, and what is said of each product.
 *
 * Two readers stand on it: the feed of distributors' documents (csaf.c) and the statements of a user (vex/vex_csaf.c).
 * Everything borrows from the document or lies in its arena.
 */
#pragma once

#include "advisory/feed/feed_priv.h"

#define CSAF_PRODUCTS_MAX (1u << 20) /* of one document; a kernel's has 40,000 */
#define CSAF_GROUPS_MAX 65536u
#define CSAF_NESTING_MAX 8u /* relationships of relationships; seen: 2. Attack: a cycle */

/* What a product is to a package manager; see csaf_product.c. */
struct csaf_package {
        bool resolved, passed_over, refused;
        uint8_t claimed;          /* CSAF_... that the feed has handed on already */
        bool source;              /* a source package: what is installed is called otherwise */
        struct span ecosystem;    /* of the platform; empty: not one of ours */
        struct span type;         /* of the purl: "rpm", "oci"; empty: no purl */
        struct span name, module; /* module: "name:stream" */
        struct span version;      /* "epoch:version-release"; empty: of no version */
};

struct csaf_product {
        struct span id, name, purl, cpe;
        struct span component, platform; /* of a relationship: ids of its two products; empty otherwise */
        struct csaf_package package;
};

struct csaf_group {
        struct span id;
        struct span *products;
        size_t n_products;
};

struct csaf_tree {
        struct csaf_product *at; /* after csaf_tree_sort: by id, each once */
        size_t len, cap;
        size_t hint; /* where the last id was found: lists are mostly sorted */
        struct {
                struct csaf_group *at;
                size_t len, cap;
        } groups;
};

void csaf_tree_read(struct json *j, struct csaf_tree *t);
void csaf_tree_sort(struct csaf_tree *t);
/* NULL: nobody has declared it. */
struct csaf_product *csaf_tree_find(struct csaf_tree *t, struct span id);
/* The product's own component and platform, through relationships; either may be NULL, and `p` itself. */
void csaf_tree_parts(struct csaf_tree *t, struct csaf_product *p, struct csaf_product **ret_component,
    struct csaf_product **ret_platform, struct csaf_product **ret_between);

/* product_status, as bits: a document may contradict itself */
#define CSAF_FIXED 1u /* first_fixed, fixed, recommended */
#define CSAF_AFFECTED 2u
#define CSAF_NOT_AFFECTED 4u
#define CSAF_INVESTIGATING 8u
#define CSAF_FIRST_AFFECTED 16u
#define CSAF_LAST_AFFECTED 32u

/* What one vulnerability's entry says of one product. */
struct csaf_said {
        uint8_t status;              /* CSAF_... */
        enum advisory_status remedy; /* by remediations: PENDING and worse, or NONE */
        struct span remedy_text;     /* "Fix deferred" */
        struct span flag;            /* justification: "vulnerable_code_not_present" */
        struct span impact;          /* threats, category impact: why it is not affected, or a word of severity */
        struct span action;          /* remediations, any category: what to do */
};

struct csaf_vulnerability {
        struct span cve, title, reference, description;
        struct span *ids; /* of other systems: "GHSA-..." */
        size_t n_ids;
        struct feed_severity severity;
        struct csaf_said *said; /* one for each product of the tree */
        uint32_t *touched;      /* indexes of those that have a status, in the document's order */
        size_t n_touched;
};

struct csaf_document {
        struct span id, title, author, namespace, reference;
        bool deleted; /* tracking.status: an extension of mirrors */
        bool dated;
        int64_t modified_s, published_s;
        struct feed_severity severity; /* aggregate_severity */
        struct csaf_tree tree;
};

/* Called for each vulnerability, once document and tree are known; false ends the reading with `e`. */
struct csaf_sink {
        bool (*vulnerability)(void *ctx, struct csaf_document *d, const struct csaf_vulnerability *v, struct err *e);
        void *ctx;
};

/* ERR_MALFORMED or ERR_LIMIT with the place, or what the sink failed with. */
bool csaf_parse(
    struct span json, struct arena *a, const struct csaf_sink *sink, struct csaf_document *ret, struct err *e);

/*
 * What rpm calls the product, on which platform. False with the reason when its identifiers contradict themselves; the
 * product is then refused, once. What is no package of a distribution is `passed_over`.
 */
bool csaf_product_resolve(struct csaf_tree *t, struct csaf_product *p, struct arena *a, struct err *e);
/* The inventory's words for a platform, by its CPE and name; empty: none. */
struct span csaf_ecosystem(struct span cpe, struct span name, struct arena *a);
/* "SUSE Linux Enterprise Server 15 SP5", "openSUSE Leap 15.5": as OSV calls them; empty: neither. */
struct span csaf_suse(struct span name, struct arena *a);

/*
 * The ranges of a package that several versions mend, each in a stream of its own (csaf_fixes.c). `io` names ecosystem, package
 * and module.
 */
void csaf_fixes(struct arena *a, const struct span *fixes, size_t n, struct feed_affected *io);
