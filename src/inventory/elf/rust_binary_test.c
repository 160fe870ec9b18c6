#include "inventory/elf/elf_test_priv.h"

#include <libdeflate.h>

/* What cargo-auditable 0.7 wrote for a program with serde_json and a build script, shortened. */
static const char list[] =
    "{\"packages\":[{\"name\":\"cc\",\"version\":\"1.2.3\",\"source\":\"crates.io\",\"kind\":\"build\"},"
    "{\"name\":\"demo\",\"version\":\"0.1.0\",\"source\":\"local\",\"dependencies\":[0,2,3],\"root\":true},"
    "{\"name\":\"forked\",\"version\":\"0.2.0\",\"source\":\"git\"},"
    "{\"name\":\"serde_json\",\"version\":\"1.0.154\",\"source\":\"crates.io\",\"features\":[\"std\"]},"
    "{\"name\":\"secret\",\"version\":\"3.0.0\",\"source\":\"registry\"}],\"format\":3}";

static const char expected[] = "cargo cc 1.2.3 +\n"
                               "!cargo demo 0.1.0\n"
                               "!cargo forked 0.2.0\n"
                               "cargo serde_json 1.0.154\n"
                               "!cargo secret 3.0.0\n";

static const char path[] = "/root/.cargo/registry/src/index.crates.io-6f17d22bba15001f/serde_json-1.0.91/src/de.rs";

static struct span deflated(struct arena *a, struct span plain)
{
        struct libdeflate_compressor *c = libdeflate_alloc_compressor(6);
        size_t max = libdeflate_zlib_compress_bound(c, plain.len);
        uint8_t *to = arena_alloc(a, max);
        size_t n = libdeflate_zlib_compress(c, plain.at, plain.len, to, max);

        libdeflate_free_compressor(c);
        assert_true(n > 0);
        return (struct span){to, n};
}

/* A program with such a section, and a path that would otherwise be listed. */
static struct elf_file with_section(bool is_64, bool big, struct span content)
{
        struct elf_file f = elf_file_new(is_64, big);
        uint64_t at;

        elf_file_put(&f, span_of(path), 1);
        buf_put_text(&f.b, "rustc version 1.95.0 (59807616e 2026-04-14)");
        at = elf_file_put(&f, content, 1);
        elf_file_section(&f, ".comment", at, 0);
        elf_file_section(&f, ".dep-v0", at, content.len);
        return f;
}

static void test_section(void **state)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        char want[400];

        (void)state;
        snprintf(want, sizeof(want), "%s!generic rust 1.95.0\n", expected);
        for (unsigned i = 0; i < 4; i++) {
                struct elf_file f = with_section(i & 1, i & 2, deflated(a, span_of(list)));
                elf_file_expect(&f, want);
        }
}

static void test_section_refused(void **state)
{
        static const char fallback[] = "!generic rust 1.95.0\n~cargo serde_json 1.0.91\n";
        static const struct {
                const char *text, *note;
        } rows[] = {
            {"[]", "Rust dependency list (.dep-v0): "},
            {"{\"packages\":[{\"name\":\"a\",\"version\":\"1.0.0\"},{\"name\":\"b\"}]}",
                "a crate without name or version"},
            {"{\"packages\":[{\"name\":\"a\",\"version\":\"1.0\"}]}", "a crate without name or version"},
            {"{\"packages\":[{\"name\":\"a\",\"version\":\"1.0.0\"}", "not read"},
            {"", "not read"},
        };
        CLEANUP(arena_freep) struct arena *a = arena_new();

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct elf_file f = with_section(true, false, deflated(a, span_of(rows[i].text)));
                elf_file_expect_note(&f, fallback, rows[i].note);
        }
        struct elf_file f = with_section(true, false, span_of(list)); /* not compressed */
        elf_file_expect_note(&f, fallback, "no zlib stream of at most");
        uint8_t *bomb = arena_alloc(a, ELF_DEP_PLAIN_MAX + 1);
        f = with_section(true, false, deflated(a, (struct span){bomb, ELF_DEP_PLAIN_MAX + 1}));
        elf_file_expect_note(&f, fallback, "no zlib stream of at most");
        f = with_section(true, false, deflated(a, span_of(list)));
        f.sections[1].size = ELF_DEP_STORED_MAX + 1;
        elf_file_expect_note(&f, fallback, "at most 1048576: not read");
        f = with_section(true, false, deflated(a, span_of(list)));
        f.sections[1].at = UINT64_MAX - 4; /* behind the file's end: as if it were not there */
        elf_file_expect(&f, fallback);
        f = with_section(true, false, deflated(a, span_of(list)));
        f.sections[1].name = ".dep-v1";
        elf_file_expect(&f, fallback);
}

