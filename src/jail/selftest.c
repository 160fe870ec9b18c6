#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/keyctl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "jail/selftest_priv.h"

/*
 * Each act goes through the raw system call: no library may refuse it first. A child that an act should make after all
 * ends at once.
 */
static void child_ends(long pid)
{
        if (pid == 0)
                syscall(SYS_exit_group, 0);
}

static void act_openat2(void)
{
        struct open_how how = {.flags = O_RDONLY | O_CLOEXEC};

        syscall(SYS_openat2, AT_FDCWD, "/", &how, sizeof(how));
}

static void act_openat(void)
{
        syscall(SYS_openat, AT_FDCWD, "/", O_RDONLY | O_CLOEXEC, 0);
}

static void act_create(void)
{
        syscall(SYS_openat, AT_FDCWD, "/tmp/coffer-selftest", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
}

static void act_unlink(void)
{
        syscall(SYS_unlinkat, AT_FDCWD, "/nonexistent/coffer-selftest", 0);
}

static void act_readlink(void)
{
        char to[64];

        syscall(SYS_readlinkat, AT_FDCWD, "/proc/self/exe", to, sizeof(to));
}

static void act_socket(void)
{
        syscall(SYS_socket, AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static void act_socketpair(void)
{
        int pair[2];

        syscall(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, pair);
}

static void act_connect(void)
{
        struct sockaddr_un to = {.sun_family = AF_UNIX, .sun_path = "/nonexistent"};

        syscall(SYS_connect, 0, &to, sizeof(to));
}

static void act_execve(void)
{
        char *const argv[] = {(char *)"true", NULL}, *const envp[] = {NULL};

        syscall(SYS_execve, "/bin/true", argv, envp);
}

static void act_execveat(void)
{
        char *const argv[] = {(char *)"true", NULL}, *const envp[] = {NULL};

        syscall(SYS_execveat, AT_FDCWD, "/bin/true", argv, envp, 0);
}

static void act_ptrace(void)
{
        syscall(SYS_ptrace, PTRACE_TRACEME, 0, NULL, NULL);
}

static void act_process_vm_readv(void)
{
        syscall(SYS_process_vm_readv, getpid(), NULL, 0, NULL, 0, 0);
}

static void act_clone(void)
{
        child_ends(syscall(SYS_clone, (unsigned long)SIGCHLD, 0, 0, 0, 0));
}

static void act_clone_newuser(void)
{
        child_ends(syscall(SYS_clone, (unsigned long)(CLONE_NEWUSER | SIGCHLD), 0, 0, 0, 0));
}

#ifdef SYS_fork
static void act_fork(void)
{
        child_ends(syscall(SYS_fork));
}

/* Should the filter miss it, the child spoils this very stack: that worker then dies by another signal than SIGSYS. */
static void act_vfork(void)
{
        child_ends(syscall(SYS_vfork));
}
#endif

static void act_mmap_exec(void)
{
        syscall(SYS_mmap, NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void act_mprotect_exec(void)
{
        static char page[8192] __attribute__((aligned(4096)));

        syscall(SYS_mprotect, page, 4096, PROT_READ | PROT_EXEC);
}

static void act_pkey_mprotect_exec(void)
{
        static char page[8192] __attribute__((aligned(4096)));

        syscall(SYS_pkey_mprotect, page, 4096, PROT_READ | PROT_EXEC, -1);
}

/* Signal 0 to the first process harms nobody; asking for the parent's number would be a forbidden act of its own. */
static void act_kill(void)
{
        syscall(SYS_kill, 1, 0);
}

static void act_tgkill_other(void)
{
        syscall(SYS_tgkill, 1, 1, 0);
}

static void act_tgkill_self_other_signal(void)
{
        syscall(SYS_tgkill, syscall(SYS_getpid), syscall(SYS_gettid), 0);
}

static void act_pidfd_open(void)
{
        syscall(SYS_pidfd_open, 1, 0u);
}

static void act_io_uring(void)
{
        char params[256] = {0};

        syscall(SYS_io_uring_setup, 1u, params);
}

static void act_bpf(void)
{
        char attr[128] = {0};

        syscall(SYS_bpf, BPF_PROG_LOAD, attr, sizeof(attr));
}

static void act_mount(void)
{
        syscall(SYS_mount, "none", "/nonexistent", "tmpfs", 0ul, NULL);
}

static void act_fsopen(void)
{
        syscall(SYS_fsopen, "tmpfs", 0u);
}

static void act_unshare(void)
{
        syscall(SYS_unshare, CLONE_NEWUSER);
}

static void act_setns(void)
{
        syscall(SYS_setns, -1, 0);
}

static void act_userfaultfd(void)
{
        syscall(SYS_userfaultfd, O_CLOEXEC);
}

static void act_keyctl(void)
{
        syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0);
}

static void act_perf_event_open(void)
{
        syscall(SYS_perf_event_open, NULL, 0, -1, -1, 0ul);
}

static void act_memfd_create(void)
{
        syscall(SYS_memfd_create, "selftest", 0u);
}

static void act_dup(void)
{
        syscall(SYS_dup3, 0, 60, 0);
}

static void act_ioctl(void)
{
        syscall(SYS_ioctl, 0, 0x5412 /* TIOCSTI: types into the terminal */, "x");
}

static void act_prctl(void)
{
        syscall(SYS_prctl, 4 /* PR_SET_DUMPABLE */, 1, 0, 0, 0);
}

static void act_setrlimit(void)
{
        syscall(SYS_prlimit64, 0, 0, NULL, NULL);
}

static void act_setuid(void)
{
        syscall(SYS_setuid, 0);
}

static void act_chroot(void)
{
        syscall(SYS_chroot, "/");
}

static void act_seccomp(void)
{
        syscall(SYS_seccomp, 0u, 0u, NULL);
}

#ifdef __x86_64__
/* The same calls under other numbers: x32, of which the kernel need not know for the filter to see it. */
static void act_x32(void)
{
        syscall(0x40000000L + SYS_getpid);
}
#endif

struct act {
        const char *name;
        void (*attempt)(void);
};

#ifdef SYS_fork
#define ACTS_FORK(X) X("fork", act_fork) X("vfork", act_vfork)
#else
#define ACTS_FORK(X)
#endif
#ifdef __x86_64__
#define ACTS_X86(X) X("x32", act_x32)
#else
#define ACTS_X86(X)
#endif

/* One list: the public names and the worker's table can't differ. */
#define ACTS(X)                                         \
        X("open", act_openat)                           \
        X("openat2", act_openat2)                       \
        X("create", act_create)                         \
        X("unlink", act_unlink)                         \
        X("readlink", act_readlink)                     \
        X("socket", act_socket)                         \
        X("socketpair", act_socketpair)                 \
        X("connect", act_connect)                       \
        X("execve", act_execve)                         \
        X("execveat", act_execveat)                     \
        X("ptrace", act_ptrace)                         \
        X("process-vm-readv", act_process_vm_readv)     \
        X("clone", act_clone)                           \
        X("clone-newuser", act_clone_newuser)           \
        ACTS_FORK(X)                                    \
        X("mmap-exec", act_mmap_exec)                   \
        X("mprotect-exec", act_mprotect_exec)           \
        X("pkey-mprotect-exec", act_pkey_mprotect_exec) \
        X("kill-other", act_kill)                       \
        X("tgkill-other", act_tgkill_other)             \
        X("tgkill-self", act_tgkill_self_other_signal)  \
        X("pidfd-open", act_pidfd_open)                 \
        X("io-uring", act_io_uring)                     \
        X("bpf", act_bpf)                               \
        X("mount", act_mount)                           \
        X("fsopen", act_fsopen)                         \
        X("unshare", act_unshare)                       \
        X("setns", act_setns)                           \
        X("userfaultfd", act_userfaultfd)               \
        X("keyctl", act_keyctl)                         \
        X("perf-event-open", act_perf_event_open)       \
        X("memfd-create", act_memfd_create)             \
        X("dup", act_dup)                               \
        X("ioctl", act_ioctl)                           \
        X("prctl", act_prctl)                           \
        X("prlimit", act_setrlimit)                     \
        X("setuid", act_setuid)                         \
        X("chroot", act_chroot)                         \
        X("seccomp", act_seccomp)                       \
        ACTS_X86(X)

#define ACT_NAME(name, attempt) name,
#define ACT_ROW(name, attempt) {name, attempt},

const char *const jail_forbidden_acts[] = {ACTS(ACT_NAME) NULL};
static const struct act acts[] = {ACTS(ACT_ROW)};

static const struct act *act_find(struct span name)
{
        for (size_t i = 0; i < ARRAY_LEN(acts); i++)
                if (span_is(name, acts[i].name))
                        return &acts[i];
        return NULL;
}

/* "begin" reaches the parent before the act, "survived" only after it: a death in between is the act's. */
static bool selftest_run(size_t n_fds, struct err *e)
{
        struct arena *a CLEANUP(arena_freep) = arena_new();
        const struct act *act;
        struct span name;

        (void)n_fds;
        if (!jail_request(a, &name, e))
                return false;
        act = act_find(name);
        if (!act)
                return err_set(e, ERR_NOT_FOUND, "selftest has no such act");
        if (!jail_answer(SPAN_LIT("begin"), e))
                return false;
        act->attempt();
        return jail_answer(SPAN_LIT("survived"), e);
}

const struct jail_job selftest_jobs[] = {
    {.name = "selftest", .run = selftest_run},
    {.name = "selftest-threads", .threads = true, .run = selftest_run},
};
const size_t selftest_n_jobs = ARRAY_LEN(selftest_jobs);

/* ---- the parent's side ---- */

static bool selftest_killed(struct jail_task *t)
{
        return !t->ok && t->signal == SIGSYS && span_is(buf_span(&t->answer), "begin");
}

bool jail_selftest(const char *act, bool *ret_killed, struct jail_state *ret_state, struct err *e)
{
        struct jail_task tasks[ARRAY_LEN(selftest_jobs)] = {0};
        struct jail_state state = {0};
        bool ok, killed = true;

        if (!act_find(span_of(act)))
                return err_set(e, ERR_NOT_FOUND, "no such act: %s", act);
        for (size_t i = 0; i < ARRAY_LEN(tasks); i++)
                tasks[i] = (struct jail_task){.job = selftest_jobs[i].name, .request = span_of(act), .what = act};
        ok = jail_run(tasks, ARRAY_LEN(tasks), 0, e);
        for (size_t i = 0; i < ARRAY_LEN(tasks); i++) {
                killed = killed && selftest_killed(&tasks[i]);
                buf_done(&tasks[i].answer);
        }
        state = tasks[0].state;
        if (!ok)
                return false;
        *ret_killed = killed;
        if (ret_state)
                *ret_state = state;
        return true;
}
