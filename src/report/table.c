#include "report/report_priv.h"

static void put_label(struct page *p, const char *label)
{
        page_line(p, COLUMN_BODY, COLUMN_VALUE);
        page_word(p, span_of(label), PAGE_PLAIN);
        page_to(p, COLUMN_VALUE);
}

static void put_title(struct page *p, const char *title, enum page_style style)
{
        page_blank(p);
        page_line(p, 0, COLUMN_BODY);
        page_word(p, span_of(title), style);
}

/* ---- head ---- */

static void put_head(struct page *p, const struct report_facts *f)
{
        const struct inventory *v = f->inventory;
        char digest[DIGEST_TEXT_MAX];

        page_line(p, 0, COLUMN_BODY);
        page_word(p, f->name, PAGE_BOLD);
        if (v->image.alg != DIGEST_NONE) {
                put_label(p, "image");
                page_word(p, span_of(digest_format(&v->image, digest)), PAGE_PLAIN);
        }
        if (f->platform.os.len > 0) {
                CLEANUP(buf_done) struct buf b = {0};

                buf_put(&b, f->platform.os);
                buf_put_text(&b, "/");
                buf_put(&b, f->platform.architecture);
                if (f->platform.variant.len > 0) {
                        buf_put_text(&b, "/");
                        buf_put(&b, f->platform.variant);
                }
                put_label(p, "platform");
                page_word(p, buf_span(&b), PAGE_PLAIN);
        }
        if (f->kind.len > 0) {
                put_label(p, "kind");
                page_text(p, f->kind, PAGE_PLAIN);
        }
        if (v->n_layers > 0) {
                put_label(p, "layers");
                page_printf(p, PAGE_PLAIN, "%zu%s", v->n_layers,
                    f->from_store ? " (known from an earlier scan: not read again)" : "");
        }
}

/* ---- what is missing ---- */

struct missing {
        struct span *at;
        size_t len, cap;
};

/* What was not assessed. The notes say it; where there is none the flags still do: "not assessed" never lacks a reason. */
static void missing_list(const struct report_facts *f, struct arena *a, struct missing *ret)
{
        const struct inventory *v = f->inventory;
        const struct match *m = f->match;

        for (size_t i = 0; i < v->n_notes; i++)
                *ARENA_PUSH(a, ret) = v->notes[i];
        for (size_t i = 0; m && i < m->n_notes; i++)
                *ARENA_PUSH(a, ret) = m->notes[i];
        if (!m)
                *ARENA_PUSH(a, ret) = SPAN_LIT("no advisory database: no component was looked up");
        if (!v->complete && v->n_notes == 0)
                *ARENA_PUSH(a, ret) = SPAN_LIT("the image was not read as a whole");
        if (m && !m->complete && m->n_notes == 0)
                *ARENA_PUSH(a, ret) = SPAN_LIT("not every component was looked up");
}

static void put_missing(struct page *p, const struct missing *missing)
{
        if (missing->len > 0)
                put_title(p, "NOT ASSESSED", PAGE_CRITICAL);
        for (size_t i = 0; i < missing->len; i++) {
                page_line(p, COLUMN_BODY, COLUMN_BODY + 2);
                page_word(p, SPAN_LIT("-"), PAGE_PLAIN);
                page_text(p, missing->at[i], PAGE_PLAIN);
        }
}

/* Never silently: what does not count is listed, on whose word, and until when. */
static void put_excepted(struct page *p, const struct report_facts *f)
{
        bool any = false;

        for (size_t i = 0; f->exceptions && f->match && i < f->match->n_findings; i++) {
                const struct finding *x = &f->match->findings[i];
                const struct component *c = &f->inventory->components[x->component];
                const struct policy_ignore_note *n = report_exception(f, i);

                if (!n)
                        continue;
                if (!any)
                        put_title(p, "IGNORED", PAGE_BOLD);
                any = true;
                page_line(p, COLUMN_BODY, COLUMN_DETAIL);
                page_word(p, x->id, PAGE_PLAIN);
                page_word(p, span_of(severity_name(x->severity)), PAGE_PLAIN);
                page_word(p, c->name, PAGE_PLAIN);
                page_word(p, c->version, PAGE_PLAIN);
                page_printf(p, PAGE_PLAIN, "until");
                page_word(p, n->until, PAGE_PLAIN);
                page_printf(p, PAGE_PLAIN, "--");
                page_text(p, n->reason, PAGE_PLAIN);
        }
}

