/* The tar that stands for a root folder: ustar, and a pax header for a path that has no room in it (POSIX.1, pax). */
#include "inventory/folder_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#define BLOCK 512u
#define NAME_LEN 100u
#define PENDING_MAX (1u << 20) /* bytes gathered for one write */

bool tar_writer_open(struct tar_writer *w, struct err *e)
{
        int fd = memfd_create("coffer-folder", MFD_CLOEXEC | MFD_ALLOW_SEALING);

        if (fd < 0)
                return err_set(e, ERR_SYSTEM, "memfd_create: %s", strerror(errno));
        *w = (struct tar_writer){.fd = fd};
        return true;
}

void tar_writer_done(struct tar_writer *w)
{
        fd_close(&w->fd);
        buf_done(&w->pending);
}

static bool flush(struct tar_writer *w, struct err *e)
{
        if (!fd_write_all(w->fd, buf_span(&w->pending), e))
                return err_wrap(e, "copy the folder's package files to memory");
        buf_clear(&w->pending);
        return true;
}

static bool put(struct tar_writer *w, struct span s, struct err *e)
{
        static const uint8_t zeros[BLOCK];

        buf_put(&w->pending, s);
        buf_put(&w->pending, span_bytes(zeros, (BLOCK - s.len % BLOCK) % BLOCK));
        return w->pending.len < PENDING_MAX || flush(w, e);
}

static bool put_header(struct tar_writer *w, const struct tar_file *f, struct span path, uint64_t size, struct err *e)
{
        uint8_t header[BLOCK] = {0};
        char *field = (char *)header;
        unsigned sum = 0;

        path = span_cut(path, 0, NAME_LEN);
        memcpy(header, path.at, path.len);
        snprintf(field + 100, 8, "%07o", f->mode & 07777u);
        memcpy(header + 108, "0000000", 7);
        memcpy(header + 116, "0000000", 7);
        snprintf(field + 124, 12, "%011llo", (unsigned long long)size); /* far below 8 GiB: see what is taken in all */
        memcpy(header + 136, "00000000000", 11);
        header[156] = (uint8_t)f->type;
        if (f->type == '2')
                memcpy(header + 157, f->link.at, f->link.len);
        memcpy(header + 257, "ustar\00000", 8);
        memset(header + 148, ' ', 8);
        for (size_t i = 0; i < sizeof(header); i++)
                sum += header[i];
        snprintf(field + 148, 8, "%06o", sum);
        return put(w, span_bytes(header, sizeof(header)), e);
}

/* "LENGTH path=PATH\n", where the length counts its own digits: 99 bytes of the rest make 102. */
static bool put_long_path(struct tar_writer *w, struct span path, struct err *e)
{
        static const struct tar_file extended = {.type = 'x', .mode = 0644};
        CLEANUP(buf_done) struct buf record = {0};
        size_t rest = sizeof(" path=\n") - 1 + path.len, digits = 1;

        for (size_t power = 10; rest + digits >= power; power *= 10)
                digits++;
        buf_printf(&record, "%zu path=", rest + digits);
        buf_put(&record, path);
        buf_put_u8(&record, '\n');
        return put_header(w, &extended, SPAN_LIT("path"), record.len, e) && put(w, buf_span(&record), e);
}

bool tar_writer_begin(struct tar_writer *w, const struct tar_file *f, struct err *e)
{
        uint64_t most = 4 * BLOCK + f->path.len + f->size; /* two headers, two fillings, a record's own words */

        if (f->size > INVENTORY_FOLDER_BYTES_MAX || most > INVENTORY_FOLDER_BYTES_MAX - w->size)
                return err_set(
                    e, ERR_LIMIT, "its package files are more than %u bytes in all", INVENTORY_FOLDER_BYTES_MAX);
        w->size += most; /* not less than it is, so that the bound holds */
        return (f->path.len <= NAME_LEN || put_long_path(w, f->path, e)) && put_header(w, f, f->path, f->size, e);
}

bool tar_writer_data(struct tar_writer *w, struct span piece, struct err *e)
{
        return piece.len == 0 || put(w, piece, e);
}

bool tar_writer_put(struct tar_writer *w, char type, struct span path, struct span content, struct err *e)
{
        const struct tar_file f = {
            .type = type, .mode = 0644, .path = path, .link = SPAN_LIT("."), .size = content.len};

        return tar_writer_begin(w, &f, e) && tar_writer_data(w, content, e);
}

bool tar_writer_end(struct tar_writer *w, int *ret_fd, uint64_t *ret_size, struct err *e)
{
        static const uint8_t zeros[2 * BLOCK];
        off_t size;

        if (!put(w, span_bytes(zeros, sizeof(zeros)), e) || !flush(w, e))
                return false;
        size = lseek(w->fd, 0, SEEK_END);
        if (size < 0 || fcntl(w->fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) != 0)
                return err_set(e, ERR_SYSTEM, "seal the copy of the folder's package files: %s", strerror(errno));
        *ret_size = (uint64_t)size;
        *ret_fd = TAKE_FD(w->fd);
        return true;
}
