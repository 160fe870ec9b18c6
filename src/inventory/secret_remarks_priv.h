#pragma once

#include "inventory/config_remarks_priv.h"
#include "secrets/secrets.h"

extern const struct remark_reader secret_remarks;

/* In the worker: before its lock-down, and once it has the compiled rules as a descriptor. */
void secret_rules_prepare(void);
bool secret_rules_take(int fd, struct err *e);
bool secrets_text_job(size_t n_fds, struct err *e);

/* In the parent: what a worker finds in `text`, appended, with its line there; texts live in `arena`. */
bool secrets_of_text(int rules_fd, struct span text, struct arena *arena, struct remark_list *to, struct err *e);
/* Of the image's history and environment, appended; where the history has one, `v` and `io` quote that line no more. */
bool config_secrets(
    const struct image *i, int rules_fd, struct inventory *v, struct remark_list *io, struct err *e);
