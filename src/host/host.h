/*
 * host: what this machine offers for Coffer, each fact found by trying it.
 *
 * In:    the running kernel, its devices and file systems; the programs in PATH.
 * Out:   a list of facts: name, state, what was seen, and what it means for Coffer.
 * Never: changes anything that outlives the probe; decides; believes a version number where the thing can be tried.
 * Uses:  base jail
 * Terms: user_namespaces(7), seccomp(2), landlock(7), cgroups(7), bpf(2), overlayfs and idmappings of the kernel's
 * documentation.
 *
 * What could disturb (namespaces, mounts) is tried in a child process that ends with it. No privilege is needed: what
 * only root may try says so.
 */
#pragma once

#include "base/base.h"
#include "jail/jail.h"

enum host_state {
        HOST_UNKNOWN = 0, /* could not be found out: the detail says why */
        HOST_NO,
        HOST_LIMITED, /* there, but not all of it or not for this user */
        HOST_YES,
};

#define HOST_FACTS_MAX 64u
#define HOST_NAME_MAX 32u /* bytes with the NUL */
#define HOST_DETAIL_MAX 240u

/* Plain data; all texts are printable. */
struct host_fact {
        const char *area;         /* "kernel", "isolation", "jail", "storage", "devices", "observation", "trust",
                                     "programs", "resources"; constant */
        char name[HOST_NAME_MAX]; /* stable, for machines: "user-namespaces" */
        enum host_state state;
        char detail[HOST_DETAIL_MAX]; /* what was seen: "ABI 7", "No such file or directory" */
        const char *means;            /* one sentence: what Coffer does with it, or does without; constant */
};

struct host_facts {
        struct host_fact at[HOST_FACTS_MAX]; /* in order of areas */
        size_t n;
};

/*
 * Tries everything; takes about a second, most of it for the jail. Fails only when not even a child can be made
 * (ERR_SYSTEM) or when cancelled (ERR_CANCELLED): a thing that is missing is a fact, not a failure.
 */
bool host_probe(struct host_facts *ret, struct err *e);

/* The fact of that name, or NULL. */
const struct host_fact *host_fact_find(const struct host_facts *facts, const char *name);

const char *host_state_name(enum host_state s); /* "unknown", "no", "limited", "yes" */
