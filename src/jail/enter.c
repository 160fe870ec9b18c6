#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "jail/filter_priv.h"
#include "jail/frame_priv.h"
#include "jail/jail_limits.h"
#include "jail/landlock_priv.h"

static bool limit_set(int which, const char *name, rlim_t soft, rlim_t hard, struct err *e)
{
        struct rlimit r = {.rlim_cur = soft, .rlim_max = hard}, now;

        /* An administrator's lower bound stays. */
        if (getrlimit((__rlimit_resource_t)which, &now) == 0 && now.rlim_max < r.rlim_max) {
                r.rlim_max = now.rlim_max;
                r.rlim_cur = r.rlim_cur < now.rlim_max ? r.rlim_cur : now.rlim_max;
        }
        if (setrlimit((__rlimit_resource_t)which, &r) == 0)
                return true;
        return err_set(e, ERR_UNSUPPORTED, "limit %s: %s", name, strerror(errno));
}

/* `n_open` descriptors are kept; one more is needed for Landlock's rule set, which is closed again. */
static bool limits_set(rlim_t n_open, const struct jail_limits *limits, bool threads, struct err *e)
{
        uint64_t memory = limits->memory_max ? limits->memory_max : JAIL_MEMORY_DEFAULT;
        uint32_t cpu_s = limits->cpu_s_max ? limits->cpu_s_max : JAIL_CPU_DEFAULT_S;

        /* A sanitizer's shadow is terabytes of address space. */
        if (!FILTER_SANITIZER && !limit_set(RLIMIT_AS, "memory", memory, memory, e))
                return false;
        /* SIGXCPU first, by which the parent knows the reason; SIGKILL a second later. */
        if (!limit_set(RLIMIT_CPU, "CPU time", cpu_s, (rlim_t)cpu_s + 1, e))
                return false;
        /* The count is of the whole user, so it can only forbid: jobs with threads rely on the filter alone. */
        if (!threads && !FILTER_SANITIZER && !limit_set(RLIMIT_NPROC, "processes", 0, 0, e))
                return false;
        return limit_set(RLIMIT_NOFILE, "descriptors", n_open + 1, n_open + 1, e) &&
               limit_set(RLIMIT_FSIZE, "file size", 0, 0, e) && limit_set(RLIMIT_CORE, "core", 0, 0, e);
}

/* An empty network: no way out even for a system call that the filter would miss. Without privilege it takes a user
 * namespace. */
static void namespaces_enter(struct jail_state *s)
{
        if (unshare(CLONE_NEWNET) == 0) {
                s->net_namespace = true;
        } else if (unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0) {
                s->net_namespace = true;
                s->user_namespace = true;
        }
}

/* Root's, or those over the user namespace just made. */
static bool capabilities_drop(struct err *e)
{
        struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
        struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {0}, now[_LINUX_CAPABILITY_U32S_3];

        if (syscall(SYS_capset, &head, none) != 0)
                return err_set(e, ERR_UNSUPPORTED, "drop capabilities: %s", strerror(errno));
        if (syscall(SYS_capget, &head, now) != 0)
                return err_set(e, ERR_UNSUPPORTED, "read back capabilities: %s", strerror(errno));
        for (size_t i = 0; i < ARRAY_LEN(now); i++)
                if (now[i].effective || now[i].permitted || now[i].inheritable)
                        return err_set(e, ERR_UNSUPPORTED, "capabilities were dropped but are still there");
        return true;
}

/*
 * Landlock binds one thread: a second one would stay outside. CLONE_THREAD asks the kernel and changes nothing; where
 * an outer sandbox forbids unshare(2), each thread is a folder, which counts as a link.
 */
static bool single_threaded(void)
{
        struct stat st;

        if (unshare(CLONE_THREAD) == 0)
                return true;
        return errno != EINVAL && stat("/proc/self/task", &st) == 0 && st.st_nlink == 3;
}

/* In the order that jail.h promises: each step needs what a later one takes away. */
static bool steps(unsigned n_open, const struct jail_limits *limits, bool threads, struct jail_state *s, struct err *e)
{
        if (!FILTER_SANITIZER && !single_threaded())
                return err_set(e, ERR_BUG, "the jail is entered before the first thread is made, not after");
        if (close_range(n_open, ~0u, 0) != 0)
                return err_set(e, ERR_UNSUPPORTED, "close_range: %s: use Linux 5.13 or newer", strerror(errno));
        if (!limits_set(n_open, limits, threads, e))
                return false;
        if (prctl(PR_SET_DUMPABLE, 0L, 0L, 0L, 0L) != 0 || prctl(PR_GET_DUMPABLE, 0L, 0L, 0L, 0L) != 0)
                return err_set(e, ERR_UNSUPPORTED, "forbid dumps: %s", strerror(errno));
        if (prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) != 0 || prctl(PR_GET_NO_NEW_PRIVS, 0L, 0L, 0L, 0L) != 1)
                return err_set(e, ERR_UNSUPPORTED, "no_new_privs: %s", strerror(errno));
        s->no_new_privs = true;
        namespaces_enter(s);
        if (!capabilities_drop(e))
                return false;
        s->no_capabilities = true;
        if (!landlock_lock(&s->landlock_abi, e))
                return false;
        if (!limit_set(RLIMIT_NOFILE, "descriptors", n_open, n_open, e) || !filter_load(threads, e))
                return false;
        s->seccomp = true;
        return true;
}

bool jail_enter(size_t n_fds, const struct jail_limits *limits, bool threads, struct jail_state *ret, struct err *e)
{
        struct jail_state s = {.sanitizer = FILTER_SANITIZER};

        if (n_fds > JAIL_FDS_MAX)
                return err_set(e, ERR_LIMIT, "%zu descriptors for a worker, at most %u", n_fds, JAIL_FDS_MAX);
        if (!steps(JAIL_FD_FIRST + (unsigned)n_fds, limits, threads, &s, e))
                return err_wrap(e, "no sandbox, no parse");
        *ret = s;
        return true;
}
