#include "inventory/purl_priv.h"
#include "inventory/purl_types_priv.h"

/* ECMA-427, "Character encoding": letters, digits, ".-_~" and ":" stand as they are, all else is percent-encoded. */
static void put_encoded(struct buf *b, struct span s, enum purl_case how)
{
        static const char hex[] = "0123456789ABCDEF";

        for (size_t i = 0; i < s.len; i++) {
                uint8_t c = purl_cased(s.at[i], how);
                bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
                             c == '-' || c == '_' || c == '~' || c == ':';
                if (plain) {
                        buf_put_u8(b, c);
                        continue;
                }
                buf_put_u8(b, '%');
                buf_put_u8(b, (uint8_t)hex[c >> 4]);
                buf_put_u8(b, (uint8_t)hex[c & 15]);
        }
}

/* Parts divided by '/', each with `before` in front; empty ones are dropped, of a subpath "." and ".." too. */
static void put_parts(struct buf *b, struct span parts, enum purl_case how, const char *before, bool subpath)
{
        struct span part;

        while (parts.len > 0) {
                span_split(parts, '/', &part, &parts);
                if (part.len == 0 || (subpath && (span_is(part, ".") || span_is(part, ".."))))
                        continue;
                buf_put_text(b, before);
                put_encoded(b, part, how);
                before = "/";
        }
}

static size_t sorted_qualifiers(const struct purl *p, const struct purl_qualifier *ret[PURL_QUALIFIERS_MAX])
{
        size_t n = 0;

        for (size_t i = 0; i < PURL_QUALIFIERS_MAX && p->qualifiers[i].key; i++) {
                size_t at = n;
                if (p->qualifiers[i].value.len == 0)
                        continue;
                for (; at > 0 && strcmp(ret[at - 1]->key, p->qualifiers[i].key) > 0; at--)
                        ret[at] = ret[at - 1];
                ret[at] = &p->qualifiers[i];
                n++;
        }
        return n;
}

void purl_put(struct buf *b, const struct purl *p)
{
        const struct purl_qualifier *qualifiers[PURL_QUALIFIERS_MAX];
        size_t n = sorted_qualifiers(p, qualifiers);
        struct purl_cases cases = purl_type_cases(p, true);

        buf_put_text(b, "pkg:");
        buf_put_text(b, p->type);
        put_parts(b, p->namespace, cases.namespace, "/", false);
        buf_put_u8(b, '/');
        if (purl_type_has_paths(p->type))
                put_parts(b, p->name, cases.name, "", false);
        else
                put_encoded(b, p->name, cases.name);
        if (p->version.len > 0) {
                buf_put_u8(b, '@');
                put_encoded(b, p->version, cases.version);
        }
        for (size_t i = 0; i < n; i++) {
                buf_put_u8(b, i == 0 ? '?' : '&');
                buf_put_text(b, qualifiers[i]->key);
                buf_put_u8(b, '=');
                put_encoded(b, qualifiers[i]->value, PURL_KEEP);
        }
        put_parts(b, p->subpath, PURL_KEEP, "#", true);
}

/* ---- what may be written and read ---- */

/* Small letters, digits, ".", "-" and, in keys, "_"; the first is a letter. */
static bool is_token(struct span s, bool key)
{
        for (size_t i = 0; i < s.len; i++) {
                uint8_t c = s.at[i];
                bool letter = c >= 'a' && c <= 'z', other = (c >= '0' && c <= '9') || c == '.' || c == '-';
                if (!letter && (i == 0 || (!other && !(key && c == '_'))))
                        return false;
        }
        return s.len > 0;
}

