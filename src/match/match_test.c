#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "match/match_priv.h"

/* Rows end where they have nothing more to say. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

/* A database in words: what one record says of one package. */
struct told {
        const char *ecosystem, *package, *id, *aliases; /* aliases divided by blanks */
        enum advisory_answer answer;
        enum severity severity;
        uint32_t score_tenths;
        const char *introduced, *fixed, *last_affected;
        bool withdrawn, by_version_list;
        enum advisory_status status;
        const char *note, *module;
};

#define TOLD_MAX 8
#define COMPONENTS_MAX 4

struct database {
        const struct told *told;
        size_t n, n_asked;
        bool broken;
        struct advisory_db_info info;
};

static bool told_lookup(const void *ctx, struct span ecosystem, struct span package, struct span version,
    bool (*on_hit)(void *ctx, const struct advisory_hit *hit), void *hit_ctx, struct err *e)
{
        struct database *db = (struct database *)(uintptr_t)ctx;

        assert_true(version.len > 0);
        db->n_asked++;
        if (db->broken)
                return err_set(e, ERR_MALFORMED, "advisory database is damaged: test");
        for (size_t i = 0; i < db->n; i++) {
                const struct told *t = &db->told[i];
                struct span aliases[16], rest = span_of(t->aliases); /* gone when we return, as the database's are */
                struct advisory_hit hit = {
                    .id = span_of(t->id),
                    .summary = span_of(t->id),
                    .aliases = aliases,
                    .answer = t->answer,
                    .withdrawn = t->withdrawn,
                    .severity = t->severity,
                    .score_tenths = t->score_tenths,
                    .introduced = span_of(t->introduced),
                    .fixed = span_of(t->fixed),
                    .last_affected = span_of(t->last_affected),
                    .by_version_list = t->by_version_list,
                    .status = t->status,
                    .note = t->note ? span_of(t->note) : (struct span){0},
                    .module = t->module ? span_of(t->module) : (struct span){0},
                };

                if (!span_is(ecosystem, t->ecosystem) || !span_is(package, t->package))
                        continue;
                while (rest.len > 0)
                        span_split(rest, ' ', &aliases[hit.n_aliases++], &rest);
                if (!on_hit(hit_ctx, &hit))
                        break;
                memset(aliases, 0xff, sizeof(aliases));
        }
        return true;
}

/* CVE-88 has a score, CVE-99 is known to be exploited; of CVE-77 nothing more than a probability. */
static bool told_fact(const void *ctx, struct span id, struct advisory_fact *ret, bool *ret_known, struct err *e)
{
        (void)ctx;
        (void)e;
        *ret = (struct advisory_fact){0};
        *ret_known = span_is(id, "CVE-77") || span_is(id, "CVE-88") || span_is(id, "CVE-99");
        if (span_is(id, "CVE-77"))
                ret->epss = 500000;
        if (span_is(id, "CVE-88")) {
                ret->vector = SPAN_LIT("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H");
                ret->score_tenths = 98;
        }
        if (span_is(id, "CVE-99"))
                ret->kev_added_s = 5;
        return true;
}

static void put_findings(struct buf *b, const struct match *m)
{
        for (size_t i = 0; i < m->n_findings; i++) {
                const struct finding *f = &m->findings[i];

                buf_printf(b, "%u %.*s", f->component, SPAN_FMT(f->id));
                for (size_t k = 0; k < f->n_aliases; k++)
                        buf_printf(b, "%s%.*s", k ? " " : " (", SPAN_FMT(f->aliases[k]));
                buf_printf(b, "%s %s %s", f->n_aliases ? ")" : "", severity_name(f->severity),
                    f->answer == ADVISORY_AFFECTED ? "affected" : "can't tell");
                if (f->score_tenths)
                        buf_printf(b, " %u", f->score_tenths);
                if (f->fixed.len)
                        buf_printf(b, " -> %.*s", SPAN_FMT(f->fixed));
                if (f->status != ADVISORY_STATUS_NONE)
                        buf_printf(b, ", %s%s%.*s", advisory_status_name(f->status), f->note.len ? ": " : "", SPAN_FMT(f->note));
                if (f->fact.kev_added_s)
                        buf_put_text(b, ", exploited");
                buf_put_text(b, "\n");
        }
        for (size_t i = 0; i < m->n_notes; i++)
                buf_printf(b, "note: %.*s\n", SPAN_FMT(m->notes[i]));
        if (!m->complete)
                buf_put_text(b, "incomplete\n");
}

