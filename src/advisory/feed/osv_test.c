/* OSV records to answers: every feature of the schema's evaluation, and every refusal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "advisory/testing_priv.h"

/* What the lookup said, as text: "T-1 affected from=1.0 fixed=2.0" a hit. */
static bool hit_write(void *ctx, const struct advisory_hit *h)
{
        static const char *const answers[] = {"unknown", "affected", "not"};
        struct buf *to = ctx;

        buf_printf(to, "%s%.*s %s", to->len ? "; " : "", SPAN_FMT(h->id), answers[h->answer]);
        if (h->answer == ADVISORY_AFFECTED)
                buf_printf(to, "%s from=%.*s", h->by_version_list ? " listed" : "", SPAN_FMT(h->introduced));
        if (h->fixed.len)
                buf_printf(to, " fixed=%.*s", SPAN_FMT(h->fixed));
        if (h->last_affected.len && !h->by_version_list)
                buf_printf(to, " last=%.*s", SPAN_FMT(h->last_affected));
        if (h->withdrawn)
                buf_printf(to, " withdrawn");
        return true;
}

static void ask(
    const struct testing_db *t, const char *ecosystem, const char *package, const char *version, const char *want)
{
        struct buf got CLEANUP(buf_done) = {0};
        struct err e = {0};

        if (!advisory_db_lookup(t->db, span_of(ecosystem), span_of(package), span_of(version), hit_write, &got, &e))
                fail_msg("%s %s %s: %s", ecosystem, package, version, e.text);
        if (!span_is(buf_span(&got), want))
                fail_msg("%s %s %s: \"%.*s\", not \"%s\"", ecosystem, package, version, SPAN_FMT(buf_span(&got)), want);
}

static void make(struct testing_db *t, const char *lines)
{
        struct err e = {0};

        if (!testing_db_make(t, span_of(lines), &e))
                fail_msg("%s (%s: %s)", e.text, t->refused_place, t->refused.text);
}

#define HEAD "{\"id\":\"T-1\",\"modified\":\"2024-01-02T03:04:05Z\","
#define PACKAGE(eco, name) "{\"package\":{\"ecosystem\":\"" eco "\",\"name\":\"" name "\"},"
#define RANGE(events) "\"ranges\":[{\"type\":\"ECOSYSTEM\",\"events\":[" events "]}]"
#define NPM(rest) HEAD "\"affected\":[" PACKAGE("npm", "p") rest "}]}\n"

/* One npm range, asked for a list of "version=want" pairs. */
static void range(const char *line, const char *const (*asked)[2], size_t n)
{
        struct testing_db t CLEANUP(testing_db_done) = {0};

        make(&t, line);
        for (size_t i = 0; i < n; i++)
                ask(&t, "npm", "p", asked[i][0], asked[i][1]);
}
#define RANGE_TEST(line, ...)                                         \
        do {                                                          \
                static const char *const asked_[][2] = {__VA_ARGS__}; \
                range(line, asked_, ARRAY_LEN(asked_));               \
        } while (0)

#define NOT "T-1 not"

static void introduced_and_fixed(void **state)
{
        (void)state;
        RANGE_TEST(NPM(RANGE("{\"introduced\":\"0\"},{\"fixed\":\"1.2.0\"}")),
            {"0.0.0-0", "T-1 affected from=0 fixed=1.2.0"}, {"1.2.0-rc.1", "T-1 affected from=0 fixed=1.2.0"},
            {"1.2.0", NOT}, {"1.2.1", NOT});
        RANGE_TEST(NPM(RANGE("{\"introduced\":\"1.0.0\"}")), {"0.9.9", NOT}, {"1.0.0-a", NOT},
            {"1.0.0", "T-1 affected from=1.0.0"}, {"99.0.0", "T-1 affected from=1.0.0"});
        /* two branches, and the events not in order */
        RANGE_TEST(
            NPM(RANGE(
                "{\"fixed\":\"3.0.1\"},{\"introduced\":\"1.0.0\"},{\"fixed\":\"1.5.0\"},{\"introduced\":\"2.0.0\"}")),
            {"0.1.0", NOT}, {"1.4.9", "T-1 affected from=1.0.0 fixed=1.5.0"}, {"1.5.0", NOT},
            {"2.0.0", "T-1 affected from=2.0.0 fixed=3.0.1"}, {"3.0.1", NOT});
        /* a second fix behind the first says nothing new; a second introduction inside neither */
        RANGE_TEST(NPM(RANGE("{\"introduced\":\"0\"},{\"fixed\":\"1.0.0\"},{\"fixed\":\"2.0.0\"}")), {"1.5.0", NOT},
            {"0.5.0", "T-1 affected from=0 fixed=1.0.0"});
        RANGE_TEST(NPM(RANGE("{\"introduced\":\"1.0.0\"},{\"introduced\":\"2.0.0\"},{\"fixed\":\"3.0.0\"}")),
            {"1.5.0", "T-1 affected from=1.0.0 fixed=3.0.0"});
        /* fixed and introduced again at one version: affected throughout, and the first fix is none */
        RANGE_TEST(
            NPM(RANGE("{\"introduced\":\"0\"},{\"fixed\":\"1.0.0\"},{\"introduced\":\"1.0.0\"},{\"fixed\":\"2.0.0\"}")),
            {"0.5.0", "T-1 affected from=0 fixed=2.0.0"}, {"1.0.0", "T-1 affected from=0 fixed=2.0.0"}, {"2.0.0", NOT});
        /* two events in one object, as old records have it */
        RANGE_TEST(NPM(RANGE("{\"introduced\":\"1.0.0\",\"fixed\":\"2.0.0\"}")), {"2.0.0", NOT},
            {"1.0.0", "T-1 affected from=1.0.0 fixed=2.0.0"});
        /* introduced where it is fixed: affected from there on, as nothing closes it */
        RANGE_TEST(NPM(RANGE("{\"introduced\":\"2.0.0\"},{\"fixed\":\"2.0.0\"},{\"last_affected\":\"1.0.0\"}")),
            {"2.0.0", "T-1 affected from=2.0.0"}, {"1.0.0", NOT});
}

