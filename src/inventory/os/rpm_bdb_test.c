#include "inventory/os/rpm_test_priv.h"

#define PAGE 512u

struct bdb {
        struct buf file;
        bool big;
};

static void put32(struct bdb *m, size_t at, uint32_t v)
{
        if (m->big)
                be32_set(m->file.at + at, v);
        else
                le32_set(m->file.at + at, v);
}

static void put16(struct bdb *m, size_t at, size_t v)
{
        m->file.at[at + (m->big ? 1 : 0)] = (uint8_t)v;
        m->file.at[at + (m->big ? 0 : 1)] = (uint8_t)(v >> 8);
}

static size_t page_add(struct bdb *m, uint8_t kind)
{
        size_t at = m->file.len;

        for (unsigned i = 0; i < PAGE; i++)
                buf_put_u8(&m->file, 0);
        put32(m, at + 8, (uint32_t)(at / PAGE));
        m->file.at[at + 25] = kind;
        return at;
}

/* A key of four bytes and a value; returns where the value's item is. */
static size_t item_add(struct bdb *m, size_t page, uint32_t key, const uint8_t *value, size_t len)
{
        unsigned n = m->file.at[page + 20 + (m->big ? 1 : 0)];
        struct span s = buf_span(&m->file);
        size_t low = page + 26 + 2 * (n - 1) * (n > 0);
        size_t end = n == 0 ? PAGE : m->big ? rpm_u16be(s, low) : rpm_u16le(s, low);

        m->file.at[page + end - 5] = 1;
        put32(m, page + end - 4, key);
        memcpy(m->file.at + page + end - 5 - len, value, len);
        put16(m, page + 26 + 2 * n, end - 5);
        put16(m, page + 28 + 2 * n, end - 5 - len);
        put16(m, page + 20, n + 2);
        return page + end - 5 - len;
}

/* Two packages a hash page, each on a chain of overflow pages; on the last the highest number, which rpm keeps as number 0. */
static void make_bdb(struct bdb *m, unsigned n)
{
        size_t hash = 0;

        page_add(m, 8);
        put32(m, 12, 0x00061561), put32(m, 16, 9), put32(m, 20, PAGE);
        for (unsigned i = 0; i < n; i++) {
                CLEANUP(buf_done) struct buf header = {0};
                uint8_t offpage[12] = {3};
                make_numbered(&header, i);
                if (i % 2 == 0)
                        hash = page_add(m, i % 4 ? 13 : 2);
                size_t item = item_add(m, hash, i + 1, offpage, sizeof(offpage));
                put32(m, item + 4, (uint32_t)(m->file.len / PAGE));
                put32(m, item + 8, (uint32_t)header.len);
                for (size_t done = 0, k; done < header.len; done += k) {
                        size_t page = page_add(m, 7);
                        k = header.len - done < PAGE - 26 ? header.len - done : PAGE - 26;
                        memcpy(m->file.at + page + 26, header.at + done, k);
                        put16(m, page + 22, k);
                        put32(m, page + 16, done + k < header.len ? (uint32_t)(page / PAGE + 1) : 0);
                }
        }
        hash = page_add(m, 13);
        item_add(m, hash, 0, (const uint8_t[]){1, 20, 0, 0, 0}, 5);
        put32(m, 32, (uint32_t)(m->file.len / PAGE - 1));
}

static struct findings read_bdb(const struct bdb *m)
{
        return detect_file(&detect_rpm_bdb, "var/lib/rpm/Packages", buf_span(&m->file));
}

static void test_packages(void **state)
{
        (void)state;
        for (int big = 0; big < 2; big++)
                for (unsigned n = 0; n < 60; n += 29) {
                        struct bdb m = {.big = big};
                        make_bdb(&m, n);
                        struct findings f = read_bdb(&m);
                        assert_no_notes(&f);
                        assert_numbered(&f, n, NULL, 0);
                        assert_int_equal(f.owned.len, 2 * n);
                        arena_free(f.arena);
                        buf_done(&m.file);
                }
}

/* A small header lies on the hash page itself. */
static void test_value_on_its_page(void **state)
{
        (void)state;
        for (int big = 0; big < 2; big++) {
                struct bdb m = {.big = big};
                struct header_maker h = {.region = true};
                struct buf value = {0};
                buf_put_u8(&value, 1);
                make_text(&h, 1000, "small");
                make_text(&h, 1001, "1");
                make_text(&h, 1002, "2");
                make_end(&h, 3, &value);
                make_bdb(&m, 0);
                item_add(&m, PAGE, 7, value.at, value.len);
                struct findings f = read_bdb(&m);
                assert_no_notes(&f);
                assert_int_equal(f.packages.len, 1);
                assert_span(f.packages.at[0].name, "small");
                arena_free(f.arena);
                buf_done(&value);
                buf_done(&m.file);
        }
}

