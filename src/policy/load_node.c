#include <stdarg.h>

#include "policy/load_priv.h"

bool load_fail(const struct loader *l, const struct node *n, const char *fmt, ...)
{
        char text[ERR_TEXT_MAX];
        struct err one = {0};
        va_list ap;

        va_start(ap, fmt);
        vsnprintf(text, sizeof(text), fmt, ap);
        va_end(ap);
        err_set(&one, ERR_MALFORMED, "%s:%u:%u: %s", l->name, n->line, n->column, text);
        if (l->errors->len == 0 && l->e)
                *l->e = one;
        if (l->errors->len < POLICY_ERRORS_MAX)
                *ARENA_PUSH(l->arena, l->errors) = arena_copy(l->arena, span_of(one.text));
        return false;
}

static const char *kind_name(const struct node *n)
{
        if (n->kind == NODE_LIST)
                return "a list";
        if (n->kind == NODE_MAPPING)
                return "a mapping";
        return n->plain && n->text.len == 0 ? "nothing" : "a text";
}

static bool key_unknown(const struct loader *l, const struct node *key, const struct load_key *keys, size_t n)
{
        char known[200] = "", shown[100];
        size_t len = 0;

        for (size_t i = 0; i < n; i++) {
                int put = snprintf(known + len, sizeof(known) - len, "%s%s", i ? ", " : "", keys[i].name);

                len += put > 0 && (size_t)put < sizeof(known) - len ? (size_t)put : 0;
        }
        return load_fail(
            l, key, "unknown key \"%s\"; known here: %s", span_printable(key->text, shown, sizeof(shown)), known);
}

bool load_mapping(const struct loader *l, const struct node *n, const char *what, const struct load_key *keys,
    size_t n_keys, void *into)
{
        uint64_t seen = 0;
        bool ok = true;

        if (n->kind != NODE_MAPPING)
                return load_fail(l, n, "%s: a mapping (key: value) was expected, found %s", what, kind_name(n));
        for (size_t i = 0; i + 1 < n->n_items; i += 2) {
                size_t k = 0;

                while (k < n_keys && !span_is(n->items[i].text, keys[k].name))
                        k++;
                if (k == n_keys) {
                        ok = key_unknown(l, &n->items[i], keys, n_keys);
                        continue;
                }
                seen |= (uint64_t)1 << k;
                ok &= keys[k].read(l, &n->items[i + 1], into);
        }
        for (size_t k = 0; k < n_keys; k++)
                if (keys[k].mandatory && !(seen >> k & 1))
                        ok = load_fail(l, n, "%s: \"%s\" is missing", what, keys[k].name);
        return ok;
}

bool load_list(const struct loader *l, const struct node *n, const char *what, size_t max)
{
        if (n->kind != NODE_LIST)
                return load_fail(l, n, "%s: a list was expected, found %s", what, kind_name(n));
        if (n->n_items > max)
                return load_fail(l, n, "%s: %zu entries, at most %zu", what, n->n_items, max);
        return true;
}

/* An empty one would refuse everything, which is more likely a slip than a wish. */
bool load_allow_list(const struct loader *l, const struct node *n, const char *what)
{
        if (!load_list(l, n, what, POLICY_LIST_MAX))
                return false;
        return n->n_items > 0 ||
               load_fail(l, n, "%s: an empty list would refuse everything: leave \"allow\" out", what);
}

bool load_text(const struct loader *l, const struct node *n, const char *what, struct span *ret)
{
        if (n->kind != NODE_SCALAR || span_trim(n->text).len == 0)
                return load_fail(
                    l, n, "%s: a text was expected, found %s", what, n->kind == NODE_SCALAR ? "nothing" : kind_name(n));
        *ret = n->text;
        return true;
}

bool load_bool(const struct loader *l, const struct node *n, const char *what, bool *ret)
{
        if (n->kind != NODE_SCALAR || !n->plain || (!span_is(n->text, "true") && !span_is(n->text, "false")))
                return load_fail(l, n, "%s: true or false was expected", what);
        *ret = span_is(n->text, "true");
        return true;
}

bool load_number(const struct loader *l, const struct node *n, const char *what, uint32_t max, uint32_t *ret)
{
        uint64_t v;

        if (n->kind != NODE_SCALAR || !n->plain || !span_to_u64(n->text, &v) || v > max)
                return load_fail(l, n, "%s: a whole number from 0 to %u was expected", what, max);
        *ret = (uint32_t)v;
        return true;
}

struct span load_stars_doubled(struct span text, struct arena *a)
{
        uint8_t *to = arena_alloc(a, 2 * text.len);
        size_t n = 0;

        for (size_t i = 0; i < text.len; i++) {
                to[n++] = text.at[i];
                if (text.at[i] == '*')
                        to[n++] = '*';
        }
        return span_bytes(to, n);
}
