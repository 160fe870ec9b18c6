/*
 * launch: the main job as one readable sequence: resolve, assess, match, decide, record, unpack, start.
 *
 * In:    an image reference (or, to assess only, a bill of materials), a store, an advisory database, a policy, how to run it.
 * Out:   what was found and decided, each decision in the ledger; a running container if, and only if, the policy allows;
 *        what is attached to an image.
 * Never: parses foreign bytes itself; starts anything without a verdict; prints.
 * Uses:  base store fetch image unpack inventory advisory match assess policy runtime
 * Terms: verdict, digest, diff id, referrer, subject (OCI image-spec and distribution-spec 1.1), ledger.
 */
#pragma once

#include "advisory/advisory.h"
#include "base/base.h"
#include "fetch/fetch.h"
#include "image/image.h"
#include "inventory/inventory.h"
#include "match/match.h"
#include "policy/policy.h"
#include "runtime/runtime.h"
#include "store/store.h"

struct launch_start {
        const char *name;               /* NULL: the id */
        const char *const *args;        /* NULL, 0: what the image says */
        size_t n_args;
        const char *entrypoint;         /* NULL: the image's; "" none */
        const char *const *env;         /* NAME=value, over the image's */
        size_t n_env;
        const char *user, *cwd;         /* NULL: the image's */
        struct runtime_spec spec;       /* options alone (terminal, network, limits, volumes ...); the rest is filled in */
};

struct launch_request {
        const char *reference;
        const char *platform;           /* NULL: the host's */
        struct fetch_options registry;  /* for images of registries and engines */
        bool secrets;                   /* look for secrets, too; see struct assess_options */
        int secrets_fd;
        uint32_t secrets_number;
        const struct inventory_plugins *plugins; /* may be NULL; see struct assess_options */
        bool takes_sbom;                /* a bill of materials will do: "sbom:FILE", "-", or a file that is one */
        const struct launch_start *start; /* what is to be started if the policy allows; borrowed until launch_start returns.
                                           * NULL: nothing, and how it is run is not judged */
        struct store *store;            /* borrowed by the launch; NULL: nothing is remembered or recorded (scan --no-store) */
        int root_fd;                    /* the state folder; -1 when store is NULL */
        const struct advisory_db *db;   /* borrowed; NULL: none, nothing can be said to be clean */
        const struct policy *policy;    /* borrowed; NULL: assess only, no decision */
        const struct policy *exceptions; /* borrowed; NULL: none. They mark findings; the policy alone decides */
        /* Borrowed; statements about findings, which mark them. For the policy those documents alone that it counts. */
        const struct vex_document *const *vex;
        size_t n_vex;
        bool vex_attached; /* and those that are attached to the image, where it is kept */
        void (*on_progress)(void *ctx, uint64_t done, uint64_t total); /* stored bytes of all layers; may be NULL */
        void *ctx;
};

/* One image on its way. What a step has not reached is NULL. Read-only for callers. */
struct launch {
        struct image *image;            /* NULL for a bill of materials */
        bool is_sbom;
        struct inventory_sbom sbom;     /* with is_sbom: what the document says of itself */
        struct launch_run *run;         /* private: how it is to be run, as it is judged; NULL: it is not */
        struct remote *remote;          /* private: where the image's layers come from; NULL when they are files */
        struct inventory *inventory;
        bool known;                     /* the inventory came from the store */
        struct match *match;
        struct policy_exceptions *exceptions; /* with a match, and when some were given */
        struct vex_document **attached; /* with vex_attached: each called "attached:" and the digest of the manifest that holds it */
        size_t n_attached;
        struct match_vex *vex;                /* the same */
        struct match_vex *vex_counted;        /* of the documents that the policy counts: what its verdict looked at; may be NULL */
        struct policy_verdict *verdict; /* with a policy only */
        char record_hash[DIGEST_TEXT_MAX]; /* of the ledger record of the decision; "none" before it */
};

