/* CISA's Known Exploited Vulnerabilities catalogue as JSON: facts of CVEs. */
#include "advisory/feed/feed_priv.h"

static bool kev_is(struct span head)
{
        return feed_json_has_key(head, "catalogVersion");
}

static void date_read(struct json *j, int64_t *ret)
{
        struct span text = json_string(j);

        if (text.len > 0 && !clock_parse(text, ret))
                json_fail(j, ERR_MALFORMED, "a date was expected");
}

static void entry_read(struct json *j, struct advisory_fact *f)
{
        struct span key;

        for (json_object(j); json_member(j, &key);) {
                if (span_is(key, "cveID"))
                        f->id = json_string(j);
                else if (span_is(key, "dateAdded"))
                        date_read(j, &f->kev_added_s);
                else if (span_is(key, "dueDate"))
                        date_read(j, &f->kev_due_s);
                else if (span_is(key, "knownRansomwareCampaignUse"))
                        f->ransomware = span_is(json_string(j), "Known");
                else
                        json_skip(j);
        }
        if (!j->failed && f->kev_added_s == 0)
                json_fail(j, ERR_MALFORMED, "\"dateAdded\" is missing");
}

static bool kev_read(struct span document, struct arena *a, struct feed_out *o, struct err *e)
{
        struct span key;
        struct json j;

        json_init(&j, document, a, NULL);
        for (json_object(&j); json_member(&j, &key);) {
                if (!span_is(key, "vulnerabilities")) {
                        json_skip(&j);
                        continue;
                }
                for (json_array(&j); json_element(&j);) {
                        struct json_mark m = json_mark(&j);
                        struct advisory_fact f = {0};
                        struct err why;

                        entry_read(&j, &f);
                        if (json_recover(&j, &m, &why)) {
                                if (!feed_refuse(o, f.id, &why, e))
                                        return false;
                                continue;
                        }
                        if (!j.failed && !feed_put_fact(o, &f, (struct span){0}, e))
                                return false;
                }
        }
        return json_finish(&j, e);
}

const struct feed_form feed_kev = {.name = "cisa-kev", .is = kev_is, .read = kev_read};
