/* Entries of a layer -> files in one folder. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "unpack/unpack_priv.h"

#define PATH_SIZE 4096u

/* Making a file in a folder changes the folder's time, so those are set when all is written. */
struct folder_time {
        size_t path; /* offset in `paths`, NUL-terminated */
        int64_t s;
        uint32_t ns;
};

struct writer {
        struct place place;
        uint64_t devices_skipped;
        struct folder_time *times;
        size_t n_times, cap_times;
        struct buf paths;

        int file_fd; /* the file whose content comes in */
        struct image_entry file;
};

struct writer *writer_new(int root_fd)
{
        struct writer *w = heap_alloc(sizeof(*w));

        w->place = (struct place){.root_fd = root_fd, .folder_fd = -1};
        w->paths.max = UNPACK_FOLDER_PATHS_MAX;
        w->file_fd = -1;
        return w;
}

void writer_free(struct writer *w)
{
        if (!w)
                return;
        fd_close(&w->file_fd);
        place_done(&w->place);
        buf_done(&w->paths);
        free(w->times);
        free(w);
}

void writer_freep(struct writer **w)
{
        writer_free(*w);
        *w = NULL;
}

static bool system_failed(const char *what, struct err *e)
{
        return err_set(e, ERR_SYSTEM, "%s: %s", what, strerror(errno));
}

static bool owner_check(const struct image_entry *entry, struct err *e)
{
        if (entry->uid >= UNPACK_IDS || entry->gid >= UNPACK_IDS)
                return err_set(e, ERR_LIMIT, "its owner %u:%u is above %u, the last id of a container", entry->uid,
                    entry->gid, UNPACK_IDS - 1);
        return true;
}

static void times_of(const struct image_entry *entry, struct timespec ret[2])
{
        ret[0] = (struct timespec){.tv_sec = entry->mtime_s, .tv_nsec = entry->mtime_ns};
        ret[1] = ret[0];
}

static bool time_keep(struct writer *w, const char *path, const struct image_entry *entry, struct err *e)
{
        struct folder_time t = {.path = w->paths.len, .s = entry->mtime_s, .ns = entry->mtime_ns};

        buf_put_text(&w->paths, path);
        buf_put_u8(&w->paths, 0);
        if (w->n_times == UNPACK_FOLDERS_MAX || w->paths.failed)
                return err_set(e, ERR_LIMIT, "more than %u folders, or longer paths to them than %u bytes",
                    UNPACK_FOLDERS_MAX, UNPACK_FOLDER_PATHS_MAX);
        if (w->n_times == w->cap_times) {
                w->cap_times = w->cap_times ? w->cap_times * 2 : 256;
                w->times = heap_realloc(w->times, w->cap_times, sizeof(*w->times));
        }
        w->times[w->n_times++] = t;
        return true;
}

/* What a later entry of the same path replaces goes first; `make` is tried, then again. */
static bool replaced(struct writer *w, const char *name, const char *what, struct err *e)
{
        bool whiteout;

        if (errno != EEXIST)
                return system_failed(what, e);
        return place_clear(&w->place, name, &whiteout, e);
}

static bool file_begin(struct writer *w, const struct image_entry *entry, const char *name, struct err *e)
{
        const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
        struct err why = {0};
        bool whiteout;

        fd_close(&w->file_fd);
        if (!file_open_beneath(w->place.folder_fd, name, flags, 0600, &w->file_fd, &why)) {
                if (why.kind != ERR_CONFLICT)
                        return err_set(e, why.kind, "%s", why.text);
                if (!place_clear(&w->place, name, &whiteout, e) ||
                    !file_open_beneath(w->place.folder_fd, name, flags, 0600, &w->file_fd, e))
                        return false;
        }
        w->file = *entry;
        return true;
}

static bool file_end(struct writer *w, struct err *e)
{
        int fd CLEANUP(fd_close) = TAKE_FD(w->file_fd);
        struct timespec times[2];

        /* Owner before mode: changing it clears the set-id bits. */
        times_of(&w->file, times);
        if (fchown(fd, w->file.uid, w->file.gid) != 0 || fchmod(fd, w->file.mode) != 0 || futimens(fd, times) != 0)
                return system_failed("set owner, mode and time", e);
        if (close(TAKE_FD(fd)) != 0)
                return system_failed("close", e);
        return true;
}

