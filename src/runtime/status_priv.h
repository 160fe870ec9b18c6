/* Who holds a container's lock, and its first process. */
#pragma once

#include "runtime/runtime.h"

/* The monitor's process id on this host, or 0. A missing lock file is 0 too. */
bool lock_holder(int dir_fd, pid_t *ret, struct err *e);
/* The container's first process as seen from this host, or 0. */
pid_t container_process(pid_t monitor);
