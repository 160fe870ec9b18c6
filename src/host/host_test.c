#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "host/btf_priv.h"
#include "host/facts_priv.h"

static const char *arg_self, *arg_worker, *arg_deny;
static char folder[] = "/tmp/coffer-host-test-XXXXXX";
static struct host_facts facts; /* of one probe, which several tests look at */

static const char *const names[] = {"kernel", "user-namespaces", "seccomp", "seccomp-notification", "landlock",
    "cgroups", "jail", "overlayfs", "overlayfs-userxattr", "idmapped-mounts", "device-mapper", "loop", "fuse", "kvm",
    "tpm", "secure-boot", "bpf-socket-filter", "bpf-cgroup-skb", "bpf-tracepoint", "bpf-raw-tracepoint", "bpf-kprobe",
    "bpf-tp-btf", "bpf-fentry", "bpf-lsm", "crun", "runc", "memory", "swap", "cpus", "aes-instructions", "capabilities",
    "open-files"};

static void mounts_read(struct buf *to)
{
        struct err e = {0};
        int fd CLEANUP(fd_close) = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
        uint8_t *at = buf_reserve(to, 1 << 20);

        assert_true(fd >= 0 && fd_read_full(fd, at, 1 << 20, &to->len, &e));
}

static void every_fact_is_there_and_complete(void **state)
{
        struct buf before = {0}, after = {0};
        char cwd_before[512], cwd_after[512];
        struct err e = {0};

        (void)state;
        mounts_read(&before);
        assert_non_null(getcwd(cwd_before, sizeof(cwd_before)));
        if (!host_probe(&facts, &e))
                fail_msg("%s", e.text);
        for (size_t i = 0; i < ARRAY_LEN(names); i++)
                if (!host_fact_find(&facts, names[i]))
                        fail_msg("no fact %s", names[i]);
        assert_null(host_fact_find(&facts, "coffee"));
        assert_true(facts.n < HOST_FACTS_MAX);
        for (size_t i = 0; i < facts.n; i++) {
                const struct host_fact *f = &facts.at[i];
                assert_true(f->area[0] && f->name[0] && f->detail[0] && f->means[0]);
                assert_ptr_equal(host_fact_find(&facts, f->name), f); /* no name twice */
                assert_false(span_has_control(span_of(f->detail)));
        }
        /* The probe left nothing: no mount, no child, no other folder. */
        mounts_read(&after);
        assert_true(span_equal(buf_span(&before), buf_span(&after)));
        assert_non_null(getcwd(cwd_after, sizeof(cwd_after)));
        assert_string_equal(cwd_before, cwd_after);
        assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
        buf_done(&before);
        buf_done(&after);
}

static enum host_state state_of_fact(const char *name)
{
        const struct host_fact *f = host_fact_find(&facts, name);

        assert_non_null(f);
        return f->state;
}

/* Facts that hang together on any machine. */
static void facts_agree(void **state)
{
        (void)state;
        assert_int_equal(state_of_fact("kernel"), HOST_YES);
        /* This program ran workers: what they need is there, and the acts were tried by the real filter. */
        assert_true(state_of_fact("jail") >= HOST_LIMITED);
        assert_true(state_of_fact("landlock") >= HOST_LIMITED);
        assert_int_equal(state_of_fact("seccomp"), HOST_YES);
        assert_non_null(strstr(host_fact_find(&facts, "jail-acts")->detail, "forbidden acts were killed"));
        if (access("/dev/kvm", F_OK) != 0)
                assert_int_equal(state_of_fact("kvm"), HOST_NO);
        if (access("/sys/firmware/efi", F_OK) != 0)
                assert_int_equal(state_of_fact("secure-boot"), HOST_NO);
        if (access("/dev/mapper/control", F_OK) != 0)
                assert_int_equal(state_of_fact("device-mapper"), HOST_NO);
        if (geteuid() != 0)
                assert_int_equal(state_of_fact("idmapped-mounts"), HOST_UNKNOWN);
        assert_string_equal(host_state_name(HOST_LIMITED), "limited");
        assert_string_equal(host_state_name((enum host_state)77), "unknown");
}

