/*
 * App Container Images (appc spec 0.8.11, aci.md): a tar, plain or compressed, of a file "manifest" and a folder
 * "rootfs". Only workers read one; the parent finds the files and puts their layers in order.
 *
 * A layer is the file itself, read with image_source.aci. Where a list of paths (pathWhitelist) leaves out some of it, the
 * layer is instead a plain tar in memory of what is left, made by a worker: which paths stay depends on the manifests of
 * all images above it, and those may list as many paths as the image has files.
 */
#pragma once

#include "image/open_priv.h"

/* ---- reading one as a layer ---- */

/* Sorted; each path clean. Of one manifest. */
struct aci_list {
        struct span *at;
        size_t len, cap;
};

struct aci_view {
        const struct image_sink *sink; /* gets what lies in rootfs; NULL: nobody wants it */
        struct buf *manifest;          /* gets the manifest's bytes; NULL: nobody wants them. Its max is the limit */
        const struct aci_list *lists;  /* a path must be in each of them */
        size_t n_lists;
        /* its own */
        bool in_manifest, has_manifest, has_rootfs, has_root_entry;
};

/* One pass, as image_layer_read: s->aci is set. */
bool aci_layer_read(const struct image_source *s, struct aci_view *v, struct image_read *ret, struct err *e);
/* The pass itself, of a layer without a view; `plain_alg` when the diff id is not known. */
bool layer_read(const struct image_source *s, const struct image_sink *sink, enum digest_alg plain_alg,
    struct image_read *ret, struct err *e);
/* The diff id of an App Container Image's layer, from its image id. */
void aci_diff_id(const struct digest *id, struct digest *ret);
/* In the list, or, for a folder, above something in it. The root always is. */
bool aci_listed(const struct aci_list *list, struct span path, bool folder);
/* Sorts it and leaves out what stands in it twice. */
void aci_list_sort(struct aci_list *list);

/* A tar of what a view lets through, piece by piece, for tar.c alone: GNU long names, base-256 numbers. */
struct aci_tar {
        bool (*put)(void *ctx, struct span piece, struct err *e);
        void *ctx;
        uint64_t left, pad;
};
struct image_sink aci_tar_sink(struct aci_tar *t);
bool aci_tar_end(struct aci_tar *t, struct err *e);

/* ---- its manifest ---- */

struct aci_label {
        struct span name, value;
};

struct aci_labels {
        struct aci_label *at;
        size_t len, cap;
};

struct aci_dependency {
        struct span name;
        struct digest id; /* none: not stated */
        struct aci_labels labels;
        uint64_t size; /* of the file; 0: not stated */
};

struct aci_manifest {
        struct span name;
        struct aci_labels labels;
        struct span created, user, working_dir;
        struct text_list exec, env;
        struct span obstacle; /* as run_obstacle of struct image */
        struct {
                struct aci_dependency *at;
                size_t len, cap;
        } dependencies;
        struct aci_list paths; /* empty: all */
};

/* Borrows from `in` and the arena. */
bool aci_manifest_parse(struct span in, struct arena *a, struct aci_manifest *ret, struct err *e);
/* Its parts: an AC identifier; text without a NUL; {"name", "value"}, the name an identifier or any text. */
struct span aci_name_take(struct json *j);
struct span aci_text_take(struct json *j, size_t max);
struct aci_label aci_pair_take(struct json *j, bool identifier, size_t max);
void aci_app_take(struct json *j, struct arena *a, struct aci_manifest *m);
/* NULL: it has none of that name. */
const struct span *aci_label(const struct aci_labels *labels, const char *name);
bool aci_name_is_valid(struct span s);
/* Go's names for what the labels os and arch say; empty parts where they are not there. */
struct image_platform aci_platform(const struct aci_manifest *m);

/* ---- jobs ---- */

/* All that "image-aci" says of a file. */
struct aci {
        enum compression compression;
        struct digest blob, id; /* of the stored bytes; the image id */
        uint64_t plain_size;
        struct aci_manifest manifest;
};

void aci_put(struct buf *b, const struct aci *v);
bool aci_get(struct cursor *c, struct arena *a, struct aci *ret);
void aci_list_put(struct buf *b, const struct aci_list *list);
bool aci_list_get(struct cursor *c, struct arena *a, struct aci_list *ret);

/* In the worker: the whole file. `size` bytes in fd. */
bool aci_read(int fd, uint64_t size, struct arena *a, struct aci *ret, struct err *e);
/* Its first entry: a file "manifest", or "rootfs" or something in it. Bytes that are no tar are none. */
bool aci_begins(int fd, uint64_t size);
bool job_aci(size_t n_fds, struct err *e);
bool job_aci_look(size_t n_fds, struct err *e);
bool job_aci_paths(size_t n_fds, struct err *e);

/* ---- the parent's side ---- */

/* A file that was read. */
struct aci_file {
        struct span name; /* in its folder */
        int fd;
        uint64_t size;
        bool ok;
        struct err err; /* why not */
        struct aci aci;
};

struct aci_folder {
        struct aci_file *at;
        size_t len, cap;
        bool read;
};

/* One image of an assembled root, and which lists of paths apply to it: its own and those of the images it is below. */
struct aci_part {
        const struct aci_file *file;
        const struct aci_list *lists[IMAGE_ACI_DEPTH_MAX];
        size_t n_lists;
};

struct aci_parts {
        struct aci_part *at; /* lowest first */
        size_t len, cap;
        bool any_name; /* a dependency was found by its name, without an image id */
};

/* Reads f->fd by a worker, into f->aci. */
bool aci_file_read(struct arena *a, struct aci_file *f, struct err *e);
bool aci_answer_take(struct arena *a, struct span answer, struct aci *ret, struct err *e);
/* The image's parts, itself the last; `path` is where it lies. */
bool aci_resolve(struct arena *a, const char *path, const struct aci_file *top, struct aci_folder *folder,
    struct aci_parts *ret, struct err *e);
/* All *.aci files of the folder in which `path` lies, unless it was done before. */
bool aci_folder_read(struct arena *a, const char *path, struct aci_folder *io, struct err *e);
void aci_folder_done(struct aci_folder *f);
