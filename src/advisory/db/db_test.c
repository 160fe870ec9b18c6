/* The database as a file: opened, damaged in every way that its checks name, and hostile. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "advisory/testing_priv.h"

static char folder[] = "/tmp/coffer-advisory-test-XXXXXX";
static int dir_fd = -1;
static struct testing_db good;

#define RECORD(id, eco, name, events)                                                     \
        "{\"id\":\"" id "\",\"modified\":\"2024-01-02T03:04:05Z\",\"aliases\":[\"CVE-" id \
        "\"],\"affected\":[{\"package\":{\"ecosystem\":\"" eco "\",\"name\":\"" name      \
        "\"},\"ranges\":[{\"type\":\"ECOSYSTEM\",\"events\":[" events "]}]}]}\n"

static const char lines[] = RECORD("A-1", "npm", "lodash", "{\"introduced\":\"0\"},{\"fixed\":\"4.17.21\"}")
    RECORD("A-2", "npm", "lodash", "{\"introduced\":\"1.0.0\"},{\"fixed\":\"2.0.0\"},{\"introduced\":\"3.0.0\"}")
        RECORD("A-3", "npm", "lodash.trim", "{\"introduced\":\"0\"}")
            RECORD("A-4", "npm", "a", "{\"introduced\":\"0\"}")
                RECORD("A-5", "Debian:12", "zlib", "{\"introduced\":\"0\"},{\"fixed\":\"1:1.2\"}")
                    RECORD("A-6", "PyPI", "django", "{\"introduced\":\"2.2\"},{\"fixed\":\"2.2.28\"}");

static int setup(void **state)
{
        struct err e = {0};

        (void)state;
        if (!mkdtemp(folder) || (dir_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
                return -1;
        return testing_db_make(&good, SPAN_LIT(lines), &e) ? 0 : -1;
}

static int teardown(void **state)
{
        (void)state;
        testing_db_done(&good);
        fd_close(&dir_fd);
        return tree_remove(AT_FDCWD, folder, NULL) ? 0 : -1;
}

static bool count(void *ctx, const struct advisory_hit *hit)
{
        unsigned *n = ctx;

        assert_true(hit->id.len > 0);
        (*n)++;
        return true;
}

static unsigned hits(const struct advisory_db *db, const char *ecosystem, const char *package)
{
        unsigned n = 0;
        struct err e = {0};

        if (!advisory_db_lookup(db, span_of(ecosystem), span_of(package), SPAN_LIT("1.0.0"), count, &n, &e))
                fail_msg("%s", e.text);
        return n;
}

static void opened(void **state)
{
        struct advisory_db *db CLEANUP(advisory_db_freep) = NULL;
        const struct advisory_db_info *info;
        struct err e = {0};

        (void)state;
        assert_true(file_replace(dir_fd, "good", buf_span(&good.file), 0644, &e));
        if (!advisory_db_open(dir_fd, "good", &db, &e))
                fail_msg("%s", e.text);
        info = advisory_db_info(db);
        assert_int_equal(info->format, DB_FORMAT);
        assert_int_equal(info->built_s, 1700000000);
        assert_int_equal(info->newest_record_s, 1704164645);
        assert_int_equal(info->records, 6);
        assert_int_equal(info->packages, 5);
        assert_int_equal(info->ranges, 7);
        assert_int_equal(info->bytes, good.file.len);
        assert_int_equal(info->n_ecosystems, 3);
        assert_true(span_is(info->ecosystems[2].ecosystem, "npm"));
        assert_int_equal(info->ecosystems[2].records, 4);
        assert_true(advisory_db_verify(db, &e));
        assert_int_equal(hits(db, "npm", "lodash"), 2);
        assert_int_equal(hits(db, "npm", "lodash.trim"), 1);
        assert_int_equal(hits(db, "npm", "lodash."), 0);
        assert_int_equal(hits(db, "npm", "lodas"), 0);
        assert_int_equal(hits(db, "npm", ""), 0);
        assert_int_equal(hits(db, "npm", "a"), 1);
        assert_int_equal(hits(db, "npm", "zzzzzzzzzzzz"), 0);
        assert_int_equal(hits(db, "Debian:12", "zlib"), 1);
        assert_int_equal(hits(db, "Debian:11", "zlib"), 0);
        assert_int_equal(hits(db, "PyPI", "Django"), 1);
        assert_int_equal(hits(db, "Hex", "a"), 0);
}

static bool stop_at_once(void *ctx, const struct advisory_hit *hit)
{
        (void)hit;
        ++*(unsigned *)ctx;
        return false;
}

static void stopped(void **state)
{
        unsigned n = 0;

        (void)state;
        assert_true(advisory_db_lookup(
            good.db, SPAN_LIT("npm"), SPAN_LIT("lodash"), SPAN_LIT("1.0.0"), stop_at_once, &n, NULL));
        assert_int_equal(n, 1);
}

static void open_refused(struct span content, enum err_kind kind, const char *reason)
{
        struct advisory_db *db = NULL;
        struct err e = {0};

        assert_true(file_replace(dir_fd, "bad", content, 0644, &e));
        assert_false(advisory_db_open(dir_fd, "bad", &db, &e));
        assert_null(db);
        if (e.kind != kind || !strstr(e.text, reason))
                fail_msg("%s \"%s\", not %s \"%s\"", err_kind_name(e.kind), e.text, err_kind_name(kind), reason);
}

static void refused_in_memory(struct span content, bool other_format)
{
        struct advisory_db *db CLEANUP(advisory_db_freep) = NULL;
        struct err e = {0};

        assert_false(advisory_db_over(content, &db, &e) && advisory_db_verify(db, &e));
        assert_int_equal(e.kind, other_format ? ERR_UNSUPPORTED : ERR_MALFORMED);
        assert_true(e.text[0]);
}

static void cut_at_every_length(void **state)
{
        struct span whole = buf_span(&good.file);

        (void)state;
        for (size_t n = 0; n < whole.len; n++)
                refused_in_memory(span_cut(whole, 0, n), false);
        open_refused((struct span){0}, ERR_MALFORMED, "has 0 bytes");
        open_refused(span_cut(whole, 0, 100), ERR_MALFORMED, "cut");
        open_refused(span_cut(whole, 0, whole.len - 8), ERR_MALFORMED, "its header says");
}

static void every_byte_counts(void **state)
{
        struct buf copy CLEANUP(buf_done) = {0};

        (void)state;
        buf_put(&copy, buf_span(&good.file));
        for (size_t i = 0; i < copy.len; i++) {
                if (i >= DB_HEADER && i < DB_CONTENT)
                        continue; /* the gap: nobody reads it */
                copy.at[i] ^= 0x10;
                refused_in_memory(buf_span(&copy), i >= 8 && i < 16);
                copy.at[i] ^= 0x10;
        }
        copy.at[DB_CONTENT + 50] ^= 1;
        open_refused(buf_span(&copy), ERR_MALFORMED, "the content fails its checksum");
}

