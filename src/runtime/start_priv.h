/* What start.c gives to the process that becomes the monitor, and the messages between the two. */
#pragma once

#include "runtime/runtime.h"
#include "runtime/trees_priv.h"

struct prepare {
        const struct runtime_spec *spec;
        const char *runtime_path, *monitor_path;
        int channel, lock;
        const struct trees *trees;
};

/* In the child: makes the namespaces' content, writes config.json and becomes coffer-monitor. Never returns. */
void prepare_and_exec(const struct prepare *p) __attribute__((noreturn));

/* EPIPE and friends are ERR_UNAVAILABLE: the other end is gone. */
bool message_send(int channel, const struct monitor_message *m, struct err *e);
/* False with ERR_UNAVAILABLE at the end of the channel or after timeout_ms (-1: none). */
bool message_receive(int channel, int timeout_ms, struct monitor_message *ret, struct err *e);
