/*
 * Properties of the documents' parsers and of their answers for any bytes:
 * - what a parser takes comes back the same from its answer's bytes, put and got once more;
 * - any bytes taken as an answer are refused or within the limits;
 * - a failure blames the input.
 */
#include <assert.h>

#include "image/document_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_error(const struct err *e)
{
        assert(e->kind == ERR_MALFORMED || e->kind == ERR_LIMIT || e->kind == ERR_UNSUPPORTED ||
               e->kind == ERR_NOT_FOUND || e->kind == ERR_CONFLICT);
        assert(e->text[0] != 0 && span_is_utf8(span_of(e->text)));
}

static void check_descriptor(const struct descriptor *d)
{
        assert(d->digest.alg != DIGEST_NONE && d->size <= INT64_MAX && d->media_type.len <= IMAGE_MEDIA_TYPE_MAX);
        assert(d->name.len <= IMAGE_TAG_MAX && d->platform.os.len <= IMAGE_PLATFORM_MAX);
}

static void index_check(struct span in, struct arena *a)
{
        struct choice want = {.platform = {SPAN_LIT("linux"), SPAN_LIT("amd64"), {0}}};
        struct descriptor chosen = {0}, again = {0};
        struct buf b CLEANUP(buf_done) = {0};
        struct index index;
        struct err e = {0};

        if (!index_parse(in, a, &index, &e)) {
                check_error(&e);
                return;
        }
        for (size_t i = 0; i < index.len; i++)
                check_descriptor(&index.at[i]);
        if (!index_choose(&index, &want, &chosen, &e)) {
                check_error(&e);
                return;
        }
        descriptor_put(&b, &chosen);
        struct cursor c = {.rest = buf_span(&b)};
        assert(descriptor_get(&c, a, &again) && cursor_at_end(&c));
        assert(digest_equal(&chosen.digest, &again.digest) && span_equal(chosen.media_type, again.media_type));
}

static void manifest_check(struct span in, struct arena *a)
{
        struct buf b CLEANUP(buf_done) = {0}, twice CLEANUP(buf_done) = {0};
        struct manifest m, again = {0};
        struct err e = {0};

        if (!manifest_parse(in, a, &m, &e)) {
                check_error(&e);
                return;
        }
        check_descriptor(&m.config);
        assert(m.n_layers <= IMAGE_LAYERS_MAX);
        manifest_put(&b, &m);
        struct cursor c = {.rest = buf_span(&b)};
        assert(manifest_get(&c, a, &again) && cursor_at_end(&c));
        manifest_put(&twice, &again);
        assert(span_equal(buf_span(&b), buf_span(&twice)));
}

static void config_check(struct span in, struct arena *a)
{
        struct buf b CLEANUP(buf_done) = {0}, twice CLEANUP(buf_done) = {0};
        struct config config, again = {0};
        struct err e = {0};

        if (!config_parse(in, a, &config, &e)) {
                check_error(&e);
                return;
        }
        assert(config.created_by.len == 0 || config.created_by.len == config.diff_ids.len);
        config_put(&b, &config);
        struct cursor c = {.rest = buf_span(&b)};
        assert(config_get(&c, a, &again) && cursor_at_end(&c));
        config_put(&twice, &again);
        assert(span_equal(buf_span(&b), buf_span(&twice)));
}

static void answers_check(struct span in, struct arena *a)
{
        struct cursor c = {.rest = in};
        struct image_source source;
        struct manifest m;
        struct config config;

        if (manifest_get(&c, a, &m))
                assert(m.n_layers <= IMAGE_LAYERS_MAX);
        c = (struct cursor){.rest = in};
        if (config_get(&c, a, &config))
                assert(config.env.len <= IMAGE_LIST_MAX && config.diff_ids.len <= IMAGE_LAYERS_MAX);
        c = (struct cursor){.rest = in};
        if (image_source_get(&c, &source))
                assert(source.fd >= 0 && source.compression <= COMPRESSION_LAST);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct arena *a CLEANUP(arena_freep) = arena_new();
        struct span in = {data, size};

        index_check(in, a);
        manifest_check(in, a);
        config_check(in, a);
        answers_check(in, a);
        return 0;
}
