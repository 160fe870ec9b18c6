/*
 * Building: sources are opened here and read in workers; their answers are checked, gathered, and written as one file
 * that replaces the old one at the very end.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "advisory/build_priv.h"
#include "advisory/db/db_format_priv.h"

#define PARALLEL_MAX 8u
#define MEMORY_MIN (512ull << 20) /* bytes a worker has beside three times its source: a document is read as a whole */
#define ANSWER_MAX (8ull << 30)   /* bytes from one worker: streamed into the writer, not held as a whole */

struct waiting {
        struct feed *feed;
        uint32_t source;
        char *label;
        uint64_t bytes, done; /* of the source, this worker's share */
        uint8_t request[FEED_REQUEST_SIZE];
};

struct feed {
        const struct advisory_build *build;
        struct db_writer *writer;
        struct advisory_build_stats stats;
        struct arena *arena;
        struct jail_task tasks[PARALLEL_MAX];
        struct waiting waiting[PARALLEL_MAX];
        size_t n, parallel;
        bool fatal;      /* the machine failed, or a source that must not be passed over did */
        int dir_fd;      /* for what has to be unpacked first */
        uint32_t source; /* of which tasks are being added */
        uint64_t done, total;
};

void feed_refused(struct feed *f, const char *label, struct span place, const struct err *why)
{
        char safe[300], text[SOURCE_PATH_MAX + 400];

        f->stats.refused++;
        if (!f->build->on_refused)
                return;
        span_printable(place, safe, sizeof(safe));
        snprintf(text, sizeof(text), "%s%s%s", label, place.len ? ": " : "", safe);
        f->build->on_refused(f->build->ctx, text, why);
}

static void unclear_tell(struct feed *f, struct span label, struct span place, const struct err *why)
{
        char safe[300], name[300], text[640];

        if (!f->build->on_unclear)
                return;
        snprintf(text, sizeof(text), "%s%s%s", span_printable(label, name, sizeof(name)), place.len ? ": " : "",
            span_printable(place, safe, sizeof(safe)));
        f->build->on_unclear(f->build->ctx, text, why);
}

static void double_tell(void *ctx, struct span source, const struct err *why)
{
        unclear_tell(ctx, source, (struct span){0}, why);
}

/* One frame of a worker: items up to its end. */
static bool frame_take(void *ctx, struct span data, struct err *e)
{
        struct waiting *w = ctx;
        struct cursor c = {.rest = data};
        enum item_kind kind;
        struct span item;
        struct refusal refusal;

        while (item_next(&c, &kind, &item)) {
                if (kind != ITEM_REFUSED && kind != ITEM_UNCLEAR) {
                        if (!db_writer_add(w->feed->writer, w->source, kind, item, e))
                                return false;
                        continue;
                }
                if (!refusal_decode(item, &refusal, e))
                        return false;
                if (kind == ITEM_UNCLEAR) {
                        w->feed->stats.unclear++;
                        db_writer_unclear(w->feed->writer, w->source);
                        unclear_tell(w->feed, span_of(w->label), refusal.place, &refusal.why);
                        continue;
                }
                db_writer_refused(w->feed->writer, w->source);
                feed_refused(w->feed, w->label, refusal.place, &refusal.why);
        }
        return !c.failed || err_set(e, ERR_MALFORMED, "a worker's answer is damaged");
}

static void progress_take(void *ctx, uint64_t done)
{
        struct waiting *w = ctx;
        struct feed *f = w->feed;
        uint64_t sum = f->done;

        w->done = done < w->bytes ? done : w->bytes;
        for (size_t i = 0; i < f->n; i++)
                sum += f->waiting[i].done;
        if (f->build->on_progress)
                f->build->on_progress(f->build->ctx, sum, f->total);
}

static void waiting_drop(struct feed *f)
{
        for (size_t i = 0; i < f->n; i++) {
                fd_close(&f->tasks[i].fds[0]);
                buf_done(&f->tasks[i].answer);
                free(f->waiting[i].label);
                f->done += f->waiting[i].bytes;
        }
        f->n = 0;
}

/* Without this source? Its own fault may be passed over, the machine's never. */
static bool source_pass(struct feed *f, uint32_t source, const struct err *why)
{
        f->fatal |=
            why->kind == ERR_SYSTEM || why->kind == ERR_BUG || why->kind == ERR_CANCELLED || !f->build->on_failed;
        if (f->fatal || !f->build->on_failed(f->build->ctx, source, why)) {
                f->fatal = true;
                return false;
        }
        db_writer_drop(f->writer, source);
        return true;
}

static bool waiting_run(struct feed *f, struct err *e)
{
        bool ok = f->n == 0 || jail_run(f->tasks, f->n, (unsigned)f->parallel, e);
        uint32_t passed = UINT32_MAX; /* told once, of however many workers */

        f->fatal |= !ok;
        for (size_t i = 0; i < f->n && ok; i++) {
                if (f->tasks[i].ok || f->waiting[i].source == passed)
                        continue;
                if (source_pass(f, f->waiting[i].source, &f->tasks[i].err)) {
                        passed = f->waiting[i].source;
                        continue;
                }
                if (e)
                        *e = f->tasks[i].err; /* begins with the label */
                ok = false;
        }
        waiting_drop(f);
        return ok;
}

