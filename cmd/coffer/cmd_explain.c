/* explain: every step from a component to a finding, or to there being none. */
#include "commands.h"
#include "report/report.h"
#include "target.h"

static bool has_id(const struct span *aliases, size_t n, struct span id, struct span wanted)
{
        if (span_equal(id, wanted))
                return true;
        for (size_t i = 0; i < n; i++)
                if (span_equal(aliases[i], wanted))
                        return true;
        return false;
}

struct shown {
        char text[600];
};

/* Printable, in a text that lives as long as the statement. */
static const char *show(struct span s, struct shown *to)
{
        return span_printable(s, to->text, sizeof(to->text));
}
#define SHOW(s) show((s), &(struct shown){{0}})

/* ---- what the records say ---- */

struct telling {
        struct span id;
        struct span module;
        unsigned n;
        bool quiet; /* count alone */
};

static void interval_print(const struct advisory_hit *h)
{
        if (h->by_version_list)
                printf("lists this very version");
        else if (h->introduced.len == 0 || span_is(h->introduced, "0"))
                printf("affects all versions");
        else
                printf("affects versions from %s", SHOW(h->introduced));
        if (h->fixed.len > 0)
                printf(", mended in %s", SHOW(h->fixed));
        else if (h->last_affected.len > 0)
                printf(" up to %s itself", SHOW(h->last_affected));
        else
                printf(", no fix is known");
}

static bool record_print(void *ctx, const struct advisory_hit *h)
{
        struct telling *t = ctx;
        char when[CLOCK_TEXT_MAX];

        if (!has_id(h->aliases, h->n_aliases, h->id, t->id))
                return true;
        t->n++;
        if (t->quiet)
                return true;
        printf("    record %s, from %s%s%s\n      ", SHOW(h->id), h->source.len ? SHOW(h->source) : "an older database",
            h->modified_s ? ", changed " : "", h->modified_s ? clock_format(h->modified_s, when) : "");
        if (h->withdrawn)
                printf("is withdrawn: it counts for nothing");
        else if (h->module.len > 0 && !span_equal(h->module, t->module))
                printf("speaks of the module %s, which this package is not of", SHOW(h->module));
        else if (h->answer == ADVISORY_AFFECTED)
                interval_print(h);
        else if (h->answer == ADVISORY_NOT_AFFECTED)
                printf("does not affect this version");
        else
                printf("can't be told: the version, or a bound, has no place in the ecosystem's order");
        printf("\n");
        if (h->status != ADVISORY_STATUS_NONE)
                printf("      its publisher says: %s%s%s\n", advisory_status_name(h->status), h->note.len ? ": " : "",
                    SHOW(h->note));
        if (h->severity > SEVERITY_UNKNOWN || h->vector.len > 0)
                printf("      rates it %s %s\n", severity_name(h->severity), SHOW(h->vector));
        if (h->reference.len > 0)
                printf("      %s\n", SHOW(h->reference));
        return true;
}

/* ---- what it comes to ---- */

static void fact_print(const struct advisory_fact *f)
{
        static const char *const exploitation[] = {
            "", "no exploitation known", "a proof of concept exists", "exploited"};
        char when[CLOCK_TEXT_MAX];

        if (f->kev_added_s)
                printf("    known to be exploited (CISA, since %.10s%s)\n", clock_format(f->kev_added_s, when),
                    f->ransomware ? ", in ransomware campaigns" : "");
        if (f->epss)
                printf("    exploited within 30 days with a probability of %u.%02u %% (EPSS; more likely than %u.%u %% "
                       "of all)\n",
                    f->epss / 10000, f->epss / 100 % 100, f->epss_percentile / 10000, f->epss_percentile / 1000 % 10);
        if (f->exploitation != ADVISORY_EXPLOITATION_UNKNOWN)
                printf("    CISA's decision points: %s, %sautomatable, %s impact\n", exploitation[f->exploitation],
                    f->automatable ? "" : "not ", f->total_impact ? "total" : "partial");
}

