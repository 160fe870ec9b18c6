/* In the parent: a report that was stored, and the same with other statements about its findings. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "report/report_limits.h"
#include "report/report_priv.h"

/* A count of things of at least `size` bytes each: above what is left it is a lie. */
static uint32_t count_get(struct cursor *c, size_t size)
{
        uint32_t n = cursor_u32le(c);

        if (n > c->rest.len / size)
                c->failed = true;
        return c->failed ? 0 : n;
}

static struct span text_get(struct cursor *c)
{
        return cursor_string(c, STORED_STRING_MAX);
}

static struct report_piece piece_get(struct cursor *c, const struct report_stored *s)
{
        struct report_piece p = {.at = cursor_u64le(c)};

        p.len = cursor_u64le(c);
        if (p.len == 0 || p.at > s->text.len || p.len > s->text.len - p.at)
                c->failed = true;
        return p;
}

static void components_get(struct cursor *c, struct report_stored *s)
{
        uint32_t n = count_get(c, 37);
        struct component *at = arena_array(s->arena, n, sizeof(*at));

        for (uint32_t i = 0; i < n && !c->failed; i++) {
                struct component *k = &at[i];
                struct span *const texts[] = {&k->purl, &k->type, &k->name, &k->version, &k->ecosystem, &k->path,
                    &k->source_name, &k->source_version};

                for (size_t t = 0; t < ARRAY_LEN(texts); t++)
                        *texts[t] = text_get(c);
                k->state = cursor_u8(c) ? COMPONENT_DECLARED : COMPONENT_INSTALLED;
                k->owner = cursor_u32le(c);
                if (k->owner > n)
                        c->failed = true;
        }
        s->inventory.components = at;
        s->inventory.n_components = c->failed ? 0 : n;
}

static void finding_get(struct cursor *c, struct report_stored *s, size_t index)
{
        struct report_stored_finding *x = &s->findings[index];
        struct finding *f = &s->match.findings[index];
        struct span *aliases;
        uint8_t severity;

        f->id = text_get(c);
        f->n_aliases = count_get(c, 4);
        aliases = arena_array(s->arena, f->n_aliases, sizeof(*aliases));
        for (size_t i = 0; i < f->n_aliases; i++)
                aliases[i] = text_get(c);
        f->aliases = aliases;
        f->component = cursor_u32le(c);
        f->answer = cursor_u8(c) ? ADVISORY_AFFECTED : ADVISORY_UNKNOWN;
        severity = cursor_u8(c);
        f->severity = (enum severity)(severity < MATCH_SEVERITIES ? severity : SEVERITY_UNKNOWN);
        x->ignored = cursor_u8(c);
        x->spoken_of = cursor_u8(c);
        x->vex = piece_get(c, s);
        if (f->component >= s->inventory.n_components || severity >= MATCH_SEVERITIES)
                c->failed = true;
}

bool report_stored_get(struct span in, struct report_stored *s, struct err *e)
{
        struct cursor c = {.rest = in};
        struct span *const texts[] = {&s->image_name, &s->image_kind, &s->image_digest, &s->image_config};
        uint32_t n;

        for (size_t i = 0; i < ARRAY_LEN(texts); i++)
                *texts[i] = text_get(&c);
        s->is_whole = cursor_u8(&c);
        s->expired = cursor_u64le(&c);
        s->kernel_text = cursor_u64le(&c);
        s->counts = piece_get(&c, s);
        s->complete = piece_get(&c, s);
        components_get(&c, s);
        n = count_get(&c, 32);
        s->match.findings = arena_array(s->arena, n, sizeof(*s->match.findings));
        s->findings = arena_array(s->arena, n, sizeof(*s->findings));
        for (uint32_t i = 0; i < n && !c.failed; i++)
                finding_get(&c, s, i);
        s->match.n_findings = n;
        return cursor_at_end(&c) || err_set(e, ERR_MALFORMED, "an index or a place in it leads nowhere");
}

static bool sealed_copy(struct span text, int *ret, struct err *e)
{
        CLEANUP(fd_close) int fd = memfd_create("report", MFD_CLOEXEC);

        if (fd < 0)
                return err_set(e, ERR_SYSTEM, "memfd_create: %s", strerror(errno));
        if (!fd_write_all(fd, text, e))
                return false;
        if (lseek(fd, 0, SEEK_SET) != 0)
                return err_set(e, ERR_SYSTEM, "lseek: %s", strerror(errno));
        *ret = TAKE_FD(fd);
        return true;
}

