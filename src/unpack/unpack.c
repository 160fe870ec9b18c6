#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "unpack/unpack_priv.h"

enum { RENAME_NOT_OVER = 1 }; /* RENAME_NOREPLACE of linux/fs.h, which does not go together with sys/mount.h */

bool unpack_hides_all(int layer_fd)
{
        char value[2];

        return fgetxattr(layer_fd, "user.overlay.opaque", value, sizeof(value)) == 1 && value[0] == 'y';
}

/*
 * Locked, so that unpack_prune leaves it alone; false without an error when somebody else has it exclusively, or when it is
 * not the folder of that name any more. That does not last: a pruner renames it, or lets go of it, in milliseconds.
 */
static bool layer_hold(int layers_fd, const char *name, int fd, bool *ret_held, struct err *e)
{
        struct stat held, named;

        *ret_held = false;
        if (flock(fd, LOCK_SH | LOCK_NB) != 0)
                return errno == EWOULDBLOCK || errno == EINTR ||
                       err_set(e, ERR_SYSTEM, "lock layers/%s: %s", name, strerror(errno));
        if (fstat(fd, &held) != 0)
                return err_set(e, ERR_SYSTEM, "stat layers/%s: %s", name, strerror(errno));
        *ret_held = fstatat(layers_fd, name, &named, AT_SYMLINK_NOFOLLOW) == 0 && named.st_dev == held.st_dev &&
                    named.st_ino == held.st_ino;
        return true;
}

#define HOLD_PAUSE_NS 2000000 /* 2 ms between two tries */

/* ERR_NOT_FOUND if it is not there yet. Complete, because its name is given last. */
static bool finished_open(int layers_fd, const char *name, uint32_t id_first, int *ret_fd, struct err *e)
{
        for (;;) {
                int fd CLEANUP(fd_close) = -1;
                struct stat st;
                bool held;

                if (!file_open_beneath(layers_fd, name, O_RDONLY | O_DIRECTORY, 0, &fd, e))
                        return false;
                if (fstat(fd, &st) != 0)
                        return err_set(e, ERR_SYSTEM, "stat layers/%s: %s", name, strerror(errno));
                if (st.st_uid - id_first >= UNPACK_IDS)
                        return err_set(e, ERR_CONFLICT,
                            "layers/%s belongs to id %u, not to the ids from %u on: remove it", name, st.st_uid,
                            id_first);
                if (!layer_hold(layers_fd, name, fd, &held, e))
                        return false;
                if (held) {
                        *ret_fd = TAKE_FD(fd);
                        return true;
                }
                if (file_cancel_flag)
                        return err_set(e, ERR_CANCELLED, "stopped on request");
                nanosleep(&(struct timespec){.tv_nsec = HOLD_PAUSE_NS}, NULL);
        }
}

/*
 * All on disk before it has a name; then the name itself. Between the exclusive lock of a folder in the making and the
 * shared one of a finished layer nobody may judge it: hence the lock on `layers`.
 */
static bool temp_publish(struct temp *t, const char *name, struct err *e)
{
        int lock CLEANUP(fd_close) = -1;

        if (syncfs(t->fd) != 0)
                return err_set(e, ERR_SYSTEM, "write the layer to disk: %s", strerror(errno));
        if (!layers_lock(t->layers_fd, &lock, e))
                return false;
        if (syscall(SYS_renameat2, t->layers_fd, t->name, t->layers_fd, name, RENAME_NOT_OVER) != 0)
                return errno == EEXIST ? true : err_set(e, ERR_SYSTEM, "name the layer's folder: %s", strerror(errno));
        t->name[0] = 0;
        if (flock(t->fd, LOCK_SH | LOCK_NB) != 0)
                return err_set(e, ERR_SYSTEM, "lock the layer's folder: %s", strerror(errno));
        fd_close(&lock);
        lock = -1;
        if (fsync(t->layers_fd) != 0)
                return err_set(e, ERR_SYSTEM, "write the folder of layers to disk: %s", strerror(errno));
        return true;
}

