/* Lock files that are JSON. */
#include "inventory/lock/lock_test_priv.h"

static void test_npm(void **state)
{
        static const struct lock_row rows[] = {
            /* The first format: nested as folders are, aliases, git, the project's own. */
            {"{\"name\":\"p\",\"version\":\"1.0.0\",\"lockfileVersion\":1,\"dependencies\":{\"a\":{\"version\":\"1.0."
             "0\","
             "\"dev\":true,\"dependencies\":{\"b\":{\"version\":\"2.0.0\",\"dev\":true}}},\"b\":{\"version\":\"1.0.0\"}"
             "}}",
                "a 1.0.0 dev\nb 1.0.0\nb 2.0.0 dev", NULL},
            {"{\"dependencies\":{\"x\":{\"version\":\"npm:@s/y@1.2.3\"},\"l\":{\"version\":\"file:../l\"},"
             "\"g\":{\"version\":\"git+ssh://git@github.com/a/g.git#0123abcd\"},"
             "\"u\":{\"version\":\"https://example.org/u.tgz\"},"
             "\"r\":{\"version\":\"https://registry.npmjs.org/@s/r/-/r-1.0.1.tgz\"}}}",
                "@s/r 1.0.1 download_url=https://registry.npmjs.org/@s/r/-/r-1.0.1.tgz\n"
                "@s/y 1.2.3\ng 0123abcd none vcs_url=git+ssh://git@github.com/a/g.git#0123abcd\n"
                "u  none download_url=https://example.org/u.tgz",
                NULL},
            /* Named twice: for development only if both are. */
            {"{\"dependencies\":{\"a\":{\"version\":\"1.0.0\",\"dev\":true},\"c\":{\"version\":\"1.0.0\","
             "\"dependencies\":"
             "{\"a\":{\"version\":\"1.0.0\"}}}}}",
                "a 1.0.0\nc 1.0.0", NULL},
            /* The third format. */
            {"{\"lockfileVersion\":3,\"packages\":{\"\":{\"name\":\"p\",\"version\":\"9.0.0\"},"
             "\"packages/w\":{\"name\":\"w\",\"version\":\"1.0.0\"},\"node_modules/w\":{\"resolved\":\"packages/w\","
             "\"link\":true},\"node_modules/@s/a\":{\"version\":\"1.0.0\",\"license\":\"MIT\",\"dev\":true},"
             "\"packages/w/node_modules/b\":{\"version\":\"2.0.0\"},"
             "\"node_modules/alias\":{\"name\":\"real\",\"version\":\"3.0.0\",\"devOptional\":true},"
             "\"node_modules/fsevents\":{\"optional\":true}}}",
                "@s/a 1.0.0 (MIT) dev\nb 2.0.0\nreal 3.0.0", NULL},
            /* Of git or not of the registry: with its version, but not looked up. Passwords stay out. */
            {"{\"packages\":{\"node_modules/g\":{\"version\":\"4.17.15\",\"resolved\":\"git+https://"
             "me:secret@example.org/"
             "a/g.git#0123\"},\"node_modules/own\":{\"version\":\"1.0.0\",\"resolved\":\"file:own.tgz\"}}}",
                "g 4.17.15 vcs_url=git+https://example.org/a/g.git#0123", NULL},
            {"{\"dependencies\":{\"u\":{\"version\":\"https://me:secret@example.org/u.tgz?token=secret\"},"
             "\"bundled\":{\"version\":\"1.0.0\",\"bundled\":true,\"optional\":true}}}",
                "bundled 1.0.0\nu  none download_url=https://example.org/u.tgz", NULL},
            /* The second has both: "packages" is read. */
            {"{\"lockfileVersion\":2,\"packages\":{\"node_modules/a\":{\"version\":\"1.0.0\"}},\"dependencies\":{\"a\":"
             "{\"version\":\"1.0.0\"}}}",
                "a 1.0.0", NULL},
            {"\xef\xbb\xbf{}", "", NULL},
            {"{\"packages\":{\"node_modules/../../x\":{\"version\":\"1.0.0\"}}}", "", "has no valid name"},
            {"{\"packages\":{\"node_modules/x\":{\"version\":\"1 0\"}}}", "", "\"x\" has no valid name or version"},
            {"[]", "", "no lock file"},
            {"{\"packages\":{\"node_modules/x\":{\"version\":\"1.0.0\"}", "", "not read: "},
            {"{\"packages\":{\"a\":{},\"a\":{}}}", "", "not read: "},
            {"", "", "not read: "},
        };

        (void)state;
        CHECK_LOCKS("app/package-lock.json", rows);
        CHECK_LOCKS("usr/src/npm-shrinkwrap.json", rows);
}

