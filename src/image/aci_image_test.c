/* App Container Images as files of a folder, with dependencies, by real workers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <bzlib.h>
#include <lzma.h>

#include "image/aci_test_priv.h"

/* ---- whole images, by real workers ---- */

static const char *path_of(struct fixture *f, const char *name)
{
        return arena_string(f->arena, arena_printf(f->arena, "%s/%s", f->folder, name));
}

static void save_bytes(struct fixture *f, const char *name, struct span bytes)
{
        int fd CLEANUP(fd_close) = open(path_of(f, name), O_WRONLY | O_CREAT | O_TRUNC, 0644);
        struct err e = {0};

        assert_true(fd >= 0 && fd_write_all(fd, bytes, &e));
}

/* One image of a file, with its manifest first; "FILE=CONTENT" each, NULL at the end. */
static void image_put(struct fixture *f, const char *file, const char *manifest, const char *const *files)
{
        begin(f, manifest);
        for (; *files; files++) {
                char path[200];
                const char *equals = strchr(*files, '=');

                snprintf(path, sizeof(path), "rootfs/%.*s", (int)(equals - *files), *files);
                file_put(f, path, equals + 1);
        }
        tar_make_end(&f->tar);
        save_bytes(f, file, buf_span(&f->tar));
}
#define FILES(...) ((const char *const[]){__VA_ARGS__, NULL})

static struct image *open_ok(struct fixture *f, const char *prefix, const char *file)
{
        struct span reference = arena_printf(f->arena, "%s%s/%s", prefix, f->folder, file);
        struct image *i = NULL;
        struct err e = {0};

        if (!image_open(arena_string(f->arena, reference), NULL, &i, &e))
                fail_msg("%s", e.text);
        assert_int_equal(i->kind, IMAGE_ACI);
        return i;
}

static void open_refuses(struct fixture *f, const char *file, enum err_kind kind, const char *text)
{
        struct span reference = arena_printf(f->arena, "aci:%s/%s", f->folder, file);
        struct image *i = NULL;
        struct err e = {0};

        if (image_open(arena_string(f->arena, reference), NULL, &i, &e))
                fail_msg("was taken; should say: %s", text);
        assert_null(i);
        says(&e, kind, text);
        says(&e, kind, f->folder);
}

/* All layers as their readers are told, one line an entry. */
static const char *layers_text(struct fixture *f, const struct image *i)
{
        struct buf all CLEANUP(buf_done) = {0};

        for (size_t n = 0; n < i->n_layers; n++) {
                const struct image_layer *l = &i->layers[n];
                const struct image_source s = {.fd = l->fd,
                    .offset = l->offset,
                    .size = l->size,
                    .compression = l->compression,
                    .blob = l->blob,
                    .diff_id = l->diff_id,
                    .aci = l->aci};
                struct record r = {0};
                const struct image_sink sink = record_sink(&r);
                struct image_read read;
                struct cursor c;
                struct span line;
                struct err e = {0};

                if (!image_layer_read(&s, &sink, &read, &e))
                        fail_msg("layer %zu: %s", n, e.text);
                for (c = (struct cursor){.rest = buf_span(&r.text)}; cursor_line(&c, &line);)
                        if (span_starts(line, "file ")) {
                                struct span path, rest;

                                span_split(span_from(line, 5), ' ', &path, &rest);
                                span_split(rest, '=', &line, &rest);
                                buf_printf(&all, "%zu %.*s=%.*s\n", n, SPAN_FMT(path), SPAN_FMT(rest));
                        }
                buf_done(&r.text);
        }
        return arena_string(f->arena, buf_span(&all));
}

#define APP                                                                                                         \
        HEAD "\"example.com/app\",\"labels\":[{\"name\":\"version\",\"value\":\"1.2\"},{\"name\":\"os\",\"value\":" \
             "\"linux\"},{\"name\":\"arch\",\"value\":\"amd64\"}],\"app\":{\"exec\":[\"/bin/app\"],\"user\":\"0\"," \
             "\"group\":\"7\",\"environment\":[{\"name\":\"A\",\"value\":\"b c\"}]}}"

static void an_image_has_one_layer(void **state)
{
        char text[DIGEST_TEXT_MAX], id[DIGEST_TEXT_MAX];
        struct fixture *f = *state;
        struct digest d;

        image_put(f, "app.aci", APP, FILES("bin/app=x"));
        digest_of(DIGEST_SHA512, buf_span(&f->tar), &d);
        digest_format(&d, id);
        for (int bare = 0; bare < 2; bare++) {
                struct image *i CLEANUP(image_freep) = open_ok(f, bare ? "" : "aci:", "app.aci");

                assert_string_equal(digest_format(&i->manifest, text), id);
                assert_int_equal(i->n_layers, 1);
                assert_true(i->layers[0].aci);
                assert_true(span_is(i->layers[0].created_by, "example.com/app:1.2"));
                assert_true(span_is(i->user, "0:7") && span_is(i->env[0], "A=b c") && span_is(i->cmd[0], "/bin/app"));
                assert_int_equal(i->n_entrypoint, 0);
                assert_true(span_is(i->platform.architecture, "amd64"));
                assert_int_equal(i->run_obstacle.len, 0);
                assert_string_equal(layers_text(f, i), "0 bin/app=x\n");
        }
}

