/*
 * One page for a browser: what to do first, every finding, which layer brought what. Static markup, so that it says all
 * without scripts too; scripts only sort and filter. Nothing of the image's or the feed's gets in but as escaped text.
 */
#include "report/html_priv.h"

static void put(struct buf *to, const char *markup)
{
        buf_put_text(to, markup);
}

static void put_span(struct buf *to, const char *before, struct span s, const char *after)
{
        put(to, before);
        markup_text(to, s);
        put(to, after);
}

/* Only what a browser may follow: a feed could say javascript: */
static bool is_web(struct span url)
{
        return span_starts(url, "https://") || span_starts(url, "http://");
}

static void row_text(struct buf *to, const char *name, struct span value)
{
        if (value.len == 0)
                return;
        buf_printf(to, "<dt>%s</dt><dd>", name);
        put_span(to, "", value, "</dd>\n");
}

static void put_head(struct buf *to, const struct report_facts *f)
{
        const struct inventory *v = f->inventory;
        CLEANUP(buf_done) struct buf id = {0};
        char text[DIGEST_TEXT_MAX];

        put(to, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
                "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
                "script-src 'unsafe-inline'; img-src data:\">\n"
                "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        put_span(to, "<title>", f->name, " - Coffer</title>\n<style>\n");
        put(to, html_style);
        put_span(to, "</style></head><body>\n<header>\n<h1>", f->name, "</h1>\n<dl>\n");
        if (v->image.alg != DIGEST_NONE)
                row_text(to, "digest", span_of(digest_format(&v->image, text)));
        row_text(to, "kind", f->kind);
        if (v->os.pretty_name.len == 0)
                buf_printf(&id, "%.*s %.*s", SPAN_FMT(v->os.id), SPAN_FMT(v->os.version_id));
        row_text(to, "system", id.len ? span_trim(buf_span(&id)) : v->os.pretty_name);
        if (f->match) {
                char built[CLOCK_TEXT_MAX];
                buf_printf(to, "<dt>advisories</dt><dd>%llu records, built %s</dd>\n",
                    (unsigned long long)f->match->database.records, clock_format(f->match->database.built_s, built));
        }
        if (f->record)
                row_text(to, "record", span_of(f->record));
        put(to, "</dl>\n");
}

static void put_expired(struct buf *to, const struct report_facts *f)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct report_expired_list expired;

        report_expired(f, a, &expired);
        if (expired.len == 0)
                return;
        put(to, "<div class=\"banner bad\"><strong>Expired exceptions.</strong><ul>");
        for (size_t i = 0; i < expired.len; i++)
                put_span(to, "<li>", expired.at[i].note->text, "</li>");
        put(to, "</ul></div>\n");
}

