/* Digests, secrets, randomness and signatures, against the standards' own vectors. */
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/base.h"

#define SHA256_ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" /* FIPS 180-4 examples */
#define SHA512_ABC                                                         \
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a" \
        "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
#define SHA256_EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static void digest_known_answers(void **state)
{
        char out[DIGEST_TEXT_MAX];
        struct digest d;

        (void)state;
        digest_of(DIGEST_SHA256, SPAN_LIT("abc"), &d);
        assert_string_equal(digest_format(&d, out), "sha256:" SHA256_ABC);
        assert_string_equal(digest_hex(&d, out), SHA256_ABC);
        digest_of(DIGEST_SHA512, SPAN_LIT("abc"), &d);
        assert_string_equal(digest_format(&d, out), "sha512:" SHA512_ABC);
        digest_of(DIGEST_SHA256, (struct span){0}, &d);
        assert_string_equal(digest_hex(&d, out), SHA256_EMPTY);
        d = (struct digest){0};
        assert_string_equal(digest_format(&d, out), "none");
        assert_string_equal(digest_hex(&d, out), "none");
}

static void digest_text_has_one_form(void **state)
{
        static const struct {
                const char *text;
                enum err_kind kind;
        } bad[] = {
            {"", ERR_MALFORMED},
            {"sha256", ERR_MALFORMED},
            {":" SHA256_ABC, ERR_MALFORMED},
            {SHA256_ABC, ERR_MALFORMED},
            {"sha256:", ERR_MALFORMED},
            {"sha256:" SHA256_ABC "0", ERR_MALFORMED},
            {"sha256:" SHA256_ABC "\n", ERR_MALFORMED},
            {"sha256:BA7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", ERR_MALFORMED},
            {"sha256:ga7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", ERR_MALFORMED},
            {"sha256:../../../../../../../../../../../../../../../../../../../etc/pwd", ERR_MALFORMED},
            {"sha512:" SHA256_ABC, ERR_MALFORMED},
            {"SHA256:" SHA256_ABC, ERR_UNSUPPORTED},
            {"md5:d41d8cd98f00b204e9800998ecf8427e", ERR_UNSUPPORTED},
            {"sha384:00", ERR_UNSUPPORTED},
        };
        struct digest d, other = {.alg = DIGEST_SHA512}, before;
        char out[DIGEST_TEXT_MAX];
        struct err e;

        (void)state;
        assert_true(digest_parse(SPAN_LIT("sha256:" SHA256_ABC), &d, &e));
        assert_string_equal(digest_format(&d, out), "sha256:" SHA256_ABC);
        assert_true(digest_parse(SPAN_LIT("sha512:" SHA512_ABC), &other, &e));
        assert_string_equal(digest_format(&other, out), "sha512:" SHA512_ABC);
        before = d;
        for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
                assert_false(digest_parse(span_of(bad[i].text), &d, &e));
                assert_int_equal(e.kind, bad[i].kind);
                assert_memory_equal(&d, &before, sizeof(d));
        }
}

static void digest_none_equals_nothing(void **state)
{
        struct digest a = {0}, b = {0}, c, longer;

        (void)state;
        assert_false(digest_equal(&a, &b));
        digest_of(DIGEST_SHA256, SPAN_LIT("x"), &c);
        assert_true(digest_equal(&c, &c));
        assert_false(digest_equal(&a, &c) || digest_equal(&c, &a));
        longer = c;
        longer.alg = DIGEST_SHA512;
        assert_false(digest_equal(&c, &longer));
        longer = c;
        longer.bytes[31] ^= 1;
        assert_false(digest_equal(&c, &longer));
        a.alg = b.alg = (enum digest_alg)7; /* outside the enum */
        assert_false(digest_equal(&a, &b));
}