static void test_paths(void **state)
{
        static const struct {
                const char *text, *listed;
        } rows[] = {
            {path, "~cargo serde_json 1.0.91\n"},
            {"/usr/local/cargo/registry/src/github.com-1ecc6299db9ec823/proc-macro2-1.0.0-rc.1+b/src/lib.rs",
                "~cargo proc-macro2 1.0.0-rc.1+b\n"},
            {"/root/.cargo/registry/src/crates.example.com-6f17d22bba15001f/secret-2.0.0/src/lib.rs",
                "!~cargo secret 2.0.0\n"},
            {"/usr/share/cargo/registry/aho-corasick-0.7.19/src/classes.rs", "~cargo aho-corasick 0.7.19\n"},
            {"/usr/share/cargo/registry/aho-corasick-0.7.19/lib.rs", ""},
            {"/usr/share/cargo/registry/aho-corasick-0.7/src/lib.rs", ""},
            {"/registry/src/index.crates.io-6f17d22bba15001/serde-1.0.0/src/lib.rs", ""},
            {"/registry/src/-6f17d22bba15001f/serde-1.0.0/src/lib.rs", ""},
            {"/registry/src/index.crates.io-6f17d22bba15001f/-1.0.0/src/lib.rs", ""},
            {"/registry/src/index.crates.io-6f17d22bba15001f/ser de-1.0.0/src/lib.rs", ""},
            {"/registry/src/index.crates.io-6f17d22bba15001f/serde-1.0.0.1/src/lib.rs", ""},
            {"/registry/src/index.crates.io-6f17d22bba15001f/serde-1.0.0-/src/lib.rs", ""},
            {"/registry/src/index.crates.io-6f17d22bba15001f/serde-1.0.0", ""},
            {"/registry/pods/default-1.0.0/x", ""},
            {"/registry/", ""},
            {"rustc version 1.70.0 (90c541806 2023-05-31)", "!generic rust 1.70.0\n"},
            {"rustc version 1.70.0-nightly (90c541806 2023-05-31)", "!generic rust 1.70.0-nightly\n"},
            {"rustc version mismatch", ""},
            {"rustc version 1.70.0 or later", ""},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                for (size_t before = 0; before < 17; before += 4) {
                        struct elf_file f = elf_file_new(true, false);
                        for (size_t k = 0; k < before; k++)
                                buf_put_u8(&f.b, 'x');
                        buf_put_text(&f.b, rows[i].text);
                        buf_put_u8(&f.b, 0);
                        elf_file_expect(&f, rows[i].listed);
                }
}

/* Texts stand against each other, without an end between them; each crate is listed once, sorted. */
static void test_many_paths(void **state)
{
        struct elf_file f = elf_file_new(true, false);

        (void)state;
        for (size_t i = 0; i < 200; i++)
                buf_printf(&f.b, "panicked/usr/share/cargo/registry/crate-%zu-1.0.%zu/src/lib.rs", i % 3, i % 2);
        elf_file_expect(&f, "~cargo crate-0 1.0.0\n~cargo crate-0 1.0.1\n~cargo crate-1 1.0.0\n~cargo crate-1 1.0.1\n"
                            "~cargo crate-2 1.0.0\n~cargo crate-2 1.0.1\n");
        f = elf_file_new(true, false);
        for (size_t i = 0; i <= ELF_NAMES_MAX; i++)
                buf_printf(&f.b, "/registry/c%zu-1.0.0/src/", i);
        elf_file_finish(&f);
        struct findings found = detect_stream(&detect_elf, "", buf_span(&f.b), 65536);
        assert_int_equal(found.packages.len, ELF_NAMES_MAX);
        assert_noted(found.notes.at, found.notes.len, "more than 8192 Rust crates");
        arena_free(found.arena);
        buf_done(&f.b);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_section),
            cmocka_unit_test(test_section_refused),
            cmocka_unit_test(test_paths),
            cmocka_unit_test(test_many_paths),
        };

        return cmocka_run_group_tests_name("inventory rust_binary", tests, NULL, NULL);
}
