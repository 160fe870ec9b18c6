#include <assert.h>
#include <pthread.h>

#include <openssl/evp.h>

#include "base/base.h"

struct digest_kind {
        const char *prefix;   /* as OCI image-spec 1.1 registers it, with the colon */
        const char *evp_name; /* as OpenSSL names it */
        size_t size;          /* bytes */
};

static const struct digest_kind digest_kinds[] = {
    [DIGEST_SHA256] = {"sha256:", "SHA2-256", 32},
    [DIGEST_SHA512] = {"sha512:", "SHA2-512", 64},
};

/* Fetched once: a fetch by name costs more than hashing a small file. Constant afterwards. */
static EVP_MD *digest_md[ARRAY_LEN(digest_kinds)];
static pthread_once_t digest_once = PTHREAD_ONCE_INIT;
static pthread_key_t digest_context; /* an EVP_MD_CTX of each thread, for digest_of */

static void context_free(void *context)
{
        EVP_MD_CTX_free(context);
}

/* A node whose OpenSSL has no SHA-2 can't do anything here; there is no error to hand out from digest_of. */
static _Noreturn void digest_die(const char *what)
{
        fprintf(stderr, "coffer: OpenSSL: %s failed\n", what);
        abort();
}

static void digest_fetch(void)
{
        for (size_t i = 0; i < ARRAY_LEN(digest_kinds); i++) {
                if (!digest_kinds[i].evp_name)
                        continue;
                digest_md[i] = EVP_MD_fetch(NULL, digest_kinds[i].evp_name, NULL);
                if (!digest_md[i])
                        digest_die("EVP_MD_fetch");
        }
        if (pthread_key_create(&digest_context, context_free) != 0)
                digest_die("pthread_key_create");
}

void digest_prepare(void)
{
        if (pthread_once(&digest_once, digest_fetch) != 0)
                digest_die("pthread_once");
}

static const EVP_MD *md_of(enum digest_alg alg)
{
        assert(digest_size(alg) > 0);
        digest_prepare();
        return digest_md[alg];
}

size_t digest_size(enum digest_alg alg)
{
        return (unsigned)alg < ARRAY_LEN(digest_kinds) ? digest_kinds[alg].size : 0;
}

static int hex_value(uint8_t c)
{
        if (c >= '0' && c <= '9')
                return c - '0';
        return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool hex_parse(struct span text, uint8_t *out)
{
        for (size_t i = 0; i + 1 < text.len; i += 2) {
                int high = hex_value(text.at[i]), low = hex_value(text.at[i + 1]);

                if (high < 0 || low < 0)
                        return false;
                out[i / 2] = (uint8_t)(high << 4 | low);
        }
        return true;
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
                if (!hex_parse(hex, d.bytes))
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

static void context_init(EVP_MD_CTX *context, enum digest_alg alg)
{
        if (EVP_DigestInit_ex2(context, md_of(alg), NULL) != 1)
                digest_die("EVP_DigestInit");
}

static void context_update(EVP_MD_CTX *context, struct span s)
{
        if (s.len > 0 && EVP_DigestUpdate(context, s.at, s.len) != 1)
                digest_die("EVP_DigestUpdate");
}

static void context_final(EVP_MD_CTX *context, enum digest_alg alg, struct digest *ret)
{
        struct digest d = {.alg = alg};

        if (EVP_DigestFinal_ex(context, d.bytes, NULL) != 1)
                digest_die("EVP_DigestFinal");
        *ret = d;
}

static EVP_MD_CTX *context_new(void)
{
        EVP_MD_CTX *context = EVP_MD_CTX_new();

        if (!context)
                digest_die("EVP_MD_CTX_new");
        return context;
}

void digest_of(enum digest_alg alg, struct span s, struct digest *ret)
{
        EVP_MD_CTX *context;

        md_of(alg);
        context = pthread_getspecific(digest_context);
        if (!context) {
                context = context_new();
                if (pthread_setspecific(digest_context, context) != 0)
                        digest_die("pthread_setspecific");
        }
        context_init(context, alg);
        context_update(context, s);
        context_final(context, alg, ret);
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

struct hasher {
        EVP_MD_CTX *context;
        enum digest_alg alg;
};

struct hasher *hasher_new(enum digest_alg alg)
{
        struct hasher *h = heap_alloc(sizeof(*h));

        h->alg = alg;
        h->context = context_new();
        context_init(h->context, alg);
        return h;
}

void hasher_free(struct hasher *h)
{
        if (!h)
                return;
        EVP_MD_CTX_free(h->context);
        free(h);
}

void hasher_freep(struct hasher **h)
{
        hasher_free(*h);
        *h = NULL;
}

void hasher_update(struct hasher *h, struct span s)
{
        context_update(h->context, s);
}

void hasher_final(struct hasher *h, struct digest *ret)
{
        context_final(h->context, h->alg, ret);
        context_init(h->context, h->alg);
}
