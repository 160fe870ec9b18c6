/*
 * image: from a reference on disk to a manifest, a configuration and verified layers.
 *
 * In:    a reference that the user named; a platform.
 * Out:   digests, the configuration, the layers' places in their files; a layer's entries, streamed and verified; what is
 *        attached to an image.
 * Never: writes files; believes a size, name or digest before it is checked; keeps a whole layer in memory.
 * Uses:  base codec jail
 * Terms: OCI image-spec 1.1 (index, manifest, descriptor, configuration, layer, diff id, subject, referrer), docker-archive, pax
 * (POSIX.1), appc spec 0.8.11 (App Container Image, image id, path whitelist).
 *
 * The parent side opens files and passes descriptors; everything that reads their content runs in a worker's job.
 */
#pragma once

#include "base/base.h"
#include "codec/codec.h"
#include "jail/jail.h"

enum image_kind {
        IMAGE_NONE = 0,
        IMAGE_OCI_LAYOUT,
        IMAGE_OCI_ARCHIVE,
        IMAGE_DOCKER_ARCHIVE,
        IMAGE_ROOT_FOLDER,
        IMAGE_REGISTRY,
        IMAGE_ACI
};

struct image_platform {
        struct span os, architecture, variant; /* Go's spelling, as in the OCI configuration */
};

struct image_layer {
        struct digest blob;    /* of the bytes as stored; none in a docker-archive of the old form */
        struct digest diff_id; /* of the plain tar, from the configuration; see `aci` for App Container Images */
        uint64_t size;         /* bytes as stored */
        enum compression compression;
        struct span media_type;
        struct span created_by; /* the history line that made it; empty if the image has none */
        int fd;                 /* owned by the image; -1: of a registry, see image_layer_open */
        uint64_t offset;        /* where the blob begins in fd: 0, or inside an archive */
        bool aci;               /* the blob is an App Container Image: its reader must say so, see image_source */
};

/*
 * Where the bytes of an image of a registry come from. Handed in, since no room opens sockets: a manifest, an index or a
 * configuration as a file of the caller's, a layer as a file or a pipe. Nothing of it is believed before it is verified.
 */
struct image_remote {
        /* Of exactly `size` bytes, in a descriptor that the caller closes. `manifest`: of the registry's manifests, else a blob. */
        bool (*document)(
            void *ctx, const struct digest *digest, uint64_t size, bool manifest, int *ret_fd, struct err *e);
        /* The stored bytes from the first on. A pipe is read once, at its reader's pace. */
        bool (*layer)(
            void *ctx, const struct digest *blob, uint64_t size, int *ret_fd, bool *ret_pipe, struct err *e);
        /* After a pipe's reader has failed: false and the cause when not all bytes came. */
        bool (*delivered)(void *ctx, const struct digest *blob, struct err *e);
        void *ctx;
};

struct image {
        struct arena *arena;
        enum image_kind kind;
        struct span name;       /* as the user named it, and the tag if one was chosen */
        struct digest manifest; /* identity: digest of the manifest's bytes; see image_open for the other kinds */
        struct digest config;   /* digest of the configuration's bytes = image id */
        struct digest index;    /* of the image index that the name led to, of which `manifest` is one; none: it led to no index */
        struct image_platform platform;
        struct image_layer *layers; /* lowest first */
        size_t n_layers;
        int root_fd; /* IMAGE_ROOT_FOLDER only, else -1 */
        struct image_remote remote; /* IMAGE_REGISTRY only */

        /* configuration, for the runtime */
        struct span user, working_dir, stop_signal;
        struct span *env, *entrypoint, *cmd;
        size_t n_env, n_entrypoint, n_cmd;
        struct span created; /* RFC 3339, empty if not stated */
        struct span *history; /* every line of it, those that made no layer too; they may be cut */
        size_t n_history;
        bool healthcheck; /* it states one */
        struct span run_obstacle; /* what it asks of whoever runs it, and nobody here can give; empty: nothing */
};

