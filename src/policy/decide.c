#include "policy/policy_priv.h"

void policy_put_place(struct buf *b, const struct policy *p, uint32_t line)
{
        buf_put(b, p->name);
        if (line)
                buf_printf(b, ":%u", line);
        buf_put_text(b, ": ");
}

void decide_refuse(struct deciding *d, struct policy_reason r, struct buf *text)
{
        if (d->reasons.len >= POLICY_REASONS_MAX) {
                d->left_out++;
                return;
        }
        r.text = arena_copy(d->arena, buf_span(text));
        *ARENA_PUSH(d->arena, &d->reasons) = r;
}

/* ---- steps and database ---- */

static void judge_step(struct deciding *d, enum policy_step_kind step)
{
        const struct policy_step *s = &d->f->steps[step];
        CLEANUP(buf_done) struct buf b = {0};

        if (!d->p->require[step].wanted || s->state == POLICY_DONE_OK)
                return;
        policy_put_place(&b, d->p, d->p->require[step].line);
        buf_printf(&b, "%s is required and %s", policy_step_name(step),
            s->state == POLICY_FAILED ? "failed" : "was not checked");
        if (s->detail.len) {
                buf_put_text(&b, ": ");
                buf_put(&b, s->detail);
        }
        decide_refuse(
            d, (struct policy_reason){.kind = POLICY_REASON_STEP, .line = d->p->require[step].line, .step = step}, &b);
}

static void judge_database(struct deciding *d)
{
        CLEANUP(buf_done) struct buf b = {0};
        int64_t made = d->f->database_s, now = d->f->now_s;
        char when[CLOCK_TEXT_MAX];

        if (!d->p->has_age_max)
                return;
        if (made > 0 && made <= now && now - made <= (int64_t)d->p->age_days_max * DAY_S)
                return;
        if (made > now && made - now <= DAY_S) /* two clocks never agree */
                return;
        policy_put_place(&b, d->p, d->p->age_line);
        if (made <= 0)
                buf_put_text(&b, "the age of the advisory database is limited, and there is no database");
        else if (made > now)
                buf_printf(&b, "the advisory database is dated %s, in the future: its clock or this one is wrong",
                    clock_format(made, when));
        else
                buf_printf(&b,
                    "the advisory database is of %s, %lld days old, at most %u: build it anew from fresh advisories",
                    clock_format(made, when), (long long)((now - made) / DAY_S), d->p->age_days_max);
        decide_refuse(d, (struct policy_reason){.kind = POLICY_REASON_DATABASE, .line = d->p->age_line}, &b);
}

/* ---- findings ---- */

/* Asked only for what would be refused, so that a note says what an exception did. */
static bool is_ignored(struct deciding *d, const struct policy_finding *f)
{
        return ignores_ask(d->p, f, d->ignores) > 0;
}

static void put_finding(struct buf *b, const struct policy_finding *f)
{
        buf_put(b, f->id);
        buf_put_text(b, " in ");
        buf_put(b, f->package);
        buf_put_text(b, " ");
        buf_put(b, f->version);
}

/* Who gave the statement wants to know why it did nothing. */
static void put_disputed(struct buf *b, const struct policy_finding *f)
{
        if (f->disputed)
                buf_put_text(b, ". A statement (VEX) rules it out, of a document that the policy's \"vex\" does not count");
}

static bool rule_matches(const struct finding_rule *r, const struct policy_finding *f)
{
        return f->severity >= r->least && (!r->exploited || f->exploited) && (r->fix == FIX_ANY || f->fix_available == (r->fix == FIX_YES));
}

