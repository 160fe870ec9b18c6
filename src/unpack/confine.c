/* The cage of coffer-unpack. What lies outside of it: descriptors 0 to 5, and the CPU. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "unpack/unpack_priv.h"

static bool missing(const char *what, struct err *e)
{
        return err_set(e, ERR_UNSUPPORTED, "no sandbox, nothing unpacked: %s: %s", what, strerror(errno));
}

bool confine_namespaces(struct err *e)
{
        if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS) != 0)
                return missing("own user, mount and network namespaces", e);
        return true;
}

static bool limit_set(int which, rlim_t max, struct err *e)
{
        struct rlimit r = {.rlim_cur = max, .rlim_max = max}, now;

        if (getrlimit((__rlimit_resource_t)which, &now) == 0 && now.rlim_max < max) /* an administrator's stays */
                r.rlim_cur = r.rlim_max = now.rlim_max;
        return setrlimit((__rlimit_resource_t)which, &r) == 0 || missing("a resource limit", e);
}

static bool limits_set(struct err *e)
{
#ifndef UNPACK_SANITIZER /* its shadow is terabytes of address space */
        if (!limit_set(RLIMIT_AS, UNPACK_MEMORY_MAX, e))
                return false;
#endif
        return limit_set(RLIMIT_CPU, UNPACK_CPU_S_MAX, e) && limit_set(RLIMIT_NOFILE, UNPACK_FDS_MAX, e) &&
               limit_set(RLIMIT_CORE, 0, e);
}

/* Root of the namespace only: the host's root has no id in it. */
static bool ids_take(struct err *e)
{
        pid_t parent = getppid();

        if (setgroups(0, NULL) != 0 || setresgid(0, 0, 0) != 0 || setresuid(0, 0, 0) != 0)
                return missing("the namespace's own ids", e);
        /* Changing ids cleared it; the parent may have gone meanwhile, and then nobody would end this. */
        if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
                return missing("to end with the parent", e);
        return true;
}

/* Over files of the mapped ids alone; making whiteouts is what MKNOD allows in a user namespace. */
static bool capabilities_keep(struct err *e)
{
        static const unsigned kept[] = {CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_FSETID, CAP_MKNOD};
        struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
        struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {0};

        for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
                data[kept[i] / 32].permitted |= 1u << kept[i] % 32;
                data[kept[i] / 32].effective |= 1u << kept[i] % 32;
        }
        return syscall(SYS_capset, &head, data) == 0 || missing("few capabilities", e);
}

/*
 * Files, folders, links and FIFOs in one folder; nothing is executed or read, no device but the whiteout, which
 * Landlock counts as a character device. Rights of an ABI newer than 3 are refused altogether where the kernel knows
 * them.
 */
static bool landlock_enter(int folder_fd, struct err *e)
{
        const uint64_t all_2 = (LANDLOCK_ACCESS_FS_MAKE_SYM << 2) - 1; /* up to REFER */
        const uint64_t truncate = 1ull << 14, ioctl_dev = 1ull << 15;
        long abi = syscall(SYS_landlock_create_ruleset, NULL, (size_t)0, LANDLOCK_CREATE_RULESET_VERSION);
        struct landlock_path_beneath_attr rule = {
            .allowed_access = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_DIR |
                              LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |
                              LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
                              LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_SYM | LANDLOCK_ACCESS_FS_REFER,
            .parent_fd = folder_fd,
        };
        struct {
                uint64_t handled_access_fs, handled_access_net, scoped;
        } attr = {.handled_access_fs = all_2};
        size_t size = sizeof(attr.handled_access_fs);
        int ruleset CLEANUP(fd_close) = -1;

        /* ABI 1 forbids every hard link between two folders. */
        if (abi < 2)
                return err_set(e, ERR_UNSUPPORTED,
                    "no sandbox, nothing unpacked: Landlock ABI %ld: use Linux 5.19 or newer with \"landlock\" in its "
                    "lsm= list",
                    abi < 0 ? 0 : abi);
        if (abi >= 3)
                attr.handled_access_fs |= truncate;
        if (abi >= 4) {
                attr.handled_access_net = 3; /* TCP bind, connect */
                size = 2 * sizeof(uint64_t);
        }
        if (abi >= 5)
                attr.handled_access_fs |= ioctl_dev;
        if (abi >= 6) {
                attr.scoped = 3; /* abstract sockets, signals */
                size = sizeof(attr);
        }
        ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, size, 0u);
        if (ruleset < 0 || syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0u) != 0 ||
            syscall(SYS_landlock_restrict_self, ruleset, 0u) != 0)
                return missing("Landlock", e);
        return true;
}

