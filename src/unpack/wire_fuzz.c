/*
 * Properties of the parent's reader of answers, for any bytes that a program may send which its layer has taken over:
 * - what is refused leaves the result untouched;
 * - success has no error; a failure has a kind that stands for one, never the user's stop, and a text for a terminal;
 * - what was read can be written, and reads as the same.
 */
#include <assert.h>

#include "unpack/unpack_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool same(const struct unpack_answer *a, const struct unpack_answer *b)
{
        return a->ok == b->ok && a->err.kind == b->err.kind && a->err.os_errno == b->err.os_errno &&
               strcmp(a->err.text, b->err.text) == 0 && a->report.entries == b->report.entries &&
               a->report.plain_size == b->report.plain_size && a->report.devices_skipped == b->report.devices_skipped;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        const struct unpack_answer before = {.err = {.kind = ERR_BUG, .text = "untouched"}, .report = {.entries = 7}};
        struct unpack_answer a = before, again = {0};
        struct buf b CLEANUP(buf_done) = {0};

        if (!unpack_answer_get(span_bytes(data, size), &a)) {
                assert(same(&a, &before));
                return 0;
        }
        assert(!a.report.existed);
        if (a.ok)
                assert(a.err.kind == ERR_NONE && a.err.text[0] == 0);
        else
                assert(a.err.kind > ERR_NONE && a.err.kind < ERR_KIND_COUNT && a.err.kind != ERR_CANCELLED);
        assert(memchr(a.err.text, 0, sizeof(a.err.text)) && !span_has_control(span_of(a.err.text)));
        unpack_answer_put(&b, &a);
        assert(unpack_answer_get(buf_span(&b), &again) && same(&a, &again));
        return 0;
}
