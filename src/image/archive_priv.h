/*
 * Image archives: a plain tar that holds an OCI layout (oci-archive), or what `docker save` makes (docker-archive).
 *
 * All of it is read in the worker, in the one job "image-archive": it walks the headers of the outer tar and seeks over
 * the contents, decides what the archive is, and answers places: slices of the file, which the parent hands on as it
 * hands on the files of a layout folder. The layers themselves are looked at only as far as their first bytes.
 *
 * The old form of docker save (up to Docker 24; podman, skopeo, crane) has manifest.json, a configuration and layers
 * under any names. The new form is an OCI layout with a manifest.json beside index.json; that one chooses the image by
 * RepoTags, and the manifest in index.json's tree that has the same configuration is then the image: both must agree.
 */
#pragma once

#include "image/open_priv.h"

/* ---- the outer tar ---- */

enum archive_type { ARCHIVE_OTHER = 0, ARCHIVE_FILE, ARCHIVE_LINK };

struct archive_entry {
        struct span name; /* clean */
        struct span link; /* ARCHIVE_LINK: clean, within the archive; empty: it leads out of it */
        enum archive_type type;
        uint64_t offset, size;
};

/* By name, each once. */
struct archive_list {
        struct archive_entry *at;
        size_t len, cap;
};

/* A plain tar of `size` bytes in fd. ERR_MALFORMED: two entries of one name, cut, no tar. ERR_UNSUPPORTED: compressed. */
bool archive_walk(int fd, uint64_t size, struct arena *a, struct archive_list *ret, struct err *e);
/* NULL: it is not there. */
const struct archive_entry *archive_find(const struct archive_list *list, struct span name);
/* The file under `name` as the archive spells it, through one link at most. ERR_MALFORMED says why there is none. */
bool archive_file(const struct archive_list *list, struct span name, const struct archive_entry **ret, struct err *e);

/* ---- what it is ---- */

struct archive_blob {
        struct digest digest; /* by its name: not yet verified */
        uint64_t offset, size;
};

struct archive_layer {
        struct digest blob; /* by its name, if that is one; else none */
        uint64_t offset, size;
        enum compression compression;
};

enum archive_form { ARCHIVE_NONE = 0, ARCHIVE_LAYOUT, ARCHIVE_DOCKER, ARCHIVE_DOCKER_LAYOUT };

struct archive {
        enum archive_form form;
        struct {
                struct archive_blob *at; /* by digest */
                size_t len, cap;
        } blobs;                    /* of a layout */
        uint64_t offset, size;      /* LAYOUT: of index.json. DOCKER: of the configuration */
        struct digest config;       /* DOCKER: verified */
        struct descriptor manifest; /* DOCKER_LAYOUT: the one whose configuration manifest.json names */
        struct span tag;            /* DOCKER...: of RepoTags; may be empty */
        struct {
                struct archive_layer *at;
                size_t len, cap;
        } layers; /* DOCKER, lowest first */
};

/* `kind` IMAGE_NONE: found by looking. fd is at least `size` bytes long. */
bool archive_read(int fd, uint64_t size, enum image_kind kind, const struct choice *want, struct arena *a,
    struct archive *ret, struct err *e);
const struct archive_blob *archive_blob_find(const struct archive *v, const struct digest *digest);

/* What manifest.json says of one image; paths as they stand there. */
struct docker_image {
        struct span config;
        struct text_list tags, layers;
};
struct docker_list {
        struct docker_image *at;
        size_t len, cap;
};
bool docker_parse(struct span in, struct arena *a, struct docker_list *ret, struct err *e);
/* By "repo:tag", or "repo" for its latest or only one. ERR_CONFLICT: several images, ERR_NOT_FOUND; both list them. */
bool docker_choose(const struct docker_list *list, struct span tag, const struct docker_image **ret,
    struct span *ret_tag, struct err *e);
/* The digest that a path in manifest.json states: HEX.json, sha256:HEX, blobs/sha256/HEX; none if it states none. */
struct digest docker_digest(struct span path);
bool docker_read(int fd, const struct archive_list *list, const struct choice *want, struct arena *a,
    struct archive *io, struct err *e);

/* ---- the job "image-archive" and its answer, which `size` bounds ---- */

void archive_put(struct buf *b, const struct archive *v);
bool archive_get(struct cursor *c, uint64_t size, struct arena *a, struct archive *ret);
bool job_archive(size_t n_fds, struct err *e);
