/* Files and trees, on a real file system in a folder of its own. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <dirent.h>

#include <cmocka.h>

#include "base/base.h"

static char test_path[128]; /* the folder of this run */
static int test_fd = -1;
static uid_t test_user; /* for what root is allowed anyway */

static int setup(void **state)
{
        const char *top = getenv("TMPDIR");

        (void)state;
        snprintf(test_path, sizeof(test_path), "%.90s/coffer-file-test.XXXXXX", top && *top ? top : "/tmp");
        if (!mkdtemp(test_path) || (test_fd = open(test_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
                return -1;
        test_user = 65534;
        return 0;
}

static int teardown(void **state)
{
        struct err e = {0};

        (void)state;
        close(test_fd);
        if (tree_remove(AT_FDCWD, test_path, &e) && access(test_path, F_OK) != 0)
                return 0;
        print_error("%s: %s\n", test_path, e.text);
        return -1;
}

static void put(const char *name, const char *content)
{
        struct err e;

        if (!file_replace(test_fd, name, span_of(content), 0644, &e))
                fail_msg("%s", e.text);
}

static bool holds(const char *name, const char *content)
{
        struct buf b CLEANUP(buf_done) = {0};
        struct err e;

        return file_read(test_fd, name, 1 << 20, &b, &e) && span_is(buf_span(&b), content);
}

static size_t entries(int dir_fd, const char *name)
{
        int fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
        size_t n = 0;

        assert_non_null(dir);
        for (struct dirent *d; dir && (d = readdir(dir));)
                n += d->d_name[0] != '.' || (d->d_name[1] != 0 && d->d_name[1] != '.');
        if (dir)
                closedir(dir);
        return n;
}

/* Runs `check` in a child as an ordinary user; its exit status, or 128 and the signal. */
static int as_user(int (*check)(void))
{
        pid_t pid = fork();
        int status;

        assert_true(pid >= 0);
        if (pid == 0) {
                if (geteuid() == 0 &&
                    (fchown(test_fd, test_user, test_user) != 0 || setgid(test_user) != 0 || setuid(test_user) != 0))
                        _exit(100);
                _exit(check());
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void replace_is_whole_with_exact_mode(void **state)
{
        struct stat st;
        struct err e;
        mode_t old = umask(0077);
        size_t before = entries(test_fd, ".");

        (void)state;
        put("replaced", "one");
        assert_int_equal(fstatat(test_fd, "replaced", &st, 0), 0);
        assert_int_equal(st.st_mode & 07777, 0644); /* the umask has no say */
        assert_true(file_replace(test_fd, "replaced", SPAN_LIT("two"), 0600, &e));
        assert_int_equal(fstatat(test_fd, "replaced", &st, 0), 0);
        assert_int_equal(st.st_mode & 07777, 0600);
        assert_true(holds("replaced", "two"));
        assert_true(file_replace(test_fd, "replaced", (struct span){0}, 0600, &e));
        assert_true(holds("replaced", ""));
        assert_int_equal(entries(test_fd, "."), before + 1);
        umask(old);
}

static void replace_replaces_a_link_not_its_target(void **state)
{
        struct stat st;

        (void)state;
        put("target", "kept");
        assert_int_equal(symlinkat("target", test_fd, "link"), 0);
        put("link", "new");
        assert_true(holds("target", "kept"));
        assert_int_equal(fstatat(test_fd, "link", &st, AT_SYMLINK_NOFOLLOW), 0);
        assert_true(S_ISREG(st.st_mode));
}

static void replace_leaves_nothing_on_failure(void **state)
{
        static const char *const bad[] = {"", ".", "..", "no-such-folder/name", "occupied", "occupied/"};
        struct err e;
        size_t before;

        (void)state;
        assert_int_equal(mkdirat(test_fd, "occupied", 0700), 0);
        before = entries(test_fd, ".");
        for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
                e = (struct err){0};
                assert_false(file_replace(test_fd, bad[i], SPAN_LIT("x"), 0600, &e));
                assert_true(e.kind != ERR_NONE && e.text[0]);
        }
        assert_int_equal(entries(test_fd, "."), before);
        assert_int_equal(entries(test_fd, "occupied"), 0);
}

static int child_hits_the_size_limit(void)
{
        static uint8_t big[100000];
        struct rlimit limit = {.rlim_cur = 4096, .rlim_max = 4096};
        struct err e = {0};
        size_t before = entries(test_fd, ".");

        signal(SIGXFSZ, SIG_IGN);
        if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
                return 1;
        if (file_replace(test_fd, "limited", span_bytes(big, sizeof(big)), 0600, &e))
                return 2;
        if (e.kind != ERR_SYSTEM || e.os_errno != EFBIG || entries(test_fd, ".") != before)
                return 3;
        return holds("limited", "old content") ? 0 : 4;
}

static void replace_keeps_the_old_content_at_the_size_limit(void **state)
{
        (void)state;
        put("limited", "old content");
        assert_int_equal(fchownat(test_fd, "limited", geteuid() == 0 ? test_user : geteuid(), (gid_t)-1, 0), 0);
        assert_int_equal(as_user(child_hits_the_size_limit), 0);
        assert_true(holds("limited", "old content"));
}

/* 0 when all held, 77 when this machine has no mount for us. */
static int child_fills_a_disk(void)
{
        static uint8_t big[1 << 20];
        char path[160];
        struct buf b = {0};
        struct err e = {0};
        int fd;

        snprintf(path, sizeof(path), "%s/full", test_path);
        if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
            mount("tmpfs", path, "tmpfs", MS_NOSUID | MS_NODEV, "size=64k,mode=0700") != 0)
                return 77;
        test_fd = open(test_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC); /* the old one sees the old mounts */
        fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0 || !file_replace(fd, "state", SPAN_LIT("old"), 0600, &e))
                return 1;
        if (file_replace(fd, "state", span_bytes(big, sizeof(big)), 0600, &e))
                return 2;
        if (e.kind != ERR_SYSTEM || e.os_errno != ENOSPC || entries(fd, ".") != 1)
                return 3;
        if (!file_read(fd, "state", 100, &b, &e) || !span_is(buf_span(&b), "old"))
                return 4;
        buf_done(&b);
        close(fd);
        /* And a tree that holds a mount is not removed through it: neither of a file system, nor of a folder. */
        e = (struct err){0};
        if (tree_remove(test_fd, "full", &e) || e.kind != ERR_CONFLICT)
                return 5;
        if (umount(path) != 0 || mount(test_path, path, NULL, MS_BIND, NULL) != 0)
                return 6;
        put("beside", "kept");
        e = (struct err){0};
        if (tree_remove(test_fd, "full", &e) || e.kind != ERR_CONFLICT || !holds("beside", "kept"))
                return 7;
        return 0;
}

static void full_disk_and_mounts_leave_things_as_they_were(void **state)
{
        pid_t pid;
        int status;

        (void)state;
        if (geteuid() != 0) {
                print_message("skipped: needs root for a small tmpfs\n");
                skip();
                return;
        }
        assert_int_equal(mkdirat(test_fd, "full", 0700), 0);
        pid = fork();
        assert_true(pid >= 0);
        if (pid == 0)
                _exit(child_fills_a_disk());
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFEXITED(status));
        if (WEXITSTATUS(status) == 77) {
                print_message("skipped: this root may not mount\n");
                skip();
                return;
        }
        assert_int_equal(WEXITSTATUS(status), 0);
}

static void read_takes_regular_files_within_the_limit(void **state)
{
        struct buf b CLEANUP(buf_done) = {0};
        struct err e;

        (void)state;
        put("ten", "0123456789");
        put("empty", "");
        assert_true(file_read(test_fd, "ten", 10, &b, &e));
        assert_true(span_is(buf_span(&b), "0123456789"));
        assert_false(file_read(test_fd, "ten", 9, &b, &e));
        assert_int_equal(e.kind, ERR_LIMIT);
        assert_true(span_is(buf_span(&b), "0123456789")); /* untouched */
        assert_false(file_read(test_fd, "ten", 0, &b, &e));
        assert_int_equal(e.kind, ERR_LIMIT);
        assert_true(file_read(test_fd, "empty", 0, &b, &e));
        assert_int_equal(b.len, 0);
        assert_false(file_read(test_fd, "missing", 10, &b, &e));
        assert_int_equal(e.kind, ERR_NOT_FOUND);
        assert_false(file_read(test_fd, ".", 10, &b, &e));
        assert_int_equal(e.kind, ERR_MALFORMED);
        assert_int_equal(mkfifoat(test_fd, "fifo", 0600), 0);
        assert_false(file_read(test_fd, "fifo", 10, &b, &e)); /* and does not wait for a writer */
        assert_int_equal(e.kind, ERR_MALFORMED);
        assert_true(file_read(AT_FDCWD, "/proc/self/stat", 1 << 16, &b, &e)); /* its size says 0 */
        assert_true(b.len > 10);
        assert_true(file_read(AT_FDCWD, "/proc/self/stat", SIZE_MAX, &b, &e));
}

static void read_finds_the_end_of_larger_files(void **state)
{
        struct buf out CLEANUP(buf_done) = {0}, in CLEANUP(buf_done) = {0};
        struct err e;

        (void)state;
        for (uint32_t i = 0; i < 300000; i++)
                buf_put_u32le(&out, i);
        assert_true(file_replace(test_fd, "large", buf_span(&out), 0600, &e));
        assert_true(file_read(test_fd, "large", out.len, &in, &e));
        assert_true(span_equal(buf_span(&in), buf_span(&out)));
        assert_false(file_read(test_fd, "large", out.len - 1, &in, &e));
        assert_int_equal(e.kind, ERR_LIMIT);
}

static void beneath_follows_nothing_and_stays_inside(void **state)
{
        static const struct {
                const char *path;
                enum err_kind kind;
        } bad[] = {
            {"inside/out", ERR_MALFORMED},
            {"inside/dirlink/passwd", ERR_MALFORMED},
            {"inside/../../x", ERR_MALFORMED},
            {"/etc/passwd", ERR_MALFORMED},
            {"..", ERR_MALFORMED},
            {"inside/missing", ERR_NOT_FOUND},
            {"", ERR_NOT_FOUND},
        };
        int fd = -1;
        struct err e;

        (void)state;
        assert_int_equal(mkdirat(test_fd, "inside", 0700), 0);
        assert_int_equal(symlinkat("/etc/passwd", test_fd, "inside/out"), 0);
        assert_int_equal(symlinkat("/etc", test_fd, "inside/dirlink"), 0);
        put("inside/file", "x");
        assert_true(file_open_beneath(test_fd, "inside/../inside/file", O_RDONLY, 0, &fd, &e));
        assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
        fd_close(&fd);
        assert_int_equal(fd, -1);
        for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
                assert_false(file_open_beneath(test_fd, bad[i].path, O_RDONLY, 0, &fd, &e));
                assert_int_equal(e.kind, bad[i].kind);
                assert_int_equal(fd, -1);
        }
        assert_true(file_open_beneath(test_fd, "inside/new", O_WRONLY | O_CREAT | O_EXCL, 0600, &fd, &e));
        fd_close(&fd);
        assert_false(file_open_beneath(test_fd, "inside/new", O_WRONLY | O_CREAT | O_EXCL, 0600, &fd, &e));
        assert_int_equal(e.kind, ERR_CONFLICT);
        assert_false(file_open_beneath(-7, "x", O_RDONLY, 0, &fd, &e));
        assert_int_equal(e.kind, ERR_SYSTEM);
        assert_int_equal(e.os_errno, EBADF);
}

