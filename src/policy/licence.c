/* SPDX licence expressions (SPDX 2.3, annex D) against lists of patterns. AND binds stronger than OR. */
#include "policy/policy_priv.h"

struct judged {
        bool refused;
        const struct licence_entry *entry;
        struct span part;
};

struct expression {
        struct span tokens[POLICY_LICENCE_TOKENS_MAX];
        size_t n, at;
        unsigned depth;
        bool broken;
        const struct licence_list *deny, *allow;
};

/*
 * The other spelling of one of GNU's licences: SPDX 3.0 of the list (2017) made "GPL-3.0" into "GPL-3.0-only" and "GPL-3.0+" into
 * "GPL-3.0-or-later", and both are written to this day. The empty span when there is none.
 */
static struct span other_spelling(struct span id, char to[40])
{
        static const struct {
                const char *old, *new;
        } ends[] = {{"", "-only"}, {"+", "-or-later"}};
        static const char *const bases[] = {"AGPL-1.0", "AGPL-3.0", "GFDL-1.1", "GFDL-1.2", "GFDL-1.3", "GPL-1.0",
            "GPL-2.0", "GPL-3.0", "LGPL-2.0", "LGPL-2.1", "LGPL-3.0"};

        for (size_t i = 0; i < ARRAY_LEN(bases); i++) {
                size_t n = strlen(bases[i]);

                if (id.len < n || strncasecmp((const char *)id.at, bases[i], n) != 0)
                        continue;
                struct span end = span_from(id, n);
                for (size_t k = 0; k < ARRAY_LEN(ends); k++) {
                        bool is_old = end.len == strlen(ends[k].old) && span_is(end, ends[k].old);
                        bool is_new = end.len == strlen(ends[k].new) &&
                                      strncasecmp((const char *)end.at, ends[k].new, end.len) == 0;

                        if (is_old || is_new)
                                return span_bytes(to,
                                    (size_t)snprintf(to, 40, "%s%s", bases[i], is_old ? ends[k].new : ends[k].old));
                }
        }
        return (struct span){0};
}

static const struct licence_entry *list_find(const struct licence_list *l, struct span text)
{
        char spelled[40];
        struct span other = other_spelling(text, spelled);

        for (size_t i = 0; i < l->len; i++)
                if (pattern_matches(l->at[i].pattern, text, true) ||
                    (other.len > 0 && pattern_matches(l->at[i].pattern, other, true)))
                        return &l->at[i];
        return NULL;
}

/* `whole` is "ID" or "ID WITH EXCEPTION"; lists may name either. */
static struct judged judge(const struct expression *x, struct span whole, struct span id)
{
        const struct licence_entry *entry = list_find(x->deny, whole);

        if (!entry)
                entry = list_find(x->deny, id);
        if (entry)
                return (struct judged){true, entry, whole};
        if (x->allow->present && !list_find(x->allow, whole) && !list_find(x->allow, id))
                return (struct judged){true, NULL, whole};
        return (struct judged){false, NULL, whole};
}

static bool is_blank(uint8_t c)
{
        return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool tokenise(struct expression *x, struct span s)
{
        size_t i = 0;

        while (i < s.len) {
                size_t from = i++;

                if (is_blank(s.at[from]))
                        continue;
                if (s.at[from] != '(' && s.at[from] != ')')
                        while (i < s.len && !is_blank(s.at[i]) && s.at[i] != '(' && s.at[i] != ')')
                                i++;
                if (x->n == POLICY_LICENCE_TOKENS_MAX)
                        return false;
                x->tokens[x->n++] = span_cut(s, from, i - from);
        }
        return x->n > 0;
}

static bool token_is(const struct expression *x, const char *word)
{
        struct span t = x->at < x->n ? x->tokens[x->at] : (struct span){0};

        return t.len == strlen(word) && strncasecmp((const char *)t.at, word, t.len) == 0;
}

/* idstring of SPDX 2.3 annex D, with what LicenseRef- and DocumentRef- add, and "+" and "_" that people write. */
static bool is_id_byte(uint8_t c)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c && strchr("-.:+_", c));
}

static bool token_is_id(const struct expression *x)
{
        if (x->at >= x->n || token_is(x, "and") || token_is(x, "or") || token_is(x, "with"))
                return false;
        for (size_t i = 0; i < x->tokens[x->at].len; i++)
                if (!is_id_byte(x->tokens[x->at].at[i]))
                        return false;
        return true;
}

static struct judged any_of(struct expression *x);

static struct judged one(struct expression *x)
{
        struct judged j = {0};
        struct span id, whole;

        if (token_is(x, "(") && x->depth < POLICY_LICENCE_DEPTH_MAX) {
                x->at++;
                x->depth++;
                j = any_of(x);
                x->depth--;
                x->broken = x->broken || !token_is(x, ")");
                x->at++;
                return j;
        }
        if (!token_is_id(x)) {
                x->broken = true;
                return j;
        }
        id = whole = x->tokens[x->at++];
        if (token_is(x, "with")) {
                x->at++;
                if (!token_is_id(x)) {
                        x->broken = true;
                        return j;
                }
                whole.len = (size_t)(x->tokens[x->at].at - whole.at) + x->tokens[x->at].len;
                x->at++;
        }
        return judge(x, whole, id);
}

static struct judged all_of(struct expression *x)
{
        struct judged j = one(x);

        while (!x->broken && token_is(x, "and")) {
                struct judged next;

                x->at++;
                next = one(x);
                if (!j.refused)
                        j = next;
        }
        return j;
}

static struct judged any_of(struct expression *x)
{
        struct judged j = all_of(x);

        while (!x->broken && token_is(x, "or")) {
                struct judged next;

                x->at++;
                next = all_of(x);
                if (j.refused && !next.refused)
                        j = next;
        }
        return j;
}

/* Not an expression but somebody's words: refused if the whole or any word of it is denied. */
static struct judged judge_words(const struct expression *x, struct span s)
{
        struct judged j = judge(x, s, s);
        size_t from = 0;

        for (size_t i = 0; i <= s.len && !(j.refused && j.entry); i++) {
                const struct licence_entry *entry;

                if (i < s.len && !is_blank(s.at[i]) && !(s.at[i] && strchr("(),;/|", s.at[i])))
                        continue;
                entry = i > from ? list_find(x->deny, span_cut(s, from, i - from)) : NULL;
                if (entry)
                        j = (struct judged){true, entry, s};
                from = i + 1;
        }
        return j;
}

bool licence_refused(struct span licence, const struct licence_list *deny, const struct licence_list *allow,
    const struct licence_entry **ret_entry, struct span *ret_part)
{
        struct expression x = {.deny = deny, .allow = allow};
        struct span text = span_trim(licence);
        struct judged j = {0};

        if (!deny->present && !allow->present)
                return false;
        if (text.len == 0)
                text = SPAN_LIT("NOASSERTION");
        x.broken = !tokenise(&x, text);
        if (!x.broken)
                j = any_of(&x);
        if (x.broken || x.at != x.n)
                j = judge_words(&x, text);
        if (!j.refused)
                return false;
        *ret_entry = j.entry;
        *ret_part = j.part;
        return true;
}
