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

struct report_counts report_count(const struct report_facts *f)
{
        struct report_counts c = {.affected = {0}};

        if (!f->match)
                return c;
        memcpy(c.affected, f->match->n_affected, sizeof(c.affected));
        c.cannot_tell = f->match->n_cannot_tell;
        for (size_t i = 0; f->exceptions && i < f->match->n_findings; i++) {
                const struct finding *x = &f->match->findings[i];
                uint64_t *from = x->answer == ADVISORY_AFFECTED ? &c.affected[x->severity] : &c.cannot_tell;

                if (!report_exception(f, i))
                        continue;
                c.excepted++;
                *from -= *from > 0;
        }
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
