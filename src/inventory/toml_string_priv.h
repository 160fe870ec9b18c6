/* What the files of the TOML reader share. */
#pragma once

#include "inventory/toml_priv.h"

struct toml {
        struct tree *tree;
        struct span rest;
        size_t line;
        struct err *e;
};

bool toml_fail(struct toml *r, enum err_kind kind, const char *what);
/* A string in any of the four forms, or in those of one line; r->rest begins with its quote. */
bool toml_string(struct toml *r, bool lines_too, struct span *ret);
/* A value without quotes or brackets, checked against the format's grammar and the calendar. */
bool toml_word(struct toml *r, struct span *ret);
bool toml_is_bare(uint8_t c); /* may stand in a key without quotes */
