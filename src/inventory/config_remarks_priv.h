/* Remarks on an image's configuration. */
#pragma once

#include "inventory/detect_priv.h"

struct remark_list {
        struct remark *at;
        size_t len, cap;
};

/* Appends; texts live in `a`. A root folder has no configuration. */
void config_remarks(const struct image *i, struct arena *a, struct remark_list *to);
/* As remarks quote a line of the history: its beginning, printable, without user names and passwords of URLs. */
struct span history_excerpt(struct arena *a, struct span line);
