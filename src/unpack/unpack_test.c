/*
 * Layers, good and hostile, through the real coffer-unpack, which lies beside this test. Needs root: it maps ids.
 *
 * usage: unpack_test MKTAR       (test/tools/mktar.c: lines -> tar)
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "unpack/unpack_priv.h"

#define FIRST 1000000u
#define ESCAPED "/tmp/coffer-unpack-test-escaped"

static const char *mktar;
static char root[64];
static int layers_fd;

static int set_up(void **state)
{
        (void)state;
        if (geteuid() != 0)
                return 0;
        snprintf(root, sizeof(root), "/tmp/coffer-unpack-test.XXXXXX");
        if (!mkdtemp(root))
                return -1;
        layers_fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        return layers_fd < 0;
}

static int tear_down(void **state)
{
        struct err e = {0};
        char path[128];

        (void)state;
        if (geteuid() != 0)
                return 0;
        close(layers_fd);
        snprintf(path, sizeof(path), "%s/small", root);
        (void)umount2(path, MNT_DETACH); /* there only if its test has failed */
        return tree_remove(AT_FDCWD, root, &e) ? 0 : -1;
}

static void need_root(void)
{
        if (geteuid() != 0) {
                print_message("skip: needs root\n");
                skip();
        }
}

/* A tar in memory from mktar's lines. */
static int tar_of(const char *lines)
{
        int in = memfd_create("lines", MFD_CLOEXEC), out = memfd_create("tar", MFD_CLOEXEC), status;
        pid_t pid;
        struct err e = {0};

        assert_true(in >= 0 && out >= 0 && fd_write_all(in, span_of(lines), &e) && lseek(in, 0, SEEK_SET) == 0);
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
        return out;
}

static struct unpack_request request_of(int fd)
{
        struct unpack_request r = {.layers_fd = layers_fd, .id_first = FIRST, .what = "layer 2"};
        off_t size = lseek(fd, 0, SEEK_END);
        void *at = size ? mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, fd, 0) : NULL;

        r.source = (struct image_source){.fd = fd, .size = (uint64_t)size};
        digest_of(DIGEST_SHA256, span_bytes(at, (size_t)size), &r.source.diff_id);
        r.source.blob = r.source.diff_id;
        if (at)
                munmap(at, (size_t)size);
        return r;
}

static unsigned names_in(int dir_fd, const char *prefix)
{
        DIR *dir = fdopendir(openat(dir_fd, ".", O_RDONLY | O_DIRECTORY));
        struct dirent *d;
        unsigned n = 0;

        assert_non_null(dir);
        while ((d = readdir(dir)))
                n += strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0 &&
                     strncmp(d->d_name, prefix, strlen(prefix)) == 0;
        closedir(dir);
        return n;
}

static int unpacked_with(const char *lines, struct unpack_report *report)
{
        int fd = tar_of(lines), layer = -1;
        struct unpack_request r = request_of(fd);
        struct err e = {0};

        if (!unpack_source(&r, report, &layer, &e))
                fail_msg("%s", e.text);
        close(fd);
        assert_int_equal(names_in(layers_fd, ".tmp-"), 0);
        return layer;
}

static int unpacked(const char *lines)
{
        return unpacked_with(lines, NULL);
}

static void refused(const char *lines, enum err_kind kind, const char *says)
{
        int fd = tar_of(lines), layer = -1;
        struct unpack_request r = request_of(fd);
        unsigned before = names_in(layers_fd, "");
        struct err e = {0};

        if (unpack_source(&r, NULL, &layer, &e))
                fail_msg("was unpacked: %s", lines);
        if (e.kind != kind || !strstr(e.text, says) || !strstr(e.text, "layer 2: "))
                fail_msg("%s: %s: does not say %s", err_kind_name(e.kind), e.text, says);
        assert_int_equal(layer, -1);
        assert_int_equal(names_in(layers_fd, ""), before);
        assert_int_not_equal(access(ESCAPED, F_OK), 0);
        close(fd);
}

static struct stat stat_of(int layer, const char *path)
{
        struct stat st;

        if (fstatat(layer, path, &st, AT_SYMLINK_NOFOLLOW) != 0)
                fail_msg("%s: %s", path, strerror(errno));
        return st;
}

