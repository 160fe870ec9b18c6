/*
 * Pruning: what nobody uses goes, what somebody holds stays, and a start at the same moment gets a whole layer. Needs root.
 *
 * usage: prune_test MKTAR       (test/tools/mktar.c: lines -> tar)
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unpack/unpack_priv.h"

#define FIRST 1000000u

static const char *mktar;
static char root[64];
static int layers_fd;

static int set_up(void **state)
{
        (void)state;
        snprintf(root, sizeof(root), "/tmp/coffer-prune-test.XXXXXX");
        if (!mkdtemp(root))
                return -1;
        layers_fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        return layers_fd < 0;
}

static int tear_down(void **state)
{
        (void)state;
        close(layers_fd);
        file_cancel_flag = 0;
        return tree_remove(AT_FDCWD, root, NULL) ? 0 : -1;
}

static void need_root(void)
{
        if (geteuid() != 0) {
                print_message("skip: needs root\n");
                skip();
        }
}

/* A request for a layer of one file, whose content is `text`. */
static struct unpack_request request_of(const char *text, int *ret_fd)
{
        int in = memfd_create("lines", MFD_CLOEXEC), out = memfd_create("tar", MFD_CLOEXEC), status;
        struct unpack_request r = {.layers_fd = layers_fd, .id_first = FIRST};
        char line[64];
        struct err e = {0};
        pid_t pid;
        off_t size;
        void *at;

        snprintf(line, sizeof(line), "file file 644 0 0 %s\n", text);
        assert_true(in >= 0 && out >= 0 && fd_write_all(in, span_of(line), &e) && lseek(in, 0, SEEK_SET) == 0);
        pid = fork();
        if (pid == 0) {
                dup2(in, 0);
                dup2(out, 1);
                execl(mktar, "mktar", (char *)NULL);
                _exit(127);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(status, 0);
        close(in);
        size = lseek(out, 0, SEEK_END);
        at = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, out, 0);
        assert_true(at != MAP_FAILED);
        r.source = (struct image_source){.fd = out, .size = (uint64_t)size};
        digest_of(DIGEST_SHA256, span_bytes(at, (size_t)size), &r.source.diff_id);
        r.source.blob = r.source.diff_id;
        munmap(at, (size_t)size);
        *ret_fd = out;
        return r;
}

struct seen {
        unsigned n[UNPACK_PRUNED_FOREIGN + 1];
        uint64_t bytes;
        bool used;               /* what is_used answers */
        bool fails;              /* ... or that it can't */
        void (*meanwhile)(void); /* called while the layers are judged */
        char last[160];
};

static bool is_used(void *ctx, const char *const *names, size_t n, bool *ret_used, struct err *e)
{
        struct seen *s = ctx;

        if (s->fails)
                return err_set(e, ERR_MALFORMED, "who knows");
        for (size_t i = 0; i < n; i++) {
                assert_int_equal(strlen(names[i]), 64);
                ret_used[i] = s->used;
        }
        if (s->meanwhile)
                s->meanwhile();
        return true;
}

static void on_item(void *ctx, enum unpack_pruned what, const char *name, uint64_t bytes)
{
        struct seen *s = ctx;

        s->n[what]++;
        s->bytes += bytes;
        snprintf(s->last, sizeof(s->last), "%s", name);
}

static bool prune(struct seen *s, bool dry_run, struct err *e)
{
        struct unpack_prune_request r = {
            .layers_fd = layers_fd, .dry_run = dry_run, .is_used = is_used, .on_item = on_item, .ctx = s};

        return unpack_prune(&r, e);
}

static const char *layer_name(char digit)
{
        static char name[65];

        memset(name, digit, 64);
        return name;
}

