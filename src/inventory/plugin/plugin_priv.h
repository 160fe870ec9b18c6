/*
 * Detectors of the operator's own: programs in a folder, asked about files of an image by one JSON message each way.
 *
 * In:    a folder of programs; an image.
 * Out:   packages with the file and layer that each was found in; notes about what was not looked at, and why.
 * Never: reads what a program said outside of a worker; starts one without its cage; lets it see what it did not ask for.
 *
 * A program is the operator's, what it reads is the image's: it may be taken over by that. So it is caged (cage.c), what it
 * says is as untrusted as the image, and when it dies, stalls or lies the image is "not fully assessed", by its name.
 * docs/plugins.md is the contract with those who write one.
 */
#pragma once

#include "inventory/inventory.h"
#include "inventory/inventory_limits.h"
#include "inventory/layer_priv.h"

#define PLUGIN_NAME_MAX 64u
#define PLUGIN_PLUGINS_MAX 64u      /* programs in the folder: each is started once an image */
#define PLUGIN_WANTS_MAX 256u       /* patterns of one: each is tried on each path */
#define PLUGIN_PATTERN_MAX 256u     /* bytes */
#define PLUGIN_FILE_MAX (16u << 20) /* bytes of one file; a plug-in may ask for less */
#define PLUGIN_FILES_BYTES_MAX \
        (64u << 20) /* bytes of all files of an image: they are in memory, and once more as base64 */
#define PLUGIN_FILES_MAX 100000u
#define PLUGIN_DESCRIBE_MAX (64u << 10) /* bytes that --describe prints */
#define PLUGIN_ANSWER_MAX (16u << 20)   /* bytes that one prints about an image */
#define PLUGIN_PACKAGES_MAX 100000u     /* of one, of an image */
#define PLUGIN_NOTES_MAX 100u           /* of one, of an image */
#define PLUGIN_DESCRIBE_MS_MAX 10000u
#define PLUGIN_SCAN_MS_MAX 60000u
#define PLUGIN_CPU_S_MAX 60u           /* CPU seconds of one process */
#define PLUGIN_MEMORY_MAX (1ull << 30) /* bytes of address space of one process */
#define PLUGIN_PROCESSES_MAX 32u       /* where it has a user namespace: in others, the user's own would count */
#define PLUGIN_DESCRIPTORS_MAX 64u
#define PLUGIN_PROGRAM_MAX (256u << 20) /* bytes of the program's file, which is hashed */

struct plugin_texts {
        struct span *at;
        size_t len, cap;
};

struct plugin {
        const char *file; /* its name in the folder */
        const char *path;
        struct span name, version;
        struct plugin_texts wants;
        uint64_t max_bytes;
        struct digest program; /* of its file, as it was when it described itself */
};

struct inventory_plugins {
        struct arena *arena;
        struct plugin *at;
        size_t len, cap;
        struct plugin_texts notes; /* programs that could not be asked: no image is fully assessed then */
        struct digest
            fingerprint; /* of all of the above: results of other ones are not these; none if there is nothing */
};

struct plugin_package {
        size_t plugin;  /* whose */
        uint32_t layer; /* index, 0 the lowest */
        struct span path;
        struct span type, name, version; /* never empty */
        struct span licence, ecosystem, arch, source_name, source_version, vendor, cpe;
};

struct plugin_packages {
        struct plugin_package *at;
        size_t len, cap;
};

struct plugin_results {
        struct arena *arena;
        struct plugin_packages packages; /* as the plug-ins listed them */
        struct plugin_texts notes;       /* for people; each begins with "detector NAME: " */
        bool complete;                   /* every plug-in saw all that it wanted, and said all that it wanted to */
};

/*
 * Reads the files that they want from the image's layers and lets each look at its own. False when a layer can't be read or
 * verified, when no worker can be had, or when it was cancelled; whatever a plug-in does is a note. What is hidden by
 * higher layers is for the merge to leave out: packages name the layer and path.
 */
bool plugins_run(const struct inventory_plugins *p, const struct image *i, struct plugin_results **ret, struct err *e);
/* Puts the packages into the reports of their layers; these borrow from `io`, its arena above all, until they are merged. */
void plugin_results_put(struct plugin_results *io, const struct inventory_plugins *p, struct layer_report *const *reports, size_t n);
void plugin_results_free(struct plugin_results *r);
void plugin_results_freep(struct plugin_results **r);

/* Jobs: "inventory-plugin" reads what one said, "inventory-plugin-files" what they want of a layer. */
bool plugin_job_printed(size_t n_fds, struct err *e);
bool plugin_job_files(size_t n_fds, struct err *e);

/* ---- its parts, for their tests ---- */

/*
 * "*.ext" is tried on the last component, anything with a slash on the whole path; '*' is any bytes but a slash, '?' one of
 * them, "**" as a whole component any number of folders.
 */
bool plugin_matches(struct span pattern, struct span path);
bool plugin_wants(const struct plugin *p, struct span path);
bool plugins_want(const struct inventory_plugins *p, struct span path); /* any of them; NULL: none */

/* What a plug-in printed. Total; all texts are copied into the arena. */
bool plugin_describe_parse(struct span in, struct arena *a, struct plugin *io, struct err *e);
bool plugin_answer_parse(
    struct span in, struct arena *a, struct plugin_packages *ret, struct plugin_texts *ret_notes, struct err *e);

/* What a worker makes of that. */
void plugin_describe_put(struct buf *b, const struct plugin *p);
bool plugin_describe_get(struct cursor *c, struct arena *a, struct plugin *io);
void plugin_answer_put(struct buf *b, const struct plugin_packages *packages, const struct plugin_texts *notes);
bool plugin_answer_get(struct cursor *c, struct arena *a, struct plugin_packages *ret, struct plugin_texts *ret_notes);

/* ---- files ---- */

struct plugin_file {
        uint32_t layer, number; /* number: in the order of the layer's tar */
        struct span path, content;
};

/* By layer and path, each once: of a path that a layer has twice, the last. */
struct plugin_files {
        struct plugin_file *at;
        size_t len, cap;
        uint64_t bytes;
        struct plugin_texts notes; /* what was wanted and is not among them; each begins with the path */
};

const struct plugin_file *plugin_files_find(const struct plugin_files *files, uint32_t layer, struct span path);
/* Of every layer, in worker processes: the files that any of them wants. */
bool plugin_files_read(
    const struct inventory_plugins *p, const struct image *i, struct arena *a, struct plugin_files *ret, struct err *e);

/* ---- one program in its cage ---- */

struct plugin_run {
        const char *path, *arg; /* arg NULL: none */
        int input_fd;           /* its standard input; -1: nothing */
        uint32_t ms_max;
        size_t answer_max;
};

/*
 * Starts it, waits for its end, and gives what it wrote to its standard output. ERR_LIMIT (time, answer), ERR_MALFORMED (it
 * died, or ended with another exit status than 0), ERR_UNSUPPORTED (no cage: then it is not started), ERR_SYSTEM,
 * ERR_CANCELLED. None of its processes outlives the call.
 */
bool plugin_run(const struct plugin_run *r, struct buf *ret, struct err *e);

/* Made in the parent; the child only calls the kernel. */
struct sock_fprog;

struct plugin_cage {
        int ruleset_fd;
        struct sock_fprog *filter;
};

bool plugin_cage_make(const char *path, struct plugin_cage *ret, struct err *e);
void plugin_cage_done(struct plugin_cage *c);
/* In the child, before execve. Gives what failed, or NULL. `user_namespace`: it was made in one. */
const char *plugin_cage_enter(const struct plugin_cage *c, bool user_namespace);
