/*
 * The cage of a plug-in. It is somebody's program and has to be started, so no allow-list of system calls fits all; what it
 * can reach is what is taken away:
 * - files: reading and executing of its own file and of the system's programs and libraries (Landlock); writing nowhere;
 * - network: a namespace with nothing in it where that can be had, and no sockets in any case (seccomp);
 * - other processes: no signals, no ptrace, no sessions of its own, so that its end is the end of all that it started;
 * - privileges: none, and none to be had (no capabilities, no_new_privs, locked securebits);
 * - time, memory, descriptors, processes, sizes of files: limits.
 * Landlock and seccomp are mandatory: without them it is not started.
 */
#include "inventory/plugin/plugin_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <linux/securebits.h>
#include <sched.h>
#include <seccomp.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Programs, interpreters and what they load; nothing here is anybody's secret. */
static const char *const system_paths[] = {"/usr/bin", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libx32",
    "/usr/share", "/bin", "/lib", "/lib32", "/lib64", "/libx32", "/etc/ld.so.cache", "/etc/alternatives"};
static const char *const devices[] = {"/dev/zero", "/dev/urandom", "/dev/random"};

#define READ (LANDLOCK_ACCESS_FS_READ_FILE)
#define READ_BELOW (READ | LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_EXECUTE)

static bool missing(const char *what, struct err *e)
{
        return err_set(e, ERR_UNSUPPORTED, "no cage, no detector: %s: %s", what, strerror(errno));
}

/* A path that is not there needs no rule. */
static bool path_allow(int ruleset, const char *path, uint64_t rights, bool must, struct err *e)
{
        CLEANUP(fd_close) int fd = open(path, O_PATH | O_CLOEXEC);
        struct landlock_path_beneath_attr rule = {.allowed_access = rights, .parent_fd = fd};
        struct stat st;

        if (fd < 0 && !must)
                return true;
        if (fd < 0 || fstat(fd, &st) != 0)
                return missing(path, e);
        if (!S_ISDIR(st.st_mode))
                rule.allowed_access &= ~(uint64_t)LANDLOCK_ACCESS_FS_READ_DIR;
        return syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0u) == 0 ||
               missing("Landlock: a rule", e);
}

static bool ruleset_make(const char *path, int *ret, struct err *e)
{
        long abi = syscall(SYS_landlock_create_ruleset, NULL, (size_t)0, LANDLOCK_CREATE_RULESET_VERSION);
        struct {
                uint64_t handled_access_fs, handled_access_net, scoped;
        } attr = {.handled_access_fs = (1ull << 13) - 1};
        size_t size = sizeof(attr.handled_access_fs);
        CLEANUP(fd_close) int ruleset = -1;

        if (abi < 1)
                return err_set(e, ERR_UNSUPPORTED,
                    "no cage, no detector: the kernel offers no Landlock: use Linux 5.13 or newer with \"landlock\" in "
                    "its lsm= list");
        if (abi >= 2)
                attr.handled_access_fs |= 1ull << 13; /* refer */
        if (abi >= 3)
                attr.handled_access_fs |= 1ull << 14; /* truncate */
        if (abi >= 4) {
                attr.handled_access_net = 3; /* TCP bind, connect */
                size = 2 * sizeof(uint64_t);
        }
        if (abi >= 5)
                attr.handled_access_fs |= 1ull << 15; /* ioctl of devices */
        if (abi >= 6) {
                attr.scoped = 3; /* abstract sockets, signals */
                size = sizeof(attr);
        }
        ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, size, 0u);
        if (ruleset < 0)
                return missing("Landlock", e);
        for (size_t i = 0; i < ARRAY_LEN(system_paths); i++)
                if (!path_allow(ruleset, system_paths[i], READ_BELOW, false, e))
                        return false;
        for (size_t i = 0; i < ARRAY_LEN(devices); i++)
                if (!path_allow(ruleset, devices[i], READ, false, e))
                        return false;
        if (!path_allow(ruleset, "/dev/null", READ | LANDLOCK_ACCESS_FS_WRITE_FILE, false, e) ||
            !path_allow(ruleset, path, READ | LANDLOCK_ACCESS_FS_EXECUTE, true, e))
                return false;
        *ret = TAKE_FD(ruleset);
        return true;
}

