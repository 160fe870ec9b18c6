/* The job "image-archive": what the archive is, and where its parts lie. */
#include <stdlib.h>
#include <string.h>

#include "image/archive_priv.h"

static int by_digest(const void *a, const void *b)
{
        const struct digest *x = &((const struct archive_blob *)a)->digest,
                            *y = &((const struct archive_blob *)b)->digest;

        return x->alg != y->alg ? (x->alg < y->alg ? -1 : 1) : memcmp(x->bytes, y->bytes, sizeof(x->bytes));
}

const struct archive_blob *archive_blob_find(const struct archive *v, const struct digest *digest)
{
        const struct archive_blob key = {.digest = *digest};

        return v->blobs.len ? bsearch(&key, v->blobs.at, v->blobs.len, sizeof(*v->blobs.at), by_digest) : NULL;
}

/* Files only: a blob that is a link is missing, as in a layout folder. */
static void blobs_take(const struct archive_list *list, struct arena *a, struct archive *io)
{
        for (size_t i = 0; i < list->len; i++) {
                const struct archive_entry *entry = &list->at[i];
                struct digest digest;

                if (entry->type != ARCHIVE_FILE || !span_starts(entry->name, "blobs/"))
                        continue;
                digest = docker_digest(entry->name);
                if (digest.alg != DIGEST_NONE)
                        *ARENA_PUSH(a, &io->blobs) = (struct archive_blob){digest, entry->offset, entry->size};
        }
        if (io->blobs.len > 0)
                qsort(io->blobs.at, io->blobs.len, sizeof(*io->blobs.at), by_digest);
}

static bool layout_read(const struct archive_list *list, struct arena *a, struct archive *io, struct err *e)
{
        const struct archive_entry *index;

        if (!archive_file(list, SPAN_LIT("index.json"), &index, e))
                return false;
        io->form = ARCHIVE_LAYOUT;
        io->offset = index->offset;
        io->size = index->size;
        blobs_take(list, a, io);
        return true;
}

bool archive_read(int fd, uint64_t size, enum image_kind kind, const struct choice *want, struct arena *a,
    struct archive *ret, struct err *e)
{
        struct archive_list list = {0};
        struct archive v = {0};
        bool is_layout, is_docker;

        if (!archive_walk(fd, size, a, &list, e))
                return false;
        is_layout = archive_find(&list, SPAN_LIT("index.json")) || archive_find(&list, SPAN_LIT("oci-layout"));
        is_docker = archive_find(&list, SPAN_LIT("manifest.json")) != NULL;
        if (kind == IMAGE_DOCKER_ARCHIVE && !is_docker && is_layout)
                return err_set(
                    e, ERR_MALFORMED, "there is no manifest.json in it, but an OCI layout: name it by oci-archive:");
        if (kind == IMAGE_OCI_ARCHIVE && !is_layout && is_docker)
                return err_set(
                    e, ERR_MALFORMED, "there is no index.json in it, but manifest.json: name it by docker-archive:");
        if (!is_docker && !is_layout && archive_find(&list, SPAN_LIT("repositories")))
                return err_set(e, ERR_UNSUPPORTED,
                    "it is what Docker before 1.10 saved, without manifest.json: "
                    "docker save it again with a current Docker, or skopeo copy");
        if (!is_docker && !is_layout)
                return err_set(e, ERR_MALFORMED,
                    "it is a tar, but no image archive: neither index.json nor manifest.json is in it");
        if (is_layout && !layout_read(&list, a, &v, e))
                return false;
        if (is_docker && kind != IMAGE_OCI_ARCHIVE && !docker_read(fd, &list, want, a, &v, e))
                return false;
        *ret = v;
        return true;
}

bool job_archive(size_t n_fds, struct err *e)
{
        struct arena *a CLEANUP(arena_freep) = arena_new();
        struct buf answer CLEANUP(buf_done) = {.max = IMAGE_ANSWER_MAX};
        struct cursor c = {0};
        struct document document;
        struct choice choice;
        struct archive v;
        uint8_t kind;

        if (!jail_request(a, &c.rest, e))
                return false;
        if (n_fds != 1 || !document_get(&c, &document) || !choice_get(&c, &choice))
                return err_set(e, ERR_BUG, "the request is no archive's");
        kind = cursor_u8(&c);
        if (!cursor_at_end(&c) || document.offset != 0 || kind > IMAGE_DOCKER_ARCHIVE)
                return err_set(e, ERR_BUG, "the request is no archive's");
        if (!archive_read(document.fd, document.size, (enum image_kind)kind, &choice, a, &v, e))
                return false;
        archive_put(&answer, &v);
        if (answer.failed)
                return err_set(e, ERR_LIMIT, "what it holds takes more than %u bytes to say", IMAGE_ANSWER_MAX);
        return jail_answer(buf_span(&answer), e);
}
