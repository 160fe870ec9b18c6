/*
 * Stanzas of "Name: value" lines: deb822(5), and the head of Python's METADATA (RFC 5322 as PEP 566 uses it).
 *
 * A value runs over the lines that begin with a blank; it is handed out as it stands in the input, outer blanks taken
 * off. Total: a line that is no field is handed out as broken, and reading goes on after it.
 */
#pragma once

#include "base/base.h"

enum fields_step { FIELDS_END = 0, FIELDS_FIELD, FIELDS_STANZA_END, FIELDS_BROKEN };

struct fields {
        struct cursor in;
        size_t line; /* number of the line read last, from 1: for notes */
        bool in_stanza;
        /* A line of blanks alone ends a stanza (deb822), or belongs to the value above (METADATA). */
        bool blanks_end;
};

void fields_init(struct fields *f, struct span in, bool blanks_end);
enum fields_step fields_next(struct fields *f, struct span *ret_name, struct span *ret_value);
bool field_is(struct span name, const char *wanted); /* ASCII case does not count */
