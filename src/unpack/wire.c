#include "unpack/unpack_priv.h"

void unpack_answer_put(struct buf *b, const struct unpack_answer *a)
{
        buf_put_u8(b, a->ok);
        buf_put_u8(b, (uint8_t)a->err.kind);
        buf_put_u32le(b, (uint32_t)a->err.os_errno);
        buf_put_string(b, span_of(a->err.text));
        buf_put_u64le(b, a->report.entries);
        buf_put_u64le(b, a->report.plain_size);
        buf_put_u64le(b, a->report.devices_skipped);
}

bool unpack_answer_get(struct span in, struct unpack_answer *ret)
{
        struct cursor c = {.rest = in};
        struct unpack_answer a = {0};
        uint8_t ok = cursor_u8(&c), kind = cursor_u8(&c);
        uint32_t os_errno = cursor_u32le(&c);
        struct span text = cursor_string(&c, ERR_TEXT_MAX - 1);

        a.report.entries = cursor_u64le(&c);
        a.report.plain_size = cursor_u64le(&c);
        a.report.devices_skipped = cursor_u64le(&c);
        if (!cursor_at_end(&c) || ok > 1 || kind >= ERR_KIND_COUNT || os_errno > 4095 ||
            (ok == 1) != (kind == ERR_NONE) || kind == ERR_CANCELLED) /* only the user stops a launch */
                return false;
        a.ok = ok;
        if (!a.ok) {
                /* For a terminal: it quotes names of the layer. */
                span_printable(text, a.err.text, sizeof(a.err.text));
                a.err.kind = (enum err_kind)kind;
                a.err.os_errno = (int)os_errno;
        }
        *ret = a;
        return true;
}
