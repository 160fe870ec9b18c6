#include "base/base.h"
#include "base/json_priv.h"

#define SLOTS_FIRST 64u

static uint64_t rotate(uint64_t v, unsigned n)
{
        return v << n | v >> (64 - n);
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

/* SipHash-1-3 (Aumasson, Bernstein) under a random key: a document can't be written so that its keys collide. */
static uint64_t sip_hash(const uint64_t seed[2], struct span s)
{
        uint64_t v[4] = {
            seed[0] ^ 0x736f6d6570736575u,
            seed[1] ^ 0x646f72616e646f6du,
            seed[0] ^ 0x6c7967656e657261u,
            seed[1] ^ 0x7465646279746573u,
        };
        uint64_t last = (uint64_t)s.len << 56;
        size_t whole = s.len / 8 * 8;

        for (size_t i = 0; i < whole; i += 8) {
                uint64_t word;

                memcpy(&word, s.at + i, sizeof(word));
                v[3] ^= word;
                sip_round(v);
                v[0] ^= word;
        }
        for (size_t i = whole; i < s.len; i++)
                last |= (uint64_t)s.at[i] << (8 * (i - whole));
        v[3] ^= last;
        sip_round(v);
        v[0] ^= last;
        v[2] ^= 0xff;
        for (int i = 0; i < 3; i++)
                sip_round(v);
        return v[0] ^ v[1] ^ v[2] ^ v[3];
}

static bool key_equal(const struct json_key *a, struct span b)
{
        return a->len == b.len && (b.len == 0 || (a->at[0] == b.at[0] && memcmp(a->at, b.at, b.len) == 0));
}

void json_keys_clear(struct json_keys *k)
{
        k->len = 0;
        k->slots_used = 0;
}

static void slot_put(struct json_keys *k, uint32_t index)
{
        size_t mask = k->slots_used - 1;
        size_t i = k->at[index].hash & mask;

        while (k->slots[i] != 0)
                i = (i + 1) & mask;
        k->slots[i] = index + 1;
}

/*
 * A table of `n` slots over all keys of the list. It starts small in every object, however large the one before was:
 * else one large object would make each small one after it pay for clearing a large table.
 */
static void slots_build(struct json *j, struct json_keys *k, size_t n)
{
        if (n > k->slots_cap) {
                k->slots = arena_array(j->arena, n, sizeof(*k->slots));
                k->slots_cap = n;
        } else {
                memset(k->slots, 0, n * sizeof(*k->slots));
        }
        k->slots_used = n;
        for (size_t i = 0; i < k->len; i++)
                slot_put(k, (uint32_t)i);
}

static bool slots_have(const struct json_keys *k, uint32_t hash, struct span key)
{
        size_t mask = k->slots_used - 1;

        for (size_t i = hash & mask; k->slots[i] != 0; i = (i + 1) & mask) {
                const struct json_key *other = &k->at[k->slots[i] - 1];

                if (other->hash == hash && key_equal(other, key))
                        return true;
        }
        return false;
}

static bool list_has(const struct json_keys *k, struct span key)
{
        for (size_t i = 0; i < k->len; i++)
                if (key_equal(&k->at[i], key))
                        return true;
        return false;
}

bool json_keys_add(struct json *j, struct json_keys *k, struct span key)
{
        uint32_t hash = 0;
        struct json_key *new;

        if (k->len == JSON_KEYS_LIST && k->slots_used == 0) {
                if (!j->seeded)
                        random_bytes(j->seed, sizeof(j->seed));
                j->seeded = true;
                for (size_t i = 0; i < k->len; i++)
                        k->at[i].hash = (uint32_t)sip_hash(j->seed, span_bytes(k->at[i].at, k->at[i].len));
                slots_build(j, k, SLOTS_FIRST);
        }
        if (k->slots_used > 0) {
                hash = (uint32_t)sip_hash(j->seed, key);
                if (slots_have(k, hash, key))
                        return false;
        } else if (list_has(k, key)) {
                return false;
        }
        new = ARENA_PUSH(j->arena, k);
        *new = (struct json_key){.at = key.at, .len = (uint32_t)key.len, .hash = hash};
        if (k->slots_used == 0)
                return true;
        if (k->len > k->slots_used / 2)
                slots_build(j, k, k->slots_used * 2);
        else
                slot_put(k, (uint32_t)(k->len - 1));
        return true;
}