/*
 * Resolve, assess, match and, with a policy, decide and record (event "check.allowed", "check.refused" or as `event`
 * names it: "run" gives "run.allowed" and "run.refused"). A verdict that refuses is not an error: see launch_allowed. An
 * image that can't be read is one, and is recorded too ("run.failed"), and so is a volume that is Coffer's state folder, lies
 * in it or holds it (ERR_DENIED, whatever the policy says). A bill of materials is never kept in the store, and
 * never started.
 */
bool launch_assess(const struct launch_request *r, const char *event, struct launch **ret, struct err *e);
void launch_free(struct launch *l); /* accepts NULL */
void launch_freep(struct launch **l);

/* The one line that lets something start: a verdict is there and allows. */
bool launch_allowed(const struct launch *l);
/* The first reason of a refusal, for one line; "" when allowed. */
struct span launch_reason(const struct launch *l);

/*
 * Unpacks what is not there yet and starts the container that launch_assess allowed, as it was asked for there: ERR_DENIED
 * otherwise, before anything is touched. On failure nothing is left: folder, ids and record are given back. `ret_id` has RUNTIME_ID_LEN + 1 bytes.
 * `ret_exit` is set on failure only: 125, 126, 127. The ledger gets "run.started" or "run.failed".
 */
bool launch_start(struct launch *l, const struct launch_request *r, char *ret_id, struct runtime_started *ret, int *ret_exit,
    struct err *e);

/* ---- what is attached to an image (referrers.c) ---- */

struct launch_referrers {
        struct image *image;
        struct image_referrers list;
};

/*
 * Of an image in a registry or an OCI layout: what names it, or the index that led to it, as its subject. Of the request it
 * looks at the reference, the platform and the registry's options. `artifact_type` NULL: of any type. Each manifest was
 * fetched and verified; what is wrong with one stands in its `refused`. Otherwise as launch_assess; ERR_UNSUPPORTED: an image
 * of a form that holds nothing beside it.
 */
bool launch_referrers(const struct launch_request *r, const char *artifact_type, struct launch_referrers **ret, struct err *e);
void launch_referrers_free(struct launch_referrers *x); /* accepts NULL */
void launch_referrers_freep(struct launch_referrers **x);

/* ---- what is left of images (prune.c) ---- */

enum launch_pruned {
        LAUNCH_PRUNED_NONE = 0,
        LAUNCH_PRUNED_LAYER,     /* unpacked, of no container; by its diff id */
        LAUNCH_PRUNED_BLOB,      /* of a registry, kept by a start that was killed; by its digest */
        LAUNCH_PRUNED_LEFT_OVER, /* half of either, of an advisory database, or of a start; by its path in the state folder */
        LAUNCH_PRUNED_IN_USE,    /* stays: a container's layer, or of a start in progress */
        LAUNCH_PRUNED_FOREIGN,   /* stays: not of our making. A link is not followed */
        LAUNCH_PRUNED_COUNT
};

struct launch_prune_request {
        struct store *store;
        int root_fd; /* the state folder */
        bool layers, blobs;
        const char *advisory_new; /* the file in advisory/ that a build writes, with that folder locked by flock; NULL: leave it */
        bool dry_run; /* nothing is changed or recorded */
        /* Each that is gone (or would go), with its bytes on disk, or that stays (0). */
        void (*on_item)(void *ctx, enum launch_pruned what, const char *name, uint64_t bytes);
        void *ctx;
};

/*
 * Removes unpacked layers that no container, running or stopped, uses and no start is about to use, blobs that nobody
 * holds, and the halves of both. Layers last; needs no room on the disk. The ledger gets "prune", after a failure or an
 * interrupt too, with what was removed until then. ERR_CONFLICT: containers run that the store does not know, so that no
 * layer is known to be unused; ERR_MALFORMED: a container's record; ERR_CANCELLED; ERR_SYSTEM.
 */
bool launch_prune(const struct launch_prune_request *r, struct err *e);