bool report_stored_read(struct span text, const char *name, struct report_stored **ret, struct err *e)
{
        CLEANUP(report_stored_freep) struct report_stored *s = heap_alloc(sizeof(*s));
        struct jail_task task = {.job = "report-stored", .n_fds = 1, .limits = {.answer_max = STORED_ANSWER_MAX}};
        CLEANUP(fd_close) int fd = -1;
        char what[200], shown[160];
        struct span answer;

        s->arena = arena_new();
        s->text = text;
        if (!sealed_copy(text, &fd, e))
                return false;
        snprintf(what, sizeof(what), "report %s", span_printable(span_of(name), shown, sizeof(shown)));
        task.what = what;
        task.fds[0] = fd;
        if (!jail_run_one(&task, e)) {
                buf_done(&task.answer);
                return false;
        }
        answer = arena_copy(s->arena, buf_span(&task.answer));
        buf_done(&task.answer);
        if (!report_stored_get(answer, s, e))
                return err_wrap(e, "%s", what);
        *ret = s;
        s = NULL;
        return true;
}

void report_stored_free(struct report_stored *s)
{
        if (!s)
                return;
        arena_free(s->arena);
        free(s);
}

void report_stored_freep(struct report_stored **s)
{
        report_stored_free(*s);
}

/* ---- written anew ---- */

static struct report_counts count(const struct report_stored *s, const struct match_vex *x)
{
        struct report_counts c = {.expired = s->expired};

        for (size_t i = 0; i < s->match.n_findings; i++) {
                const struct finding *f = &s->match.findings[i];
                bool suppressed = x->speaks[i] > 0 && x->notes[x->speaks[i] - 1].suppresses;

                if (s->findings[i].ignored)
                        c.excepted++;
                else if (suppressed)
                        c.suppressed++;
                else if (f->answer == ADVISORY_AFFECTED)
                        c.affected[f->severity]++;
                else
                        c.cannot_tell++;
        }
        return c;
}

struct change {
        struct report_piece place;
        size_t finding; /* SIZE_MAX: none */
        bool counts;
};

static int change_order(const void *pa, const void *pb)
{
        const struct change *a = pa, *b = pb;

        return (a->place.at > b->place.at) - (a->place.at < b->place.at);
}

/* As the writer of the report would have: so deep in it. */
static struct json_out writer_at(struct buf *to, int depth)
{
        struct json_out o;

        json_out_init(&o, to, 2);
        o.depth = depth;
        o.objects = (uint64_t)1 << (depth - 1);
        o.after_key = true;
        return o;
}

static void change_put(const struct report_stored *s, const struct match_vex *x, const struct change *c,
    const struct report_counts *counts, struct buf *to)
{
        struct json_out o = writer_at(to, c->finding == SIZE_MAX ? 1 : 3);
        uint32_t n = c->finding == SIZE_MAX ? 0 : x->speaks[c->finding];

        if (c->counts)
                report_json_counts(&o, counts, s->kernel_text);
        else if (c->finding == SIZE_MAX)
                json_out_bool(&o, s->is_whole && counts->cannot_tell == 0);
        else
                report_json_vex(&o, n > 0 ? &x->notes[n - 1] : NULL);
}

void report_stored_apply(const struct report_stored *s, const struct match_vex *x, struct buf *to)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        size_t n = s->match.n_findings;
        struct change *changes = arena_array(a, n + 2, sizeof(*changes));
        const struct report_counts counts = count(s, x);
        uint64_t done = 0;

        for (size_t i = 0; i < n; i++)
                changes[i] = (struct change){.place = s->findings[i].vex, .finding = i};
        changes[n++] = (struct change){.place = s->counts, .finding = SIZE_MAX, .counts = true};
        changes[n++] = (struct change){.place = s->complete, .finding = SIZE_MAX};
        qsort(changes, n, sizeof(*changes), change_order);
        for (size_t i = 0; i < n; i++) {
                if (changes[i].place.at < done) { /* a worker's lie: no report is better than a patched one */
                        to->failed = true;
                        return;
                }
                buf_put(to, span_cut(s->text, done, changes[i].place.at - done));
                change_put(s, x, &changes[i], &counts, to);
                done = changes[i].place.at + changes[i].place.len;
        }
        buf_put(to, span_from(s->text, done));
}
