/* What a source is, by its first bytes. Its name has a word only in whether JSON is one record or one a line. */
#include "advisory/feed/feed_priv.h"

#define HEAD 512u
#define PIECE (64u << 10)

static const struct {
        struct span magic;
        size_t at;
        enum feed_source kind;
        const char *compressed; /* what it would have to be unpacked with */
} magics[] = {
    {{(const uint8_t *)"PK\3\4", 4}, 0, FEED_SOURCE_ZIP, NULL},
    {{(const uint8_t *)"PK\5\6", 4}, 0, FEED_SOURCE_ZIP, NULL}, /* one without any member */
    {{(const uint8_t *)"ustar", 5}, 257, FEED_SOURCE_TAR, NULL},
    {{(const uint8_t *)"\x1f\x8b", 2}, 0, FEED_SOURCE_NONE, "gzip -d"},
    {{(const uint8_t *)"\x28\xb5\x2f\xfd", 4}, 0, FEED_SOURCE_NONE, "zstd -d"},
    {{(const uint8_t *)"\xfd\x37zXZ", 5}, 0, FEED_SOURCE_NONE, "xz -d"},
    {{(const uint8_t *)"BZh", 3}, 0, FEED_SOURCE_NONE, "bzip2 -d"},
};

/*
 * One record a line, or one over many lines? Lines when the first line with anything in it ends in '}': a record
 * that is alone on it is read right either way. Nothing is longer than a record may be, or it is refused as a line.
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
                                *ret = last == '}' ? FEED_SOURCE_LINES : FEED_SOURCE_DOCUMENT;
                                return true;
                        }
                        if (c != ' ' && c != '\t' && c != '\r' && c != '\n')
                                last = c;
                }
        }
        *ret = n == 0 ? FEED_SOURCE_DOCUMENT : FEED_SOURCE_LINES;
        return true;
}

bool feed_sniff(int fd, struct feed_request *io, struct err *e)
{
        uint8_t bytes[HEAD];
        struct span head;
        size_t n;

        if (!fd_pread_full(fd, 0, bytes, sizeof(bytes), &n, e))
                return false;
        head = span_bytes(bytes, n);
        for (size_t i = 0; i < ARRAY_LEN(magics); i++) {
                if (!span_equal(span_cut(head, magics[i].at, magics[i].magic.len), magics[i].magic))
                        continue;
                if (magics[i].compressed)
                        return err_set(e, ERR_UNSUPPORTED, "is compressed: unpack it first (%s)", magics[i].compressed);
                io->kind = magics[i].kind;
                return true;
        }
        if (io->kind != FEED_SOURCE_FILE)
                return true; /* its name says which JSON */
        head = span_trim(head);
        if (!span_starts(head, "{"))
                return err_set(e, ERR_UNSUPPORTED,
                    "is neither JSON, a zip nor a tar; a source is a .json file (one record), a .jsonl file (one a "
                    "line), a zip or tar of .json files, or a folder");
        /* Not to be looked at in the others: they share the offset that JSON is read with. */
        io->kind = FEED_SOURCE_DOCUMENT;
        return io->part.at > 0 || json_form(fd, &io->kind, e);
}