static bool check(const struct purl *p, struct err *e)
{
        struct span name = p->name;
        char shown[80];

        if (!p->type || !is_token(span_of(p->type), false))
                return err_set(e, ERR_MALFORMED, "a package URL's type is letters, digits, \".\" and \"-\"");
        while (purl_type_has_paths(p->type) && name.len > 0 && name.at[0] == '/')
                name = span_from(name, 1);
        if (name.len == 0)
                return err_set(e, ERR_MALFORMED, "a package URL has no name");
        for (size_t i = 0; i < PURL_QUALIFIERS_MAX && p->qualifiers[i].key; i++) {
                if (!is_token(span_of(p->qualifiers[i].key), true))
                        return err_set(e, ERR_MALFORMED, "\"%s\" is no key of a package URL's qualifier",
                            span_printable(span_of(p->qualifiers[i].key), shown, sizeof(shown)));
                for (size_t k = 0; k < i; k++)
                        if (strcmp(p->qualifiers[i].key, p->qualifiers[k].key) == 0)
                                return err_set(
                                    e, ERR_MALFORMED, "the qualifier \"%s\" stands twice", p->qualifiers[i].key);
        }
        return purl_type_check(p, e);
}

bool purl_build(struct buf *b, const struct purl *p, struct err *e)
{
        if (!check(p, e))
                return false;
        purl_put(b, p);
        return true;
}

/* ---- reading ---- */

