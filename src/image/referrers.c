/*
 * Lists of referrers (distribution-spec 1.1, an image index with artifactType and annotations in its descriptors) and the
 * manifests of referrers (image-spec 1.1 manifest.md: artifactType, subject). What is in an artefact is nobody's layer:
 * manifest_parse, which wants to read it as one, is not the parser for it.
 */
#include "image/referrers_priv.h"

/* Whoever may push something to a repository chooses its annotations: one that can't be shown is left out, and nothing else. */
static void annotation_take(struct json *j, struct span *ret)
{
        struct span s;

        if (json_peek(j) != JSON_STRING) {
                json_skip(j);
                return;
        }
        s = json_string(j);
        if (s.len <= IMAGE_ANNOTATION_MAX && !span_has_control(s))
                *ret = s;
}

static void annotations_take(struct json *j, struct span *ret_created, struct span *ret_title, struct span *ret_name)
{
        struct span key;

        if (json_null(j))
                return;
        json_object(j);
        while (json_member(j, &key)) {
                if (span_is(key, "org.opencontainers.image.created"))
                        annotation_take(j, ret_created);
                else if (span_is(key, "org.opencontainers.image.title"))
                        annotation_take(j, ret_title);
                else if (ret_name && span_is(key, "org.opencontainers.image.ref.name"))
                        annotation_take(j, ret_name);
                else
                        json_skip(j);
        }
}

/* What every descriptor has. True if the key was one of them. */
static bool descriptor_member(struct json *j, struct span key, struct span *ret_type, struct digest *ret_digest,
    uint64_t *ret_size, bool *ret_sized)
{
        if (span_is(key, "mediaType")) {
                *ret_type = document_text(j, IMAGE_MEDIA_TYPE_MAX, "media type");
        } else if (span_is(key, "digest")) {
                document_digest(j, ret_digest);
        } else if (span_is(key, "size")) {
                *ret_size = json_u64(j);
                *ret_sized = true;
                if (*ret_size > INT64_MAX)
                        json_fail(j, ERR_LIMIT, "no file has this size");
        } else {
                return false;
        }
        return true;
}

static void descriptor_end(struct json *j, const struct digest *d, bool sized)
{
        if (!j->failed && (d->alg == DIGEST_NONE || !sized))
                json_fail(j, ERR_MALFORMED, "a descriptor needs a digest and a size");
}

static void listed_take(struct json *j, struct listed *l)
{
        bool sized = false;
        struct span key;

        json_object(j);
        while (json_member(j, &key)) {
                if (descriptor_member(j, key, &l->media_type, &l->digest, &l->size, &sized))
                        continue;
                if (span_is(key, "artifactType"))
                        l->artifact_type = document_text(j, IMAGE_MEDIA_TYPE_MAX, "artifact type");
                else if (span_is(key, "annotations"))
                        annotations_take(j, &l->created, &l->title, &l->name);
                else
                        json_skip(j);
        }
        descriptor_end(j, &l->digest, sized);
}

static void blob_take(struct json *j, struct image_blob *b)
{
        struct span key, created;
        bool sized = false;

        json_object(j);
        while (json_member(j, &key)) {
                if (descriptor_member(j, key, &b->media_type, &b->digest, &b->size, &sized))
                        continue;
                if (span_is(key, "annotations"))
                        annotations_take(j, &created, &b->title, NULL);
                else
                        json_skip(j);
        }
        descriptor_end(j, &b->digest, sized);
}

bool referrers_parse(struct span in, struct arena *a, struct referrer_list *ret, struct err *e)
{
        struct referrer_list list = {0};
        bool has_version = false, has_list = false;
        struct span key;
        struct json j;

        json_init(&j, in, a, NULL);
        json_object(&j);
        while (json_member(&j, &key)) {
                if (document_head(&j, key, media_is_index, &has_version))
                        continue;
                if (span_is(key, "manifests")) {
                        has_list = true;
                        for (json_array(&j); json_element(&j);) {
                                if (list.len == IMAGE_MANIFESTS_MAX)
                                        json_fail(&j, ERR_LIMIT, "more than %u manifests", IMAGE_MANIFESTS_MAX);
                                listed_take(&j, ARENA_PUSH(a, &list));
                        }
                } else if (span_is(key, "layers") || span_is(key, "config")) {
                        json_fail(&j, ERR_MALFORMED, "an index has no layers and no config"); /* CVE-2021-41190 */
                } else {
                        json_skip(&j);
                }
        }
        if (!j.failed && (!has_version || !has_list))
                json_fail(&j, ERR_MALFORMED, "a list of referrers needs schemaVersion and manifests");
        if (!json_finish(&j, e))
                return false;
        *ret = list;
        return true;
}

