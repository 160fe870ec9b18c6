/* Who a container's process is: "", "uid", "uid:gid", "name", "name:group", by the container's own etc/passwd. */
#pragma once

#include "base/base.h"
#include "runtime/runtime_limits.h"

struct user {
        uint32_t uid, gid;
        uint32_t groups[RUNTIME_GROUPS_MAX]; /* supplementary, gid not among them */
        size_t n_groups;
        char home[256]; /* empty if passwd has none, or none that is an absolute path without control bytes */
};

/*
 * A total function. `passwd` and `group` are the files' bytes (passwd(5), group(5)), from a hostile image, empty if it
 * has none. Lines that break the format are passed over, as the C library does. Ids at or above RUNTIME_IDS are
 * ERR_LIMIT, a name that is not there ERR_NOT_FOUND, a request of another form ERR_MALFORMED.
 */
bool user_resolve(struct span request, struct span passwd, struct span group, struct user *ret, struct err *e);
