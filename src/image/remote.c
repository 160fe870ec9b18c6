/* An image of a registry: the same documents and layers, through functions that the caller gave. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "image/open_priv.h"

static bool remote_blob(void *ctx, const struct descriptor *d, struct document *ret, struct err *e)
{
        const struct image_remote *remote = ctx;
        bool manifest = media_is_index(d->media_type) || media_is_manifest(d->media_type);
        int fd CLEANUP(fd_close) = -1;
        size_t max = manifest ? IMAGE_MANIFEST_MAX : IMAGE_CONFIG_MAX;

        if (d->size > max) /* before anything is fetched */
                return err_set(e, ERR_LIMIT, "a document of %llu bytes, at most %zu", (unsigned long long)d->size, max);
        if (!remote->document(remote->ctx, &d->digest, d->size, manifest, &fd, e) || !document_size(fd, ret, e))
                return false;
        ret->fd = TAKE_FD(fd);
        return true;
}

/* The top document is here already: a first step that finds it, and then the way of all images. */
struct first {
        const struct image_remote *remote;
        const struct image_top *top;
};

static bool first_blob(void *ctx, const struct descriptor *d, struct document *ret, struct err *e)
{
        const struct first *f = ctx;
        int fd;

        if (!digest_equal(&d->digest, &f->top->digest))
                return remote_blob((void *)(uintptr_t)f->remote, d, ret, e);
        fd = fcntl(f->top->fd, F_DUPFD_CLOEXEC, 3);
        if (fd < 0)
                return err_set(e, ERR_SYSTEM, "another descriptor: %s", strerror(errno));
        *ret = (struct document){.fd = fd, .size = f->top->size};
        return true;
}

bool image_open_remote(const char *name, const struct image_top *top, const char *platform,
    const struct image_remote *remote, struct image **ret, struct err *e)
{
        struct image *i CLEANUP(image_freep) = heap_alloc(sizeof(*i));
        struct choice want = {.strict = platform != NULL};
        struct first first = {remote, top};
        const struct blobs blobs = {.open = first_blob, .ctx = &first, .layers_later = true};
        const struct document index = {.fd = top->fd, .size = top->size, .digest = top->digest};
        const struct descriptor manifest = {
            .digest = top->digest, .size = top->size, .media_type = span_of(top->media_type)};
        struct span tag;
        char shown[160];
        bool ok;

        i->arena = arena_new();
        i->root_fd = -1;
        i->kind = IMAGE_REGISTRY;
        i->remote = *remote;
        if (!platform_parse(platform, &want.platform, e))
                return false;
        ok = media_is_index(manifest.media_type) ? image_fill(i, &blobs, &index, &want, &tag, e)
                                                 : image_fill_manifest(i, &blobs, &manifest, &want, e);
        if (!ok)
                return err_wrap(e, "image %s", span_printable(span_of(name), shown, sizeof(shown)));
        i->name = arena_copy(i->arena, span_of(name));
        *ret = i;
        i = NULL;
        return true;
}

bool image_layer_open(const struct image *i, size_t layer, struct image_bytes *ret, struct err *e)
{
        const struct image_layer *l = &i->layers[layer];
        struct image_bytes bytes = {.offset = l->offset};

        if (l->fd < 0) {
                if (!i->remote.layer(i->remote.ctx, &l->blob, l->size, &bytes.fd, &bytes.pipe, e))
                        return false;
                *ret = bytes;
                return true;
        }
        bytes.fd = fcntl(l->fd, F_DUPFD_CLOEXEC, 3);
        if (bytes.fd < 0)
                return err_set(e, ERR_SYSTEM, "another descriptor of the layer: %s", strerror(errno));
        *ret = bytes;
        return true;
}

bool image_layer_delivered(const struct image *i, size_t layer, struct err *e)
{
        const struct image_layer *l = &i->layers[layer];

        return l->fd >= 0 || !i->remote.delivered || i->remote.delivered(i->remote.ctx, &l->blob, e);
}