/* Answered with EPERM: a program that tries goes on without. */
static const int denied[] = {
    /* other processes, and leaving the group that is killed at the end */
    SCMP_SYS(kill),
    SCMP_SYS(tkill),
    SCMP_SYS(tgkill),
    SCMP_SYS(rt_sigqueueinfo),
    SCMP_SYS(rt_tgsigqueueinfo),
    SCMP_SYS(pidfd_send_signal),
    SCMP_SYS(pidfd_open),
    SCMP_SYS(pidfd_getfd),
    SCMP_SYS(ptrace),
    SCMP_SYS(process_vm_readv),
    SCMP_SYS(process_vm_writev),
    SCMP_SYS(process_madvise),
    SCMP_SYS(kcmp),
    SCMP_SYS(setsid),
    SCMP_SYS(setpgid),
    SCMP_SYS(setpriority),
    SCMP_SYS(migrate_pages),
    SCMP_SYS(move_pages),
    /* network, and sockets of others' services */
    SCMP_SYS(socket),
    SCMP_SYS(connect),
    SCMP_SYS(bind),
    SCMP_SYS(listen),
    SCMP_SYS(accept),
    SCMP_SYS(accept4),
    SCMP_SYS(socketcall),
    /* namespaces, mounts, the machine */
    SCMP_SYS(unshare),
    SCMP_SYS(setns),
    SCMP_SYS(mount),
    SCMP_SYS(umount),
    SCMP_SYS(umount2),
    SCMP_SYS(pivot_root),
    SCMP_SYS(chroot),
    SCMP_SYS(open_tree),
    SCMP_SYS(move_mount),
    SCMP_SYS(fsopen),
    SCMP_SYS(fsconfig),
    SCMP_SYS(fsmount),
    SCMP_SYS(fspick),
    SCMP_SYS(mount_setattr),
    SCMP_SYS(open_by_handle_at),
    SCMP_SYS(name_to_handle_at),
    SCMP_SYS(sethostname),
    SCMP_SYS(setdomainname),
    SCMP_SYS(reboot),
    SCMP_SYS(swapon),
    SCMP_SYS(swapoff),
    SCMP_SYS(acct),
    SCMP_SYS(quotactl),
    SCMP_SYS(quotactl_fd),
    SCMP_SYS(syslog),
    SCMP_SYS(vhangup),
    SCMP_SYS(settimeofday),
    SCMP_SYS(clock_settime),
    SCMP_SYS(clock_adjtime),
    SCMP_SYS(adjtimex),
    SCMP_SYS(iopl),
    SCMP_SYS(ioperm),
    SCMP_SYS(nfsservctl),
    /* what metadata Landlock does not guard */
    SCMP_SYS(chmod),
    SCMP_SYS(fchmod),
    SCMP_SYS(fchmodat),
    SCMP_SYS(chown),
    SCMP_SYS(fchown),
    SCMP_SYS(lchown),
    SCMP_SYS(fchownat),
    SCMP_SYS(utime),
    SCMP_SYS(utimes),
    SCMP_SYS(utimensat),
    SCMP_SYS(futimesat),
    SCMP_SYS(setxattr),
    SCMP_SYS(lsetxattr),
    SCMP_SYS(fsetxattr),
    SCMP_SYS(removexattr),
    SCMP_SYS(lremovexattr),
    SCMP_SYS(fremovexattr),
    SCMP_SYS(inotify_init),
    SCMP_SYS(inotify_init1),
    SCMP_SYS(inotify_add_watch),
    SCMP_SYS(fanotify_init),
    SCMP_SYS(fanotify_mark),
    /* parts of the kernel that have had more holes than a reader of files has use for */
    SCMP_SYS(bpf),
    SCMP_SYS(perf_event_open),
    SCMP_SYS(userfaultfd),
    SCMP_SYS(io_uring_setup),
    SCMP_SYS(io_uring_enter),
    SCMP_SYS(io_uring_register),
    SCMP_SYS(keyctl),
    SCMP_SYS(add_key),
    SCMP_SYS(request_key),
    SCMP_SYS(kexec_load),
    SCMP_SYS(kexec_file_load),
    SCMP_SYS(init_module),
    SCMP_SYS(finit_module),
    SCMP_SYS(delete_module),
    SCMP_SYS(modify_ldt),
    SCMP_SYS(personality),
    SCMP_SYS(lookup_dcookie),
    SCMP_SYS(vmsplice),
    SCMP_SYS(memfd_create),
    SCMP_SYS(memfd_secret),
    SCMP_SYS(shmget),
    SCMP_SYS(shmat),
    SCMP_SYS(msgget),
    SCMP_SYS(semget),
    SCMP_SYS(mq_open),
};

#define CLONE_SPACES \
        (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)

static int rule_add(scmp_filter_ctx filter, int nr, unsigned arg, enum scmp_compare op, uint64_t a, uint64_t b)
{
        const struct scmp_arg_cmp cmp = {.arg = arg, .op = op, .datum_a = a, .datum_b = b};

        return seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(EPERM), nr, 1, &cmp);
}

static int filter_fill(scmp_filter_ctx filter)
{
        const uint32_t no = SCMP_ACT_ERRNO(EPERM);
        int rc = 0;

        for (size_t i = 0; rc == 0 && i < ARRAY_LEN(denied); i++)
                if (denied[i] >= 0) /* those that this architecture does not have are negative */
                        rc = seccomp_rule_add(filter, no, denied[i], 0);
        /* One rule for each flag: a masked comparison says "all of these", and any of them is too many. */
        for (unsigned bit = 0; rc == 0 && bit < 32; bit++)
                if (CLONE_SPACES & 1u << bit)
                        rc = rule_add(filter, SCMP_SYS(clone), 0, SCMP_CMP_MASKED_EQ, 1u << bit, 1u << bit);
        if (rc == 0) /* its flags lie in memory, where no filter looks; glibc then takes clone */
                rc = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
        if (rc == 0)
                rc = rule_add(filter, SCMP_SYS(prlimit64), 0, SCMP_CMP_NE, 0, 0);
        if (rc == 0) /* typing into a terminal that it was left with */
                rc = rule_add(filter, SCMP_SYS(ioctl), 1, SCMP_CMP_MASKED_EQ, UINT32_MAX, 0x5412 /* TIOCSTI */);
        return rc;
}

