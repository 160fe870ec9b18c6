#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/base.h"
#include "base/file_priv.h"

#define CHUNK_MOST (4u << 20) /* bytes of one call: how soon a cancellation is seen */

volatile int file_cancel_flag;

void fd_close(int *fd)
{
        int errno_kept = errno;

        if (*fd >= 0)
                close(*fd);
        *fd = -1;
        errno = errno_kept;
}

bool file_cancelled(struct err *e)
{
        if (!file_cancel_flag)
                return false;
        err_set(e, ERR_CANCELLED, "stopped on request");
        return true;
}

/* After a call that gave -1: true when it is worth repeating. A descriptor that does not block is waited for. */
static bool io_again(int fd, short events, const char *verb, struct err *e)
{
        struct pollfd p = {.fd = fd, .events = events};

        if (errno == EINTR)
                return true;
        if (errno == EAGAIN) {
                if (poll(&p, 1, 1000) >= 0 || errno == EINTR)
                        return true;
        }
        return err_set(e, ERR_SYSTEM, "%s: %s", verb, strerror(errno));
}

bool fd_write_all(int fd, struct span s, struct err *e)
{
        while (s.len > 0) {
                ssize_t n;

                if (file_cancelled(e))
                        return false;
                n = write(fd, s.at, s.len < CHUNK_MOST ? s.len : CHUNK_MOST);
                if (n < 0) {
                        if (!io_again(fd, POLLOUT, "write", e))
                                return false;
                        continue;
                }
                s = span_from(s, (size_t)n);
        }
        return true;
}

/* offset < 0: from where the descriptor stands. */
static bool read_full(int fd, off_t offset, struct span into, size_t *ret_n, struct err *e)
{
        size_t done = 0;

        while (done < into.len) {
                size_t want = into.len - done < CHUNK_MOST ? into.len - done : CHUNK_MOST;
                uint8_t *to = (uint8_t *)into.at + done;
                ssize_t n;

                if (file_cancelled(e))
                        return false;
                n = offset < 0 ? read(fd, to, want) : pread(fd, to, want, offset + (off_t)done);
                if (n == 0)
                        break;
                if (n < 0) {
                        if (!io_again(fd, POLLIN, "read", e))
                                return false;
                        continue;
                }
                done += (size_t)n;
        }
        *ret_n = done;
        return true;
}

bool fd_read_full(int fd, void *into, size_t n, size_t *ret_n, struct err *e)
{
        return read_full(fd, -1, span_bytes(into, n), ret_n, e);
}

bool fd_pread_full(int fd, uint64_t offset, void *into, size_t n, size_t *ret_n, struct err *e)
{
        if (offset > INT64_MAX || n > INT64_MAX - offset)
                return err_set(e, ERR_LIMIT, "offset %llu is beyond any file", (unsigned long long)offset);
        return read_full(fd, (off_t)offset, span_bytes(into, n), ret_n, e);
}

int file_openat2(int dir_fd, const char *path, int flags, mode_t mode, uint64_t resolve)
{
        struct open_how how = {
            .flags = (uint64_t)(unsigned)(flags | O_CLOEXEC),
            /* Only a call that may create a file may carry a mode. */
            .mode = flags & (O_CREAT | __O_TMPFILE) ? mode & 07777u : 0,
            .resolve = resolve,
        };
        long fd;

        do {
                fd = syscall(SYS_openat2, dir_fd, path, &how, sizeof(how));
        } while (fd < 0 && errno == EINTR);
        return (int)fd;
}

static bool open_failed(const char *path, struct err *e)
{
        char shown[200];

        span_printable(span_of(path), shown, sizeof(shown));
        switch (errno) {
        case ENOENT:
                return err_set(e, ERR_NOT_FOUND, "%s does not exist", shown);
        case EEXIST:
                return err_set(e, ERR_CONFLICT, "%s exists already", shown);
        case ELOOP:
                return err_set(e, ERR_MALFORMED, "%s: a part of it is a symbolic link", shown);
        case EXDEV:
                return err_set(e, ERR_MALFORMED, "%s leads out of its folder", shown);
        case ENAMETOOLONG:
                return err_set(e, ERR_LIMIT, "%s: the name is too long", shown);
        case ENOSYS:
                return err_set(e, ERR_UNSUPPORTED, "%s: openat2 is missing; Linux 5.6 or newer is needed", shown);
        default:
                return err_set(e, ERR_SYSTEM, "open %s: %s", shown, strerror(errno));
        }
}

bool file_open_beneath(int dir_fd, const char *path, int flags, mode_t mode, int *ret_fd, struct err *e)
{
        int fd = file_openat2(dir_fd, path, flags, mode, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);

        if (fd < 0)
                return open_failed(path, e);
        *ret_fd = fd;
        return true;
}

