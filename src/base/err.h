/*
 * Errors as plain data: no heap, cannot fail themselves, may cross a process boundary.
 *
 * `kind` is what a caller acts on; `text` is for people and reads "outer: inner", cause last.
 * A function that can fail returns bool, takes `struct err *` last, and leaves its outputs untouched on failure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MUST_USE __attribute__((warn_unused_result))
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))
#define CLEANUP(fn) __attribute__((cleanup(fn)))
#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

enum err_kind {
        ERR_NONE = 0,
        ERR_MALFORMED,   /* input breaks its own specification */
        ERR_LIMIT,       /* larger or deeper than we accept */
        ERR_UNSUPPORTED, /* valid, but a feature we do not have */
        ERR_UNTRUSTED,   /* signature, digest or freshness failed */
        ERR_DENIED,      /* policy or authorisation said no */
        ERR_NOT_FOUND,
        ERR_CONFLICT,    /* someone else changed it first */
        ERR_UNAVAILABLE, /* peer or device gone; a retry may help */
        ERR_SYSTEM,      /* the kernel said no: see os_errno */
        ERR_CANCELLED,   /* the user or a signal stopped us; nothing was left half done */
        ERR_BUG,         /* our own promise broken */
        ERR_KIND_COUNT
};

#define ERR_TEXT_MAX 500u /* bytes with the NUL: fits a terminal's five lines; longer texts end in "..." */

struct err {
        enum err_kind kind;
        int os_errno;
        char text[ERR_TEXT_MAX];
};

/*
 * Both return false, so a failing function ends in one line. `e` may be NULL: then nobody wanted to know.
 * err_set keeps errno as it was at the call in `os_errno` when kind is ERR_SYSTEM, 0 otherwise.
 * err_wrap puts its text and ": " before the text already there and keeps the kind.
 */
bool err_set(struct err *e, enum err_kind kind, const char *fmt, ...) PRINTF_LIKE(3, 4);
bool err_wrap(struct err *e, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* The same calls, spelt so that the compiler and its analysers know the result too: no "maybe used uninitialised". */
static inline bool err_false(void)
{
        return false;
}
#define err_set(...) ((err_set)(__VA_ARGS__), err_false())
#define err_wrap(...) ((err_wrap)(__VA_ARGS__), err_false())

/* The stable, machine-readable name: "malformed", "limit" ...; "unknown" for a value outside the enum. */
const char *err_kind_name(enum err_kind kind);
