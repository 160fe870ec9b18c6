/* Landlock by its own system calls: everything the running kernel can handle is handled, and nothing is allowed. */
#pragma once

#include "base/base.h"

/* ERR_UNSUPPORTED without Landlock. Needs no_new_privs. Checks afterwards that the root folder can't be read. */
bool landlock_lock(uint32_t *ret_abi, struct err *e);
