#include "inventory/toml_priv.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void put_string(struct buf *to, struct span s)
{
        buf_put_u8(to, '"');
        for (size_t i = 0; i < s.len; i++)
                if (s.at[i] < ' ' || s.at[i] == '"' || s.at[i] == '\\' || s.at[i] == 0x7f)
                        buf_printf(to, "\\u%04x", s.at[i]);
                else
                        buf_put_u8(to, s.at[i]);
        buf_put_u8(to, '"');
}

/* As an inline value. False: nested deeper than those may be. */
static bool put(struct buf *to, const struct tree_value *v, unsigned depth)
{
        if (depth >= TOML_DEPTH_MAX)
                return false;
        if (v->kind == TREE_TEXT)
                put_string(to, v->text);
        else if (v->kind == TREE_WORD)
                buf_put(to, v->text);
        if (v->kind == TREE_TEXT || v->kind == TREE_WORD)
                return true;
        buf_put_text(to, v->kind == TREE_MAP ? "{" : "[");
        for (const struct tree_value *m = v->first; m; m = m->next) {
                if (v->kind == TREE_MAP) {
                        put_string(to, m->key);
                        buf_put_text(to, " = ");
                }
                if (!put(to, m, depth + 1))
                        return false;
                buf_put_text(to, m->next ? ", " : "");
        }
        buf_put_text(to, v->kind == TREE_MAP ? "}" : "]");
        return true;
}

static void equal(const struct tree_value *a, const struct tree_value *b)
{
        const struct tree_value *x = a->first, *y = b->first;

        assert(a->kind == b->kind && span_equal(a->key, b->key) && span_equal(a->text, b->text));
        for (; x && y; x = x->next, y = y->next)
                equal(x, y);
        assert(!x && !y);
}

/* What was read is written as one line for each member of the root, and read again: it is the same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        CLEANUP(buf_done) struct buf text = {0};
        struct tree t, again;
        struct err e = {0};
        bool flat = true;

        tree_init(&t, a);
        if (!tree_toml(&t, span_bytes(data, size), &e)) {
                assert(e.kind == ERR_MALFORMED || e.kind == ERR_LIMIT);
                assert(e.text[0]);
                return 0;
        }
        for (const struct tree_value *m = t.root->first; m; m = m->next) {
                assert(tree_get(&t, t.root, m->key) == m);
                put_string(&text, m->key);
                buf_put_text(&text, " = ");
                flat = flat && put(&text, m, 0);
                buf_put_u8(&text, '\n');
        }
        if (!flat)
                return 0;
        tree_init(&again, a);
        assert(tree_toml(&again, buf_span(&text), &e));
        equal(t.root, again.root);
        return 0;
}
