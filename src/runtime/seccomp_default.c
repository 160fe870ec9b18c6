/*
 * What a container may ask of the kernel. Everything is refused that is not named here.
 *
 * Three answers: allowed; EPERM for calls that we know and refuse; ENOSYS for every other, newer ones included, because
 * C libraries try a new call first and go back to the old one on ENOSYS alone.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/base.h"
#include "runtime/seccomp_priv.h"

#define LIST(name) static const char *const name[]

LIST(process) = {"execve", "execveat", "exit", "exit_group", "fork", "vfork", "wait4", "waitid", "waitpid", "getpid",
    "getppid", "gettid", "getpgid", "getpgrp", "setpgid", "getsid", "setsid", "set_tid_address", "arch_prctl", "prctl",
    "prlimit64", "getrlimit", "setrlimit", "ugetrlimit", "getrusage", "times", "getpriority", "setpriority",
    "ioprio_get", "ioprio_set", "pidfd_open", "pidfd_send_signal", "set_thread_area", "get_thread_area", "rseq",
    "membarrier", "restart_syscall", "capget", "capset", "seccomp", "landlock_create_ruleset", "landlock_add_rule",
    "landlock_restrict_self", "alarm", "pause", NULL};

LIST(identity) = {"getuid", "geteuid", "getgid", "getegid", "getresuid", "getresgid", "getgroups", "setuid", "setgid",
    "setreuid", "setregid", "setresuid", "setresgid", "setfsuid", "setfsgid", "setgroups", "getuid32", "geteuid32",
    "getgid32", "getegid32", "getresuid32", "getresgid32", "getgroups32", "setuid32", "setgid32", "setreuid32",
    "setregid32", "setresuid32", "setresgid32", "setfsuid32", "setfsgid32", "setgroups32", "umask", "uname", "sysinfo",
    "getcpu", NULL};

LIST(scheduling) = {"sched_yield", "sched_getaffinity", "sched_setaffinity", "sched_getparam", "sched_setparam",
    "sched_getscheduler", "sched_setscheduler", "sched_get_priority_max", "sched_get_priority_min", "sched_getattr",
    "sched_setattr", "sched_rr_get_interval", "sched_rr_get_interval_time64", NULL};

LIST(signals) = {"kill", "tkill", "tgkill", "rt_sigaction", "rt_sigpending", "rt_sigprocmask", "rt_sigqueueinfo",
    "rt_sigreturn", "rt_sigsuspend", "rt_sigtimedwait", "rt_sigtimedwait_time64", "rt_tgsigqueueinfo", "sigaltstack",
    "signal", "sigaction", "sigpending", "sigprocmask", "sigreturn", "sigsuspend", "signalfd", "signalfd4", NULL};

LIST(memory) = {"brk", "mmap", "mmap2", "munmap", "mremap", "mprotect", "madvise", "msync", "mincore", "mlock",
    "mlock2", "munlock", "mlockall", "munlockall", "remap_file_pages", "pkey_alloc", "pkey_free", "pkey_mprotect",
    "memfd_create", "memfd_secret", "process_mrelease", NULL};

LIST(locks) = {"futex", "futex_time64", "futex_waitv", "set_robust_list", "get_robust_list", NULL};

LIST(time) = {"clock_gettime", "clock_getres", "clock_nanosleep", "clock_gettime64", "clock_getres_time64",
    "clock_nanosleep_time64", "gettimeofday", "time", "nanosleep", "getitimer", "setitimer", "timer_create",
    "timer_delete", "timer_getoverrun", "timer_gettime", "timer_settime", "timer_gettime64", "timer_settime64",
    "timerfd_create", "timerfd_gettime", "timerfd_settime", "timerfd_gettime64", "timerfd_settime64", "getrandom",
    NULL};

LIST(descriptors) = {"read", "write", "readv", "writev", "pread64", "pwrite64", "preadv", "pwritev", "preadv2",
    "pwritev2", "lseek", "_llseek", "close", "close_range", "dup", "dup2", "dup3", "fcntl", "fcntl64", "ioctl", "pipe",
    "pipe2", "eventfd", "eventfd2", "select", "_newselect", "pselect6", "pselect6_time64", "poll", "ppoll",
    "ppoll_time64", "epoll_create", "epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait", "epoll_pwait2", "splice",
    "tee", "vmsplice", "sendfile", "sendfile64", "copy_file_range", "readahead", "fadvise64", "fadvise64_64", "flock",
    "fsync", "fdatasync", "sync", "syncfs", "sync_file_range", "io_setup", "io_destroy", "io_submit", "io_cancel",
    "io_getevents", "io_pgetevents", "io_pgetevents_time64", NULL};

LIST(files) = {"stat", "fstat", "lstat", "newfstatat", "stat64", "fstat64", "lstat64", "fstatat64", "statx", "statfs",
    "fstatfs", "statfs64", "fstatfs64", "access", "faccessat", "faccessat2", "getcwd", "chdir", "fchdir", "chroot",
    "getdents", "getdents64", "mkdir", "mkdirat", "rmdir", "unlink", "unlinkat", "rename", "renameat", "renameat2",
    "link", "linkat", "symlink", "symlinkat", "readlink", "readlinkat", "truncate", "truncate64", "ftruncate",
    "ftruncate64", "fallocate", "chown", "fchown", "lchown", "fchownat", "chown32", "fchown32", "lchown32", "utime",
    "utimes", "futimesat", "utimensat", "utimensat_time64", "setxattr", "lsetxattr", "fsetxattr", "getxattr",
    "lgetxattr", "fgetxattr", "listxattr", "llistxattr", "flistxattr", "removexattr", "lremovexattr", "fremovexattr",
    "inotify_init", "inotify_init1", "inotify_add_watch", "inotify_rm_watch", "name_to_handle_at", NULL};

/* The address families are checked where a socket is made: see the rules. */
LIST(network) = {"bind", "connect", "listen", "accept", "accept4", "getsockname", "getpeername", "getsockopt",
    "setsockopt", "shutdown", "send", "sendto", "sendmsg", "sendmmsg", "recv", "recvfrom", "recvmsg", "recvmmsg",
    "recvmmsg_time64", NULL};

