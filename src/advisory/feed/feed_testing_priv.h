/* What a publisher's document says, told by the database that is made of it; and what of it is refused. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "advisory/testing_priv.h"

static inline void make_of(struct testing_db *t, const char *document, bool part)
{
        int fd CLEANUP(fd_close) = testing_file(span_of(document));
        struct feed_sink sink = {.frame = testing_frame, .ctx = t};
        struct buf fact CLEANUP(buf_done) = {0};
        struct err e = {0};

        *t = (struct testing_db){.writer = db_writer_new()};
        t->source = db_writer_source(t->writer, span_of("testing"));
        if (!feed_read_source(fd, &(struct feed_request){FEED_SOURCE_FILE, {0, 1}}, &sink, &e))
                fail_msg("%s", e.text);
        if (t->stats.refused > 0 && !part)
                return;
        fact_encode(&(struct advisory_fact){.id = SPAN_LIT("TESTING")}, &fact);
        if (part && !db_writer_add(t->writer, t->source, ITEM_FACT, buf_span(&fact), &e))
                fail_msg("%s", e.text);
        if (!db_writer_finish(t->writer, 1, &t->file, &t->stats, &e) ||
            !advisory_db_over(buf_span(&t->file), &t->db, &e))
                fail_msg("%s", e.text);
}

/* A database if nothing was refused. */
static inline void make(struct testing_db *t, const char *document)
{
        make_of(t, document, false);
}

/* A database of what was not refused, and of a fact, so that it is never empty. */
static inline void make_part(struct testing_db *t, const char *document)
{
        make_of(t, document, true);
}

static inline bool hit_put(void *ctx, const struct advisory_hit *h)
{
        static const char *const answers[] = {"can't tell", "affected", "not affected"};

        buf_printf(ctx, "%.*s %s", SPAN_FMT(h->id), answers[h->answer]);
        if (h->fixed.len)
                buf_printf(ctx, " < %.*s", SPAN_FMT(h->fixed));
        if (h->status)
                buf_printf(ctx, ", %s", advisory_status_name(h->status));
        if (h->note.len)
                buf_printf(ctx, " (%.*s)", SPAN_FMT(h->note));
        if (h->severity > SEVERITY_UNKNOWN)
                buf_printf(ctx, " [%s]", severity_name(h->severity));
        buf_put_text(ctx, "|");
        return true;
}

static inline bool take_hit(void *ctx, const struct advisory_hit *hit)
{
        *(struct advisory_hit *)ctx = *hit;
        return true;
}

static inline void asked(
    const struct testing_db *t, const char *ecosystem, const char *package, const char *version, const char *want)
{
        struct buf b CLEANUP(buf_done) = {0};
        struct err e = {0};

        if (!advisory_db_lookup(t->db, span_of(ecosystem), span_of(package), span_of(version), hit_put, &b, &e))
                fail_msg("%s", e.text);
        if (!span_is(buf_span(&b), want))
                fail_msg("%s %s %s: %.*s", ecosystem, package, version, SPAN_FMT(buf_span(&b)));
}

static inline struct advisory_fact fact(const struct testing_db *t, const char *id)
{
        struct advisory_fact f;
        struct err e = {0};
        bool known;

        if (!advisory_db_fact(t->db, span_of(id), &f, &known, &e) || !known)
                fail_msg("%s is not known", id);
        return f;
}

static inline void refused(const char *document, enum err_kind kind, const char *text)
{
        struct testing_db t CLEANUP(testing_db_done);

        make(&t, document);
        if (t.stats.refused == 0 || t.refused.kind != kind || !strstr(t.refused.text, text))
                fail_msg("%.60s: %u refused, %s", document, (unsigned)t.stats.refused, t.refused.text);
}
