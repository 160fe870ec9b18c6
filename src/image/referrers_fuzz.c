/*
 * Properties for any bytes, which are taken as a list of referrers, as a referrer's manifest and as answers about either:
 * - what a parser takes comes back the same from its answer's bytes;
 * - every text is one that could be shown, and within its limit; every row has a digest;
 * - a failure blames the input.
 */
#include <assert.h>

#include "image/referrers_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_error(const struct err *e)
{
        assert(e->kind == ERR_MALFORMED || e->kind == ERR_LIMIT || e->kind == ERR_UNSUPPORTED);
        assert(e->text[0] != 0 && span_is_utf8(span_of(e->text)));
}

static void check_text(struct span s)
{
        assert(s.len <= IMAGE_ANNOTATION_MAX && !span_has_control(s));
}

static void check_list(const struct referrer_list *l)
{
        assert(l->len <= IMAGE_MANIFESTS_MAX);
        for (size_t i = 0; i < l->len; i++) {
                assert(l->at[i].digest.alg != DIGEST_NONE && l->at[i].size <= INT64_MAX);
                check_text(l->at[i].media_type);
                check_text(l->at[i].artifact_type);
                check_text(l->at[i].name);
                check_text(l->at[i].created);
                check_text(l->at[i].title);
        }
}

static void check_manifest(const struct referrer_manifest *m)
{
        check_text(m->artifact_type);
        check_text(m->created);
        check_text(m->title);
        assert(m->n_blobs <= IMAGE_LAYERS_MAX);
        for (size_t i = 0; i < m->n_blobs; i++) {
                assert(m->blobs[i].digest.alg != DIGEST_NONE && m->blobs[i].size <= INT64_MAX);
                check_text(m->blobs[i].media_type);
                check_text(m->blobs[i].title);
        }
}

static void list_check(struct span in, struct arena *a)
{
        struct buf b CLEANUP(buf_done) = {0}, twice CLEANUP(buf_done) = {0};
        struct referrer_list l, again;
        struct err e = {0};

        if (!referrers_parse(in, a, &l, &e)) {
                check_error(&e);
                return;
        }
        check_list(&l);
        referrers_put(&b, &l);
        struct cursor c = {.rest = buf_span(&b)};
        assert(referrers_get(&c, a, &again) && cursor_at_end(&c));
        referrers_put(&twice, &again);
        assert(span_equal(buf_span(&b), buf_span(&twice)));
}

static void manifest_check(struct span in, struct arena *a)
{
        struct buf b CLEANUP(buf_done) = {0}, twice CLEANUP(buf_done) = {0};
        struct referrer_manifest m, again;
        struct err e = {0};

        if (!referrer_parse(in, a, &m, &e)) {
                check_error(&e);
                return;
        }
        check_manifest(&m);
        referrer_put(&b, &m);
        struct cursor c = {.rest = buf_span(&b)};
        assert(referrer_get(&c, a, &again) && cursor_at_end(&c));
        referrer_put(&twice, &again);
        assert(span_equal(buf_span(&b), buf_span(&twice)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        const struct span in = span_bytes(data, size);
        struct cursor list = {.rest = in}, manifest = {.rest = in};
        struct referrer_manifest m;
        struct referrer_list l;

        list_check(in, a);
        manifest_check(in, a);
        if (referrers_get(&list, a, &l))
                check_list(&l);
        if (referrer_get(&manifest, a, &m))
                check_manifest(&m);
        return 0;
}
