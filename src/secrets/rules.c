/* The rules file: paragraphs of "key value" lines. */
#include <stdlib.h>
#include <string.h>

#include "secrets/secrets_priv.h"

void secrets_rules_free(struct secrets_rules *r)
{
        if (!r)
                return;
        arena_free(r->arena);
        free(r);
}

void secrets_rules_freep(struct secrets_rules **r)
{
        secrets_rules_free(*r);
        *r = NULL;
}

size_t secrets_rules_count(const struct secrets_rules *r)
{
        return r->rules.len;
}

struct parse {
        struct secrets_rules *rules;
        struct rule *rule; /* NULL before the first */
        const char *name;
        size_t line;
        struct err *e;
};

static bool bad(struct parse *p, const char *what, struct span text)
{
        char shown[100];

        return err_set(p->e, ERR_MALFORMED, "%s:%zu: %s%s%s", p->name, p->line, what, text.len ? ": " : "",
            text.len ? span_printable(text, shown, sizeof(shown)) : "");
}

static bool id_ok(struct span id)
{
        for (size_t i = 0; i < id.len; i++)
                if (!((id.at[i] >= 'a' && id.at[i] <= 'z') || (id.at[i] >= '0' && id.at[i] <= '9') ||
                        (i > 0 && id.at[i] == '-')))
                        return false;
        return id.len > 0 && id.len <= 64;
}

static bool rule_begin(struct parse *p, struct span id)
{
        struct secrets_rules *r = p->rules;

        if (!id_ok(id))
                return bad(p, "a rule's id has small letters, digits and '-'", id);
        if (r->rules.len == SECRETS_RULES_MAX)
                return err_set(p->e, ERR_LIMIT, "%s:%zu: more than %u rules", p->name, p->line, SECRETS_RULES_MAX);
        struct span full = arena_printf(r->arena, "secret.%.*s", SPAN_FMT(id));
        for (size_t i = 0; i < r->rules.len; i++)
                if (span_equal(r->rules.at[i].id, full))
                        return bad(p, "two rules have the id", id);
        p->rule = ARENA_PUSH(r->arena, &r->rules);
        p->rule->id = full;
        return true;
}

static bool severity_take(struct parse *p, struct span value)
{
        static const char *const names[] = {
            [SECRET_LOW] = "low", [SECRET_MEDIUM] = "medium", [SECRET_HIGH] = "high", [SECRET_CRITICAL] = "critical"};

        for (size_t i = SECRET_LOW; i < ARRAY_LEN(names); i++)
                if (span_is(value, names[i])) {
                        p->rule->severity = (enum secret_severity)i;
                        return true;
                }
        return bad(p, "severity is low, medium, high or critical, not", value);
}

/* "3", "3.7" */
static bool entropy_take(struct parse *p, struct span value)
{
        struct span whole, tenths = {0};
        uint64_t n, t = 0;

        span_split(value, '.', &whole, &tenths);
        if (!span_to_u64(whole, &n) || n > 8 || tenths.len > 1 || (tenths.len == 1 && !span_to_u64(tenths, &t)))
                return bad(p, "entropy is a number from 0 to 8 with one decimal, not", value);
        p->rule->entropy_tenths = (uint32_t)(10 * n + t);
        return true;
}

static bool list_take(struct parse *p, bool path, struct span value)
{
        struct rule *r = p->rule ? p->rule : &p->rules->common;

        if (r->allow.len + r->allow_path.len >= SECRETS_ALLOWED_MAX)
                return err_set(
                    p->e, ERR_LIMIT, "%s:%zu: more than %u lines of allow", p->name, p->line, SECRETS_ALLOWED_MAX);
        if (path)
                *ARENA_PUSH(p->rules->arena, &r->allow_path) = arena_copy(p->rules->arena, value);
        else
                *ARENA_PUSH(p->rules->arena, &r->allow) = arena_copy(p->rules->arena, value);
        return true;
}

static bool line_take(struct parse *p, struct span line)
{
        struct arena *a = p->rules->arena;
        struct span key, value;

        line = span_trim(line);
        if (line.len == 0 || line.at[0] == '#')
                return true;
        if (line.len > SECRETS_TEXT_MAX || span_has_control(line) || !span_is_utf8(line))
                return bad(p, "a line that is too long or no clean text", (struct span){0});
        if (!span_split(line, ' ', &key, &value))
                value = (struct span){0};
        value = span_trim(value);
        if (span_is(key, "show")) {
                if (value.len > 0 || !p->rule)
                        return bad(p, "show stands alone, in a rule", value);
                p->rule->shown = true;
                return true;
        }
        if (value.len == 0)
                return bad(p, "a key without a value", key);
        if (span_is(key, "rule"))
                return rule_begin(p, value);
        if (span_is(key, "allow") || span_is(key, "allow-path"))
                return list_take(p, span_is(key, "allow-path"), value);
        if (!p->rule)
                return bad(p, "before the first rule stand allow and allow-path alone, not", key);
        if (span_is(key, "title"))
                p->rule->title = arena_copy(a, value);
        else if (span_is(key, "match"))
                p->rule->match = arena_copy(a, value);
        else if (span_is(key, "severity"))
                return severity_take(p, value);
        else if (span_is(key, "entropy"))
                return entropy_take(p, value);
        else
                return bad(
                    p, "unknown key; known are rule, title, severity, match, entropy, show, allow, allow-path", key);
        return true;
}

