/* Both ends of the job "advisory-vex", and what its three forms share. */
#include <stdarg.h>

#include "advisory/vex/vex_priv.h"

const char *vex_status_name(enum vex_status s)
{
        static const char *const names[] = {
            [VEX_STATUS_NONE] = "",
            [VEX_STATUS_INVESTIGATING] = "under_investigation",
            [VEX_STATUS_AFFECTED] = "affected",
            [VEX_STATUS_NOT_AFFECTED] = "not_affected",
            [VEX_STATUS_FIXED] = "fixed",
        };

        return (size_t)s < ARRAY_LEN(names) ? names[s] : "";
}

/* ---- in the worker ---- */

static struct span text_cut(struct span s)
{
        size_t n = VEX_TEXT_MAX;

        if (s.len <= VEX_TEXT_MAX)
                return s;
        while (n > 0 && (s.at[n] & 0xc0) == 0x80)
                n--;
        return span_cut(s, 0, n);
}

bool vex_add(struct vex_parsed *to, struct arena *a, const struct vex_statement *s, struct err *e)
{
        struct vex_statement *n;

        if (s->n_ids == 0 || s->n_products == 0 || s->status == VEX_STATUS_NONE) {
                to->n_passed_over++;
                return true;
        }
        to->n_products += s->n_products;
        if (to->statements.len >= VEX_STATEMENTS_MAX || to->n_products > VEX_PRODUCTS_MAX)
                return err_set(e, ERR_LIMIT, "more than %u statements, or %u products in them", VEX_STATEMENTS_MAX,
                    VEX_PRODUCTS_MAX);
        n = ARENA_PUSH(a, &to->statements);
        *n = *s;
        n->justification = text_cut(s->justification);
        n->note = text_cut(s->note);
        n->action = text_cut(s->action);
        return true;
}

void vex_remark(struct vex_parsed *to, struct arena *a, const char *fmt, ...)
{
        char text[ERR_TEXT_MAX];
        va_list ap;

        if (to->remarks.len >= VEX_REMARKS_MAX)
                return;
        va_start(ap, fmt);
        vsnprintf(text, sizeof(text), fmt, ap);
        va_end(ap);
        *ARENA_PUSH(a, &to->remarks) = arena_copy(a, span_of(text));
}

static bool has(struct span head, const char *text)
{
        return head.len > 0 && memmem(head.at, head.len, text, strlen(text)) != NULL;
}

bool vex_parse(struct span document, struct arena *a, struct vex_parsed *ret, struct err *e)
{
        struct span head;

        if (span_starts(document, "\xef\xbb\xbf<")) /* a byte order mark, which XML's writers on Windows leave */
                document = span_from(document, 3);
        head = span_trim(span_cut(document, 0, 65536));

        if (has(head, "https://openvex.dev/ns"))
                return openvex_parse(document, a, ret, e);
        if (has(head, "\"csaf_version\""))
                return vex_csaf_parse(document, a, ret, e);
        if (has(head, "\"CycloneDX\"") || has(head, "http://cyclonedx.org/schema/bom/"))
                return vex_cyclonedx_parse(document, a, ret, e);
        return err_set(e, ERR_UNSUPPORTED, "it is none of OpenVEX, CSAF 2.0 and CycloneDX (JSON; the last one XML, too)");
}

static void names_put(struct buf *to, const struct span *at, size_t n)
{
        buf_put_u32le(to, (uint32_t)n);
        for (size_t i = 0; i < n; i++)
                buf_put_string(to, at[i]);
}

void vex_put(struct buf *to, const struct vex_parsed *p)
{
        buf_put_string(to, p->form);
        buf_put_string(to, text_cut(p->id));
        buf_put_string(to, text_cut(p->author));
        buf_put_u64le(to, p->n_passed_over);
        names_put(to, p->remarks.at, p->remarks.len);
        buf_put_u32le(to, (uint32_t)p->statements.len);
        for (size_t i = 0; i < p->statements.len; i++) {
                const struct vex_statement *s = &p->statements.at[i];

                buf_put_u8(to, (uint8_t)s->status);
                buf_put_u64le(to, (uint64_t)s->time_s);
                buf_put_string(to, s->justification);
                buf_put_string(to, s->note);
                buf_put_string(to, s->action);
                names_put(to, s->ids, s->n_ids);
                buf_put_u32le(to, (uint32_t)s->n_products);
                for (size_t k = 0; k < s->n_products; k++) {
                        buf_put_string(to, s->products[k].name);
                        buf_put_string(to, s->products[k].ecosystem);
                        buf_put_string(to, s->products[k].range);
                        names_put(to, s->products[k].subcomponents, s->products[k].n_subcomponents);
                }
        }
}

