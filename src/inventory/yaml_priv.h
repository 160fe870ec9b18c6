/*
 * YAML as lock files have it, through libyaml: maps, lists and scalars. Aliases are followed up to a bound, since a few
 * lines of them can stand for billions of values.
 */
#pragma once

#include "inventory/lock/tree_priv.h"

#define YAML_ALIASES_MAX 1000u /* of one file; pnpm's and Dart's write none */

/* The first document of the stream; every scalar is a TREE_TEXT. No document: the root stays NULL. */
bool tree_yaml(struct tree *t, struct span in, struct err *e);
