#include <assert.h>

#include "report/report_priv.h"

bool report_scan(const struct report_facts *f, const struct report_options *o, struct buf *to, struct err *e)
{
        for (size_t i = 0; f->match && i < f->match->n_findings; i++)
                assert(f->match->findings[i].component < f->inventory->n_components);
        if (o->format == REPORT_JSON)
                report_json(f, to);
        else
                report_table(f, o, to);
        if (to->failed)
                return err_set(
                    e, ERR_LIMIT, "the report is larger than %zu bytes", to->max ? to->max : (size_t)BUF_MAX_DEFAULT);
        return true;
}
