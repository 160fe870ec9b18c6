/* What a source is, by its first bytes. Its name has a word only in whether JSON is one record or one a line. */
#include "advisory/feed/feed_priv.h"

#define PIECE (64u << 10)

static const struct {
        struct span magic;
        size_t at;
        enum feed_source kind;
} magics[] = {
    {{(const uint8_t *)"PK\3\4", 4}, 0, FEED_SOURCE_ZIP},
    {{(const uint8_t *)"PK\5\6", 4}, 0, FEED_SOURCE_ZIP}, /* one without any member */
    {{(const uint8_t *)"ustar", 5}, 257, FEED_SOURCE_TAR},
};

/*
 * One record a line, or one over many lines? Lines when the first line with anything in it ends in '}': a record
 * that is alone on it is read right either way, and a document is not cut at the newline behind its end. What is longer
 * than a record may be is a document.
 */
static bool json_form(int fd, enum feed_source *ret, struct err *e)
{
        uint8_t *piece CLEANUP(heap_freep) = heap_alloc(PIECE);
        uint8_t last = 0;
        size_t n = 1;

        for (uint64_t at = 0; n > 0 && at <= FEED_RECORD_MAX; at += n) {
                if (!fd_pread_full(fd, at, piece, PIECE, &n, e))
                        return false;
                for (size_t i = 0; i < n; i++) {
                        uint8_t c = piece[i];
                        if (c == '\n' && last != 0) {
                                *ret = FEED_SOURCE_DOCUMENT;
                                if (last != '}')
                                        return true;
                                if (!fd_pread_full(fd, at + i + 1, &c, 1, &n, e))
                                        return false;
                                if (n > 0)
                                        *ret = FEED_SOURCE_LINES;
                                return true;
                        }
                        if (c != ' ' && c != '\t' && c != '\r' && c != '\n')
                                last = c;
                }
        }
        *ret = FEED_SOURCE_DOCUMENT;
        return true;
}

static bool form_is(struct span head, struct err *e)
{
        struct buf names CLEANUP(buf_done) = {0};

        for (size_t i = 0; feed_forms[i]; i++) {
                if (feed_forms[i]->is(head))
                        return true;
                buf_printf(&names, "%s%s", i ? ", " : "", feed_forms[i]->name);
        }
        return err_set(e, ERR_UNSUPPORTED,
            "is in no form that is known here (%.*s); a source is a document or lines of one of them, a zip or tar of such "
            "files, or a folder, compressed or not",
            SPAN_FMT(buf_span(&names)));
}

bool feed_sniff(int fd, struct feed_request *io, struct err *e)
{
        uint8_t bytes[FEED_HEAD];
        struct span head;
        size_t n;

        if (!fd_pread_full(fd, 0, bytes, sizeof(bytes), &n, e))
                return false;
        head = span_bytes(bytes, n);
        for (size_t i = 0; i < ARRAY_LEN(magics); i++) {
                if (!span_equal(span_cut(head, magics[i].at, magics[i].magic.len), magics[i].magic))
                        continue;
                io->kind = magics[i].kind;
                return true;
        }
        if (io->kind != FEED_SOURCE_FILE)
                return true; /* its name says which JSON */
        /* Not to be looked at in the others: they share the offset that it is read with. */
        io->kind = FEED_SOURCE_DOCUMENT;
        if (io->part.at > 0)
                return true;
        if (span_starts(span_trim(head), "{"))
                return json_form(fd, &io->kind, e);
        return form_is(head, e);
}
