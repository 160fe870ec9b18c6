/*
 * One advisory as it leaves the worker: compiled, neutral of its source format, sorted, ready to be stored.
 *
 * Every span borrows. What decoded from a worker's answer has passed the limits, but its meaning is only as good as
 * the record was: keys are compared and never parsed again.
 */
#pragma once

#include "advisory/advisory.h"
#include "advisory/advisory_limits.h"

#define INTERVAL_OPEN 1u      /* no upper end */
#define INTERVAL_INCLUSIVE 2u /* hi itself is affected */
#define INTERVAL_LISTED 4u    /* one version of the explicit list: lo is hi */
#define INTERVAL_MENDED 8u    /* INCLUSIVE, and the version that mends is known, too: its end is told by that */
#define INTERVAL_FLAGS 15u
#define INTERVAL_TELLS_LAST(flags) (((flags) & (INTERVAL_INCLUSIVE | INTERVAL_MENDED)) == INTERVAL_INCLUSIVE)

#define ENTRY_UNKNOWN 1u /* part of it can't be ordered: outside its intervals the answer is "can't tell" */

#define RECORD_WITHDRAWN 1u
#define RECORD_PART 2u /* others of its id complete it */
#define RECORD_FLAGS 3u

struct record_interval {
        struct span lo, hi;                           /* version keys; an empty lo is the beginning of all versions */
        struct span introduced, fixed, last_affected; /* as the record spells them */
        uint8_t flags;
};

/* What the record says of one package: intervals sorted by lo, none touching another. */
struct record_entry {
        struct span ecosystem, package;
        struct span module; /* "name:stream"; entries of one package but of several modules stand side by side */
        struct span note;
        enum advisory_status status;
        struct span vector;
        uint32_t score_tenths;
        enum severity severity;
        uint8_t flags;
        struct record_interval *intervals;
        size_t n_intervals;
};

struct record {
        struct span id, summary, reference;
        const struct span *aliases;
        size_t n_aliases;
        int64_t modified_s, published_s;
        uint8_t flags;
        uint32_t skipped_ecosystem, refused_versions; /* for the statistics */
        uint32_t beginless; /* ranges that begin nowhere: told by the worker, not encoded */
        struct record_entry *entries;
        size_t n_entries;
};

void fact_encode(const struct advisory_fact *f, struct buf *to);
/* All of `in`; ERR_MALFORMED. Spans borrow from `in`. */
bool fact_decode(struct span in, struct advisory_fact *ret, struct err *e);

void record_entry_encode(const struct record_entry *n, struct buf *to);
void record_encode(const struct record *r, struct buf *to);
/* All of `in`; ERR_MALFORMED, ERR_LIMIT. The arrays are in the arena, the bytes borrow from `in`. */
bool record_decode(struct span in, struct arena *a, struct record *ret, struct err *e);

/* ---- a worker's frame: items, one after the other ---- */

enum item_kind { ITEM_RECORD = 1, ITEM_REFUSED = 2, ITEM_FACT = 3, ITEM_UNCLEAR = 4 };

void item_put(struct buf *frame, enum item_kind kind, struct span item);
/* The next item of a frame; false at its end and, with `failed` set in the cursor, where it breaks its form. */
bool item_next(struct cursor *frame, enum item_kind *ret_kind, struct span *ret_item);

/* Of a record that is not taken, or (ITEM_UNCLEAR) not as it stands. */
struct refusal {
        struct span place; /* "line 17", "2024/GHSA-x.json"; empty: the whole source */
        struct err why;
};

void refusal_encode(const struct refusal *r, struct buf *to);
bool refusal_decode(struct span in, struct refusal *ret, struct err *e);

