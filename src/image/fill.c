/* index -> manifest -> configuration -> layers, each read by a worker of its own. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image/open_priv.h"

static void document_close(struct document *d)
{
        fd_close(&d->fd);
}

bool document_size(int fd, struct document *ret, struct err *e)
{
        struct stat st;

        if (fstat(fd, &st) != 0)
                return err_set(e, ERR_SYSTEM, "stat: %s", strerror(errno));
        if (!S_ISREG(st.st_mode))
                return err_set(e, ERR_MALFORMED, "it is not a regular file");
        *ret = (struct document){.fd = fd, .size = (uint64_t)st.st_size};
        return true;
}

/* Opens what a descriptor names; the size that it states must be the size that is there. */
static bool blob_open(const struct blobs *blobs, const struct descriptor *d, struct document *ret, struct err *e)
{
        struct document found CLEANUP(document_close) = {.fd = -1};

        if (!blobs->open(blobs->ctx, d, &found, e))
                return false;
        if (found.size != d->size)
                return err_set(e, ERR_MALFORMED, "its size is %llu bytes, not %llu as its descriptor says",
                    (unsigned long long)found.size, (unsigned long long)d->size);
        found.digest = d->digest;
        *ret = found;
        found.fd = -1;
        return true;
}

/* One job on one document; the caller reads the answer with cursors and frees it. */
bool document_job(const char *job, const char *what, const struct document *d, const struct choice *choice,
    struct buf *ret, struct err *e)
{
        struct buf request CLEANUP(buf_done) = {0};
        struct jail_task task = {
            .job = job, .what = what, .fds = {d->fd}, .n_fds = 1, .limits = {.answer_max = IMAGE_ANSWER_MAX}};
        bool ok;

        document_put(&request, d);
        if (choice)
                choice_put(&request, choice);
        task.request = buf_span(&request);
        ok = jail_run_one(&task, e);
        *ret = task.answer;
        return ok;
}

static bool nonsense(const char *job, struct err *e)
{
        return err_set(e, ERR_MALFORMED, "%s: the parser answered nonsense", job);
}

static bool index_run(
    struct arena *a, const struct document *d, const struct choice *choice, struct descriptor *ret, struct err *e)
{
        struct buf answer CLEANUP(buf_done) = {0};

        if (!document_job("image-index", "index", d, choice, &answer, e))
                return false;
        struct cursor c = {.rest = buf_span(&answer)};
        return (descriptor_get(&c, a, ret) && cursor_at_end(&c)) || nonsense("index", e);
}

/* Through nested indexes down to the manifest. */
static bool manifest_find(struct arena *a, const struct blobs *blobs, const struct document *index,
    const struct choice *want, struct descriptor *ret, struct digest *ret_index, struct err *e)
{
        struct choice below = *want;
        struct descriptor d;

        if (!index_run(a, index, want, &d, e))
                return false;
        *ret_index = media_is_index(d.media_type) && index->digest.alg == DIGEST_NONE ? d.digest : index->digest;
        ret->name = d.name;
        below.tag = (struct span){0}; /* tags stand in the outermost index only */
        for (unsigned depth = 1; media_is_index(d.media_type); depth++) {
                struct document inner CLEANUP(document_close) = {.fd = -1};
                char digest[DIGEST_TEXT_MAX];

                if (depth == IMAGE_INDEX_DEPTH_MAX)
                        return err_set(e, ERR_LIMIT, "indexes are nested deeper than %u", IMAGE_INDEX_DEPTH_MAX);
                if (!blob_open(blobs, &d, &inner, e) || !index_run(a, &inner, &below, &d, e))
                        return err_wrap(e, "index %s", digest_format(&d.digest, digest));
        }
        d.name = ret->name;
        *ret = d;
        return true;
}

static bool manifest_read(
    struct arena *a, const struct blobs *blobs, const struct descriptor *d, struct manifest *ret, struct err *e)
{
        struct document document CLEANUP(document_close) = {.fd = -1};
        struct buf answer CLEANUP(buf_done) = {0};
        char digest[DIGEST_TEXT_MAX];

