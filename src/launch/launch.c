/* The sentence: resolve, assess, match, decide, record. What follows an allowed one is in start.c. */
#include "assess/assess.h"
#include "launch/launch_priv.h"

void launch_free(struct launch *l)
{
        if (!l)
                return;
        policy_verdict_free(l->verdict);
        policy_exceptions_free(l->exceptions);
        for (size_t i = 0; i < l->n_attached; i++)
                vex_document_free(l->attached[i]);
        free(l->attached);
        match_vex_free(l->vex);
        match_vex_free(l->vex_counted);
        match_free(l->match);
        inventory_free(l->inventory);
        image_free(l->image);
        launch_run_free(l->run);
        launch_remote_drop(l->remote);
        launch_remote_free(l->remote);
        free(l);
}

void launch_freep(struct launch **l)
{
        launch_free(*l);
        *l = NULL;
}

bool launch_allowed(const struct launch *l)
{
        return l->verdict && l->verdict->verdict == VERDICT_ALLOW;
}

struct span launch_reason(const struct launch *l)
{
        if (!l->verdict || launch_allowed(l) || l->verdict->n_reasons == 0)
                return (struct span){0};
        return l->verdict->reasons[0].text;
}

static struct policy_finding finding_fact(const struct inventory *v, const struct finding *f)
{
        const struct component *c = &v->components[f->component];

        return (struct policy_finding){
            .id = f->id,
            .aliases = f->aliases,
            .n_aliases = f->n_aliases,
            .package = c->name,
            .source_package = c->source_name,
            .version = c->version,
            .severity = (enum policy_severity)f->severity,
            .score_tenths = f->score_tenths,
            .fix_available = f->fixed.len > 0,
            .exploited = f->fact.kev_added_s > 0 || f->fact.exploitation == ADVISORY_EXPLOITATION_ACTIVE,
            .cannot_tell = f->answer != ADVISORY_AFFECTED,
            .purl = c->purl,
            .path = c->path,
        };
}
_Static_assert((int)POLICY_SEVERITY_CRITICAL == (int)SEVERITY_CRITICAL, "policy's severities are advisory's");
_Static_assert((int)POLICY_SEVERITY_UNKNOWN == (int)SEVERITY_UNKNOWN, "policy's severities are advisory's");

/* The scan is done when every layer was read, every component looked up, in a database that exists. */
static struct policy_step scan_step(const struct launch *l)
{
        if (!l->match)
                return (struct policy_step){POLICY_FAILED, SPAN_LIT("there is no advisory database; make one: coffer db build SOURCE...")};
        if (!l->inventory->complete)
                return (struct policy_step){POLICY_FAILED,
                    l->inventory->n_notes ? l->inventory->notes[0] : SPAN_LIT("the image could not be read as a whole")};
        if (!l->match->complete)
                return (struct policy_step){POLICY_FAILED,
                    l->match->n_notes ? l->match->notes[0] : SPAN_LIT("not every component could be looked up")};
        return (struct policy_step){POLICY_DONE_OK, {0}};
}

/* What it knows is as old as its newest record: built today from a feed that nobody fetched for a year it is a year old. */
static int64_t database_age_s(const struct match *m)
{
        int64_t newest = m->database.newest_record_s;

        return newest > 0 && newest < m->database.built_s ? newest : m->database.built_s;
}

static struct policy_finding *finding_facts(const struct launch *l, struct arena *a, size_t *ret_n)
{
        size_t n = l->match ? l->match->n_findings : 0;
        struct policy_finding *findings = arena_array(a, n, sizeof(*findings));

        for (size_t i = 0; i < n; i++) {
                findings[i] = finding_fact(l->inventory, &l->match->findings[i]);
                findings[i].suppressed = launch_vex_suppresses(l->vex_counted, i);
                findings[i].disputed = !findings[i].suppressed && launch_vex_suppresses(l->vex, i);
        }
        *ret_n = n;
        return findings;
}

static bool except(const struct launch_request *r, struct launch *l, struct err *e)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct policy_facts facts = {.now_s = clock_wall_s()};

        facts.findings = finding_facts(l, a, &facts.n_findings);
        facts.image_names = launch_image_names(r, l, a, &facts.n_image_names);
        return policy_except(r->exceptions, &facts, &l->exceptions, e);
}

