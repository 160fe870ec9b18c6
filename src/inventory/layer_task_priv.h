/* The layers of an image, each read by its own worker, or known from an earlier image. */
#pragma once

#include "inventory/layer_priv.h"

/*
 * A report of each layer to `reports`, which the caller frees, also after a failure (some are NULL then). Names the first
 * layer that failed. A layer over which a detector died is read again without that file; one that came through a pipe and
 * must be read again is taken to memory first.
 */
bool layers_read(
    const struct image *i, const struct inventory_options *o, struct layer_report **reports, struct err *e);
