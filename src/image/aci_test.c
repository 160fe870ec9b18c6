/* App Container Images: the manifest, the view, lists of paths, the answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "image/aci_test_priv.h"
#include "image/tar_priv.h"

/* ---- the manifest ---- */

/* After the example of aci.md (0.8.11), with an image id in place of its dots. */
static const char example[] =
    "{\"acKind\": \"ImageManifest\", \"acVersion\": \"0.8.11\", \"name\": \"example.com/reduce-worker\","
    "\"labels\": [{\"name\": \"version\", \"value\": \"1.0.0\"}, {\"name\": \"arch\", \"value\": \"amd64\"},"
    "{\"name\": \"os\", \"value\": \"linux\"}],"
    "\"app\": {\"exec\": [\"/usr/bin/reduce-worker\", \"--quiet\"], \"user\": \"100\", \"group\": \"300\","
    "\"supplementaryGIDs\": [400, 500], \"eventHandlers\": [{\"exec\": [\"/usr/bin/data-downloader\"],"
    "\"name\": \"pre-start\"}, {\"exec\": [\"/usr/bin/deregister-worker\", \"--verbose\"], \"name\": \"post-stop\"}],"
    "\"workingDirectory\": \"/opt/work\","
    "\"environment\": [{\"name\": \"REDUCE_WORKER_DEBUG\", \"value\": \"true\"}],"
    "\"isolators\": [{\"name\": \"resource/cpu\", \"value\": {\"request\": \"250\", \"limit\": \"500\"}}],"
    "\"mountPoints\": [{\"name\": \"work\", \"path\": \"/var/lib/work\", \"readOnly\": false}],"
    "\"ports\": [{\"name\": \"health\", \"port\": 4000, \"protocol\": \"tcp\", \"socketActivated\": true}]},"
    "\"dependencies\": [{\"imageName\": \"example.com/reduce-worker-base\","
    "\"imageID\": \"sha512-" HEX_64 HEX_64 "\","
    "\"labels\": [{\"name\": \"os\", \"value\": \"linux\"}, {\"name\": \"env\", \"value\": \"canary\"}],"
    "\"size\": 22017258}],"
    "\"pathWhitelist\": [\"/etc/ca/example.com/crt\", \"/usr/bin/map-reduce-worker\", \"/etc/systemd/system/\"],"
    "\"annotations\": [{\"name\": \"authors\", \"value\": \"Carly Container <carly@example.com>\"},"
    "{\"name\": \"created\", \"value\": \"2014-10-27T19:32:27.67021798Z\"}]}";

static void the_specifications_example_is_read(void **state)
{
        struct fixture *f = *state;
        char id[DIGEST_TEXT_MAX];
        struct aci_manifest m;
        struct err e = {0};

        if (!aci_manifest_parse(span_of(example), f->arena, &m, &e))
                fail_msg("%s", e.text);
        assert_true(span_is(m.name, "example.com/reduce-worker"));
        assert_true(span_is(*aci_label(&m.labels, "version"), "1.0.0"));
        assert_null(aci_label(&m.labels, "channel"));
        assert_int_equal(m.exec.len, 2);
        assert_true(span_is(m.exec.at[1], "--quiet"));
        assert_true(span_is(m.user, "100:300"));
        assert_true(span_is(m.working_dir, "/opt/work"));
        assert_true(span_is(m.env.at[0], "REDUCE_WORKER_DEBUG=true"));
        assert_true(span_is(m.created, "2014-10-27T19:32:27.67021798Z"));
        assert_true(span_is(m.obstacle, "the supplementary group 400"));
        assert_int_equal(m.dependencies.len, 1);
        assert_true(span_is(m.dependencies.at[0].name, "example.com/reduce-worker-base"));
        assert_string_equal(digest_format(&m.dependencies.at[0].id, id), "sha512:" HEX_64 HEX_64);
        assert_int_equal(m.dependencies.at[0].labels.len, 2);
        assert_int_equal(m.dependencies.at[0].size, 22017258);
        assert_int_equal(m.paths.len, 3);
        assert_true(span_is(m.paths.at[1], "etc/systemd/system"));
        const struct image_platform p = aci_platform(&m);
        assert_true(span_is(p.os, "linux") && span_is(p.architecture, "amd64"));
}

