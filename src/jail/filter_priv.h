/* The seccomp filter: an allow-list of system calls, each with its reason; anything else kills the process. */
#pragma once

#include "base/base.h"

#ifdef JAIL_SANITIZER
#define FILTER_SANITIZER true
#else
#define FILTER_SANITIZER false
#endif

/* Needs no_new_privs. `threads` adds what threads need. ERR_UNSUPPORTED; checks afterwards that the filter is in force.
 */
bool filter_load(bool threads, struct err *e);
