/* The YAML reader: what becomes a tree, and every way in which a file could ask for more than it is worth. */
#include "inventory/detect_test_priv.h"
#include "inventory/yaml_priv.h"

static void put(struct buf *b, const struct tree_value *v)
{
        if (v->kind == TREE_TEXT)
                buf_printf(b, "'%.*s'", SPAN_FMT(v->text));
        if (v->kind == TREE_TEXT)
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

struct row {
        const char *text, *tree; /* NULL: refused */
        const char *error;
};

static void check(const struct row *rows, size_t n, bool documents)
{
        for (size_t i = 0; i < n; i++) {
                struct arena *a = arena_new();
                struct tree t;
                struct err e = {0};
                struct buf b = {0};

                tree_init(&t, a);
                bool ok = (documents ? tree_yaml_documents : tree_yaml)(&t, span_of(rows[i].text), &e);
                if (ok != (rows[i].tree != NULL))
                        fail_msg("row %zu: %s", i, ok ? "taken" : e.text);
                if (ok && (documents || t.root)) {
                        put(&b, documents ? t.before : t.root);
                        if (documents)
                                assert_ptr_equal(t.root, t.before->last);
                }
                if (ok && !span_is(buf_span(&b), rows[i].tree))
                        fail_msg("row %zu: %.*s", i, SPAN_FMT(buf_span(&b)));
                if (!ok && (!strstr(e.text, rows[i].error) || e.kind == ERR_NONE))
                        fail_msg("row %zu: %s", i, e.text);
                buf_done(&b);
                arena_free(a);
        }
}

static void test_values(void **state)
{
        static const struct row rows[] = {
            {"a: 1\nb: [x, \"y\\n\", 'z''s']\nc:\n- d: e\n  f:\n", "{a='1' b=['x' 'y\n' 'z's'] c=[{d='e' f=''}]}",
                NULL},
            {"? a\n: b\n", "{a='b'}", NULL},
            {"a: |\n  x\n  y\nb: >-\n  x\n  y\n", "{a='x\ny\n' b='x y'}", NULL},
            {"a: !!str 1\nb: !own {c: d}\n", "{a='1' b={c='d'}}", NULL},
            {"%YAML 1.1\n---\na: b\n...\n", "{a='b'}", NULL},
            {"a: &x {b: [c]}\nd: *x\ne: &x f\ng: *x\n", "{a={b=['c']} d={b=['c']} e='f' g='f'}", NULL},
            {"x", "'x'", NULL},
            {"", "", NULL},
            {"# nothing\n", "", NULL},
            {"\xef\xbb\xbf"
             "a: b\n",
                "{a='b'}", NULL},
            {"a: *x\n", NULL, "line 1, column 4: an alias to an anchor that is not before it"},
            {"*x\n", NULL, "line 1, column 1: an alias to an anchor that is not before it"},
            {"a: &x [*x]\n", NULL, "line 1, column 8: an alias to an anchor that is not before it"},
            {"a: 1\na: 2\n", NULL, "line 2, column 1: a key that its map has already"},
            {"a: &x {b: c}\n? *x\n: d\n", NULL, "line 2, column 3: a key that is no plain word"},
            {"? [a]\n: b\n", NULL, "a key that is no plain word"},
            {"a: [\n", NULL, "line 2, column 1: "},
            {"a: b: c\n", NULL, "line 1, column 5: "},
            {"\ta: b\n", NULL, "line 1, column 1: "},
            {"a: \xff\n", NULL, "not UTF-8"},
            {"a: \"\x01\"\n", NULL, "byte "},
            {"a: 1\n---\nb: 2\n", NULL, "more than one document"},
            {"--- a\n--- b\n", NULL, "more than one document"},
        };

        (void)state;
        check(rows, ARRAY_LEN(rows), false);
}

static void test_documents(void **state)
{
        static const struct row rows[] = {
            {"---\na: 1\n---\nb: 2\n", "[{a='1'} {b='2'}]", NULL},
            {"a: 1\n", "[{a='1'}]", NULL},
            {"a: &x 1\n---\nb: &x 2\nc: *x\n", "[{a='1'} {b='2' c='2'}]", NULL},
            {"a: &x 1\n---\nb: *x\n", NULL, "line 3, column 4: an alias to an anchor that is not before it"},
            {"--- a\n--- a\n--- a\n--- a\n--- a\n--- a\n--- a\n--- a\n--- a\n--- a\n--- a\n--- a\n--- a\n--- a\n"
             "--- a\n--- a\n--- a\n",
                NULL, "line 17, column 1: more than 16 documents"},
        };

        (void)state;
        check(rows, ARRAY_LEN(rows), true);
}

static void check_text(const struct buf *text, const char *error)
{
        struct arena *a = arena_new();
        struct tree t;
        struct err e = {0};

        tree_init(&t, a);
        assert_false(tree_yaml(&t, buf_span(text), &e));
        if (!strstr(e.text, error))
                fail_msg("%s", e.text);
        assert_int_equal(e.kind, ERR_LIMIT);
        arena_free(a);
}

static void test_bounds(void **state)
{
        struct buf b = {0};

        (void)state;
        for (unsigned i = 0; i < 33; i++)
                buf_put_text(&b, "[");
        check_text(&b, "nested too deeply");
        buf_clear(&b);
        buf_put_text(&b, "a: &a 1\nb:\n");
        for (unsigned i = 0; i <= YAML_ALIASES_MAX; i++)
                buf_put_text(&b, "- *a\n");
        check_text(&b, "line 1003, column 3: more than 1000 aliases");
        buf_clear(&b);
        for (unsigned i = 0; i <= 1000; i++)
                buf_printf(&b, "k%u: &a%u 1\n", i, i);
        check_text(&b, "line 1001, column 8: more than 1000 anchors");
        buf_clear(&b);
        buf_put_text(&b, "? ");
        for (unsigned i = 0; i < 4097; i++)
                buf_put_text(&b, "k");
        buf_put_text(&b, "\n: 1\n");
        check_text(&b, "a key of more than 4096 bytes");
        buf_clear(&b);
        /* Each line eight times the one above: 8^7 values. */
        buf_put_text(&b, "a: &a [x,x,x,x,x,x,x,x]\n");
        for (char c = 'b'; c < 'h'; c++)
                buf_printf(&b, "%c: &%c [*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c]\n", c, c, c - 1, c - 1, c - 1, c - 1, c - 1,
                    c - 1, c - 1, c - 1);
        check_text(&b, "more values than one file may hold");
        buf_clear(&b);
        /* Copies of copies, each one level deeper. */
        buf_put_text(&b, "a0: &a0 [x]\n");
        for (unsigned i = 1; i < 40; i++)
                buf_printf(&b, "a%u: &a%u [*a%u]\n", i, i, i - 1);
        check_text(&b, "nested too deeply");
        buf_done(&b);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_values),
            cmocka_unit_test(test_documents),
            cmocka_unit_test(test_bounds),
        };

        return cmocka_run_group_tests_name("inventory YAML", tests, NULL, NULL);
}
