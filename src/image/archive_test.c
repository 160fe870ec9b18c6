/* Image archives: the outer tar, manifest.json, the choice of an image, the answer, and whole images by real workers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <sys/stat.h>

#include "image/archive_make_priv.h"

#define S SPAN_LIT
#define HEX_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
/* sha256 of "abc" and "xyz", which stand for layers where none is read */
#define ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define XYZ "3608bca1e44ea6c4d268eb6db02260269892c0b42b86bbf1e77a6fa16c3c9282"
#define CONFIG                                                                                                      \
        "{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{\"User\":\"7\"},\"rootfs\":{\"type\":\"layers\"," \
        "\"diff_ids\":[\"sha256:" ABC "\",\"sha256:" XYZ "\"]}}"

struct fixture {
        struct buf tar;
        struct arena *arena;
        char path[64];
        int fd;
};

static int set_up(void **state)
{
        struct fixture *f = heap_alloc(sizeof(*f));

        f->arena = arena_new();
        snprintf(f->path, sizeof(f->path), "/tmp/coffer-archive-test.XXXXXX");
        f->fd = mkstemp(f->path);
        *state = f;
        return f->fd >= 0 ? 0 : -1;
}

static int tear_down(void **state)
{
        struct fixture *f = *state;

        unlink(f->path);
        close(f->fd);
        buf_done(&f->tar);
        arena_free(f->arena);
        free(f);
        return 0;
}

static void save(struct fixture *f)
{
        struct err e = {0};

        assert_int_equal(ftruncate(f->fd, 0), 0);
        assert_int_equal(lseek(f->fd, 0, SEEK_SET), 0);
        assert_true(fd_write_all(f->fd, buf_span(&f->tar), &e));
}

static void says(const struct err *e, enum err_kind kind, const char *text)
{
        if (e->kind != kind || !strstr(e->text, text))
                fail_msg("kind %d \"%s\", expected kind %d \"%s\"", e->kind, e->text, kind, text);
}

/* ---- the outer tar ---- */

static void walk_refuses(struct fixture *f, enum err_kind kind, const char *text)
{
        struct archive_list list;
        struct err e = {0};

        save(f);
        assert_false(archive_walk(f->fd, f->tar.len, f->arena, &list, &e));
        says(&e, kind, text);
        buf_clear(&f->tar);
}

static void entries_are_found_where_they_lie(void **state)
{
        struct fixture *f = *state;
        struct buf big CLEANUP(buf_done) = {0};
        const struct archive_entry *entry;
        struct archive_list list;
        struct err e = {0};
        char byte;

        for (unsigned i = 0; i < 100001; i++)
                buf_put_u8(&big, 'b');
        tar_make(&f->tar, &(struct tar_item){.path = "blobs/", .type = '5'});
        archive_make_file(&f->tar, "./blobs/big", buf_span(&big));
        tar_make(&f->tar, &(struct tar_item){.path = "blobs", .type = '5'});
        archive_make_file(&f->tar, "empty", S(""));
        archive_make_file(&f->tar, "index.json", S("{}"));
        archive_make_file(&f->tar, ".wh.manifest.json", S("no whiteout here"));
        archive_make_link(&f->tar, "a/b/layer.tar", '2', "../../blobs/./x/../big");
        archive_make_link(&f->tar, "a/c/layer.tar", '1', "blobs/big");
        tar_make_end(&f->tar);
        save(f);
        assert_true(archive_walk(f->fd, f->tar.len, f->arena, &list, &e));
        assert_int_equal(list.len, 5);
        assert_null(archive_find(&list, S("manifest.json")));
        assert_null(archive_find(&list, S("blobs")));
        assert_true(archive_file(&list, S("index.json"), &entry, &e));
        assert_int_equal(entry->size, 2);
        assert_int_equal(pread(f->fd, &byte, 1, (off_t)entry->offset), 1);
        assert_int_equal(byte, '{');
        assert_true(archive_file(&list, S("a/b/layer.tar"), &entry, &e));
        assert_int_equal(entry->size, 100001);
        assert_int_equal(entry->offset, 1024);
        assert_true(archive_file(&list, S("a//c/./layer.tar"), &entry, &e));
        assert_int_equal(entry->offset, 1024);
}