#define DEB "Debian:12"

/* One row: what the database says of one npm or deb package, and the findings that come of it. */
struct row {
        const char *what;
        struct told told[TOLD_MAX];
        const char *findings;
};

#define NPM_ "npm", "p"
#define YES ADVISORY_AFFECTED
#define NO ADVISORY_NOT_AFFECTED
#define UNKNOWN ADVISORY_UNKNOWN

#define VERDICT(status, note) NULL, NULL, NULL, false, false, status, note

static const struct row rows[] = {
    {"a publisher who looked clears it before ranges of others",
        {{NPM_, "GHSA-a", "CVE-1", YES, SEVERITY_HIGH, 75, "0", "1.0.0"},
            {NPM_, "D-1", "CVE-1", NO, 0, 0, VERDICT(ADVISORY_STATUS_NOT_AFFECTED, "code not there")}},
        ""},
    {"but not before another who looked and found it affected",
        {{NPM_, "E-1", "CVE-1", YES, SEVERITY_HIGH, 75, VERDICT(ADVISORY_STATUS_WILL_NOT_FIX, "minor")},
            {NPM_, "D-1", "CVE-1", NO, 0, 0, VERDICT(ADVISORY_STATUS_NOT_AFFECTED, NULL)}},
        "0 CVE-1 (D-1 E-1) high affected 75, will not fix: minor\n"},
    {"of several verdicts the worst",
        {{NPM_, "E-1", "CVE-1", YES, SEVERITY_HIGH, 75, VERDICT(ADVISORY_STATUS_POSTPONED, "later")},
            {NPM_, "D-1", "CVE-1", YES, SEVERITY_HIGH, 75, VERDICT(ADVISORY_STATUS_END_OF_LIFE, NULL)}},
        "0 CVE-1 (D-1 E-1) high affected 75, end of life\n"},
    {"known to be exploited before worse ones, likely ones before others",
        {{NPM_, "A", "CVE-1", YES, SEVERITY_CRITICAL, 99}, {NPM_, "B", "CVE-99", YES, SEVERITY_LOW, 20},
            {NPM_, "C", "CVE-77", YES, SEVERITY_CRITICAL, 91}},
        "0 CVE-99 (B) low affected 20, exploited\n0 CVE-77 (C) critical affected 91\n0 CVE-1 (A) critical affected 99\n"},
    {"a score from elsewhere where no record gives one, and only there",
        {{NPM_, "A", "CVE-88", YES, SEVERITY_UNKNOWN}}, "0 CVE-88 (A) critical affected 98\n"},
    {"a record's own word stays", {{NPM_, "A", "CVE-88", YES, SEVERITY_LOW, 31}}, "0 CVE-88 (A) low affected 31\n"},
    {"a module's record is for its packages alone",
        {{NPM_, "A", "CVE-1", YES, SEVERITY_LOW, 0, VERDICT(ADVISORY_STATUS_NONE, NULL), "nodejs:18"}}, ""},
    {"nothing is known", {{0}}, ""},
    {"not affected is no finding", {{NPM_, "GHSA-a", "CVE-1", NO, SEVERITY_HIGH, 75, "0", "1.0.0"}}, ""},
    {"withdrawn is no finding", {{NPM_, "GHSA-a", "CVE-1", YES, SEVERITY_HIGH, 75, "0", "1.0.0", NULL, true}}, ""},
    {"one record: the CVE is the name", {{NPM_, "GHSA-a", "CVE-1", YES, SEVERITY_HIGH, 75, "0", "1.0.0"}},
        "0 CVE-1 (GHSA-a) high affected 75 -> 1.0.0\n"},
    {"without a CVE the record's own id", {{NPM_, "MAL-1", "", YES, SEVERITY_CRITICAL}}, "0 MAL-1 critical affected\n"},
    {"shared alias: one finding, best severity, the fix that mends by both",
        {{NPM_, "GHSA-a", "CVE-1", YES, SEVERITY_HIGH, 75, "0", "1.0.0"},
            {NPM_, "PYSEC-1", "CVE-1 GHSA-a", YES, SEVERITY_CRITICAL, 98, "0", "1.10.0"}},
        "0 CVE-1 (GHSA-a PYSEC-1) critical affected 98 -> 1.10.0\n"},
    {"of the same severity the higher score",
        {{NPM_, "GHSA-a", "CVE-1", YES, SEVERITY_HIGH, 0, "0"},
            {NPM_, "PYSEC-1", "CVE-1", YES, SEVERITY_HIGH, 71, "0"}},
        "0 CVE-1 (GHSA-a PYSEC-1) high affected 71\n"},
    {"joined through ids without a CVE, the GHSA names it",
        {{NPM_, "A-1", "PYSEC-9", YES, SEVERITY_LOW}, {NPM_, "GHSA-z", "PYSEC-9", YES, SEVERITY_LOW},
            {NPM_, "PYSEC-9", "", YES, SEVERITY_LOW}},
        "0 GHSA-z (A-1 PYSEC-9) low affected\n"},
    {"a chain without a CVE ends at the CVE of one of them",
        {{NPM_, "A-1", "B-1", YES, SEVERITY_LOW}, {NPM_, "C-1", "B-1 D-1", YES, SEVERITY_LOW},
            {NPM_, "E-1", "D-1 CVE-5", YES, SEVERITY_LOW}, {NPM_, "F-1", "", YES, SEVERITY_LOW}},
        "0 CVE-5 (A-1 B-1 C-1 D-1 E-1) low affected\n0 F-1 low affected\n"},
    {"different things stay apart",
        {{NPM_, "GHSA-a", "CVE-1", YES, SEVERITY_LOW}, {NPM_, "GHSA-b", "CVE-2", YES, SEVERITY_LOW}},
        "0 CVE-1 (GHSA-a) low affected\n0 CVE-2 (GHSA-b) low affected\n"},
    {"an advisory for several CVEs does not join them",
        {{NPM_, "DSA-7-1", "CVE-1 CVE-2 CVE-3", YES, SEVERITY_UNKNOWN, 0, "0", "1.3.0"},
            {NPM_, "DEBIAN-CVE-1", "CVE-1", YES, SEVERITY_HIGH, 0, "0", "1.3.0"},
            {NPM_, "DEBIAN-CVE-2", "CVE-2", YES, SEVERITY_LOW, 0, "0", "1.2.0"}},
        "0 CVE-1 (DEBIAN-CVE-1 DSA-7-1) high affected -> 1.3.0\n0 CVE-2 (DEBIAN-CVE-2 DSA-7-1) low affected -> 1.3.0\n"
        "0 CVE-3 (DSA-7-1) unknown affected -> 1.3.0\n"},
    {"the worst of several CVEs does not rate each of them",
        {{NPM_, "USN-1", "CVE-1 CVE-2", YES, SEVERITY_CRITICAL, 98}, {NPM_, "U-1", "CVE-1", YES, SEVERITY_LOW, 31}},
        "0 CVE-2 (USN-1) critical affected 98\n0 CVE-1 (U-1 USN-1) low affected 31\n"},
    {"a shared id does not join two CVEs",
        {{NPM_, "PYSEC-1", "CVE-1 GHSA-x", YES, SEVERITY_LOW}, {NPM_, "PYSEC-2", "CVE-2 GHSA-x", YES, SEVERITY_LOW},
            {NPM_, "GHSA-x", "", YES, SEVERITY_HIGH}},
        "0 CVE-1 (GHSA-x PYSEC-1) high affected\n0 CVE-2 (GHSA-x PYSEC-2) high affected\n"},
    {"who says yes outweighs who says no",
        {{NPM_, "GHSA-a", "CVE-1", NO, SEVERITY_CRITICAL, 98},
            {NPM_, "PYSEC-1", "CVE-1", YES, SEVERITY_LOW, 0, "0", "1.2.0"}},
        "0 CVE-1 (GHSA-a PYSEC-1) low affected -> 1.2.0\n"},
    {"can't tell is listed", {{NPM_, "GHSA-a", "CVE-1", UNKNOWN, SEVERITY_HIGH, 75}},
        "0 CVE-1 (GHSA-a) high can't tell 75\n"},
    {"can't tell outweighs no",
        {{NPM_, "GHSA-a", "CVE-1", NO, SEVERITY_LOW}, {NPM_, "PYSEC-1", "CVE-1", UNKNOWN, SEVERITY_LOW}},
        "0 CVE-1 (GHSA-a PYSEC-1) low can't tell\n"},
    {"yes outweighs can't tell",
        {{NPM_, "GHSA-a", "CVE-1", UNKNOWN, SEVERITY_LOW}, {NPM_, "PYSEC-1", "CVE-1", YES, SEVERITY_LOW}},
        "0 CVE-1 (GHSA-a PYSEC-1) low affected\n"},
    {"a record without an end does not contradict a fix",
        {{NPM_, "GHSA-a", "CVE-1", YES, SEVERITY_LOW, 0, "0"},
            {NPM_, "PYSEC-1", "CVE-1", YES, SEVERITY_LOW, 0, "0", "1.2.0"}},
        "0 CVE-1 (GHSA-a PYSEC-1) low affected -> 1.2.0\n"},
    {"a fix that another calls affected is none",
        {{NPM_, "GHSA-a", "CVE-1", YES, SEVERITY_LOW, 0, "0", NULL, "1.2.0"},
            {NPM_, "PYSEC-1", "CVE-1", YES, SEVERITY_LOW, 0, "0", "1.2.0"}},
        "0 CVE-1 (GHSA-a PYSEC-1) low affected\n"},
    {"a fix after the last that is affected mends",
        {{NPM_, "GHSA-a", "CVE-1", YES, SEVERITY_LOW, 0, "0", NULL, "1.2.0"},
            {NPM_, "PYSEC-1", "CVE-1", YES, SEVERITY_LOW, 0, "0", "1.2.1"}},
        "0 CVE-1 (GHSA-a PYSEC-1) low affected -> 1.2.1\n"},
    {"a last affected version alone is no fix", {{NPM_, "GHSA-a", "CVE-1", YES, SEVERITY_LOW, 0, "0", NULL, "1.2.0"}},
        "0 CVE-1 (GHSA-a) low affected\n"},
    {"most severe first, then score, then id; unknown below low",
        {{NPM_, "CVE-4", "", YES, SEVERITY_UNKNOWN}, {NPM_, "CVE-3", "", YES, SEVERITY_LOW, 20},
            {NPM_, "CVE-2", "", YES, SEVERITY_HIGH, 71}, {NPM_, "CVE-1", "", YES, SEVERITY_HIGH, 71},
            {NPM_, "CVE-0", "", YES, SEVERITY_HIGH, 70}, {NPM_, "CVE-9", "", YES, SEVERITY_CRITICAL, 90}},
        "0 CVE-9 critical affected 90\n0 CVE-1 high affected 71\n0 CVE-2 high affected 71\n0 CVE-0 high affected 70\n"
        "0 CVE-3 low affected 20\n0 CVE-4 unknown affected\n"},
};