static void last_affected_and_limit(void **state)
{
        (void)state;
        RANGE_TEST(NPM(RANGE("{\"introduced\":\"0\"},{\"last_affected\":\"1.2.0\"}")),
            {"1.2.0", "T-1 affected from=0 last=1.2.0"}, {"1.2.0-rc", "T-1 affected from=0 last=1.2.0"},
            {"1.2.1-0", NOT});
        RANGE_TEST(NPM(RANGE("{\"introduced\":\"1.0.0\"},{\"last_affected\":\"1.0.0\"}")),
            {"1.0.0", "T-1 affected from=1.0.0 last=1.0.0"}, {"1.0.0-a", NOT}, {"1.0.1", NOT});
        RANGE_TEST(NPM(RANGE("{\"introduced\":\"1.0.0\"},{\"limit\":\"2.0.0\"}")), {"1.9.9", "T-1 affected from=1.0.0"},
            {"2.0.0", NOT});
        RANGE_TEST(NPM(RANGE("{\"introduced\":\"1.0.0\"},{\"limit\":\"2.0.0\"},{\"limit\":\"3.0.0\"}")),
            {"2.5.0", "T-1 affected from=1.0.0"}, {"3.0.0", NOT});
        RANGE_TEST(NPM(RANGE("{\"introduced\":\"1.0.0\"},{\"limit\":\"2.0.0\"},{\"limit\":\"*\"}")),
            {"9.0.0", "T-1 affected from=1.0.0"});
        RANGE_TEST(
            NPM(RANGE(
                "{\"introduced\":\"1.0.0\"},{\"fixed\":\"5.0.0\"},{\"introduced\":\"6.0.0\"},{\"limit\":\"2.0.0\"}")),
            {"1.5.0", "T-1 affected from=1.0.0"}, {"2.0.0", NOT}, {"6.0.0", NOT});
        RANGE_TEST(NPM(RANGE("{\"introduced\":\"1.0.0\"},{\"fixed\":\"1.5.0\"},{\"limit\":\"2.0.0\"}")),
            {"1.4.0", "T-1 affected from=1.0.0 fixed=1.5.0"}, {"1.6.0", NOT});
}

#define KNOWN(text) ",\"database_specific\":{\"last_known_affected_version_range\":" text "}"

static void last_known_bound(void **state)
{
        (void)state;
        RANGE_TEST(NPM(RANGE("{\"introduced\":\"1.0.0\"}") KNOWN("\"<= 1.4.2\"")),
            {"1.4.2", "T-1 affected from=1.0.0 last=1.4.2"}, {"1.4.3", NOT}, {"0.9.0", NOT});
        RANGE_TEST(NPM(RANGE("{\"introduced\":\"0\"}") KNOWN("\"< 1.4.2\"")), {"1.4.1", "T-1 affected from=0"},
            {"1.4.2", NOT});
        /* a fix is a better bound; what is below the start, or no bound, is passed over */
        RANGE_TEST(NPM(RANGE("{\"introduced\":\"0\"},{\"fixed\":\"2.0.0\"}") KNOWN("\"<= 1.4.2\"")),
            {"1.9.0", "T-1 affected from=0 fixed=2.0.0"});
        RANGE_TEST(
            NPM(RANGE("{\"introduced\":\"2.0.0\"}") KNOWN("\"<= 1.4.2\"")), {"3.0.0", "T-1 affected from=2.0.0"});
        RANGE_TEST(NPM(RANGE("{\"introduced\":\"2.0.0\"}") KNOWN("\"= 1.4.2\"")), {"3.0.0", "T-1 affected from=2.0.0"});
        RANGE_TEST(NPM(RANGE("{\"introduced\":\"2.0.0\"}") KNOWN("\"<= x\"")), {"3.0.0", "T-1 affected from=2.0.0"});
        RANGE_TEST(
            NPM(RANGE("{\"introduced\":\"2.0.0\"}") KNOWN("[\"<= 2.5.0\"]")), {"3.0.0", "T-1 affected from=2.0.0"});
}

static void version_lists(void **state)
{
        (void)state;
        RANGE_TEST(NPM("\"versions\":[\"1.0.0\",\"3.0.0\",\"2.0.0\",\"v3.0.0\"]"),
            {"2.0.0", "T-1 affected listed from=2.0.0"}, {"1.5.0", NOT},
            {"3.0.0+build", "T-1 affected listed from=3.0.0"}, {"0.1.0", NOT}, {"4.0.0", NOT});
        /* beside a range: only what the range does not hold is kept */
        RANGE_TEST(NPM("\"versions\":[\"1.0.0\",\"2.0.0\",\"1.5.0\",\"0.5.0\"]," RANGE(
                       "{\"introduced\":\"1.0.0\"},{\"fixed\":\"2.0.0\"}")),
            {"1.5.0", "T-1 affected from=1.0.0 fixed=2.0.0"}, {"1.0.0", "T-1 affected from=1.0.0 fixed=2.0.0"},
            {"2.0.0", "T-1 affected listed from=2.0.0"}, {"0.5.0", "T-1 affected listed from=0.5.0"}, {"2.0.1", NOT});
        /* rejected members: alone the list can't be relied on, beside a range they change nothing */
        RANGE_TEST(NPM("\"versions\":[\"1.0.0\",\"x\"]"), {"1.0.0", "T-1 affected listed from=1.0.0"},
            {"1.5.0", "T-1 unknown"});
        RANGE_TEST(NPM("\"versions\":[\"x\"]," RANGE("{\"introduced\":\"0\"},{\"fixed\":\"2.0.0\"}")), {"2.5.0", NOT});
}

