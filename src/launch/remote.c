/*
 * Images that are not on this disk: registries and engines. Layers stream from the socket into the scan; where they are
 * needed later (run) they are kept in blobs/<algorithm>/, verified, until they are unpacked.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "launch/launch_priv.h"

struct delivery {
        struct digest blob;
        uint32_t id;
};

struct remote {
        struct arena *arena;
        struct fetch *fetch;
        struct fetch_name name;
        int blobs_fd; /* blobs/sha256 of the state folder; -1: nothing is kept */
        bool keep;
        struct {
                struct delivery *at;
                size_t len, cap;
        } deliveries;
        struct {
                struct kept {
                        struct digest blob;
                        int fd; /* locked by flock, shared: launch_prune leaves the blob alone */
                } *at;
                size_t len, cap;
        } kept;
};

static const char *const prefixes[] = {"oci:", "oci-archive:", "docker-archive:", "dir:", "sbom:", "aci:", "pid:"};
#define REGISTRY_PREFIX "docker://"

bool launch_says_form(const char *reference)
{
        for (size_t i = 0; i < ARRAY_LEN(prefixes); i++)
                if (span_starts(span_of(reference), prefixes[i]))
                        return true;
        return false;
}

bool launch_is_registry(const char *reference)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct fetch_name name;
        struct stat st;

        if (span_starts(span_of(reference), REGISTRY_PREFIX))
                return true;
        if (launch_says_form(reference) || stat(reference, &st) == 0)
                return false;
        /* "DIR:TAG" of a layout is no registry's name when there is such a folder. */
        struct span path, tag;
        if (span_split(span_of(reference), ':', &path, &tag) && path.len > 0 && stat(arena_string(a, path), &st) == 0)
                return false;
        return fetch_name_parse(reference, a, &name, NULL);
}

/* ---- bytes into a file ---- */

bool launch_memfd_of(struct span content, int *ret, struct err *e)
{
        int fd CLEANUP(fd_close) = memfd_create("document", MFD_CLOEXEC | MFD_ALLOW_SEALING);

        if (fd < 0)
                return err_set(e, ERR_SYSTEM, "memfd: %s", strerror(errno));
        if (!fd_write_all(fd, content, e))
                return false;
        if (fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) != 0)
                return err_set(e, ERR_SYSTEM, "seal: %s", strerror(errno));
        *ret = TAKE_FD(fd);
        return true;
}

#define PIECE (256u << 10)

/* Waits for the pipe so that a signal ends it: a stalled registry is coffer-fetch's to give up on. */
static bool pipe_to_file(int pipe, int file, struct hasher *h, struct err *e)
{
        uint8_t *piece CLEANUP(heap_freep) = heap_alloc(PIECE);

        for (;;) {
                struct pollfd p = {.fd = pipe, .events = POLLIN};
                ssize_t n;
                if (file_cancel_flag)
                        return err_set(e, ERR_CANCELLED, "stopped on request");
                if (poll(&p, 1, 500) <= 0)
                        continue;
                n = read(pipe, piece, PIECE);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return err_set(e, ERR_SYSTEM, "read: %s", strerror(errno));
                if (n == 0)
                        return true;
                if (h)
                        hasher_update(h, span_bytes(piece, (size_t)n));
                if (!fd_write_all(file, span_bytes(piece, (size_t)n), e))
                        return false;
        }
}

/* ---- a registry ---- */

bool launch_remote_document(
    void *ctx, const struct digest *digest, uint64_t size, bool manifest, int *ret_fd, struct err *e)
{
        struct remote *r = ctx;
        CLEANUP(buf_done) struct buf content = {0};

        if (manifest) {
                char text[DIGEST_TEXT_MAX];
                struct fetch_name name = r->name;
                struct fetch_document d = {.media_type = ""};
                name.reference = digest_format(digest, text);
                if (!fetch_manifest(r->fetch, &name, (size_t)size, &d, e))
                        return false;
                content = d.content;
        } else if (!fetch_small_blob(r->fetch, &r->name, digest, size, &content, e)) {
                return false;
        }
        return launch_memfd_of(buf_span(&content), ret_fd, e);
}