static void user_files_follow_links_and_do_not_block(void **state)
{
        char path[200];
        int fd = -1;
        struct err e;

        (void)state;
        put("real", "x");
        assert_int_equal(symlinkat("real", test_fd, "user-link"), 0);
        snprintf(path, sizeof(path), "%s/user-link", test_path);
        assert_true(file_open_user(path, O_RDONLY, &fd, &e));
        assert_false(fcntl(fd, F_GETFL) & O_NONBLOCK);
        fd_close(&fd);
        assert_int_equal(mkfifoat(test_fd, "user-fifo", 0600), 0);
        snprintf(path, sizeof(path), "%s/user-fifo", test_path);
        alarm(20);
        assert_true(file_open_user(path, O_RDONLY, &fd, &e));
        alarm(0);
        fd_close(&fd);
        assert_false(file_open_user("/no/such/file", O_RDONLY, &fd, &e));
        assert_int_equal(e.kind, ERR_NOT_FOUND);
        assert_int_equal(symlinkat("loop", test_fd, "loop"), 0);
        snprintf(path, sizeof(path), "%s/loop", test_path);
        assert_false(file_open_user(path, O_RDONLY, &fd, &e));
        assert_int_equal(e.kind, ERR_SYSTEM);
        assert_int_equal(e.os_errno, ELOOP);
        assert_int_equal(fd, -1);
}