static void manifests_are_refused(void **state)
{
        static const struct {
                const char *text;
                enum err_kind kind;
                const char *says;
        } rows[] = {
            {"", ERR_MALFORMED, ""},
            {"{}", ERR_MALFORMED, "needs acKind"},
            {"{\"acKind\":\"ImageManifest\",\"name\":\"a\"}", ERR_MALFORMED, "needs acVersion"},
            {"{\"acKind\":\"ImageManifest\",\"acVersion\":\"0.8.11\"}", ERR_MALFORMED, "needs name"},
            {"{\"acKind\":\"PodManifest\",\"acVersion\":\"0.8.11\"}", ERR_UNSUPPORTED, "is no ImageManifest"},
            {"{\"acKind\":\"imagemanifest\"}", ERR_MALFORMED, "is no ImageManifest"},
            {"{\"acVersion\":\"1.0.0\"}", ERR_UNSUPPORTED, "version 1 of the specification"},
            {"{\"acVersion\":\"0.8\"}", ERR_MALFORMED, "three numbers"},
            {"{\"acVersion\":\"\"}", ERR_MALFORMED, "three numbers"},
            {"{\"acVersion\":\"0.8.11.1\"}", ERR_MALFORMED, "three numbers"},
            {HEAD "\"Example.com\"}", ERR_MALFORMED, "name: an AC identifier"},
            {HEAD "\"a//b\"}", ERR_MALFORMED, "an AC identifier"},
            {HEAD "\"a/\"}", ERR_MALFORMED, "an AC identifier"},
            {HEAD "\"../b\"}", ERR_MALFORMED, "an AC identifier"},
            {HEAD "\"\"}", ERR_MALFORMED, "an AC identifier"},
            {HEAD "\"a\",\"name\":\"b\"}", ERR_MALFORMED, "name"},
            {HEAD "\"a\",\"labels\":[{\"name\":\"os\",\"value\":\"linux\"},{\"name\":\"os\",\"value\":\"linux\"}]}",
                ERR_MALFORMED, "the label os stands there twice"},
            {HEAD "\"a\",\"labels\":[{\"name\":\"name\",\"value\":\"x\"}]}", ERR_MALFORMED, "can't be called name"},
            {HEAD "\"a\",\"labels\":[{\"name\":\"os\"}]}", ERR_MALFORMED, "needs a name and a value"},
            {HEAD "\"a\",\"labels\":[{\"name\":\"os\",\"value\":\"a\\u0000b\"}]}", ERR_MALFORMED, "NUL"},
            {HEAD "\"a\",\"labels\":[{\"name\":\"os\",\"value\":\"a\\u001b[2J\"}]}", ERR_MALFORMED, "control bytes"},
            {HEAD "\"a\",\"annotations\":[{\"name\":\"x\",\"value\":\"1\"},{\"name\":\"x\",\"value\":\"2\"}]}",
                ERR_MALFORMED, "the annotation x stands there twice"},
            {HEAD "\"a\",\"dependencies\":[{}]}", ERR_MALFORMED, "needs an imageName"},
            {HEAD "\"a\",\"dependencies\":[{\"imageName\":\"b\",\"imageID\":\"sha512-abc\"}]}", ERR_MALFORMED,
                "imageID"},
            {HEAD "\"a\",\"dependencies\":[{\"imageName\":\"b\",\"imageID\":\"sha256-" HEX_64 "\"}]}", ERR_MALFORMED,
                "an image id is sha512-"},
            {HEAD "\"a\",\"dependencies\":[{\"imageName\":\"b\",\"size\":-1}]}", ERR_MALFORMED, "size"},
            {HEAD "\"a\",\"pathWhitelist\":[\"/a/../b\"]}", ERR_MALFORMED, "\"..\""},
            {HEAD "\"a\",\"pathWhitelist\":[\"\"]}", ERR_MALFORMED, "an empty path"},
            {HEAD "\"a\",\"app\":{\"exec\":[\"/x\"]}}", ERR_MALFORMED, "needs a user and a group"},
            {HEAD "\"a\",\"app\":{\"user\":\"a:b\",\"group\":\"0\"}}", ERR_MALFORMED, "a colon"},
            {HEAD "\"a\",\"app\":{\"user\":\"0\",\"group\":\"0\",\"workingDirectory\":\"opt\"}}", ERR_MALFORMED,
                "absolute"},
            {HEAD "\"a\",\"app\":{\"user\":\"0\",\"group\":\"0\",\"environment\":[{\"name\":\"A=B\",\"value\":\"\"}]}}",
                ERR_MALFORMED, "letters, digits and underscores"},
            {HEAD "\"a\",\"app\":{\"user\":\"0\",\"group\":\"0\",\"isolators\":[{\"value\":1}]}}", ERR_MALFORMED,
                "it needs a name"},
            {MINIMAL "x", ERR_MALFORMED, ""},
        };
        struct fixture *f = *state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct aci_manifest m;
                struct err e = {0};

                if (aci_manifest_parse(span_of(rows[i].text), f->arena, &m, &e))
                        fail_msg("was taken: %s", rows[i].text);
                says(&e, rows[i].kind, rows[i].says);
        }
}