static void cannot_tell(void **state)
{
        (void)state;
        RANGE_TEST(NPM("\"ranges\":[]"), {"1.0.0", "T-1 unknown"});
        RANGE_TEST(NPM("\"versions\":[]"), {"1.0.0", "T-1 unknown"});
        RANGE_TEST(NPM(RANGE("{\"introduced\":\"0\"},{\"fixed\":\"one\"}")), {"1.0.0", "T-1 unknown"});
        RANGE_TEST(NPM(RANGE("{\"fixed\":\"1.0.0\"}")), {"0.1.0", "T-1 unknown"});
        RANGE_TEST(NPM("\"ranges\":[{\"type\":\"GIT\",\"repo\":\"https://x\",\"events\":[{\"introduced\":\"0\"}]}]"),
            {"1.0.0", "T-1 unknown"});
        /* one range that can't be ordered does not hide another */
        RANGE_TEST(NPM("\"ranges\":[{\"type\":\"SEMVER\",\"events\":[{\"introduced\":\"x\"}]},{\"type\":\"SEMVER\","
                       "\"events\":["
                       "{\"introduced\":\"1.0.0\"},{\"fixed\":\"2.0.0\"}]}]"),
            {"1.0.0", "T-1 affected from=1.0.0 fixed=2.0.0"}, {"2.0.0", "T-1 unknown"});
        /* commits beside versions are passed over */
        RANGE_TEST(
            NPM("\"ranges\":[{\"type\":\"GIT\",\"events\":[{\"introduced\":\"0\"}]},{\"type\":\"SEMVER\",\"events\":["
                "{\"introduced\":\"1.0.0\"},{\"fixed\":\"2.0.0\"}]}]"),
            {"1.0.0", "T-1 affected from=1.0.0 fixed=2.0.0"}, {"2.0.0", NOT});
        /* a version that npm rejects gets no answer */
        RANGE_TEST(NPM(RANGE("{\"introduced\":\"0\"}")), {"1.0", "T-1 unknown"}, {"", "T-1 unknown"},
            {"latest", "T-1 unknown"});
}

#define GEM(specific) \
        HEAD "\"affected\":[" PACKAGE("RubyGems", "p") "\"ranges\":[],\"database_specific\":{" specific "}}]}\n"
#define GEM_TEST(specific, ...)                                             \
        do {                                                                \
                static const char *const asked[][2] = {__VA_ARGS__};        \
                struct testing_db t CLEANUP(testing_db_done) = {0};         \
                make(&t, GEM(specific));                                    \
                for (size_t i = 0; i < ARRAY_LEN(asked); i++)               \
                        ask(&t, "RubyGems", "p", asked[i][0], asked[i][1]); \
        } while (0)

/* Ranges in the ecosystem's own syntax, where a record has no others. */
static void native_ranges(void **state)
{
        (void)state;
#define NPM_NATIVE(versions) NPM("\"ranges\":[],\"database_specific\":{\"vulnerable_versions\":\"" versions "\",\"patched_versions\":\"*\"}")
        RANGE_TEST(NPM_NATIVE("<=1.0.0 || >=2.1.0 <2.3.4"), {"1.0.0", "T-1 affected from=0 last=1.0.0"}, {"1.0.1", NOT},
            {"2.1.0", "T-1 affected from=2.1.0 fixed=2.3.4"}, {"2.3.4", NOT});
        RANGE_TEST(NPM_NATIVE("3.7.2"), {"3.7.2", "T-1 affected from=3.7.2 last=3.7.2"}, {"3.7.3", NOT});
        RANGE_TEST(NPM_NATIVE("*"), {"3.7.2", "T-1 affected from=0"});
        RANGE_TEST(NPM_NATIVE("<5.0.3 >=5.0.4"), {"1.0.0", "T-1 unknown"});
        RANGE_TEST(NPM_NATIVE("all of them"), {"1.0.0", "T-1 unknown"});
        /* a range of OSV's own counts alone */
        RANGE_TEST(NPM(RANGE("{\"introduced\":\"0\"},{\"fixed\":\"1.0.0\"}") ",\"database_specific\":{\"vulnerable_versions\":\"*\"}"),
            {"0.9.0", "T-1 affected from=0 fixed=1.0.0"}, {"1.0.0", NOT});
        GEM_TEST("\"patched\":[\"~> 2.0.1\"],\"unaffected\":[\"< 1.0\"]", {"0.9", NOT}, {"1.0", "T-1 affected from=1.0 fixed=2.0.1"});
        GEM_TEST("\"patched_versions\":[\"~> 2.0.1\",\"~> 3.0.2\",\">= 3.2.1\"],\"unaffected_versions\":[\"< 1.0\"]",
            {"0.9", NOT}, {"1.0", "T-1 affected from=1.0 fixed=2.0.1"}, {"2.0.0", "T-1 affected from=1.0 fixed=2.0.1"},
            {"2.0.1", NOT}, {"2.0.9", NOT}, {"3.0.2", NOT}, {"3.2.0", "T-1 affected from=3.1.A fixed=3.2.1"},
            {"3.2.1", NOT}, {"9", NOT});
        GEM_TEST("\"patched_versions\":[],\"unaffected_versions\":[\"<= 1.2\"]", {"1.2", NOT}, {"1.2.0", NOT},
            {"1.2.1", "T-1 affected from=1.2"});
        GEM_TEST("\"patched_versions\":[\"> 1.2\"]", {"1.2", "T-1 affected from=0 last=1.2"}, {"1.2.1", NOT});
        GEM_TEST("\"patched_versions\":[]", {"1.2", "T-1 affected from=0"});
        GEM_TEST("\"patched_versions\":[\">= 1\",\"~> x y\"]", {"1.2", "T-1 unknown"});
        GEM_TEST("\"patched_versions\":\"1.0\"", {"1.2", "T-1 unknown"});
        GEM_TEST("\"patched_versions\":[\">= 2\", \"<= 2\"]", {"1", NOT}, {"2", NOT}, {"3", NOT});
}

