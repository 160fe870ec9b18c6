#include "inventory/lang/lang_test_priv.h"
#include "inventory/lang/literal_priv.h"

typedef bool literal_reader(struct span *in, struct arena *a, struct span *ret);

static void test_literals(void **state)
{
        static const struct {
                literal_reader *read;
                const char *text, *value, *rest; /* value NULL: refused, and nothing taken */
        } rows[] = {
            {literal_ruby, "\"rake\".freeze, x", "rake", ", x"},
            {literal_ruby, "\"Andr\\u00E9 \\x41\\101\\n\\u{1F600}\\\"\"", "Andr\xc3\xa9 AA\n\xf0\x9f\x98\x80\"", ""},
            {literal_ruby, "'a\\'b\\\\c\\n'", "a'b\\c\\n", ""},
            {literal_ruby, "%q<a<b>c>.freeze]", "a<b>c", "]"},
            {literal_ruby, "%q{}", "", ""},
            {literal_ruby, "\"1.0.#{x}\"", NULL, NULL},
            {literal_ruby, "'1.0.#{x}'", "1.0.#{x}", ""},
            {literal_ruby, "\"\\u12\"", NULL, NULL},
            {literal_ruby, "\"\\u{110000}\"", NULL, NULL},
            {literal_ruby, "\"\\xg\"", NULL, NULL},
            {literal_ruby, "\"open", NULL, NULL},
            {literal_ruby, "\"\\", NULL, NULL},
            {literal_ruby, "%q<open", NULL, NULL},
            {literal_ruby, "%qx", NULL, NULL},
            {literal_ruby, "%q", NULL, NULL},
            {literal_ruby, "x", NULL, NULL},
            {literal_ruby, "", NULL, NULL},
            {literal_lua, "[[\na\nb]] x", "a\nb", " x"},
            {literal_lua, "'\\65\\z'", "Az", ""},
            {literal_lua, "[[open]", NULL, NULL},
            {literal_lua, "{", NULL, NULL},
            {literal_toml, "\"a\\u00e9\\U0001F600\" # x", "a\xc3\xa9\xf0\x9f\x98\x80", " # x"},
            {literal_toml, "'\\n'", "\\n", ""},
            {literal_toml, "1", NULL, NULL},
            {literal_erlang, "\"1\\x{2e}2\"]", "1.2", "]"},
            {literal_erlang, "'Elixir.X'", "Elixir.X", ""},
            {literal_erlang, "<<\"x\">>", NULL, NULL},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(arena_freep) struct arena *a = arena_new();
                struct span in = span_of(rows[i].text), value = SPAN_LIT("untouched");
                if (rows[i].read(&in, a, &value) != (rows[i].value != NULL))
                        fail_msg("row %zu: %s", i, rows[i].text);
                assert_span(value, rows[i].value ? rows[i].value : "untouched");
                assert_span(in, rows[i].value ? rows[i].rest : rows[i].text);
        }
}

static void test_limit(void **state)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        CLEANUP(buf_done) struct buf text = {0};
        struct span in, value;

        (void)state;
        buf_put_u8(&text, '"');
        for (size_t i = 0; i < LITERAL_MAX; i++)
                buf_put_u8(&text, 'x');
        buf_put_u8(&text, '"');
        in = buf_span(&text);
        assert_true(literal_toml(&in, a, &value));
        assert_int_equal(value.len, LITERAL_MAX);
        text.at[text.len - 1] = 'x';
        buf_put_u8(&text, '"');
        in = buf_span(&text);
        assert_false(literal_toml(&in, a, &value));
}

static void test_join(void **state)
{
        static const struct {
                const char *folder, *relative, *path; /* NULL: refused */
        } rows[] = {
            {"usr/lib", "x", "usr/lib/x"},
            {"usr/lib", "../bin/x", "usr/bin/x"},
            {"usr/lib", "./a/./b//c/", "usr/lib/a/b/c"},
            {"usr/lib", "/etc/x", "etc/x"},
            {"", "a", "a"},
            {"a", "../b", "b"},
            {"a", "../../b", NULL},
            {"", "..", NULL},
            {"", "/../x", NULL},
            {"", "", NULL},
            {"a", "..", NULL},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct buf b = {.max = 20};
                if (path_join(span_of(rows[i].folder), span_of(rows[i].relative), &b) != (rows[i].path != NULL))
                        fail_msg("row %zu", i);
                if (rows[i].path)
                        assert_span(buf_span(&b), rows[i].path);
                buf_done(&b);
        }
        struct buf small = {.max = 20};
        assert_false(path_join(span_of("a"), span_of("0123456789/0123456789"), &small));
        buf_done(&small);
}

static void test_licences(void **state)
{
        static const struct {
                const char *words, *licence;
        } rows[] = {
            {"MIT", "MIT"},
            {"mit", "MIT"},
            {" The MIT License ", "MIT"},
            {"MIT/X11", "MIT"},
            {"Apache License, Version 2.0", "Apache-2.0"},
            {"BSD 3-Clause", "BSD-3-Clause"},
            {"New BSD License", "BSD-3-Clause"},
            {"GPLv2+", "GPL-2.0-or-later"},
            {"GPLv2", "GPL-2.0-only"},
            {"MIT OR Apache-2.0", "MIT OR Apache-2.0"},
            {"BSD", "BSD"},
            {"Dual licensed", "Dual licensed"},
            {"License", "License"},
            {"", ""},
        };
        struct buf choice = {.max = 60}, all = {.max = 60};

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                assert_span(licence_of_words(span_of(rows[i].words)), rows[i].licence);
        licence_choice(&choice, SPAN_LIT("MIT"));
        licence_choice(&choice, SPAN_LIT(""));
        licence_choice(&choice, SPAN_LIT("MIT-0"));
        licence_choice(&choice, SPAN_LIT("mit"));
        licence_choice(&choice, SPAN_LIT("0"));
        assert_span(buf_span(&choice), "MIT OR MIT-0 OR 0");
        licence_also(&all, SPAN_LIT("MIT OR ISC"));
        licence_also(&all, SPAN_LIT(""));
        licence_also(&all, SPAN_LIT("Zlib"));
        assert_span(buf_span(&all), "(MIT OR ISC) AND Zlib");
        buf_done(&choice);
        buf_done(&all);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_literals),
            cmocka_unit_test(test_limit),
            cmocka_unit_test(test_join),
            cmocka_unit_test(test_licences),
        };

        return cmocka_run_group_tests_name("inventory literal", tests, NULL, NULL);
}
