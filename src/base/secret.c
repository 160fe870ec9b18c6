#include <errno.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "base/base.h"

#define SECRET_MAX (64u << 10) /* bytes: the largest key file a backend takes */

/* The bytes lie in pages of their own between two that can't be touched; this handle is ordinary memory. */
struct secret {
        uint8_t *bytes;
        size_t len;
        uint8_t *map;
        size_t map_len;
};

void wipe(void *at, size_t len)
{
        if (len > 0)
                explicit_bzero(at, len);
}

void random_bytes(void *into, size_t len)
{
        uint8_t *to = into;

        while (len > 0) {
                ssize_t n = getrandom(to, len, 0);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0) {
                        fprintf(stderr, "coffer: getrandom: %s\n", strerror(errno));
                        abort(); /* no key, nonce or name may be made without it */
                }
                to += n;
                len -= (size_t)n;
        }
}

bool secret_new(size_t len, struct secret **ret, struct err *e)
{
        size_t page = (size_t)sysconf(_SC_PAGESIZE);
        size_t inner = (len + page - 1) / page * page;
        struct secret *s CLEANUP(secret_freep) = NULL;
        uint8_t *map;

        if (len == 0 || len > SECRET_MAX)
                return err_set(e, ERR_LIMIT, "a secret of %zu bytes; 1 to %u are accepted", len, SECRET_MAX);
        map = mmap(NULL, inner + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (map == MAP_FAILED)
                return err_set(e, ERR_SYSTEM, "memory for a secret: %s", strerror(errno));
        s = heap_alloc(sizeof(*s));
        s->map = map;
        s->map_len = inner + 2 * page;
        if (mprotect(map + page, inner, PROT_READ | PROT_WRITE) != 0)
                return err_set(e, ERR_SYSTEM, "memory for a secret: %s", strerror(errno));
        if (mlock(map + page, inner) != 0)
                return err_set(
                    e, ERR_SYSTEM, "lock %zu bytes for a secret (raise \"ulimit -l\"): %s", inner, strerror(errno));
        if (madvise(map + page, inner, MADV_DONTDUMP) != 0 || madvise(map + page, inner, MADV_WIPEONFORK) != 0)
                return err_set(e, ERR_SYSTEM, "keep a secret out of dumps and children: %s", strerror(errno));
        s->bytes = map + page;
        s->len = len;
        *ret = s;
        s = NULL;
        return true;
}

void secret_free(struct secret *s)
{
        if (!s)
                return;
        wipe(s->bytes, s->len);
        munmap(s->map, s->map_len); /* unlocks too */
        free(s);
}

void secret_freep(struct secret **s)
{
        secret_free(*s);
        *s = NULL;
}

uint8_t *secret_bytes(struct secret *s)
{
        return s->bytes;
}

size_t secret_len(const struct secret *s)
{
        return s->len;
}

bool secret_equal(const struct secret *a, struct span b)
{
        return a->len == b.len && CRYPTO_memcmp(a->bytes, b.at, b.len) == 0;
}