static void assert_content(int layer, const char *path, const char *want)
{
        struct buf b CLEANUP(buf_done) = {0};
        struct err e = {0};

        if (!file_read(layer, path, 1 << 20, &b, &e))
                fail_msg("%s", e.text);
        assert_true(span_is(buf_span(&b), want));
}

static bool is_opaque(int layer, const char *path)
{
        int fd = openat(layer, path, O_RDONLY | O_DIRECTORY);
        bool yes = fd >= 0 && unpack_hides_all(fd);

        close(fd);
        return yes;
}

static void files_are_as_the_layer_says(void **state)
{
        struct stat st;
        char target[32] = "";
        int layer;

        (void)state;
        need_root();
        layer = unpacked("mtime 1234567890\n"
                         "dir . 755 0 0\ndir etc/ 750 3 4\nfile etc/motd 4755 1000 1001 hello there\n"
                         "symlink etc/link ../../../../etc/passwd\nhardlink etc/again etc/motd\nfifo etc/fifo\n"
                         "file usr/implied/file 600 65535 65535 x\nfile empty 000 0 0\ndir sticky 7777 0 5\nfile "
                         "sticky/f 644 0 0\n");
        st = stat_of(layer, ".");
        assert_int_equal(st.st_uid, FIRST);
        assert_int_equal(st.st_mtime, 1234567890);
        st = stat_of(layer, "etc");
        assert_int_equal(st.st_mode, S_IFDIR | 0750);
        assert_int_equal(st.st_uid, FIRST + 3);
        assert_int_equal(st.st_gid, FIRST + 4);
        assert_int_equal(st.st_mtime, 1234567890);
        st = stat_of(layer, "etc/motd");
        assert_int_equal(st.st_mode, S_IFREG | 04755);
        assert_int_equal(st.st_uid, FIRST + 1000);
        assert_int_equal(st.st_gid, FIRST + 1001);
        assert_int_equal(st.st_mtime, 1234567890);
        assert_int_equal(st.st_nlink, 2);
        assert_content(layer, "etc/again", "hello there");
        assert_int_equal(readlinkat(layer, "etc/link", target, sizeof(target) - 1), 22);
        assert_string_equal(target, "../../../../etc/passwd");
        assert_int_equal(stat_of(layer, "etc/link").st_uid, FIRST);
        assert_true(S_ISFIFO(stat_of(layer, "etc/fifo").st_mode));
        st = stat_of(layer, "usr/implied");
        assert_int_equal(st.st_mode, S_IFDIR | 0755);
        assert_int_equal(st.st_uid, FIRST);
        assert_int_equal(stat_of(layer, "usr/implied/file").st_uid, FIRST + 65535);
        assert_int_equal(stat_of(layer, "empty").st_mode, S_IFREG);
        assert_int_equal(stat_of(layer, "sticky").st_mode, S_IFDIR | 07777);
        assert_int_equal(stat_of(layer, "sticky/f").st_gid, FIRST);
        assert_false(unpack_hides_all(layer));
        close(layer);
}

static void what_is_there_is_taken(void **state)
{
        int fd, first = -1, second = -1;
        struct unpack_report report;
        struct unpack_request r;
        struct err e = {0};

        (void)state;
        need_root();
        fd = tar_of("file a 644 0 0 here\nchar dev/null 1 3\n");
        r = request_of(fd);
        assert_true(unpack_source(&r, &report, &first, &e));
        assert_false(report.existed);
        assert_int_equal(report.entries, 2);
        assert_int_equal(report.devices_skipped, 1);
        assert_true(unpack_source(&r, &report, &second, &e));
        assert_true(report.existed);
        assert_int_equal(stat_of(first, "a").st_ino, stat_of(second, "a").st_ino);
        close(first);
        close(second);
        /* Another range of ids: its owners would be wrong. */
        r.id_first += UNPACK_IDS;
        assert_false(unpack_source(&r, &report, &second, &e));
        assert_int_equal(e.kind, ERR_CONFLICT);
        close(fd);
}