static void database_init(struct database *db, const struct told *told, size_t n)
{
        static struct advisory_db_info info;
        static __typeof__(*info.ecosystems) ecosystems[] = {{{(const uint8_t *)"npm", 3}, 1},
            {{(const uint8_t *)"Ubuntu:22.04:LTS", 16}, 1}, {{(const uint8_t *)DEB, 9}, 1},
            {{(const uint8_t *)"AlmaLinux:9", 11}, 1}, {{(const uint8_t *)"Rocky Linux:9", 13}, 1}};

        *db = (struct database){.told = told, .n = n};
        db->info.ecosystems = ecosystems;
        db->info.n_ecosystems = ARRAY_LEN(ecosystems);
        db->info.records = 7;
        db->info.built_s = 1000;
        db->info.newest_record_s = 900;
}

static struct component component(const char *ecosystem, const char *name, const char *version)
{
        return (struct component){.ecosystem = span_of(ecosystem),
            .type = span_of(*ecosystem ? "npm" : "generic"),
            .name = span_of(name),
            .version = span_of(version)};
}

static bool run(
    struct database *db, struct component *components, size_t n, bool os_known, struct match **ret, struct err *e)
{
        struct inventory v = {.components = components, .n_components = n, .os_known = os_known, .complete = true};

        return match_inventory_from(&v, &(struct match_source){db, told_lookup, told_fact, &db->info}, ret, e);
}

