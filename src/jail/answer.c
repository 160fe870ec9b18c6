#include <assert.h>

#include "jail/answer_priv.h"
#include "jail/jail_limits.h"

void answer_init(struct answer *a, struct jail_task *task)
{
        *a = (struct answer){.task = task,
            .in = {.max = FRAME_HEADER + JAIL_FRAME_MAX + JAIL_READ_CHUNK},
            .data_max = task->limits.answer_max ? task->limits.answer_max : JAIL_ANSWER_DEFAULT};
        buf_done(&task->answer);
        task->answer = (struct buf){.max = a->data_max > SIZE_MAX / 2 ? SIZE_MAX / 2 : (size_t)a->data_max};
}

void answer_done(struct answer *a)
{
        buf_done(&a->in);
}

uint8_t *answer_space(struct answer *a, size_t *ret_size)
{
        uint8_t *at = buf_reserve(&a->in, JAIL_READ_CHUNK);

        assert(at); /* at most one incomplete frame is kept, and `max` holds it and a chunk */
        *ret_size = JAIL_READ_CHUNK;
        return at;
}

static bool data_take(struct answer *a, struct span data)
{
        struct jail_task *t = a->task;

        a->data_seen += data.len; /* no overflow: frames and their sizes are both bounded */
        if (a->data_seen > a->data_max)
                return err_set(
                    &t->err, ERR_LIMIT, "the parser answered more than %llu bytes", (unsigned long long)a->data_max);
        if (t->on_frame) {
                struct err cause = {0};
                if (t->on_frame(t->ctx, data, &cause))
                        return true;
                t->err = cause;
                return cause.kind != ERR_NONE ? false
                                              : err_set(&t->err, ERR_BUG, "an answer was refused without a reason");
        }
        buf_put(&t->answer, data);
        return !t->answer.failed || err_set(&t->err, ERR_LIMIT, "the answer does not fit into memory");
}

static bool progress_take(struct answer *a, struct span payload)
{
        struct cursor c = {.rest = payload};
        uint64_t done = cursor_u64le(&c);

        if (!cursor_at_end(&c))
                return err_set(
                    &a->task->err, ERR_MALFORMED, "parser answered a progress frame that is not well formed");
        if (a->task->on_progress)
                a->task->on_progress(a->task->ctx, done);
        return true;
}

/* The job's own error, or the machinery's when the jail was never entered. */
static enum answer_end error_take(struct answer *a, struct span payload)
{
        struct jail_task *t = a->task;
        struct err said = {0};

        if (!frame_error_get(payload, &said, &t->err)) {
                err_wrap(&t->err, "parser answered nonsense");
                return ANSWER_FAILED;
        }
        t->err = said;
        return a->locked_down ? ANSWER_FAILED : ANSWER_REFUSED;
}

static enum answer_end frame_handle(struct answer *a, const struct frame *f)
{
        struct jail_task *t = a->task;

        if (++a->frames_seen > JAIL_FRAMES_MAX) {
                err_set(&t->err, ERR_LIMIT, "parser answered more than %u frames", JAIL_FRAMES_MAX);
                return ANSWER_FAILED;
        }
        if (f->type == FRAME_ERROR)
                return error_take(a, f->payload);
        if ((f->type == FRAME_STATE) == a->locked_down || f->type == FRAME_REQUEST) {
                err_set(&t->err, ERR_MALFORMED, "parser answered a frame of type %d out of turn", (int)f->type);
                return ANSWER_FAILED;
        }
        switch (f->type) {
        case FRAME_STATE:
                a->locked_down = frame_state_get(f->payload, &t->state, &t->err);
                return a->locked_down ? ANSWER_OPEN : ANSWER_FAILED;
        case FRAME_DATA:
                return data_take(a, f->payload) ? ANSWER_OPEN : ANSWER_FAILED;
        case FRAME_PROGRESS:
                return progress_take(a, f->payload) ? ANSWER_OPEN : ANSWER_FAILED;
        case FRAME_DONE:
                if (f->payload.len == 0)
                        return ANSWER_DONE;
                break;
        case FRAME_NONE:
        case FRAME_REQUEST:
        case FRAME_ERROR:
        case FRAME_TYPE_COUNT:
                break;
        }
        err_set(&t->err, ERR_MALFORMED, "parser answered a frame that is not well formed");
        return ANSWER_FAILED;
}

enum answer_end answer_feed(struct answer *a, size_t came)
{
        struct span rest;
        struct frame f;
        size_t need = 0;

        assert(came <= a->in.cap - a->in.len);
        a->in.len += came;
        rest = buf_span(&a->in);
        while (a->end == ANSWER_OPEN) {
                struct err bad = {0};
                if (frame_take(&rest, &f, &need, &bad)) {
                        a->end = frame_handle(a, &f);
                        continue;
                }
                if (need > 0)
                        break;
                a->task->err = bad;
                err_wrap(&a->task->err, "parser answered nonsense");
                a->end = ANSWER_FAILED;
        }
        /* Before the lock-down no foreign byte was read: whatever goes wrong is about the program or the host. */
        if (a->end == ANSWER_FAILED && !a->locked_down) {
                a->end = ANSWER_REFUSED;
                a->task->err.kind = ERR_UNSUPPORTED;
                err_wrap(&a->task->err, "coffer-worker is broken or not of this version");
        }
        if (rest.len > 0 && rest.len < a->in.len)
                memmove(a->in.at, rest.at, rest.len);
        a->in.len = rest.len;
        return a->end;
}
