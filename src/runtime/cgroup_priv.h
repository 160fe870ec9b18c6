/* Control groups: which layout the host has, and what is left of a container there. */
#pragma once

#include "base/base.h"

enum cgroup_kind {
        CGROUP_NONE = 0,
        CGROUP_V1,     /* one hierarchy per controller */
        CGROUP_HYBRID, /* the same, and a version 2 tree at /sys/fs/cgroup/unified */
        CGROUP_V2
};

struct cgroup_layout {
        enum cgroup_kind kind;
        bool memory, swap, pids, cpu; /* can be limited here */
        bool unified_controllers;     /* HYBRID: the version 2 tree has controllers of its own, which crun refuses */
};

#define CGROUP_MOUNT "/sys/fs/cgroup"
#define CGROUP_PARENT "/coffer" /* below each hierarchy's root */

void cgroup_layout_read(struct cgroup_layout *ret);
const char *cgroup_kind_name(enum cgroup_kind k);
/* Removes the groups of a dead container, everywhere; what is not there is fine. ERR_CONFLICT: processes live in one.
 */
bool cgroup_remove(const char *id, struct err *e);