static void assert_findings(const struct match *m, const char *expected)
{
        CLEANUP(buf_done) struct buf b = {0};

        put_findings(&b, m);
        buf_put_u8(&b, 0);
        assert_string_equal((const char *)b.at, expected);
}

static void test_joining(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct component c = component("npm", "p", "1.0.0");
                CLEANUP(match_freep) struct match *m = NULL;
                struct told turned[TOLD_MAX];
                struct database db;
                size_t n = 0;

                while (n < TOLD_MAX && rows[i].told[n].id)
                        n++;
                database_init(&db, rows[i].told, n);
                print_message("%s\n", rows[i].what);
                assert_true(run(&db, &c, 1, true, &m, NULL));
                assert_findings(m, rows[i].findings);
                match_free(m);
                m = NULL;
                for (size_t k = 0; k < n; k++) /* the order of the records does not matter */
                        turned[k] = rows[i].told[n - 1 - k];
                database_init(&db, turned, n);
                assert_true(run(&db, &c, 1, true, &m, NULL));
                assert_findings(m, rows[i].findings);
        }
}

static void test_source_packages(void **state)
{
        static const struct told told[] = {
            {DEB, "openssl", "DEBIAN-CVE-1", "CVE-1", YES, SEVERITY_HIGH, 75, "0", "3.0.11-1~deb12u2"},
            {DEB, "libssl3", "DEBIAN-CVE-2", "CVE-2", YES, SEVERITY_HIGH, 75, "0", "9"},
            {DEB, "sed", "DEBIAN-CVE-3", "CVE-3", YES, SEVERITY_LOW, 0, "0"},
        };
        struct component c[] = {component(DEB, "libssl3", "3.0.9-1+b1"), component(DEB, "openssl", "3.0.9-1"),
            component(DEB, "sed", "4.9-1")};
        CLEANUP(match_freep) struct match *m = NULL;
        struct database db;

        (void)state;
        c[0].source_name = c[1].source_name = span_of("openssl");
        c[0].source_version = c[1].source_version = span_of("3.0.9-1");
        database_init(&db, told, ARRAY_LEN(told));
        assert_true(run(&db, c, ARRAY_LEN(c), true, &m, NULL));
        assert_findings(m, "0 CVE-1 (DEBIAN-CVE-1) high affected 75 -> 3.0.11-1~deb12u2\n"
                           "1 CVE-1 (DEBIAN-CVE-1) high affected 75 -> 3.0.11-1~deb12u2\n"
                           "2 CVE-3 (DEBIAN-CVE-3) low affected\n");
        assert_int_equal(db.n_asked, 3); /* both binaries of one source: one question, and one for what to move to */
        assert_true(span_is(m->findings[0].package, "openssl"));
        assert_true(span_is(m->findings[0].package_version, "3.0.9-1"));
        assert_true(span_is(m->findings[0].explanation,
            "openssl 3.0.9-1 in Debian:12: DEBIAN-CVE-1 affects all versions before 3.0.11-1~deb12u2"));
        assert_true(span_is(
            m->findings[2].explanation, "sed 4.9-1 in Debian:12: DEBIAN-CVE-3 affects every version, no fix known"));
        assert_int_equal(m->n_affected[SEVERITY_HIGH], 2);
        assert_int_equal(m->n_affected[SEVERITY_LOW], 1);
        assert_int_equal(m->n_cannot_tell, 0);
        assert_int_equal(m->n_assessed, 3);
        assert_int_equal(m->database.records, 7);
        assert_int_equal(m->database.built_s, 1000);
        assert_int_equal(m->database.newest_record_s, 900);
}

