/* manifest.json of `docker save`: which image, and where its parts lie in the archive. */
#include "image/archive_priv.h"
#include "codec/codec.h"

static struct span text_take(struct json *j, size_t max, const char *what)
{
        struct span s = json_string(j);

        if (s.len > max)
                json_fail(j, ERR_LIMIT, "%s is %zu bytes, at most %zu", what, s.len, max);
        else if (span_has_control(s))
                json_fail(j, ERR_MALFORMED, "%s has control bytes in it", what);
        return s;
}

static void list_take(struct json *j, struct arena *a, struct text_list *list, size_t max, size_t text_max)
{
        if (json_null(j))
                return;
        for (json_array(j); json_element(j);) {
                if (list->len == max)
                        json_fail(j, ERR_LIMIT, "more than %zu", max);
                *ARENA_PUSH(a, list) = text_take(j, text_max, "the text");
        }
}

static void image_take(struct json *j, struct arena *a, struct docker_image *i)
{
        bool has_layers = false;
        struct span key;

        json_object(j);
        while (json_member(j, &key)) {
                if (span_is(key, "Config")) {
                        i->config = text_take(j, IMAGE_PATH_MAX, "Config");
                } else if (span_is(key, "RepoTags")) {
                        list_take(j, a, &i->tags, IMAGE_LIST_MAX, IMAGE_TAG_MAX);
                } else if (span_is(key, "Layers")) {
                        has_layers = true;
                        list_take(j, a, &i->layers, IMAGE_LAYERS_MAX, IMAGE_PATH_MAX);
                } else {
                        json_skip(j); /* Parent, LayerSources */
                }
        }
        if (!j->failed && (i->config.len == 0 || !has_layers))
                json_fail(j, ERR_MALFORMED, "an image needs Config and Layers");
}

bool docker_parse(struct span in, struct arena *a, struct docker_list *ret, struct err *e)
{
        struct docker_list list = {0};
        struct json j;

        json_init(&j, in, a, NULL);
        for (json_array(&j); json_element(&j);) {
                if (list.len == IMAGE_MANIFESTS_MAX)
                        json_fail(&j, ERR_LIMIT, "more than %u images", IMAGE_MANIFESTS_MAX);
                image_take(&j, a, ARENA_PUSH(a, &list));
        }
        if (!json_finish(&j, e))
                return false;
        *ret = list;
        return true;
}

/* 2: that very tag, or the latest of the repository that is asked for; 1: another of it; 0: something else. */
static unsigned tag_rank(struct span has, struct span want)
{
        struct span rest = span_from(has, want.len);

        if (span_equal(has, want))
                return 2;
        if (!span_equal(span_cut(has, 0, want.len), want) || !span_starts(rest, ":"))
                return 0;
        if (span_find(rest, '/', &(size_t){0})) /* "localhost" of "localhost:5000/demo" is no repository */
                return 0;
        return span_is(rest, ":latest") ? 2 : 1;
}

bool docker_choose(const struct docker_list *list, struct span tag, const struct docker_image **ret,
    struct span *ret_tag, struct err *e)
{
        char tags[LIST_TEXT_MAX] = "", one[IMAGE_TAG_MAX + 1];
        const struct docker_image *best = NULL;
        unsigned best_rank = 0;
        struct span best_tag = {0};
        bool several = false;

        for (size_t i = 0; i < list->len; i++) {
                const struct docker_image *image = &list->at[i];

                for (size_t t = 0; t < image->tags.len || (t == 0 && tag.len == 0); t++) {
                        struct span has = image->tags.len ? image->tags.at[t] : (struct span){0};
                        unsigned rank = tag.len ? tag_rank(has, tag) : 1;

                        list_add(tags, has.len ? span_printable(has, one, sizeof(one)) : "(one without a tag)");
                        if (rank < best_rank || rank == 0)
                                continue;
                        if (rank > best_rank) {
                                best = image;
                                best_tag = has;
                                several = false;
                        }
                        best_rank = rank;
                        several |= best != image && !span_equal(best->config, image->config);
                }
        }
        if (!best && tag.len == 0)
                return err_set(e, ERR_NOT_FOUND, "no image is there");
        if (!best)
                return err_set(e, ERR_NOT_FOUND, "no tag \"%s\" is there; %s%s", span_printable(tag, one, sizeof(one)),
                    tags[0] ? "there are: " : "there is none at all", tags);
        if (several)
                return err_set(e, ERR_CONFLICT, "several images are there, name one by its tag: %s", tags);
        *ret = best;
        *ret_tag = best_tag;
        return true;
}