static bool kept_open(const struct remote *r, const struct digest *blob, uint64_t size, int *ret_fd)
{
        int fd CLEANUP(fd_close) = -1;
        char hex[DIGEST_TEXT_MAX];
        struct stat st;

        if (r->blobs_fd < 0 || blob->alg != DIGEST_SHA256 ||
            !file_open_beneath(r->blobs_fd, digest_hex(blob, hex), O_RDONLY, 0, &fd, NULL) || fstat(fd, &st) != 0 ||
            !S_ISREG(st.st_mode) || (uint64_t)st.st_size != size)
                return false;
        *ret_fd = TAKE_FD(fd);
        return true;
}

/*
 * NAME.partial, locked: one process at a time has it, and whoever finds it taken waits. By then its owner may have given it
 * the blob's name and removed that, or `prune` may have removed it: what is locked must still be what the name says.
 */
static bool partial_open(const struct remote *r, const char *name, int *ret_fd, struct err *e)
{
        for (;;) {
                int file CLEANUP(fd_close) = -1;
                struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
                struct stat locked, named;

                if (!file_open_beneath(r->blobs_fd, name, O_RDWR | O_CREAT, 0600, &file, e))
                        return err_wrap(e, "keep a layer");
                while (fcntl(file, F_OFD_SETLKW, &lock) != 0)
                        if (errno != EINTR || file_cancel_flag)
                                return err_set(e, file_cancel_flag ? ERR_CANCELLED : ERR_SYSTEM,
                                    "wait for another download of the layer");
                if (fstat(file, &locked) != 0)
                        return err_set(e, ERR_SYSTEM, "keep a layer: %s", strerror(errno));
                if (fstatat(r->blobs_fd, name, &named, AT_SYMLINK_NOFOLLOW) == 0 && named.st_dev == locked.st_dev &&
                    named.st_ino == locked.st_ino) {
                        *ret_fd = TAKE_FD(file);
                        return true;
                }
        }
}

/* What is there of it already, hashed again; more than the whole is none of it. */
static bool partial_read(int file, uint64_t size, struct hasher **h, enum digest_alg alg, uint64_t *ret_have, struct err *e)
{
        uint8_t *piece CLEANUP(heap_freep) = heap_alloc(PIECE);
        uint64_t have = 0;
        size_t n;

        do {
                if (!fd_read_full(file, piece, PIECE, &n, e))
                        return false;
                hasher_update(*h, span_bytes(piece, n));
                have += n;
        } while (n > 0);
        if (have > size) {
                if (ftruncate(file, 0) != 0 || lseek(file, 0, SEEK_SET) != 0)
                        return err_set(e, ERR_SYSTEM, "keep a layer: %s", strerror(errno));
                hasher_freep(h);
                *h = hasher_new(alg);
                have = 0;
        }
        *ret_have = have;
        return true;
}

/* From where an earlier attempt was stopped: NAME.partial holds the blob's first bytes. */
static bool keep_blob(struct remote *r, const struct digest *blob, uint64_t size, int *ret_fd, struct err *e)
{
        CLEANUP(hasher_freep) struct hasher *h = hasher_new(blob->alg);
        int file CLEANUP(fd_close) = -1, pipe CLEANUP(fd_close) = -1;
        char hex[DIGEST_TEXT_MAX], partial[DIGEST_TEXT_MAX + 16];
        uint64_t have = 0;
        struct flock unlock = {.l_type = F_UNLCK, .l_whence = SEEK_SET};
        struct digest is;
        uint32_t id;
        int hold;

        snprintf(partial, sizeof(partial), "%s.partial", digest_hex(blob, hex));
        if (!partial_open(r, partial, &file, e))
                return false;
        if (kept_open(r, blob, size, ret_fd)) { /* another was quicker, and this .partial is a new and empty one */
                (void)unlinkat(r->blobs_fd, partial, 0);
                return true;
        }
        if (!partial_read(file, size, &h, blob->alg, &have, e))
                return false;
        if (have < size && (!fetch_blob(r->fetch, &r->name, blob, have, size, &pipe, &id, e) ||
                               !pipe_to_file(pipe, file, h, e) || !fetch_blob_done(r->fetch, id, e)))
                return false; /* what came stays, for the next attempt */
        hasher_final(h, &is);
        if (!digest_equal(&is, blob)) {
                (void)unlinkat(r->blobs_fd, partial, 0);
                return err_set(e, ERR_UNTRUSTED, "%s: what it sent as %s is something else", r->name.host,
                    digest_format(blob, hex));
        }
        if (fsync(file) != 0 || renameat(r->blobs_fd, partial, r->blobs_fd, hex) != 0 || fsync(r->blobs_fd) != 0)
                return err_set(e, ERR_SYSTEM, "keep a layer: %s", strerror(errno));
        /* Without it, prune may take the blob, and it is fetched again. Who waits for the download waits no longer. */
        hold = fcntl(file, F_DUPFD_CLOEXEC, 0);
        (void)flock(hold, LOCK_SH | LOCK_NB);
        (void)fcntl(file, F_OFD_SETLK, &unlock);
        *ARENA_PUSH(r->arena, &r->kept) = (struct kept){.blob = *blob, .fd = hold};
        *ret_fd = TAKE_FD(file);
        return true;
}

