/*
 * What coffer-fetch may do besides speaking: read certificates and the resolver's files, and load the resolver's modules. No
 * other file, no program, no other process.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fetch/fetch_priv.h"

static bool missing(const char *what, struct err *e)
{
        return err_set(e, ERR_UNSUPPORTED, "no sandbox, nothing fetched: %s: %s", what, strerror(errno));
}

/* What is absent on this host needs no rule. */
static const char *const readable[] = {
    "/etc/ssl", "/etc/pki", "/etc/ca-certificates", "/usr/share/ca-certificates", "/usr/local/share/ca-certificates",
    "/etc/docker/certs.d", "/etc/containers/certs.d", /* authorities */
    "/etc/resolv.conf", "/run/systemd/resolve", "/run/resolvconf", "/etc/hosts", "/etc/host.conf", "/etc/nsswitch.conf",
    "/etc/gai.conf", "/etc/services", "/etc/localtime", "/usr/share/zoneinfo",                          /* resolver */
    "/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache", "/dev/urandom", "/proc/sys/crypto", /* libraries */
};

static bool allow(int ruleset, const char *path, struct err *e)
{
        int fd CLEANUP(fd_close) = open(path, O_PATH | O_CLOEXEC);
        struct landlock_path_beneath_attr rule = {.parent_fd = fd, .allowed_access = LANDLOCK_ACCESS_FS_READ_FILE};
        int folder;

        if (fd < 0)
                return true;
        folder = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (folder >= 0) {
                rule.allowed_access |= LANDLOCK_ACCESS_FS_READ_DIR;
                fd_close(&folder);
        }
        return syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0u) == 0 ||
               missing("Landlock", e);
}

static bool landlock_enter(struct err *e)
{
        long abi = syscall(SYS_landlock_create_ruleset, NULL, (size_t)0, LANDLOCK_CREATE_RULESET_VERSION);
        struct {
                uint64_t handled_access_fs;
        } attr = {.handled_access_fs = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1};
        int ruleset CLEANUP(fd_close) = -1;

        if (abi < 1)
                return missing("Landlock", e);
        if (abi >= 3)
                attr.handled_access_fs |= 1ull << 14; /* truncate */
        ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0u);
        if (ruleset < 0)
                return missing("Landlock", e);
        for (size_t i = 0; i < ARRAY_LEN(readable); i++)
                if (!allow(ruleset, readable[i], e))
                        return false;
        return syscall(SYS_landlock_restrict_self, ruleset, 0u) == 0 || missing("Landlock", e);
}

/* Threads are needed (curl resolves names in one); whatever reaches into the kernel or another process is not. */
static const int refused[] = {
    SCMP_SYS(execve),
    SCMP_SYS(execveat),
    SCMP_SYS(ptrace),
    SCMP_SYS(process_vm_readv),
    SCMP_SYS(process_vm_writev),
    SCMP_SYS(kill),
    SCMP_SYS(pidfd_open),
    SCMP_SYS(pidfd_getfd),
    SCMP_SYS(pidfd_send_signal),
    SCMP_SYS(mount),
    SCMP_SYS(umount2),
    SCMP_SYS(pivot_root),
    SCMP_SYS(chroot),
    SCMP_SYS(setns),
    SCMP_SYS(unshare),
    SCMP_SYS(bpf),
    SCMP_SYS(perf_event_open),
    SCMP_SYS(io_uring_setup),
    SCMP_SYS(userfaultfd),
    SCMP_SYS(keyctl),
    SCMP_SYS(add_key),
    SCMP_SYS(request_key),
    SCMP_SYS(init_module),
    SCMP_SYS(finit_module),
    SCMP_SYS(kexec_load),
    SCMP_SYS(reboot),
    SCMP_SYS(swapon),
    SCMP_SYS(open_by_handle_at),
    SCMP_SYS(name_to_handle_at),
    SCMP_SYS(fsopen),
    SCMP_SYS(move_mount),
    SCMP_SYS(open_tree),
    SCMP_SYS(fanotify_init),
    SCMP_SYS(acct),
    SCMP_SYS(iopl),
    SCMP_SYS(ioperm),
    SCMP_SYS(vfork),
    SCMP_SYS(fork),
    SCMP_SYS(memfd_create),
    SCMP_SYS(listen),
    SCMP_SYS(accept),
    SCMP_SYS(accept4),
};

static int filter_fill(scmp_filter_ctx filter)
{
        int rc = 0;

        for (size_t i = 0; rc == 0 && i < ARRAY_LEN(refused); i++) {
                if (refused[i] >= 0)
                        rc = seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, refused[i], 0);
        }
        if (rc == 0) /* a process without CLONE_VM */
                rc = seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, SCMP_SYS(clone), 1,
                    SCMP_A0_64(SCMP_CMP_MASKED_EQ, 0x100 /* CLONE_VM */, 0));
        if (rc == 0)
                rc = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
        return rc;
}

bool fetch_confine(struct err *e)
{
        scmp_filter_ctx filter;
        struct rlimit no_core = {0};
        int rc;

        if (prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) != 0 || prctl(PR_SET_DUMPABLE, 0L, 0L, 0L, 0L) != 0 ||
            setrlimit(RLIMIT_CORE, &no_core) != 0)
                return missing("no_new_privs", e);
        if (!landlock_enter(e))
                return false;
        filter = seccomp_init(SCMP_ACT_ALLOW);
        rc = filter ? filter_fill(filter) : -ENOMEM;
        if (rc == 0)
                rc = seccomp_load(filter);
        if (filter)
                seccomp_release(filter);
        errno = -rc;
        return rc == 0 || missing("seccomp", e);
}