static void test_rpm_questions(void **state)
{
        static const struct told told[] = {
            {DEB, "libssl", "R-1", "CVE-1", YES, SEVERITY_HIGH, 75, "0", "9"},
            {DEB, "openssl", "R-2", "CVE-2", YES, SEVERITY_HIGH, 75, "0", "9"},
            {DEB, "npm", "R-3", "CVE-3", YES, SEVERITY_HIGH, 75, "0", "9", NULL, false, false, ADVISORY_STATUS_NONE, NULL,
                "nodejs:18"},
        };
        static struct component c[5];
        CLEANUP(match_freep) struct match *m = NULL;
        struct component kernel[] = {component(DEB, "linux-libc-dev", "6.1"), component(DEB, "linux-image-6.1-amd64", "6.1"),
            component(DEB, "linux-headers-6.1-amd64", "6.1"), component(DEB, "linux-firmware", "6.1")};
        static const struct told of_kernel[] = {{DEB, "linux", "D-1", "CVE-1", YES, SEVERITY_HIGH, 75, "0", "9"},
            {DEB, "linux-firmware", "D-2", "CVE-2", YES, SEVERITY_HIGH, 75, "0", "9"}};
        struct database db;

        (void)state;
        c[0] = component(DEB, "libssl", "1"); /* each binary package is named */
        c[0].source_name = span_of("openssl");
        c[1] = component(DEB, "npm", "1");
        c[1].module = span_of("nodejs:18:8090:a:x86_64");
        c[2] = component(DEB, "npm", "1");
        c[2].module = span_of("nodejs:20:8090:a:x86_64");
        c[3] = component(DEB, "npm", "1");                          /* of no module */
        c[4] = component(DEB, "npm", "1-2.module_el8.6.0+1+2345"); /* of which one is not known */
        for (size_t i = 0; i < ARRAY_LEN(c); i++)
                c[i].type = SPAN_LIT("rpm");
        database_init(&db, told, ARRAY_LEN(told));
        assert_true(run(&db, c, ARRAY_LEN(c), true, &m, NULL));
        assert_findings(m, "0 CVE-1 (R-1) high affected 75 -> 9\n1 CVE-3 (R-3) high affected 75 -> 9\n4 CVE-3 (R-3) high affected 75 -> 9\n");
        match_free(m);
        m = NULL;
        for (size_t i = 0; i < ARRAY_LEN(kernel); i++)
                kernel[i].type = SPAN_LIT("deb");
        kernel[0].source_name = kernel[1].source_name = kernel[2].source_name = span_of("linux");
        database_init(&db, of_kernel, ARRAY_LEN(of_kernel));
        assert_true(run(&db, kernel, ARRAY_LEN(kernel), true, &m, NULL));
        assert_findings(m, "1 CVE-1 (D-1) high affected 75 -> 9\n3 CVE-2 (D-2) high affected 75 -> 9\n");
        assert_int_equal(m->n_kernel_text, 2);
        assert_int_equal(m->n_assessed, 4);
}

