#include "report/report_priv.h"

/* A member that is null when there is nothing to say. */
static void member_or_null(struct json_out *o, const char *key, struct span s)
{
        json_out_key(o, key);
        if (s.len > 0)
                json_out_string(o, s);
        else
                json_out_null(o);
}

static void member_digest(struct json_out *o, const char *key, const struct digest *d)
{
        char text[DIGEST_TEXT_MAX];

        json_out_member_text(o, key, d->alg == DIGEST_NONE ? NULL : digest_format(d, text));
}

static void member_bool(struct json_out *o, const char *key, bool v)
{
        json_out_key(o, key);
        json_out_bool(o, v);
}

static void member_time(struct json_out *o, const char *key, int64_t wall_s)
{
        char text[CLOCK_TEXT_MAX];

        json_out_member_text(o, key, wall_s > 0 ? clock_format(wall_s, text) : NULL);
}

static void put_image(struct json_out *o, const struct report_facts *f)
{
        const struct inventory *v = f->inventory;

        json_out_key(o, "tool"); /* without its version: the same facts give the same bytes */
        json_out_object(o);
        json_out_member_text(o, "name", "coffer");
        json_out_object_end(o);
        json_out_key(o, "image");
        json_out_object(o);
        json_out_member(o, "name", f->name);
        member_digest(o, "digest", &v->image);
        member_digest(o, "config", &v->config);
        json_out_key(o, "platform");
        if (f->platform.os.len > 0) {
                json_out_object(o);
                json_out_member(o, "os", f->platform.os);
                json_out_member(o, "architecture", f->platform.architecture);
                member_or_null(o, "variant", f->platform.variant);
                json_out_object_end(o);
        } else {
                json_out_null(o);
        }
        member_or_null(o, "kind", f->kind);
        json_out_key(o, "layers");
        json_out_array(o);
        for (size_t i = 0; i < v->n_layers; i++) {
                json_out_object(o);
                json_out_member_u64(o, "number", i + 1); /* as people count them, and the table */
                member_digest(o, "diff_id", &v->layers[i].diff_id);
                member_digest(o, "blob", &v->layers[i].blob);
                json_out_member_u64(o, "size", v->layers[i].size);
                json_out_member_u64(o, "plain_size", v->layers[i].plain_size);
                json_out_member_u64(o, "entries", v->layers[i].entries);
                member_or_null(o, "created_by", v->layers[i].created_by);
                json_out_object_end(o);
        }
        json_out_array_end(o);
        json_out_object_end(o);
}

static void put_os(struct json_out *o, const struct report_facts *f)
{
        const struct inventory *v = f->inventory;

        json_out_key(o, "os");
        json_out_object(o);
        member_or_null(o, "id", v->os.id);
        member_or_null(o, "version_id", v->os.version_id);
        member_or_null(o, "version_codename", v->os.version_codename);
        member_or_null(o, "pretty_name", v->os.pretty_name);
        member_bool(o, "has_advisories", v->os_known);
        member_or_null(o, "end_of_life", f->end_of_life);
        json_out_object_end(o);
}

static const char *const confidences[] = {"none", "low", "medium", "high", "certain"};
static const char *const licence_sources[] = {NULL, "metadata", "classifier", "copyright", "document"};

static void put_component(struct json_out *o, const struct component *c)
{
        json_out_object(o);
        json_out_member(o, "purl", c->purl);
        json_out_member(o, "type", c->type);
        json_out_member(o, "name", c->name);
        json_out_member(o, "version", c->version);
        member_or_null(o, "ecosystem", c->ecosystem);
        json_out_key(o, "source");
        if (c->source_name.len > 0) {
                json_out_object(o);
                json_out_member(o, "name", c->source_name);
                member_or_null(o, "version", c->source_version);
                json_out_object_end(o);
        } else {
                json_out_null(o);
        }
        member_or_null(o, "arch", c->arch);
        member_or_null(o, "licence", c->licence);
        json_out_member_text(o, "licence_source", licence_sources[c->licence_source]);
        member_or_null(o, "vendor", c->vendor);
        member_or_null(o, "cpe", c->cpe);
        member_or_null(o, "module", c->module);
        json_out_member(o, "path", c->path);
        member_or_null(o, "detector", c->detector);
        json_out_member_text(o, "confidence", confidences[c->confidence]);
        json_out_member_text(o, "state", c->state == COMPONENT_DECLARED ? "declared" : "installed");
        member_bool(o, "development", c->development);
        json_out_key(o, "owner"); /* index in components */
        if (c->owner > 0)
                json_out_u64(o, c->owner - 1);
        else
                json_out_null(o);
        json_out_member_u64(o, "files", c->n_files);
        json_out_member_u64(o, "layer", c->layer);
        json_out_object_end(o);
}