static void what_nobody_can_give_is_said(void **state)
{
        static const struct {
                const char *app, *obstacle;
        } rows[] = {
            {"\"ports\":[{\"name\":\"http\",\"port\":80,\"protocol\":\"tcp\"}]", ""},
            {"\"exec\":[\"/x\"],\"environment\":[],\"mountPoints\":null", ""},
            {"\"ports\":[{\"name\":\"http\",\"socketActivated\":true}]",
                "a socket that is opened for it, of the port http"},
            {"\"isolators\":[{\"name\":\"os/linux/seccomp-retain-set\",\"value\":{}}]",
                "the isolator os/linux/seccomp-retain-set"},
            {"\"mountPoints\":[{\"name\":\"data\",\"path\":\"/data\"}]", "something mounted at the mount point data"},
            {"\"eventHandlers\":[{\"name\":\"pre-start\",\"exec\":[\"/x\"]}]", "the event handler pre-start"},
        };
        struct fixture *f = *state;
        struct aci_manifest m;
        struct err e = {0};

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct span text = arena_printf(
                    f->arena, HEAD "\"a\",\"app\":{\"user\":\"root\",\"group\":\"root\",%s}}", rows[i].app);

                if (!aci_manifest_parse(text, f->arena, &m, &e))
                        fail_msg("%s", e.text);
                assert_true(span_is(m.obstacle, rows[i].obstacle));
                assert_true(span_is(m.user, "root:root"));
        }
        assert_true(
            aci_manifest_parse(S(HEAD "\"a\",\"app\":{\"user\":\"/bin/ping\",\"group\":\"0\"}}"), f->arena, &m, &e));
        assert_true(span_is(m.obstacle, "the user who owns /bin/ping"));
}

static void architectures_get_their_other_names(void **state)
{
        static const struct {
                const char *labels, *platform;
        } rows[] = {
            {"{\"name\":\"os\",\"value\":\"linux\"},{\"name\":\"arch\",\"value\":\"i386\"}", "linux/386"},
            {"{\"name\":\"os\",\"value\":\"linux\"},{\"name\":\"arch\",\"value\":\"aarch64\"}", "linux/arm64"},
            {"{\"name\":\"os\",\"value\":\"linux\"},{\"name\":\"arch\",\"value\":\"armv7l\"}", "linux/arm/v7"},
            {"{\"name\":\"os\",\"value\":\"linux\"},{\"name\":\"arch\",\"value\":\"s390x\"}", "linux/s390x"},
            {"{\"name\":\"arch\",\"value\":\"amd64\"}", "/"}, /* aci.md: meaningful only if os is provided */
            {"", "/"},
        };
        struct fixture *f = *state;
        struct aci_manifest m;
        struct err e = {0};
        char out[256];

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                assert_true(aci_manifest_parse(
                    arena_printf(f->arena, HEAD "\"a\",\"labels\":[%s]}", rows[i].labels), f->arena, &m, &e));
                const struct image_platform p = aci_platform(&m);
                assert_string_equal(platform_format(&p, out, sizeof(out)), rows[i].platform);
        }
}

static void folders_above_a_listed_path_stay(void **state)
{
        struct span at[] = {S("usr/bin"), S("etc/a/b"), S("etc-x"), S("usr/bin"), S("lib")};
        struct aci_list list = {.at = at, .len = ARRAY_LEN(at)}, none = {0};

        (void)state;
        aci_list_sort(&list);
        assert_int_equal(list.len, 4);
        assert_true(aci_listed(&list, S(""), true));
        assert_true(aci_listed(&list, S("usr"), true));
        assert_true(aci_listed(&list, S("etc"), true));
        assert_true(aci_listed(&list, S("etc/a"), true));
        assert_true(aci_listed(&list, S("etc/a/b"), false));
        assert_true(aci_listed(&list, S("usr/bin"), true));
        assert_false(aci_listed(&list, S("usr"), false)); /* a file or link of that name is no folder above */
        assert_false(aci_listed(&list, S("usr/bin/x"), false));
        assert_false(aci_listed(&list, S("us"), true));
        assert_false(aci_listed(&list, S("etc/"), true));
        assert_false(aci_listed(&list, S("li"), true));
        assert_false(aci_listed(&list, S("zzz"), true));
        assert_false(aci_listed(&none, S("a"), true));
}