static void other_formats(void **state)
{
        struct buf copy CLEANUP(buf_done) = {0};

        (void)state;
        buf_put(&copy, buf_span(&good.file));
        copy.at[8] = 1;
        open_refused(buf_span(&copy), ERR_UNSUPPORTED, "has format 1 with version keys ");
        copy.at[8] = DB_FORMAT;
        copy.at[12] = 9;
        open_refused(buf_span(&copy), ERR_UNSUPPORTED, "with version keys 9");
        copy.at[0] = 'X';
        open_refused(buf_span(&copy), ERR_MALFORMED, "no advisory database");
}

static void not_there(void **state)
{
        struct advisory_db *db = NULL;
        struct err e = {0};

        (void)state;
        assert_false(advisory_db_open(dir_fd, "absent", &db, &e));
        assert_int_equal(e.kind, ERR_NOT_FOUND);
        assert_int_equal(mkdirat(dir_fd, "sub", 0700), 0);
        assert_false(advisory_db_open(dir_fd, "sub", &db, &e));
        assert_int_equal(e.kind, ERR_MALFORMED);
        assert_int_equal(mkfifoat(dir_fd, "fifo", 0600), 0);
        assert_false(advisory_db_open(dir_fd, "fifo", &db, &e));
        assert_int_equal(e.kind, ERR_MALFORMED);
}

/* A valid header over changed content: what a hostile maker of databases can do. */
static void forge(struct buf *file, const struct db_header *h)
{
        struct buf head CLEANUP(buf_done) = {0};

        db_header_write(h, &head);
        memcpy(file->at, head.at, DB_CONTENT);
}