static bool request_check(const struct unpack_request *r, struct err *e)
{
        if (r->id_first < UNPACK_IDS || r->id_first > UINT32_MAX - UNPACK_IDS)
                return err_set(e, ERR_BUG, "ids from %u on are not for layers", r->id_first);
        if (r->source.diff_id.alg == DIGEST_NONE)
                return err_set(e, ERR_BUG, "a layer without a diff id can't be kept by it");
        if (geteuid() != 0)
                return err_set(
                    e, ERR_UNSUPPORTED, "unpacking needs root, to give each layer's files to ids of their own");
        return true;
}

static void bytes_done(struct image_bytes *b)
{
        fd_close(&b->fd);
}

/* The layer is opened only now: what is unpacked already is not fetched again. */
static bool source_unpack(
    const struct unpack_request *r, const char *name, struct unpack_report *ret, int *ret_fd, struct err *e)
{
        struct temp temp CLEANUP(temp_done) = {.fd = -1};
        struct image_bytes bytes CLEANUP(bytes_done) = {.fd = -1};
        struct image_source source = r->source;

        if (r->image) {
                if (!image_layer_open(r->image, r->layer, &bytes, e))
                        return false;
                source.fd = bytes.fd;
                source.offset = bytes.offset;
                source.pipe = bytes.pipe;
        }
        if (!unpack_sweep(r->layers_fd, e) || !temp_make(r->layers_fd, r->id_first, &temp, e) ||
            !unpack_run(&source, temp.fd, r->id_first, ret, e))
                return false;
        /* Another's folder that was there first may be pruned before it is held: then ours is wanted after all. */
        for (;;) {
                struct err why = {0};

                if (!temp_publish(&temp, name, e))
                        return false;
                if (finished_open(r->layers_fd, name, r->id_first, ret_fd, &why))
                        return true;
                if (why.kind != ERR_NOT_FOUND || temp.name[0] == 0) {
                        if (e)
                                *e = why;
                        return false;
                }
        }
}

bool unpack_source(const struct unpack_request *r, struct unpack_report *ret, int *ret_fd, struct err *e)
{
        struct unpack_report report = {.existed = true};
        const char *what = r->what ? r->what : "layer";
        char name[DIGEST_TEXT_MAX];
        struct err first = {0};
        int fd = -1;

        if (!request_check(r, e))
                return err_wrap(e, "%s", what);
        digest_hex(&r->source.diff_id, name);
        if (!finished_open(r->layers_fd, name, r->id_first, &fd, &first)) {
                report.existed = false;
                if (first.kind != ERR_NOT_FOUND)
                        return err_set(e, first.kind, "%s: %s", what, first.text);
                if (!source_unpack(r, name, &report, &fd, e))
                        return err_wrap(e, "%s", what);
        }
        if (ret)
                *ret = report;
        *ret_fd = fd;
        return true;
}

bool unpack_layer(int layers_fd, const struct image *i, size_t layer, uint32_t id_first, int *ret_fd, struct err *e)
{
        const struct image_layer *l = &i->layers[layer];
        struct unpack_request r = {.layers_fd = layers_fd, .id_first = id_first};
        char what[DIGEST_TEXT_MAX + 32], digest[DIGEST_TEXT_MAX];

        assert(layer < i->n_layers);
        if (layer == 0 && !unpack_sweep(layers_fd, e))
                return false;
        snprintf(what, sizeof(what), "layer %zu (%s)", layer + 1,
            digest_format(l->blob.alg ? &l->blob : &l->diff_id, digest));
        r.what = what;
        r.image = i;
        r.layer = layer;
        r.source = (struct image_source){.fd = -1,
            .size = l->size,
            .compression = l->compression,
            .blob = l->blob,
            .diff_id = l->diff_id,
            .aci = l->aci,
            .second_thread = l->size >= UNPACK_THREAD_SIZE};
        return unpack_source(&r, NULL, ret_fd, e);
}
