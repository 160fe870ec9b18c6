/* Layouts on disk, through real workers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image/image.h"

#define INDEX "application/vnd.oci.image.index.v1+json"
#define MANIFEST "application/vnd.oci.image.manifest.v1+json"
#define LAYER "application/vnd.oci.image.layer.v1.tar"
#define ABC "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static char root[64];
static unsigned n_layouts;

/* A layout being made; `dir` names it for image_open. */
struct layout {
        char dir[128];
        int fd;
        char manifest[DIGEST_TEXT_MAX];
        size_t manifest_size;
};

static int set_up(void **state)
{
        (void)state;
        snprintf(root, sizeof(root), "/tmp/coffer-image-test.XXXXXX");
        return mkdtemp(root) ? 0 : -1;
}

static int tear_down(void **state)
{
        struct err e = {0};

        (void)state;
        return tree_remove(AT_FDCWD, root, &e) ? 0 : -1;
}

static void file_put(int fd, const char *name, struct span s)
{
        struct err e = {0};

        if (!file_replace(fd, name, s, 0644, &e))
                fail_msg("%s", e.text);
}

static struct layout layout_new(void)
{
        struct layout l;

        snprintf(l.dir, sizeof(l.dir), "%s/layout%u", root, n_layouts++);
        assert_int_equal(mkdir(l.dir, 0755), 0);
        l.fd = open(l.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        assert_int_equal(mkdirat(l.fd, "blobs", 0755), 0);
        assert_int_equal(mkdirat(l.fd, "blobs/sha256", 0755), 0);
        return l;
}

/* Its digest as text. */
static const char *blob_put(struct layout *l, struct span s, char out[DIGEST_TEXT_MAX])
{
        char path[DIGEST_TEXT_MAX + 16], hex[DIGEST_TEXT_MAX];
        struct digest d;

        digest_of(DIGEST_SHA256, s, &d);
        snprintf(path, sizeof(path), "blobs/sha256/%s", digest_hex(&d, hex));
        file_put(l->fd, path, s);
        return digest_format(&d, out);
}

/* One descriptor as JSON text. */
static const char *descriptor_text(const char *type, const char *digest, size_t size, const char *more, char out[1024])
{
        snprintf(out, 1024, "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%zu%s}", type, digest, size, more);
        return out;
}

static void manifest_put(struct layout *l, const char *config, const char *layers)
{
        char digest[DIGEST_TEXT_MAX], d[1024], text[8192];

        blob_put(l, span_of(config), digest);
        snprintf(text, sizeof(text), "{\"schemaVersion\":2,\"config\":%s,\"layers\":[%s]}",
            descriptor_text("application/vnd.oci.image.config.v1+json", digest, strlen(config), "", d), layers);
        blob_put(l, span_of(text), l->manifest);
        l->manifest_size = strlen(text);
}

static void index_put(struct layout *l, const char *descriptors)
{
        char text[8192];

        snprintf(text, sizeof(text), "{\"schemaVersion\":2,\"manifests\":[%s]}", descriptors);
        file_put(l->fd, "index.json", span_of(text));
}

static const char *manifest_row(const struct layout *l, const char *more, char out[1024])
{
        return descriptor_text(MANIFEST, l->manifest, l->manifest_size, more, out);
}

#define CONFIG(arch, diff_ids)                                                                                      \
        "{\"architecture\":\"" arch "\",\"os\":\"linux\",\"created\":\"2026-01-02T03:04:05Z\","                     \
        "\"config\":{\"User\":\"7:8\",\"WorkingDir\":\"/srv\",\"StopSignal\":\"SIGINT\",\"Env\":[\"A=1\",\"B=2\"]," \
        "\"Entrypoint\":[\"/bin/sh\",\"-c\"],\"Cmd\":null},"                                                        \
        "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[" diff_ids "]},"                                             \
        "\"history\":[{\"created_by\":\"FROM\"},{\"created_by\":\"ENV\",\"empty_layer\":true}]}"

/* A complete image with one layer, "abc" as stored bytes. */
static struct layout layout_good(void)
{
        struct layout l = layout_new();
        char digest[DIGEST_TEXT_MAX], d[1024], row[1024];

        blob_put(&l, SPAN_LIT("abc"), digest);
        manifest_put(&l, CONFIG("amd64", "\"" ABC "\""), descriptor_text(LAYER "+gzip", digest, 3, "", d));
        index_put(&l, manifest_row(&l, "", row));
        return l;
}

static struct image *opened(const char *reference, const char *platform)
{
        struct image *i = NULL;
        struct err e = {0};

