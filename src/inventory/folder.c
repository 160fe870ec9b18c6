/* The walk through a root folder. */
#include "inventory/folder_priv.h"
#include "inventory/plugin/plugin_priv.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE (256u << 10) /* bytes of a file that are copied at once */

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
        struct detector_index *index;
        const struct inventory_options *options; /* may be NULL */
        bool sniff;
        uint64_t streamed, not_streamed; /* bytes; files that had no room */
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
        detector_index_free(w->index);
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

static bool begin(struct walk *w, char type, const struct stat *st, struct span link, uint64_t size, struct err *e)
{
        const struct tar_file f = {
            .type = type, .mode = st->st_mode & 07777, .path = path_of(w), .link = link, .size = size};

        return tar_writer_begin(&w->tar, &f, e);
}

/* A file that becomes shorter meanwhile is filled up with zeros, and noted. */
static bool stream_take(struct walk *w, int fd, const struct stat *st, struct err *e)
{
        uint64_t size = (uint64_t)st->st_size;
        bool ended = false;

        if (means_whiteout(path_of(w)))
                return put(w, '0', (struct span){0}, e);
        if (size > INVENTORY_FOLDER_STREAMS_MAX - w->streamed) {
                w->not_streamed++;
                return true;
        }
        w->streamed += size;
        if (!begin(w, '0', st, (struct span){0}, size, e))
                return false;
        for (uint64_t at = 0; at < size; at += PIECE) {
                size_t want = size - at < PIECE ? (size_t)(size - at) : PIECE, n = 0;
                uint8_t *to;
                struct err why = {0};
                buf_clear(&w->content);
                to = buf_reserve(&w->content, PIECE);
                if (!to)
                        return err_set(e, ERR_BUG, "no room for a piece of a file");
                if (file_cancel_flag)
                        return err_set(e, ERR_CANCELLED, "stopped on request");
                if (!ended && !fd_pread_full(fd, at, to, want, &n, &why))
                        n = 0;
                if (!ended && n < want) {
                        note(w, "not read to its end: %s", why.kind ? why.text : "it changed meanwhile");
                        ended = true;
                }
                memset(to + n, 0, want - n);
                if (!tar_writer_data(&w->tar, span_bytes(to, want), e))
                        return false;
        }
        return true;
}

static bool whole_take(struct walk *w, int fd, const struct stat *st, struct err *e)
{
        struct err why = {0};
        uint8_t *to;
        size_t n;

        buf_clear(&w->content);
        to = buf_reserve(&w->content, (size_t)st->st_size + 1); /* one more: it may have grown */
        if (!to)
                return err_set(e, ERR_BUG, "a detector wants more than the largest of them");
        if (!fd_pread_full(fd, 0, to, (size_t)st->st_size + 1, &n, &why)) {
                if (why.kind != ERR_SYSTEM) {
                        if (e)
                                *e = why;
                        return false;
                }
                note(w, "not read: %s", why.text);
                return true;
        }
        if (n != (size_t)st->st_size) {
                note(w, "not read: it changed meanwhile");
                return true;
        }
        if (means_whiteout(path_of(w)))
                return put(w, '0', (struct span){0}, e);
        return begin(w, '0', st, (struct span){0}, n, e) && tar_writer_data(&w->tar, span_bytes(to, n), e);
}

/* Beside detectors: plug-ins by the path, and who looks for secrets wants every file. */
static bool others_want(const struct walk *w)
{
        return w->options && (w->options->secrets || plugins_want(w->options->plugins, path_of(w)));
}

/* One that no detector wants by its path: a program or an archive by its first bytes, or one that only its mode makes remarkable. */
static bool other_take(struct walk *w, int fd, const struct stat *st, struct err *e)
{
        const struct detector *d = NULL;
        uint8_t head[STREAM_HEAD];
        size_t n;

        if (w->sniff && st->st_size > 0 && fd_pread_full(fd, 0, head, sizeof(head), &n, NULL) && n > 0)
                d = detector_of_head(path_of(w), span_bytes(head, n));
        if (d || (others_want(w) && !means_whiteout(path_of(w))))
                return stream_take(w, fd, st, e);
        if (!(st->st_mode & 06000) || means_whiteout(path_of(w)))
                return true;
        return begin(w, '0', st, (struct span){0}, 0, e);
}