static void short_semver_bounds(void **state)
{
        (void)state;
        RANGE_TEST(NPM(RANGE("{\"introduced\":\"1\"},{\"fixed\":\"2.1\"}")), {"0.9.9", NOT},
            {"1.0.0", "T-1 affected from=1 fixed=2.1"}, {"2.1.0", NOT}, {"2.0.9", "T-1 affected from=1 fixed=2.1"});
        RANGE_TEST(NPM(RANGE("{\"introduced\":\"v2022.04.01\"},{\"fixed\":\"2022.5-rc1\"}")),
            {"2022.4.1", "T-1 affected from=v2022.04.01 fixed=2022.5-rc1"}, {"2022.5.0-rc1", NOT});
        RANGE_TEST(NPM(RANGE("{\"introduced\":\"1.2.3.4\"}")), {"2.0.0", "T-1 unknown"});
}

static void one_package_in_several_entries(void **state)
{
        struct testing_db t CLEANUP(testing_db_done) = {0};

        (void)state;
        make(&t, HEAD "\"affected\":[" PACKAGE("npm", "p")
                     RANGE("{\"introduced\":\"3.0.0\"},{\"fixed\":\"3.1.0\"}") "}," PACKAGE("npm", "q")
                         RANGE("{\"introduced\":\"0\"}") "}," PACKAGE("npm", "p")
                             RANGE("{\"introduced\":\"1.0.0\"},{\"fixed\":\"1.1.0\"}") "}," PACKAGE("npm", "p")
                                 RANGE("{\"introduced\":\"1.0.5\"},{\"fixed\":\"1.2.0\"}") "}]}\n");
        assert_int_equal(t.stats.records, 1);
        assert_int_equal(t.stats.affected, 2);
        ask(&t, "npm", "p", "3.0.0", "T-1 affected from=3.0.0 fixed=3.1.0");
        ask(&t, "npm", "p", "1.0.0",
            "T-1 affected from=1.0.0 fixed=1.2.0"); /* overlapping: 1.1.0 is inside the other */
        ask(&t, "npm", "p", "1.1.0", "T-1 affected from=1.0.0 fixed=1.2.0");
        ask(&t, "npm", "p", "2.0.0", NOT);
        ask(&t, "npm", "q", "2.0.0", "T-1 affected from=0");
        ask(&t, "npm", "r", "2.0.0", "");
}

static void names(void **state)
{
        struct testing_db t CLEANUP(testing_db_done) = {0};
        struct err e = {0};

        (void)state;
        make(&t, HEAD "\"affected\":[" PACKAGE("PyPI", "Zope._Interface") RANGE("{\"introduced\":\"0\"}") "}," PACKAGE(
                     "npm", "Abc") RANGE("{\"introduced\":\"0\"}") "}," PACKAGE("Debian:12", "p")
                     RANGE("{\"introduced\":\"0\"}") "}," PACKAGE("Ubuntu:22.04:LTS", "p")
                         RANGE("{\"introduced\":\"0\"}") "}," PACKAGE("OSS-Fuzz", "p")
                             RANGE("{\"introduced\":\"0\"}") "}]}\n"
                                                             "{\"id\":\"T-2\",\"modified\":\"2024-01-02T03:04:05Z\","
                                                             "\"affected\":[" PACKAGE("Debian", "p")
                                                                 RANGE("{\"introduced\":\"0\"}") "}]}\n");
        assert_int_equal(t.stats.skipped_ecosystem, 1);
        ask(&t, "PyPI", "zope-interface", "1", "T-1 affected from=0");
        ask(&t, "PyPI", "ZOPE.interface", "1", "T-1 affected from=0");
        ask(&t, "npm", "Abc", "1.0.0", "T-1 affected from=0");
        ask(&t, "npm", "abc", "1.0.0", "");
        ask(&t, "Debian:12", "p", "1", "T-1 affected from=0; T-2 affected from=0");
        ask(&t, "Debian:11", "p", "1", "T-2 affected from=0");
        ask(&t, "Debian", "p", "1", "T-2 affected from=0");
        ask(&t, "Ubuntu:22.04", "p", "1", "T-1 affected from=0");
        ask(&t, "Ubuntu:22.04:LTS", "p", "1", "T-1 affected from=0");
        assert_false(advisory_db_lookup(t.db, SPAN_LIT("OSS-Fuzz"), SPAN_LIT("p"), SPAN_LIT("1"), hit_write, NULL, &e));
        assert_int_equal(e.kind, ERR_UNSUPPORTED);
}

struct seen {
        struct advisory_hit hit;
        char aliases[200];
        unsigned n;
};

