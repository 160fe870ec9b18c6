#include "database_source.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define LAYOUT_PREFIX "oci:"
#define REGISTRY_PREFIX "docker://"
#define PIECE (256u << 10)

struct database_source {
        struct arena *arena;
        const char *name; /* as it was given */
        int layout;       /* -1: a registry */
        const char *tag;  /* of the layout; NULL: the only one */
        struct fetch *fetch;
        struct fetch_name remote;
};

/* Without the scheme a name must say its host: a file that is missing is no reason to ask docker.io. */
static bool says_its_host(const char *name)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct fetch_name parsed;
        struct span host, rest;
        struct stat st;

        if (stat(name, &st) == 0 || !span_split(span_of(name), '/', &host, &rest) ||
            !fetch_name_parse(name, a, &parsed, NULL))
                return false;
        return span_is(host, "localhost") || span_find(host, '.', &(size_t){0}) || span_find(host, ':', &(size_t){0});
}

bool database_source_is(const char *name)
{
        return span_starts(span_of(name), LAYOUT_PREFIX) || span_starts(span_of(name), REGISTRY_PREFIX) ||
               says_its_host(name);
}

/* "DIR:TAG", or a DIR whose name has a ':'. */
static bool layout_open(struct database_source *s, const char *path, struct err *e)
{
        char *folder = arena_string(s->arena, span_of(path)), *colon = strrchr(folder, ':');

        s->layout = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (s->layout < 0 && colon) {
                *colon = '\0';
                s->tag = colon + 1;
                s->layout = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        }
        if (s->layout < 0)
                return err_set(
                    e, errno == ENOENT ? ERR_NOT_FOUND : ERR_SYSTEM, "layout %s: %s", folder, strerror(errno));
        return true;
}

bool database_source_open(const char *name, const struct fetch_options *o, struct database_source **ret, struct err *e)
{
        CLEANUP(database_source_freep) struct database_source *s = heap_alloc(sizeof(*s));

        s->arena = arena_new();
        s->name = arena_string(s->arena, span_of(name));
        s->layout = -1;
        if (span_starts(span_of(name), LAYOUT_PREFIX)) {
                if (!layout_open(s, name + strlen(LAYOUT_PREFIX), e))
                        return false;
        } else {
                if (span_starts(span_of(name), REGISTRY_PREFIX))
                        name += strlen(REGISTRY_PREFIX);
                if (!fetch_name_parse(name, s->arena, &s->remote, e) || !fetch_open(o, &s->fetch, e))
                        return false;
        }
        *ret = s;
        s = NULL;
        return true;
}

void database_source_freep(struct database_source **s)
{
        if (!*s)
                return;
        fd_close(&(*s)->layout);
        fetch_free((*s)->fetch);
        arena_free((*s)->arena);
        free(*s);
}

/* ---- small ones: whole, in memory, of the very digest ---- */

static bool layout_small(const struct database_source *s, const struct advisory_blob *b, struct buf *ret, struct err *e)
{
        char path[DIGEST_TEXT_MAX + 16], hex[DIGEST_TEXT_MAX];
        struct digest is;

        snprintf(path, sizeof(path), "blobs/sha256/%s", digest_hex(&b->digest, hex));
        if (!file_read(s->layout, path, (size_t)b->size, ret, e))
                return err_wrap(e, "%s", path);
        digest_of(DIGEST_SHA256, buf_span(ret), &is);
        return (ret->len == b->size && digest_equal(&is, &b->digest)) ||
               err_set(e, ERR_UNTRUSTED, "%s is something else than its name says", path);
}

static bool memfd_of(struct span content, int *ret, struct err *e)
{
        CLEANUP(fd_close) int fd = memfd_create("document", MFD_CLOEXEC);

        if (fd < 0)
                return err_set(e, ERR_SYSTEM, "memfd: %s", strerror(errno));
        if (!fd_write_all(fd, content, e))
                return false;
        if (lseek(fd, 0, SEEK_SET) != 0)
                return err_set(e, ERR_SYSTEM, "memfd: %s", strerror(errno));
        *ret = TAKE_FD(fd);
        return true;
}

static bool layout_manifest(const struct database_source *s, struct buf *ret, struct err *e)
{
        CLEANUP(buf_done) struct buf index = {0};
        CLEANUP(fd_close) int fd = -1;
        struct advisory_blob manifest;

        return file_read(s->layout, "index.json", ADVISORY_ARTIFACT_MAX, &index, e) &&
               memfd_of(buf_span(&index), &fd, e) && advisory_artifact_find(fd, "index.json", s->tag, &manifest, e) &&
               layout_small(s, &manifest, ret, e);
}

bool database_source_artifact(struct database_source *s, struct advisory_artifact *ret, struct err *e)
{
        CLEANUP(buf_done) struct buf manifest = {0};
        CLEANUP(fd_close) int fd = -1;
        struct fetch_document d = {.media_type = ""};

        if (s->layout >= 0) {
                if (!layout_manifest(s, &manifest, e))
                        return false;
        } else {
                if (!fetch_manifest(s->fetch, &s->remote, ADVISORY_ARTIFACT_MAX, &d, e))
                        return false;
                manifest = d.content;
        }
        return memfd_of(buf_span(&manifest), &fd, e) && advisory_artifact_read(fd, s->name, ret, e);
}

