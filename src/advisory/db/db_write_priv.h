/* What the writer gathers beside records. */
#pragma once

#include "advisory/db/db_format_priv.h"

/* ---- strings: each once ---- */

/* Zero, with a random seed, to begin with; `slots` is its heap. */
struct string_pool {
        uint64_t *slots; /* offsets of strings, above them 32 bits of their hash; by it, open addressing; 0 is free */
        size_t cap, len;
        uint64_t seed; /* so that a feed can't be made whose strings all collide */
};
/* Where it stands in `to`, which only this writes: 0 for the empty string. False: longer than 65535 bytes, or `to` is full. */
bool string_pool_put(struct string_pool *p, struct buf *to, struct span s, uint32_t *ret);

/* ---- facts and sources ---- */

struct sourced_fact {
        struct advisory_fact fact;
        uint32_t source;
};

struct fact_list {
        struct sourced_fact *at;
        size_t len, cap;
};

/* Sorted by id, one for each: what several sources say of one is put together. */
void facts_unite(struct fact_list *io);

struct db_source {
        struct span name;
        uint32_t refused, unclear;
        uint64_t records, facts;
        int64_t newest_s;
        bool dropped;
};

struct source_list {
        struct db_source *at;
        size_t len, cap;
};

/* Adds what another part of the same record says: its packages, aliases, and texts where `io` has none. ERR_LIMIT. */
bool record_join(struct record *io, const struct record *part, struct arena *a, struct err *e);
/* Entries in order, and one for each package and module: of two the worse, with the intervals of both. */
void record_settle(struct record *io, struct arena *a);

/* In words: of two records of one id and one source one is kept, and whether they say the `same`. Times as in `modified`. */
void double_say(struct span id, bool same, int64_t kept_s, int64_t other_s, struct err *ret);

/* The packages of which the sources before have spoken in parts of one record, sorted. */
struct said {
        const struct record_entry **at;
        size_t len, cap;
};

void said_remove(const struct said *s, struct record *io); /* their entries */
void said_add(struct said *io, const struct record *r, struct arena *a);

/* ---- the file ---- */

/* Header, then the sections, each to a multiple of 8 bytes; they are emptied. `h` has its counts. ERR_LIMIT: DB_BYTES_MAX. */
bool db_join(struct buf sections[DB_SECTIONS], struct db_header *h, struct buf *ret, struct err *e);
