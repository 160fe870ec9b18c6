/* Whole images, read by real workers in the jail. */
#include "inventory/detect_test_priv.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define STATUS "var/lib/dpkg/status"
#define OS "ID=debian\nVERSION_ID=12\n"
#define DEB(name, version) \
        "Package: " name "\nStatus: install ok installed\nArchitecture: amd64\nVersion: " version "\n\n"
#define LAYERS 3

/* ustar (POSIX.1): header, content, both filled up to 512 bytes. */
static void tar_put(struct buf *b, const struct test_entry *entry)
{
        static const char types[] = {[IMAGE_ENTRY_FILE] = '0',
            [IMAGE_ENTRY_DIR] = '5',
            [IMAGE_ENTRY_SYMLINK] = '2',
            [IMAGE_ENTRY_HARDLINK] = '1'};
        char header[512] = {0};
        size_t size = entry->type == IMAGE_ENTRY_FILE ? strlen(entry->text) : 0;
        unsigned sum = 0;

        snprintf(header, 100, "%s", entry->path);
        snprintf(header + 100, 8, "%07o", 0644u);
        snprintf(header + 108, 8, "%07o", 0u);
        snprintf(header + 116, 8, "%07o", 0u);
        snprintf(header + 124, 12, "%011o", (unsigned)size);
        snprintf(header + 136, 12, "%011o", 0u);
        header[156] = types[entry->type];
        if (entry->type != IMAGE_ENTRY_FILE)
                snprintf(header + 157, 100, "%s", entry->text);
        memcpy(header + 257, "ustar\00000", 8);
        memset(header + 148, ' ', 8);
        for (size_t i = 0; i < sizeof(header); i++)
                sum += (uint8_t)header[i];
        snprintf(header + 148, 8, "%06o", sum);
        buf_put(b, span_bytes(header, sizeof(header)));
        if (size > 0)
                buf_put(b, span_of(entry->text));
        while (b->len % 512 != 0)
                buf_put_u8(b, 0);
}

struct fixture {
        struct image image;
        struct image_layer layers[LAYERS];
        uint64_t done, total, calls;
};

static const struct test_entry content[LAYERS][6] = {
    {{IMAGE_ENTRY_FILE, "etc/os-release", OS}, {IMAGE_ENTRY_FILE, "opt/hidden", DEB("sed", "1") DEB("bash", "2")},
        {IMAGE_ENTRY_HARDLINK, STATUS, "opt/hidden"}, {IMAGE_ENTRY_DIR, "app/", ""},
        {IMAGE_ENTRY_FILE, "app/node_modules/a/package.json", "{\"name\":\"a\",\"version\":\"1.0.0\"}"}},
    {{IMAGE_ENTRY_FILE, STATUS, DEB("sed", "1") DEB("dash", "3")},
        {IMAGE_ENTRY_FILE, "b.dist-info/METADATA", "Name: b\nVersion: 1\n"}},
    {{IMAGE_ENTRY_FILE, "app/node_modules/.wh.a", ""}, {IMAGE_ENTRY_FILE, "app/x", "y"}},
};

/* Each layer lies behind a few other bytes, as in an archive. */
static int layer_open(struct image_layer *l, const struct test_entry *entries, size_t n)
{
        CLEANUP(buf_done) struct buf b = {0};

        for (size_t k = 0; k < n && entries[k].path; k++)
                tar_put(&b, &entries[k]);
        for (size_t k = 0; k < 1024; k++)
                buf_put_u8(&b, 0);
        if (l->fd > 0)
                close(l->fd);
        l->fd = memfd_create("layer", MFD_CLOEXEC);
        l->size = b.len;
        l->created_by = SPAN_LIT("RUN x");
        digest_of(DIGEST_SHA256, buf_span(&b), &l->diff_id);
        l->blob = l->diff_id;
        return l->fd < 0 || pwrite(l->fd, b.at, b.len, (off_t)l->offset) != (ssize_t)b.len ? -1 : 0;
}

