/*
 * Real CSAF documents from the job to answers: claircore's acceptance pair, its server's layout with what is cut and what is
 * deleted, and a package that two minor releases mend by themselves. Without them the test is skipped.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>

#include "advisory/testing_priv.h"

#define VEX COFFER_SHARED "/data/vectors/vex-csaf/"

static bool real_file(const char *path, struct buf *to)
{
        char full[4096];

        snprintf(full, sizeof(full), VEX "%s", path);
        return file_read(AT_FDCWD, full, 64u << 20, to, NULL);
}

static void need_real(void)
{
        struct buf text CLEANUP(buf_done) = {0};

        if (real_file("claircore-acceptance/cve-2025-40907.csv", &text))
                return;
        print_message("skipped: no real CSAF documents under " VEX "\n");
        skip();
}

/* A folder as build_folder.c hands it over. */
static void batch_add(struct buf *batch, struct span path, struct span content)
{
        buf_put_u32le(batch, (uint32_t)path.len);
        buf_put_u32le(batch, (uint32_t)content.len);
        buf_put(batch, path);
        buf_put(batch, content);
}

static void make(struct testing_db *t, const struct buf *batch)
{
        int fd CLEANUP(fd_close) = testing_file(buf_span(batch));
        struct feed_sink sink = {.frame = testing_frame, .ctx = t};
        struct err e = {0};

        *t = (struct testing_db){.writer = db_writer_new()};
        t->source = db_writer_source(t->writer, span_of("testing"));
        if (!feed_read_source(fd, &(struct feed_request){FEED_SOURCE_BATCH, {0, 1}}, &sink, &e) ||
            !db_writer_finish(t->writer, 1700000000, &t->file, &t->stats, &e) ||
            !advisory_db_over(buf_span(&t->file), &t->db, &e))
                fail_msg("%s (%s: %s)", e.text, t->refused_place, t->refused.text);
}

static void make_of(struct testing_db *t, const char *path)
{
        struct buf batch CLEANUP(buf_done) = {0}, text CLEANUP(buf_done) = {0};

        assert_true(real_file(path, &text));
        batch_add(&batch, span_of("x.json"), buf_span(&text));
        make(t, &batch);
}

static bool hit_put(void *ctx, const struct advisory_hit *h)
{
        static const char *const answers[] = {"can't tell", "affected", "not affected"};

        buf_printf(ctx, "%.*s %s", SPAN_FMT(h->id), answers[h->answer]);
        if (h->module.len)
                buf_printf(ctx, " of %.*s", SPAN_FMT(h->module));
        if (h->fixed.len)
                buf_printf(ctx, " < %.*s", SPAN_FMT(h->fixed));
        if (h->note.len)
                buf_printf(ctx, " (%.*s)", SPAN_FMT(h->note));
        return true;
}

static void ask(
    const struct testing_db *t, const char *ecosystem, const char *package, const char *version, const char *want)
{
        struct buf got CLEANUP(buf_done) = {0};
        struct err e = {0};

        if (!advisory_db_lookup(t->db, span_of(ecosystem), span_of(package), span_of(version), hit_put, &got, &e))
                fail_msg("%s %s %s: %s", ecosystem, package, version, e.text);
        if (!span_is(buf_span(&got), want))
                fail_msg("%s %s: \"%.*s\", not \"%s\"", package, version, SPAN_FMT(buf_span(&got)), want);
}

/* "CVE,product id,affected": the product of the document that an image without the fix must be told of. */
static void test_acceptance(void **state)
{
        struct testing_db t CLEANUP(testing_db_done) = {0};
        struct buf csv CLEANUP(buf_done) = {0}, want CLEANUP(buf_done) = {0};
        struct cursor c;
        struct span line, cve, product, verdict;
        size_t n = 0;

        (void)state;
        need_real();
        make_of(&t, "claircore-acceptance/cve-2025-40907-perl.json");
        assert_true(real_file("claircore-acceptance/cve-2025-40907.csv", &csv));
        c = (struct cursor){.rest = buf_span(&csv)};
        while (cursor_line(&c, &line)) {
                if (line.len == 0 || line.at[0] == '#')
                        continue;
                assert_true(span_split(line, ',', &cve, &line) && span_split(line, ',', &product, &verdict));
                assert_true(span_is(verdict, "affected") && span_is(cve, "CVE-2025-40907"));
                assert_true(memmem(product.at, product.len, ":perl-FCGI-1:0.78-12.module+el8.10.0+23147+", 43));
                n++;
        }
        assert_int_equal(n, 1);
        /* The image's own, from before the fix; each of the four fixed builds; what is not of Red Hat Enterprise Linux 8. */
        buf_put_text(&want, "RHEL-CVE-2025-40907 affected of perl-FCGI:0.78 < 1:0.78-12.module+el8.10.0+23147");
        buf_put_u8(&want, 0);
        ask(&t, "Red Hat:enterprise_linux:8", "perl-FCGI", "1:0.78-11.module+el8.0.0+2989+bcc1b7d3",
            (const char *)want.at);
        ask(&t, "Red Hat:enterprise_linux:8", "perl-FCGI", "1:0.78-11.module+el8.3.0+6796+557bccf9",
            (const char *)want.at);
        ask(&t, "Red Hat:enterprise_linux:8", "perl-FCGI", "1:0.78-12.module+el8.10.0+23147+20b7d289",
            "RHEL-CVE-2025-40907 not affected of perl-FCGI:0.78");
        ask(&t, "Red Hat:enterprise_linux:8", "perl-FCGI", "1:0.78-12.module+el8.10.0+23147+95b68fad",
            "RHEL-CVE-2025-40907 not affected of perl-FCGI:0.78");
        ask(&t, "Red Hat:enterprise_linux:8", "perl-FCGI", "1:0.78-12.module+el8.10.0+23147+df114ff4",
            "RHEL-CVE-2025-40907 not affected of perl-FCGI:0.78");
        ask(&t, "Red Hat:enterprise_linux:9", "perl-FCGI", "1:0.79-8.el9",
            "RHEL-CVE-2025-40907 affected < 1:0.79-8.1.el9_6");
        ask(&t, "Red Hat:rhel_eus:9.4", "perl-FCGI", "1:0.79-8.el9_4.1", "RHEL-CVE-2025-40907 not affected");
        ask(&t, "Red Hat:enterprise_linux:6", "perl-FCGI", "1:0.71-1.el6", "");
}

