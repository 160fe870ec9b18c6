/* The walk through a root folder. */
#include "inventory/folder_priv.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <sys/stat.h>

struct level {
        DIR *dir;
        size_t path_len; /* bytes of w->path that name it */
};

struct walk {
        struct arena *arena;
        struct tar_writer tar;
        dev_t dev;
        struct level levels[INVENTORY_DEPTH_MAX + 1]; /* the root, and what may stand above a file */
        size_t n_levels;
        uint8_t path[INVENTORY_PATH_MAX]; /* of the entry in hand */
        size_t path_len;
        struct buf content;
        uint64_t entries;
        struct span_list notes;
        size_t notes_left_out;
};

static void walk_done(struct walk *w)
{
        while (w->n_levels > 0)
                closedir(w->levels[--w->n_levels].dir);
        tar_writer_done(&w->tar);
        buf_done(&w->content);
}

static struct span path_of(const struct walk *w)
{
        return span_bytes(w->path, w->path_len);
}

PRINTF_LIKE(2, 3) static void note(struct walk *w, const char *fmt, ...)
{
        char text[200], shown[INVENTORY_PATH_MAX + 1];
        va_list args;

        if (w->notes.len >= INVENTORY_LAYER_NOTES_MAX) {
                w->notes_left_out++;
                return;
        }
        va_start(args, fmt);
        vsnprintf(text, sizeof(text), fmt, args);
        va_end(args);
        span_printable(path_of(w), shown, sizeof(shown));
        *ARENA_PUSH(w->arena, &w->notes) = arena_printf(w->arena, "%s: %s", w->path_len ? shown : ".", text);
}

/* After a call that failed: the folder's fault is a note, ours is an error. */
static bool not_read(struct walk *w, struct err *e)
{
        char shown[200];

        if (errno == EMFILE || errno == ENFILE || errno == ENOMEM)
                return err_set(
                    e, ERR_SYSTEM, "open %s: %s", span_printable(path_of(w), shown, sizeof(shown)), strerror(errno));
        note(w, "not read: %s", strerror(errno));
        return true;
}

/* Takes over fd. */
static bool push(struct walk *w, int fd, struct err *e)
{
        DIR *dir = fdopendir(fd);

        if (!dir) {
                bool goes_on = not_read(w, e);
                fd_close(&fd);
                return goes_on;
        }
        w->levels[w->n_levels++] = (struct level){.dir = dir, .path_len = w->path_len};
        return true;
}

static bool folder_take(struct walk *w, int at, const char *name, struct err *e)
{
        CLEANUP(fd_close) int fd = -1;
        struct stat st;

        if (w->n_levels > INVENTORY_DEPTH_MAX) {
                note(w, "not looked into: more than %u folders deep", INVENTORY_DEPTH_MAX);
                return true;
        }
        fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0 || fstat(fd, &st) != 0)
                return not_read(w, e);
        if (st.st_dev != w->dev) {
                note(w, "not looked into: it is of another file system");
                return true;
        }
        return push(w, TAKE_FD(fd), e);
}

/* In a folder ".wh.x" is a name like any other; in the worker's tar it would be a whiteout, and hide something. */
static bool means_whiteout(struct span path)
{
        struct span part;

        while (path.len > 0) {
                span_split(path, '/', &part, &path);
                if (span_starts(part, ".wh."))
                        return true;
        }
        return false;
}

static bool put(struct walk *w, char type, struct span content, struct err *e)
{
        if (!means_whiteout(path_of(w)))
                return tar_writer_put(&w->tar, type, path_of(w), content, e);
        note(w, "not read: a layer's whiteouts have such a name");
        return true;
}

