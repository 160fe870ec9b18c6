/* Exceptions: which of them covers a finding, and what each of them did. */
#include "policy/policy_priv.h"

static bool is_called(const struct span *names, size_t n, struct span pattern)
{
        for (size_t i = 0; i < n; i++)
                if (pattern_matches(pattern, names[i], false))
                        return true;
        return false;
}

static bool is_component(const struct ignore_rule *r, struct span purl)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct purl_parts parts;
        enum purl_fold fold;

        if (purl.len == 0)
                return false;
        purl_split(purl, a, &parts);
        fold = purl_fold_of(parts.path);
        parts.path = purl_folded(parts.path, fold, a);
        return purl_matches(&r->component, &parts, fold);
}

static bool matches(const struct ignore_rule *r, const struct policy_finding *f)
{
        bool id = span_equal(r->id, f->id);

        for (size_t i = 0; i < f->n_aliases && !id; i++)
                id = span_equal(r->id, f->aliases[i]);
        if (!id)
                return false;
        if (r->package.len > 0 && !span_equal(r->package, f->package) &&
            (f->source_package.len == 0 || !span_equal(r->package, f->source_package)))
                return false;
        if (r->path.len > 0 && !pattern_matches(r->path, f->path, false))
                return false;
        return r->component.text.len == 0 || is_component(r, f->purl);
}

struct policy_ignore_note *ignores_begin(const struct policy *p, const struct policy_facts *f, struct arena *a)
{
        struct policy_ignore_note *notes = arena_array(a, p->ignores.len, sizeof(*notes));

        for (size_t i = 0; i < p->ignores.len; i++) {
                const struct ignore_rule *r = &p->ignores.at[i];

                notes[i] = (struct policy_ignore_note){
                    .state = f->now_s >= r->end_s    ? POLICY_IGNORE_EXPIRED
                             : f->now_s < r->begin_s ? POLICY_IGNORE_NOT_YET
                                                     : POLICY_IGNORE_UNUSED,
                    .line = r->line,
                    .id = arena_copy(a, r->id),
                    .package = arena_copy(a, r->package),
                    .component = arena_copy(a, r->component.text),
                    .path = arena_copy(a, r->path),
                    .image = arena_copy(a, r->image),
                    .reason = arena_copy(a, r->reason),
                    .since = arena_copy(a, r->since),
                    .until = arena_copy(a, r->until),
                };
                if (r->image.len > 0 && !is_called(f->image_names, f->n_image_names, r->image))
                        notes[i].state = POLICY_IGNORE_ELSEWHERE;
        }
        return notes;
}

uint32_t ignores_ask(const struct policy *p, const struct policy_finding *f, struct policy_ignore_note *io)
{
        uint32_t covers = 0;

        for (size_t i = 0; i < p->ignores.len && covers == 0; i++) {
                bool in_force = io[i].state == POLICY_IGNORE_UNUSED || io[i].state == POLICY_IGNORE_USED;

                if (!in_force || !matches(&p->ignores.at[i], f))
                        continue;
                io[i].n_findings++;
                io[i].state = POLICY_IGNORE_USED;
                covers = (uint32_t)i + 1;
        }
        for (size_t i = 0; i < p->ignores.len; i++)
                if (io[i].state == POLICY_IGNORE_EXPIRED && matches(&p->ignores.at[i], f)) {
                        io[i].n_findings++;
                        io[i].n_again += covers == 0;
                }
        return covers;
}

static uint32_t ignores_ended(const struct policy *p, const struct policy_finding *f, const struct policy_ignore_note *notes)
{
        for (size_t i = 0; i < p->ignores.len; i++)
                if (notes[i].state == POLICY_IGNORE_EXPIRED && matches(&p->ignores.at[i], f))
                        return (uint32_t)i + 1;
        return 0;
}

static void put_limit(struct buf *b, const char *word, struct span what)
{
        if (what.len == 0)
                return;
        buf_put_text(b, word);
        buf_put(b, what);
}

static void put_subject(struct buf *b, const struct policy_ignore_note *n)
{
        buf_put(b, n->id);
        put_limit(b, " in ", n->package);
        put_limit(b, " in ", n->component);
        put_limit(b, " at ", n->path);
        put_limit(b, " of ", n->image);
}

static void put_ended(struct buf *b, const struct policy_ignore_note *n)
{
        buf_put_text(b, ": this exception ended on ");
        buf_put(b, n->until);
        buf_put_text(b, " and counts as absent: ");
        if (n->n_again == 0) {
                buf_put_text(b, "renew or remove it");
                return;
        }
        buf_printf(b, "%zu finding%s again. Mend %s, or renew it; it was for: ", n->n_again,
            n->n_again == 1 ? " counts" : "s count", n->n_again == 1 ? "that" : "them");
        buf_put(b, n->reason);
}

static struct span note_text(
    const struct policy *p, const char *unused, const struct policy_ignore_note *n, struct arena *a)
{
        CLEANUP(buf_done) struct buf b = {0};

        policy_put_place(&b, p, n->line);
        put_subject(&b, n);
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
                put_ended(&b, n);
                break;
        case POLICY_IGNORE_NOT_YET:
                buf_put_text(&b, ": this exception begins on ");
                buf_put(&b, n->since);
                buf_put_text(&b, " and counts as absent until then");
                break;
        case POLICY_IGNORE_ELSEWHERE:
                buf_put_text(&b, ": this exception is for other images");
                break;
        case POLICY_IGNORE_UNUSED:
                buf_printf(&b, ": this exception matches %s", unused);
                break;
        }
        return arena_copy(a, buf_span(&b));
}

void ignores_tell(const struct policy *p, const char *unused, struct policy_ignore_note *io, struct arena *a)
{
        for (size_t i = 0; i < p->ignores.len; i++)
                io[i].text = note_text(p, unused, &io[i], a);
}

void policy_expired(const struct policy *p, int64_t now_s, struct arena *a, struct policy_notes *ret)
{
        const struct policy_facts f = {.now_s = now_s};
        struct policy_ignore_note *notes = ignores_begin(p, &f, a);

        for (size_t i = 0; i < p->ignores.len; i++)
                if (now_s >= p->ignores.at[i].end_s) {
                        notes[i].state = POLICY_IGNORE_EXPIRED; /* whatever image it is for */
                        *ARENA_PUSH(a, ret) = note_text(p, "", &notes[i], a);
                }
}

bool policy_except(const struct policy *p, const struct policy_facts *f, struct policy_exceptions **ret, struct err *e)
{
        struct policy_exceptions *x;
        struct policy_ignore_note *notes;

        if (f->now_s <= 0) /* before the clock's own beginning nothing would ever have expired */
                return err_set(e, ERR_BUG, "exceptions without a time");
        x = heap_alloc(sizeof(*x));
        x->arena = arena_new();
        x->name = arena_copy(x->arena, p->name);
        x->covers = arena_array(x->arena, f->n_findings, sizeof(*x->covers));
        x->ended = arena_array(x->arena, f->n_findings, sizeof(*x->ended));
        notes = ignores_begin(p, f, x->arena);
        for (size_t i = 0; i < f->n_findings; i++) {
                x->covers[i] = ignores_ask(p, &f->findings[i], notes);
                x->n_covered += x->covers[i] > 0;
                x->ended[i] = x->covers[i] > 0 ? 0 : ignores_ended(p, &f->findings[i], notes);
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
