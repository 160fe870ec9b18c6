/*
 * "Packages.db", the database that SUSE's systems have (rpm 4.18, lib/backend/ndb/rpmpkg.c): a header of 32 bytes, slots of
 * 16 bytes in pages of 4096, behind them blobs in blocks of 16 bytes. All numbers little-endian.
 *
 * slot: magic, package number, first block, number of blocks; block 0: a free slot
 * blob: magic, package number, generation, length; the header; padding; checksum, length, magic
 */
#include <stdlib.h>

#include "inventory/os/rpm_priv.h"

#define DATABASE_MAGIC 0x506d7052u /* "RpmP" */
#define SLOT_MAGIC 0x746f6c53u     /* "Slot" */
#define HEAD_MAGIC 0x53626c42u     /* "BlbS" */
#define TAIL_MAGIC 0x45626c42u     /* "BlbE" */
#define PAGE_LEN 4096u
#define HEADER_LEN 32u
#define BLOCK_LEN 16u
#define SLOT_LEN 16u
#define HEAD_LEN 16u
#define TAIL_LEN 12u

struct slot {
        uint32_t number, first, n_blocks;
        size_t at; /* of the slot itself */
};

static int slot_compare(const void *a, const void *b)
{
        const struct slot *x = a, *y = b;
        int by_block = (x->first > y->first) - (x->first < y->first);

        return by_block ? by_block : (x->at > y->at) - (x->at < y->at);
}

/* Those in use, by their blobs' places. */
static size_t slots_read(struct span file, size_t slots_end, struct rpm_list *l, struct arena *a, struct slot **ret)
{
        struct {
                struct slot *at;
                size_t len, cap;
        } slots = {0};

        for (size_t at = HEADER_LEN; at < slots_end; at += SLOT_LEN) {
                struct slot s = {rpm_u32le(file, at + 4), rpm_u32le(file, at + 8), rpm_u32le(file, at + 12), at};
                uint64_t end = ((uint64_t)s.first + s.n_blocks) * BLOCK_LEN;
                if (rpm_u32le(file, at) != SLOT_MAGIC) {
                        findings_note(l->f, "offset %zu: no slot: what it leads to was not read", at);
                        continue;
                }
                if (s.first == 0)
                        continue;
                if (s.number == 0 || s.n_blocks == 0 || (size_t)s.first * BLOCK_LEN < slots_end || end > file.len) {
                        findings_note(l->f,
                            "offset %zu: slot of package %u: %u blocks from block %u on lie outside of the "
                            "database: not read",
                            at, s.number, s.n_blocks, s.first);
                        continue;
                }
                if (!rpm_list_next(l))
                        break;
                *ARENA_PUSH(a, &slots) = s;
        }
        if (slots.len > 0)
                qsort(slots.at, slots.len, sizeof(*slots.at), slot_compare);
        *ret = slots.at;
        return slots.len;
}

/* As rpm: it does not compare the checksum when it reads, and neither do we; the header's own bounds are checked. */
static void blob_read(struct span blocks, const struct slot *s, struct rpm_list *l)
{
        uint32_t len = rpm_u32le(blocks, 12);
        struct span tail = span_from(blocks, blocks.len - TAIL_LEN);
        char place[64];

        snprintf(place, sizeof(place), "package %u at offset %zu", s->number, (size_t)s->first * BLOCK_LEN);
        if (rpm_u32le(blocks, 0) != HEAD_MAGIC || rpm_u32le(blocks, 4) != s->number) {
                findings_note(l->f, "%s: no blob of its number begins there: not read", place);
                return;
        }
        if ((HEAD_LEN + (uint64_t)len + TAIL_LEN + BLOCK_LEN - 1) / BLOCK_LEN != s->n_blocks ||
            rpm_u32le(tail, 4) != len || rpm_u32le(tail, 8) != TAIL_MAGIC || len > RPM_HEADER_MAX) {
                findings_note(l->f, "%s: its length of %u bytes does not fit %u blocks or its end: not read", place,
                    len, s->n_blocks);
                return;
        }
        rpm_header_read(l, span_cut(blocks, HEAD_LEN, len), place);
}

void rpm_ndb_read(struct span file, struct findings *f)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct rpm_list list = {.f = f};
        uint32_t n_slot_pages = rpm_u32le(file, 12);
        uint64_t read_to = 0;
        struct slot *slots = NULL;
        size_t n;

        if (rpm_u32le(file, 0) != DATABASE_MAGIC || rpm_u32le(file, 4) != 0) {
                findings_note(f, "no package database of rpm (ndb, version 0): its packages were not assessed");
                return;
        }
        if (n_slot_pages == 0 || n_slot_pages > file.len / PAGE_LEN) {
                findings_note(f, "offset 12: %u pages of slots in %zu bytes: its packages were not assessed",
                    n_slot_pages, file.len);
                return;
        }
        n = slots_read(file, (size_t)n_slot_pages * PAGE_LEN, &list, a, &slots);
        for (size_t i = 0; i < n; i++) {
                const struct slot *s = &slots[i];
                if (s->first < read_to) {
                        findings_note(f,
                            "offset %zu: slot of package %u: its blob at block %u overlaps the one before: not read",
                            s->at, s->number, s->first);
                        continue;
                }
                read_to = (uint64_t)s->first + s->n_blocks;
                if (s->n_blocks < 2) { /* head and tail alone are more */
                        findings_note(
                            f, "offset %zu: slot of package %u: a blob of one block: not read", s->at, s->number);
                        continue;
                }
                blob_read(span_cut(file, (size_t)s->first * BLOCK_LEN, (size_t)s->n_blocks * BLOCK_LEN), s, &list);
        }
}