static void whiteouts_become_overlays_own(void **state)
{
        struct stat st;
        int layer;

        (void)state;
        need_root();
        layer =
            unpacked("dir etc 755 0 0\nfile etc/.wh.issue 644 0 0\nfile deep/er/.wh.x 0 0 0\n"
                     "dir o 700 0 0\nfile o/.wh..wh..opq 644 0 0\nfile implied/.wh..wh..opq 644 0 0\n"
                     "file .wh.folder 644 0 0\ndir folder 755 0 0\nfile folder/new 644 0 0\n"
                     "dir later 755 0 0\nfile .wh.later 644 0 0\nfile kept 644 0 0 kept\nfile .wh.kept 644 0 0\n"
                     "file .wh.way 644 0 0\nfile way/in 644 0 0 in\nfile .wh..wh.plnk 644 0 0\nfile .wh.back 0 0 0\n"
                     "file back 644 0 0 back\n");
        st = stat_of(layer, "etc/issue");
        assert_true(S_ISCHR(st.st_mode) && st.st_rdev == makedev(0, 0));
        st = stat_of(layer, "deep/er/x");
        assert_true(S_ISCHR(st.st_mode) && st.st_rdev == makedev(0, 0));
        assert_true(is_opaque(layer, "o"));
        assert_int_equal(stat_of(layer, "o").st_mode, S_IFDIR | 0700);
        assert_true(is_opaque(layer, "implied"));
        assert_false(is_opaque(layer, "etc"));
        /* A folder in the place of a whiteout still hides what is below, in either order. */
        assert_true(is_opaque(layer, "folder"));
        assert_true(S_ISREG(stat_of(layer, "folder/new").st_mode));
        assert_true(is_opaque(layer, "later"));
        assert_content(layer, "kept", "kept");
        assert_true(is_opaque(layer, "way"));
        assert_content(layer, "way/in", "in");
        assert_content(layer, "back", "back");
        assert_int_equal(names_in(layer, ".wh."), 0);
        close(layer);
        layer = unpacked("file .wh..wh..opq 644 0 0\nfile only 644 0 0\n");
        assert_true(unpack_hides_all(layer));
        close(layer);
}

static void the_last_entry_counts(void **state)
{
        int layer;

        (void)state;
        need_root();
        layer = unpacked("dir d 755 0 0\nfile d/x/y/z 644 0 0 z\ndir d/locked 000 0 0\nfile d 644 0 0 now a file\n"
                         "file f 644 0 0 file\ndir f 755 0 0\nfile f/in 644 0 0 in\n"
                         "symlink s " ESCAPED "\nfile s 644 0 0 no link\n"
                         "file one 644 0 0 one\nhardlink two one\nfile two 644 0 0 other\n"
                         "symlink t /tmp\ndir t 755 0 0\nfile t/in 644 0 0 in\n"
                         "dir again 700 1 1\nfile again/x 644 0 0 x\ndir again 755 0 0\nfile one2 644 0 0 1\nsymlink "
                         "one2 a\nfifo one2\n"
                         "file h 644 0 0 h\nfile g 644 0 0 g\nhardlink h g\n");
        assert_content(layer, "d", "now a file");
        assert_content(layer, "f/in", "in");
        assert_content(layer, "s", "no link");
        assert_content(layer, "one", "one");
        assert_content(layer, "two", "other");
        assert_content(layer, "t/in", "in");
        assert_content(layer, "again/x", "x");
        assert_int_equal(stat_of(layer, "again").st_mode, S_IFDIR | 0755);
        assert_true(S_ISFIFO(stat_of(layer, "one2").st_mode));
        assert_content(layer, "h", "g");
        assert_int_not_equal(access(ESCAPED, F_OK), 0);
        close(layer);
}