/* As the bytes that the kernel takes, since the child must not call libseccomp. */
static bool filter_export(scmp_filter_ctx filter, struct sock_fprog **ret, struct err *e)
{
        CLEANUP(fd_close) int fd = memfd_create("coffer-filter", MFD_CLOEXEC);
        off_t size;
        size_t n;

        if (fd < 0 || seccomp_export_bpf(filter, fd) != 0 || (size = lseek(fd, 0, SEEK_END)) <= 0)
                return missing("seccomp: the filter", e);
        CLEANUP(heap_freep) struct sock_fprog *program = heap_alloc(sizeof(*program) + (size_t)size);
        program->filter = (struct sock_filter *)(program + 1);
        program->len = (unsigned short)((size_t)size / sizeof(struct sock_filter));
        if (!fd_pread_full(fd, 0, program->filter, (size_t)size, &n, e))
                return false;
        if (n != (size_t)program->len * sizeof(struct sock_filter))
                return err_set(e, ERR_BUG, "the filter's bytes are no whole number of instructions");
        *ret = program;
        program = NULL;
        return true;
}

static bool filter_make(struct sock_fprog **ret, struct err *e)
{
        scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
        int rc = filter ? seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) : -ENOMEM;
        bool ok;

        if (rc == 0)
                rc = filter_fill(filter);
        errno = -rc;
        ok = rc == 0 ? filter_export(filter, ret, e) : missing("seccomp", e);
        if (filter)
                seccomp_release(filter);
        return ok;
}

bool plugin_cage_make(const char *path, struct plugin_cage *ret, struct err *e)
{
        struct plugin_cage c = {.ruleset_fd = -1};

        if (!ruleset_make(path, &c.ruleset_fd, e))
                return false;
        if (!filter_make(&c.filter, e)) {
                fd_close(&c.ruleset_fd);
                return false;
        }
        *ret = c;
        return true;
}

void plugin_cage_done(struct plugin_cage *c)
{
        fd_close(&c->ruleset_fd);
        c->ruleset_fd = -1;
        free(c->filter);
        c->filter = NULL;
}

/* ---- in the child: system calls only ---- */

static bool limit_set(int which, rlim_t soft, rlim_t hard)
{
        struct rlimit r = {soft, hard}, now;

        /* An administrator's lower bound stays. */
        if (getrlimit((__rlimit_resource_t)which, &now) == 0 && now.rlim_max < hard) {
                r.rlim_max = now.rlim_max;
                r.rlim_cur = soft < now.rlim_max ? soft : now.rlim_max;
        }
        return setrlimit((__rlimit_resource_t)which, &r) == 0;
}

static bool limits_set(bool user_namespace)
{
        return limit_set(RLIMIT_AS, PLUGIN_MEMORY_MAX, PLUGIN_MEMORY_MAX) &&
               limit_set(RLIMIT_CPU, PLUGIN_CPU_S_MAX, PLUGIN_CPU_S_MAX + 1) &&
               limit_set(RLIMIT_NOFILE, PLUGIN_DESCRIPTORS_MAX, PLUGIN_DESCRIPTORS_MAX) &&
               limit_set(RLIMIT_FSIZE, 0, 0) && limit_set(RLIMIT_CORE, 0, 0) &&
               (!user_namespace || limit_set(RLIMIT_NPROC, PLUGIN_PROCESSES_MAX, PLUGIN_PROCESSES_MAX));
}

/* Without the bits, a program of user 0 would get all capabilities again by execve. */
static bool capabilities_drop(void)
{
        struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
        struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {0}, now[_LINUX_CAPABILITY_U32S_3];
        const unsigned long bits = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP |
                                   SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED |
                                   SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;

        if (syscall(SYS_capget, &head, now) != 0)
                return false;
        if (now[0].effective & 1u << CAP_SETPCAP) {
                if (prctl(PR_SET_SECUREBITS, bits, 0L, 0L, 0L) != 0)
                        return false;
        } else if (getuid() == 0 || geteuid() == 0) {
                return false; /* root without the right to stop being it */
        }
        return syscall(SYS_capset, &head, none) == 0;
}

const char *plugin_cage_enter(const struct plugin_cage *c, bool user_namespace)
{
        if (!limits_set(user_namespace))
                return "limits";
        if (prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) != 0)
                return "no_new_privs";
        if (!capabilities_drop())
                return "capabilities";
        if (syscall(SYS_landlock_restrict_self, c->ruleset_fd, 0u) != 0)
                return "Landlock";
        if (prctl(PR_SET_SECCOMP, (long)SECCOMP_MODE_FILTER, c->filter, 0L, 0L) != 0)
                return "seccomp";
        return NULL;
}
