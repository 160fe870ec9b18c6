#include <unistd.h>

#include "base/base.h"

#define LOG_LINE_MAX 16384u /* bytes of one line; more would not be written in one piece to a pipe */
#define LOG_VALUE_MAX 1024u /* bytes of one value, cut beyond */

/* The one state of this room: where lines go. Set once, before threads begin. */
static struct {
        int fd;
        enum log_level most;
        bool json;
} log_sink = {.fd = STDERR_FILENO, .most = LOG_LEVEL_INFO};

static const char *const level_names[] = {
    [LOG_LEVEL_ERROR] = "error",
    [LOG_LEVEL_WARN] = "warn",
    [LOG_LEVEL_INFO] = "info",
    [LOG_LEVEL_DEBUG] = "debug",
};

void log_init(int fd, enum log_level most, bool json)
{
        log_sink.fd = fd;
        log_sink.most = most;
        log_sink.json = json;
}

static bool value_is_bare(const char *text)
{
        if (*text == 0)
                return false;
        for (const char *c = text; *c; c++)
                if ((uint8_t)*c <= ' ' || *c == '"' || *c == '=' || *c == '\\')
                        return false;
        return true;
}

static void text_field(struct buf *line, const char *key, struct span value)
{
        char text[LOG_VALUE_MAX];

        span_printable(value, text, sizeof(text));
        buf_printf(line, "%s%s=", line->len ? " " : "", key);
        if (value_is_bare(text)) {
                buf_put_text(line, text);
                return;
        }
        buf_put_u8(line, '"');
        for (const char *c = text; *c; c++) {
                if (*c == '"' || *c == '\\')
                        buf_put_u8(line, '\\');
                buf_put_u8(line, (uint8_t)*c);
        }
        buf_put_u8(line, '"');
}

static void json_field(struct json_out *o, const char *key, struct span value)
{
        char text[LOG_VALUE_MAX];

        json_out_member_text(o, key, span_printable(value, text, sizeof(text)));
}

void log_event(enum log_level level, const char *event, const struct log_field *fields, size_t n)
{
        struct buf line CLEANUP(buf_done) = {.max = LOG_LINE_MAX};
        const char *name = (unsigned)level < ARRAY_LEN(level_names) ? level_names[level] : "error";
        struct json_out o;

        if (level > log_sink.most)
                return;
        /* When all fields do not fit, the line says so and keeps what comes first: never half a value. */
        for (size_t keep = n;; keep /= 2) {
                buf_clear(&line);
                if (log_sink.json) {
                        json_out_init(&o, &line, 0);
                        json_out_object(&o);
                        json_out_member_text(&o, "level", name);
                        json_field(&o, "event", span_of(event));
                        for (size_t i = 0; i < keep; i++)
                                json_field(&o, fields[i].key, fields[i].value);
                        if (keep < n)
                                json_out_member_u64(&o, "fields_dropped", n - keep);
                        json_out_object_end(&o);
                } else {
                        text_field(&line, "level", span_of(name));
                        text_field(&line, "event", span_of(event));
                        for (size_t i = 0; i < keep; i++)
                                text_field(&line, fields[i].key, fields[i].value);
                        if (keep < n)
                                buf_printf(&line, " fields_dropped=%zu", n - keep);
                }
                buf_put_u8(&line, '\n');
                if (!line.failed || keep == 0)
                        break;
        }
        /* One write: lines of several threads do not mix. A log that can't be written has nobody to tell. */
        if (write(log_sink.fd, line.at, line.len) < 0)
                return;
}
