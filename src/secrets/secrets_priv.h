#pragma once

#include "secrets/secrets.h"
#include "secrets/secrets_limits.h"

struct rule {
        struct span id, title, match;
        enum secret_severity severity;
        uint32_t entropy_tenths; /* least of the value; 0: not asked */
        bool shown;              /* what matches is no secret itself: the head of a PEM block */
        struct {
                struct span *at;
                size_t len, cap;
        } allow, allow_path; /* words in the match, parts of the path, for which a hit is none */
};

struct secrets_rules {
        struct arena *arena;
        struct {
                struct rule *at;
                size_t len, cap;
        } rules;
        struct rule common; /* what stands before the first rule: allow and allow-path for all */
};

/* One canonical form, inside what secrets_compile makes. */
void rules_put(struct buf *b, const struct secrets_rules *r);
bool rules_get(struct cursor *c, struct secrets_rules **ret);

/* A raw match, weighed: false when it is none. `out` gets what may be shown (at least 64 bytes). */
bool hit_weigh(const struct secrets_rules *rules, const struct rule *r, struct span match, char *out, size_t size);
/* Bits a character, in tenths. */
uint32_t entropy_tenths(struct span s);
/* The longest run of characters that a token may hold. */
struct span value_of(struct span match);
bool path_allowed(const struct secrets_rules *rules, const struct rule *r, struct span path);

/* ---- Vectorscan ---- */

struct matcher;
bool matcher_compile(const struct secrets_rules *r, struct buf *ret, struct err *e);
bool matcher_open(struct span compiled, struct matcher **ret, struct err *e);
void matcher_free(struct matcher *m);
/* All matches of all rules; false from `on_match` ends it. */
void matcher_scan(const struct matcher *m, struct span text,
    bool (*on_match)(void *ctx, size_t rule, size_t from, size_t to), void *ctx);
