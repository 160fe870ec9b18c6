/* Directories: making them, and removing trees that somebody else has filled. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base.h"
#include "base/file_priv.h"

/*
 * Levels walked with an open descriptor each. What lies deeper is first moved to the top folder and removed from there:
 * a hostile layer can nest 10^5 folders, which is more than descriptors, stack or a path have room for.
 */
#define TREE_LEVELS 24u
#define MOVE_TRIES 1000000u /* names tried for a moved folder before giving up: someone is playing with us */

bool dir_make(int dir_fd, const char *name, mode_t mode, int *ret_fd, struct err *e)
{
        int fd CLEANUP(fd_close) = -1;
        bool made;

        if (name[0] == 0 || strchr(name, '/') || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
                return err_set(e, ERR_MALFORMED, "\"%s\" can't be the name of a folder", name);
        made = mkdirat(dir_fd, name, mode) == 0;
        if (!made && errno != EEXIST)
                return err_set(e, ERR_SYSTEM, "make folder %s: %s", name, strerror(errno));
        fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0 && (errno == ENOTDIR || errno == ELOOP))
                return err_set(e, ERR_MALFORMED, "%s exists and is not a folder", name);
        if (fd < 0)
                return err_set(e, ERR_SYSTEM, "open folder %s: %s", name, strerror(errno));
        /* mkdir applied the umask. */
        if (made && fchmod(fd, mode & 07777u) != 0)
                return err_set(e, ERR_SYSTEM, "chmod folder %s: %s", name, strerror(errno));
        *ret_fd = TAKE_FD(fd);
        return true;
}

