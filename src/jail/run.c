#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "jail/answer_priv.h"
#include "jail/jail_limits.h"
#include "jail/spawn_priv.h"

/* One running worker. */
struct worker {
        struct jail_task *task; /* NULL: the place is free */
        struct spawned process;
        struct answer answer;
        uint8_t request_head[FRAME_HEADER];
        size_t request_sent; /* bytes of head and request */
        int64_t begun_ms, wall_ms_max;
        char errors[JAIL_STDERR_KEPT]; /* the newest bytes of its standard error */
        size_t errors_len;
};

enum { POLL_REQUEST = 0, POLL_ANSWER, POLL_ERRORS, POLL_END, POLLS };

struct runner {
        char program[4096];
        int null_fd;
        unsigned parallel;
        struct worker *workers; /* `parallel` of them */
        struct pollfd *polls;   /* POLLS for each */
        struct err *e;          /* why the machinery failed */
        bool failed;
};

static const char *task_what(const struct jail_task *t)
{
        return t->what ? t->what : t->job;
}

static bool task_check(const struct jail_task *t, struct err *e)
{
        if (!t->job || strlen(t->job) >= JAIL_JOB_NAME_MAX)
                return err_set(e, ERR_BUG, "a worker's task without a proper job name");
        if (t->request.len > JAIL_FRAME_MAX)
                return err_set(e, ERR_LIMIT, "%s: a request of %zu bytes, at most %u", task_what(t), t->request.len,
                    JAIL_FRAME_MAX);
        if (t->n_fds > JAIL_FDS_MAX)
                return err_set(e, ERR_LIMIT, "%s: %zu descriptors, at most %u", task_what(t), t->n_fds, JAIL_FDS_MAX);
        for (size_t i = 0; !t->on_start && i < t->n_fds; i++)
                if (fcntl(t->fds[i], F_GETFD) < 0)
                        return err_set(e, ERR_BUG, "%s: input %zu is no open descriptor", task_what(t), i);
        return true;
}

static void task_fail(struct jail_task *t)
{
        t->ok = false;
        err_wrap(&t->err, "%s", task_what(t));
}

static bool worker_start(struct runner *r, struct worker *w, struct jail_task *t)
{
        if (t->on_start && !t->on_start(t->ctx, t, &t->err)) {
                task_fail(t);
                return true;
        }
        if (!spawn_worker(r->program, t, r->null_fd, &w->process, r->e)) {
                r->failed = true;
                return err_wrap(r->e, "%s", task_what(t));
        }
        w->task = t;
        w->begun_ms = clock_mono_ms();
        w->wall_ms_max = t->limits.wall_ms_max ? t->limits.wall_ms_max : JAIL_WALL_DEFAULT_MS;
        w->request_sent = 0;
        w->errors_len = 0;
        frame_header(FRAME_REQUEST, t->request.len, w->request_head);
        answer_init(&w->answer, t);
        return true;
}

/* Frees the place. The worker is dead for certain afterwards; the status is its own end if it came before our kill. */
static int worker_reap(struct worker *w)
{
        int status = 0;

        kill(w->process.pid, SIGKILL); /* our child, not waited for yet: the number can't be another's */
        while (waitpid(w->process.pid, &status, 0) < 0 && errno == EINTR)
                ;
        fd_close(&w->process.pid_fd);
        fd_close(&w->process.request_fd);
        fd_close(&w->process.answer_fd);
        fd_close(&w->process.stderr_fd);
        answer_done(&w->answer);
        w->task = NULL;
        return status;
}

/* The machinery's error is every unfinished task's. */
static void runner_fail(struct runner *r, const struct err *why)
{
        if (!r->failed)
                *r->e = *why;
        r->failed = true;
}

static void errors_keep(struct worker *w, const char *at, size_t n)
{
        size_t drop;

        if (n > sizeof(w->errors)) {
                at += n - sizeof(w->errors);
                n = sizeof(w->errors);
        }
        drop = w->errors_len + n > sizeof(w->errors) ? w->errors_len + n - sizeof(w->errors) : 0;
        memmove(w->errors, w->errors + drop, w->errors_len - drop);
        memcpy(w->errors + w->errors_len - drop, at, n);
        w->errors_len = w->errors_len - drop + n;
}

