/* For this room's tests and fuzz targets: a database made in memory, without workers. */
#pragma once

#include <assert.h>
#include <sys/mman.h>
#include <unistd.h>

#include "advisory/db/db_format_priv.h"
#include "advisory/feed/feed_priv.h"

struct testing_db {
        struct buf file;
        struct advisory_db *db;
        struct advisory_build_stats stats;
        struct err refused; /* the last */
        char refused_place[300];
        struct err unclear; /* the last */
        char unclear_place[300];
        struct db_writer *writer;
        uint32_t source;
};

static inline bool testing_frame(void *ctx, struct span data, struct err *e)
{
        struct testing_db *t = ctx;
        struct cursor c = {.rest = data};
        enum item_kind kind;
        struct span item;
        struct refusal r;

        while (item_next(&c, &kind, &item)) {
                if (kind != ITEM_REFUSED && kind != ITEM_UNCLEAR) {
                        if (!db_writer_add(t->writer, t->source, kind, item, e))
                                return false;
                        continue;
                }
                if (!refusal_decode(item, &r, e))
                        return false;
                if (kind == ITEM_UNCLEAR) {
                        t->stats.unclear++;
                        t->unclear = r.why;
                        span_printable(r.place, t->unclear_place, sizeof(t->unclear_place));
                        continue;
                }
                t->stats.refused++;
                t->refused = r.why;
                span_printable(r.place, t->refused_place, sizeof(t->refused_place));
        }
        return !c.failed || err_set(e, ERR_MALFORMED, "a worker's answer is damaged");
}

static inline void testing_db_done(struct testing_db *t)
{
        advisory_db_free(t->db);
        db_writer_free(t->writer);
        buf_done(&t->file);
}

static inline int testing_file(struct span content)
{
        int fd = memfd_create("testing", MFD_CLOEXEC);

        if (fd < 0 || !fd_write_all(fd, content, NULL) || lseek(fd, 0, SEEK_SET) != 0)
                abort();
        return fd;
}

/* JSON lines to an opened database; false with the error when no record was taken. */
static inline bool testing_db_make(struct testing_db *t, struct span lines, struct err *e)
{
        int fd CLEANUP(fd_close) = testing_file(lines);
        struct feed_sink sink = {.frame = testing_frame, .ctx = t};

        *t = (struct testing_db){.writer = db_writer_new()};
        t->source = db_writer_source(t->writer, span_of("testing"));
        return feed_read_source(fd, &(struct feed_request){FEED_SOURCE_LINES, {0, 1}}, &sink, e) &&
               db_writer_finish(t->writer, 1700000000, &t->file, &t->stats, e) &&
               advisory_db_over(buf_span(&t->file), &t->db, e);
}
