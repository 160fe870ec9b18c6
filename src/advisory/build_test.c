/* advisory_build with real workers: every kind of source, reports of refusals, and the old database after every
 * failure. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "advisory/advisory.h"
#include "advisory/archive/testing_archive_priv.h"

static char arg_worker[4096]; /* the link below needs the whole path */
static char folder[] = "/tmp/coffer-advisory-test-XXXXXX";
static int dir_fd = -1;

struct reports {
        unsigned refused, progressed, passed;
        char places[4000];
        uint64_t done, total;
};

static void on_refused(void *ctx, const char *place, const struct err *why)
{
        struct reports *r = ctx;
        size_t n = strlen(r->places);

        assert_true(why->kind != ERR_NONE && why->text[0]);
        r->refused++;
        snprintf(r->places + n, sizeof(r->places) - n, "%s|", place);
}

static void on_progress(void *ctx, uint64_t done, uint64_t total)
{
        struct reports *r = ctx;

        r->progressed++;
        r->done = done;
        r->total = total;
}

static void write_file(const char *name, const char *text)
{
        struct err e = {0};

        if (!file_replace(dir_fd, name, span_of(text), 0644, &e))
                fail_msg("%s", e.text);
}

#define RECORD(id, name)                                                                                              \
        "{\"id\":\"" id "\",\"modified\":\"2024-01-02T03:04:05Z\",\"affected\":[{\"package\":{\"ecosystem\":\"npm\"," \
        "\"name\":\"" name "\"},\"ranges\":[{\"type\":\"SEMVER\",\"events\":[{\"introduced\":\"0\"}]}]}]}"

static bool build(
    const char *const *sources, size_t n, struct reports *r, struct advisory_build_stats *stats, struct err *e)
{
        struct advisory_build b = {.on_refused = on_refused, .on_progress = on_progress, .ctx = r};
        char paths[8][200];
        const char *full[8];

        assert_true(n <= 8);
        for (size_t i = 0; i < n; i++) {
                snprintf(paths[i], sizeof(paths[i]), "%s/%s", folder, sources[i]);
                full[i] = paths[i];
        }
        b.sources = full;
        b.n_sources = n;
        return advisory_build(&b, dir_fd, "current", stats, e);
}

static bool count(void *ctx, const struct advisory_hit *hit)
{
        assert_int_equal(hit->answer, ADVISORY_AFFECTED);
        ++*(unsigned *)ctx;
        return true;
}

static unsigned hits(const char *package)
{
        struct advisory_db *db CLEANUP(advisory_db_freep) = NULL;
        struct err e = {0};
        unsigned n = 0;

        if (!advisory_db_open(dir_fd, "current", &db, &e) ||
            !advisory_db_lookup(db, SPAN_LIT("npm"), span_of(package), SPAN_LIT("1.0.0"), count, &n, &e))
                fail_msg("%s", e.text);
        return n;
}

