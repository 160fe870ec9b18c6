/* Package URLs held against each other (OpenVEX: "what a purl leaves out matches everything"). */
#include "match/match_priv.h"

static int hex_value(uint8_t c)
{
        if (c >= '0' && c <= '9')
                return c - '0';
        c |= 0x20;
        return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static struct span decode(struct span s, struct arena *a)
{
        uint8_t *to;
        size_t at, n = 0;

        if (!span_find(s, '%', &at))
                return s;
        to = arena_alloc(a, s.len);
        for (size_t i = 0; i < s.len; i++) {
                bool coded =
                    s.at[i] == '%' && i + 2 < s.len && hex_value(s.at[i + 1]) >= 0 && hex_value(s.at[i + 2]) >= 0;

                to[n++] = coded ? (uint8_t)(hex_value(s.at[i + 1]) * 16 + hex_value(s.at[i + 2])) : s.at[i];
                i += coded ? 2 : 0;
        }
        return (struct span){to, n};
}

static bool last_of(struct span s, uint8_t byte, size_t *ret)
{
        for (size_t i = s.len; i-- > 0;)
                if (s.at[i] == byte) {
                        *ret = i;
                        return true;
                }
        return false;
}

/* ECMA-427, "How to parse": from the right, so that a '/' or '@' of what stands there can't be taken for one of the left. */
bool match_purl_split(struct span purl, struct arena *a, struct purl_parts *ret)
{
        struct purl_parts p = {0};
        struct span rest;
        size_t at;

        if (!span_starts(purl, "pkg:"))
                return false;
        span_split(span_from(purl, 4), '#', &rest, &p.subpath);
        span_split(rest, '?', &rest, &p.qualifiers);
        while (rest.len > 0 && rest.at[0] == '/')
                rest = span_from(rest, 1);
        span_split(rest, '/', &p.type, &rest);
        /* "@scope/name": npm's namespace may stand there without its '%40' */
        if (last_of(rest, '@', &at) && at > 0 && rest.at[at - 1] != '/') {
                p.version = decode(span_from(rest, at + 1), a);
                rest = span_cut(rest, 0, at);
        }
        while (rest.len > 0 && rest.at[rest.len - 1] == '/')
                rest.len--;
        if (last_of(rest, '/', &at)) {
                p.namespace = decode(span_cut(rest, 0, at), a);
                rest = span_from(rest, at + 1);
        }
        p.name = decode(rest, a);
        p.subpath = decode(p.subpath, a);
        *ret = p;
        return p.type.len > 0 && p.name.len > 0;
}

static uint8_t lower(uint8_t c)
{
        return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

static bool same_letters(struct span a, struct span b)
{
        if (a.len != b.len)
                return false;
        for (size_t i = 0; i < a.len; i++)
                if (lower(a.at[i]) != lower(b.at[i]))
                        return false;
        return true;
}

/* PEP 503, as far as purls are held against each other: '_' and '.' are '-'. */
static bool same_python(struct span a, struct span b)
{
        if (a.len != b.len)
                return false;
        for (size_t i = 0; i < a.len; i++) {
                uint8_t x = lower(a.at[i]), y = lower(b.at[i]);

                x = x == '_' || x == '.' ? '-' : x;
                y = y == '_' || y == '.' ? '-' : y;
                if (x != y)
                        return false;
        }
        return true;
}

/* Types whose names are told apart by their letters' case; all others are written small, or by anybody's habit. */
static bool is_cased(struct span type)
{
        static const char *const types[] = {"cargo", "conda", "cran", "gem", "hackage", "maven", "rpm", "swift"};

        for (size_t i = 0; i < ARRAY_LEN(types); i++)
                if (same_letters(type, span_of(types[i])))
                        return true;
        return false;
}

static bool same_name(struct span type, struct span a, struct span b)
{
        if (same_letters(type, SPAN_LIT("pypi")))
                return same_python(a, b);
        return is_cased(type) ? span_equal(a, b) : same_letters(a, b);
}

/* Go's versions are written with their 'v' and without it. */
static bool same_version(struct span type, struct span a, struct span b)
{
        if (same_letters(type, SPAN_LIT("golang"))) {
                a = span_starts(a, "v") ? span_from(a, 1) : a;
                b = span_starts(b, "v") ? span_from(b, 1) : b;
        }
        return span_equal(a, b);
}

struct span match_purl_qualifier(const struct purl_parts *p, const char *key, struct arena *a)
{
        struct span rest = p->qualifiers, one, name, value;

        while (rest.len > 0) {
                span_split(rest, '&', &one, &rest);
                if (span_split(one, '=', &name, &value) && same_letters(name, span_of(key)))
                        return decode(value, a);
        }
        return (struct span){0};
}

bool match_purl_covers(const struct purl_parts *pattern, const struct purl_parts *of, struct arena *a)
{
        struct span rest = pattern->qualifiers, one, name, value;

        if (!same_letters(pattern->type, of->type) || !same_name(of->type, pattern->namespace, of->namespace) ||
            !same_name(of->type, pattern->name, of->name))
                return false;
        if (pattern->version.len > 0 && !same_version(of->type, pattern->version, of->version))
                return false;
        if (pattern->subpath.len > 0 && !span_equal(pattern->subpath, of->subpath))
                return false;
        while (rest.len > 0) {
                char key[64];

                span_split(rest, '&', &one, &rest);
                if (!span_split(one, '=', &name, &value) || value.len == 0)
                        continue;
                if (name.len >= sizeof(key))
                        return false;
                memcpy(key, name.at, name.len);
                key[name.len] = 0;
                if (!span_equal(decode(value, a), match_purl_qualifier(of, key, a)))
                        return false;
        }
        return true;
}
