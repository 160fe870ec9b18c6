/*
 * Structured log lines for cmd/ and event loops alone; rooms return errors instead.
 * One line an event on standard error: `level=warn event=layer_refused digest=sha256:... kind=malformed`, or JSON.
 * Values are quoted where needed and made printable; a value never breaks the line.
 */
#pragma once

#include "base/span.h"

enum log_level { LOG_LEVEL_ERROR = 0, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

struct log_field {
        const char *key;
        struct span value;
};

void log_init(int fd, enum log_level most, bool json);
void log_event(enum log_level level, const char *event, const struct log_field *fields, size_t n);
