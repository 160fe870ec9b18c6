/* What two databases say differently: told package by package, with the versions for which it can matter, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "advisory/testing_priv.h"

#define EVENTS(from, to) "[{\"introduced\":\"" from "\"},{\"fixed\":\"" to "\"}]"
#define RECORD_OF(id, aliases, package, events, more)                                                    \
        "{\"id\":\"" id "\",\"modified\":\"2024-01-01T00:00:00Z\",\"aliases\":[" aliases                 \
        "],\"affected\":[{\"package\":{\"ecosystem\":\"npm\",\"name\":\"" package                        \
        "\"},\"ranges\":[{\"type\":\"SEMVER\",\"events\":" events "}]" more "}]}\n"
#define PLAIN(id, package, from, to) RECORD_OF(id, "\"CVE-" id "\"", package, EVENTS(from, to), "")

#define BASE PLAIN("1", "a", "1.0.0", "2.0.0") PLAIN("2", "b", "0", "3.0.0") PLAIN("3", "c", "0", "1.0.0")

static void key_text(struct span key, char *to, size_t size)
{
        /* Which of the versions of this test starts here? */
        static const char *const versions[] = {"0.5.0", "1.0.0", "1.5.0", "2.0.0", "2.5.0", "3.0.0", "4.0.0"};

        snprintf(to, size, "%s", key.len ? "?" : "-");
        for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
                struct buf k CLEANUP(buf_done) = {0};

                assert_true(version_key(VERSION_ORDER_SEMVER, span_of(versions[i]), &k, NULL));
                if (span_equal(buf_span(&k), key))
                        snprintf(to, size, "%s", versions[i]);
                buf_put_u8(&k, 0);
                if (span_equal(buf_span(&k), key))
                        snprintf(to, size, "%s+", versions[i]);
        }
}

static bool tell(void *ctx, const struct advisory_change *c)
{
        char lo[20], hi[20];

        key_text(c->key_lo, lo, sizeof(lo));
        key_text(c->key_hi, hi, sizeof(hi));
        buf_printf(ctx, "%.*s/%.*s %s %s|", SPAN_FMT(c->ecosystem), SPAN_FMT(c->package), lo, hi);
        assert_true(c->bounded == (c->key_hi.len > 0));
        if (c->bounded) { /* the texts are what the keys are of */
                struct span from = c->from.len && !span_is(c->from, "0") ? c->from : SPAN_LIT("-");

                hi[strcspn(hi, "+")] = '\0';
                assert_true(span_is(from, lo) && span_is(c->to, hi));
                assert_int_equal(c->to_itself, c->key_hi.at[c->key_hi.len - 1] == 0);
        }
        return true;
}

