/* Both ends of the job "inventory-sbom". */
#include "inventory/sbom/sbom_priv.h"

#define HEAD_SIZE 4096u         /* bytes by which a document is known: comments may stand before SPDX's first tag */
#define PIECE_SIZE (256u << 10) /* bytes read at once */

/* ---- the worker ---- */

struct sbom_request {
        bool sure;
        struct span name;
};

static bool request_get(struct span bytes, struct sbom_request *ret)
{
        struct cursor c = {.rest = bytes};
        uint8_t sure = cursor_u8(&c);

        ret->sure = sure == 1;
        ret->name = cursor_string(&c, INVENTORY_PATH_MAX);
        return cursor_at_end(&c) && sure <= 1;
}

/* At most `n` bytes, fewer only at the end. */
static bool read_more(int fd, struct buf *to, size_t n, struct err *e)
{
        uint8_t *at = buf_reserve(to, n);
        size_t got = 0;

        if (!at)
                return err_set(e, ERR_LIMIT, "it is larger than what is read: at most %u bytes", SBOM_FILE_MAX);
        if (!fd_read_full(fd, at, n, &got, e))
                return false;
        to->len += got;
        return true;
}

/* It may be a pipe, and its size no more than a hint. */
static bool read_rest(int fd, struct buf *to, struct err *e)
{
        size_t before;

        do {
                before = to->len;
                if (!read_more(fd, to, PIECE_SIZE, e))
                        return false;
        } while (to->len - before == PIECE_SIZE);
        return true;
}

void sbom_answer_put(struct buf *b, const struct inventory_sbom *s, const struct inventory *v)
{
        buf_put_u8(b, 1);
        buf_put_string(b, s->form);
        buf_put_string(b, s->subject);
        buf_put_string(b, s->type);
        buf_put_string(b, s->created);
        buf_put_u64le(b, s->n_statements);
        buf_put_digest(b, &s->digest);
        inventory_put(b, v);
}

static bool send(struct span answer, struct err *e)
{
        while (answer.len > 0) {
                struct span frame = span_cut(answer, 0, JAIL_FRAME_MAX);
                if (!jail_answer(frame, e))
                        return false;
                answer = span_from(answer, frame.len);
        }
        return true;
}

bool sbom_job(size_t n_fds, struct err *e)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        CLEANUP(buf_done) struct buf in = {.max = SBOM_FILE_MAX + PIECE_SIZE}, answer = {.max = SBOM_ANSWER_MAX};
        CLEANUP(inventory_freep) struct inventory *v = NULL;
        struct sbom_request request;
        struct inventory_sbom sbom;
        struct span bytes;
        char name[INVENTORY_PATH_MAX + 1];

        if (!jail_request(a, &bytes, e))
                return false;
        if (n_fds != 1 || !request_get(bytes, &request))
                return err_set(e, ERR_BUG, "the request is no document's");
        if (!read_more(JAIL_FD_FIRST, &in, HEAD_SIZE, e))
                return false;
        if (!request.sure && !sbom_head(buf_span(&in)))
                return jail_answer(SPAN_LIT("\0"), e);
        if (in.len == HEAD_SIZE && !read_rest(JAIL_FD_FIRST, &in, e))
                return false;
        span_printable(request.name, name, sizeof(name));
        if (!sbom_read(buf_span(&in), span_of(name), &v, &sbom, e))
                return false;
        digest_of(DIGEST_SHA256, buf_span(&in), &sbom.digest);
        sbom_answer_put(&answer, &sbom, v);
        if (answer.failed)
                return err_set(e, ERR_LIMIT, "what it lists takes more than %u bytes to say", SBOM_ANSWER_MAX);
        return send(buf_span(&answer), e);
}

/* ---- the parent ---- */

static bool take_text(struct cursor *c, struct span *ret)
{
        *ret = cursor_string(c, INVENTORY_NAME_MAX);
        return !c->failed && text_is_clean(*ret, INVENTORY_NAME_MAX);
}

bool sbom_answer_get(struct span bytes, struct inventory **ret, struct inventory_sbom *ret_sbom, struct err *e)
{
        struct cursor c = {.rest = bytes};
        struct inventory_sbom s = {0};
        CLEANUP(inventory_freep) struct inventory *v = NULL;
        bool ok = cursor_u8(&c) == 1 && take_text(&c, &s.form) && take_text(&c, &s.subject) && take_text(&c, &s.type) &&
                  take_text(&c, &s.created);

        s.n_statements = cursor_u64le(&c);
        s.digest = cursor_digest(&c);
        if (!ok || c.failed || s.digest.alg == DIGEST_NONE)
                return err_set(e, ERR_MALFORMED, "the worker's answer is none");
        if (!inventory_get(c.rest, &v, e))
                return false;
        if (v->n_layers > 0 || v->n_remarks > 0 || v->image.alg != DIGEST_NONE || v->config.alg != DIGEST_NONE)
                return err_set(e, ERR_MALFORMED, "the worker's answer is an image's");
        for (size_t i = 0; i < v->n_components; i++)
                if (v->components[i].state != COMPONENT_DECLARED)
                        return err_set(e, ERR_MALFORMED, "the worker's answer has a component that is installed");
        s.form = arena_copy(v->arena, s.form);
        s.subject = arena_copy(v->arena, s.subject);
        s.type = arena_copy(v->arena, s.type);
        s.created = arena_copy(v->arena, s.created);
        *ret_sbom = s;
        *ret = v;
        v = NULL;
        return true;
}

bool inventory_of_sbom(
    int fd, const char *name, bool sure, struct inventory **ret, struct inventory_sbom *ret_sbom, struct err *e)
{
        CLEANUP(buf_done) struct buf request = {0};
        char what[200], shown[160];
        struct jail_task task = {.job = "inventory-sbom",
            .fds = {fd},
            .n_fds = 1,
            .limits = {.memory_max = SBOM_MEMORY_MAX, .answer_max = SBOM_ANSWER_MAX}};
        struct span answer;
        bool ok;

        snprintf(what, sizeof(what), "sbom %s", span_printable(span_of(name), shown, sizeof(shown)));
        task.what = what;
        buf_put_u8(&request, sure);
        buf_put_string(&request, span_cut(span_of(name), 0, INVENTORY_PATH_MAX));
        task.request = buf_span(&request);
        ok = jail_run_one(&task, e);
        answer = buf_span(&task.answer);
        if (ok && !sure && answer.len == 1 && answer.at[0] == 0)
                ok = err_set(e, ERR_NOT_FOUND, "%s: it is no bill of materials", what);
        else if (ok)
                ok = sbom_answer_get(answer, ret, ret_sbom, e) || err_wrap(e, "%s", what);
        buf_done(&task.answer);
        return ok;
}