static bool decide(const struct launch_request *r, struct launch *l, struct err *e)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        const struct inventory *v = l->inventory;
        struct policy_facts facts = {.now_s = clock_wall_s()};
        struct policy_component *components = arena_array(a, v->n_components, sizeof(*components));

        for (size_t i = 0; i < v->n_components; i++)
                components[i] = (struct policy_component){.purl = v->components[i].purl, .licence = v->components[i].licence};
        facts.image_names = launch_image_names(r, l, a, &facts.n_image_names);
        facts.findings = finding_facts(l, a, &facts.n_findings);
        facts.components = components;
        facts.n_components = v->n_components;
        facts.database_s = l->match ? database_age_s(l->match) : 0;
        facts.steps[POLICY_STEP_SCAN] = scan_step(l);
        facts.run.state = POLICY_RUN_NONE;
        if (l->run) {
                launch_run_facts(l->run, l->image);
                facts.run = l->run->facts;
        }
        /* Signature and host stay POLICY_NOT_CHECKED: those rooms do not exist yet, and a policy that asks refuses. */
        return policy_decide(r->policy, &facts, &l->verdict, e);
}

bool launch_resolve(const struct launch_request *r, struct launch *l, struct err *e)
{
        if (launch_is_engine(r->reference))
                return launch_open_engine(r, &l->image, e);
        if (launch_is_registry(r->reference))
                return launch_open_registry(r, r->start != NULL, &l->image, &l->remote, e);
        return image_open(r->reference, r->platform, &l->image, e);
}

/*
 * Whoever sees all findings need not be told of them when all images are assessed anew. A verdict, a start or an answer about one
 * vulnerability shows no list: these count for nothing here.
 */
static bool remember_match(const struct launch_request *r, const struct launch *l, struct err *e)
{
        char database[DIGEST_TEXT_MAX];

        if (!l->match || !r->store || !l->image || l->image->manifest.alg == DIGEST_NONE)
                return true;
        return store_image_matched(
            r->store, &l->image->manifest, span_of(digest_format(&l->match->database.digest, database)), e);
}

static bool look(const struct launch_request *r, struct launch *l, struct err *e)
{
        struct assess_options options = {.on_progress = r->on_progress,
            .ctx = r->ctx,
            .secrets = r->secrets,
            .secrets_fd = r->secrets_fd,
            .secrets_number = r->secrets_number,
            .plugins = r->plugins};

        if (launch_is_sbom(r->reference)) {
                if (!launch_read_sbom(r, true, l, e))
                        return false;
        } else if (launch_resolve(r, l, e)) {
                if (l->run && l->image->kind == IMAGE_ROOT_FOLDER && !launch_is_apart(r->root_fd, l->image->root_fd, e))
                        return err_wrap(e, "the root folder %s", r->reference);
                if (!assess_image(r->store, l->image, &options, &l->inventory, &l->known, e))
                        return false;
        } else {
                struct err why = {0};
                if (!launch_may_be_sbom(r->reference))
                        return false;
                if (!launch_read_sbom(r, false, l, &why)) {
                        if (why.kind != ERR_NOT_FOUND)
                                *e = why;
                        return false;
                }
        }
        if (r->db && !match_inventory(l->inventory, r->db, &l->match, e))
                return false;
        return launch_vex_attached(r, l, e) && launch_vex_apply(r, l, e) && (!r->exceptions || !l->match || except(r, l, e));
}

static bool steps(const struct launch_request *r, struct launch *l, struct err *e)
{
        /* Before the image: what is to be mounted is opened once, judged, and mounted from the same descriptor. */
        if (r->start && !launch_run_open(r, &l->run, e))
                return false;
        return look(r, l, e) && (!r->policy || decide(r, l, e));
}

bool launch_assess(const struct launch_request *r, const char *event, struct launch **ret, struct err *e)
{
        CLEANUP(launch_freep) struct launch *l = heap_alloc(sizeof(*l));
        struct err ledger_error = {0};
        char name[64];

        digest_format(&(struct digest){0}, l->record_hash);
        if (!steps(r, l, e) || (strcmp(event, "scan") == 0 && !remember_match(r, l, e))) {
                snprintf(name, sizeof(name), "%s.failed", event);
                if (e->kind != ERR_CANCELLED)
                        launch_record_event(r, l, name, NULL, span_of(e->text), &ledger_error);
                return false;
        }
        snprintf(name, sizeof(name), "%s%s", event, !r->policy ? "" : launch_allowed(l) ? ".allowed" : ".refused");
        if (!launch_record_decision(r, l, name, e))
                return false; /* a decision that is on no record is none */
        *ret = l;
        l = NULL;
        return true;
}
