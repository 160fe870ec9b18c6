/*
 * Properties of the reader of an artefact's documents for any bytes, read as a manifest, as an index, and as an index with a tag:
 * - what is accepted has digests by sha256 and sizes within the limits, and what is written of it reads back as the same;
 * - a failure has a kind that blames the input, and a text.
 */
#include <assert.h>

#include "advisory/artifact/artifact_priv.h"
#include "advisory/db/db_format_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void blame(const struct err *e)
{
        assert(e->kind == ERR_MALFORMED || e->kind == ERR_LIMIT || e->kind == ERR_UNSUPPORTED ||
               e->kind == ERR_NOT_FOUND || e->kind == ERR_CONFLICT);
        assert(e->text[0] != 0);
}

static bool blob_equal(const struct advisory_blob *a, const struct advisory_blob *b)
{
        return a->size == b->size && (a->size == 0 || digest_equal(&a->digest, &b->digest));
}

static void manifest(struct span text)
{
        struct buf again CLEANUP(buf_done) = {0};
        struct advisory_db_info info = {.format = DB_FORMAT};
        struct advisory_artifact a, b;
        struct err e = {0};

        if (!artifact_manifest_parse(text, &a, &e)) {
                blame(&e);
                return;
        }
        assert(a.database.size > 0 && a.database.size <= DB_BYTES_MAX && a.database.digest.alg == DIGEST_SHA256);
        assert(a.signature.size == 0 ||
               (a.signature.size <= ADVISORY_SIGNATURE_MAX && a.signature.digest.alg == DIGEST_SHA256));
        assert(a.n_deltas <= ADVISORY_DELTAS_MAX);
        advisory_artifact_put(&a, &info, &again);
        assert(artifact_manifest_parse(buf_span(&again), &b, &e));
        assert(blob_equal(&a.database, &b.database) && blob_equal(&a.signature, &b.signature));
        assert(a.n_deltas == b.n_deltas);
        for (size_t i = 0; i < a.n_deltas; i++)
                assert(blob_equal(&a.deltas[i].blob, &b.deltas[i].blob) &&
                       digest_equal(&a.deltas[i].from, &b.deltas[i].from));
}

static void index_of(struct span text, struct span tag)
{
        struct buf again CLEANUP(buf_done) = {0};
        struct advisory_blob a, b;
        struct err e = {0};

        if (!artifact_index_parse(text, tag, &a, &e)) {
                blame(&e);
                return;
        }
        assert(a.size > 0 && a.size <= ADVISORY_ARTIFACT_MAX && a.digest.alg == DIGEST_SHA256);
        advisory_artifact_put_index(&a, "t", &again);
        assert(artifact_index_parse(buf_span(&again), SPAN_LIT("t"), &b, &e) && blob_equal(&a, &b));
        assert(!artifact_index_parse(buf_span(&again), SPAN_LIT("u"), &b, &e));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        manifest(span_bytes(data, size));
        index_of(span_bytes(data, size), (struct span){0});
        index_of(span_bytes(data, size), SPAN_LIT("1"));
        return 0;
}
