/*
 * Properties of the parent's reader of answers, for any bytes a worker may write:
 * - how the bytes are cut into pieces changes nothing;
 * - an end other than done has an error with a kind that stands for a failure and a text without control bytes;
 * - done and data come only after a complete lock-down was stated; the answer stays below its limit.
 * The first byte chooses the size of the pieces and whether a proper state frame stands before the rest.
 */
#include <assert.h>

#include "jail/answer_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ANSWER_MOST 4096u

static const uint8_t state_frame[] = {FRAME_STATE, 5, 0, 0, 0, 7, 3, 0, 0, 0};

static enum answer_end feed(struct answer *a, struct span s, size_t step)
{
        while (s.len > 0 && a->end == ANSWER_OPEN) {
                size_t space, n = s.len < step ? s.len : step;
                uint8_t *at = answer_space(a, &space);
                n = n < space ? n : space;
                memcpy(at, s.at, n);
                s = span_from(s, n);
                answer_feed(a, n);
        }
        return a->end;
}

static enum answer_end run(struct jail_task *t, struct span s, size_t step, bool stated)
{
        struct answer a;

        answer_init(&a, t);
        if (stated)
                feed(&a, span_bytes(state_frame, sizeof(state_frame)), step);
        feed(&a, s, step);
        assert(a.locked_down || (a.end != ANSWER_DONE && t->answer.len == 0));
        answer_done(&a);
        return a.end;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct jail_task one = {.job = "fuzz", .limits = {.answer_max = ANSWER_MOST}}, two = one;
        struct cursor c = {.rest = {data, size}};
        uint8_t choice = cursor_u8(&c);
        enum answer_end end = run(&one, c.rest, 1 + (choice >> 1), choice & 1);

        assert(run(&two, c.rest, 65536, choice & 1) == end);
        assert(span_equal(buf_span(&one.answer), buf_span(&two.answer)));
        assert(one.answer.len <= ANSWER_MOST);
        assert(strcmp(one.err.text, two.err.text) == 0 && one.err.kind == two.err.kind);
        if (end == ANSWER_FAILED || end == ANSWER_REFUSED) {
                assert(one.err.kind > ERR_NONE && one.err.kind < ERR_KIND_COUNT && one.err.kind != ERR_CANCELLED);
                assert(one.err.text[0] || c.rest.len > 0);
                assert(!span_has_control(span_of(one.err.text)));
        } else {
                assert(one.err.kind == ERR_NONE);
        }
        buf_done(&one.answer);
        buf_done(&two.answer);
        return 0;
}
