/*
 * A root folder as a layer: the files that a detector wants, in a tar that a worker reads.
 *
 * The folder is walked here, in the parent, for a worker may open nothing. What stands in the files is copied and not
 * looked at, but for the first bytes of each, which tell by a few comparisons whether it is a program or an archive.
 */
#pragma once

#include "inventory/layer_priv.h"

struct folder_tar {
        int fd; /* a sealed memfd */
        uint64_t size;
        uint64_t entries;       /* that the folder holds, its own not counted */
        struct span_list notes; /* what was not looked at, sorted: each begins with its path */
};

/*
 * `o` may be NULL; with secrets every file is wanted, with plug-ins theirs. No symbolic link is followed, no other file
 * system entered, nothing opened but folders and regular files. What can't be read makes a note. ERR_LIMIT for more entries
 * or content than inventory_limits.h allows; ERR_CANCELLED; ERR_SYSTEM.
 */
bool folder_tar_make(
    int root_fd, const struct inventory_options *o, struct arena *a, struct folder_tar *ret, struct err *e);

/* ---- the tar ---- */

struct tar_writer {
        int fd;
        struct buf pending; /* not yet written to fd */
        uint64_t size;      /* what is written and pending is at most this */
};

struct tar_file {
        char type; /* as tar has it: '0' file, '2' symbolic link */
        uint32_t mode;
        struct span path, link; /* link: of at most 99 bytes */
        uint64_t size;          /* that tar_writer_data will bring */
};

bool tar_writer_open(struct tar_writer *w, struct err *e);
void tar_writer_done(struct tar_writer *w);
bool tar_writer_begin(struct tar_writer *w, const struct tar_file *f, struct err *e);
/* All pieces but the last are of a multiple of 512 bytes. */
bool tar_writer_data(struct tar_writer *w, struct span piece, struct err *e);
/* Both at once; a link's target is not told. */
bool tar_writer_put(struct tar_writer *w, char type, struct span path, struct span content, struct err *e);
bool tar_writer_end(struct tar_writer *w, int *ret_fd, uint64_t *ret_size, struct err *e);