static void component_print(const struct inventory *v, const struct component *c, const struct match_asked *by)
{
        printf("%s\n    in %s", SHOW(c->purl), SHOW(c->path));
        if (v->n_layers > 0 && c->layer < v->n_layers)
                printf(", layer %u: %s", c->layer + 1, SHOW(v->layers[c->layer].created_by));
        printf("\n");
        if (c->owner > 0 && c->owner <= v->n_components)
                printf("    installed by %s: its advisories speak for it\n", SHOW(v->components[c->owner - 1].purl));
        printf("    asked for as %s %s in %s%s%s\n", SHOW(by->package), SHOW(by->version), SHOW(c->ecosystem),
            by->module.len ? ", module " : "", SHOW(by->module));
}

/* Exceptions for this vulnerability that have ended, so that something counts again. */
static void ended_print(const struct policy_ignore_note *notes, size_t n, const struct finding *f)
{
        for (size_t i = 0; i < n; i++)
                if (notes[i].state == POLICY_IGNORE_EXPIRED && notes[i].n_again > 0 &&
                    has_id(f->aliases, f->n_aliases, f->id, notes[i].id))
                        printf("    %s\n", SHOW(notes[i].text));
}

static void verdicts_print(const struct launch *l, size_t finding)
{
        const struct policy_exceptions *x = l->exceptions;

        if (x && x->covers[finding] > 0)
                printf("    ignored until %s: %s\n", SHOW(x->notes[x->covers[finding] - 1].until),
                    SHOW(x->notes[x->covers[finding] - 1].reason));
        else if (x)
                ended_print(x->notes, x->n_notes, &l->match->findings[finding]);
        if (l->verdict)
                ended_print(l->verdict->ignores, l->verdict->n_ignores, &l->match->findings[finding]);
        if (l->vex && l->vex->speaks[finding] > 0) {
                const struct match_vex_note *n = &l->vex->notes[l->vex->speaks[finding] - 1];

                printf("    %s by the word of %s%s: %s%s%s\n", vex_status_name(n->status), SHOW(n->document),
                    n->suppresses ? ", which suppresses it" : "", SHOW(n->justification),
                    n->justification.len && n->note.len ? ". " : "", SHOW(n->note));
        }
        for (size_t i = 0; l->verdict && i < l->verdict->n_reasons; i++) {
                const struct policy_reason *r = &l->verdict->reasons[i];

                if ((r->kind == POLICY_REASON_FINDING || r->kind == POLICY_REASON_CANNOT_TELL) && r->index == finding)
                        printf("    %s\n", SHOW(r->text));
        }
}

/* As `scan` has it: what an exception covers or a statement suppresses does not, unless the policy refuses it all the same. */
static bool finding_counts(const struct launch *l, size_t finding)
{
        const struct policy_exceptions *x = l->exceptions;
        bool covered = x && x->covers[finding] > 0;
        bool suppressed = l->vex && l->vex->speaks[finding] > 0 && l->vex->notes[l->vex->speaks[finding] - 1].suppresses;

        if (l->match->findings[finding].answer != ADVISORY_AFFECTED)
                return false;
        for (size_t i = 0; l->verdict && i < l->verdict->n_reasons; i++)
                if (l->verdict->reasons[i].kind == POLICY_REASON_FINDING && l->verdict->reasons[i].index == finding)
                        return true;
        return !covered && !suppressed;
}

static bool component_explain(const struct target *t, const struct launch *l, size_t index, struct span id,
    bool *io_affected, unsigned *io_n, struct err *e)
{
        const struct component *c = &l->inventory->components[index];
        const struct match_asked by = match_asked_by(c);
        struct telling telling = {.id = id, .module = by.module};
        bool told = false;

        for (size_t i = 0; i < l->match->n_findings; i++) {
                const struct finding *f = &l->match->findings[i];

                if (f->component != index || !has_id(f->aliases, f->n_aliases, f->id, id))
                        continue;
                if (!told) {
                        component_print(l->inventory, c, &by);
                        telling.id = f->id;
                        if (!advisory_db_lookup(t->db, c->ecosystem, by.package, by.version, record_print, &telling, e))
                                return false;
                }
                told = true;
                ++*io_n;
                *io_affected |= finding_counts(l, i);
                printf("    => %s: %s, %s", SHOW(f->id), f->answer == ADVISORY_AFFECTED ? "affected" : "can't tell",
                    severity_name(f->severity));
                if (f->score_tenths)
                        printf(" %u.%u", f->score_tenths / 10, f->score_tenths % 10);
                if (f->fixed.len > 0)
                        printf("; update to %s", SHOW(f->fixed));
                printf("\n");
                fact_print(&f->fact);
                verdicts_print(l, i);
        }
        return true;
}