static void put_banner(struct buf *to, const struct report_facts *f)
{
        bool assessed = report_is_assessed(f);

        if (f->verdict) {
                bool allowed = f->verdict->verdict == VERDICT_ALLOW;
                buf_printf(to, "<div class=\"banner %s\"><strong>%s</strong>", allowed ? "good" : "bad",
                    allowed ? "Allowed" : "Refused");
                put_span(to, " by the policy ", f->verdict->policy, "");
                if (f->verdict->run_not_judged)
                        buf_printf(
                            to, "; not judged: how it is run (line %u of the policy)", f->verdict->run_not_judged);
                if (f->verdict->n_reasons > 0)
                        put(to, "<ul>");
                for (size_t i = 0; i < f->verdict->n_reasons; i++)
                        put_span(to, "<li>", f->verdict->reasons[i].text, "</li>");
                put(to, f->verdict->n_reasons > 0 ? "</ul></div>\n" : "</div>\n");
        }
        if (!assessed) {
                put(to, "<div class=\"banner bad\"><strong>Not fully assessed.</strong> What is not listed here may "
                        "still be "
                        "wrong.<ul>");
                for (size_t i = 0; i < f->inventory->n_notes; i++)
                        put_span(to, "<li>", f->inventory->notes[i], "</li>");
                for (size_t i = 0; f->match && i < f->match->n_notes; i++)
                        put_span(to, "<li>", f->match->notes[i], "</li>");
                if (!f->match)
                        put(to, "<li>There is no advisory database: nothing was looked up.</li>");
                put(to, "</ul></div>\n");
        } else if (f->match->n_findings == 0) {
                put(to,
                    "<div class=\"banner good\"><strong>Nothing known to be wrong.</strong> Every component was looked "
                    "up.</div>\n");
        }
        put_expired(to, f);
        if (f->end_of_life.len > 0)
                put_span(to, "<div class=\"banner bad\">", f->end_of_life, ".</div>\n");
        if (f->match) {
                const struct report_counts counts = report_count(f);
                put(to, "<p class=\"counts\">");
                for (size_t s = MATCH_SEVERITIES; s-- > SEVERITY_UNKNOWN;)
                        buf_printf(to, "<span class=\"%s\">%llu %s</span>", severity_name((enum severity)s),
                            (unsigned long long)counts.affected[s], severity_name((enum severity)s));
                if (counts.excepted > 0)
                        buf_printf(to, "<span>%llu ignored</span>", (unsigned long long)counts.excepted);
                if (counts.suppressed > 0)
                        buf_printf(to, "<span>%llu suppressed by VEX</span>", (unsigned long long)counts.suppressed);
                put(to, "</p>\n");
        }
        put(to, "</header>\n");
}

#define FIRST_MAX 10u /* what a person reads in a minute */

static void put_first(struct buf *to, const struct report_facts *f, const struct groups *groups)
{
        size_t n = 0;

        for (size_t i = 0; i < groups->len && n < FIRST_MAX; i++) {
                const struct group *g = &groups->at[i];
                if (g->kind != GROUP_UPDATE)
                        continue;
                if (n++ == 0)
                        put(to, "<section><h2>What to do first</h2><ol class=\"first\">\n");
                put_span(to, "<li>update <strong>", g->findings[0]->package, "</strong> ");
                put_span(to, "<span class=\"dim\">", g->findings[0]->package_version, "</span> to ");
                for (size_t k = 0; k < g->n_fixed; k++)
                        put_span(to, k ? ", <strong>" : "<strong>", g->fixed[k], "</strong>");
                if (g->brings > 0)
                        buf_printf(to, ", which has %u of its own without a fix", g->brings);
                buf_printf(to, ": mends %zu (", g->n_findings);
                for (size_t k = 0; k < g->n_findings && k < 6; k++) {
                        buf_printf(to, "%s<span class=\"%s\">", k ? ", " : "", severity_name(g->findings[k]->severity));
                        put_span(to, "", g->findings[k]->id, "</span>");
                }
                put(to, g->n_findings > 6 ? ", ...)" : ")");
                buf_printf(to, " in %zu component%s</li>\n", g->n_components, g->n_components == 1 ? "" : "s");
        }
        if (n > 0)
                put(to, "</ol></section>\n");
        (void)f;
}

static void table_begin(struct buf *to, const char *id, const char *const *heads, size_t n)
{
        buf_printf(to,
            "<input type=\"search\" data-for=\"%s\" placeholder=\"filter\" aria-label=\"filter\">\n"
            "<div class=\"frame\"><table id=\"%s\" data-sort><thead><tr>",
            id, id);
        for (size_t i = 0; i < n; i++)
                buf_printf(to, "<th><button type=\"button\">%s</button></th>", heads[i]);
}

