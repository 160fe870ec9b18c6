/*
 * A range and, on the next line, a version: what can be read is read with any version or says why not; a range holds the versions
 * that it names as bounds exactly when the comparator says so.
 */
#include <assert.h>

#include "advisory/advisory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct span vers, version, type, rest;
        struct err e = {0};
        bool has = false;

        span_split(span_bytes(data, size), '\n', &vers, &version);
        if (!version_vers_check(vers, &e)) {
                assert(e.kind != ERR_NONE && e.text[0]);
                assert(!version_vers_has(vers, SPAN_LIT("npm"), version, &has, NULL));
                return 0;
        }
        span_split(span_from(vers, strlen("vers:")), '/', &type, &rest);
        if (!version_vers_has(vers, type, version, &has, &e))
                assert(e.kind != ERR_NONE);
        else if (span_is(span_trim(rest), "*"))
                assert(has);
        /* "vers:X/>=V" with one constraint and nothing coded: V itself */
        if (span_starts(rest, ">=") && !memchr(rest.at, '|', rest.len) && !memchr(rest.at, '%', rest.len)) {
                assert(version_vers_has(vers, type, span_trim(span_from(rest, 2)), &has, &e));
                assert(has);
        }
        return 0;
}