/* ---- a machine that lacks something ---- */

/* Runs this program's "print" with system calls taken away. */
static void probe_denied(const char *rule, char *ret, size_t size)
{
        char *argv[] = {(char *)arg_deny, (char *)rule, (char *)"--", (char *)arg_self, (char *)arg_worker,
            (char *)arg_deny, (char *)"print", NULL};
        int ends[2], status;
        size_t n = 0;
        ssize_t got;

        assert_int_equal(pipe(ends), 0);
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
                dup2(ends[1], 1);
                execv(argv[0], argv);
                _exit(127);
        }
        close(ends[1]);
        while (n < size - 1 && (got = read(ends[0], ret + n, size - 1 - n)) > 0)
                n += (size_t)got;
        ret[n] = 0;
        close(ends[0]);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void missing_things_are_seen(void **state)
{
        const struct {
                const char *rule, *says[4];
        } rows[] = {
            {"landlock_create_ruleset=ENOSYS",
                {"\nlandlock no ", "\njail no no sandbox, no parse: the kernel offers no Landlock"}},
            {"seccomp=ENOSYS", {"\nseccomp no ", "\nseccomp-notification no ", "\njail no "}},
            {"unshare=EPERM", {"\nuser-namespaces no ", "\noverlayfs-userxattr no ", "\njail-network limited "}},
            {"bpf=EPERM", {geteuid() == 0 ? "\nbpf-socket-filter no " : "\nbpf-socket-filter limited ",
                              "loading one: Operation not permitted"}},
            {"mount=EPERM", {"\noverlayfs-userxattr no "}},
            {"ioctl=ENOTTY", {"\nkernel yes "}},
        };
        static char out[32768];

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                probe_denied(rows[i].rule, out, sizeof(out));
                for (size_t k = 0; k < ARRAY_LEN(rows[i].says) && rows[i].says[k]; k++)
                        if (!strstr(out, rows[i].says[k]))
                                fail_msg("%s: \"%s\" is not in: %s", rows[i].rule, rows[i].says[k] + 1, out);
        }
        /* The last one: no device answers, so none may be called there. */
        assert_null(strstr(out, "\nkvm yes "));
        assert_null(strstr(out, "\nloop yes "));
        assert_null(strstr(out, "\ndevice-mapper yes "));
}

/* ---- children ---- */

static int attempt_value(void *ctx, char text[HOST_DETAIL_MAX])
{
        snprintf(text, HOST_DETAIL_MAX, "seen");
        return *(int *)ctx;
}

static int attempt_crash(void *ctx, char text[HOST_DETAIL_MAX])
{
        (void)ctx;
        (void)text;
        raise(SIGKILL);
        return 0;
}

static int attempt_hang(void *ctx, char text[HOST_DETAIL_MAX])
{
        (void)ctx;
        (void)text;
        for (;;)
                pause();
        return 0;
}

static void attempts_are_contained(void **state)
{
        int value = EPERM;
        struct try_out t;
        struct err e = {0};

        (void)state;
        assert_true(try_in_child(attempt_value, &value, &t, &e));
        assert_int_equal(t.result, EPERM);
        assert_string_equal(t.text, "seen");
        assert_true(try_in_child(attempt_crash, NULL, &t, &e));
        assert_int_equal(t.result, -1);
        assert_true(try_in_child(attempt_hang, NULL, &t, &e));
        assert_int_equal(t.result, -1);
        assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
        file_cancel_flag = 1;
        assert_false(try_in_child(attempt_value, &value, &t, &e));
        assert_false(host_probe(&facts, &e));
        file_cancel_flag = 0;
        assert_int_equal(e.kind, ERR_CANCELLED);
}

static void program_write(const char *name, const char *script)
{
        char path[256];
        int fd;

        snprintf(path, sizeof(path), "%s/%s", folder, name);
        fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
        assert_true(fd >= 0);
        assert_int_equal(write(fd, script, strlen(script)), (ssize_t)strlen(script));
        close(fd);
}

