/*
 * The job "advisory-feed": reads one source from its first descriptor, compiles each record and answers frames of items.
 * A record that is refused becomes an item too, and the next one is read. The job "advisory-plain" unpacks a compressed
 * source into its second.
 */
#include <unistd.h>

#include "advisory/artifact/artifact_priv.h"
#include "advisory/build_priv.h"
#include "advisory/vex/vex_priv.h"

#define CHUNK (1u << 20)

struct feed_out {
        const struct feed_sink *sink;
        const struct feed_form *form; /* of the document before: most sources have one form alone */
        struct arena *document;       /* what a form makes of one document */
        struct arena *arena;          /* one record's */
        struct buf frame;
        struct span path; /* of the document within the source */
        bool gone;        /* nothing can be handed on any more */
        uint64_t done;    /* bytes read */
};

static bool frame_send(struct feed_out *r, struct err *e)
{
        bool ok = r->frame.len == 0 || r->sink->frame(r->sink->ctx, buf_span(&r->frame), e);

        r->gone |= !ok;
        buf_clear(&r->frame);
        if (r->sink->progress)
                r->sink->progress(r->sink->ctx, r->done);
        return ok;
}

static bool item_send(struct feed_out *r, enum item_kind kind, const struct buf *item, struct err *e)
{
        item_put(&r->frame, kind, buf_span(item));
        return r->frame.len < FEED_FRAME || frame_send(r, e);
}

static bool refuse(struct feed_out *r, struct span place, const struct err *why, struct err *e)
{
        struct buf item CLEANUP(buf_done) = {0};

        refusal_encode(&(struct refusal){.place = place, .why = *why}, &item);
        return item_send(r, ITEM_REFUSED, &item, e);
}

/* "path: place" where both are known. */
static struct span place_join(char *to, size_t size, struct span path, struct span place)
{
        int n = snprintf(to, size, "%.*s%s%.*s", SPAN_FMT(path), path.len && place.len ? ": " : "", SPAN_FMT(place));

        return span_bytes(to, n < 0 ? 0 : (size_t)n < size ? (size_t)n : size - 1);
}

/* The record is taken all the same. */
static bool unclear(struct feed_out *o, struct span place, const struct err *why, struct err *e)
{
        struct buf item CLEANUP(buf_done) = {0};
        char text[SOURCE_PATH_MAX + 40];

        refusal_encode(
            &(struct refusal){.place = place_join(text, sizeof(text), o->path, place), .why = *why}, &item);
        return item_send(o, ITEM_UNCLEAR, &item, e);
}

bool feed_refuse(struct feed_out *o, struct span place, const struct err *why, struct err *e)
{
        char text[SOURCE_PATH_MAX + 40];

        return refuse(o, place_join(text, sizeof(text), o->path, place), why, e);
}

bool feed_put(struct feed_out *o, const struct feed_record *r, struct span place, struct err *e)
{
        struct buf item CLEANUP(buf_done) = {.max = FEED_ENCODED_MAX};
        struct record record;
        struct err why = {0};

        arena_reset(o->arena);
        feed_compile(r, o->arena, &record);
        record_encode(&record, &item);
        if (record.beginless > 0) {
                err_set(&why, ERR_MALFORMED, "%.*s: %u of its ranges have no \"introduced\": who is affected can't be told", SPAN_FMT(r->id),
                    record.beginless);
                if (!unclear(o, place, &why, e))
                        return false;
        }
        if (item.failed) {
                err_set(&why, ERR_LIMIT, "compiled record is above %u bytes", FEED_ENCODED_MAX);
                return feed_refuse(o, place, &why, e);
        }
        return item_send(o, ITEM_RECORD, &item, e);
}

bool feed_put_fact(struct feed_out *o, const struct advisory_fact *f, struct span place, struct err *e)
{
        struct buf item CLEANUP(buf_done) = {.max = FEED_ENCODED_MAX};
        struct err why = {0};

        if (!feed_is_name(f->id, FEED_ID_MAX)) {
                err_set(&why, ERR_MALFORMED, "an id of at most %u printable bytes is needed", FEED_ID_MAX);
                return feed_refuse(o, place, &why, e);
        }
        fact_encode(f, &item);
        return item_send(o, ITEM_FACT, &item, e);
}

