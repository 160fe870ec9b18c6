/* Small questions about texts, for the package managers' lists. */
#pragma once

#include "inventory/detect_priv.h"

/* Printable ASCII without blanks, and none of the bytes in `never`; not empty. */
static inline bool printable_word(struct span s, const char *never)
{
        SPAN_HOLDS(s);
        for (size_t i = 0; i < s.len; i++)
                if (s.at[i] <= ' ' || s.at[i] >= 0x7f || strchr(never, s.at[i]))
                        return false;
        return s.len > 0;
}

/* A name that could be a file's name too: no path, neither "." nor "..". */
static inline bool package_name(struct span s)
{
        return printable_word(s, "/\\") && !span_is(s, ".") && !span_is(s, "..");
}

/* The last `byte` and what stands around it; false when there is none. */
static inline bool split_last(struct span s, uint8_t byte, struct span *ret_before, struct span *ret_after)
{
        for (size_t i = s.len; i > 0; i--) {
                if (s.at[i - 1] != byte)
                        continue;
                *ret_before = span_cut(s, 0, i - 1);
                *ret_after = span_from(s, i);
                return true;
        }
        return false;
}