static void test_minor_releases(void **state)
{
        static const char *const rows[][2] = {
            {"7.76.1-23.el9", "RHEL-CVE-2023-38545 affected < 7.76.1-23.el9_2.4"},
            {"7.76.1-23.el9_2.3", "RHEL-CVE-2023-38545 affected < 7.76.1-23.el9_2.4"},
            {"7.76.1-23.el9_2.4", "RHEL-CVE-2023-38545 not affected"},
            {"7.76.1-23.el9_2.5", "RHEL-CVE-2023-38545 not affected"},
            {"7.76.1-26.el9", "RHEL-CVE-2023-38545 affected < 7.76.1-26.el9_3.2"},
            {"7.76.1-26.el9_3.1", "RHEL-CVE-2023-38545 affected < 7.76.1-26.el9_3.2"},
            {"7.76.1-26.el9_3.2", "RHEL-CVE-2023-38545 not affected"},
            {"7.76.1-29.el9_4.1", "RHEL-CVE-2023-38545 not affected"},
        };
        struct testing_db t CLEANUP(testing_db_done) = {0};

        (void)state;
        need_real();
        make_of(&t, "claircore-rhel-vex/cve-2023-38545.json");
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                ask(&t, "Red Hat:enterprise_linux:9", "curl", rows[i][0], rows[i][1]);
        ask(&t, "Red Hat:enterprise_linux:8", "curl", "7.61.1-30.el8",
            "RHEL-CVE-2023-38545 not affected (vulnerable_code_not_present)");
}

/* server.txtar: "-- /path headers --" before each file; what deletions.csv names is not there any more. */
static void test_server(void **state)
{
        struct testing_db t CLEANUP(testing_db_done) = {0};
        struct buf txtar CLEANUP(buf_done) = {0}, batch CLEANUP(buf_done) = {0}, file CLEANUP(buf_done) = {0};
        struct span line, path = {0};
        struct cursor c;
        size_t n = 0;

        (void)state;
        need_real();
        assert_true(real_file("claircore-rhel-vex/server.txtar", &txtar));
        c = (struct cursor){.rest = buf_span(&txtar)};
        for (bool more = true; more;) {
                more = cursor_line(&c, &line);
                if (more && !span_starts(line, "-- /")) {
                        buf_put(&file, line);
                        buf_put_u8(&file, '\n');
                        continue;
                }
                if (span_ends(path, ".json")) { /* a folder is read for its documents alone */
                        batch_add(&batch, path, buf_span(&file));
                        n++;
                }
                buf_clear(&file);
                if (more) {
                        span_split(span_from(line, 4), ' ', &path, &line);
                }
        }
        assert_int_equal(n, 2);
        make(&t, &batch);
        assert_int_equal(t.refused.kind, ERR_NONE);
        assert_int_equal(t.stats.records, 1); /* the other speaks of jars alone */
        assert_int_equal(t.stats.skipped_ecosystem, 12);
        ask(&t, "Red Hat:satellite:6.14::el8", "foreman", "3.7.0.8-1.el8sat",
            "RHEL-CVE-2023-0118 affected < 3.7.0.9-1.el8sat");
        ask(&t, "Red Hat:satellite:6.11::el7", "foreman", "3.7.0.8-1.el8sat", "RHEL-CVE-2023-0118 not affected");
        ask(&t, "Red Hat:enterprise_linux:8", "foreman", "3.7.0.8-1.el8sat", "");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_acceptance),
            cmocka_unit_test(test_minor_releases),
            cmocka_unit_test(test_server),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
