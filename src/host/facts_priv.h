/* How the probes of this room report. */
#pragma once

#include "host/host.h"

/* A child that tries something is killed after it: nothing here waits for a peer or a disk. */
#define HOST_TRY_MS 3000

/* Appends a fact; texts from outside are made printable. `means` and `area` are constants. */
void fact_add(struct host_facts *f, const char *area, const char *name, enum host_state state, const char *means,
    const char *fmt, ...) PRINTF_LIKE(6, 7);

/*
 * Runs `attempt` in a child process and gives what it returned: 0, an errno, or a value from 1000 on that the attempt
 * means itself. -1 when the child died or took too long, which counts as "unknown". `text` (may be NULL) gets what the
 * attempt wrote into its buffer.
 */
struct try_out {
        int result;
        char text[HOST_DETAIL_MAX];
};
bool try_in_child(int (*attempt)(void *ctx, char text[HOST_DETAIL_MAX]), void *ctx, struct try_out *ret, struct err *e);

/* Reads a small file of the kernel, without its last newline; false when it is not there. */
bool kernel_file(const char *path, char *ret, size_t size);

bool probe_kernel(struct host_facts *f, struct err *e);    /* version, namespaces, seccomp, Landlock, cgroups */
bool probe_mounts(struct host_facts *f, struct err *e);    /* overlayfs, idmapped mounts */
bool probe_devices(struct host_facts *f, struct err *e);   /* device-mapper, loop, FUSE, KVM, TPM, Secure Boot */
bool probe_bpf(struct host_facts *f, struct err *e);       /* program kinds by loading one */
bool probe_resources(struct host_facts *f, struct err *e); /* memory, CPUs, capabilities, limits, OCI runtimes */
bool probe_jail(struct host_facts *f, struct err *e);      /* the jail tried from inside */