/* 20 GiB that are not there: a sparse file is walked in no time, because nothing of it is read. */
static void contents_are_not_read(void **state)
{
        struct fixture *f = *state;
        uint64_t size = 20ull << 30;
        struct archive_list list;
        struct err e = {0};
        uint8_t block[512];

        tar_make_header(block, &(struct tar_item){.path = "layer.tar", .size = size});
        assert_int_equal(pwrite(f->fd, block, 512, 0), 512);
        tar_make_header(block, &(struct tar_item){.path = "last", .size = 1});
        assert_int_equal(pwrite(f->fd, block, 512, (off_t)(512 + size)), 512);
        assert_int_equal(ftruncate(f->fd, (off_t)(512 + size + 512 + 512 + 1024)), 0);
        assert_true(archive_walk(f->fd, 512 + size + 512 + 512 + 1024, f->arena, &list, &e));
        assert_int_equal(list.len, 2);
        assert_int_equal(list.at[0].offset, 1024 + size);
        assert_int_equal(list.at[1].size, size);
}

static void the_outer_tar_is_refused(void **state)
{
        struct fixture *f = *state;
        char name[16];

        archive_make_file(&f->tar, "manifest.json", S("[]"));
        archive_make_file(&f->tar, "other", S(""));
        archive_make_file(&f->tar, "./manifest.json", S("{}"));
        walk_refuses(f, ERR_MALFORMED, "two entries of the archive are named manifest.json");

        archive_make_file(&f->tar, "index.json", S("{}"));
        archive_make_link(&f->tar, "index.json", '2', "other");
        walk_refuses(f, ERR_MALFORMED, "two entries of the archive are named index.json");

        archive_make_file(&f->tar, "index.json", S("{}"));
        f->tar.len -= 100;
        walk_refuses(f, ERR_MALFORMED, "it ends within entry");

        tar_make(&f->tar, &(struct tar_item){.path = "layer.tar", .size = 1 << 20});
        walk_refuses(f, ERR_MALFORMED, "entry 0 (layer.tar): the tar ends 1048576 bytes before");

        archive_make_file(&f->tar, "../index.json", S("{}"));
        walk_refuses(f, ERR_MALFORMED, "entry 0");

        buf_put(&f->tar, S("\x1f\x8b\x08 and more"));
        walk_refuses(f, ERR_UNSUPPORTED, "compressed (gzip): gunzip it first");
        buf_put(&f->tar, S("\x28\xb5\x2f\xfd and more"));
        walk_refuses(f, ERR_UNSUPPORTED, "compressed (zstd): unzstd it first");
        buf_put(&f->tar, S("\xfd\x37zXZ"));
        walk_refuses(f, ERR_UNSUPPORTED, "compressed (xz)");
        buf_put(&f->tar, S("BZh91AY"));
        walk_refuses(f, ERR_UNSUPPORTED, "compressed (bzip2)");
        buf_put(&f->tar, S("no tar"));
        walk_refuses(f, ERR_MALFORMED, "it is no tar archive: 6 bytes");

        for (unsigned i = 0; i <= IMAGE_ARCHIVE_ENTRIES_MAX; i++) {
                snprintf(name, sizeof(name), "%u", i);
                archive_make_file(&f->tar, name, S(""));
        }
        walk_refuses(f, ERR_LIMIT, "more than 100000 entries");
}

static void names_take_bounded_memory(void **state)
{
        struct fixture *f = *state;
        char name[4001], part[201];

        memset(part, 'n', sizeof(part));
        for (unsigned i = 0; i < 5000; i++) {
                snprintf(name, sizeof(name), "%u", i);
                for (size_t len = strlen(name); len + 202 < sizeof(name); len = strlen(name))
                        snprintf(name + len, sizeof(name) - len, "/%.200s", part);
                archive_make_file(&f->tar, name, S(""));
        }
        walk_refuses(f, ERR_LIMIT, "names are more than");
}

