/* The parent's side of an image archive: one job says where its parts lie, the rest goes as for a layout folder. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "image/archive_priv.h"

struct opened {
        const struct archive *archive;
        int fd;
};

static bool fd_copy(int fd, int *ret, struct err *e)
{
        int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);

        if (copy < 0)
                return err_set(e, ERR_SYSTEM, "another descriptor of the archive: %s", strerror(errno));
        *ret = copy;
        return true;
}

static bool archive_blob_open(void *ctx, const struct descriptor *d, struct document *ret, struct err *e)
{
        const struct opened *o = ctx;
        const struct archive_blob *blob = archive_blob_find(o->archive, &d->digest);
        int fd;

        if (!blob)
                return err_set(e, ERR_MALFORMED, "its blob is missing");
        if (!fd_copy(o->fd, &fd, e))
                return false;
        *ret = (struct document){.fd = fd, .offset = blob->offset, .size = blob->size};
        return true;
}

/* The old form of docker save: no manifest, and what a layer is says the configuration alone. */
static bool docker_fill(struct image *i, const struct opened *o, const struct choice *want, struct err *e)
{
        static const char *const types[] = {
            [COMPRESSION_NONE] = "application/vnd.docker.image.rootfs.diff.tar",
            [COMPRESSION_GZIP] = "application/vnd.docker.image.rootfs.diff.tar.gzip",
            [COMPRESSION_ZSTD] = "application/vnd.docker.image.rootfs.diff.tar.zstd",
            [COMPRESSION_XZ] = "application/vnd.docker.image.rootfs.diff.tar.xz",
            [COMPRESSION_BZIP2] = "application/vnd.docker.image.rootfs.diff.tar.bzip2",
        };
        const struct archive *v = o->archive;
        const struct document document = {.fd = o->fd, .offset = v->offset, .size = v->size, .digest = v->config};
        struct config c = {0};

        if (!image_fill_config(i, &document, want, &c, e))
                return false;
        i->manifest = v->config;
        if (v->layers.len != c.diff_ids.len)
                return err_set(e, ERR_MALFORMED, "manifest.json has %zu layers, the config %zu diff ids", v->layers.len,
                    c.diff_ids.len);
        i->layers = arena_array(i->arena, v->layers.len, sizeof(*i->layers));
        for (size_t n = 0; n < v->layers.len; n++) {
                const struct archive_layer *layer = &v->layers.at[n];
                int fd;

                if (!fd_copy(o->fd, &fd, e))
                        return err_wrap(e, "layer %zu", n + 1);
                i->layers[n] = (struct image_layer){.blob = layer->blob,
                    .diff_id = c.diff_ids.at[n],
                    .size = layer->size,
                    .compression = layer->compression,
                    .media_type = span_of(types[layer->compression]),
                    .created_by = c.created_by.len ? c.created_by.at[n] : (struct span){0},
                    .fd = fd,
                    .offset = layer->offset};
                i->n_layers = n + 1;
        }
        return true;
}

static bool archive_run(const struct document *d, enum image_kind kind, const struct choice *want, struct arena *a,
    struct archive *ret, struct err *e)
{
        struct buf request CLEANUP(buf_done) = {0};
        struct jail_task task = {.job = "image-archive",
            .what = "archive",
            .fds = {d->fd},
            .n_fds = 1,
            .limits = {.answer_max = IMAGE_ANSWER_MAX}};
        bool ok;

        document_put(&request, d);
        choice_put(&request, want);
        buf_put_u8(&request, (uint8_t)kind);
        task.request = buf_span(&request);
        ok = jail_run_one(&task, e);
        struct buf answer CLEANUP(buf_done) = task.answer;
        if (!ok)
                return false;
        struct cursor c = {.rest = buf_span(&answer)};
        return archive_get(&c, d->size, a, ret) || err_set(e, ERR_MALFORMED, "archive: the parser answered nonsense");
}

bool archive_open(
    const struct reference *r, const struct choice *want, struct image *i, struct span *ret_tag, struct err *e)
{
        int fd CLEANUP(fd_close) = -1;

        return file_open_user(r->path, O_RDONLY, &fd, e) && archive_open_fd(fd, r, want, i, ret_tag, e);
}

bool archive_open_fd(
    int fd, const struct reference *r, const struct choice *want, struct image *i, struct span *ret_tag, struct err *e)
{
        struct document file;
        struct archive v = {0};

        if (!document_size(fd, &file, e) || !archive_run(&file, r->kind, want, i->arena, &v, e))
                return false;
        struct opened o = {&v, fd};
        const struct blobs blobs = {.open = archive_blob_open, .ctx = &o};
        const struct document index = {.fd = fd, .offset = v.offset, .size = v.size};

        if ((r->kind == IMAGE_OCI_ARCHIVE && v.form != ARCHIVE_LAYOUT) ||
            (r->kind == IMAGE_DOCKER_ARCHIVE && v.form == ARCHIVE_LAYOUT))
                return err_set(e, ERR_MALFORMED, "archive: the parser answered another kind");
        i->kind = v.form == ARCHIVE_LAYOUT ? IMAGE_OCI_ARCHIVE : IMAGE_DOCKER_ARCHIVE;
        *ret_tag = v.tag;
        switch (v.form) {
        case ARCHIVE_LAYOUT:
                return image_fill(i, &blobs, &index, want, ret_tag, e);
        case ARCHIVE_DOCKER_LAYOUT:
                return image_fill_manifest(i, &blobs, &v.manifest, want, e);
        default:
                return docker_fill(i, &o, want, e);
        }
}