/* `size` is the source's. The first worker of several has the whole of it to read, if it turns out to be a document and no archive. */
static bool task_add(
    struct feed *f, int fd, const struct feed_request *request, uint64_t size, const char *label, struct err *e)
{
        struct jail_task *t = &f->tasks[f->n];
        struct waiting *w = &f->waiting[f->n];
        uint64_t share = size / request->part.of + (request->part.at == 0 ? size % request->part.of : 0);
        uint64_t whole = size < FEED_DOCUMENT_MAX ? size : FEED_DOCUMENT_MAX;
        uint64_t held = request->part.at == 0 && whole > share ? whole : share;

        *w = (struct waiting){.feed = f, .source = f->source, .bytes = share};
        feed_request_encode(request, w->request);
        w->label = heap_alloc(strlen(label) + 1);
        memcpy(w->label, label, strlen(label));
        *t = (struct jail_task){.job = "advisory-feed",
            .request = span_bytes(w->request, sizeof(w->request)),
            .fds = {fd},
            .n_fds = 1,
            .limits = {.answer_max = ANSWER_MAX, .memory_max = MEMORY_MIN + 3 * held},
            .what = w->label,
            .on_frame = frame_take,
            .on_progress = progress_take,
            .ctx = w};
        f->n++;
        return f->n < f->parallel || waiting_run(f, e);
}

bool feed_add(struct feed *f, int fd, enum feed_source kind, const char *label, struct err *e)
{
        int own CLEANUP(fd_close) = fd;
        struct feed_request r = {.kind = kind, .part = {.of = 1}};
        struct stat st;
        uint64_t size;

        if (fstat(own, &st) != 0)
                return err_set(e, ERR_SYSTEM, "%s: %s", label, strerror(errno));
        size = (uint64_t)st.st_size;
        /* It may be an archive, which this process does not look into: each worker finds its part, if there is one. */
        if (kind == FEED_SOURCE_FILE && size >= SOURCE_SPLIT_MIN)
                r.part.of = (uint32_t)f->parallel;
        for (r.part.at = 0; r.part.at < r.part.of; r.part.at++) {
                int shared CLEANUP(fd_close) = fcntl(own, F_DUPFD_CLOEXEC, 0);
                if (shared < 0)
                        return err_set(e, ERR_SYSTEM, "%s: %s", label, strerror(errno));
                if (!task_add(f, TAKE_FD(shared), &r, size, label, e))
                        return false;
        }
        return true;
}

enum feed_source feed_kind_of(const char *path)
{
        static const struct {
                const char *suffix;
                enum feed_source kind;
        } kinds[] = {{".json", FEED_SOURCE_DOCUMENT}, {".jsonl", FEED_SOURCE_LINES}, {".ndjson", FEED_SOURCE_LINES}};

        for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
                if (span_ends(span_of(path), kinds[i].suffix))
                        return kinds[i].kind;
        return FEED_SOURCE_FILE;
}

static bool source_add(struct feed *f, const char *path, const char *name, struct err *e)
{
        int fd CLEANUP(fd_close) = -1;
        struct stat st;

        f->source = db_writer_source(f->writer, span_of(name));
        if (!file_open_user(path, O_RDONLY, &fd, e))
                return false;
        if (fstat(fd, &st) != 0)
                return err_set(e, ERR_SYSTEM, "%s: %s", path, strerror(errno));
        if (S_ISDIR(st.st_mode))
                return feed_folder(f, fd, path, e);
        if (!S_ISREG(st.st_mode))
                return err_set(e, ERR_MALFORMED, "%s is neither a file nor a folder", path);
        if (!source_unpack(f->dir_fd, path, &fd, e))
                return false;
        return feed_add(f, TAKE_FD(fd), feed_kind_of(path), path, e);
}

/* Sizes of the sources for the progress; 0 once there is a folder among them, whose size nobody knows. */
static uint64_t total_size(const struct advisory_build *b)
{
        uint64_t total = 0;

        for (size_t i = 0; i < b->n_sources; i++) {
                struct stat st;
                if (stat(b->sources[i], &st) != 0 || !S_ISREG(st.st_mode))
                        return 0;
                total += (uint64_t)st.st_size;
        }
        return total;
}

static void feed_done(struct feed *f)
{
        waiting_drop(f);
        db_writer_free(f->writer);
        arena_free(f->arena);
}

bool advisory_build(
    const struct advisory_build *b, int dir_fd, const char *name, struct advisory_build_stats *ret, struct err *e)
{
        struct feed f CLEANUP(feed_done) = {
            .build = b, .writer = db_writer_new(), .arena = arena_new(), .dir_fd = dir_fd};
        struct buf file CLEANUP(buf_done) = {0};
        long cpus = sysconf(_SC_NPROCESSORS_ONLN);

        f.parallel = cpus < 1 ? 1 : cpus > (long)PARALLEL_MAX ? PARALLEL_MAX : (size_t)cpus;
        f.total = total_size(b);
        if (b->n_sources == 0)
                return err_set(e, ERR_NOT_FOUND, "no source of advisories was given");
        for (size_t i = 0; i < b->n_sources; i++) {
                struct err why = {0};

                if (source_add(&f, b->sources[i], b->names ? b->names[i] : b->sources[i], &why) ||
                    source_pass(&f, (uint32_t)i, &why))
                        continue;
                if (e)
                        *e = why;
                return false;
        }
        if (!waiting_run(&f, e))
                return false;
        db_writer_tell_doubles(f.writer, double_tell, &f);
        if (!db_writer_finish(f.writer, clock_wall_s(), &file, &f.stats, e))
                return false;
        if (!file_replace(dir_fd, name, buf_span(&file), 0644, e))
                return err_wrap(e, "write advisory database %s", name);
        *ret = f.stats;
        return true;
}
