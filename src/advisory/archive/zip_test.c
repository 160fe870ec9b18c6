/* Zip files: what is read, and every trick by which one file shows different readers different members. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "advisory/archive/testing_archive_priv.h"

static const struct testing_member two[] = {
    {"A-1.json", {(const uint8_t *)"{\"id\":\"A-1\"}", 12}, true},
    {"npm/B-1.json", {(const uint8_t *)"{\"id\":\"B-1\",\"summary\":\"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\"}", 57},
        false},
};

/* Offsets of fields in the two headers. */
enum {
        L_FLAGS = 6,
        L_METHOD = 8,
        L_CRC = 14,
        L_COMPRESSED = 18,
        L_PLAIN = 22,
        L_NAME_LEN = 26,
        L_EXTRA_LEN = 28,
        L_NAME = 30
};
enum {
        C_FLAGS = 8,
        C_METHOD = 10,
        C_CRC = 16,
        C_COMPRESSED = 20,
        C_PLAIN = 24,
        C_NAME_LEN = 28,
        C_EXTRA_LEN = 30,
        C_DISK = 34,
        C_OFFSET = 42,
        C_NAME = 46
};

static void expect_failure(struct span zip, enum err_kind kind, const char *text, const char *what)
{
        struct testing_walk w CLEANUP(testing_walk_done) = {0};

        if (testing_walk_all(zip_walk, zip, &w))
                fail_msg("%s: taken", what);
        if (w.e.kind != kind || !strstr(w.e.text, text))
                fail_msg("%s: %s \"%s\"", what, err_kind_name(w.e.kind), w.e.text);
        assert_int_equal(w.members + w.refused, 0); /* nothing was believed before */
}

static void expect_refusal(struct span zip, const char *name, enum err_kind kind, const char *text)
{
        struct testing_walk w CLEANUP(testing_walk_done) = {0};

        if (!testing_walk_all(zip_walk, zip, &w))
                fail_msg("%s: %s", text, w.e.text);
        if (w.refused != 1 || strcmp(w.last_refused, name) != 0 || w.why.kind != kind || !strstr(w.why.text, text))
                fail_msg("%s: %u refused, %s: %s \"%s\"", text, w.refused, w.last_refused, err_kind_name(w.why.kind),
                    w.why.text);
        assert_int_equal(w.members, 1); /* the other */
}

static void every_form_is_read(void **state)
{
        (void)state;
        for (unsigned form = 0; form < 8; form++) {
                struct testing_zip z CLEANUP(testing_zip_done) = {.zip64 = form & 1,
                    .descriptor = form & 2,
                    .comment = form & 4 ? SPAN_LIT("made PK\5\6 in a test") : (struct span){0}};
                struct testing_walk w CLEANUP(testing_walk_done) = {0};
                testing_zip_make(&z, two, 2);
                if (!testing_walk_all(zip_walk, buf_span(&z.b), &w))
                        fail_msg("form %u: %s", form, w.e.text);
                assert_int_equal(w.members, 2);
                assert_int_equal(w.refused, 0);
                assert_string_equal(w.names, "A-1.json|npm/B-1.json|");
                assert_true(span_equal(buf_span(&w.content), two[1].content));
        }
}

static void other_members_are_skipped(void **state)
{
        static const struct testing_member files[] = {
            {"folder/", {0}, true},
            {"README.md", {(const uint8_t *)"text", 4}, true},
            {"__MACOSX/._A-1.json", {(const uint8_t *)"\0\5\26\7", 4}, true},
            {".git/x.json", {(const uint8_t *)"{}", 2}, true},
            {"./kept.json", {(const uint8_t *)"{}", 2}, true},
            {"lines.jsonl", {(const uint8_t *)"{}", 2}, true},
            {"folder.json/", {0}, true},
        };
        struct testing_zip z CLEANUP(testing_zip_done) = {0};
        struct testing_walk w CLEANUP(testing_walk_done) = {0};

        (void)state;
        testing_zip_make(&z, files, ARRAY_LEN(files));
        testing_patch(&z.b, z.central[1] + C_FLAGS, 1, 2); /* encrypted, and no record */
        assert_true(testing_walk_all(zip_walk, buf_span(&z.b), &w));
        assert_string_equal(w.names, "./kept.json|lines.jsonl|");
        assert_int_equal(w.refused, 0);
        testing_zip_make(&z, files, 4);
        expect_failure(buf_span(&z.b), ERR_NOT_FOUND, "no .json file", "nothing in it");
        testing_zip_make(&z, files, 0);
        assert_int_equal(z.b.len, 22);
        expect_failure(buf_span(&z.b), ERR_NOT_FOUND, "no .json file", "empty");
}

