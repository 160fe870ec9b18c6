#include "inventory/detect_test_priv.h"
#include "inventory/os/os_priv.h"

static void test_forms(void **state)
{
        static const struct {
                const char *text, *name, *version, *arch, *licence; /* name NULL: not listed */
                const char *note;                                   /* NULL: none */
        } rows[] = {
            {"name: core22\nversion: '20230801'\nsummary: Runtime environment\ntype: base\narchitectures:\n- amd64\n"
             "confinement: strict\n",
                "core22", "20230801", "amd64", "", NULL},
            {"# made by snapcraft\nname: \"jq\"   # the name\nversion: 1.5+dfsg-1\nlicense: MIT\n"
             "architectures: [amd64]\napps:\n  jq:\n    command: bin/jq\n    name: other\n",
                "jq", "1.5+dfsg-1", "amd64", "MIT", NULL},
            {"name: multi\nversion: 2\narchitectures:\n  - amd64\n  - arm64\n", "multi", "2", "", "", NULL},
            {"name: multi\nversion: 2\narchitectures: [amd64, arm64]\n", "multi", "2", "", "", NULL},
            {"name: x\r\nversion: 1\r\n", "x", "1", "", "", NULL},
            {"version: 1\n", NULL, NULL, NULL, NULL, "\"\" is no name of a snap"},
            {"name: x\n", NULL, NULL, NULL, NULL, "snap x has no valid version"},
            {"name: x\nversion: |\n  1\n", NULL, NULL, NULL, NULL, "no valid version"},
            {"name: x\nversion: \"1\n", NULL, NULL, NULL, NULL, "no valid version"},
            {"name: a/b\nversion: 1\n", NULL, NULL, NULL, NULL, "is no name of a snap"},
            {"name: x\nname: y\nversion: 1\n", "x", "1", "", "", "line 2: a second name"},
            {"", NULL, NULL, NULL, NULL, "is no name of a snap"},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct findings f = detect_text(&detect_snap, span_of(rows[i].text));
                if (f.packages.len != (rows[i].name ? 1 : 0) || f.notes.len != (rows[i].note ? 1 : 0))
                        fail_msg("row %zu: %zu packages, %zu notes", i, f.packages.len, f.notes.len);
                if (rows[i].note)
                        assert_noted(f.notes.at, f.notes.len, rows[i].note);
                if (rows[i].name) {
                        assert_span(f.packages.at[0].name, rows[i].name);
                        assert_span(f.packages.at[0].version, rows[i].version);
                        assert_span(f.packages.at[0].arch, rows[i].arch);
                        assert_span(f.packages.at[0].licence, rows[i].licence);
                }
                arena_free(f.arena);
        }
}

static void test_paths(void **state)
{
        (void)state;
        assert_ptr_equal(detector_of_path(span_of("snap/core22/864/meta/snap.yaml")), &detect_snap);
        assert_null(detector_of_path(span_of("snap/core22/meta/snap.yaml")));
        assert_null(detector_of_path(span_of("home/snap/core22/864/meta/snap.yaml")));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_forms),
            cmocka_unit_test(test_paths),
        };

        return cmocka_run_group_tests_name("inventory snap", tests, NULL, NULL);
}
