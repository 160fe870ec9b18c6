#include "report/report_priv.h"

static void put_item(struct page *p, struct span text)
{
        page_line(p, COLUMN_BODY, COLUMN_BODY + 2);
        page_word(p, SPAN_LIT("-"), PAGE_PLAIN);
        page_text(p, text, PAGE_PLAIN);
}

static void put_reasons(struct page *p, const struct policy_verdict *v)
{
        for (size_t i = 0; i < v->n_reasons; i++)
                put_item(p, v->reasons[i].text);
        if (v->reasons_left_out > 0) {
                page_line(p, COLUMN_BODY, COLUMN_BODY + 2);
                page_printf(p, PAGE_PLAIN, "- and %llu more", (unsigned long long)v->reasons_left_out);
        }
}

/* Those that had an effect, or would have had one: an unused exception says nothing about this image. A reason tells of the ended. */
static void put_exceptions(struct page *p, const struct policy_verdict *v)
{
        for (size_t i = 0; i < v->n_ignores; i++) {
                const struct policy_ignore_note *n = &v->ignores[i];

                if (n->state == POLICY_IGNORE_UNUSED || !report_tells(n))
                        continue;
                page_line(p, COLUMN_BODY, COLUMN_BODY + 2);
                page_printf(p, n->state == POLICY_IGNORE_EXPIRED ? PAGE_HIGH : PAGE_PLAIN, "exception %s:",
                    n->state == POLICY_IGNORE_NOT_YET ? "to come" : policy_ignore_state_name(n->state));
                page_text(p, n->text, PAGE_PLAIN);
        }
}

void report_verdict_text(const struct report_facts *f, const struct report_options *o, struct buf *to)
{
        struct page p = {.to = to, .width = o->width, .colour = o->colour};
        const struct policy_verdict *v = f->verdict;
        bool allowed = v && v->verdict == VERDICT_ALLOW;

        page_line(&p, 0, COLUMN_BODY);
        page_word(&p, allowed ? SPAN_LIT("allowed") : SPAN_LIT("refused"), allowed ? PAGE_GOOD : PAGE_CRITICAL);
        if (v) {
                page_word(&p, SPAN_LIT("by"), PAGE_PLAIN);
                page_word(&p, v->policy, PAGE_PLAIN);
                put_reasons(&p, v);
        } else {
                put_item(&p, SPAN_LIT("no policy has decided"));
        }
        if (v && v->run_not_judged) {
                page_line(&p, COLUMN_BODY, COLUMN_BODY + 2);
                page_printf(&p, PAGE_PLAIN, REPORT_RUN_NOT_JUDGED, v->run_not_judged);
        }
        if (!report_is_assessed(f))
                put_item(&p, SPAN_LIT("not assessed as a whole: scan the image to see what is missing"));
        if (v)
                put_exceptions(&p, v);
        if (f->record) {
                page_line(&p, 0, COLUMN_BODY);
                page_word(&p, SPAN_LIT("record"), PAGE_PLAIN);
                page_word(&p, span_of(f->record), PAGE_PLAIN);
        }
        page_end(&p);
}
