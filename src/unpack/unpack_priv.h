/* What parent and program share, and the parts of each. */
#pragma once

#include "unpack/unpack.h"
#include "unpack/unpack_limits.h"

enum { UNPACK_FD_SOCKET = 3, UNPACK_FD_LAYER, UNPACK_FD_FOLDER, UNPACK_FD_FIRST_FREE };

/* ---- messages: one datagram each ---- */

struct unpack_answer {
        bool ok;
        struct err err;
        struct unpack_report report;
};

void unpack_answer_put(struct buf *b, const struct unpack_answer *a);
bool unpack_answer_get(
    struct span in, struct unpack_answer *ret); /* from a process that has read the layer: untrusted */

/* ---- parent ---- */

/* Runs the program to its end on a folder that is already there. True if it verified and wrote all of the layer. */
bool unpack_run(
    const struct image_source *source, int folder_fd, uint32_t id_first, struct unpack_report *ret, struct err *e);

#define TEMP_NAME_MAX 32u

struct temp {
        int layers_fd;            /* borrowed */
        int fd;                   /* locked (flock) as long as anybody works in it */
        char name[TEMP_NAME_MAX]; /* empty: there is none, or it has its final name */
};

/* While it is open nobody else makes, names or judges a folder of layers. */
bool layers_lock(int layers_fd, int *ret_fd, struct err *e);
bool temp_is_name(const char *name);
/* Gives a finished layer, which the caller has locked exclusively, a temporary name: dead once it is unlocked. */
bool temp_name(int layers_fd, const char *from, char ret[TEMP_NAME_MAX], struct err *e);

bool temp_make(int layers_fd, uint32_t owner, struct temp *ret, struct err *e);
/* Removes it if it still has its temporary name. Also when the program was asked to stop. */
void temp_done(struct temp *t);

struct dead {
        size_t n;
        struct {
                int fd; /* locked: it is ours to remove */
                char name[TEMP_NAME_MAX];
        } at[UNPACK_SWEEP_MAX];
};

/* Takes over every temporary folder that nobody holds, up to UNPACK_SWEEP_MAX of them. */
bool dead_find(int layers_fd, struct dead *d, struct err *e);
void dead_done(struct dead *d);

/* ---- program ---- */

/*
 * Into the cage: `confine_namespaces` before the parent has mapped the ids, the rest after. Fails closed,
 * ERR_UNSUPPORTED naming what is missing.
 */
bool confine_namespaces(struct err *e);
bool confine_enter(int folder_fd, struct err *e);
bool confine_filter(struct err *e);

struct writer; /* entries -> files */
struct writer *writer_new(int root_fd);
void writer_free(struct writer *w);
void writer_freep(struct writer **w);
struct image_sink writer_sink(struct writer *w);
/* After the last entry: times of folders. */
bool writer_end(struct writer *w, uint64_t *ret_devices_skipped, struct err *e);

/* ---- places: where an entry goes, without following any link ---- */

struct place {
        int root_fd;
        int folder_fd; /* of the entry last asked for; -1 none */
        char folder[4096];
        bool known; /* `folder` is what folder_fd is open on */
};

/* The folder that holds `path`, made if it is missing, and the last name of path (borrowed from `path`). */
bool place_open(struct place *p, const char *path, const char **ret_name, struct err *e);
/* The same for a hard link's target: nothing is made. Caller closes. */
bool place_find(struct place *p, const char *path, int *ret_fd, const char **ret_name, struct err *e);
/* Something that is at `name` goes, with all beneath. */
bool place_clear(struct place *p, const char *name, bool *ret_was_whiteout, struct err *e);
/* An open descriptor of the folder `name`; made if missing, replacing what is no folder. */
bool place_folder(struct place *p, const char *name, int *ret_fd, struct err *e);
bool place_opaque(int folder_fd, struct err *e);
void place_done(struct place *p);