static void put_remarks(struct json_out *o, const struct inventory *v)
{
        static const char *const severities[] = {"info", "low", "medium", "high", "critical"};

        json_out_key(o, "remarks");
        json_out_array(o);
        for (size_t i = 0; i < v->n_remarks; i++) {
                const struct remark *r = &v->remarks[i];
                json_out_object(o);
                json_out_member_text(o, "kind", r->kind == REMARK_SECRET ? "secret" : "configuration");
                json_out_member_text(o, "severity", severities[r->severity]);
                json_out_member(o, "rule", r->rule);
                json_out_member(o, "title", r->title);
                member_or_null(o, "path", r->path);
                json_out_key(o, "line");
                if (r->line > 0)
                        json_out_u64(o, r->line);
                else
                        json_out_null(o);
                member_or_null(o, "excerpt", r->excerpt);
                member_or_null(o, "remedy", r->remedy);
                json_out_member_u64(o, "layer", r->layer);
                member_bool(o, "visible", r->visible);
                json_out_object_end(o);
        }
        json_out_array_end(o);
}

static void member_millionths(struct json_out *o, const char *key, uint32_t millionths)
{
        char text[16];

        snprintf(text, sizeof(text), "%u.%06u", millionths / 1000000, millionths % 1000000);
        json_out_key(o, key);
        json_out_raw(o, span_of(text));
}

/* What is known of the vulnerability by itself. */
static void put_fact(struct json_out *o, const struct advisory_fact *f)
{
        static const char *const exploitation[] = {NULL, "none", "poc", "active"};
        char when[CLOCK_TEXT_MAX];

        json_out_key(o, "known_exploited");
        if (f->kev_added_s) {
                json_out_object(o);
                json_out_member_text(o, "added", clock_format(f->kev_added_s, when));
                json_out_member_text(o, "due", f->kev_due_s ? clock_format(f->kev_due_s, when) : NULL);
                member_bool(o, "ransomware", f->ransomware);
                json_out_object_end(o);
        } else {
                json_out_null(o);
        }
        json_out_key(o, "epss");
        if (f->epss) {
                json_out_object(o);
                member_millionths(o, "probability", f->epss);
                member_millionths(o, "percentile", f->epss_percentile);
                json_out_object_end(o);
        } else {
                json_out_null(o);
        }
        json_out_key(o, "ssvc");
        if (f->exploitation != ADVISORY_EXPLOITATION_UNKNOWN) {
                json_out_object(o);
                json_out_member_text(o, "exploitation", exploitation[f->exploitation]);
                member_bool(o, "automatable", f->automatable);
                member_bool(o, "total_impact", f->total_impact);
                json_out_object_end(o);
        } else {
                json_out_null(o);
        }
}

/* The statement of a user's that speaks of the finding. */
void report_json_vex(struct json_out *o, const struct match_vex_note *n)
{
        if (!n) {
                json_out_null(o);
                return;
        }
        json_out_object(o);
        json_out_member_text(o, "status", vex_status_name(n->status));
        member_bool(o, "suppresses", n->suppresses);
        member_or_null(o, "justification", n->justification);
        member_or_null(o, "note", n->note);
        member_or_null(o, "action", n->action);
        json_out_member(o, "product", n->product);
        member_or_null(o, "author", n->author);
        member_time(o, "time", n->time_s);
        json_out_member(o, "document", n->document);
        json_out_object_end(o);
}

