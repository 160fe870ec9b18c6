#include "report/report_priv.h"

#define BODY 2u /* columns of indent */
#define DETAIL 6u
#define VALUE 16u /* where values stand in a line of details */
#define HEAD 14u  /* where values stand in the head and the summary */

static const enum page_style severity_styles[MATCH_SEVERITIES] = {
    [SEVERITY_LOW] = PAGE_LOW,
    [SEVERITY_MEDIUM] = PAGE_MEDIUM,
    [SEVERITY_HIGH] = PAGE_HIGH,
    [SEVERITY_CRITICAL] = PAGE_CRITICAL,
};

static enum page_style severity_style(enum severity s)
{
        return (size_t)s < MATCH_SEVERITIES ? severity_styles[s] : PAGE_PLAIN;
}

/* "[high 7.5]" or "[unknown]", with what follows it */
static void put_severity(struct page *p, const struct finding *f, const char *after)
{
        char text[64];

        if (f->score_tenths)
                snprintf(text, sizeof(text), "[%s %u.%u]%s", severity_name(f->severity), f->score_tenths / 10,
                    f->score_tenths % 10, after);
        else
                snprintf(text, sizeof(text), "[%s]%s", severity_name(f->severity), after);
        page_word(p, span_of(text), severity_style(f->severity));
}

static void put_label(struct page *p, unsigned indent, unsigned value, const char *label)
{
        page_line(p, indent, value);
        page_word(p, span_of(label), PAGE_PLAIN);
        page_to(p, value);
}

/* A word of a list: "a," "b," "c" */
static void put_listed(struct page *p, struct span word, bool last)
{
        CLEANUP(buf_done) struct buf b = {0};

        buf_put(&b, word);
        if (!last)
                buf_put_text(&b, ",");
        page_word(p, buf_span(&b), PAGE_PLAIN);
}

/* ---- head ---- */

static void put_head(struct page *p, const struct report_facts *f)
{
        const struct inventory *v = f->inventory;
        char digest[DIGEST_TEXT_MAX];

        page_line(p, 0, BODY);
        page_word(p, f->name, PAGE_BOLD);
        if (v->image.alg != DIGEST_NONE) {
                put_label(p, BODY, HEAD, "image");
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
                put_label(p, BODY, HEAD, "platform");
                page_word(p, buf_span(&b), PAGE_PLAIN);
        }
        put_label(p, BODY, HEAD, "system");
        if (v->os.pretty_name.len > 0 || v->os.id.len > 0)
                page_text(p, v->os.pretty_name.len ? v->os.pretty_name : v->os.id, PAGE_PLAIN);
        else
                page_printf(p, PAGE_PLAIN, "not stated");
        if (v->n_layers > 0) {
                put_label(p, BODY, HEAD, "layers");
                page_printf(p, PAGE_PLAIN, "%zu", v->n_layers);
        }
}

/* ---- findings ---- */

/* What a source's name does not say: its packages; and where a package lies that may lie in many places. */
static void put_components(struct page *p, const struct group *g)
{
        bool packages = g->components[0]->source_name.len > 0;

        put_label(p, DETAIL, VALUE, packages ? "packages" : "in");
        for (size_t i = 0, next; i < g->n_components; i = next) { /* sorted: equal names are neighbours */
                struct span word = packages ? g->components[i]->name : g->components[i]->path;

                for (next = i + 1; next < g->n_components; next++)
                        if (!span_equal(packages ? g->components[next]->name : g->components[next]->path, word))
                                break;
                put_listed(p, word, next == g->n_components);
        }
}

static void put_package(struct page *p, const struct group *g)
{
        const struct finding *f = g->findings[0];

        page_word(p, f->package, PAGE_BOLD);
        if (g->components[0]->source_name.len > 0)
                page_word(p, SPAN_LIT("(source)"), PAGE_PLAIN);
        page_word(p, f->package_version, PAGE_PLAIN);
}

