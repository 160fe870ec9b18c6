/*
 * The TOML reader: what TOML 1.0 is, and what it is not. The facts of the official suite (toml-test), in our own words;
 * the reader was held against all of its 210 valid and 499 invalid files.
 */
#include "inventory/detect_test_priv.h"
#include "inventory/toml_priv.h"

static void put(struct buf *b, const struct tree_value *v)
{
        if (v->kind == TREE_TEXT)
                buf_printf(b, "'%.*s'", SPAN_FMT(v->text));
        else if (v->kind == TREE_WORD)
                buf_put(b, v->text);
        if (v->kind != TREE_MAP && v->kind != TREE_LIST)
                return;
        buf_put_text(b, v->kind == TREE_MAP ? "{" : "[");
        for (const struct tree_value *m = v->first; m; m = m->next) {
                if (v->kind == TREE_MAP)
                        buf_printf(b, "%.*s=", SPAN_FMT(m->key));
                put(b, m);
                buf_put_text(b, m->next ? " " : "");
        }
        buf_put_text(b, v->kind == TREE_MAP ? "}" : "]");
}

static void test_values(void **state)
{
        static const struct {
                const char *text, *tree; /* NULL: refused */
                const char *error;
        } rows[] = {
            {"a = 1 # c\r\n\nb.\"c d\".'e' = true\n", "{a=1 b={c d={e=true}}}", NULL},
            {"a = \"x\\t\\\"\\u00e9\\U0001F600\\\\\"\n", "{a='x\t\"\xc3\xa9\xf0\x9f\x98\x80\\'}", NULL},
            {"a = 'x\\n'\nb = ''\nc = \"\"", "{a='x\\n' b='' c=''}", NULL},
            {"a = \"\"\"\nx\n\\\n   y\"\"z\"\"\"\"\"\n", "{a='x\ny\"\"z\"\"'}", NULL},
            {"a = '''\r\nx\\\n'y''''\n", "{a='x\\\n'y''}", NULL},
            {"a = [1, [2,\n # c\n 'x'], {b = 1}, ]\n", "{a=[1 [2 'x'] {b=1}]}", NULL},
            {"a = {}\nb = { c.d = 1, e = [] }", "{a={} b={c={d=1} e=[]}}", NULL},
            {"a = 1979-05-27 07:32:00\nb = 1979-05-27\nc = 07:32:00.5\nd = -1_0.5e+3\ne = +inf\nf = 0xdead\n",
                "{a=1979-05-27 07:32:00 b=1979-05-27 c=07:32:00.5 d=-1_0.5e+3 e=+inf f=0xdead}", NULL},
            {"[a.b]\nc = 1\n[a]\nd = 2\n[[e]]\nf = 1\n[e.g]\nh = 1\n[[e]]\nf = 2\n",
                "{a={b={c=1} d=2} e=[{f=1 g={h=1}} {f=2}]}", NULL},
            {"[a]\n[a]\n", NULL, "line 2: a table or value of that name"},
            {"a = 1\n[a]\n", NULL, "line 2: a table or value of that name"},
            {"a = 1\n[a.b]\n", NULL, "line 2: the key leads into a value"},
            {"a = {b = 1}\n[a.c]\n", NULL, "line 2: the key leads into a value"},
            {"a = {b = 1}\na.c = 2\n", NULL, "line 2: the key leads into a value"},
            {"a = []\n[[a]]\n", NULL, "line 2: a table or value of that name"},
            {"[[a]]\n[a]\n", NULL, "line 2: a table or value of that name"},
            {"[a.b]\n[a]\nb.c = 1\n", NULL, "line 3: a table that its own header has defined"},
            /* Dotted keys make tables that no header may name, but that headers may lead through. */
            {"[a]\nb.c = 1\n[a.b.d]\nx = 1\n", "{a={b={c=1 d={x=1}}}}", NULL},
            {"[a.b.c]\n[a]\nb.d = 1\n", "{a={b={c={} d=1}}}", NULL},
            {"[a]\nb.c = 1\n[a.b]\n", NULL, "line 3: a table or value of that name"},
            {"[a]\nb.c.d = 1\n[a.b.c]\n", NULL, "line 3: a table or value of that name"},
            {"[a.b.c]\n[a]\nb.d = 1\n[a.b]\n", NULL, "line 4: a table or value of that name"},
            {"[a.b.c]\n[a]\nb.c.d = 1\n", NULL, "line 3: a table that its own header has defined"},
            {"[[a.b]]\n[a]\nb.c = 1\n", NULL, "line 3: a table that its own header has defined"},
            {"a = {b = 1, b.c = 2}\n", NULL, "the key leads into a value"},
            {"a.b = 1\na = 2\n", NULL, "line 2: a key that is there already"},
            {"[a\n]\n", NULL, "line 1: ']' was expected"},
            {"[a]]\n", NULL, "the line's end was expected"},
            {"[]\n", NULL, "a key was expected"},
            {"a..b = 1\n", NULL, "a key was expected"},
            {"a. = 1\n", NULL, "a key was expected"},
            {"# c\r\na = 1 # d\r\n", "{a=1}", NULL},
            {"# c\rd\n", NULL, "a control byte in a comment"},
            {"a = 1\rb = 2\n", NULL, "the line's end was expected"},
            {"\xef\xbb\xbf"
             "a = 1",
                "{a=1}", NULL},
            {"a = 1\na = 2\n", NULL, "line 2: a key that is there already"},
            {"a = 1 b = 2\n", NULL, "the line's end was expected"},
            {"a\n", NULL, "'=' was expected"},
            {"= 1\n", NULL, "a key was expected"},
            {"a = \n", NULL, "a value was expected"},
            {"a = truth\n", NULL, "a value was expected"},
            {"a = \"x\ny\"\n", NULL, "a control byte in a string"},
            {"a = \"x", NULL, "a string that does not end"},
            {"a = \"\"\"x\"\"", NULL, "a string that does not end"},
            {"a = \"\\q\"", NULL, "an escape that is not known"},
            {"a = \"\\ud800\"", NULL, "an escape that is no character"},
            {"a = \"\\U00110000\"", NULL, "an escape that is no character"},
            {"a = \"\\u12", NULL, "an escape that ends early"},
            {"a = [1 2]", NULL, "',' or ']' was expected"},
            {"a = {b = 1,}", NULL, "a key was expected after ','"},
            {"a = {b = 1\n}", NULL, "',' or '}' was expected"},
            {"\"\"\"a\"\"\" = 1", NULL, "'=' was expected"},
            {"# \x01\n", NULL, "a control byte in a comment"},
            {"a = \"\xff\"", NULL, "not UTF-8"},
            {"a = [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1", NULL, "nested too deeply"},
            {"a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a = 1", NULL, "more than 32 parts"},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct arena *a = arena_new();
                struct tree t;
                struct err e = {0};
                struct buf b = {0};

                tree_init(&t, a);
                bool ok = tree_toml(&t, span_of(rows[i].text), &e);
                if (ok != (rows[i].tree != NULL))
                        fail_msg("row %zu: %s", i, ok ? "taken" : e.text);
                if (ok) {
                        put(&b, t.root);
                        if (!span_is(buf_span(&b), rows[i].tree))
                                fail_msg("row %zu: %.*s", i, SPAN_FMT(buf_span(&b)));
                } else if (!strstr(e.text, rows[i].error) || e.kind == ERR_NONE) {
                        fail_msg("row %zu: %s", i, e.text);
                }
                buf_done(&b);
                arena_free(a);
        }
}

