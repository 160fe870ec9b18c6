#include <assert.h>

#include "report/report_priv.h"

const char *const report_format_names[] = {
    "table", "json", "sarif", "junit", "cyclonedx", "spdx", "github", "html", "template", NULL};

bool report_is_assessed(const struct report_facts *f)
{
        return f->match && f->inventory->complete && f->match->complete && report_count(f).cannot_tell == 0;
}

const struct policy_ignore_note *report_exception(const struct report_facts *f, size_t finding)
{
        uint32_t n = f->exceptions ? f->exceptions->covers[finding] : 0;

        return n > 0 ? &f->exceptions->notes[n - 1] : NULL;
}

const struct policy_ignore_note *report_ended(const struct report_facts *f, size_t finding)
{
        uint32_t n = f->exceptions && f->exceptions->ended ? f->exceptions->ended[finding] : 0;

        return n > 0 ? &f->exceptions->notes[n - 1] : NULL;
}

static void expired_add(struct span file, const struct policy_ignore_note *notes, size_t n, struct arena *a,
    struct report_expired_list *to)
{
        for (size_t i = 0; i < n; i++)
                if (notes[i].state == POLICY_IGNORE_EXPIRED && notes[i].n_again > 0)
                        *ARENA_PUSH(a, to) = (struct report_expired){file, &notes[i]};
}

void report_expired(const struct report_facts *f, struct arena *a, struct report_expired_list *ret)
{
        *ret = (struct report_expired_list){0};
        if (f->exceptions)
                expired_add(f->exceptions->name, f->exceptions->notes, f->exceptions->n_notes, a, ret);
        if (f->verdict)
                expired_add(f->verdict->policy, f->verdict->ignores, f->verdict->n_ignores, a, ret);
}

bool report_tells(const struct policy_ignore_note *n)
{
        return n->state != POLICY_IGNORE_ELSEWHERE && !(n->state == POLICY_IGNORE_EXPIRED && n->n_again > 0);
}

const struct match_vex_note *report_vex(const struct report_facts *f, size_t finding)
{
        uint32_t n = f->vex ? f->vex->speaks[finding] : 0;

        return n > 0 ? &f->vex->notes[n - 1] : NULL;
}

const struct match_vex_note *report_suppression(const struct report_facts *f, size_t finding)
{
        const struct match_vex_note *n = report_exception(f, finding) ? NULL : report_vex(f, finding);

        return n && n->suppresses ? n : NULL;
}

bool report_is_set_aside(const struct report_facts *f, size_t finding)
{
        return report_exception(f, finding) || report_suppression(f, finding);
}

struct span report_vex_text(const struct match_vex_note *n, struct arena *a)
{
        static const char *const words[] = {[VEX_STATUS_NONE] = "",
            [VEX_STATUS_INVESTIGATING] = "under investigation",
            [VEX_STATUS_AFFECTED] = "affected",
            [VEX_STATUS_NOT_AFFECTED] = "not affected",
            [VEX_STATUS_FIXED] = "fixed"};
        struct span reasons[] = {n->justification, n->note, n->suppresses ? (struct span){0} : n->action};
        CLEANUP(buf_done) struct buf b = {0};
        char when[CLOCK_TEXT_MAX];
        bool any = false;

        buf_printf(&b, "%s by the word of %.*s%s%.*s", words[n->status], SPAN_FMT(n->author), n->author.len ? ", " : "",
            SPAN_FMT(n->document));
        if (n->time_s > 0)
                buf_printf(&b, " (%.10s)", clock_format(n->time_s, when));
        for (size_t i = 0; i < ARRAY_LEN(reasons); i++) {
                if (reasons[i].len == 0)
                        continue;
                buf_put_text(&b, any ? ". " : ": ");
                buf_put(&b, reasons[i]);
                any = true;
        }
        return arena_copy(a, buf_span(&b));
}

static uint64_t expired_count(const struct report_facts *f)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct report_expired_list expired;

        report_expired(f, a, &expired);
        return expired.len;
}

struct report_counts report_count(const struct report_facts *f)
{
        struct report_counts c = {.affected = {0}};

        if (!f->match)
                return c;
        memcpy(c.affected, f->match->n_affected, sizeof(c.affected));
        c.cannot_tell = f->match->n_cannot_tell;
        for (size_t i = 0; (f->exceptions || f->vex) && i < f->match->n_findings; i++) {
                const struct finding *x = &f->match->findings[i];
                uint64_t *from = x->answer == ADVISORY_AFFECTED ? &c.affected[x->severity] : &c.cannot_tell;

                if (!report_is_set_aside(f, i))
                        continue;
                ++*(report_exception(f, i) ? &c.excepted : &c.suppressed);
                *from -= *from > 0;
        }
        c.expired = expired_count(f);
        return c;
}

static bool report_end(const struct buf *to, struct err *e)
{
        if (to->failed)
                return err_set(
                    e, ERR_LIMIT, "the report is larger than %zu bytes", to->max ? to->max : (size_t)BUF_MAX_DEFAULT);
        return true;
}

bool report_scan(const struct report_facts *f, const struct report_options *o, struct buf *to, struct err *e)
{
        for (size_t i = 0; f->match && i < f->match->n_findings; i++)
                assert(f->match->findings[i].component < f->inventory->n_components);
        switch (o->format) {
        case REPORT_TABLE:
                report_table(f, o, to);
                break;
        case REPORT_JSON:
                report_json(f, to);
                break;
        case REPORT_SARIF:
                report_sarif(f, to);
                break;
        case REPORT_JUNIT:
                report_junit(f, to);
                break;
        case REPORT_CYCLONEDX:
                report_cyclonedx(f, to);
                break;
        case REPORT_SPDX:
                report_spdx(f, to);
                break;
        case REPORT_GITHUB:
                report_github(f, to);
                break;
        case REPORT_HTML:
                report_html(f, to);
                break;
        case REPORT_TEMPLATE:
                if (!report_template(f, o->template_text, to, e))
                        return false;
                break;
        }
        return report_end(to, e);
}

bool report_verdict(const struct report_facts *f, const struct report_options *o, struct buf *to, struct err *e)
{
        report_verdict_text(f, o, to);
        return report_end(to, e);
}
