/* The parts of match: question.c (what is asked), match.c (asking, order), update.c (which version to move to), group.c (records of one package -> findings), explain.c (words). */
#pragma once

#include "match/match.h"
#include "match/match_limits.h"

/* Where the answers come from: the database, or a table in a test. */
struct match_source {
        const void *ctx;
        bool (*lookup)(const void *ctx, struct span ecosystem, struct span package, struct span version,
            bool (*on_hit)(void *ctx, const struct advisory_hit *hit), void *hit_ctx, struct err *e);
        /* What is known of a CVE; NULL: nothing of any. */
        bool (*fact)(const void *ctx, struct span id, struct advisory_fact *ret, bool *ret_known, struct err *e);
        const struct advisory_db_info *info;
};

bool match_inventory_from(
    const struct inventory *v, const struct match_source *from, struct match **ret, struct err *e);

/* What is asked of the source: equal questions are asked once. */
struct question {
        struct span ecosystem, package, version;
        struct span module; /* rpm: "name:stream", empty outside of modules */
        uint32_t component;
};

/* question.c: what a component is asked by. */
struct question question_of(const struct component *c, uint32_t index);
/* Is it made of the kernel's source, and holds none of its code? */
bool question_is_kernel_text(const struct component *c);

/* The records that speak of a package, withdrawn ones left out. */
struct hits {
        struct advisory_hit *at;
        size_t len, cap;
        size_t n_ids;
};

struct finding_list {
        struct finding *at;
        size_t len, cap;
};

/*
 * Adds the findings of one question, their `component` not set. Records that say "not affected" make no finding of
 * their own, but are told of where they contradict one. Texts are copied into `a`; the rest is done in `scratch`.
 */
bool group_hits(const struct question *q, const struct hits *hits, struct arena *scratch, struct arena *a,
    struct finding_list *to, struct err *e);

/* What the source says of a question, withdrawn records and other modules' left out. ERR_LIMIT. */
bool match_lookup(
    const struct match_source *from, const struct question *q, struct arena *scratch, struct hits *ret, struct err *e);

/* Sets `update` and `update_brings` of the findings f[0..n) of one question. */
bool update_find(const struct match_source *from, const struct question *q, struct finding *f, size_t n,
    struct arena *scratch, struct arena *a, struct err *e);

/* One clause for each record, in the order given. */
struct span explain_finding(
    const struct question *q, const struct advisory_hit *const *records, size_t n, struct arena *a);

/* A package URL in its parts, decoded, for comparing alone: nothing is checked but what is needed to tell them apart. */
struct purl_parts {
        struct span type, namespace, name, version, qualifiers, subpath; /* qualifiers as they stand */
};
bool match_purl_split(struct span purl, struct arena *a, struct purl_parts *ret); /* false: it is none */
/* Does `of` have all that `pattern` says? */
bool match_purl_covers(const struct purl_parts *pattern, const struct purl_parts *of, struct arena *a);
/* The decoded value; empty when there is none. */
struct span match_purl_qualifier(const struct purl_parts *p, const char *key, struct arena *a);
