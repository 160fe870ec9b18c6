/*
 * unpack: one verified layer -> one folder, layers/<diff id>/, shared by all containers and never changed again.
 *
 * In:    the `layers` folder of the state, a layer's place and digests, the first of 65,536 host ids.
 * Out:   a descriptor of the complete folder, in the form that overlayfs wants (userxattr): whiteouts are character
 *        devices 0:0, opaque folders carry user.overlay.opaque=y.
 * Never: reads a layer in this process; leaves or shows half a layer; makes a device node; writes outside of one folder.
 * Uses:  base jail image
 * Terms: OCI image-spec 1.1 (layer, whiteout, diff id), user_namespaces(7), Landlock, seccomp(2), openat2(2).
 *
 * coffer-unpack does the work, one process for each layer: a user namespace in which the range's ids are all there is,
 * so that even set-id files of an image belong to nobody real; empty network and own mount namespace; chroot, Landlock
 * and seccomp on one temporary folder. Both digests are verified in the same pass, and the folder gets its name after
 * that.
 *
 * Refused, naming layer, entry and path: what leads outside or through a symbolic link (what is scanned is what runs),
 * hard links to what the layer does not have, owners above 65,535, device nodes. Those below dev/ are only left out and
 * counted: a container gets its own /dev, and images made by debootstrap have them. Extended attributes are not kept. A
 * folder that the layer has files in but no entry for is root's, with mode 0755.
 */
#pragma once

#include "image/image.h"

#define UNPACK_IDS 65536u      /* of the container, from 0: mapped to as many of the host */
#define UNPACK_PRUNE_BATCH 64u /* layers judged at once: each is a descriptor */

struct unpack_report {
        bool existed; /* it was there before; then nothing else is known */
        uint64_t entries, plain_size;
        uint64_t devices_skipped; /* device nodes below dev/ */
};

struct unpack_request {
        int layers_fd;              /* the `layers` folder: mode 0700 and root's, or others could reach set-id files */
        struct image_source source; /* fd as it is in this process; diff_id must be known */
        const struct image *image;  /* not NULL: source.fd is opened only if need be, as `layer` of that image */
        size_t layer;
        uint32_t id_first; /* host id of id 0; at least 65536: those below are the host's own */
        const char *what;  /* for errors: "layer 2 (sha256:...)"; may be NULL */
};

/*
 * The folder of the layer: as it is there, or unpacked now. Two processes may do the same at once: one's folder wins,
 * the other's is removed. The caller closes *ret_fd (O_RDONLY, a directory). `ret` may be NULL. ERR_MALFORMED,
 * ERR_LIMIT, ERR_UNSUPPORTED, ERR_UNTRUSTED: the layer; ERR_SYSTEM: a full disk, no right; ERR_UNSUPPORTED: not root,
 * or the kernel lacks a part of the lock-down; ERR_CONFLICT: the folder belongs to another range of ids; ERR_CANCELLED.
 * After a failure nothing is left. As long as *ret_fd is open its layer is in use: unpack_prune leaves it where it is.
 */
bool unpack_source(const struct unpack_request *r, struct unpack_report *ret, int *ret_fd, struct err *e);

/* The same for layer `layer` (from 0) of an image; errors say "layer 2 (sha256:...)" for the second. */
bool unpack_layer(int layers_fd, const struct image *i, size_t layer, uint32_t id_first, int *ret_fd, struct err *e);

/* Removes what killed processes left. The first layer of an image and every layer to be unpacked do it, too. */
bool unpack_sweep(int layers_fd, struct err *e);

enum unpack_pruned {
        UNPACK_PRUNED_NONE = 0,
        UNPACK_PRUNED_LAYER,
        UNPACK_PRUNED_LEFT_OVER, /* half a layer of a process that was killed, or a pruned one of a pruner that was */
        UNPACK_PRUNED_IN_USE,    /* stays: a container's, or of a start in progress */
        UNPACK_PRUNED_FOREIGN,   /* stays: no folder of ours; a link is not followed */
};

struct unpack_prune_request {
        int layers_fd;
        bool dry_run; /* nothing is changed */
        /*
         * Which of `n` layers (hex parts of diff ids) are used by a container; at most UNPACK_PRUNE_BATCH at a time. It is
         * asked while no start can take any of them: who had taken one before holds it, and it is not asked about. An error
         * ends the pruning, and none of the `n` goes.
         */
        bool (*is_used)(void *ctx, const char *const *names, size_t n, bool *ret_used, struct err *e);
        /* Each that is gone (or would go), with the bytes that it has on disk, or that stays (0 bytes). */
        void (*on_item)(void *ctx, enum unpack_pruned what, const char *name, uint64_t bytes);
        void *ctx;
};

/*
 * Removes the layers that nobody uses, and what killed processes left. A layer is renamed before it is emptied, so no half
 * one ever has a layer's name; a start that wants it meanwhile unpacks it anew. Needs no room on the disk. ERR_SYSTEM,
 * ERR_CONFLICT (something is mounted there): of the first that can't be removed, after all others. ERR_CANCELLED: at once.
 * What was told to on_item is gone, the rest is there, or left for the next sweep.
 */
bool unpack_prune(const struct unpack_prune_request *r, struct err *e);

/* True if the layer hides all that is below it. overlayfs ignores that mark on a layer's root: leave out the lower
 * ones. */
bool unpack_hides_all(int layer_fd);

/* main() of coffer-unpack: descriptor 3 is the socket to unpack_source, 4 the layer, 5 the folder. */
int unpack_program_main(void);