/* One package, installed from libreoffice: what its distribution's advisories speak of decides what is asked for. */
static void test_installed_packages(void **state)
{
        static const struct told told[] = {
            {"AlmaLinux:9", "libreoffice-core", "ALSA-1", "CVE-1", YES, SEVERITY_HIGH, 75, "0", "1:7.1.8.1-12.el9"},
            {"AlmaLinux:9", "libreoffice", "ALSA-2", "CVE-2", YES, SEVERITY_HIGH, 75, "0"},
            {"Rocky Linux:9", "libreoffice", "RLSA-1", "CVE-1", YES, SEVERITY_HIGH, 75, "0", "1:7.1.8.1-12.el9"},
            {"Rocky Linux:9", "libreoffice-core", "RLSA-2", "CVE-2", YES, SEVERITY_HIGH, 75, "0"},
        };
        struct component c[] = {component("AlmaLinux:9", "libreoffice-core", "1:7.1.8.1-11.el9"),
            component("Rocky Linux:9", "libreoffice-core", "1:7.1.8.1-11.el9")};
        CLEANUP(match_freep) struct match *m = NULL;
        struct database db;

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(c); i++) {
                c[i].type = SPAN_LIT("rpm");
                c[i].source_name = span_of("libreoffice");
                c[i].source_version = span_of("1:7.1.8.1-11.el9");
        }
        database_init(&db, told, ARRAY_LEN(told));
        assert_true(run(&db, c, ARRAY_LEN(c), true, &m, NULL));
        assert_findings(m, "0 CVE-1 (ALSA-1) high affected 75 -> 1:7.1.8.1-12.el9\n"
                           "1 CVE-1 (RLSA-1) high affected 75 -> 1:7.1.8.1-12.el9\n");
        assert_true(span_is(m->findings[0].package, "libreoffice-core"));
        assert_true(span_is(m->findings[1].package, "libreoffice"));
}