static int hex_value(uint8_t c)
{
        if (c >= '0' && c <= '9')
                return c - '0';
        if (c >= 'a' && c <= 'f')
                return c - 'a' + 10;
        return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool decode(struct span s, struct arena *a, struct span *ret, struct err *e)
{
        uint8_t *to = arena_alloc(a, s.len);
        size_t n = 0;

        for (size_t i = 0; i < s.len; i++) {
                int high, low;
                if (s.at[i] != '%') {
                        to[n++] = s.at[i];
                        continue;
                }
                high = i + 2 < s.len ? hex_value(s.at[i + 1]) : -1;
                low = i + 2 < s.len ? hex_value(s.at[i + 2]) : -1;
                if (high < 0 || low < 0)
                        return err_set(e, ERR_MALFORMED, "a package URL has a '%%' without two hexadecimal digits");
                to[n++] = (uint8_t)(high << 4 | low);
                i += 2;
        }
        *ret = (struct span){to, n};
        return (!span_has_control(*ret) && span_is_utf8(*ret)) ||
               err_set(e, ERR_MALFORMED, "a package URL holds control bytes or is not UTF-8");
}

/* Each part decoded alone: a '/' that was encoded divides nothing, and is refused. */
static bool decode_parts(struct span s, struct arena *a, bool subpath, struct span *ret, struct err *e)
{
        CLEANUP(buf_done) struct buf b = {.max = PURL_MAX};
        struct span part, plain = {0};
        size_t at;

        while (s.len > 0) {
                span_split(s, '/', &part, &s);
                if (!decode(part, a, &plain, e))
                        return false;
                if (plain.len == 0 || (subpath && (span_is(plain, ".") || span_is(plain, ".."))))
                        continue;
                if (span_find(plain, '/', &at))
                        return err_set(e, ERR_MALFORMED, "a part of a package URL holds an encoded '/'");
                if (b.len > 0)
                        buf_put_u8(&b, '/');
                buf_put(&b, plain);
        }
        *ret = arena_copy(a, buf_span(&b));
        return true;
}

static bool find_last(struct span s, uint8_t byte, size_t *ret)
{
        for (size_t i = s.len; i > 0; i--)
                if (s.at[i - 1] == byte) {
                        *ret = i - 1;
                        return true;
                }
        return false;
}

/* Cuts off what follows the last `byte`. */
static struct span cut_last(struct span *s, uint8_t byte)
{
        struct span rest = {0};
        size_t at;

        if (find_last(*s, byte, &at)) {
                rest = span_from(*s, at + 1);
                s->len = at;
        }
        return rest;
}

static const char *lower_string(struct arena *a, struct span s)
{
        char *text = arena_string(a, s);

        for (size_t i = 0; i < s.len; i++)
                if (text[i] >= 'A' && text[i] <= 'Z')
                        text[i] = (char)(text[i] + 'a' - 'A');
        return text;
}

static struct span cased(struct arena *a, struct span s, enum purl_case how)
{
        uint8_t *to = how == PURL_KEEP ? NULL : arena_alloc(a, s.len);

        for (size_t i = 0; to && i < s.len; i++)
                to[i] = purl_cased(s.at[i], how);
        return to ? (struct span){to, s.len} : s;
}

static bool parse_qualifiers(struct span s, struct arena *a, bool strict, struct purl *p, struct err *e)
{
        const struct purl_qualifier *order[PURL_QUALIFIERS_MAX];
        struct purl_qualifier sorted[PURL_QUALIFIERS_MAX] = {{0}};
        struct span pair, key, value;
        size_t n = 0;

        while (s.len > 0) {
                span_split(s, '&', &pair, &s);
                span_split(pair, '=', &key, &value);
                if (pair.len == 0)
                        continue;
                if (n == PURL_QUALIFIERS_MAX)
                        return err_set(e, ERR_LIMIT, "a package URL with more than %u qualifiers", PURL_QUALIFIERS_MAX);
                if (!decode(value, a, &p->qualifiers[n].value, e))
                        return false;
                if (strict && key.len > 0 && key.at[0] >= 'A' && key.at[0] <= 'Z')
                        return err_set(e, ERR_MALFORMED, "a package URL's qualifier begins with a capital letter");
                p->qualifiers[n++].key = lower_string(a, key);
        }
        if (!check(p, e))
                return false;
        n = sorted_qualifiers(p, order);
        for (size_t i = 0; i < n; i++)
                sorted[i] = *order[i];
        memcpy(p->qualifiers, sorted, sizeof(sorted));
        return true;
}

bool purl_parse(struct span s, struct arena *a, bool strict, struct purl *ret, struct err *e)
{
        struct span type, subpath, qualifiers, version = {0}, name, scheme;
        struct purl_cases cases;
        struct purl p = {0};
        size_t slash = 0, at;

        if (s.len > PURL_MAX)
                return err_set(e, ERR_LIMIT, "a package URL of %zu bytes, at most %u", s.len, PURL_MAX);
        if (span_has_control(s))
                return err_set(e, ERR_MALFORMED, "a package URL holds control bytes or is not UTF-8");
        subpath = cut_last(&s, '#');
        qualifiers = cut_last(&s, '?');
        if (!span_split(s, ':', &scheme, &s) || strcmp(lower_string(a, scheme), "pkg") != 0)
                return err_set(e, ERR_MALFORMED, "a package URL begins with \"pkg:\"");
        while (s.len > 0 && s.at[0] == '/')
                s = span_from(s, 1);
        while (s.len > 0 && s.at[s.len - 1] == '/')
                s.len--;
        if (!span_split(s, '/', &type, &s))
                return err_set(e, ERR_MALFORMED, "a package URL has a type, a '/' and a name");
        p.type = lower_string(a, type);
        /* A '@' in front of the last '/' is of the namespace: "@babel/core". */
        if (find_last(s, '@', &at) && (!find_last(s, '/', &slash) || at > slash)) {
                version = span_from(s, at + 1);
                s.len = at;
        }
        name = s;
        if (purl_type_has_paths(p.type)) {
                while (s.len > 0 && s.at[0] == '/')
                        s = span_from(s, 1);
                name = s;
                if (!span_split(s, '/', &s, &name))
                        name = s;
        } else if (find_last(s, '/', &slash)) {
                name = span_from(s, slash + 1);
                s.len = slash;
        }
        if (name.at == s.at)
                s.len = 0;
        if (!decode_parts(s, a, false, &p.namespace, e) ||
            !(purl_type_has_paths(p.type) ? decode_parts(name, a, false, &p.name, e) : decode(name, a, &p.name, e)) ||
            !decode(version, a, &p.version, e) || !decode_parts(subpath, a, true, &p.subpath, e) ||
            !parse_qualifiers(qualifiers, a, strict, &p, e))
                return false;
        cases = purl_type_cases(&p, false);
        p.namespace = cased(a, p.namespace, cases.namespace);
        p.name = cased(a, p.name, cases.name);
        p.version = cased(a, p.version, cases.version);
        *ret = p;
        return true;
}