static void layer_make(char digit)
{
        int fd CLEANUP(fd_close) = -1, file CLEANUP(fd_close) = -1;
        struct err e = {0};

        assert_true(dir_make(layers_fd, layer_name(digit), 0755, &fd, &e));
        file = openat(fd, "file", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        assert_true(fd_write_all(file, SPAN_LIT("content"), &e));
        assert_int_equal(fsync(file), 0); /* now it has blocks */
        assert_int_equal(linkat(fd, "file", fd, "again", 0), 0);
}

static bool there(const char *name)
{
        return faccessat(layers_fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void what_nobody_uses_goes(void **state)
{
        struct seen dry = {0}, used = {.used = true}, gone = {0}, again = {0}, unknown = {.fails = true};
        struct err e = {0};

        (void)state;
        layer_make('a');
        layer_make('b');
        assert_int_equal(mkdirat(layers_fd, ".tmp-00000000000000aa", 0700), 0);
        assert_true(prune(&dry, true, &e));
        assert_int_equal(dry.n[UNPACK_PRUNED_LAYER], 2);
        assert_int_equal(dry.n[UNPACK_PRUNED_LEFT_OVER], 1);
        assert_true(there(layer_name('a')) && there(layer_name('b')) && there(".tmp-00000000000000aa"));
        assert_false(prune(&unknown, false, &e));
        assert_int_equal(e.kind, ERR_MALFORMED);
        assert_true(there(layer_name('a')) && there(layer_name('b')));
        assert_false(there(".tmp-00000000000000aa"));
        assert_true(prune(&used, false, &e));
        assert_int_equal(used.n[UNPACK_PRUNED_IN_USE], 2);
        assert_int_equal(used.bytes, 0);
        assert_true(there(layer_name('a')) && there(layer_name('b')));
        assert_true(prune(&gone, false, &e));
        assert_int_equal(gone.n[UNPACK_PRUNED_LAYER], 2);
        /* A file of two names counts once. */
        assert_true(gone.bytes >= 2 * 4096 && gone.bytes <= dry.bytes && gone.bytes < 2 * 4 * 4096);
        assert_false(there(layer_name('a')) || there(layer_name('b')));
        assert_true(prune(&again, false, &e));
        assert_int_equal(again.n[UNPACK_PRUNED_LAYER], 0);
}

static void what_is_not_ours_stays(void **state)
{
        struct seen seen = {0};
        struct err e = {0};
        int fd;

        (void)state;
        layer_make('a');
        assert_int_equal(mkdirat(layers_fd, "outside", 0700), 0);
        assert_int_equal(symlinkat("outside", layers_fd, layer_name('c')), 0);
        fd = openat(layers_fd, layer_name('d'), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        close(fd);
        assert_int_equal(mkdirat(layers_fd, "ABCDEF", 0700), 0);
        assert_true(prune(&seen, false, &e));
        assert_int_equal(seen.n[UNPACK_PRUNED_LAYER], 1);
        assert_int_equal(seen.n[UNPACK_PRUNED_FOREIGN], 4);
        assert_true(there("outside") && there("ABCDEF") && there(layer_name('c')) && there(layer_name('d')));
        assert_false(there(layer_name('a')));
}

static void what_is_held_stays(void **state)
{
        struct seen held = {0}, free_again = {0};
        struct unpack_request r;
        int tar, layer = -1, second = -1;
        struct err e = {0};

        (void)state;
        need_root();
        r = request_of("x", &tar);
        assert_true(unpack_source(&r, NULL, &layer, &e));
        assert_true(unpack_source(&r, NULL, &second, &e)); /* any number may hold it */
        close(layer);
        assert_true(prune(&held, false, &e));
        assert_int_equal(held.n[UNPACK_PRUNED_IN_USE], 1);
        assert_int_equal(held.n[UNPACK_PRUNED_LAYER], 0);
        assert_int_equal(faccessat(second, "file", F_OK, 0), 0);
        close(second);
        assert_true(prune(&free_again, false, &e));
        assert_int_equal(free_again.n[UNPACK_PRUNED_LAYER], 1);
        close(tar);
}

/*
 * A child that wants the layer while it is judged: it must end up with a whole one of its name, whatever was judged. It is
 * there before, or it would have the judge's own descriptors.
 */
static int go[2];
static pid_t wanting;

static void want(struct unpack_request r)
{
        assert_int_equal(pipe2(go, O_CLOEXEC), 0);
        wanting = fork();
        if (wanting == 0) {
                struct unpack_report report;
                struct stat held, named;
                char hex[DIGEST_TEXT_MAX], byte;
                struct err e = {0};
                int layer;

                alarm(60);
                r.layers_fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
                if (read(go[0], &byte, 1) != 1 || !unpack_source(&r, &report, &layer, &e))
                        _exit(100);
                if (fstat(layer, &held) != 0 || faccessat(layer, "file", F_OK, 0) != 0 ||
                    fstatat(r.layers_fd, digest_hex(&r.source.diff_id, hex), &named, 0) != 0 ||
                    held.st_ino != named.st_ino)
                        _exit(101);
                _exit(report.existed ? 1 : 2);
        }
}

static void let_go(void)
{
        assert_int_equal(write(go[1], "", 1), 1);
        usleep(50000); /* it waits now */
        assert_int_equal(waitpid(wanting, NULL, WNOHANG), 0);
}

static int wanted_status(void)
{
        int status;

        assert_int_equal(waitpid(wanting, &status, 0), wanting);
        assert_true(WIFEXITED(status));
        close(go[0]);
        close(go[1]);
        return WEXITSTATUS(status);
}

static void who_comes_while_it_is_judged_gets_a_whole_one(void **state)
{
        struct seen goes = {.meanwhile = let_go}, stays = {.meanwhile = let_go, .used = true};
        struct unpack_request r;
        struct err e = {0};
        int tar, layer;

        (void)state;
        need_root();
        r = request_of("wanted", &tar);
        assert_true(unpack_source(&r, NULL, &layer, &e));
        close(layer);
        want(r);
        assert_true(prune(&stays, false, &e));
        assert_int_equal(wanted_status(), 1); /* the old one */
        want(r);
        assert_true(prune(&goes, false, &e));
        assert_int_equal(goes.n[UNPACK_PRUNED_LAYER], 1);
        assert_int_equal(wanted_status(), 2); /* unpacked anew */
        close(tar);
}

#define ROUNDS 60

static void starts_and_prunings_at_once(void **state)
{
        struct unpack_request r;
        unsigned anew = 0;
        pid_t pruner;
        int tar, status;

        (void)state;
        need_root();
        r = request_of("race", &tar);
        pruner = fork();
        if (pruner == 0) {
                signal(SIGALRM, SIG_DFL);
                alarm(60);
                layers_fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
                for (;;) {
                        struct seen seen = {0};
                        struct err e = {0};

                        if (!prune(&seen, false, &e)) {
                                fprintf(stderr, "prune: %s\n", e.text);
                                _exit(1);
                        }
                }
        }
        for (int i = 0; i < ROUNDS; i++) {
                struct unpack_report report;
                struct stat held, named;
                char hex[DIGEST_TEXT_MAX];
                struct err e = {0};
                int layer = -1;

                if (!unpack_source(&r, &report, &layer, &e))
                        fail_msg("%s", e.text);
                anew += !report.existed;
                usleep(1000);
                /* As long as it is held it is there, whole, under its name. */
                assert_int_equal(fstat(layer, &held), 0);
                assert_int_equal(fstatat(layers_fd, digest_hex(&r.source.diff_id, hex), &named, 0), 0);
                assert_true(held.st_ino == named.st_ino && held.st_nlink >= 2);
                assert_int_equal(faccessat(layer, "file", F_OK, 0), 0);
                close(layer);
                if (i % 2)
                        usleep(2000); /* long enough for the other to take it */
        }
        assert_int_equal(waitpid(pruner, &status, WNOHANG), 0);
        kill(pruner, SIGKILL);
        assert_int_equal(waitpid(pruner, &status, 0), pruner);
        assert_true(anew > 1);
        close(tar);
}

static void a_stop_leaves_whole_layers_or_left_overs(void **state)
{
        struct seen seen = {0}, after = {0};
        struct err e = {0};

        (void)state;
        layer_make('a');
        file_cancel_flag = 1;
        assert_false(prune(&seen, false, &e));
        file_cancel_flag = 0;
        assert_int_equal(e.kind, ERR_CANCELLED);
        assert_int_equal(seen.n[UNPACK_PRUNED_LAYER], 0);
        assert_true(prune(&after, false, &e));
        assert_int_equal(after.n[UNPACK_PRUNED_LAYER] + after.n[UNPACK_PRUNED_LEFT_OVER], 1);
        assert_false(there(layer_name('a')));
}

static void stop_now(void)
{
        file_cancel_flag = 1;
}

static void a_stop_between_naming_and_removing(void **state)
{
        struct seen seen = {.meanwhile = stop_now}, after = {0};
        struct err e = {0};

        (void)state;
        layer_make('a');
        layer_make('b');
        assert_false(prune(&seen, false, &e));
        file_cancel_flag = 0;
        assert_int_equal(e.kind, ERR_CANCELLED);
        /* No half layer has a layer's name. */
        assert_false(there(layer_name('a')) || there(layer_name('b')));
        assert_true(prune(&after, false, &e));
        assert_int_equal(after.n[UNPACK_PRUNED_LEFT_OVER], 2);
}

static void what_cannot_go_keeps_nothing_else(void **state)
{
        struct seen seen = {0}, after = {0};
        struct err e = {0};
        char path[128];

        (void)state;
        need_root();
        layer_make('a');
        assert_int_equal(mkdirat(layers_fd, ".tmp-00000000000000aa", 0700), 0);
        assert_int_equal(mkdirat(layers_fd, ".tmp-00000000000000bb", 0700), 0);
        assert_int_equal(mkdirat(layers_fd, ".tmp-00000000000000aa/sub", 0700), 0);
        snprintf(path, sizeof(path), "%s/.tmp-00000000000000aa/sub", root);
        if (mount("none", path, "tmpfs", 0, "size=64k") != 0) {
                print_message("skip: can't mount a tmpfs\n");
                skip();
        }
        bool ok = prune(&seen, false, &e);
        assert_int_equal(umount(path), 0);
        assert_false(ok);
        assert_int_equal(e.kind, ERR_CONFLICT);
        assert_int_equal(seen.n[UNPACK_PRUNED_LAYER], 1);
        assert_int_equal(seen.n[UNPACK_PRUNED_LEFT_OVER], 1);
        assert_false(there(layer_name('a')) || there(".tmp-00000000000000bb"));
        assert_true(prune(&after, false, &e));
        assert_int_equal(after.n[UNPACK_PRUNED_LEFT_OVER], 1);
}

static void more_than_one_batch(void **state)
{
        struct seen seen = {0};
        struct err e = {0};
        char name[65];

        (void)state;
        for (unsigned i = 0; i < 2 * UNPACK_PRUNE_BATCH + 3; i++) {
                snprintf(name, sizeof(name), "%064x", i);
                assert_int_equal(mkdirat(layers_fd, name, 0755), 0);
                snprintf(name, sizeof(name), ".tmp-%016x", i);
                assert_int_equal(mkdirat(layers_fd, name, 0755), 0);
        }
        assert_true(prune(&seen, false, &e));
        assert_int_equal(seen.n[UNPACK_PRUNED_LAYER], 2 * UNPACK_PRUNE_BATCH + 3);
        assert_int_equal(seen.n[UNPACK_PRUNED_LEFT_OVER], 2 * UNPACK_PRUNE_BATCH + 3);
}

int main(int argc, char **argv)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(what_nobody_uses_goes, set_up, tear_down),
            cmocka_unit_test_setup_teardown(what_is_not_ours_stays, set_up, tear_down),
            cmocka_unit_test_setup_teardown(what_is_held_stays, set_up, tear_down),
            cmocka_unit_test_setup_teardown(who_comes_while_it_is_judged_gets_a_whole_one, set_up, tear_down),
            cmocka_unit_test_setup_teardown(starts_and_prunings_at_once, set_up, tear_down),
            cmocka_unit_test_setup_teardown(a_stop_leaves_whole_layers_or_left_overs, set_up, tear_down),
            cmocka_unit_test_setup_teardown(a_stop_between_naming_and_removing, set_up, tear_down),
            cmocka_unit_test_setup_teardown(what_cannot_go_keeps_nothing_else, set_up, tear_down),
            cmocka_unit_test_setup_teardown(more_than_one_batch, set_up, tear_down),
        };

        if (argc < 2) {
                fprintf(stderr, "usage: prune_test MKTAR\n");
                return 2;
        }
        mktar = argv[1];
        return cmocka_run_group_tests(tests, NULL, NULL);
}