static void put_finding(struct buf *to, const struct report_facts *f, size_t index)
{
        const struct finding *x = &f->match->findings[index];
        const struct policy_ignore_note *ignored = report_exception(f, index);
        const struct match_vex_note *vex = report_vex(f, index);
        const struct component *c = &f->inventory->components[x->component];

        buf_printf(to, "<tr><td data-v=\"%u%04u\" class=\"%s\">%s", (unsigned)x->severity, x->score_tenths,
            severity_name(x->severity), severity_name(x->severity));
        if (x->score_tenths > 0)
                buf_printf(to, " %u.%u", x->score_tenths / 10, x->score_tenths % 10);
        put(to, "</td><td>");
        if (is_web(x->reference)) {
                put_span(to, "<a rel=\"noreferrer\" href=\"", x->reference, "\">");
                put_span(to, "", x->id, "</a>");
        } else {
                put_span(to, "", x->id, "");
        }
        if (x->answer != ADVISORY_AFFECTED)
                put(to, " <span class=\"dim\">can't tell</span>");
        if (x->fact.kev_added_s || x->fact.exploitation == ADVISORY_EXPLOITATION_ACTIVE)
                put(to, " <strong class=\"critical\">exploited</strong>");
        if (x->fact.epss > 0)
                buf_printf(to, " <span class=\"dim\">EPSS %u.%u%%</span>", x->fact.epss / 10000, x->fact.epss / 1000 % 10);
        if (x->status > ADVISORY_STATUS_FIXED) {
                buf_printf(to, "<br><span class=\"dim\">%s", advisory_status_name(x->status));
                put_span(to, x->note.len ? ": " : "", x->note, "</span>");
        }
        put_span(to, "</td><td>", c->name, "</td><td>");
        put_span(to, "", c->version, "</td><td>");
        put_span(to, "", x->fixed.len ? x->fixed : SPAN_LIT("-"), "</td>");
        buf_printf(to, "<td>%u</td><td>", c->layer + 1);
        put_span(to, "", x->summary, "<br><span class=\"dim\">");
        put_span(to, "", x->explanation, "</span>");
        if (ignored) {
                put_span(to, "<br><strong>ignored until ", ignored->until, "</strong>: ");
                put_span(to, "", ignored->reason, "");
        } else if (vex) {
                CLEANUP(arena_freep) struct arena *a = arena_new();

                buf_printf(to, "<br><strong>%s</strong>: ", vex->suppresses ? "suppressed by VEX" : "VEX");
                put_span(to, "", report_vex_text(vex, a), "");
        }
        put(to, "</td></tr>\n");
}

static void put_findings(struct buf *to, const struct report_facts *f)
{
        static const char *const heads[] = {"severity", "id", "component", "version", "fixed in", "layer", "what"};

        if (!f->match || f->match->n_findings == 0)
                return;
        buf_printf(to, "<section><h2>Findings (%zu)</h2>\n", f->match->n_findings);
        table_begin(to, "findings", heads, ARRAY_LEN(heads));
        put(to, "</tr></thead><tbody>\n");
        for (size_t i = 0; i < f->match->n_findings; i++)
                put_finding(to, f, i);
        put(to, "</tbody></table></div></section>\n");
}

#define MATRIX_LAYERS_MAX 40u /* columns: above it the number of the layer alone */

static void put_component(struct buf *to, const struct report_facts *f, const struct component *c, bool matrix)
{
        const struct inventory *v = f->inventory;

        put_span(to, "<tr><td>", c->type, "</td><td>");
        put_span(to, "", c->name, "</td><td>");
        put_span(to, "", c->version, "</td><td>");
        put_span(to, "", c->licence, "</td><td class=\"mono\">/");
        put_span(to, "", c->path, "");
        if (c->state == COMPONENT_DECLARED)
                put(to, " <span class=\"dim\">declared</span>");
        if (c->owner > 0)
                put_span(to, " <span class=\"dim\">of ", v->components[c->owner - 1].name, "</span>");
        buf_printf(to, "</td><td>%u</td>", c->layer + 1);
        for (size_t i = 0; matrix && i < v->n_layers; i++)
                put(to, i < c->layer    ? "<td class=\"layer\" data-v=\"0\"></td>"
                        : i == c->layer ? "<td class=\"layer first\" data-v=\"2\">+</td>"
                                        : "<td class=\"layer on\" data-v=\"1\"></td>");
        put(to, "</tr>\n");
}

