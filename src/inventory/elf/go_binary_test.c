#include "inventory/elf/go_test_priv.h"

/* As `go version -m` shows them, with the settings that matter: a real program's, shortened. */
static const char lines[] = "path\texample.org/tool/cmd/tool\n"
                            "mod\texample.org/tool\t(devel)\t\n"
                            "dep\texample.org/local\tv0.0.0\n"
                            "=>\t./local\t(devel)\t\n"
                            "dep\tgithub.com/BurntSushi/toml\tv1.2.0\th1:Rt8g24XnyGTyglgET/PRUNlrUeu9F5L+7FilkXfZgs0=\n"
                            "dep\tgithub.com/pkg/errors\tv0.9.0\n"
                            "=>\tgithub.com/me/errors\tv0.9.1\th1:FEBLx1zS214owpjy7qsBeixbURkuhQAwrK5UwLGTwt4=\n"
                            "dep\tgolang.org/x/text\tv0.3.7\th1:olpwvP2KacW1ZWvsR7uQhoyTYvKAupfQrRGBFM352Gk=\n"
                            "build\t-compiler=gc\n"
                            "build\t-ldflags=\"-s -w -X example.org/tool/x.GoVersion=9.9 -X 'main.version=1.2.3'\"\n"
                            "build\tvcs.revision=7ae6a2ffdd1a0011223344556677889900aabbcc\n"
                            "build\tvcs.time=2026-11-23T07:17:12Z\n"
                            "build\tvcs.modified=true\n";

static const char expected[] = "golang stdlib 1.26.8\n"
                               "golang example.org/local (devel)\n"
                               "golang github.com/BurntSushi/toml v1.2.0\n"
                               "golang github.com/me/errors v0.9.1\n"
                               "golang golang.org/x/text v0.3.7\n"
                               "golang example.org/tool 1.2.3\n";

static void test_inline(void **state)
{
        (void)state;
        for (unsigned i = 0; i < 4; i++) {
                struct elf_file f = elf_file_new(i & 1, i & 2);
                uint64_t at = go_put_inline(&f, "go1.26.8", lines);
                elf_file_segment(&f, 1, 6, at, f.b.len - at);
                elf_file_expect(&f, expected);
        }
}

static void test_pointers(void **state)
{
        static const char older[] = "golang stdlib 1.16.15\n"
                                    "golang golang.org/x/sys v0.1.0\n"
                                    "golang github.com/evanw/esbuild (devel)\n";

        (void)state;
        for (unsigned i = 0; i < 4; i++) {
                struct elf_file f = elf_file_new(i & 1, i & 2);
                go_put_pointers(&f, "go1.16.15",
                    "path\tgithub.com/evanw/esbuild/cmd/esbuild\nmod\tgithub.com/evanw/esbuild\t(devel)\t\n"
                    "dep\tgolang.org/x/sys\tv0.1.0\th1:x=\n");
                elf_file_expect(&f, older);
        }
}

/* Programs that read build information hold the mark in their text too. */
static void test_mark_elsewhere(void **state)
{
        struct elf_file f = elf_file_new(true, false);
        uint64_t text = go_put_inline(&f, "go1.2.3", "path\tx\nmod\texample.org/wrong\tv1.0.0\t\n"), at;

        (void)state;
        elf_file_segment(&f, 1, 4, text, f.b.len - text);
        elf_align(&f, 4096);
        at = go_put_inline(&f, "go1.26.8", "path\tx\nmod\texample.org/right\tv1.0.0\t\n");
        elf_file_segment(&f, 1, 6, at, f.b.len - at);
        elf_file_expect(&f, "golang stdlib 1.26.8\ngolang example.org/right v1.0.0\n");

        f = elf_file_new(true, false); /* not aligned */
        buf_put_u8(&f.b, 0);
        buf_put(&f.b, SPAN_LIT(GO_MARK "\x08\x02"));
        for (size_t i = 0; i < 16; i++)
                buf_put_u8(&f.b, 0);
        buf_put(&f.b, SPAN_LIT("\x08go1.26.8\0"));
        elf_file_segment(&f, 1, 6, ELF_FILE_HEADERS, f.b.len - ELF_FILE_HEADERS);
        elf_file_expect(&f, "");
}