/* Many members, written in another order than the directory's, each taken once whatever the number of parts. */
static void parts_take_every_member_once(void **state)
{
        struct testing_zip z CLEANUP(testing_zip_done) = {0};
        struct testing_member files[TESTING_FILES_MAX];
        struct buf reversed CLEANUP(buf_done) = {0};
        struct buf text CLEANUP(buf_done) = {0};
        char names[TESTING_FILES_MAX][16];

        (void)state;
        buf_put_text(&text, "{\"id\":\"");
        for (size_t i = 0; i < TESTING_FILES_MAX; i++) {
                snprintf(names[i], sizeof(names[i]), "%02zu.json", i);
                files[i] = (struct testing_member){names[i], span_cut(two[1].content, 0, i * 3), i % 2};
        }
        testing_zip_make(&z, files, TESTING_FILES_MAX);
        buf_put(&reversed, span_cut(buf_span(&z.b), 0, z.directory));
        for (size_t i = TESTING_FILES_MAX; i-- > 0;) {
                size_t to = i + 1 < TESTING_FILES_MAX ? z.central[i + 1] : z.end;
                buf_put(&reversed, span_cut(buf_span(&z.b), z.central[i], to - z.central[i]));
        }
        buf_put(&reversed, span_from(buf_span(&z.b), z.end));
        for (uint32_t of = 1; of <= 40; of++) {
                struct testing_walk w CLEANUP(testing_walk_done) = {0};
                for (uint32_t at = 0; at < of; at++)
                        if (!testing_walk_part(zip_walk, buf_span(&reversed), (struct archive_part){at, of}, &w))
                                fail_msg("part %u of %u: %s", at, of, w.e.text);
                assert_int_equal(w.members, TESTING_FILES_MAX);
                for (size_t i = 0; i < TESTING_FILES_MAX; i++)
                        assert_non_null(strstr(w.names, names[i]));
        }
}

/* 65535 entries: the count stands as all ones in the end record and is right as it stands. */
static void all_ones_without_zip64_mean_themselves(void **state)
{
        struct testing_member *files CLEANUP(heap_freep) = heap_alloc(65535 * sizeof(*files));
        struct testing_zip z CLEANUP(testing_zip_done) = {0};
        struct testing_walk w CLEANUP(testing_walk_done) = {0};

        (void)state;
        for (size_t i = 0; i < 65535; i++)
                files[i] = (struct testing_member){"a.json", SPAN_LIT("{}"), true};
        testing_zip_make(&z, files, 65535);
        if (!testing_walk_all(zip_walk, buf_span(&z.b), &w))
                fail_msg("%s", w.e.text);
        assert_int_equal(w.members, 65535);
}

static void every_cut_is_refused(void **state)
{
        (void)state;
        for (unsigned form = 0; form < 4; form++) {
                struct testing_zip z CLEANUP(testing_zip_done) = {.zip64 = form & 1, .descriptor = form & 2};
                testing_zip_make(&z, two, 2);
                for (size_t len = 0; len < z.b.len; len++)
                        expect_failure(span_cut(buf_span(&z.b), 0, len), ERR_MALFORMED, "", "cut");
                buf_put_u8(&z.b, 0);
                expect_failure(buf_span(&z.b), ERR_MALFORMED, "no end record", "a byte behind it");
        }
}

