/*
 * Secrets: locked in memory, left out of core dumps and of children, wiped on release, compared in constant time.
 * Never put into an argument, an environment, a log line or an error text.
 */
#pragma once

#include "base/span.h"

struct secret; /* fixed size, own pages */

/* ERR_LIMIT above 64 KiB, ERR_SYSTEM when the memory can't be locked (RLIMIT_MEMLOCK). Zeroed. */
bool secret_new(size_t len, struct secret **ret, struct err *e);
void secret_free(struct secret *s); /* wipes; accepts NULL */
void secret_freep(struct secret **s);
uint8_t *secret_bytes(struct secret *s);
size_t secret_len(const struct secret *s);
bool secret_equal(const struct secret *a, struct span b); /* constant time in the content; lengths are public */
void wipe(void *at, size_t len);                          /* not optimised away */

/* From the kernel (getrandom); never fails once the pool is ready, waits before. */
void random_bytes(void *into, size_t len);
