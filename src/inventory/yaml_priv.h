/*
 * YAML as lock files have it, through libyaml: maps, lists and scalars. Aliases are followed up to a bound, since a few
 * lines of them can stand for billions of values.
 */
#pragma once

#include "inventory/lock/tree_priv.h"

#define YAML_ALIASES_MAX 1000u /* of one file; pnpm's and Dart's write none */

#define YAML_DOCUMENTS_MAX 16u /* of one file; pnpm writes two */

/* A file of one document; every scalar is a TREE_TEXT. No document: the root stays NULL. A second one is refused. */
bool tree_yaml(struct tree *t, struct span in, struct err *e);
/* A file of several: the last is the root, and those before it a list, t->before. */
bool tree_yaml_documents(struct tree *t, struct span in, struct err *e);