bool dir_make_path(const char *path, int *ret_fd, struct err *e)
{
        int at CLEANUP(fd_close) = -1;
        int opened CLEANUP(fd_close) = -1;
        struct span rest = span_of(path), part;
        char name[NAME_MAX + 1];

        if (path[0] == 0)
                return err_set(e, ERR_MALFORMED, "an empty path names no folder");
        at = open(path[0] == '/' ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
        while (at >= 0 && rest.len > 0) {
                int next, failed;

                span_split(rest, '/', &part, &rest);
                if (part.len == 0)
                        continue;
                if (part.len > NAME_MAX)
                        return err_set(e, ERR_LIMIT, "make folder %s: a name in it is too long", path);
                memcpy(name, part.at, part.len);
                name[part.len] = 0;
                /* What exists may lie in a folder that is not writable: only a part that is missing tells. */
                failed = mkdirat(at, name, 0700) == 0 || errno == EEXIST ? 0 : errno;
                next = openat(at, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
                if (next < 0 && failed)
                        errno = failed;
                if (next < 0 && errno == ENOTDIR)
                        return err_set(e, ERR_MALFORMED, "make folder %s: %s exists and is not a folder", path, name);
                fd_close(&at);
                at = next;
        }
        if (at >= 0)
                opened = openat(at, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (opened < 0)
                return err_set(e, ERR_SYSTEM, "make folder %s: %s", path, strerror(errno));
        *ret_fd = TAKE_FD(opened);
        return true;
}

struct tree_level {
        DIR *dir;
        char child[NAME_MAX + 1]; /* the entry that the level below is */
        bool progress;            /* something went away since the folder was last read from its start */
};

struct tree {
        struct tree_level levels[TREE_LEVELS];
        size_t depth; /* levels open */
        dev_t dev;
        uint64_t moved;
};

static void tree_close(struct tree *t)
{
        while (t->depth > 0)
                closedir(t->levels[--t->depth].dir);
}

/*
 * A folder that its owner may not even read is opened up first. The link in /proc names the folder held by `held`, so
 * that no other file can be slipped in between.
 */
static bool folder_unlock(int parent, const char *name, uint64_t resolve)
{
        int held CLEANUP(fd_close) = file_openat2(parent, name, O_PATH | O_DIRECTORY | O_NOFOLLOW, 0, resolve);
        char link[40];
        struct stat st;

        if (held < 0 || fstat(held, &st) != 0)
                return false;
        if (st.st_uid != geteuid()) {
                errno = EACCES;
                return false;
        }
        snprintf(link, sizeof(link), "/proc/self/fd/%d", held);
        return chmod(link, 0700) == 0;
}

/* Opens one folder below `parent`, so that it can be emptied; errno says why not. EXDEV: a mount, bind mounts too. */
static int folder_open(int parent, const char *name, struct stat *ret_st)
{
        const uint64_t resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV;
        const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;
        int fd CLEANUP(fd_close) = file_openat2(parent, name, flags, 0, resolve);

        if (fd < 0 && errno == EACCES && folder_unlock(parent, name, resolve))
                fd = file_openat2(parent, name, flags, 0, resolve);
        if (fd < 0 || fstat(fd, ret_st) != 0)
                return -1;
        if ((ret_st->st_mode & 0700) != 0700 && ret_st->st_uid == geteuid() && fchmod(fd, 0700) != 0)
                return -1;
        return TAKE_FD(fd);
}

/* One level down. False with errno set; EXDEV also for another file system. */
static bool tree_push(struct tree *t, int parent, const char *name)
{
        struct stat st;
        int fd = folder_open(parent, name, &st);
        DIR *dir;

        if (fd < 0)
                return false;
        if (t->depth > 0 && st.st_dev != t->dev) {
                fd_close(&fd);
                errno = EXDEV;
                return false;
        }
        dir = fdopendir(fd);
        if (!dir) {
                fd_close(&fd);
                return false;
        }
        t->dev = st.st_dev;
        t->levels[t->depth++] = (struct tree_level){.dir = dir};
        return true;
}

/* Moves a folder from the deepest level to the top one, under a name that nothing there has. */
static bool tree_move_up(struct tree *t, const char *name)
{
        int top = dirfd(t->levels[0].dir), from = dirfd(t->levels[t->depth - 1].dir);
        char fresh[48];
        struct stat st;

        /* Its ".." changes, so the kernel wants the right to write into it. */
        int fd CLEANUP(fd_close) = folder_open(from, name, &st);
        if (fd < 0)
                return false;
        for (uint32_t i = 0; i < MOVE_TRIES; i++) {
                snprintf(fresh, sizeof(fresh), ".coffer-removing-%llu", (unsigned long long)t->moved++);
                if (renameat(from, name, top, fresh) == 0) {
                        t->levels[0].progress = true;
                        return true;
                }
                if (errno != EEXIST && errno != ENOTEMPTY && errno != ENOTDIR)
                        return false;
        }
        return false;
}

/* Removes or enters one entry of the deepest level. */
static bool tree_entry(struct tree *t, const char *name, bool is_folder)
{
        struct tree_level *level = &t->levels[t->depth - 1];
        int fd = dirfd(level->dir);

        if (!is_folder) {
                if (unlinkat(fd, name, 0) == 0 || errno == ENOENT) {
                        level->progress = true;
                        return true;
                }
                if (errno != EISDIR && errno != EPERM)
                        return false;
        }
        if (unlinkat(fd, name, AT_REMOVEDIR) == 0 || errno == ENOENT) {
                level->progress = true;
                return true;
        }
        if (errno == ENOTDIR) {
                errno = EPERM; /* a file that may not go: immutable, or in a sticky folder of another owner */
                return false;
        }
        if (t->depth == TREE_LEVELS) {
                level->progress = true;
                return tree_move_up(t, name);
        }
        snprintf(level->child, sizeof(level->child), "%s", name);
        return tree_push(t, fd, name);
}

/* The deepest level was read to its end: it is removed from the one above, or read again if that moves things on. */
static bool tree_pop(struct tree *t, int dir_fd, const char *name)
{
        struct tree_level *level = &t->levels[t->depth - 1];
        struct tree_level *above = t->depth > 1 ? level - 1 : NULL;
        int parent = above ? dirfd(above->dir) : dir_fd;

        if (unlinkat(parent, above ? above->child : name, AT_REMOVEDIR) != 0 && errno != ENOENT) {
                if (!level->progress || (errno != ENOTEMPTY && errno != EEXIST))
                        return false;
                level->progress = false;
                rewinddir(level->dir);
                return true;
        }
        closedir(level->dir);
        t->depth--;
        if (above)
                above->progress = true;
        return true;
}

static bool tree_step(struct tree *t, int dir_fd, const char *name)
{
        struct tree_level *level = &t->levels[t->depth - 1];
        struct dirent *entry;

        errno = 0;
        entry = readdir(level->dir);
        if (!entry)
                return errno == 0 && tree_pop(t, dir_fd, name);
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
                return true;
        return tree_entry(t, entry->d_name, entry->d_type == DT_DIR);
}

static bool tree_failed(const char *name, struct err *e)
{
        if (errno == EXDEV)
                return err_set(
                    e, ERR_CONFLICT, "remove %s: another file system is mounted there; unmount it first", name);
        return err_set(e, ERR_SYSTEM, "remove %s: %s", name, strerror(errno));
}

bool tree_remove(int dir_fd, const char *path, struct err *e)
{
        int parent CLEANUP(fd_close) = -1;
        struct tree t CLEANUP(tree_close) = {0};
        const char *name;
        struct err inner;

        if (!file_parent_open(dir_fd, path, &parent, &name, &inner)) {
                if (inner.kind == ERR_NOT_FOUND)
                        return true;
                return err_set(e, inner.kind, "remove %s: %s", path, inner.text);
        }
        if (unlinkat(parent, name, 0) == 0 || errno == ENOENT)
                return true;
        if (errno != EISDIR && errno != EPERM)
                return tree_failed(path, e);
        if (!tree_push(&t, parent, name))
                return errno == ENOENT || tree_failed(path, e);
        while (t.depth > 0) {
                if (file_cancelled(e))
                        return err_wrap(e, "remove %s", path);
                if (!tree_step(&t, parent, name))
                        return tree_failed(path, e);
        }
        return true;
}
