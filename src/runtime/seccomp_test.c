/* The table itself; and the filter that libseccomp makes of it, tried on this process's children. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/base.h"
#include "runtime/seccomp_priv.h"

/* Written down a second time on purpose: a change of the table must be meant. */
static const char *const never[] = {"unshare", "setns", "mount", "umount2", "pivot_root", "move_mount", "open_tree",
    "fsopen", "fsmount", "fsconfig", "fspick", "mount_setattr", "bpf", "perf_event_open", "userfaultfd",
    "io_uring_setup", "io_uring_enter", "io_uring_register", "keyctl", "add_key", "request_key", "ptrace",
    "process_vm_readv", "process_vm_writev", "pidfd_getfd", "kcmp", "open_by_handle_at", "fanotify_init", "init_module",
    "finit_module", "delete_module", "kexec_load", "kexec_file_load", "reboot", "swapon", "swapoff", "sethostname",
    "setdomainname", "settimeofday", "clock_settime", "clock_adjtime", "adjtimex", "syslog", "acct", "quotactl", "iopl",
    "ioperm", "modify_ldt", "clone3", "socketcall"};

static bool allowed(const char *name)
{
        for (size_t i = 0; i < seccomp_n_allowed; i++) {
                for (const char *const *n = seccomp_allowed[i].names; *n; n++) {
                        if (strcmp(*n, name) == 0)
                                return true;
                }
        }
        for (size_t i = 0; i < seccomp_n_rules; i++) {
                if (seccomp_rules[i].allow && strcmp(seccomp_rules[i].name, name) == 0)
                        return true;
        }
        return false;
}

static void nothing_forbidden_is_allowed(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(never); i++) {
                if (allowed(never[i]))
                        fail_msg("%s is allowed", never[i]);
        }
        for (const char *const *n = seccomp_refused; *n; n++) {
                if (allowed(*n))
                        fail_msg("%s is refused and allowed", *n);
        }
}

static void every_name_is_a_system_call(void **state)
{
        (void)state;
        for (size_t i = 0; i < seccomp_n_allowed; i++) {
                for (const char *const *n = seccomp_allowed[i].names; *n; n++) {
                        if (seccomp_syscall_resolve_name(*n) == __NR_SCMP_ERROR)
                                fail_msg("%s: no such call", *n);
                        for (const char *const *m = n + 1; *m; m++)
                                assert_string_not_equal(*n, *m);
                }
        }
        for (size_t i = 0; i < seccomp_n_rules; i++) {
                if (seccomp_syscall_resolve_name(seccomp_rules[i].name) == __NR_SCMP_ERROR)
                        fail_msg("%s: no such call", seccomp_rules[i].name);
        }
        for (const char *const *n = seccomp_refused; *n; n++) {
                if (seccomp_syscall_resolve_name(*n) == __NR_SCMP_ERROR)
                        fail_msg("%s: no such call", *n);
        }
}

/* As crun and runc do it: seccomp_rule_add for each name. Calls of other architectures are passed over. */
static scmp_filter_ctx filter_make(bool no_set_id)
{
        scmp_filter_ctx f = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));

        assert_non_null(f);
        for (size_t i = 0; i < seccomp_n_allowed; i++) {
                for (const char *const *n = seccomp_allowed[i].names; *n; n++)
                        seccomp_rule_add(f, SCMP_ACT_ALLOW, seccomp_syscall_resolve_name(*n), 0);
        }
        for (size_t i = 0; i < seccomp_n_rules; i++) {
                const struct seccomp_rule *r = &seccomp_rules[i];
                uint32_t action = r->allow ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO(r->errno_ret ? r->errno_ret : EPERM);
                bool masked = r->has_arg && strcmp(r->arg.op, "SCMP_CMP_MASKED_EQ") == 0;
                struct scmp_arg_cmp c = {.arg = r->arg.index,
                    .op = masked ? SCMP_CMP_MASKED_EQ : SCMP_CMP_EQ,
                    .datum_a = r->arg.value,
                    .datum_b = r->arg.value_two};
                int rc;

                /* libseccomp refuses a rule that says what the default says, and so the runtimes pass over it. */
                if (action == SCMP_ACT_ERRNO(ENOSYS) || r->when == (no_set_id ? SECCOMP_PLAIN : SECCOMP_NO_SET_ID))
                        continue;
                rc = seccomp_rule_add_array(f, action, seccomp_syscall_resolve_name(r->name), r->has_arg ? 1 : 0, &c);
                if (rc != 0)
                        fail_msg("rule %zu (%s): %s", i, r->name, strerror(-rc));
        }
        for (const char *const *n = seccomp_refused; *n; n++)
                seccomp_rule_add(f, SCMP_ACT_ERRNO(EPERM), seccomp_syscall_resolve_name(*n), 0);
        return f;
}

