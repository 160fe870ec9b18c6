/*
 * Photon OS' lists of vulnerabilities, cve_data_photon5.0.json: [{"cve_id", "pkg", "cve_score", "aff_ver", "res_ver", "status"}], a row
 * for each pair. A list is of one release and does not say which: its versions do ("8.16.0-1.ph4"). A flaw that was mended
 * twice in a package stands there twice, and the later version counts. "UNK-1" is a flaw without an id, mostly one that a package
 * does not have: then nothing is said.
 */
#include "advisory/feed/feed_priv.h"

#define RELEASES 100u

static bool photon_is(struct span head)
{
        return feed_json_rows_have_key(head, "cve_id") && feed_json_rows_have_key(head, "pkg") &&
               feed_json_rows_have_key(head, "res_ver");
}

struct row {
        struct span cve, package, fixed, status;
        uint32_t tenths; /* the score, without its vector */
};

struct rows {
        struct row *at;
        size_t len, cap;
};

static uint32_t score_read(struct json *j)
{
        double score;

        if (json_peek(j) != JSON_NUMBER) { /* null, or words */
                json_skip(j);
                return 0;
        }
        score = json_double(j);
        return score > 0 && score <= 10 ? (uint32_t)(score * 10 + 0.5) : 0;
}

static void row_read(struct json *j, struct row *ret)
{
        struct span key;

        for (json_object(j); json_member(j, &key);) {
                if (span_is(key, "cve_id"))
                        ret->cve = json_string(j);
                else if (span_is(key, "pkg"))
                        ret->package = json_string(j);
                else if (span_is(key, "res_ver"))
                        ret->fixed = json_null(j) ? (struct span){0} : json_string(j);
                else if (span_is(key, "status"))
                        ret->status = json_null(j) ? (struct span){0} : json_string(j);
                else if (span_is(key, "cve_score"))
                        ret->tenths = score_read(j);
                else
                        json_skip(j);
        }
        if (span_is(ret->fixed, "NA"))
                ret->fixed = (struct span){0};
}

/* "8.16.0-1.ph4" is of 4.0; 0: does not say. */
static unsigned release_of(struct span version)
{
        for (size_t i = version.len; i > 2; i--) {
                struct span number = span_from(version, i);
                uint64_t n;

                if (version.at[i - 3] == '.' && version.at[i - 2] == 'p' && version.at[i - 1] == 'h')
                        return span_to_u64(number, &n) && n < RELEASES ? (unsigned)n : 0;
        }
        return 0;
}

/* The one that most versions name; of equals the later. */
static unsigned release_find(const struct rows *rows)
{
        size_t votes[RELEASES] = {0};
        unsigned best = 0;

        for (size_t i = 0; i < rows->len; i++)
                votes[release_of(rows->at[i].fixed)]++;
        for (unsigned i = 1; i < RELEASES; i++)
                if (votes[i] > 0 && (best == 0 || votes[i] >= votes[best]))
                        best = i;
        return best;
}

static int row_order(const void *pa, const void *pb)
{
        const struct row *a = pa, *b = pb;
        int sign = span_compare(a->cve, b->cve);

        return sign ? sign : span_compare(a->package, b->package);
}

/* What is affected without a fix is worse than what has one, and a later fix than an earlier one. */
static struct row worse(struct row a, struct row b)
{
        bool a_clear = span_is(a.status, "Not Affected"), b_clear = span_is(b.status, "Not Affected");
        int by = 0;

        if (a_clear != b_clear)
                return a_clear ? b : a;
        if (a.fixed.len == 0 || b.fixed.len == 0)
                return a.fixed.len == 0 ? a : b;
        return version_compare(VERSION_ORDER_RPM, a.fixed, b.fixed, &by, NULL) && by < 0 ? b : a;
}

