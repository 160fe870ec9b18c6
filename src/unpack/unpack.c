#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "unpack/unpack_priv.h"

enum { RENAME_NOT_OVER = 1 }; /* RENAME_NOREPLACE of linux/fs.h, which does not go together with sys/mount.h */

bool unpack_hides_all(int layer_fd)
{
        char value[2];

        return fgetxattr(layer_fd, "user.overlay.opaque", value, sizeof(value)) == 1 && value[0] == 'y';
}

/* ERR_NOT_FOUND if it is not there yet. Complete, because its name is given last. */
static bool finished_open(int layers_fd, const char *name, uint32_t id_first, int *ret_fd, struct err *e)
{
        int fd CLEANUP(fd_close) = -1;
        struct stat st;

        if (!file_open_beneath(layers_fd, name, O_RDONLY | O_DIRECTORY, 0, &fd, e))
                return false;
        if (fstat(fd, &st) != 0)
                return err_set(e, ERR_SYSTEM, "stat layers/%s: %s", name, strerror(errno));
        if (st.st_uid - id_first >= UNPACK_IDS)
                return err_set(e, ERR_CONFLICT, "layers/%s belongs to id %u, not to the ids from %u on: remove it",
                    name, st.st_uid, id_first);
        *ret_fd = TAKE_FD(fd);
        return true;
}

/* All on disk before it has a name; then the name itself. */
static bool temp_publish(struct temp *t, const char *name, struct err *e)
{
        if (syncfs(t->fd) != 0)
                return err_set(e, ERR_SYSTEM, "write the layer to disk: %s", strerror(errno));
        if (syscall(SYS_renameat2, t->layers_fd, t->name, t->layers_fd, name, RENAME_NOT_OVER) != 0)
                return errno == EEXIST ? true : err_set(e, ERR_SYSTEM, "name the layer's folder: %s", strerror(errno));
        t->name[0] = 0;
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
            !unpack_run(&source, temp.fd, r->id_first, ret, e) || !temp_publish(&temp, name, e))
                return false;
        return finished_open(r->layers_fd, name, r->id_first, ret_fd, e);
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
