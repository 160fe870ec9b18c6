/* TOML 1.0: keys, tables and values. Strings are in toml_string.c. */
#include "inventory/toml_string_priv.h"

static bool value(struct toml *r, struct tree_value *in, struct span key, unsigned depth);

static uint8_t peek(const struct toml *r)
{
        return r->rest.len > 0 ? r->rest.at[0] : 0;
}

static void skip_blanks(struct toml *r)
{
        while (peek(r) == ' ' || peek(r) == '\t')
                r->rest = span_from(r->rest, 1);
}

/* A comment up to its line's end, which stays. */
static bool skip_comment(struct toml *r)
{
        if (peek(r) != '#')
                return true;
        while (r->rest.len > 0 && peek(r) != '\n') {
                uint8_t c = peek(r);
                if (c == '\r' && span_starts(r->rest, "\r\n"))
                        break;
                if ((c < ' ' && c != '\t') || c == 0x7f)
                        return toml_fail(r, ERR_MALFORMED, "a control byte in a comment");
                r->rest = span_from(r->rest, 1);
        }
        return true;
}

static bool line_break(struct toml *r)
{
        if (!span_starts(r->rest, "\n") && !span_starts(r->rest, "\r\n"))
                return false;
        r->rest = span_from(r->rest, peek(r) == '\r' ? 2 : 1);
        r->line++;
        return true;
}

/* Blanks, comments and line breaks: between the elements of an array. */
static bool skip_space(struct toml *r)
{
        do {
                skip_blanks(r);
                if (!skip_comment(r))
                        return false;
        } while (line_break(r));
        return true;
}

static bool line_end(struct toml *r)
{
        skip_blanks(r);
        if (!skip_comment(r))
                return false;
        return r->rest.len == 0 || line_break(r) || toml_fail(r, ERR_MALFORMED, "the line's end was expected");
}

bool toml_is_bare(uint8_t c)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

struct parts {
        struct span at[TOML_PARTS_MAX];
        size_t n;
};

/* a."b c".d */
static bool read_key(struct toml *r, struct parts *ret)
{
        for (ret->n = 0; ret->n < TOML_PARTS_MAX;) {
                struct span *part = &ret->at[ret->n++];
                skip_blanks(r);
                if (peek(r) == '"' || peek(r) == '\'') {
                        if (!toml_string(r, false, part))
                                return false;
                } else {
                        size_t len = 0;
                        while (len < r->rest.len && toml_is_bare(r->rest.at[len]))
                                len++;
                        if (len == 0)
                                return toml_fail(r, ERR_MALFORMED, "a key was expected");
                        *part = span_cut(r->rest, 0, len);
                        r->rest = span_from(r->rest, len);
                }
                skip_blanks(r);
                if (peek(r) != '.')
                        return true;
                r->rest = span_from(r->rest, 1);
        }
        return toml_fail(r, ERR_LIMIT, "a key of more than 32 parts");
}

static struct tree_value *add(struct toml *r, struct tree_value *in, struct span key, enum tree_kind kind)
{
        struct tree_value *v = tree_add(r->tree, in, key, kind);

        if (!v)
                toml_fail(r, ERR_LIMIT, "more values than one file may hold (2000000)");
        return v;
}

/* The table `key` of `in`, which is made if it is not there; of an array of tables, its last one. NULL: refused. */
static struct tree_value *step(struct toml *r, struct tree_value *in, struct span key)
{
        struct tree_value *v = tree_get(r->tree, in, key);

        if (!v)
                return add(r, in, key, TREE_MAP);
        if (v->kind == TREE_LIST && !v->closed)
                v = v->last;
        if (v->kind == TREE_MAP && !v->closed)
                return v;
        toml_fail(r, ERR_MALFORMED, "the key leads into a value that is no table");
        return NULL;
}

/* key = value, in the table `in`. */
static bool pair(struct toml *r, struct tree_value *in, unsigned depth)
{
        struct parts key;

        if (!read_key(r, &key))
                return false;
        for (size_t i = 0; i + 1 < key.n; i++) {
                struct tree_value *old = tree_get(r->tree, in, key.at[i]);
                if (old && (old->defined || old->kind == TREE_LIST))
                        return toml_fail(r, ERR_MALFORMED, "a table that its own header has defined already");
                in = step(r, in, key.at[i]);
                if (!in)
                        return false;
                in->dotted = true;
        }
        if (peek(r) != '=')
                return toml_fail(r, ERR_MALFORMED, "'=' was expected");
        r->rest = span_from(r->rest, 1);
        skip_blanks(r);
        if (tree_get(r->tree, in, key.at[key.n - 1]))
                return toml_fail(r, ERR_MALFORMED, "a key that is there already");
        return value(r, in, key.at[key.n - 1], depth);
}