static void hostile_layers_are_refused(void **state)
{
        static const struct {
                const char *lines;
                enum err_kind kind;
                const char *says;
        } cases[] = {
            {"file a/../../x 644 0 0 x\n", ERR_MALFORMED, "entry 0 (a/../../x): \"..\""},
            {"file " ESCAPED " 644 0 0 x\n", ERR_MALFORMED, "absolute"},
            {"symlink door /tmp\nfile door/coffer-unpack-test-escaped 644 0 0 x\n", ERR_MALFORMED,
                "door is a symbolic link"},
            {"symlink a/door ../../../../../../tmp\nfile a/door/coffer-unpack-test-escaped 644 0 0 x\n", ERR_MALFORMED,
                "a/door is a symbolic link"},
            {"dir real 755 0 0\nsymlink door real\nfile door/x 644 0 0 x\n", ERR_MALFORMED, "door is a symbolic link"},
            {"symlink door /tmp\nfile door/.wh.x 644 0 0\n", ERR_MALFORMED, "door is a symbolic link"},
            {"symlink door /tmp\nfile door/.wh..wh..opq 644 0 0\n", ERR_MALFORMED, "door is a symbolic link"},
            {"symlink door /tmp\ndir door/d 755 0 0\n", ERR_MALFORMED, "door is a symbolic link"},
            {"symlink door /etc\nhardlink x door/shadow\n", ERR_MALFORMED, "behind a symbolic link"},
            {"hardlink x etc/passwd\n", ERR_MALFORMED, "not in this layer"},
            {"hardlink x ../../etc/passwd\n", ERR_MALFORMED, "hard link's target"},
            {"hardlink x /etc/passwd\n", ERR_MALFORMED, "hard link's target"},
            {"dir d 755 0 0\nhardlink x d\n", ERR_MALFORMED, "is no file"},
            {"file .wh.gone 644 0 0\nhardlink x gone\n", ERR_MALFORMED, "is no file"},
            {"hardlink x x\n", ERR_MALFORMED, "to itself"},
            {"file f 644 0 0 x\nfile f/g 644 0 0 x\n", ERR_MALFORMED, "f is no folder"},
            {"file f 644 0 0 x\nhardlink g f/h\n", ERR_MALFORMED, "not in this layer"},
            {"block usr/disk 8 0\n", ERR_MALFORMED, "device node"},
            {"char whiteout 0 0\n", ERR_MALFORMED, "device node"},
            {"char dev 1 3\n", ERR_MALFORMED, "device node"},
            {"char devil/null 1 3\n", ERR_MALFORMED, "device node"},
            {"file x 644 65536 0\n", ERR_LIMIT, "owner 65536:0"},
            {"file x 644 0 100000\n", ERR_LIMIT, "owner 0:100000"},
            {"file x 644 0 0 " /* cut below */ "\nnoend\nraw 00\n", ERR_MALFORMED, "tar"},
            {"raw 41424344\n", ERR_MALFORMED, "checksum"},
        };

        (void)state;
        need_root();
        unlink(ESCAPED);
        for (size_t i = 0; i < ARRAY_LEN(cases); i++)
                refused(cases[i].lines, cases[i].kind, cases[i].says);
}

static void wrong_digests_leave_nothing(void **state)
{
        int fd, layer = -1;
        struct unpack_request r, good;
        struct err e = {0};

        (void)state;
        need_root();
        fd = tar_of("file wrong 644 0 0 x\n");
        good = r = request_of(fd);
        r.source.diff_id.bytes[0] ^= 1;
        r.source.blob.alg = DIGEST_NONE;
        assert_false(unpack_source(&r, NULL, &layer, &e));
        assert_int_equal(e.kind, ERR_UNTRUSTED);
        assert_non_null(strstr(e.text, "diff id"));
        r = good;
        r.source.blob.bytes[31] ^= 1;
        assert_false(unpack_source(&r, NULL, &layer, &e));
        assert_int_equal(e.kind, ERR_UNTRUSTED);
        assert_non_null(strstr(e.text, "digest"));
        r = good;
        r.source.size -= 512;
        assert_false(unpack_source(&r, NULL, &layer, &e));
        r.id_first = 0;
        assert_false(unpack_source(&r, NULL, &layer, &e));
        assert_int_equal(e.kind, ERR_BUG);
        assert_int_equal(names_in(layers_fd, ".tmp-"), 0);
        close(fd);
}

static void sizes_at_their_edges(void **state)
{
        char lines[64];
        int layer;

        (void)state;
        need_root();
        close(unpacked("deep d 2048\n")); /* a path of 4095 bytes */
        refused("deep d 2049\n", ERR_LIMIT, "longer than 4095");
        close(unpacked("long 255 255\n"));
        refused("long 256 256\n", ERR_LIMIT, "a name in it is 256");
        close(unpacked("long 4095 255\n"));
        snprintf(lines, sizeof(lines), "many m/n/ 100000\n");
        layer = unpacked(lines);
        assert_int_equal(stat_of(layer, "m/n/99999").st_uid, FIRST);
        close(layer);
}