static void *feed_slowly(void *fd)
{
        for (int i = 0; i < 100; i++) {
                if (write(*(int *)fd, "0123456789", 10) != 10)
                        return fd;
                usleep(100);
        }
        close(*(int *)fd);
        return NULL;
}

static void short_reads_are_continued(void **state)
{
        char all[2000];
        size_t n = 7;
        pthread_t writer;
        void *failed;
        int p[2];
        struct err e;

        (void)state;
        assert_int_equal(pipe2(p, O_CLOEXEC), 0);
        assert_int_equal(fcntl(p[0], F_SETFL, O_NONBLOCK), 0); /* waited for, too */
        assert_int_equal(pthread_create(&writer, NULL, feed_slowly, &p[1]), 0);
        assert_true(fd_read_full(p[0], all, 995, &n, &e));
        assert_int_equal(n, 995);
        assert_true(fd_read_full(p[0], all, sizeof(all), &n, &e));
        assert_int_equal(n, 5); /* the end */
        assert_int_equal(pthread_join(writer, &failed), 0);
        assert_null(failed);
        assert_false(fd_read_full(-1, all, 1, &n, &e));
        assert_int_equal(e.kind, ERR_SYSTEM);
        assert_int_equal(n, 5);
        close(p[0]);
        put("pread", "0123456789");
        assert_true(file_open_beneath(test_fd, "pread", O_RDONLY, 0, &p[0], &e));
        assert_true(fd_pread_full(p[0], 8, all, 10, &n, &e));
        assert_int_equal(n, 2);
        assert_true(fd_pread_full(p[0], 100, all, 10, &n, &e));
        assert_int_equal(n, 0);
        assert_false(fd_pread_full(p[0], UINT64_MAX - 2, all, 10, &n, &e));
        assert_int_equal(e.kind, ERR_LIMIT);
        assert_false(fd_pread_full(p[0], INT64_MAX, all, 10, &n, &e));
        assert_int_equal(e.kind, ERR_LIMIT);
        close(p[0]);
}