static int fixture_open(void **state)
{
        struct fixture *f = heap_alloc(sizeof(*f));

        f->image = (struct image){.kind = IMAGE_DOCKER_ARCHIVE,
            .name = SPAN_LIT("demo"),
            .layers = f->layers,
            .n_layers = LAYERS,
            .root_fd = -1};
        digest_of(DIGEST_SHA256, SPAN_LIT("manifest"), &f->image.manifest);
        for (size_t i = 0; i < LAYERS; i++) {
                struct image_layer *l = &f->layers[i];
                l->offset = 13 * i;
                if (layer_open(l, content[i], ARRAY_LEN(content[i])) != 0)
                        return -1;
                f->total += l->size;
        }
        *state = f;
        return 0;
}

static int fixture_close(void **state)
{
        struct fixture *f = *state;

        for (size_t i = 0; i < LAYERS; i++)
                close(f->layers[i].fd);
        free(f);
        return 0;
}

static void on_progress(void *ctx, uint64_t done, uint64_t total)
{
        struct fixture *f = ctx;

        assert_true(done > f->done && done <= total);
        assert_int_equal(total, f->total);
        f->done = done;
        f->calls++;
}

static struct inventory *read_image(struct fixture *f, unsigned parallel)
{
        const struct inventory_options options = {.parallel = parallel, .on_progress = on_progress, .ctx = f};
        struct inventory *v = NULL;
        struct err e = {0};

        if (inventory_of_image(&f->image, &options, &v, &e))
                return v;
        if (e.kind == ERR_UNSUPPORTED) {
                print_message("skipped: %s\n", e.text);
                skip();
        }
        fail_msg("%s", e.text);
        return NULL;
}

static void test_image(void **state)
{
        struct fixture *f = *state;

        for (unsigned parallel = 0; parallel < 3; parallel++) {
                f->done = 0;
                CLEANUP(inventory_freep) struct inventory *v = read_image(f, parallel);
                CLEANUP(buf_done) struct buf b = {0};
                for (size_t i = 0; i < v->n_components; i++)
                        buf_printf(&b, "%.*s %u; ", SPAN_FMT(v->components[i].purl), v->components[i].layer);
                assert_span(buf_span(&b), "pkg:deb/debian/dash@3?arch=amd64&distro=debian-12 1; "
                                          "pkg:deb/debian/sed@1?arch=amd64&distro=debian-12 0; pkg:pypi/b@1 1; ");
                assert_true(v->complete);
                assert_int_equal(f->done, f->total);
                assert_true(digest_equal(&v->image, &f->image.manifest));
                assert_int_equal(v->n_layers, LAYERS);
                for (size_t i = 0; i < LAYERS; i++) {
                        assert_true(digest_equal(&v->layers[i].diff_id, &f->layers[i].diff_id));
                        assert_int_equal(v->layers[i].size, f->layers[i].size);
                        assert_int_equal(v->layers[i].plain_size, f->layers[i].size);
                        assert_span(v->layers[i].created_by, "RUN x");
                }
                assert_int_equal(v->layers[0].entries, 5);
        }
}

static void expect(struct fixture *f, enum err_kind kind, const char *text)
{
        struct inventory *v = NULL;
        struct err e = {0};

        assert_false(inventory_of_image(&f->image, NULL, &v, &e));
        assert_null(v);
        if (e.kind != kind || strncmp(e.text, text, strlen(text)) != 0)
                fail_msg("%s: %s", err_kind_name(e.kind), e.text);
}

static void test_failing_layer_fails_the_image(void **state)
{
        struct fixture *f = *state;

        inventory_free(read_image(f, 0)); /* or skips */
        f->layers[2].diff_id.bytes[0] ^= 1;
        expect(f, ERR_UNTRUSTED, "image demo: layer 3 (sha256:");
        f->layers[2].diff_id = f->layers[2].blob = (struct digest){0};
        f->layers[2].size -= 1600; /* no end */
        expect(f, ERR_MALFORMED, "image demo: layer 3 (none): ");
        /* The lower one is named when both fail. */
        f->layers[1].diff_id.bytes[0] ^= 1;
        expect(f, ERR_UNTRUSTED, "image demo: layer 2 (sha256:");
}

static void test_number_of_layers(void **state)
{
        struct fixture *f = *state;

        f->image.n_layers = INVENTORY_LAYERS_MAX + 1;
        expect(f, ERR_LIMIT, "image demo: 4097 layers");
        f->image.n_layers = 0;
        CLEANUP(inventory_freep) struct inventory *v = read_image(f, 0);
        assert_int_equal(v->n_components, 0);
        assert_false(v->complete); /* nothing found is not "nothing wrong" */
}

