/* What the writer gathers beside records. */
#pragma once

#include "advisory/db/db_format_priv.h"

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
        uint32_t refused;
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
