/*
 * From the place of an index to a complete struct image. What kind of place it is (a layout folder, an archive) is
 * hidden behind `blobs`: a function that finds a blob by its digest.
 *
 * The parent trusts the structure of a worker's answer, once it is decoded, and nothing of its truth: a worker verifies
 * digests before it parses, and one that lies must have been taken over by the image, which could as well have been
 * made to say the same. What must be true is checked again at the end: a layer's bytes against its digests, where they
 * are used.
 */
#pragma once

#include "image/document_priv.h"

struct blobs {
        /* Opens a blob by its descriptor, of whose words only the digest is believed. ERR_NOT_FOUND: "blob is missing". Caller
         * closes ret->fd. */
        bool (*open)(void *ctx, const struct descriptor *d, struct document *ret, struct err *e);
        void *ctx;
        bool layers_later; /* layers are opened when they are read: image_layer_open */
};

/* `reference` apart: the kind (IMAGE_NONE: not said), the path, the tag. All borrow from it or the arena. */
struct reference {
        enum image_kind kind;
        const char *path;
        struct span tag;
};

bool reference_parse(const char *text, struct arena *a, struct reference *ret, struct err *e);

/* Sets all but `kind` and `name`; `index` is closed by the caller. */
bool image_fill(struct image *i, const struct blobs *blobs, const struct document *index, const struct choice *want,
    struct span *ret_tag, struct err *e);
/* The same from a manifest on, and from a configuration on (without layers; `manifest` is not set). */
bool image_fill_manifest(
    struct image *i, const struct blobs *blobs, const struct descriptor *d, const struct choice *want, struct err *e);
bool image_fill_config(
    struct image *i, const struct document *d, const struct choice *want, struct config *ret, struct err *e);
/* A regular file, open already -> size. ERR_MALFORMED for anything else. */
bool document_size(int fd, struct document *ret, struct err *e);

/* One job on one document; the caller reads the answer with cursors and frees it. `choice` may be NULL. */
bool document_job(const char *job, const char *what, const struct document *d, const struct choice *choice, struct buf *ret,
    struct err *e);

bool layout_open(
    const struct reference *r, const struct choice *want, struct image *i, struct span *ret_tag, struct err *e);
/* Kind IMAGE_NONE: whatever archive the file is; sets i->kind. */
bool archive_open(
    const struct reference *r, const struct choice *want, struct image *i, struct span *ret_tag, struct err *e);
bool archive_open_fd(int fd, const struct reference *r, const struct choice *want, struct image *i, struct span *ret_tag,
    struct err *e);
/* A blob of a layout by its descriptor, as struct blobs has it; `ctx` is the folder's descriptor, an int. */
bool layout_blob(void *ctx, const struct descriptor *d, struct document *ret, struct err *e);
/* An App Container Image and its dependencies, which lie in the same folder. */
bool aci_open(const struct reference *r, const struct choice *want, struct image *i, struct err *e);
/* Whether a file begins as one: told from its first entry, whatever it is compressed with. */
bool aci_look(int fd, bool *ret, struct err *e);