static bool hit_keep(void *ctx, const struct advisory_hit *h)
{
        struct seen *s = ctx;

        s->hit = *h;
        s->n++;
        s->aliases[0] = 0;
        for (size_t i = 0; i < h->n_aliases; i++)
                snprintf(s->aliases + strlen(s->aliases), sizeof(s->aliases) - strlen(s->aliases), "%s%.*s",
                    i ? " " : "", SPAN_FMT(h->aliases[i]));
        return true;
}

static struct seen look(const struct testing_db *t, const char *ecosystem)
{
        struct seen s = {0};

        assert_true(
            advisory_db_lookup(t->db, span_of(ecosystem), SPAN_LIT("p"), SPAN_LIT("1.0.0"), hit_keep, &s, NULL));
        assert_int_equal(s.n, 1);
        return s;
}

static void texts(void **state)
{
        struct testing_db t CLEANUP(testing_db_done) = {0};
        struct seen s;

        (void)state;
        make(&t, HEAD
            "\"published\":\"2024-01-01T00:00:00.5Z\",\"withdrawn\":\"2024-02-01T00:00:00Z\",\"summary\":"
            "\"short\\u00e9\","
            "\"details\":\"long\",\"aliases\":[\"CVE-1\",\"T-1\"],\"upstream\":[\"CVE-2\",\"CVE-1\"],"
            "\"related\":[\"CVE-3\",\"GHSA-4\",\"CVE-2\"],\"references\":[{\"type\":\"FIX\",\"url\":\"https://fix\"},"
            "{\"type\":\"WEB\",\"url\":\"https://web\"},{\"type\":\"ADVISORY\",\"url\":\"javascript:x\"},"
            "{\"type\":\"ADVISORY\",\"url\":\"https://advisory\"},{\"type\":\"ADVISORY\",\"url\":\"https://second\"}],"
            "\"affected\":[" PACKAGE("Debian:12", "p") RANGE("{\"introduced\":\"0\"}") "}," PACKAGE("npm", "q")
                RANGE("{\"introduced\":\"0\"}") "}]}\n");
        assert_int_equal(t.stats.withdrawn, 1);
        s = look(&t, "Debian:12");
        assert_true(s.hit.withdrawn);
        assert_true(span_is(s.hit.summary, "short\xc3\xa9"));
        assert_true(span_is(s.hit.reference, "https://advisory"));
        assert_string_equal(s.aliases, "CVE-1 CVE-2 CVE-3");
        assert_int_equal(s.hit.modified_s, 1704164645);
        assert_int_equal(s.hit.published_s, 1704067200);
}

static void related_is_no_alias_elsewhere(void **state)
{
        struct testing_db t CLEANUP(testing_db_done) = {0};
        struct seen s;
        char line[2000], details[500];

        (void)state;
        memset(details, 'a', sizeof(details));
        memcpy(details + 199, "\xc3\xa9", 2); /* a character over the border of 200 bytes */
        snprintf(line, sizeof(line),
            HEAD "\"published\":\"0001-01-01T00:00:00Z\",\"aliases\":null,\"related\":[\"CVE-3\"],\"details\":\"\\n%.*"
                 "s\\nmore\","
                 "\"references\":null,\"severity\":null,\"affected\":[" PACKAGE("npm", "p")
                     RANGE("{\"introduced\":\"0\"}") "}]}\n",
            300, details);
        make(&t, line);
        s = look(&t, "npm");
        assert_string_equal(s.aliases, "");
        assert_int_equal(s.hit.summary.len, 199);
        assert_int_equal(s.hit.published_s, 0);
        assert_int_equal(s.hit.severity, SEVERITY_UNKNOWN);
        assert_false(s.hit.withdrawn);
}

#define V31 "{\"type\":\"CVSS_V3\",\"score\":\"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H\"}"
#define V30_LOW "{\"type\":\"CVSS_V3\",\"score\":\"CVSS:3.0/AV:P/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N\"}"
#define V40 "{\"type\":\"CVSS_V4\",\"score\":\"CVSS:4.0/AV:N/AC:L/AT:N/PR:L/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N/SA:N\"}"
#define V2 "{\"type\":\"CVSS_V2\",\"score\":\"AV:N/AC:L/Au:N/C:C/I:C/A:C\"}"
#define V2_LOCAL "{\"type\":\"CVSS_V2\",\"score\":\"AV:L/AC:L/Au:N/C:C/I:C/A:C\"}"
#define BAD "{\"type\":\"CVSS_V3\",\"score\":\"CVSS:3.1/AV:N\"}"

