/* Between the files of launch. */
#pragma once

#include "launch/launch.h"

/* One ledger record about this launch; without a store nothing happens. `reason` may be empty; `id` NULL. */
bool launch_record_event(const struct launch_request *r, const struct launch *l, const char *event, const char *id,
    struct span reason, struct err *e);
/* The event "run.starting" of container `id`, with what `how` writes of `spec`: members of an object. */
bool launch_record_start(const struct launch_request *r, const struct launch *l, const char *id,
    void (*how)(struct json_out *o, const void *spec), const void *spec, struct err *e);
/* The record of a decision: as above, with facts, rules and the database; fills l->record_hash. */
bool launch_record_decision(const struct launch_request *r, struct launch *l, const char *event, struct err *e);

/* ---- how it is to be run (run.c, apart.c) ---- */

/* Judged and started from the same values and descriptors. */
struct launch_run {
        struct arena *arena;
        const struct launch_start *asked;
        struct runtime_spec spec;       /* as asked, with volumes opened, and what it leaves open chosen */
        struct runtime_volume *volumes; /* n_open of them hold a descriptor */
        size_t n_open;
        struct policy_run facts;
};

bool launch_run_open(const struct launch_request *r, struct launch_run **ret, struct err *e);
/* What only the image says: whose it is, and its command. */
void launch_run_facts(struct launch_run *run, const struct image *i);
void launch_run_free(struct launch_run *run); /* accepts NULL */

/* The path of what is open, without links; empty when what is there is not what is open. In `a`. */
struct span launch_path_of(int fd, struct arena *a);
/*
 * ERR_DENIED when `fd` is the state folder, lies in it or holds it, also by another name, a link or a bind mount: its container
 * would have the ledger's key and the files of all others. ERR_SYSTEM when that can't be looked up.
 */
bool launch_is_apart(int state_fd, int fd, struct err *e);

/* ---- images that are not on this disk (remote.c) ---- */

#define LAUNCH_MANIFEST_MAX \
        (4u << 20) /* bytes: OCI distribution-spec 1.1 asks registries to take manifests of at least that */

struct remote;
/* True for "docker://NAME", and for what is no file here and reads as an image's name. */
bool launch_is_registry(const char *reference);
bool launch_says_form(const char *reference); /* "oci:DIR", "dir:ROOT" ...: it is on this disk, and how */
/* `keep`: layers are downloaded to the state folder before they are read, since they will be unpacked. The image borrows
 * from *ret_remote. */
bool launch_open_registry(
    const struct launch_request *q, bool keep, struct image **ret, struct remote **ret_remote, struct err *e);
void launch_remote_drop(struct remote *r); /* the blobs that were kept; accepts NULL */
void launch_remote_free(struct remote *r); /* after launch_remote_drop; accepts NULL */
bool launch_is_engine(const char *reference);
bool launch_open_engine(const struct launch_request *q, struct image **ret, struct err *e);

/* The session, and what the user named in it. */
struct fetch *launch_remote_fetch(const struct remote *r, struct fetch_name *ret);
/* As image_remote's, of the registry `ctx`, a struct remote. */
bool launch_remote_document(
    void *ctx, const struct digest *digest, uint64_t size, bool manifest, int *ret_fd, struct err *e);
bool launch_memfd_of(struct span content, int *ret, struct err *e); /* sealed */

/* From a reference to an open image: a registry's, an engine's, or of this disk. */
bool launch_resolve(const struct launch_request *r, struct launch *l, struct err *e);

/* ---- what is attached to it (referrers.c) ---- */

#define LAUNCH_REFERRERS_MAX (16u << 20) /* bytes of all pages of a list */

/* Where what is attached to an open image is kept: its registry, or its layout. */
struct launch_shelf {
        struct image_shelf shelf;
        struct pages *pages; /* of a registry; else NULL */
};
/* ERR_UNSUPPORTED: nothing can be attached to an image of this form. Borrows from the launch. */
bool launch_shelf_open(
    const struct launch_request *r, const struct launch *l, const char *artifact_type, struct launch_shelf *ret, struct err *e);
void launch_shelf_close(struct launch_shelf *s); /* accepts a zero one */

/* ---- bills of materials (sbom.c) ---- */

/* By its name or kind alone: "sbom:FILE", "-", a pipe. */
bool launch_is_sbom(const char *reference);
/* A file, of which its content must tell. */
bool launch_may_be_sbom(const char *reference);
/*
 * Fills l->inventory and l->sbom. ERR_NOT_FOUND when it is none, unless `sure`; ERR_UNSUPPORTED when the request wants
 * something of it that only an image has.
 */
bool launch_read_sbom(const struct launch_request *r, bool sure, struct launch *l, struct err *e);

/* ---- what it is called (called.c) ---- */

/* In a policy: see policy_facts. */
const struct span *launch_image_names(
    const struct launch_request *r, const struct launch *l, struct arena *a, size_t *ret_n);
/* In statements about findings (VEX). */
void launch_subject(
    const struct launch_request *r, const struct launch *l, struct arena *a, struct match_subject *ret);

/* ---- statements about findings (vex.c) ---- */

#define LAUNCH_VEX_ATTACHED_MAX 64u        /* documents: as many as --vex takes files */
#define LAUNCH_VEX_ATTACHED_SIZE (64u << 20) /* bytes of them together: as of the largest file */

/* Reads what is attached, when the request wants it. A document that is not what it should be is an error: nobody could say
 * what it would have suppressed, or taken back. */
bool launch_vex_attached(const struct launch_request *r, struct launch *l, struct err *e);
/* Statements held against the match; nothing without either. */
bool launch_vex_apply(const struct launch_request *r, struct launch *l, struct err *e);
bool launch_vex_suppresses(const struct match_vex *x, size_t finding); /* accepts NULL */
/* All documents: first what is attached, then the request's own, which so count last of equal times. */
size_t launch_vex_n(const struct launch_request *r, const struct launch *l);
const struct vex_document *launch_vex_at(const struct launch_request *r, const struct launch *l, size_t i);
/* Does the document of this index count: for the policy, or without one for the report? */
bool launch_vex_counts(const struct launch_request *r, const struct launch *l, size_t i);
