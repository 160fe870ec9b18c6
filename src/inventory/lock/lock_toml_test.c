/* Lock files that are TOML. */
#include "inventory/lock/lock_test_priv.h"

static void test_poetry(void **state)
{
        static const struct lock_row rows[] = {
            {"[[package]]\nname = \"A._b\"\nversion = \"1.0\"\ngroups = [\"main\", \"dev\"]\nfiles = [\n    {file = "
             "\"x\"},\n]\n"
             "\n[package.dependencies]\nname = \">=1\"\n\n[[package]]\nname = \"t\"\nversion = \"2.0\"\ngroups = "
             "[\"dev\"]\n"
             "\n[[package]]\nname = \"old\"\nversion = \"3.0\"\ncategory = \"dev\"\n\n[[package]]\nname = \"own\"\n"
             "version = \"4.0\"\n\n[package.source]\ntype = \"directory\"\nurl = \"../own\"\n\n[[package]]\nname = "
             "\"g\"\n"
             "version = \"5.0\"\n\n[package.source]\ntype = \"git\"\nurl = "
             "\"https://example.org/g.git\"\n\n[[package]]\n"
             "name = \"corp\"\nversion = \"6.0\"\n\n[package.source]\ntype = \"legacy\"\nurl = "
             "\"https://pypi.example.org\"\n\n[metadata]\nfiles = "
             "{}\n",
                "a-b 1.0\ncorp 6.0\ng 5.0 vcs_url=https://example.org/g.git\nold 3.0 dev\nt 2.0 dev", NULL},
            {"[[package]]\nversion = \"1\"\n", "", "no valid name"},
            {"[[package]]\nname = \"a\"\nname = \"b\"\n", "", "not read: line 3: a key that is there already"},
            {"", "", NULL},
        };

        (void)state;
        CHECK_LOCKS("app/poetry.lock", rows);
}

static void test_pdm(void **state)
{
        static const struct lock_row rows[] = {
            {"[metadata]\ngroups = [\"default\", \"test\"]\n[[package]]\nname = \"a\"\nversion = \"1\"\ngroups = "
             "[\"default\"]\n"
             "[[package]]\nname = \"a\"\nversion = \"1\"\nextras = [\"x\"]\ngroups = [\"test\"]\n[[package]]\nname = "
             "\"t\"\n"
             "version = \"2\"\ngroups = [\"test\"]\n[[package]]\nname = \"own\"\nversion = \"3\"\npath = \"./own\"\n"
             "[[package]]\nname = \"g\"\nversion = \"4\"\ngit = \"https://example.org/g.git\"\nrevision = \"01\"\n"
             "[[package]]\nname = \"u\"\nversion = \"5\"\nurl = \"https://example.org/u.whl\"\n",
                "a 1\ng 4 vcs_url=https://example.org/g.git\nt 2\nu 5 download_url=https://example.org/u.whl", NULL},
        };

        (void)state;
        CHECK_LOCKS("app/pdm.lock", rows);
}

static void test_uv(void **state)
{
        static const struct lock_row rows[] = {
            {"version = 1\n[[package]]\nname = \"p\"\nversion = \"0\"\nsource = { virtual = \".\" }\n"
             "dependencies = [\n    { name = \"a\", extra = [\"x\"] },\n    { name = \"f\", version = \"1\" },\n]\n"
             "[package.optional-dependencies]\nq = [{ name = \"o\" }]\n"
             "[package.dev-dependencies]\ndev = [{ name = \"t\" }]\n"
             "[[package]]\nname = \"a\"\nversion = \"1\"\n[package.optional-dependencies]\nx = [{ name = \"e\" }]\n"
             "[[package]]\nname = \"e\"\nversion = \"1\"\n[[package]]\nname = \"o\"\nversion = \"1\"\n"
             "[[package]]\nname = \"f\"\nversion = \"1\"\n[[package]]\nname = \"f\"\nversion = \"2\"\n"
             "[[package]]\nname = \"t\"\nversion = \"1\"\ndependencies = [{ name = \"f\", version = \"2\" }, { name = "
             "\"a\" }]\n",
                "a 1\ne 1\nf 1\nf 2 dev\no 1\nt 1 dev", NULL},
            {"[[package]]\nname = \"a\"\nversion = \"1\"\n", "a 1", NULL},
            {"[[package]]\nname = \"g\"\nversion = \"1\"\nsource = { git = \"https://example.org/g?rev=v1#0123\" }\n"
             "[[package]]\nname = \"u\"\nversion = \"2\"\nsource = { url = \"https://example.org/u.whl\" }\n"
             "[[package]]\nname = \"w\"\nversion = \"3\"\nsource = { path = \"w.whl\" }\n",
                "g 1 vcs_url=git+https://example.org/g#0123\nu 2 download_url=https://example.org/u.whl\nw 3", NULL},
        };

        (void)state;
        CHECK_LOCKS("app/uv.lock", rows);
}