struct digest docker_digest(struct span path)
{
        struct digest d = {0};
        char text[DIGEST_TEXT_MAX];
        struct span hex = path;

        if (span_starts(path, "blobs/sha512/") && path.len == 13 + 128) {
                snprintf(text, sizeof(text), "sha512:%.*s", SPAN_FMT(span_from(path, 13)));
        } else {
                if (span_starts(path, "blobs/sha256/"))
                        hex = span_from(path, 13);
                else if (span_starts(path, "sha256:"))
                        hex = span_from(path, 7);
                else if (span_ends(path, ".json"))
                        hex = span_cut(path, 0, path.len - 5);
                else
                        return d;
                if (hex.len != 64)
                        return d;
                snprintf(text, sizeof(text), "sha256:%.*s", SPAN_FMT(hex));
        }
        if (!digest_parse(span_of(text), &d, NULL))
                return (struct digest){0};
        return d;
}

/* By the first bytes: manifest.json does not say it. */
static bool compression_find(int fd, const struct archive_entry *entry, enum compression *ret, struct err *e)
{
        uint8_t head[COMPRESSION_HEAD] = {0};
        size_t n;

        if (!fd_pread_full(fd, entry->offset, head,
                entry->size < sizeof(head) ? (size_t)entry->size : sizeof(head), &n, e))
                return false;
        *ret = compression_of(span_bytes(head, n));
        return true;
}

/* The old form: all that the image is lies in the files that manifest.json names. */
static bool old_form_read(int fd, const struct archive_list *list, const struct docker_image *image, struct arena *a,
    struct archive *io, struct err *e)
{
        const struct archive_entry *entry;
        struct span bytes;

        if (!archive_file(list, image->config, &entry, e))
                return err_wrap(e, "config");
        struct document config = {.fd = fd, .offset = entry->offset, .size = entry->size};
        config.digest = docker_digest(image->config);
        if (!document_read(&config, IMAGE_CONFIG_MAX, a, &bytes, e))
                return err_wrap(e, "config");
        if (config.digest.alg == DIGEST_NONE)
                digest_of(DIGEST_SHA256, bytes, &config.digest);
        io->form = ARCHIVE_DOCKER;
        io->offset = entry->offset;
        io->size = entry->size;
        io->config = config.digest;
        for (size_t i = 0; i < image->layers.len; i++) {
                struct span path = image->layers.at[i];
                struct archive_layer layer = {0};

                if (!archive_file(list, path, &entry, e) || !compression_find(fd, entry, &layer.compression, e))
                        return err_wrap(e, "layer %zu", i + 1);
                if (span_starts(path, "blobs/"))
                        layer.blob = docker_digest(path);
                layer.offset = entry->offset;
                layer.size = entry->size;
                *ARENA_PUSH(a, &io->layers) = layer;
        }
        return true;
}

struct search {
        int fd;
        const struct archive *archive;
        struct digest config;
        struct arena *arena;
        unsigned documents;
        struct err skipped; /* why a manifest was passed over */
        struct descriptor found;
};