static void links_lead_to_one_file_within(void **state)
{
        static const struct {
                const char *name, *text;
        } wrong[] = {
            {"absolute/layer.tar", "absolute/layer.tar is a link out of the archive"},
            {"out/layer.tar", "a link out of the archive"},
            {"loop/layer.tar", "a link to a link"},
            {"self", "a link to a link"},
            {"dangling", "a link to what is missing"},
            {"fifo", "fifo is not a file"},
            {"none", "none is missing in the archive"},
            {"../x", "../x: \"..\" would lead out"},
            {"/x", "it is absolute"},
            {"", "it is empty"},
        };
        struct fixture *f = *state;
        const struct archive_entry *entry;
        struct archive_list list;
        struct err e = {0};

        archive_make_file(&f->tar, "etc/passwd", S("x"));
        archive_make_link(&f->tar, "absolute/layer.tar", '2', "/etc/passwd");
        archive_make_link(&f->tar, "out/layer.tar", '2', "../../archive/etc/passwd");
        archive_make_link(&f->tar, "loop/layer.tar", '2', "../pool/layer.tar");
        archive_make_link(&f->tar, "pool/layer.tar", '2', "../loop/layer.tar");
        archive_make_link(&f->tar, "self", '2', "self");
        archive_make_link(&f->tar, "dangling", '2', "nothing");
        tar_make(&f->tar, &(struct tar_item){.path = "fifo", .type = '6'});
        save(f);
        assert_true(archive_walk(f->fd, f->tar.len, f->arena, &list, &e));
        for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
                e = (struct err){0};
                assert_false(archive_file(&list, span_of(wrong[i].name), &entry, &e));
                says(&e, ERR_MALFORMED, wrong[i].text);
        }
}

/* ---- manifest.json ---- */

static void manifest_json_is_strict(void **state)
{
        static const struct {
                const char *text;
                enum err_kind kind;
                const char *says;
        } wrong[] = {
            {"{}", ERR_MALFORMED, "array"},
            {"[1]", ERR_MALFORMED, "object"},
            {"[{}]", ERR_MALFORMED, "needs Config and Layers"},
            {"[{\"Config\":\"\",\"Layers\":[]}]", ERR_MALFORMED, "needs Config and Layers"},
            {"[{\"Config\":\"a\",\"Config\":\"b\",\"Layers\":[]}]", ERR_MALFORMED, "Config"},
            {"[{\"Config\":\"a\",\"Layers\":{}}]", ERR_MALFORMED, "Layers"},
            {"[{\"Config\":\"a\\u001b\",\"Layers\":[]}]", ERR_MALFORMED, "control"},
            {"[{\"Config\":\"a\",\"Layers\":[]}", ERR_MALFORMED, ""},
            {"[] []", ERR_MALFORMED, ""},
        };
        struct fixture *f = *state;
        struct docker_list list;
        struct err e = {0};

        for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
                e = (struct err){0};
                assert_false(docker_parse(span_of(wrong[i].text), f->arena, &list, &e));
                says(&e, wrong[i].kind, wrong[i].says);
        }
        assert_true(docker_parse(
            S("[{\"Config\":\"c\",\"RepoTags\":null,\"Layers\":[\"l\"],\"Parent\":\"p\"}]"), f->arena, &list, &e));
        assert_int_equal(list.len, 1);
        assert_true(span_is(list.at[0].config, "c") && list.at[0].tags.len == 0);
        assert_true(span_is(list.at[0].layers.at[0], "l"));
}

