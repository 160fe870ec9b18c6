/* Between the files of launch. */
#pragma once

#include "launch/launch.h"

/* One ledger record about this launch; without a store nothing happens. `reason` may be empty; `id` NULL. */
bool launch_record_event(const struct launch_request *r, const struct launch *l, const char *event, const char *id,
    struct span reason, struct err *e);
/* The record of a decision: as above, with facts, rules and the database; fills l->record_hash. */
bool launch_record_decision(const struct launch_request *r, struct launch *l, const char *event, struct err *e);
