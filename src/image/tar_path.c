/* Names of entries: the clean form, whiteouts. */
#include <string.h>

#include "image/tar_priv.h"

static bool component_check(struct span part, struct err *e)
{
        size_t nul;

        if (part.len > IMAGE_NAME_MAX)
                return err_set(e, ERR_LIMIT, "a name in it is %zu bytes, at most %u", part.len, IMAGE_NAME_MAX);
        if (span_is(part, ".."))
                return err_set(e, ERR_MALFORMED, "\"..\" would lead out of the image");
        if (span_find(part, 0, &nul))
                return err_set(e, ERR_MALFORMED, "a NUL is in it");
        return true;
}

bool tar_path_clean(struct span raw, uint8_t *out, size_t *ret_len, struct err *e)
{
        struct span rest = raw, part;
        size_t len = 0;

        if (raw.len == 0)
                return err_set(e, ERR_MALFORMED, "it is empty");
        if (raw.at[0] == '/')
                return err_set(e, ERR_MALFORMED, "it is absolute, not relative to the image");
        while (rest.len > 0) {
                span_split(rest, '/', &part, &rest);
                if (part.len == 0 || span_is(part, "."))
                        continue;
                if (!component_check(part, e))
                        return false;
                if (len + (len > 0) + part.len > IMAGE_PATH_MAX)
                        return err_set(e, ERR_LIMIT, "it is longer than %u bytes", IMAGE_PATH_MAX);
                if (len > 0)
                        out[len++] = '/';
                memcpy(out + len, part.at, part.len);
                len += part.len;
        }
        *ret_len = len;
        return true;
}

bool tar_name_classify(uint8_t *path, size_t len, enum tar_name *ret, struct span *ret_path, struct err *e)
{
        struct span whole = {path, len}, rest = whole, part = {0}, removed;
        size_t folder_len; /* bytes before the last component, its slash among them */

        *ret_path = whole;
        while (span_split(rest, '/', &part, &rest)) {
                if (span_starts(part, ".wh..wh.")) {
                        *ret = TAR_NAME_SKIP;
                        return true;
                }
                if (span_starts(part, ".wh."))
                        return err_set(e, ERR_MALFORMED, "a folder can't be named as a whiteout");
        }
        folder_len = len - part.len;
        *ret = TAR_NAME_PLAIN;
        if (!span_starts(part, ".wh."))
                return true;
        if (span_is(part, ".wh..wh..opq")) {
                *ret = TAR_NAME_OPAQUE;
                *ret_path = span_cut(whole, 0, folder_len ? folder_len - 1 : 0);
                return true;
        }
        if (span_starts(part, ".wh..wh.")) {
                *ret = TAR_NAME_SKIP;
                return true;
        }
        removed = span_from(part, 4);
        if (removed.len == 0 || span_is(removed, ".") || span_is(removed, ".."))
                return err_set(e, ERR_MALFORMED, "a whiteout must name what it removes");
        memmove(path + folder_len, removed.at, removed.len);
        *ret = TAR_NAME_WHITEOUT;
        *ret_path = (struct span){path, folder_len + removed.len};
        return true;
}