static bool whole(struct parse *p)
{
        for (size_t i = 0; i < p->rules->rules.len; i++) {
                const struct rule *r = &p->rules->rules.at[i];
                if (r->title.len == 0 || r->match.len == 0 || r->severity == 0)
                        return err_set(p->e, ERR_MALFORMED,
                            "%s: rule %.*s lacks its title, its severity or what it matches", p->name, SPAN_FMT(r->id));
        }
        return p->rules->rules.len > 0 || err_set(p->e, ERR_MALFORMED, "%s: there is no rule in it", p->name);
}

bool secrets_rules_parse(struct span text, const char *name, struct secrets_rules **ret, struct err *e)
{
        CLEANUP(secrets_rules_freep) struct secrets_rules *r = heap_alloc(sizeof(*r));
        struct parse p = {.rules = r, .name = name, .e = e};
        struct cursor c = {.rest = text};
        struct span line;

        r->arena = arena_new();
        if (text.len > SECRETS_RULES_FILE_MAX)
                return err_set(e, ERR_LIMIT, "%s: %zu bytes, at most %u", name, text.len, SECRETS_RULES_FILE_MAX);
        while (cursor_line(&c, &line)) {
                p.line++;
                if (!line_take(&p, line))
                        return false;
        }
        if (!whole(&p))
                return false;
        *ret = r;
        r = NULL;
        return true;
}

/* ---- as bytes ---- */

static void list_put(struct buf *b, const struct span *at, size_t n)
{
        buf_put_u32le(b, (uint32_t)n);
        for (size_t i = 0; i < n; i++)
                buf_put_string(b, at[i]);
}

static void rule_put(struct buf *b, const struct rule *r)
{
        buf_put_string(b, r->id);
        buf_put_string(b, r->title);
        buf_put_u8(b, (uint8_t)r->severity);
        buf_put_u32le(b, r->entropy_tenths);
        buf_put_u8(b, r->shown);
        list_put(b, r->allow.at, r->allow.len);
        list_put(b, r->allow_path.at, r->allow_path.len);
}

void rules_put(struct buf *b, const struct secrets_rules *r)
{
        rule_put(b, &r->common);
        buf_put_u32le(b, (uint32_t)r->rules.len);
        for (size_t i = 0; i < r->rules.len; i++)
                rule_put(b, &r->rules.at[i]);
}

static bool rule_get(struct cursor *c, struct arena *a, struct rule *r)
{
        r->id = arena_copy(a, cursor_string(c, SECRETS_TEXT_MAX));
        r->title = arena_copy(a, cursor_string(c, SECRETS_TEXT_MAX));
        uint8_t severity = cursor_u8(c);
        r->severity = (enum secret_severity)severity;
        r->entropy_tenths = cursor_u32le(c);
        r->shown = cursor_u8(c) == 1;
        uint32_t n = cursor_u32le(c);
        for (uint32_t i = 0; i < n && i < SECRETS_ALLOWED_MAX && !c->failed; i++)
                *ARENA_PUSH(a, &r->allow) = arena_copy(a, cursor_string(c, SECRETS_TEXT_MAX));
        uint32_t m = cursor_u32le(c);
        for (uint32_t i = 0; i < m && i < SECRETS_ALLOWED_MAX && !c->failed; i++)
                *ARENA_PUSH(a, &r->allow_path) = arena_copy(a, cursor_string(c, SECRETS_TEXT_MAX));
        return !c->failed && severity <= SECRET_CRITICAL && n <= SECRETS_ALLOWED_MAX && m <= SECRETS_ALLOWED_MAX;
}

bool rules_get(struct cursor *c, struct secrets_rules **ret)
{
        CLEANUP(secrets_rules_freep) struct secrets_rules *r = heap_alloc(sizeof(*r));
        uint32_t n;

        r->arena = arena_new();
        if (!rule_get(c, r->arena, &r->common))
                return false;
        n = cursor_u32le(c);
        if (c->failed || n == 0 || n > SECRETS_RULES_MAX)
                return false;
        for (uint32_t i = 0; i < n; i++)
                if (!rule_get(c, r->arena, ARENA_PUSH(r->arena, &r->rules)))
                        return false;
        *ret = r;
        r = NULL;
        return true;
}
