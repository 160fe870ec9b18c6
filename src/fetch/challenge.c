/* WWW-Authenticate: a list of challenges, each a scheme and name=value pairs, values as tokens or quoted strings. */
#include <string.h>

#include "fetch/fetch_priv.h"

static bool is_token(uint8_t c)
{
        return c > ' ' && c < 0x7f && !strchr("()<>@,;:\\\"/[]?={}", c);
}

static void skip_blanks(struct span *s)
{
        while (s->len > 0 && (s->at[0] == ' ' || s->at[0] == '\t' || s->at[0] == ','))
                *s = span_from(*s, 1);
}

static struct span take_token(struct span *s)
{
        size_t n = 0;

        while (n < s->len && is_token(s->at[n]))
                n++;
        struct span token = span_cut(*s, 0, n);
        *s = span_from(*s, n);
        return token;
}

static bool take_quoted(struct span *s, struct arena *a, struct span *ret)
{
        CLEANUP(buf_done) struct buf text = {.max = FETCH_HEADER_MAX};
        size_t i = 1;

        for (; i < s->len && s->at[i] != '"'; i++) {
                if (s->at[i] == '\\' && i + 1 < s->len)
                        i++;
                if (s->at[i] < ' ' || s->at[i] == 0x7f)
                        return false;
                buf_put_u8(&text, s->at[i]);
        }
        if (i == s->len || text.failed)
                return false;
        *s = span_from(*s, i + 1);
        *ret = arena_copy(a, buf_span(&text));
        return true;
}

static bool same_word(struct span s, const char *word)
{
        size_t i = 0;

        for (; i < s.len && word[i]; i++)
                if ((s.at[i] | 0x20) != word[i])
                        return false;
        return i == s.len && word[i] == 0;
}

static void parameter(struct challenge *c, struct span name, struct span value)
{
        if (same_word(name, "realm"))
                c->realm = value;
        else if (same_word(name, "service"))
                c->service = value;
        else if (same_word(name, "scope"))
                c->scope = value;
        else if (same_word(name, "error"))
                c->error = value;
}

/* One challenge; leaves `s` at the next. False: broken. */
static bool take_challenge(struct span *s, struct arena *a, struct challenge *c)
{
        struct span scheme = take_token(s);

        if (scheme.len == 0)
                return false;
        c->scheme = same_word(scheme, "basic")    ? CHALLENGE_BASIC
                    : same_word(scheme, "bearer") ? CHALLENGE_BEARER
                                                  : CHALLENGE_NONE;
        for (;;) {
                struct span before, value = {0};
                skip_blanks(s);
                before = *s;
                struct span name = take_token(s);
                if (name.len == 0)
                        return s->len == 0;
                if (s->len == 0 || s->at[0] != '=') {
                        *s = before; /* the next scheme */
                        return true;
                }
                *s = span_from(*s, 1);
                if (s->len > 0 && s->at[0] == '"') {
                        if (!take_quoted(s, a, &value))
                                return false;
                } else {
                        value = arena_copy(a, take_token(s));
                }
                parameter(c, name, value);
        }
}

bool challenge_parse(struct span value, struct arena *a, struct challenge *ret)
{
        *ret = (struct challenge){0};
        if (value.len > FETCH_HEADER_MAX)
                return false;
        skip_blanks(&value);
        while (value.len > 0) {
                struct challenge c = {0};
                if (!take_challenge(&value, a, &c))
                        return false;
                if (c.scheme > ret->scheme)
                        *ret = c;
                skip_blanks(&value);
        }
        return ret->scheme != CHALLENGE_NONE;
}