static void test_bun(void **state)
{
        static const struct lock_row rows[] = {
            {"{\n  // a comment with \"quotes\" and ]\n  \"lockfileVersion\": 1,\n  \"workspaces\": {\n    \"\": {\n"
             "      \"name\": \"p\",\n      \"dependencies\": { \"a\": \"^1\", },\n"
             "      \"devDependencies\": { \"d\": \"1\", },\n    },\n  },\n  \"packages\": {\n"
             "    \"a\": [\"a@1.0.0\", \"\", { \"dependencies\": { \"b\": \"^1\" } }, \"sha512-x==\"],\n"
             "    \"a/b\": [\"b@1.0.0\", \"\", {}, \"sha512-x\"],\n"
             "    \"b\": [\"b@2.0.0\", \"\", {}, \"sha512-x\"],\n"
             "    \"d\": [\"@s/d@1.0.0\", \"\", { \"dependencies\": { \"b\": \"2\" } }, \"sha512-x\"],\n"
             "    \"w\": [\"w@workspace:packages/w\"],\n"
             "    \"g\": [\"g@github:a/g#012345\", {}, \"a-g-012345\"], /* , */\n  }\n}\n",
                "@s/d 1.0.0 dev\na 1.0.0\nb 1.0.0\nb 2.0.0 dev\ng  dev none vcs_url=github:a/g#012345", NULL},
            {"{\"packages\":{\"a\":[\"a\"],}}", "", "\"a\" names no package and version"},
            {"{\"packages\":{\"a\":[\",]//x@1.0.0\",],}}", "", "has no valid name"},
            {"{\"a\":1,,}", "", "not read: "},
            {"{\"a\": 1 /* x", "", "not read: "},
        };

        (void)state;
        CHECK_LOCKS("app/bun.lock", rows);
}

static void test_pipenv(void **state)
{
        static const struct lock_row rows[] = {
            {"{\"_meta\":{\"hash\":{\"sha256\":\"x\"}},\"default\":{\"Foo._Bar\":{\"version\":\"==1.0\"},"
             "\"both\":{\"version\":\"==2.0\"},\"g\":{\"git\":\"https://example.org/g\",\"ref\":\"0123\"},"
             "\"own\":{\"editable\":true,\"path\":\".\"}},\"develop\":{\"both\":{\"version\":\"==2.0\"},"
             "\"t\":{\"version\":\"===3\"}},\"docs\":{\"s\":{\"version\":\"==4\"}}}",
                "both 2.0\nfoo-bar 1.0\ng 0123 none download_url=https://example.org/g\ns 4\nt 3 dev", NULL},
            {"{\"default\":[]}", "", NULL},
            {"{", "", "not read: "},
        };

        (void)state;
        CHECK_LOCKS("app/Pipfile.lock", rows);
}

static void test_composer(void **state)
{
        static const struct lock_row rows[] = {
            {"{\"packages\":[{\"name\":\"Guzzle/HTTP\",\"version\":\"v6.5.8\",\"license\":[\"MIT\",\"ISC\"]},"
             "{\"name\":\"own/lib\",\"version\":\"dev-main\",\"dist\":{\"type\":\"path\",\"url\":\"../lib\"}}],"
             "\"packages-dev\":[{\"name\":\"a/b\",\"version\":\"dev-main\"}]}",
                "a/b dev-main dev\nguzzle/http 6.5.8 (MIT OR ISC)", NULL},
            {"{\"packages\":[{\"version\":\"1\"}]}", "", "no valid name"},
            {"{\"packages\":7}", "", NULL},
        };

        (void)state;
        CHECK_LOCKS("srv/composer.lock", rows);
}

static void test_nuget(void **state)
{
        static const struct lock_row rows[] = {
            {"{\"version\":1,\"dependencies\":{\"net6.0\":{\"A.B\":{\"type\":\"Direct\",\"resolved\":\"1.0.0\"},"
             "\"own\":{\"type\":\"Project\"}},\"net8.0/linux-x64\":{\"A.B\":{\"type\":\"Transitive\",\"resolved\":"
             "\"1.0.0\"},\"C\":{\"type\":\"CentralTransitive\",\"resolved\":\"2.0.0-rc.1\"}}}}",
                "A.B 1.0.0\nC 2.0.0-rc.1", NULL},
            {"null", "", "no lock file"},
        };

        (void)state;
        CHECK_LOCKS("src/packages.lock.json", rows);
}

