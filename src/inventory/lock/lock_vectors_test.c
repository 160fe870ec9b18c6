/*
 * Lock files of the real tools (from osv-scalibr, trivy and our own trees): numbers and names that were counted by
 * other programs (jq, Python's tomllib, grep) in the same files.
 */
#include "inventory/lock/lock_test_priv.h"

#include <unistd.h>

#define FOLDER SHARED_DIR "/data/vectors/lockfiles/"

static const struct vector {
        const char *file;
        size_t packages, development;
        const char *some; /* lines that are among them, divided by '\n' */
} vectors[] = {
    {"npm1/package-lock.json", 742, 0, "@babel/core 7.14.8\nlodash 4.17.15\ntypescript 4.3.5"},
    {"npm2/package-lock.json", 742, 0, "@babel/core 7.14.8 (MIT)\nlodash 4.17.15 (MIT)\ntypescript 4.3.5 (Apache-2.0)"},
    {"npm3/package-lock.json", 742, 0, "@babel/core 7.14.8 (MIT)\nlodash 4.17.15 (MIT)\ntypescript 4.3.5 (Apache-2.0)"},
    {"yarn1/yarn.lock", 18, 0, "@babel/helper-regex 7.4.4\nansi-regex 2.1.1\nansi-regex 3.0.0\njs-tokens 4.0.0"},
    {"pnpm/pnpm-lock.yaml", 134, 78, "@babel/runtime 7.18.3\n@ungap/promise-all-settled 1.1.2 dev\najv 6.12.6"},
    {"poetry/poetry.lock", 15, 7, "atomicwrites 1.4.1 dev\nattrs 25.1.0 dev\nclick 8.1.8"},
    {"uv/uv.lock", 41, 0, "annotated-types 0.7.0\nanyio 4.9.0\nclick 8.1.8"},
    {"cargo/Cargo.lock", 35, 0, "displaydoc 0.2.5\nform_urlencoded 1.2.2\nicu_locale_core 2.1.1"},
    {"pipenv/Pipfile.lock", 6, 2, "aio-pika 6.8.0\naiodns 2.0.0\naiohttp 3.7.4.post0"},
    {"gomod/go.mod", 334, 0,
        "github.com/CycloneDX/cyclonedx-go v0.11.0\ngithub.com/docker/docker v28.5.2+incompatible"},
    {"composer/composer.lock", 10, 2, "guzzlehttp/guzzle 6.5.8 (MIT)\npsr/http-message 1.0.1 (MIT)"},
    {"bundler/Gemfile.lock", 51, 0, "ffi 1.17.4\njekyll 4.4.1\nwebrick 1.9.2"},
    {"nuget/packages.lock.json", 51, 0, "Humanizer 2.14.1\nNewtonsoft.Json 13.0.3"},
    {"gradle/gradle.lockfile", 3, 2, "joda-time:joda-time 2.2\njunit:junit 4.12 dev"},
    {"mix/mix.lock", 16, 0,
        "jason 1.3.0\nenacl 2f50ba6289f2f2d9fef05d22a396c0bab4f64149 none "
        "vcs_url=https://github.com/aeternity/enacl.git"},
    {"pubspec/pubspec.lock", 6, 0, "ale 3.3.0\nkey_binder 1.11.20 vcs_url=git@github.com:Workiva/key_binder.git"},
    {"swift/Package.resolved", 5, 0, "github.com/apple/swift-algorithms 1.0.0\ngithub.com/apple/swift-numerics 1.0.2"},
    {"conan/conan.lock", 6, 0, "boost 1.75.0\nmfast 1.2.2 none user=my_user channel=my_channel\nzlib 1.2.12"},
};

static struct findings read_vector(const char *file, const struct detector **ret)
{
        char path[500];
        static uint8_t content[1u << 20];

        snprintf(path, sizeof(path), FOLDER "%s", file);
        CLEANUP(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
        assert_true(fd >= 0);
        ssize_t n = read(fd, content, sizeof(content));
        assert_true(n > 0 && (size_t)n < sizeof(content));
        *ret = detector_of_path(path_name(span_of(file)));
        assert_non_null(*ret);
        return detect_file(*ret, file, span_bytes(content, (size_t)n));
}

static void check_vector(const struct vector *v)
{
        const struct detector *d;
        struct findings f = read_vector(v->file, &d);
        struct buf all = {0};
        struct span rest = span_of(v->some), line;
        size_t development = 0;

        for (size_t i = 0; i < f.packages.len; i++) {
                declared_put(&all, d, &f.packages.at[i]);
                development += f.packages.at[i].development;
        }
        if (f.packages.len != v->packages || development != v->development || f.notes.len > 0)
                fail_msg("%s: %zu packages, %zu for development, %zu notes: %.*s", v->file, f.packages.len, development,
                    f.notes.len, f.notes.len ? (int)f.notes.at[0].len : 0,
                    f.notes.len ? (const char *)f.notes.at[0].at : "");
        while (rest.len > 0) {
                CLEANUP(buf_done) struct buf wanted = {0};
                span_split(rest, '\n', &line, &rest);
                buf_printf(&wanted, "\n%.*s\n", SPAN_FMT(line));
                buf_put_u8(&wanted, 0);
                CLEANUP(buf_done) struct buf text = {0};
                buf_printf(&text, "\n%.*s\n", (int)all.len, (const char *)all.at);
                if (!contains(buf_span(&text), (const char *)wanted.at))
                        fail_msg("%s: no \"%.*s\"", v->file, SPAN_FMT(line));
        }
        buf_done(&all);
        arena_free(f.arena);
}

static void need_vectors(void)
{
        if (access(FOLDER "npm1/package-lock.json", R_OK) == 0)
                return;
        print_message("skipped: no test vectors in " FOLDER "\n");
        skip();
}

static void test_counts(void **state)
{
        (void)state;
        need_vectors();
        for (size_t i = 0; i < ARRAY_LEN(vectors); i++)
                check_vector(&vectors[i]);
}

/* One tree in npm's three formats. */
static void test_npm_formats(void **state)
{
        static const char *const files[] = {
            "npm1/package-lock.json", "npm2/package-lock.json", "npm3/package-lock.json"};
        struct findings f[3];
        const struct detector *d;

        (void)state;
        need_vectors();
        for (size_t i = 0; i < 3; i++)
                f[i] = read_vector(files[i], &d);
        for (size_t i = 1; i < 3; i++) {
                assert_int_equal(f[i].packages.len, f[0].packages.len);
                for (size_t k = 0; k < f[0].packages.len; k++) {
                        assert_true(span_equal(f[i].packages.at[k].name, f[0].packages.at[k].name));
                        assert_true(span_equal(f[i].packages.at[k].version, f[0].packages.at[k].version));
                }
        }
        for (size_t i = 0; i < 3; i++)
                arena_free(f[i].arena);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_counts),
            cmocka_unit_test(test_npm_formats),
        };

        return cmocka_run_group_tests_name("inventory lock files of the tools", tests, NULL, NULL);
}