/* Once per turn: a worker that floods its standard error gets no more of our time than one that answers. */
static bool errors_read(struct worker *w)
{
        char chunk[JAIL_STDERR_KEPT * 2];
        ssize_t n;

        if (w->process.stderr_fd < 0)
                return false;
        n = read(w->process.stderr_fd, chunk, sizeof(chunk));
        if (n > 0)
                errors_keep(w, chunk, (size_t)n);
        else if (n == 0 || (errno != EAGAIN && errno != EINTR))
                (void)close(TAKE_FD(w->process.stderr_fd));
        return n > 0;
}

/* The last line that says something; a sanitizer's summary stands before its last line. */
static struct span errors_last_line(const struct worker *w)
{
        struct cursor c = {.rest = span_bytes(w->errors, w->errors_len)};
        struct span line, last = {0};

        while (cursor_line(&c, &line)) {
                if (span_trim(line).len > 0)
                        last = span_trim(line);
                if (span_starts(line, "SUMMARY:"))
                        break;
        }
        return last;
}

static enum err_kind death_kind(int signal)
{
        if (signal == SIGXCPU)
                return ERR_LIMIT;
        /* Not ours, not its own (the filter lets it send SIGABRT alone): the machine has no memory left, or an
         * operator. */
        return signal == SIGKILL || signal == SIGTERM ? ERR_UNAVAILABLE : ERR_MALFORMED;
}

/* The worker ended without a done or error frame. */
static void death_describe(struct worker *w, struct span last_words, int status)
{
        struct jail_task *t = w->task;
        char words[200], how[100];
        const char *sep = last_words.len > 0 ? ": " : "";

        span_printable(last_words, words, sizeof(words));
        if (!WIFSIGNALED(status)) {
                err_set(&t->err, ERR_MALFORMED, "parser ended without an answer, exit status %d%s%s",
                    WEXITSTATUS(status), sep, words);
                return;
        }
        t->signal = WTERMSIG(status);
        const char *name = sigabbrev_np(t->signal);
        snprintf(how, sizeof(how), "signal %d (SIG%s)", t->signal, name ? name : "RT");
        if (t->signal == SIGXCPU)
                err_set(&t->err, ERR_LIMIT, "parser used more than %u s of CPU time, %s",
                    t->limits.cpu_s_max ? t->limits.cpu_s_max : JAIL_CPU_DEFAULT_S, how);
        else
                err_set(&t->err, death_kind(t->signal), "parser died, %s%s%s", how, sep, words);
}

/* The process has ended, and all that it wrote has been read. */
static void worker_died(struct runner *r, struct worker *w)
{
        struct jail_task *t = w->task;
        bool locked_down = w->answer.locked_down;
        struct worker copy; /* last words outlive the place */
        int status;

        while (errors_read(w)) /* at most what the pipe holds: nobody is left to write */
                ;
        copy = *w;
        status = worker_reap(w);
        copy.task = t;
        death_describe(&copy, errors_last_line(&copy), status);
        if (!locked_down) {
                /* It never came to read anything: this is about the program or the host, not the input. */
                err_wrap(&t->err, "%s ended before it was locked down", r->program);
                if (t->signal != SIGKILL)
                        t->err.kind = ERR_UNSUPPORTED;
                runner_fail(r, &t->err);
        }
        task_fail(t);
}

static void worker_ended(struct runner *r, struct worker *w)
{
        struct jail_task *t = w->task;
        enum answer_end end = w->answer.end;

        (void)worker_reap(w);
        if (end == ANSWER_DONE) {
                t->ok = true;
                return;
        }
        if (end == ANSWER_REFUSED)
                runner_fail(r, &t->err);
        task_fail(t);
}

static void request_end(struct worker *w)
{
        fd_close(&w->process.request_fd);
        w->process.request_fd = -1;
}

