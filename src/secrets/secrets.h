/*
 * secrets: texts of files -> what looks like a key, a token or a password in them.
 *
 * In:    rules; a file's bytes, in pieces.
 * Out:   each hit with its rule, line and as much of it as may be shown.
 * Never: opens files; keeps or shows a secret: of a value at most its first four characters leave this room.
 * Uses:  base
 * Terms: regular expressions (PCRE, as far as Vectorscan takes it), Shannon entropy in bits a character.
 *
 * All rules are matched at once by Vectorscan (libhs), which is loaded when somebody asks for secrets and not before: it is
 * 5 MB of C++. The parent compiles the rules to bytes; the worker, in its jail, only loads those bytes and matches.
 */
#pragma once

#include "base/base.h"

enum secret_severity { SECRET_LOW = 1, SECRET_MEDIUM, SECRET_HIGH, SECRET_CRITICAL };

/* ---- rules ---- */

struct secrets_rules;

/*
 * The text of default.rules, or of a file of the operator's in the same form; `name` is for errors ("NAME:LINE: what").
 * ERR_MALFORMED, ERR_LIMIT.
 */
bool secrets_rules_parse(struct span text, const char *name, struct secrets_rules **ret, struct err *e);
void secrets_rules_free(struct secrets_rules *r); /* accepts NULL */
void secrets_rules_freep(struct secrets_rules **r);
size_t secrets_rules_count(const struct secrets_rules *r);
extern const char secrets_default_rules[]; /* NUL-terminated */

/* Loads libhs; a worker calls it before its lock-down. ERR_UNSUPPORTED says what to install. */
bool secrets_load(struct err *e);

/*
 * Rules and their compiled form in one piece of bytes, for secrets_open here or in a worker of this machine. ERR_MALFORMED
 * names the rule whose expression Vectorscan does not take.
 */
bool secrets_compile(const struct secrets_rules *r, struct buf *ret, struct err *e);

/* ---- matching ---- */

struct secrets;

/* ERR_MALFORMED, ERR_UNSUPPORTED (compiled for another processor or version). Copies what it needs. */
bool secrets_open(struct span compiled, struct secrets **ret, struct err *e);
void secrets_free(struct secrets *s);
void secrets_freep(struct secrets **s);

struct secret_hit {
        struct span rule, title; /* "secret.aws-access-key", "an access key of AWS" */
        enum secret_severity severity;
        uint64_t line;     /* from 1 */
        const char *shown; /* printable: the value's first four characters and "***", or what is no secret itself */
};

struct secrets_reader; /* one file */

/* `path` decides which rules apply. NULL when none does: the file need not be read. */
struct secrets_reader *secrets_reader_new(const struct secrets *s, struct span path, uint64_t size);
void secrets_reader_free(struct secrets_reader *r);
/* Pieces in order. A file that is no text is passed over after its first kilobytes. */
void secrets_reader_data(struct secrets_reader *r, struct span piece);
/* After the last piece: each hit once, in order, at most SECRETS_HITS_MAX; false from `hit` ends it. */
#define SECRETS_HITS_MAX 100u
void secrets_reader_end(struct secrets_reader *r, bool (*hit)(void *ctx, const struct secret_hit *h), void *ctx);