/* ---- what is known of layers ---- */

struct cache {
        struct digest ids[8];
        struct buf bytes[8];
        size_t n, asked, given;
};

static bool layer_get(void *ctx, const struct digest *diff_id, struct buf *ret)
{
        struct cache *c = ctx;

        c->asked++;
        for (size_t i = 0; i < c->n; i++) {
                if (!digest_equal(&c->ids[i], diff_id))
                        continue;
                buf_put(ret, buf_span(&c->bytes[i]));
                c->given++;
                return true;
        }
        return false;
}

static void layer_put(void *ctx, const struct digest *diff_id, struct span bytes)
{
        struct cache *c = ctx;

        assert_true(c->n < ARRAY_LEN(c->ids));
        c->ids[c->n] = *diff_id;
        buf_put(&c->bytes[c->n++], bytes);
}

static void cache_done(struct cache *c)
{
        for (size_t i = 0; i < ARRAY_LEN(c->bytes); i++)
                buf_done(&c->bytes[i]);
}

static struct span read_with(struct fixture *f, struct cache *c, struct buf *to)
{
        const struct inventory_options options = {
            .on_progress = on_progress, .ctx = f, .layer_get = layer_get, .layer_put = layer_put, .layer_ctx = c};
        CLEANUP(inventory_freep) struct inventory *v = NULL;
        struct err e = {0};

        f->done = 0;
        c->asked = c->given = 0;
        if (!inventory_of_image(&f->image, &options, &v, &e))
                fail_msg("%s", e.text);
        assert_int_equal(f->done, f->total);
        buf_clear(to);
        inventory_put(to, v);
        return buf_span(to);
}

static void test_known_layers_are_not_read(void **state)
{
        struct fixture *f = *state;
        CLEANUP(cache_done) struct cache c = {0};
        CLEANUP(buf_done) struct buf first = {0}, second = {0};

        inventory_free(read_image(f, 0)); /* or skips */
        read_with(f, &c, &first);
        assert_int_equal(c.n, LAYERS);
        assert_int_equal(c.given, 0);
        /* Nothing is there to be read any more. */
        for (size_t i = 0; i < LAYERS; i++)
                assert_int_equal(ftruncate(f->layers[i].fd, 0), 0);
        read_with(f, &c, &second);
        assert_int_equal(c.given, LAYERS);
        assert_int_equal(c.n, LAYERS); /* and is not kept again */
        assert_true(span_equal(buf_span(&first), buf_span(&second)));
}

static void test_what_is_known_is_not_believed_blindly(void **state)
{
        struct fixture *f = *state;
        CLEANUP(cache_done) struct cache c = {0};
        CLEANUP(buf_done) struct buf first = {0}, second = {0};

        inventory_free(read_image(f, 0)); /* or skips */
        read_with(f, &c, &first);
        c.bytes[0].len--;                /* cut */
        c.bytes[1].at[1] ^= 1;           /* another format */
        c.ids[2] = f->layers[0].diff_id; /* another layer's, and never reached */
        read_with(f, &c, &second);
        assert_true(span_equal(buf_span(&first), buf_span(&second)));
        assert_int_equal(c.n, 2 * LAYERS);
        c.n = 1; /* what is said of layer 1 under the name of layer 2 */
        buf_clear(&c.bytes[0]);
        buf_put(&c.bytes[0], buf_span(&c.bytes[LAYERS]));
        c.ids[0] = f->layers[1].diff_id;
        read_with(f, &c, &second);
        assert_int_equal(c.given, 1);
        assert_true(span_equal(buf_span(&first), buf_span(&second)));
}

static void test_layers_without_a_diff_id_are_not_kept(void **state)
{
        struct fixture *f = *state;
        CLEANUP(cache_done) struct cache c = {0};
        CLEANUP(buf_done) struct buf bytes = {0};

        inventory_free(read_image(f, 0)); /* or skips */
        f->layers[1].diff_id = (struct digest){0};
        read_with(f, &c, &bytes);
        assert_int_equal(c.asked, LAYERS - 1);
        assert_int_equal(c.n, LAYERS - 1);
}