static void lying_directories_fail(void **state)
{
        static const struct {
                const char *what;
                bool zip64;
                enum { IN_CENTRAL, IN_END, IN_END64, IN_LOCATOR, IN_EXTRA } in; /* of the second entry */
                size_t at, size;
                uint64_t value;
                enum err_kind kind;
                const char *text;
        } cases[] = {
            {"overlap", false, IN_CENTRAL, C_OFFSET, 4, 0, ERR_MALFORMED, "reaches into what follows it"},
            {"half overlap", false, IN_CENTRAL, C_OFFSET, 4, 1, ERR_MALFORMED, "reaches into what follows it"},
            {"data up to the directory", false, IN_CENTRAL, C_COMPRESSED, 4, 5000, ERR_MALFORMED,
                "npm/B-1.json reaches"},
            {"outside", false, IN_CENTRAL, C_OFFSET, 4, 0xfffffff0, ERR_MALFORMED, "reaches into"},
            {"long name", false, IN_CENTRAL, C_NAME_LEN, 2, 5000, ERR_MALFORMED,
                "entry 2 of the zip: the directory is damaged"},
            {"no name", false, IN_CENTRAL, C_NAME_LEN, 2, 0, ERR_MALFORMED, "it has no name"},
            {"extra past the end", false, IN_CENTRAL, C_EXTRA_LEN, 2, 9, ERR_MALFORMED, "damaged"},
            {"disk", false, IN_CENTRAL, C_DISK, 2, 1, ERR_UNSUPPORTED, "several disks"},
            {"entry signature", false, IN_CENTRAL, 0, 4, 0, ERR_MALFORMED, "damaged"},
            {"fewer entries", false, IN_END, 8, 4, 0x00010001, ERR_MALFORMED, "goes on after its last entry"},
            {"more entries", false, IN_END, 8, 4, 0x00030003, ERR_MALFORMED, "do not fit"},
            {"disk counts", false, IN_END, 8, 4, 0x00020001, ERR_UNSUPPORTED, "several disks"},
            {"this disk", false, IN_END, 4, 2, 1, ERR_UNSUPPORTED, "several disks"},
            {"directory size", false, IN_END, 12, 4, 7, ERR_MALFORMED, "does not end where"},
            {"directory offset", false, IN_END, 16, 4, 7, ERR_MALFORMED, "does not end where"},
            {"comment length", false, IN_END, 20, 2, 1, ERR_MALFORMED, "no end record"},
            {"zip64: many entries", true, IN_END64, 24, 16, 0, ERR_MALFORMED, ""}, /* see below: both counts */
            {"zip64: contradiction", true, IN_END, 12, 4, 7, ERR_MALFORMED, "contradict each other"},
            {"zip64: size", true, IN_END64, 40, 8, UINT64_MAX, ERR_MALFORMED, "does not end where"},
            {"zip64: offset", true, IN_END64, 48, 8, UINT64_MAX - 5, ERR_MALFORMED, "does not end where"},
            {"zip64: record size", true, IN_END64, 4, 8, 45, ERR_MALFORMED, "does not reach to its locator"},
            {"zip64: signature", true, IN_END64, 0, 4, 7, ERR_MALFORMED, "no zip64 end record where"},
            {"zip64: disk", true, IN_END64, 16, 4, 1, ERR_UNSUPPORTED, "several disks"},
            {"zip64: locator outside", true, IN_LOCATOR, 8, 8, UINT64_MAX, ERR_MALFORMED, "outside of its place"},
            {"zip64: locator on itself", true, IN_LOCATOR, 8, 8, 100000, ERR_MALFORMED, "outside of its place"},
            {"zip64: disks", true, IN_LOCATOR, 16, 4, 2, ERR_UNSUPPORTED, "several disks"},
            {"zip64: no locator", true, IN_LOCATOR, 0, 4, 0, ERR_MALFORMED, "does not end where"},
            {"zip64: field cut", true, IN_EXTRA, 2, 2, 8, ERR_MALFORMED, "extra fields are damaged"},
            {"zip64: field too long", true, IN_EXTRA, 2, 2, 25, ERR_MALFORMED, "extra fields are damaged"},
            {"zip64: field missing", true, IN_EXTRA, 0, 2, 2, ERR_MALFORMED, "reaches into"},
            {"zip64: compressed", true, IN_EXTRA, 12, 8, UINT64_MAX, ERR_MALFORMED, "reaches into"},
            {"zip64: local offset", true, IN_EXTRA, 20, 8, UINT64_MAX - 10, ERR_MALFORMED, "reaches into"},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
                struct testing_zip z CLEANUP(testing_zip_done) = {.zip64 = cases[i].zip64};
                testing_zip_make(&z, two, 2);
                size_t places[] = {
                    z.central[1], z.end, z.end64, z.locator, z.central[1] + C_NAME + strlen(two[1].name)};
                if (cases[i].size == 16) {
                        testing_patch(&z.b, z.end64 + 24, UINT64_MAX / 46 + 3, 8);
                        testing_patch(&z.b, z.end64 + 32, UINT64_MAX / 46 + 3, 8);
                        expect_failure(buf_span(&z.b), ERR_LIMIT, "at most 2000000", cases[i].what);
                        continue;
                }
                testing_patch(&z.b, places[cases[i].in] + cases[i].at, cases[i].value, cases[i].size);
                expect_failure(buf_span(&z.b), cases[i].kind, cases[i].text, cases[i].what);
        }
}