/* Manifests of other platforms are often not in the archive, and attestations are no images: both are passed over. */
static bool manifest_try(struct search *s, const struct descriptor *d, struct err *e)
{
        const struct archive_blob *blob = archive_blob_find(s->archive, &d->digest);
        struct manifest m;
        struct span bytes;
        struct err why = {0};

        if (!blob || blob->size != d->size)
                return true;
        if (++s->documents > IMAGE_ARCHIVE_DOCUMENTS_MAX)
                return err_set(e, ERR_LIMIT, "more than %u manifests", IMAGE_ARCHIVE_DOCUMENTS_MAX);
        const struct document document = {.fd = s->fd, .offset = blob->offset, .size = blob->size, .digest = d->digest};
        if (!document_read(&document, IMAGE_MANIFEST_MAX, s->arena, &bytes, e))
                return err_wrap(e, "manifest");
        if (!manifest_parse(bytes, s->arena, &m, &why)) {
                s->skipped = why;
                return why.kind == ERR_UNSUPPORTED || err_set(e, why.kind, "manifest: %s", why.text);
        }
        if (digest_equal(&m.config.digest, &s->config))
                s->found = *d;
        return true;
}

static bool index_search(struct search *s, const struct document *document, unsigned depth, struct err *e)
{
        struct index index;
        struct span bytes;

        if (depth == IMAGE_INDEX_DEPTH_MAX)
                return err_set(e, ERR_LIMIT, "indexes are nested deeper than %u", IMAGE_INDEX_DEPTH_MAX);
        if (!document_read(document, IMAGE_MANIFEST_MAX, s->arena, &bytes, e) ||
            !index_parse(bytes, s->arena, &index, e))
                return err_wrap(e, "index");
        for (size_t i = 0; i < index.len && s->found.digest.alg == DIGEST_NONE; i++) {
                const struct descriptor *d = &index.at[i];
                const struct archive_blob *blob = archive_blob_find(s->archive, &d->digest);

                if (media_is_manifest(d->media_type) && !manifest_try(s, d, e))
                        return false;
                if (!media_is_index(d->media_type) || !blob)
                        continue;
                if (++s->documents > IMAGE_ARCHIVE_DOCUMENTS_MAX)
                        return err_set(e, ERR_LIMIT, "more than %u indexes", IMAGE_ARCHIVE_DOCUMENTS_MAX);
                const struct document inner = {
                    .fd = s->fd, .offset = blob->offset, .size = blob->size, .digest = d->digest};
                if (!index_search(s, &inner, depth + 1, e))
                        return false;
        }
        return true;
}

/* The new form: the manifest in index.json's tree that has the configuration which manifest.json names. */
static bool new_form_read(int fd, const struct docker_image *image, struct arena *a, struct archive *io, struct err *e)
{
        const struct document index = {.fd = fd, .offset = io->offset, .size = io->size};
        struct search s = {.fd = fd, .archive = io, .arena = a, .config = docker_digest(image->config)};
        char shown[200];

        if (!index_search(&s, &index, 0, e))
                return false;
        if (s.found.digest.alg == DIGEST_NONE)
                return err_set(e, s.skipped.kind ? s.skipped.kind : ERR_MALFORMED,
                    "manifest.json names the config %s, which no manifest of index.json has%s%s",
                    span_printable(image->config, shown, sizeof(shown)), s.skipped.kind ? "; one was not read: " : "",
                    s.skipped.text);
        io->form = ARCHIVE_DOCKER_LAYOUT;
        io->manifest = s.found;
        return true;
}

bool docker_read(int fd, const struct archive_list *list, const struct choice *want, struct arena *a,
    struct archive *io, struct err *e)
{
        const struct archive_entry *entry;
        const struct docker_image *image;
        struct docker_list images;
        struct span bytes;

        if (!archive_file(list, SPAN_LIT("manifest.json"), &entry, e))
                return false;
        const struct document document = {.fd = fd, .offset = entry->offset, .size = entry->size};
        if (!document_read(&document, IMAGE_MANIFEST_MAX, a, &bytes, e) || !docker_parse(bytes, a, &images, e))
                return err_wrap(e, "manifest.json");
        if (!docker_choose(&images, want->tag, &image, &io->tag, e))
                return false;
        return io->form == ARCHIVE_LAYOUT ? new_form_read(fd, image, a, io, e)
                                          : old_form_read(fd, list, image, a, io, e);
}
