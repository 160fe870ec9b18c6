/* An OCI layout as a shelf: its index.json lists whatever there is, and of what is attached to what only manifests tell. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image/open_priv.h"

struct layout_shelf {
        int dir;
};

static bool shelf_list(
    void *ctx, const struct digest *subject, size_t page, int *ret_fd, bool *ret_claimed, struct err *e)
{
        const struct layout_shelf *s = ctx;

        (void)subject;
        *ret_claimed = false;
        *ret_fd = -1;
        return page > 0 || file_open_beneath(s->dir, "index.json", O_RDONLY | O_NONBLOCK | O_NOCTTY, 0, ret_fd, e) ||
               err_wrap(e, "index.json");
}

static bool shelf_document(
    void *ctx, const struct digest *digest, uint64_t size, bool manifest, int *ret_fd, struct err *e)
{
        struct layout_shelf *s = ctx;
        const struct descriptor d = {.digest = *digest, .size = size};
        struct document found;

        (void)manifest;
        if (!layout_blob(&s->dir, &d, &found, e))
                return false;
        *ret_fd = found.fd;
        return true;
}

bool image_shelf_open(const char *reference, struct image_shelf *ret, struct err *e)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        int dir CLEANUP(fd_close) = -1;
        struct layout_shelf *s;
        struct reference r;
        struct stat st;

        if (!reference_parse(reference, a, &r, e))
                return false;
        if ((r.kind != IMAGE_NONE && r.kind != IMAGE_OCI_LAYOUT) || stat(r.path, &st) != 0 || !S_ISDIR(st.st_mode))
                return err_set(e, ERR_UNSUPPORTED,
                    "%s: only a registry and an OCI layout (a folder) hold what is attached to an image", reference);
        if (!file_open_user(r.path, O_RDONLY | O_DIRECTORY, &dir, e))
                return false;
        s = heap_alloc(sizeof(*s));
        s->dir = TAKE_FD(dir);
        *ret = (struct image_shelf){.list = shelf_list, .document = shelf_document, .ctx = s};
        return true;
}

void image_shelf_close(struct image_shelf *shelf)
{
        struct layout_shelf *s = shelf->ctx;

        if (s)
                fd_close(&s->dir);
        free(s);
        *shelf = (struct image_shelf){0};
}