static void forged(size_t section, uint64_t at, uint64_t len, const char *reason)
{
        struct buf copy CLEANUP(buf_done) = {0};
        struct advisory_db *db CLEANUP(advisory_db_freep) = NULL;
        struct db_header h;
        struct err e = {0};

        buf_put(&copy, buf_span(&good.file));
        assert_true(db_header_read(buf_span(&copy), &h, &e));
        h.sections[section].at = at;
        h.sections[section].len = len;
        forge(&copy, &h);
        assert_false(advisory_db_over(buf_span(&copy), &db, &e));
        assert_int_equal(e.kind, ERR_MALFORMED);
        if (!strstr(e.text, reason))
                fail_msg("\"%s\", not \"%s\"", e.text, reason);
}

static void hostile_sections(void **state)
{
        uint64_t all = good.file.len;

        (void)state;
        forged(DB_PACKAGES, 0, 24, "section 2");              /* over the header */
        forged(DB_PACKAGES, DB_CONTENT + 4, 24, "section 2"); /* odd place */
        forged(DB_PACKAGES, DB_CONTENT, 25, "section 2");     /* half a row */
        forged(DB_INTERVALS, all, 24, "section 4");           /* behind the end */
        forged(DB_STRINGS, UINT64_MAX - 7, 16, "section 0");  /* overflow */
        forged(DB_ALIASES, DB_CONTENT, UINT64_MAX - 3, "section 6");
        forged(DB_STRINGS, DB_CONTENT, 0, "has no name");
}

/* Each row field of each section set to the largest number: an error or a wrong answer, and an end. */
static void hostile_rows(void **state)
{
        struct db_header h;
        unsigned refused = 0, answered = 0;

        (void)state;
        assert_true(db_header_read(buf_span(&good.file), &h, NULL));
        for (size_t s = 0; s < DB_SECTIONS; s++) {
                for (uint64_t i = 0; i + 4 <= h.sections[s].len; i += s == DB_STRINGS ? 1 : 4) {
                        struct buf copy CLEANUP(buf_done) = {0};
                        struct advisory_db *db CLEANUP(advisory_db_freep) = NULL;
                        struct err e = {0};
                        buf_put(&copy, buf_span(&good.file));
                        memset(copy.at + h.sections[s].at + i, 0xff, 4);
                        if (!advisory_db_over(buf_span(&copy), &db, &e)) {
                                refused++;
                                continue;
                        }
                        for (size_t k = 0; k < 5; k++) {
                                static const char *const packages[][2] = {{"npm", "lodash"}, {"npm", "lodash.trim"},
                                    {"npm", "a"}, {"Debian:12", "zlib"}, {"PyPI", "django"}};
                                unsigned n = 0;
                                bool ok = advisory_db_lookup(db, span_of(packages[k][0]), span_of(packages[k][1]),
                                    SPAN_LIT("1.0.0"), stop_at_once, &n, &e);
                                refused += !ok;
                                answered += ok;
                                assert_true(ok || e.kind == ERR_MALFORMED);
                        }
                }
        }
        assert_true(refused > 100 && answered > 100);
}

static void writer_refuses(void **state)
{
        struct db_writer *w CLEANUP(db_writer_freep) = db_writer_new();
        static const uint8_t junk[] = {1, 0, 0, 0, 'a', 9};
        struct err e = {0};

        (void)state;
        assert_false(db_writer_add(w, 0, ITEM_RECORD, span_bytes(junk, sizeof(junk)), &e));
        assert_int_equal(e.kind, ERR_BUG);
        assert_int_equal(db_writer_source(w, span_of("one")), 0);
        for (enum item_kind kind = ITEM_RECORD; kind <= ITEM_FACT; kind += ITEM_FACT - ITEM_RECORD) {
                assert_false(db_writer_add(w, 0, kind, (struct span){0}, &e));
                assert_int_equal(e.kind, ERR_MALFORMED);
                assert_false(db_writer_add(w, 0, kind, span_bytes(junk, sizeof(junk)), &e));
                assert_int_equal(e.kind, ERR_MALFORMED);
        }
}

static void put_record(struct db_writer *w, uint32_t source, const char *id, bool part, int64_t modified_s, const char *package,
    enum advisory_status status)
{
        struct record_interval all = {.introduced = span_of("0"), .flags = INTERVAL_OPEN};
        struct span alias = span_of("CVE-1");
        struct record_entry entry = {.ecosystem = span_of("npm"),
            .package = span_of(package),
            .status = status,
            .note = span_of("because"),
            .module = span_of("m:1"),
            .intervals = &all,
            .n_intervals = status == ADVISORY_STATUS_NOT_AFFECTED ? 0 : 1};
        struct record r = {.id = span_of(id),
            .modified_s = modified_s,
            .flags = part ? RECORD_PART : 0,
            .aliases = &alias,
            .n_aliases = 1,
            .entries = &entry,
            .n_entries = 1};
        struct buf item CLEANUP(buf_done) = {0};
        struct err e = {0};

