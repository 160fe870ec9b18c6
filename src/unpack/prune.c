/* Layers that no container uses any more, and what killed processes left: found, renamed, removed. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unpack/unpack_priv.h"

struct batch {
        size_t n;
        const char *names[UNPACK_PRUNE_BATCH]; /* borrowed */
        size_t at[UNPACK_PRUNE_BATCH];         /* their places in the list of all */
        int fds[UNPACK_PRUNE_BATCH];           /* locked exclusively; -1: somebody else holds it */
        bool used[UNPACK_PRUNE_BATCH];
        char temps[UNPACK_PRUNE_BATCH][TEMP_NAME_MAX];
};

static void batch_done(struct batch *b)
{
        for (size_t i = 0; i < b->n; i++)
                fd_close(&b->fds[i]);
}

static void dir_closep(DIR **d)
{
        if (*d)
                closedir(*d);
}

/* False, for the caller to return. */
static bool copy_err(const struct err *from, struct err *to)
{
        if (to)
                *to = *from;
        return false;
}

/* A file of several names counts once: a part for each of them. */
static uint64_t blocks_of(const struct stat *st)
{
        return (uint64_t)st->st_blocks * 512 / (st->st_nlink > 1 && !S_ISDIR(st->st_mode) ? st->st_nlink : 1);
}

/* Bytes on disk of a folder and all in it. What can't be read counts nothing: the figure is for people. */
static uint64_t folder_size(int parent, const char *name, unsigned levels)
{
        DIR *dir CLEANUP(dir_closep) = NULL;
        int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        struct dirent *entry;
        struct stat st;
        uint64_t bytes;

        dir = fd >= 0 ? fdopendir(fd) : NULL;
        if (!dir) {
                fd_close(&fd);
                return 0;
        }
        bytes = fstat(fd, &st) == 0 ? blocks_of(&st) : 0;
        while (!file_cancel_flag && (entry = readdir(dir))) {
                if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
                    fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
                        continue;
                if (!S_ISDIR(st.st_mode))
                        bytes += blocks_of(&st);
                else if (levels > 0)
                        bytes += folder_size(fd, entry->d_name, levels - 1);
        }
        return bytes;
}

/*
 * Its lock is ours; afterwards it is gone. What can't be removed keeps nothing else from it: `first` gets the first such
 * error. False when all must end.
 */
static bool folder_prune(const struct unpack_prune_request *r, const char *name, enum unpack_pruned what,
    const char *shown, struct err *first)
{
        uint64_t bytes = folder_size(r->layers_fd, name, UNPACK_SIZE_LEVELS);
        struct err why = {0};

        if (r->dry_run || tree_remove(r->layers_fd, name, &why))
                r->on_item(r->ctx, what, shown, bytes);
        else if (first->kind == ERR_NONE || why.kind == ERR_CANCELLED)
                *first = why;
        return why.kind != ERR_CANCELLED;
}

/* As many at once as there are descriptors for; those that stay are found again, so that it ends when none went. */
static bool left_overs_prune(const struct unpack_prune_request *r, struct err *e)
{
        struct err first = {0};
        size_t n;

        do {
                struct dead dead CLEANUP(dead_done) = {0};

                if (!dead_find(r->layers_fd, &dead, e))
                        return false;
                n = dead.n;
                for (size_t i = 0; i < n; i++)
                        if (!folder_prune(r, dead.at[i].name, UNPACK_PRUNED_LEFT_OVER, dead.at[i].name, &first))
                                return copy_err(&first, e);
        } while (n == UNPACK_SWEEP_MAX && !r->dry_run && first.kind == ERR_NONE);
        return first.kind == ERR_NONE || copy_err(&first, e);
}

static bool is_layer_name(const char *name)
{
        size_t len = strlen(name);

        return (len == 64 || len == 128) && strspn(name, "0123456789abcdef") == len;
}

struct names {
        struct arena *arena;
        const char **at;
        size_t len, cap;
};

static bool names_read(const struct unpack_prune_request *r, struct names *to, struct err *e)
{
        DIR *dir CLEANUP(dir_closep) = NULL;
        int fd = openat(r->layers_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        struct dirent *entry;

        dir = fd >= 0 ? fdopendir(fd) : NULL;
        if (!dir) {
                err_set(e, ERR_SYSTEM, "read the folder of layers: %s", strerror(errno));
                fd_close(&fd);
                return false;
        }
        while ((entry = readdir(dir))) {
                if (is_layer_name(entry->d_name))
                        *ARENA_PUSH(to->arena, to) = arena_string(to->arena, span_of(entry->d_name));
                else if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
                         !temp_is_name(entry->d_name))
                        r->on_item(r->ctx, UNPACK_PRUNED_FOREIGN, entry->d_name, 0);
        }
        return true;
}

