/* A file in windows, and its hits. */
#include <stdlib.h>
#include <string.h>

#include "secrets/secrets_priv.h"

struct secrets {
        struct secrets_rules *rules;
        struct matcher *matcher;
};

#define COMPILED_MAGIC "coffer-secrets-1"

bool secrets_compile(const struct secrets_rules *r, struct buf *ret, struct err *e)
{
        CLEANUP(buf_done) struct buf matcher = {.max = SECRETS_COMPILED_MAX};

        if (!matcher_compile(r, &matcher, e))
                return false;
        buf_put_text(ret, COMPILED_MAGIC);
        rules_put(ret, r);
        buf_put_string(ret, buf_span(&matcher));
        return !ret->failed || err_set(e, ERR_LIMIT, "the compiled rules are too large");
}

bool secrets_open(struct span compiled, struct secrets **ret, struct err *e)
{
        CLEANUP(secrets_freep) struct secrets *s = heap_alloc(sizeof(*s));
        struct cursor c = {.rest = compiled};
        struct span matcher;

        if (!span_is(cursor_take(&c, sizeof(COMPILED_MAGIC) - 1), COMPILED_MAGIC) || !rules_get(&c, &s->rules))
                return err_set(e, ERR_MALFORMED, "the compiled rules are damaged");
        matcher = cursor_string(&c, SECRETS_COMPILED_MAX);
        if (!cursor_at_end(&c))
                return err_set(e, ERR_MALFORMED, "the compiled rules are damaged");
        if (!matcher_open(matcher, &s->matcher, e))
                return false;
        *ret = s;
        s = NULL;
        return true;
}

void secrets_free(struct secrets *s)
{
        if (!s)
                return;
        secrets_rules_free(s->rules);
        matcher_free(s->matcher);
        free(s);
}

void secrets_freep(struct secrets **s)
{
        secrets_free(*s);
        *s = NULL;
}

struct raw {
        size_t rule, from, to; /* in the window */
};

struct hit {
        size_t rule;
        uint64_t at, line; /* at: offset in the file, so that a window's overlap tells nothing twice */
        char shown[96];
};

struct secrets_reader {
        const struct secrets *secrets;
        struct span path; /* own copy */
        struct arena *arena;
        uint8_t *window; /* SECRETS_WINDOW bytes */
        size_t len;
        uint64_t offset; /* of the window in the file */
        uint64_t line;   /* of the window's first byte */
        bool no_text, head_seen;
        struct raw *raw;
        size_t n_raw;
        struct {
                struct hit *at;
                size_t len, cap;
        } hits;
};

struct secrets_reader *secrets_reader_new(const struct secrets *s, struct span path, uint64_t size)
{
        struct secrets_reader *r;

        if (size < 16 || path_allowed(s->rules, NULL, path))
                return NULL;
        r = heap_alloc(sizeof(*r));
        r->secrets = s;
        r->arena = arena_new();
        r->path = arena_copy(r->arena, path);
        r->window = heap_realloc(NULL, SECRETS_WINDOW, 1);
        r->line = 1;
        return r;
}

void secrets_reader_free(struct secrets_reader *r)
{
        if (!r)
                return;
        wipe(r->window, SECRETS_WINDOW);
        free(r->window);
        free(r->raw);
        arena_free(r->arena);
        free(r);
}

static bool on_match(void *ctx, size_t rule, size_t from, size_t to)
{
        struct secrets_reader *r = ctx;

        if (!r->raw)
                r->raw = heap_realloc(NULL, SECRETS_RAW_HITS_MAX, sizeof(*r->raw));
        /* One beginning, ever longer: the longest is meant. */
        for (size_t i = r->n_raw; i > 0 && i + 8 > r->n_raw; i--)
                if (r->raw[i - 1].rule == rule && r->raw[i - 1].from == from) {
                        r->raw[i - 1].to = to;
                        return true;
                }
        if (r->n_raw == SECRETS_RAW_HITS_MAX)
                return false;
        r->raw[r->n_raw++] = (struct raw){rule, from, to};
        return true;
}

static uint64_t lines_in(struct span s)
{
        uint64_t n = 0;

        for (const uint8_t *at = s.at, *end = s.at + s.len; at && (at = memchr(at, '\n', (size_t)(end - at))) != NULL;
             at++)
                n++;
        return n;
}

static bool known(const struct secrets_reader *r, size_t rule, uint64_t at)
{
        for (size_t i = r->hits.len; i > 0; i--)
                if (r->hits.at[i - 1].rule == rule && r->hits.at[i - 1].at == at)
                        return true;
        return false;
}

static void window_scan(struct secrets_reader *r)
{
        const struct secrets_rules *rules = r->secrets->rules;
        struct span text = span_bytes(r->window, r->len);

        r->n_raw = 0;
        matcher_scan(r->secrets->matcher, text, on_match, r);
        for (size_t i = 0; i < r->n_raw && r->hits.len < SECRETS_HITS_MAX; i++) {
                const struct raw *x = &r->raw[i];
                struct hit h = {.rule = x->rule, .at = r->offset + x->from};
                if (x->rule >= rules->rules.len || x->to > r->len || x->from >= x->to)
                        continue;
                const struct rule *rule = &rules->rules.at[x->rule];
                if (known(r, h.rule, h.at) || path_allowed(rules, rule, r->path) ||
                    !hit_weigh(rules, rule, span_cut(text, x->from, x->to - x->from), h.shown, sizeof(h.shown)))
                        continue;
                h.line = r->line + lines_in(span_cut(text, 0, x->from));
                *ARENA_PUSH(r->arena, &r->hits) = h;
        }
}

void secrets_reader_data(struct secrets_reader *r, struct span piece)
{
        while (piece.len > 0 && !r->no_text && r->offset + r->len < SECRETS_FILE_MAX) {
                size_t n = SECRETS_WINDOW - r->len < piece.len ? SECRETS_WINDOW - r->len : piece.len;
                memcpy(r->window + r->len, piece.at, n);
                r->len += n;
                piece = span_from(piece, n);
                if (!r->head_seen && (r->len >= SECRETS_HEAD || r->len == SECRETS_WINDOW)) {
                        r->head_seen = true;
                        r->no_text = memchr(r->window, 0, SECRETS_HEAD) != NULL;
                }
                if (r->len < SECRETS_WINDOW)
                        continue;
                window_scan(r);
                size_t keep = SECRETS_OVERLAP, drop = r->len - keep;
                r->line += lines_in(span_bytes(r->window, drop));
                r->offset += drop;
                memmove(r->window, r->window + drop, keep);
                r->len = keep;
        }
}

void secrets_reader_end(struct secrets_reader *r, bool (*hit)(void *ctx, const struct secret_hit *h), void *ctx)
{
        const struct secrets_rules *rules = r->secrets->rules;

        if (!r->head_seen && r->len > 0)
                r->no_text = memchr(r->window, 0, r->len) != NULL;
        if (r->no_text)
                return;
        window_scan(r);
        for (size_t i = 0; i < r->hits.len; i++) {
                const struct rule *rule = &rules->rules.at[r->hits.at[i].rule];
                const struct secret_hit h = {.rule = rule->id,
                    .title = rule->title,
                    .severity = rule->severity,
                    .line = r->hits.at[i].line,
                    .shown = r->hits.at[i].shown};
                if (!hit(ctx, &h))
                        return;
        }
}