/* ---- the view ---- */

static bool view(struct fixture *f, struct aci_view *v, struct record *r, struct image_read *ret, struct err *e)
{
        int fd CLEANUP(fd_close) = archive_make_fd(buf_span(&f->tar));
        const struct image_source s = {.fd = fd, .size = f->tar.len, .aci = true};
        const struct image_sink sink = record_sink(r);

        v->sink = &sink;
        return aci_layer_read(&s, v, ret, e);
}

static void rootfs_is_what_is_told(void **state)
{
        struct fixture *f = *state;
        struct record r = {0};
        struct aci_view v = {0};
        struct image_read read = {0};
        struct digest want;
        struct err e = {0};

        begin(f, MINIMAL);
        file_put(f, "rootfs/bin/sh", "sh");
        archive_make_link(&f->tar, "rootfs/bin/ash", '1', "rootfs/bin/sh");
        archive_make_link(&f->tar, "rootfs/lib", '2', "usr/lib");
        tar_make_end(&f->tar);
        assert_true(view(f, &v, &r, &read, &e));
        assert_string_equal(record_text(&r),
            "dir  0755 0:0 @0\nfile bin/sh 0644 0:0 @0 =sh\nhardlink bin/ash 0777 0:0 @0 ->bin/sh\n"
            "symlink lib 0777 0:0 @0 ->usr/lib\n");
        digest_of(DIGEST_SHA512, buf_span(&f->tar), &want);
        assert_true(digest_equal(&want, &read.aci_id));
        aci_diff_id(&want, &want);
        assert_true(digest_equal(&want, &read.diff_id));
        buf_done(&r.text);

        /* as actool and docker2aci write it: the manifest comes last; as `tar -C FOLDER .` does */
        begin(f, NULL);
        buf_clear(&f->tar);
        folder_put(f, "./");
        folder_put(f, "./rootfs/");
        file_put(f, "./rootfs/a", "x");
        file_put(f, "./manifest", MINIMAL);
        r = (struct record){0};
        v = (struct aci_view){0};
        assert_true(view(f, &v, &r, &read, &e));
        assert_string_equal(record_text(&r), "dir  0755 0:0 @0\nfile a 0644 0:0 @0 =x\n");
        buf_done(&r.text);
}

static void view_refuses(struct fixture *f, enum err_kind kind, const char *text)
{
        struct record r = {0};
        struct aci_view v = {0};
        struct image_read read;
        struct err e = {0};

        if (view(f, &v, &r, &read, &e))
                fail_msg("was taken; should say: %s", text);
        says(&e, kind, text);
        buf_done(&r.text);
}