        if (!blob_open(blobs, d, &document, e))
                return err_wrap(e, "manifest %s", digest_format(&d->digest, digest));
        if (!document_job("image-manifest", "manifest", &document, NULL, &answer, e))
                return false;
        struct cursor c = {.rest = buf_span(&answer)};
        return (manifest_get(&c, a, ret) && cursor_at_end(&c)) || nonsense("manifest", e);
}

static bool layers_open(
    struct image *i, const struct blobs *blobs, const struct manifest *m, const struct config *c, struct err *e)
{
        if (m->n_layers != c->diff_ids.len)
                return err_set(e, ERR_MALFORMED, "the manifest has %zu layers, the config %zu diff ids", m->n_layers,
                    c->diff_ids.len);
        i->layers = arena_array(i->arena, m->n_layers, sizeof(*i->layers));
        for (size_t n = 0; n < m->n_layers; n++) {
                const struct descriptor *d = &m->layers[n].blob;
                struct document blob = {.fd = -1, .size = d->size};
                char digest[DIGEST_TEXT_MAX];

                if (!blobs->layers_later && !blob_open(blobs, d, &blob, e))
                        return err_wrap(e, "layer %zu (%s)", n + 1, digest_format(&d->digest, digest));
                i->layers[n] = (struct image_layer){.blob = d->digest,
                    .diff_id = c->diff_ids.at[n],
                    .size = blob.size,
                    .compression = m->layers[n].compression,
                    .media_type = d->media_type,
                    .created_by = c->created_by.len ? c->created_by.at[n] : (struct span){0},
                    .fd = blob.fd,
                    .offset = blob.offset};
                i->n_layers = n + 1;
        }
        return true;
}

static void config_copy(struct image *i, const struct config *c)
{
        i->platform = c->platform;
        i->created = c->created;
        i->user = c->user;
        i->working_dir = c->working_dir;
        i->stop_signal = c->stop_signal;
        i->env = c->env.at;
        i->n_env = c->env.len;
        i->entrypoint = c->entrypoint.at;
        i->n_entrypoint = c->entrypoint.len;
        i->cmd = c->cmd.at;
        i->n_cmd = c->cmd.len;
        i->history = c->history.at;
        i->n_history = c->history.len;
        i->healthcheck = c->healthcheck;
}

bool image_fill_config(
    struct image *i, const struct document *d, const struct choice *want, struct config *ret, struct err *e)
{
        struct buf answer CLEANUP(buf_done) = {0};
        struct config c = {0};
        char is[256], wanted[256];

        if (!document_job("image-config", "config", d, NULL, &answer, e))
                return false;
        struct cursor cursor = {.rest = buf_span(&answer)};
        if (!config_get(&cursor, i->arena, &c) || !cursor_at_end(&cursor))
                return nonsense("config", e);
        if (want->strict && !platform_matches(&c.platform, &want->platform))
                return err_set(e, ERR_NOT_FOUND, "the image is for %s, not for %s",
                    platform_format(&c.platform, is, sizeof(is)),
                    platform_format(&want->platform, wanted, sizeof(wanted)));
        i->config = d->digest;
        config_copy(i, &c);
        *ret = c;
        return true;
}

bool image_fill_manifest(
    struct image *i, const struct blobs *blobs, const struct descriptor *d, const struct choice *want, struct err *e)
{
        struct document config CLEANUP(document_close) = {.fd = -1};
        struct manifest m = {0};
        struct config c = {0};
        char digest[DIGEST_TEXT_MAX];

        if (!manifest_read(i->arena, blobs, d, &m, e))
                return false;
        if (!blob_open(blobs, &m.config, &config, e))
                return err_wrap(e, "config %s", digest_format(&m.config.digest, digest));
        if (!image_fill_config(i, &config, want, &c, e))
                return false;
        i->manifest = d->digest;
        return layers_open(i, blobs, &m, &c, e);
}

bool image_fill(struct image *i, const struct blobs *blobs, const struct document *index, const struct choice *want,
    struct span *ret_tag, struct err *e)
{
        struct descriptor d = {0};

        if (!manifest_find(i->arena, blobs, index, want, &d, &i->index, e) || !image_fill_manifest(i, blobs, &d, want, e))
                return false;
        *ret_tag = d.name;
        return true;
}