        if (!image_open(reference, platform, &i, &e))
                fail_msg("%s", e.text);
        return i;
}

static void refused(const char *reference, const char *platform, enum err_kind kind, const char *says)
{
        struct image *i = NULL;
        struct err e = {0};

        if (image_open(reference, platform, &i, &e))
                fail_msg("was opened; should say: %s", says);
        if (e.kind != kind || !strstr(e.text, says) || !strstr(e.text, "image "))
                fail_msg("%s: %s: does not say: %s", err_kind_name(e.kind), e.text, says);
        assert_null(i);
}

static void a_layout_is_opened(void **state)
{
        struct layout l = layout_good();
        char text[DIGEST_TEXT_MAX], reference[200], byte[4];
        struct image *i = opened(l.dir, NULL);

        (void)state;
        assert_int_equal(i->kind, IMAGE_OCI_LAYOUT);
        assert_true(span_is(i->name, l.dir));
        assert_string_equal(digest_format(&i->manifest, text), l.manifest);
        assert_int_equal(i->n_layers, 1);
        assert_string_equal(digest_format(&i->layers[0].blob, text), ABC);
        assert_true(digest_equal(&i->layers[0].diff_id, &i->layers[0].blob));
        assert_int_equal(i->layers[0].size, 3);
        assert_int_equal(i->layers[0].offset, 0);
        assert_int_equal(i->layers[0].compression, COMPRESSION_GZIP);
        assert_true(span_is(i->layers[0].created_by, "FROM"));
        assert_int_equal(pread(i->layers[0].fd, byte, 4, 0), 3);
        assert_true(span_is(i->platform.os, "linux") && span_is(i->platform.architecture, "amd64"));
        assert_true(span_is(i->user, "7:8") && span_is(i->working_dir, "/srv") && span_is(i->stop_signal, "SIGINT"));
        assert_true(span_is(i->created, "2026-01-02T03:04:05Z"));
        assert_true(i->n_env == 2 && span_is(i->env[1], "B=2"));
        assert_true(i->n_entrypoint == 2 && span_is(i->entrypoint[1], "-c"));
        assert_int_equal(i->n_cmd, 0);
        assert_int_equal(i->root_fd, -1);
        image_free(i);
        snprintf(reference, sizeof(reference), "oci:%s", l.dir);
        image_free(opened(reference, "linux/amd64"));
        refused(reference, "linux/arm64", ERR_NOT_FOUND, "is for linux/amd64, not for linux/arm64");
        struct err e = {0};
        assert_false(image_open(reference, "amd64", &i, &e));
        assert_string_equal(e.text, "platform \"amd64\": linux/amd64 or linux/arm/v7 is one");
        close(l.fd);
}

static void tags_are_chosen(void **state)
{
        struct layout l = layout_good();
        char a[1024], b[1024], both[2100], reference[200];
        const char *tag_a = ",\"annotations\":{\"org.opencontainers.image.ref.name\":\"one\"}";
        const char *tag_b = ",\"annotations\":{\"org.opencontainers.image.ref.name\":\"host:5000/two:2\"}";
        struct image *i;

        (void)state;
        index_put(&l, manifest_row(&l, tag_a, a));
        i = opened(l.dir, NULL);
        snprintf(reference, sizeof(reference), "%s:one", l.dir);
        assert_true(span_is(i->name, reference));
        image_free(i);
        snprintf(both, sizeof(both), "%s,%s", a, manifest_row(&l, tag_b, b));
        index_put(&l, both);
        refused(l.dir, NULL, ERR_CONFLICT, "one, host:5000/two:2");
        i = opened(reference, NULL);
        assert_true(span_is(i->name, reference));
        image_free(i);
        snprintf(reference, sizeof(reference), "oci:%s:host:5000/two:2", l.dir);
        image_free(opened(reference, NULL));
        snprintf(reference, sizeof(reference), "%s:three", l.dir);
        refused(reference, NULL, ERR_NOT_FOUND, "no tag \"three\" is there; there are: one, host:5000/two:2");
        close(l.fd);
}

static void platforms_are_chosen(void **state)
{
        struct layout l = layout_new();
        char rows[3][1024], list[4096], inner[DIGEST_TEXT_MAX], text[5000], arm[DIGEST_TEXT_MAX], is[DIGEST_TEXT_MAX];
        struct image *i;

        (void)state;
        manifest_put(&l, CONFIG("arm64", ""), "");
        manifest_row(&l, ",\"platform\":{\"os\":\"linux\",\"architecture\":\"arm64\",\"variant\":\"v8\"}", rows[0]);
        memcpy(arm, l.manifest, sizeof(arm));
        manifest_put(&l, CONFIG("s390x", ""), "");
        manifest_row(&l, ",\"platform\":{\"os\":\"linux\",\"architecture\":\"s390x\"}", rows[1]);
        descriptor_text(MANIFEST, ABC, 3, ",\"platform\":{\"os\":\"unknown\",\"architecture\":\"unknown\"}", rows[2]);
        snprintf(list, sizeof(list), "%s,%s,%s", rows[0], rows[1], rows[2]);
        /* An index within the index, as buildx writes it. */
        snprintf(text, sizeof(text), "{\"schemaVersion\":2,\"mediaType\":\"" INDEX "\",\"manifests\":[%s]}", list);
        blob_put(&l, span_of(text), inner);
        index_put(&l, descriptor_text(INDEX, inner, strlen(text), "", rows[0]));
        i = opened(l.dir, "linux/arm64");
        assert_string_equal(digest_format(&i->manifest, is), arm);
        assert_string_equal(digest_format(&i->index, is), inner);
        assert_int_equal(i->n_layers, 0);
        image_free(i);
        image_free(opened(l.dir, "linux/s390x"));
        refused(l.dir, "linux/riscv64", ERR_NOT_FOUND,
            "no image for linux/riscv64 is there; there are: linux/arm64/v8, linux/s390x");
        /* One platform alone is taken, whatever it is, if none was asked for. */
        index_put(&l, rows[1]);
        i = opened(l.dir, NULL);
        assert_true(span_is(i->platform.architecture, "s390x"));
        image_free(i);
        close(l.fd);
}

/* Nor does it hide one, tagged or not: an image, a referrer, and the list that has a tag of its own. */
static void what_is_attached_is_no_image(void **state)
{
        struct layout l = layout_good();
        char rows[3][1024], list[4096], name[DIGEST_TEXT_MAX + 80], is[DIGEST_TEXT_MAX];
        struct image *i;

        (void)state;
        for (int tagged = 0; tagged < 2; tagged++) {
                manifest_row(&l,
                    tagged ? ",\"annotations\":{\"org.opencontainers.image.ref.name\":\"1\"}"
                           : ",\"artifactType\":\"application/vnd.oci.image.config.v1+json\"",
                    rows[0]);
                descriptor_text(MANIFEST, ABC, 3, ",\"artifactType\":\"application/vnd.openvex+json\"", rows[1]);
                snprintf(name, sizeof(name), ",\"annotations\":{\"org.opencontainers.image.ref.name\":\"sha256-%s\"}", &ABC[7]);
                descriptor_text(INDEX, ABC, 3, name, rows[2]);
                snprintf(list, sizeof(list), "%s,%s,%s", rows[1], rows[0], rows[2]);
                index_put(&l, list);
                i = opened(l.dir, NULL);
                assert_string_equal(digest_format(&i->manifest, is), l.manifest);
                assert_int_equal(i->index.alg, DIGEST_NONE);
                image_free(i);
        }
        index_put(&l, rows[1]);
        refused(l.dir, NULL, ERR_NOT_FOUND, "no image is there");
        close(l.fd);
}

static void nesting_has_an_end(void **state)
{
        struct layout l = layout_good();
        char row[1024], digest[DIGEST_TEXT_MAX], text[2048];

        (void)state;
        manifest_row(&l, "", row);
        for (int depth = 1; depth <= 4; depth++) {
                index_put(&l, row);
                if (depth <= 4)
                        image_free(opened(l.dir, NULL));
                snprintf(text, sizeof(text), "{\"schemaVersion\":2,\"manifests\":[%s]}", row);
                blob_put(&l, span_of(text), digest);
                descriptor_text(INDEX, digest, strlen(text), "", row);
        }
        index_put(&l, row);
        refused(l.dir, NULL, ERR_LIMIT, "nested deeper than 4");
        close(l.fd);
}

static void damaged_layouts_are_refused(void **state)
{
        struct layout l = layout_good();
        char path[256], d[1024], row[1024], text[DIGEST_TEXT_MAX];

        (void)state;
        snprintf(path, sizeof(path), "blobs/sha256/%s", &ABC[7]);
        file_put(l.fd, path, SPAN_LIT("abcd"));
        refused(l.dir, NULL, ERR_MALFORMED, "layer 1 (" ABC "): its size is 4 bytes, not 3");
        unlinkat(l.fd, path, 0);
        refused(l.dir, NULL, ERR_MALFORMED, "layer 1 (" ABC "): its blob is missing");
        assert_int_equal(symlinkat("/etc/passwd", l.fd, path), 0);
        refused(l.dir, NULL, ERR_MALFORMED, "layer 1");
        unlinkat(l.fd, path, 0);
        mkdirat(l.fd, path, 0755);
        refused(l.dir, NULL, ERR_MALFORMED, "not a regular file");
        unlinkat(l.fd, path, AT_REMOVEDIR);
        file_put(l.fd, path, SPAN_LIT("abc"));
        image_free(opened(l.dir, NULL));

        manifest_put(&l, CONFIG("amd64", ""), descriptor_text(LAYER, ABC, 3, "", d));
        index_put(&l, manifest_row(&l, "", row));
        refused(l.dir, NULL, ERR_MALFORMED, "1 layers, the config 0 diff ids");
        manifest_put(&l, CONFIG("amd64", "\"" ABC "\""), descriptor_text("application/x-lzip", ABC, 3, "", d));
        index_put(&l, manifest_row(&l, "", row));
        refused(l.dir, NULL, ERR_UNSUPPORTED, "layer 1: media type application/x-lzip");
        manifest_put(&l, CONFIG("amd64", "\"" ABC "\""), descriptor_text(LAYER "+gzip+encrypted", ABC, 3, "", d));
        index_put(&l, manifest_row(&l, "", row));
        refused(l.dir, NULL, ERR_UNSUPPORTED, "layer 1: it is encrypted");
        manifest_put(&l, CONFIG("amd64", "\"" ABC "\""), descriptor_text(LAYER, "sha256:../../etc/passwd", 3, "", d));
        index_put(&l, manifest_row(&l, "", row));
        refused(l.dir, NULL, ERR_MALFORMED, "layers[0].digest: digest sha256:../../etc/passwd has 16 hex digits");

        l = layout_good();
        snprintf(path, sizeof(path), "blobs/sha256/%s", l.manifest + 7);
        struct buf b CLEANUP(buf_done) = {0};
        struct err e = {0};
        assert_true(file_read(l.fd, path, 1 << 20, &b, &e));
        b.at[b.len - 1] = ' ';
        file_put(l.fd, path, buf_span(&b));
        refused(l.dir, NULL, ERR_UNTRUSTED, "manifest: its digest is sha256:");
        index_put(&l, descriptor_text(MANIFEST, blob_put(&l, SPAN_LIT("{\"schemaVersion\":2"), text), 18, "", row));
        refused(l.dir, NULL, ERR_MALFORMED, "manifest: ");
        file_put(l.fd, "index.json", SPAN_LIT("[]"));
        refused(l.dir, NULL, ERR_MALFORMED, "index: ");
        file_put(l.fd, "index.json", SPAN_LIT("{\"schemaVersion\":2,\"manifests\":[]}"));
        refused(l.dir, NULL, ERR_NOT_FOUND, "no image is there");
        unlinkat(l.fd, "index.json", 0);
        file_put(l.fd, "oci-layout", SPAN_LIT("{}"));
        refused(l.dir, NULL, ERR_NOT_FOUND, "index.json");
        close(l.fd);
}

static void large_documents_are_refused_unread(void **state)
{
        struct layout l = layout_good();
        char path[256];
        int fd;

        (void)state;
        snprintf(path, sizeof(path), "%s/index.json", l.dir);
        fd = open(path, O_WRONLY);
        assert_int_equal(ftruncate(fd, (100 << 20)), 0);
        close(fd);
        refused(l.dir, NULL, ERR_LIMIT, "index: 104857600 bytes, at most 4194304");
        close(l.fd);
}

static void other_references_say_why_not(void **state)
{
        char path[128];

        (void)state;
        refused("/nonexistent/image", NULL, ERR_NOT_FOUND, "/nonexistent/image does not exist");
        refused("oci:/nonexistent/image", NULL, ERR_NOT_FOUND, "does not exist");
        refused("oci:", NULL, ERR_MALFORMED, "no path is named");
        refused("/etc/passwd", NULL, ERR_MALFORMED, "it is no tar archive");
        refused("docker-archive:/etc/passwd", NULL, ERR_MALFORMED, "it is no tar archive");
        refused("/dev/null", NULL, ERR_MALFORMED, "neither a folder nor a file");
        snprintf(path, sizeof(path), "%s/empty", root);
        mkdir(path, 0755);
        refused(path, NULL, ERR_UNSUPPORTED, "no OCI layout");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_layout_is_opened),
            cmocka_unit_test(tags_are_chosen),
            cmocka_unit_test(platforms_are_chosen),
            cmocka_unit_test(what_is_attached_is_no_image),
            cmocka_unit_test(nesting_has_an_end),
            cmocka_unit_test(damaged_layouts_are_refused),
            cmocka_unit_test(large_documents_are_refused_unread),
            cmocka_unit_test(other_references_say_why_not),
        };

        return cmocka_run_group_tests(tests, set_up, tear_down);
}