static const struct feed_form *form_find(const struct feed_out *r, struct span head)
{
        if (r->form && r->form->is(head))
                return r->form;
        for (size_t i = 0; feed_forms[i]; i++)
                if (feed_forms[i]->is(head))
                        return feed_forms[i];
        return NULL;
}

/* Something of another make, beside the advisories of an archive; what could be a broken OSV record is read as one. */
static bool is_foreign(struct span head, struct span path, struct err *why)
{
        bool object = span_starts(span_trim(head), "{");

        if (memmem(head.at, head.len, "https://openvex.dev/ns", 22))
                err_set(why, ERR_UNSUPPORTED, "statements (OpenVEX) are for a scan's --vex, not for the database");
        else if (object ? head.len < FEED_HEAD && !feed_json_has_key(head, "id") &&
                              !feed_json_has_key(head, "affected") && !feed_json_has_key(head, "schema_version")
                        : span_ends(path, ".yml"))
                err_set(why, ERR_UNSUPPORTED, "is in no form that is known here");
        return why->kind != ERR_NONE;
}

static bool document_send(struct feed_out *r, struct span document, struct span place, struct err *e)
{
        struct span head = span_cut(document, 0, FEED_HEAD);
        struct err why = {0};

        r->gone = false;
        r->path = place;
        r->form = form_find(r, head);
        arena_reset(r->document);
        if (!r->form && is_foreign(head, place, &why))
                return refuse(r, place, &why, e);
        if (!r->form)
                r->form = &feed_osv; /* says what is missing */
        if (r->form->read(document, r->document, r, &why))
                return true;
        if (!r->gone)
                return refuse(r, place, &why, e);
        if (e)
                *e = why;
        return false;
}

/* "path: line 17", "line 17" */
static struct span line_place(char *to, size_t size, struct span path, uint64_t line)
{
        int n = snprintf(to, size, "%.*s%sline %llu", SPAN_FMT(path), path.len ? ": " : "", (unsigned long long)line);

        return span_bytes(to, n > 0 && (size_t)n < size ? (size_t)n : 0);
}

static bool line_send(struct feed_out *r, struct span line, struct span path, uint64_t number, struct err *e)
{
        char place[SOURCE_PATH_MAX + 40];
        struct err why;

        if (span_trim(line).len == 0)
                return true;
        if (line.len > FEED_RECORD_MAX) {
                err_set(&why, ERR_LIMIT, "line is above %u bytes", FEED_RECORD_MAX);
                return refuse(r, line_place(place, sizeof(place), path, number), &why, e);
        }
        return document_send(r, line, line_place(place, sizeof(place), path, number), e);
}

/* One file of a batch, whole in memory. */
static bool file_send(struct feed_out *r, struct span path, struct span content, struct err *e)
{
        struct cursor c = {.rest = content};
        struct span line;
        struct err why;
        uint64_t number = 0;

        if (span_ends(path, ".jsonl") || span_ends(path, ".ndjson")) {
                while (cursor_line(&c, &line))
                        if (!line_send(r, line, path, ++number, e))
                                return false;
                return true;
        }
        if (content.len > FEED_DOCUMENT_MAX) {
                err_set(&why, ERR_LIMIT, "file is above %u bytes", FEED_DOCUMENT_MAX);
                return refuse(r, path, &why, e);
        }
        return document_send(r, content, path, e);
}

/*
 * Lines of any number; memory for one line and a chunk. A line above the limit is skipped to its end: `overlong` keeps
 * that over the chunks.
 */
