/*
 * The documents of a database as an OCI artefact (image-spec 1.1, "Guidelines for Artifact Usage"): a manifest without a
 * configuration, whose layers are the database as zstd, its signature, and differences to earlier files, each of which leads to the
 * same one. Layers of other types are passed over: a later form may have more.
 */
#include "advisory/artifact/artifact_priv.h"
#include "advisory/db/db_format_priv.h"

#define MANIFEST_TYPE "application/vnd.oci.image.manifest.v1+json"
#define INDEX_TYPE "application/vnd.oci.image.index.v1+json"
#define EMPTY_TYPE "application/vnd.oci.empty.v1+json"
#define EMPTY_DIGEST "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a" /* of "{}" */
#define DATABASE_TYPE ADVISORY_ARTIFACT_TYPE ".database+zstd"
#define SIGNATURE_TYPE ADVISORY_ARTIFACT_TYPE ".signature"
#define DELTA_TYPE ADVISORY_ARTIFACT_TYPE ".delta+zstd"
#define FROM_KEY "vnd.coffer.advisories.from"
#define TAG_KEY "org.opencontainers.image.ref.name"

/* ---- reading ---- */

struct entry {
        struct span type, digest, tag, from;
        uint64_t size;
};

static void annotations_take(struct json *j, struct entry *to)
{
        struct span key;

        json_object(j);
        while (json_member(j, &key)) {
                if (span_is(key, TAG_KEY))
                        to->tag = json_string(j);
                else if (span_is(key, FROM_KEY))
                        to->from = json_string(j);
                else
                        json_skip(j);
        }
}

static void entry_take(struct json *j, struct entry *ret)
{
        struct span key;

        *ret = (struct entry){0};
        json_object(j);
        while (json_member(j, &key)) {
                if (span_is(key, "mediaType"))
                        ret->type = json_string(j);
                else if (span_is(key, "digest"))
                        ret->digest = json_string(j);
                else if (span_is(key, "size"))
                        ret->size = json_u64(j);
                else if (span_is(key, "annotations"))
                        annotations_take(j, ret);
                else
                        json_skip(j);
        }
}

/* What it names, of 1 to `max` bytes; *io must be free still. */
static void blob_take(struct json *j, const struct entry *n, const char *what, uint64_t max, struct advisory_blob *io)
{
        struct err why = {0};

        if (io->size > 0)
                json_fail(j, ERR_MALFORMED, "a second %s", what);
        else if (n->size == 0 || n->size > max)
                json_fail(j, ERR_LIMIT, "the %s is said to have %llu bytes; 1 to %llu are taken", what,
                    (unsigned long long)n->size, (unsigned long long)max);
        else if (!digest_parse(n->digest, &io->digest, &why))
                json_fail(j, why.kind, "%s", why.text);
        else if (io->digest.alg != DIGEST_SHA256)
                json_fail(j, ERR_UNSUPPORTED, "the %s is named by another digest than sha256", what);
        else
                io->size = n->size;
}

/* More of them than we keep are passed over: the whole is there, too. */
static void delta_take(struct json *j, const struct entry *n, struct advisory_artifact *io)
{
        struct advisory_delta d = {0};
        struct err why = {0};

        blob_take(j, n, "difference", DB_BYTES_MAX, &d.blob);
        if (!digest_parse(n->from, &d.from, &why))
                json_fail(j, why.kind, "what it is a difference to: %s", why.text);
        else if (d.from.alg == DIGEST_SHA256 && io->n_deltas < ADVISORY_DELTAS_MAX)
                io->deltas[io->n_deltas++] = d;
}

static void layer_take(struct json *j, struct advisory_artifact *io)
{
        struct entry n;

        entry_take(j, &n);
        if (span_is(n.type, DATABASE_TYPE))
                blob_take(j, &n, "database", DB_BYTES_MAX, &io->database);
        else if (span_is(n.type, SIGNATURE_TYPE))
                blob_take(j, &n, "signature", ADVISORY_SIGNATURE_MAX, &io->signature);
        else if (span_is(n.type, DELTA_TYPE))
                delta_take(j, &n, io);
}

static bool size_check(struct span text, struct err *e)
{
        return text.len <= ADVISORY_ARTIFACT_MAX ||
               err_set(e, ERR_LIMIT, "it is above %u bytes", ADVISORY_ARTIFACT_MAX);
}

bool artifact_manifest_parse(struct span text, struct advisory_artifact *ret, struct err *e)
{
        struct arena *a CLEANUP(arena_freep) = arena_new();
        struct advisory_artifact found = {0};
        struct span key, type = {0}, media = {0};
        uint64_t version = 0;
        char shown[100];
        struct json j;

        if (!size_check(text, e))
                return false;
        json_init(&j, text, a, &(struct json_limits){.members_max = ARTIFACT_ENTRIES_MAX});
        json_object(&j);
        while (json_member(&j, &key)) {
                if (span_is(key, "schemaVersion"))
                        version = json_u64(&j);
                else if (span_is(key, "mediaType"))
                        media = json_string(&j);
                else if (span_is(key, "artifactType"))
                        type = json_string(&j);
                else if (span_is(key, "layers"))
                        for (json_array(&j); json_element(&j);)
                                layer_take(&j, &found);
                else
                        json_skip(&j);
        }
        if (!json_finish(&j, e))
                return false;
        if (version != 2 || (media.len > 0 && !span_is(media, MANIFEST_TYPE)))
                return err_set(e, ERR_UNSUPPORTED, "it is no manifest of OCI's image-spec 1.1");
        if (!span_is(type, ADVISORY_ARTIFACT_TYPE))
                return err_set(e, ERR_UNSUPPORTED, "it is no advisory database: %s",
                    type.len ? span_printable(type, shown, sizeof(shown)) : "an image, or an artefact without a type");
        if (found.database.size == 0)
                return err_set(e, ERR_MALFORMED, "it holds no database");
        *ret = found;
        return true;
}