static void test_swift(void **state)
{
        static const struct lock_row rows[] = {
            {"{\"pins\":[{\"identity\":\"swift-nio\",\"kind\":\"remoteSourceControl\",\"location\":"
             "\"https://GitHub.com/apple/swift-nio.git\",\"state\":{\"revision\":\"01\",\"version\":\"2.0.0\"}},"
             "{\"kind\":\"remoteSourceControl\",\"location\":\"git@example.org:a/"
             "b.git\",\"state\":{\"branch\":\"main\","
             "\"revision\":\"0123\"}},{\"kind\":\"localSourceControl\",\"location\":\"/home/x\",\"state\":{}},"
             "{\"location\":\"ssh://git@example.org/c/d/\",\"state\":{\"version\":\"1.0.0\"}}],\"version\":2}",
                "example.org/a/b 0123 none\nexample.org/c/d 1.0.0\ngithub.com/apple/swift-nio 2.0.0", NULL},
            {"{\"object\":{\"pins\":[{\"package\":\"X\",\"repositoryURL\":\"https://github.com/a/x\",\"state\":"
             "{\"branch\":null,\"revision\":\"01\",\"version\":\"0.1.0\"}}]},\"version\":1}",
                "github.com/a/x 0.1.0", NULL},
            {"{\"pins\":[{\"location\":\"https://example.org\",\"state\":{\"version\":\"1\"}}]}", "",
                "is no address of a package"},
        };

        (void)state;
        CHECK_LOCKS("src/Package.resolved", rows);
}

static void test_conan(void **state)
{
        static const struct lock_row rows[] = {
            {"{\"graph_lock\":{\"nodes\":{\"0\":{\"ref\":\"own/1.0\",\"path\":\"conanfile.py\"},\"1\":{\"ref\":"
             "\"zlib/1.2.13#01\",\"context\":\"host\"},\"2\":{\"ref\":\"cmake/3.25@me/"
             "stable#02\",\"context\":\"build\"}}}}",
                "cmake 3.25 dev none user=me channel=stable\nzlib 1.2.13", NULL},
            {"{\"version\":\"0.5\",\"requires\":[\"zlib/1.2.13#0123%1692672717.68\",[\"fmt/9.1.0\",{}]],"
             "\"build_requires\":[\"cmake/3.25\"],\"python_requires\":[]}",
                "cmake 3.25 dev\nfmt 9.1.0\nzlib 1.2.13", NULL},
            {"{\"requires\":[\"zlib\"]}", "", "\"zlib\" is no reference"},
        };

        (void)state;
        CHECK_LOCKS("src/conan.lock", rows);
}

static void test_paths(void **state)
{
        static const char *const wanted[] = {"package-lock.json", "app/package-lock.json", "go.mod", "a/b/Cargo.lock",
            "opt/requirements-dev.txt", "requirements.txt", "srv/gems.locked", "x/buildscript-gradle.lockfile",
            "pylock.toml", "a/pylock.dev.toml", "a/pom.xml", "a/b.csproj", "a/b.vbproj", "Directory.Build.props",
            "a/Packages.props", "a/requirements/base.txt", "env/environment.yml", "environment.yaml",
            "x.conda-lock.yml"};
        static const char *const unwanted[] = {"app/node_modules/a/package-lock.json", "usr/share/doc/x/go.mod",
            "usr/lib/python3/dist-packages/x/requirements.txt", "venv/lib/python3.11/site-packages/x/poetry.lock",
            "root/go/pkg/mod/example.org/a@v1.0.0/go.mod", "root/.cargo/registry/src/index/a-1.0.0/Cargo.lock",
            "app/vendor/a/b/composer.lock", "usr/share/nodejs/a/yarn.lock",
            "usr/lib/ruby/gems/3.1.0/gems/a-1.0/Gemfile.lock", "x/testdata/go.mod", "xpackage-lock.json",
            "package-lock.json/x", "requirements.in", "base.txt", "requirements/a/base.txt", "a/b.props",
            "a.csproj.user", "go.mod.bak", "pylock.a.b.toml", "pylock..toml", "pylock.toml.bak",
            "app/META-INF/maven/g/a/pom.xml", "go.sum", "conda-lock.yaml", "app/node_modules/.package-lock.json"};

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
                const struct detector *d = detector_of_path(span_of(wanted[i]));
                if (!d || d->state != COMPONENT_DECLARED)
                        fail_msg("%s is not wanted", wanted[i]);
                struct detector_index *x = detector_index_new();
                assert_ptr_equal(detector_index_find(x, span_of(wanted[i])), d);
                detector_index_free(x);
        }
        for (size_t i = 0; i < ARRAY_LEN(unwanted); i++)
                if (detector_of_path(span_of(unwanted[i])))
                        fail_msg("%s is wanted", unwanted[i]);
}

