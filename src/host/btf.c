#include "host/btf_priv.h"

#define BTF_MAGIC_ 0xeb9fu
#define BTF_TYPES_MAX (1u << 20) /* a large kernel has about 150,000 */

struct header {
        uint32_t header_len, type_off, type_len, str_off, str_len;
};

static bool header_parse(struct span btf, struct header *ret, struct err *e)
{
        struct cursor c = {.rest = btf};
        uint16_t magic = cursor_u16le(&c);
        uint8_t version = cursor_u8(&c);

        (void)cursor_u8(&c); /* flags */
        ret->header_len = cursor_u32le(&c);
        ret->type_off = cursor_u32le(&c);
        ret->type_len = cursor_u32le(&c);
        ret->str_off = cursor_u32le(&c);
        ret->str_len = cursor_u32le(&c);
        if (c.failed || magic != BTF_MAGIC_ || version != 1)
                return err_set(e, ERR_MALFORMED, "no BTF of version 1 in this machine's byte order");
        return true;
}

/* What follows the twelve bytes of a type, by its kind and its count of members; -1: unknown kind. */
static int64_t trailing(uint32_t kind, uint32_t vlen)
{
        /* bytes of an element; INT, ARRAY, VAR and DECL_TAG have one thing, whatever the count says */
        static const struct {
                uint8_t fixed, each;
        } sizes[] = {
            [1] = {4, 0},   /* INT */
            [2] = {0, 0},   /* PTR */
            [3] = {12, 0},  /* ARRAY */
            [4] = {0, 12},  /* STRUCT */
            [5] = {0, 12},  /* UNION */
            [6] = {0, 8},   /* ENUM */
            [7] = {0, 0},   /* FWD */
            [8] = {0, 0},   /* TYPEDEF */
            [9] = {0, 0},   /* VOLATILE */
            [10] = {0, 0},  /* CONST */
            [11] = {0, 0},  /* RESTRICT */
            [12] = {0, 0},  /* FUNC */
            [13] = {0, 8},  /* FUNC_PROTO */
            [14] = {4, 0},  /* VAR */
            [15] = {0, 12}, /* DATASEC */
            [16] = {0, 0},  /* FLOAT */
            [17] = {4, 0},  /* DECL_TAG */
            [18] = {0, 0},  /* TYPE_TAG */
            [19] = {0, 12}, /* ENUM64 */
        };

        if (kind == 0 || kind >= ARRAY_LEN(sizes))
                return -1;
        return sizes[kind].fixed + (int64_t)sizes[kind].each * vlen;
}

static bool name_is(struct span strings, uint32_t off, const char *name)
{
        size_t len = strlen(name);
        struct span at = span_cut(strings, off, len + 1);

        /* With its NUL, so that a longer name is another one. */
        return at.len == len + 1 && memcmp(at.at, name, len + 1) == 0;
}

bool btf_find(struct span btf, enum btf_kind kind, const char *name, uint32_t *ret_id, struct err *e)
{
        struct header h;

        if (!header_parse(btf, &h, e))
                return false;
        struct span body = span_from(btf, h.header_len);
        struct span strings = span_cut(body, h.str_off, h.str_len);
        struct cursor c = {.rest = span_cut(body, h.type_off, h.type_len)};
        if (strings.len != h.str_len || c.rest.len != h.type_len)
                return err_set(e, ERR_MALFORMED, "BTF: its sections lie outside of it");
        /* Number 0 is void and not written down. */
        for (uint32_t id = 1; c.rest.len > 0; id++) {
                uint32_t name_off = cursor_u32le(&c);
                uint32_t info = cursor_u32le(&c);
                int64_t more = trailing(info >> 24 & 0x1f, info & 0xffff);
                (void)cursor_u32le(&c); /* size or type */
                if (more < 0)
                        return err_set(e, ERR_UNSUPPORTED, "BTF: type %u is of unknown kind %u", id, info >> 24 & 0x1f);
                (void)cursor_take(&c, (size_t)more);
                if (c.failed || id > BTF_TYPES_MAX)
                        return err_set(e, ERR_MALFORMED, "BTF: type %u ends early", id);
                if ((info >> 24 & 0x1f) == kind && name_is(strings, name_off, name)) {
                        *ret_id = id;
                        return true;
                }
        }
        *ret_id = 0;
        return true;
}