static void severities(void **state)
{
        static const struct {
                const char *record, *affected;
                uint32_t tenths;
                enum severity severity;
        } cases[] = {
            {"", "", 0, SEVERITY_UNKNOWN},
            {"\"severity\":[" V31 "],", "", 98, SEVERITY_CRITICAL},
            {"\"severity\":[" V31 "," V40 "],", "", 71, SEVERITY_HIGH},
            {"\"severity\":[" V40 "," V31 "],", "", 71, SEVERITY_HIGH},
            {"\"severity\":[" V30_LOW "," V31 "],", "", 98, SEVERITY_CRITICAL},
            {"\"severity\":[" BAD "," V30_LOW "],", "", 16, SEVERITY_LOW},
            {"\"severity\":[" V31 "],", ",\"severity\":[" V30_LOW "]", 16, SEVERITY_LOW},
            {"\"severity\":[" BAD "],\"database_specific\":{\"severity\":\"MODERATE\"},", "", 0, SEVERITY_MEDIUM},
            {"\"database_specific\":{\"severity\":\"LOW\"},", ",\"ecosystem_specific\":{\"urgency\":\"high\"}", 0,
                SEVERITY_HIGH},
            {"\"database_specific\":{\"severity\":[1]},", ",\"ecosystem_specific\":{\"urgency\":\"not yet assigned\"}",
                0, SEVERITY_UNKNOWN},
            {"\"severity\":[{\"type\":\"Ubuntu\",\"score\":\"critical\"}],", "", 0, SEVERITY_CRITICAL},
            {"\"severity\":[{\"type\":\"CVSS_V2\",\"score\":\"AV:N/AC:L/Au:N/C:N/I:N/A:C\"}],", "", 78, SEVERITY_HIGH},
            {"\"severity\":[" V2_LOCAL "," V2 "],", "", 72, SEVERITY_HIGH},
            {"\"severity\":[" V2 "," V30_LOW "],", "", 16, SEVERITY_LOW},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
                struct testing_db t CLEANUP(testing_db_done) = {0};
                struct seen s;
                char line[2000];
                snprintf(line, sizeof(line),
                    HEAD "%s\"affected\":[" PACKAGE("npm", "p") RANGE("{\"introduced\":\"0\"}") "%s}]}\n",
                    cases[i].record, cases[i].affected);
                make(&t, line);
                s = look(&t, "npm");
                if (s.hit.score_tenths != cases[i].tenths || s.hit.severity != cases[i].severity)
                        fail_msg("case %zu: %u %s", i, s.hit.score_tenths, severity_name(s.hit.severity));
                assert_int_equal(s.hit.vector.len > 0, cases[i].tenths > 0);
        }
}

#define OLD                                                                                        \
        "{\"id\":\"T-1\",\"modified\":\"2023-01-01T00:00:00Z\",\"affected\":[" PACKAGE("npm", "p") \
            RANGE("{\"introduced\":\"0\"}") "}]}\n"
#define GONE "{\"id\":\"T-1\",\"modified\":\"2025-01-01T00:00:00Z\",\"affected\":[]}\n"
#define OTHER                                                                                      \
        "{\"id\":\"T-0\",\"modified\":\"2023-01-01T00:00:00Z\",\"affected\":[" PACKAGE("npm", "q") \
            RANGE("{\"introduced\":\"0\"}") "}]}\n"

static void newest_of_one_id_counts(void **state)
{
        static const char newer[] = NPM(RANGE("{\"introduced\":\"1.0.0\"},{\"fixed\":\"2.0.0\"}"));
        struct testing_db a CLEANUP(testing_db_done) = {0}, b CLEANUP(testing_db_done) = {0},
                            c CLEANUP(testing_db_done) = {0};
        char lines[4000];

        (void)state;
        snprintf(lines, sizeof(lines), "%s%s%s", OLD, newer, OTHER);
        make(&a, lines);
        snprintf(lines, sizeof(lines), "%s%s%s", OTHER, newer, OLD);
        make(&b, lines);
        assert_int_equal(a.stats.records, 2);
        ask(&a, "npm", "p", "0.5.0", NOT);
        ask(&a, "npm", "p", "1.5.0", "T-1 affected from=1.0.0 fixed=2.0.0");
        assert_true(span_equal(buf_span(&a.file), buf_span(&b.file))); /* the order of the sources is of no matter */
        snprintf(lines, sizeof(lines), "%s%s%s", GONE, OTHER, newer);
        make(&c, lines);
        ask(&c, "npm", "p", "1.5.0", "");
        ask(&c, "npm", "q", "1.5.0", "T-0 affected from=0");
}

static void refused_records(void **state)
{
        static const struct {
                const char *line, *reason;
        } cases[] = {
            {"{}", "no form that is known here"},
            {"{\"id\":\"A\"}", "\"modified\" is missing"},
            {"{\"id\":\"\",\"modified\":\"2024-01-01T00:00:00Z\"}", "id of at most"},
            {"{\"id\":\"a\\nb\",\"modified\":\"2024-01-01T00:00:00Z\"}", "id of at most"},
            {"{\"id\":\"A\",\"modified\":\"yesterday\"}", "modified: a date and time was expected"},
            {"{\"id\":\"A\",\"modified\":\"2024-01-01T00:00:00Z\",\"withdrawn\":\"x\"}", "withdrawn: a date"},
            {"{\"id\":7,\"modified\":\"2024-01-01T00:00:00Z\"}", "id: "},
            {"[]", "object"},
            {"not json", "byte 0"},
            {HEAD "\"affected\":{}}", "affected: "},
            {HEAD "\"affected\":[{\"package\":{\"ecosystem\":\"npm\"}}]}", "affected[0].package: a package needs"},
            {HEAD "\"affected\":[{\"package\":{\"ecosystem\":\"npm\",\"name\":\"a\\u0000b\"}}]}",
                "affected[0].package: a package needs"},
            {HEAD "\"affected\":[" PACKAGE("npm", "p") "\"ranges\":[{\"events\":[]}]}]}", "a range has no type"},
            {HEAD "\"affected\":[" PACKAGE("npm", "p") "\"ranges\":[{\"type\":\"PATCH\",\"events\":[]}]}]}",
                "SEMVER, ECOSYSTEM or GIT"},
            {HEAD "\"affected\":[" PACKAGE("npm", "p") RANGE("{\"introduced\":0}") "}]}",
                "affected[0].ranges[0].events[0].introduced: "},
            {HEAD "\"affected\":[" PACKAGE("npm", "p") "\"versions\":[1]}]}", "affected[0].versions[0]: "},
            {HEAD "\"aliases\":[\"a\\u0001\"]}", "aliases[0]: an id"},
            {HEAD "\"id\":\"T-2\"}", "id"},
            {HEAD "\"severity\":[\"x\"]}", "severity[0]: "},
            {HEAD "\"references\":[1]}", "references[0]: "},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
                struct testing_db t CLEANUP(testing_db_done) = {0};
                char lines[4000];
                snprintf(lines, sizeof(lines), "\n%s\n%s", cases[i].line, OTHER);
                make(&t, lines);
                assert_int_equal(t.stats.refused, 1);
                assert_int_equal(t.stats.records, 1); /* the rest goes on */
                assert_string_equal(t.refused_place, "line 2");
                if (!strstr(t.refused.text, cases[i].reason))
                        fail_msg("%s: \"%s\", not \"%s\"", cases[i].line, t.refused.text, cases[i].reason);
        }
}