LIST(ipc) = {"shmget", "shmat", "shmdt", "shmctl", "semget", "semop", "semtimedop", "semtimedop_time64", "semctl",
    "msgget", "msgsnd", "msgrcv", "msgctl", "ipc", "mq_open", "mq_unlink", "mq_notify", "mq_getsetattr", "mq_timedsend",
    "mq_timedreceive", "mq_timedsend_time64", "mq_timedreceive_time64", NULL};

const struct seccomp_group seccomp_allowed[] = {
    {"processes and their limits", process},
    {"who am I", identity},
    {"scheduling", scheduling},
    {"signals", signals},
    {"memory", memory},
    {"locks", locks},
    {"time and random numbers", time},
    {"descriptors and input, output", descriptors},
    {"files and folders", files},
    {"sockets", network},
    {"System V and POSIX inter-process communication (own namespace)", ipc},
};
const size_t seccomp_n_allowed = ARRAY_LEN(seccomp_allowed);

/*
 * Why each is refused: new namespaces and mounts open kernel code that root in a user namespace could not reach before;
 * bpf, perf, userfaultfd and io_uring have a long record of ways to the kernel, and io_uring goes round this filter;
 * keys are not divided by container; ptrace and process_vm_* reach other processes' memory; open_by_handle_at leads out
 * of a mount; the rest belongs to whoever runs the machine.
 */
