/*
 * A lock file's values as a tree, whichever of JSON, YAML and TOML it is written in. All lies in one arena; texts may
 * borrow from the input.
 */
#pragma once

#include "base/base.h"

#define TREE_VALUES_MAX 2000000u /* 100 bytes each: a lock file of 20,000 packages has 400,000 */
#define TREE_DEPTH_MAX 64u       /* deepest seen: 12 (npm's first format); attack: the reader's stack */

enum tree_kind {
        TREE_NONE = 0,
        TREE_MAP,
        TREE_LIST,
        TREE_TEXT, /* a string; in YAML any scalar */
        TREE_WORD, /* a bare word: a number, a date, true; JSON's null too */
};

struct tree_value {
        enum tree_kind kind;
        bool closed;             /* TOML: nothing may be added, "a = {}" */
        bool defined;            /* TOML: a table that has had its own header */
        bool dotted;             /* TOML: a table that a key with dots has made or led through: no header may follow */
        struct span key;         /* of a map's member */
        struct span text;        /* of TREE_TEXT and TREE_WORD */
        struct tree_value *next; /* of the same map or list, in the file's order */
        struct tree_value *first, *last;
};

struct tree {
        struct arena *arena;
        struct tree_value *root;
        const struct tree_value *before; /* YAML: a list of all documents, of which the root is the last; else NULL */
        size_t n_values;
        struct tree_slot *slots; /* every member, by its map and key: hostile files have maps of 10^6 keys */
        size_t n_slots, n_members;
        uint64_t seed;
};

void tree_init(struct tree *t, struct arena *a);
/* NULL above TREE_VALUES_MAX. `in` is a map (with a key that it does not have), a list, or NULL for the root. */
struct tree_value *tree_add(struct tree *t, struct tree_value *in, struct span key, enum tree_kind kind);
/* NULL when `map` is NULL, no map, or has no such member. */
struct tree_value *tree_get(const struct tree *t, const struct tree_value *map, struct span key);
const struct tree_value *tree_member(const struct tree *t, const struct tree_value *map, const char *key);
/* The string of a member; empty when there is none. */
struct span tree_text(const struct tree *t, const struct tree_value *map, const char *key);
/* A string or a bare word: "version: 1" and "version: '1'" are one. */
struct span tree_word(const struct tree *t, const struct tree_value *map, const char *key);
bool tree_true(const struct tree *t, const struct tree_value *map, const char *key);

/* The first member or element; NULL for whatever is neither map nor list. */
static inline const struct tree_value *tree_first(const struct tree_value *v)
{
        return v ? v->first : NULL;
}

/* Each reads one whole document: false with ERR_MALFORMED or ERR_LIMIT and the place. */
bool tree_json(struct tree *t, struct span in, struct err *e);