static bool media_is_either(struct span media_type)
{
        return media_is_index(media_type) || media_is_manifest(media_type);
}

static void blobs_take(struct json *j, struct arena *a, struct referrer_manifest *m)
{
        struct {
                struct image_blob *at;
                size_t len, cap;
        } list = {0};

        for (json_array(j); json_element(j);) {
                if (list.len == IMAGE_LAYERS_MAX)
                        json_fail(j, ERR_LIMIT, "more than %u layers", IMAGE_LAYERS_MAX);
                blob_take(j, ARENA_PUSH(a, &list));
        }
        m->blobs = list.at;
        m->n_blobs = list.len;
}

static void subject_take(struct json *j, struct referrer_manifest *m)
{
        struct image_blob subject = {0};

        if (json_null(j))
                return;
        blob_take(j, &subject);
        m->subject = subject.digest;
}

bool referrer_parse(struct span in, struct arena *a, struct referrer_manifest *ret, struct err *e)
{
        bool has_version = false, has_layers = false, has_manifests = false;
        struct referrer_manifest m = {0};
        struct image_blob config = {0};
        struct span key;
        struct json j;

        json_init(&j, in, a, NULL);
        json_object(&j);
        while (json_member(&j, &key)) {
                if (document_head(&j, key, media_is_either, &has_version))
                        continue;
                if (span_is(key, "artifactType")) {
                        m.artifact_type = document_text(&j, IMAGE_MEDIA_TYPE_MAX, "artifact type");
                } else if (span_is(key, "config")) {
                        blob_take(&j, &config);
                } else if (span_is(key, "layers")) {
                        has_layers = true;
                        blobs_take(&j, a, &m);
                } else if (span_is(key, "manifests")) {
                        has_manifests = true;
                        json_skip(&j);
                } else if (span_is(key, "subject")) {
                        subject_take(&j, &m);
                } else if (span_is(key, "annotations")) {
                        annotations_take(&j, &m.created, &m.title, NULL);
                } else {
                        json_skip(&j);
                }
        }
        if (!j.failed && (!has_version || has_layers == has_manifests))
                json_fail(&j, ERR_MALFORMED, "a manifest needs schemaVersion, and either layers or manifests");
        if (!j.failed && has_manifests && config.digest.alg != DIGEST_NONE)
                json_fail(&j, ERR_MALFORMED, "an index has no config");
        if (m.artifact_type.len == 0)
                m.artifact_type = config.media_type;
        if (!json_finish(&j, e))
                return false;
        *ret = m;
        return true;
}

bool referrer_may_be(const struct listed *l, struct span artifact_type)
{
        return artifact_type.len == 0 || l->artifact_type.len == 0 || span_equal(l->artifact_type, artifact_type);
}

/* ---- answers ---- */

void referrers_put(struct buf *b, const struct referrer_list *l)
{
        buf_put_u32le(b, (uint32_t)l->len);
        for (size_t i = 0; i < l->len; i++) {
                const struct listed *row = &l->at[i];

                buf_put_digest(b, &row->digest);
                buf_put_u64le(b, row->size);
                buf_put_string(b, row->media_type);
                buf_put_string(b, row->artifact_type);
                buf_put_string(b, row->name);
                buf_put_string(b, row->created);
                buf_put_string(b, row->title);
        }
}

static struct digest digest_get(struct cursor *c)
{
        struct digest d = cursor_digest(c);

        if (d.alg == DIGEST_NONE)
                c->failed = true;
        return d;
}

static uint64_t size_get(struct cursor *c)
{
        uint64_t size = cursor_u64le(c);

        if (size > INT64_MAX)
                c->failed = true;
        return size;
}

