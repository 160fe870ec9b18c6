/* Exceptions: which of them covers a finding, and what each of them did. */
#include "policy/policy_priv.h"

static bool matches(const struct ignore_rule *r, const struct policy_finding *f)
{
        bool id = span_equal(r->id, f->id);

        for (size_t i = 0; i < f->n_aliases && !id; i++)
                id = span_equal(r->id, f->aliases[i]);
        return id && (r->package.len == 0 || span_equal(r->package, f->package) ||
                         (f->source_package.len > 0 && span_equal(r->package, f->source_package)));
}

struct policy_ignore_note *ignores_begin(const struct policy *p, int64_t now_s, struct arena *a)
{
        struct policy_ignore_note *notes = arena_array(a, p->ignores.len, sizeof(*notes));

        for (size_t i = 0; i < p->ignores.len; i++) {
                const struct ignore_rule *r = &p->ignores.at[i];

                notes[i] = (struct policy_ignore_note){
                    .state = now_s >= r->end_s ? POLICY_IGNORE_EXPIRED : POLICY_IGNORE_UNUSED,
                    .line = r->line,
                    .id = arena_copy(a, r->id),
                    .package = arena_copy(a, r->package),
                    .reason = arena_copy(a, r->reason),
                    .until = arena_copy(a, r->until),
                };
        }
        return notes;
}

uint32_t ignores_ask(
    const struct policy *p, const struct policy_finding *f, int64_t now_s, struct policy_ignore_note *io)
{
        for (size_t i = 0; i < p->ignores.len; i++) {
                if (!matches(&p->ignores.at[i], f))
                        continue;
                io[i].n_findings++;
                if (now_s >= p->ignores.at[i].end_s)
                        continue; /* expired: as if absent */
                io[i].state = POLICY_IGNORE_USED;
                return (uint32_t)i + 1;
        }
        return 0;
}

void ignores_tell(const struct policy *p, const char *unused, struct policy_ignore_note *io, struct arena *a)
{
        for (size_t i = 0; i < p->ignores.len; i++) {
                struct policy_ignore_note *n = &io[i];
                CLEANUP(buf_done) struct buf b = {0};

                policy_put_place(&b, p, n->line);
                buf_put(&b, n->id);
                if (n->package.len) {
                        buf_put_text(&b, " in ");
                        buf_put(&b, n->package);
                }
                switch (n->state) {
                case POLICY_IGNORE_USED:
                        buf_put_text(&b, " is ignored until ");
                        buf_put(&b, n->until);
                        buf_put_text(&b, ": ");
                        buf_put(&b, n->reason);
                        if (n->n_findings > 1)
                                buf_printf(&b, " (%zu findings)", n->n_findings);
                        break;
                case POLICY_IGNORE_EXPIRED:
                        buf_put_text(&b, ": this exception ended on ");
                        buf_put(&b, n->until);
                        buf_put_text(&b, " and counts as absent: renew or remove it");
                        break;
                case POLICY_IGNORE_UNUSED:
                        buf_printf(&b, ": this exception matches %s", unused);
                        break;
                }
                n->text = arena_copy(a, buf_span(&b));
        }
}

bool policy_except(const struct policy *p, const struct policy_finding *findings, size_t n, int64_t now_s,
    struct policy_exceptions **ret, struct err *e)
{
        struct policy_exceptions *x;
        struct policy_ignore_note *notes;

        if (now_s <= 0) /* before the clock's own beginning nothing would ever have expired */
                return err_set(e, ERR_BUG, "exceptions without a time");
        x = heap_alloc(sizeof(*x));
        x->arena = arena_new();
        x->covers = arena_array(x->arena, n, sizeof(*x->covers));
        notes = ignores_begin(p, now_s, x->arena);
        for (size_t i = 0; i < n; i++) {
                x->covers[i] = ignores_ask(p, &findings[i], now_s, notes);
                x->n_covered += x->covers[i] > 0;
        }
        ignores_tell(p, "no finding", notes, x->arena);
        x->notes = notes;
        x->n_notes = p->ignores.len;
        *ret = x;
        return true;
}

void policy_exceptions_free(struct policy_exceptions *x)
{
        if (!x)
                return;
        arena_free(x->arena);
        free(x);
}
