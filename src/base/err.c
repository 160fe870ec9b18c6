#include <errno.h>
#include <stdarg.h>

#include "base/base.h"

/* Ends a text that did not fit with "...", without leaving half a UTF-8 character before it. */
static void text_mark_cut(char text[ERR_TEXT_MAX])
{
        size_t at = ERR_TEXT_MAX - 4;

        while (at > 0 && ((uint8_t)text[at] & 0xc0) == 0x80)
                at--;
        memcpy(text + at, "...", 4);
}

static void text_format(char text[ERR_TEXT_MAX], const char *fmt, va_list args)
{
        int n = vsnprintf(text, ERR_TEXT_MAX, fmt, args);

        if (n < 0)
                memcpy(text, "?", 2);
        else if ((size_t)n >= ERR_TEXT_MAX)
                text_mark_cut(text);
}

/* The text is made aside first: an argument may be e->text itself. */
bool(err_set)(struct err *e, enum err_kind kind, const char *fmt, ...)
{
        int errno_at_call = errno;
        char text[ERR_TEXT_MAX];
        va_list args;

        if (!e)
                return false;
        va_start(args, fmt);
        text_format(text, fmt, args);
        va_end(args);
        /* ERR_NONE would read as "no error" elsewhere; whoever sets an error has one. */
        e->kind = kind > ERR_NONE && kind < ERR_KIND_COUNT ? kind : ERR_BUG;
        e->os_errno = e->kind == ERR_SYSTEM ? errno_at_call : 0;
        memcpy(e->text, text, sizeof(text));
        errno = errno_at_call;
        return false;
}

bool(err_wrap)(struct err *e, const char *fmt, ...)
{
        int errno_at_call = errno;
        char text[ERR_TEXT_MAX];
        va_list args;
        size_t len, old_len;

        if (!e)
                return false;
        va_start(args, fmt);
        text_format(text, fmt, args);
        va_end(args);
        e->text[ERR_TEXT_MAX - 1] = 0; /* it may have crossed a process boundary */
        len = strlen(text);
        old_len = strlen(e->text);
        if (len + 2 + old_len < ERR_TEXT_MAX) {
                memcpy(text + len, ": ", 2);
                memcpy(text + len + 2, e->text, old_len + 1);
        } else if (len + 2 < ERR_TEXT_MAX) {
                memcpy(text + len, ": ", 2);
                memcpy(text + len + 2, e->text, ERR_TEXT_MAX - 1 - (len + 2));
                text[ERR_TEXT_MAX - 1] = 0;
                text_mark_cut(text);
        }
        memcpy(e->text, text, sizeof(text));
        errno = errno_at_call;
        return false;
}

const char *err_kind_name(enum err_kind kind)
{
        static const char *const names[ERR_KIND_COUNT] = {
            [ERR_NONE] = "none",
            [ERR_MALFORMED] = "malformed",
            [ERR_LIMIT] = "limit",
            [ERR_UNSUPPORTED] = "unsupported",
            [ERR_UNTRUSTED] = "untrusted",
            [ERR_DENIED] = "denied",
            [ERR_NOT_FOUND] = "not_found",
            [ERR_CONFLICT] = "conflict",
            [ERR_UNAVAILABLE] = "unavailable",
            [ERR_SYSTEM] = "system",
            [ERR_CANCELLED] = "cancelled",
            [ERR_BUG] = "bug",
        };

        return (unsigned)kind < ERR_KIND_COUNT ? names[kind] : "unknown";
}
