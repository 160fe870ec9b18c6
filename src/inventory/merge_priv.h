/* Layers' reports -> what the merged image holds. A pure function. */
#pragma once

#include "inventory/layer_priv.h"

/*
 * Fills v->os, os_known, components, notes and complete from the reports, lowest first, as an overlay mount would see
 * the layers. Everything is copied into v->arena. v->components[].layer is the lowest layer since which the component
 * was there without a break: a status file that every layer rewrites does not move its packages up.
 */
void inventory_merge(struct layer_report *const *reports, size_t n, struct inventory *v);

/* An empty one with its arena. */
struct inventory *inventory_new(void);

/* Order of components in an inventory. */
int component_compare(const struct component *a, const struct component *b);