static bool folder_write(
    struct writer *w, const struct image_entry *entry, const char *path, const char *name, struct err *e)
{
        int fd CLEANUP(fd_close) = -1;

        if (name[0] == 0) {
                if (!file_open_beneath(w->place.root_fd, ".", O_RDONLY | O_DIRECTORY, 0, &fd, e))
                        return false;
        } else if (!place_folder(&w->place, name, &fd, e)) {
                return false;
        }
        if (fchown(fd, entry->uid, entry->gid) != 0 || fchmod(fd, entry->mode) != 0)
                return system_failed("set owner and mode", e);
        return time_keep(w, path, entry, e);
}

static bool name_dress(struct writer *w, const struct image_entry *entry, const char *name, struct err *e)
{
        struct timespec times[2];

        times_of(entry, times);
        if (fchownat(w->place.folder_fd, name, entry->uid, entry->gid, AT_SYMLINK_NOFOLLOW) != 0 ||
            utimensat(w->place.folder_fd, name, times, AT_SYMLINK_NOFOLLOW) != 0)
                return system_failed("set owner and time", e);
        return true;
}

static bool symlink_write(struct writer *w, const struct image_entry *entry, const char *name, struct err *e)
{
        char target[PATH_SIZE];

        if (entry->link.len >= sizeof(target))
                return err_set(e, ERR_BUG, "a link of %zu bytes came through", entry->link.len);
        memcpy(target, entry->link.at, entry->link.len);
        target[entry->link.len] = 0;
        if (symlinkat(target, w->place.folder_fd, name) != 0 &&
            (!replaced(w, name, "make a symbolic link", e) ||
                (symlinkat(target, w->place.folder_fd, name) != 0 && !system_failed("make a symbolic link", e))))
                return false;
        return name_dress(w, entry, name, e);
}