static void test_sizes(void **state)
{
        (void)state;
        assert_int_equal(detector_of_path(SPAN_LIT("package-lock.json"))->size_max, 32u << 20);
        assert_int_equal(detector_of_path(SPAN_LIT("yarn.lock"))->size_max, 32u << 20);
        assert_int_equal(detector_of_path(SPAN_LIT("pnpm-lock.yaml"))->size_max, 32u << 20);
        assert_int_equal(detector_of_path(SPAN_LIT("Cargo.lock"))->size_max, 16u << 20);
}

/* Its state is told without its content. */
static void test_binary(void **state)
{
        static const struct lock_row rows[] = {{"", "", "not read: a binary lock file"}};

        (void)state;
        CHECK_LOCKS("app/bun.lockb", rows);
        assert_int_equal(detector_of_path(SPAN_LIT("app/bun.lockb"))->size_max, 0);
}

static void test_deno(void **state)
{
        static const struct lock_row rows[] = {
            {"{\"version\":\"5\",\"specifiers\":{\"npm:chalk@5\":\"5.6.2\"},\"jsr\":{\"@std/assert@1.0.16\":{"
             "\"integrity\":\"00\",\"dependencies\":[\"jsr:@std/internal\"]},\"@std/internal@1.0.12\":{}},\"npm\":{"
             "\"chalk@5.6.2\":{\"integrity\":\"sha512-x\"},\"@s/a@1.0.0_b@2.0.0_@s+c@3.0.0\":{}}}",
                "@s/a 1.0.0\n@std/assert 1.0.16 none\n@std/internal 1.0.12 none\nchalk 5.6.2", NULL},
            {"{\"version\":\"3\",\"packages\":{\"specifiers\":{},\"npm\":{\"ms@2.1.3\":{}},\"jsr\":{\"@a/"
             "b@1.0.0\":{}}},"
             "\"remote\":{\"https://deno.land/std@0.1.0/x.ts\":\"00\",\"https://deno.land/y.ts\":\"00\"}}",
                "@a/b 1.0.0 none\nms 2.1.3", "2 modules by URL: not listed"},
            {"{\"version\":\"2\",\"remote\":{},\"npm\":{\"specifiers\":{\"ms@2\":\"ms@2.1.3\"},\"packages\":{\"ms@2.1."
             "3\":{}"
             "}}}",
                "ms 2.1.3", NULL},
            {"{\"npm\":{\"ms\":{}}}", "", "\"ms\" names no package and version"},
            {"{\"npm\":[1]}", "", "\"\" names no package"},
        };

        (void)state;
        CHECK_LOCKS("app/deno.lock", rows);
}

static void test_renv(void **state)
{
        static const struct lock_row rows[] = {
            {"{\"R\":{\"Version\":\"4.5.3\"},\"Packages\":{\"DBI\":{\"Package\":\"DBI\",\"Version\":\"1.3.0\","
             "\"Source\":"
             "\"Repository\",\"Repository\":\"CRAN\",\"License\":\"LGPL (>= "
             "2.1)\"},\"DEoptimR\":{\"Package\":\"DEoptimR\","
             "\"Version\":\"1.1-4\",\"Source\":\"Repository\"},\"limma\":{\"Package\":\"limma\",\"Version\":\"3.60.0\","
             "\"Source\":\"Bioconductor\"},\"g\":{\"Package\":\"g\",\"Version\":\"0.1\",\"Source\":\"GitHub\","
             "\"RemoteUsername\":\"a\",\"RemoteRepo\":\"g\",\"RemoteSha\":\"0123\"},\"own\":{\"Package\":\"own\","
             "\"Version\":"
             "\"1\",\"Source\":\"Local\"}}}",
                "DBI 1.3.0 (LGPL (>= 2.1))\nDEoptimR 1.1-4\ng 0.1 vcs_url=https://github.com/a/g.git#0123\n"
                "limma 3.60.0\nown 1",
                NULL},
            {"{\"Packages\":{\"a b\":{\"Version\":\"1\"}}}", "", "\"a b\" has no valid name"},
            {"{\"Packages\":[]}", "", NULL},
        };

        (void)state;
        CHECK_LOCKS("srv/renv.lock", rows);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_npm),
            cmocka_unit_test(test_bun),
            cmocka_unit_test(test_pipenv),
            cmocka_unit_test(test_composer),
            cmocka_unit_test(test_nuget),
            cmocka_unit_test(test_swift),
            cmocka_unit_test(test_conan),
            cmocka_unit_test(test_paths),
            cmocka_unit_test(test_sizes),
            cmocka_unit_test(test_binary),
            cmocka_unit_test(test_deno),
            cmocka_unit_test(test_renv),
        };

        return cmocka_run_group_tests_name("inventory lock files in JSON", tests, NULL, NULL);
}
