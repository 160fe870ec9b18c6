/*
 * Progress of long work on a terminal: one line on standard error, redrawn at most ten times a second, wiped at the
 * end. Silent when standard error is no terminal, when TERM is "dumb", or when made quiet.
 */
#pragma once

#include "base/err.h"

struct progress {
        bool active;
        int64_t drawn_ms, begun_ms;
        const char *label;
        uint64_t done, total;
};

void progress_begin(struct progress *p, const char *label, uint64_t total, bool quiet);
void progress_at(struct progress *p, uint64_t done); /* bytes or items; total 0 shows a count alone */
void progress_end(struct progress *p);