static void put_finding(struct json_out *o, const struct report_facts *facts, size_t index)
{
        const struct finding *f = &facts->match->findings[index];
        const struct policy_ignore_note *ignored = report_exception(facts, index);
        const struct inventory *v = facts->inventory;

        json_out_object(o);
        json_out_member(o, "id", f->id);
        json_out_key(o, "aliases");
        json_out_array(o);
        for (size_t i = 0; i < f->n_aliases; i++)
                json_out_string(o, f->aliases[i]);
        json_out_array_end(o);
        json_out_member_u64(o, "component", f->component);
        json_out_member(o, "purl", v->components[f->component].purl);
        json_out_member(o, "package", f->package);
        json_out_member(o, "package_version", f->package_version);
        json_out_member_text(o, "answer", f->answer == ADVISORY_AFFECTED ? "affected" : "cannot_tell");
        json_out_member_text(o, "severity", severity_name(f->severity));
        json_out_key(o, "score");
        if (f->score_tenths > 0)
                json_out_fixed1(o, f->score_tenths);
        else
                json_out_null(o);
        member_or_null(o, "vector", f->vector);
        member_or_null(o, "introduced", f->introduced);
        member_or_null(o, "fixed", f->fixed);
        member_or_null(o, "update", f->update);
        json_out_member_u64(o, "update_brings", f->update_brings);
        member_or_null(o, "last_affected", f->last_affected);
        member_or_null(o, "summary", f->summary);
        member_or_null(o, "reference", f->reference);
        json_out_member(o, "explanation", f->explanation);
        json_out_member_text(o, "status", f->status ? advisory_status_name(f->status) : NULL);
        member_or_null(o, "status_note", f->note);
        put_fact(o, &f->fact);
        json_out_key(o, "ignored");
        if (ignored) {
                json_out_object(o);
                json_out_member(o, "until", ignored->until);
                json_out_member(o, "reason", ignored->reason);
                json_out_member_u64(o, "line", ignored->line);
                json_out_object_end(o);
        } else {
                json_out_null(o);
        }
        json_out_key(o, "vex");
        report_json_vex(o, report_vex(facts, index));
        json_out_object_end(o);
}

void report_json_counts(struct json_out *o, const struct report_counts *c, uint64_t kernel_text)
{
        json_out_object(o);
        for (size_t s = MATCH_SEVERITIES; s-- > 0;)
                json_out_member_u64(o, severity_name((enum severity)s), c->affected[s]);
        json_out_member_u64(o, "cannot_tell", c->cannot_tell);
        json_out_member_u64(o, "ignored", c->excepted);
        json_out_member_u64(o, "suppressed", c->suppressed);
        json_out_member_u64(o, "expired_exceptions", c->expired);
        json_out_member_u64(o, "kernel_text", kernel_text);
        json_out_object_end(o);
}

static void put_counts(struct json_out *o, const struct report_facts *f)
{
        const struct report_counts counts = report_count(f);

        json_out_key(o, "counts");
        if (f->match)
                report_json_counts(o, &counts, f->match->n_kernel_text);
        else
                json_out_null(o);
}

static void put_reason(struct json_out *o, const struct policy_reason *r)
{
        json_out_object(o);
        json_out_member_text(o, "kind", policy_reason_kind_name(r->kind));
        json_out_key(o, "line");
        if (r->line > 0)
                json_out_u64(o, r->line);
        else
                json_out_null(o);
        switch (r->kind) {
        case POLICY_REASON_STEP:
                json_out_member_text(o, "step", policy_step_name(r->step));
                break;
        case POLICY_REASON_FINDING:
        case POLICY_REASON_CANNOT_TELL:
                json_out_member_u64(o, "finding", r->index);
                break;
        case POLICY_REASON_IGNORE:
                json_out_member_u64(o, "ignore", r->index);
                break;
        case POLICY_REASON_PACKAGE:
        case POLICY_REASON_LICENCE:
                json_out_member_u64(o, "component", r->index);
                break;
        default:
                break;
        }
        json_out_member(o, "text", r->text);
        json_out_object_end(o);
}