static struct span text_get(struct cursor *c, struct arena *a, uint32_t max)
{
        struct span s = cursor_string(c, max);

        if (span_has_control(s))
                c->failed = true;
        return arena_copy(a, s);
}

bool referrers_get(struct cursor *c, struct arena *a, struct referrer_list *ret)
{
        struct referrer_list list = {0};
        uint32_t n = cursor_u32le(c);

        if (c->failed || n > IMAGE_MANIFESTS_MAX)
                return false;
        for (uint32_t i = 0; i < n && !c->failed; i++) {
                struct listed *row = ARENA_PUSH(a, &list);

                row->digest = digest_get(c);
                row->size = size_get(c);
                row->media_type = text_get(c, a, IMAGE_MEDIA_TYPE_MAX);
                row->artifact_type = text_get(c, a, IMAGE_MEDIA_TYPE_MAX);
                row->name = text_get(c, a, IMAGE_ANNOTATION_MAX);
                row->created = text_get(c, a, IMAGE_ANNOTATION_MAX);
                row->title = text_get(c, a, IMAGE_ANNOTATION_MAX);
        }
        if (c->failed)
                return false;
        *ret = list;
        return true;
}

void referrer_put(struct buf *b, const struct referrer_manifest *m)
{
        buf_put_digest(b, &m->subject);
        buf_put_string(b, m->artifact_type);
        buf_put_string(b, m->created);
        buf_put_string(b, m->title);
        buf_put_u32le(b, (uint32_t)m->n_blobs);
        for (size_t i = 0; i < m->n_blobs; i++) {
                buf_put_digest(b, &m->blobs[i].digest);
                buf_put_u64le(b, m->blobs[i].size);
                buf_put_string(b, m->blobs[i].media_type);
                buf_put_string(b, m->blobs[i].title);
        }
}

bool referrer_get(struct cursor *c, struct arena *a, struct referrer_manifest *ret)
{
        struct referrer_manifest m = {.subject = cursor_digest(c)};
        uint32_t n;

        m.artifact_type = text_get(c, a, IMAGE_MEDIA_TYPE_MAX);
        m.created = text_get(c, a, IMAGE_ANNOTATION_MAX);
        m.title = text_get(c, a, IMAGE_ANNOTATION_MAX);
        n = cursor_u32le(c);
        if (c->failed || n > IMAGE_LAYERS_MAX)
                return false;
        m.blobs = arena_array(a, n, sizeof(*m.blobs));
        m.n_blobs = n;
        for (uint32_t i = 0; i < n; i++) {
                m.blobs[i].digest = digest_get(c);
                m.blobs[i].size = size_get(c);
                m.blobs[i].media_type = text_get(c, a, IMAGE_MEDIA_TYPE_MAX);
                m.blobs[i].title = text_get(c, a, IMAGE_ANNOTATION_MAX);
        }
        if (c->failed)
                return false;
        *ret = m;
        return true;
}

/* ---- jobs ---- */

bool job_referrers(size_t n_fds, struct err *e)
{
        struct arena *a CLEANUP(arena_freep) = arena_new();
        struct buf answer CLEANUP(buf_done) = {.max = IMAGE_ANSWER_MAX};
        struct referrer_list list;
        struct document document;
        struct cursor c;
        struct span bytes;

        if (!document_request(n_fds, a, &c, &document, e) ||
            !document_read(&document, IMAGE_MANIFEST_MAX, a, &bytes, e) || !referrers_parse(bytes, a, &list, e))
                return false;
        referrers_put(&answer, &list);
        return jail_answer(buf_span(&answer), e);
}

bool job_referrer(size_t n_fds, struct err *e)
{
        struct arena *a CLEANUP(arena_freep) = arena_new();
        struct buf answer CLEANUP(buf_done) = {.max = IMAGE_ANSWER_MAX};
        struct referrer_manifest manifest;
        struct document document;
        struct cursor c;
        struct span bytes;

        if (!document_request(n_fds, a, &c, &document, e) ||
            !document_read(&document, IMAGE_MANIFEST_MAX, a, &bytes, e) || !referrer_parse(bytes, a, &manifest, e))
                return false;
        referrer_put(&answer, &manifest);
        return jail_answer(buf_span(&answer), e);
}
