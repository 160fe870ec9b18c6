/* See box_test_priv.h. The folder of the programs is the tests' first argument. */
#include <elf.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#include "runtime/box_test_priv.h"

static const char *why_not; /* the reason to skip, or NULL */
struct box_root box_root = {.top = "/tmp/coffer-container-XXXXXX", .fd = -1, .layers = {-1, -1}, .root_folder = -1};
static char ids[100][RUNTIME_ID_LEN + 1];
static unsigned next_id;

void result_done(struct result *r)
{
        buf_done(&r->out);
        buf_done(&r->err);
}

void box_init(struct box *b, const char *script)
{
        struct err e;

        *b = (struct box){.dir = -1};
        assert_true(next_id < ARRAY_LEN(ids));
        snprintf(b->id, sizeof(b->id), "%08x%04x", (unsigned)getpid(), next_id);
        memcpy(ids[next_id++], b->id, sizeof(b->id));
        assert_true(dir_make(box_root.fd, b->id, 0700, &b->dir, &e));
        b->args[0] = SPAN_LIT("/bin/sh");
        b->args[1] = SPAN_LIT("-c");
        b->args[2] = span_of(script);
        b->spec = (struct runtime_spec){.id = b->id,
            .dir_fd = b->dir,
            .layer_fds = box_root.layers,
            .n_layers = 2,
            .layers_first = LAYERS,
            .ids_first = IDS,
            .args = b->args,
            .n_args = script ? 3 : 1,
            .env = b->env};
}

void box_done(struct box *b)
{
        struct err e = {0};

        if (!runtime_stop(b->dir, SIGKILL, 5, &e) || !runtime_reap(b->dir, b->id, &e) ||
            !runtime_remove(b->dir, b->id, &e) || !tree_remove(box_root.fd, b->id, &e))
                fail_msg("%s", e.text);
        close(b->dir);
}

void run_as_child(const struct runtime_spec *s, const int *stdio)
{
        struct runtime_started started;
        struct err e = {0};
        int status = 0;

        for (int i = 0; i < 3; i++)
                dup2(stdio[i], i);
        if (!runtime_start(s, &started, &status, &e)) {
                dprintf(2, "%s: %s\n", err_kind_name(e.kind), e.text);
                _exit(status);
        }
        if (started.note[0])
                dprintf(2, "note: %s\n", started.note);
        if (s->detach) {
                runtime_detach(&started);
                _exit(0);
        }
        if (!runtime_wait(&started, &status, &e)) {
                dprintf(2, "wait: %s\n", e.text);
                _exit(RUNTIME_EXIT_FAILED);
        }
        _exit(status);
}

static bool collect_some(int fd, struct buf *to)
{
        struct pollfd p = {.fd = fd, .events = POLLIN};
        ssize_t n;

        if (poll(&p, 1, DEADLINE_MS) != 1)
                fail_msg("no end of the output after %d s; so far: %.*s", DEADLINE_MS / 1000, SPAN_FMT(buf_span(to)));
        n = read(fd, buf_reserve(to, 4096), 4096);
        if (n > 0)
                to->len += (size_t)n;
        return n > 0;
}

void collect_until(int fd, const char *text, struct buf *to)
{
        while (to->len < strlen(text) || !memmem(to->at, to->len, text, strlen(text)))
                if (!collect_some(fd, to))
                        fail_msg("it ended without \"%s\": %.*s", text, SPAN_FMT(buf_span(to)));
}

void collect(int fd, struct buf *to)
{
        while (collect_some(fd, to))
                ;
        close(fd);
        buf_put_u8(to, 0);
}

struct running run_start(const struct box *b, const char *input)
{
        int in[2], out[2], err[2];
        struct running r;

        assert_int_equal(pipe2(in, O_CLOEXEC) | pipe2(out, O_CLOEXEC) | pipe2(err, O_CLOEXEC), 0);
        r.pid = fork();
        if (r.pid == 0) {
                close(in[1]);
                run_as_child(&b->spec, (int[]){in[0], out[1], err[1]});
        }
        assert_true(r.pid > 0);
        close(in[0]);
        close(out[1]);
        close(err[1]);
        assert_int_equal(write(in[1], input, strlen(input)), strlen(input));
        close(in[1]);
        r.out = out[0];
        r.err = err[0];
        return r;
}