static const struct {
        const char *what, *old, *new, *told;
} cases[] = {
    {"nothing", BASE, BASE, ""},
    {"texts and times are nothing", BASE,
        "{\"id\":\"1\",\"modified\":\"2025-01-01T00:00:00Z\",\"summary\":\"new\",\"aliases\":[\"CVE-1\"],\"affected\":[{\"package\":{"
        "\"ecosystem\":\"npm\",\"name\":\"a\"},\"ranges\":[{\"type\":\"SEMVER\",\"events\":" EVENTS("1.0.0", "2.0.0") "}]}]}\n"
        PLAIN("2", "b", "0", "3.0.0") PLAIN("3", "c", "0", "1.0.0"), ""},
    {"a range grows", BASE, PLAIN("1", "a", "1.0.0", "3.0.0") PLAIN("2", "b", "0", "3.0.0") PLAIN("3", "c", "0", "1.0.0"),
        "npm/a 1.0.0 3.0.0|"},
    {"a record comes", BASE, BASE PLAIN("4", "b", "2.0.0", "2.5.0"), "npm/b 2.0.0 2.5.0|"},
    {"a record goes", BASE PLAIN("4", "b", "2.0.0", "2.5.0"), BASE, "npm/b 2.0.0 2.5.0|"},
    {"a package comes, another goes", PLAIN("1", "a", "1.0.0", "2.0.0"), PLAIN("2", "b", "0", "3.0.0"),
        "npm/a 1.0.0 2.0.0|npm/b - 3.0.0|"},
    {"an end that is affected itself", BASE, BASE RECORD_OF("6", "\"CVE-6\"", "c", "[{\"introduced\":\"2.0.0\"},{\"last_affected\":\"2.5.0\"}]", ""),
        "npm/c 2.0.0 2.5.0+|"},
    {"without an end", BASE, BASE RECORD_OF("5", "\"CVE-5\"", "c", "[{\"introduced\":\"4.0.0\"}]", ""), "npm/c - -|"},
    {"a name that may join others counts for all versions", BASE,
        BASE RECORD_OF("GHSA-x", "\"CVE-9\",\"PYSEC-1\"", "a", EVENTS("1.0.0", "1.5.0"), ""), "npm/a - -|"},
    {"one that has no CVE does, too", BASE, BASE RECORD_OF("GHSA-x", "", "a", EVENTS("1.0.0", "1.5.0"), ""), "npm/a - -|"},
    {"beside one that may be joined, too", BASE RECORD_OF("GHSA-x", "", "a", EVENTS("1.0.0", "1.5.0"), ""),
        BASE RECORD_OF("GHSA-x", "", "a", EVENTS("1.0.0", "1.5.0"), "") PLAIN("7", "a", "2.0.0", "2.5.0"), "npm/a - -|"},
    {"severity counts", BASE,
        RECORD_OF("1", "\"CVE-1\"", "a", EVENTS("1.0.0", "2.0.0"), ",\"database_specific\":{\"severity\":\"HIGH\"}")
        PLAIN("2", "b", "0", "3.0.0") PLAIN("3", "c", "0", "1.0.0"), "npm/a 1.0.0 2.0.0|"},
};

static void differences(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
                struct testing_db old CLEANUP(testing_db_done), new CLEANUP(testing_db_done);
                struct buf told CLEANUP(buf_done) = {0};
                struct err e = {0};

                assert_true(testing_db_make(&old, span_of(cases[i].old), &e));
                assert_true(testing_db_make(&new, span_of(cases[i].new), &e));
                if (!advisory_db_diff(old.db, new.db, tell, &told, &e))
                        fail_msg("%s", e.text);
                if (!span_is(buf_span(&told), cases[i].told))
                        fail_msg("%s: %.*s", cases[i].what, SPAN_FMT(buf_span(&told)));
        }
}

#define TEXTS(id, package, more)                                                                       \
        "{\"id\":\"" id "\"," more ",\"aliases\":[\"CVE-" id "\"],\"affected\":[{\"package\":{\"ecosystem\":" \
        "\"npm\",\"name\":\"" package "\"},\"ranges\":[{\"type\":\"SEMVER\",\"events\":" EVENTS("1.0.0", "2.0.0") "}]}]}\n"
#define OLD_TEXTS "\"modified\":\"2024-01-01T00:00:00Z\",\"summary\":\"s\""

static bool tell_record(void *ctx, const struct advisory_record_difference *d)
{
        buf_printf(ctx, "%s %.*s%s %.*s|", advisory_record_change_name(d->change), SPAN_FMT(d->id),
            d->withdrawn ? " withdrawn" : "", SPAN_FMT(d->summary));
        return true;
}