struct attempt {
        const char *what;
        long number;
        long args[6];
        int expected; /* errno; 0: it succeeds */
};

/* In a child under the filter: the errno of each attempt, by shared memory. */
static void try_all(bool no_set_id, const struct attempt *list, size_t n, int *ret_errno)
{
        scmp_filter_ctx f = filter_make(no_set_id);
        int *shared = mmap(NULL, n * sizeof(int), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        int status = -1;
        pid_t pid;

        assert_ptr_not_equal(shared, MAP_FAILED);
        memset(shared, 0xff, n * sizeof(int));
        pid = fork();
        if (pid == 0) {
                if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || seccomp_load(f) != 0)
                        _exit(9);
                for (size_t i = 0; i < n; i++) {
                        const long *a = list[i].args;
                        long rc = syscall(list[i].number, a[0], a[1], a[2], a[3], a[4], a[5]);

                        shared[i] = rc < 0 ? errno : 0;
                        if (rc == 0 && list[i].number == SYS_clone)
                                _exit(0);
                }
                _exit(0);
        }
        assert_true(pid > 0);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(status, 0);
        memcpy(ret_errno, shared, n * sizeof(int));
        munmap(shared, n * sizeof(int));
        seccomp_release(f);
}

static void check(bool no_set_id, const struct attempt *list, size_t n)
{
        int got[64];

        assert_true(n <= ARRAY_LEN(got));
        try_all(no_set_id, list, n, got);
        for (size_t i = 0; i < n; i++) {
                if (got[i] != list[i].expected)
                        fail_msg(
                            "%s: errno %d (%s), expected %d", list[i].what, got[i], strerror(got[i]), list[i].expected);
        }
}

static void the_filter_refuses(void **state)
{
        static const struct attempt list[] = {
            {"unshare", SYS_unshare, {CLONE_NEWUSER}, EPERM},
            {"clone into a user namespace", SYS_clone, {CLONE_NEWUSER | 17}, EPERM},
            {"clone into a mount namespace", SYS_clone, {CLONE_NEWNS | 17}, EPERM},
            {"clone into a user and a network namespace", SYS_clone, {CLONE_NEWUSER | CLONE_NEWNET | 17}, EPERM},
            {"clone3", SYS_clone3, {0, 0}, ENOSYS},
            {"mount", SYS_mount, {0}, EPERM},
            {"bpf", SYS_bpf, {0}, EPERM},
            {"io_uring_setup", SYS_io_uring_setup, {0}, EPERM},
            {"keyctl", SYS_keyctl, {0}, EPERM},
            {"userfaultfd", SYS_userfaultfd, {0}, EPERM},
            {"ptrace", SYS_ptrace, {0}, EPERM},
            {"AF_VSOCK", SYS_socket, {AF_VSOCK, SOCK_STREAM, 0}, EAFNOSUPPORT},
            {"AF_ALG", SYS_socket, {AF_ALG, SOCK_SEQPACKET, 0}, EAFNOSUPPORT},
            {"AF_PACKET", SYS_socket, {AF_PACKET, SOCK_RAW, 0}, EAFNOSUPPORT},
            {"AF_TIPC", SYS_socket, {30, SOCK_STREAM, 0}, ENOSYS},
            /* The kernel looks at the lower half of the register alone; the filter must not be fooled by the upper. */
            {"AF_VSOCK with a high bit", SYS_socket, {(1L << 32) | AF_VSOCK, SOCK_STREAM, 0}, ENOSYS},
            {"a socket pair of AF_TIPC", SYS_socketpair, {30, SOCK_STREAM, 0, 0}, ENOSYS},
            {"READ_IMPLIES_EXEC", SYS_personality, {0x0400000}, ENOSYS},
            {"a call that nobody knows", 9999, {0}, ENOSYS},
        };
        (void)state;
        check(false, list, ARRAY_LEN(list));
        check(true, list, ARRAY_LEN(list));
}

