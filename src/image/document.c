/* Index and manifest: OCI image-spec 1.1 image-index.md, manifest.md, descriptor.md; Docker's schema 2 is the same. */
#include "image/document_priv.h"

bool media_is_index(struct span media_type)
{
        return span_is(media_type, MEDIA_INDEX) || span_is(media_type, MEDIA_DOCKER_INDEX);
}

bool media_is_manifest(struct span media_type)
{
        return span_is(media_type, MEDIA_MANIFEST) || span_is(media_type, MEDIA_DOCKER_MANIFEST);
}

bool media_compression(struct span media_type, enum compression *ret, struct err *e)
{
        static const struct {
                const char *media_type;
                enum compression compression;
        } known[] = {
            {"application/vnd.oci.image.layer.v1.tar", COMPRESSION_NONE},
            {"application/vnd.oci.image.layer.v1.tar+gzip", COMPRESSION_GZIP},
            {"application/vnd.oci.image.layer.v1.tar+zstd", COMPRESSION_ZSTD},
            {"application/vnd.oci.image.layer.v1.tar+xz", COMPRESSION_XZ}, /* these two are in no specification */
            {"application/vnd.oci.image.layer.v1.tar+bzip2", COMPRESSION_BZIP2},
            {"application/vnd.oci.image.layer.nondistributable.v1.tar", COMPRESSION_NONE},
            {"application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", COMPRESSION_GZIP},
            {"application/vnd.oci.image.layer.nondistributable.v1.tar+zstd", COMPRESSION_ZSTD},
            {"application/vnd.docker.image.rootfs.diff.tar", COMPRESSION_NONE},
            {"application/vnd.docker.image.rootfs.diff.tar.gzip", COMPRESSION_GZIP},
            {"application/vnd.docker.image.rootfs.diff.tar.zstd", COMPRESSION_ZSTD},
            {"application/vnd.docker.image.rootfs.diff.tar.xz", COMPRESSION_XZ},
            {"application/vnd.docker.image.rootfs.diff.tar.bzip2", COMPRESSION_BZIP2},
            {"application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", COMPRESSION_GZIP},
        };
        char shown[128];

        for (size_t i = 0; i < ARRAY_LEN(known); i++)
                if (span_is(media_type, known[i].media_type)) {
                        *ret = known[i].compression;
                        return true;
                }
        span_printable(media_type, shown, sizeof(shown));
        if (span_ends(media_type, "+encrypted"))
                return err_set(e, ERR_UNSUPPORTED, "it is encrypted (%s), and there is no key for it here", shown);
        return err_set(e, ERR_UNSUPPORTED,
            "media type %s is none of a layer that can be read; tar, tar+gzip, tar+zstd, tar+xz and tar+bzip2 are",
            media_type.len ? shown : "(none)");
}

/* Nothing that a C string could not hold or a terminal would obey. */
struct span document_text(struct json *j, size_t max, const char *what)
{
        struct span s = json_string(j);

        if (s.len > max)
                json_fail(j, ERR_LIMIT, "%s is %zu bytes, at most %zu", what, s.len, max);
        else if (span_has_control(s))
                json_fail(j, ERR_MALFORMED, "%s has control bytes in it", what);
        return s;
}

void document_digest(struct json *j, struct digest *ret)
{
        struct err cause = {0};

        struct span text = json_string(j);
        if (!j->failed && !digest_parse(text, ret, &cause))
                json_fail(j, cause.kind, "%s", cause.text);
}

static void platform_take(struct json *j, struct image_platform *p)
{
        struct span key;

        json_object(j);
        while (json_member(j, &key)) {
                if (span_is(key, "os"))
                        p->os = document_text(j, IMAGE_PLATFORM_MAX, "os");
                else if (span_is(key, "architecture"))
                        p->architecture = document_text(j, IMAGE_PLATFORM_MAX, "architecture");
                else if (span_is(key, "variant"))
                        p->variant = document_text(j, IMAGE_PLATFORM_MAX, "variant");
                else
                        json_skip(j);
        }
}

static void annotations_take(struct json *j, struct span *ret_name)
{
        struct span key;

        if (json_null(j))
                return;
        json_object(j);
        while (json_member(j, &key)) {
                if (span_is(key, "org.opencontainers.image.ref.name"))
                        *ret_name = document_text(j, IMAGE_TAG_MAX, "ref.name");
                else
                        json_skip(j);
        }
}

/* A descriptor says it of what is no image; where one says it of an image, it is the configuration's media type. */
static bool artifact_take(struct json *j)
{
        struct span type;

        if (json_null(j))
                return false;
        type = document_text(j, IMAGE_MEDIA_TYPE_MAX, "artifact type");
        return type.len > 0 && !span_is(type, "application/vnd.oci.image.config.v1+json") &&
               !span_is(type, "application/vnd.docker.container.image.v1+json");
}

