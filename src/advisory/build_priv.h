/* From sources to workers: what is waiting to be parsed. */
#pragma once

#include "advisory/feed/feed_priv.h"

struct feed; /* collects tasks, runs them when enough are there, gives their answers to the writer */

/* Takes over the descriptor; runs what is waiting when as many wait as may run at once. */
bool feed_add(struct feed *f, int fd, enum feed_source kind, const char *label, struct err *e);
void feed_refused(struct feed *f, const char *label, struct span place, const struct err *why);

/* Every .json and .jsonl file below the folder, in the order of their paths; hidden names and links are passed over. */
bool feed_folder(struct feed *f, int dir_fd, const char *label, struct err *e);