/* ---- detectors that die ---- */

#define CRASH "note CRASH"

static struct inventory *read_layer(struct fixture *f, const struct test_entry *entries, size_t n, struct cache *c)
{
        const struct inventory_options options = {.layer_get = layer_get, .layer_put = layer_put, .layer_ctx = c};
        struct inventory *v = NULL;
        struct err e = {0};

        assert_int_equal(layer_open(&f->layers[0], entries, n), 0);
        f->image.n_layers = 1;
        if (!inventory_of_image(&f->image, c ? &options : NULL, &v, &e))
                fail_msg("%s", e.text);
        return v;
}

static void test_a_dying_detector_costs_its_file_alone(void **state)
{
        static const struct test_entry entries[] = {{IMAGE_ENTRY_FILE, "etc/os-release", OS},
            {IMAGE_ENTRY_FILE, STATUS, DEB("sed", "1")}, {IMAGE_ENTRY_FILE, "a.lines", CRASH},
            {IMAGE_ENTRY_FILE, "b.stream", "fine"}, {IMAGE_ENTRY_FILE, "c.stream", "CRASH"},
            {IMAGE_ENTRY_HARDLINK, "d.stream", "c.stream"}, {IMAGE_ENTRY_FILE, "bin/e", "MAGIC CRASH"},
            {IMAGE_ENTRY_HARDLINK, "bin/f", "bin/e"}};
        struct fixture *f = *state;
        CLEANUP(cache_done) struct cache c = {0};

        inventory_free(read_image(f, 0)); /* or skips */
        CLEANUP(inventory_freep) struct inventory *v = read_layer(f, entries, ARRAY_LEN(entries), &c);
        assert_false(v->complete);
        assert_int_equal(v->n_notes, 5);
        assert_span(v->notes[0], "layer 1: a.lines: a detector died reading it: not assessed");
        assert_span(v->notes[1], "layer 1: bin/e: a detector died reading it: not assessed");
        assert_span(v->notes[2], "layer 1: bin/f: a detector died reading it: not assessed");
        assert_span(v->notes[3], "layer 1: c.stream: a detector died reading it: not assessed");
        assert_span(v->notes[4], "layer 1: d.stream: a detector died reading it: not assessed");
        assert_int_equal(v->n_components, 2);
        assert_span(v->components[0].name, "sed");
        assert_span(v->components[1].name, "b.stream");
        assert_int_equal(c.n, 0); /* another attempt may do better */
}

static void test_four_deaths_are_too_many(void **state)
{
        static const struct test_entry entries[] = {{IMAGE_ENTRY_FILE, "a.lines", CRASH},
            {IMAGE_ENTRY_FILE, "b.lines", CRASH}, {IMAGE_ENTRY_FILE, "c.lines", CRASH},
            {IMAGE_ENTRY_FILE, "d.lines", CRASH}};
        struct fixture *f = *state;

        inventory_free(read_image(f, 0)); /* or skips */
        CLEANUP(inventory_freep) struct inventory *v = read_layer(f, entries, 3, NULL);
        assert_int_equal(v->n_notes, 3);
        assert_int_equal(layer_open(&f->layers[0], entries, 4), 0);
        expect(f, ERR_MALFORMED, "image demo: layer 1 (sha256:");
}

/* ---- a layer that can be read once ---- */

struct remote {
        struct fixture *f;
        pid_t pids[8];
        size_t n;
};

static bool remote_layer(
    void *ctx, const struct digest *blob, uint64_t size, int *ret_fd, bool *ret_pipe, struct err *e)
{
        struct remote *r = ctx;
        int ends[2];

        (void)e;
        assert_true(r->n < ARRAY_LEN(r->pids));
        assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
        r->pids[r->n] = fork();
        if (r->pids[r->n++] == 0) {
                for (size_t i = 0; i < LAYERS; i++) {
                        CLEANUP(buf_done) struct buf b = {0};
                        const struct image_layer *l = &r->f->layers[i];
                        size_t n;
                        if (!digest_equal(&l->blob, blob))
                                continue;
                        if (fd_pread_full(20 + (int)i, l->offset, buf_reserve(&b, size), size, &n, NULL))
                                (void)fd_write_all(ends[1], span_bytes(b.at, n), NULL);
                }
                _exit(0);
        }
        close(ends[1]);
        *ret_fd = ends[0];
        *ret_pipe = true;
        return true;
}

