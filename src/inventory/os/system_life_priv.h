/* The table behind system_life(): until when a release gets security updates. */
#pragma once

#include "inventory/os/system_priv.h"

struct system_life_row {
        const char *id, *release; /* as system_release() spells it */
        const char *free_end;     /* RFC 3339 date: the last day on which anyone gets updates; NULL: none announced */
        const char *paid_end;     /* the last day for those who pay for it; NULL: there is no such offer */
};

extern const struct system_life_row system_life_rows[];
extern const size_t system_life_n_rows;