/* Those of the next names that nobody holds, locked. Under the lock of `layers`. */
static bool batch_take(
    const struct unpack_prune_request *r, const struct names *names, size_t *at, struct batch *b, struct err *e)
{
        for (; *at < names->len && b->n < UNPACK_PRUNE_BATCH; (*at)++) {
                const char *name = names->at[*at];
                int fd CLEANUP(fd_close) = openat(r->layers_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

                if (fd < 0 && errno == ENOENT)
                        continue;
                if (fd < 0 && (errno == ENOTDIR || errno == ELOOP)) {
                        r->on_item(r->ctx, UNPACK_PRUNED_FOREIGN, name, 0);
                        continue;
                }
                if (fd < 0)
                        return err_set(e, ERR_SYSTEM, "open layers/%s: %s", name, strerror(errno));
                if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
                        if (errno != EWOULDBLOCK)
                                return err_set(e, ERR_SYSTEM, "lock layers/%s: %s", name, strerror(errno));
                        fd_close(&fd);
                        fd = -1;
                }
                b->names[b->n] = name;
                b->at[b->n] = *at;
                b->fds[b->n++] = TAKE_FD(fd);
        }
        return true;
}

/*
 * Renames what goes and lets go of what stays. A full disk may have no room for a new name: then what was renamed so far is
 * removed first, and the rest is judged anew.
 */
static bool batch_rename(const struct unpack_prune_request *r, size_t *at, struct batch *b, struct err *e)
{
        size_t renamed = 0;

        for (size_t i = 0; i < b->n; i++) {
                b->used[i] = b->used[i] || b->fds[i] < 0;
                if (!b->used[i] && !r->dry_run && !temp_name(r->layers_fd, b->names[i], b->temps[i], e)) {
                        if (renamed == 0)
                                return false;
                        *at = b->at[i];
                        for (size_t k = i; k < b->n; k++)
                                fd_close(&b->fds[k]);
                        b->n = i;
                        return true;
                }
                renamed += !b->used[i];
                if (b->used[i] || r->dry_run) { /* a start may have it now */
                        fd_close(&b->fds[i]);
                        b->fds[i] = -1;
                }
                if (b->used[i])
                        r->on_item(r->ctx, UNPACK_PRUNED_IN_USE, b->names[i], 0);
        }
        return true;
}

/* The new names are on the disk before a file is removed: no crash leaves half a layer under a layer's name. */
static bool batch_judge(
    const struct unpack_prune_request *r, const struct names *names, size_t *at, struct batch *b, struct err *e)
{
        int lock CLEANUP(fd_close) = -1;

        if (!layers_lock(r->layers_fd, &lock, e) || !batch_take(r, names, at, b, e))
                return false;
        if (b->n > 0 && (!r->is_used(r->ctx, b->names, b->n, b->used, e) || !batch_rename(r, at, b, e)))
                return false;
        if (!r->dry_run && fsync(r->layers_fd) != 0)
                return err_set(e, ERR_SYSTEM, "write the folder of layers to disk: %s", strerror(errno));
        return true;
}

static bool layers_prune(const struct unpack_prune_request *r, const struct names *names, struct err *e)
{
        struct err first = {0};
        size_t at = 0;

        while (at < names->len) {
                struct batch b CLEANUP(batch_done) = {0};

                if (file_cancel_flag)
                        return err_set(e, ERR_CANCELLED, "stopped on request");
                if (!batch_judge(r, names, &at, &b, e))
                        return false;
                for (size_t i = 0; i < b.n; i++) {
                        const char *name = r->dry_run ? b.names[i] : b.temps[i];

                        if (!b.used[i] && !folder_prune(r, name, UNPACK_PRUNED_LAYER, b.names[i], &first))
                                return copy_err(&first, e);
                }
        }
        return first.kind == ERR_NONE || copy_err(&first, e);
}

bool unpack_prune(const struct unpack_prune_request *r, struct err *e)
{
        struct arena *a CLEANUP(arena_freep) = arena_new();
        struct names names = {.arena = a};
        struct err first = {0};
        bool swept = left_overs_prune(r, &first);

        if (!swept && first.kind == ERR_CANCELLED)
                return copy_err(&first, e);
        if (!names_read(r, &names, e) || !layers_prune(r, &names, e))
                return false;
        return swept || copy_err(&first, e);
}