/* One layer has a hard link to a file that was not read for it: it comes a second time. */
static void test_a_pipe_that_must_be_read_again(void **state)
{
        struct fixture *f = *state;
        struct remote r = {.f = f};

        inventory_free(read_image(f, 0)); /* or skips */
        for (size_t i = 0; i < LAYERS; i++) {
                assert_int_equal(dup2(f->layers[i].fd, 20 + (int)i), 20 + (int)i);
                close(f->layers[i].fd);
                f->layers[i].fd = -1;
        }
        f->image.kind = IMAGE_REGISTRY;
        f->image.remote = (struct image_remote){.layer = remote_layer, .ctx = &r};
        f->done = 0;
        CLEANUP(inventory_freep) struct inventory *v = read_image(f, 0);
        assert_int_equal(v->n_components, 3);
        assert_true(v->complete);
        assert_int_equal(r.n, LAYERS + 1);
        for (size_t i = 0; i < r.n; i++)
                assert_int_equal(waitpid(r.pids[i], NULL, 0), r.pids[i]);
        for (size_t i = 0; i < LAYERS; i++)
                f->layers[i].fd = 20 + (int)i;
}

static char root[40];

static int root_make(void **state)
{
        (void)state;
        snprintf(root, sizeof(root), "/tmp/inventory-root-XXXXXX");
        if (!mkdtemp(root))
                return -1;
        folder_put(root, "usr/lib/os-release", OS);
        folder_put(root, STATUS, DEB("sed", "1") DEB("-", "2"));
        folder_put(root, "app/node_modules/x/package.json", "{\"name\":\"x\",\"version\":\"1.0.0\"}");
        folder_put(root, "app/node_modules/x/dist/package.json", "{\"name\":\"part\",\"version\":\"1.0.0\"}");
        folder_put(
            root, "app/node_modules/x/node_modules/@s/y/package.json", "{\"name\":\"@s/y\",\"version\":\"2.0.0\"}");
        folder_put(root, "app/package.json", "{\"name\":\"app\",\"version\":\"1.0.0\",\"private\":true}");
        folder_put(root, "py/b.dist-info/METADATA", "Name: b\nVersion: 1\n");
        folder_put(root, "py/b.dist-info/RECORD", "");
        return 0;
}

static int root_remove(void **state)
{
        (void)state;
        return tree_remove(AT_FDCWD, root, NULL) ? 0 : -1;
}

static void test_root_folder(void **state)
{
        CLEANUP(fd_close) int fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
        struct fixture f = {.image = {.kind = IMAGE_ROOT_FOLDER, .name = SPAN_LIT("dir:demo"), .root_fd = fd}};
        CLEANUP(inventory_freep) struct inventory *v = NULL, *stored = NULL;
        CLEANUP(buf_done) struct buf b = {0}, bytes = {0};
        struct err e = {0};

        (void)state;
        if (!inventory_of_image(&f.image, NULL, &v, &e)) {
                if (e.kind != ERR_UNSUPPORTED)
                        fail_msg("%s", e.text);
                print_message("skipped: %s\n", e.text);
                skip();
        }
        for (size_t i = 0; i < v->n_components; i++)
                buf_printf(&b, "%.*s %u; ", SPAN_FMT(v->components[i].purl), v->components[i].layer);
        assert_span(buf_span(&b), "pkg:deb/debian/sed@1?arch=amd64&distro=debian-12 0; pkg:npm/%40s/y@2.0.0 0; "
                                  "pkg:npm/x@1.0.0 0; pkg:pypi/b@1 0; ");
        assert_span(v->components[1].path, "app/node_modules/x/node_modules/@s/y/package.json");
        assert_false(v->complete);
        assert_int_equal(v->n_notes, 1);
        assert_true(span_starts(v->notes[0], STATUS ": line 6: \"-\" is no package name"));
        assert_int_equal(v->image.alg, DIGEST_NONE);
        assert_int_equal(v->n_layers, 1);
        assert_int_equal(v->layers[0].diff_id.alg, DIGEST_NONE);
        assert_int_equal(v->layers[0].blob.alg, DIGEST_NONE);
        assert_int_equal(v->layers[0].size, 0);
        assert_int_equal(v->layers[0].entries, 22);
        inventory_put(&bytes, v);
        assert_true(inventory_get(buf_span(&bytes), &stored, NULL));
        assert_int_equal(stored->n_components, v->n_components);
}

