/* The parent's reader of one worker's answer: bytes in, callbacks and limits, a verdict out. No I/O. */
#pragma once

#include "jail/frame_priv.h"

enum answer_end {
        ANSWER_OPEN = 0, /* more is to come */
        ANSWER_DONE,     /* the job said done */
        ANSWER_FAILED,   /* task->err says why: the job's error, a broken protocol, a limit, the callback's error */
        ANSWER_REFUSED,  /* task->err is about the machinery: the worker never ran the job */
};

struct answer {
        struct jail_task *task;
        struct buf in; /* what came and is not a complete frame yet; owned */
        uint64_t data_max, data_seen;
        uint32_t frames_seen;
        bool locked_down; /* the state frame has come */
        enum answer_end end;
};

void answer_init(struct answer *a, struct jail_task *task);
void answer_done(struct answer *a); /* frees what came */
/* Where the next bytes go, at most `*ret_size`; then answer_feed with how many came. */
uint8_t *answer_space(struct answer *a, size_t *ret_size);
enum answer_end answer_feed(struct answer *a, size_t came);
