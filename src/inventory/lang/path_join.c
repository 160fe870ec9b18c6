#include "inventory/lang/lang_priv.h"

bool path_join(struct span folder, struct span relative, struct buf *to)
{
        struct span rest = relative, part;
        size_t before = to->len;

        if (span_starts(relative, "/"))
                rest = span_from(relative, 1); /* from the root */
        else
                buf_put(to, folder);
        while (rest.len > 0 && !to->failed) {
                span_split(rest, '/', &part, &rest);
                if (part.len == 0 || span_is(part, "."))
                        continue;
                if (span_is(part, "..")) {
                        if (to->len == before)
                                return false;
                        struct span up = path_folder(span_from(buf_span(to), before));
                        to->len = before + up.len;
                        continue;
                }
                if (to->len > before)
                        buf_put_u8(to, '/');
                buf_put(to, part);
        }
        return !to->failed && to->len > before;
}