/* 20 names of 250 bytes: the note names the last of them that has room, and still says why. */
static void test_root_folder_with_long_paths(void **state)
{
        CLEANUP(fd_close) int fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
        CLEANUP(fd_close) int at = dup(fd);
        struct fixture f = {.image = {.kind = IMAGE_ROOT_FOLDER, .name = SPAN_LIT("dir:demo"), .root_fd = fd}};
        CLEANUP(inventory_freep) struct inventory *v = NULL;
        char name[251];
        struct err e = {0};

        (void)state;
        memset(name, 'n', 250);
        name[250] = 0;
        for (size_t i = 0; i < 20; i++) {
                int next;
                assert_true(dir_make(at, name, 0755, &next, NULL));
                fd_close(&at);
                at = next;
        }
        if (!inventory_of_image(&f.image, NULL, &v, &e)) {
                if (e.kind != ERR_UNSUPPORTED)
                        fail_msg("%s", e.text);
                print_message("skipped: %s\n", e.text);
                skip();
        }
        assert_false(v->complete);
        assert_int_equal(v->n_notes, 2);
        assert_true(span_starts(v->notes[0], "nnn") && v->notes[0].len > 4096 - 250);
        assert_true(span_ends(v->notes[0], ": a path in it is longer than 4095 bytes: not read"));
}

static void test_root_folder_that_is_none(void **state)
{
        CLEANUP(fd_close) int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
        struct fixture f = {.image = {.kind = IMAGE_ROOT_FOLDER, .name = SPAN_LIT("dir:demo"), .root_fd = fd}};

        (void)state;
        expect(&f, ERR_SYSTEM, "image dir:demo: open the root folder: ");
        f.image.root_fd = -1;
        expect(&f, ERR_SYSTEM, "image dir:demo: open the root folder: ");
}

/* A folder with the worker under the name by which the jail finds it. */
static char folder[] = "/tmp/inventory-test-XXXXXX";
static char worker[PATH_MAX];

int main(int argc, char **argv)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(test_image, fixture_open, fixture_close),
            cmocka_unit_test_setup_teardown(test_failing_layer_fails_the_image, fixture_open, fixture_close),
            cmocka_unit_test_setup_teardown(test_number_of_layers, fixture_open, fixture_close),
            cmocka_unit_test_setup_teardown(test_known_layers_are_not_read, fixture_open, fixture_close),
            cmocka_unit_test_setup_teardown(test_what_is_known_is_not_believed_blindly, fixture_open, fixture_close),
            cmocka_unit_test_setup_teardown(test_layers_without_a_diff_id_are_not_kept, fixture_open, fixture_close),
            cmocka_unit_test_setup_teardown(test_a_dying_detector_costs_its_file_alone, fixture_open, fixture_close),
            cmocka_unit_test_setup_teardown(test_four_deaths_are_too_many, fixture_open, fixture_close),
            cmocka_unit_test_setup_teardown(test_a_pipe_that_must_be_read_again, fixture_open, fixture_close),
            cmocka_unit_test_setup_teardown(test_root_folder, root_make, root_remove),
            cmocka_unit_test_setup_teardown(test_root_folder_with_long_paths, root_make, root_remove),
            cmocka_unit_test(test_root_folder_that_is_none),
        };
        char real[PATH_MAX];

        if (argc != 2 || !realpath(argv[1], real) || !mkdtemp(folder)) {
                fprintf(stderr, "usage: %s WORKER\n", argv[0]);
                return 2;
        }
        snprintf(worker, sizeof(worker), "%s/coffer-worker", folder);
        if (symlink(real, worker) != 0 || setenv("COFFER_LIBEXEC", folder, 1) != 0)
                return 2;
        int failed = cmocka_run_group_tests_name("inventory", tests, NULL, NULL);
        unlink(worker);
        rmdir(folder);
        return failed;
}
