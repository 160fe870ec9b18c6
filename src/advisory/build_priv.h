/* From sources to workers: what is waiting to be parsed. */
#pragma once

#include "advisory/feed/feed_priv.h"

struct feed; /* collects tasks, runs them when enough are there, gives their answers to the writer */

/* Takes over the descriptor; runs what is waiting when as many wait as may run at once. */
bool feed_add(struct feed *f, int fd, enum feed_source kind, const char *label, struct err *e);
void feed_refused(struct feed *f, const char *label, struct span place, const struct err *why);

/* What kind of JSON its name says; all else its content says, and that is nothing for this process to read. */
enum feed_source feed_kind_of(const char *path);

/*
 * A source that is compressed (by its first six bytes) is unpacked by a worker into an unnamed file of the folder dir_fd; *io_fd is
 * then that file. ERR_MALFORMED, ERR_LIMIT (SOURCE_PLAIN_MAX), and what writing fails with.
 */
bool source_unpack(int dir_fd, const char *label, int *io_fd, struct err *e);
bool plain_run(size_t n_fds, struct err *e); /* the job "advisory-plain" */

/* Every feed file (archive_name_is_feed) below the folder, in the order of their paths; hidden names and links are passed over. */
bool feed_folder(struct feed *f, int dir_fd, const char *label, struct err *e);