static void put_mends(struct page *p, const struct group *g)
{
        put_label(p, DETAIL, VALUE, "mends");
        for (size_t i = 0, next; i < g->n_findings; i = next) {
                const struct finding *f = g->findings[i];
                bool earlier = !span_equal(f->fixed, g->fixed);

                for (next = i + 1; next < g->n_findings && span_equal(g->findings[next]->id, f->id);)
                        next++;
                page_word(p, f->id, PAGE_PLAIN);
                put_severity(p, f, earlier || next == g->n_findings ? "" : ",");
                if (earlier) {
                        CLEANUP(buf_done) struct buf b = {0};

                        buf_put_text(&b, "(from ");
                        buf_put(&b, f->fixed);
                        buf_put_text(&b, next == g->n_findings ? ")" : "),");
                        page_word(p, buf_span(&b), PAGE_PLAIN);
                }
        }
}

static void put_update(struct page *p, const struct group *g)
{
        page_line(p, BODY, DETAIL);
        put_severity(p, g->findings[0], "");
        page_word(p, SPAN_LIT("update"), PAGE_PLAIN);
        put_package(p, g);
        page_word(p, SPAN_LIT("->"), PAGE_PLAIN);
        page_word(p, g->fixed, PAGE_BOLD);
        put_mends(p, g);
        put_components(p, g);
}

static void put_single(struct page *p, const struct group *g)
{
        const struct finding *f = g->findings[0];

        page_line(p, BODY, DETAIL);
        put_severity(p, f, "");
        page_word(p, f->id, PAGE_BOLD);
        page_word(p, SPAN_LIT("in"), PAGE_PLAIN);
        put_package(p, g);
        if (f->summary.len > 0) {
                page_line(p, DETAIL, DETAIL);
                page_text(p, f->summary, PAGE_PLAIN);
        }
        if (g->kind == GROUP_CANNOT_TELL) {
                put_label(p, DETAIL, VALUE, "why");
                page_text(p, f->explanation, PAGE_PLAIN);
        }
        put_components(p, g);
}

static void put_groups(struct page *p, const struct groups *groups)
{
        static const char *const titles[GROUP_KINDS] = {
            "UPDATES THAT MEND", "NO FIX KNOWN", "CAN'T TELL (not assessed)"};
        enum group_kind open = GROUP_KINDS;

        for (size_t i = 0; i < groups->len; i++) {
                const struct group *g = &groups->at[i];

                if (g->kind != open) {
                        page_blank(p);
                        page_line(p, 0, BODY);
                        page_word(p, span_of(titles[g->kind]), PAGE_BOLD);
                }
                open = g->kind;
                if (g->kind == GROUP_UPDATE)
                        put_update(p, g);
                else
                        put_single(p, g);
        }
}

