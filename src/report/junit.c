/*
 * JUnit XML, as CI servers read it: a suite for each ecosystem, a test case for each component; what is wrong with it is its
 * failure. What was not assessed is an error, never a passed test.
 */
#include "report/report_priv.h"

static void attribute(struct buf *to, const char *name, struct span value)
{
        buf_printf(to, " %s=\"", name);
        markup_text(to, value);
        buf_put_text(to, "\"");
}

static void failure(struct buf *to, const struct finding *f)
{
        buf_put_text(to, "      <failure");
        attribute(to, "type", span_of(severity_name(f->severity)));
        buf_put_text(to, " message=\"");
        markup_text(to, f->id);
        buf_printf(to, " (%s)", severity_name(f->severity));
        if (f->fixed.len > 0) {
                buf_put_text(to, ", fixed in ");
                markup_text(to, f->fixed);
        }
        buf_put_text(to, "\">");
        markup_text(to, f->summary);
        buf_put_text(to, f->summary.len ? " -- " : "");
        markup_text(to, f->explanation);
        buf_put_text(to, "</failure>\n");
}

static void excepted(struct buf *to, const struct report_facts *facts, size_t finding)
{
        const struct finding *f = &facts->match->findings[finding];
        const struct policy_ignore_note *n = report_exception(facts, finding);

        markup_text(to, f->id);
        if (!n) {
                CLEANUP(arena_freep) struct arena *a = arena_new();

                buf_put_text(to, " is suppressed by VEX: ");
                markup_text(to, report_vex_text(report_suppression(facts, finding), a));
                return;
        }
        buf_put_text(to, " is ignored until ");
        markup_text(to, n->until);
        buf_put_text(to, ": ");
        markup_text(to, n->reason);
}

/* Findings by component: findings are sorted by severity, so each component's are chained. */
struct chains {
        size_t *first, *next; /* 1 + index of a finding; 0 ends */
};

static struct chains chains_make(const struct report_facts *f, struct arena *a)
{
        size_t n = f->match ? f->match->n_findings : 0;
        struct chains c = {
            arena_array(a, f->inventory->n_components, sizeof(size_t)), arena_array(a, n, sizeof(size_t))};

        for (size_t i = n; i > 0; i--) {
                uint32_t component = f->match->findings[i - 1].component;
                c.next[i - 1] = c.first[component];
                c.first[component] = i;
        }
        return c;
}

/* How many of a component's findings count, and how many an exception covers. */
static void chain_count(
    const struct report_facts *f, const struct chains *chains, size_t component, size_t *ret_counted, size_t *ret_excepted)
{
        *ret_counted = *ret_excepted = 0;
        for (size_t k = chains->first[component]; k > 0; k = chains->next[k - 1])
                ++*(report_is_set_aside(f, k - 1) ? ret_excepted : ret_counted);
}

/* With one that counts it has failed; with none but covered ones it is skipped, which no server takes for passed. */
static void component_case(struct buf *to, const struct report_facts *f, const struct chains *chains, size_t component)
{
        size_t counted, covered, n = 0;

        chain_count(f, chains, component, &counted, &covered);
        for (size_t k = chains->first[component]; k > 0; k = chains->next[k - 1])
                if (!report_is_set_aside(f, k - 1))
                        failure(to, &f->match->findings[k - 1]);
        if (covered == 0)
                return;
        buf_put_text(to, counted ? "      <system-out>" : "      <skipped message=\"");
        for (size_t k = chains->first[component]; k > 0; k = chains->next[k - 1]) {
                if (!report_is_set_aside(f, k - 1))
                        continue;
                buf_put_text(to, n++ ? "; " : "");
                excepted(to, f, k - 1);
        }
        buf_put_text(to, counted ? "</system-out>\n" : "\"/>\n");
}

