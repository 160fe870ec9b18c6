/*
 * What parent and worker say to each other: u8 type, u32le length, payload.
 *
 * Parent to worker: one request. Worker to parent: state (once, first, after the lock-down), data and progress in any
 * number, and at the end either done or error. An error before the state is about the machinery, not the task.
 */
#pragma once

#include "jail/jail.h"

enum frame_type {
        FRAME_NONE = 0,
        FRAME_REQUEST,
        FRAME_STATE,
        FRAME_DATA,
        FRAME_PROGRESS,
        FRAME_ERROR,
        FRAME_DONE,
        FRAME_TYPE_COUNT
};

#define FRAME_HEADER 5u
#define FD_REQUEST 3 /* in the worker */
#define FD_ANSWER 4

struct frame {
        enum frame_type type;
        struct span payload; /* borrows from the bytes given */
};

void frame_header(enum frame_type type, size_t len, uint8_t ret[FRAME_HEADER]);

/*
 * Takes the first frame off `in`. False when it is not complete yet, with `ret_need` the bytes to have, or when its
 * header is not acceptable: then `e` is set and `ret_need` is 0. `in` is untouched then.
 */
bool frame_take(struct span *in, struct frame *ret, size_t *ret_need, struct err *e);

void frame_state_put(struct buf *b, const struct jail_state *s);
bool frame_state_get(struct span payload, struct jail_state *ret, struct err *e);

/* An error crosses as u8 kind, u32le os_errno, text. What comes back has a kind that stands for a failure and a
 * printable text. */
void frame_error_put(struct buf *b, const struct err *error);
bool frame_error_get(struct span payload, struct err *ret, struct err *e);