bool confine_enter(int folder_fd, struct err *e)
{
        if (!ids_take(e))
                return false;
        /* From here on no name outside of the folder can even be said. */
        if (fchdir(folder_fd) != 0 || chroot(".") != 0 || chdir("/") != 0)
                return missing("the folder as root", e);
        if (prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) != 0 || prctl(PR_SET_DUMPABLE, 0L, 0L, 0L, 0L) != 0)
                return missing("no_new_privs", e);
        return capabilities_keep(e) && limits_set(e) && landlock_enter(folder_fd, e);
}

/* What pthread_create of glibc gives to clone(2): no such call makes a process. */
#define CLONE_PTHREAD                                                                                      \
        (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SYSVSEM | CLONE_SIGHAND | CLONE_THREAD | CLONE_SETTLS | \
            CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID)
#define ANY 0
#define EXACTLY UINT64_MAX

/* One condition on one argument: (arg & mask) == value. */
struct row {
        int nr;
        unsigned arg;
        uint64_t mask, value;
};

static const struct row rows[] = {
    /* the layer, the answer */
    {SCMP_SYS(read), 0, ANY, 0},
    {SCMP_SYS(pread64), 0, ANY, 0},
    {SCMP_SYS(write), 0, ANY, 0},
    {SCMP_SYS(writev), 0, ANY, 0}, /* the last words of assert */
    {SCMP_SYS(close), 0, ANY, 0},
    {SCMP_SYS(lseek), 0, ANY, 0},
    {SCMP_SYS(poll), 0, ANY, 0},
    /* files: every name is relative to the folder, by the base room's openat2 alone */
    {SCMP_SYS(openat2), 0, ANY, 0},
    {SCMP_SYS(newfstatat), 0, ANY, 0},
    {SCMP_SYS(fstat), 0, ANY, 0},
    {SCMP_SYS(getdents64), 0, ANY, 0},
    {SCMP_SYS(fcntl), 1, EXACTLY, F_GETFL}, /* both: fdopendir */
    {SCMP_SYS(fcntl), 1, EXACTLY, F_SETFD},
    {SCMP_SYS(mkdirat), 0, ANY, 0},
    {SCMP_SYS(symlinkat), 0, ANY, 0},
    {SCMP_SYS(linkat), 4, EXACTLY, 0}, /* no AT_SYMLINK_FOLLOW, no AT_EMPTY_PATH */
    {SCMP_SYS(unlinkat), 0, ANY, 0},
    {SCMP_SYS(renameat), 0, ANY, 0}, /* tree_remove, of deep trees */
    {SCMP_SYS(renameat2), 4, EXACTLY, 0},
    {SCMP_SYS(mknodat), 2, S_IFMT, S_IFIFO},
    {SCMP_SYS(fchown), 0, ANY, 0},
    {SCMP_SYS(fchownat), 4, EXACTLY, AT_SYMLINK_NOFOLLOW},
    {SCMP_SYS(fchmod), 0, ANY, 0},
    {SCMP_SYS(utimensat), 0, ANY, 0},
    {SCMP_SYS(fsetxattr), 0, ANY, 0},
    /* memory, never executable */
    {SCMP_SYS(mmap), 2, PROT_EXEC, 0},
    {SCMP_SYS(mprotect), 2, PROT_EXEC, 0},
    {SCMP_SYS(munmap), 0, ANY, 0},
    {SCMP_SYS(mremap), 0, ANY, 0},
    {SCMP_SYS(brk), 0, ANY, 0},
    {SCMP_SYS(madvise), 0, ANY, 0},
    {SCMP_SYS(getrandom), 0, ANY, 0},
    {SCMP_SYS(clock_gettime), 0, ANY, 0},
    /* one more thread */
    {SCMP_SYS(clone), 0, EXACTLY, CLONE_PTHREAD},
    {SCMP_SYS(rt_sigaction), 0, EXACTLY, 33}, /* glibc's SIGSETXID, which pthread_create installs */
    {SCMP_SYS(rt_sigprocmask), 0, ANY, 0},
    {SCMP_SYS(rt_sigreturn), 0, ANY, 0},
    {SCMP_SYS(set_robust_list), 0, ANY, 0},
    {SCMP_SYS(rseq), 0, ANY, 0},
    {SCMP_SYS(sched_yield), 0, ANY, 0},
    {SCMP_SYS(sched_getaffinity), 0, EXACTLY, 0},
    {SCMP_SYS(futex), 0, ANY, 0},
    {SCMP_SYS(restart_syscall), 0, ANY, 0},
    /* the end */
    {SCMP_SYS(exit), 0, ANY, 0},
    {SCMP_SYS(exit_group), 0, ANY, 0},
    {SCMP_SYS(getpid), 0, ANY, 0},
    {SCMP_SYS(gettid), 0, ANY, 0},
    {SCMP_SYS(geteuid), 0, ANY, 0}, /* tree_remove, of a folder that may not be read */
#ifdef UNPACK_SANITIZER             /* their run-time libraries; the folder is still all that there is */
    {SCMP_SYS(openat), 0, ANY, 0},
    {SCMP_SYS(readlink), 0, ANY, 0},
    {SCMP_SYS(getrlimit), 0, ANY, 0},
    {SCMP_SYS(prlimit64), 0, ANY, 0},
    {SCMP_SYS(sigaltstack), 0, ANY, 0},
    {SCMP_SYS(rt_sigaction), 0, ANY, 0},
    {SCMP_SYS(sched_getaffinity), 0, ANY, 0},
    {SCMP_SYS(nanosleep), 0, ANY, 0},
    {SCMP_SYS(clock_nanosleep), 0, ANY, 0},
    {SCMP_SYS(clone), 0, ANY, 0},
    {SCMP_SYS(prctl), 0, ANY, 0},
    {SCMP_SYS(wait4), 0, ANY, 0},
    {SCMP_SYS(ioctl), 0, ANY, 0},
    {SCMP_SYS(dup), 0, ANY, 0},
    {SCMP_SYS(pipe2), 0, ANY, 0},
#endif
};

