/* Where an entry goes. No symbolic link is ever followed: what a layer's path says is where its file is. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "unpack/unpack_priv.h"

/* The base room's openat2: beneath the folder, through no link. */
static bool folder_open(int at_fd, const char *path, int flags, int *ret_fd, struct err *e)
{
        return file_open_beneath(at_fd, path, flags | O_DIRECTORY, 0, ret_fd, e);
}

static bool is_whiteout(int folder_fd, const char *name)
{
        struct stat st;

        return fstatat(folder_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISCHR(st.st_mode) &&
               st.st_rdev == makedev(0, 0);
}

bool place_opaque(int folder_fd, struct err *e)
{
        if (fsetxattr(folder_fd, "user.overlay.opaque", "y", 1, 0) != 0)
                return err_set(e, ERR_SYSTEM, "mark the folder as opaque: %s%s", strerror(errno),
                    errno == EOPNOTSUPP ? ": keep the state on a file system with user extended attributes" : "");
        return true;
}

static bool folder_make(int at_fd, const char *name, int *ret_fd, struct err *e)
{
        if (mkdirat(at_fd, name, 0755) != 0)
                return err_set(e, ERR_SYSTEM, "make a folder: %s", strerror(errno));
        if (!folder_open(at_fd, name, O_RDONLY, ret_fd, e))
                return false;
        /* In a set-group-id folder it would be of that group, and set-group-id itself. */
        if (fchown(*ret_fd, 0, 0) != 0 || fchmod(*ret_fd, 0755) != 0)
                return err_set(e, ERR_SYSTEM, "set owner and mode of a folder: %s", strerror(errno));
        return true;
}

bool place_clear(struct place *p, const char *name, bool *ret_was_whiteout, struct err *e)
{
        *ret_was_whiteout = is_whiteout(p->folder_fd, name);
        return tree_remove(p->folder_fd, name, e);
}

/*
 * A whiteout says: nothing of what is below. So does a file or link of this layer, for whoever reads it in order, as the
 * scan does: a folder in its place must go on saying it, or overlayfs would show what the scan was told is hidden.
 */
bool place_folder(struct place *p, const char *name, int *ret_fd, struct err *e)
{
        int fd CLEANUP(fd_close) = -1;
        struct err why = {0};
        bool whiteout;

        if (!folder_open(p->folder_fd, name, O_RDONLY, &fd, &why)) {
                bool hides = why.kind != ERR_NOT_FOUND;
                if (!place_clear(p, name, &whiteout, e) || !folder_make(p->folder_fd, name, &fd, e) ||
                    (hides && !place_opaque(fd, e)))
                        return false;
        }
        *ret_fd = TAKE_FD(fd);
        return true;
}

/* One level of a path whose folder has no entry of its own, or is no folder. */
static bool level_enter(int at_fd, const char *name, const char *path, size_t path_len, int *ret_fd, struct err *e)
{
        struct err why = {0};
        struct stat st;
        char shown[160];

        if (folder_open(at_fd, name, O_RDONLY, ret_fd, &why))
                return true;
        if (why.kind == ERR_NOT_FOUND)
                return folder_make(at_fd, name, ret_fd, e);
        if (is_whiteout(at_fd, name)) {
                if (unlinkat(at_fd, name, 0) != 0)
                        return err_set(e, ERR_SYSTEM, "replace a whiteout: %s", strerror(errno));
                return folder_make(at_fd, name, ret_fd, e) && place_opaque(*ret_fd, e);
        }
        span_printable(span_bytes(path, path_len), shown, sizeof(shown));
        if (fstatat(at_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode))
                return err_set(
                    e, ERR_MALFORMED, "%s is a symbolic link of this layer, and nothing is written through one", shown);
        if (why.os_errno == ENOTDIR)
                return err_set(e, ERR_MALFORMED, "%s is no folder in this layer", shown);
        return err_set(e, why.kind, "%s", why.text);
}

/* From the root down, making what is missing. */
static bool levels_enter(struct place *p, const char *folder, struct err *e)
{
        struct span rest = span_of(folder), part;
        int at CLEANUP(fd_close) = -1;
        size_t done = 0;
        char name[256];

        while (rest.len > 0) {
                int next = -1;

                span_split(rest, '/', &part, &rest);
                done += part.len + (done > 0);
                if (part.len >= sizeof(name))
                        return err_set(e, ERR_BUG, "a name of %zu bytes came through", part.len);
                memcpy(name, part.at, part.len);
                name[part.len] = 0;
                if (!level_enter(at >= 0 ? at : p->root_fd, name, folder, done, &next, e)) {
                        fd_close(&next);
                        return false;
                }
                fd_close(&at);
                at = next;
        }
        fd_close(&p->folder_fd);
        p->folder_fd = TAKE_FD(at);
        return true;
}

static bool split(const char *path, char folder[4096], const char **ret_name, struct err *e)
{
        const char *slash = strrchr(path, '/');
        size_t len = slash ? (size_t)(slash - path) : 0;

        if (len >= 4096)
                return err_set(e, ERR_BUG, "a path of %zu bytes came through", strlen(path));
        memcpy(folder, path, len);
        folder[len] = 0;
        *ret_name = slash ? slash + 1 : path;
        return true;
}

bool place_open(struct place *p, const char *path, const char **ret_name, struct err *e)
{
        struct err why = {0};
        char folder[4096];

        if (!split(path, folder, ret_name, e))
                return false;
        if (p->known && strcmp(folder, p->folder) == 0)
                return true;
        p->known = false;
        fd_close(&p->folder_fd);
        if (!folder_open(p->root_fd, folder[0] ? folder : ".", O_RDONLY, &p->folder_fd, &why) &&
            !levels_enter(p, folder, e))
                return false;
        memcpy(p->folder, folder, sizeof(folder));
        p->known = true;
        return true;
}

bool place_find(struct place *p, const char *path, int *ret_fd, const char **ret_name, struct err *e)
{
        struct err why = {0};
        char folder[4096];

        if (!split(path, folder, ret_name, e))
                return false;
        if (folder_open(p->root_fd, folder[0] ? folder : ".", O_RDONLY, ret_fd, &why))
                return true;
        if (why.kind == ERR_MALFORMED)
                return err_set(e, ERR_MALFORMED, "the hard link's target lies behind a symbolic link");
        if (why.kind == ERR_NOT_FOUND || why.os_errno == ENOTDIR)
                return err_set(e, ERR_MALFORMED, "the hard link's target is not in this layer");
        return err_set(e, why.kind, "the hard link's target: %s", why.text);
}

void place_done(struct place *p)
{
        fd_close(&p->folder_fd);
}
