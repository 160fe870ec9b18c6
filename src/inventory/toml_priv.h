/*
 * TOML 1.0, as the lock files of Python and Rust have it. Strings are TREE_TEXT, un-escaped; numbers, dates and
 * booleans are TREE_WORD, as they stand in the file once they were found to be one.
 *
 * Refused: keys and tables that are there already, what is added to an inline table or to an array of values, line
 * breaks and control bytes where the format forbids them, nesting deeper than TOML_DEPTH_MAX.
 */
#pragma once

#include "inventory/lock/tree_priv.h"

#define TOML_DEPTH_MAX 32u /* of values within values; deepest seen: 3 */
#define TOML_PARTS_MAX 32u /* of one dotted key */

bool tree_toml(struct tree *t, struct span in, struct err *e);
