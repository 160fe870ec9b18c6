/* The parts of re-assessment: fleet.c (which components), fleet_change.c (what changes for them), fleet_notice.c (whom it concerns). */
#pragma once

#include "assess/assess.h"
#include "match/match.h"

enum change_kind { CHANGE_ADDED = 0, CHANGE_REMOVED, CHANGE_WORSENED, CHANGE_EASED, CHANGE_MENDABLE, CHANGE_KINDS };

/* One finding of one component that is another one now. Texts live in the fleet's arena. */
struct change {
        enum change_kind kind;
        struct span ecosystem, id, package, version, fixed, explanation;
        enum severity severity;
        uint32_t score_tenths;
        bool exploited;
};

/* A component of which something changes: its changes stand side by side. */
struct changed_row {
        int64_t component;
        size_t first, n;
};

/* A database that some images were matched with by themselves, neither the old one nor the new. */
struct base {
        struct span digest; /* its text */
        struct advisory_db *db;
};
#define FLEET_BASES_MAX 16u /* at once; of more the images are compared with the old database */

struct told {
        struct span digest, name, notice;
};

struct fleet {
        struct store *store;
        const struct advisory_db *old, *new;
        const struct assess_fleet_options *options;
        struct arena *arena;
        char from[DIGEST_TEXT_MAX], to[DIGEST_TEXT_MAX];
        struct base bases[FLEET_BASES_MAX]; /* whose images are told of in a pass of their own */
        size_t n_bases;
        bool of_base; /* in such a pass: `old` is the base, and no other images count */
        struct {
                struct change *at;
                size_t len, cap;
        } changes;
        struct {
                struct changed_row *at;
                size_t len, cap;
        } rows;
        struct {
                struct told *at;
                size_t len, cap;
        } told; /* once it has happened */
        struct assess_fleet_stats stats;
};

/* At most FLEET_CHUNK rows as an inventory of their own; see fleet.c. */
void fleet_inventory(const struct store_row *rows, size_t n, struct arena *a, struct inventory *ret);
#define FLEET_CHUNK 64u /* components matched at once: each may have thousands of findings */
/* Do advisories of the one ecosystem speak of components of the other? "Debian" speaks of every release. */
bool fleet_speaks_of(struct span advisories, struct span components);

/* Adds the changes of rows[0..n), which are the components 0 to n-1 of both matches. */
bool fleet_compare(struct fleet *f, const struct store_row *rows, size_t n, const struct match *old,
    const struct match *new, struct err *e);
/* From changed components to their images, and a notice for each. */
bool fleet_tell(struct fleet *f, struct err *e);