void run_end(struct running r, struct result *ret)
{
        int status;

        collect(r.out, &ret->out);
        collect(r.err, &ret->err);
        assert_int_equal(waitpid(r.pid, &status, 0), r.pid);
        ret->status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void run(const struct box *b, const char *input, struct result *ret)
{
        run_end(run_start(b, input), ret);
}

void expect(const struct result *r, int status, const char *out)
{
        if (r->status != status || (out && strcmp((const char *)r->out.at, out) != 0))
                fail_msg("status %d, expected %d; output:\n%s\nerrors:\n%s", r->status, status, r->out.at, r->err.at);
}

void run_script(const char *script, int status, const char *out)
{
        struct result r CLEANUP(result_done) = {0};
        struct box b CLEANUP(box_done);

        box_init(&b, script);
        run(&b, "", &r);
        expect(&r, status, out);
}

bool has(const struct buf *b, const char *text)
{
        return strstr((const char *)b->at, text) != NULL;
}

void need(const struct result *r, const char *text)
{
        if (!has(&r->out, text))
                fail_msg("\"%s\" is missing in:\n%s\nerrors:\n%s", text, r->out.at, r->err.at);
}

void nothing_of(const char *id)
{
        struct buf mounts CLEANUP(buf_done) = {0};
        char command[200];
        struct err e;

        assert_true(file_read(AT_FDCWD, "/proc/self/mountinfo", 4u << 20, &mounts, &e));
        buf_put_u8(&mounts, 0);
        assert_false(has(&mounts, MONITOR_HOME));
        assert_false(has(&mounts, box_root.top));
        for (const char *const *p = (const char *const[]){"", "/memory", "/pids", "/freezer", "/unified", NULL}; *p;
             p++) {
                snprintf(command, sizeof(command), "/sys/fs/cgroup%s/coffer/%s", *p, id);
                assert_int_equal(access(command, F_OK), -1);
        }
}

/* ---- the root file system ---- */

static bool is_static(const char *path)
{
        Elf64_Ehdr h;
        Elf64_Phdr p;
        int fd CLEANUP(fd_close) = open(path, O_RDONLY | O_CLOEXEC);

        if (fd < 0 || pread(fd, &h, sizeof(h), 0) != (ssize_t)sizeof(h) || h.e_ident[EI_CLASS] != ELFCLASS64)
                return false;
        for (unsigned i = 0; i < h.e_phnum; i++) {
                if (pread(fd, &p, sizeof(p), (off_t)(h.e_phoff + i * sizeof(p))) != (ssize_t)sizeof(p) ||
                    p.p_type == PT_INTERP)
                        return false;
        }
        return true;
}

static int folder_at(int dir, const char *name, uid_t id)
{
        struct err e;
        int fd;

        assert_true(dir_make(dir, name, 0755, &fd, &e));
        assert_int_equal(fchown(fd, id, id), 0);
        return fd;
}

static void file_at(int dir, const char *name, struct span content, mode_t mode, uid_t uid, gid_t gid)
{
        struct err e;

        assert_true(file_replace(dir, name, content, mode, &e));
        assert_int_equal(fchownat(dir, name, uid, gid, 0), 0);
        assert_int_equal(fchmodat(dir, name, mode, 0), 0);
}

static void base_make(int root, struct span busybox, uid_t id)
{
        static const char *const tools[] = {"sh", "cat", "ls", "id", "grep", "stat", "chmod", "chown", "mkdir", "mknod",
            "mount", "unshare", "chroot", "hostname", "date", "dmesg", "swapoff", "sleep", "true", "false", "tr",
            "head", "tail", "wc", "touch", "rm", "tty", "stty", "readlink", "ip", "kill", "test", "echo"};
        int bin = folder_at(root, "bin", id), etc = folder_at(root, "etc", id), opt = folder_at(root, "opt", id);

        close(folder_at(root, "tmp", id));
        file_at(bin, "busybox", busybox, 0755, id, id);
        for (size_t i = 0; i < ARRAY_LEN(tools); i++) {
                assert_int_equal(symlinkat("busybox", bin, tools[i]), 0);
                assert_int_equal(fchownat(bin, tools[i], id, id, AT_SYMLINK_NOFOLLOW), 0);
        }
        file_at(
            etc, "passwd", SPAN_LIT("root:x:0:0::/root:/bin/sh\nbob:x:1000:1001::/home/bob:/bin/sh\n"), 0644, id, id);
        file_at(etc, "group", SPAN_LIT("root:x:0:\nbob:x:1001:\nwheel:x:10:bob\n"), 0644, id, id);
        file_at(etc, "gone", SPAN_LIT("removed by the second layer\n"), 0644, id, id);
        file_at(opt, "below", SPAN_LIT("hidden by the second layer\n"), 0644, id, id);
        close(bin);
        close(etc);
        close(opt);
}

/* As coffer-unpack leaves them: whiteouts are character devices 0:0, opaque folders have user.overlay.opaque. */
static void second_make(int root)
{
        int etc = folder_at(root, "etc", LAYERS), opt = folder_at(root, "opt", LAYERS);

        file_at(etc, "two", SPAN_LIT("second layer\n"), 0640, LAYERS + 1000, LAYERS + 1001);
        assert_int_equal(mknodat(etc, "gone", S_IFCHR, makedev(0, 0)), 0);
        file_at(opt, "top", SPAN_LIT("x"), 0644, LAYERS, LAYERS);
        assert_int_equal(fsetxattr(opt, "user.overlay.opaque", "y", 1, 0), 0);
        close(etc);
        close(opt);
}

static const char *what_is_missing(const char *programs)
{
        static char monitor[4096];

        if (geteuid() != 0)
                return "starting containers needs root";
        if (!programs)
                return "the folder of the programs was not named";
        snprintf(monitor, sizeof(monitor), "%s/coffer-monitor", programs);
        if (access(monitor, X_OK) != 0)
                return "coffer-monitor is not built";
        if (!is_static("/bin/busybox"))
                return "/bin/busybox is not a static program (apt-get install busybox-static)";
        if (access("/usr/bin/crun", X_OK) != 0)
                return "crun is not installed (apt-get install crun)";
        return NULL;
}

int box_skip_setup(void **state)
{
        (void)state;
        if (why_not) {
                print_message("skipped: %s\n", why_not);
                skip();
        }
        return 0;
}

static int group_setup(void **state)
{
        struct buf busybox CLEANUP(buf_done) = {0};
        struct err e;
        (void)state;

        if (why_not)
                return 0;
        assert_non_null(mkdtemp(box_root.top));
        box_root.fd = open(box_root.top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        assert_true(box_root.fd >= 0);
        assert_true(file_read(AT_FDCWD, "/bin/busybox", 16u << 20, &busybox, &e));
        box_root.layers[0] = folder_at(box_root.fd, "layer0", LAYERS);
        box_root.layers[1] = folder_at(box_root.fd, "layer1", LAYERS);
        box_root.root_folder = folder_at(box_root.fd, "root", 0);
        base_make(box_root.layers[0], buf_span(&busybox), LAYERS);
        second_make(box_root.layers[1]);
        base_make(box_root.root_folder, buf_span(&busybox), 0);
        return 0;
}

static int group_teardown(void **state)
{
        struct err e;
        (void)state;

        if (why_not)
                return 0;
        for (unsigned i = 0; i < next_id; i++) { /* a test that failed left its container running */
                int dir CLEANUP(fd_close) = openat(box_root.fd, ids[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);

                if (dir >= 0 && runtime_stop(dir, SIGKILL, 5, &e) && runtime_reap(dir, ids[i], &e))
                        (void)runtime_remove(dir, ids[i], &e);
        }
        close(box_root.layers[0]);
        close(box_root.layers[1]);
        close(box_root.root_folder);
        close(box_root.fd);
        return tree_remove(AT_FDCWD, box_root.top, &e) ? 0 : -1;
}

int box_main(int argc, char **argv, const char *group, const struct CMUnitTest *tests, size_t n)
{
        why_not = what_is_missing(argc > 1 ? argv[1] : NULL);
        if (!why_not)
                setenv("COFFER_LIBEXEC", argv[1], 1);
        signal(SIGPIPE, SIG_IGN);
        return _cmocka_run_group_tests(group, tests, n, group_setup, group_teardown);
}
