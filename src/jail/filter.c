#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "jail/filter_priv.h"

/* What pthread_create of glibc gives to clone(2), and nothing else: no such call makes a process. */
#define CLONE_PTHREAD                                                                                      \
        (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SYSVSEM | CLONE_SIGHAND | CLONE_THREAD | CLONE_SETTLS | \
            CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID)
#define SIGNAL_SETXID 33 /* glibc's own signal, whose handler the first pthread_create installs */

enum row_when { WHEN_ALWAYS = 0, WHEN_THREADS, WHEN_SANITIZER };

/* One condition on one argument: (arg & mask) == value; mask 0: none. */
struct row {
        int nr;
        enum row_when when;
        unsigned arg;
        uint64_t mask, value;
};

#define EXACTLY UINT64_MAX

/* Each row: why a parser with open descriptors can't do without it. */
static const struct row rows[] = {
    /* its inputs and its request */
    {.nr = SCMP_SYS(read)},
    {.nr = SCMP_SYS(pread64)},
    {.nr = SCMP_SYS(readv)},
    {.nr = SCMP_SYS(lseek)}, /* size of an input */
    {.nr = SCMP_SYS(fstat)}, /* on a descriptor only; newfstatat could ask for paths: see filter_answers */
    {.nr = SCMP_SYS(close)},
    /* its answer, the last words of assert and abort */
    {.nr = SCMP_SYS(write)},
    {.nr = SCMP_SYS(writev)},
    /* memory, never executable */
    {.nr = SCMP_SYS(mmap), .arg = 2, .mask = PROT_EXEC, .value = 0},
    {.nr = SCMP_SYS(mprotect), .arg = 2, .mask = PROT_EXEC, .value = 0},
    {.nr = SCMP_SYS(munmap)},
    {.nr = SCMP_SYS(mremap)}, /* realloc of large blocks; keeps the protection as it was */
    {.nr = SCMP_SYS(brk)},
    {.nr = SCMP_SYS(madvise)}, /* free gives pages back; stacks of ended threads */
    {.nr = SCMP_SYS(sysinfo)}, /* glibc's qsort of a large array asks how much memory there is */
    /* time and chance */
    {.nr = SCMP_SYS(clock_gettime)}, /* where the vDSO has no clock */
    {.nr = SCMP_SYS(getrandom)},     /* hash tables' seeds */
    /* locks, which also a single thread may meet in a library */
    {.nr = SCMP_SYS(futex)},
    /* the end */
    {.nr = SCMP_SYS(exit)},
    {.nr = SCMP_SYS(exit_group)},
    /* abort: SIGABRT to itself; filter_load adds tgkill with this process's own number */
    {.nr = SCMP_SYS(getpid)},
    {.nr = SCMP_SYS(gettid)},
    {.nr = SCMP_SYS(rt_sigprocmask)},
    {.nr = SCMP_SYS(rt_sigreturn)},
    {.nr = SCMP_SYS(restart_syscall)}, /* the kernel's own, when a stopped worker goes on */

    /* pthread_create, a thread's life and end */
    {.nr = SCMP_SYS(clone), .when = WHEN_THREADS, .arg = 0, .mask = EXACTLY, .value = CLONE_PTHREAD},
    {.nr = SCMP_SYS(rt_sigaction), .when = WHEN_THREADS, .arg = 0, .mask = EXACTLY, .value = SIGNAL_SETXID},
    {.nr = SCMP_SYS(set_robust_list), .when = WHEN_THREADS},
    {.nr = SCMP_SYS(rseq), .when = WHEN_THREADS},
    {.nr = SCMP_SYS(sched_yield), .when = WHEN_THREADS},
    /* malloc counts the CPUs once before it makes a second arena: of this process only */
    {.nr = SCMP_SYS(sched_getaffinity), .when = WHEN_THREADS, .arg = 0, .mask = EXACTLY, .value = 0},

    /* The run-time library of AddressSanitizer and ThreadSanitizer; Landlock still refuses what they open. */
    {.nr = SCMP_SYS(rt_sigaction), .when = WHEN_SANITIZER},
    {.nr = SCMP_SYS(sched_yield), .when = WHEN_SANITIZER},
    {.nr = SCMP_SYS(sched_getaffinity), .when = WHEN_SANITIZER},
    {.nr = SCMP_SYS(gettimeofday), .when = WHEN_SANITIZER},
    {.nr = SCMP_SYS(open), .when = WHEN_SANITIZER},
    {.nr = SCMP_SYS(nanosleep), .when = WHEN_SANITIZER},
    {.nr = SCMP_SYS(pipe2), .when = WHEN_SANITIZER},
    {.nr = SCMP_SYS(pipe), .when = WHEN_SANITIZER},
    {.nr = SCMP_SYS(clock_nanosleep), .when = WHEN_SANITIZER},
    {.nr = SCMP_SYS(ioctl), .when = WHEN_SANITIZER, .arg = 1, .mask = EXACTLY, .value = 0x5401 /* TCGETS */},
    {.nr = SCMP_SYS(readlink), .when = WHEN_SANITIZER},
    {.nr = SCMP_SYS(openat), .when = WHEN_SANITIZER},
    {.nr = SCMP_SYS(sigaltstack), .when = WHEN_SANITIZER},
    {.nr = SCMP_SYS(prlimit64), .when = WHEN_SANITIZER},
    {.nr = SCMP_SYS(newfstatat), .when = WHEN_SANITIZER},
};