/* Where numbers are put in the metadata. */
static void test_heads(void **state)
{
        static const struct {
                size_t at;
                uint32_t value;
                const char *note;
        } rows[] = {
            {12, 0x00053162, "no hash of Berkeley DB"}, /* a b-tree's */
            {20, 0, "offset 20: pages of 0 bytes"},
            {20, 256, "offset 20: pages of 256 bytes"},
            {20, 1000, "offset 20: pages of 1000 bytes"},
            {20, 1u << 17, "offset 20: pages of 131072 bytes"},
            {20, 0xffffffff, "offset 20: pages of 4294967295 bytes"},
        };

        (void)state;
        for (int big = 0; big < 2; big++)
                for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                        struct bdb m = {.big = big};
                        make_bdb(&m, 5);
                        put32(&m, rows[i].at, rows[i].value);
                        struct findings f = read_bdb(&m);
                        assert_int_equal(f.packages.len, 0);
                        assert_noted(f.notes.at, f.notes.len, rows[i].note);
                        arena_free(f.arena);
                        buf_done(&m.file);
                }
        struct bdb m = {.big = false};
        make_bdb(&m, 5);
        m.file.at[24] = 1;
        struct findings f = read_bdb(&m);
        assert_noted(f.notes.at, f.notes.len, "encrypted");
        arena_free(f.arena);
        m.file.at[24] = 0, m.file.at[25] = 9;
        f = read_bdb(&m);
        assert_noted(f.notes.at, f.notes.len, "no hash of Berkeley DB");
        arena_free(f.arena);
        m.file.at[25] = 8, m.file.len = 511;
        f = read_bdb(&m);
        assert_noted(f.notes.at, f.notes.len, "no hash of Berkeley DB");
        arena_free(f.arena);
        buf_done(&m.file);
}

/* Page 1 is the first hash page, page 2 begins package 0 (two pages), whose length is at the item on page 1. */
static void test_hostile_numbers(void **state)
{
        enum { ITEM = PAGE + PAGE - 5 - 12, NEXT = 2 * PAGE + 16 };
        static const struct {
                size_t at;
                uint32_t value;
                bool small; /* a u16 */
                size_t n_missing;
                const char *note;
        } rows[] = {
            {ITEM + 4, 0, false, 1, "page 1, item 1: its value has 0 of"},
            {ITEM + 4, 1, false, 1, "then page 1 is not the next of it"},
            {ITEM + 4, 0xffffffff, false, 1, "then page 4294967295 is not the next"},
            {ITEM + 8, 0, false, 1, "page 1, item 1: a header of 0 bytes"},
            {ITEM + 8, 100, false, 1, "page 1, item 1: a header of 100 bytes"},
            {ITEM + 8, 0xffffffff, false, 1, "a value of 4294967295 bytes, more than there are"},
            {ITEM + 8, 4000, false, 1, "of 4000 bytes, then page 0 is not the next"},
            {NEXT, 2, false, 1, "then page 2 is not the next of it"}, /* it follows itself */
            {NEXT, 0, false, 1, "then page 0 is not the next of it"},
            {2 * PAGE + 22, 0, true, 1, "then page 2 is not the next of it"},
            {2 * PAGE + 22, 487, true, 1, "then page 2 is not the next of it"},
            {2 * PAGE + 22, 0xffff, true, 1, "then page 2 is not the next of it"},
            {PAGE + 20, 3, true, 2, "page 1: 3 items: not read"},
            {PAGE + 20, 0xfffe, true, 2, "page 1: 65534 items: not read"},
            {PAGE + 26, 0, true, 2, "page 1, item 0: offset 0 is not below"},
            {PAGE + 26, 512, true, 2, "page 1, item 0: offset 512 is not below"},
            {PAGE + 28, 511, true, 2, "page 1, item 1: offset 511 is not below"},
            {PAGE + 30, 500, true, 1, "page 1, item 2: offset 500 is not below"},
        };

        (void)state;
        for (int big = 0; big < 2; big++)
                for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                        struct bdb m = {.big = big};
                        unsigned missing[2] = {0, 1};
                        make_bdb(&m, 10);
                        if (rows[i].small)
                                put16(&m, rows[i].at, rows[i].value);
                        else
                                put32(&m, rows[i].at, rows[i].value);
                        if (rows[i].at == PAGE + 30)
                                missing[0] = 1;
                        struct findings f = read_bdb(&m);
                        assert_noted(f.notes.at, f.notes.len, rows[i].note);
                        assert_numbered(&f, 10, missing, rows[i].n_missing);
                        arena_free(f.arena);
                        buf_done(&m.file);
                }
}

/* Two values on one chain: a page is read once. */
static void test_shared_chains(void **state)
{
        struct bdb m = {.big = false};

        (void)state;
        make_bdb(&m, 10);
        size_t item = PAGE + PAGE - 5 - 12;
        put32(&m, item - 17 + 4, 2);
        memcpy(m.file.at + item - 17 + 8, m.file.at + item + 8, 4);
        struct findings f = read_bdb(&m);
        assert_numbered(&f, 10, &(unsigned){1}, 1);
        assert_noted(f.notes.at, f.notes.len, "page 1, item 3: its value has 0 of");
        arena_free(f.arena);
        m.file.at[item] = 2; /* duplicates: rpm's Packages has none */
        f = read_bdb(&m);
        assert_noted(f.notes.at, f.notes.len, "page 1, item 1: an item of kind 2");
        arena_free(f.arena);
        buf_done(&m.file);
}

static void test_cut_off(void **state)
{
        (void)state;
        for (int big = 0; big < 2; big++) {
                struct bdb m = {.big = big};
                make_bdb(&m, 12);
                size_t len = m.file.len;
                for (m.file.len = 512; m.file.len < len; m.file.len += 1 + m.file.len / 20) {
                        struct findings f = read_bdb(&m);
                        assert_true(f.packages.len <= 12 && f.notes.len > 0);
                        assert_noted(f.notes.at, f.notes.len, "the file is cut off");
                        arena_free(f.arena);
                }
                buf_done(&m.file);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_packages),
            cmocka_unit_test(test_value_on_its_page),
            cmocka_unit_test(test_heads),
            cmocka_unit_test(test_hostile_numbers),
            cmocka_unit_test(test_shared_chains),
            cmocka_unit_test(test_cut_off),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
