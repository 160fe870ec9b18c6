/* What file.c and tree.c share. */
#pragma once

#include "base/file.h"

/* True, with ERR_CANCELLED in `e`, once the program was asked to stop. */
bool file_cancelled(struct err *e);
/* The system call, with O_CLOEXEC, repeated on EINTR; -1 and errno on failure. `resolve`: RESOLVE_* */
int file_openat2(int dir_fd, const char *path, int flags, mode_t mode, uint64_t resolve);
/* Opens the folder that holds `path`; `ret_name` points at the last component inside `path`. */
bool file_parent_open(int dir_fd, const char *path, int *ret_fd, const char **ret_name, struct err *e);