/* A worker that closed its end must cost us an EPIPE, not a SIGPIPE. */
static ssize_t write_quietly(int fd, struct span s)
{
        const struct timespec now = {0};
        sigset_t pipe, before, pending;
        ssize_t n;
        int keep;

        sigemptyset(&pipe);
        sigaddset(&pipe, SIGPIPE);
        sigpending(&pending);
        pthread_sigmask(SIG_BLOCK, &pipe, &before);
        n = write(fd, s.at, s.len);
        keep = errno;
        if (n < 0 && keep == EPIPE && !sigismember(&pending, SIGPIPE))
                (void)sigtimedwait(&pipe, NULL, &now);
        pthread_sigmask(SIG_SETMASK, &before, NULL);
        errno = keep;
        return n;
}

static void request_write(struct worker *w)
{
        struct span head = span_from(span_bytes(w->request_head, FRAME_HEADER), w->request_sent);
        struct span s = head.len > 0 ? head : span_from(w->task->request, w->request_sent - FRAME_HEADER);
        ssize_t n;

        if (s.len == 0) {
                request_end(w);
                return;
        }
        n = write_quietly(w->process.request_fd, s);
        if (n > 0)
                w->request_sent += (size_t)n;
        else if (n < 0 && errno != EAGAIN && errno != EINTR)
                request_end(w); /* a job need not read its request; how it ends says the rest */
        if (w->request_sent == FRAME_HEADER + w->task->request.len)
                request_end(w);
}

static void answer_read(struct worker *w)
{
        size_t size;
        uint8_t *at = answer_space(&w->answer, &size);
        ssize_t n = read(w->process.answer_fd, at, size);

        if (n > 0)
                (void)answer_feed(&w->answer, (size_t)n);
        else if (n == 0 || (errno != EAGAIN && errno != EINTR))
                (void)close(TAKE_FD(w->process.answer_fd));
}

static void polls_set(const struct worker *w, struct pollfd *p)
{
        bool on = w->task != NULL;

        /* A negative descriptor is not looked at. The end is only of interest once the answer is read to its end. */
        p[POLL_REQUEST] = (struct pollfd){.fd = on ? w->process.request_fd : -1, .events = POLLOUT};
        p[POLL_ANSWER] = (struct pollfd){.fd = on ? w->process.answer_fd : -1, .events = POLLIN};
        p[POLL_ERRORS] = (struct pollfd){.fd = on ? w->process.stderr_fd : -1, .events = POLLIN};
        p[POLL_END] = (struct pollfd){.fd = on && w->process.answer_fd < 0 ? w->process.pid_fd : -1, .events = POLLIN};
}

static void worker_turn(struct runner *r, struct worker *w, const struct pollfd *p, int64_t now_ms)
{
        if (p[POLL_REQUEST].revents)
                request_write(w);
        if (p[POLL_ERRORS].revents)
                (void)errors_read(w);
        if (p[POLL_ANSWER].revents)
                answer_read(w);
        if (w->answer.end != ANSWER_OPEN) {
                worker_ended(r, w);
        } else if (p[POLL_END].revents) {
                worker_died(r, w);
        } else if (now_ms - w->begun_ms > w->wall_ms_max) {
                err_set(&w->task->err, ERR_LIMIT, "parser took longer than %lld ms", (long long)w->wall_ms_max);
                w->answer.end = ANSWER_FAILED;
                worker_ended(r, w);
        }
}

/* Until the next limit, and never longer than a cancelled run should wait. */
static int wait_ms(const struct runner *r, int64_t now_ms)
{
        int64_t least = JAIL_POLL_MS;

        for (unsigned i = 0; i < r->parallel; i++) {
                const struct worker *w = &r->workers[i];
                int64_t left = w->task ? w->begun_ms + w->wall_ms_max + 1 - now_ms : least;
                least = left < least ? left : least;
        }
        return least < 0 ? 0 : (int)least;
}

