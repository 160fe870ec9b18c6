#include "inventory/lang/lang_test_priv.h"

#define APP "opt/app/lib/x-1/ebin/x.app"
#define HEX "app/deps/elixlsx/hex_metadata.config"

/* Debian's erlang-base 25.2.3, less the modules. */
static const char kernel[] = "%% This is an -*- erlang -*- file.\n"
                             "%% %CopyrightBegin%\n"
                             "{application, kernel,\n"
                             " [\n"
                             "  {description, \"ERTS  CXC 138 10\"},\n"
                             "  {vsn, \"8.5.3\"},\n"
                             "  {modules, [application, 'Elixir.X', erts_debug]},\n"
                             "  {registered, [application_controller]},\n"
                             "  {env, [{logger_level, notice}, {net_tickintensity, 4}, {x, <<\"y\">>}, {f, -1.5e3}]},\n"
                             "  {mod, {kernel, []}}\n"
                             " ]\n"
                             "}.\n";

/* As `mix compile` of Elixir 1.14 writes it. */
static const char mix[] = "{application,jason,\n"
                          "             [{applications,[kernel,stdlib,elixir]},\n"
                          "              {description,\"A blazing fast {vsn,\\\"9\\\"} JSON parser\"},\n"
                          "              {modules,['Elixir.Jason','Elixir.Jason.Encoder']},\n"
                          "              {registered,[]},\n"
                          "              {vsn,\"1.4.0\"}]}.\n";

/* Of elixlsx 0.6.0 from hex.pm, less most of its files. */
static const char metadata[] =
    "{<<\"app\">>,<<\"elixlsx\">>}.\n"
    "{<<\"build_tools\">>,[<<\"mix\">>]}.\n"
    "{<<\"description\">>,\n <<\"Elixlsx is a writer for the MS Excel OpenXML format (`.xlsx`).\">>}.\n"
    "{<<\"files\">>,\n [<<\"lib\">>,<<\"lib/elixlsx.ex\">>]}.\n"
    "{<<\"licenses\">>,[<<\"MIT\">>]}.\n"
    "{<<\"links\">>,\n [{<<\"GitHub\">>,<<\"https://github.com/xou/elixlsx\">>}]}.\n"
    "{<<\"name\">>,<<\"elixlsx\">>}.\n"
    "{<<\"requirements\">>,\n [[{<<\"name\">>,<<\"protoss\">>},\n   {<<\"optional\">>,false}]]}.\n"
    "{<<\"version\">>,<<\"0.6.0\">>}.\n";

static void test_app(void **state)
{
        static const struct lang_row rows[] = {
            {APP, kernel, "kernel 8.5.3 [otp/]", NULL},
            {APP, mix, "jason 1.4.0", NULL},
            {APP, "{application,'p1_utils',[{vsn,\"1.0.25\"},{vsn2,{a,[\"}\",$x]}}]}.", "p1_utils 1.0.25", NULL},
            {APP, "{application,x,[{},{{vsn,1},2},{vsn,\"\\x31.2\"},atom,{a}]}.", "", "not read: no term"},
            {APP, "{application,x,[{},{{vsn,1},2},{vsn,\"\\x31.2\"},{a}]}.", "x 1.2", NULL},
            {APP, "{application,x,[{vsn,{cmd,\"git\"}}]}.", "", "\"x\" has no valid name or vsn"},
            {APP, "{application,x,[]}.", "", "no valid name or vsn"},
            {APP, "{application,'a/b',[{vsn,\"1\"}]}.", "", "\"a/b\" has no valid name"},
            {APP, "{application,x,[{vsn,\"1\"}", "", "not read: no term"},
            {APP, "{application,x,[{vsn,\"1]}.", "", "not read: no term"},
            {APP, "{application,x,[{vsn,1}]}.", "", "not read: no term"},
            {APP, "{application,x,{vsn,\"1\"}}.", "", "not read: no term"},
            {APP, "{release,{\"x\",\"1\"},{erts,\"1\"},[]}.", "", "not read: no term"},
            {APP, "<?xml version=\"1.0\"?>", "", "not read: no term"},
            {APP, "", "", "not read: no term"},
        };

        (void)state;
        check_rows(&detect_beam, rows, ARRAY_LEN(rows));
}

static void test_metadata(void **state)
{
        static const struct {
                const char *text, *name, *licence, *note;
        } rows[] = {
            {metadata, "elixlsx", "MIT", NULL},
            {"{<<\"licenses\">>,[<<\"Apache 2.0\">>,<<\"MIT\"/utf8>>]}.{<<\"name\">>,<<\"a\">>}.", "a",
                "Apache-2.0 AND MIT", NULL},
            {"{<<\"name\">>,<<\"a\">>}.", NULL, NULL, NULL},
            {"{<<\"licenses\">>,[<<\"MIT\">>]}.", NULL, NULL, NULL},
            {"{<<\"licenses\">>,[]}.{<<\"name\">>,<<\"a\">>}.{<<\"n\">>,true}.", NULL, NULL, NULL},
            {"", NULL, NULL, NULL},
            {"{name,<<\"a\">>}.", NULL, NULL, "not read: a term"},
            {"{<<\"name\">>,<<\"a\">>", NULL, NULL, "not read: a term"},
            {"{<<\"licenses\">>,[{}]}.", NULL, NULL, "not read: a term"},
            {"x", NULL, NULL, "not read: a term"},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct findings f = detect_file(&detect_beam, HEX, span_of(rows[i].text));
                assert_int_equal(f.packages.len, 0);
                assert_int_equal(f.supplements.len, rows[i].name ? 1 : 0);
                assert_int_equal(f.notes.len, rows[i].note ? 1 : 0);
                if (rows[i].name) {
                        assert_span(f.supplements.at[0].name, rows[i].name);
                        assert_span(f.supplements.at[0].licence, rows[i].licence);
                }
                if (rows[i].note)
                        assert_noted(f.notes.at, f.notes.len, rows[i].note);
                arena_free(f.arena);
        }
}

static void test_paths(void **state)
{
        static const char *const wanted[] = {APP, HEX, "usr/lib/erlang/lib/kernel-8.5.3/ebin/kernel.app", "ebin/a.app"};
        static const char *const unwanted[] = {
            "ebin/.app", "usr/x/kernel.app", "src/kernel.app.src", "ebin/kernel.appup"};

        (void)state;
        check_paths(&detect_beam, wanted, ARRAY_LEN(wanted), unwanted, ARRAY_LEN(unwanted));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_app),
            cmocka_unit_test(test_metadata),
            cmocka_unit_test(test_paths),
        };

        return cmocka_run_group_tests_name("inventory beam", tests, NULL, NULL);
}
