/*
 * Secrets among the remarks: in files, as the layers stream by, and in an image's history and environment. Off unless the
 * worker was given compiled rules.
 */
#include "inventory/secret_remarks_priv.h"

#include <sys/mman.h>
#include <unistd.h>

static struct secrets *rules; /* of this worker: one job, one set of rules */

static const char remedy[] = "revoke it, and take it out of the layer that has it: a later layer only hides it";

static struct remark remark_of(const struct secret_hit *h)
{
        return (struct remark){.kind = REMARK_SECRET,
            .severity = (enum remark_severity)h->severity,
            .rule = h->rule,
            .title = h->title,
            .line = h->line,
            .excerpt = span_of(h->shown),
            .remedy = SPAN_LIT(remedy)};
}
_Static_assert(
    (int)SECRET_LOW == (int)REMARK_LOW && (int)SECRET_CRITICAL == (int)REMARK_CRITICAL, "severities are the same");

bool secret_rules_take(int fd, struct err *e)
{
        off_t size = lseek(fd, 0, SEEK_END);
        void *at;
        bool ok;

        if (size <= 0)
                return err_set(e, ERR_BUG, "rules for secrets that hold nothing");
        at = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (at == MAP_FAILED)
                return err_set(e, ERR_SYSTEM, "map the rules for secrets");
        ok = secrets_open(span_bytes(at, (size_t)size), &rules, e);
        munmap(at, (size_t)size);
        return ok;
}

void secret_rules_prepare(void)
{
        (void)secrets_load(NULL); /* if it can't be had, secrets_open says so */
}

/* ---- files ---- */

struct reader {
        struct findings *f;
        struct secrets_reader *secrets;
};

static bool wants(const struct image_entry *entry)
{
        return rules != NULL && entry->size >= 16;
}

static void *begin(struct findings *f, const struct image_entry *entry)
{
        struct reader *r = heap_alloc(sizeof(*r));

        r->f = f;
        r->secrets = secrets_reader_new(rules, entry->path, entry->size);
        return r;
}

static void data(void *state, struct span piece)
{
        struct reader *r = state;

        if (r->secrets)
                secrets_reader_data(r->secrets, piece);
}

static bool on_hit(void *ctx, const struct secret_hit *h)
{
        struct reader *r = ctx;
        struct remark remark = remark_of(h);

        findings_remark(r->f, &remark);
        return true;
}

static void end(void *state)
{
        struct reader *r = state;

        if (r->secrets)
                secrets_reader_end(r->secrets, on_hit, r);
}

static void done(void *state)
{
        struct reader *r = state;

        secrets_reader_free(r->secrets);
        free(r);
}

const struct remark_reader secret_remarks = {
    .name = "secrets", .wants = wants, .begin = begin, .data = data, .end = end, .free = done};

/* ---- history and environment: job "inventory-secrets", a text in, hits out ---- */

struct answer {
        struct buf b;
        uint32_t n;
};

static bool answer_hit(void *ctx, const struct secret_hit *h)
{
        struct answer *a = ctx;

        buf_put_string(&a->b, h->rule);
        buf_put_string(&a->b, h->title);
        buf_put_u8(&a->b, (uint8_t)h->severity);
        buf_put_u64le(&a->b, h->line);
        buf_put_string(&a->b, span_of(h->shown));
        a->n++;
        return true;
}

bool secrets_text_job(size_t n_fds, struct err *e)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct answer a = {.n = 0};
        struct span text;
        bool ok;

        if (!jail_request(arena, &text, e))
                return false;
        if (n_fds != 1 || !secret_rules_take(JAIL_FD_FIRST, e))
                return n_fds == 1 ? false : err_set(e, ERR_BUG, "the request is no text's");
        struct secrets_reader *r = secrets_reader_new(rules, SPAN_LIT("configuration"), text.len);
        if (r) {
                secrets_reader_data(r, text);
                secrets_reader_end(r, answer_hit, &a);
                secrets_reader_free(r);
        }
        ok = jail_answer(buf_span(&a.b), e);
        buf_done(&a.b);
        return ok;
}

bool secrets_of_text(int rules_fd, struct span text, struct arena *arena, struct remark_list *to, struct err *e)
{
        struct jail_task task = {.job = "inventory-secrets",
            .what = "the image's history and environment",
            .request = text,
            .fds = {rules_fd},
            .n_fds = 1,
            .limits = {.answer_max = 1u << 20}};
        struct cursor c;
        bool ok;

        if (text.len == 0)
                return true;
        ok = jail_run_one(&task, e);
        c = (struct cursor){.rest = buf_span(&task.answer)};
        for (unsigned n = 0; ok && c.rest.len > 0 && n < SECRETS_HITS_MAX; n++) {
                struct secret_hit h = {.rule = cursor_string(&c, INVENTORY_RULE_MAX),
                    .title = cursor_string(&c, INVENTORY_REMARK_TEXT_MAX)};
                uint8_t severity = cursor_u8(&c);
                h.line = cursor_u64le(&c);
                struct span shown = cursor_string(&c, INVENTORY_REMARK_TEXT_MAX);
                if (c.failed || severity < SECRET_LOW || severity > SECRET_CRITICAL || h.rule.len == 0 ||
                    !text_is_clean(h.rule, INVENTORY_RULE_MAX) || !text_is_clean(h.title, INVENTORY_REMARK_TEXT_MAX) ||
                    !text_is_clean(shown, INVENTORY_REMARK_TEXT_MAX)) {
                        ok = err_set(e, ERR_MALFORMED, "%s: the worker's answer is none", task.what);
                        break;
                }
                h.severity = (enum secret_severity)severity;
                h.shown = "";
                struct remark *r = ARENA_PUSH(arena, to);
                *r = remark_of(&h);
                r->rule = arena_copy(arena, h.rule);
                r->title = arena_copy(arena, h.title);
                r->excerpt = arena_copy(arena, shown);
                r->remedy = SPAN_LIT("revoke it: whoever has the image can read its history");
                r->visible = true;
        }
        buf_done(&task.answer);
        return ok;
}
