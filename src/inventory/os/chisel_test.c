#include "inventory/detect_test_priv.h"
#include "inventory/os/os_priv.h"

#include <zstd.h>

/* As chisel 1.2 writes it; checksums shortened. */
static const char wall[] =
    "{\"jsonwall\":\"1.0\",\"schema\":\"1.0\",\"count\":9}\n"
    "{\"kind\":\"content\",\"slice\":\"base-files_lib\",\"path\":\"/lib\"}\n"
    "{\"kind\":\"content\",\"slice\":\"base-files_lib\",\"path\":\"/usr/lib/\"}\n"
    "{\"kind\":\"content\",\"slice\":\"libc6_config\",\"path\":\"/etc/ld.so.conf.d/x86_64-linux-gnu.conf\"}\n"
    "{\"kind\":\"content\",\"slice\":\"libc6_libs\",\"path\":\"/usr/lib/x86_64-linux-gnu/libc.so.6\"}\n"
    "{\"kind\":\"package\",\"name\":\"base-files\",\"version\":\"13ubuntu10.2\",\"sha256\":\"61e2\",\"arch\":\"amd64\"}"
    "\n"
    "{\"kind\":\"package\",\"name\":\"libc6\",\"version\":\"2.39-0ubuntu8.4\",\"sha256\":\"b2e8\",\"arch\":\"amd64\"}\n"
    "{\"kind\":\"path\",\"path\":\"/lib\",\"mode\":\"0777\",\"slices\":[\"base-files_lib\"],\"link\":\"usr/lib\"}\n"
    "{\"kind\":\"slice\",\"name\":\"base-files_lib\"}\n";

static struct findings read_compressed(struct span plain, size_t cut, const char *tail)
{
        CLEANUP(buf_done) struct buf b = {0};
        size_t bound = ZSTD_compressBound(plain.len);
        uint8_t *at = buf_reserve(&b, bound);
        size_t n = ZSTD_compress(at, bound, plain.at, plain.len, 3);

        assert_false(ZSTD_isError(n));
        b.len = n - cut;
        buf_put_text(&b, tail);
        return detect_file(&detect_chisel, "var/lib/chisel/manifest.wall", buf_span(&b));
}

static void test_manifest(void **state)
{
        struct findings f = read_compressed(span_of(wall), 0, "");

        (void)state;
        assert_int_equal(f.packages.len, 2);
        assert_span(f.packages.at[0].name, "base-files");
        assert_span(f.packages.at[0].version, "13ubuntu10.2");
        assert_span(f.packages.at[1].name, "libc6");
        assert_span(f.packages.at[1].version, "2.39-0ubuntu8.4");
        assert_span(f.packages.at[1].arch, "amd64");
        assert_span(f.packages.at[1].source_name, "libc6");
        assert_int_equal(f.supplements.len, 2);
        assert_span(f.supplements.at[0].name, "base-files");
        assert_span(f.supplements.at[1].name, "libc6");
        assert_int_equal(f.owned.len, 3);
        assert_span(f.owned.at[0].path, "lib");
        assert_span(f.owned.at[1].path, "etc/ld.so.conf.d/x86_64-linux-gnu.conf");
        assert_int_equal(f.owned.at[1].package, 1);
        assert_span(f.owned.at[2].path, "usr/lib/x86_64-linux-gnu/libc.so.6");
        assert_int_equal(f.notes.len, 1);
        assert_noted(f.notes.at, f.notes.len, "source packages are not named");
        arena_free(f.arena);
}

static void test_broken_streams(void **state)
{
        CLEANUP(buf_done) struct buf bomb = {0};

        (void)state;
        struct findings f = read_compressed(span_of(wall), 5, "");
        assert_int_equal(f.packages.len, 0);
        assert_noted(f.notes.at, f.notes.len, "not read: zstd: ends early");
        arena_free(f.arena);
        f = read_compressed(span_of(wall), 0, "something else");
        assert_int_equal(f.packages.len, 0);
        assert_noted(f.notes.at, f.notes.len, "not read: zstd: ");
        arena_free(f.arena);
        f = detect_file(&detect_chisel, "var/lib/chisel/manifest.wall", SPAN_LIT("{\"kind\":\"package\"}"));
        assert_noted(f.notes.at, f.notes.len, "not read: zstd: ");
        arena_free(f.arena);
        f = detect_file(&detect_chisel, "var/lib/chisel/manifest.wall", (struct span){0});
        assert_int_equal(f.packages.len, 0);
        assert_noted(f.notes.at, f.notes.len, "not read: zstd: ends early");
        arena_free(f.arena);
        uint8_t *at = buf_reserve(&bomb, INVENTORY_DPKG_MAX + 1u);
        memset(at, '\n', INVENTORY_DPKG_MAX + 1u);
        bomb.len = INVENTORY_DPKG_MAX + 1u;
        f = read_compressed(buf_span(&bomb), 0, "");
        assert_int_equal(f.packages.len, 0);
        assert_noted(f.notes.at, f.notes.len, "not read: zstd: larger than 64 MiB");
        arena_free(f.arena);
}

static void test_broken_lines(void **state)
{
        static const struct {
                const char *text, *note;
        } rows[] = {
            {"{\"kind\":\"package\",\"name\":\"a/b\",\"version\":\"1\"}\n", "line 1: \"a/b\" is no package name"},
            {"{\"kind\":\"package\",\"version\":\"1\"}\n", "is no package name"},
            {"{\"kind\":\"package\",\"name\":\"sed\"}\n", "package sed has no valid version"},
            {"{\"kind\":\"package\",\"name\":\"sed\",\"version\":\"1 2\"}\n", "no valid version"},
            {"{\"kind\":\"package\",\"name\":\"sed\",\"version\":\"1\",\"arch\":\"a b\"}\n", "no valid architecture"},
            {"{\"kind\":\"package\",\"name\":\"sed\",\"name\":\"bash\",\"version\":\"1\"}\n", "line 1: "},
            {"\n[1]\n", "line 2: "},
            {"no json\n", "line 1: "},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct findings f = read_compressed(span_of(rows[i].text), 0, "");
                assert_int_equal(f.packages.len, 0);
                assert_int_equal(f.notes.len, 1);
                assert_noted(f.notes.at, f.notes.len, rows[i].note);
                arena_free(f.arena);
        }
}

static void test_paths(void **state)
{
        (void)state;
        assert_ptr_equal(detector_of_path(span_of("var/lib/chisel/manifest.wall")), &detect_chisel);
        assert_null(detector_of_path(span_of("var/lib/chisel/other.wall")));
        assert_ptr_equal(detector_of_link(span_of("var/lib/chisel")), &detect_chisel);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_manifest),
            cmocka_unit_test(test_broken_streams),
            cmocka_unit_test(test_broken_lines),
            cmocka_unit_test(test_paths),
        };

        return cmocka_run_group_tests_name("inventory chisel", tests, NULL, NULL);
}