static bool row_applies(const struct row *r, bool threads)
{
        switch (r->when) {
        case WHEN_ALWAYS:
                return true;
        case WHEN_THREADS:
                /* A sanitizer build has the same calls without their conditions. */
                return threads && (!FILTER_SANITIZER || r->nr == SCMP_SYS(clone) || r->mask == 0);
        case WHEN_SANITIZER:
                return FILTER_SANITIZER;
        }
        return false;
}

/* libseccomp gives a negative errno; ERR_UNSUPPORTED because without the filter there is no jail. */
static bool failed(const char *what, int rc, struct err *e)
{
        return err_set(e, ERR_UNSUPPORTED,
            "seccomp: %s: %s: use a kernel with CONFIG_SECCOMP_FILTER, outside of a sandbox "
            "that refuses seccomp(2)",
            what, strerror(-rc));
}

static int row_add(scmp_filter_ctx ctx, const struct row *r)
{
        struct scmp_arg_cmp cmp = SCMP_CMP64(r->arg, SCMP_CMP_MASKED_EQ, r->mask, r->value);

        return seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW, r->nr, r->mask ? 1 : 0, &cmp);
}

static int filter_fill(scmp_filter_ctx ctx, bool threads)
{
        const struct scmp_arg_cmp abort_itself[] = {
            {.arg = 0, .op = SCMP_CMP_EQ, .datum_a = (scmp_datum_t)getpid()},
            {.arg = 2, .op = SCMP_CMP_EQ, .datum_a = SIGABRT},
        };
        int rc = 0;

        for (size_t i = 0; rc == 0 && i < ARRAY_LEN(rows); i++)
                if (rows[i].nr >= 0 && row_applies(&rows[i], threads))
                        rc = row_add(ctx, &rows[i]);
        if (rc == 0)
                rc = seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 2, abort_itself);
        return rc;
}

/*
 * Calls that are answered instead of killed, because glibc makes them on its own and goes on without: fstat(3) of
 * glibc 2.33 to 2.38 asks newfstatat, pthread_create tries clone3, whose flags no filter can see, before clone.
 */
static int filter_answers(scmp_filter_ctx ctx, bool threads)
{
        int rc = 0;

        if (!FILTER_SANITIZER)
                rc = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(newfstatat), 0);
        if (rc == 0 && threads)
                rc = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
        /* Only to be asked by filter_probe: no kernel gives EXFULL for a flag argument that it does not know. */
        if (rc == 0)
                rc = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EXFULL), SCMP_SYS(membarrier), 0);
        return rc;
}

/* An outer sandbox may answer "done" without doing it: what counts is what our own filter answers. */
static bool filter_probe(struct err *e)
{
        if (syscall(SYS_membarrier, -1, 0u, 0) == -1 && errno == EXFULL)
                return true;
        return err_set(e, ERR_UNSUPPORTED, "seccomp: the filter was loaded but is not in force");
}

bool filter_load(bool threads, struct err *e)
{
        scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);
        const char *what = "make the filter";
        int rc;

        if (!ctx)
                return failed("kill the process as an action", -EOPNOTSUPP, e);
        /* Another architecture's system calls (32 bits, x32) have other numbers: kill. libseccomp adds the native one.
         */
        rc = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
        if (rc == 0)
                rc = seccomp_attr_set(ctx, SCMP_FLTATR_API_SYSRAWRC, 1);
        if (rc == 0)
                rc = filter_fill(ctx, threads);
        if (rc == 0)
                rc = filter_answers(ctx, threads);
        if (rc == 0) {
                what = "load the filter";
                rc = seccomp_load(ctx);
        }
        /* Not released: that would take time, and the process ends soon. */
        if (rc != 0)
                return failed(what, rc, e);
        return filter_probe(e);
}
