/* Records that are taken, but not as they stand: which, and how many of each source. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "advisory/testing_priv.h"

#define AT(id, modified, fixed)                                                                                        \
        "{\"id\":\"" id "\",\"modified\":\"" modified "\",\"affected\":[{\"package\":{\"ecosystem\":\"npm\",\"name\":" \
        "\"p\"},\"ranges\":[{\"type\":\"SEMVER\",\"events\":[{\"introduced\":\"0\"},{\"fixed\":\"" fixed "\"}]}]}]}\n"
#define NEW "2026-02-01T00:00:00Z"
#define OLD "2026-01-01T00:00:00Z"

static void double_put(void *ctx, struct span source, const struct err *why)
{
        buf_printf(ctx, "%.*s: %s|", SPAN_FMT(source), why->text);
}

/* Lines of one source, then of another: what is said of doubles, and what each source counts. */
static void told(const char *first, const char *second, const char *want, unsigned n_first, unsigned n_second)
{
        const char *const lines[] = {first, second};
        struct testing_db t CLEANUP(testing_db_done) = {.writer = db_writer_new()};
        struct feed_sink sink = {.frame = testing_frame, .ctx = &t};
        struct buf said CLEANUP(buf_done) = {0};
        struct err e = {0};

        for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
                int fd CLEANUP(fd_close) = testing_file(span_of(lines[i]));

                t.source = db_writer_source(t.writer, span_of(i == 0 ? "a.zip" : "b.zip"));
                if (!feed_read_source(fd, &(struct feed_request){FEED_SOURCE_LINES, {0, 1}}, &sink, &e))
                        fail_msg("%s", e.text);
        }
        db_writer_tell_doubles(t.writer, double_put, &said);
        if (!db_writer_finish(t.writer, 1, &t.file, &t.stats, &e) || !advisory_db_over(buf_span(&t.file), &t.db, &e))
                fail_msg("%s", e.text);
        if (!span_is(buf_span(&said), want))
                fail_msg("%.*s", SPAN_FMT(buf_span(&said)));
        assert_int_equal(t.stats.unclear, n_first + n_second);
        assert_int_equal(advisory_db_info(t.db)->sources[0].unclear, n_first);
        assert_int_equal(advisory_db_info(t.db)->sources[1].unclear, n_second);
        assert_int_equal(advisory_db_info(t.db)->sources[0].refused, 0);
}

static void several_of_one_id(void **state)
{
        (void)state;
        told(AT("A", OLD, "1.0.0") AT("B", OLD, "1.0.0"), AT("C", OLD, "1.0.0"), "", 0, 0);
        told(AT("A", OLD, "1.0.0") AT("A", NEW, "2.0.0") AT("B", OLD, "1.0.0"), "",
            "a.zip: A: stands there more than once; the one of 2026-02-01T00:00:00Z counts|", 1, 0);
        told("", AT("B", OLD, "1.0.0") AT("A", OLD, "1.0.0") AT("B", OLD, "1.0.0"),
            "b.zip: B: stands there more than once, and says the same|", 0, 1);
        told(AT("A", NEW, "1.0.0") AT("A", NEW, "2.0.0"), "",
            "a.zip: A: stands there more than once and says different things, all of 2026-02-01T00:00:00Z; one of them "
            "counts|",
            1, 0);
        /* Two publishers' records of one id are no contradiction: the newer counts, as always. */
        told(AT("A", OLD, "1.0.0"), AT("A", NEW, "1.0.0"), "", 0, 0);
        told(AT("A", OLD, "1.0.0") AT("A", OLD, "1.0.0"), AT("A", NEW, "1.0.0") AT("A", OLD, "3.0.0"),
            "b.zip: A: stands there more than once; the one of 2026-02-01T00:00:00Z counts|a.zip: A: stands there more "
            "than once, and says the same|",
            1, 1);
}

static void what_was_dropped_has_no_doubles(void **state)
{
        struct testing_db t CLEANUP(testing_db_done) = {.writer = db_writer_new()};
        struct feed_sink sink = {.frame = testing_frame, .ctx = &t};
        struct buf said CLEANUP(buf_done) = {0};

        (void)state;
        for (int i = 0; i < 2; i++) {
                int fd CLEANUP(fd_close) = testing_file(
                    i == 0 ? SPAN_LIT(AT("A", OLD, "1.0.0") AT("A", NEW, "1.0.0")) : SPAN_LIT(AT("B", OLD, "1.0.0")));

                t.source = db_writer_source(t.writer, SPAN_LIT("x"));
                assert_true(feed_read_source(fd, &(struct feed_request){FEED_SOURCE_LINES, {0, 1}}, &sink, NULL));
        }
        db_writer_drop(t.writer, 0);
        db_writer_tell_doubles(t.writer, double_put, &said);
        assert_true(db_writer_finish(t.writer, 1, &t.file, &t.stats, NULL));
        assert_int_equal(said.len, 0);
        assert_int_equal(t.stats.unclear, 0);
}

#define RANGES(id, ranges)                                                      \
        "{\"id\":\"" id "\",\"modified\":\"" OLD                                \
        "\",\"affected\":[{\"package\":{\"ecosystem\":\"npm\",\"name\":\"p\"}," \
        "\"ranges\":[" ranges "]}]}\n"
#define EVENTS(list) "{\"type\":\"SEMVER\",\"events\":[" list "]}"

static void ranges_without_a_beginning(void **state)
{
        struct testing_db t CLEANUP(testing_db_done);
        struct err e = {0};

        (void)state;
        if (!testing_db_make(&t,
                SPAN_LIT(RANGES("A", EVENTS("{\"introduced\":\"0\"},{\"fixed\":\"1.0.0\"}"))
                        RANGES("B", EVENTS("{\"fixed\":\"1.0.0\"}") "," EVENTS(
                                        "{\"last_affected\":\"1.0.0\"}") "," EVENTS("{\"introduced\":\"3.0.0\"}"))
                            RANGES("C", "{\"type\":\"GIT\",\"events\":[{\"fixed\":\"abc\"}]}")),
                &e))
                fail_msg("%s", e.text);
        assert_int_equal(t.stats.unclear, 1);
        assert_string_equal(t.unclear_place, "line 2");
        assert_string_equal(t.unclear.text, "B: 2 of its ranges have no \"introduced\": who is affected can't be told");
        assert_int_equal(t.stats.records, 3); /* taken all the same */
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(several_of_one_id),
            cmocka_unit_test(what_was_dropped_has_no_doubles),
            cmocka_unit_test(ranges_without_a_beginning),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
