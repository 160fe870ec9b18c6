/*
 * Files: whole or not at all. A crash at any point leaves the old or the new content, never a mixture.
 * All names are relative to a directory descriptor; `dir_fd` may be AT_FDCWD.
 */
#pragma once

#include <sys/types.h>

#include "base/buf.h"

#define TAKE_FD(fd)               \
        __extension__({           \
                int take_ = (fd); \
                (fd) = -1;        \
                take_;            \
        })

void fd_close(int *fd); /* for CLEANUP; keeps errno; -1 is fine */

/* ERR_CANCELLED when a signal asked the program to stop (see file_cancel_flag); short writes are continued. */
bool fd_write_all(int fd, struct span s, struct err *e);
/* Up to `n` bytes, fewer only at the end of the file. */
bool fd_read_full(int fd, void *into, size_t n, size_t *ret_n, struct err *e);
bool fd_pread_full(int fd, uint64_t offset, void *into, size_t n, size_t *ret_n, struct err *e);

/* Opens without following any symbolic link and without leaving dir_fd (openat2: RESOLVE_BENEATH, NO_SYMLINKS).
 * ERR_NOT_FOUND, ERR_CONFLICT (O_EXCL and it exists), ERR_MALFORMED for a link or a way out, ERR_SYSTEM. */
bool file_open_beneath(int dir_fd, const char *path, int flags, mode_t mode, int *ret_fd, struct err *e);
/* As the user named it: follows links; a new file gets 0666 less the umask. ERR_NOT_FOUND, ERR_CONFLICT, ERR_SYSTEM.
 * Opening a FIFO does not wait for its other end. */
bool file_open_user(const char *path, int flags, int *ret_fd, struct err *e);
/* Whole regular file of at most `max` bytes; ERR_LIMIT above it, ERR_MALFORMED for anything but a regular file.
 * Replaces what `ret` held. Follows links only with AT_FDCWD (a path of the user); else as file_open_beneath. */
bool file_read(int dir_fd, const char *path, size_t max, struct buf *ret, struct err *e);
/* Writes a temporary name beside it, fsyncs, renames over `name`, fsyncs the directory. On failure nothing is left; a
 * crash may leave ".coffer-<16 hex digits>.tmp". The mode is exactly as given. A limit on file size (RLIMIT_FSIZE) is
 * an error here only where the program ignores SIGXFSZ. */
bool file_replace(int dir_fd, const char *name, struct span content, mode_t mode, struct err *e);

/* Makes `name` (one component, mode exactly as given) if needed and opens it; ERR_MALFORMED if it is no directory. */
bool dir_make(int dir_fd, const char *name, mode_t mode, int *ret_fd, struct err *e);
/* mkdir -p for a path the user named; 0700. */
bool dir_make_path(const char *path, int *ret_fd, struct err *e);
/* Removes a file or tree of any depth without following links or crossing to another file system or mount (then
 * ERR_CONFLICT); a missing name is fine. What was removed before an error stays removed. */
bool tree_remove(int dir_fd, const char *name, struct err *e);

/*
 * Where coffer-worker and the other parts of Coffer that are loaded or started are: in COFFER_LIBEXEC (an absolute path; not heeded
 * when set-id) and only there if it is set, else beside this program, else in the installed folder. ERR_UNSUPPORTED names the
 * places tried.
 */
bool program_path(const char *name, char *ret_path, size_t size, struct err *e);

/* Set by a signal handler of the program: long operations end with ERR_CANCELLED soon after. */
extern volatile int file_cancel_flag;
