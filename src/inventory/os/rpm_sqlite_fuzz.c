#include "inventory/detector_fuzz_priv.h"
#include "inventory/os/rpm_sqlite_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* No fuzzer hits a sum over all frames: they are made right here, for frames of 512 bytes, so that what is behind is met. */
static void sums_set(uint8_t *wal, size_t len)
{
        uint32_t sum[2] = {0, 0}, word;

        memcpy(wal, "\x37\x7f\x06\x82\x00\x2d\xe2\x18\x00\x00\x02\x00", 12);
        for (size_t at = 0; at + (at ? 536 : 32) <= len; at += at ? 536 : 32) {
                if (at)
                        memcpy(wal + at + 8, wal + 16, 8);
                for (size_t i = 0; i < (at ? 536u : 24u); i += i == 4 && at ? 20 : 4) {
                        memcpy(&word, wal + at + i, 4);
                        sum[i / 4 % 2] += word + sum[(i / 4 + 1) % 2];
                }
                for (size_t i = 0; i < 2; i++) {
                        word = __builtin_bswap32(sum[i]);
                        memcpy(wal + at + (at ? 16 : 24) + 4 * i, &word, 4);
                }
        }
}

/* A byte: what is done to the log. Two bytes, big-endian: the database's length. The database, the log. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct findings f = {.arena = arena_new()};
        struct span in = span_bytes(data, size), file = span_cut(in, 3, rpm_u16be(in, 1));
        struct span wal = arena_copy(f.arena, span_from(in, 3 + file.len));

        if (size > 0 && (data[0] & 1) && wal.len >= 32)
                sums_set((uint8_t *)wal.at, wal.len);
        detect_rpm_sqlite.read_pair(file, wal, &f);
        findings_end(&f);
        fuzz_check(&f);
        arena_free(f.arena);
        return 0;
}