static void every_kind_of_source(void **state)
{
        static const char *const sources[] = {"one.json", "many.jsonl", "tree"};
        struct advisory_build_stats stats = {0};
        struct reports r = {0};
        struct err e = {0};
        char want[600];

        (void)state;
        write_file("one.json", "\n" RECORD("O-1", "one") "\n");
        write_file(
            "many.jsonl", RECORD("M-1", "many") "\n\nbroken\n" RECORD("M-2", "many") "\r\n" RECORD("M-3", "many"));
        assert_int_equal(
            mkdirat(dir_fd, "tree", 0755) | mkdirat(dir_fd, "tree/2024", 0755) | mkdirat(dir_fd, "tree/.git", 0755), 0);
        int tree CLEANUP(fd_close) = openat(dir_fd, "tree/2024", O_RDONLY | O_CLOEXEC);
        for (unsigned i = 0; i < 50; i++) {
                char name[32], text[400];
                snprintf(name, sizeof(name), "T-%u.json", i);
                snprintf(text, sizeof(text), i == 7 ? "{\"id\":\"T-7\"}" : RECORD("T-%u", "tree"), i);
                assert_true(file_replace(tree, name, span_of(text), 0644, &e));
        }
        assert_true(file_replace(tree, "inner.jsonl", SPAN_LIT(RECORD("I-1", "inner") "\n[]\n"), 0644, &e));
        assert_true(file_replace(tree, "README.md", SPAN_LIT("no feed"), 0644, &e));
        assert_true(file_replace(tree, ".hidden.json", SPAN_LIT("broken"), 0644, &e));
        assert_int_equal(symlinkat("/etc/passwd", tree, "link.json"), 0);
        if (!build(sources, 3, &r, &stats, &e))
                fail_msg("%s", e.text);
        assert_int_equal(stats.records, 1 + 3 + 49 + 1);
        assert_int_equal(stats.refused, 3);
        assert_int_equal(r.refused, 3);
        snprintf(want, sizeof(want), "%s/many.jsonl: line 3|", folder);
        assert_non_null(strstr(r.places, want));
        snprintf(want, sizeof(want), "%s/tree: 2024/T-7.json|", folder);
        assert_non_null(strstr(r.places, want));
        snprintf(want, sizeof(want), "%s/tree/2024/inner.jsonl: line 2|", folder);
        assert_non_null(strstr(r.places, want));
        assert_int_equal(hits("one"), 1);
        assert_int_equal(hits("many"), 3);
        assert_int_equal(hits("tree"), 49);
        assert_int_equal(hits("inner"), 1);
}