static bool cancelled(struct runner *r)
{
        struct err why = {0};

        if (!file_cancel_flag)
                return false;
        err_set(&why, ERR_CANCELLED, "stopped");
        runner_fail(r, &why);
        return true;
}

static void runner_turn(struct runner *r)
{
        for (unsigned i = 0; i < r->parallel; i++)
                polls_set(&r->workers[i], &r->polls[i * POLLS]);
        if (poll(r->polls, r->parallel * POLLS, wait_ms(r, clock_mono_ms())) < 0) {
                if (errno == EINTR)
                        return;
                struct err why = {0};
                err_set(&why, ERR_SYSTEM, "poll: %s", strerror(errno));
                runner_fail(r, &why);
                return;
        }
        int64_t now_ms = clock_mono_ms();
        for (unsigned i = 0; i < r->parallel && !r->failed; i++)
                if (r->workers[i].task)
                        worker_turn(r, &r->workers[i], &r->polls[i * POLLS], now_ms);
}

static unsigned cpus(void)
{
        cpu_set_t set;

        if (sched_getaffinity(0, sizeof(set), &set) != 0)
                return 1;
        return (unsigned)CPU_COUNT(&set);
}

static void runner_done(struct runner *r)
{
        for (unsigned i = 0; i < r->parallel && r->workers; i++)
                if (r->workers[i].task)
                        (void)worker_reap(&r->workers[i]);
        fd_close(&r->null_fd);
        free(r->workers);
        free(r->polls);
}

static bool runner_init(struct runner *r, size_t n, unsigned parallel, struct err *e)
{
        r->e = e;
        r->parallel = parallel ? parallel : cpus();
        if (r->parallel > JAIL_PARALLEL_MAX)
                r->parallel = JAIL_PARALLEL_MAX;
        if (r->parallel > n)
                r->parallel = (unsigned)n;
        if (!program_path("coffer-worker", r->program, sizeof(r->program), e))
                return false;
        r->null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
        if (r->null_fd < 0)
                return err_set(e, ERR_SYSTEM, "open /dev/null: %s", strerror(errno));
        r->workers = heap_alloc(sizeof(*r->workers) * (r->parallel ? r->parallel : 1));
        r->polls = heap_alloc(sizeof(*r->polls) * POLLS * (r->parallel ? r->parallel : 1));
        return true;
}

/* Starts and serves until all are done or the machinery has failed. */
static void runner_run(struct runner *r, struct jail_task *tasks, size_t n)
{
        size_t next = 0, running;

        do {
                running = 0;
                if (cancelled(r))
                        return;
                for (unsigned i = 0; i < r->parallel; i++) {
                        struct worker *w = &r->workers[i];
                        if (!w->task && next < n && !worker_start(r, w, &tasks[next++]))
                                return;
                        running += w->task != NULL;
                }
                if (running > 0)
                        runner_turn(r);
        } while (!r->failed && (running > 0 || next < n));
}

bool jail_run(struct jail_task *tasks, size_t n, unsigned parallel, struct err *e)
{
        struct runner r CLEANUP(runner_done) = {.null_fd = -1};
        struct err own = {0};
        bool ok = true;

        for (size_t i = 0; i < n; i++) {
                struct jail_task *t = &tasks[i];
                t->ok = false;
                t->err = (struct err){0};
                t->state = (struct jail_state){0};
                t->signal = 0;
        }
        for (size_t i = 0; ok && i < n; i++)
                ok = task_check(&tasks[i], &own);
        ok = ok && runner_init(&r, n, parallel, &own);
        if (ok) {
                runner_run(&r, tasks, n);
                ok = !r.failed;
        }
        if (ok)
                return true;
        /* A task that failed on its own account keeps its reason. */
        for (size_t i = 0; i < n; i++)
                if (!tasks[i].ok && tasks[i].err.kind == ERR_NONE)
                        tasks[i].err = own;
        if (e)
                *e = own;
        return false;
}

bool jail_run_one(struct jail_task *task, struct err *e)
{
        if (!jail_run(task, 1, 1, e))
                return false;
        if (!task->ok && e)
                *e = task->err;
        return task->ok;
}