/* What was set aside once and counts again. */
static void put_expired(struct page *p, const struct report_expired_list *expired)
{
        if (expired->len > 0)
                put_title(p, "EXPIRED EXCEPTIONS", PAGE_HIGH);
        for (size_t i = 0; i < expired->len; i++) {
                page_line(p, COLUMN_BODY, COLUMN_BODY + 2);
                page_word(p, SPAN_LIT("-"), PAGE_PLAIN);
                page_text(p, expired->at[i].note->text, PAGE_PLAIN);
        }
}

/* The same for what statements suppress, and what they say without it. */
static void put_vex(struct page *p, const struct report_facts *f, struct arena *a, bool suppressed)
{
        bool any = false;

        for (size_t i = 0; f->vex && f->match && i < f->match->n_findings; i++) {
                const struct finding *x = &f->match->findings[i];
                const struct component *c = &f->inventory->components[x->component];
                const struct match_vex_note *n = suppressed ? report_suppression(f, i) : report_vex(f, i);

                if (!n || n->suppresses != suppressed || report_exception(f, i))
                        continue;
                if (!any)
                        put_title(p, suppressed ? "SUPPRESSED BY VEX" : "VEX REMARKS", PAGE_BOLD);
                any = true;
                page_line(p, COLUMN_BODY, COLUMN_DETAIL);
                page_word(p, x->id, PAGE_PLAIN);
                page_word(p, span_of(severity_name(x->severity)), PAGE_PLAIN);
                page_word(p, c->name, PAGE_PLAIN);
                page_word(p, c->version, PAGE_PLAIN);
                page_printf(p, PAGE_PLAIN, "--");
                page_text(p, report_vex_text(n, a), PAGE_PLAIN);
        }
}

static void put_components(struct page *p, const struct inventory *v)
{
        put_title(p, "COMPONENTS", PAGE_BOLD);
        for (size_t i = 0; i < v->n_components; i++) {
                const struct component *c = &v->components[i];

                page_line(p, COLUMN_BODY, COLUMN_DETAIL);
                page_word(p, c->type, PAGE_PLAIN);
                page_word(p, c->name, PAGE_BOLD);
                page_word(p, c->version, PAGE_PLAIN);
                page_word(p, c->path, PAGE_PLAIN);
                if (v->n_layers > 0)
                        page_printf(p, PAGE_PLAIN, "(layer %llu)", c->layer + 1ull);
                page_text(p, c->licence, PAGE_PLAIN);
        }
}

/* ---- summary ---- */

static void put_count(struct page *p, bool *any, uint64_t n, const char *what, enum page_style style)
{
        char text[64];

        if (n == 0)
                return;
        if (*any) /* the comma belongs to the word before */
                buf_put_text(p->to, ",");
        p->column += *any;
        snprintf(text, sizeof(text), "%llu %s", (unsigned long long)n, what);
        page_word(p, span_of(text), style);
        *any = true;
}

static void put_finding_counts(
    struct page *p, const struct report_facts *f, const struct groups *groups, const struct missing *missing)
{
        const struct match *m = f->match;
        uint64_t by_severity[MATCH_SEVERITIES] = {0}, cannot_tell = 0;
        bool any = false;

        /* As the page shows them: one of a source package counts once, however many packages were built from it. */
        for (size_t i = 0; i < groups->len; i++) {
                const struct group *g = &groups->at[i];
                for (size_t k = 0; k < g->n_findings; k++) {
                        size_t severity = g->findings[k]->severity;
                        if (g->kind == GROUP_CANNOT_TELL)
                                cannot_tell++;
                        else
                                by_severity[severity < MATCH_SEVERITIES ? severity : SEVERITY_UNKNOWN]++;
                }
        }
        put_label(p, "findings");
        for (size_t s = MATCH_SEVERITIES; s-- > 0;)
                put_count(
                    p, &any, by_severity[s], severity_name((enum severity)s), report_severity_style((enum severity)s));
        put_count(p, &any, cannot_tell, "can't tell", PAGE_PLAIN);
        put_count(p, &any, report_count(f).excepted, "ignored", PAGE_PLAIN);
        put_count(p, &any, report_count(f).suppressed, "suppressed by VEX", PAGE_PLAIN);
        put_count(p, &any, report_count(f).expired,
            report_count(f).expired == 1 ? "expired exception" : "expired exceptions", PAGE_HIGH);
        if (report_is_assessed(f)) {
                if (!any)
                        page_printf(p, PAGE_GOOD, "no known vulnerabilities in %zu component%s",
                            f->inventory->n_components, f->inventory->n_components == 1 ? "" : "s");
                return;
        }
        if (any)
                page_line(p, COLUMN_VALUE, COLUMN_VALUE);
        page_printf(p, PAGE_CRITICAL, "not assessed%s:", m ? " as a whole" : "");
        page_text(p, missing->len > 0 ? missing->at[0] : SPAN_LIT("whether a finding applies can't be told, see above"),
            PAGE_PLAIN);
        if (missing->len > 1)
                page_printf(p, PAGE_PLAIN, "(and %zu more, see above)", missing->len - 1);
}