static void digest_crosses_a_process_boundary(void **state)
{
        struct buf b CLEANUP(buf_done) = {0};
        struct digest small, large, none = {0}, back;
        struct cursor c;

        (void)state;
        digest_of(DIGEST_SHA256, SPAN_LIT("x"), &small);
        digest_of(DIGEST_SHA512, SPAN_LIT("x"), &large);
        buf_put_digest(&b, &small);
        buf_put_digest(&b, &large);
        buf_put_digest(&b, &none);
        assert_int_equal(b.len, 33 + 65 + 1);
        c = (struct cursor){.rest = buf_span(&b)};
        back = cursor_digest(&c);
        assert_memory_equal(&back, &small, sizeof(back));
        back = cursor_digest(&c);
        assert_memory_equal(&back, &large, sizeof(back));
        back = cursor_digest(&c);
        assert_int_equal(back.alg, DIGEST_NONE);
        assert_true(cursor_at_end(&c));
        c = (struct cursor){.rest = span_cut(buf_span(&b), 0, 32)}; /* cut short */
        assert_int_equal(cursor_digest(&c).alg, DIGEST_NONE);
        assert_true(c.failed);
        c = (struct cursor){.rest = SPAN_LIT("\x03"
                                             "12345678901234567890123456789012")};
        assert_int_equal(cursor_digest(&c).alg, DIGEST_NONE);
        assert_true(c.failed);
}