static bool array(struct toml *r, struct tree_value *in, unsigned depth)
{
        r->rest = span_from(r->rest, 1);
        for (;;) {
                if (!skip_space(r))
                        return false;
                if (peek(r) == ']')
                        break;
                if (!value(r, in, (struct span){0}, depth) || !skip_space(r))
                        return false;
                if (peek(r) == ']')
                        break;
                if (peek(r) != ',')
                        return toml_fail(r, ERR_MALFORMED, "',' or ']' was expected");
                r->rest = span_from(r->rest, 1);
        }
        r->rest = span_from(r->rest, 1);
        in->closed = true;
        return true;
}

/* Nothing may be added to what an inline table holds, however deep. */
static void close_all(struct tree_value *v, unsigned depth)
{
        v->closed = true;
        for (struct tree_value *m = v->first; m && depth < TOML_DEPTH_MAX * TOML_PARTS_MAX; m = m->next)
                if (m->kind == TREE_MAP && !m->closed)
                        close_all(m, depth + 1);
}

static bool inline_table(struct toml *r, struct tree_value *in, unsigned depth)
{
        r->rest = span_from(r->rest, 1);
        skip_blanks(r);
        while (peek(r) != '}') {
                if (!pair(r, in, depth))
                        return false;
                skip_blanks(r);
                if (peek(r) == '}')
                        break;
                if (peek(r) != ',')
                        return toml_fail(r, ERR_MALFORMED, "',' or '}' was expected");
                r->rest = span_from(r->rest, 1);
                skip_blanks(r);
                if (peek(r) == '}')
                        return toml_fail(r, ERR_MALFORMED, "a key was expected after ','");
        }
        r->rest = span_from(r->rest, 1);
        close_all(in, 0);
        return true;
}

static bool value(struct toml *r, struct tree_value *in, struct span key, unsigned depth)
{
        uint8_t c = peek(r);
        enum tree_kind kind = c == '"' || c == '\'' ? TREE_TEXT
                              : c == '['            ? TREE_LIST
                              : c == '{'            ? TREE_MAP
                                                    : TREE_WORD;

        if (depth >= TOML_DEPTH_MAX)
                return toml_fail(r, ERR_LIMIT, "nested too deeply");
        struct tree_value *v = add(r, in, key, kind);
        if (!v)
                return false;
        switch (kind) {
        case TREE_TEXT:
                return toml_string(r, true, &v->text);
        case TREE_LIST:
                return array(r, v, depth + 1);
        case TREE_MAP:
                return inline_table(r, v, depth + 1);
        default:
                return toml_word(r, &v->text);
        }
}

/* [a.b] or [[a.b]]: the table that the following lines fill. */
static struct tree_value *header(struct toml *r)
{
        struct tree_value *in = r->tree->root, *v;
        bool of_array = span_starts(r->rest, "[[");
        struct parts key;

        r->rest = span_from(r->rest, of_array ? 2 : 1);
        if (!read_key(r, &key))
                return NULL;
        if (!span_starts(r->rest, of_array ? "]]" : "]")) {
                toml_fail(r, ERR_MALFORMED, "']' was expected");
                return NULL;
        }
        r->rest = span_from(r->rest, of_array ? 2 : 1);
        for (size_t i = 0; i + 1 < key.n; i++) {
                in = step(r, in, key.at[i]);
                if (!in)
                        return NULL;
        }
        v = tree_get(r->tree, in, key.at[key.n - 1]);
        if (of_array && (!v || (v->kind == TREE_LIST && !v->closed))) {
                v = v ? v : add(r, in, key.at[key.n - 1], TREE_LIST);
                return v ? add(r, v, (struct span){0}, TREE_MAP) : NULL;
        }
        if (of_array || (v && (v->kind != TREE_MAP || v->closed || v->defined || v->dotted))) {
                toml_fail(r, ERR_MALFORMED, "a table or value of that name is there already");
                return NULL;
        }
        v = v ? v : add(r, in, key.at[key.n - 1], TREE_MAP);
        if (v)
                v->defined = true;
        return v;
}

bool tree_toml(struct tree *t, struct span in, struct err *e)
{
        struct toml r = {.tree = t, .rest = span_starts(in, "\xef\xbb\xbf") ? span_from(in, 3) : in, .line = 1, .e = e};
        struct tree_value *table = t->root = tree_add(t, NULL, (struct span){0}, TREE_MAP);

        if (!span_is_utf8(in))
                return err_set(e, ERR_MALFORMED, "not UTF-8");
        for (;;) {
                if (!skip_space(&r))
                        return false;
                if (r.rest.len == 0)
                        return true;
                if (peek(&r) == '[') {
                        table = header(&r);
                        if (!table)
                                return false;
                } else if (!pair(&r, table, 0)) {
                        return false;
                }
                if (!line_end(&r))
                        return false;
        }
}
