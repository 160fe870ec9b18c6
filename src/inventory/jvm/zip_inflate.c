/* Deflate (RFC 1951) by ISA-L igzip. */
#include <stdlib.h>

#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>

#include "inventory/jvm/zip_priv.h"

struct zip_inflate {
        struct inflate_state state;
        uint8_t out[ZIP_OUTPUT];
};

struct zip_inflate *zip_inflate_new(void)
{
        return heap_alloc(sizeof(struct zip_inflate));
}

void zip_inflate_free(struct zip_inflate *i)
{
        free(i);
}

void zip_inflate_begin(struct zip_inflate *i)
{
        isal_inflate_init(&i->state);
        i->state.crc_flag = ISAL_DEFLATE;
}

/*
 * igzip reads ahead into `read_in`. Of a stream without wrapper it does not give those bytes back; they are of this same input, since
 * it stops short of the end only as long as the output is full, and then the caller comes again before any new input.
 */
enum zip_inflate_step zip_inflate_run(struct zip_inflate *i, struct span *in, struct span *ret_out)
{
        struct inflate_state *s = &i->state;
        size_t now = in->len < ZIP_INPUT_MAX ? in->len : ZIP_INPUT_MAX, later = in->len - now;
        int rc;

        s->next_in = (uint8_t *)(uintptr_t)in->at; /* igzip does not write there */
        s->avail_in = (uint32_t)now;
        s->next_out = i->out;
        s->avail_out = ZIP_OUTPUT;
        rc = isal_inflate(s);
        *ret_out = span_bytes(i->out, ZIP_OUTPUT - s->avail_out);
        if (rc < 0 || rc == ISAL_NEED_DICT)
                return ZIP_INFLATE_BROKEN;
        if (s->block_state == ISAL_BLOCK_FINISH) {
                uint32_t ahead = (uint32_t)s->read_in_length / 8;
                s->next_in -= ahead;
                s->avail_in += ahead;
        }
        *in = span_bytes(s->next_in, s->avail_in + later);
        return s->block_state == ISAL_BLOCK_FINISH ? ZIP_INFLATE_END : ZIP_INFLATE_MORE;
}

uint32_t zip_crc(uint32_t crc, struct span s)
{
        return s.len > 0 ? crc32_gzip_refl(crc, s.at, s.len) : crc;
}
