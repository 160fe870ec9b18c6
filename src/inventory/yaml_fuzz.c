#include "inventory/yaml_priv.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* libyaml ends a key without '?' after 1024 bytes, and both are of one line here. */
#define KEY_MAX 100u

static bool put_string(struct buf *to, struct span s)
{
        buf_put_u8(to, '"');
        for (size_t i = 0; i < s.len; i++)
                if (s.at[i] < ' ' || s.at[i] == '"' || s.at[i] == '\\' || s.at[i] == 0x7f)
                        buf_printf(to, "\\x%02x", s.at[i]);
                else
                        buf_put_u8(to, s.at[i]);
        buf_put_u8(to, '"');
        /* Breaks beyond ASCII (U+0085, U+2028, U+2029) are folded, and U+FEFF is a mark: not the point here. */
        return !s.len || (!memmem(s.at, s.len, "\xc2\x85", 2) && !memmem(s.at, s.len, "\xe2\x80", 2) &&
                             !memmem(s.at, s.len, "\xef\xbb\xbf", 3));
}

static bool put(struct buf *to, const struct tree_value *v)
{
        if (v->kind == TREE_TEXT)
                return put_string(to, v->text);
        buf_put_text(to, v->kind == TREE_MAP ? "{" : "[");
        for (const struct tree_value *m = v->first; m; m = m->next) {
                if (v->kind == TREE_MAP) {
                        if (m->key.len > KEY_MAX || !put_string(to, m->key))
                                return false;
                        buf_put_text(to, ": ");
                }
                if (!put(to, m))
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

/* What was read is written in one line, aliases followed, and read again: it is the same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        CLEANUP(buf_done) struct buf text = {0};
        struct tree t, again;
        struct err e = {0};

        tree_init(&t, a);
        if (!tree_yaml_documents(&t, span_bytes(data, size), &e)) {
                assert(e.kind == ERR_MALFORMED || e.kind == ERR_LIMIT || e.kind == ERR_UNSUPPORTED);
                assert(e.text[0]);
                return 0;
        }
        size_t n = 0;
        for (const struct tree_value *v = t.before->first; v; v = v->next)
                n++;
        assert(n <= YAML_DOCUMENTS_MAX && t.root == t.before->last);
        if (!t.root || !put(&text, t.root))
                return 0;
        tree_init(&again, a);
        assert(tree_yaml(&again, buf_span(&text), &e));
        equal(t.root, again.root);
        return 0;
}
