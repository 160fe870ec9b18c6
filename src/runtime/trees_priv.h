/*
 * Copies of the mounts that a container gets, not attached anywhere yet. They are made in the caller's mount namespace,
 * the only one where its descriptors may be copied from, and attached in the container's. Unattached ones vanish with
 * their descriptors.
 */
#pragma once

#include "runtime/runtime.h"
#include "runtime/runtime_limits.h"

struct trees {
        int bundle;                     /* containers/<id>/ */
        int layers[RUNTIME_LAYERS_MAX]; /* lowest first */
        size_t n_layers;
        int volumes[RUNTIME_VOLUMES_MAX];
        bool volume_is_file[RUNTIME_VOLUMES_MAX];
        size_t n_volumes;
};

bool trees_open(const struct runtime_spec *s, struct trees *t, struct err *e);
void trees_close(struct trees *t);
