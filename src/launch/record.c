/* What the ledger is told: who decided what, on which evidence. Bodies are one line of JSON with keys in a fixed order. */
#include <unistd.h>

#include "launch/launch_priv.h"

#define REASONS_MAX 100u /* of one record; the number of all stands beside them */

static void image_put(struct json_out *o, const struct launch_request *r, const struct launch *l)
{
        char text[DIGEST_TEXT_MAX];

        json_out_member_text(o, "image", r->reference);
        if (l->image) {
                json_out_member_text(o, "digest", digest_format(&l->image->manifest, text));
                json_out_member_text(o, "config", digest_format(&l->image->config, text));
        }
        if (l->is_sbom)
                json_out_member_text(o, "sbom", digest_format(&l->sbom.digest, text));
        json_out_member_u64(o, "uid", getuid());
}

static bool body_append(const struct launch_request *r, const char *event, struct buf *b, char *ret_hash, struct err *e)
{
        struct ledger_record record;

        if (b->failed)
                return err_set(e, ERR_LIMIT, "the ledger record is too large");
        if (!ledger_append(r->store, event, buf_span(b), &record, e))
                return err_wrap(e, "ledger");
        if (ret_hash)
                digest_format(&record.hash, ret_hash);
        return true;
}

bool launch_record_event(const struct launch_request *r, const struct launch *l, const char *event, const char *id,
    struct span reason, struct err *e)
{
        CLEANUP(buf_done) struct buf b = {0};
        struct json_out o;

        if (!r->store)
                return true;
        json_out_init(&o, &b, 0);
        json_out_object(&o);
        image_put(&o, r, l);
        if (id)
                json_out_member_text(&o, "container", id);
        json_out_member_text(&o, "decision", l->record_hash);
        json_out_member(&o, "reason", reason);
        json_out_object_end(&o);
        return body_append(r, event, &b, NULL, e);
}

bool launch_record_start(const struct launch_request *r, const struct launch *l, const char *id,
    void (*how)(struct json_out *o, const void *spec), const void *spec, struct err *e)
{
        CLEANUP(buf_done) struct buf b = {0};
        struct json_out o;

        if (!r->store)
                return true;
        json_out_init(&o, &b, 0);
        json_out_object(&o);
        image_put(&o, r, l);
        json_out_member_text(&o, "container", id);
        json_out_member_text(&o, "decision", l->record_hash);
        json_out_key(&o, "isolation");
        json_out_object(&o);
        how(&o, spec);
        json_out_object_end(&o);
        json_out_object_end(&o);
        return body_append(r, "run.starting", &b, NULL, e);
}

/* On whose word findings did not count, and who was not heard. */
static void vex_put(struct json_out *o, const struct launch_request *r, const struct launch *l)
{
        size_t n = launch_vex_n(r, l);
        char text[DIGEST_TEXT_MAX];

        for (int counted = 1; counted >= 0 && n > 0; counted--) {
                json_out_key(o, counted ? "vex" : "vex_not_counted");
                json_out_array(o);
                for (size_t i = 0; i < n; i++)
                        if (launch_vex_counts(r, l, i) == counted)
                                json_out_text(o, digest_format(&launch_vex_at(r, l, i)->digest, text));
                json_out_array_end(o);
        }
        if (l->n_attached == 0)
                return;
        json_out_key(o, "vex_attached"); /* those of both that were found where the image is kept */
        json_out_array(o);
        for (size_t i = 0; i < l->n_attached; i++)
                json_out_text(o, digest_format(&l->attached[i]->digest, text));
        json_out_array_end(o);
}

