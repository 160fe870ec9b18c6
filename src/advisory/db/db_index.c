/*
 * From a package's name to its row in a few touches of memory: a binary search among 500,000 names takes nineteen steps, and the rows and
 * names that it compares are rarely in the cache.
 *
 * The section is a list of u32: the number of slots, a seed, and the slots of a hash table with linear probing, three of four filled. A
 * slot is 0 when free, else in its low 24 bits the package's number + 1, and above them 8 bits of its hash, so that the rows of
 * others are rarely looked at. What it says is a hint: the reader compares names, and goes over PROBES_MAX slots at most.
 */
#include "advisory/db/db_read_priv.h"

#define NUMBER_BITS 24u
#define NUMBER_MASK ((1u << NUMBER_BITS) - 1)
#define HEAD 2u         /* u32 before the slots */
#define PROBES_MAX 512u /* seen with 2,000,000 names: 120 */
#define SEEDS 8u        /* names that were made to collide by one seed don't by another */

/* FNV-1a, 64 bits, and the end of MurmurHash3 (fmix64) so that high bits count; the ecosystem by its number. */
static uint64_t hash_of(uint32_t seed, const struct db_index_name *n)
{
        uint64_t h = 0xcbf29ce484222325u ^ n->ecosystem ^ (uint64_t)seed << 32;

        for (size_t i = 0; i < n->package.len; i++)
                h = (h ^ n->package.at[i]) * 0x100000001b3u;
        h = (h ^ h >> 33) * 0xff51afd7ed558ccdu;
        h = (h ^ h >> 33) * 0xc4ceb9fe1a85ec53u;
        return h ^ h >> 33;
}

static uint32_t slot_of(uint64_t hash, uint32_t n_slots)
{
        return (uint32_t)((hash >> 32) * n_slots >> 32);
}

static bool slots_fill(const struct db_index_name *names, size_t n, uint32_t seed, uint32_t *slots, uint32_t n_slots)
{
        memset(slots, 0, n_slots * sizeof(*slots));
        for (size_t i = 0; i < n; i++) {
                uint64_t hash = hash_of(seed, &names[i]);
                uint32_t at = slot_of(hash, n_slots);

                for (uint32_t probes = 0; slots[at]; at = at + 1 < n_slots ? at + 1 : 0)
                        if (++probes >= PROBES_MAX)
                                return false;
                slots[at] = (uint32_t)(i + 1) | (uint32_t)(hash & 0xff) << NUMBER_BITS;
        }
        return true;
}

bool db_index_write(const struct db_index_name *names, size_t n, struct buf *to, struct err *e)
{
        const uint32_t n_slots = (uint32_t)(n + n / 3 + 1);
        uint32_t *slots CLEANUP(heap_freep) = NULL;
        uint32_t seed = 0;

        if (n >= NUMBER_MASK)
                return err_set(e, ERR_LIMIT, "more than %u packages", NUMBER_MASK);
        slots = heap_alloc(n_slots * sizeof(*slots));
        while (!slots_fill(names, n, seed, slots, n_slots))
                if (++seed == SEEDS)
                        return err_set(e, ERR_LIMIT, "packages have names that can't be told apart by a hash");
        buf_put_u32le(to, n_slots);
        buf_put_u32le(to, seed);
        for (uint32_t i = 0; i < n_slots; i++)
                buf_put_u32le(to, slots[i]);
        return true;
}

/* 0 outside of the section. */
static uint32_t number_at(struct span index, uint64_t i)
{
        struct cursor c = {.rest = span_cut(index, (size_t)i * 4, 4)};

        return cursor_u32le(&c);
}

struct db_index_scan db_index_scan(const struct advisory_db *db, const struct db_index_name *name)
{
        struct db_index_scan s = {.rest = db->sections[DB_INDEX]};
        uint64_t hash = hash_of(number_at(s.rest, 1), name);

        s.n_slots = number_at(s.rest, 0);
        s.at = slot_of(hash, s.n_slots);
        s.tag = (uint32_t)(hash & 0xff);
        return s;
}

bool db_index_next(struct db_index_scan *s, uint32_t *ret_package)
{
        while (s->probes++ <= PROBES_MAX) {
                uint32_t slot = number_at(s->rest, HEAD + (uint64_t)s->at);

                s->at = s->at + 1 < s->n_slots ? s->at + 1 : 0;
                if (slot == 0)
                        return false;
                if (slot >> NUMBER_BITS != s->tag)
                        continue;
                *ret_package = (slot & NUMBER_MASK) - 1;
                return true;
        }
        return false;
}
