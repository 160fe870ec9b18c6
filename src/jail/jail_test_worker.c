/* A worker for jail_test: each job misbehaves in one way. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "jail/frame_priv.h"

static bool answer_text(struct err *e, const char *fmt, ...) PRINTF_LIKE(2, 3);

static bool answer_text(struct err *e, const char *fmt, ...)
{
        char text[4096];
        va_list args;

        va_start(args, fmt);
        vsnprintf(text, sizeof(text), fmt, args);
        va_end(args);
        return jail_answer(span_of(text), e);
}

/* The request, then what its descriptors hold. */
static bool echo(size_t n_fds, struct err *e)
{
        struct arena *a CLEANUP(arena_freep) = arena_new();
        struct span request;
        uint8_t content[4096];
        size_t n;

        if (!jail_request(a, &request, e) || !jail_answer(request, e))
                return false;
        for (size_t i = 0; i < n_fds; i++)
                if (!fd_pread_full(JAIL_FD_FIRST + (int)i, 0, content, sizeof(content), &n, e) ||
                    !jail_answer(span_bytes(content, n), e))
                        return false;
        return true;
}

static bool crash(size_t n_fds, struct err *e)
{
        (void)n_fds;
        (void)e;
        fprintf(stderr, "first line\nlast words \x1b[31m\n");
        /* Not a null pointer: a sanitizer would make a message of it. Ours to lose, by the worker's own filter. */
        syscall(SYS_socket, 1, 1, 0);
        return true;
}

static bool fail_assert(size_t n_fds, struct err *e)
{
        (void)e;
        fprintf(stderr, "assertion of %zu failed\n", n_fds);
        abort();
}

static bool spin(size_t n_fds, struct err *e)
{
        volatile uint64_t n = 0;

        (void)n_fds;
        (void)e;
        for (;;)
                n++;
        return false;
}

/* Without using the processor: for a lock that it holds itself. */
static _Noreturn void wait_for_ever(void)
{
        pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

        pthread_mutex_lock(&lock);
        for (;;)
                pthread_mutex_lock(&lock);
}

static bool slow(size_t n_fds, struct err *e)
{
        (void)n_fds;
        if (!answer_text(e, "%d", (int)getpid()))
                return false;
        wait_for_ever();
}

static bool alloc(size_t n_fds, struct err *e)
{
        (void)n_fds;
        (void)e;
        for (;;) {
                volatile uint8_t *p = heap_alloc(1 << 20);
                p[4096] = 1;
        }
        return true;
}

/* 64 MiB in frames of 1 MiB, each filled with its number. */
static bool big(size_t n_fds, struct err *e)
{
        struct arena *a CLEANUP(arena_freep) = arena_new();
        uint8_t *piece = arena_alloc(a, 1 << 20);

        (void)n_fds;
        for (int i = 0; i < 64; i++) {
                memset(piece, i, 1 << 20);
                if (!jail_answer(span_bytes(piece, 1 << 20), e))
                        return false;
                jail_progress((uint64_t)(i + 1) << 20);
        }
        return true;
}

static void raw(struct span s)
{
        (void)fd_write_all(FD_ANSWER, s, NULL);
}

/* Writes the request to the answer pipe as it is. */
static bool garbage(size_t n_fds, struct err *e)
{
        struct arena *a CLEANUP(arena_freep) = arena_new();
        struct span request;

        (void)n_fds;
        if (!jail_request(a, &request, e))
                return false;
        raw(request);
        return true;
}

static bool empty_frames(size_t n_fds, struct err *e)
{
        static uint8_t frames[FRAME_HEADER * 4096];

        (void)n_fds;
        (void)e;
        for (size_t i = 0; i < sizeof(frames); i += FRAME_HEADER)
                frames[i] = FRAME_DATA;
        for (;;)
                raw(span_bytes(frames, sizeof(frames)));
        return true;
}

static bool flood_errors(size_t n_fds, struct err *e)
{
        (void)n_fds;
        for (int i = 0; i < 20000; i++)
                fprintf(stderr, "line %d of many, of which only the last is kept\n", i);
        return err_set(e, ERR_MALFORMED, "entry 17: bad");
}

static bool mute(size_t n_fds, struct err *e)
{
        (void)n_fds;
        (void)e;
        fprintf(stderr, "giving up\n");
        _exit(3);
}

/* Closes its answer but lives on. */
static bool hide(size_t n_fds, struct err *e)
{
        (void)n_fds;
        (void)e;
        close(FD_ANSWER);
        wait_for_ever();
}

/* Open descriptors, environment, standing. */
static bool inside(size_t n_fds, struct err *e)
{
        char text[2048];
        size_t at = 0, n_env = 0;
        struct stat st;

        (void)n_fds;
        for (char **v = environ; *v; v++)
                n_env++;
        at += (size_t)snprintf(text, sizeof(text), "env=%zu fds=", n_env);
        for (int fd = 0; fd < 300; fd++)
                if (syscall(SYS_fstat, fd, &st) == 0)
                        at += (size_t)snprintf(text + at, sizeof(text) - at, "%d,", fd);
        at += (size_t)snprintf(text + at, sizeof(text) - at, " stdin=%zd", read(0, &st, sizeof(st)));
        at += (size_t)snprintf(text + at, sizeof(text) - at, " fstat=%d", fstat(0, &st) == 0 ? 0 : errno);
        return answer_text(e, "%s", text);
}