static void *drain(void *fd)
{
        static char into[1 << 16];
        size_t total = 0;
        ssize_t n;

        while ((n = read(*(int *)fd, into, sizeof(into))) > 0)
                total += (size_t)n;
        return (void *)total; /* NOLINT: a count */
}

static void short_writes_are_continued(void **state)
{
        static uint8_t big[3 << 20];
        pthread_t reader;
        void *total;
        int p[2];
        struct err e;

        (void)state;
        assert_int_equal(pipe2(p, O_CLOEXEC), 0);
        assert_int_equal(fcntl(p[1], F_SETFL, O_NONBLOCK), 0);
        assert_int_equal(pthread_create(&reader, NULL, drain, &p[0]), 0);
        assert_true(fd_write_all(p[1], span_bytes(big, sizeof(big)), &e));
        close(p[1]);
        assert_int_equal(pthread_join(reader, &total), 0);
        assert_int_equal((size_t)total, sizeof(big));
        close(p[0]);
        assert_int_equal(pipe2(p, O_CLOEXEC), 0);
        close(p[0]);
        signal(SIGPIPE, SIG_IGN);
        assert_false(fd_write_all(p[1], SPAN_LIT("x"), &e));
        assert_int_equal(e.kind, ERR_SYSTEM);
        assert_int_equal(e.os_errno, EPIPE);
        close(p[1]);
}

