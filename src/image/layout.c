/* OCI image layout: a folder with index.json and blobs/ALGORITHM/HEX (image-spec 1.1, image-layout.md). */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "image/open_priv.h"

/* Beneath the folder and through no link: a blob's name is its digest's own hex digits, never text of the image. */
bool layout_blob(void *ctx, const struct descriptor *d, struct document *ret, struct err *e)
{
        const struct digest *digest = &d->digest;
        int fd CLEANUP(fd_close) = -1;
        char hex[DIGEST_TEXT_MAX], path[DIGEST_TEXT_MAX + 16];

        snprintf(path, sizeof(path), "blobs/%s/%s", digest->alg == DIGEST_SHA512 ? "sha512" : "sha256",
            digest_hex(digest, hex));
        if (!file_open_beneath(*(const int *)ctx, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0, &fd, e)) {
                if (e && e->kind == ERR_NOT_FOUND)
                        return err_set(e, ERR_MALFORMED, "its blob is missing");
                return false;
        }
        if (!document_size(fd, ret, e))
                return err_wrap(e, "its blob");
        ret->fd = TAKE_FD(fd);
        return true;
}

bool layout_open(
    const struct reference *r, const struct choice *want, struct image *i, struct span *ret_tag, struct err *e)
{
        int dir CLEANUP(fd_close) = -1;
        int fd CLEANUP(fd_close) = -1;
        const struct blobs blobs = {.open = layout_blob, .ctx = &dir};
        struct document index;

        if (!file_open_user(r->path, O_RDONLY | O_DIRECTORY, &dir, e))
                return false;
        if (!file_open_beneath(dir, "index.json", O_RDONLY | O_NONBLOCK | O_NOCTTY, 0, &fd, e) ||
            !document_size(fd, &index, e))
                return err_wrap(e, "index.json");
        return image_fill(i, &blobs, &index, want, ret_tag, e);
}