static void put_system(struct page *p, const struct report_facts *f)
{
        const struct inventory *v = f->inventory;

        put_label(p, "system");
        if (v->os.pretty_name.len > 0 || v->os.id.len > 0) {
                page_text(p, v->os.pretty_name.len ? v->os.pretty_name : v->os.id, PAGE_PLAIN);
                if (v->os.pretty_name.len == 0) /* bills of materials seldom have it */
                        page_text(p, v->os.version_id, PAGE_PLAIN);
        } else {
                page_printf(p, PAGE_PLAIN, "not stated");
        }
        if (f->end_of_life.len > 0) {
                page_line(p, COLUMN_VALUE, COLUMN_VALUE);
                page_text(p, f->end_of_life, PAGE_CRITICAL);
        }
}

static void put_component_counts(struct page *p, const struct inventory *v, const struct match *m)
{
        bool any = false;

        put_label(p, "components");
        for (size_t i = 0, end; i < v->n_components; i = end) { /* sorted by type */
                char type[64];

                for (end = i + 1; end < v->n_components && span_equal(v->components[end].type, v->components[i].type);)
                        end++;
                put_count(p, &any, end - i, span_printable(v->components[i].type, type, sizeof(type)), PAGE_PLAIN);
        }
        if (!any)
                page_printf(p, PAGE_PLAIN, "none found");
        if (!m || m->n_kernel_text == 0)
                return;
        page_line(p, COLUMN_VALUE, COLUMN_VALUE);
        page_printf(p, PAGE_PLAIN, "%llu of the kernel's source without any of its code: its advisories are not held against %s",
            (unsigned long long)m->n_kernel_text, m->n_kernel_text == 1 ? "it" : "them");
}

#define DAY_S 86400

static void put_database(struct page *p, const struct match *m, int64_t now_s)
{
        char built[CLOCK_TEXT_MAX], newest[CLOCK_TEXT_MAX], digest[DIGEST_TEXT_MAX];
        int64_t days = (now_s - m->database.built_s) / DAY_S;

        put_label(p, "advisories");
        page_printf(p, PAGE_PLAIN, "%llu record%s, built %s", (unsigned long long)m->database.records,
            m->database.records == 1 ? "" : "s", clock_format(m->database.built_s, built));
        if (now_s >= m->database.built_s)
                page_printf(p, PAGE_PLAIN, "(%lld day%s ago),", (long long)days, days == 1 ? "" : "s");
        else
                page_printf(p, PAGE_PLAIN, "(in the future),");
        page_printf(p, PAGE_PLAIN, "newest record of %s", clock_format(m->database.newest_record_s, newest));
        if (m->database.digest.alg != DIGEST_NONE) /* enough to tell two apart; JSON has all of it */
                page_printf(p, PAGE_PLAIN, "(%.19s)", digest_format(&m->database.digest, digest));
}

static void put_exceptions(struct page *p, const struct policy_ignore_note *notes, size_t n)
{
        bool any = false;

        for (size_t i = 0; i < n; i++) {
                if (!report_tells(&notes[i]))
                        continue;
                if (any)
                        page_line(p, COLUMN_VALUE, COLUMN_VALUE + 2);
                else
                        put_label(p, "exceptions");
                any = true;
                p->hang = COLUMN_VALUE + 2;
                page_word(p, SPAN_LIT("-"), PAGE_PLAIN);
                page_text(p, notes[i].text, PAGE_PLAIN);
        }
}

static void put_verdict(struct page *p, const struct policy_verdict *v)
{
        bool allowed = v->verdict == VERDICT_ALLOW;

        put_label(p, "verdict");
        page_word(p, allowed ? SPAN_LIT("ALLOW") : SPAN_LIT("DENY"), allowed ? PAGE_GOOD : PAGE_CRITICAL);
        page_printf(p, PAGE_PLAIN, "by");
        page_word(p, v->policy, PAGE_PLAIN);
        for (size_t i = 0; i < v->n_reasons; i++) {
                page_line(p, COLUMN_VALUE, COLUMN_VALUE + 2);
                page_word(p, SPAN_LIT("-"), PAGE_PLAIN);
                page_text(p, v->reasons[i].text, PAGE_PLAIN);
        }
        if (v->reasons_left_out) {
                page_line(p, COLUMN_VALUE, COLUMN_VALUE + 2);
                page_printf(p, PAGE_PLAIN, "- and %llu more reasons", (unsigned long long)v->reasons_left_out);
        }
        if (v->run_not_judged) {
                page_line(p, COLUMN_VALUE, COLUMN_VALUE + 2);
                page_printf(p, PAGE_PLAIN, REPORT_RUN_NOT_JUDGED, v->run_not_judged);
        }
        put_exceptions(p, v->ignores, v->n_ignores);
}