static void odd_programs_are_told(void **state)
{
        struct host_facts f = {0};
        struct err e = {0};
        char path[256], *old = strdup(getenv("PATH"));

        (void)state;
        program_write("crun", "#!/bin/sh\nprintf 'crun \\033[31m1.0\\nsecond line\\n'\n");
        program_write("runc", "#!/bin/sh\nexit 1\n");
        snprintf(path, sizeof(path), ".::%s", folder);
        setenv("PATH", path, 1);
        assert_true(probe_resources(&f, &e));
        snprintf(path, sizeof(path), "%s/crun: crun ?[31m1.0", folder);
        assert_string_equal(host_fact_find(&f, "crun")->detail, path);
        assert_int_equal(host_fact_find(&f, "crun")->state, HOST_YES);
        assert_int_equal(host_fact_find(&f, "runc")->state, HOST_LIMITED);
        snprintf(path, sizeof(path), "%s/crun", folder);
        unlink(path);
        snprintf(path, sizeof(path), "%s/runc", folder);
        unlink(path);
        f.n = 0;
        assert_true(probe_resources(&f, &e));
        assert_int_equal(host_fact_find(&f, "crun")->state, HOST_NO);
        setenv("PATH", old, 1);
        free(old);
}

/* ---- BTF ---- */

#define BTF_HEADER(types, strings) "\x9f\xeb\x01\x00\x18\0\0\0\0\0\0\0" types "\0\0\0" types "\0\0\0" strings "\0\0\0"
#define BTF_INT "\0\0\0\0\0\0\0\x01\x04\0\0\0\x20\0\0\0"
#define BTF_FUNC_NAMED(off) off "\0\0\0\0\0\0\x0c\x01\0\0\0"

static void btf_finds_by_kind_and_name(void **state)
{
        struct span btf = SPAN_LIT(BTF_HEADER("\x1c", "\x0c") BTF_INT BTF_FUNC_NAMED("\x03") "\0f\0vfs_open\0");
        uint32_t id = 0;
        struct err e = {0};

        (void)state;
        assert_true(btf_find(btf, BTF_FUNC_, "vfs_open", &id, &e));
        assert_int_equal(id, 2);
        assert_true(btf_find(btf, BTF_FUNC_, "vfs_ope", &id, &e));
        assert_int_equal(id, 0);
        assert_true(btf_find(btf, BTF_TYPEDEF_, "vfs_open", &id, &e));
        assert_int_equal(id, 0);
        for (size_t len = 0; len < btf.len; len++)
                assert_false(btf_find(span_cut(btf, 0, len), BTF_FUNC_, "x", &id, &e));
        assert_int_equal(e.kind, ERR_MALFORMED);
}

/* ---- */

static int print(void)
{
        struct err e = {0};

        if (!host_probe(&facts, &e)) {
                fprintf(stderr, "%s\n", e.text);
                return 1;
        }
        printf("\n");
        for (size_t i = 0; i < facts.n; i++)
                printf("%s %s %s\n", facts.at[i].name, host_state_name(facts.at[i].state), facts.at[i].detail);
        return 0;
}

int main(int argc, char **argv)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(every_fact_is_there_and_complete),
            cmocka_unit_test(facts_agree),
            cmocka_unit_test(missing_things_are_seen),
            cmocka_unit_test(attempts_are_contained),
            cmocka_unit_test(odd_programs_are_told),
            cmocka_unit_test(btf_finds_by_kind_and_name),
        };
        char path[256];
        int rc;

        if (argc < 3) {
                fprintf(stderr, "usage: %s WORKER DENY_SYSCALL [print]\n", argv[0]);
                return 2;
        }
        arg_self = argv[0];
        arg_worker = argv[1];
        arg_deny = argv[2];
        if (!mkdtemp(folder))
                return 2;
        snprintf(path, sizeof(path), "%s/coffer-worker", folder);
        if (symlink(arg_worker, path) != 0 || setenv("COFFER_LIBEXEC", folder, 1) != 0)
                return 2;
        rc = argc > 3 ? print() : cmocka_run_group_tests(tests, NULL, NULL);
        unlink(path);
        rmdir(folder);
        return rc;
}