static void one_that_is_read_as_a_layer_of_others_is_refused(void **state)
{
        struct fixture *f = *state;

        image_put(f, "app.aci", APP, FILES("bin/app=x"));
        struct image *i CLEANUP(image_freep) = open_ok(f, "aci:", "app.aci");
        const struct image_layer *l = &i->layers[0];
        struct image_source s = {.fd = l->fd, .size = l->size, .blob = l->blob, .diff_id = l->diff_id};
        struct record r = {0};
        const struct image_sink sink = record_sink(&r);
        struct image_read read;
        struct err e = {0};

        assert_false(image_layer_read(&s, &sink, &read, &e));
        says(&e, ERR_UNTRUSTED, "its diff id is");
        s.aci = true;
        s.diff_id.bytes[0] ^= 1;
        assert_false(image_layer_read(&s, &sink, &read, &e));
        says(&e, ERR_UNTRUSTED, "its diff id, which is made of its image id, is");
        buf_done(&r.text);
}

static void compressed_ones_have_the_same_id(void **state)
{
        struct buf xz CLEANUP(buf_done) = {0}, bz CLEANUP(buf_done) = {0};
        struct fixture *f = *state;
        unsigned bz_len = 8192;
        size_t xz_len = 0;

        image_put(f, "plain.aci", APP, FILES("bin/app=x"));
        assert_int_equal(lzma_easy_buffer_encode(
                             6, LZMA_CHECK_CRC32, NULL, f->tar.at, f->tar.len, buf_reserve(&xz, 8192), &xz_len, 8192),
            LZMA_OK);
        assert_int_equal(BZ2_bzBuffToBuffCompress(
                             (char *)buf_reserve(&bz, 8192), &bz_len, (char *)f->tar.at, (unsigned)f->tar.len, 9, 0, 0),
            BZ_OK);
        save_bytes(f, "xz.aci", span_bytes(xz.at, xz_len));
        save_bytes(f, "bz.aci", span_bytes(bz.at, bz_len));
        save_bytes(f, "cut.aci", span_bytes(bz.at, bz_len / 2));
        struct image *plain CLEANUP(image_freep) = open_ok(f, "", "plain.aci");
        struct image *by_xz CLEANUP(image_freep) = open_ok(f, "", "xz.aci");
        struct image *by_bz CLEANUP(image_freep) = open_ok(f, "", "bz.aci");
        assert_true(
            digest_equal(&plain->manifest, &by_xz->manifest) && digest_equal(&plain->manifest, &by_bz->manifest));
        assert_true(digest_equal(&plain->layers[0].diff_id, &by_xz->layers[0].diff_id));
        assert_false(digest_equal(&plain->layers[0].blob, &by_xz->layers[0].blob));
        assert_int_equal(by_bz->layers[0].compression, COMPRESSION_BZIP2);
        assert_string_equal(layers_text(f, by_xz), "0 bin/app=x\n");
        open_refuses(f, "cut.aci", ERR_MALFORMED, "bzip2: it ends early");
}

#define DEP(name) HEAD "\"" name "\"}"
#define NEEDS(name, rest) HEAD "\"" name "\",\"dependencies\":[" rest "]}"

static void dependencies_lie_below_in_their_order(void **state)
{
        struct fixture *f = *state;

        image_put(f, "base.aci", DEP("example.com/base"), FILES("etc/os=base", "a=base"));
        image_put(f, "one.aci", NEEDS("example.com/one", "{\"imageName\":\"example.com/base\"}"), FILES("a=one"));
        image_put(f, "two.aci", DEP("example.com/two"), FILES("a=two"));
        image_put(f, "app.aci",
            NEEDS("example.com/app", "{\"imageName\":\"example.com/one\"},{\"imageName\":\"example.com/two\"}"),
            FILES("b=app"));
        struct image *i CLEANUP(image_freep) = open_ok(f, "aci:", "app.aci");
        assert_string_equal(layers_text(f, i), "0 etc/os=base\n0 a=base\n1 a=one\n2 a=two\n3 b=app\n");
        assert_true(span_is(i->layers[1].created_by, "example.com/one"));

        /* a dependency that is another file now makes another image, although the image's own file is the same */
        image_put(f, "two.aci", DEP("example.com/two"), FILES("a=changed"));
        struct image *other CLEANUP(image_freep) = open_ok(f, "aci:", "app.aci");
        assert_false(digest_equal(&i->manifest, &other->manifest));
        assert_true(digest_equal(&i->layers[3].diff_id, &other->layers[3].diff_id));
}