const char *const seccomp_refused[] = {"unshare", "setns", "mount", "umount", "umount2", "pivot_root", "move_mount",
    "open_tree", "fsopen", "fsconfig", "fsmount", "fspick", "mount_setattr", "bpf", "perf_event_open", "userfaultfd",
    "io_uring_setup", "io_uring_enter", "io_uring_register", "keyctl", "add_key", "request_key", "ptrace",
    "process_vm_readv", "process_vm_writev", "process_madvise", "pidfd_getfd", "kcmp", "open_by_handle_at",
    "fanotify_init", "fanotify_mark", "init_module", "finit_module", "delete_module", "create_module", "query_module",
    "get_kernel_syms", "kexec_load", "kexec_file_load", "reboot", "swapon", "swapoff", "sethostname", "setdomainname",
    "settimeofday", "stime", "clock_settime", "clock_settime64", "adjtimex", "clock_adjtime", "clock_adjtime64",
    "syslog", "acct", "quotactl", "quotactl_fd", "nfsservctl", "lookup_dcookie", "iopl", "ioperm", "vhangup", "uselib",
    "ustat", "sysfs", "_sysctl", "vm86", "vm86old", "modify_ldt", "mbind", "set_mempolicy", "get_mempolicy",
    "migrate_pages", "move_pages", "set_mempolicy_home_node", NULL};

/* Namespaces that clone(2) could make. CLONE_NEWTIME is not among its flags: the bit is part of the exit signal there.
 */
#define NAMESPACES                                                                                               \
        ((uint64_t)(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | \
                    CLONE_NEWNET))
#define SET_ID ((uint64_t)(S_ISUID | S_ISGID))
#define O_CREATES ((uint64_t)(O_CREAT | (O_TMPFILE & ~O_DIRECTORY)))

#define IS(i, v) .has_arg = true, .arg = {(i), "SCMP_CMP_EQ", (v), 0}
#define HAS(i, mask) .has_arg = true, .arg = {(i), "SCMP_CMP_MASKED_EQ", (mask), (mask)}
#define WITHOUT(i, mask) .has_arg = true, .arg = {(i), "SCMP_CMP_MASKED_EQ", (mask), 0}

