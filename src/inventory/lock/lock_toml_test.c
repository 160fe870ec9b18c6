/* Lock files that are TOML, and the reader itself. */
#include "inventory/lock/lock_test_priv.h"
#include "inventory/toml_priv.h"

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

/* ---- the reader: what TOML 1.0 is, and what it is not ---- */

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

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_poetry),
            cmocka_unit_test(test_pdm),
            cmocka_unit_test(test_uv),
            cmocka_unit_test(test_cargo),
            cmocka_unit_test(test_values),
        };

        return cmocka_run_group_tests_name("inventory lock files in TOML", tests, NULL, NULL);
}
