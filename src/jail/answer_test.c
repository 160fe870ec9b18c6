#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdarg.h>

#include <cmocka.h>

#include "jail/answer_priv.h"
#include "jail/jail_limits.h"

static void frame_put(struct buf *b, enum frame_type type, struct span payload)
{
        uint8_t head[FRAME_HEADER];

        frame_header(type, payload.len, head);
        buf_put(b, span_bytes(head, sizeof(head)));
        buf_put(b, payload);
}

static void state_put(struct buf *b)
{
        struct buf payload = {0};
        struct jail_state s = {.no_new_privs = true, .no_capabilities = true, .seccomp = true, .landlock_abi = 3};

        frame_state_put(&payload, &s);
        frame_put(b, FRAME_STATE, buf_span(&payload));
        buf_done(&payload);
}

/* All bytes, `step` at a time. */
static enum answer_end feed(struct jail_task *t, struct span bytes, size_t step)
{
        struct answer a;
        enum answer_end end = ANSWER_OPEN;

        answer_init(&a, t);
        while (bytes.len > 0 && end == ANSWER_OPEN) {
                size_t size, n = bytes.len < step ? bytes.len : step;
                uint8_t *at = answer_space(&a, &size);
                assert_true(size >= step);
                memcpy(at, bytes.at, n);
                bytes = span_from(bytes, n);
                end = answer_feed(&a, n);
        }
        answer_done(&a);
        return end;
}

static void pieces_do_not_matter(void **state)
{
        struct buf b = {0};
        static const size_t steps[] = {1, 2, 3, 5, 6, 7, 4096};

        (void)state;
        state_put(&b);
        frame_put(&b, FRAME_DATA, SPAN_LIT("hello "));
        frame_put(&b, FRAME_DATA, (struct span){0});
        frame_put(&b, FRAME_PROGRESS, SPAN_LIT("\1\0\0\0\0\0\0\0"));
        frame_put(&b, FRAME_DATA, SPAN_LIT("world"));
        frame_put(&b, FRAME_DONE, (struct span){0});
        frame_put(&b, FRAME_DATA, SPAN_LIT("ignored"));
        for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
                struct jail_task t = {.job = "x"};
                assert_int_equal(feed(&t, buf_span(&b), steps[i]), ANSWER_DONE);
                assert_true(span_is(buf_span(&t.answer), "hello world"));
                assert_int_equal(t.state.landlock_abi, 3);
                buf_done(&t.answer);
        }
        buf_done(&b);
}

struct row {
        const char *name;
        bool locked_down;
        enum frame_type type;
        const char *payload;
        size_t len;
        enum answer_end end;
        enum err_kind kind;
};

#define PAYLOAD(s) (s), sizeof(s) - 1

static void frames_out_of_turn_are_refused(void **state)
{
        static const struct row rows[] = {
            {"data before the state", false, FRAME_DATA, PAYLOAD("x"), ANSWER_REFUSED, ERR_UNSUPPORTED},
            {"done before the state", false, FRAME_DONE, PAYLOAD(""), ANSWER_REFUSED, ERR_UNSUPPORTED},
            {"a request", true, FRAME_REQUEST, PAYLOAD(""), ANSWER_FAILED, ERR_MALFORMED},
            {"a second state", true, FRAME_STATE, PAYLOAD("\x07\x01\0\0\0"), ANSWER_FAILED, ERR_MALFORMED},
            {"a state without seccomp", false, FRAME_STATE, PAYLOAD("\x03\x01\0\0\0"), ANSWER_REFUSED, ERR_UNSUPPORTED},
            {"a state without Landlock", false, FRAME_STATE, PAYLOAD("\x07\0\0\0\0"), ANSWER_REFUSED, ERR_UNSUPPORTED},
            {"a state of another version", false, FRAME_STATE, PAYLOAD("\x47\x01\0\0\0"), ANSWER_REFUSED,
                ERR_UNSUPPORTED},
            {"a state with more", false, FRAME_STATE, PAYLOAD("\x07\x01\0\0\0\0"), ANSWER_REFUSED, ERR_UNSUPPORTED},
            {"done with more", true, FRAME_DONE, PAYLOAD("x"), ANSWER_FAILED, ERR_MALFORMED},
            {"short progress", true, FRAME_PROGRESS, PAYLOAD("1234567"), ANSWER_FAILED, ERR_MALFORMED},
            {"an empty error", true, FRAME_ERROR, PAYLOAD(""), ANSWER_FAILED, ERR_MALFORMED},
            {"an error of no kind", true, FRAME_ERROR, PAYLOAD("\0\0\0\0\0fine"), ANSWER_FAILED, ERR_MALFORMED},
            {"an unknown kind", true, FRAME_ERROR, PAYLOAD("\xee\0\0\0\0odd"), ANSWER_FAILED, ERR_MALFORMED},
            {"a claim to be cancelled", true, FRAME_ERROR, PAYLOAD("\x0a\0\0\0\0bye"), ANSWER_FAILED, ERR_MALFORMED},
            {"a limit", true, FRAME_ERROR, PAYLOAD("\x02\0\0\0\0deep"), ANSWER_FAILED, ERR_LIMIT},
            {"the machinery's error", false, FRAME_ERROR, PAYLOAD("\x03\0\0\0\0none"), ANSWER_REFUSED, ERR_UNSUPPORTED},
        };

        (void)state;
        assert_int_equal(ERR_CANCELLED, 0x0a);
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct jail_task t = {.job = "x"};
                struct buf b = {0};
                if (rows[i].locked_down)
                        state_put(&b);
                frame_put(&b, rows[i].type, span_bytes(rows[i].payload, rows[i].len));
                enum answer_end end = feed(&t, buf_span(&b), 4096);
                if (end != rows[i].end || t.err.kind != rows[i].kind)
                        fail_msg("%s: end %d, %s: %s", rows[i].name, (int)end, err_kind_name(t.err.kind), t.err.text);
                assert_true(t.err.text[0] != 0);
                buf_done(&b);
                buf_done(&t.answer);
        }
}