static void overlong_files_are_refused(void **state)
{
        static const char *const sources[] = {"long"};
        struct advisory_build_stats stats = {0};
        struct reports r = {0};
        struct err e = {0};

        (void)state;
        assert_int_equal(mkdirat(dir_fd, "long", 0755), 0);
        int fd CLEANUP(fd_close) = openat(dir_fd, "long/a.json", O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
        assert_int_equal(ftruncate(fd, (off_t)FEED_DOCUMENT_MAX + 1), 0);
        write_file("long-b.json", RECORD("B-1", "b"));
        assert_int_equal(renameat(dir_fd, "long-b.json", dir_fd, "long/b.json"), 0);
        if (!build(sources, 1, &r, &stats, &e))
                fail_msg("%s", e.text);
        assert_int_equal(stats.records, 1);
        assert_int_equal(r.refused, 1);
        assert_non_null(strstr(r.places, "long/a.json|"));
}

/* Known by what they hold, whatever they are called; names of members reach messages without their control bytes. */
static void archives_by_their_content(void **state)
{
        static const struct testing_member files[] = {
            {"Z-1.json", {(const uint8_t *)RECORD("Z-1", "zipped"), sizeof(RECORD("Z-1", "zipped")) - 1}, false},
            {"npm/\033[2J\rZ-2.json", {(const uint8_t *)"{\"id\":\"Z-2\"}", 12}, false},
            {"Z-3.json", {(const uint8_t *)RECORD("Z-3", "zipped"), sizeof(RECORD("Z-3", "zipped")) - 1}, true},
            {"locked.json", {(const uint8_t *)"{}", 2}, true},
        };
        static const char *const sources[] = {"all", "tar.json", "pretty", "lines.txt"};
        struct testing_zip z CLEANUP(testing_zip_done) = {0};
        struct buf tar CLEANUP(buf_done) = {0};
        struct advisory_build_stats stats = {0};
        struct reports r = {0};
        struct err e = {0};
        char want[300];

        (void)state;
        testing_zip_make(&z, files, ARRAY_LEN(files));
        testing_patch(&z.b, z.local[3] + 6, 1, 2);
        testing_patch(&z.b, z.central[3] + 8, 1, 2);
        assert_true(file_replace(dir_fd, "all", buf_span(&z.b), 0644, &e));
        testing_tar_add(&tar, "T-1.json", '0', SPAN_LIT(RECORD("T-1", "tarred")));
        testing_tar_add(&tar, "T-2.json", '0', SPAN_LIT("[]"));
        testing_tar_end(&tar);
        assert_true(file_replace(dir_fd, "tar.json", buf_span(&tar), 0644, &e));
        write_file("lines.txt", RECORD("L-1", "lines") "\n" RECORD("L-2", "lines") "\n");
        snprintf(want, sizeof(want), "\n {\n%s\n", &RECORD("D-1", "pretty")[1]);
        write_file("pretty", want);
        if (!build(sources, 4, &r, &stats, &e))
                fail_msg("%s", e.text);
        assert_int_equal(stats.records, 2 + 1 + 1 + 2);
        assert_int_equal(r.refused, 3);
        snprintf(want, sizeof(want), "%s/all: npm/?[2J?Z-2.json|", folder);
        assert_non_null(strstr(r.places, want));
        snprintf(want, sizeof(want), "%s/all: locked.json|", folder);
        assert_non_null(strstr(r.places, want));
        snprintf(want, sizeof(want), "%s/tar.json: T-2.json|", folder);
        assert_non_null(strstr(r.places, want));
        assert_int_equal(hits("zipped"), 2);
        assert_int_equal(hits("tarred"), 1);
        assert_int_equal(hits("pretty"), 1);
        assert_int_equal(hits("lines"), 2);
}

/* Large enough for several workers: each record once, each refusal once. */
static void large_archives_are_shared_out(void **state)
{
        static const char *const zip[] = {"large.zip"}, *const tar[] = {"large.tar"}, *const lines[] = {"large.txt"};
        const char *const *const sources[] = {zip, tar, lines};
        struct testing_member *files CLEANUP(heap_freep) = heap_alloc(9000 * sizeof(*files));
        struct testing_zip z CLEANUP(testing_zip_done) = {0};
        struct buf text CLEANUP(buf_done) = {0}, t CLEANUP(buf_done) = {0};
        struct err e = {0};

        (void)state;
        assert_non_null(buf_reserve(&text, 9000 * 400)); /* more than they need: nothing moves them */
        for (unsigned i = 0; i < 9000; i++) {
                size_t from = text.len;
                if (i % 1000 == 7)
                        buf_printf(&text, "{\"id\":\"S-%u\"}\n", i);
                else
                        buf_printf(&text, RECORD("S-%u", "shared") "\n", i);
                files[i] = (struct testing_member){"x/s.json", span_cut(buf_span(&text), from, text.len - from), true};
                testing_tar_add(&t, "x/s.json", '0', files[i].content);
        }
        testing_tar_end(&t);
        testing_zip_make(&z, files, 9000);
        assert_true(z.b.len > 1u << 20 && text.len > 1u << 20);
        assert_true(file_replace(dir_fd, "large.zip", buf_span(&z.b), 0644, &e));
        assert_true(file_replace(dir_fd, "large.tar", buf_span(&t), 0644, &e));
        assert_true(file_replace(dir_fd, "large.txt", buf_span(&text), 0644, &e));
        for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
                struct advisory_build_stats stats = {0};
                struct reports r = {0};
                if (!build(sources[i], 1, &r, &stats, &e))
                        fail_msg("%s", e.text);
                assert_int_equal(stats.records, 8991);
                assert_int_equal(stats.refused, 9);
                assert_int_equal(r.refused, 9);
                assert_true(r.done <= r.total);
                assert_int_equal(hits("shared"), 8991);
        }
}

/* As gzip(1) writes it. */
static void write_gzip(const char *name, struct span plain)
{
        size_t cap = plain.len / 8 + 65536;
        uint8_t *to = malloc(cap);
        z_stream z = {.next_in = (uint8_t *)plain.at, .avail_in = (uInt)plain.len, .next_out = to, .avail_out = (uInt)cap};
        struct err e = {0};

        assert_non_null(to);
        assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY), Z_OK);
        assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
        assert_true(file_replace(dir_fd, name, span_bytes(to, cap - z.avail_out), 0644, &e));
        deflateEnd(&z);
        free(to);
}