static void tags_choose(void **state)
{
        static const struct {
                const char *tag, *config;
                enum err_kind kind;
                const char *says;
        } rows[] = {
            {"demo:1", "one", 0, "demo:1"},
            {"demo:2", "two", 0, "demo:2"},
            {"demo", "two", 0, "demo:latest"},
            {"other", "three", 0, "other:9"},
            {"twins", NULL, ERR_CONFLICT, "name one by its tag: demo:1, demo:2, demo:latest, other:9"},
            {"localhost:5000/demo", "three", 0, "localhost:5000/demo:7"},
            {"localhost", NULL, ERR_NOT_FOUND, "no tag \"localhost\""},
            {"dem", NULL, ERR_NOT_FOUND, "there are: demo:1"},
            {"", NULL, ERR_CONFLICT, "several images are there"},
        };
        struct fixture *f = *state;
        const struct docker_image *image;
        struct docker_list list;
        struct span tag;
        struct err e = {0};

        assert_true(docker_parse(
            S("[{\"Config\":\"one\",\"RepoTags\":[\"demo:1\"],\"Layers\":[]},"
              "{\"Config\":\"two\",\"RepoTags\":[\"demo:2\",\"demo:latest\"],\"Layers\":[]},"
              "{\"Config\":\"three\",\"RepoTags\":[\"other:9\",\"localhost:5000/demo:7\",\"twins:a\"],\"Layers\":[]},"
              "{\"Config\":\"four\",\"RepoTags\":[\"twins:b\"],\"Layers\":[]}]"),
            f->arena, &list, &e));
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                bool ok = docker_choose(&list, span_of(rows[i].tag), &image, &tag, &e);

                assert_int_equal(ok, rows[i].config != NULL);
                if (!ok) {
                        says(&e, rows[i].kind, rows[i].says);
                        continue;
                }
                assert_true(span_is(image->config, rows[i].config));
                assert_true(span_is(tag, rows[i].says));
        }
        list.len = 0;
        assert_false(docker_choose(&list, S(""), &image, &tag, &e));
        says(&e, ERR_NOT_FOUND, "no image is there");
}

static void digests_are_taken_from_names(void **state)
{
        char text[DIGEST_TEXT_MAX];
        struct digest d;

        (void)state;
        d = docker_digest(S(ABC ".json"));
        assert_string_equal(digest_format(&d, text), "sha256:" ABC);
        d = docker_digest(S("sha256:" ABC));
        assert_string_equal(digest_format(&d, text), "sha256:" ABC);
        d = docker_digest(S("blobs/sha256/" ABC));
        assert_string_equal(digest_format(&d, text), "sha256:" ABC);
        d = docker_digest(S("blobs/sha512/" ABC ABC));
        assert_string_equal(digest_format(&d, text), "sha512:" ABC ABC);
        assert_int_equal(docker_digest(S("config.json")).alg, DIGEST_NONE);
        assert_int_equal(docker_digest(S(ABC)).alg, DIGEST_NONE);
        assert_int_equal(docker_digest(S("blobs/sha512/" ABC)).alg, DIGEST_NONE);
        assert_int_equal(docker_digest(S("blobs/sha256/" ABC ".json")).alg, DIGEST_NONE);
}

/* ---- the answer ---- */

static void the_answer_is_as_untrusted_as_the_archive(void **state)
{
        struct fixture *f = *state;
        struct archive_layer layer = {.offset = 10, .size = 20, .compression = COMPRESSION_ZSTD};
        struct archive v = {.form = ARCHIVE_DOCKER, .size = 5, .tag = S("t")}, got;
        struct buf b CLEANUP(buf_done) = {0};
        struct cursor c;

        digest_of(DIGEST_SHA256, S("c"), &v.config);
        *ARENA_PUSH(f->arena, &v.layers) = layer;
        archive_put(&b, &v);
        c = (struct cursor){.rest = buf_span(&b)};
        assert_true(archive_get(&c, 30, f->arena, &got));
        assert_int_equal(got.layers.at[0].offset, 10);
        c = (struct cursor){.rest = buf_span(&b)};
        assert_false(archive_get(&c, 29, f->arena, &got)); /* outside of the file */
        for (size_t n = 0; n < b.len; n++) {
                c = (struct cursor){.rest = span_cut(buf_span(&b), 0, n)};
                assert_false(archive_get(&c, 30, f->arena, &got));
        }
        buf_put_u8(&b, 0);
        c = (struct cursor){.rest = buf_span(&b)};
        assert_false(archive_get(&c, 30, f->arena, &got));
        b.at[b.len - 2] = COMPRESSION_LAST + 1; /* no such compression */
        c = (struct cursor){.rest = span_cut(buf_span(&b), 0, b.len - 1)};
        assert_false(archive_get(&c, 30, f->arena, &got));
        b.at[0] = ARCHIVE_NONE;
        c = (struct cursor){.rest = span_cut(buf_span(&b), 0, b.len - 1)};
        assert_false(archive_get(&c, 30, f->arena, &got));
}