static void the_filter_allows(void **state)
{
        static const char shm[] = "/dev/null";
        const struct attempt list[] = {
            {"getpid", SYS_getpid, {0}, 0},
            {"unix socket", SYS_socket, {AF_UNIX, SOCK_STREAM, 0}, 0},
            {"inet socket", SYS_socket, {AF_INET, SOCK_STREAM, 0}, 0},
            {"netlink socket", SYS_socket, {AF_NETLINK, SOCK_RAW, 0}, 0},
            {"personality asked for", SYS_personality, {0xffffffff}, 0},
            {"memfd_create", SYS_memfd_create, {(long)(intptr_t)shm, 0}, 0},
            {"openat", SYS_openat, {AT_FDCWD, (long)(intptr_t)shm, O_RDONLY, 06777}, 0},
            {"fork by clone", SYS_clone, {17}, 0},
        };
        (void)state;
        check(false, list, ARRAY_LEN(list));
        check(true, list, ARRAY_LEN(list));
}

static void no_set_id_bits_with_writable_volumes(void **state)
{
        char path[] = "/tmp/coffer-seccomp-XXXXXX";
        char other[64];
        int fd = mkstemp(path);
        const long at = (long)(intptr_t)path, at2 = (long)(intptr_t)other;
        const struct attempt refused[] = {
            {"chmod u+s", SYS_chmod, {at, 04755}, EPERM},
            {"chmod g+s", SYS_chmod, {at, 02755}, EPERM},
            {"chmod ug+s", SYS_chmod, {at, 06755}, EPERM},
            {"fchmod u+s", SYS_fchmod, {fd, 04700}, EPERM},
            {"fchmodat g+s", SYS_fchmodat, {AT_FDCWD, at, 02711}, EPERM},
            {"creat u+s", SYS_creat, {at2, 04755}, EPERM},
            {"mknod u+s", SYS_mknod, {at2, S_IFREG | 04755}, EPERM},
            {"mknodat g+s", SYS_mknodat, {AT_FDCWD, at2, S_IFREG | 02755}, EPERM},
            {"open that creates u+s", SYS_open, {at2, O_CREAT | O_RDWR, 04755}, ENOSYS},
            {"openat that creates g+s", SYS_openat, {AT_FDCWD, at2, O_CREAT | O_RDWR, 02755}, ENOSYS},
            {"openat of a nameless u+s", SYS_openat, {AT_FDCWD, (long)(intptr_t) "/tmp", O_TMPFILE | O_RDWR, 04755},
                ENOSYS},
            {"openat2", SYS_openat2, {AT_FDCWD, at, 0, 0}, ENOSYS},
        };
        const struct attempt fine[] = {
            {"chmod", SYS_chmod, {at, 01755}, 0},
            {"fchmod", SYS_fchmod, {fd, 0600}, 0},
            {"open", SYS_open, {at, O_RDONLY, 04755}, 0},
            {"openat that creates", SYS_openat, {AT_FDCWD, at, O_CREAT | O_RDWR, 0644}, 0},
            {"mkdir", SYS_mkdir, {at2, 0755}, 0},
        };
        struct stat st;
        (void)state;

        assert_true(fd >= 0);
        snprintf(other, sizeof(other), "%s.2", path);
        check(true, refused, ARRAY_LEN(refused));
        assert_int_equal(fstat(fd, &st), 0);
        assert_int_equal(st.st_mode & 07000, 0);
        assert_int_equal(access(other, F_OK), -1);
        check(true, fine, ARRAY_LEN(fine));
        rmdir(other);
        unlink(path);
        close(fd);
}

#if defined(__x86_64__)
/* System calls by the i386 gate have other numbers: without allow_32bit they end the program. */
static void the_32_bit_gate_is_closed(void **state)
{
        scmp_filter_ctx f = filter_make(false);
        int status = 0;
        pid_t pid;
        (void)state;

        pid = fork();
        if (pid == 0) {
                long rc = 20; /* getpid of i386 */

                if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || seccomp_load(f) != 0)
                        _exit(9);
                __asm__ volatile("int $0x80" : "+a"(rc) : : "memory", "r8", "r9", "r10", "r11");
                _exit(0);
        }
        assert_true(pid > 0);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFSIGNALED(status));
        assert_int_equal(WTERMSIG(status), SIGSYS);
        seccomp_release(f);
}
#endif

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(nothing_forbidden_is_allowed),
                cmocka_unit_test(every_name_is_a_system_call),
                cmocka_unit_test(the_filter_refuses),
                cmocka_unit_test(the_filter_allows),
                cmocka_unit_test(no_set_id_bits_with_writable_volumes),
#if defined(__x86_64__)
                cmocka_unit_test(the_32_bit_gate_is_closed),
#endif
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
