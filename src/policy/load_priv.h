/*
 * What the readers of a policy's sections share (load_node.c): a mapping is a table of its keys, and an error does not end
 * the reading, so that whoever mends a file is told of all of them.
 */
#pragma once

#include "policy/policy_priv.h"

struct loader {
        struct policy *p;
        const char *name;
        struct arena *arena; /* of the errors */
        struct policy_notes *errors;
        struct err *e; /* the first of them */
};

struct load_key {
        const char *name;
        bool (*read)(const struct loader *l, const struct node *value, void *into);
        bool mandatory;
};

/* Each of these returns false once it has told what is wrong, with its place. */
bool load_fail(const struct loader *l, const struct node *n, const char *fmt, ...) PRINTF_LIKE(3, 4);
bool load_mapping(const struct loader *l, const struct node *n, const char *what, const struct load_key *keys,
    size_t n_keys, void *into);
bool load_list(const struct loader *l, const struct node *n, const char *what, size_t max);
bool load_allow_list(const struct loader *l, const struct node *n, const char *what); /* not empty */
bool load_text(const struct loader *l, const struct node *n, const char *what, struct span *ret);
bool load_bool(const struct loader *l, const struct node *n, const char *what, bool *ret);
bool load_number(const struct loader *l, const struct node *n, const char *what, uint32_t max, uint32_t *ret);

/* A name is no path: each "*" of a pattern for one takes a '/', too. */
struct span load_stars_doubled(struct span text, struct arena *a);
/* A pattern for purls. */
bool load_purl(const struct loader *l, const struct node *n, const char *what, struct purl_rule *ret);

/* ---- sections with a file of their own ---- */

bool load_vex(const struct loader *l, const struct node *n, void *into);
bool load_ignore(const struct loader *l, const struct node *n, void *into);
bool load_ignore_days(const struct loader *l, const struct node *n, void *into);
/* Once all is read: whether each exception ends after it began, and soon enough. */
bool load_ignore_check(const struct loader *l);
bool load_run(const struct loader *l, const struct node *n, void *into);