static void blobs_out_of_order_are_refused(void **state)
{
        struct fixture *f = *state;
        struct archive v = {.form = ARCHIVE_LAYOUT}, got;
        struct archive_blob one = {0}, two = {0};

        digest_of(DIGEST_SHA256, S("abc"), &one.digest); /* ba.. */
        digest_of(DIGEST_SHA256, S("xyz"), &two.digest); /* 36.. */
        for (unsigned i = 0; i < 3; i++) {
                struct buf b CLEANUP(buf_done) = {0};
                struct cursor c;

                v.blobs.len = 0;
                *ARENA_PUSH(f->arena, &v.blobs) = i == 0 ? two : one;
                *ARENA_PUSH(f->arena, &v.blobs) = i == 2 ? two : one;
                archive_put(&b, &v);
                c = (struct cursor){.rest = buf_span(&b)};
                assert_int_equal(archive_get(&c, 0, f->arena, &got), i == 0);
        }
}

/* ---- whole images, by real workers ---- */

static struct image *open_ok(const char *prefix, const struct fixture *f, const char *suffix)
{
        struct image *i = NULL;
        struct err e = {0};
        char reference[256];

        snprintf(reference, sizeof(reference), "%s%s%s", prefix, f->path, suffix);
        if (!image_open(reference, NULL, &i, &e))
                fail_msg("%s: %s", reference, e.text);
        return i;
}

static void open_refuses(
    struct fixture *f, const char *prefix, const char *suffix, enum err_kind kind, const char *text)
{
        struct image *i = NULL;
        struct err e = {0};
        char reference[256];

        snprintf(reference, sizeof(reference), "%s%s%s", prefix, f->path, suffix);
        assert_false(image_open(reference, NULL, &i, &e));
        assert_null(i);
        says(&e, kind, text);
        says(&e, kind, f->path);
}

static void layer_is(const struct image *i, size_t n, const char *content)
{
        const struct image_layer *l = &i->layers[n];
        char got[16] = {0};

        assert_int_equal(l->size, strlen(content));
        assert_int_equal(pread(l->fd, got, l->size, (off_t)l->offset), l->size);
        assert_string_equal(got, content);
}

/* The OCI layout's files: layers "abc" and "xyz", and a manifest whose digest comes out. */
static void layout_make(struct buf *to, const char *name, bool with_layers, char manifest[DIGEST_TEXT_MAX])
{
        char config[DIGEST_TEXT_MAX], text[2048], unused[DIGEST_TEXT_MAX];

        archive_make_file(to, "oci-layout", S("{\"imageLayoutVersion\":\"1.0.0\"}"));
        archive_make_blob(to, S("abc"), unused);
        if (with_layers)
                archive_make_blob(to, S("xyz"), unused);
        archive_make_blob(to, S(CONFIG), config);
        snprintf(text, sizeof(text),
            "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"application/vnd.oci.image.config.v1+json\","
            "\"digest\":\"%s\",\"size\":%zu},\"layers\":["
            "{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar\",\"digest\":\"sha256:" ABC "\",\"size\":3},"
            "{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar\",\"digest\":\"sha256:" XYZ "\",\"size\":3}]}",
            config, sizeof(CONFIG) - 1);
        archive_make_blob(to, span_of(text), manifest);
        size_t size = strlen(text);
        snprintf(text, sizeof(text),
            "{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\","
            "\"digest\":\"%s\",\"size\":%zu,\"annotations\":{\"org.opencontainers.image.ref.name\":\"%s\"}}]}",
            manifest, size, name);
        archive_make_file(to, "index.json", span_of(text));
}