const struct seccomp_rule seccomp_rules[] = {
    {.name = "clone", .allow = true, WITHOUT(0, NAMESPACES)},
    /* Of a call that is allowed in part, the rest would get ENOSYS too; "not permitted" is what programs understand. */
    {.name = "clone", HAS(0, CLONE_NEWUSER)},
    {.name = "clone", HAS(0, CLONE_NEWNS)},
    {.name = "clone", HAS(0, CLONE_NEWPID)},
    {.name = "clone", HAS(0, CLONE_NEWNET)},
    {.name = "clone", HAS(0, CLONE_NEWIPC)},
    {.name = "clone", HAS(0, CLONE_NEWUTS)},
    {.name = "clone", HAS(0, CLONE_NEWCGROUP)},
    /* Its flags are in memory, where a filter can't look; C libraries then use clone. */
    {.name = "clone3", .errno_ret = ENOSYS},

    /* Not AF_ALG, AF_VSOCK, AF_PACKET and thirty old protocols. The upper half of the register must be 0 too: EQ. */
    {.name = "socket", .allow = true, IS(0, AF_UNIX)},
    {.name = "socket", .allow = true, IS(0, AF_INET)},
    {.name = "socket", .allow = true, IS(0, AF_INET6)},
    {.name = "socket", .allow = true, IS(0, AF_NETLINK)},
    {.name = "socket", .errno_ret = EAFNOSUPPORT, IS(0, AF_PACKET)},
    {.name = "socket", .errno_ret = EAFNOSUPPORT, IS(0, AF_ALG)},
    {.name = "socket", .errno_ret = EAFNOSUPPORT, IS(0, AF_VSOCK)},
    {.name = "socketpair", .allow = true, IS(0, AF_UNIX)},

    /* Linux as it is, 32-bit addresses, the old uname, both, and "tell me"; not READ_IMPLIES_EXEC and its like. */
    {.name = "personality", .allow = true, IS(0, 0x0)},
    {.name = "personality", .allow = true, IS(0, 0x8)},
    {.name = "personality", .allow = true, IS(0, 0x20000)},
    {.name = "personality", .allow = true, IS(0, 0x20008)},
    {.name = "personality", .allow = true, IS(0, 0xffffffff)},

    {.name = "open", .allow = true, .when = SECCOMP_PLAIN},
    {.name = "openat", .allow = true, .when = SECCOMP_PLAIN},
    {.name = "openat2", .allow = true, .when = SECCOMP_PLAIN},
    {.name = "creat", .allow = true, .when = SECCOMP_PLAIN},
    {.name = "mknod", .allow = true, .when = SECCOMP_PLAIN},
    {.name = "mknodat", .allow = true, .when = SECCOMP_PLAIN},
    {.name = "chmod", .allow = true, .when = SECCOMP_PLAIN},
    {.name = "fchmod", .allow = true, .when = SECCOMP_PLAIN},
    {.name = "fchmodat", .allow = true, .when = SECCOMP_PLAIN},

    /* With a writable volume: no file gets a set-id bit. A mode counts only where open creates. */
    {.name = "open", .allow = true, WITHOUT(1, O_CREATES), .when = SECCOMP_NO_SET_ID},
    {.name = "open", .allow = true, WITHOUT(2, SET_ID), .when = SECCOMP_NO_SET_ID},
    {.name = "openat", .allow = true, WITHOUT(2, O_CREATES), .when = SECCOMP_NO_SET_ID},
    {.name = "openat", .allow = true, WITHOUT(3, SET_ID), .when = SECCOMP_NO_SET_ID},
    {.name = "openat2", .errno_ret = ENOSYS, .when = SECCOMP_NO_SET_ID}, /* its mode is in memory */
    {.name = "creat", .allow = true, WITHOUT(1, SET_ID), .when = SECCOMP_NO_SET_ID},
    {.name = "creat", HAS(1, S_ISUID), .when = SECCOMP_NO_SET_ID},
    {.name = "creat", HAS(1, S_ISGID), .when = SECCOMP_NO_SET_ID},
    {.name = "mknod", .allow = true, WITHOUT(1, SET_ID), .when = SECCOMP_NO_SET_ID},
    {.name = "mknod", HAS(1, S_ISUID), .when = SECCOMP_NO_SET_ID},
    {.name = "mknod", HAS(1, S_ISGID), .when = SECCOMP_NO_SET_ID},
    {.name = "mknodat", .allow = true, WITHOUT(2, SET_ID), .when = SECCOMP_NO_SET_ID},
    {.name = "mknodat", HAS(2, S_ISUID), .when = SECCOMP_NO_SET_ID},
    {.name = "mknodat", HAS(2, S_ISGID), .when = SECCOMP_NO_SET_ID},
    {.name = "chmod", .allow = true, WITHOUT(1, SET_ID), .when = SECCOMP_NO_SET_ID},
    {.name = "chmod", HAS(1, S_ISUID), .when = SECCOMP_NO_SET_ID},
    {.name = "chmod", HAS(1, S_ISGID), .when = SECCOMP_NO_SET_ID},
    {.name = "fchmod", .allow = true, WITHOUT(1, SET_ID), .when = SECCOMP_NO_SET_ID},
    {.name = "fchmod", HAS(1, S_ISUID), .when = SECCOMP_NO_SET_ID},
    {.name = "fchmod", HAS(1, S_ISGID), .when = SECCOMP_NO_SET_ID},
    {.name = "fchmodat", .allow = true, WITHOUT(2, SET_ID), .when = SECCOMP_NO_SET_ID},
    {.name = "fchmodat", HAS(2, S_ISUID), .when = SECCOMP_NO_SET_ID},
    {.name = "fchmodat", HAS(2, S_ISGID), .when = SECCOMP_NO_SET_ID},
};
const size_t seccomp_n_rules = ARRAY_LEN(seccomp_rules);