/* Each is a value of its own: "a = VALUE". */
static void test_words(void **state)
{
        static const char *const good[] = {"0", "+0", "-0", "99", "-17", "1_000", "5_349_221", "0xDEADBEEF",
            "0xdead_beef", "0o755", "0b1101", "0x0", "1.0", "-0.01", "5e+22", "1e06", "-2E-2", "6.626e-34",
            "224_617.445_991", "0.0", "-0.0", "0e0", "inf", "+inf", "-inf", "nan", "-nan", "true", "false",
            "1979-05-27T07:32:00Z", "1979-05-27t07:32:00z", "1979-05-27 07:32:00Z", "1979-05-27T00:32:00-07:00",
            "1979-05-27T00:32:00.999999-07:00", "1979-05-27T07:32:00", "1979-05-27", "07:32:00", "00:32:00.5",
            "2000-02-29", "2024-02-29T23:59:60Z", "0001-01-01", "9999-12-31"};
        static const char *const bad[] = {"00", "+00", "01", "-01", "0_1", "_1", "1_", "1__0", "+_1", "0x", "0b", "0o",
            "0X1", "0B1", "0O7", "+0x1", "-0b1", "0x_1", "0x1_", "0b2", "0o8", "0xg", "1.", ".1", "1.e2", "1._1",
            "1_.1", "01.5", "-01.5", "1e", "1e+", "1e_1", "1e1_", "1e1.5", "1.2.3", "1..2", "1ee2", "Inf", "NaN",
            "+true", "True", "TRUE", "tru", "falsey", "1979-5-27", "79-05-27", "10000-01-01", "1979-13-01",
            "1979-00-01", "1979-05-00", "1979-05-32", "1979-04-31", "1979-02-29", "1900-02-29", "2000-02-30",
            "1979-05-27T", "1979-05-27 ", "1979-05-27T7:32:00", "1979-05-27T07:32", "1979-05-27T24:00:00",
            "1979-05-27T23:60:00", "1979-05-27T23:59:61", "1979-05-27T07:32:00.", "1979-05-27T07:32:00.Z",
            "1979-05-27T07:32:00+24:00", "1979-05-27T07:32:00+00:60", "1979-05-27T07:32:00+1:00",
            "1979-05-27T07:32:00+0100", "1979-05-27T07:32:00+", "1979-05-27T07:32:00ZZ", "1979-05-27  07:32:00",
            "1979-05-2707:32:00", "07:32", "7:32:00", "07:32:00Z", "07:32:00.5.5", "07:3:00", "+07:32:00", "--1", "+-1",
            "1-2", "a", "-", "+", "e1"};

        (void)state;
        for (size_t pass = 0; pass < 2; pass++)
                for (size_t i = 0; i < (pass ? ARRAY_LEN(bad) : ARRAY_LEN(good)); i++) {
                        const char *word = pass ? bad[i] : good[i];
                        struct arena *a = arena_new();
                        struct tree t;
                        struct err e = {0};

                        tree_init(&t, a);
                        bool ok = tree_toml(&t, arena_printf(a, "a = %s\n", word), &e);
                        /* A blank behind a date is no part of it. */
                        bool wanted = !pass || strcmp(word, "1979-05-27 ") == 0;
                        if (ok != wanted)
                                fail_msg("\"%s\": %s", word, ok ? "taken" : e.text);
                        if (ok && !pass)
                                assert_span(tree_word(&t, t.root, "a"), word);
                        if (!ok)
                                assert_int_equal(e.kind, ERR_MALFORMED);
                        arena_free(a);
                }
}

static void test_bounds(void **state)
{
        struct arena *a = arena_new();
        struct buf many = {0};
        struct tree t;
        struct err e = {0};

        (void)state;
        buf_put_text(&many, "a = [");
        for (unsigned i = 0; i < TREE_VALUES_MAX; i++)
                buf_put_text(&many, "1,");
        buf_put_text(&many, "]");
        tree_init(&t, a);
        assert_false(tree_toml(&t, buf_span(&many), &e));
        assert_int_equal(e.kind, ERR_LIMIT);
        buf_clear(&many);
        /* Many members of one table: each is found at once, and the last is a double. */
        for (unsigned i = 0; i < 300000; i++)
                buf_printf(&many, "k%u = 1\n", i);
        buf_put_text(&many, "k77777 = 2\n");
        tree_init(&t, a);
        assert_false(tree_toml(&t, buf_span(&many), &e));
        assert_string_equal(e.text, "line 300001: a key that is there already");
        buf_done(&many);
        arena_free(a);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_values),
            cmocka_unit_test(test_words),
            cmocka_unit_test(test_bounds),
        };

        return cmocka_run_group_tests_name("inventory TOML", tests, NULL, NULL);
}