/*
 * Opens "oci:DIR[:TAG]", "oci-archive:FILE[:TAG]", "docker-archive:FILE[:TAG]", "aci:FILE", "dir:ROOT", "pid:PID" (a running
 * process' root folder), or a bare path, whose kind is found by looking. `platform` is "os/arch[/variant]" or NULL for the host's. Several tags and none named:
 * ERR_CONFLICT listing them. Every digest that is met on the way is verified; layers are only located and their sizes
 * compared here, image_layer_read verifies them. TAG of a docker-archive is "repo:tag", or "repo" for its latest or
 * only one. A docker-archive of the old form (before Docker 25) and a root folder have no manifest: `manifest` is then
 * the digest of the configuration, which names every layer by its diff id; a root folder has none (digest alg none).
 * One of the new form must have, beneath index.json, a manifest with the configuration that manifest.json names: that
 * one is the identity. These archives are plain tar; a compressed one is ERR_UNSUPPORTED.
 * An App Container Image may be plain, gzip, bzip2 or xz. `manifest` and `config` are its image id, the sha512 of its
 * plain tar. Its dependencies are looked for in the *.aci files of the same folder, and become layers below its own. If
 * any of them is named without an image id, that one does not say which bytes run: both are then a digest of all ids.
 * Errors name image, layer and place: "image demo: layer 2 (sha256:ab..): blob is missing".
 */
bool image_open(const char *reference, const char *platform, struct image **ret, struct err *e);
/* The same for an archive that is open already (a file; borrowed), as an engine exports it: `name` is for errors. */
bool image_open_archive(const char *name, int fd, const char *platform, struct image **ret, struct err *e);

/*
 * The same for an image of a registry: `top` (a descriptor of the caller's) holds the manifest or index that the tag or
 * digest named, of that digest, size and media type. Layers stay where they are.
 */
struct image_top {
        int fd;
        uint64_t size;
        struct digest digest;
        const char *media_type; /* as the registry said; a hint */
};
bool image_open_remote(const char *name, const struct image_top *top, const char *platform, const struct image_remote *remote,
    struct image **ret, struct err *e);

/*
 * The bytes of a layer: in `fd` from `offset` on. The caller closes `fd`. With `pipe` they can be read once, and
 * image_layer_delivered says afterwards whether they all came.
 */
struct image_bytes {
        int fd;
        uint64_t offset;
        bool pipe;
};
bool image_layer_open(const struct image *i, size_t layer, struct image_bytes *ret, struct err *e);
bool image_layer_delivered(const struct image *i, size_t layer, struct err *e);

/* ---- what is attached to an image (image-spec 1.1 "subject", distribution-spec 1.1 "Listing Referrers") ---- */

struct image_blob {
        struct digest digest;
        uint64_t size;
        struct span media_type;
        struct span title; /* annotation: a file's name, as a rule; empty: none */
};

struct image_referrer {
        struct digest digest; /* of its manifest */
        uint64_t size;
        struct span media_type;
        struct digest subject;      /* what it is attached to */
        struct span artifact_type;  /* or the media type of its configuration, where that is said instead */
        struct span created, title; /* annotations; empty: none, or no text that could be shown */
        struct image_blob *blobs;   /* its layers */
        size_t n_blobs;
        struct span refused; /* why it isn't what the list says, for people; then all but digest, size and subject is a claim.
                              * Empty: its manifest has its digest and names its subject */
};

struct image_referrers {
        struct arena *arena;
        struct image_referrer *at; /* by subject, then in the order of the lists; each once */
        size_t len, cap;
};

/* Where they are kept. Nothing that it hands out is believed before it is verified. */
struct image_shelf {
        /*
         * The list of what is attached to `subject`, page by page from 0 on; -1: there is none more. `ret_claimed` false: a
         * list of whatever there is. The caller closes the descriptor, which is a regular file.
         */
        bool (*list)(
            void *ctx, const struct digest *subject, size_t page, int *ret_fd, bool *ret_claimed, struct err *e);
        /* As image_remote's. */
        bool (*document)(
            void *ctx, const struct digest *digest, uint64_t size, bool manifest, int *ret_fd, struct err *e);
        void *ctx;
};

/*
 * What is attached to the image, and to the index that led to it, of one artifact type (NULL: of any). One whose manifest
 * is missing, is not of its digest, or names another subject or type than the list does is `refused`, and told.
 * ERR_UNSUPPORTED: the image has no digest. Otherwise the shelf's errors, those of documents, and ERR_LIMIT.
 */
