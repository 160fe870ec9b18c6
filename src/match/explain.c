#include "match/match_priv.h"

static void put_interval(struct buf *b, const struct advisory_hit *h)
{
        bool from_start = h->introduced.len == 0 || span_is(h->introduced, "0");

        if (h->by_version_list) {
                buf_put_text(b, " lists this very version");
        } else if (from_start) {
                buf_put_text(
                    b, h->fixed.len || h->last_affected.len ? " affects all versions" : " affects every version");
        } else {
                buf_put_text(b, " affects ");
                buf_put(b, h->introduced);
                buf_put_text(b, " and later");
        }
        if (h->fixed.len) {
                buf_put_text(b, h->by_version_list ? ", fixed in " : " before ");
                buf_put(b, h->fixed);
        } else if (h->last_affected.len) {
                buf_put_text(b, " up to and including ");
                buf_put(b, h->last_affected);
        } else {
                buf_put_text(b, ", no fix known");
        }
}

/* " (will not fix: minor issue)" */
static void put_status(struct buf *b, const struct advisory_hit *h)
{
        if (h->status != ADVISORY_STATUS_NONE && h->status != ADVISORY_STATUS_FIXED)
                buf_printf(b, " (%s%s%.*s)", advisory_status_name(h->status), h->note.len ? ": " : "", SPAN_FMT(h->note));
}

struct span explain_finding(
    const struct question *q, const struct advisory_hit *const *records, size_t n, struct arena *a)
{
        CLEANUP(buf_done) struct buf b = {0};

        buf_put(&b, q->package);
        buf_put_text(&b, " ");
        buf_put(&b, q->version);
        buf_put_text(&b, " in ");
        buf_put(&b, q->ecosystem);
        for (size_t i = 0; i < n && i < MATCH_EXPLAINED_MAX; i++) {
                buf_put_text(&b, i ? "; " : ": ");
                buf_put(&b, records[i]->id);
                if (records[i]->module.len)
                        buf_printf(&b, " for the module %.*s", SPAN_FMT(records[i]->module));
                switch (records[i]->answer) {
                case ADVISORY_AFFECTED:
                        put_interval(&b, records[i]);
                        put_status(&b, records[i]);
                        break;
                case ADVISORY_NOT_AFFECTED:
                        buf_put_text(&b, " says it is not affected");
                        if (records[i]->note.len)
                                buf_printf(&b, " (%.*s)", SPAN_FMT(records[i]->note));
                        break;
                default:
                        buf_put_text(&b, " speaks of it, but the versions can't be put in order");
                        break;
                }
        }
        if (n > MATCH_EXPLAINED_MAX)
                buf_printf(&b, "; and %zu more records", n - MATCH_EXPLAINED_MAX);
        return arena_copy(a, buf_span(&b));
}