static void evidence_put(struct json_out *o, const struct launch_request *r, const struct launch *l)
{
        char text[DIGEST_TEXT_MAX], when[CLOCK_TEXT_MAX];

        json_out_member_u64(o, "components", l->inventory->n_components);
        json_out_key(o, "layers");
        json_out_array(o);
        for (size_t i = 0; i < l->inventory->n_layers; i++)
                json_out_text(o, digest_format(&l->inventory->layers[i].diff_id, text));
        json_out_array_end(o);
        json_out_key(o, "advisory_database");
        if (l->match) {
                json_out_object(o);
                json_out_member_text(o, "digest", digest_format(&l->match->database.digest, text));
                json_out_member_text(o, "built", clock_format(l->match->database.built_s, when));
                json_out_object_end(o);
        } else {
                json_out_null(o);
        }
        json_out_key(o, "findings");
        json_out_object(o);
        for (size_t i = SEVERITY_CRITICAL; l->match && i > SEVERITY_NONE; i--)
                json_out_member_u64(o, severity_name((enum severity)i), l->match->n_affected[i]);
        json_out_member_u64(o, "cannot_tell", l->match ? l->match->n_cannot_tell : 0);
        if (l->vex)
                json_out_member_u64(o, "suppressed", l->vex_counted ? l->vex_counted->n_suppressed : 0);
        json_out_object_end(o);
        vex_put(o, r, l);
        json_out_key(o, "steps");
        json_out_object(o);
        json_out_member_text(o, "scan", l->match && l->inventory->complete && l->match->complete ? "done" : "failed");
        if (l->verdict && l->verdict->run_not_judged)
                json_out_member_text(o, "run", "not judged");
        json_out_member_text(o, "signature", "not checked");
        json_out_member_text(o, "host", "not checked");
        json_out_object_end(o);
}

static void limit_put(struct json_out *o, const char *name, const struct policy_limit *l)
{
        json_out_key(o, name);
        if (l->value > 0 && l->value != RUNTIME_UNLIMITED)
                json_out_u64(o, l->value);
        else
                json_out_null(o);
}

/* What was judged of the run, refused ones included: "isolation" of run.starting says what holds. */
static void run_put(struct json_out *o, const struct policy_run *f)
{
        json_out_key(o, "run");
        json_out_object(o);
        json_out_member_text(o, "network", f->network == POLICY_NETWORK_HOST ? "host" : "none");
        json_out_key(o, "volumes");
        json_out_array(o);
        for (size_t i = 0; i < f->n_volumes; i++) {
                json_out_object(o);
                json_out_member(o, "asked", f->volumes[i].asked);
                json_out_member(o, "source", f->volumes[i].source);
                json_out_key(o, "read_only");
                json_out_bool(o, f->volumes[i].read_only);
                json_out_object_end(o);
        }
        json_out_array_end(o);
        json_out_member(o, "user", f->user);
        json_out_key(o, "command_of_image");
        json_out_bool(o, f->command_of_image);
        json_out_key(o, "variables"); /* their names: values may be secrets */
        json_out_array(o);
        for (size_t i = 0; i < f->n_variables; i++)
                json_out_string(o, f->variables[i]);
        json_out_array_end(o);
        json_out_member(o, "runtime", f->runtime);
        json_out_key(o, "read_only");
        json_out_bool(o, f->read_only);
        json_out_key(o, "allow_32bit");
        json_out_bool(o, !f->no_32bit);
        limit_put(o, "memory_max", &f->memory);
        limit_put(o, "cpu_milli", &f->cpus);
        limit_put(o, "pids_max", &f->pids);
        json_out_object_end(o);
}

static void verdict_put(struct json_out *o, const struct policy_verdict *v)
{
        char text[DIGEST_TEXT_MAX];

        json_out_member_text(o, "verdict", verdict_name(v->verdict));
        json_out_member(o, "policy", v->policy);
        json_out_member_text(o, "policy_digest", digest_format(&v->policy_digest, text));
        json_out_member(o, "reason", v->n_reasons ? v->reasons[0].text : (struct span){0});
        json_out_member_u64(o, "n_reasons", v->n_reasons + v->reasons_left_out);
        json_out_key(o, "reasons");
        json_out_array(o);
        for (size_t i = 0; i < v->n_reasons && i < REASONS_MAX; i++)
                json_out_string(o, v->reasons[i].text);
        json_out_array_end(o);
        json_out_key(o, "exceptions");
        json_out_array(o);
        for (size_t i = 0; i < v->n_ignores; i++)
                if (v->ignores[i].state != POLICY_IGNORE_UNUSED && v->ignores[i].state != POLICY_IGNORE_ELSEWHERE)
                        json_out_string(o, v->ignores[i].text);
        json_out_array_end(o);
}

bool launch_record_decision(const struct launch_request *r, struct launch *l, const char *event, struct err *e)
{
        CLEANUP(buf_done) struct buf b = {0};
        struct json_out o;

        if (!r->store)
                return true;
        json_out_init(&o, &b, 0);
        json_out_object(&o);
        image_put(&o, r, l);
        if (l->verdict)
                verdict_put(&o, l->verdict);
        if (l->verdict && l->run)
                run_put(&o, &l->run->facts);
        evidence_put(&o, r, l);
        json_out_object_end(&o);
        return body_append(r, event, &b, l->record_hash, e);
}