bool database_source_signature(
    struct database_source *s, const struct advisory_blob *b, struct advisory_signature *ret, struct err *e)
{
        CLEANUP(buf_done) struct buf text = {0};
        bool ok = s->layout >= 0 ? layout_small(s, b, &text, e)
                                 : fetch_small_blob(s->fetch, &s->remote, &b->digest, b->size, &text, e);

        return (ok && advisory_signature_parse(buf_span(&text), ret, e)) || err_wrap(e, "signature");
}

/* ---- the database ---- */

/* From where it stands to its end, hashed. */
static bool rest_hash(int fd, struct hasher *h, uint64_t *ret_n, struct err *e)
{
        CLEANUP(heap_freep) uint8_t *piece = heap_alloc(PIECE);
        uint64_t total = 0;
        size_t n;

        do {
                if (!fd_read_full(fd, piece, PIECE, &n, e))
                        return false;
                hasher_update(h, span_bytes(piece, n));
                total += n;
        } while (n > 0);
        *ret_n = total;
        return true;
}

static bool pipe_take(int pipe, int file, struct hasher *h, struct err *e)
{
        CLEANUP(heap_freep) uint8_t *piece = heap_alloc(PIECE);

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
                hasher_update(h, span_bytes(piece, (size_t)n));
                if (!fd_write_all(file, span_bytes(piece, (size_t)n), e))
                        return false;
        }
}

static bool layout_blob(const struct database_source *s, const struct advisory_blob *b, int *ret_fd, struct err *e)
{
        CLEANUP(hasher_freep) struct hasher *h = hasher_new(DIGEST_SHA256);
        CLEANUP(fd_close) int fd = -1;
        char path[DIGEST_TEXT_MAX + 16], hex[DIGEST_TEXT_MAX];
        struct digest is;
        struct stat st;
        uint64_t n;

        snprintf(path, sizeof(path), "blobs/sha256/%s", digest_hex(&b->digest, hex));
        if (!file_open_beneath(s->layout, path, O_RDONLY | O_NONBLOCK, 0, &fd, e))
                return err_wrap(e, "%s", path);
        if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || (uint64_t)st.st_size != b->size)
                return err_set(e, ERR_UNTRUSTED, "%s has not the %llu bytes that the manifest says", path,
                    (unsigned long long)b->size);
        if (!rest_hash(fd, h, &n, e))
                return false;
        hasher_final(h, &is);
        if (!digest_equal(&is, &b->digest))
                return err_set(e, ERR_UNTRUSTED, "%s is something else than its name says", path);
        *ret_fd = TAKE_FD(fd);
        return true;
}

/* What came of it earlier is hashed again; more than the whole is none of it. */
static bool partial_open(
    int dir_fd, const char *name, uint64_t size, struct hasher *h, int *ret_fd, uint64_t *ret_have, struct err *e)
{
        CLEANUP(fd_close) int fd = -1;
        uint64_t have;
        struct stat st;

        if (!file_open_beneath(dir_fd, name, O_RDWR | O_CREAT, 0600, &fd, e))
                return false;
        if (fstat(fd, &st) != 0 || ((uint64_t)st.st_size > size && ftruncate(fd, 0) != 0))
                return err_set(e, ERR_SYSTEM, "%s: %s", name, strerror(errno));
        if (!rest_hash(fd, h, &have, e))
                return false;
        *ret_have = have;
        *ret_fd = TAKE_FD(fd);
        return true;
}

static bool registry_blob(
    struct database_source *s, const struct advisory_blob *b, int dir_fd, int *ret_fd, struct err *e)
{
        CLEANUP(hasher_freep) struct hasher *h = hasher_new(DIGEST_SHA256);
        CLEANUP(fd_close) int file = -1;
        CLEANUP(fd_close) int pipe = -1;
        char name[DIGEST_TEXT_MAX + 16], hex[DIGEST_TEXT_MAX];
        struct digest is;
        uint64_t have;
        uint32_t id;

        snprintf(name, sizeof(name), "%s.partial", digest_hex(&b->digest, hex));
        if (!partial_open(dir_fd, name, b->size, h, &file, &have, e))
                return false;
        if (have < b->size && (!fetch_blob(s->fetch, &s->remote, &b->digest, have, b->size, &pipe, &id, e) ||
                                  !pipe_take(pipe, file, h, e) || !fetch_blob_done(s->fetch, id, e)))
                return false; /* what came stays, for the next attempt */
        hasher_final(h, &is);
        unlinkat(dir_fd, name, 0);
        if (!digest_equal(&is, &b->digest))
                return err_set(
                    e, ERR_UNTRUSTED, "%s: what it sent as sha256:%s is something else", s->remote.host, hex);
        if (lseek(file, 0, SEEK_SET) != 0)
                return err_set(e, ERR_SYSTEM, "%s: %s", name, strerror(errno));
        *ret_fd = TAKE_FD(file);
        return true;
}

bool database_source_blob(
    struct database_source *s, const struct advisory_blob *b, int dir_fd, int *ret_fd, struct err *e)
{
        CLEANUP(fd_close) int fd = -1;

        if (s->layout < 0)
                return registry_blob(s, b, dir_fd, ret_fd, e);
        if (!layout_blob(s, b, &fd, e))
                return false;
        if (lseek(fd, 0, SEEK_SET) != 0)
                return err_set(e, ERR_SYSTEM, "%s: %s", s->name, strerror(errno));
        *ret_fd = TAKE_FD(fd);
        return true;
}
