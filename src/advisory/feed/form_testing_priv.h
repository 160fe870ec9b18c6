/* For tests of forms, after cmocka's header: a document becomes a database, and the database is asked. */
#pragma once

#include "advisory/testing_priv.h"

static inline void form_make(struct testing_db *t, struct span document)
{
        int fd CLEANUP(fd_close) = testing_file(document);
        struct feed_sink sink = {.frame = testing_frame, .ctx = t};
        struct err e = {0};

        *t = (struct testing_db){.writer = db_writer_new()};
        t->source = db_writer_source(t->writer, span_of("testing"));
        if (!feed_read_source(fd, &(struct feed_request){FEED_SOURCE_FILE, {0, 1}}, &sink, &e))
                fail_msg("%s", e.text);
        if (db_writer_finish(t->writer, 1, &t->file, &t->stats, &e))
                assert_true(advisory_db_over(buf_span(&t->file), &t->db, &e));
        else if (t->stats.refused == 0)
                fail_msg("%s", e.text);
}

static inline bool form_hit_put(void *ctx, const struct advisory_hit *h)
{
        static const char *const answers[] = {"can't tell", "affected", "not affected"};

        buf_printf(ctx, "%.*s %s", SPAN_FMT(h->id), answers[h->answer]);
        if (h->introduced.len && !span_is(h->introduced, "0"))
                buf_printf(ctx, " >= %.*s", SPAN_FMT(h->introduced));
        if (h->fixed.len)
                buf_printf(ctx, " < %.*s", SPAN_FMT(h->fixed));
        if (h->module.len)
                buf_printf(ctx, " of %.*s", SPAN_FMT(h->module));
        if (h->status)
                buf_printf(ctx, ", %s", advisory_status_name(h->status));
        if (h->withdrawn)
                buf_put_text(ctx, ", withdrawn");
        if (h->note.len)
                buf_printf(ctx, " (%.*s)", SPAN_FMT(h->note));
        if (h->severity > SEVERITY_UNKNOWN)
                buf_printf(ctx, " [%s]", severity_name(h->severity));
        buf_put_text(ctx, "|");
        return true;
}

/* All that is said of one version of a package, in the order of the ids. */
static inline void form_asked(
    const struct testing_db *t, const char *ecosystem, const char *package, const char *version, const char *want)
{
        struct buf b CLEANUP(buf_done) = {0};
        struct err e = {0};

        if (!t->db)
                fail_msg("no database: %s: %s", t->refused_place, t->refused.text);
        if (!advisory_db_lookup(t->db, span_of(ecosystem), span_of(package), span_of(version), form_hit_put, &b, &e))
                fail_msg("%s", e.text);
        if (!span_is(buf_span(&b), want))
                fail_msg("%s %s %s: %.*s", ecosystem, package, version, SPAN_FMT(buf_span(&b)));
}

/* The last refusal of a document that has some. */
static inline void form_refused(const char *document, const char *place, enum err_kind kind, const char *text)
{
        struct testing_db t CLEANUP(testing_db_done);

        form_make(&t, span_of(document));
        if (t.stats.refused == 0 || t.refused.kind != kind || !strstr(t.refused.text, text) ||
            !strstr(t.refused_place, place))
                fail_msg("%.200s: %u refused, the last at \"%s\": %s", document, (unsigned)t.stats.refused,
                    t.refused_place, t.refused.text);
}
