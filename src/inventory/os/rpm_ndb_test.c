#include "inventory/os/rpm_test_priv.h"

/* n packages, one behind the other. `first_blob` of them are where they begin. */
#define PAGE 4096u

static void make_ndb(struct buf *b, unsigned n)
{
        CLEANUP(buf_done) struct buf blobs = {0};

        buf_put_text(b, "RpmP");
        buf_put_u32le(b, 0), buf_put_u32le(b, 17), buf_put_u32le(b, 1), buf_put_u32le(b, n + 1);
        while (b->len < 32)
                buf_put_u8(b, 0);
        for (unsigned i = 0; i < n; i++) {
                CLEANUP(buf_done) struct buf header = {0};
                uint32_t first = (uint32_t)((PAGE + blobs.len) / 16);
                make_numbered(&header, i);
                buf_put_text(&blobs, "BlbS");
                buf_put_u32le(&blobs, i + 1), buf_put_u32le(&blobs, 17), buf_put_u32le(&blobs, (uint32_t)header.len);
                buf_put(&blobs, buf_span(&header));
                while (blobs.len % 16 != 4)
                        buf_put_u8(&blobs, 0);
                buf_put_u32le(&blobs, 0xadadadad), buf_put_u32le(&blobs, (uint32_t)header.len);
                buf_put_text(&blobs, "BlbE");
                buf_put_text(b, "Slot");
                buf_put_u32le(b, i + 1), buf_put_u32le(b, first);
                buf_put_u32le(b, (uint32_t)((PAGE + blobs.len) / 16) - first);
        }
        while (b->len < PAGE) {
                buf_put_text(b, "Slot");
                buf_put_u32le(b, 0), buf_put_u32le(b, 0), buf_put_u32le(b, 0);
        }
        buf_put(b, buf_span(&blobs));
}

static struct findings read_ndb(struct span file)
{
        return detect_file(&detect_rpm_ndb, "usr/lib/sysimage/rpm/Packages.db", file);
}

static void test_packages(void **state)
{
        (void)state;
        for (unsigned n = 0; n <= 254; n += 127) {
                CLEANUP(buf_done) struct buf b = {0};
                make_ndb(&b, n);
                struct findings f = read_ndb(buf_span(&b));
                assert_no_notes(&f);
                assert_numbered(&f, n, NULL, 0);
                assert_int_equal(f.owned.len, 2 * n);
                arena_free(f.arena);
        }
}

/* Where a number is put, and what is said; package 3 (slot 32 + 3 * 16) is the one that is broken, and the one that is lost. */
static void test_hostile_numbers(void **state)
{
        enum { SLOT = 32 + 3 * 16 };
        static const struct {
                size_t at;
                bool blob; /* at: from the blob's begin */
                uint32_t value;
                const char *note;
        } rows[] = {
            {SLOT, false, 0, "offset 80: no slot"},
            {SLOT + 4, false, 0, "offset 80: slot of package 0"},
            {SLOT + 4, false, 77, "package 77 at offset"},
            {SLOT + 8, false, 2, "offset 80: slot of package 4"},
            {SLOT + 8, false, 0xffffffff, "offset 80: slot of package 4"},
            {SLOT + 12, false, 0, "offset 80: slot of package 4: 0 blocks"},
            {SLOT + 12, false, 1, "offset 80: slot of package 4: a blob of one block"},
            {SLOT + 12, false, 2, "package 4 at offset"},
            {SLOT + 12, false, 0xffffffff, "4294967295 blocks"},
            {0, true, 0, "package 4 at offset"},
            {4, true, 5, "no blob of its number begins there"},
            {12, true, 0, "its length of 0 bytes"},
            {12, true, 0xffffffff, "its length of 4294967295 bytes"},
            {12, true, 600, "its length of 600 bytes"},
            {16, true, 0, "with 0 tags: not listed"},
            {16, true, 0x00ffffff, "with 16777215 tags: not listed"},
            {20, true, 0x00ffffff, "16777215 bytes of data"},
        };
        CLEANUP(buf_done) struct buf b = {0};

        (void)state;
        make_ndb(&b, 20);
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                size_t at = rows[i].at + (rows[i].blob ? 16ul * rpm_u32le(buf_span(&b), SLOT + 8) : 0);
                uint32_t before = rpm_u32le(buf_span(&b), at);
                if (rows[i].blob && rows[i].at >= 16)
                        be32_set(b.at + at, rows[i].value);
                else
                        le32_set(b.at + at, rows[i].value);
                struct findings f = read_ndb(buf_span(&b));
                assert_numbered(&f, 20, &(unsigned){3}, 1);
                assert_noted(f.notes.at, f.notes.len, rows[i].note);
                arena_free(f.arena);
                le32_set(b.at + at, before);
        }
}

/* Slots that name blobs of others: each block is read once, so 250 slots are not 250 times the work. */
static void test_overlaps(void **state)
{
        CLEANUP(buf_done) struct buf b = {0};
        struct findings f;

        (void)state;
        make_ndb(&b, 20);
        for (size_t i = 32 + 20 * 16; i < PAGE; i += 16)
                memcpy(b.at + i, b.at + 32 + 5 * 16, 16);
        f = read_ndb(buf_span(&b));
        assert_numbered(&f, 20, NULL, 0);
        assert_noted(f.notes.at, f.notes.len, "offset 352: slot of package 6: its blob at block");
        assert_noted(f.notes.at, f.notes.len, "more places in this file");
        arena_free(f.arena);
}

static void test_heads(void **state)
{
        CLEANUP(buf_done) struct buf b = {0};
        struct findings f;
        static const struct {
                size_t at;
                uint32_t value;
                const char *note;
        } rows[] = {
            {0, 0x12345678, "no package database of rpm"},
            {4, 1, "no package database of rpm"},
            {12, 0, "offset 12: 0 pages of slots"},
            {12, 0xffffffff, "offset 12: 4294967295 pages of slots"},
        };

        (void)state;
        make_ndb(&b, 5);
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                uint32_t before = rpm_u32le(buf_span(&b), rows[i].at);
                le32_set(b.at + rows[i].at, rows[i].value);
                f = read_ndb(buf_span(&b));
                assert_int_equal(f.packages.len, 0);
                assert_noted(f.notes.at, f.notes.len, rows[i].note);
                arena_free(f.arena);
                le32_set(b.at + rows[i].at, before);
        }
}

/* Cut anywhere: what is whole is kept, and the rest is told. */
static void test_cut_off(void **state)
{
        CLEANUP(buf_done) struct buf b = {0};

        (void)state;
        make_ndb(&b, 8);
        for (size_t len = 0; len < b.len; len += 1 + len / 20) {
                struct findings f = read_ndb(span_bytes(b.at, len));
                assert_true(f.packages.len < 8 && f.notes.len > 0);
                arena_free(f.arena);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_packages),
            cmocka_unit_test(test_hostile_numbers),
            cmocka_unit_test(test_overlaps),
            cmocka_unit_test(test_heads),
            cmocka_unit_test(test_cut_off),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