static void choose(struct json *j, const struct entry *n, struct span tag, size_t *seen, struct advisory_blob *io)
{
        if (tag.len > 0 && !span_equal(n->tag, tag))
                return;
        if (++*seen > 1)
                json_fail(j, ERR_CONFLICT,
                    tag.len ? "two manifests have that tag" : "it holds several; say which: oci:DIR:TAG");
        else if (!span_is(n->type, MANIFEST_TYPE))
                json_fail(j, ERR_UNSUPPORTED, "it leads to no manifest, but to another index or form");
        else
                blob_take(j, n, "manifest", ADVISORY_ARTIFACT_MAX, io);
}

bool artifact_index_parse(struct span text, struct span tag, struct advisory_blob *ret, struct err *e)
{
        struct arena *a CLEANUP(arena_freep) = arena_new();
        struct advisory_blob found = {0};
        struct span key;
        size_t seen = 0;
        char shown[160];
        struct json j;

        if (!size_check(text, e))
                return false;
        json_init(&j, text, a, &(struct json_limits){.members_max = ARTIFACT_ENTRIES_MAX});
        json_object(&j);
        while (json_member(&j, &key)) {
                if (!span_is(key, "manifests")) {
                        json_skip(&j);
                        continue;
                }
                for (json_array(&j); json_element(&j);) {
                        struct entry n;

                        entry_take(&j, &n);
                        choose(&j, &n, tag, &seen, &found);
                }
        }
        if (!json_finish(&j, e))
                return false;
        if (found.size == 0)
                return err_set(e, ERR_NOT_FOUND, tag.len ? "it has no \"%s\"" : "it is empty%s",
                    tag.len ? span_printable(tag, shown, sizeof(shown)) : "");
        *ret = found;
        return true;
}

/* ---- writing ---- */

static void descriptor_put(struct json_out *o, const char *type, const struct advisory_blob *b)
{
        char digest[DIGEST_TEXT_MAX];

        json_out_member_text(o, "mediaType", type);
        json_out_member_text(o, "digest", digest_format(&b->digest, digest));
        json_out_member_u64(o, "size", b->size);
}

/* `from` NULL: it is no difference. */
static void layer_put(
    struct json_out *o, const char *type, const char *title, const struct advisory_blob *b, const struct digest *from)
{
        char digest[DIGEST_TEXT_MAX];

        json_out_object(o);
        descriptor_put(o, type, b);
        json_out_key(o, "annotations");
        json_out_object(o);
        json_out_member_text(o, "org.opencontainers.image.title", title); /* what oras names the file */
        if (from)
                json_out_member_text(o, FROM_KEY, digest_format(from, digest));
        json_out_object_end(o);
        json_out_object_end(o);
}

void advisory_artifact_put(const struct advisory_artifact *a, const struct advisory_db_info *i, struct buf *to)
{
        char when[CLOCK_TEXT_MAX], text[48];
        struct json_out o;

        json_out_init(&o, to, 0);
        json_out_object(&o);
        json_out_member_u64(&o, "schemaVersion", 2);
        json_out_member_text(&o, "mediaType", MANIFEST_TYPE);
        json_out_member_text(&o, "artifactType", ADVISORY_ARTIFACT_TYPE);
        json_out_key(&o, "config");
        json_out_object(&o);
        json_out_member_text(&o, "mediaType", EMPTY_TYPE);
        json_out_member_text(&o, "digest", EMPTY_DIGEST);
        json_out_member_u64(&o, "size", 2);
        json_out_object_end(&o);
        json_out_key(&o, "layers");
        json_out_array(&o);
        layer_put(&o, DATABASE_TYPE, "advisories.cdb.zst", &a->database, NULL);
        if (a->signature.size > 0)
                layer_put(&o, SIGNATURE_TYPE, "advisories.cdb.sig", &a->signature, NULL);
        for (size_t k = 0; k < a->n_deltas; k++) {
                snprintf(text, sizeof(text), "advisories.%zu.delta.zst", k + 1);
                layer_put(&o, DELTA_TYPE, text, &a->deltas[k].blob, &a->deltas[k].from);
        }
        json_out_array_end(&o);
        json_out_key(&o, "annotations");
        json_out_object(&o);
        json_out_member_text(&o, "org.opencontainers.image.created", clock_format(i->built_s, when));
        json_out_member_text(&o, "org.opencontainers.image.title", "Coffer advisory database");
        snprintf(text, sizeof(text), "%u", i->format);
        json_out_member_text(&o, "vnd.coffer.advisories.format", text);
        snprintf(text, sizeof(text), "%llu", (unsigned long long)i->records);
        json_out_member_text(&o, "vnd.coffer.advisories.records", text);
        json_out_object_end(&o);
        json_out_object_end(&o);
}

void advisory_artifact_put_index(const struct advisory_blob *manifest, const char *tag, struct buf *to)
{
        struct json_out o;

        json_out_init(&o, to, 0);
        json_out_object(&o);
        json_out_member_u64(&o, "schemaVersion", 2);
        json_out_member_text(&o, "mediaType", INDEX_TYPE);
        json_out_key(&o, "manifests");
        json_out_array(&o);
        json_out_object(&o);
        descriptor_put(&o, MANIFEST_TYPE, manifest);
        json_out_member_text(&o, "artifactType", ADVISORY_ARTIFACT_TYPE);
        json_out_key(&o, "annotations");
        json_out_object(&o);
        json_out_member_text(&o, TAG_KEY, tag);
        json_out_object_end(&o);
        json_out_object_end(&o);
        json_out_array_end(&o);
        json_out_object_end(&o);
}