static void test_versions(void **state)
{
        static const struct {
                const char *go, *stdlib; /* NULL: nothing is listed */
        } rows[] = {
            {"go1.22.3", "1.22.3"},
            {"go1.20", "1.20.0"},
            {"go1.22rc1", "1.22.0-rc.1"},
            {"go1.18beta2", "1.18.0-beta.2"},
            {"go1.25.0-rc1", "1.25.0"},
            {"go1.26.8 X:nocoverageredesign", "1.26.8"},
            {"go1.19.13+auto", "1.19.13"},
            {"devel go1.23-1a2b3c4 Mon", "devel go1.23-1a2b3c4 Mon"},
            {"go1.x", "go1.x"},
            {"go1.22.3foo", "go1.22.3foo"},
            {"rustc 1.70", NULL},
            {"go1.22.3\x01", NULL},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct elf_file f = elf_file_new(true, false);
                char text[100] = "";
                uint64_t at = go_put_inline(&f, rows[i].go, "");
                elf_file_segment(&f, 1, 6, at, f.b.len - at);
                if (rows[i].stdlib)
                        snprintf(text, sizeof(text), "golang stdlib %s\n", rows[i].stdlib);
                elf_file_expect(&f, text);
        }
}

static void test_main_versions(void **state)
{
        static const struct {
                const char *mod, *settings, *version;
        } rows[] = {
            {"v1.4.0", "build\t-ldflags=-X=main.version=9.9.9\n", "v1.4.0"},
            {"v0.0.0-20260101000000-7ae6a2ffdd1a", "", "v0.0.0-20260101000000-7ae6a2ffdd1a"},
            {"v0.0.0-20260101000000-7ae6a2ffdd1a", "build\t-ldflags=-X=main.version=9.9.9\n", "9.9.9"},
            {"(devel)", "build\t-ldflags=-X=main.version=v9.9.9-rc1\n", "v9.9.9-rc1"},
            {"(devel)", "build\t-ldflags=\"-X \\\"main.Version=1.1.1\\\" -w\"\n", "1.1.1"},
            {"(devel)", "build\t-ldflags=`-X main.Version=1.1.1`\n", "1.1.1"},
            {"(devel)", "build\t-ldflags=\"-X a.org/p/version.Version=2.51.0 -X a.org/p.GoVersion=1.26.1\"\n",
                "2.51.0"},
            {"(devel)", "build\t-ldflags=\"-X a.org/z.libVersion=3.0.0 -X example.org/tool/v.gitVersion=2.0.0\"\n",
                "2.0.0"},
            {"(devel)", "build\t-ldflags=\"-X main.version=\"\n", "(devel)"},
            {"(devel)", "build\t-ldflags=\"-X main.version=unknown -X 'main.version=1 2'\"\n", "(devel)"},
            {"(devel)", "build\t-ldflags=\"-X main.version\"\n", "(devel)"},
            {"(devel)", "build\t-ldflags=\"main.version=1.2.3\"\n", "(devel)"},
            {"(devel)", "build\tvcs.revision=7ae6a2ffdd1a00112233\nbuild\tvcs.time=2026-11-23T07:17:12Z\n",
                "v0.0.0-20261123071712-7ae6a2ffdd1a"},
            {"(devel)",
                "build\tvcs.revision=7ae6a2ffdd1a00112233\nbuild\tvcs.time=2026-11-23T07:17:12Z\nbuild\tvcs.modified="
                "true\n",
                "v0.0.0-20261123071712-7ae6a2ffdd1a+dirty"},
            {"(devel)", "build\tvcs.revision=7ae6a2ffdd1a00112233\nbuild\tvcs.modified=true\n", "(devel)"},
            {"(devel)", "build\tvcs.revision=7ae6a2ffdd1a00112233\nbuild\tvcs.time=2026-11-23\n", "(devel)"},
            {"(devel)", "build\tvcs.revision=7ae6a2ffdd1a00112233\nbuild\tvcs.time=2026-11-23T07:17:12+01:00\n",
                "(devel)"},
            {"(devel)", "build\tvcs.revision=7ae6a2ffddXY00112233\nbuild\tvcs.time=2026-11-23T07:17:12Z\n", "(devel)"},
            {"(devel)", "build\tvcs.revision=7ae6a2ff\nbuild\tvcs.time=2026-11-23T07:17:12Z\n", "(devel)"},
            {"(devel)", "build\tvcs.revision=1\n", "(devel)"},
            {"", "", "(devel)"},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct elf_file f = elf_file_new(true, false);
                char text[400], want[200];
                snprintf(text, sizeof(text), "path\texample.org/tool\nmod\texample.org/tool\t%s\t\n%s", rows[i].mod,
                    rows[i].settings);
                uint64_t at = go_put_inline(&f, "go1.26.8", text);
                elf_file_segment(&f, 1, 6, at, f.b.len - at);
                /* one that was not stamped is not certain */
                snprintf(want, sizeof(want), "golang stdlib 1.26.8\n%sgolang example.org/tool %s\n",
                    strstr(rows[i].version, "20261123071712") ? "~" : "", rows[i].version);
                elf_file_expect(&f, want);
        }
}

