/* The mounts of one container. All of this runs in the mount and PID namespace of its monitor-to-be. */
#pragma once

#include "runtime/config_priv.h"
#include "runtime/trees_priv.h"

struct mounts {
        int rootfs_fd;                 /* the mounted root folder, O_PATH */
        struct config_volume *volumes; /* as many as the spec has, in the arena */
        bool tmpfs[CONFIG_TMPFS];      /* of config_tmpfs: to be mounted */
        bool etc_resolv;
        char note[RUNTIME_NOTE_MAX];
};

/* A descriptor of a user namespace in which id `inside` + n is host id `outside` + n, for RUNTIME_IDS ids. */
bool idmap_open(uint32_t inside, uint32_t outside, int *ret_fd, struct err *e);

/* Private mounts, MONITOR_HOME, a /proc of this PID namespace; `hide_controllers`: see cgroup_priv.h. */
bool mounts_home(bool hide_controllers, struct err *e);
/* Layers, writable layer, root file system, volumes and the files of /etc. */
bool mounts_make(
    const struct runtime_spec *s, const struct trees *t, struct arena *a, struct mounts *ret, struct err *e);
/* A file of the container, links followed inside its root alone; empty if it is missing or no plain file. */
bool mounts_file_read(int rootfs_fd, const char *path, size_t max, struct buf *ret, struct err *e);
/* mkdir -p inside the container's root; what is made belongs to `owner`. */
bool mounts_folder_make(int rootfs_fd, struct span path, uint32_t owner, struct err *e);
