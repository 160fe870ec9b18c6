/*
 * jail: runs one parsing job in a locked-down process of its own, and speaks with it in bounded frames.
 *
 * In:    a job's name, a request, open descriptors, limits.
 * Out:   the frames that the job answered, or an error: its own, or how it died.
 * Never: parses what passes through; starts anything but coffer-worker; goes on without a complete lock-down.
 * Uses:  base
 * Terms: Landlock, seccomp(2), prctl(2) no_new_privs, network_namespaces(7), capabilities(7).
 *
 * Parent: jail_run() starts `coffer-worker JOB` for each task (fork and exec), at most `parallel` at once.
 * Worker: main() finds the job in its table, calls jail_enter(), then the job, which reads its request with
 * jail_request(), its inputs from descriptors JAIL_FD_FIRST.., and answers by jail_answer(), then returns.
 * What a worker answers is as untrusted as what it read: decode it with cursors.
 *
 * What a job can't do, besides the obvious: fstat(2) gives ENOSYS (as glibc calls it, it can look at paths; ask
 * lseek(2) for a size); sysconf(_SC_NPROCESSORS_*), localtime(3), fopen(3), isatty(3), sleep(3) and dlopen(3) kill it.
 * Whatever of a library opens files is called by `prepare`.
 */
#pragma once

#include "base/base.h"

#define JAIL_FD_FIRST \
        5 /* the task's fds[0], fds[1] ... in the worker: 5, 6 ...; below are standard streams and frames */
#define JAIL_FDS_MAX 16u
#define JAIL_FRAME_MAX (16u << 20) /* bytes of one frame; larger answers are several frames */

struct jail_limits {
        uint64_t memory_max;  /* bytes of address space (RLIMIT_AS); 0: 512 MiB */
        uint32_t cpu_s_max;   /* CPU seconds (RLIMIT_CPU); 0: 600, a 20 GiB layer with room */
        uint32_t wall_ms_max; /* the parent kills the worker after it; 0: 30 minutes */
        uint64_t answer_max;  /* bytes of all data frames together; 0: 256 MiB */
};

/* How a worker stands. The zero value is "not locked down". */
struct jail_state {
        bool no_new_privs, no_capabilities, seccomp; /* always true when jail_enter succeeded */
        uint32_t landlock_abi;                       /* of the running kernel; at least 1 */
        bool net_namespace, user_namespace;          /* "where possible" */
        bool sanitizer; /* built with -Db_sanitize: the filter is wider and memory not limited; never shipped */
};

struct jail_task {
        /* filled by the caller */
        const char *job;
        struct span request;   /* at most JAIL_FRAME_MAX; borrowed until jail_run returns */
        int fds[JAIL_FDS_MAX]; /* read-only ones; borrowed: the caller closes them. The worker shares their offsets */
        size_t n_fds;
        struct jail_limits limits;
        const char *what; /* for errors: "layer 3 (sha256:...)"; borrowed; NULL: the job's name */
        /*
         * Called when the task's turn has come: opens what it reads, into fds, of which n_fds says how many. False fails this
         * task alone. NULL: they are open already.
         */
        bool (*on_start)(void *ctx, struct jail_task *task, struct err *e);
        /* Called for each data frame, in order; false with an error ends the task. NULL: frames are joined in answer.
         */
        bool (*on_frame)(void *ctx, struct span data, struct err *e);
        /* Bytes read so far, as the job reports them with jail_progress; may be NULL. */
        void (*on_progress)(void *ctx, uint64_t done);
        void *ctx;

        /* filled by jail_run */
        bool ok;
        struct err err;          /* why not; "layer 3: parser died, signal 31 (SIGSYS)" is ERR_MALFORMED: a finding */
        struct buf answer;       /* the caller frees with buf_done; part of an answer when not ok */
        struct jail_state state; /* what the worker said after it had locked itself down */
        int signal;              /* that ended the worker before it had answered; 0: none, or our own kill */
};

/*
 * Runs all tasks to their end. False only when the machinery itself fails (no worker program, no sandbox: then kind is
 * ERR_UNSUPPORTED and the text names what the host lacks) or was cancelled (file_cancel_flag); a task's own failure
 * stands in its `err`. After false every task that had not ended carries that same error. `parallel` 0: one for each
 * CPU that we may use; at most JAIL_PARALLEL_MAX. A task's error kinds: what its job said; ERR_MALFORMED when it died
 * or spoke nonsense; ERR_LIMIT (CPU, time, answer); ERR_UNAVAILABLE when something else killed it (no memory left).
 * No worker outlives this call, and none outlives the thread that called it (PR_SET_PDEATHSIG). The program must not
 * ignore SIGCHLD. Callbacks run in the calling thread.
 */
bool jail_run(struct jail_task *tasks, size_t n, unsigned parallel, struct err *e);
#define JAIL_PARALLEL_MAX 64u /* workers at once: each holds four descriptors and up to one frame of memory here */

/* One task; its failure is the call's. */
bool jail_run_one(struct jail_task *task, struct err *e);

/* ---- in the worker ---- */

/*
 * In this order: close every other descriptor, rlimits, no dumps, no_new_privs, empty network and (if it can be had)
 * user namespace, no capabilities, Landlock with nothing allowed, seccomp allow-list that ends in kill; then one probe
 * each shows that the last two are in force. `threads` allows clone with thread flags only. Fails closed:
 * ERR_UNSUPPORTED naming what is missing. Single-threaded callers only.
 */
bool jail_enter(size_t n_fds, const struct jail_limits *limits, bool threads, struct jail_state *ret, struct err *e);

/* In the worker of jail_worker_main only. jail_answer and jail_progress may be called from several threads. */
bool jail_request(struct arena *a, struct span *ret, struct err *e); /* once */
bool jail_answer(struct span data, struct err *e);                   /* one data frame, at most JAIL_FRAME_MAX */
void jail_progress(uint64_t done);                                   /* at most ten a second reach the parent */

/* A row of the worker's table. `run` returns false with its error, which becomes the task's. */
struct jail_job {
        const char *name;
        bool threads;
        bool (*run)(size_t n_fds, struct err *e);
        void (*prepare)(void); /* before the lock-down, without any foreign byte: fetch what a library loads; or NULL */
};

/* main() of a worker: argv is [program, job, n_fds, memory, CPU seconds]. Returns or exits with 0 unless misused. */
int jail_worker_main(int argc, char **argv, const struct jail_job *jobs, size_t n_jobs);

/*
 * The jail tried from inside: job "selftest" (always in the table) attempts one forbidden act, named by the request:
 * open, socket, execve, ptrace, clone, fork, mmap-exec ... `killed` only if the worker died by SIGSYS at it. Jobs with
 * threads have a wider filter ("selftest-threads"): each act is tried under both. An act that this processor
 * architecture does not have is ERR_NOT_FOUND. `ret_state` may be NULL.
 */
extern const char *const jail_forbidden_acts[]; /* NULL-terminated; those of this architecture */
bool jail_selftest(const char *act, bool *ret_killed, struct jail_state *ret_state, struct err *e);
