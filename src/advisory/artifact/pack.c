/* The file of a database as zstd, and back: packed here, where it is ours; unpacked by a worker, since it may be anybody's. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "advisory/advisory.h"
#include "advisory/advisory_limits.h"
#include "codec/codec.h"

struct packing {
        int fd;
        struct hasher *hasher;
        uint64_t size;
};

static bool piece_write(void *ctx, struct span piece, struct err *e)
{
        struct packing *p = ctx;

        hasher_update(p->hasher, piece);
        p->size += piece.len;
        return fd_write_all(p->fd, piece, e);
}

bool advisory_db_pack(
    const struct advisory_db *from, const struct advisory_db *db, int fd, struct advisory_blob *ret, struct err *e)
{
        struct span base = from ? advisory_db_bytes(from) : (struct span){0};
        struct hasher *h CLEANUP(hasher_freep) = hasher_new(DIGEST_SHA256);
        struct packing p = {.fd = fd, .hasher = h};

        if (base.len > DB_DELTA_BASE_MAX)
                return err_set(e, ERR_LIMIT, "a difference is made to files of at most %u bytes", DB_DELTA_BASE_MAX);
        if (!compress_zstd(base, advisory_db_bytes(db), piece_write, &p, e))
                return false;
        ret->size = p.size;
        hasher_final(h, &ret->digest);
        return true;
}

struct unpacking {
        int fd;
        uint64_t left;
};

static bool plain_write(void *ctx, struct span data, struct err *e)
{
        struct unpacking *u = ctx;

        if (data.len > u->left)
                return err_set(e, ERR_LIMIT, "unpacked it is larger than it may be");
        u->left -= data.len;
        return fd_write_all(u->fd, data, e);
}

static bool is_zstd(int fd, const char *label, struct err *e)
{
        uint8_t head[COMPRESSION_HEAD];
        size_t n;

        if (!fd_pread_full(fd, 0, head, sizeof(head), &n, e))
                return err_wrap(e, "%s", label);
        return compression_of(span_bytes(head, n)) == COMPRESSION_ZSTD ||
               err_set(e, ERR_MALFORMED, "%s is not packed with zstd", label);
}

bool advisory_db_unpack(
    const struct advisory_packed *p, const char *label, uint64_t max, int dir_fd, const char *name, struct err *e)
{
        int to CLEANUP(fd_close) = openat(dir_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
        struct unpacking u = {.fd = to, .left = max};
        struct jail_task t = {.job = "advisory-plain",
            .fds = {p->fd, p->base_fd},
            .n_fds = p->base_fd < 0 ? 1 : 2,
            .limits = {.memory_max = (512ull << 20) + DB_DELTA_BASE_MAX,
                .answer_max = DB_BYTES_MAX + COMPRESSION_PIECE_MAX},
            .what = label,
            .on_frame = plain_write,
            .ctx = &u};

        if (to < 0)
                return err_set(e, ERR_SYSTEM, "make the copy: %s", strerror(errno));
        if (is_zstd(p->fd, label, e) && jail_run_one(&t, e) &&
            (fsync(to) == 0 || err_set(e, ERR_SYSTEM, "write the copy: %s", strerror(errno))))
                return true;
        unlinkat(dir_fd, name, 0);
        return false;
}
