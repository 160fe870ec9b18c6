/*
 * A record's JSON. What is taken compiles to sorted, disjoint intervals, survives its encoding unchanged, and makes a
 * database in which each bound is answered as its interval says.
 */
#include <assert.h>

#include "advisory/testing_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_entry(const struct record_entry *n)
{
        assert(n->score_tenths <= 100 && n->severity <= SEVERITY_CRITICAL);
        assert((n->vector.len > 0) || n->score_tenths == 0);
        for (size_t i = 0; i < n->n_intervals; i++) {
                const struct record_interval *now = &n->intervals[i], *next = now + 1;
                if (!(now->flags & INTERVAL_OPEN)) {
                        int sign = span_compare(now->lo, now->hi);
                        assert(sign < 0 || (sign == 0 && now->flags & INTERVAL_INCLUSIVE));
                }
                if (now->flags & INTERVAL_LISTED)
                        assert(span_equal(now->lo, now->hi) && now->flags & INTERVAL_INCLUSIVE);
                if (i + 1 == n->n_intervals)
                        break;
                assert(!(now->flags & INTERVAL_OPEN));
                assert(span_compare(now->hi, next->lo) <
                       (next->flags & INTERVAL_LISTED && !(now->flags & INTERVAL_INCLUSIVE)));
        }
}

struct question {
        struct span id;
        bool listed, seen;
};

static bool affected(void *ctx, const struct advisory_hit *hit)
{
        struct question *q = ctx;

        assert(span_equal(hit->id, q->id));
        assert(hit->answer == ADVISORY_AFFECTED && hit->by_version_list == q->listed);
        q->seen = true;
        return true;
}

static void check_database(const struct record *r, struct span encoded)
{
        struct testing_db t CLEANUP(testing_db_done) = {.writer = db_writer_new()};
        struct err e = {0};

        assert(db_writer_add(t.writer, db_writer_source(t.writer, span_of("fuzz")), ITEM_RECORD, encoded, &e));
        if (!db_writer_finish(t.writer, 0, &t.file, &t.stats, &e)) {
                assert(r->n_entries == 0);
                return;
        }
        assert(advisory_db_over(buf_span(&t.file), &t.db, &e) && advisory_db_verify(t.db, &e));
        for (size_t i = 0; i < r->n_entries && i < 20; i++) {
                const struct record_entry *n = &r->entries[i];
                for (size_t k = 0; k < n->n_intervals && k < 20; k++) {
                        const struct record_interval *interval = &n->intervals[k];
                        struct question q = {.id = r->id, .listed = interval->flags & INTERVAL_LISTED};
                        struct buf key CLEANUP(buf_done) = {0};
                        /* Short SemVer bounds are no versions that could be asked for. */
                        if (!version_key(version_order_of(n->ecosystem), interval->introduced, &key, NULL) ||
                            !span_equal(buf_span(&key), interval->lo))
                                continue;
                        size_t colon;
                        if (span_find(n->ecosystem, ':', &colon)) /* also answered for the one without release */
                                continue;
                        assert(
                            advisory_db_lookup(t.db, n->ecosystem, n->package, interval->introduced, affected, &q, &e));
                        assert(q.seen);
                }
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct arena *a CLEANUP(arena_freep) = arena_new();
        struct buf encoded CLEANUP(buf_done) = {0}, again CLEANUP(buf_done) = {0};
        struct feed_record raw;
        struct record record, decoded;
        struct err e = {0};

        if (!osv_parse(span_bytes(data, size), a, &raw, &e)) {
                assert(e.kind != ERR_NONE && e.text[0]);
                return 0;
        }
        feed_compile(&raw, a, &record);
        for (size_t i = 0; i < record.n_entries; i++)
                check_entry(&record.entries[i]);
        record_encode(&record, &encoded);
        assert(record_decode(buf_span(&encoded), a, &decoded, &e));
        record_encode(&decoded, &again);
        assert(span_equal(buf_span(&encoded), buf_span(&again)));
        check_database(&decoded, buf_span(&encoded));
        return 0;
}
