/*
 * String literals of source text that is read as data: Ruby's gemspec, Lua's rockspec, Erlang's terms, TOML, opam.
 *
 * `in` begins with the literal; on success it is moved behind it, and the value lies in `a` or in the input. False when
 * no literal begins there, when it does not end, or when it is computed ("#{...}", "..").
 */
#pragma once

#include "base/base.h"

#define LITERAL_MAX 4096u /* bytes of its value: a name, a version or a licence */

/* "..." with escapes, '...', %q<...>; with ".freeze" behind it or not. */
bool literal_ruby(struct span *in, struct arena *a, struct span *ret);
/* "...", '...' with escapes, [[...]]. */
bool literal_lua(struct span *in, struct arena *a, struct span *ret);
/* "..." with escapes, '...' without; what TOML and opam have on one line. */
bool literal_toml(struct span *in, struct arena *a, struct span *ret);
/* A string "..." or a quoted atom '...', both with escapes. */
bool literal_erlang(struct span *in, struct arena *a, struct span *ret);