static void anything_else_is_refused(void **state)
{
        struct fixture *f = *state;

        begin(f, MINIMAL);
        file_put(f, "manifest", MINIMAL);
        view_refuses(f, ERR_MALFORMED, "entry 2 (manifest): there are two manifests");
        begin(f, MINIMAL);
        file_put(f, "./manifest", MINIMAL);
        view_refuses(f, ERR_MALFORMED, "there are two manifests");
        begin(f, MINIMAL);
        folder_put(f, "rootfs/");
        view_refuses(f, ERR_MALFORMED, "there are two folders rootfs");
        begin(f, MINIMAL);
        file_put(f, "extra", "x");
        view_refuses(f, ERR_MALFORMED, "a manifest and a rootfs, and nothing else");
        begin(f, MINIMAL);
        file_put(f, "rootfsx", "x");
        view_refuses(f, ERR_MALFORMED, "nothing else");
        begin(f, MINIMAL);
        file_put(f, "rootfs/../../etc/passwd", "x");
        view_refuses(f, ERR_MALFORMED, "\"..\" would lead out of the image");
        begin(f, MINIMAL);
        file_put(f, "/rootfs/a", "x");
        view_refuses(f, ERR_MALFORMED, "it is absolute");
        begin(f, MINIMAL);
        archive_make_link(&f->tar, "rootfs/a", '1', "manifest");
        view_refuses(f, ERR_MALFORMED, "a hard link to what is not in rootfs");
        begin(f, MINIMAL);
        archive_make_link(&f->tar, "rootfs/a", '1', "rootfs");
        view_refuses(f, ERR_MALFORMED, "a hard link to what is not in rootfs");
        begin(f, MINIMAL);
        file_put(f, "rootfs/etc/.wh.passwd", "");
        view_refuses(f, ERR_UNSUPPORTED, "named as a whiteout");
        begin(f, MINIMAL);
        file_put(f, "rootfs/.wh..wh..opq", "");
        view_refuses(f, ERR_UNSUPPORTED, "named as a whiteout");
        begin(f, MINIMAL);
        file_put(f, ".wh..wh..opq", "");
        view_refuses(f, ERR_UNSUPPORTED, "named as a whiteout");
        begin(f, NULL);
        view_refuses(f, ERR_MALFORMED, "there is no manifest in it");
        buf_clear(&f->tar);
        file_put(f, "manifest", MINIMAL);
        view_refuses(f, ERR_MALFORMED, "there is no rootfs in it");
        buf_clear(&f->tar);
        file_put(f, "manifest", MINIMAL);
        archive_make_link(&f->tar, "rootfs", '2', "/");
        view_refuses(f, ERR_MALFORMED, "rootfs must be a folder");
        buf_clear(&f->tar);
        archive_make_link(&f->tar, "manifest", '2', "rootfs/m");
        view_refuses(f, ERR_MALFORMED, "the manifest must be a regular file");
        buf_clear(&f->tar);
        folder_put(f, "manifest");
        view_refuses(f, ERR_MALFORMED, "the manifest must be a regular file");
        buf_clear(&f->tar);
        tar_make_raw(&f->tar, &(struct tar_item){.path = "manifest", .size = IMAGE_CONFIG_MAX + 1, .mode = 0644});
        view_refuses(f, ERR_LIMIT, "the manifest is 8388609 bytes");
}

static void what_is_not_listed_is_left_out(void **state)
{
        struct fixture *f = *state;
        struct span all[] = {S("bin/sh"), S("etc"), S("lib/a")}, some[] = {S("bin/sh"), S("lib/a"), S("lib/b")};
        const struct aci_list lists[] = {{.at = all, .len = 3}, {.at = some, .len = 3}};
        struct aci_view v = {.lists = lists, .n_lists = 2};
        struct image_read read;
        struct record r = {0};
        struct err e = {0};

        begin(f, MINIMAL);
        folder_put(f, "rootfs/bin");
        file_put(f, "rootfs/bin/sh", "sh");
        file_put(f, "rootfs/bin/ls", "ls");
        folder_put(f, "rootfs/etc");
        file_put(f, "rootfs/etc/passwd", "root");
        folder_put(f, "rootfs/lib");
        archive_make_link(&f->tar, "rootfs/lib/a", '1', "rootfs/bin/sh");
        file_put(f, "rootfs/lib/b", "b");
        assert_true(view(f, &v, &r, &read, &e));
        assert_string_equal(record_text(&r), "dir  0755 0:0 @0\ndir bin 0755 0:0 @0\nfile bin/sh 0644 0:0 @0 =sh\n"
                                             "dir lib 0755 0:0 @0\nhardlink lib/a 0777 0:0 @0 ->bin/sh\n");
        buf_done(&r.text);

        archive_make_link(&f->tar, "rootfs/lib/a", '1', "rootfs/bin/ls");
        v = (struct aci_view){.lists = lists, .n_lists = 2};
        r = (struct record){0};
        assert_false(view(f, &v, &r, &read, &e));
        says(&e, ERR_UNSUPPORTED, "a hard link to bin/ls, which is on no pathWhitelist");
        buf_done(&r.text);
}

static bool piece_put(void *ctx, struct span piece, struct err *e)
{
        (void)e;
        buf_put(ctx, piece);
        return true;
}