static int filter_fill(scmp_filter_ctx filter)
{
        const struct scmp_arg_cmp whiteout[] = {/* and no other device: (dev_t)0 */
            {.arg = 2, .op = SCMP_CMP_MASKED_EQ, .datum_a = S_IFMT, .datum_b = S_IFCHR},
            {.arg = 3, .op = SCMP_CMP_EQ, .datum_a = 0}};
        const struct scmp_arg_cmp abort_itself[] = {{.arg = 0, .op = SCMP_CMP_EQ, .datum_a = (scmp_datum_t)getpid()},
            {.arg = 2, .op = SCMP_CMP_EQ, .datum_a = SIGABRT}};
        int rc = 0;

        for (size_t i = 0; rc == 0 && i < ARRAY_LEN(rows); i++) {
                struct scmp_arg_cmp cmp = SCMP_CMP64(rows[i].arg, SCMP_CMP_MASKED_EQ, rows[i].mask, rows[i].value);

                if (rows[i].nr >= 0)
                        rc = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, rows[i].nr, rows[i].mask ? 1 : 0, &cmp);
        }
        if (rc == 0)
                rc = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(mknodat), ARRAY_LEN(whiteout), whiteout);
        if (rc == 0)
                rc = seccomp_rule_add_array(
                    filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), ARRAY_LEN(abort_itself), abort_itself);
        /* glibc asks for it first; its flags lie in memory, where no filter looks. */
        if (rc == 0)
                rc = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
        return rc;
}

bool confine_filter(struct err *e)
{
        scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
        int rc = filter ? seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) : -EOPNOTSUPP;

        if (rc == 0)
                rc = filter_fill(filter);
        if (rc == 0)
                rc = seccomp_load(filter);
        if (filter)
                seccomp_release(filter);
        if (rc == 0)
                return true;
        errno = -rc;
        return missing("seccomp", e);
}