static void put_notes(struct page *p, const struct report_facts *f)
{
        const struct inventory *v = f->inventory;
        size_t n = v->n_notes + (f->match ? f->match->n_notes : 0);

        if (n == 0)
                return;
        page_blank(p);
        page_line(p, 0, BODY);
        page_word(p, SPAN_LIT("NOT ASSESSED"), PAGE_BOLD);
        for (size_t i = 0; i < n; i++) {
                page_line(p, BODY, BODY + 2);
                page_word(p, SPAN_LIT("-"), PAGE_PLAIN);
                page_text(p, i < v->n_notes ? v->notes[i] : f->match->notes[i - v->n_notes], PAGE_PLAIN);
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

static void put_finding_counts(struct page *p, const struct report_facts *f)
{
        const struct match *m = f->match;
        bool any = false;

        put_label(p, BODY, HEAD, "findings");
        if (!m) {
                page_printf(p, PAGE_PLAIN, "not looked up: there is no advisory database");
                return;
        }
        for (size_t s = MATCH_SEVERITIES; s-- > 0;)
                put_count(p, &any, m->n_affected[s], severity_name((enum severity)s), severity_style((enum severity)s));
        put_count(p, &any, m->n_cannot_tell, "can't tell", PAGE_PLAIN);
        if (!any && f->inventory->complete && m->complete)
                page_printf(p, PAGE_PLAIN, "none known");
        else if (!any)
                page_printf(p, PAGE_PLAIN, "none in what was assessed, which is not all: see above");
}

static void put_component_counts(struct page *p, const struct inventory *v)
{
        bool any = false;

        put_label(p, BODY, HEAD, "components");
        for (size_t i = 0, end; i < v->n_components; i = end) { /* sorted by type */
                char type[64];

                for (end = i + 1; end < v->n_components && span_equal(v->components[end].type, v->components[i].type);)
                        end++;
                put_count(p, &any, end - i, span_printable(v->components[i].type, type, sizeof(type)), PAGE_PLAIN);
        }
        if (!any)
                page_printf(p, PAGE_PLAIN, "none found");
}

#define DAY_S 86400

static void put_database(struct page *p, const struct match *m, int64_t now_s)
{
        char built[CLOCK_TEXT_MAX], newest[CLOCK_TEXT_MAX];
        int64_t days = (now_s - m->database.built_s) / DAY_S;

        put_label(p, BODY, HEAD, "advisories");
        page_printf(p, PAGE_PLAIN, "%llu record%s, built %s", (unsigned long long)m->database.records,
            m->database.records == 1 ? "" : "s", clock_format(m->database.built_s, built));
        if (now_s >= m->database.built_s)
                page_printf(p, PAGE_PLAIN, "(%lld day%s ago),", (long long)days, days == 1 ? "" : "s");
        else
                page_printf(p, PAGE_PLAIN, "(in the future),");
        page_printf(p, PAGE_PLAIN, "newest record of %s", clock_format(m->database.newest_record_s, newest));
}

static void put_verdict(struct page *p, const struct policy_verdict *v)
{
        bool allowed = v->verdict == VERDICT_ALLOW;

        put_label(p, BODY, HEAD, "verdict");
        page_word(p, allowed ? SPAN_LIT("ALLOW") : SPAN_LIT("DENY"), allowed ? PAGE_GOOD : PAGE_CRITICAL);
        page_printf(p, PAGE_PLAIN, "by");
        page_word(p, v->policy, PAGE_PLAIN);
        for (size_t i = 0; i < v->n_reasons; i++) {
                page_line(p, HEAD, HEAD + 2);
                page_word(p, SPAN_LIT("-"), PAGE_PLAIN);
                page_text(p, v->reasons[i].text, PAGE_PLAIN);
        }
        if (v->reasons_left_out) {
                page_line(p, HEAD, HEAD + 2);
                page_printf(p, PAGE_PLAIN, "- and %llu more reasons", (unsigned long long)v->reasons_left_out);
        }
        if (v->n_ignores > 0)
                put_label(p, BODY, HEAD, "exceptions");
        for (size_t i = 0; i < v->n_ignores; i++) {
                if (i > 0)
                        page_line(p, HEAD, HEAD + 2);
                p->hang = HEAD + 2;
                page_word(p, SPAN_LIT("-"), PAGE_PLAIN);
                page_text(p, v->ignores[i].text, PAGE_PLAIN);
        }
}

void report_table(const struct report_facts *f, const struct report_options *o, struct buf *to)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct page p = {.to = to, .width = o->width, .colour = o->colour};
        struct groups groups;

        put_head(&p, f);
        if (f->match) {
                report_groups(f->match, f->inventory, a, &groups);
                put_groups(&p, &groups);
        }
        put_notes(&p, f);
        page_blank(&p);
        page_line(&p, 0, BODY);
        page_word(&p, SPAN_LIT("SUMMARY"), PAGE_BOLD);
        put_finding_counts(&p, f);
        put_component_counts(&p, f->inventory);
        if (f->match)
                put_database(&p, f->match, f->now_s);
        if (f->verdict)
                put_verdict(&p, f->verdict);
        page_end(&p);
}