bool image_referrers_list(const struct image *i, const struct image_shelf *shelf, const char *artifact_type,
    struct image_referrers *ret, struct err *e);
/* The tag of a list of referrers where a registry has none of its own: "sha256-" and the hexadecimal digits. */
const char *image_referrers_tag(const struct digest *subject, char out[DIGEST_TEXT_MAX]);

/* The layout that `reference` names as image_open takes it. ERR_UNSUPPORTED: it is none. image_shelf_close accepts a zero one. */
bool image_shelf_open(const char *reference, struct image_shelf *ret, struct err *e);
void image_shelf_close(struct image_shelf *shelf);

void image_free(struct image *i); /* closes the layers' descriptors; accepts NULL */
void image_freep(struct image **i);

/* ---- in the worker ---- */

enum image_entry_type {
        IMAGE_ENTRY_NONE = 0,
        IMAGE_ENTRY_FILE,
        IMAGE_ENTRY_DIR,
        IMAGE_ENTRY_SYMLINK,
        IMAGE_ENTRY_HARDLINK,
        IMAGE_ENTRY_CHAR,
        IMAGE_ENTRY_BLOCK,
        IMAGE_ENTRY_FIFO,
        IMAGE_ENTRY_WHITEOUT, /* `path` is what it removes (".wh." taken off) */
        IMAGE_ENTRY_OPAQUE,   /* `path` is the folder whose lower content it hides (".wh..wh..opq") */
};

struct image_entry {
        enum image_entry_type type;
        struct span path; /* clean: relative, no ".", "..", empty or leading part; "" is the root itself; valid UTF-8
                             not promised */
        struct span link; /* symlink: as stored. hard link: clean path in the same layer */
        uint64_t size;    /* of a file's content */
        uint32_t mode;    /* permission bits and set-id, sticky: at most 07777 */
        uint32_t uid, gid;
        int64_t mtime_s;
        uint32_t mtime_ns;
        uint32_t dev_major, dev_minor;
        uint64_t index; /* number of the entry in the layer, from 0: for errors */
};

/*
 * What a reader of a layer is told. `entry` returns true to be given the content of a file by `data` (pieces, in
 * order, then one call with the empty span); errors are set in `e` by any of them and end the walk.
 */
struct image_sink {
        bool (*entry)(void *ctx, const struct image_entry *entry, bool *ret_want, struct err *e);
        bool (*data)(void *ctx, struct span piece, struct err *e);
        void *ctx;
};

struct image_source {
        int fd;
        uint64_t offset,
            size; /* of the stored blob in fd; size UINT64_MAX: to the end of a pipe, digests then as asked */
        enum compression compression;
        struct digest blob, diff_id; /* what it must be; alg none: not known, not compared */
        bool pipe;                   /* fd is read from where it stands, once */
        /*
         * An App Container Image: told is what lies in its rootfs, by the paths there, and anything else in it but the
         * manifest is refused. Its diff id is then not the plain tar's, under which a layer of other images would be known
         * whose paths are not the same, but a digest made of that.
         */
        bool aci;
        bool second_thread;          /* hash on a second thread: for one big layer on an idle core */
};

struct image_read {
        struct digest blob, diff_id; /* what it was */
        struct digest aci_id;        /* of an App Container Image: its image id, sha512 of the plain tar; else none */
        uint64_t plain_size, entries;
};

/*
 * One pass: hash of the stored bytes, decompression, hash of the plain bytes, tar walk. False and ERR_UNTRUSTED if a
 * digest differs (checked at the end: a caller must not act on entries before this returns true), ERR_MALFORMED with
 * offset and entry for broken gzip, zstd, xz, bzip2 or tar, ERR_LIMIT for what image_limits.h forbids. Memory does not grow with
 * the layer.
 */
bool image_layer_read(
    const struct image_source *s, const struct image_sink *sink, struct image_read *ret, struct err *e);

/* A source to and from a worker's request, in which the descriptor is the number that the worker sees. */
void image_source_put(struct buf *b, const struct image_source *s);
bool image_source_get(struct cursor *c, struct image_source *ret);

/* Jobs for the worker's table: "image-index" (find tags), "image-manifest", "image-config", "image-archive", "image-referrers" ... */
extern const struct jail_job image_jobs[];
extern const size_t image_n_jobs;