static void config_path(char out[DIGEST_TEXT_MAX + 16], const char *format, const char *content)
{
        char hex[DIGEST_TEXT_MAX];
        struct digest d;

        digest_of(DIGEST_SHA256, span_of(content), &d);
        digest_hex(&d, hex);
        snprintf(out, DIGEST_TEXT_MAX + 16, format, hex);
}

static void docker_json_make(struct buf *to, const char *config, const char *layers)
{
        char text[2048];

        snprintf(text, sizeof(text), "[{\"Config\":\"%s\",\"RepoTags\":[\"demo:1\"],\"Layers\":[%s]}]", config, layers);
        archive_make_file(to, "manifest.json", span_of(text));
}

#define OLD_LAYERS "\"one/layer.tar\",\"two/layer.tar\""

static void old_form_make(struct fixture *f)
{
        char config[DIGEST_TEXT_MAX + 16];

        config_path(config, "%s.json", CONFIG);
        buf_clear(&f->tar);
        archive_make_file(&f->tar, config, S(CONFIG));
        docker_json_make(&f->tar, config, OLD_LAYERS);
        archive_make_file(&f->tar, "one/layer.tar", S("abc"));
}

static void an_oci_archive_is_an_image(void **state)
{
        static const char *const prefixes[] = {"", "oci-archive:"};
        char manifest[DIGEST_TEXT_MAX], text[DIGEST_TEXT_MAX];
        struct fixture *f = *state;

        layout_make(&f->tar, "v1", true, manifest);
        tar_make_end(&f->tar);
        save(f);
        for (size_t n = 0; n < ARRAY_LEN(prefixes); n++) {
                struct image *i CLEANUP(image_freep) = open_ok(prefixes[n], f, n ? ":v1" : "");

                assert_int_equal(i->kind, IMAGE_OCI_ARCHIVE);
                assert_string_equal(digest_format(&i->manifest, text), manifest);
                assert_int_equal(i->n_layers, 2);
                layer_is(i, 0, "abc");
                layer_is(i, 1, "xyz");
                assert_true(span_ends(i->name, ":v1"));
        }
        open_refuses(f, "", ":v2", ERR_NOT_FOUND, "no tag \"v2\" is there; there are: v1");
        open_refuses(f, "docker-archive:", "", ERR_MALFORMED, "name it by oci-archive:");
}

static void an_oci_archive_is_refused(void **state)
{
        char manifest[DIGEST_TEXT_MAX];
        struct fixture *f = *state;

        layout_make(&f->tar, "v1", false, manifest);
        save(f);
        open_refuses(f, "", "", ERR_MALFORMED, "layer 2 (sha256:" XYZ "): its blob is missing");

        archive_make_file(&f->tar, "blobs/sha256/" XYZ, S("longer"));
        save(f);
        open_refuses(f, "", "", ERR_MALFORMED, "layer 2 (sha256:" XYZ "): its size is 6 bytes, not 3");

        /* as in a folder, a blob is a file and no link to one */
        buf_clear(&f->tar);
        layout_make(&f->tar, "v1", false, manifest);
        archive_make_file(&f->tar, "elsewhere", S("xyz"));
        archive_make_link(&f->tar, "blobs/sha256/" XYZ, '2', "../../elsewhere");
        save(f);
        open_refuses(f, "", "", ERR_MALFORMED, "layer 2 (sha256:" XYZ "): its blob is missing");

        buf_clear(&f->tar);
        archive_make_file(&f->tar, "oci-layout", S("{}"));
        save(f);
        open_refuses(f, "", "", ERR_MALFORMED, "index.json is missing");

        buf_clear(&f->tar);
        archive_make_link(&f->tar, "index.json", '2', "/etc/passwd");
        save(f);
        open_refuses(f, "oci-archive:", "", ERR_MALFORMED, "index.json is a link out of the archive");
}