/* A comment with an end record of its own that ends where the file ends: which of the two is meant? */
static void two_end_records_are_refused(void **state)
{
        struct testing_zip inner CLEANUP(testing_zip_done) = {0};
        struct testing_zip z CLEANUP(testing_zip_done) = {0};

        (void)state;
        testing_zip_make(&inner, two, 1);
        z.comment = buf_span(&inner.b);
        testing_zip_make(&z, two, 2);
        expect_failure(buf_span(&z.b), ERR_MALFORMED, "two end records", "zip in the comment");
        z.comment = span_from(buf_span(&inner.b), inner.end);
        testing_zip_make(&z, two, 2);
        expect_failure(buf_span(&z.b), ERR_MALFORMED, "two end records", "end record in the comment");
        /* One that claims a comment of its own, longer than what is left, deceives nobody. */
        testing_patch(&inner.b, inner.end + 20, 7, 2);
        testing_zip_make(&z, two, 2);
        struct testing_walk w CLEANUP(testing_walk_done) = {0};
        assert_true(testing_walk_all(zip_walk, buf_span(&z.b), &w));
        assert_int_equal(w.members, 2);
}

static void bad_members_are_refused_alone(void **state)
{
        static const struct {
                size_t local, central, size; /* where in the headers of the second; 0: not there */
                uint64_t value;
                enum err_kind kind;
                const char *text;
        } cases[] = {
            {L_CRC, C_CRC, 4, 0x12345678, ERR_MALFORMED, "CRC-32 is not 12345678"},
            {L_CRC, 0, 4, 1, ERR_MALFORMED, "local header has other sizes or another CRC"},
            {0, C_CRC, 4, 1, ERR_MALFORMED, "local header has other sizes or another CRC"},
            {L_PLAIN, C_PLAIN, 4, 55, ERR_MALFORMED, "inflates to more than the 55 bytes"},
            {L_PLAIN, C_PLAIN, 4, 56, ERR_MALFORMED, "inflates to 57 bytes and claims 56"},
            {L_PLAIN, C_PLAIN, 4, 58, ERR_MALFORMED, "inflates to 57 bytes and claims 58"},
            {L_PLAIN, C_PLAIN, 4, 0, ERR_MALFORMED, "inflates to more than the 0 bytes"},
            {L_PLAIN, C_PLAIN, 4, 1u << 20, ERR_LIMIT, "more than 200 for one"},
            {L_PLAIN, C_PLAIN, 4, FEED_MEMBER_MAX + 1, ERR_LIMIT, "a member has at most"},
            {0, C_PLAIN, 4, 58, ERR_MALFORMED, "local header has other sizes"},
            {L_PLAIN, 0, 4, 58, ERR_MALFORMED, "local header has other sizes"},
            {L_COMPRESSED, 0, 4, 1, ERR_MALFORMED, "local header has other sizes"},
            {L_COMPRESSED, C_COMPRESSED, 4, 10, ERR_MALFORMED, "deflate stream is damaged"},
            {L_METHOD, C_METHOD, 2, 12, ERR_UNSUPPORTED, "compression method 12"},
            {L_METHOD, C_METHOD, 2, 0, ERR_MALFORMED, "is stored in"},
            {L_METHOD, 0, 2, 0, ERR_MALFORMED, "another method"},
            {L_FLAGS, C_FLAGS, 2, 1, ERR_UNSUPPORTED, "encrypted"},
            {L_FLAGS, C_FLAGS, 2, 0x2041, ERR_UNSUPPORTED, "encrypted"},
            {L_FLAGS, 0, 2, 1, ERR_MALFORMED, "other flags"},
            {L_FLAGS, 0, 2, 8, ERR_MALFORMED, "other flags"},
            {L_FLAGS, C_FLAGS, 2, 0x20, ERR_UNSUPPORTED, "patch"},
            {1, 0, 1, 0, ERR_MALFORMED, "no local header"},
            {L_NAME, 0, 1, 'N', ERR_MALFORMED, "another name"},
            {L_NAME_LEN, 0, 2, 11, ERR_MALFORMED, "another name"},
            {L_EXTRA_LEN, 0, 2, 20, ERR_MALFORMED, "other sizes"},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
                struct testing_zip z CLEANUP(testing_zip_done) = {0};
                testing_zip_make(&z, two, 2);
                if (cases[i].local)
                        testing_patch(&z.b, z.local[1] + cases[i].local, cases[i].value, cases[i].size);
                if (cases[i].central)
                        testing_patch(&z.b, z.central[1] + cases[i].central, cases[i].value, cases[i].size);
                expect_refusal(buf_span(&z.b), two[1].name, cases[i].kind, cases[i].text);
        }
}