static void test_cargo(void **state)
{
        static const struct lock_row rows[] = {
            {"# generated\nversion = 4\n\n[[package]]\nname = \"own\"\nversion = \"0.1.0\"\ndependencies = [\n "
             "\"a\",\n]\n\n"
             "[[package]]\nname = \"a\"\nversion = \"1.0.0+x\"\nsource = \"registry+https://github.com/rust-lang/"
             "crates.io-index\"\n\n[[package]]\nname = \"g\"\nversion = \"0.2.0\"\nsource = \"git+https://x/g#0123\"\n"
             "\n[metadata]\n\"checksum a 1.0.0 (registry+x)\" = \"00\"\n",
                "a 1.0.0+x\ng 0.2.0 vcs_url=git+https://x/g#0123", NULL},
            {"[[package]\nname = \"a\"\n", "", "not read: line 1: ']' was expected"},
        };

        (void)state;
        CHECK_LOCKS("src/Cargo.lock", rows);
}

static void test_pylock(void **state)
{
        static const struct lock_row rows[] = {
            /* As uv and pip write it, and the format's own example of groups. */
            {"lock-version = \"1.0\"\ncreated-by = \"uv\"\n\n[[packages]]\nname = \"blinker\"\nversion = "
             "\"1.9.0\"\nindex = "
             "\"https://pypi.org/simple\"\nsdist = { url = \"https://x/y\", upload-time = 2024-11-08T17:25:47Z, size = "
             "22460, hashes = { sha256 = \"b4\" } }\nwheels = [{ url = \"https://x/y\" }]\n\n[[packages]]\nname = "
             "\"Colo_Rama\"\nversion = \"0.4.6\"\nmarker = \"sys_platform == 'win32'\"\n\n[[packages]]\nname = "
             "\"own\"\ndirectory = { path = \".\" }\n\n[[packages]]\nname = \"g\"\n\n[packages.vcs]\ntype = "
             "\"git\"\nurl = \"https://example.org/g.git\"\ncommit-id = \"0123\"\n\n[[packages]]\nname = "
             "\"ar\"\nversion = \"2\"\n[packages.archive]\nurl = \"https://example.org/ar.zip\"\n",
                "ar 2 download_url=https://example.org/ar.zip\nblinker 1.9.0\ncolo-rama 0.4.6\n"
                "g 0123 none vcs_url=https://example.org/g.git",
                NULL},
            {"default-groups = [\"main\"]\n[[packages]]\nname = \"t\"\nversion = \"1\"\nmarker = \"'dev' in "
             "dependency_groups\"\n[[packages]]\nname = \"b\"\nversion = \"1\"\nmarker = \"'dev' in dependency_groups "
             "or "
             "'main' in dependency_groups\"\n[[packages]]\nname = \"x\"\nversion = \"1\"\nmarker = \"'dev' in "
             "dependency_groups or 'x' in extras\"\n[[packages]]\nname = \"y\"\nversion = \"1\"\nmarker = \"'dev' in "
             "dependency_groups or python_version > '3' and \\\"test\\\" in dependency_groups\"\n[[packages]]\nname = "
             "\"z\"\nversion = \"1\"\nmarker = \" in dependency_groups\"\n",
                "b 1\nt 1 dev\nx 1\ny 1 dev\nz 1", NULL},
            {"[[packages]]\nversion = \"1\"\n", "", "no valid name"},
            {"packages = [1, {name = \"a\", version = \"1\"}]\n", "a 1", "no valid name"},
        };

        (void)state;
        CHECK_LOCKS("app/pylock.toml", rows);
        CHECK_LOCKS("app/pylock.prod.toml", rows);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_poetry),
            cmocka_unit_test(test_pdm),
            cmocka_unit_test(test_uv),
            cmocka_unit_test(test_cargo),
            cmocka_unit_test(test_pylock),
        };

        return cmocka_run_group_tests_name("inventory lock files in TOML", tests, NULL, NULL);
}
