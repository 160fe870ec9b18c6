/*
 * SHA-2 by OpenSSL's SHA256_* and SHA512_*, not its EVP functions: those fetch an implementation, which takes a program
 * 1.2 ms, and need the shared library, whose relocation takes it another 1.3 ms. Coffer starts several small programs for
 * an image that it knows, each of which hashes a few kilobytes. The code that hashes is the same.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <assert.h>

#include <openssl/sha.h>

#include "base/base.h"

struct digest_kind {
        const char *prefix; /* as OCI image-spec 1.1 registers it, with the colon */
        size_t size;        /* bytes */
};

static const struct digest_kind digest_kinds[] = {
    [DIGEST_SHA256] = {"sha256:", SHA256_DIGEST_LENGTH},
    [DIGEST_SHA512] = {"sha512:", SHA512_DIGEST_LENGTH},
};

size_t digest_size(enum digest_alg alg)
{
        return (unsigned)alg < ARRAY_LEN(digest_kinds) ? digest_kinds[alg].size : 0;
}

bool digest_parse(struct span text, struct digest *ret, struct err *e)
{
        struct digest d = {0};
        char shown[80];
        size_t colon;

        for (size_t i = 1; i < ARRAY_LEN(digest_kinds); i++) {
                struct span hex;

                if (!span_starts(text, digest_kinds[i].prefix))
                        continue;
                hex = span_from(text, strlen(digest_kinds[i].prefix));
                if (hex.len != 2 * digest_kinds[i].size)
                        return err_set(e, ERR_MALFORMED, "digest %s has %zu hex digits, not %zu",
                            span_printable(text, shown, sizeof(shown)), hex.len, 2 * digest_kinds[i].size);
                if (!span_to_bytes(hex, d.bytes, digest_kinds[i].size))
                        return err_set(e, ERR_MALFORMED, "digest %s has other bytes than the digits 0-9 and a-f",
                            span_printable(text, shown, sizeof(shown)));
                d.alg = (enum digest_alg)i;
                *ret = d;
                return true;
        }
        span_printable(text, shown, sizeof(shown));
        if (!span_find(text, ':', &colon) || colon == 0)
                return err_set(e, ERR_MALFORMED, "\"%s\" is no digest; \"sha256:\" and 64 hex digits is one", shown);
        return err_set(e, ERR_UNSUPPORTED, "digest %s: only sha256 and sha512 are known here", shown);
}

static char *hex_write(const struct digest *d, char *out)
{
        static const char digits[] = "0123456789abcdef";
        size_t n = digest_size(d->alg);

        for (size_t i = 0; i < n; i++) {
                *out++ = digits[d->bytes[i] >> 4];
                *out++ = digits[d->bytes[i] & 15];
        }
        *out = 0;
        return out;
}

const char *digest_format(const struct digest *d, char out[DIGEST_TEXT_MAX])
{
        size_t prefix;

        if (digest_size(d->alg) == 0) {
                memcpy(out, "none", 5);
                return out;
        }
        prefix = strlen(digest_kinds[d->alg].prefix);
        memcpy(out, digest_kinds[d->alg].prefix, prefix);
        hex_write(d, out + prefix);
        return out;
}

const char *digest_hex(const struct digest *d, char out[DIGEST_TEXT_MAX])
{
        if (digest_size(d->alg) == 0)
                memcpy(out, "none", 5);
        else
                hex_write(d, out);
        return out;
}

bool digest_equal(const struct digest *a, const struct digest *b)
{
        size_t n = digest_size(a->alg);

        return n > 0 && a->alg == b->alg && memcmp(a->bytes, b->bytes, n) == 0;
}

struct hasher {
        enum digest_alg alg;
        union {
                SHA256_CTX sha256;
                SHA512_CTX sha512;
        };
};

static void hasher_init(struct hasher *h, enum digest_alg alg)
{
        assert(digest_size(alg) > 0);
        h->alg = alg;
        if (alg == DIGEST_SHA512)
                SHA512_Init(&h->sha512);
        else
                SHA256_Init(&h->sha256);
}

void digest_of(enum digest_alg alg, struct span s, struct digest *ret)
{
        struct hasher h;

        hasher_init(&h, alg);
        hasher_update(&h, s);
        hasher_final(&h, ret);
}

void buf_put_digest(struct buf *b, const struct digest *d)
{
        size_t n = digest_size(d->alg);

        if (!buf_reserve(b, n + 1))
                return;
        buf_put_u8(b, n ? (uint8_t)d->alg : DIGEST_NONE);
        buf_put(b, span_bytes(d->bytes, n));
}

struct digest cursor_digest(struct cursor *c)
{
        struct digest d = {0};
        uint8_t alg = cursor_u8(c);
        struct span bytes;

        if (alg >= ARRAY_LEN(digest_kinds))
                c->failed = true;
        if (c->failed || alg == DIGEST_NONE)
                return d;
        bytes = cursor_take(c, digest_kinds[alg].size);
        if (c->failed)
                return d;
        d.alg = (enum digest_alg)alg;
        memcpy(d.bytes, bytes.at, bytes.len);
        return d;
}

struct hasher *hasher_new(enum digest_alg alg)
{
        struct hasher *h = heap_alloc(sizeof(*h));

        hasher_init(h, alg);
        return h;
}

void hasher_free(struct hasher *h)
{
        free(h);
}

void hasher_freep(struct hasher **h)
{
        hasher_free(*h);
        *h = NULL;
}

/* These have no way to fail: they are plain computation over the struct. */
void hasher_update(struct hasher *h, struct span s)
{
        if (s.len == 0)
                return;
        if (h->alg == DIGEST_SHA512)
                SHA512_Update(&h->sha512, s.at, s.len);
        else
                SHA256_Update(&h->sha256, s.at, s.len);
}

void hasher_final(struct hasher *h, struct digest *ret)
{
        struct digest d = {.alg = h->alg};

        if (h->alg == DIGEST_SHA512)
                SHA512_Final(d.bytes, &h->sha512);
        else
                SHA256_Final(d.bytes, &h->sha256);
        *ret = d;
        hasher_init(h, d.alg);
}

#define HMAC_BLOCK 64u /* bytes: SHA-256's */

void hmac_of(struct span key, struct span text, struct digest *ret)
{
        uint8_t block[HMAC_BLOCK] = {0}, padded[HMAC_BLOCK];
        struct hasher *h CLEANUP(hasher_freep) = hasher_new(DIGEST_SHA256);
        struct digest inner;

        if (key.len > HMAC_BLOCK) {
                digest_of(DIGEST_SHA256, key, &inner);
                memcpy(block, inner.bytes, 32);
        } else if (key.len > 0) {
                memcpy(block, key.at, key.len);
        }
        for (size_t i = 0; i < HMAC_BLOCK; i++)
                padded[i] = block[i] ^ 0x36;
        hasher_update(h, span_bytes(padded, HMAC_BLOCK));
        hasher_update(h, text);
        hasher_final(h, &inner);
        for (size_t i = 0; i < HMAC_BLOCK; i++)
                padded[i] = block[i] ^ 0x5c;
        hasher_update(h, span_bytes(padded, HMAC_BLOCK));
        hasher_update(h, span_bytes(inner.bytes, 32));
        hasher_final(h, ret);
        wipe(block, sizeof(block));
        wipe(padded, sizeof(padded));
}