static void descriptor_take(struct json *j, struct descriptor *d)
{
        bool has_size = false;
        struct span key;

        json_object(j);
        while (json_member(j, &key)) {
                if (span_is(key, "mediaType")) {
                        d->media_type = document_text(j, IMAGE_MEDIA_TYPE_MAX, "media type");
                } else if (span_is(key, "digest")) {
                        document_digest(j, &d->digest);
                } else if (span_is(key, "size")) {
                        d->size = json_u64(j);
                        has_size = true;
                        if (d->size > INT64_MAX)
                                json_fail(j, ERR_LIMIT, "no file has this size");
                } else if (span_is(key, "platform")) {
                        platform_take(j, &d->platform);
                } else if (span_is(key, "artifactType")) {
                        d->artifact = artifact_take(j);
                } else if (span_is(key, "annotations")) {
                        annotations_take(j, &d->name);
                } else {
                        json_skip(j);
                }
        }
        if (!j->failed && (d->digest.alg == DIGEST_NONE || !has_size))
                json_fail(j, ERR_MALFORMED, "a descriptor needs a digest and a size");
}

/* schemaVersion and mediaType, which both documents have. True if the key was one of them. */
bool document_head(struct json *j, struct span key, bool (*right)(struct span), bool *ret_version)
{
        char shown[128];

        if (span_is(key, "schemaVersion")) {
                uint64_t version = json_u64(j);

                *ret_version = true;
                if (version != 2)
                        json_fail(
                            j, ERR_UNSUPPORTED, "version %llu is not read, version 2 is", (unsigned long long)version);
                return true;
        }
        if (span_is(key, "mediaType")) {
                struct span type = document_text(j, IMAGE_MEDIA_TYPE_MAX, "media type");

                if (!j->failed && !right(type))
                        json_fail(j, ERR_UNSUPPORTED, "%s is another kind of document",
                            span_printable(type, shown, sizeof(shown)));
                return true;
        }
        return false;
}

bool index_parse(struct span in, struct arena *a, struct index *ret, struct err *e)
{
        struct index index = {0};
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
                                if (index.len == IMAGE_MANIFESTS_MAX)
                                        json_fail(&j, ERR_LIMIT, "more than %u manifests", IMAGE_MANIFESTS_MAX);
                                descriptor_take(&j, ARENA_PUSH(a, &index));
                        }
                } else if (span_is(key, "layers") || span_is(key, "config")) {
                        /* CVE-2021-41190: a document that is index and manifest at once means what its reader likes. */
                        json_fail(&j, ERR_MALFORMED, "an index has no layers and no config");
                } else {
                        json_skip(&j);
                }
        }
        if (!j.failed && (!has_version || !has_list))
                json_fail(&j, ERR_MALFORMED, "an index needs schemaVersion and manifests");
        if (!json_finish(&j, e))
                return false;
        *ret = index;
        return true;
}

static void layers_take(struct json *j, struct arena *a, struct manifest *m)
{
        struct err cause = {0};

        for (json_array(j); json_element(j);) {
                struct {
                        struct manifest_layer *at;
                        size_t len, cap;
                } list = {m->layers, m->n_layers, m->cap_layers};
                struct manifest_layer *layer;

                if (list.len == IMAGE_LAYERS_MAX)
                        json_fail(j, ERR_LIMIT, "more than %u layers", IMAGE_LAYERS_MAX);
                layer = ARENA_PUSH(a, &list);
                m->layers = list.at;
                m->n_layers = list.len;
                m->cap_layers = list.cap;
                descriptor_take(j, &layer->blob);
                if (!j->failed && !media_compression(layer->blob.media_type, &layer->compression, &cause))
                        json_fail(j, cause.kind, "layer %zu: %s", m->n_layers, cause.text);
        }
}

bool manifest_parse(struct span in, struct arena *a, struct manifest *ret, struct err *e)
{
        struct manifest m = {0};
        bool has_version = false, has_config = false, has_layers = false;
        struct span key;
        struct json j;

        json_init(&j, in, a, NULL);
        json_object(&j);
        while (json_member(&j, &key)) {
                if (document_head(&j, key, media_is_manifest, &has_version))
                        continue;
                if (span_is(key, "config")) {
                        has_config = true;
                        descriptor_take(&j, &m.config);
                } else if (span_is(key, "layers")) {
                        has_layers = true;
                        layers_take(&j, a, &m);
                } else if (span_is(key, "manifests")) {
                        json_fail(&j, ERR_MALFORMED, "a manifest has no manifests");
                } else {
                        json_skip(&j);
                }
        }
        if (!j.failed && (!has_version || !has_config || !has_layers))
                json_fail(&j, ERR_MALFORMED, "a manifest needs schemaVersion, config and layers");
        if (!json_finish(&j, e))
                return false;
        *ret = m;
        return true;
}
