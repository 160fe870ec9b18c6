/*
 * The three JSON documents of an OCI image: index, manifest, configuration. Parsed in the worker; what the jobs answer
 * is read by the parent with the same care, as if the image itself had sent it.
 */
#pragma once

#include "image/image.h"
#include "image/image_limits.h"

struct descriptor {
        struct digest digest;
        uint64_t size;
        struct span media_type;
        struct span name;               /* org.opencontainers.image.ref.name; empty if it has none */
        struct image_platform platform; /* empty parts if it states none */
        bool artifact;                  /* its artifactType is none of an image; in an index alone */
};

struct index {
        struct descriptor *at;
        size_t len, cap;
};

/* What the user wants of an index. */
struct choice {
        struct span tag; /* empty: any, if there is one only */
        struct image_platform platform;
        bool strict; /* the user named the platform: nothing else will do */
};

struct manifest_layer {
        struct descriptor blob;
        enum compression compression;
};

struct manifest {
        struct descriptor config;
        struct manifest_layer *layers;
        size_t n_layers, cap_layers;
};

struct text_list {
        struct span *at;
        size_t len, cap;
};

struct config {
        struct image_platform platform;
        struct span created, user, working_dir, stop_signal;
        struct text_list env, entrypoint, cmd;
        struct {
                struct digest *at;
                size_t len, cap;
        } diff_ids;
        struct text_list history; /* every line, those that made no layer too */
        bool healthcheck;         /* one is stated, and not "NONE" */
        struct text_list created_by; /* one for each layer, or none at all when the history does not fit the layers */
};

#define MEDIA_INDEX "application/vnd.oci.image.index.v1+json"
#define MEDIA_MANIFEST "application/vnd.oci.image.manifest.v1+json"
#define MEDIA_DOCKER_INDEX "application/vnd.docker.distribution.manifest.list.v2+json"
#define MEDIA_DOCKER_MANIFEST "application/vnd.docker.distribution.manifest.v2+json"

bool media_is_index(struct span media_type);
bool media_is_manifest(struct span media_type);

/* All borrow from `in` and the arena. */
bool index_parse(struct span in, struct arena *a, struct index *ret, struct err *e);
bool manifest_parse(struct span in, struct arena *a, struct manifest *ret, struct err *e);
bool config_parse(struct span in, struct arena *a, struct config *ret, struct err *e);

/* ERR_CONFLICT: several tags and none named; ERR_NOT_FOUND: no such tag or platform. Both list what there is. */
bool index_choose(const struct index *index, const struct choice *want, struct descriptor *ret, struct err *e);
/* "os/arch[/variant]"; NULL is the host's. Borrows text. */
bool platform_parse(const char *text, struct image_platform *ret, struct err *e);
/* `has` is what an image states, `want` what is asked for; arm64 and arm64/v8 are one. */
bool platform_matches(const struct image_platform *has, const struct image_platform *want);
const char *platform_format(const struct image_platform *p, char *out, size_t size);
#define LIST_TEXT_MAX 300u /* bytes of a list in an error: the error itself has 500 */
/* "a, b, c" with each text once, cut at the buffer's end. */
void list_add(char list[LIST_TEXT_MAX], const char *text);
/* Both in one media type: ERR_UNSUPPORTED names an encrypted or unknown layer. */
bool media_compression(struct span media_type, enum compression *ret, struct err *e);

/* What parsers of such documents share. A text: no control bytes. The head: true if the key was schemaVersion or mediaType. */
struct span document_text(struct json *j, size_t max, const char *what);
void document_digest(struct json *j, struct digest *ret);
bool document_head(struct json *j, struct span key, bool (*right)(struct span), bool *ret_version);

/* ---- jobs: "image-index", "image-manifest", "image-config" ---- */

/* Where a document lies and what it must be. */
struct document {
        int fd; /* in the parent; the worker gets it as JAIL_FD_FIRST */
        uint64_t offset, size;
        struct digest digest; /* none: not known (index.json itself) */
};

void document_put(struct buf *b, const struct document *d);
bool document_get(struct cursor *c, struct document *ret);
/* In the worker: reads it whole and verifies it before anybody looks inside. */
bool document_read(const struct document *d, size_t max, struct arena *a, struct span *ret, struct err *e);
void choice_put(struct buf *b, const struct choice *c);
bool choice_get(struct cursor *c, struct choice *ret);

/* What they answer. The readers copy into the arena; false is a broken worker, and reads as such. */
void descriptor_put(struct buf *b, const struct descriptor *d);
bool descriptor_get(struct cursor *c, struct arena *a, struct descriptor *ret);
void manifest_put(struct buf *b, const struct manifest *m);
bool manifest_get(struct cursor *c, struct arena *a, struct manifest *ret);
void config_put(struct buf *b, const struct config *c);
bool config_get(struct cursor *c, struct arena *a, struct config *ret);

/* In the worker: the request's front, which all have. */
bool document_request(size_t n_fds, struct arena *a, struct cursor *ret_rest, struct document *ret, struct err *e);
bool job_index(size_t n_fds, struct err *e);
bool job_manifest(size_t n_fds, struct err *e);
bool job_config(size_t n_fds, struct err *e);