/* RFC 4231, test cases 1, 2 and 6. */
static void hmac_known_answers(void **state)
{
        uint8_t key[131];
        char out[DIGEST_TEXT_MAX];
        struct digest d;

        (void)state;
        memset(key, 0x0b, 20);
        hmac_of(span_bytes(key, 20), SPAN_LIT("Hi There"), &d);
        assert_string_equal(digest_hex(&d, out), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
        hmac_of(SPAN_LIT("Jefe"), SPAN_LIT("what do ya want for nothing?"), &d);
        assert_string_equal(digest_hex(&d, out), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        memset(key, 0xaa, sizeof(key));
        hmac_of(span_bytes(key, sizeof(key)), SPAN_LIT("Test Using Larger Than Block-Size Key - Hash Key First"), &d);
        assert_string_equal(digest_hex(&d, out), "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

static void hasher_streams_and_starts_anew(void **state)
{
        struct hasher *h CLEANUP(hasher_freep) = hasher_new(DIGEST_SHA256);
        struct digest whole, parts;
        static uint8_t million[1000000];
        char out[DIGEST_TEXT_MAX];

        (void)state;
        memset(million, 'a', sizeof(million));
        for (int round = 0; round < 2; round++) {
                for (size_t at = 0, step = 1; at < sizeof(million); at += step, step = step * 3 % 4099 + 1)
                        hasher_update(h, span_cut(span_bytes(million, sizeof(million)), at, step));
                hasher_final(h, &parts);
                assert_string_equal(digest_hex(&parts, out),
                    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"); /* FIPS 180-2, B.3 */
        }
        digest_of(DIGEST_SHA256, span_bytes(million, sizeof(million)), &whole);
        assert_true(digest_equal(&whole, &parts));
        hasher_final(h, &parts);
        assert_string_equal(digest_hex(&parts, out), SHA256_EMPTY);
        hasher_free(NULL);
}

static void *digest_many(void *wrong)
{
        struct digest d;
        char out[DIGEST_TEXT_MAX];

        for (int i = 0; i < 2000; i++) {
                digest_of(DIGEST_SHA256, SPAN_LIT("abc"), &d);
                if (strcmp(digest_hex(&d, out), SHA256_ABC) != 0)
                        ++*(int *)wrong;
                digest_of(DIGEST_SHA512, SPAN_LIT("abc"), &d);
                if (strcmp(digest_hex(&d, out), SHA512_ABC) != 0)
                        ++*(int *)wrong;
        }
        return NULL;
}

static void digests_of_threads_do_not_mix(void **state)
{
        pthread_t threads[4];
        int wrong[4] = {0};

        (void)state;
        for (size_t i = 0; i < 4; i++)
                assert_int_equal(pthread_create(&threads[i], NULL, digest_many, &wrong[i]), 0);
        for (size_t i = 0; i < 4; i++) {
                assert_int_equal(pthread_join(threads[i], NULL), 0);
                assert_int_equal(wrong[i], 0);
        }
}

static void secret_is_zeroed_bounded_and_compared(void **state)
{
        struct secret *s CLEANUP(secret_freep) = NULL;
        struct secret *refused = NULL;
        uint8_t same[40];
        struct err e;

        (void)state;
        assert_true(secret_new(40, &s, &e));
        assert_int_equal(secret_len(s), 40);
        for (size_t i = 0; i < 40; i++)
                assert_int_equal(secret_bytes(s)[i], 0);
        random_bytes(secret_bytes(s), 40);
        memcpy(same, secret_bytes(s), 40);
        assert_true(secret_equal(s, span_bytes(same, 40)));
        assert_false(secret_equal(s, span_bytes(same, 39)));
        assert_false(secret_equal(s, (struct span){0}));
        same[39] ^= 0x80;
        assert_false(secret_equal(s, span_bytes(same, 40)));
        assert_false(secret_new(0, &refused, &e));
        assert_int_equal(e.kind, ERR_LIMIT);
        assert_false(secret_new((64u << 10) + 1, &refused, &e));
        assert_int_equal(e.kind, ERR_LIMIT);
        assert_null(refused);
        wipe(same, sizeof(same));
        for (size_t i = 0; i < 40; i++)
                assert_int_equal(same[i], 0);
        secret_free(NULL);
}

/* Runs `check` in a child; its exit status, or 128 and the signal. */
static int in_child(int (*check)(struct secret *), struct secret *s)
{
        pid_t pid = fork();
        int status;

        assert_true(pid >= 0);
        if (pid == 0)
                _exit(check(s));
        assert_int_equal(waitpid(pid, &status, 0), pid);
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int child_sees_zeros(struct secret *s)
{
        for (size_t i = 0; i < secret_len(s); i++)
                if (secret_bytes(s)[i] != 0)
                        return 1;
        secret_free(s);
        return 0;
}

static int child_reads_past_the_page(struct secret *s)
{
        struct rlimit none = {0};
        volatile uint8_t *at = secret_bytes(s);

        setrlimit(RLIMIT_CORE, &none);
        signal(SIGSEGV, SIG_DFL);
        return at[sysconf(_SC_PAGESIZE)] == 0 ? 2 : 3;
}

static int child_without_locked_memory(struct secret *unused)
{
        struct rlimit none = {0};
        struct secret *s = NULL;
        struct err e;

        (void)unused;
        if (setrlimit(RLIMIT_MEMLOCK, &none) != 0)
                return 1;
        if (geteuid() == 0 && setuid(65534) != 0) /* root may lock without limit */
                return 2;
        if (secret_new(32, &s, &e) || s)
                return 3;
        return e.kind == ERR_SYSTEM && e.os_errno != 0 && strstr(e.text, "ulimit -l") ? 0 : 4;
}

static void secret_stays_out_of_children(void **state)
{
        struct secret *s CLEANUP(secret_freep) = NULL;
        struct err e;

        (void)state;
        assert_true(secret_new(32, &s, &e));
        memset(secret_bytes(s), 0x5a, 32);
        assert_int_equal(in_child(child_sees_zeros, s), 0);
        assert_int_equal(secret_bytes(s)[0], 0x5a);
        assert_int_equal(in_child(child_reads_past_the_page, s), 128 + SIGSEGV);
}

/* The sanitizers answer mlock themselves and lock nothing: what depends on it can't be seen there. */
static bool mlock_is_faked(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
        return true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
        return true;
#endif
#endif
        return false;
}

static void secret_without_lock_is_no_secret(void **state)
{
        (void)state;
        if (mlock_is_faked()) {
                print_message("skipped: a sanitizer turns mlock into nothing\n");
                skip();
                return;
        }
        assert_int_equal(in_child(child_without_locked_memory, NULL), 0);
}

/* The kernel's own word: the secret's mapping has the flags lo (locked), dd (no dump), wf (wiped on fork). */
static void secret_has_the_kernels_flags(void **state)
{
        struct secret *s CLEANUP(secret_freep) = NULL;
        char line[512];
        bool inside = false, seen = false;
        FILE *maps;
        struct err e;

        (void)state;
        if (mlock_is_faked()) {
                print_message("skipped: a sanitizer turns mlock into nothing\n");
                skip();
                return;
        }
        assert_true(secret_new(32, &s, &e));
        maps = fopen("/proc/self/smaps", "re");
        if (!maps) {
                print_message("skipped: no /proc/self/smaps here\n");
                skip();
                return;
        }
        while (fgets(line, sizeof(line), maps)) {
                unsigned long from, to;

                if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
                        inside = from <= (uintptr_t)secret_bytes(s) && (uintptr_t)secret_bytes(s) < to;
                if (inside && strncmp(line, "VmFlags:", 8) == 0)
                        seen = strstr(line, " lo") && strstr(line, " dd") && strstr(line, " wf");
        }
        fclose(maps);
        assert_true(seen);
}

static void random_bytes_differ(void **state)
{
        uint8_t a[64] = {0}, b[64] = {0}, zero[64] = {0};

        (void)state;
        random_bytes(a, sizeof(a));
        random_bytes(b, sizeof(b));
        assert_memory_not_equal(a, b, sizeof(a));
        assert_memory_not_equal(a, zero, sizeof(a));
        random_bytes(a, 0);
}

static void unhex(const char *text, uint8_t *out)
{
        for (size_t i = 0; text[2 * i]; i++) {
                unsigned v;

                assert_int_equal(sscanf(text + 2 * i, "%2x", &v), 1);
                out[i] = (uint8_t)v;
        }
}

/* RFC 8032, 7.1, TEST 1 to 3 */
static void signatures_known_answers(void **state)
{
        static const struct {
                const char *seed, *public_key, *message, *signature;
        } vectors[] = {
            {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
                "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
                "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
            {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
                "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
            {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
                "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
                "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
                "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
                struct secret *seed CLEANUP(secret_freep) = NULL;
                uint8_t public_key[SIGN_PUBLIC_LEN], expected[SIGN_LEN], made[SIGN_LEN], message[8];
                struct span m = {message, strlen(vectors[i].message) / 2};
                struct err e;

                assert_true(secret_new(SIGN_SEED_LEN, &seed, &e));
                unhex(vectors[i].seed, secret_bytes(seed));
                unhex(vectors[i].message, message);
                unhex(vectors[i].public_key, expected);
                assert_true(sign_key_public(seed, public_key, &e));
                assert_memory_equal(public_key, expected, SIGN_PUBLIC_LEN);
                unhex(vectors[i].signature, expected);
                assert_true(sign_make(seed, m, made, &e));
                assert_memory_equal(made, expected, SIGN_LEN);
                assert_true(sign_check(public_key, m, span_bytes(made, SIGN_LEN), &e));
        }
}

static void signatures_refuse_everything_else(void **state)
{
        struct secret *seed CLEANUP(secret_freep) = NULL, *other CLEANUP(secret_freep) = NULL;
        struct secret *short_seed CLEANUP(secret_freep) = NULL;
        uint8_t key[SIGN_PUBLIC_LEN], other_key[SIGN_PUBLIC_LEN], s[SIGN_LEN + 1];
        struct err e;

        (void)state;
        assert_true(sign_key_generate(&seed, &e) && sign_key_generate(&other, &e));
        assert_true(sign_key_public(seed, key, &e) && sign_key_public(other, other_key, &e));
        assert_memory_not_equal(key, other_key, sizeof(key));
        assert_true(sign_make(seed, SPAN_LIT("message"), s, &e));
        assert_true(sign_check(key, SPAN_LIT("message"), span_bytes(s, SIGN_LEN), &e));
        e.kind = ERR_NONE;
        assert_false(sign_check(other_key, SPAN_LIT("message"), span_bytes(s, SIGN_LEN), &e));
        assert_int_equal(e.kind, ERR_UNTRUSTED);
        assert_false(sign_check(key, SPAN_LIT("messagE"), span_bytes(s, SIGN_LEN), &e));
        assert_false(sign_check(key, (struct span){0}, span_bytes(s, SIGN_LEN), &e));
        for (size_t len = 0; len < SIGN_LEN; len++)
                assert_false(sign_check(key, SPAN_LIT("message"), span_bytes(s, len), &e));
        assert_false(sign_check(key, SPAN_LIT("message"), span_bytes(s, SIGN_LEN + 1), &e));
        for (size_t bit = 0; bit < 8 * SIGN_LEN; bit++) {
                s[bit / 8] ^= (uint8_t)(1u << bit % 8);
                assert_false(sign_check(key, SPAN_LIT("message"), span_bytes(s, SIGN_LEN), &e));
                assert_int_equal(e.kind, ERR_UNTRUSTED);
                s[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        assert_true(secret_new(31, &short_seed, &e));
        assert_false(sign_make(short_seed, SPAN_LIT("x"), s, &e));
        assert_int_equal(e.kind, ERR_BUG);
        assert_false(sign_key_public(short_seed, key, &e));
}

/* A key that others could have read or put there, or that is no key, is none. */
static void keys_of_others_are_not_read(void **state)
{
        static const mode_t wide[] = {0640, 0604, 0620, 0601};
        char name[] = "/tmp/coffer-key-test.XXXXXX";
        int fd CLEANUP(fd_close) = mkstemp(name), null CLEANUP(fd_close) = open("/dev/null", O_RDONLY | O_CLOEXEC);
        struct secret *seed CLEANUP(secret_freep) = NULL;
        uint8_t bytes[SIGN_SEED_LEN + 1];
        struct err e = {0};

        (void)state;
        assert_true(fd >= 0 && null >= 0 && unlink(name) == 0);
        memset(bytes, 7, sizeof(bytes));
        assert_true(fd_write_all(fd, span_bytes(bytes, SIGN_SEED_LEN - 1), &e) && lseek(fd, 0, SEEK_SET) == 0);
        assert_false(sign_key_read(fd, "k", &seed, &e));
        assert_true(e.kind == ERR_MALFORMED && strstr(e.text, "k is damaged, it has not 32 bytes"));
        assert_true(fd_write_all(fd, span_bytes(bytes, 1), &e) && lseek(fd, 0, SEEK_SET) == 0);
        for (size_t i = 0; i < ARRAY_LEN(wide); i++) {
                assert_int_equal(fchmod(fd, wide[i]), 0);
                assert_false(sign_key_read(fd, "k", &seed, &e));
                assert_true(e.kind == ERR_UNTRUSTED && strstr(e.text, "k can be read or replaced by others"));
        }
        assert_true(fchmod(fd, 0400) == 0 && lseek(fd, 0, SEEK_SET) == 0 && !seed);
        assert_true(sign_key_read(fd, "k", &seed, &e));
        assert_memory_equal(secret_bytes(seed), bytes, SIGN_SEED_LEN);
        secret_free(seed);
        seed = NULL;
        assert_true(fd_write_all(fd, span_bytes(bytes, 1), &e) && lseek(fd, 0, SEEK_SET) == 0);
        assert_false(sign_key_read(fd, "k", &seed, &e)); /* 33 bytes */
        assert_int_equal(e.kind, ERR_MALFORMED);
        assert_false(sign_key_read(null, "k", &seed, &e));
        assert_true(e.kind == ERR_MALFORMED && strstr(e.text, "not a regular file"));
        assert_null(seed);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(digest_known_answers),
            cmocka_unit_test(digest_text_has_one_form),
            cmocka_unit_test(digest_none_equals_nothing),
            cmocka_unit_test(digest_crosses_a_process_boundary),
            cmocka_unit_test(hmac_known_answers),
            cmocka_unit_test(hasher_streams_and_starts_anew),
            cmocka_unit_test(digests_of_threads_do_not_mix),
            cmocka_unit_test(secret_is_zeroed_bounded_and_compared),
            cmocka_unit_test(secret_stays_out_of_children),
            cmocka_unit_test(secret_without_lock_is_no_secret),
            cmocka_unit_test(secret_has_the_kernels_flags),
            cmocka_unit_test(random_bytes_differ),
            cmocka_unit_test(signatures_known_answers),
            cmocka_unit_test(signatures_refuse_everything_else),
            cmocka_unit_test(keys_of_others_are_not_read),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