/* Compressed lines, a compressed tar, and what unpacks to more than it could honestly be. */
static void compressed_sources(void **state)
{
        static const char *const sources[] = {"lines.jsonl.gz", "tree.tar.gz"};
        struct buf tar CLEANUP(buf_done) = {0}, zeros CLEANUP(buf_done) = {.max = 300u << 20};
        struct advisory_build_stats stats = {0};
        struct reports r = {0};
        struct err e = {0};

        (void)state;
        write_gzip("lines.jsonl.gz", span_of(RECORD("G-1", "packed") "\n" RECORD("G-2", "packed") "\n"));
        testing_tar_add(&tar, "a/G-3.json", '0', span_of(RECORD("G-3", "packed")));
        testing_tar_add(&tar, "a/more.jsonl", '0', span_of(RECORD("G-4", "packed") "\n{\n" RECORD("G-5", "packed")));
        testing_tar_end(&tar);
        write_gzip("tree.tar.gz", buf_span(&tar));
        if (!build(sources, 2, &r, &stats, &e))
                fail_msg("%s", e.text);
        assert_int_equal(stats.records, 5);
        assert_int_equal(r.refused, 1);
        assert_non_null(strstr(r.places, "tree.tar.gz: a/more.jsonl: line 2|"));
        assert_int_equal(hits("packed"), 5);

        memset(buf_reserve(&zeros, (260u << 20)), ' ', 260u << 20);
        zeros.len = 260u << 20;
        write_gzip("bomb.json.gz", buf_span(&zeros));
        assert_false(build((const char *const[]){"bomb.json.gz"}, 1, &r, &stats, &e));
        assert_int_equal(e.kind, ERR_LIMIT);
        assert_non_null(strstr(e.text, "bomb.json.gz: gzip: it unpacks to more than 400 times its size"));
        assert_int_equal(hits("packed"), 5);
}

static bool pass_over(void *ctx, size_t source, const struct err *why)
{
        struct reports *r = ctx;

        assert_true(why->text[0]);
        r->passed |= 1u << source;
        return source != 4;
}

/* A source that can't be read takes nothing away from the others, and gives nothing of its own. */
static void failed_sources_are_left_out(void **state)
{
        static const char *const sources[] = {"good.jsonl", "absent.jsonl", "half.zip", "good2.jsonl", "forbidden.jsonl"};
        const char *paths[ARRAY_LEN(sources)];
        char text[ARRAY_LEN(sources)][300];
        struct advisory_build_stats stats = {0};
        struct reports r = {0};
        struct advisory_build b = {
            .sources = paths, .n_sources = 4, .on_refused = on_refused, .on_failed = pass_over, .ctx = &r};
        struct err e = {0};

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
                snprintf(text[i], sizeof(text[i]), "%s/%s", folder, sources[i]);
                paths[i] = text[i];
        }
        write_file("good.jsonl", RECORD("X-1", "left"));
        write_file("good2.jsonl", RECORD("X-2", "left"));
        write_file("half.zip", "PK\3\4 and no more");
        if (!advisory_build(&b, dir_fd, "current", &stats, &e))
                fail_msg("%s", e.text);
        assert_int_equal(r.passed, 1u << 1 | 1u << 2);
        assert_int_equal(stats.records, 2);
        assert_int_equal(hits("left"), 2);
        b.n_sources = 5; /* which must not be passed over */
        assert_false(advisory_build(&b, dir_fd, "current", &stats, &e));
        assert_int_equal(e.kind, ERR_NOT_FOUND);
        assert_int_equal(hits("left"), 2);
}