static void nothing_taken_fails(void **state)
{
        struct testing_db t CLEANUP(testing_db_done) = {0};
        struct err e = {0};

        (void)state;
        assert_false(testing_db_make(&t, SPAN_LIT("{}\n{}\n"), &e));
        assert_int_equal(e.kind, ERR_MALFORMED);
        assert_int_equal(t.stats.refused, 2);
}

static bool frame_count(void *ctx, struct span data, struct err *e)
{
        struct testing_db *t = ctx;

        assert_true(data.len < JAIL_FRAME_MAX);
        return testing_frame(t, data, e);
}

/* Longer than a chunk of the reader, with a line above the limit in the middle and no newline at the end. */
static void long_sources(void **state)
{
        struct testing_db t CLEANUP(testing_db_done) = {.writer = db_writer_new()};
        struct feed_sink sink = {.frame = frame_count, .ctx = &t};
        struct buf lines CLEANUP(buf_done) = {0};
        struct err e = {0};
        uint8_t *fill;

        (void)state;
        db_writer_source(t.writer, span_of("long"));
        for (unsigned i = 0; i < 20000; i++) {
                if (i == 10000) {
                        fill = buf_reserve(&lines, FEED_RECORD_MAX + 5000000u);
                        assert_non_null(fill);
                        memset(fill, 'x', FEED_RECORD_MAX + 5000000u);
                        lines.len += FEED_RECORD_MAX + 5000000u;
                        buf_put_text(&lines, "\n");
                }
                buf_printf(&lines,
                    "{\"id\":\"L-%u\",\"modified\":\"2024-01-01T00:00:00Z\",\"affected\":[" PACKAGE("npm", "p")
                        RANGE("{\"introduced\":\"0\"},{\"fixed\":\"%u.0.0\"}") "}]}%s",
                    i, i, i == 19999 ? "" : "\n");
        }
        int fd CLEANUP(fd_close) = testing_file(buf_span(&lines));
        if (!feed_read_source(fd, &(struct feed_request){FEED_SOURCE_LINES, {0, 1}}, &sink, &e))
                fail_msg("%s", e.text);
        assert_int_equal(t.stats.refused, 1);
        assert_string_equal(t.refused_place, "line 10001");
        assert_int_equal(t.refused.kind, ERR_LIMIT);
        if (!db_writer_finish(t.writer, 0, &t.file, &t.stats, &e))
                fail_msg("%s", e.text);
        assert_int_equal(t.stats.records, 20000);
}

static bool note_hit(void *ctx, const struct advisory_hit *hit)
{
        buf_printf(ctx, "%.*s %d %.*s|", SPAN_FMT(hit->id), (int)hit->answer, SPAN_FMT(hit->fixed));
        return true;
}

/* Distributions name releases and packages in ways of their own; they are filed as an installed package asks. */
static void names_of_distributions(void **state)
{
        static const struct {
                const char *ecosystem, *package, *version, *told;
        } cases[] = {{"SUSE:Linux Enterprise Server 15 SP5", "libopenssl3", "3.0.8-1", "SUSE-1 1 3.0.8-2|"},
            {"SUSE:Linux Enterprise Server 15 SP5", "openssl-3", "3.0.8-1", ""},
            {"Red Hat:enterprise_linux:9", "openssl", "3.0.7-1.el9", "RHSA-1 1 3.0.7-2.el9|"},
            {"Red Hat:enterprise_linux:9", "openssl-devel", "3.0.7-3.el9", "RHSA-1 2 |"},
            {"Red Hat:enterprise_linux:8", "openssl", "1-1", ""}};
        struct testing_db t CLEANUP(testing_db_done);
        struct err e = {0};

        (void)state;
        assert_true(testing_db_make(&t,
            SPAN_LIT("{\"id\":\"SUSE-1\",\"modified\":\"2024-01-01T00:00:00Z\",\"affected\":[{\"package\":{"
                     "\"ecosystem\":\"SUSE:Linux Enterprise "
                     "Server 15 "
                     "SP5\",\"name\":\"openssl-3\"},\"ranges\":[{\"type\":\"ECOSYSTEM\",\"events\":[{\"introduced\":"
                     "\"0\"},{\"fixed\":"
                     "\"3.0.8-2\"}]}],\"ecosystem_specific\":{\"binaries\":[{\"libopenssl3\":\"3.0.8-2\",\"openssl-3-"
                     "devel\":\"3.0.8-2\"}]}}]}\n"
                     "{\"id\":\"RHSA-1\",\"modified\":\"2024-01-01T00:00:00Z\",\"affected\":[{\"package\":{"
                     "\"ecosystem\":\"Red "
                     "Hat:enterprise_linux:9::baseos\",\"name\":\"openssl\"},\"ranges\":[{\"type\":\"ECOSYSTEM\","
                     "\"events\":[{\"introduced\":\"0\"},"
                     "{\"fixed\":\"3.0.7-2.el9\"}]}]},{\"package\":{\"ecosystem\":\"Red "
                     "Hat:enterprise_linux:9::appstream\",\"name\":"
                     "\"openssl-devel\"},\"ranges\":[{\"type\":\"ECOSYSTEM\",\"events\":[{\"introduced\":\"0\"},{"
                     "\"fixed\":\"3.0.7-2.el9\"}]}]}]}\n"),
            &e));
        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
                struct buf b CLEANUP(buf_done) = {0};

                assert_true(advisory_db_lookup(t.db, span_of(cases[i].ecosystem), span_of(cases[i].package),
                    span_of(cases[i].version), note_hit, &b, &e));
                if (!span_is(buf_span(&b), cases[i].told))
                        fail_msg("%s: %.*s", cases[i].package, SPAN_FMT(buf_span(&b)));
        }
}

