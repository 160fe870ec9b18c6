/* Ranges of host ids that are taken, by whom ever. */
#pragma once

#include "store/store_priv.h"

struct id_span {
        uint64_t first, end; /* end is not included; at most 2^32 */
};

struct id_spans {
        struct id_span *at;
        size_t len, cap;
        struct arena *arena;
};

/*
 * Adds the ranges of a file in the format of subuid(5). Lines that are none are left out, as shadow leaves them out:
 * they give nobody any id. A missing file is fine.
 */
bool subid_read(const char *path, struct id_spans *to, struct err *e);
bool subid_parse(struct span text, struct id_spans *to, struct err *e);

/* The lowest aligned range that overlaps none of them, which get sorted. False when there is none. */
bool id_spans_free(struct id_spans *taken, uint32_t *ret_first);
