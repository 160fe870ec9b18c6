/* A folder as a source: its files are copied unread into batches, so that 50,000 small files need some workers, not
 * 50,000. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "advisory/build_priv.h"

struct paths {
        struct arena *arena;
        struct {
                const char **at;
                size_t len, cap;
        } list;
};

static void dir_close(DIR **d)
{
        if (*d)
                closedir(*d);
}

static bool folder_list(struct paths *p, int dir_fd, const char *prefix, unsigned depth, struct err *e);

/* `name` in the folder that is open as dir_fd and is called `prefix`. */
static bool name_list(struct paths *p, int dir_fd, const char *prefix, const char *name, unsigned depth, struct err *e)
{
        int fd CLEANUP(fd_close) = -1;
        struct stat st;
        char *path;

        if (name[0] == '.')
                return true;
        if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
                return err_set(e, ERR_SYSTEM, "%s%s: %s", prefix, name, strerror(errno));
        if (strlen(prefix) + strlen(name) + 2 > SOURCE_PATH_MAX)
                return err_set(e, ERR_LIMIT, "a path in the folder is longer than %u bytes", SOURCE_PATH_MAX);
        path = arena_alloc(p->arena, strlen(prefix) + strlen(name) + 2);
        if (S_ISREG(st.st_mode) && archive_name_is_feed(span_of(name))) {
                if (p->list.len >= SOURCE_FILES_MAX)
                        return err_set(e, ERR_LIMIT, "more than %u files in the folder", SOURCE_FILES_MAX);
                snprintf(path, strlen(prefix) + strlen(name) + 2, "%s%s", prefix, name);
                *ARENA_PUSH(p->arena, &p->list) = path;
                return true;
        }
        if (!S_ISDIR(st.st_mode))
                return true;
        snprintf(path, strlen(prefix) + strlen(name) + 2, "%s%s/", prefix, name);
        if (depth >= SOURCE_DEPTH_MAX)
                return err_set(e, ERR_LIMIT, "%s lies deeper than %u folders", path, SOURCE_DEPTH_MAX);
        if (!file_open_beneath(dir_fd, name, O_RDONLY | O_DIRECTORY, 0, &fd, e))
                return err_wrap(e, "%s", path);
        return folder_list(p, fd, path, depth + 1, e);
}

static bool folder_list(struct paths *p, int dir_fd, const char *prefix, unsigned depth, struct err *e)
{
        int fd = fcntl(dir_fd, F_DUPFD_CLOEXEC, 0);
        DIR *d CLEANUP(dir_close) = fd < 0 ? NULL : fdopendir(fd);
        struct dirent *entry;

        if (!d) {
                err_set(e, ERR_SYSTEM, "list %s: %s", *prefix ? prefix : "the folder", strerror(errno));
                fd_close(&fd);
                return false;
        }
        for (errno = 0; (entry = readdir(d)); errno = 0)
                if (!name_list(p, dir_fd, prefix, entry->d_name, depth, e))
                        return false;
        if (errno)
                return err_set(e, ERR_SYSTEM, "list %s: %s", *prefix ? prefix : "the folder", strerror(errno));
        return true;
}

static int path_compare(const void *a, const void *b)
{
        return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Hands on what the batch holds, as a file in memory that the worker reads from its start. */
static bool batch_send(struct feed *f, struct buf *batch, const char *label, struct err *e)
{
        int fd CLEANUP(fd_close) = -1;

        if (batch->len == 0)
                return true;
        fd = memfd_create("advisory-batch", MFD_CLOEXEC);
        if (fd < 0)
                return err_set(e, ERR_SYSTEM, "memfd_create: %s", strerror(errno));
        if (!fd_write_all(fd, buf_span(batch), e))
                return false;
        if (lseek(fd, 0, SEEK_SET) != 0)
                return err_set(e, ERR_SYSTEM, "seek: %s", strerror(errno));
        buf_clear(batch);
        return feed_add(f, TAKE_FD(fd), FEED_SOURCE_BATCH, label, e);
}

static bool record_file_add(
    struct feed *f, int dir_fd, const char *path, const char *label, struct buf *batch, struct err *e)
{
        struct buf content CLEANUP(buf_done) = {0};
        struct err why = {0};

        if (!file_read(dir_fd, path, FEED_RECORD_MAX, &content, &why)) {
                if (why.kind != ERR_LIMIT) {
                        if (e)
                                *e = why;
                        return err_wrap(e, "%s", label);
                }
                feed_refused(f, label, span_of(path), &why);
                return true;
        }
        buf_put_u32le(batch, (uint32_t)strlen(path));
        buf_put_u32le(batch, (uint32_t)content.len);
        buf_put_text(batch, path);
        buf_put(batch, buf_span(&content));
        return batch->len < SOURCE_BATCH || batch_send(f, batch, label, e);
}

bool feed_folder(struct feed *f, int dir_fd, const char *label, struct err *e)
{
        struct arena *a CLEANUP(arena_freep) = arena_new();
        struct buf batch CLEANUP(buf_done) = {.max = SOURCE_BATCH + FEED_RECORD_MAX + SOURCE_PATH_MAX + 64};
        struct paths p = {.arena = a};
        char text[SOURCE_PATH_MAX * 2];

        if (!folder_list(&p, dir_fd, "", 0, e))
                return err_wrap(e, "%s", label);
        if (p.list.len == 0)
                return err_set(e, ERR_NOT_FOUND, "%s: no .json, .jsonl, .xml, .csv or .yml file in the folder", label);
        qsort(p.list.at, p.list.len, sizeof(*p.list.at), path_compare);
        for (size_t i = 0; i < p.list.len; i++) {
                const char *path = p.list.at[i];
                int fd CLEANUP(fd_close) = -1;
                struct stat st;
                if (!file_open_beneath(dir_fd, path, O_RDONLY, 0, &fd, e))
                        return err_wrap(e, "%s", label);
                if (fstat(fd, &st) != 0)
                        return err_set(e, ERR_SYSTEM, "%s/%s: %s", label, path, strerror(errno));
                if ((span_ends(span_of(path), ".json") || span_ends(span_of(path), ".yml")) &&
                    st.st_size <= (off_t)FEED_RECORD_MAX) {
                        if (!record_file_add(f, dir_fd, path, label, &batch, e))
                                return false;
                        continue;
                }
                snprintf(text, sizeof(text), "%s/%s", label, path);
                if (!feed_add(f, TAKE_FD(fd), feed_kind_of(path), text, e))
                        return false;
        }
        return batch_send(f, &batch, label, e);
}
