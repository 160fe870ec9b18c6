/*
 * The entries that came by, found again by the hash of their names.
 *
 * Names themselves are not kept. The hash is keyed with bytes that the file's author can't know, so no two names can be
 * made to share one; what is found does not depend on the key.
 */
#include <stdlib.h>
#include <sys/auxv.h>

#include "inventory/jvm/zip_priv.h"

#define SAME_NAME_MAX 64u /* entries of one name that are looked at, when records stand in another order */

struct local {
        struct zip_facts facts;
        uint64_t name; /* hash */
        uint32_t next; /* 1 + an earlier one of the same slot; 0: none */
        bool seen;     /* its content was */
        bool listed;   /* a record of the directory was for it */
};

struct zip_directory {
        uint64_t key[2];
        struct local *at;
        size_t len, cap;
        uint32_t *slots; /* 1 + the last of the slot */
        size_t n_slots;  /* a power of two */
        uint64_t compared;
        uint64_t base;
        bool based;
        size_t expected; /* records mostly stand in the order of the entries */
};

struct zip_directory *zip_directory_new(void)
{
        struct zip_directory *d = heap_alloc(sizeof(*d));
        const void *random =
            (const void *)(uintptr_t)getauxval(AT_RANDOM); /* 16 bytes, of the kernel's for each program */

        if (random)
                memcpy(d->key, random, sizeof(d->key));
        return d;
}

void zip_directory_free(struct zip_directory *d)
{
        if (!d)
                return;
        free(d->at);
        free(d->slots);
        free(d);
}

void zip_directory_clear(struct zip_directory *d)
{
        if (d->n_slots > 0)
                memset(d->slots, 0, d->n_slots * sizeof(*d->slots));
        d->len = 0;
        d->compared = 0;
        d->base = 0;
        d->based = false;
        d->expected = 0;
}

static uint64_t rotate(uint64_t v, unsigned by)
{
        return v << by | v >> (64 - by);
}

static void sip_round(uint64_t v[4])
{
        v[0] += v[1];
        v[2] += v[3];
        v[1] = rotate(v[1], 13) ^ v[0];
        v[3] = rotate(v[3], 16) ^ v[2];
        v[0] = rotate(v[0], 32);
        v[2] += v[1];
        v[0] += v[3];
        v[1] = rotate(v[1], 17) ^ v[2];
        v[3] = rotate(v[3], 21) ^ v[0];
        v[2] = rotate(v[2], 32);
}

/* SipHash-1-3 */
static uint64_t hash(const struct zip_directory *d, struct span s)
{
        uint64_t v[4] = {d->key[0] ^ 0x736f6d6570736575u, d->key[1] ^ 0x646f72616e646f6du,
            d->key[0] ^ 0x6c7967656e657261u, d->key[1] ^ 0x7465646279746573u};
        uint64_t last = (uint64_t)s.len << 56;
        struct cursor c = {.rest = s};

        while (c.rest.len >= 8) {
                uint64_t word = cursor_u64le(&c);
                v[3] ^= word;
                sip_round(v);
                v[0] ^= word;
        }
        for (size_t i = 0; i < c.rest.len; i++)
                last |= (uint64_t)c.rest.at[i] << 8 * i;
        v[3] ^= last;
        sip_round(v);
        v[0] ^= last;
        v[2] ^= 0xff;
        for (unsigned i = 0; i < 3; i++)
                sip_round(v);
        return v[0] ^ v[1] ^ v[2] ^ v[3];
}

static void slots_grow(struct zip_directory *d)
{
        d->n_slots = d->n_slots ? d->n_slots * 2 : 256;
        d->slots = heap_realloc(d->slots, d->n_slots, sizeof(*d->slots));
        memset(d->slots, 0, d->n_slots * sizeof(*d->slots));
        for (size_t i = 0; i < d->len; i++) {
                uint32_t *slot = &d->slots[d->at[i].name & (d->n_slots - 1)];
                d->at[i].next = *slot;
                *slot = (uint32_t)i + 1;
        }
}

static struct local *find(const struct zip_directory *d, uint64_t name, uint32_t from)
{
        while (from > 0) {
                struct local *l = &d->at[from - 1];
                if (l->name == name)
                        return l;
                from = l->next;
        }
        return NULL;
}

bool zip_directory_add(struct zip_directory *d, struct span name, uint64_t at)
{
        struct local l = {.facts.at = at, .name = hash(d, name)};
        uint32_t *slot;
        bool twice;

        if (d->len == d->cap) {
                d->cap = d->cap ? d->cap * 2 : 128;
                d->at = heap_realloc(d->at, d->cap, sizeof(*d->at));
        }
        if (d->len * 2 >= d->n_slots)
                slots_grow(d);
        slot = &d->slots[l.name & (d->n_slots - 1)];
        twice = find(d, l.name, *slot) != NULL;
        l.next = *slot;
        d->at[d->len++] = l;
        *slot = (uint32_t)d->len;
        return twice;
}

void zip_directory_seen(struct zip_directory *d, const struct zip_facts *f)
{
        struct local *l = &d->at[d->len - 1];

        l->facts = *f;
        l->seen = true;
}

static bool is_free(const struct zip_directory *d, const struct local *l, const struct zip_facts *f)
{
        return !l->listed && (!d->based || l->facts.at == d->base + f->at);
}

static struct local *local_for(struct zip_directory *d, uint64_t name, const struct zip_facts *f)
{
        struct local *l, *any = NULL;

        if (d->expected < d->len) {
                l = &d->at[d->expected];
                if (l->name == name && is_free(d, l, f))
                        return l;
        }
        if (d->n_slots == 0)
                return NULL;
        l = find(d, name, d->slots[name & (d->n_slots - 1)]);
        for (unsigned tries = 0; l && tries < SAME_NAME_MAX; tries++, l = find(d, name, l->next)) {
                if (is_free(d, l, f))
                        return l;
                any = l;
        }
        return any;
}

enum zip_agreement zip_directory_compare(struct zip_directory *d, struct span name, const struct zip_facts *f)
{
        struct local *l = local_for(d, hash(d, name), f);

        d->compared++;
        if (!l)
                return ZIP_NO_LOCAL;
        d->expected = (size_t)(l - d->at) + 1;
        if (!d->based) {
                d->based = true;
                d->base = l->facts.at - f->at; /* modulo 2^64: it may be negative, which then agrees with no end */
        }
        if (l->listed || l->facts.at != d->base + f->at)
                return ZIP_ELSEWHERE;
        l->listed = true;
        if (!l->seen)
                return ZIP_AGREES; /* that was told when it came by */
        if (l->facts.method != f->method || (l->facts.flags ^ f->flags) & ZIP_FLAG_ENCRYPTED)
                return ZIP_OTHER_METHOD;
        if (l->facts.stored != f->stored || l->facts.plain != f->plain || l->facts.crc != f->crc)
                return ZIP_OTHER_SIZE;
        return ZIP_AGREES;
}

uint64_t zip_directory_compared(const struct zip_directory *d)
{
        return d->compared;
}

bool zip_directory_unlisted(const struct zip_directory *d, size_t *from, uint64_t *ret_at)
{
        for (; *from < d->len; (*from)++) {
                if (d->at[*from].listed)
                        continue;
                *ret_at = d->at[(*from)++].facts.at;
                return true;
        }
        return false;
}

uint64_t zip_directory_base(const struct zip_directory *d)
{
        return d->base;
}