static void a_dependency_is_found_by_its_id(void **state)
{
        struct fixture *f = *state;
        struct digest one, app;
        char hex[DIGEST_TEXT_MAX];

        image_put(f, "one.aci", DEP("example.com/base"), FILES("a=1"));
        digest_of(DIGEST_SHA512, buf_span(&f->tar), &one);
        image_put(f, "two.aci", DEP("example.com/base"), FILES("a=2"));
        image_put(f, "any.aci", NEEDS("example.com/any", "{\"imageName\":\"example.com/base\"}"), FILES("b=b"));
        open_refuses(f, "any.aci", ERR_CONFLICT, "one.aci and two.aci both fit");
        struct span manifest = arena_printf(f->arena,
            HEAD
            "\"example.com/app\",\"dependencies\":[{\"imageName\":\"example.com/base\",\"imageID\":\"sha512-%s\"}]}",
            digest_hex(&one, hex));
        image_put(f, "app.aci", arena_string(f->arena, manifest), FILES("b=b"));
        digest_of(DIGEST_SHA512, buf_span(&f->tar), &app);
        struct image *i CLEANUP(image_freep) = open_ok(f, "aci:", "app.aci");
        assert_string_equal(layers_text(f, i), "0 a=1\n1 b=b\n");
        assert_true(digest_equal(&i->manifest, &app)); /* it names all that it is made of */
        manifest = arena_printf(f->arena,
            HEAD
            "\"example.com/app\",\"dependencies\":[{\"imageName\":\"example.com/other\",\"imageID\":\"sha512-%s\"}]}",
            digest_hex(&one, hex));
        image_put(f, "app.aci", arena_string(f->arena, manifest), FILES("b=b"));
        open_refuses(
            f, "app.aci", ERR_NOT_FOUND, "dependency example.com/other: no *.aci file in its folder is that image");
}

static void labels_and_size_choose(void **state)
{
        struct fixture *f = *state;
        const char *v1 = HEAD "\"base\",\"labels\":[{\"name\":\"version\",\"value\":\"1\"}]}";
        const char *v2 = HEAD "\"base\",\"labels\":[{\"name\":\"version\",\"value\":\"2\"}]}";

        image_put(f, "base1.aci", v1, FILES("a=1"));
        image_put(f, "base2.aci", v2, FILES("a=2"));
        image_put(f, "copy2.aci", v2, FILES("a=2")); /* the same image twice is no conflict */
        image_put(f, "app.aci",
            NEEDS("app", "{\"imageName\":\"base\",\"labels\":[{\"name\":\"version\",\"value\":\"2\"}]}"), FILES("b=b"));
        struct image *i CLEANUP(image_freep) = open_ok(f, "aci:", "app.aci");
        assert_string_equal(layers_text(f, i), "0 a=2\n1 b=b\n");
        image_put(f, "app.aci",
            NEEDS("app", "{\"imageName\":\"base\",\"labels\":[{\"name\":\"version\",\"value\":\"3\"}]}"), FILES("b=b"));
        open_refuses(f, "app.aci", ERR_NOT_FOUND,
            "dependency base (version=3): no *.aci file in its folder is that image; there are: app, base");
        image_put(f, "app.aci",
            NEEDS("app", "{\"imageName\":\"base\",\"size\":9,\"labels\":[{\"name\":\"version\",\"value\":\"2\"}]}"),
            FILES("b=b"));
        open_refuses(f, "app.aci", ERR_MALFORMED, "not 9 as the dependency says");
}

