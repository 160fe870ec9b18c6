#include <assert.h>

#include "report/report_priv.h"

bool report_is_assessed(const struct report_facts *f)
{
        return f->match && f->inventory->complete && f->match->complete && f->match->n_cannot_tell == 0;
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
        if (o->format == REPORT_JSON)
                report_json(f, to);
        else
                report_table(f, o, to);
        return report_end(to, e);
}

bool report_verdict(const struct report_facts *f, const struct report_options *o, struct buf *to, struct err *e)
{
        report_verdict_text(f, o, to);
        return report_end(to, e);
}
