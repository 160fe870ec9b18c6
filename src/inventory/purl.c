#include "inventory/purl_priv.h"

#include <assert.h>

/* ECMA-427, "Character encoding": letters, digits, ".-_~" and ":" stand as they are, all else is percent-encoded. */
static void put_encoded(struct buf *b, struct span s)
{
        static const char hex[] = "0123456789ABCDEF";

        for (size_t i = 0; i < s.len; i++) {
                uint8_t c = s.at[i];
                bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
                             c == '-' || c == '_' || c == '~' || c == ':';
                if (plain) {
                        buf_put_u8(b, c);
                        continue;
                }
                buf_put_u8(b, '%');
                buf_put_u8(b, (uint8_t)hex[c >> 4]);
                buf_put_u8(b, (uint8_t)hex[c & 15]);
        }
}

void purl_put(struct buf *b, const struct purl *p)
{
        struct span rest = p->namespace, part;
        char before = '?';

        buf_put_text(b, "pkg:");
        buf_put_text(b, p->type);
        while (rest.len > 0) {
                span_split(rest, '/', &part, &rest);
                if (part.len == 0)
                        continue;
                buf_put_u8(b, '/');
                put_encoded(b, part);
        }
        buf_put_u8(b, '/');
        put_encoded(b, p->name);
        if (p->version.len > 0) {
                buf_put_u8(b, '@');
                put_encoded(b, p->version);
        }
        for (size_t i = 0; i < ARRAY_LEN(p->qualifiers) && p->qualifiers[i].key; i++) {
                assert(i == 0 || strcmp(p->qualifiers[i - 1].key, p->qualifiers[i].key) < 0);
                if (p->qualifiers[i].value.len == 0)
                        continue;
                buf_put_u8(b, (uint8_t)before);
                buf_put_text(b, p->qualifiers[i].key);
                buf_put_u8(b, '=');
                put_encoded(b, p->qualifiers[i].value);
                before = '&';
        }
}
