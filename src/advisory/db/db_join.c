/* The sections of a database into one file, with their places and their digest in its header. */
#include "advisory/db/db_write_priv.h"

static size_t padding(const struct buf *section)
{
        return (8 - section->len % 8) % 8;
}

bool db_join(struct buf sections[DB_SECTIONS], struct db_header *h, struct buf *ret, struct err *e)
{
        struct hasher *hasher CLEANUP(hasher_freep) = hasher_new(DIGEST_SHA256);
        static const uint8_t zeros[8];
        uint64_t at = DB_CONTENT;
        bool failed = false;

        for (size_t i = 0; i < DB_SECTIONS; i++) {
                struct buf *s = &sections[i];

                h->sections[i].at = at;
                h->sections[i].len = s->len;
                hasher_update(hasher, buf_span(s));
                hasher_update(hasher, span_bytes(zeros, padding(s)));
                at += s->len + padding(s);
                failed |= s->failed;
        }
        if (failed || at > DB_BYTES_MAX)
                return err_set(e, ERR_LIMIT, "the database would be above %llu bytes", (unsigned long long)DB_BYTES_MAX);
        h->bytes = at;
        hasher_final(hasher, &h->content);
        ret->max = DB_BYTES_MAX + 1;
        db_header_write(h, ret);
        for (size_t i = 0; i < DB_SECTIONS; i++) {
                buf_put(ret, buf_span(&sections[i]));
                buf_put(ret, span_bytes(zeros, padding(&sections[i])));
                buf_done(&sections[i]);
        }
        return !ret->failed || err_set(e, ERR_LIMIT, "the database does not fit in memory");
}
