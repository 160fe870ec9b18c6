/* A container as commands find it: its record in the store, its folder in the state folder. */
#pragma once

#include "runtime/runtime.h"
#include "store/store.h"

struct container {
        struct arena *arena;
        int root_fd, dir_fd;
        struct store *store;
        struct store_container record;
        struct runtime_status status; /* after runtime_reap: never DEAD */
        struct err damage;            /* with RUNTIME_STATE_DAMAGED: why it can't be told how it stands */
};

/* By id, an id's first four or more digits, or name. ERR_NOT_FOUND, ERR_CONFLICT (several). A damaged one is found, too. */
bool container_find(const char *id_or_name, struct container *ret, struct err *e);
void container_done(struct container *c);

/* containers/<id>/ of a record; makes it with `make`. */
bool container_folder(int root_fd, struct span id, bool make, int *ret_fd, struct err *e);
/* Never fails: what can't be read makes it RUNTIME_STATE_DAMAGED, and `ret_damage` says why. */
void container_status(int dir_fd, struct span id, struct runtime_status *ret, struct err *ret_damage);
/* Everything: folder, id range, record. ERR_CONFLICT while it runs. */
bool container_remove(struct store *s, int root_fd, struct span id, struct err *e);
/* "running", "exited (7)", ... */
const char *container_state_text(const struct runtime_status *s, char *out, size_t size);
