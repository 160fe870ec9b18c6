/* Image archives for tests, entry by entry, and a small image in every form. Not part of the product. */
#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "image/archive_priv.h"
#include "image/tar_make_priv.h"

static inline void archive_make_file(struct buf *to, const char *path, struct span content)
{
        tar_make(to, &(struct tar_item){.path = path, .content = content, .mode = 0644});
}

static inline void archive_make_link(struct buf *to, const char *path, char type, const char *target)
{
        tar_make(to, &(struct tar_item){.path = path, .type = type, .link = target, .mode = 0777});
}

/* Under the name that its digest gives it; its digest as text in `out`. */
static inline const char *archive_make_blob(struct buf *to, struct span content, char out[DIGEST_TEXT_MAX])
{
        char path[DIGEST_TEXT_MAX + 16], hex[DIGEST_TEXT_MAX];
        struct digest d;

        digest_of(DIGEST_SHA256, content, &d);
        snprintf(path, sizeof(path), "blobs/sha256/%s", digest_hex(&d, hex));
        archive_make_file(to, path, content);
        return digest_format(&d, out);
}

/* A memory file at whose start the archive lies. */
static inline int archive_make_fd(struct span s)
{
        int fd = memfd_create("archive", MFD_CLOEXEC);
        struct err e;

        if (fd < 0 || !fd_write_all(fd, s, &e))
                abort();
        return fd;
}
