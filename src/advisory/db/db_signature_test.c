/* Signatures of databases: what they prove, and everything that is refused: other keys, other files, other bytes, other texts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>

#include <cmocka.h>

#include "advisory/db/db_read_priv.h"
#include "advisory/testing_priv.h"

#define LINE(id)                                                                                                       \
        "{\"id\":\"" id "\",\"modified\":\"2024-01-01T00:00:00Z\",\"affected\":[{\"package\":{"                        \
        "\"ecosystem\":\"npm\",\"name\":\"a\"},\"ranges\":[{\"type\":\"SEMVER\",\"events\":[{\"introduced\":\"0\"}]}]" \
        "}]}\n"

static struct {
        char path[40];
        int dir;
        struct testing_db one, two; /* also as files "one" and "two" */
        struct secret *seed, *other;
        struct advisory_signature s; /* of `one`, by `seed` */
        struct buf text;
} t;

static int setup(void **state)
{
        struct err e = {0};

        (void)state;
        snprintf(t.path, sizeof(t.path), "/tmp/coffer-signature.XXXXXX");
        if (!mkdtemp(t.path) || (t.dir = open(t.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0 ||
            !testing_db_make(&t.one, span_of(LINE("A-1")), &e) || !testing_db_make(&t.two, span_of(LINE("A-2")), &e) ||
            !file_replace(t.dir, "one", buf_span(&t.one.file), 0644, &e) ||
            !file_replace(t.dir, "two", buf_span(&t.two.file), 0644, &e) || !sign_key_generate(&t.seed, &e) ||
            !sign_key_generate(&t.other, &e) || !advisory_signature_make(t.one.db, 0, t.seed, &t.s, &e))
                return -1;
        advisory_signature_put(&t.s, &t.text);
        return 0;
}

static int teardown(void **state)
{
        (void)state;
        secret_free(t.seed);
        secret_free(t.other);
        buf_done(&t.text);
        testing_db_done(&t.one);
        testing_db_done(&t.two);
        close(t.dir);
        return tree_remove(AT_FDCWD, t.path, NULL) ? 0 : -1;
}

static void expect_open(const char *name, const struct advisory_signature *s, enum err_kind kind, const char *text)
{
        struct advisory_db *db CLEANUP(advisory_db_freep) = NULL;
        struct err e = {0};
        bool ok = advisory_db_open_signed(t.dir, name, s, &db, &e);

        if (ok != (kind == ERR_NONE) || e.kind != kind || !strstr(e.text, text))
                fail_msg("%s, kind %d, text \"%s\"; expected kind %d, \"%s\"", ok ? "opened" : "refused", e.kind,
                    e.text, kind, text);
}

static void what_was_signed_opens(void **state)
{
        struct advisory_signature again;
        uint8_t key[SIGN_PUBLIC_LEN];
        struct err e = {0};

        (void)state;
        assert_true(sign_key_public(t.seed, key, &e));
        assert_memory_equal(t.s.key, key, sizeof(key));
        assert_int_equal(t.s.sequence, 1700000000); /* when it was built */
        assert_int_equal(t.s.format, DB_FORMAT);
        assert_true(t.s.size == t.one.file.len && t.text.len <= ADVISORY_SIGNATURE_MAX);
        assert_true(advisory_signature_parse(buf_span(&t.text), &again, &e));
        expect_open("one", &again, ERR_NONE, "");
        assert_true(advisory_signature_make(t.one.db, 7, t.seed, &again, &e));
        assert_int_equal(again.sequence, 7);
        expect_open("one", &again, ERR_NONE, "");
        assert_false(advisory_signature_make(t.one.db, UINT64_MAX, t.seed, &again, &e));
        assert_int_equal(e.kind, ERR_LIMIT);
}

static void another_file_is_refused(void **state)
{
        struct buf copy CLEANUP(buf_done) = {0};

        (void)state;
        expect_open("two", &t.s, ERR_UNTRUSTED, "is not the file that was signed");
        expect_open("none", &t.s, ERR_NOT_FOUND, "");
        buf_put(&copy, buf_span(&t.one.file));
        buf_put_u8(&copy, 0);
        assert_true(file_replace(t.dir, "changed", buf_span(&copy), 0644, NULL));
        expect_open("changed", &t.s, ERR_UNTRUSTED, "is not the file that was signed");
        assert_true(file_replace(t.dir, "changed", span_cut(buf_span(&copy), 0, t.one.file.len - 1), 0644, NULL));
        expect_open("changed", &t.s, ERR_UNTRUSTED, "is not the file that was signed");
        assert_true(file_replace(t.dir, "changed", span_cut(buf_span(&copy), 0, 100), 0644, NULL));
        expect_open("changed", &t.s, ERR_MALFORMED, "it is cut");
        for (size_t at = 0; at < t.one.file.len; at += 7) { /* header, padding, rows, strings */
                int fd CLEANUP(fd_close) = openat(t.dir, "changed", O_WRONLY | O_TRUNC | O_CLOEXEC);

                copy.at[at] ^= 1;
                assert_true(fd_write_all(fd, span_cut(buf_span(&copy), 0, t.one.file.len), NULL));
                expect_open("changed", &t.s, ERR_UNTRUSTED, "is not the file that was signed");
                copy.at[at] ^= 1;
        }
        assert_true(file_replace(t.dir, "changed", span_cut(buf_span(&copy), 0, t.one.file.len), 0644, NULL));
        expect_open("changed", &t.s, ERR_NONE, "");
}

/* A signature is over every line of it, and over nothing else that the same key may sign. */
static void another_text_is_refused(void **state)
{
        struct advisory_signature s;

        (void)state;
#define CHANGED(change)                                                  \
        do {                                                             \
                s = t.s;                                                 \
                change;                                                  \
                expect_open("one", &s, ERR_UNTRUSTED, "not this key's"); \
        } while (0)
        CHANGED(s.format++);
        CHANGED(s.file.bytes[0] ^= 1);
        CHANGED(s.size++);
        CHANGED(s.built_s++);
        CHANGED(s.sequence++);
        CHANGED(s.signature[0] ^= 1);
        CHANGED(s.signature[63] ^= 0x20);
        CHANGED(assert_true(sign_key_public(t.other, s.key, NULL)));
        CHANGED(assert_true(sign_make(t.seed, span_of("coffer-ledger-head v1\n"), s.signature, NULL)));
#undef CHANGED
        for (size_t bit = 0; bit < 8 * t.text.len; bit++) { /* of the text: read as nothing, or as what nobody signed */
                struct err e = {0};

                t.text.at[bit / 8] ^= (uint8_t)(1u << bit % 8);
                if (advisory_signature_parse(buf_span(&t.text), &s, &e) && advisory_signature_check(&s, &e))
                        fail_msg("bit %zu may be flipped", bit);
                assert_int_not_equal(e.kind, ERR_NONE);
                t.text.at[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        assert_true(advisory_signature_parse(buf_span(&t.text), &s, NULL) && advisory_signature_check(&s, NULL));
}

/* A signer whose program says another time than the file: the age that people are told would not be the one that was signed. */
static void a_signature_that_contradicts_its_file_is_refused(void **state)
{
        struct advisory_db lying = *t.one.db;
        struct advisory_signature s;

        (void)state;
        lying.info.built_s += 1000;
        assert_true(advisory_signature_make(&lying, 0, t.seed, &s, NULL));
        expect_open("one", &s, ERR_UNTRUSTED, "says another format or time");
        lying = *t.one.db;
        lying.info.format++;
        assert_true(advisory_signature_make(&lying, 0, t.seed, &s, NULL));
        expect_open("one", &s, ERR_UNTRUSTED, "says another format or time");
}

static void what_is_damaged_is_not_signed(void **state)
{
        struct buf copy CLEANUP(buf_done) = {0};
        struct advisory_db *db CLEANUP(advisory_db_freep) = NULL;
        struct advisory_signature s = {.size = 77};
        struct err e = {0};

        (void)state;
        buf_put(&copy, buf_span(&t.one.file));
        copy.at[copy.len - 1] ^= 1;
        assert_true(advisory_db_over(buf_span(&copy), &db, &e));
        assert_false(advisory_signature_make(db, 0, t.seed, &s, &e));
        assert_true(e.kind == ERR_MALFORMED && s.size == 77);
        db->info.built_s = INT64_MAX;
        assert_false(advisory_signature_make(db, 1, t.seed, &s, &e));
        assert_true(e.kind == ERR_MALFORMED && strstr(e.text, "no time"));
}

static void expect_parse(struct span text, enum err_kind kind, const char *says)
{
        struct advisory_signature s = {.size = 77};
        struct err e = {0};

        if (advisory_signature_parse(text, &s, &e) || e.kind != kind || !strstr(e.text, says) || s.size != 77)
                fail_msg("%.*s: kind %d, \"%s\"", SPAN_FMT(text), e.kind, e.text);
}

/* The good text with its n-th line replaced. */
static void expect_line(unsigned n, const char *line, enum err_kind kind, const char *says)
{
        struct cursor c = {.rest = buf_span(&t.text)};
        struct buf b CLEANUP(buf_done) = {0};
        struct span old;

        for (unsigned i = 0; cursor_line(&c, &old); i++) {
                buf_put(&b, i == n ? span_of(line) : old);
                buf_put_text(&b, "\n");
        }
        expect_parse(buf_span(&b), kind, says);
}

static void a_signature_has_one_text(void **state)
{
        struct buf b CLEANUP(buf_done) = {0};
        static const uint8_t big[ADVISORY_SIGNATURE_MAX + 1];

        (void)state;
        for (size_t len = 0; len < t.text.len; len++)
                expect_parse(span_cut(buf_span(&t.text), 0, len), ERR_MALFORMED, "ignature");
        buf_put(&b, buf_span(&t.text));
        buf_put_text(&b, "\n");
        expect_parse(buf_span(&b), ERR_MALFORMED, "not the signature");
        expect_parse(span_bytes(big, sizeof(big)), ERR_LIMIT, "at most 1024 bytes");
        expect_line(0, "coffer-advisory-signature v2", ERR_UNSUPPORTED, "another form");
        expect_line(0, "coffer-advisory-signature v01", ERR_MALFORMED, "not the signature");
        expect_line(0, "coffer-ledger-head v1", ERR_MALFORMED, "not the signature");
        expect_line(1, "format 03", ERR_MALFORMED, "not as it was written");
        expect_line(1, "format 0", ERR_MALFORMED, "not the signature");
        expect_line(1, "format 4294967296", ERR_MALFORMED, "not the signature");
        expect_line(2, "file none", ERR_MALFORMED, "not the signature");
        expect_line(3, "size 99999999999", ERR_MALFORMED, "not the signature");
        expect_line(4, "built 2023-11-14T23:13:20+01:00", ERR_MALFORMED, "not as it was written");
        expect_line(4, "built 2023-11-14", ERR_MALFORMED, "not as it was written");
        expect_line(4, "built yesterday", ERR_MALFORMED, "not the signature");
        expect_line(5, "sequence 0", ERR_MALFORMED, "not the signature");
        expect_line(5, "sequence 9223372036854775808", ERR_MALFORMED, "not the signature");
        expect_line(5, "sequence 1700000000\r", ERR_MALFORMED, "not as it was written");
        expect_line(6, "key rsa:00", ERR_MALFORMED, "not the signature");
        expect_line(7, "signature 00", ERR_MALFORMED, "not the signature");
}

static void keys_have_one_text(void **state)
{
        static const char *const bad[] = {"", "ed25519:", "ed25519:00",
            "0000000000000000000000000000000000000000000000000000000000000000",
            "ED25519:0000000000000000000000000000000000000000000000000000000000000000",
            "ed25519:000000000000000000000000000000000000000000000000000000000000000A",
            "ed25519:00000000000000000000000000000000000000000000000000000000000000000",
            "ed25519: 000000000000000000000000000000000000000000000000000000000000000"};
        uint8_t key[SIGN_PUBLIC_LEN];
        struct buf b CLEANUP(buf_done) = {0};
        struct err e = {0};

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
                assert_false(advisory_key_parse(span_of(bad[i]), key, &e));
                assert_int_equal(e.kind, ERR_MALFORMED);
        }
        advisory_key_put(t.s.key, &b);
        assert_true(advisory_key_parse(buf_span(&b), key, &e));
        assert_memory_equal(key, t.s.key, sizeof(key));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(what_was_signed_opens),
            cmocka_unit_test(another_file_is_refused),
            cmocka_unit_test(another_text_is_refused),
            cmocka_unit_test(a_signature_that_contradicts_its_file_is_refused),
            cmocka_unit_test(what_is_damaged_is_not_signed),
            cmocka_unit_test(a_signature_has_one_text),
            cmocka_unit_test(keys_have_one_text),
        };

        return cmocka_run_group_tests(tests, setup, teardown);
}