/* Debian's programs: no module lines, so the names of source files are what there is. */
static void test_file_table(void **state)
{
        static const char *const files[] = {"fmt/print.go", "vendor/golang.org/x/net/idna/idna.go",
            "github.com/containers/podman/cmd/podman/main.go", "github.com/blang/semver/v4/semver.go",
            "github.com/blang/semver/v4/range.go", "<autogenerated>", "",
            "/build/src/example.net/app/vendor/k8s.io/api/core/v1/types.go", "gopkg.in/yaml.v3@v3.0.1/yaml.go"};
        static const char modules[] = "~golang github.com/blang/semver/v4\n"
                                      "~golang github.com/containers/podman 4.3.1\n"
                                      "~golang gopkg.in/yaml.v3 v3.0.1\n"
                                      "~golang k8s.io/api\n";
        static const uint8_t versions[] = {0xfb, 0xfa, 0xf0, 0xf1};
        char want[400];

        (void)state;
        for (size_t v = 0; v < ARRAY_LEN(versions); v++)
                for (unsigned i = 0; i < 4; i++) {
                        struct elf_file f = elf_file_new(i & 1, i & 2);
                        go_put_table(&f, versions[v], files, ARRAY_LEN(files));
                        uint64_t at = go_put_inline(&f, "go1.19.8",
                            "path\tgithub.com/containers/podman/cmd/podman\n"
                            "build\t-ldflags=\"-X github.com/containers/podman/version.Version=4.3.1\"\n");
                        elf_file_segment(&f, 1, 6, at, f.b.len - at);
                        snprintf(want, sizeof(want), "golang stdlib 1.19.8\n%s", modules);
                        elf_file_expect(&f, want);
                }
        /* Modules are named: paths say nothing more. */
        struct elf_file f = elf_file_new(true, false);
        go_put_table(&f, 0xf1, files, ARRAY_LEN(files));
        uint64_t at = go_put_inline(&f, "go1.26.8", lines);
        elf_file_segment(&f, 1, 6, at, f.b.len - at);
        elf_file_expect(&f, expected);
        /* Without build information not even the toolchain's version is known. */
        f = elf_file_new(true, false);
        go_put_table(&f, 0xf1, files + 3, 1);
        elf_file_expect(&f, "~golang stdlib\n~golang github.com/blang/semver/v4\n");
}

static void test_paths(void **state)
{
        static const struct {
                const char *path, *name, *version; /* name NULL: none */
                bool unsure;
        } rows[] = {
            {"/root/go/pkg/mod/github.com/!azure/azure-sdk@v1.2.3/a/b.go", "github.com/Azure/azure-sdk", "v1.2.3",
                false},
            {"github.com/pkg/errors@v0.9.1/errors.go", "github.com/pkg/errors", "v0.9.1", false},
            {"golang.org/x/text@v0.0.0-20200501145240-bc7a7d42d5c3/a.go", "golang.org/x/text",
                "v0.0.0-20200501145240-bc7a7d42d5c3", false},
            {"github.com/pkg/errors/errors.go", "github.com/pkg/errors", "", false},
            {"/usr/src/app/src/github.com/a/b/src/c/d.go", "github.com/a/b", "", false},
            {"golang.org/x/net/http2/hpack/hpack.go", "golang.org/x/net", "", false},
            {"google.golang.org/grpc/internal/x.go", "google.golang.org/grpc", "", false},
            {"gopkg.in/yaml.v2/yaml.go", "gopkg.in/yaml.v2", "", false},
            {"gopkg.in/square/go-jose.v2/jwt/jwt.go", "gopkg.in/square/go-jose.v2", "", false},
            {"go.opencensus.io/trace/trace.go", "go.opencensus.io", "", false},
            {"sigs.k8s.io/structured-merge-diff/v4/typed/typed.go", "sigs.k8s.io/structured-merge-diff/v4", "", false},
            {"git.example.com/team/lib/x.go", "git.example.com/team", "", true},
            {"github.com/a/b/v1/x.go", "github.com/a/b", "", false},
            {"github.com/a/b/v02/x.go", "github.com/a/b", "", false},
            {"github.com/a/x.go", NULL, NULL, false},
            {"github.com/a/../x.go", NULL, NULL, false},
            {"github.com//b/x.go", NULL, NULL, false},
            {"/usr/lib/go-1.19/src/fmt/print.go", NULL, NULL, false},
            {"/usr/lib/go/src/vendor/golang.org/x/net/a.go", NULL, NULL, false},
            {"vendor/golang.org/x/net/a.go", NULL, NULL, false},
            {"/app/main.go", NULL, NULL, false},
            {"_cgo_gotypes.go", NULL, NULL, false},
            {"-.a/b/x.go", NULL, NULL, false},
            {"x@v1/y.go", NULL, NULL, false},
            {"", NULL, NULL, false},
            {"/", NULL, NULL, false},
            {"@", NULL, NULL, false},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                uint8_t room[INVENTORY_NAME_MAX];
                struct elf_name name = {0};
                bool found = go_module_of_path(span_of(rows[i].path), room, &name);
                if (found != (rows[i].name != NULL))
                        fail_msg("%s: %.*s", rows[i].path, SPAN_FMT(name.name));
                if (!found)
                        continue;
                assert_span(name.name, rows[i].name);
                assert_span(name.version, rows[i].version);
                assert_int_equal(name.unsure, rows[i].unsure);
        }
}