bool vex_job(size_t n_fds, struct err *e)
{
        struct arena *a CLEANUP(arena_freep) = arena_new();
        struct buf in CLEANUP(buf_done) = {.max = VEX_DOCUMENT_MAX + (1u << 20)},
                      answer CLEANUP(buf_done) = {.max = VEX_ANSWER_MAX};
        struct vex_parsed p;
        struct span request, rest;
        struct digest d;
        size_t n = 1;

        if (!jail_request(a, &request, e))
                return false;
        if (n_fds != 1)
                return err_set(e, ERR_BUG, "advisory-vex needs one descriptor");
        while (n > 0) {
                uint8_t *to = buf_reserve(&in, 1u << 20);

                if (!to || in.len > VEX_DOCUMENT_MAX)
                        return err_set(e, ERR_LIMIT, "it is above %u bytes", VEX_DOCUMENT_MAX);
                if (!fd_read_full(JAIL_FD_FIRST, to, 1u << 20, &n, e))
                        return false;
                in.len += n;
        }
        if (!vex_parse(buf_span(&in), a, &p, e))
                return false;
        digest_of(DIGEST_SHA256, buf_span(&in), &d);
        buf_put_digest(&answer, &d);
        vex_put(&answer, &p);
        if (answer.failed)
                return err_set(e, ERR_LIMIT, "its statements take more than %u bytes", VEX_ANSWER_MAX);
        rest = buf_span(&answer);
        while (rest.len > 0) {
                struct span frame = span_cut(rest, 0, JAIL_FRAME_MAX);

                if (!jail_answer(frame, e))
                        return false;
                rest = span_from(rest, frame.len);
        }
        return true;
}

/* ---- in the parent ---- */

/* A count of things of at least `size` bytes each: above what is left it is a lie. */
static uint32_t count_get(struct cursor *c, size_t size)
{
        uint32_t n = cursor_u32le(c);

        if (n > c->rest.len / size)
                c->failed = true;
        return c->failed ? 0 : n;
}

static struct span *names_get(struct cursor *c, struct arena *a, size_t *ret_n)
{
        uint32_t n = count_get(c, 4);
        struct span *at = arena_array(a, n, sizeof(*at));

        for (uint32_t i = 0; i < n; i++)
                at[i] = cursor_string(c, VEX_DOCUMENT_MAX);
        *ret_n = n;
        return at;
}

static void statement_get(struct cursor *c, struct arena *a, struct vex_statement *s)
{
        struct vex_product *products;
        uint8_t status = cursor_u8(c);
        uint32_t n;

        s->status = (enum vex_status)status;
        s->time_s = (int64_t)cursor_u64le(c);
        s->justification = cursor_string(c, VEX_TEXT_MAX);
        s->note = cursor_string(c, VEX_TEXT_MAX);
        s->action = cursor_string(c, VEX_TEXT_MAX);
        s->ids = names_get(c, a, &s->n_ids);
        n = count_get(c, 16);
        products = arena_array(a, n, sizeof(*products));
        for (uint32_t i = 0; i < n; i++) {
                products[i].name = cursor_string(c, VEX_DOCUMENT_MAX);
                products[i].ecosystem = cursor_string(c, VEX_TEXT_MAX);
                products[i].range = cursor_string(c, VEX_TEXT_MAX);
                products[i].subcomponents = names_get(c, a, &products[i].n_subcomponents);
        }
        s->products = products;
        s->n_products = n;
        if (status < VEX_STATUS_INVESTIGATING || status > VEX_STATUS_FIXED || s->n_ids == 0 || n == 0 || s->time_s < 0)
                c->failed = true;
}

bool vex_get(struct span in, struct arena *a, struct vex_parsed *ret, struct err *e)
{
        struct cursor c = {.rest = in};
        struct vex_parsed p = {.form = cursor_string(&c, VEX_TEXT_MAX)};
        uint32_t n;

        p.id = cursor_string(&c, VEX_TEXT_MAX);
        p.author = cursor_string(&c, VEX_TEXT_MAX);
        p.n_passed_over = cursor_u64le(&c);
        p.remarks.at = names_get(&c, a, &p.remarks.len);
        n = count_get(&c, 45);
        for (uint32_t i = 0; i < n && !c.failed; i++) {
                struct vex_statement *s = ARENA_PUSH(a, &p.statements);

                statement_get(&c, a, s);
                p.n_products += s->n_products;
        }
        if (!cursor_at_end(&c))
                return err_set(e, ERR_MALFORMED, "the worker's answer is damaged");
        *ret = p;
        return true;
}

bool vex_document_read(int fd, const char *name, struct vex_document **ret, struct err *e)
{
        struct jail_task task = {
            .job = "advisory-vex", .fds = {fd}, .n_fds = 1, .limits = {.answer_max = VEX_ANSWER_MAX}};
        struct vex_document *d;
        struct vex_parsed p;
        struct cursor c;
        char what[200], shown[160];

        snprintf(what, sizeof(what), "VEX document %s", span_printable(span_of(name), shown, sizeof(shown)));
        task.what = what;
        if (!jail_run_one(&task, e)) {
                buf_done(&task.answer);
                return false;
        }
        d = heap_alloc(sizeof(*d));
        d->arena = arena_new();
        c = (struct cursor){.rest = arena_copy(d->arena, buf_span(&task.answer))};
        buf_done(&task.answer);
        d->digest = cursor_digest(&c);
        if (c.failed || d->digest.alg == DIGEST_NONE || !vex_get(c.rest, d->arena, &p, e)) {
                vex_document_free(d);
                return err_set(e, ERR_MALFORMED, "%s: the worker's answer is damaged", what);
        }
        d->name = arena_copy(d->arena, span_of(name));
        d->form = p.form;
        d->id = p.id;
        d->author = p.author;
        d->statements = p.statements.at;
        d->n_statements = p.statements.len;
        d->n_passed_over = p.n_passed_over;
        d->remarks = p.remarks.at;
        d->n_remarks = p.remarks.len;
        *ret = d;
        return true;
}

void vex_document_free(struct vex_document *d)
{
        if (!d)
                return;
        arena_free(d->arena);
        free(d);
}
