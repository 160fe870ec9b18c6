#include "report/report_priv.h"

#define ID_WIDTH_MAX 20u   /* columns: longer ids push what follows, the others keep their column */
#define SEVERITY_WIDTH 13u /* columns: "critical 10.0" */
#define EPSS_TOLD 10000u /* millionths: below one in a hundred it says little */
#define SUMMARY_WIDTH 24u  /* columns: with less beside the id, the summary goes below it */
#define NAMES_SHOWN 12u    /* packages or paths of one group; JSON has all. Seen: 71 of one source (gcc-12) */
#define COMMAND_SHOWN 60u  /* bytes of a layer's command, which may be a whole script; JSON has all */

static const enum page_style severity_styles[MATCH_SEVERITIES] = {
    [SEVERITY_LOW] = PAGE_LOW,
    [SEVERITY_MEDIUM] = PAGE_MEDIUM,
    [SEVERITY_HIGH] = PAGE_HIGH,
    [SEVERITY_CRITICAL] = PAGE_CRITICAL,
};

enum page_style report_severity_style(enum severity s)
{
        return (size_t)s < MATCH_SEVERITIES ? severity_styles[s] : PAGE_PLAIN;
}

/* One word made of up to three parts: it is not broken between them. */
static void put_joined(struct page *p, const char *before, struct span word, const char *after, enum page_style style)
{
        CLEANUP(buf_done) struct buf b = {0};

        buf_put_text(&b, before);
        buf_put(&b, word);
        buf_put_text(&b, after);
        page_word(p, buf_span(&b), style);
}

/* ---- where a group's components are ---- */

static bool is_packaged(const struct group *g)
{
        return g->components[0]->source_name.len > 0;
}

/* What tells the components of one group apart: the binary packages of a source; the places of all others. */
static struct span name_of(const struct group *g, size_t i)
{
        return is_packaged(g) ? g->components[i]->name : g->components[i]->path;
}

static size_t count_names(const struct group *g)
{
        size_t n = 1;

        for (size_t i = 1; i < g->n_components; i++) /* sorted: equal ones are neighbours */
                n += !span_equal(name_of(g, i), name_of(g, i - 1));
        return n;
}

static void put_names(struct page *p, const struct group *g, const char *end)
{
        size_t n = count_names(g), shown = 0;

        page_word(p, is_packaged(g) ? SPAN_LIT("(installed") : SPAN_LIT("(in"), PAGE_PLAIN);
        if (is_packaged(g))
                page_word(p, SPAN_LIT("as"), PAGE_PLAIN);
        for (size_t i = 0; i < g->n_components && shown < NAMES_SHOWN; i++) {
                if (i > 0 && span_equal(name_of(g, i), name_of(g, i - 1)))
                        continue;
                shown++;
                put_joined(p, "", name_of(g, i), shown < n ? "," : end, PAGE_PLAIN);
        }
        if (n > shown)
                page_printf(p, PAGE_PLAIN, "and %zu more%s", n - shown, end);
}

static uint32_t layer_after(const struct group *g, uint32_t after, bool first)
{
        uint32_t next = UINT32_MAX;

        for (size_t i = 0; i < g->n_components; i++) {
                uint32_t layer = g->components[i]->layer;

                if ((first || layer > after) && layer < next)
                        next = layer;
        }
        return next;
}

/* The beginning of a layer's command, as words; the last one carries `end`. */
static void put_command(struct page *p, struct span command, const char *end)
{
        CLEANUP(buf_done) struct buf b = {0};
        size_t len = command.len;

        if (len > COMMAND_SHOWN)
                for (len = COMMAND_SHOWN; len > 0 && (command.at[len] & 0xc0) == 0x80;) /* not inside a character */
                        len--;
        buf_put(&b, span_trim(span_cut(command, 0, len)));
        buf_put_text(&b, len < command.len ? " ..." : "");
        buf_put_text(&b, end);
        page_text(p, buf_span(&b), PAGE_PLAIN);
}

static void put_layers(struct page *p, const struct group *g, const struct inventory *v, const char *begin)
{
        uint32_t layer = layer_after(g, 0, true), next = layer_after(g, layer, false);
        char number[16];

        if (next == UINT32_MAX) {
                struct span command = layer < v->n_layers ? v->layers[layer].created_by : (struct span){0};
                bool told = span_trim(command).len > 0;

                put_joined(p, begin, SPAN_LIT("layer"), "", PAGE_PLAIN);
                page_printf(p, PAGE_PLAIN, "%llu%s", layer + 1ull, told ? ":" : ")");
                if (told)
                        put_command(p, command, ")");
                return;
        }
        put_joined(p, begin, SPAN_LIT("layers"), "", PAGE_PLAIN);
        for (; layer != UINT32_MAX; layer = next) {
                next = layer_after(g, layer, false);
                snprintf(number, sizeof(number), "%llu", layer + 1ull);
                put_joined(p, "", span_of(number), next == UINT32_MAX ? ")" : ",", PAGE_PLAIN);
        }
}

/* "(installed as libssl3, openssl; layer 1: RUN apt-get ...)" */
static void put_where(struct page *p, const struct group *g, const struct inventory *v)
{
        bool layers = v->n_layers > 0;
        bool names = !is_packaged(g) || count_names(g) > 1 || !span_equal(name_of(g, 0), g->findings[0]->package);

        if (names)
                put_names(p, g, layers ? ";" : ")");
        if (layers)
                put_layers(p, g, v, names ? "" : "(");
}