static void what_is_left_is_a_tar_of_the_same(void **state)
{
        struct fixture *f = *state;
        struct buf out CLEANUP(buf_done) = {0};
        struct aci_tar tar = {.put = piece_put, .ctx = &out};
        const struct image_sink to = aci_tar_sink(&tar);
        struct record first = {0}, again = {0};
        struct aci_view v = {0};
        struct image_read read;
        struct err e = {0};
        char name[300] = "rootfs/";

        memset(name + 7, 'n', 240);
        begin(f, MINIMAL);
        file_put(f, name, "long");
        archive_make_link(&f->tar, "rootfs/l", '2', name);
        archive_make_link(&f->tar, "rootfs/h", '1', name);
        tar_make(
            &f->tar, &(struct tar_item){.path = "rootfs/late", .mtime = 1ll << 34, .uid = 3000000000u, .mode = 04755});
        tar_make(&f->tar, &(struct tar_item){.path = "rootfs/null", .type = '3', .dev_major = 1, .dev_minor = 3});
        tar_make(&f->tar, &(struct tar_item){.path = "rootfs/fifo", .type = '6'});
        file_put(f, "rootfs/even", "0123456789abcdef");
        if (!view(f, &v, &first, &read, &e))
                fail_msg("%s", e.text);
        int fd CLEANUP(fd_close) = archive_make_fd(buf_span(&f->tar));
        const struct image_source s = {.fd = fd, .size = f->tar.len, .aci = true};
        v = (struct aci_view){.sink = &to};
        assert_true(aci_layer_read(&s, &v, &read, &e) && aci_tar_end(&tar, &e));
        assert_int_equal(out.len % 512, 0);
        int copy CLEANUP(fd_close) = archive_make_fd(buf_span(&out));
        const struct image_source plain = {.fd = copy, .size = out.len};
        const struct image_sink sink = record_sink(&again);
        if (!image_layer_read(&plain, &sink, &read, &e))
                fail_msg("%s", e.text);
        assert_string_equal(record_text(&again), record_text(&first));
        buf_done(&first.text);
        buf_done(&again.text);
}

static void times_before_1970_are_kept(void **state)
{
        static const int64_t times[] = {-1, -5, -256, -(1ll << 40), 0, 1, (1ll << 33) - 1, 1ll << 33, 1ll << 50};
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(times); i++) {
                struct buf out CLEANUP(buf_done) = {0};
                struct aci_tar tar = {.put = piece_put, .ctx = &out};
                const struct image_sink to = aci_tar_sink(&tar);
                const struct image_entry entry = {.type = IMAGE_ENTRY_DIR, .path = S("a"), .mtime_s = times[i]};
                uint8_t join[IMAGE_NAME_MAX + 2];
                struct image_entry got;
                struct err e = {0};
                bool want;
                char flag;

                assert_true(to.entry(to.ctx, &entry, &want, &e));
                if (!tar_header_parse(buf_span(&out), join, &got, &flag, &e))
                        fail_msg("%lld: %s", (long long)times[i], e.text);
                assert_int_equal(got.mtime_s, times[i]);
        }
}

/* ---- the answer ---- */

static void the_answer_is_as_untrusted_as_the_image(void **state)
{
        struct fixture *f = *state;
        struct buf b CLEANUP(buf_done) = {0}, again CLEANUP(buf_done) = {0};
        struct aci v = {.compression = COMPRESSION_BZIP2, .plain_size = 5}, got;
        struct err e = {0};
        struct cursor c;

        assert_true(aci_manifest_parse(span_of(example), f->arena, &v.manifest, &e));
        digest_of(DIGEST_SHA256, S("b"), &v.blob);
        digest_of(DIGEST_SHA512, S("i"), &v.id);
        aci_put(&b, &v);
        c = (struct cursor){.rest = buf_span(&b)};
        assert_true(aci_get(&c, f->arena, &got));
        aci_put(&again, &got);
        assert_true(span_equal(buf_span(&again), buf_span(&b)));
        for (size_t n = 0; n < b.len; n++) {
                c = (struct cursor){.rest = span_cut(buf_span(&b), 0, n)};
                assert_false(aci_get(&c, f->arena, &got));
        }
        b.at[0] = COMPRESSION_LAST + 1;
        c = (struct cursor){.rest = buf_span(&b)};
        assert_false(aci_get(&c, f->arena, &got));
        buf_clear(&b);
        struct span unsorted[] = {S("b"), S("a")};
        v.manifest.paths = (struct aci_list){.at = unsorted, .len = 2};
        aci_put(&b, &v);
        c = (struct cursor){.rest = buf_span(&b)};
        assert_false(aci_get(&c, f->arena, &got));
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        const struct CMUnitTest tests[] = {
            CASE(the_specifications_example_is_read),
            CASE(manifests_are_refused),
            CASE(what_nobody_can_give_is_said),
            CASE(architectures_get_their_other_names),
            CASE(folders_above_a_listed_path_stay),
            CASE(rootfs_is_what_is_told),
            CASE(anything_else_is_refused),
            CASE(what_is_not_listed_is_left_out),
            CASE(what_is_left_is_a_tar_of_the_same),
            CASE(times_before_1970_are_kept),
            CASE(the_answer_is_as_untrusted_as_the_image),
        };

        return cmocka_run_group_tests_name("image_aci", tests, NULL, NULL);
}
