/* Documents of an artefact are read in a worker: the tag goes in, digests and sizes come out. */
#include <unistd.h>

#include "advisory/artifact/artifact_priv.h"
#include "advisory/db/db_format_priv.h"

/* ---- in the worker: the request is a tag; without one, not even an empty one, it is a manifest ---- */

#define ASK_MANIFEST 0u
#define ASK_INDEX 1u

static void blob_put(struct buf *to, const struct advisory_blob *b)
{
        buf_put_digest(to, &b->digest);
        buf_put_u64le(to, b->size);
}

static bool document_read(struct buf *to, struct err *e)
{
        uint8_t *at = buf_reserve(to, ADVISORY_ARTIFACT_MAX + 1);
        size_t n;

        if (!at)
                return err_set(e, ERR_BUG, "no room for a document");
        if (!fd_read_full(JAIL_FD_FIRST, at, ADVISORY_ARTIFACT_MAX + 1, &n, e))
                return false;
        to->len += n;
        return true;
}

bool artifact_job(size_t n_fds, struct err *e)
{
        struct arena *a CLEANUP(arena_freep) = arena_new();
        struct buf in CLEANUP(buf_done) = {.max = ADVISORY_ARTIFACT_MAX + 1}, answer CLEANUP(buf_done) = {0};
        struct advisory_artifact found = {0};
        struct span request, tag;
        struct cursor c;
        uint8_t asked;

        if (!jail_request(a, &request, e))
                return false;
        c = (struct cursor){.rest = request};
        asked = cursor_u8(&c);
        tag = cursor_string(&c, ARTIFACT_TAG_MAX);
        if (n_fds != 1 || !cursor_at_end(&c))
                return err_set(e, ERR_BUG, "advisory-artifact was asked wrongly");
        if (!document_read(&in, e))
                return false;
        if (asked == ASK_INDEX ? !artifact_index_parse(buf_span(&in), tag, &found.database, e)
                               : !artifact_manifest_parse(buf_span(&in), &found, e))
                return false;
        blob_put(&answer, &found.database);
        blob_put(&answer, &found.signature);
        for (size_t i = 0; i < found.n_deltas; i++) {
                buf_put_digest(&answer, &found.deltas[i].from);
                blob_put(&answer, &found.deltas[i].blob);
        }
        return jail_answer(buf_span(&answer), e);
}

/* ---- in the parent ---- */

static bool blob_get(struct cursor *c, uint64_t max, bool may_be_none, struct advisory_blob *ret)
{
        ret->digest = cursor_digest(c);
        ret->size = cursor_u64le(c);
        if (c->failed || ret->size > max)
                return false;
        if (ret->size == 0)
                return may_be_none && ret->digest.alg == DIGEST_NONE;
        return ret->digest.alg == DIGEST_SHA256;
}

static bool deltas_get(struct cursor *c, struct advisory_artifact *ret)
{
        while (c->rest.len > 0 && ret->n_deltas < ADVISORY_DELTAS_MAX) {
                struct advisory_delta *d = &ret->deltas[ret->n_deltas++];

                d->from = cursor_digest(c);
                if (!blob_get(c, DB_BYTES_MAX, false, &d->blob) || d->from.alg != DIGEST_SHA256)
                        return false;
        }
        return true;
}

/* What a worker may say is no more than what a document may. */
static bool ask(int fd, const char *name, uint8_t what, const char *tag, struct advisory_artifact *ret, struct err *e)
{
        struct buf request CLEANUP(buf_done) = {0};
        struct jail_task t = {.job = "advisory-artifact",
            .fds = {fd},
            .n_fds = 1,
            .limits = {.answer_max = 4096, .cpu_s_max = 10, .wall_ms_max = 60000},
            .what = name};
        uint64_t max = what == ASK_INDEX ? ADVISORY_ARTIFACT_MAX : DB_BYTES_MAX;
        struct advisory_artifact found = {0};
        struct cursor c;
        bool ok;

        if (tag && strlen(tag) > ARTIFACT_TAG_MAX)
                return err_set(e, ERR_LIMIT, "%s: a tag is at most %u bytes", name, ARTIFACT_TAG_MAX);
        buf_put_u8(&request, what);
        buf_put_string(&request, span_of(tag));
        t.request = buf_span(&request);
        if (!jail_run_one(&t, e)) {
                buf_done(&t.answer);
                return false;
        }
        c = (struct cursor){.rest = buf_span(&t.answer)};
        ok = blob_get(&c, max, false, &found.database) &&
             blob_get(&c, ADVISORY_SIGNATURE_MAX, true, &found.signature) && deltas_get(&c, &found) &&
             cursor_at_end(&c);
        buf_done(&t.answer);
        if (!ok)
                return err_set(e, ERR_MALFORMED, "%s: a worker's answer is damaged", name);
        *ret = found;
        return true;
}

bool advisory_artifact_read(int fd, const char *name, struct advisory_artifact *ret, struct err *e)
{
        return ask(fd, name, ASK_MANIFEST, NULL, ret, e);
}

bool advisory_artifact_find(int fd, const char *name, const char *tag, struct advisory_blob *ret, struct err *e)
{
        struct advisory_artifact found;

        if (!ask(fd, name, ASK_INDEX, tag, &found, e))
                return false;
        *ret = found.database;
        return true;
}