static void the_old_docker_form_is_an_image(void **state)
{
        char id[DIGEST_TEXT_MAX + 16], text[DIGEST_TEXT_MAX];
        struct fixture *f = *state;

        old_form_make(f);
        archive_make_file(&f->tar, "pool/xyz.tar", S("xyz"));
        archive_make_link(&f->tar, "two/layer.tar", '2', "../pool/xyz.tar");
        archive_make_file(&f->tar, "repositories", S("{}"));
        tar_make_end(&f->tar);
        save(f);
        struct image *i CLEANUP(image_freep) = open_ok("", f, ":demo:1");

        config_path(id, "sha256:%s", CONFIG);
        assert_int_equal(i->kind, IMAGE_DOCKER_ARCHIVE);
        assert_string_equal(digest_format(&i->manifest, text), id);
        assert_string_equal(digest_format(&i->config, text), id);
        assert_int_equal(i->n_layers, 2);
        layer_is(i, 0, "abc");
        layer_is(i, 1, "xyz");
        assert_int_equal(i->layers[0].blob.alg, DIGEST_NONE);
        assert_string_equal(digest_format(&i->layers[1].diff_id, text), "sha256:" XYZ);
        assert_true(span_is(i->user, "7"));
        open_refuses(f, "docker-archive:", ":demo:2", ERR_NOT_FOUND, "there are: demo:1");
        open_refuses(f, "oci-archive:", "", ERR_MALFORMED, "name it by docker-archive:");
}

static void the_old_docker_form_is_refused(void **state)
{
        struct fixture *f = *state;

        old_form_make(f);
        save(f);
        open_refuses(f, "", "", ERR_MALFORMED, "layer 2: two/layer.tar is missing in the archive");

        archive_make_link(&f->tar, "two/layer.tar", '2', "../three/layer.tar");
        archive_make_link(&f->tar, "three/layer.tar", '2', "../two/layer.tar");
        save(f);
        open_refuses(f, "", "", ERR_MALFORMED, "layer 2: two/layer.tar is a link to a link");

        buf_clear(&f->tar);
        archive_make_file(&f->tar, HEX_A ".json", S(CONFIG));
        docker_json_make(&f->tar, HEX_A ".json", "");
        save(f);
        open_refuses(f, "", "", ERR_UNTRUSTED, "config: its digest is");

        buf_clear(&f->tar);
        archive_make_file(&f->tar, "config.json", S(CONFIG));
        archive_make_file(&f->tar, "l", S("abc"));
        docker_json_make(&f->tar, "config.json", "\"l\"");
        save(f);
        open_refuses(f, "", "", ERR_MALFORMED, "manifest.json has 1 layers, the config 2 diff ids");

        buf_clear(&f->tar);
        docker_json_make(&f->tar, "../config.json", "");
        save(f);
        open_refuses(f, "", "", ERR_MALFORMED, "config: ../config.json");

        buf_clear(&f->tar);
        archive_make_file(&f->tar, "repositories", S("{}"));
        archive_make_file(&f->tar, "id/json", S("{}"));
        archive_make_file(&f->tar, "id/layer.tar", S("abc"));
        save(f);
        open_refuses(f, "", "", ERR_UNSUPPORTED, "docker save it again with a current Docker, or skopeo copy");
        open_refuses(f, "docker-archive:", "", ERR_UNSUPPORTED, "docker save it again");

        buf_clear(&f->tar);
        archive_make_file(&f->tar, "etc/passwd", S("x"));
        save(f);
        open_refuses(f, "", "", ERR_MALFORMED, "neither index.json nor manifest.json");
        assert_int_equal(ftruncate(f->fd, 0), 0);
        open_refuses(f, "", "", ERR_MALFORMED, "neither index.json nor manifest.json");
}