static bool target_check(int folder_fd, const char *name, struct err *e)
{
        struct stat st;

        if (fstatat(folder_fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
                return errno == ENOENT ? err_set(e, ERR_MALFORMED, "the hard link's target is not in this layer")
                                       : system_failed("the hard link's target", e);
        if (S_ISDIR(st.st_mode) || S_ISCHR(st.st_mode))
                return err_set(e, ERR_MALFORMED, "the hard link's target is no file");
        return true;
}

static bool hardlink_write(struct writer *w, const struct image_entry *entry, const char *name, struct err *e)
{
        int fd CLEANUP(fd_close) = -1;
        const char *target;
        char path[PATH_SIZE];

        if (entry->link.len >= sizeof(path))
                return err_set(e, ERR_BUG, "a link of %zu bytes came through", entry->link.len);
        memcpy(path, entry->link.at, entry->link.len);
        path[entry->link.len] = 0;
        if (!place_find(&w->place, path, &fd, &target, e) || !target_check(fd, target, e))
                return false;
        if (linkat(fd, target, w->place.folder_fd, name, 0) == 0)
                return true;
        if (!replaced(w, name, "make a hard link", e) || !target_check(fd, target, e))
                return false;
        return linkat(fd, target, w->place.folder_fd, name, 0) == 0 || system_failed("make a hard link", e);
}

static bool fifo_write(struct writer *w, const struct image_entry *entry, const char *name, struct err *e)
{
        mode_t mode = S_IFIFO | (entry->mode & 0777);

        if (mknodat(w->place.folder_fd, name, mode, 0) != 0 &&
            (!replaced(w, name, "make a FIFO", e) ||
                (mknodat(w->place.folder_fd, name, mode, 0) != 0 && !system_failed("make a FIFO", e))))
                return false;
        return name_dress(w, entry, name, e);
}

/*
 * What a whiteout removes lies in a lower layer. Something of the same layer at its path stays (image-spec, layer.md:
 * "Whiteouts only apply to lower layers") and hides what is below, a folder by being opaque.
 */
static bool whiteout_write(struct writer *w, const char *name, struct err *e)
{
        int fd CLEANUP(fd_close) = -1;
        struct stat st;

        if (mknodat(w->place.folder_fd, name, S_IFCHR, makedev(0, 0)) == 0)
                return true;
        if (errno != EEXIST)
                return system_failed("make a whiteout", e);
        if (fstatat(w->place.folder_fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
                return system_failed("make a whiteout", e);
        if (!S_ISDIR(st.st_mode))
                return true;
        return file_open_beneath(w->place.folder_fd, name, O_RDONLY | O_DIRECTORY, 0, &fd, e) && place_opaque(fd, e);
}

static bool device_skip(struct writer *w, const struct image_entry *entry, struct err *e)
{
        if (!span_starts(entry->path, "dev/"))
                return err_set(e, ERR_MALFORMED, "a device node outside of dev/: no image may bring one");
        w->devices_skipped++;
        return true;
}

static bool entry_write(
    struct writer *w, const struct image_entry *entry, const char *path, const char *name, struct err *e)
{
        switch (entry->type) {
        case IMAGE_ENTRY_FILE:
                return file_begin(w, entry, name, e);
        case IMAGE_ENTRY_DIR:
                return folder_write(w, entry, path, name, e);
        case IMAGE_ENTRY_SYMLINK:
                return symlink_write(w, entry, name, e);
        case IMAGE_ENTRY_HARDLINK:
                return hardlink_write(w, entry, name, e);
        case IMAGE_ENTRY_FIFO:
                return fifo_write(w, entry, name, e);
        case IMAGE_ENTRY_WHITEOUT:
                return whiteout_write(w, name, e);
        case IMAGE_ENTRY_OPAQUE:
                return place_opaque(w->place.folder_fd, e);
        default:
                return err_set(e, ERR_BUG, "entry type %d came through", entry->type);
        }
}

static bool on_entry(void *ctx, const struct image_entry *entry, bool *ret_want, struct err *e)
{
        struct writer *w = ctx;
        const char *name = "";
        char path[PATH_SIZE + 2];

        *ret_want = entry->type == IMAGE_ENTRY_FILE;
        if (entry->type == IMAGE_ENTRY_CHAR || entry->type == IMAGE_ENTRY_BLOCK)
                return device_skip(w, entry, e);
        if (entry->path.len >= PATH_SIZE)
                return err_set(e, ERR_BUG, "a path of %zu bytes came through", entry->path.len);
        if (entry->path.len > 0)
                memcpy(path, entry->path.at, entry->path.len);
        path[entry->path.len] = 0;
        if (entry->type == IMAGE_ENTRY_OPAQUE) /* something in the folder, which may have no entry yet */
                memcpy(path + entry->path.len, path[0] ? "/." : ".", path[0] ? 3 : 2);
        return owner_check(entry, e) && (path[0] == 0 || place_open(&w->place, path, &name, e)) &&
               entry_write(w, entry, path, name, e);
}

static bool on_data(void *ctx, struct span piece, struct err *e)
{
        struct writer *w = ctx;

        return piece.len > 0 ? fd_write_all(w->file_fd, piece, e) : file_end(w, e);
}

struct image_sink writer_sink(struct writer *w)
{
        return (struct image_sink){on_entry, on_data, w};
}

bool writer_end(struct writer *w, uint64_t *ret_devices_skipped, struct err *e)
{
        for (size_t i = 0; i < w->n_times; i++) {
                const struct folder_time *t = &w->times[i];
                const char *path = (const char *)w->paths.at + t->path;
                struct timespec times[2] = {{t->s, t->ns}, {t->s, t->ns}};
                int fd CLEANUP(fd_close) = -1;
                struct err why = {0};

                if (!file_open_beneath(w->place.root_fd, path[0] ? path : ".", O_RDONLY | O_DIRECTORY, 0, &fd, &why))
                        continue; /* a later entry has replaced it */
                if (futimens(fd, times) != 0)
                        return system_failed("set the time of a folder", e);
        }
        *ret_devices_skipped = w->devices_skipped;
        return true;
}
