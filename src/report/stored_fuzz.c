/*
 * Properties of reading a stored report, for any bytes:
 * - it is a report with places in it, or an error with a kind and a text;
 * - the parent takes whatever the worker could answer, and nothing that leads outside of the text;
 * - written anew with no statements it is JSON, is read again, and then stays as it is.
 */
#include <assert.h>

#include "report/report_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool anew(struct span text, struct buf *to)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        CLEANUP(buf_done) struct buf answer = {0};
        struct report_stored s = {.arena = a, .text = text};
        struct match_vex x = {.n_notes = 0};
        struct err e = {0};

        if (!report_stored_parse(text, a, &answer, &e)) {
                assert(e.kind != ERR_NONE && e.kind != ERR_BUG && e.text[0]);
                return false;
        }
        if (!report_stored_get(buf_span(&answer), &s, &e)) {
                assert(e.kind == ERR_MALFORMED); /* an index that leads nowhere */
                return false;
        }
        for (size_t i = 0; i < s.match.n_findings; i++)
                assert(s.match.findings[i].component < s.inventory.n_components);
        x.speaks = arena_array(a, s.match.n_findings, sizeof(*x.speaks));
        report_stored_apply(&s, &x, to);
        assert(!to->failed);
        return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        CLEANUP(buf_done) struct buf once = {0}, twice = {0};
        struct span in = span_bytes(data, size);
        struct report_stored s = {.arena = a, .text = in};
        struct err e = {0};

        if (!report_stored_get(in, &s, &e)) /* the parent's side, with anything */
                assert(e.kind == ERR_MALFORMED);
        if (!anew(in, &once))
                return 0;
        if (!anew(buf_span(&once), &twice))
                abort();
        assert(span_equal(buf_span(&once), buf_span(&twice)));
        return 0;
}