static bool lines_read(int fd, struct feed_out *r, struct err *e)
{
        struct buf b CLEANUP(buf_done) = {.max = FEED_RECORD_MAX + CHUNK + 1};
        uint64_t number = 0;
        bool overlong = false;
        size_t n = 1;

        while (n > 0) {
                uint8_t *to = buf_reserve(&b, CHUNK);
                size_t from = b.len, start = 0;
                if (!to)
                        return err_set(e, ERR_BUG, "line buffer is full");
                if (!fd_read_full(fd, to, CHUNK, &n, e))
                        return false;
                b.len += n;
                r->done += n;
                for (size_t at = from, i; at <= b.len; at = i + 1) {
                        const uint8_t *end = memchr(b.at + at, '\n', b.len - at);

                        i = end ? (size_t)(end - b.at) : b.len;
                        if (!end && (n > 0 || i == start)) /* the rest is to come, or there is none */
                                break;
                        number++;
                        if (!overlong &&
                            !line_send(r, span_cut(buf_span(&b), start, i - start), (struct span){0}, number, e))
                                return false;
                        overlong = false;
                        start = i + 1;
                }
                if (start > b.len)
                        start = b.len;
                memmove(b.at, b.at + start, b.len - start);
                b.len -= start;
                if (b.len > FEED_RECORD_MAX) {
                        if (!overlong && !line_send(r, buf_span(&b), (struct span){0}, number + 1, e))
                                return false;
                        overlong = true;
                        b.len = 0;
                }
        }
        return true;
}

static bool take_full(int fd, struct buf *into, size_t n, size_t *ret_n, struct err *e)
{
        uint8_t *to;

        buf_clear(into);
        to = buf_reserve(into, n);
        if (!to)
                return err_set(e, ERR_LIMIT, "%zu bytes are above what a batch may hold", n);
        if (!fd_read_full(fd, to, n, ret_n, e))
                return false;
        into->len = *ret_n;
        return true;
}

static bool batch_read(int fd, struct feed_out *r, struct err *e)
{
        struct buf b CLEANUP(buf_done) = {.max = FEED_RECORD_MAX + SOURCE_BATCH + SOURCE_PATH_MAX};

        for (;;) {
                struct cursor c;
                uint32_t path_len, len;
                size_t n;
                if (!take_full(fd, &b, 8, &n, e))
                        return false;
                if (n == 0)
                        return true;
                c = (struct cursor){.rest = buf_span(&b)};
                path_len = cursor_u32le(&c);
                len = cursor_u32le(&c);
                if (c.failed || path_len > SOURCE_PATH_MAX)
                        return err_set(e, ERR_MALFORMED, "a batch of files is damaged");
                if (!take_full(fd, &b, (size_t)path_len + len, &n, e))
                        return false;
                if (n != (size_t)path_len + len)
                        return err_set(e, ERR_MALFORMED, "a batch of files ends early");
                r->done += n;
                c = (struct cursor){.rest = buf_span(&b)};
                struct span path = cursor_take(&c, path_len);
                if (!file_send(r, path, c.rest, e))
                        return false;
        }
}

static bool document_read(int fd, struct feed_out *r, struct err *e)
{
        struct buf b CLEANUP(buf_done) = {.max = FEED_DOCUMENT_MAX + CHUNK + 1};
        off_t size = lseek(fd, 0, SEEK_END); /* this source's only reader: see feed_sniff */
        struct err why;
        size_t n = 1;

        if (size > (off_t)FEED_DOCUMENT_MAX) { /* before any of it is read */
                err_set(&why, ERR_LIMIT, "file is above %u bytes", FEED_DOCUMENT_MAX);
                return refuse(r, (struct span){0}, &why, e);
        }
        if (size >= 0 && (lseek(fd, 0, SEEK_SET) != 0 || !buf_reserve(&b, (size_t)size + CHUNK)))
                return err_set(e, ERR_LIMIT, "document does not fit into the worker's memory");
        while (n > 0 && b.len <= FEED_DOCUMENT_MAX) {
                uint8_t *to = buf_reserve(&b, CHUNK);
                if (!to)
                        return err_set(e, ERR_LIMIT, "document does not fit into the worker's memory");
                if (!fd_read_full(fd, to, CHUNK, &n, e))
                        return false;
                b.len += n;
                r->done += n;
        }
        return file_send(r, (struct span){0}, buf_span(&b), e);
}

static bool member_take(void *ctx, struct span name, struct span content, struct err *e)
{
        return file_send(ctx, name, content, e);
}

static bool member_refuse(void *ctx, struct span name, const struct err *why, struct err *e)
{
        return refuse(ctx, name, why, e);
}