/* With a data descriptor the local sizes say nothing, but an extra field there can still push the data away. */
static void local_extra_fields_stay_in_their_place(void **state)
{
        struct testing_zip z CLEANUP(testing_zip_done) = {.descriptor = true};

        (void)state;
        testing_zip_make(&z, two, 2);
        testing_patch(&z.b, z.local[1] + L_EXTRA_LEN, 60, 2);
        expect_refusal(buf_span(&z.b), two[1].name, ERR_MALFORMED, "reaches into what follows");
        testing_patch(&z.b, z.local[1] + L_EXTRA_LEN, 65535, 2);
        expect_refusal(buf_span(&z.b), two[1].name, ERR_MALFORMED, "the file ends early");
        testing_patch(&z.b, z.local[1] + L_EXTRA_LEN, 4, 2);
        expect_refusal(buf_span(&z.b), two[1].name, ERR_MALFORMED, "deflate stream is damaged");
}

static void bombs_are_not_inflated(void **state)
{
        struct buf blanks CLEANUP(buf_done) = {0};
        struct testing_zip z CLEANUP(testing_zip_done) = {0};
        struct testing_member files[] = {two[0], {"bomb.json", {0}, false}};

        (void)state;
        memset(buf_reserve(&blanks, FEED_MEMBER_MAX), ' ', FEED_MEMBER_MAX);
        blanks.len = FEED_MEMBER_MAX;
        files[1].content = buf_span(&blanks); /* about 1,000:1 */
        testing_zip_make(&z, files, 2);
        assert_true(z.b.len < FEED_MEMBER_MAX / 900);
        expect_refusal(buf_span(&z.b), "bomb.json", ERR_LIMIT, "more than 200 for one");
        testing_patch(&z.b, z.local[1] + L_PLAIN, 60000, 4); /* claims to be small: stops at what it claims */
        testing_patch(&z.b, z.central[1] + C_PLAIN, 60000, 4);
        expect_refusal(buf_span(&z.b), "bomb.json", ERR_MALFORMED, "more than the 60000 bytes");
        /* The same bytes stored are no bomb. */
        struct testing_walk w CLEANUP(testing_walk_done) = {0};
        files[1].stored = true;
        testing_zip_make(&z, files, 2);
        assert_true(testing_walk_all(zip_walk, buf_span(&z.b), &w));
        assert_int_equal(w.members, 2);
        assert_int_equal(w.content.len, FEED_MEMBER_MAX);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(every_form_is_read),
            cmocka_unit_test(other_members_are_skipped),
            cmocka_unit_test(parts_take_every_member_once),
            cmocka_unit_test(all_ones_without_zip64_mean_themselves),
            cmocka_unit_test(every_cut_is_refused),
            cmocka_unit_test(lying_directories_fail),
            cmocka_unit_test(two_end_records_are_refused),
            cmocka_unit_test(bad_members_are_refused_alone),
            cmocka_unit_test(local_extra_fields_stay_in_their_place),
            cmocka_unit_test(bombs_are_not_inflated),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