static void a_full_disk_is_said_so(void **state)
{
        char path[128];
        int fd, layer = -1, small;
        struct unpack_request r;
        struct err e = {0};

        (void)state;
        need_root();
        snprintf(path, sizeof(path), "%s/small", root);
        mkdir(path, 0700);
        if (mount("none", path, "tmpfs", 0, "size=1m") != 0) {
                print_message("skip: can't mount a tmpfs\n");
                skip();
        }
        fd = tar_of("file a 644 0 0 x\nzeros big 8000000\n");
        r = request_of(fd);
        small = open(path, O_RDONLY | O_DIRECTORY);
        r.layers_fd = small;
        assert_false(unpack_source(&r, NULL, &layer, &e));
        assert_int_equal(names_in(small, ""), 0);
        close(small);
        assert_int_equal(umount(path), 0);
        rmdir(path);
        assert_int_equal(e.kind, ERR_SYSTEM);
        assert_int_equal(e.os_errno, ENOSPC);
        assert_non_null(strstr(e.text, "(big): "));
        assert_non_null(strstr(e.text, "No space left"));
        close(fd);
}

static void on_alarm(int signal)
{
        (void)signal;
        file_cancel_flag = 1;
}

static void a_stop_leaves_nothing(void **state)
{
        struct itimerval soon = {.it_value = {.tv_usec = 60000}};
        int ends[2], layer = -1;
        struct unpack_request r;
        struct err e = {0};

        (void)state;
        need_root();
        /* A layer that never ends: so the stop is what ends it. */
        assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
        r = (struct unpack_request){.layers_fd = layers_fd,
            .id_first = FIRST,
            .source = {.fd = ends[0], .size = UINT64_MAX, .diff_id = {.alg = DIGEST_SHA256, .bytes = {1}}}};
        signal(SIGALRM, on_alarm);
        setitimer(ITIMER_REAL, &soon, NULL);
        assert_false(unpack_source(&r, NULL, &layer, &e));
        assert_int_equal(file_cancel_flag, 1);
        file_cancel_flag = 0;
        signal(SIGALRM, SIG_DFL);
        assert_int_equal(e.kind, ERR_CANCELLED);
        assert_int_equal(names_in(layers_fd, ".tmp-"), 0);
        assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child is left */
        close(ends[0]);
        close(ends[1]);
}

static void dead_folders_are_swept_live_ones_not(void **state)
{
        struct err e = {0};
        int live;

        (void)state;
        need_root();
        assert_int_equal(mkdirat(layers_fd, ".tmp-00000000000000aa", 0700), 0);
        assert_int_equal(mkdirat(layers_fd, ".tmp-00000000000000aa/sub", 0), 0);
        assert_int_equal(mkdirat(layers_fd, ".tmp-00000000000000bb", 0700), 0);
        live = openat(layers_fd, ".tmp-00000000000000bb", O_RDONLY | O_DIRECTORY);
        assert_int_equal(flock(live, LOCK_EX | LOCK_NB), 0);
        assert_true(unpack_sweep(layers_fd, &e));
        assert_int_equal(names_in(layers_fd, ".tmp-"), 1);
        close(live);
        close(unpacked("file sweeps 644 0 0 x\n"));
}

