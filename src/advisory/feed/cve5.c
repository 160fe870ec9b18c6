/*
 * CVE records 5.x as CISA enriches them ("vulnrichment"): SSVC's decision points, the KEV date and the CVSS vector of the highest
 * version, of one version CISA's own before the publisher's; and the same shortened to one object of those: {"id", "cvss", "cna_cvss", "ssvc", "kev"}. Which products a record
 * names is not looked at: packages are the distributions' and the ecosystems' to speak of.
 */
#include "advisory/feed/feed_priv.h"

static bool cve5_is(struct span head)
{
        return feed_json_has_key(head, "cveMetadata") ||
               ((feed_json_has_key(head, "ssvc") || feed_json_has_key(head, "state")) && feed_json_has_key(head, "id"));
}

static void option_take(struct advisory_fact *f, struct span name, struct span value)
{
        static const struct {
                const char *word;
                enum advisory_exploitation exploitation;
        } words[] = {{"none", ADVISORY_EXPLOITATION_NONE}, {"poc", ADVISORY_EXPLOITATION_POC},
            {"active", ADVISORY_EXPLOITATION_ACTIVE}};

        if (span_is(name, "Exploitation")) {
                for (size_t i = 0; i < ARRAY_LEN(words); i++)
                        if (span_is(value, words[i].word))
                                f->exploitation = words[i].exploitation;
        } else if (span_is(name, "Automatable")) {
                f->automatable = span_is(value, "yes");
        } else if (span_is(name, "Technical Impact")) {
                f->total_impact = span_is(value, "total");
        }
}

/* An object of decision points, or a list of such objects. */
static void options_read(struct json *j, struct advisory_fact *f)
{
        struct span key;

        if (json_peek(j) == JSON_ARRAY) {
                for (json_array(j); json_element(j);)
                        for (json_object(j); json_member(j, &key);)
                                option_take(f, key, json_string(j));
                return;
        }
        for (json_object(j); json_member(j, &key);)
                option_take(f, key, json_string(j));
}

static void vector_take(struct advisory_fact *f, struct span vector)
{
        struct feed_severity s = {.vector = f->vector, .score_tenths = f->score_tenths, .scored = f->vector.len > 0};

        feed_severity_vector(&s, vector);
        f->vector = s.vector;
        f->score_tenths = s.score_tenths;
}

static void content_read(struct json *j, struct advisory_fact *f)
{
        struct span key;

        for (json_object(j); json_member(j, &key);) {
                if (span_is(key, "options")) {
                        options_read(j, f);
                } else if (span_is(key, "dateAdded")) {
                        if (!clock_parse(json_string(j), &f->kev_added_s))
                                json_fail(j, ERR_MALFORMED, "a date was expected");
                } else {
                        json_skip(j);
                }
        }
}

/* {"type": "ssvc" or "kev", "content": {...}} */
static void other_read(struct json *j, struct advisory_fact *f)
{
        struct advisory_fact said = {0};
        struct span key, type = {0};

        for (json_object(j); json_member(j, &key);) {
                if (span_is(key, "type"))
                        type = json_string(j);
                else if (span_is(key, "content"))
                        content_read(j, &said);
                else
                        json_skip(j);
        }
        if (span_is(type, "ssvc")) {
                f->exploitation = said.exploitation;
                f->automatable = said.automatable;
                f->total_impact = said.total_impact;
        } else if (span_is(type, "kev")) {
                f->kev_added_s = said.kev_added_s;
        }
}

static void metric_read(struct json *j, struct advisory_fact *f)
{
        struct span key;

        for (json_object(j); json_member(j, &key);) {
                if (span_is(key, "other")) {
                        other_read(j, f);
                } else if (span_starts(key, "cvssV") && json_peek(j) == JSON_OBJECT) {
                        for (json_object(j); json_member(j, &key);)
                                if (span_is(key, "vectorString"))
                                        vector_take(f, json_string(j));
                                else
                                        json_skip(j);
                } else {
                        json_skip(j);
                }
        }
}

static void container_read(struct json *j, struct advisory_fact *f)
{
        struct span key;

        for (json_object(j); json_member(j, &key);) {
                if (!span_is(key, "metrics")) {
                        json_skip(j);
                        continue;
                }
                for (json_array(j); json_element(j);)
                        metric_read(j, f);
        }
}

static void containers_read(struct json *j, struct advisory_fact *ret)
{
        struct advisory_fact adp = {0}, cna = {0};
        struct span key;

        for (json_object(j); json_member(j, &key);) {
                if (span_is(key, "cna"))
                        container_read(j, &cna);
                else if (span_is(key, "adp"))
                        for (json_array(j); json_element(j);)
                                container_read(j, &adp);
                else
                        json_skip(j);
        }
        adp.id = ret->id;
        vector_take(&adp, cna.vector);
        *ret = adp;
}

static bool cve5_read(struct span document, struct arena *a, struct feed_out *o, struct err *e)
{
        struct span key, own = {0}, publishers = {0};
        struct advisory_fact f = {0};
        bool rejected = false;
        struct json j;

        json_init(&j, document, a, NULL);
        for (json_object(&j); json_member(&j, &key);) {
                if (span_is(key, "cveMetadata")) {
                        for (json_object(&j); json_member(&j, &key);)
                                if (span_is(key, "cveId"))
                                        own = json_string(&j);
                                else if (span_is(key, "state"))
                                        rejected = span_is(json_string(&j), "REJECTED");
                                else
                                        json_skip(&j);
                } else if (span_is(key, "containers")) {
                        containers_read(&j, &f);
                } else if (span_is(key, "id")) {
                        own = json_string(&j);
                } else if (span_is(key, "state")) {
                        rejected = span_is(json_string(&j), "REJECTED");
                } else if (span_is(key, "ssvc")) {
                        options_read(&j, &f);
                } else if (span_is(key, "cvss")) {
                        vector_take(&f, json_string(&j));
                } else if (span_is(key, "cna_cvss")) {
                        publishers = json_string(&j);
                } else if (span_is(key, "kev")) {
                        if (!clock_parse(json_string(&j), &f.kev_added_s))
                                json_fail(&j, ERR_MALFORMED, "a date was expected");
                } else {
                        json_skip(&j);
                }
        }
        if (!json_finish(&j, e))
                return false;
        vector_take(&f, publishers);
        f.id = own;
        return rejected || feed_put_fact(o, &f, own, e);
}

const struct feed_form feed_cve5 = {.name = "cve5", .is = cve5_is, .read = cve5_read};
