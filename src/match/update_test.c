/* Which version to move to, of records that speak in ranges. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "match/match_priv.h"

/* One interval of one record of the npm package "p": from `introduced` on, before `fixed` ("": without an end). */
struct interval {
        const char *id, *introduced, *fixed;
};

#define INTERVALS_MAX 5

/* Rows end where they have nothing more to say. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

struct row {
        const char *what, *version;
        struct interval told[INTERVALS_MAX];
        const char *update; /* of every finding that can be mended */
        uint32_t brings;
};

static int order_of(struct span a, const char *b)
{
        int by = 0;

        assert_true(version_compare(version_order_of(SPAN_LIT("npm")), a, span_of(b), &by, NULL));
        return by;
}

static bool told_lookup(const void *ctx, struct span ecosystem, struct span package, struct span version,
    bool (*on_hit)(void *ctx, const struct advisory_hit *hit), void *hit_ctx, struct err *e)
{
        const struct row *row = ctx;

        (void)ecosystem;
        (void)package;
        (void)e;
        for (size_t i = 0; i < INTERVALS_MAX && row->told[i].id; i++) {
                const struct interval *t = &row->told[i];
                struct advisory_hit hit = {.id = span_of(t->id),
                    .answer = ADVISORY_AFFECTED,
                    .severity = SEVERITY_HIGH,
                    .introduced = span_of(t->introduced),
                    .fixed = span_of(t->fixed)};

                if (order_of(version, t->introduced) >= 0 && (!t->fixed[0] || order_of(version, t->fixed) < 0) &&
                    !on_hit(hit_ctx, &hit))
                        break;
        }
        return true;
}

static const struct row rows[] = {
    {"its own branch", "1.3.0", {{"CVE-1", "1.0.0", "1.4.2"}, {"CVE-1", "2.0.0", "2.1.0"}}, "1.4.2"},
    {"the highest of several", "1.3.0", {{"CVE-1", "1.0.0", "1.9.0"}, {"CVE-2", "1.0.0", "1.10.0"}}, "1.10.0"},
    {"another's end lies in the next branch of the first", "1.3.0",
        {{"CVE-1", "1.0.0", "1.4.2"}, {"CVE-1", "2.0.0", "2.1.0"}, {"CVE-2", "0.0.0", "2.0.5"}}, "2.1.0"},
    {"the end has a finding of its own", "1.3.0", {{"CVE-1", "1.0.0", "1.4.2"}, {"CVE-2", "1.4.0", "1.4.5"}}, "1.4.5"},
    {"one after the other", "1.0.0",
        {{"CVE-1", "0.0.0", "2.0.0"}, {"CVE-2", "2.0.0", "3.0.0"}, {"CVE-3", "3.0.0", "4.0.0"}}, "4.0.0"},
    {"what has no end stands in nobody's way", "1.0.0", {{"CVE-1", "0.0.0", "2.0.0"}, {"CVE-2", "0.0.0", ""}}, "2.0.0"},
    {"and is told where it is new", "1.0.0",
        {{"CVE-1", "0.0.0", "2.0.0"}, {"CVE-2", "1.5.0", ""}, {"CVE-3", "0.0.0", ""}, {"CVE-4", "2.0.0", ""}}, "2.0.0",
        2},
    {"nothing can be mended", "1.0.0", {{"CVE-1", "0.0.0", ""}}, ""},
};

static struct advisory_db_info info;
static __typeof__(*info.ecosystems) ecosystems[] = {{{(const uint8_t *)"npm", 3}, 1}};
static struct advisory_db_info info = {.ecosystems = ecosystems, .n_ecosystems = ARRAY_LEN(ecosystems)};

static struct match *run(const struct match_source *from, const char *version)
{
        static struct component c;
        struct inventory v = {.components = &c, .n_components = 1};
        struct match *m = NULL;

        c = (struct component){.ecosystem = SPAN_LIT("npm"), .name = SPAN_LIT("p"), .version = span_of(version)};
        assert_true(match_inventory_from(&v, from, &m, NULL));
        return m;
}

static void test_rows(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(match_freep)
                struct match *m = run(&(struct match_source){&rows[i], told_lookup, NULL, &info}, rows[i].version);

                assert_true(m->n_findings > 0);
                for (size_t k = 0; k < m->n_findings; k++) {
                        const struct finding *f = &m->findings[k];
                        const char *update = f->fixed.len > 0 ? rows[i].update : "";

                        if (!span_is(f->update, update) || f->update_brings != (f->fixed.len > 0 ? rows[i].brings : 0))
                                fail_msg("%s: update to %.*s, brings %u", rows[i].what, SPAN_FMT(f->update),
                                    f->update_brings);
                }
        }
}

/* Each version has a record that ends at the next one. */
static bool endless_lookup(const void *ctx, struct span ecosystem, struct span package, struct span version,
    bool (*on_hit)(void *ctx, const struct advisory_hit *hit), void *hit_ctx, struct err *e)
{
        static char ends[MATCH_UPDATE_STEPS_MAX + 2][16]; /* as the database's, texts outlive the call */
        unsigned *asked = (unsigned *)(uintptr_t)ctx;
        char *end = ends[*asked];

        (void)ecosystem;
        (void)package;
        (void)version;
        (void)e;
        assert_true(*asked < ARRAY_LEN(ends));
        snprintf(end, sizeof(ends[0]), "1.%u.0", ++*asked);
        return on_hit(hit_ctx,
                   &(struct advisory_hit){
                       .id = SPAN_LIT("CVE-1"), .answer = ADVISORY_AFFECTED, .fixed = span_of(end)}) ||
               true;
}

/* A record whose end is not above the version that it holds, whatever is asked. */
static bool standing_lookup(const void *ctx, struct span ecosystem, struct span package, struct span version,
    bool (*on_hit)(void *ctx, const struct advisory_hit *hit), void *hit_ctx, struct err *e)
{
        (void)ecosystem;
        (void)package;
        (void)version;
        (void)e;
        return on_hit(hit_ctx,
                   &(struct advisory_hit){
                       .id = SPAN_LIT("CVE-1"), .answer = ADVISORY_AFFECTED, .fixed = span_of(ctx)}) ||
               true;
}

static void test_no_way_is_endless(void **state)
{
        unsigned asked = 0;

        (void)state;
        {
                CLEANUP(match_freep)
                struct match *m = run(&(struct match_source){&asked, endless_lookup, NULL, &info}, "1.0.0");
                assert_int_equal(m->n_findings, 1);
                assert_true(m->findings[0].fixed.len > 0 && m->findings[0].update.len == 0);
                assert_int_equal(asked, 1 + MATCH_UPDATE_STEPS_MAX);
        }
        static const char *const ends[] = {"1.0.0", "0.9.0", "1.5.0", "next week"};
        for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
                CLEANUP(match_freep)
                struct match *m = run(&(struct match_source){ends[i], standing_lookup, NULL, &info}, "1.0.0");
                assert_int_equal(m->n_findings, 1);
                assert_int_equal(m->findings[0].update.len, 0);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows), cmocka_unit_test(test_no_way_is_endless)};

        return cmocka_run_group_tests_name("update", tests, NULL, NULL);
}
