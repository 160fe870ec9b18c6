/*
 * NVD's CVE API 2.0 and the yearly files in its form: {"vulnerabilities": [{"cve": {...}}]}, or one such {"id", "vulnStatus", ...} alone.
 * Taken are facts of the CVE: its CVSS vector, CISA's dates of known exploitation and SSVC. Not taken are "configurations": they
 * name products by CPE, not packages of a distribution or an ecosystem, which speak for theirs.
 */
#include "advisory/feed/feed_priv.h"

static bool nvd_is(struct span head)
{
        return (feed_json_has_key(head, "resultsPerPage") && memmem(head.at, head.len, "\"NVD_CVE\"", 9)) ||
               (feed_json_has_key(head, "sourceIdentifier") && feed_json_has_key(head, "id"));
}

/* Of several vectors the one of the highest CVSS version; of those NVD's own ("Primary"); of those the first. */
struct best {
        struct span vector;
        uint32_t tenths;
        unsigned rank;
};

static void metric_read(struct json *j, struct best *io)
{
        struct span key, vector = {0}, type = {0};
        uint32_t tenths;
        unsigned rank;

        for (json_object(j); json_member(j, &key);) {
                if (span_is(key, "type")) {
                        type = json_string(j);
                } else if (span_is(key, "cvssData")) {
                        for (json_object(j); json_member(j, &key);)
                                if (span_is(key, "vectorString"))
                                        vector = json_string(j);
                                else
                                        json_skip(j);
                } else {
                        json_skip(j);
                }
        }
        rank = cvss_version(vector) * 2 + span_is(type, "Primary");
        if (j->failed || rank <= io->rank || !cvss_score(vector, &tenths, NULL))
                return;
        *io = (struct best){vector, tenths, rank};
}

static void option_take(struct advisory_fact *f, struct span name, struct span value)
{
        if (span_is(name, "exploitation"))
                f->exploitation = span_is(value, "active") ? ADVISORY_EXPLOITATION_ACTIVE
                                  : span_is(value, "poc")  ? ADVISORY_EXPLOITATION_POC
                                  : span_is(value, "none") ? ADVISORY_EXPLOITATION_NONE
                                                           : ADVISORY_EXPLOITATION_UNKNOWN;
        else if (span_is(name, "automatable"))
                f->automatable = span_is(value, "yes");
        else if (span_is(name, "technicalImpact"))
                f->total_impact = span_is(value, "total");
}

/* {"source", "ssvcData": {"options": [{"exploitation": "active"}, ...]}} */
static void ssvc_read(struct json *j, struct advisory_fact *f)
{
        struct span key;

        for (json_object(j); json_member(j, &key);) {
                if (!span_is(key, "ssvcData")) {
                        json_skip(j);
                        continue;
                }
                for (json_object(j); json_member(j, &key);) {
                        if (!span_is(key, "options")) {
                                json_skip(j);
                                continue;
                        }
                        for (json_array(j); json_element(j);)
                                for (json_object(j); json_member(j, &key);) {
                                        struct span name = key;

                                        option_take(f, name, json_string(j));
                                }
                }
        }
}

static void metrics_read(struct json *j, struct advisory_fact *f)
{
        struct best best = {0};
        struct span key;

        for (json_object(j); json_member(j, &key);) {
                if (span_starts(key, "cvssMetric"))
                        for (json_array(j); json_element(j);)
                                metric_read(j, &best);
                else if (span_starts(key, "ssvc"))
                        for (json_array(j); json_element(j);)
                                ssvc_read(j, f);
                else
                        json_skip(j);
        }
        f->vector = best.vector;
        f->score_tenths = best.tenths;
}

static void date_read(struct json *j, int64_t *ret, struct err *why)
{
        struct span text = json_string(j);

        if (text.len > 0 && !clock_parse(text, ret))
                err_set(why, ERR_MALFORMED, "a date was expected in \"cisaExploitAdd\" and \"cisaActionDue\"");
}

static bool cve_read(struct json *j, struct feed_out *o, struct err *e)
{
        struct advisory_fact f = {0};
        bool rejected = false;
        struct err why = {0};
        struct span key;

        for (json_object(j); json_member(j, &key);) {
                if (span_is(key, "id"))
                        f.id = json_string(j);
                else if (span_is(key, "vulnStatus"))
                        rejected = span_is(json_string(j), "Rejected");
                else if (span_is(key, "cisaExploitAdd"))
                        date_read(j, &f.kev_added_s, &why);
                else if (span_is(key, "cisaActionDue"))
                        date_read(j, &f.kev_due_s, &why);
                else if (span_is(key, "metrics"))
                        metrics_read(j, &f);
                else
                        json_skip(j);
        }
        if (j->failed || rejected)
                return true;
        return why.kind == ERR_NONE ? feed_put_fact(o, &f, f.id, e) : feed_refuse(o, f.id, &why, e);
}

static bool nvd_read(struct span document, struct arena *a, struct feed_out *o, struct err *e)
{
        struct span key;
        struct json j;

        json_init(&j, document, a, NULL);
        if (!feed_json_has_key(span_cut(document, 0, FEED_HEAD), "resultsPerPage")) {
                if (!cve_read(&j, o, e))
                        return false;
                return json_finish(&j, e);
        }
        for (json_object(&j); json_member(&j, &key);) {
                if (!span_is(key, "vulnerabilities")) {
                        json_skip(&j);
                        continue;
                }
                for (json_array(&j); json_element(&j);) {
                        struct json_mark m = json_mark(&j);
                        struct err why;

                        for (json_object(&j); json_member(&j, &key);) {
                                if (!span_is(key, "cve"))
                                        json_skip(&j);
                                else if (!cve_read(&j, o, e))
                                        return false;
                        }
                        if (json_recover(&j, &m, &why) && !feed_refuse(o, (struct span){0}, &why, e))
                                return false;
                }
        }
        return json_finish(&j, e);
}

const struct feed_form feed_nvd = {.name = "nvd", .is = nvd_is, .read = nvd_read};