static void a_killed_parent_takes_the_program_along(void **state)
{
        char path[64], letter = 0;
        int ends[2], status;
        bool gone = false;
        pid_t parent, program = 0;

        (void)state;
        need_root();
        assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
        parent = fork();
        if (parent == 0) {
                struct unpack_request r = {.layers_fd = layers_fd,
                    .id_first = FIRST,
                    .source = {.fd = ends[0], .size = UINT64_MAX, .diff_id = {.alg = DIGEST_SHA256, .bytes = {2}}}};
                struct err e = {0};
                int layer;

                unpack_source(&r, NULL, &layer, &e);
                _exit(0);
        }
        for (int i = 0; i < 200 && program == 0; i++) {
                FILE *f;

                usleep(10000);
                snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)parent, (int)parent);
                f = fopen(path, "r");
                if (f && fscanf(f, "%d", &program) != 1)
                        program = 0;
                if (f)
                        fclose(f);
        }
        assert_true(program > 0);
        snprintf(path, sizeof(path), "/proc/%d/stat", (int)program);
        kill(parent, SIGKILL);
        assert_int_equal(waitpid(parent, &status, 0), parent);
        for (int i = 0; i < 500 && !gone; i++) { /* reaped by init, or by nobody: a zombie is as good as gone */
                FILE *f = fopen(path, "r");

                gone = !f || (fscanf(f, "%*d (%*[^)]) %c", &letter) == 1 && letter == 'Z');
                if (f)
                        fclose(f);
                usleep(10000);
        }
        assert_true(gone);
        close(ends[0]);
        close(ends[1]);
        /* Its lock went with it. */
        close(unpacked("file after 644 0 0 x\n"));
}

struct watch {
        int pipe_write, tar_fd;
        char status[4096], uid_map[128], root_link[256], net[256], own_net[256];
};

static pid_t only_child(void)
{
        char path[64];
        int pid = 0;

        for (int i = 0; i < 300 && pid == 0; i++) {
                FILE *f;

                usleep(10000);
                snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
                f = fopen(path, "r");
                if (f && fscanf(f, "%d", &pid) != 1)
                        pid = 0;
                if (f)
                        fclose(f);
        }
        return pid;
}

static void slurp(pid_t pid, const char *name, char *into, size_t size)
{
        char path[64];
        int fd;
        ssize_t n;

        snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
        fd = open(path, O_RDONLY);
        n = fd >= 0 ? read(fd, into, size - 1) : 0;
        into[n > 0 ? n : 0] = 0;
        if (fd >= 0)
                close(fd);
}

/* Looks at the program while it waits for the layer, then gives it the layer. */
static void *watch_main(void *arg)
{
        struct watch *w = arg;
        pid_t pid = only_child();
        char path[64], bytes[4096];
        ssize_t n;

        for (int i = 0; i < 300; i++) {
                slurp(pid, "status", w->status, sizeof(w->status));
                if (strstr(w->status, "Seccomp:\t2"))
                        break;
                usleep(10000);
        }
        slurp(pid, "uid_map", w->uid_map, sizeof(w->uid_map));
        snprintf(path, sizeof(path), "/proc/%d/root", (int)pid);
        (void)!readlink(path, w->root_link, sizeof(w->root_link) - 1);
        snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)pid);
        (void)!readlink(path, w->net, sizeof(w->net) - 1);
        (void)!readlink("/proc/self/ns/net", w->own_net, sizeof(w->own_net) - 1);
        lseek(w->tar_fd, 0, SEEK_SET);
        while ((n = read(w->tar_fd, bytes, sizeof(bytes))) > 0)
                (void)!write(w->pipe_write, bytes, (size_t)n);
        close(w->pipe_write);
        return NULL;
}

static void the_program_stands_in_its_cage(void **state)
{
        struct watch w = {0};
        struct unpack_request r;
        struct err e = {0};
        pthread_t thread;
        int ends[2], layer = -1;
        bool ok;

        (void)state;
        need_root();
        assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
        w.tar_fd = tar_of("file caged 644 0 0 x\n");
        w.pipe_write = ends[1];
        r = request_of(w.tar_fd);
        r.source.fd = ends[0];
        r.source.size = UINT64_MAX;
        r.source.second_thread = true;
        assert_int_equal(pthread_create(&thread, NULL, watch_main, &w), 0);
        ok = unpack_source(&r, NULL, &layer, &e);
        pthread_join(thread, NULL);
        if (!ok)
                fail_msg("%s", e.text);
        assert_non_null(strstr(w.status, "Seccomp:\t2"));
        assert_non_null(strstr(w.status, "NoNewPrivs:\t1"));
        assert_non_null(strstr(w.status, "Uid:\t1000000\t1000000\t1000000\t1000000\n"));
        assert_non_null(strstr(w.status, "Groups:\t \n"));
        /* chown, dac_override, fowner, fsetid, mknod */
        assert_non_null(strstr(w.status, "CapEff:\t000000000800001b\n"));
        assert_non_null(strstr(w.uid_map, "1000000      65536"));
        assert_non_null(strstr(w.root_link, "/.tmp-"));
        assert_true(w.net[0] && strcmp(w.net, w.own_net) != 0);
        close(layer);
        close(w.tar_fd);
        close(ends[0]);
}

