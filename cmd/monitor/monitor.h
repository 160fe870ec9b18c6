/*
 * coffer-monitor: supervises one container. It is the first process of the PID namespace that holds the container, so
 * that the kernel ends all of it with the monitor. libc alone; it parses nothing but its own messages, its arguments
 * and numbers that the kernel writes.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "runtime/runtime.h"

#define RELAY_BYTES 16384u /* read at once from the container */
#define WRITE_BYTES \
        4096u /* written at once: PIPE_BUF, so that a pipe that poll calls ready takes it without waiting \
               */

struct log {
        int dir, fd;
        uint64_t size, max;
};

/* One direction of bytes. Reads only when all that it read before is written: a slow reader slows the container. */
struct relay {
        int from, to;            /* -1: closed */
        bool keep_from, keep_to; /* not ours to close: the user's */
        bool is_stderr, logged;
        bool end_with_reader; /* a pipe: when `to` breaks, `from` is closed, so that the writer hears of it */
        uint8_t end_byte;     /* written at the end before `to` is closed: a terminal's end of file; 0: none */
        size_t have, off;
        uint8_t buf[RELAY_BYTES];
};

struct monitor {
        int channel, dir, lock;
        const char *id, *runtime, *note;
        bool terminal, interactive, detached, crun;
        bool raw;            /* the caller's terminal is: the relays may begin */
        uid_t uid; /* host ids of the container's process, for its pipes */
        gid_t gid;
        int signals; /* signalfd */
        int master;  /* of the container's terminal, or -1 */
        pid_t init;  /* 0: not known yet */
        bool init_ended, started;
        int init_status; /* as wait(2) gives it */
        struct log log;
        struct relay in, out, err;
};

struct failure {
        int exit_status; /* 125 to 127 */
        char text[RUNTIME_NOTE_MAX];
};

/* log.c */
void log_open(struct log *l, int dir, uint64_t max);
void log_write(struct log *l, bool is_stderr, const uint8_t *at, size_t n);

/* relay.c; events as poll(2) gave them, 0 for a direction that was not asked */
void relay_step(struct relay *r, struct log *log, short from_events, short to_events);

/* oci.c */
bool oci_create(struct monitor *m, struct failure *f);
bool oci_start(struct monitor *m, struct failure *f);
void container_cleanup(struct monitor *m); /* ends what is left and removes its control groups */

/* loop.c: relays, signals and the container's end */
void children_reap(struct monitor *m, pid_t want, int *ret_status, bool *ret_ended);
bool wait_for(struct monitor *m, pid_t pid, int *ret_status); /* false: the caller is gone */
bool channel_send(struct monitor *m, enum monitor_message_kind kind, int value, const char *text);
void terminal_resize(const struct monitor *m); /* as the user's terminal is, if there is one */
void supervise(struct monitor *m);             /* until the container ended and its output is written */
