#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "jail/frame_priv.h"
#include "jail/jail_limits.h"
#include "jail/selftest_priv.h"

/*
 * One process, one job: its pipes are fixed descriptors, and these two are its only state. A frame is written whole
 * under the lock, so that a job's threads can't mix theirs.
 */
static pthread_mutex_t answer_lock = PTHREAD_MUTEX_INITIALIZER;
static int64_t progress_last_ms;

static bool frame_send(enum frame_type type, struct span payload, struct err *e)
{
        uint8_t small[512] = {0}; /* most frames go in one write: the parent wakes once */
        size_t inside = payload.len <= sizeof(small) - FRAME_HEADER ? payload.len : 0;
        bool ok;

        if (payload.len > JAIL_FRAME_MAX)
                return err_set(e, ERR_LIMIT, "an answer frame of %zu bytes, at most %u", payload.len, JAIL_FRAME_MAX);
        frame_header(type, payload.len, small);
        if (inside > 0)
                memcpy(small + FRAME_HEADER, payload.at, inside);
        pthread_mutex_lock(&answer_lock);
        ok = fd_write_all(FD_ANSWER, span_bytes(small, FRAME_HEADER + inside), e) &&
             fd_write_all(FD_ANSWER, span_from(payload, inside), e);
        pthread_mutex_unlock(&answer_lock);
        return ok;
}

bool jail_request(struct arena *a, struct span *ret, struct err *e)
{
        uint8_t head[FRAME_HEADER] = {0};
        struct cursor c = {.rest = span_bytes(head, sizeof(head))};
        uint8_t *payload;
        uint32_t len;
        size_t n;

        if (!fd_read_full(FD_REQUEST, head, sizeof(head), &n, e))
                return err_wrap(e, "read the request");
        if (n != sizeof(head) || cursor_u8(&c) != FRAME_REQUEST)
                return err_set(e, ERR_BUG, "the request is not there: a job reads it once");
        len = cursor_u32le(&c);
        if (len > JAIL_FRAME_MAX)
                return err_set(e, ERR_LIMIT, "a request of %u bytes, at most %u", len, JAIL_FRAME_MAX);
        payload = arena_alloc(a, len);
        if (!fd_read_full(FD_REQUEST, payload, len, &n, e))
                return err_wrap(e, "read the request");
        if (n != len)
                return err_set(e, ERR_BUG, "the request ends early");
        *ret = span_bytes(payload, len);
        return true;
}

bool jail_answer(struct span data, struct err *e)
{
        return frame_send(FRAME_DATA, data, e);
}

void jail_progress(uint64_t done)
{
        int64_t now_ms = clock_mono_ms();
        uint8_t payload[8];

        pthread_mutex_lock(&answer_lock);
        bool due = now_ms - progress_last_ms >= JAIL_PROGRESS_MS;
        if (due)
                progress_last_ms = now_ms;
        pthread_mutex_unlock(&answer_lock);
        if (!due)
                return;
        for (size_t i = 0; i < sizeof(payload); i++)
                payload[i] = (uint8_t)(done >> (8 * i));
        /* A parent that is gone shows at the next answer; progress has nothing to add. */
        (void)frame_send(FRAME_PROGRESS, span_bytes(payload, sizeof(payload)), NULL);
}

static bool state_send(const struct jail_state *state, struct err *e)
{
        struct buf b = {0};
        bool ok;

        frame_state_put(&b, state);
        ok = frame_send(FRAME_STATE, buf_span(&b), e);
        buf_done(&b);
        return ok;
}

static void error_send(const struct err *error)
{
        struct buf b = {0};

        frame_error_put(&b, error);
        (void)frame_send(FRAME_ERROR, buf_span(&b), NULL); /* who does not listen sees the process end */
        buf_done(&b);
}

struct start {
        const struct jail_job *job;
        size_t n_fds;
        struct jail_limits limits;
};

static const struct jail_job *job_find(const char *name, const struct jail_job *jobs, size_t n_jobs)
{
        for (size_t i = 0; i < n_jobs; i++)
                if (strcmp(jobs[i].name, name) == 0)
                        return &jobs[i];
        return NULL;
}

/* The arguments are the parent's, which is ours: a mismatch means another version of it. */
static bool start_parse(char **argv, const struct jail_job *jobs, size_t n_jobs, struct start *ret, struct err *e)
{
        uint64_t n_fds, memory, cpu_s;

        if (!span_to_u64(span_of(argv[2]), &n_fds) || !span_to_u64(span_of(argv[3]), &memory) ||
            !span_to_u64(span_of(argv[4]), &cpu_s) || n_fds > JAIL_FDS_MAX || cpu_s > UINT32_MAX)
                return err_set(e, ERR_UNSUPPORTED,
                    "the worker was started with arguments that it does not know: "
                    "install coffer and coffer-worker of one version");
        ret->job = job_find(argv[1], selftest_jobs, selftest_n_jobs);
        if (!ret->job)
                ret->job = job_find(argv[1], jobs, n_jobs);
        if (!ret->job)
                return err_set(e, ERR_UNSUPPORTED,
                    "the worker has no job \"%.*s\": install coffer and coffer-worker of "
                    "one version",
                    (int)JAIL_JOB_NAME_MAX, argv[1]);
        ret->n_fds = (size_t)n_fds;
        ret->limits = (struct jail_limits){.memory_max = memory, .cpu_s_max = (uint32_t)cpu_s};
        return true;
}

/* Everything that opens files comes before the lock-down, everything that reads foreign bytes after it. */
static bool work(const struct start *s, struct err *e)
{
        struct jail_state state;

        if (s->job->prepare)
                s->job->prepare();
        if (!jail_enter(s->n_fds, &s->limits, s->job->threads, &state, e))
                return false;
        if (!state_send(&state, e))
                return false;
        if (s->job->run(s->n_fds, e))
                return true;
        return e->kind != ERR_NONE ? false : err_set(e, ERR_BUG, "job %s failed without a reason", s->job->name);
}

static bool is_pipe(int fd)
{
        struct stat st;

        return fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode);
}

int jail_worker_main(int argc, char **argv, const struct jail_job *jobs, size_t n_jobs)
{
        struct start start;
        struct err e = {0};

        if (argc != 5 || !is_pipe(FD_REQUEST) || !is_pipe(FD_ANSWER)) {
                fprintf(stderr, "coffer-worker: started by coffer for one job at a time; nothing to be run by hand\n");
                return 2;
        }
        if (start_parse(argv, jobs, n_jobs, &start, &e) && work(&start, &e))
                (void)frame_send(FRAME_DONE, (struct span){0}, NULL);
        else
                error_send(&e);
        /* Not exit(): destructors of libraries have no place in a jail. */
        _exit(0);
}
