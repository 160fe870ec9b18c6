#include "inventory/lang/lang_test_priv.h"

#define PROJECT "root/.julia/packages/AbstractPlutoDingetjes/pZmIi/Project.toml"
#define MANIFEST "app/Manifest.toml"
#define UUID "6e696c72-6542-2067-7265-42206c756150"

/* As Pkg of Julia 1.12 writes it, cut after some entries. */
static const char second[] = "# This file is machine-generated - editing it directly is not advised\n"
                             "\n"
                             "julia_version = \"1.12.7\"\n"
                             "manifest_format = \"2.0\"\n"
                             "project_hash = \"29a1fde9069679e533664342824b53c189727961\"\n"
                             "\n"
                             "[[deps.Base64]]\n"
                             "uuid = \"2a0f44e3-6c83-55bd-87e4-b1978d98bd5f\"\n"
                             "\n"
                             "[[deps.Compat]]\n"
                             "deps = [\"TOML\", \"UUIDs\"]\n"
                             "git-tree-sha1 = \"9d8a54ce4b17aa5bdce0ea5c34bc5e7c340d16ad\"\n"
                             "uuid = \"34da2185-b29b-5c13-b0c7-acf172513d20\"\n"
                             "version = \"4.18.1\"\n"
                             "weakdeps = [\"Dates\", \"LinearAlgebra\"]\n"
                             "\n"
                             "    [deps.Compat.extensions]\n"
                             "    CompatLinearAlgebraExt = \"LinearAlgebra\"\n"
                             "\n"
                             "    [deps.Compat.weakdeps]\n"
                             "    version = \"37e2e46d-f89d-539d-b4ee-838fcccc9c8e\"\n"
                             "\n"
                             "[[deps.CompilerSupportLibraries_jll]]\n"
                             "deps = [\"Artifacts\", \"Libdl\"]\n"
                             "uuid = \"e66e0078-7015-5450-92f7-15fbd957f2ae\"\n"
                             "version = \"1.0.2+0\"\n";

static void test_forms(void **state)
{
        static const struct lang_row rows[] = {
            {MANIFEST, second,
                "Compat 4.18.1 uuid=34da2185-b29b-5c13-b0c7-acf172513d20 declared\n"
                "CompilerSupportLibraries_jll 1.0.2+0 uuid=e66e0078-7015-5450-92f7-15fbd957f2ae declared",
                NULL},
            /* Format 1, before Julia 1.7. */
            {MANIFEST, "[[JSON]]\nuuid = \"" UUID "\"\nversion = \"0.21.1\"\n[[Dates]]\nuuid = \"" UUID "\"\n",
                "JSON 0.21.1 uuid=" UUID " declared", NULL},
            /* Other programs have a Manifest.toml too. */
            {MANIFEST, "name = \"x\"\nversion = \"1\"\n[[deps.a]]\nversion = \"1\"\nuuid = \"1\"\n", "", NULL},
            {MANIFEST, "[[deps.\"a b\"]]\nuuid = \"" UUID "\"\nversion = \"1\"\n", "", "no valid name"},
            {MANIFEST, "[[deps.a]]\nuuid = \"" UUID "\"\nversion = \"1\n", "", NULL},
            {MANIFEST, "[[deps.a\nuuid = \"" UUID "\"\nversion = \"1\"\n", "", NULL},
            {MANIFEST, "", "", NULL},
            {PROJECT,
                "name = \"AbstractPlutoDingetjes\"\nuuid = \"" UUID
                "\"\nversion = \"1.1.4\"\n\n[deps]\nname = \"no\"\n",
                "AbstractPlutoDingetjes 1.1.4 uuid=" UUID, NULL},
            {PROJECT, "name = \"Other\"\nuuid = \"" UUID "\"\nversion = \"1\"\n", "", "\"Other\" in the folder of"},
            {PROJECT, "[deps]\nname = \"AbstractPlutoDingetjes\"\nuuid = \"" UUID "\"\nversion = \"1.1.4\"\n", "",
                "no name, version and uuid"},
            {PROJECT, "name = \"AbstractPlutoDingetjes\"\nversion = \"1\"\nuuid = \"6E\"\n", "",
                "no name, version and uuid"},
            {PROJECT, "", "", "no name, version and uuid"},
        };

        (void)state;
        check_rows(&detect_julia, rows, ARRAY_LEN(rows));
}

static void test_paths(void **state)
{
        static const char *const wanted[] = {PROJECT, MANIFEST, "JuliaManifest.toml", "packages/A/x/JuliaProject.toml"};
        static const char *const unwanted[] = {"usr/share/doc/x/Manifest.toml", "app/Project.toml",
            "packages/Project.toml", "packages/A/Project.toml", "packages/A/x/test/Project.toml"};

        (void)state;
        check_paths(&detect_julia, wanted, ARRAY_LEN(wanted), unwanted, ARRAY_LEN(unwanted));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_forms),
            cmocka_unit_test(test_paths),
        };

        return cmocka_run_group_tests_name("inventory julia", tests, NULL, NULL);
}
