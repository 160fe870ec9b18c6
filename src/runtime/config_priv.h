/* config.json as runtime-spec 1.0.2 has it, from values that are all checked already. */
#pragma once

#include "runtime/cgroup_priv.h"
#include "runtime/runtime.h"
#include "runtime/runtime_limits.h"
#include "runtime/user_priv.h"

struct config_volume {
        char source[64]; /* where mounts.c put it */
        const char *target;
        bool read_only;
};

/* What spec.tmpfs is about. */
#define CONFIG_TMPFS 3u
extern const char *const config_tmpfs[CONFIG_TMPFS];

struct config {
        const struct runtime_spec *spec;
        struct user user;
        struct cgroup_layout cgroups;
        uint64_t memory_max, pids_max; /* memory_max: RUNTIME_UNLIMITED for none */
        uint64_t nofile_max;           /* our own hard limit */
        struct span *env;              /* complete: PATH, HOME, HOSTNAME, TERM */
        size_t n_env;
        const struct config_volume *volumes; /* as many as the spec has */
        bool etc_files;                      /* MONITOR_HOME/etc/hosts and hostname are there to be mounted */
        bool etc_resolv;
        bool tmpfs[CONFIG_TMPFS]; /* of config_tmpfs; where the image or a volume has something else, none */
};

/* Names the spec's faults: sizes, NUL bytes, paths. Touches nothing. */
bool config_check(const struct runtime_spec *s, struct err *e);
/* The environment: the spec's, where the last of a name wins, and defaults for what it lacks. */
void config_env(struct arena *a, const struct runtime_spec *s, const struct user *u, struct span **ret, size_t *ret_n);
/* ERR_LIMIT when the text would be above RUNTIME_CONFIG_MAX. */
bool config_write(const struct config *c, struct buf *to, struct err *e);
