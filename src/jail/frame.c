#include "jail/frame_priv.h"

void frame_header(enum frame_type type, size_t len, uint8_t ret[FRAME_HEADER])
{
        ret[0] = (uint8_t)type;
        for (size_t i = 0; i < 4; i++)
                ret[1 + i] = (uint8_t)(len >> (8 * i));
}

bool frame_take(struct span *in, struct frame *ret, size_t *ret_need, struct err *e)
{
        struct cursor c = {.rest = *in};
        uint8_t type = cursor_u8(&c);
        uint32_t len = cursor_u32le(&c);

        *ret_need = 0;
        /* The type is judged at its first byte, so that garbage is not waited for. */
        if (in->len > 0 && (type == FRAME_NONE || type >= FRAME_TYPE_COUNT))
                return err_set(e, ERR_MALFORMED, "frame type %u is unknown", type);
        if (c.failed) {
                *ret_need = FRAME_HEADER;
                return false;
        }
        if (len > JAIL_FRAME_MAX)
                return err_set(e, ERR_LIMIT, "a frame of %u bytes, at most %u", len, JAIL_FRAME_MAX);
        struct span payload = cursor_take(&c, len);
        if (c.failed) {
                *ret_need = FRAME_HEADER + (size_t)len;
                return false;
        }
        *ret = (struct frame){.type = (enum frame_type)type, .payload = payload};
        *in = c.rest;
        return true;
}

enum {
        STATE_NO_NEW_PRIVS = 1,
        STATE_NO_CAPS = 2,
        STATE_SECCOMP = 4,
        STATE_NET = 8,
        STATE_USER = 16,
        STATE_SANITIZER = 32
};
#define STATE_ALL 63u

void frame_state_put(struct buf *b, const struct jail_state *s)
{
        unsigned flags = 0;

        flags |= s->no_new_privs ? STATE_NO_NEW_PRIVS : 0;
        flags |= s->no_capabilities ? STATE_NO_CAPS : 0;
        flags |= s->seccomp ? STATE_SECCOMP : 0;
        flags |= s->net_namespace ? STATE_NET : 0;
        flags |= s->user_namespace ? STATE_USER : 0;
        flags |= s->sanitizer ? STATE_SANITIZER : 0;
        buf_put_u8(b, (uint8_t)flags);
        buf_put_u32le(b, s->landlock_abi);
}

bool frame_state_get(struct span payload, struct jail_state *ret, struct err *e)
{
        struct cursor c = {.rest = payload};
        uint8_t flags = cursor_u8(&c);
        uint32_t abi = cursor_u32le(&c);

        if (!cursor_at_end(&c) || (flags & ~STATE_ALL) != 0)
                return err_set(e, ERR_MALFORMED, "the state frame is not well formed");
        if (!(flags & STATE_NO_NEW_PRIVS) || !(flags & STATE_NO_CAPS) || !(flags & STATE_SECCOMP) || abi == 0)
                return err_set(e, ERR_MALFORMED, "the worker says that it is not locked down");
        *ret = (struct jail_state){.no_new_privs = true,
            .no_capabilities = true,
            .seccomp = true,
            .landlock_abi = abi,
            .net_namespace = (flags & STATE_NET) != 0,
            .user_namespace = (flags & STATE_USER) != 0,
            .sanitizer = (flags & STATE_SANITIZER) != 0};
        return true;
}

void frame_error_put(struct buf *b, const struct err *error)
{
        buf_put_u8(b, (uint8_t)error->kind);
        buf_put_u32le(b, (uint32_t)error->os_errno);
        buf_put(b, span_bytes(error->text, strnlen(error->text, sizeof(error->text))));
}

bool frame_error_get(struct span payload, struct err *ret, struct err *e)
{
        struct cursor c = {.rest = payload};
        uint8_t kind = cursor_u8(&c);
        uint32_t os_errno = cursor_u32le(&c);
        char text[ERR_TEXT_MAX];

        if (c.failed)
                return err_set(e, ERR_MALFORMED, "the error frame is cut short");
        if (c.rest.len >= ERR_TEXT_MAX)
                return err_set(
                    e, ERR_MALFORMED, "an error text of %zu bytes, at most %u", c.rest.len, ERR_TEXT_MAX - 1);
        /* ERR_CANCELLED is the parent's to say: nobody but its user can stop it. */
        if (kind == ERR_NONE || kind >= ERR_KIND_COUNT || kind == ERR_CANCELLED)
                kind = ERR_MALFORMED;
        err_set(ret, (enum err_kind)kind, "%s", span_printable(c.rest, text, sizeof(text)));
        ret->os_errno = kind == ERR_SYSTEM && os_errno <= 4095 ? (int)os_errno : 0;
        return true;
}