static void put_ignore(struct json_out *o, const struct policy_ignore_note *n)
{
        json_out_object(o);
        json_out_member_text(o, "state", policy_ignore_state_name(n->state));
        json_out_member_u64(o, "line", n->line);
        json_out_member(o, "id", n->id);
        member_or_null(o, "package", n->package);
        member_or_null(o, "component", n->component);
        member_or_null(o, "path", n->path);
        member_or_null(o, "image", n->image);
        json_out_member(o, "reason", n->reason);
        member_or_null(o, "since", n->since);
        json_out_member(o, "until", n->until);
        json_out_member_u64(o, "findings", n->n_findings);
        json_out_member_u64(o, "again", n->n_again);
        json_out_member(o, "text", n->text);
        json_out_object_end(o);
}

static void put_verdict(struct json_out *o, const struct policy_verdict *v)
{
        json_out_key(o, "verdict");
        if (!v) {
                json_out_null(o);
                return;
        }
        json_out_object(o);
        json_out_member_text(o, "verdict", verdict_name(v->verdict));
        json_out_member(o, "policy", v->policy);
        member_digest(o, "policy_digest", &v->policy_digest);
        json_out_key(o, "reasons");
        json_out_array(o);
        for (size_t i = 0; i < v->n_reasons; i++)
                put_reason(o, &v->reasons[i]);
        json_out_array_end(o);
        json_out_member_u64(o, "reasons_left_out", v->reasons_left_out);
        json_out_key(o, "not_judged"); /* sections of the policy that decide about something else */
        json_out_array(o);
        if (v->run_not_judged)
                json_out_text(o, "run");
        json_out_array_end(o);
        json_out_key(o, "ignores");
        json_out_array(o);
        for (size_t i = 0; i < v->n_ignores; i++)
                put_ignore(o, &v->ignores[i]);
        json_out_array_end(o);
        json_out_object_end(o);
}

static void put_database(struct json_out *o, const struct match *m)
{
        json_out_key(o, "database");
        if (!m) {
                json_out_null(o);
                return;
        }
        json_out_object(o);
        member_digest(o, "digest", &m->database.digest);
        member_time(o, "built", m->database.built_s);
        member_time(o, "newest_record", m->database.newest_record_s);
        json_out_member_u64(o, "records", m->database.records);
        json_out_object_end(o);
}

static void put_notes(struct json_out *o, const struct report_facts *f)
{
        json_out_key(o, "notes");
        json_out_array(o);
        for (size_t i = 0; i < f->inventory->n_notes; i++)
                json_out_string(o, f->inventory->notes[i]);
        for (size_t i = 0; f->match && i < f->match->n_notes; i++)
                json_out_string(o, f->match->notes[i]);
        if (!f->match)
                json_out_text(o, "not looked up: there is no advisory database");
        json_out_array_end(o);
}

void report_json(const struct report_facts *f, struct buf *to)
{
        const struct inventory *v = f->inventory;
        const struct match *m = f->match;
        struct json_out o;

        json_out_init(&o, to, 2);
        json_out_object(&o);
        json_out_member_u64(&o, "schema_version", REPORT_SCHEMA_VERSION);
        put_image(&o, f);
        put_os(&o, f);
        json_out_key(&o, "components");
        json_out_array(&o);
        for (size_t i = 0; i < v->n_components; i++)
                put_component(&o, &v->components[i]);
        json_out_array_end(&o);
        put_remarks(&o, v);
        json_out_key(&o, "findings");
        json_out_array(&o);
        for (size_t i = 0; m && i < m->n_findings; i++)
                put_finding(&o, f, i);
        json_out_array_end(&o);
        put_counts(&o, f);
        member_bool(&o, "complete", report_is_assessed(f));
        put_notes(&o, f);
        put_database(&o, m);
        json_out_key(&o, "exceptions");
        json_out_array(&o);
        for (size_t i = 0; f->exceptions && i < f->exceptions->n_notes; i++)
                put_ignore(&o, &f->exceptions->notes[i]);
        json_out_array_end(&o);
        put_verdict(&o, f->verdict);
        json_out_member_text(&o, "record", f->record);
        json_out_object_end(&o);
        buf_put_text(to, "\n");
}