bool file_open_user(const char *path, int flags, int *ret_fd, struct err *e)
{
        int fd CLEANUP(fd_close) = -1;

        do {
                fd = open(path, flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0666);
        } while (fd < 0 && errno == EINTR);
        if (fd < 0 && errno == ELOOP)
                return err_set(e, ERR_SYSTEM, "open %s: %s", path, strerror(errno));
        if (fd < 0)
                return open_failed(path, e);
        /* Reading may block again; only the opening must not wait for a writer. */
        if (!(flags & (O_NONBLOCK | O_PATH))) {
                int now = fcntl(fd, F_GETFL);

                if (now < 0 || fcntl(fd, F_SETFL, now & ~O_NONBLOCK) != 0)
                        return err_set(e, ERR_SYSTEM, "open %s: %s", path, strerror(errno));
        }
        *ret_fd = TAKE_FD(fd);
        return true;
}

bool file_read(int dir_fd, const char *path, size_t max, struct buf *ret, struct err *e)
{
        int fd CLEANUP(fd_close) = -1;
        struct buf b CLEANUP(buf_done) = {.max = max < SIZE_MAX - 1 ? max + 1 : SIZE_MAX};
        struct stat st;

        if (dir_fd == AT_FDCWD ? !file_open_user(path, O_RDONLY | O_NONBLOCK, &fd, e)
                               : !file_open_beneath(dir_fd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0, &fd, e))
                return false;
        if (fstat(fd, &st) != 0)
                return err_set(e, ERR_SYSTEM, "stat %s: %s", path, strerror(errno));
        if (!S_ISREG(st.st_mode))
                return err_set(e, ERR_MALFORMED, "%s is not a regular file", path);
        /* The size is a hint: files in /proc say 0, and a file may grow meanwhile. One byte more finds the end. */
        for (size_t want = st.st_size > 0 && (uint64_t)st.st_size < max ? (size_t)st.st_size + 1 : 4096;;) {
                size_t n = 0;
                uint8_t *to;

                if (want > b.max - b.len)
                        want = b.max - b.len;
                to = buf_reserve(&b, want);
                if (!to || !fd_read_full(fd, to, want, &n, e))
                        return err_wrap(e, "%s", path);
                b.len += n;
                if (b.len > max)
                        return err_set(e, ERR_LIMIT, "%s is larger than the %zu bytes accepted", path, max);
                if (n < want)
                        break;
                want = 1u << 16;
        }
        b.max = ret->max;
        buf_done(ret);
        *ret = b;
        b = (struct buf){0};
        return true;
}

/* The folder of `path` and the last component. User's paths (AT_FDCWD) follow links, others do not. */
bool file_parent_open(int dir_fd, const char *path, int *ret_fd, const char **ret_name, struct err *e)
{
        const char *slash = strrchr(path, '/');
        const char *name = slash ? slash + 1 : path;
        char parent[PATH_MAX];
        size_t len = slash ? (size_t)(slash - path) : 0;

        if (name[0] == 0 || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
                return err_set(e, ERR_MALFORMED, "\"%s\" ends in no name", path);
        if (len + 2 > sizeof(parent))
                return err_set(e, ERR_LIMIT, "a path of %zu bytes is too long", strlen(path));
        if (!slash)
                memcpy(parent, ".", 2);
        else if (len == 0)
                memcpy(parent, "/", 2);
        else
                snprintf(parent, sizeof(parent), "%.*s", (int)len, path);
        if (dir_fd == AT_FDCWD ? !file_open_user(parent, O_RDONLY | O_DIRECTORY, ret_fd, e)
                               : !file_open_beneath(dir_fd, parent, O_RDONLY | O_DIRECTORY, 0, ret_fd, e))
                return false;
        *ret_name = name;
        return true;
}

static bool temp_write(int fd, struct span content, mode_t mode, struct err *e)
{
        if (!fd_write_all(fd, content, e))
                return false;
        if (fchmod(fd, mode & 07777u) != 0)
                return err_set(e, ERR_SYSTEM, "chmod: %s", strerror(errno));
        if (fsync(fd) != 0)
                return err_set(e, ERR_SYSTEM, "fsync: %s", strerror(errno));
        return true;
}

bool file_replace(int dir_fd, const char *name, struct span content, mode_t mode, struct err *e)
{
        int parent CLEANUP(fd_close) = -1;
        int fd CLEANUP(fd_close) = -1;
        const char *base;
        char temp[40];
        uint64_t random;
        bool ok;

        if (!file_parent_open(dir_fd, name, &parent, &base, e))
                return err_wrap(e, "write %s", name);
        random_bytes(&random, sizeof(random));
        snprintf(temp, sizeof(temp), ".coffer-%016llx.tmp", (unsigned long long)random);
        fd = openat(parent, temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd < 0)
                return err_set(e, ERR_SYSTEM, "write %s: create a file beside it: %s", name, strerror(errno));
        ok = temp_write(fd, content, mode, e);
        if (ok && close(TAKE_FD(fd)) != 0 && errno != EINTR) /* NFS reports a full disk here */
                ok = err_set(e, ERR_SYSTEM, "close: %s", strerror(errno));
        if (ok && renameat(parent, temp, parent, base) != 0)
                ok = err_set(e, ERR_SYSTEM, "rename: %s", strerror(errno));
        if (!ok) {
                unlinkat(parent, temp, 0);
                return err_wrap(e, "write %s", name);
        }
        if (fsync(parent) != 0)
                return err_set(e, ERR_SYSTEM, "write %s: fsync of its folder: %s", name, strerror(errno));
        return true;
}