static void two_at_once_make_one(void **state)
{
        pid_t pids[3];
        int fd, status, layer = -1;
        struct unpack_request r;
        struct err e = {0};

        (void)state;
        need_root();
        fd = tar_of("many race/ 3000\n");
        r = request_of(fd);
        for (size_t i = 0; i < ARRAY_LEN(pids); i++) {
                pids[i] = fork();
                if (pids[i] == 0)
                        _exit(unpack_source(&r, NULL, &layer, &e) ? 0 : 1);
        }
        for (size_t i = 0; i < ARRAY_LEN(pids); i++) {
                assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
                assert_int_equal(status, 0);
        }
        assert_true(unpack_source(&r, NULL, &layer, &e));
        assert_int_equal(names_in(layer, "race"), 1);
        assert_int_equal(names_in(layers_fd, ".tmp-"), 0);
        close(layer);
        close(fd);
}

/* `coffer run <&- >&-`: the layer and the socket then have the numbers of standard input and output. */
static void closed_standard_descriptors_do_no_harm(void **state)
{
        int tar, status;
        pid_t pid;

        (void)state;
        need_root();
        for (int first = 0; first < 3; first++) {
                char line[64];

                snprintf(line, sizeof(line), "file closed%d 644 0 0 x\n", first);
                tar = tar_of(line);
                pid = fork();
                if (pid == 0) {
                        struct unpack_request r = request_of(tar);
                        struct err e = {0};
                        int layer = -1;

                        for (int i = first; i < 3; i++)
                                close(i);
                        r.source.fd = dup(tar);
                        _exit(r.source.fd != first ? 3 : unpack_source(&r, NULL, &layer, &e) ? 0 : 1);
                }
                assert_int_equal(waitpid(pid, &status, 0), pid);
                assert_int_equal(status, 0);
                close(tar);
        }
}

/* A layer may not say how overlayfs reads it, nor what a file may do. */
static void no_extended_attribute_comes_from_a_layer(void **state)
{
        char names[256];
        int layer, fd;

        (void)state;
        need_root();
        layer = unpacked("pax SCHILY.xattr.user.overlay.opaque y\ndir d 755 0 0\n"
                         "pax SCHILY.xattr.user.overlay.redirect /etc\nfile d/f 755 0 0 x\n"
                         "pax SCHILY.xattr.user.note n\nfile d/g 755 0 0 x\n"
                         "pax SCHILY.xattr.security.capability c\nfile d/h 755 0 0 x\n");
        for (const char *const *at = (const char *const[]){"d", "d/f", "d/g", "d/h", NULL}; *at; at++) {
                fd = openat(layer, *at, O_RDONLY);
                assert_true(fd >= 0);
                assert_int_equal(flistxattr(fd, names, sizeof(names)), 0);
                close(fd);
        }
        close(layer);
}

static void times_are_kept_to_the_nanosecond(void **state)
{
        static const char *const names[] = {"d", "d/f", "d/s", "d/p"};
        int layer;

        (void)state;
        need_root();
        layer = unpacked("pax mtime 1111111111.123456789\ndir d 555 0 0\npax mtime 1111111111.123456789\n"
                         "file d/f 644 0 0 x\npax mtime 1111111111.123456789\nsymlink d/s f\n"
                         "pax mtime 1111111111.123456789\nfifo d/p\nfile d/later 644 0 0 x\n");
        for (size_t i = 0; i < ARRAY_LEN(names); i++) {
                assert_int_equal(stat_of(layer, names[i]).st_mtim.tv_sec, 1111111111);
                assert_int_equal(stat_of(layer, names[i]).st_mtim.tv_nsec, 123456789);
        }
        assert_int_equal(stat_of(layer, "d").st_mode, S_IFDIR | 0555);
        close(layer);
}