static void damaged_batches(void **state)
{
        static const uint8_t cut_head[] = {1, 0, 0}, cut_body[] = {1, 0, 0, 0, 9, 0, 0, 0, 'a', '{'},
                             long_path[] = {0xff, 0xff, 0, 0, 0, 0, 0, 0},
                             large[] = {1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 'a'};
        const struct span cases[] = {span_bytes(cut_head, sizeof(cut_head)), span_bytes(cut_body, sizeof(cut_body)),
            span_bytes(long_path, sizeof(long_path)), span_bytes(large, sizeof(large))};

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
                struct testing_db t CLEANUP(testing_db_done) = {.writer = db_writer_new()};
                struct feed_sink sink = {.frame = testing_frame, .ctx = &t};
                int fd CLEANUP(fd_close) = testing_file(cases[i]);
                struct err e = {0};
                assert_false(feed_read_source(fd, &(struct feed_request){FEED_SOURCE_BATCH, {0, 1}}, &sink, &e));
                assert_true(e.kind == ERR_MALFORMED || e.kind == ERR_LIMIT);
        }
}

/* "package module; ..." of a record with this summary, whose packages a and b are mended in these versions. */
static void modules(
    const char *ecosystem, const char *summary, const char *fixed_a, const char *fixed_b, const char *want)
{
        struct arena *a CLEANUP(arena_freep) = arena_new();
        struct buf got CLEANUP(buf_done) = {0};
        struct feed_record r;
        struct err e = {0};
        struct span json = arena_printf(a,
            HEAD "\"summary\":\"%s\",\"affected\":[{\"package\":{\"ecosystem\":\"%s\",\"name\":\"a\"}," RANGE(
                "{\"introduced\":\"0\"},{\"fixed\":\"%s\"}") "},{\"package\":{\"ecosystem\":\"%s\",\"name\":\"b\"}"
                                                             "," RANGE("{\"introduced\":\"0\"},{\"fixed\":\"%s\"}") "}]"
                                                                                                                    "}",
            summary, ecosystem, fixed_a, ecosystem, fixed_b);

        if (!osv_parse(json, a, &r, &e))
                fail_msg("%s: %s", summary, e.text);
        for (size_t i = 0; i < r.n_affected; i++)
                buf_printf(&got, "%.*s %.*s;", SPAN_FMT(r.affected[i].package), SPAN_FMT(r.affected[i].module));
        if (!span_is(buf_span(&got), want))
                fail_msg("%s: \"%.*s\", not \"%s\"", summary, SPAN_FMT(buf_span(&got)), want);
}

static void modules_stand_in_summaries(void **state)
{
        static const char built[] = "1:20.11.1-1.module_el8.9.0+3775+d8460d29", plain[] = "1:20.11.1-1.el8";

        (void)state;
        modules("AlmaLinux:8", "Important: nodejs:20 security update", built, built, "a nodejs:20;b nodejs:20;");
        modules("Rocky Linux:8", "Moderate: nodejs:20 security, bug fix", built, plain, "a nodejs:20;b ;");
        modules("AlmaLinux:8", "Moderate: virt:rhel and virt-devel:rhel security update", built, plain,
            "a virt:rhel;a virt-devel:rhel;b ;");
        modules("AlmaLinux:8", "Moderate: kernel:4.18.0 security update", plain, plain, "a ;b ;");
        modules("AlmaLinux:8", "Moderate: go-toolset security update", built, built, "a ;b ;");
        modules("AlmaLinux:8", "Moderate: :8 a: a:b:c <a>:b", built, built, "a ;b ;");
        modules("npm", "nodejs:20", "1.0.0-1.module", "2.0.0", "a ;b ;");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(introduced_and_fixed),
            cmocka_unit_test(last_affected_and_limit),
            cmocka_unit_test(last_known_bound),
            cmocka_unit_test(version_lists),
            cmocka_unit_test(cannot_tell),
            cmocka_unit_test(native_ranges),
            cmocka_unit_test(names_of_distributions),
            cmocka_unit_test(short_semver_bounds),
            cmocka_unit_test(one_package_in_several_entries),
            cmocka_unit_test(names),
            cmocka_unit_test(texts),
            cmocka_unit_test(related_is_no_alias_elsewhere),
            cmocka_unit_test(severities),
            cmocka_unit_test(newest_of_one_id_counts),
            cmocka_unit_test(refused_records),
            cmocka_unit_test(nothing_taken_fails),
            cmocka_unit_test(long_sources),
            cmocka_unit_test(damaged_batches),
            cmocka_unit_test(modules_stand_in_summaries),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
