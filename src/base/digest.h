/*
 * Digests as the OCI image-spec 1.1 writes them ("sha256:" and 64 lower-case hex digits; sha512 likewise).
 */
#pragma once

#include "base/buf.h"

enum digest_alg { DIGEST_NONE = 0, DIGEST_SHA256 = 1, DIGEST_SHA512 = 2 };

struct digest {
        enum digest_alg alg;
        uint8_t bytes[64]; /* the first digest_size(alg) count, the rest is zero */
};

#define DIGEST_TEXT_MAX 136u /* "sha512:" + 128 + NUL */

size_t digest_size(enum digest_alg alg); /* 32, 64; 0 for none */
/* Fails (ERR_MALFORMED, ERR_UNSUPPORTED for an unknown algorithm): wrong length, upper case, anything after it. */
bool digest_parse(struct span text, struct digest *ret, struct err *e);
const char *digest_format(const struct digest *d, char out[DIGEST_TEXT_MAX]); /* "none" for the zero value */
const char *digest_hex(const struct digest *d, char out[DIGEST_TEXT_MAX]);    /* hex part alone: a file name */
bool digest_equal(const struct digest *a, const struct digest *b);            /* false if either is none */
void digest_of(enum digest_alg alg, struct span s, struct digest *ret);
void buf_put_digest(struct buf *b, const struct digest *d);
struct digest cursor_digest(struct cursor *c); /* "none" comes back as it went in; unknown algorithms fail */

/* HMAC with SHA-256 (RFC 2104): whoever shares the key can tell that the text is from one who has it. */
void hmac_of(struct span key, struct span text, struct digest *ret);

struct hasher; /* one running digest; not shared between threads */
struct hasher *hasher_new(enum digest_alg alg);
void hasher_free(struct hasher *h); /* accepts NULL */
void hasher_freep(struct hasher **h);
void hasher_update(struct hasher *h, struct span s);
void hasher_final(struct hasher *h, struct digest *ret); /* and starts anew */