/* At every block: within a header, a file, the end. */
static void a_cut_layer_leaves_nothing(void **state)
{
        int fd, layer;
        off_t whole;

        (void)state;
        need_root();
        fd = tar_of("dir cut 755 0 0\nzeros cut/big 2000\nfile cut/small 644 0 0 x\n");
        whole = lseek(fd, 0, SEEK_END);
        assert_true(whole > 5 * 512);
        for (off_t size = 6 * 512 - 100; size > 0; size -= 512) {
                unsigned before = names_in(layers_fd, "");
                struct unpack_request r;
                struct err e = {0};

                layer = -1;
                assert_int_equal(ftruncate(fd, size), 0);
                r = request_of(fd);
                assert_false(unpack_source(&r, NULL, &layer, &e));
                assert_int_equal(e.kind, ERR_MALFORMED);
                assert_int_equal(layer, -1);
                assert_int_equal(names_in(layers_fd, ""), before);
        }
        close(fd);
}

static void no_program_is_an_error(void **state)
{
        struct unpack_request r;
        struct err e = {0};
        int fd, layer = -1;

        (void)state;
        need_root();
        fd = tar_of("file noprogram 644 0 0 x\n");
        r = request_of(fd);
        setenv("COFFER_LIBEXEC", "/nonexistent", 1);
        assert_false(unpack_source(&r, NULL, &layer, &e));
        unsetenv("COFFER_LIBEXEC");
        assert_int_equal(e.kind, ERR_UNSUPPORTED);
        assert_int_equal(names_in(layers_fd, ".tmp-"), 0);
        close(fd);
}

static void answers_are_not_believed_unread(void **state)
{
        struct unpack_answer a = {.err = {.kind = ERR_LIMIT, .text = "a\x1b[2Jb"}}, got = {0};
        struct buf b CLEANUP(buf_done) = {0};

        (void)state;
        unpack_answer_put(&b, &a);
        assert_true(unpack_answer_get(buf_span(&b), &got));
        assert_int_equal(got.err.kind, ERR_LIMIT);
        assert_string_equal(got.err.text, "a?[2Jb");
        for (size_t len = 0; len < b.len; len++)
                assert_false(unpack_answer_get(span_bytes(b.at, len), &got));
        b.at[0] = 1; /* "done", with an error */
        assert_false(unpack_answer_get(buf_span(&b), &got));
        b.at[0] = 0;
        b.at[1] = ERR_NONE; /* "failed", without one */
        assert_false(unpack_answer_get(buf_span(&b), &got));
        b.at[1] = ERR_KIND_COUNT;
        assert_false(unpack_answer_get(buf_span(&b), &got));
        b.at[1] = ERR_CANCELLED;
        assert_false(unpack_answer_get(buf_span(&b), &got));
}

int main(int argc, char **argv)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(files_are_as_the_layer_says),
            cmocka_unit_test(what_is_there_is_taken),
            cmocka_unit_test(whiteouts_become_overlays_own),
            cmocka_unit_test(the_last_entry_counts),
            cmocka_unit_test(hostile_layers_are_refused),
            cmocka_unit_test(wrong_digests_leave_nothing),
            cmocka_unit_test(sizes_at_their_edges),
            cmocka_unit_test(a_full_disk_is_said_so),
            cmocka_unit_test(a_stop_leaves_nothing),
            cmocka_unit_test(dead_folders_are_swept_live_ones_not),
            cmocka_unit_test(a_killed_parent_takes_the_program_along),
            cmocka_unit_test(the_program_stands_in_its_cage),
            cmocka_unit_test(two_at_once_make_one),
            cmocka_unit_test(closed_standard_descriptors_do_no_harm),
            cmocka_unit_test(no_extended_attribute_comes_from_a_layer),
            cmocka_unit_test(times_are_kept_to_the_nanosecond),
            cmocka_unit_test(a_cut_layer_leaves_nothing),
            cmocka_unit_test(no_program_is_an_error),
            cmocka_unit_test(answers_are_not_believed_unread),
        };

        if (argc < 2) {
                fprintf(stderr, "usage: unpack_test MKTAR\n");
                return 2;
        }
        mktar = argv[1];
        return cmocka_run_group_tests(tests, set_up, tear_down);
}
