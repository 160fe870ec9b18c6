/* The worker's side of opening an image: one document in, what it says out. */
#include <unistd.h>

#include "image/aci_priv.h"
#include "image/archive_priv.h"
#include "image/referrers_priv.h"

bool document_read(const struct document *d, size_t max, struct arena *a, struct span *ret, struct err *e)
{
        char want[DIGEST_TEXT_MAX], is[DIGEST_TEXT_MAX];
        struct digest got;
        uint8_t *at;
        size_t n;

        if (d->size > max)
                return err_set(e, ERR_LIMIT, "%llu bytes, at most %zu", (unsigned long long)d->size, max);
        at = arena_alloc(a, (size_t)d->size);
        if (!fd_pread_full(d->fd, d->offset, at, (size_t)d->size, &n, e))
                return false;
        if (n < d->size)
                return err_set(e, ERR_MALFORMED, "it ends after %zu bytes of %llu", n, (unsigned long long)d->size);
        if (d->digest.alg != DIGEST_NONE) {
                digest_of(d->digest.alg, span_bytes(at, n), &got);
                if (!digest_equal(&got, &d->digest))
                        return err_set(e, ERR_UNTRUSTED, "its digest is %s, not %s", digest_format(&got, is),
                            digest_format(&d->digest, want));
        }
        *ret = span_bytes(at, n);
        return true;
}

/* The request's front, which all have. A request comes from our own parent: anything wrong with it is our bug. */
bool document_request(size_t n_fds, struct arena *a, struct cursor *ret_rest, struct document *ret, struct err *e)
{
        struct cursor c = {0};

        if (!jail_request(a, &c.rest, e))
                return false;
        if (n_fds != 1 || !document_get(&c, ret))
                return err_set(e, ERR_BUG, "the request is no document's");
        *ret_rest = c;
        return true;
}

bool job_index(size_t n_fds, struct err *e)
{
        struct arena *a CLEANUP(arena_freep) = arena_new();
        struct buf answer CLEANUP(buf_done) = {.max = IMAGE_ANSWER_MAX};
        struct cursor c;
        struct document document;
        struct choice choice;
        struct descriptor chosen;
        struct index index;
        struct span bytes;

        if (!document_request(n_fds, a, &c, &document, e))
                return false;
        if (!choice_get(&c, &choice) || !cursor_at_end(&c))
                return err_set(e, ERR_BUG, "the request is no index's");
        if (!document_read(&document, IMAGE_MANIFEST_MAX, a, &bytes, e) || !index_parse(bytes, a, &index, e) ||
            !index_choose(&index, &choice, &chosen, e))
                return false;
        descriptor_put(&answer, &chosen);
        return jail_answer(buf_span(&answer), e);
}

bool job_manifest(size_t n_fds, struct err *e)
{
        struct arena *a CLEANUP(arena_freep) = arena_new();
        struct buf answer CLEANUP(buf_done) = {.max = IMAGE_ANSWER_MAX};
        struct cursor c;
        struct document document;
        struct manifest manifest;
        struct span bytes;

        if (!document_request(n_fds, a, &c, &document, e) || !document_read(&document, IMAGE_MANIFEST_MAX, a, &bytes, e) ||
            !manifest_parse(bytes, a, &manifest, e))
                return false;
        manifest_put(&answer, &manifest);
        return jail_answer(buf_span(&answer), e);
}

bool job_config(size_t n_fds, struct err *e)
{
        struct arena *a CLEANUP(arena_freep) = arena_new();
        struct buf answer CLEANUP(buf_done) = {.max = IMAGE_ANSWER_MAX};
        struct cursor c;
        struct document document;
        struct config config;
        struct span bytes;

        if (!document_request(n_fds, a, &c, &document, e) || !document_read(&document, IMAGE_CONFIG_MAX, a, &bytes, e) ||
            !config_parse(bytes, a, &config, e))
                return false;
        config_put(&answer, &config);
        if (answer.failed)
                return err_set(e, ERR_LIMIT, "what it says is more than %u bytes", IMAGE_ANSWER_MAX);
        return jail_answer(buf_span(&answer), e);
}

const struct jail_job image_jobs[] = {
    {.name = "image-index", .run = job_index},
    {.name = "image-manifest", .run = job_manifest},
    {.name = "image-config", .run = job_config},
    {.name = "image-archive", .run = job_archive},
    {.name = "image-referrers", .run = job_referrers},
    {.name = "image-referrer", .run = job_referrer},
    {.name = "image-aci", .run = job_aci},
    {.name = "image-aci-look", .run = job_aci_look},
    {.name = "image-aci-paths", .run = job_aci_paths},
};
const size_t image_n_jobs = ARRAY_LEN(image_jobs);
