/* One whole deflate stream in memory. libdeflate: whole buffers are all it does, and the fastest at it. */
#include <libdeflate.h>

#include "advisory/archive/archive_priv.h"

struct inflate {
        struct libdeflate_decompressor *decompressor;
};

struct inflate *inflate_new(void)
{
        struct inflate *i = heap_alloc(sizeof(*i));

        i->decompressor = libdeflate_alloc_decompressor();
        if (!i->decompressor)
                abort(); /* no memory: base/arena.h says why nobody is asked */
        return i;
}

void inflate_freep(struct inflate **i)
{
        if (*i)
                libdeflate_free_decompressor((*i)->decompressor);
        free(*i);
        *i = NULL;
}

bool inflate_member(struct inflate *i, struct span in, size_t plain_size, struct buf *to, struct err *e)
{
        size_t used = 0, made = 0;
        uint8_t *out;

        buf_clear(to);
        out = buf_reserve(to, plain_size + 1); /* one more, so that a stream with more to give is seen to */
        if (!out)
                return err_set(e, ERR_LIMIT, "%zu bytes are above what a record may have", plain_size);
        switch (libdeflate_deflate_decompress_ex(i->decompressor, in.at, in.len, out, plain_size + 1, &used, &made)) {
        case LIBDEFLATE_SUCCESS:
                break;
        case LIBDEFLATE_INSUFFICIENT_SPACE:
                return err_set(e, ERR_MALFORMED, "inflates to more than the %zu bytes that it claims", plain_size);
        default:
                return err_set(e, ERR_MALFORMED, "its deflate stream is damaged");
        }
        if (made != plain_size)
                return err_set(e, ERR_MALFORMED, "inflates to %zu bytes and claims %zu", made, plain_size);
        if (used != in.len)
                return err_set(e, ERR_MALFORMED, "its deflate stream ends %zu bytes early", in.len - used);
        to->len = made;
        return true;
}

uint32_t member_crc32(struct span plain)
{
        return libdeflate_crc32(0, plain.at, plain.len);
}