static void affected_make(const struct row *r, struct arena *a, struct feed_affected *to)
{
        if (span_is(r->status, "Not Affected")) {
                to->status = ADVISORY_STATUS_NOT_AFFECTED;
                return;
        }
        if (r->fixed.len > 0)
                to->status = ADVISORY_STATUS_FIXED;
        else
                to->note = r->status; /* none but "Fixed" and "Not Affected" is known */
        feed_affected_fixed(a, (struct span){0}, r->fixed, to);
        if (r->tenths > 0)
                feed_severity_word(&to->severity, span_of(severity_name(cvss_severity(r->tenths))));
}

/* "CVE-2023-1", "UNK-1", "BDSA-2025-13833"; not "Re". */
static bool is_id(struct span s)
{
        return feed_is_name(s, FEED_ID_MAX - 16) && s.len > 4 && s.at[0] >= 'A' && s.at[0] <= 'Z' &&
               memchr(s.at, '-', s.len);
}

/* The rows of one id are one record: n of them from `first` on, sorted by package. */
static bool record_put(
    const struct row *first, size_t n, struct span ecosystem, struct arena *a, struct feed_out *o, struct err *e)
{
        struct feed_record r = {.part = true, .aliases = (struct span *)&first->cve};
        struct err why = {0};

        if (!is_id(first->cve))
                return feed_refuse(o, first->package,
                    (err_set(&why, ERR_MALFORMED, "\"cve_id\" is no id of a vulnerability"), &why), e);
        r.id = arena_printf(a, "PHOTON-%.*s", SPAN_FMT(first->cve));
        r.n_aliases = span_starts(first->cve, "CVE-") ? 1 : 0;
        r.affected = arena_array(a, n, sizeof(*r.affected));
        for (size_t i = 0, next; i < n; i = next) {
                struct row row = first[i];
                struct feed_affected *affected;

                for (next = i + 1; next < n && span_equal(first[next].package, row.package); next++)
                        row = worse(row, first[next]);
                if (!feed_is_name(row.package, FEED_PACKAGE_MAX)) {
                        err_set(
                            &why, ERR_MALFORMED, "\"pkg\" of at most %u printable bytes is needed", FEED_PACKAGE_MAX);
                        if (!feed_refuse(o, row.cve, &why, e))
                                return false;
                        continue;
                }
                affected = &r.affected[r.n_affected++];
                *affected = (struct feed_affected){.ecosystem = ecosystem, .package = row.package};
                affected_make(&row, a, affected);
        }
        return r.n_affected == 0 || feed_put(o, &r, r.id, e);
}

static bool photon_read(struct span document, struct arena *a, struct feed_out *o, struct err *e)
{
        struct rows rows = {0};
        struct span ecosystem;
        unsigned release;
        struct json j;

        json_init(&j, document, a, NULL);
        for (json_array(&j); json_element(&j);) {
                struct json_mark m = json_mark(&j);
                struct row row = {0};
                struct err why;

                row_read(&j, &row);
                if (json_recover(&j, &m, &why)) {
                        if (!feed_refuse(o, row.cve, &why, e))
                                return false;
                        continue;
                }
                if (!span_starts(row.cve, "UNK-") || !span_is(row.status, "Not Affected"))
                        *ARENA_PUSH(a, &rows) = row;
        }
        if (!json_finish(&j, e))
                return false;
        release = release_find(&rows);
        if (release == 0)
                return err_set(e, ERR_MALFORMED, "no version in it names a release (\"-1.ph5\")");
        ecosystem = arena_printf(a, "Photon OS:%u.0", release);
        if (rows.len > 1)
                qsort(rows.at, rows.len, sizeof(*rows.at), row_order);
        for (size_t i = 0, end; i < rows.len; i = end) {
                for (end = i + 1; end < rows.len && span_equal(rows.at[end].cve, rows.at[i].cve); end++)
                        ;
                if (!record_put(&rows.at[i], end - i, ecosystem, a, o, e))
                        return false;
        }
        return true;
}

const struct feed_form feed_photon = {.name = "photon", .is = photon_is, .read = photon_read};