static void refuse_finding(struct deciding *d, size_t index, const struct finding_rule *r)
{
        static const char *const fixes[] = {"", " with a fix", " without a fix"};
        const struct policy_finding *f = &d->f->findings[index];
        CLEANUP(buf_done) struct buf b = {0};

        policy_put_place(&b, d->p, r->line);
        put_finding(&b, f);
        buf_printf(&b, " is %s",
            f->severity == POLICY_SEVERITY_UNKNOWN ? "of unknown severity" : policy_severity_name(f->severity));
        if (f->score_tenths)
                buf_printf(&b, " (%u.%u)", f->score_tenths / 10, f->score_tenths % 10);
        buf_printf(&b, f->fix_available ? ", a fix is available" : ", no fix is known");
        buf_printf(&b, "%s; refused: severity %s%s%s%s", f->exploited ? ", it is known to be exploited" : "",
            policy_severity_name(r->least), r->least == POLICY_SEVERITY_CRITICAL ? "" : " or above", fixes[r->fix],
            r->exploited ? ", exploited" : "");
        put_disputed(&b, f);
        decide_refuse(d, (struct policy_reason){.kind = POLICY_REASON_FINDING, .line = r->line, .index = index}, &b);
}

static void judge_finding(struct deciding *d, size_t index)
{
        const struct policy_finding *f = &d->f->findings[index];
        bool hit = false;

        if (f->cannot_tell || f->suppressed)
                return;
        for (size_t i = 0; i < d->p->rules.len && !hit; i++)
                hit = rule_matches(&d->p->rules.at[i], f);
        if (!hit || is_ignored(d, f))
                return;
        for (size_t i = 0; i < d->p->rules.len; i++)
                if (rule_matches(&d->p->rules.at[i], f))
                        refuse_finding(d, index, &d->p->rules.at[i]);
}

/* A finding that could not be decided is a part of the scan that was not done. */
static void judge_cannot_tell(struct deciding *d, size_t index)
{
        const struct policy_finding *f = &d->f->findings[index];
        uint32_t line = d->p->require[POLICY_STEP_SCAN].line;
        CLEANUP(buf_done) struct buf b = {0};

        if (!f->cannot_tell || f->suppressed || !d->p->require[POLICY_STEP_SCAN].wanted || is_ignored(d, f))
                return;
        policy_put_place(&b, d->p, line);
        put_finding(&b, f);
        buf_put_text(&b, ": can't tell whether it is affected; scan is required");
        put_disputed(&b, f);
        decide_refuse(d, (struct policy_reason){.kind = POLICY_REASON_CANNOT_TELL, .line = line, .index = index}, &b);
}

/*
 * What nobody looked at again in time is told as such: whoever mends it mends the finding or the file. No reason where another
 * exception took its place.
 */
static void judge_ignores(struct deciding *d)
{
        ignores_tell(d->p, "nothing that would be refused", d->ignores, d->arena);
        for (size_t i = 0; i < d->p->ignores.len; i++) {
                const struct policy_ignore_note *n = &d->ignores[i];
                CLEANUP(buf_done) struct buf b = {0};

                if (n->state != POLICY_IGNORE_EXPIRED || n->n_again == 0)
                        continue;
                buf_put(&b, n->text);
                decide_refuse(d, (struct policy_reason){.kind = POLICY_REASON_IGNORE, .line = n->line, .index = i}, &b);
        }
}

/* ---- components ---- */

static void judge_purl(
    struct deciding *d, size_t index, struct span text, const struct purl_parts *purl, enum purl_fold fold)
{
        const struct purl_list *deny = &d->p->packages_deny, *allow = &d->p->packages_allow;
        bool allowed = !allow->present;
        CLEANUP(buf_done) struct buf b = {0};

        for (size_t i = 0; i < deny->len; i++) {
                const struct purl_rule *r = &deny->at[i];

                if (!purl_matches(r, purl, fold))
                        continue;
                buf_clear(&b);
                policy_put_place(&b, d->p, r->line);
                buf_put(&b, text);
                buf_put_text(&b, " is denied by ");
                buf_put(&b, r->text);
                decide_refuse(
                    d, (struct policy_reason){.kind = POLICY_REASON_PACKAGE, .line = r->line, .index = index}, &b);
        }
        for (size_t i = 0; i < allow->len && !allowed; i++)
                allowed = purl_matches(&allow->at[i], purl, fold);
        if (allowed)
                return;
        buf_clear(&b);
        policy_put_place(&b, d->p, allow->line);
        buf_put(&b, text);
        buf_put_text(&b, " is none of the packages allowed");
        decide_refuse(
            d, (struct policy_reason){.kind = POLICY_REASON_PACKAGE, .line = allow->line, .index = index}, &b);
}