/* The type that readdir gave may be old by now: O_NONBLOCK, should it be a FIFO, and a second look. */
static bool file_take(struct walk *w, int at, const char *name, const struct detector *d, struct err *e)
{
        CLEANUP(fd_close) int fd = -1;
        struct err why = {0};
        struct stat st;
        uint8_t *to;
        size_t n;

        if (d->size_max == 0)
                return put(w, '0', (struct span){0}, e);
        fd = openat(at, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        if (fd < 0 || fstat(fd, &st) != 0)
                return not_read(w, e);
        if (!S_ISREG(st.st_mode) || st.st_dev != w->dev) {
                note(
                    w, "not read: %s", S_ISREG(st.st_mode) ? "it is of another file system" : "it is no file any more");
                return true;
        }
        if ((uint64_t)st.st_size > d->size_max) {
                note(w, NOTE_TOO_LARGE, (unsigned long long)st.st_size, d->size_max);
                return true;
        }
        buf_clear(&w->content);
        to = buf_reserve(&w->content, (size_t)st.st_size + 1); /* one more: it may have grown */
        if (!to)
                return err_set(e, ERR_BUG, "a detector wants more than the largest of them");
        if (!fd_pread_full(fd, 0, to, (size_t)st.st_size + 1, &n, &why)) {
                if (why.kind != ERR_SYSTEM) {
                        if (e)
                                *e = why;
                        return false;
                }
                note(w, "not read: %s", why.text);
                return true;
        }
        if (n != (size_t)st.st_size) {
                note(w, "not read: it changed meanwhile");
                return true;
        }
        return put(w, '0', span_bytes(to, n), e);
}

static unsigned char type_of(int at, const struct dirent *entry)
{
        struct stat st;

        if (entry->d_type != DT_UNKNOWN) /* some file systems don't say */
                return entry->d_type;
        return fstatat(at, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 ? (unsigned char)IFTODT(st.st_mode)
                                                                         : DT_UNKNOWN;
}

static bool entry_take(struct walk *w, int at, const struct dirent *entry, struct err *e)
{
        const struct detector *d;

        switch (type_of(at, entry)) {
        case DT_DIR:
                return folder_take(w, at, entry->d_name, e);
        case DT_REG:
                d = detector_of_path(path_of(w));
                return !d || file_take(w, at, entry->d_name, d, e);
        case DT_LNK: /* not followed; the worker says where that leaves something out */
                return !detector_of_link(path_of(w)) || put(w, '2', (struct span){0}, e);
        case DT_UNKNOWN:
                return not_read(w, e);
        default:
                if (detector_of_path(path_of(w)))
                        note(w, "not read: neither a file nor a folder");
                return true;
        }
}

/* False when the name has no room. */
static bool path_set(struct walk *w, size_t folder_len, const char *name)
{
        size_t len = strlen(name), slash = folder_len > 0;

        w->path_len = folder_len;
        if (folder_len + slash + len > sizeof(w->path))
                return false;
        if (slash)
                w->path[folder_len] = '/';
        memcpy(w->path + folder_len + slash, name, len);
        w->path_len = folder_len + slash + len;
        return true;
}

/* The next entry of the deepest folder that is open. */
static bool step(struct walk *w, struct err *e)
{
        struct level *level = &w->levels[w->n_levels - 1];
        const struct dirent *entry;

        if (file_cancel_flag)
                return err_set(e, ERR_CANCELLED, "stopped on request");
        errno = 0;
        entry = readdir(level->dir);
        if (!entry) {
                w->path_len = level->path_len;
                if (errno != 0 && !not_read(w, e))
                        return false;
                closedir(level->dir);
                w->n_levels--;
                return true;
        }
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
                return true;
        if (++w->entries > INVENTORY_ENTRIES_MAX)
                return err_set(e, ERR_LIMIT, "more than %u files and folders", INVENTORY_ENTRIES_MAX);
        if (!path_set(w, level->path_len, entry->d_name)) {
                note(w, "a path in it is longer than %u bytes: not read", INVENTORY_PATH_MAX);
                return true;
        }
        return entry_take(w, dirfd(level->dir), entry, e);
}

static int note_compare(const void *a, const void *b)
{
        return span_compare(*(const struct span *)a, *(const struct span *)b);
}

static bool root_open(struct walk *w, int root_fd, struct err *e)
{
        CLEANUP(fd_close) int fd = openat(root_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        struct stat st;

        if (fd < 0 || fstat(fd, &st) != 0)
                return err_set(e, ERR_SYSTEM, "open the root folder: %s", strerror(errno));
        w->dev = st.st_dev;
        return push(w, TAKE_FD(fd), e);
}

bool folder_tar_make(int root_fd, struct arena *a, struct folder_tar *ret, struct err *e)
{
        struct walk *w = arena_alloc(a, sizeof(*w)); /* too large for the stack */
        bool ok;

        w->arena = a;
        w->tar.fd = -1;
        w->content.max = INVENTORY_DPKG_MAX + 1; /* the largest of the detectors' */
        ok = tar_writer_open(&w->tar, e) && root_open(w, root_fd, e);
        while (ok && w->n_levels > 0)
                ok = step(w, e);
        ok = ok && tar_writer_end(&w->tar, &ret->fd, &ret->size, e);
        if (ok) {
                if (w->notes.len > 0) /* in an order that is not the file system's */
                        qsort(w->notes.at, w->notes.len, sizeof(*w->notes.at), note_compare);
                if (w->notes_left_out > 0)
                        *ARENA_PUSH(a, &w->notes) =
                            arena_printf(a, "and %zu more places that were not read", w->notes_left_out);
                ret->entries = w->entries;
                ret->notes = w->notes;
        }
        walk_done(w);
        return ok;
}