static void error_text_is_made_printable(void **state)
{
        struct jail_task t = {.job = "x"};
        struct buf b = {0};
        struct span long_text;
        char many[ERR_TEXT_MAX + 5 + 1] = "\1\0\0\0\0";

        (void)state;
        state_put(&b);
        frame_put(&b, FRAME_ERROR, SPAN_LIT("\1\0\0\0\0a\x1b[2J\0\xff"));
        assert_int_equal(feed(&t, buf_span(&b), 1), ANSWER_FAILED);
        assert_string_equal(t.err.text, "a?[2J??");
        buf_clear(&b);
        memset(many + 5, 'x', ERR_TEXT_MAX);
        long_text = span_bytes(many, 5 + ERR_TEXT_MAX);
        state_put(&b);
        frame_put(&b, FRAME_ERROR, long_text);
        assert_int_equal(feed(&t, buf_span(&b), 4096), ANSWER_FAILED);
        assert_non_null(strstr(t.err.text, "error text of 500 bytes"));
        buf_done(&b);
        buf_done(&t.answer);
}

static void errors_cross_unchanged(void **state)
{
        struct err in = {0}, out = {0}, bad = {0};
        struct buf b = {0};

        (void)state;
        for (int kind = ERR_NONE + 1; kind < ERR_KIND_COUNT; kind++) {
                if (kind == ERR_CANCELLED)
                        continue;
                err_set(&in, (enum err_kind)kind, "layer 3: entry %d: Grüße", kind);
                in.os_errno = kind == ERR_SYSTEM ? 28 : 0;
                buf_clear(&b);
                frame_error_put(&b, &in);
                assert_true(frame_error_get(buf_span(&b), &out, &bad));
                assert_int_equal(out.kind, in.kind);
                assert_int_equal(out.os_errno, in.os_errno);
                assert_string_equal(out.text, in.text);
        }
        buf_done(&b);
}

static bool refuse_silently(void *ctx, struct span data, struct err *e)
{
        (void)ctx;
        (void)data;
        (void)e;
        return false;
}

static void limits_hold(void **state)
{
        struct jail_task t = {.job = "x", .limits = {.answer_max = 10}};
        struct buf b = {0};

        (void)state;
        state_put(&b);
        frame_put(&b, FRAME_DATA, SPAN_LIT("12345"));
        frame_put(&b, FRAME_DATA, SPAN_LIT("67890"));
        assert_int_equal(feed(&t, buf_span(&b), 4096), ANSWER_OPEN);
        assert_true(span_is(buf_span(&t.answer), "1234567890"));
        frame_put(&b, FRAME_DATA, SPAN_LIT("!"));
        assert_int_equal(feed(&t, buf_span(&b), 4096), ANSWER_FAILED);
        assert_int_equal(t.err.kind, ERR_LIMIT);
        buf_done(&t.answer);
        t = (struct jail_task){.job = "x", .on_frame = refuse_silently};
        assert_int_equal(feed(&t, buf_span(&b), 4096), ANSWER_FAILED);
        assert_int_equal(t.err.kind, ERR_BUG);
        buf_done(&b);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(pieces_do_not_matter),
            cmocka_unit_test(frames_out_of_turn_are_refused),
            cmocka_unit_test(error_text_is_made_printable),
            cmocka_unit_test(errors_cross_unchanged),
            cmocka_unit_test(limits_hold),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
