/* The jobs that every worker has, for jail_selftest. */
#pragma once

#include "jail/jail.h"

extern const struct jail_job selftest_jobs[];
extern const size_t selftest_n_jobs;