static void member_progress(void *ctx, uint64_t done)
{
        struct feed_out *r = ctx;

        r->done = done;
}

static void reading_done(struct feed_out *r)
{
        arena_free(r->arena);
        arena_free(r->document);
        buf_done(&r->frame);
}

static bool source_read(int fd, const struct feed_request *q, struct feed_out *r, struct err *e)
{
        const struct archive_sink members = {
            .member = member_take, .refused = member_refuse, .progress = member_progress, .ctx = r};

        if (q->kind == FEED_SOURCE_ZIP)
                return zip_walk(fd, q->part, &members, e);
        if (q->kind == FEED_SOURCE_TAR)
                return tar_walk(fd, q->part, &members, e);
        if (q->part.at > 0)
                return true;
        switch (q->kind) {
        case FEED_SOURCE_LINES:
                return lines_read(fd, r, e);
        case FEED_SOURCE_DOCUMENT:
                return document_read(fd, r, e);
        case FEED_SOURCE_BATCH:
                return batch_read(fd, r, e);
        default:
                return err_set(e, ERR_MALFORMED, "unknown kind of source");
        }
}

bool feed_read_source(int fd, const struct feed_request *request, const struct feed_sink *sink, struct err *e)
{
        struct feed_out r CLEANUP(reading_done) = {.sink = sink, .arena = arena_new(), .document = arena_new()};
        struct feed_request q = *request;

        if (q.kind != FEED_SOURCE_BATCH && !feed_sniff(fd, &q, e))
                return false;
        return source_read(fd, &q, &r, e) && frame_send(&r, e);
}

bool feed_read_one(const struct feed_form *form, struct span document, const struct feed_sink *sink, struct err *e)
{
        struct feed_out r CLEANUP(reading_done) = {.sink = sink, .arena = arena_new(), .document = arena_new()};

        return form->read(document, r.document, &r, e) && frame_send(&r, e);
}

void feed_request_encode(const struct feed_request *r, uint8_t to[FEED_REQUEST_SIZE])
{
        struct buf b CLEANUP(buf_done) = {0};

        buf_put_u8(&b, (uint8_t)r->kind);
        buf_put_u32le(&b, r->part.at);
        buf_put_u32le(&b, r->part.of);
        memcpy(to, b.at, FEED_REQUEST_SIZE);
}

bool feed_request_decode(struct span in, struct feed_request *ret, struct err *e)
{
        struct cursor c = {.rest = in};
        struct feed_request r = {.kind = cursor_u8(&c)};

        r.part.at = cursor_u32le(&c);
        r.part.of = cursor_u32le(&c);
        if (!cursor_at_end(&c) || r.kind < FEED_SOURCE_LINES || r.kind > FEED_SOURCE_FILE || r.part.at >= r.part.of ||
            r.part.of > SOURCE_PARTS_MAX)
                return err_set(e, ERR_BUG, "advisory-feed does not know its request");
        *ret = r;
        return true;
}

static bool sink_frame(void *ctx, struct span data, struct err *e)
{
        (void)ctx;
        return jail_answer(data, e);
}

static void sink_progress(void *ctx, uint64_t done)
{
        (void)ctx;
        jail_progress(done);
}

static bool feed_run(size_t n_fds, struct err *e)
{
        static const struct feed_sink sink = {.frame = sink_frame, .progress = sink_progress};
        struct arena *a CLEANUP(arena_freep) = arena_new();
        struct feed_request r;
        struct span request;

        if (!jail_request(a, &request, e) || !feed_request_decode(request, &r, e))
                return false;
        if (n_fds != 1)
                return err_set(e, ERR_BUG, "advisory-feed needs one descriptor");
        return feed_read_source(JAIL_FD_FIRST, &r, &sink, e);
}

const struct jail_job advisory_jobs[] = {{.name = "advisory-feed", .run = feed_run}, {.name = "advisory-plain", .run = plain_run},
    {.name = "advisory-vex", .run = vex_job}, {.name = "advisory-artifact", .run = artifact_job}};
const size_t advisory_n_jobs = ARRAY_LEN(advisory_jobs);