/* The type that readdir gave may be old by now: O_NONBLOCK, should it be a FIFO, and a second look. */
static bool file_take(struct walk *w, int at, const char *name, struct err *e)
{
        const struct detector *d = detector_index_find(w->index, path_of(w));
        CLEANUP(fd_close) int fd = -1;
        struct stat st;

        if (!d)
                d = detector_index_companion(w->index, path_of(w));
        if (d && !d->stream && d->size_max == 0 && !others_want(w))
                return put(w, '0', (struct span){0}, e);
        fd = openat(at, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        if (fd < 0 || fstat(fd, &st) != 0) {
                int why = errno;
                if (!d && !others_want(w) && (fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) != 0 || !(st.st_mode & 0111)))
                        return true; /* nothing that can run, nor that a detector knows */
                errno = why;
                return not_read(w, e);
        }
        if (!S_ISREG(st.st_mode) || st.st_dev != w->dev) {
                if (d)
                        note(w, "not read: %s",
                            S_ISREG(st.st_mode) ? "it is of another file system" : "it is no file any more");
                return true;
        }
        if (!d)
                return other_take(w, fd, &st, e);
        if (d->size_max > 0 && (uint64_t)st.st_size > d->size_max) {
                note(w, NOTE_TOO_LARGE, (unsigned long long)st.st_size, d->size_max);
                return true;
        }
        if (d->stream || d->size_max == 0)
                return stream_take(w, fd, &st, e);
        return whole_take(w, fd, &st, e);
}

#define LINK_MAX 100 /* bytes of a target in a tar header; those of Maven's repositories have 60 */

/*
 * Not followed; the worker says where that leaves something out, which folders are one since /usr was merged, and which files
 * have their names from links to them.
 */
static bool link_take(struct walk *w, int at, const char *name, struct err *e)
{
        const struct detector *d = detector_index_find(w->index, path_of(w));
        char target[NAME_MAX];
        ssize_t n = -1;

        if ((d && d->named) || path_usr_link(path_of(w)) >= 0)
                n = readlinkat(at, name, target, sizeof(target));
        if (n > 0 && n < LINK_MAX) {
                const struct stat st = {.st_mode = 0777};
                return begin(w, '2', &st, span_bytes(target, (size_t)n), 0, e);
        }
        return !detector_of_link(path_of(w)) || put(w, '2', (struct span){0}, e);
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
        switch (type_of(at, entry)) {
        case DT_DIR:
                return folder_take(w, at, entry->d_name, e);
        case DT_REG:
                return file_take(w, at, entry->d_name, e);
        case DT_LNK:
                return link_take(w, at, entry->d_name, e);
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

bool folder_tar_make(
    int root_fd, const struct inventory_options *o, struct arena *a, struct folder_tar *ret, struct err *e)
{
        struct walk *w = arena_alloc(a, sizeof(*w)); /* too large for the stack */
        bool ok;

        w->arena = a;
        w->options = o;
        w->tar.fd = -1;
        w->index = detector_index_new();
        w->sniff = detectors_sniff();
        w->content.max = detectors_size_max() > PIECE ? detectors_size_max() + 1 : PIECE;
        ok = tar_writer_open(&w->tar, e) && root_open(w, root_fd, e);
        while (ok && w->n_levels > 0)
                ok = step(w, e);
        ok = ok && tar_writer_end(&w->tar, &ret->fd, &ret->size, e);
        if (ok) {
                if (w->notes.len > 0) /* in an order that is not the file system's */
                        qsort(w->notes.at, w->notes.len, sizeof(*w->notes.at), note_compare);
                if (w->not_streamed > 0)
                        *ARENA_PUSH(a, &w->notes) = arena_printf(a,
                            "%llu programs, archives and others were not read: those of a folder are copied to memory, "
                            "and these "
                            "are more than %u MiB",
                            (unsigned long long)w->not_streamed, INVENTORY_FOLDER_STREAMS_MAX >> 20);
                if (w->notes_left_out > 0)
                        *ARENA_PUSH(a, &w->notes) =
                            arena_printf(a, "and %zu more places that were not read", w->notes_left_out);
                ret->entries = w->entries;
                ret->notes = w->notes;
        }
        walk_done(w);
        return ok;
}
