/* Root folders: what is copied for the worker, what is noted, and what is never touched. */
#include "inventory/detect_test_priv.h"
#include "inventory/folder_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define JSON "{\"name\":\"x\",\"version\":\"1\"}"

struct fixture {
        char root[40];
        struct arena *arena;
        struct folder_tar tar;
};

static int setup(void **state)
{
        struct fixture *f = heap_alloc(sizeof(*f));

        snprintf(f->root, sizeof(f->root), "/tmp/folder-test-XXXXXX");
        f->arena = arena_new();
        f->tar.fd = -1;
        *state = f;
        return mkdtemp(f->root) && chmod(f->root, 0755) == 0 ? 0 : -1;
}

static int teardown(void **state)
{
        struct fixture *f = *state;
        bool ok = tree_remove(AT_FDCWD, f->root, NULL);

        fd_close(&f->tar.fd);
        arena_free(f->arena);
        free(f);
        return ok ? 0 : -1;
}

static bool walk(struct fixture *f, struct err *e)
{
        CLEANUP(fd_close) int fd = open(f->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        return folder_tar_make(fd, NULL, f->arena, &f->tar, e);
}

static void walk_ok(struct fixture *f)
{
        struct err e = {0};

        if (!walk(f, &e))
                fail_msg("%s", e.text);
}

/* What the image room's reader finds in the tar: "TYPE PATH=CONTENT;", content of at most 40 bytes. */
static bool list_entry(void *ctx, const struct image_entry *entry, bool *ret_want, struct err *e)
{
        struct buf *b = ctx;

        (void)e;
        buf_printf(b, "%s ", entry->type == IMAGE_ENTRY_FILE ? "file" : "link");
        buf_put(b, entry->path);
        buf_put_u8(b, entry->size > 0 ? '=' : ';');
        *ret_want = entry->size > 0;
        return true;
}

static bool list_data(void *ctx, struct span piece, struct err *e)
{
        (void)e;
        buf_put(ctx, piece.len ? span_cut(piece, 0, 40) : SPAN_LIT(";"));
        return true;
}

static void list(int fd, uint64_t size, struct buf *b)
{
        const struct image_source source = {.fd = fd, .size = size};
        const struct image_sink sink = {.entry = list_entry, .data = list_data, .ctx = b};
        struct image_read read;
        struct err e = {0};

        if (!image_layer_read(&source, &sink, &read, &e))
                fail_msg("%s", e.text);
}

static void assert_tar(struct fixture *f, const char *text)
{
        CLEANUP(buf_done) struct buf b = {0};

        list(f->tar.fd, f->tar.size, &b);
        assert_span(buf_span(&b), text);
}

static void link_put(struct fixture *f, const char *path, const char *target)
{
        char name[200];

        snprintf(name, sizeof(name), "%s/%s", f->root, path);
        assert_int_equal(symlink(target, name), 0);
}

static void test_wanted_files_alone(void **state)
{
        struct fixture *f = *state;

        folder_put(f->root, "a/node_modules/@s/x/package.json", JSON);
        folder_put(f->root, "a/node_modules/@s/x/index.js", "code");
        folder_put(f->root, "a/dist/package.json", JSON);
        walk_ok(f);
        assert_tar(f, "file a/node_modules/@s/x/package.json=" JSON ";");
        assert_int_equal(f->tar.entries, 8);
        assert_int_equal(f->tar.notes.len, 0);
        /* The worker, which shares the memory, can't change it under the parent's or another's hands. */
        assert_int_equal(pwrite(f->tar.fd, "x", 1, 0), -1);
        assert_int_equal(ftruncate(f->tar.fd, 0), -1);
}

/* Programs are found by their first bytes, and set-id files by their mode: of the latter the content is not copied. */
static void test_files_that_are_not_wanted_by_path(void **state)
{
        struct fixture *f = *state;
        char name[200];

        folder_put(f->root, "bin/plain", "plain");
        folder_put(f->root, "bin/empty", "");
        walk_ok(f);
        assert_tar(f, "");
        fd_close(&f->tar.fd);
        folder_put(f->root, "bin/program",
            "\x7f"
            "ELF and so on");
        walk_ok(f);
        assert_tar(f, "file bin/program=\x7f"
                      "ELF and so on;");
        fd_close(&f->tar.fd);
        snprintf(name, sizeof(name), "%s/bin/program", f->root);
        assert_int_equal(truncate(name, 3 << 20), 0); /* in several pieces */
        walk_ok(f);
        assert_true(f->tar.size > 3 << 20);
        fd_close(&f->tar.fd);
        assert_int_equal(unlink(name), 0);
        snprintf(name, sizeof(name), "%s/bin/plain", f->root);
        assert_int_equal(chmod(name, 04755), 0);
        walk_ok(f);
        assert_tar(f, "file bin/plain;");
        fd_close(&f->tar.fd);
        assert_int_equal(chmod(name, 0755), 0);
        link_put(f, "lib", "usr/lib");
        link_put(f, "other", "usr/lib");
        walk_ok(f);
        assert_tar(f, "link lib;");
        assert_int_equal(f->tar.notes.len, 0);
}

static void test_empty_folder(void **state)
{
        struct fixture *f = *state;

        walk_ok(f);
        assert_tar(f, "");
        assert_int_equal(f->tar.entries, 0);
}

static void test_links_are_not_followed(void **state)
{
        struct fixture *f = *state;

        folder_put(f->root, "store/dist/package.json", JSON);
        folder_put(f->root, "store/status", "Package: sed\n");
        folder_put(f->root, "node_modules/l/index.js", "");
        folder_put(f->root, "var/lib/none", "");
        link_put(f, "node_modules/x", "../store/dist");
        link_put(f, "node_modules/up", "..");
        link_put(f, "node_modules/l/package.json", "../../store/dist/package.json");
        link_put(f, "var/lib/dpkg", "../../store"); /* leads away from a file that is wanted: the worker says so */
        walk_ok(f);
        assert_tar(f, "link var/lib/dpkg;");
        assert_int_equal(f->tar.notes.len, 0);
        fd_close(&f->tar.fd);
        link_put(f, "store/dist/b.jar", "a.jar"); /* may say what a.jar is */
        link_put(f, "store/dist/c.jar",
            "0123456789/0123456789/0123456789/0123456789/0123456789/0123456789/0123456789/0123456789/0123456789/a.jar");
        walk_ok(f);
        assert_int_equal(f->tar.notes.len, 0);
        CLEANUP(buf_done) struct buf b = {0};
        list(f->tar.fd, f->tar.size, &b);
        assert_non_null(memmem(b.at, b.len, "link store/dist/b.jar;", 22));
        assert_null(memmem(b.at, b.len, "c.jar", 5));
}

static void test_what_is_no_file(void **state)
{
        struct fixture *f = *state;
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        CLEANUP(fd_close) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        char name[200];

        folder_put(f->root, "node_modules/f/x", "");
        folder_put(f->root, "node_modules/s/x", "");
        snprintf(name, sizeof(name), "%s/node_modules/f/package.json", f->root);
        assert_int_equal(mkfifo(name, 0644), 0);
        snprintf(name, sizeof(name), "%s/unwanted", f->root);
        assert_int_equal(mkfifo(name, 0644), 0);
        snprintf(address.sun_path, sizeof(address.sun_path), "%s/node_modules/s/package.json", f->root);
        assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
        walk_ok(f);
        assert_tar(f, "");
        assert_int_equal(f->tar.notes.len, 2);
        assert_span(f->tar.notes.at[0], "node_modules/f/package.json: not read: neither a file nor a folder");
        assert_span(f->tar.notes.at[1], "node_modules/s/package.json: not read: neither a file nor a folder");
}

/* As nobody: root may read everything. */
static void test_what_may_not_be_read(void **state)
{
        struct fixture *f = *state;
        bool is_root = geteuid() == 0;
        char name[200];

        folder_put(f->root, "node_modules/x/package.json", JSON);
        folder_put(f->root, "node_modules/y/package.json", JSON);
        folder_put(f->root, "secret", "nobody wants it");
        folder_put(f->root, "home/node_modules/z/package.json", JSON);
        snprintf(name, sizeof(name), "%s/node_modules/x/package.json", f->root);
        assert_int_equal(chmod(name, 0), 0);
        snprintf(name, sizeof(name), "%s/secret", f->root);
        assert_int_equal(chmod(name, 0), 0);
        snprintf(name, sizeof(name), "%s/home", f->root);
        assert_int_equal(chmod(name, 0), 0);
        if (is_root)
                assert_int_equal(seteuid(65534), 0);
        struct err e = {0};
        bool ok = walk(f, &e);
        if (is_root)
                assert_int_equal(seteuid(0), 0);
        assert_int_equal(chmod(name, 0700), 0);
        if (!ok)
                fail_msg("%s", e.text);
        assert_tar(f, "file node_modules/y/package.json=" JSON ";");
        assert_int_equal(f->tar.notes.len, 2);
        assert_span(f->tar.notes.at[0], "home: not read: Permission denied");
        assert_span(f->tar.notes.at[1], "node_modules/x/package.json: not read: Permission denied");
}

static void test_too_large_is_noted(void **state)
{
        struct fixture *f = *state;
        char name[200];

        folder_put(f->root, "node_modules/x/package.json", JSON);
        folder_put(f->root, "some/x.blind", "never read");
        snprintf(name, sizeof(name), "%s/node_modules/x/package.json", f->root);
        assert_int_equal(truncate(name, INVENTORY_PACKAGE_JSON_MAX + 1), 0);
        walk_ok(f);
        assert_tar(f, "file some/x.blind;");
        assert_int_equal(f->tar.notes.len, 1);
        assert_span(
            f->tar.notes.at[0], "node_modules/x/package.json: too large, not read: 4194305 bytes, at most 4194304");
}

static void test_names(void **state)
{
        struct fixture *f = *state;

        folder_put(f->root, "node_modules/a\xff\nb/package.json", JSON);
        folder_put(f->root, "var/lib/dpkg/status.d/.wh.sed", "Package: sed\n");
        folder_put(f->root, ".wh.x/node_modules/x/package.json", JSON);
        folder_put(f->root, ".wh.y/file", "nobody wants it");
        walk_ok(f);
        assert_tar(f, "file node_modules/a\xff\nb/package.json=" JSON ";");
        assert_int_equal(f->tar.notes.len, 2);
        assert_span(
            f->tar.notes.at[0], ".wh.x/node_modules/x/package.json: not read: a layer's whiteouts have such a name");
        assert_span(
            f->tar.notes.at[1], "var/lib/dpkg/status.d/.wh.sed: not read: a layer's whiteouts have such a name");
}

/* PREFIX d/d/d ... d/node_modules/x/package.json with `above` folders in all. */
static void put_deep(struct fixture *f, const char *first, size_t above)
{
        CLEANUP(buf_done) struct buf b = {0};

        buf_put_text(&b, first);
        for (size_t i = 3; i < above; i++)
                buf_put_text(&b, "/d");
        buf_put_text(&b, "/node_modules/x/package.json");
        buf_put_u8(&b, 0);
        folder_put(f->root, (const char *)b.at, JSON);
}

static void test_depth(void **state)
{
        struct fixture *f = *state;
        CLEANUP(buf_done) struct buf b = {0};

        put_deep(f, "most", INVENTORY_DEPTH_MAX);
        put_deep(f, "more", INVENTORY_DEPTH_MAX + 1);
        walk_ok(f);
        list(f->tar.fd, f->tar.size, &b);
        assert_true(span_starts(buf_span(&b), "file most/d/d/d/"));
        assert_false(contains(buf_span(&b), "more"));
        assert_int_equal(f->tar.notes.len, 1);
        assert_true(span_starts(f->tar.notes.at[0], "more/d/d/"));
        assert_true(span_ends(f->tar.notes.at[0], "/node_modules/x: not looked into: more than 128 folders deep"));
}

/* 20 names of 250 bytes: below our depth, beyond our paths. Made and removed level by level, as no path reaches them. */
static void test_path_length(void **state)
{
        struct fixture *f = *state;
        CLEANUP(fd_close) int at = open(f->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        char name[251];

        memset(name, 'n', 250);
        name[250] = 0;
        for (size_t i = 0; i < 20; i++) {
                int next;
                assert_true(dir_make(at, name, 0755, &next, NULL));
                fd_close(&at);
                at = next;
        }
        walk_ok(f);
        assert_tar(f, "");
        assert_int_equal(f->tar.entries, 17);
        assert_int_equal(f->tar.notes.len, 1);
        assert_true(span_ends(f->tar.notes.at[0], ": a path in it is longer than 4095 bytes: not read"));
}

static void test_notes_are_counted_beyond_their_limit(void **state)
{
        struct fixture *f = *state;
        char name[200];

        folder_put(f->root, "var/lib/dpkg/status.d/x", "");
        for (size_t i = 0; i < INVENTORY_LAYER_NOTES_MAX + 3; i++) {
                snprintf(name, sizeof(name), "%s/var/lib/dpkg/status.d/p%zu", f->root, i);
                assert_int_equal(mkfifo(name, 0644), 0);
        }
        walk_ok(f);
        assert_int_equal(f->tar.notes.len, INVENTORY_LAYER_NOTES_MAX + 1);
        assert_span(f->tar.notes.at[INVENTORY_LAYER_NOTES_MAX], "and 3 more places that were not read");
}

/* /dev has file systems of its own mounted in it nearly everywhere. */
static void test_other_file_systems(void **state)
{
        struct fixture *f = *state;
        CLEANUP(fd_close) int fd = open("/dev", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        struct stat dev, pts;

        if (fd < 0 || fstat(fd, &dev) != 0 || stat("/dev/pts", &pts) != 0 || dev.st_dev == pts.st_dev) {
                print_message("skipped: nothing is mounted at /dev/pts\n");
                skip();
        }
        assert_true(folder_tar_make(fd, NULL, f->arena, &f->tar, NULL));
        assert_noted(f->tar.notes.at, f->tar.notes.len, "pts: not looked into: it is of another file system");
}

static void test_cancelled(void **state)
{
        struct fixture *f = *state;
        struct err e = {0};

        folder_put(f->root, "x", "");
        file_cancel_flag = 1;
        bool ok = walk(f, &e);
        file_cancel_flag = 0;
        assert_false(ok);
        assert_int_equal(e.kind, ERR_CANCELLED);
        assert_int_equal(f->tar.fd, -1);
}

/* Every length of a path, and so of a pax record whose length counts itself. */
static void test_tar_paths(void **state)
{
        struct tar_writer w;
        CLEANUP(buf_done) struct buf want = {0}, have = {0};
        char path[INVENTORY_PATH_MAX];
        uint64_t size;
        int fd;

        (void)state;
        for (size_t i = 0; i < sizeof(path); i++)
                path[i] = i % 200 == 199 ? '/' : (char)('a' + i % 26);
        assert_true(tar_writer_open(&w, NULL));
        for (size_t len = 1; len <= sizeof(path); len += len < 1200 ? 1 : 193) {
                if (path[len - 1] == '/')
                        continue;
                struct span s = span_bytes(path, len), content = span_cut(s, 0, len % 40);
                assert_true(tar_writer_put(&w, '0', s, content, NULL));
                buf_put_text(&want, "file ");
                buf_put(&want, s);
                buf_put_u8(&want, content.len > 0 ? '=' : ';');
                buf_put(&want, content);
                if (content.len > 0)
                        buf_put_u8(&want, ';');
        }
        assert_true(tar_writer_end(&w, &fd, &size, NULL));
        assert_true(size <= w.size + 1024);
        list(fd, size, &have);
        assert_true(span_equal(buf_span(&want), buf_span(&have)));
        fd_close(&fd);
        tar_writer_done(&w);
}

static void test_tar_is_bounded(void **state)
{
        struct tar_writer w;
        struct err e = {0};

        (void)state;
        assert_true(tar_writer_open(&w, NULL));
        w.size = INVENTORY_FOLDER_BYTES_MAX - 4096;
        assert_true(tar_writer_put(&w, '0', SPAN_LIT("a"), SPAN_LIT("b"), &e));
        assert_false(tar_writer_put(&w, '0', SPAN_LIT("a"), SPAN_LIT("b"), &e));
        assert_int_equal(e.kind, ERR_LIMIT);
        tar_writer_done(&w);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
            T(test_wanted_files_alone),
            T(test_files_that_are_not_wanted_by_path),
            T(test_empty_folder),
            T(test_links_are_not_followed),
            T(test_what_is_no_file),
            T(test_what_may_not_be_read),
            T(test_too_large_is_noted),
            T(test_names),
            T(test_depth),
            T(test_path_length),
            T(test_notes_are_counted_beyond_their_limit),
            T(test_other_file_systems),
            T(test_cancelled),
            cmocka_unit_test(test_tar_paths),
            cmocka_unit_test(test_tar_is_bounded),
        };

        return cmocka_run_group_tests_name("folder", tests, NULL, NULL);
}