static void judge_packages(struct deciding *d)
{
        CLEANUP(arena_freep) struct arena *scratch = arena_new();

        if (!d->p->packages_deny.present && !d->p->packages_allow.present)
                return;
        for (size_t i = 0; i < d->f->n_components; i++) {
                struct purl_parts purl;
                enum purl_fold fold;

                arena_reset(scratch);
                purl_split(d->f->components[i].purl, scratch, &purl);
                fold = purl_fold_of(purl.path);
                purl.path = purl_folded(purl.path, fold, scratch);
                judge_purl(d, i, d->f->components[i].purl, &purl, fold);
        }
}

static void judge_licence(struct deciding *d, size_t index)
{
        const struct policy_component *c = &d->f->components[index];
        const struct licence_entry *entry;
        CLEANUP(buf_done) struct buf b = {0};
        struct span part;
        uint32_t line;

        if (!licence_refused(c->licence, &d->p->licences_deny, &d->p->licences_allow, &entry, &part))
                return;
        line = entry ? entry->line : d->p->licences_allow_line;
        policy_put_place(&b, d->p, line);
        buf_put(&b, c->purl);
        if (span_trim(c->licence).len == 0) {
                buf_put_text(&b, " states no licence (NOASSERTION)");
        } else {
                buf_put_text(&b, " is licensed under ");
                buf_put(&b, c->licence);
        }
        if (entry) {
                buf_put_text(&b, ", denied by ");
                buf_put(&b, entry->pattern);
        } else {
                buf_put_text(&b, ", and ");
                buf_put(&b, part);
                buf_put_text(&b, " is none of the licences allowed");
        }
        decide_refuse(d, (struct policy_reason){.kind = POLICY_REASON_LICENCE, .line = line, .index = index}, &b);
}

/* ---- the verdict ---- */

static bool facts_whole(struct deciding *d)
{
        CLEANUP(buf_done) struct buf b = {0};

        if (d->f->now_s > 0)
                return true;
        policy_put_place(&b, d->p, 0);
        buf_put_text(&b, "the facts are not whole: they carry no time");
        decide_refuse(d, (struct policy_reason){.kind = POLICY_REASON_FACTS}, &b);
        return false;
}

bool policy_decide(const struct policy *p, const struct policy_facts *f, struct policy_verdict **ret, struct err *e)
{
        CLEANUP(policy_verdict_freep) struct policy_verdict *v = heap_alloc(sizeof(*v));
        struct deciding d = {.p = p, .f = f};
        bool whole;

        if ((f->n_findings > 0 && !f->findings) || (f->n_components > 0 && !f->components) ||
            (f->n_image_names > 0 && !f->image_names) || (f->run.n_volumes > 0 && !f->run.volumes) || (f->run.n_variables > 0 && !f->run.variables))
                return err_set(e, ERR_BUG, "facts announce entries and hold none");
        d.arena = v->arena = arena_new();
        whole = facts_whole(&d);
        d.ignores = ignores_begin(p, f, d.arena);
        for (int s = 0; s < POLICY_STEPS; s++)
                judge_step(&d, (enum policy_step_kind)s);
        judge_database(&d);
        for (size_t i = 0; i < f->n_findings; i++)
                judge_cannot_tell(&d, i);
        for (size_t i = 0; i < f->n_findings; i++)
                judge_finding(&d, i);
        judge_ignores(&d);
        judge_packages(&d);
        for (size_t i = 0; i < f->n_components; i++)
                judge_licence(&d, i);
        v->run_not_judged = decide_run(&d);
        v->policy = arena_copy(v->arena, p->name);
        v->policy_digest = p->digest;
        v->reasons = d.reasons.at;
        v->n_reasons = d.reasons.len;
        v->reasons_left_out = d.left_out;
        v->ignores = d.ignores;
        v->n_ignores = p->ignores.len;
        if (whole && d.reasons.len == 0)
                v->verdict = VERDICT_ALLOW;
        *ret = v;
        v = NULL;
        return true;
}

void policy_verdict_free(struct policy_verdict *v)
{
        if (!v)
                return;
        arena_free(v->arena);
        free(v);
}

void policy_verdict_freep(struct policy_verdict **v)
{
        policy_verdict_free(*v);
}
