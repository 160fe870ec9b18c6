/* Starts one worker: pipes, descriptors in their places, nothing else inherited. */
#pragma once

#include <sys/types.h>

#include "jail/jail.h"

/* What the parent holds of a running worker. All descriptors are non-blocking (the pidfd has nothing to block on). */
struct spawned {
        pid_t pid;
        int pid_fd;     /* readable once the worker has ended */
        int request_fd; /* write end */
        int answer_fd;  /* read ends */
        int stderr_fd;
};

/* `null_fd` is /dev/null. ERR_UNSUPPORTED when the program can't be started, ERR_SYSTEM without descriptors or
 * processes. */
bool spawn_worker(const char *program, const struct jail_task *t, int null_fd, struct spawned *ret, struct err *e);