        record_encode(&r, &item);
        if (!db_writer_add(w, source, ITEM_RECORD, buf_span(&item), &e))
                fail_msg("%s", e.text);
}

static bool take_hit(void *ctx, const struct advisory_hit *hit)
{
        *(struct advisory_hit *)ctx = *hit;
        return true;
}

/* Parts of one source make one record; those of the same id elsewhere another, which speaks of other packages alone. */
static void parts(void **state)
{
        struct testing_db t CLEANUP(testing_db_done) = {.writer = db_writer_new()};
        uint32_t one = db_writer_source(t.writer, span_of("one")), two = db_writer_source(t.writer, span_of("two"));
        struct advisory_hit hit = {0};
        struct err e = {0};

        (void)state;
        put_record(t.writer, two, "D-1", true, 90, "other", ADVISORY_STATUS_NONE);
        put_record(t.writer, two, "D-1", true, 91, "c", ADVISORY_STATUS_NONE);
        put_record(t.writer, one, "D-1", true, 10, "a", ADVISORY_STATUS_NONE);
        put_record(t.writer, one, "D-1", true, 30, "b", ADVISORY_STATUS_WILL_NOT_FIX);
        put_record(t.writer, one, "D-1", true, 20, "c", ADVISORY_STATUS_NOT_AFFECTED);
        put_record(t.writer, one, "D-1", true, 30, "b", ADVISORY_STATUS_WILL_NOT_FIX); /* told twice, and again less badly */
        put_record(t.writer, one, "D-1", true, 30, "b", ADVISORY_STATUS_NOT_AFFECTED);
        db_writer_refused(t.writer, two);
        if (!db_writer_finish(t.writer, 5, &t.file, &t.stats, &e) || !advisory_db_over(buf_span(&t.file), &t.db, &e))
                fail_msg("%s", e.text);
        assert_int_equal(t.stats.records, 2);
        assert_int_equal(t.stats.affected, 4);
        assert_true(advisory_db_lookup(t.db, span_of("npm"), span_of("b"), span_of("1.0.0"), take_hit, &hit, &e));
        assert_int_equal(hit.answer, ADVISORY_AFFECTED);
        assert_int_equal(hit.status, ADVISORY_STATUS_WILL_NOT_FIX);
        assert_true(span_is(hit.note, "because") && span_is(hit.module, "m:1") && span_is(hit.source, "one"));
        assert_int_equal(hit.n_aliases, 1); /* each part names it */
        assert_true(advisory_db_lookup(t.db, span_of("npm"), span_of("c"), span_of("1.0.0"), take_hit, &hit, &e));
        assert_int_equal(hit.answer, ADVISORY_NOT_AFFECTED);
        assert_int_equal(hit.status, ADVISORY_STATUS_NOT_AFFECTED);
        assert_true(span_is(hit.source, "one")); /* the first source that speaks of a package is heard */
        assert_true(advisory_db_lookup(t.db, span_of("npm"), span_of("other"), span_of("1.0.0"), take_hit, &hit, &e));
        assert_true(span_is(hit.id, "D-1") && span_is(hit.source, "two"));
        const struct advisory_db_info *info = advisory_db_info(t.db);
        assert_int_equal(info->n_sources, 2);
        assert_true(info->sources[0].records == 1 && info->sources[0].newest_record_s == 30 && info->sources[0].refused == 0);
        assert_true(info->sources[1].records == 1 && info->sources[1].refused == 1);
}

static void put_fact(struct db_writer *w, uint32_t source, struct advisory_fact f)
{
        struct buf item CLEANUP(buf_done) = {0};
        struct err e = {0};

        fact_encode(&f, &item);
        if (!db_writer_add(w, source, ITEM_FACT, buf_span(&item), &e))
                fail_msg("%s", e.text);
}