static bool remote_layer(
    void *ctx, const struct digest *blob, uint64_t size, int *ret_fd, bool *ret_pipe, struct err *e)
{
        struct remote *r = ctx;
        struct delivery d = {.blob = *blob};

        *ret_pipe = false;
        if (kept_open(r, blob, size, ret_fd))
                return true;
        if (r->keep && r->blobs_fd >= 0 && blob->alg == DIGEST_SHA256)
                return keep_blob(r, blob, size, ret_fd, e);
        if (!fetch_blob(r->fetch, &r->name, blob, 0, size, ret_fd, &d.id, e))
                return false;
        *ARENA_PUSH(r->arena, &r->deliveries) = d;
        *ret_pipe = true;
        return true;
}

static bool remote_delivered(void *ctx, const struct digest *blob, struct err *e)
{
        struct remote *r = ctx;

        for (size_t i = r->deliveries.len; i > 0; i--)
                if (digest_equal(&r->deliveries.at[i - 1].blob, blob))
                        return fetch_blob_done(r->fetch, r->deliveries.at[i - 1].id, e);
        return true;
}

struct fetch *launch_remote_fetch(const struct remote *r, struct fetch_name *ret)
{
        *ret = r->name;
        return r->fetch;
}

/* The blobs that this launch has kept: unpacked by now, or of no use without being so. */
void launch_remote_drop(struct remote *r)
{
        char hex[DIGEST_TEXT_MAX];

        for (size_t i = 0; r && i < r->kept.len; i++) {
                (void)unlinkat(r->blobs_fd, digest_hex(&r->kept.at[i].blob, hex), 0);
                fd_close(&r->kept.at[i].fd);
        }
        if (r)
                r->kept.len = 0;
}

void launch_remote_free(struct remote *r)
{
        if (!r)
                return;
        fetch_free(r->fetch);
        fd_close(&r->blobs_fd);
        arena_free(r->arena);
        free(r);
}

static void remote_freep(struct remote **r)
{
        launch_remote_free(*r);
}

static struct remote *remote_new(void)
{
        struct remote *r = heap_alloc(sizeof(*r));

        r->arena = arena_new();
        r->blobs_fd = -1;
        return r;
}

static bool blobs_open(struct remote *r, int root_fd, struct err *e)
{
        int blobs CLEANUP(fd_close) = -1;

        return root_fd < 0 ||
               (dir_make(root_fd, "blobs", 0700, &blobs, e) && dir_make(blobs, "sha256", 0700, &r->blobs_fd, e));
}