static void cancellation_stops_and_cleans(void **state)
{
        char byte;
        size_t n, before;
        struct buf b CLEANUP(buf_done) = {0};
        struct err e[4];
        bool ok[4];

        (void)state;
        put("cancelled", "old");
        assert_int_equal(mkdirat(test_fd, "cancelled-tree", 0700), 0);
        put("cancelled-tree/file", "x");
        before = entries(test_fd, ".");
        file_cancel_flag = 1;
        ok[0] = file_replace(test_fd, "cancelled", SPAN_LIT("new"), 0600, &e[0]);
        ok[1] = file_read(test_fd, "cancelled", 10, &b, &e[1]);
        ok[2] = tree_remove(test_fd, "cancelled-tree", &e[2]);
        ok[3] = fd_read_full(test_fd, &byte, 1, &n, &e[3]);
        file_cancel_flag = 0;
        for (size_t i = 0; i < ARRAY_LEN(ok); i++) {
                assert_false(ok[i]);
                assert_int_equal(e[i].kind, ERR_CANCELLED);
        }
        assert_int_equal(entries(test_fd, "."), before);
        assert_true(holds("cancelled", "old"));
}

static void folders_are_made_exactly(void **state)
{
        static const char *const bad[] = {"", ".", "..", "a/b", "/"};
        mode_t old = umask(0077);
        char path[300];
        struct stat st;
        int fd = -1;
        struct err e;

        (void)state;
        assert_true(dir_make(test_fd, "made", 0755, &fd, &e));
        assert_int_equal(fstat(fd, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0755);
        fd_close(&fd);
        assert_true(dir_make(test_fd, "made", 0700, &fd, &e)); /* exists: opened, its mode is left */
        assert_int_equal(fstat(fd, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0755);
        fd_close(&fd);
        for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
                assert_false(dir_make(test_fd, bad[i], 0700, &fd, &e));
                assert_int_equal(e.kind, ERR_MALFORMED);
        }
        put("no-folder", "x");
        assert_int_equal(symlinkat("made", test_fd, "made-link"), 0);
        assert_false(dir_make(test_fd, "no-folder", 0700, &fd, &e));
        assert_int_equal(e.kind, ERR_MALFORMED);
        assert_false(dir_make(test_fd, "made-link", 0700, &fd, &e)); /* someone put a link where we want our folder */
        assert_int_equal(e.kind, ERR_MALFORMED);

        snprintf(path, sizeof(path), "%s//deep/./er/../er/est/", test_path);
        assert_true(dir_make_path(path, &fd, &e));
        fd_close(&fd);
        assert_true(dir_make_path(path, &fd, &e));
        assert_int_equal(fstat(fd, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0700);
        fd_close(&fd);
        assert_int_equal(faccessat(test_fd, "deep/er/est", F_OK, 0), 0);
        snprintf(path, sizeof(path), "%s/no-folder/x", test_path);
        assert_false(dir_make_path(path, &fd, &e));
        assert_int_equal(e.kind, ERR_MALFORMED);
        assert_false(dir_make_path("", &fd, &e));
        assert_int_equal(e.kind, ERR_MALFORMED);
        assert_false(dir_make_path("/proc/no-such-folder/x", &fd, &e));
        assert_int_equal(e.kind, ERR_SYSTEM);
        memset(path, 'n', sizeof(path));
        path[299] = 0;
        assert_false(dir_make_path(path, &fd, &e));
        assert_int_equal(e.kind, ERR_LIMIT);
        assert_int_equal(fd, -1);
        umask(old);
}

static void trees_go_without_following_links(void **state)
{
        char name[40];
        struct err e;

        (void)state;
        put("outside", "kept");
        assert_int_equal(mkdirat(test_fd, "outside-dir", 0700), 0);
        put("outside-dir/file", "kept");
        assert_int_equal(mkdirat(test_fd, "tree", 0700), 0);
        assert_int_equal(mkdirat(test_fd, "tree/sub", 0700), 0);
        assert_int_equal(mkdirat(test_fd, "tree/empty", 0700), 0);
        assert_int_equal(symlinkat("../outside", test_fd, "tree/link"), 0);
        assert_int_equal(symlinkat("../../outside-dir", test_fd, "tree/sub/dirlink"), 0);
        assert_int_equal(mkfifoat(test_fd, "tree/sub/fifo", 0600), 0);
        for (int i = 0; i < 3000; i++) {
                snprintf(name, sizeof(name), i % 3 ? "tree/file%d" : "tree/sub/dir%d", i);
                if (i % 3)
                        assert_int_equal(mknodat(test_fd, name, S_IFREG | 0000, 0), 0);
                else
                        assert_int_equal(mkdirat(test_fd, name, 0700), 0);
        }
        assert_true(tree_remove(test_fd, "tree", &e));
        assert_int_equal(faccessat(test_fd, "tree", F_OK, AT_SYMLINK_NOFOLLOW), -1);
        assert_true(holds("outside", "kept") && holds("outside-dir/file", "kept"));
        assert_true(tree_remove(test_fd, "tree", &e)); /* missing is fine */
        assert_true(tree_remove(test_fd, "tree/deeper/missing", &e));
        assert_int_equal(symlinkat("outside-dir", test_fd, "toplink"), 0);
        assert_true(tree_remove(test_fd, "toplink", &e));
        assert_true(holds("outside-dir/file", "kept"));
        assert_true(tree_remove(test_fd, "outside", &e)); /* a file, too */
        assert_int_equal(faccessat(test_fd, "outside", F_OK, 0), -1);
        e = (struct err){0};
        assert_false(tree_remove(test_fd, "..", &e) || tree_remove(test_fd, ".", &e) || tree_remove(test_fd, "", &e));
        assert_int_equal(e.kind, ERR_MALFORMED);
}

/* Deeper than descriptors, paths or a stack reach; and the names that the removal itself uses are taken already. */
static void trees_go_at_any_depth(void **state)
{
        const int depth = 12000; /* 100,000 takes ten times as long and nothing else */
        struct rlimit limit, few = {.rlim_cur = 64};
        char name[48];
        struct err e = {0};
        int at = -1;

        (void)state;
        assert_true(dir_make(test_fd, "hostile", 0700, &at, &e));
        for (int i = 0; i < 5; i++) {
                snprintf(name, sizeof(name), ".coffer-removing-%d", i);
                if (i % 2)
                        assert_int_equal(mkdirat(at, name, 0700), 0);
                else
                        assert_int_equal(mknodat(at, name, S_IFREG | 0600, 0), 0);
                snprintf(name, sizeof(name), ".coffer-removing-%d/x", i);
                if (i % 2)
                        assert_int_equal(mkdirat(at, name, 0700), 0);
        }
        for (int i = 0; i < depth; i++) {
                int next;

                if (mkdirat(at, "d", 0700) != 0)
                        fail_msg("level %d: %s", i, strerror(errno));
                if (i % 1000 == 0)
                        assert_int_equal(mknodat(at, "f", S_IFREG | 0600, 0), 0);
                next = openat(at, "d", O_PATH | O_DIRECTORY | O_CLOEXEC);
                assert_true(next >= 0);
                close(at);
                at = next;
        }
        close(at);
        assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
        few.rlim_max = limit.rlim_max;
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
        if (!tree_remove(test_fd, "hostile", &e))
                fail_msg("%s", e.text);
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
        assert_int_equal(faccessat(test_fd, "hostile", F_OK, 0), -1);
}

static int child_removes_locked_folders(void)
{
        char name[200] = "locked";
        struct err e = {0};

        if (mkdirat(test_fd, name, 0700) != 0)
                return 1;
        for (int i = 0; i < 40; i++) { /* past the levels that are walked in place */
                snprintf(name + strlen(name), sizeof(name) - strlen(name), "/d");
                if (mkdirat(test_fd, name, 0700) != 0)
                        return 2;
        }
        while (strlen(name) > 6) {
                if (fchmodat(test_fd, name, strlen(name) % 4 ? 0000 : 0500, 0) != 0)
                        return 3;
                name[strlen(name) - 2] = 0;
        }
        if (fchmodat(test_fd, "locked", 0000, 0) != 0)
                return 4;
        if (!tree_remove(test_fd, "locked", &e)) {
                fprintf(stderr, "%s\n", e.text);
                return 5;
        }
        return faccessat(test_fd, "locked", F_OK, 0) == 0 ? 6 : 0;
}

static int child_may_not_remove(void)
{
        struct err e = {0};

        if (tree_remove(test_fd, "foreign", &e))
                return 1;
        return e.kind == ERR_SYSTEM && (e.os_errno == EACCES || e.os_errno == EPERM) ? 0 : 2;
}

static void trees_go_where_the_owner_locked_them(void **state)
{
        (void)state;
        assert_int_equal(as_user(child_removes_locked_folders), 0);
}

static void trees_of_others_stay(void **state)
{
        (void)state;
        if (geteuid() != 0) {
                print_message("skipped: needs root to make another's tree\n");
                skip();
                return;
        }
        assert_int_equal(mkdirat(test_fd, "foreign", 0755), 0);
        put("foreign/file", "kept");
        assert_int_equal(as_user(child_may_not_remove), 0);
        assert_true(holds("foreign/file", "kept"));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(replace_is_whole_with_exact_mode),
            cmocka_unit_test(replace_replaces_a_link_not_its_target),
            cmocka_unit_test(replace_leaves_nothing_on_failure),
            cmocka_unit_test(replace_keeps_the_old_content_at_the_size_limit),
            cmocka_unit_test(full_disk_and_mounts_leave_things_as_they_were),
            cmocka_unit_test(read_takes_regular_files_within_the_limit),
            cmocka_unit_test(read_finds_the_end_of_larger_files),
            cmocka_unit_test(beneath_follows_nothing_and_stays_inside),
            cmocka_unit_test(user_files_follow_links_and_do_not_block),
            cmocka_unit_test(short_reads_are_continued),
            cmocka_unit_test(short_writes_are_continued),
            cmocka_unit_test(cancellation_stops_and_cleans),
            cmocka_unit_test(folders_are_made_exactly),
            cmocka_unit_test(trees_go_without_following_links),
            cmocka_unit_test(trees_go_at_any_depth),
            cmocka_unit_test(trees_go_where_the_owner_locked_them),
            cmocka_unit_test(trees_of_others_stay),
        };

        return cmocka_run_group_tests(tests, setup, teardown);
}
