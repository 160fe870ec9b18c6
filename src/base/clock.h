/* Time. Wall time is UTC and for records only; deadlines use the monotonic clock. */
#pragma once

#include "base/span.h"

#define CLOCK_TEXT_MAX 36u /* "2026-11-23T01:23:57.123456789Z" with its NUL and some room */

int64_t clock_wall_s(void); /* seconds since 1970-01-01T00:00:00Z */
int64_t clock_wall_ns(void);
int64_t clock_mono_ms(void);

/* RFC 3339 in UTC: "2026-11-23T01:23:57Z". Years 1970 to 9999, else "-". Returns `out`. */
const char *clock_format(int64_t wall_s, char out[CLOCK_TEXT_MAX]);
/* RFC 3339 date-time, any offset, fraction dropped; also a plain date "2026-11-23" as midnight UTC. */
bool clock_parse(struct span text, int64_t *ret_wall_s);