bool launch_open_registry(
    const struct launch_request *q, bool keep, struct image **ret, struct remote **ret_remote, struct err *e)
{
        struct remote *r CLEANUP(remote_freep) = remote_new();
        struct fetch_document top = {.media_type = ""};
        int fd CLEANUP(fd_close) = -1;
        const char *text = q->reference;
        bool ok;

        if (span_starts(span_of(text), REGISTRY_PREFIX))
                text += sizeof(REGISTRY_PREFIX) - 1;
        r->keep = keep;
        if (!fetch_name_parse(text, r->arena, &r->name, e) || !blobs_open(r, q->root_fd, e) ||
            !fetch_open(&q->registry, &r->fetch, e))
                return err_wrap(e, "image %s", text);
        if (!fetch_manifest(r->fetch, &r->name, LAUNCH_MANIFEST_MAX, &top, e)) {
                /* No file of that name exists, or the name would not have come here. */
                return text == q->reference ? err_wrap(e, "image %s (no such file, so a registry's)", text)
                                            : err_wrap(e, "image %s", text);
        }
        const struct image_top first = {.size = top.content.len, .digest = top.digest, .media_type = top.media_type};
        struct image_top with_fd = first;
        const struct image_remote remote = {
            .document = launch_remote_document, .layer = remote_layer, .delivered = remote_delivered, .ctx = r};
        ok = launch_memfd_of(buf_span(&top.content), &fd, e);
        with_fd.fd = fd;
        buf_done(&top.content);
        if (!ok || !image_open_remote(text, &with_fd, q->platform, &remote, ret, e))
                return false;
        *ret_remote = r;
        r = NULL;
        return true;
}

/* ---- engines ---- */

static const struct {
        const char *prefix;
        const char *variable;   /* of the environment: "unix:///path" */
        const char *sockets[2]; /* the first in the user's run-time folder when it begins with no '/' */
} engines[] = {
    {"docker-daemon:", "DOCKER_HOST", {"/run/docker.sock", "docker.sock"}},
    {"podman:", "CONTAINER_HOST", {"podman/podman.sock", "/run/podman/podman.sock"}},
};

bool launch_is_engine(const char *reference)
{
        for (size_t i = 0; i < ARRAY_LEN(engines); i++)
                if (span_starts(span_of(reference), engines[i].prefix))
                        return true;
        return false;
}

static bool socket_find(size_t engine, struct arena *a, const char **ret, struct err *e)
{
        const char *named = getenv(engines[engine].variable), *run = getenv("XDG_RUNTIME_DIR"), *last = NULL;

        if (named && named[0]) {
                if (!span_starts(span_of(named), "unix://"))
                        return err_set(e, ERR_UNSUPPORTED, "%s is \"%s\": only unix:// sockets are asked",
                            engines[engine].variable, named);
                *ret = named + 7;
                return true;
        }
        for (size_t i = 0; i < ARRAY_LEN(engines[engine].sockets); i++) {
                const char *path = engines[engine].sockets[i];
                if (path[0] != '/' && (!run || !run[0]))
                        continue;
                if (path[0] != '/')
                        path = arena_string(a, arena_printf(a, "%s/%s", run, path));
                last = path;
                if (access(path, F_OK) == 0) {
                        *ret = path;
                        return true;
                }
        }
        return err_set(e, ERR_NOT_FOUND, "no engine listens at %s; name its socket in %s", last ? last : "its socket",
            engines[engine].variable);
}

/* The engine sends a tar whose list of layers comes last: it must be whole before it can be read. A file without a name. */
static bool spool_open(int root_fd, int *ret, struct err *e)
{
        static const char *const places[] = {"/var/tmp", "/tmp"};
        int fd = root_fd >= 0 ? openat(root_fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600) : -1;

        for (size_t i = 0; fd < 0 && i < ARRAY_LEN(places); i++)
                fd = open(places[i], O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
        if (fd < 0)
                return err_set(e, ERR_SYSTEM, "a place for the engine's export: %s", strerror(errno));
        *ret = fd;
        return true;
}

bool launch_open_engine(const struct launch_request *q, struct image **ret, struct err *e)
{
        struct remote *r CLEANUP(remote_freep) = remote_new();
        int pipe CLEANUP(fd_close) = -1, file CLEANUP(fd_close) = -1;
        const char *path;
        uint32_t id;
        size_t engine = 0;

        while (!span_starts(span_of(q->reference), engines[engine].prefix))
                engine++;
        if (!socket_find(engine, r->arena, &path, e) || !spool_open(q->root_fd, &file, e) ||
            !fetch_open(&q->registry, &r->fetch, e) ||
            !fetch_engine(r->fetch, path, q->reference + strlen(engines[engine].prefix), &pipe, &id, e) ||
            !pipe_to_file(pipe, file, NULL, e) || !fetch_blob_done(r->fetch, id, e))
                return err_wrap(e, "image %s", q->reference);
        return image_open_archive(q->reference, file, q->platform, ret, e);
}
