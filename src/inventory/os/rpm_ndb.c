/*
 * "Packages.db", rpm's own new database (rpm 4.18, lib/backend/ndb/rpmpkg.c): a header of 32 bytes, slots of 16 bytes in
 * pages of 4096, blobs in blocks of 16 bytes. All numbers little-endian.
 */
#include "inventory/os/rpm_priv.h"

#define NDB_MAGIC 0x506d7052u  /* "RpmP" */
#define SLOT_MAGIC 0x746f6c53u /* "Slot" */
#define BLOB_MAGIC 0x53626c42u /* "BlbS" */
#define PAGE_LEN 4096u
#define BLOCK_LEN 16u

bool rpm_ndb_read(struct span file, const struct rpm_sink *sink)
{
        uint32_t n_slot_pages = rpm_u32le(file, 12);
        uint64_t total = 0;
        size_t n = 0;
        char place[48];

        if (rpm_u32le(file, 0) != NDB_MAGIC || rpm_u32le(file, 4) != 0 || n_slot_pages == 0 ||
            n_slot_pages - 1 > file.len / PAGE_LEN) {
                findings_note(sink->f, "no database of rpm (ndb): its packages were not assessed");
                return false;
        }
        /* The first two slots' place is the header's. */
        for (size_t at = 32; at < (size_t)n_slot_pages * PAGE_LEN && at < file.len; at += BLOCK_LEN) {
                uint32_t number = rpm_u32le(file, at + 4);
                size_t block = rpm_u32le(file, at + 8);
                uint32_t len;
                if (rpm_u32le(file, at) != SLOT_MAGIC) {
                        findings_note(sink->f, "offset %zu: no slot: what it holds was not read", at);
                        continue;
                }
                if (number == 0 || block == 0) /* free */
                        continue;
                snprintf(place, sizeof(place), "package %u", number);
                struct span blob = span_from(file, block * BLOCK_LEN);
                len = rpm_u32le(blob, 12);
                if (rpm_u32le(blob, 0) != BLOB_MAGIC || rpm_u32le(blob, 4) != number || len > RPM_HEADER_MAX ||
                    blob.len < BLOCK_LEN || len > blob.len - BLOCK_LEN) {
                        findings_note(sink->f, "%s: its blob at offset %zu is none or is not whole: not read", place,
                            block * BLOCK_LEN);
                        continue;
                }
                /* Many slots may name one blob: never more work than two files of this size. */
                total += len;
                if (++n > RPM_BLOBS_MAX || total > 2ull * file.len) {
                        findings_note(
                            sink->f, "%s: more packages than the database can hold: the others are not listed", place);
                        return true;
                }
                sink->blob(sink->ctx, span_cut(blob, BLOCK_LEN, len), place);
        }
        return true;
}