static void suite(struct buf *to, const struct report_facts *f, const struct chains *chains, size_t from, size_t end)
{
        const struct inventory *v = f->inventory;
        size_t failures = 0, skipped = 0, counted, covered;

        for (size_t i = from; i < end; i++) {
                chain_count(f, chains, i, &counted, &covered);
                failures += counted > 0;
                skipped += counted == 0 && covered > 0;
        }
        buf_put_text(to, "  <testsuite");
        attribute(to, "name", v->components[from].type);
        buf_printf(to, " tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\">\n", end - from, failures, skipped);
        for (size_t i = from; i < end; i++) {
                buf_put_text(to, "    <testcase");
                attribute(to, "name", v->components[i].purl);
                attribute(to, "classname", v->components[i].path);
                if (chains->first[i] == 0) {
                        buf_put_text(to, "/>\n");
                        continue;
                }
                buf_put_text(to, ">\n");
                component_case(to, f, chains, i);
                buf_put_text(to, "    </testcase>\n");
        }
        buf_put_text(to, "  </testsuite>\n");
}

static void error_case(struct buf *to, struct span note)
{
        buf_put_text(to, "    <testcase name=\"assessed\"><error type=\"not assessed\" message=\"");
        markup_text(to, note);
        buf_put_text(to, "\"/></testcase>\n");
}

static void assessment(struct buf *to, const struct report_facts *f)
{
        size_t n_notes = f->inventory->n_notes + (f->match ? f->match->n_notes : 1);
        bool assessed = report_is_assessed(f);
        size_t errors = assessed ? 0 : n_notes > 0 ? n_notes : 1;

        buf_printf(to, "  <testsuite name=\"assessment\" tests=\"%zu\" failures=\"0\" errors=\"%zu\" skipped=\"0\">\n",
            assessed ? 1 : errors, errors);
        if (assessed) {
                buf_put_text(to, "    <testcase name=\"assessed\"/>\n");
        } else {
                for (size_t i = 0; i < f->inventory->n_notes; i++)
                        error_case(to, f->inventory->notes[i]);
                for (size_t i = 0; f->match && i < f->match->n_notes; i++)
                        error_case(to, f->match->notes[i]);
                if (!f->match)
                        error_case(to, SPAN_LIT("not looked up: there is no advisory database"));
                else if (n_notes == 0)
                        error_case(to, SPAN_LIT("of some components it can't be told whether they are affected"));
        }
        buf_put_text(to, "  </testsuite>\n");
}

static void expired_cases(struct buf *to, const struct report_facts *f, struct arena *a)
{
        struct report_expired_list expired;

        report_expired(f, a, &expired);
        if (expired.len == 0)
                return;
        buf_printf(to, "  <testsuite name=\"exceptions\" tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"0\">\n",
            expired.len, expired.len);
        for (size_t i = 0; i < expired.len; i++) {
                buf_put_text(to, "    <testcase");
                attribute(to, "name", expired.at[i].note->id);
                attribute(to, "classname", expired.at[i].file);
                buf_put_text(to, "><failure type=\"expired\" message=\"");
                markup_text(to, expired.at[i].note->text);
                buf_put_text(to, "\"/></testcase>\n");
        }
        buf_put_text(to, "  </testsuite>\n");
}

static void remarks(struct buf *to, const struct report_facts *f)
{
        const struct inventory *v = f->inventory;

        if (v->n_remarks == 0)
                return;
        buf_printf(to, "  <testsuite name=\"remarks\" tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"0\">\n",
            v->n_remarks, v->n_remarks);
        for (size_t i = 0; i < v->n_remarks; i++) {
                const struct remark *r = &v->remarks[i];
                buf_put_text(to, "    <testcase");
                attribute(to, "name", r->rule);
                attribute(to, "classname", r->path);
                buf_put_text(to, "><failure message=\"");
                markup_text(to, r->title);
                buf_put_text(to, "\">");
                markup_text(to, r->excerpt);
                buf_put_text(to, "</failure></testcase>\n");
        }
        buf_put_text(to, "  </testsuite>\n");
}

void report_junit(const struct report_facts *f, struct buf *to)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        const struct inventory *v = f->inventory;
        struct chains chains = chains_make(f, a);

        buf_put_text(to, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites");
        attribute(to, "name", f->name);
        buf_put_text(to, ">\n");
        assessment(to, f);
        for (size_t i = 0; i < v->n_components;) {
                size_t from = i;
                while (i < v->n_components && span_equal(v->components[i].type, v->components[from].type))
                        i++;
                suite(to, f, &chains, from, i);
        }
        expired_cases(to, f, a);
        remarks(to, f);
        buf_put_text(to, "</testsuites>\n");
}