static void dependencies_are_refused(void **state)
{
        struct fixture *f = *state;

        image_put(f, "app.aci", NEEDS("app", "{\"imageName\":\"app\"}"), FILES("b=b"));
        open_refuses(f, "app.aci", ERR_MALFORMED, "the dependencies go round: app needs app");
        image_put(f, "app.aci", NEEDS("app", "{\"imageName\":\"one\"}"), FILES("b=b"));
        image_put(f, "one.aci", NEEDS("one", "{\"imageName\":\"two\"}"), FILES("b=b"));
        image_put(f, "two.aci", NEEDS("two", "{\"imageName\":\"one\"}"), FILES("b=b"));
        open_refuses(f, "app.aci", ERR_MALFORMED, "the dependencies go round: one needs two needs one");
        for (unsigned n = 0; n < IMAGE_ACI_DEPTH_MAX; n++) {
                struct span text =
                    arena_printf(f->arena, HEAD "\"n%u\",\"dependencies\":[{\"imageName\":\"n%u\"}]}", n, n + 1);
                image_put(f, arena_string(f->arena, arena_printf(f->arena, "n%u.aci", n)), arena_string(f->arena, text),
                    FILES("b=b"));
        }
        image_put(f, "n16.aci", DEP("n16"), FILES("b=b"));
        open_refuses(f, "n0.aci", ERR_LIMIT, "nested deeper than 16");
        struct image *i CLEANUP(image_freep) = open_ok(f, "aci:", "n1.aci");
        assert_int_equal(i->n_layers, IMAGE_ACI_DEPTH_MAX);

        save_bytes(f, "broken.aci", S("BZh9 and nothing more"));
        image_put(f, "app.aci", NEEDS("app", "{\"imageName\":\"missing\"}"), FILES("b=b"));
        open_refuses(
            f, "app.aci", ERR_NOT_FOUND, "dependency missing: no *.aci file in its folder is that image; broken.aci");
        assert_int_equal(symlink("/etc/passwd", path_of(f, "link.aci")), 0);
        open_refuses(f, "app.aci", ERR_NOT_FOUND, "could not be read");
}

static void lists_hide_what_lies_below(void **state)
{
        struct fixture *f = *state;

        image_put(f, "base.aci", HEAD "\"base\",\"pathWhitelist\":[\"/etc/os\",\"/bin/a\",\"/bin/b\"]}",
            FILES("etc/os=o", "bin/a=a", "bin/b=b", "bin/c=c"));
        image_put(f, "app.aci",
            HEAD
            "\"app\",\"dependencies\":[{\"imageName\":\"base\"}],\"pathWhitelist\":[\"/bin/a\",\"/bin/c\",\"/x\"]}",
            FILES("x=x", "y=y"));
        struct image *i CLEANUP(image_freep) = open_ok(f, "aci:", "app.aci");
        assert_string_equal(layers_text(f, i), "0 bin/a=a\n1 x=x\n");
        assert_false(i->layers[0].aci);
        assert_int_equal(i->layers[0].compression, COMPRESSION_NONE);
        struct image *again CLEANUP(image_freep) = open_ok(f, "aci:", "app.aci");
        assert_true(digest_equal(&i->layers[0].diff_id, &again->layers[0].diff_id));
        struct image *base CLEANUP(image_freep) = open_ok(f, "aci:", "base.aci");
        assert_string_equal(layers_text(f, base), "0 etc/os=o\n0 bin/a=a\n0 bin/b=b\n");
        assert_false(digest_equal(&i->layers[0].diff_id, &base->layers[0].diff_id));
}

static void files_are_refused(void **state)
{
        struct fixture *f = *state;
        struct image *i = NULL;
        struct err e = {0};

        save_bytes(f, "a.aci", S(""));
        open_refuses(f, "a.aci", ERR_MALFORMED, "there is no manifest in it");
        save_bytes(f, "a.aci", S("\x8c\x0d\x04\x09\x03\x02 what gpg -c makes"));
        open_refuses(f, "a.aci", ERR_UNSUPPORTED, "encrypted by PGP: decrypt it first");
        save_bytes(f, "a.aci", S("no tar, but as long as a block"));
        open_refuses(f, "a.aci", ERR_MALFORMED, "tar: it ends within entry 0");
        open_refuses(f, "missing.aci", ERR_NOT_FOUND, "missing.aci");
        image_put(f, "a.aci", HEAD "\"UPPER\"}", FILES("a=a"));
        open_refuses(f, "a.aci", ERR_MALFORMED, "manifest: name: an AC identifier");
        image_put(f, "a.aci", "{\"acKind\":\"PodManifest\"}", FILES("a=a"));
        open_refuses(f, "a.aci", ERR_UNSUPPORTED, "\"PodManifest\" is no ImageManifest");
        image_put(f, "a.aci", APP, FILES("a=a"));
        assert_false(image_open(path_of(f, "a.aci"), "linux/arm64", &i, &e));
        says(&e, ERR_NOT_FOUND, "the image is for linux/amd64, not for linux/arm64");
        image_put(f, "a.aci", MINIMAL, FILES("a=a")); /* for any */
        assert_true(image_open(path_of(f, "a.aci"), "linux/arm64", &i, &e));
        image_free(i);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        const struct CMUnitTest tests[] = {
            CASE(an_image_has_one_layer),
            CASE(one_that_is_read_as_a_layer_of_others_is_refused),
            CASE(compressed_ones_have_the_same_id),
            CASE(dependencies_lie_below_in_their_order),
            CASE(a_dependency_is_found_by_its_id),
            CASE(labels_and_size_choose),
            CASE(dependencies_are_refused),
            CASE(lists_hide_what_lies_below),
            CASE(files_are_refused),
        };

        return cmocka_run_group_tests_name("image_aci_image", tests, NULL, NULL);
}