static const struct {
        const char *what, *old, *new, *told;
} record_cases[] = {
    {"nothing", BASE, BASE, ""},
    {"one comes, one goes", TEXTS("1", "a", OLD_TEXTS) TEXTS("2", "a", OLD_TEXTS),
        TEXTS("2", "a", OLD_TEXTS) TEXTS("3", "b", OLD_TEXTS), "removed 1 s|added 3 s|"},
    {"another range of one of two", BASE PLAIN("4", "a", "0", "1.0.0"), BASE PLAIN("4", "a", "0", "1.5.0"), "changed 4 |"},
    {"another package", TEXTS("1", "a", OLD_TEXTS), TEXTS("1", "b", OLD_TEXTS), "changed 1 s|"},
    {"withdrawn", TEXTS("1", "a", OLD_TEXTS),
        TEXTS("1", "a", "\"modified\":\"2024-01-01T00:00:00Z\",\"withdrawn\":\"2024-01-01T00:00:00Z\",\"summary\":\"s\""),
        "changed 1 withdrawn s|"},
    {"another summary", TEXTS("1", "a", OLD_TEXTS),
        TEXTS("1", "a", "\"modified\":\"2024-01-01T00:00:00Z\",\"summary\":\"t\""), "reworded 1 t|"},
    {"another time", TEXTS("1", "a", OLD_TEXTS), TEXTS("1", "a", "\"modified\":\"2024-01-02T00:00:00Z\",\"summary\":\"s\""),
        "reworded 1 s|"},
    {"another name", RECORD_OF("1", "\"CVE-1\"", "a", EVENTS("0", "1.0.0"), ""),
        RECORD_OF("1", "\"CVE-2\"", "a", EVENTS("0", "1.0.0"), ""), "changed 1 |"},
};

static void records_that_differ(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(record_cases); i++) {
                struct testing_db old CLEANUP(testing_db_done), new CLEANUP(testing_db_done);
                struct buf told CLEANUP(buf_done) = {0};
                struct err e = {0};

                assert_true(testing_db_make(&old, span_of(record_cases[i].old), &e));
                assert_true(testing_db_make(&new, span_of(record_cases[i].new), &e));
                if (!advisory_db_diff_records(old.db, new.db, tell_record, &told, &e))
                        fail_msg("%s", e.text);
                if (!span_is(buf_span(&told), record_cases[i].told))
                        fail_msg("%s: %.*s", record_cases[i].what, SPAN_FMT(buf_span(&told)));
        }
}

static void with_facts(struct testing_db *t, int64_t kev, uint32_t epss)
{
        struct buf item CLEANUP(buf_done) = {0};
        struct err e = {0};
        int fd CLEANUP(fd_close) = testing_file(span_of(BASE));
        struct feed_sink sink = {.frame = testing_frame, .ctx = t};
        struct advisory_fact f = {.id = span_of("CVE-2"), .kev_added_s = kev, .epss = epss};

        *t = (struct testing_db){.writer = db_writer_new()};
        t->source = db_writer_source(t->writer, span_of("testing"));
        fact_encode(&f, &item);
        assert_true(feed_read_source(fd, &(struct feed_request){FEED_SOURCE_LINES, {0, 1}}, &sink, &e));
        assert_true(db_writer_add(t->writer, t->source, ITEM_FACT, buf_span(&item), &e));
        assert_true(db_writer_finish(t->writer, 1, &t->file, &t->stats, &e) && advisory_db_over(buf_span(&t->file), &t->db, &e));
}

static bool tell_fact(void *ctx, const struct advisory_fact *old, const struct advisory_fact *new)
{
        assert_true(span_equal(old->id, new->id));
        buf_printf(ctx, "%.*s %d %d|", SPAN_FMT(new->id), (int)(old->kev_added_s / DB_DAY_S), (int)(new->kev_added_s / DB_DAY_S));
        return true;
}