/* Nothing of the kind was found: the records that speak of one of its packages say why. */
static bool absence_explain(
    const struct target *t, const struct launch *l, struct span id, unsigned *ret_n, struct err *e)
{
        for (size_t i = 0; i < l->inventory->n_components; i++) {
                const struct component *c = &l->inventory->components[i];
                const struct match_asked by = match_asked_by(c);
                struct telling telling = {.id = id, .module = by.module, .quiet = true};

                if (version_order_of(c->ecosystem) == VERSION_ORDER_NONE)
                        continue;
                if (!advisory_db_lookup(t->db, c->ecosystem, by.package, by.version, record_print, &telling, e))
                        return false;
                if (telling.n == 0)
                        continue;
                component_print(l->inventory, c, &by);
                *ret_n += telling.n;
                telling.quiet = false;
                if (!advisory_db_lookup(t->db, c->ecosystem, by.package, by.version, record_print, &telling, e))
                        return false;
                printf("    => not affected\n");
        }
        return true;
}

static int explain_run(int argc, char **argv)
{
        CLEANUP(target_done) struct target t = {.root_fd = -1, .secrets_fd = -1};
        CLEANUP(launch_freep) struct launch *l = NULL;
        struct err e = {0}, no_db = {0};
        struct span id = span_of(argv[1]);
        bool affected = false;
        unsigned n = 0;

        (void)argc;
        if (!target_open(argv[0], true, arg_policy != NULL, &t, &no_db, &e))
                return cli_fail(&e);
        if (!t.db)
                return cli_fail(&no_db);
        t.request.takes_sbom = true;
        if (!target_assess(&t, "check", &l, &e))
                return cli_fail(&e);
        for (size_t i = 0; i < l->inventory->n_components; i++)
                if (!component_explain(&t, l, i, id, &affected, &n, &e))
                        return cli_fail(&e);
        if (n == 0 && !absence_explain(&t, l, id, &n, &e))
                return cli_fail(&e);
        if (n == 0)
                printf("no record known as %s speaks of anything in this image\n", SHOW(id));
        const struct report_facts f = {.inventory = l->inventory, .match = l->match, .exceptions = l->exceptions, .vex = l->vex};
        if (!report_is_assessed(&f))
                printf("the image was not assessed as a whole: see \"coffer scan\"\n");
        return affected ? EXIT_FINDINGS : report_is_assessed(&f) ? EXIT_CLEAN : EXIT_NOT_ASSESSED;
}

static const struct cli_option explain_options[] = {
    {"policy", 'p', CLI_TEXT, "FILE", "what this policy says of it, too; the decision is recorded as check's is",
        &arg_policy, NULL},
    {"ignore-file", 0, CLI_TEXT, "FILE", "whether this file covers it", &arg_ignore_file, NULL},
    VEX_OPTIONS,
    {"platform", 0, CLI_TEXT, "OS/ARCH", "of an image for several (the host's)", &arg_platform, NULL},
    DETECTOR_OPTIONS,
    REGISTRY_OPTIONS,
};

const struct cli_command cmd_explain = {
    .name = "explain",
    .operands = "IMAGE ID",
    .summary = "show every step to a finding: component, layer, records, ranges, verdicts",
    .about = "ID is a CVE or any other id of the finding. For each component that it concerns: where it is and which "
             "layer brought it, "
             "what its advisories were asked for, every record that speaks of it with its range and its publisher's "
             "verdict, what it "
             "comes to, how likely and how known its exploitation is, and the rule or exception that applies. Where "
             "the image is not "
             "affected, the records that say so.\n\n"
             "Exit status 1 if it is affected and counts, as scan counts it: not what --ignore-file covers or a statement (--vex) "
             "suppresses, unless --policy refuses it all the same. 0 if not, 3 if that can't be told of the whole image.",
    .examples = "coffer explain ./image CVE-2023-45853\twhy is that there?",
    .options = explain_options,
    .n_options = ARRAY_LEN(explain_options),
    .min_operands = 2,
    .max_operands = 2,
    .run = explain_run,
};