static void test_explanations(void **state)
{
        static const struct told told[] = {
            {NPM_, "A", "CVE-1", YES, 0, 0, "1.1", "1.2"},
            {NPM_, "B", "CVE-1", YES, 0, 0, "1.1", NULL, "1.1.9"},
            {NPM_, "C", "CVE-1", YES, 0, 0, NULL, NULL, NULL, false, true},
            {NPM_, "D", "CVE-1", YES, 0, 0, NULL, "1.3", NULL, false, true},
            {NPM_, "E", "CVE-1", UNKNOWN},
            {NPM_, "F", "CVE-1", NO},
        };
        struct component c = component("npm", "p", "1.1.5");
        CLEANUP(match_freep) struct match *m = NULL;
        struct database db;

        (void)state;
        database_init(&db, told, ARRAY_LEN(told));
        assert_true(run(&db, &c, 1, true, &m, NULL));
        assert_int_equal(m->n_findings, 1);
        CLEANUP(arena_freep) struct arena *a = arena_new();
        assert_string_equal(arena_string(a, m->findings[0].explanation),
            "p 1.1.5 in npm: A affects 1.1 and later before 1.2; B affects 1.1 and later up to and including 1.1.9; "
            "C lists this very version, no fix known; D lists this very version, fixed in 1.3; "
            "E speaks of it, but the versions can't be put in order; F says it is not affected");
}

static void test_what_was_not_looked_up(void **state)
{
        struct component c[] = {component("PyPI", "a", "1"), component("PyPI", "b", "1"), component("Brew", "x", "1"),
            component("", "y", "1"), component("", "own", "1"), component("", "fork", "1"),
            component("Ubuntu:22.04", "sed", "1"), component("npm", "p", "1.0.0"), component("Debian:11", "z", "1")};
        CLEANUP(match_freep) struct match *m = NULL;
        struct database db;

        (void)state;
        c[4].type = c[5].type = SPAN_LIT("cargo"); /* a workspace's own crate, and one of a repository */
        c[5].purl = SPAN_LIT("pkg:cargo/fork@1?vcs_url=git%2Bhttps://example.org/fork%40deadbeef");
        database_init(&db, NULL, 0);
        assert_true(run(&db, c, ARRAY_LEN(c), true, &m, NULL));
        assert_findings(m, "note: 2 components of no ecosystem that has advisories: not assessed\n"
                           "note: the version order of Brew is not known here: 1 component not assessed\n"
                           "note: no advisories for Debian:11 in the database: 1 component not assessed\n"
                           "note: no advisories for PyPI in the database: 2 components not assessed\n"
                           "incomplete\n");
        assert_int_equal(m->n_assessed, 3);
        match_free(m);
        m = NULL;
        assert_true(run(&db, &c[3], 1, false, &m, NULL)); /* the inventory's note says it already */
        assert_findings(m, "incomplete\n");
        match_free(m);
        m = NULL;
        assert_true(run(&db, NULL, 0, false, &m, NULL));
        assert_findings(m, "");
}