#define REMARKS_SHOWN 12u /* places of one rule; JSON has all. Seen: 36 private keys of a library's tests */

static void put_place(struct page *p, const struct remark *r)
{
        page_line(p, COLUMN_DETAIL, COLUMN_DETAIL + 2);
        page_word(p, r->path.len ? r->path : SPAN_LIT("configuration"), PAGE_PLAIN);
        if (r->line > 0)
                page_printf(p, PAGE_PLAIN, "line %llu:", (unsigned long long)r->line);
        if (r->excerpt.len > 0)
                page_text(p, r->excerpt, PAGE_PLAIN);
        page_printf(
            p, PAGE_PLAIN, "(layer %llu%s)", r->layer + 1ull, r->visible ? "" : ", removed later, still in the image");
}

/* As findings: the worst first, each rule once; what a later layer removed is told too, for whoever has the image has it. */
static void put_remarks(struct page *p, const struct inventory *v)
{
        static const char *const names[] = {"info", "low", "medium", "high", "critical"};
        static const enum page_style styles[] = {PAGE_PLAIN, PAGE_LOW, PAGE_MEDIUM, PAGE_HIGH, PAGE_CRITICAL};

        if (v->n_remarks == 0)
                return;
        put_title(p, "SECRETS AND CONFIGURATION", PAGE_BOLD);
        for (size_t i = 0, end; i < v->n_remarks; i = end) {
                const struct remark *r = &v->remarks[i];
                for (end = i + 1; end < v->n_remarks && span_equal(v->remarks[end].rule, r->rule);)
                        end++;
                page_line(p, COLUMN_BODY, COLUMN_DETAIL);
                page_printf(p, styles[r->severity], "%s", names[r->severity]);
                page_to(p, COLUMN_BODY + 10);
                page_word(p, r->rule, PAGE_PLAIN);
                page_printf(p, PAGE_PLAIN, "--");
                page_text(p, r->title, PAGE_PLAIN);
                if (end - i > 1)
                        page_printf(p, PAGE_PLAIN, "(%zu)", end - i);
                if (r->remedy.len > 0) {
                        page_line(p, COLUMN_DETAIL, COLUMN_DETAIL + 2);
                        page_text(p, r->remedy, PAGE_PLAIN);
                }
                for (size_t k = i; k < end && k - i < REMARKS_SHOWN; k++)
                        if (r->path.len > 0 || r->excerpt.len > 0)
                                put_place(p, &v->remarks[k]);
                if (end - i > REMARKS_SHOWN) {
                        page_line(p, COLUMN_DETAIL, COLUMN_DETAIL);
                        page_printf(p, PAGE_PLAIN, "and %zu more", end - i - REMARKS_SHOWN);
                }
        }
}

void report_table(const struct report_facts *f, const struct report_options *o, struct buf *to)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct page p = {.to = to, .width = o->width, .colour = o->colour};
        struct groups groups = {0};
        struct report_expired_list expired;
        struct missing missing = {0};

        missing_list(f, a, &missing);
        report_expired(f, a, &expired);
        put_head(&p, f);
        if (f->match)
                report_groups(f, a, &groups);
        report_findings(&p, &groups, f->inventory);
        put_expired(&p, &expired);
        put_excepted(&p, f);
        put_vex(&p, f, a, true);
        put_vex(&p, f, a, false);
        put_remarks(&p, f->inventory);
        put_missing(&p, &missing);
        if (o->all_components)
                put_components(&p, f->inventory);
        put_title(&p, "SUMMARY", PAGE_BOLD);
        put_finding_counts(&p, f, &groups, &missing);
        put_component_counts(&p, f->inventory, f->match);
        put_system(&p, f);
        if (f->match)
                put_database(&p, f->match, f->now_s);
        if (f->exceptions)
                put_exceptions(&p, f->exceptions->notes, f->exceptions->n_notes);
        if (f->verdict)
                put_verdict(&p, f->verdict);
        if (f->record) {
                put_label(&p, "record");
                page_word(&p, span_of(f->record), PAGE_PLAIN);
        }
        page_end(&p);
}