/* ---- one group ---- */

static void put_update(struct page *p, const struct group *g)
{
        page_word(p, SPAN_LIT("->"), PAGE_PLAIN);
        for (size_t i = 0; i < g->n_fixed; i++)
                put_joined(p, "", g->fixed[i], i + 1 < g->n_fixed ? "," : "", PAGE_BOLD);
        if (g->n_fixed > 1)
                page_printf(p, PAGE_PLAIN, "(which of these mends all can't be told)");
        if (g->brings > 0)
                page_printf(p, PAGE_PLAIN, "(which has %u of its own without a fix)", g->brings);
}

static unsigned id_width(const struct group *g)
{
        size_t width = 0;

        for (size_t i = 0; i < g->n_findings; i++)
                if (g->findings[i]->id.len > width && g->findings[i]->id.len <= ID_WIDTH_MAX)
                        width = g->findings[i]->id.len;
        return (unsigned)width;
}

/* What makes it more or less urgent than its severity: exploitation, likelihood, the publisher's own verdict. */
static void put_urgency(struct page *p, const struct finding *f)
{
        const struct advisory_fact *x = &f->fact;

        if (x->kev_added_s)
                page_printf(p, PAGE_CRITICAL, x->ransomware ? "EXPLOITED (ransomware)" : "EXPLOITED");
        else if (x->exploitation == ADVISORY_EXPLOITATION_ACTIVE)
                page_printf(p, PAGE_CRITICAL, "EXPLOITED");
        if (x->epss >= EPSS_TOLD)
                page_printf(p, PAGE_PLAIN, "EPSS %u.%u%%", x->epss / 10000, x->epss / 1000 % 10);
        if (f->status <= ADVISORY_STATUS_FIXED)
                return;
        page_printf(p, PAGE_PLAIN, "[%s%s", advisory_status_name(f->status), f->note.len ? ":" : "]");
        if (f->note.len)
                put_joined(p, "", f->note, "]", PAGE_PLAIN);
}

static bool has_urgency(const struct finding *f)
{
        return f->fact.kev_added_s || f->fact.exploitation == ADVISORY_EXPLOITATION_ACTIVE || f->fact.epss >= EPSS_TOLD ||
               f->status > ADVISORY_STATUS_FIXED;
}

static void put_finding(struct page *p, const struct group *g, const struct finding *f)
{
        unsigned severity_at = COLUMN_DETAIL + id_width(g) + 2, text_at = severity_at + SEVERITY_WIDTH + 2;
        bool below = p->width > 0 && text_at + SUMMARY_WIDTH > p->width;
        struct span text = g->kind == GROUP_CANNOT_TELL ? f->explanation : f->summary;
        bool earlier = g->kind == GROUP_UPDATE && (g->n_fixed > 1 || !span_equal(f->fixed, g->fixed[0]));
        char severity[64];

        if (below)
                text_at = COLUMN_DETAIL + 4;
        page_line(p, COLUMN_DETAIL, text_at);
        page_word(p, f->id, PAGE_PLAIN);
        page_to(p, severity_at);
        if (f->score_tenths)
                snprintf(severity, sizeof(severity), "%s %u.%u", severity_name(f->severity), f->score_tenths / 10,
                    f->score_tenths % 10);
        else
                snprintf(severity, sizeof(severity), "%s", severity_name(f->severity));
        page_word(p, span_of(severity), report_severity_style(f->severity));
        if (text.len == 0 && !earlier && !has_urgency(f))
                return;
        if (below)
                page_line(p, text_at, text_at);
        else
                page_to(p, text_at);
        put_urgency(p, f);
        page_text(p, text, PAGE_PLAIN);
        if (earlier) {
                page_printf(p, PAGE_PLAIN, "(mended in");
                put_joined(p, "", f->fixed, ")", PAGE_PLAIN);
        }
}

static void put_group(struct page *p, const struct group *g, const struct inventory *v)
{
        page_line(p, COLUMN_BODY, COLUMN_DETAIL);
        if (g->kind == GROUP_UPDATE)
                page_word(p, SPAN_LIT("update"), PAGE_PLAIN);
        page_word(p, g->findings[0]->package, PAGE_BOLD);
        page_word(p, g->findings[0]->package_version, PAGE_PLAIN);
        if (g->kind == GROUP_UPDATE)
                put_update(p, g);
        put_where(p, g, v);
        for (size_t i = 0; i < g->n_findings; i++)
                put_finding(p, g, g->findings[i]);
}

void report_findings(struct page *p, const struct groups *groups, const struct inventory *v)
{
        static const char *const titles[GROUP_KINDS] = {
            "UPDATES THAT MEND", "NO FIX KNOWN", "CAN'T TELL (not assessed)"};
        enum group_kind open = GROUP_KINDS;

        for (size_t i = 0; i < groups->len; i++) {
                const struct group *g = &groups->at[i];

                if (g->kind != open) {
                        page_blank(p);
                        page_line(p, 0, COLUMN_BODY);
                        page_word(p, span_of(titles[g->kind]), PAGE_BOLD);
                }
                open = g->kind;
                put_group(p, g, v);
        }
}