/* After each of these the old database is there and answers as before. */
static void failures_leave_the_old_one(void **state)
{
        static const struct {
                const char *source;
                enum err_kind kind;
                const char *reason;
        } cases[] = {
            {"absent.jsonl", ERR_NOT_FOUND, "absent.jsonl"},
            {"empty", ERR_NOT_FOUND, "no .json, .jsonl, .xml, .csv or .yml file"},
            {"feed.zip", ERR_UNSUPPORTED, "/feed.zip: is in no form that is known here ("},
            {"cut.zip", ERR_MALFORMED, "/cut.zip: no end record"},
            {"feed.tar.gz", ERR_MALFORMED, "/feed.tar.gz: gzip: "},
            {"feed.tar.zst", ERR_MALFORMED, "/feed.tar.zst: zstd: "},
            {"nothing.jsonl", ERR_MALFORMED, "no record could be taken"},
            {"fifo.jsonl", ERR_MALFORMED, "neither a file nor a folder"},
        };
        static const char *const old[] = {"old.jsonl"};
        struct advisory_build_stats stats = {0};
        struct reports r = {0};
        struct err e = {0};

        (void)state;
        write_file("old.jsonl", RECORD("X-1", "old"));
        write_file("feed.zip", "PK");
        write_file("cut.zip", "PK\3\4 and no more");
        write_file("feed.tar.gz", "\x1f\x8b\x08");
        write_file("feed.tar.zst", "\x28\xb5\x2f\xfd");
        write_file("nothing.jsonl", "{}\n");
        assert_int_equal(mkdirat(dir_fd, "empty", 0755) | mkfifoat(dir_fd, "fifo.jsonl", 0600), 0);
        assert_true(build(old, 1, &r, &stats, &e));
        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
                struct advisory_build_stats untouched = {.records = 77};
                const char *const sources[] = {"old.jsonl", cases[i].source};
                e = (struct err){0};
                assert_false(build(sources + (cases[i].kind == ERR_MALFORMED), cases[i].kind == ERR_MALFORMED ? 1 : 2,
                    &r, &untouched, &e));
                if (e.kind != cases[i].kind || !strstr(e.text, cases[i].reason))
                        fail_msg("%s: %s \"%s\"", cases[i].source, err_kind_name(e.kind), e.text);
                assert_int_equal(untouched.records, 77);
                assert_int_equal(hits("old"), 1);
        }
        assert_false(build(NULL, 0, &r, &stats, &e));
        assert_int_equal(e.kind, ERR_NOT_FOUND);
        setenv("COFFER_LIBEXEC", "/nonexistent", 1);
        assert_false(build(old, 1, &r, &stats, &e));
        assert_int_equal(e.kind, ERR_UNSUPPORTED);
        setenv("COFFER_LIBEXEC", folder, 1);
        assert_int_equal(hits("old"), 1);
}

static void progress_reaches_the_end(void **state)
{
        static const char *const sources[] = {"p1.jsonl", "p2.jsonl"};
        struct advisory_build_stats stats = {0};
        struct buf text CLEANUP(buf_done) = {0};
        struct reports r = {0};
        struct err e = {0};

        (void)state;
        for (unsigned i = 0; i < 30000; i++)
                buf_printf(&text, RECORD("P-%u", "progress") "\n", i);
        assert_true(file_replace(dir_fd, "p1.jsonl", buf_span(&text), 0644, &e));
        assert_true(file_replace(dir_fd, "p2.jsonl", buf_span(&text), 0644, &e));
        if (!build(sources, 2, &r, &stats, &e))
                fail_msg("%s", e.text);
        assert_int_equal(stats.records, 30000); /* each id once */
        assert_true(r.progressed > 0);
        assert_int_equal(r.total, 2 * text.len);
        assert_true(r.done <= r.total);
}

static int setup(void **state)
{
        char path[200];

        (void)state;
        if (!mkdtemp(folder) || (dir_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
                return -1;
        snprintf(path, sizeof(path), "%s/coffer-worker", folder);
        return symlink(arg_worker, path) == 0 && setenv("COFFER_LIBEXEC", folder, 1) == 0 ? 0 : -1;
}

static int teardown(void **state)
{
        (void)state;
        fd_close(&dir_fd);
        return tree_remove(AT_FDCWD, folder, NULL) ? 0 : -1;
}

int main(int argc, char **argv)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(every_kind_of_source),
            cmocka_unit_test(overlong_files_are_refused),
            cmocka_unit_test(archives_by_their_content),
            cmocka_unit_test(large_archives_are_shared_out),
            cmocka_unit_test(compressed_sources),
            cmocka_unit_test(failed_sources_are_left_out),
            cmocka_unit_test(failures_leave_the_old_one),
            cmocka_unit_test(progress_reaches_the_end),
        };

        if (argc != 2 || !realpath(argv[1], arg_worker)) {
                fprintf(stderr, "usage: build_test WORKER\n");
                return 2;
        }
        return cmocka_run_group_tests(tests, setup, teardown);
}