static void facts_count_for_their_packages(void **state)
{
        struct testing_db without CLEANUP(testing_db_done), with CLEANUP(testing_db_done), likely CLEANUP(testing_db_done);
        struct buf told CLEANUP(buf_done) = {0};
        struct err e = {0};

        (void)state;
        with_facts(&without, 0, 1000);
        with_facts(&with, 77 * DB_DAY_S, 1000);
        with_facts(&likely, 0, 900000);
        assert_true(advisory_db_diff(without.db, with.db, tell, &told, &e));
        assert_true(span_is(buf_span(&told), "npm/b - -|"));
        buf_clear(&told);
        assert_true(advisory_db_diff(with.db, without.db, tell, &told, &e));
        assert_true(span_is(buf_span(&told), "npm/b - -|"));
        buf_clear(&told);
        assert_true(advisory_db_diff(without.db, likely.db, tell, &told, &e));
        assert_int_equal(told.len, 0);
        assert_true(advisory_db_diff_facts(without.db, with.db, tell_fact, &told, &e));
        assert_true(advisory_db_diff_facts(with.db, without.db, tell_fact, &told, &e));
        assert_true(advisory_db_diff_facts(without.db, likely.db, tell_fact, &told, &e));
        assert_true(span_is(buf_span(&told), "CVE-2 0 77|CVE-2 77 0|"));
        buf_clear(&told);
        assert_true(advisory_db_diff_records(without.db, with.db, tell_record, &told, &e)); /* no record says so */
        assert_int_equal(told.len, 0);
}

static bool stop(void *ctx, const struct advisory_change *c)
{
        (void)c;
        return ++*(unsigned *)ctx < 2;
}

static void stopping_ends_it(void **state)
{
        struct testing_db old CLEANUP(testing_db_done), new CLEANUP(testing_db_done);
        struct err e = {0};
        unsigned n = 0;

        (void)state;
        assert_true(testing_db_make(&old, span_of(PLAIN("9", "z", "0", "1.0.0")), &e));
        assert_true(testing_db_make(&new, span_of(BASE), &e));
        assert_true(advisory_db_diff(old.db, new.db, stop, &n, &e));
        assert_int_equal(n, 2);
}

static bool ignore(void *ctx, const struct advisory_change *c)
{
        (void)ctx;
        (void)c;
        return true;
}

static bool ignore_record(void *ctx, const struct advisory_record_difference *d)
{
        (void)ctx;
        (void)d;
        return true;
}

/* Any four bytes of a database set to the largest number: an error or a wrong answer, and an end. */
static void hostile_rows(void **state)
{
        struct testing_db good CLEANUP(testing_db_done), other CLEANUP(testing_db_done);
        struct db_header h;
        struct err e = {0};
        unsigned refused = 0, answered = 0;

        (void)state;
        assert_true(testing_db_make(&good, span_of(BASE), &e));
        with_facts(&other, 5 * DB_DAY_S, 0);
        for (size_t at = DB_CONTENT; at + 4 <= other.file.len; at += 4) {
                struct buf copy CLEANUP(buf_done) = {0}, head CLEANUP(buf_done) = {0};
                struct advisory_db *db CLEANUP(advisory_db_freep) = NULL;

                buf_put(&copy, buf_span(&other.file));
                memset(copy.at + at, 0xff, 4);
                assert_true(db_header_read(buf_span(&other.file), &h, &e));
                db_header_write(&h, &head);
                memcpy(copy.at, head.at, DB_CONTENT);
                e = (struct err){0};
                if (!advisory_db_over(buf_span(&copy), &db, &e) || !advisory_db_diff(good.db, db, ignore, NULL, &e) ||
                    !advisory_db_diff(db, good.db, ignore, NULL, &e) ||
                    !advisory_db_diff_records(good.db, db, ignore_record, NULL, &e) ||
                    !advisory_db_diff_records(db, good.db, ignore_record, NULL, &e)) {
                        assert_int_not_equal(e.kind, ERR_NONE);
                        refused++;
                } else {
                        answered++;
                }
        }
        assert_true(refused > 20 && answered > 20);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(differences),
            cmocka_unit_test(records_that_differ),
            cmocka_unit_test(facts_count_for_their_packages),
            cmocka_unit_test(stopping_ends_it),
            cmocka_unit_test(hostile_rows),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