/* crane and bazel compress layers, and name the configuration by its digest with the algorithm. */
static void compression_shows_in_the_first_bytes(void **state)
{
        char config[DIGEST_TEXT_MAX + 16];
        struct fixture *f = *state;

        config_path(config, "sha256:%s", CONFIG);
        archive_make_file(&f->tar, config, S(CONFIG));
        docker_json_make(&f->tar, config, "\"a.tar.gz\",\"b.tar.zst\"");
        archive_make_file(&f->tar, "a.tar.gz", S("\x1f\x8b\x08"));
        archive_make_file(&f->tar, "b.tar.zst", S("\x28\xb5\x2f\xfd"));
        save(f);
        struct image *i CLEANUP(image_freep) = open_ok("docker-archive:", f, "");

        assert_int_equal(i->layers[0].compression, COMPRESSION_GZIP);
        assert_int_equal(i->layers[1].compression, COMPRESSION_ZSTD);

        buf_clear(&f->tar);
        archive_make_file(&f->tar, config, S(CONFIG));
        docker_json_make(&f->tar, config, "\"a.tar.xz\",\"b.tar.bz2\"");
        archive_make_file(&f->tar, "a.tar.xz", S("\xfd\x37\x7a\x58\x5a\x00\x00"));
        archive_make_file(&f->tar, "b.tar.bz2", S("BZh91AY"));
        save(f);
        struct image *more CLEANUP(image_freep) = open_ok("docker-archive:", f, "");
        assert_int_equal(more->layers[0].compression, COMPRESSION_XZ);
        assert_int_equal(more->layers[1].compression, COMPRESSION_BZIP2);
        assert_true(span_is(more->layers[0].media_type, "application/vnd.docker.image.rootfs.diff.tar.xz"));
}

static void the_new_docker_form_has_a_manifest(void **state)
{
        char manifest[DIGEST_TEXT_MAX], config[DIGEST_TEXT_MAX + 16], text[DIGEST_TEXT_MAX];
        struct fixture *f = *state;

        layout_make(&f->tar, "1", true, manifest);
        config_path(config, "blobs/sha256/%s", CONFIG);
        docker_json_make(&f->tar, config, "\"blobs/sha256/" ABC "\",\"blobs/sha256/" XYZ "\"");
        save(f);
        struct image *i CLEANUP(image_freep) = open_ok("", f, ":demo:1");

        assert_int_equal(i->kind, IMAGE_DOCKER_ARCHIVE);
        assert_string_equal(digest_format(&i->manifest, text), manifest);
        layer_is(i, 1, "xyz");
        struct image *oci CLEANUP(image_freep) = open_ok("oci-archive:", f, ":1");
        assert_true(digest_equal(&oci->manifest, &i->manifest));
}

/* Docker of one kind would load what index.json says, of another what manifest.json says. */
static void two_images_in_one_archive_are_refused(void **state)
{
        char manifest[DIGEST_TEXT_MAX], config[DIGEST_TEXT_MAX + 16];
        struct fixture *f = *state;

        layout_make(&f->tar, "1", true, manifest);
        config_path(config, "blobs/sha256/%s", "{}");
        archive_make_file(&f->tar, config, S("{}"));
        docker_json_make(&f->tar, config, "");
        save(f);
        open_refuses(f, "", "", ERR_MALFORMED, "which no manifest of index.json has");
        open_refuses(f, "docker-archive:", "", ERR_MALFORMED, "which no manifest of index.json has");
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        const struct CMUnitTest tests[] = {
            CASE(entries_are_found_where_they_lie),
            CASE(contents_are_not_read),
            CASE(the_outer_tar_is_refused),
            CASE(names_take_bounded_memory),
            CASE(links_lead_to_one_file_within),
            CASE(manifest_json_is_strict),
            CASE(tags_choose),
            CASE(digests_are_taken_from_names),
            CASE(the_answer_is_as_untrusted_as_the_archive),
            CASE(blobs_out_of_order_are_refused),
            CASE(an_oci_archive_is_an_image),
            CASE(an_oci_archive_is_refused),
            CASE(the_old_docker_form_is_an_image),
            CASE(the_old_docker_form_is_refused),
            CASE(compression_shows_in_the_first_bytes),
            CASE(the_new_docker_form_has_a_manifest),
            CASE(two_images_in_one_archive_are_refused),
        };

        return cmocka_run_group_tests_name("image_archive", tests, NULL, NULL);
}