/* What the system's package installed is the system's to mend; but only where its advisories are asked. */
static void test_owned_components(void **state)
{
        static const struct told told[] = {
            {DEB, "python3-flask", "DEBIAN-CVE-1", "CVE-1", YES, SEVERITY_HIGH, 75, "0", "9"},
            {NPM_, "GHSA-a", "CVE-2", YES, SEVERITY_HIGH, 75, "0", "9.0.0"},
        };
        struct component c[] = {component(DEB, "python3-flask", "1"), component("npm", "p", "1.0.0"),
            component("npm", "p", "1.0.0"), component("", "nginx", "1"), component("npm", "p", "1.0.0")};
        CLEANUP(match_freep) struct match *m = NULL;
        struct database db;

        (void)state;
        c[1].owner = c[3].owner = 1;
        c[4].state = COMPONENT_DECLARED; /* a lock file's word counts as any other's */
        database_init(&db, told, ARRAY_LEN(told));
        assert_true(run(&db, c, ARRAY_LEN(c), true, &m, NULL));
        assert_findings(m, "0 CVE-1 (DEBIAN-CVE-1) high affected 75 -> 9\n"
                           "2 CVE-2 (GHSA-a) high affected 75 -> 9.0.0\n"
                           "4 CVE-2 (GHSA-a) high affected 75 -> 9.0.0\n");
        assert_int_equal(m->n_assessed, 5);
        match_free(m);
        m = NULL;
        /* A system that the database does not know speaks for nobody. */
        c[0].ecosystem = span_of("Debian:11");
        assert_true(run(&db, c, 4, true, &m, NULL));
        assert_findings(m, "1 CVE-2 (GHSA-a) high affected 75 -> 9.0.0\n"
                           "2 CVE-2 (GHSA-a) high affected 75 -> 9.0.0\n"
                           "note: 1 component of no ecosystem that has advisories: not assessed\n"
                           "note: no advisories for Debian:11 in the database: 1 component not assessed\n"
                           "incomplete\n");
        assert_int_equal(m->n_assessed, 2);
        match_free(m);
        m = NULL;
        c[0].ecosystem = (struct span){0};
        c[0].type = SPAN_LIT("deb");
        assert_true(run(&db, c, 2, false, &m, NULL));
        assert_findings(m, "1 CVE-2 (GHSA-a) high affected 75 -> 9.0.0\nincomplete\n");
}

static void test_failures(void **state)
{
        struct component c = component("npm", "p\n", "1.0.0");
        struct match *m = NULL;
        struct err e = {0};
        struct database db;

        (void)state;
        database_init(&db, NULL, 0);
        db.broken = true;
        assert_false(run(&db, &c, 1, true, &m, &e));
        assert_null(m);
        assert_int_equal(e.kind, ERR_MALFORMED);
        assert_string_equal(e.text, "look up p?: advisory database is damaged: test");
        match_free(NULL);
}

static bool endless_lookup(const void *ctx, struct span ecosystem, struct span package, struct span version,
    bool (*on_hit)(void *ctx, const struct advisory_hit *hit), void *hit_ctx, struct err *e)
{
        struct advisory_hit hit = {.id = SPAN_LIT("CVE-1")};

        (void)ctx;
        (void)ecosystem;
        (void)package;
        (void)version;
        (void)e;
        while (on_hit(hit_ctx, &hit))
                ;
        return true;
}

static void test_limit(void **state)
{
        struct component c = component("npm", "p", "1.0.0");
        struct inventory v = {.components = &c, .n_components = 1};
        struct match *m = NULL;
        struct err e = {0};
        struct database db;

        (void)state;
        database_init(&db, NULL, 0);
        assert_false(match_inventory_from(&v, &(struct match_source){NULL, endless_lookup, NULL, &db.info}, &m, &e));
        assert_int_equal(e.kind, ERR_LIMIT);
        assert_string_equal(e.text, "p: more than 65536 records or 1048576 ids speak of it");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_joining),
            cmocka_unit_test(test_source_packages),
            cmocka_unit_test(test_rpm_questions),
            cmocka_unit_test(test_installed_packages),
            cmocka_unit_test(test_explanations),
            cmocka_unit_test(test_what_was_not_looked_up),
            cmocka_unit_test(test_owned_components),
            cmocka_unit_test(test_failures),
            cmocka_unit_test(test_limit),
        };

        return cmocka_run_group_tests_name("match", tests, NULL, NULL);
}