/* What three sources say of one vulnerability stands together, in whatever order they came. */
static void facts(void **state)
{
        (void)state;
        for (unsigned order = 0; order < 2; order++) {
                struct testing_db t CLEANUP(testing_db_done) = {.writer = db_writer_new()};
                uint32_t from = db_writer_source(t.writer, span_of("one"));
                struct advisory_fact all[] =
                    {
                        {.id = span_of("CVE-2"), .epss = 970000, .epss_percentile = 999000},
                        {.id = span_of("CVE-2"),
                            .kev_added_s = 10 * DB_DAY_S,
                            .kev_due_s = 20 * DB_DAY_S + 5,
                            .ransomware = true},
                        {.id = span_of("CVE-2"),
                            .exploitation = ADVISORY_EXPLOITATION_ACTIVE,
                            .automatable = true,
                            .vector = span_of("CVSS:3.1/AV:N"),
                            .score_tenths = 98},
                        {.id = span_of("CVE-2"), .vector = span_of("CVSS:4.0/AV:N"), .score_tenths = 70},
                        {.id = span_of("CVE-1"), .total_impact = true},
                        {.id = span_of("CVE-30"), .epss = 1},
                        {.id = span_of("CVE-4"),
                            .vector = span_of("AV:N/AC:L"),
                            .score_tenths = 100,
                            .kev_added_s = 9 * DB_DAY_S},
                        {.id = span_of("CVE-4"), .vector = span_of("CVSS:3.1/AV:L"), .score_tenths = 50},
                        {.id = span_of("CVE-4"), .vector = span_of("CVSS:3.1/AV:P"), .score_tenths = 60},
                        {.id = span_of("CVE-4"), .vector = span_of("CVSS:3.0/AV:N"), .score_tenths = 90},
                        {.id = span_of("CVE-4"), .kev_added_s = 8 * DB_DAY_S, .kev_due_s = 30 * DB_DAY_S},
                        {.id = span_of("CVE-5"), .vector = span_of("AV:L/AC:L"), .score_tenths = 72},
                        {.id = span_of("CVE-5"), .vector = span_of("AV:N/AC:L"), .score_tenths = 50},
                    },
                                     got;
                struct err e = {0};
                bool known;

                for (size_t i = 0; i < ARRAY_LEN(all); i++)
                        put_fact(t.writer, from, all[order ? ARRAY_LEN(all) - 1 - i : i]);
                if (!db_writer_finish(t.writer, 5, &t.file, &t.stats, &e) || !advisory_db_over(buf_span(&t.file), &t.db, &e))
                        fail_msg("%s", e.text);
                assert_int_equal(advisory_db_info(t.db)->facts, 5);
                assert_true(advisory_db_fact(t.db, span_of("CVE-2"), &got, &known, &e) && known);
                assert_true(got.epss == 970000 && got.epss_percentile == 999000 && got.kev_added_s == 10 * DB_DAY_S &&
                            got.kev_due_s == 20 * DB_DAY_S && got.ransomware && got.automatable && !got.total_impact);
                assert_int_equal(got.exploitation, ADVISORY_EXPLOITATION_ACTIVE);
                assert_true(span_is(got.vector, "CVSS:4.0/AV:N") && got.score_tenths == 70);
                assert_true(advisory_db_fact(t.db, span_of("CVE-1"), &got, &known, &e) && known && got.total_impact);
                assert_true(advisory_db_fact(t.db, span_of("CVE-4"), &got, &known, &e) && known);
                assert_true(span_is(got.vector, "CVSS:3.1/AV:P") && got.score_tenths == 60);
                assert_true(got.kev_added_s == 8 * DB_DAY_S && got.kev_due_s == 30 * DB_DAY_S);
                assert_true(advisory_db_fact(t.db, span_of("CVE-5"), &got, &known, &e) && known);
                assert_true(span_is(got.vector, "AV:L/AC:L") && got.score_tenths == 72);
                assert_true(advisory_db_fact(t.db, span_of("CVE-3"), &got, &known, &e) && !known && got.id.len == 0);
                assert_true(advisory_db_fact(t.db, span_of("CVE-30"), &got, &known, &e) && known && got.epss == 1);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(parts),
            cmocka_unit_test(facts),
            cmocka_unit_test(opened),
            cmocka_unit_test(stopped),
            cmocka_unit_test(cut_at_every_length),
            cmocka_unit_test(every_byte_counts),
            cmocka_unit_test(other_formats),
            cmocka_unit_test(not_there),
            cmocka_unit_test(hostile_sections),
            cmocka_unit_test(hostile_rows),
            cmocka_unit_test(writer_refuses),
        };

        return cmocka_run_group_tests(tests, setup, teardown);
}