/* Lengths and pointers that lead nowhere: nothing is listed, and nothing is read that is not there. */
static void test_hostile(void **state)
{
        static const struct {
                const char *at, *text;
                size_t len;
        } rows[] = {
            {"version of 2^62 bytes", "\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 9},
            {"varint without end", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 12},
            {"version longer than the file", "\xff\x01go1.2", 7},
            {"no version", "\0\0", 2},
            {"modules longer than the file", "\x08go1.26.8\xff\xff\x7f", 12},
            {"cut in the length", "\x08go1.26.8\xff", 10},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct elf_file f = elf_file_new(true, false);
                struct findings found;
                elf_file_finish(&f); /* the mark comes last: what it says is missing lies behind the file's end */
                elf_align(&f, 16);
                buf_put(&f.b, SPAN_LIT(GO_MARK "\x08\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"));
                buf_put(&f.b, span_bytes(rows[i].text, rows[i].len));
                found = elf_detect(buf_span(&f.b), "", "");
                arena_free(found.arena);
                buf_done(&f.b);
        }
        struct elf_file f = elf_file_new(true, false); /* a string's header that points to itself */
        uint64_t mark = elf_file_put(&f, SPAN_LIT(GO_MARK "\x08\0"), 16);
        for (size_t i = 0; i < 4; i++)
                elf_word(&f, ELF_FILE_BASE + mark + 16);
        elf_file_segment(&f, 1, 6, mark, f.b.len - mark);
        elf_file_expect(&f, "");
        f = elf_file_new(true, false); /* addresses at the end of all addresses */
        mark = elf_file_put(&f, SPAN_LIT(GO_MARK "\x08\0"), 16);
        elf_word(&f, UINT64_MAX);
        elf_word(&f, UINT64_MAX - 8);
        elf_file_segment(&f, 1, 6, mark, UINT64_MAX);
        elf_file_expect(&f, "");
        f = elf_file_new(true, false);
        mark = go_put_inline(&f, "go1.26.8", "");
        f.b.len--; /* the length of the module lines */
        put_varint(&f.b, ELF_GO_MODULES_MAX + 1);
        elf_file_segment(&f, 1, 6, mark, f.b.len - mark);
        elf_file_expect_note(&f, "", "its modules are not listed");
}

/* Tables whose offsets do not rise, end behind the file or count what is not there. */
static void test_hostile_table(void **state)
{
        static const uint64_t rows[][7] = {{0, 1, 0, 72, 80, 88, 96}, {2, 0, 0, 72, 80, 88, 96},
            {2, 1, 0, 80, 80, 88, 96}, {2, 1, 0, 72, 96, 88, 96}, {2, 1, 0, 72, 80, 88, 88},
            {2, 1, 0, 72, 80, 88, UINT64_MAX}, {2, 1, 0, 72, 80, 88, 1u << 20}, {UINT64_MAX, 1, 0, 72, 80, 88, 96}};
        static const char *const files[] = {"github.com/a/b/c.go"};

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct elf_file f = elf_file_new(true, false);
                elf_align(&f, 16);
                buf_put(&f.b, SPAN_LIT("\xf1\xff\xff\xff\0\0\1\x08"));
                for (size_t k = 0; k < 7; k++)
                        elf_word(&f, rows[i][k]);
                buf_put_text(&f.b, "        github.com/a/b/c.go");
                elf_file_expect(&f, "");
        }
        struct elf_file f = elf_file_new(true, false); /* more files than there are */
        go_put_table(&f, 0xfb, files, 1);
        f.b.at[ELF_FILE_HEADERS + 8 + 8 + 33 * 8 + 4] = 200;
        elf_file_finish(&f);
        struct findings found = elf_detect(buf_span(&f.b), "", "");
        arena_free(found.arena);
        buf_done(&f.b);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_inline),
            cmocka_unit_test(test_pointers),
            cmocka_unit_test(test_mark_elsewhere),
            cmocka_unit_test(test_versions),
            cmocka_unit_test(test_main_versions),
            cmocka_unit_test(test_file_table),
            cmocka_unit_test(test_paths),
            cmocka_unit_test(test_hostile),
            cmocka_unit_test(test_hostile_table),
        };

        return cmocka_run_group_tests_name("inventory go_binary", tests, NULL, NULL);
}