static void put_components(struct buf *to, const struct report_facts *f)
{
        static const char *const heads[] = {"type", "name", "version", "licence", "recorded in", "layer"};
        const struct inventory *v = f->inventory;
        bool matrix = v->n_layers > 1 && v->n_layers <= MATRIX_LAYERS_MAX;

        buf_printf(to, "<section><h2>Components by layer (%zu)</h2>\n", v->n_components);
        table_begin(to, "components", heads, ARRAY_LEN(heads));
        for (size_t i = 0; matrix && i < v->n_layers; i++) {
                buf_printf(to, "<th><button type=\"button\" title=\"");
                markup_text(to, v->layers[i].created_by);
                buf_printf(to, "\">%zu</button></th>", i + 1);
        }
        put(to, "</tr></thead><tbody>\n");
        for (size_t i = 0; i < v->n_components; i++)
                put_component(to, f, &v->components[i], matrix);
        put(to, "</tbody></table></div></section>\n");
}

static void put_layers(struct buf *to, const struct report_facts *f)
{
        const struct inventory *v = f->inventory;
        char text[DIGEST_TEXT_MAX];

        put(to,
            "<section><h2>Layers</h2>\n<div class=\"frame\"><table><thead><tr><th>layer</th><th>diff id</th><th>plain "
            "MiB</th><th>entries</th><th>made by</th></tr></thead><tbody>\n");
        for (size_t i = 0; i < v->n_layers; i++) {
                buf_printf(to,
                    "<tr><td>%zu</td><td class=\"mono\">%s</td><td>%.1f</td><td>%llu</td><td class=\"mono\">", i + 1,
                    digest_format(&v->layers[i].diff_id, text), (double)v->layers[i].plain_size / 1048576.0,
                    (unsigned long long)v->layers[i].entries);
                put_span(to, "", v->layers[i].created_by, "</td></tr>\n");
        }
        put(to, "</tbody></table></div></section>\n");
}

static void put_remarks(struct buf *to, const struct report_facts *f)
{
        static const char *const severities[] = {"none", "low", "medium", "high", "critical"};
        static const char *const heads[] = {"severity", "rule", "what", "where", "layer", "what to do"};
        const struct inventory *v = f->inventory;

        if (v->n_remarks == 0)
                return;
        buf_printf(to, "<section><h2>Secrets and configuration (%zu)</h2>\n", v->n_remarks);
        table_begin(to, "remarks", heads, ARRAY_LEN(heads));
        put(to, "</tr></thead><tbody>\n");
        for (size_t i = 0; i < v->n_remarks; i++) {
                const struct remark *r = &v->remarks[i];
                buf_printf(to, "<tr><td data-v=\"%u\" class=\"%s\">%s</td>", (unsigned)r->severity,
                    severities[r->severity], r->severity == REMARK_INFO ? "info" : severities[r->severity]);
                put_span(to, "<td class=\"mono\">", r->rule, "</td><td>");
                put_span(to, "", r->title, "");
                if (r->excerpt.len > 0)
                        put_span(to, " <code>", r->excerpt, "</code>");
                put_span(to, "</td><td class=\"mono\">", r->path, "");
                if (r->line > 0)
                        buf_printf(to, ":%llu", (unsigned long long)r->line);
                put(to, r->visible ? "</td>" : " <span class=\"dim\">removed later, still in the image</span></td>");
                buf_printf(to, "<td>%u</td>", r->layer + 1);
                put_span(to, "<td>", r->remedy, "</td></tr>\n");
        }
        put(to, "</tbody></table></div></section>\n");
}

void report_html(const struct report_facts *f, struct buf *to)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct groups groups = {0};

        if (f->match)
                report_groups(f, a, &groups);
        put_head(to, f);
        put_banner(to, f);
        put_first(to, f, &groups);
        put_findings(to, f);
        put_remarks(to, f);
        put_components(to, f);
        put_layers(to, f);
        put(to, "<script>\n");
        put(to, html_script);
        put(to, "</script></body></html>\n");
}