static void *thread_sum(void *arg)
{
        uint64_t *sum = arg;
        uint8_t *p = malloc(3 << 20); /* from an arena of its own */

        memset(p, 1, 3 << 20);
        for (size_t i = 0; i < 3 << 20; i++)
                *sum += p[i];
        free(p);
        (void)jail_answer(SPAN_LIT("t"), NULL);
        return NULL;
}

static bool threads(size_t n_fds, struct err *e)
{
        pthread_t t[4];
        uint64_t sum[4] = {0};

        (void)n_fds;
        for (int i = 0; i < 4; i++)
                if (pthread_create(&t[i], NULL, thread_sum, &sum[i]) != 0)
                        return err_set(e, ERR_SYSTEM, "pthread_create: %s", strerror(errno));
        for (int i = 0; i < 4; i++)
                pthread_join(t[i], NULL);
        return answer_text(e, "%llu", (unsigned long long)(sum[0] + sum[1] + sum[2] + sum[3]));
}

static bool clone3_errno(size_t n_fds, struct err *e)
{
        (void)n_fds;
        return answer_text(e, "%d", syscall(SYS_clone3, NULL, 0) == 0 ? 0 : errno);
}

static int compare_u64(const void *a, const void *b)
{
        uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

        return (x > y) - (x < y);
}

/* What libraries do unasked: qsort of much, a digest, growing memory. */
static bool library(size_t n_fds, struct err *e)
{
        size_t n = 200000;
        uint64_t *v = heap_alloc(n * sizeof(*v));
        char text[DIGEST_TEXT_MAX];
        struct digest d;
        uint64_t random;

        (void)n_fds;
        random_bytes(&random, sizeof(random));
        for (size_t i = 0; i < n; i++)
                v[i] = (i * 2654435761u) % n;
        qsort(v, n, sizeof(*v), compare_u64);
        for (size_t i = 1; i < n; i++)
                if (v[i - 1] > v[i])
                        return err_set(e, ERR_BUG, "not sorted");
        v = heap_realloc(v, 4 * n, sizeof(*v));
        free(v);
        digest_of(DIGEST_SHA256, SPAN_LIT("abc"), &d);
        return answer_text(e, "%s", digest_format(&d, text));
}

#ifdef JAIL_SANITIZER
/* Our own bug: what the sanitizer says about it reaches the error. */
static bool overflow(size_t n_fds, struct err *e)
{
        volatile uint8_t *p = malloc(8);

        (void)n_fds;
        p[n_fds + 8] = 1;
        return answer_text(e, "not noticed: %u", p[n_fds + 8]);
}
#endif

static bool reject(size_t n_fds, struct err *e)
{
        (void)n_fds;
        return err_set(e, ERR_UNTRUSTED, "digest differs");
}

#if defined(__x86_64__)
/* The old 32-bit door: number 20 is getpid there and writev here. */
static bool int80(size_t n_fds, struct err *e)
{
        long ret = 20;

        (void)n_fds;
        __asm__ volatile("int $0x80" : "+a"(ret) : : "memory", "r8", "r9", "r10", "r11");
        return answer_text(e, "survived: %ld", ret);
}
#endif

static bool nothing(size_t n_fds, struct err *e)
{
        (void)n_fds;
        (void)e;
        return true;
}

static const struct jail_job jobs[] = {
    {.name = "nothing", .run = nothing},
    {.name = "echo", .run = echo},
    {.name = "crash", .run = crash},
    {.name = "assert", .run = fail_assert},
    {.name = "spin", .run = spin},
    {.name = "slow", .run = slow},
    {.name = "alloc", .run = alloc},
    {.name = "big", .run = big},
    {.name = "garbage", .run = garbage},
    {.name = "empty-frames", .run = empty_frames},
    {.name = "flood-errors", .run = flood_errors},
    {.name = "mute", .run = mute},
    {.name = "hide", .run = hide},
    {.name = "inside", .run = inside},
    {.name = "threads", .threads = true, .run = threads},
    {.name = "no-threads", .run = threads},
    {.name = "clone3-threads", .threads = true, .run = clone3_errno},
    {.name = "clone3", .run = clone3_errno},
    {.name = "library", .run = library},
    {.name = "reject", .run = reject},
#ifdef JAIL_SANITIZER
    {.name = "overflow", .run = overflow},
#endif
#if defined(__x86_64__)
    {.name = "int80", .run = int80},
#endif
};

int main(int argc, char **argv)
{
        return jail_worker_main(argc, argv, jobs, ARRAY_LEN(jobs));
}
