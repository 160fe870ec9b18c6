/*
 * Properties of the tar walk for any bytes:
 * - the same entries, content and verdict come out however the stream is cut into pieces;
 * - paths are clean, hard links too, modes and owners in range; whiteouts have no name of their own;
 * - a failure has a kind that blames the input, and a text.
 */
#include <assert.h>
#include <string.h>

#include "image/tar_make_priv.h"
#include "image/tar_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
        struct digest events;
        struct hasher *hasher;
        uint64_t index, left;
        bool in_file, ok;
        enum err_kind kind;
        char text[ERR_TEXT_MAX];
};

static void check_clean(struct span path)
{
        struct span rest = path, part;

        assert(path.len <= IMAGE_PATH_MAX);
        while (rest.len > 0) {
                size_t nul;

                span_split(rest, '/', &part, &rest);
                assert(part.len > 0 && part.len <= IMAGE_NAME_MAX);
                assert(!span_is(part, ".") && !span_is(part, "..") && !span_find(part, 0, &nul));
        }
        assert(!span_ends(path, "/"));
}

static bool on_entry(void *ctx, const struct image_entry *entry, bool *ret_want, struct err *e)
{
        struct seen *s = ctx;
        uint8_t fixed[8] = {(uint8_t)entry->type};

        (void)e;
        assert(!s->in_file && entry->type != IMAGE_ENTRY_NONE && entry->index >= s->index);
        s->index = entry->index + 1;
        check_clean(entry->path);
        assert(entry->path.len > 0 || entry->type == IMAGE_ENTRY_DIR || entry->type == IMAGE_ENTRY_OPAQUE);
        if (entry->type == IMAGE_ENTRY_HARDLINK) {
                check_clean(entry->link);
                assert(entry->link.len > 0 && !span_equal(entry->link, entry->path));
        }
        assert(entry->type != IMAGE_ENTRY_SYMLINK || (entry->link.len > 0 && entry->link.len <= IMAGE_PATH_MAX));
        assert(entry->mode <= 07777 && entry->mtime_ns < 1000000000 && entry->size <= IMAGE_PLAIN_MAX);
        assert(entry->type == IMAGE_ENTRY_FILE || entry->size == 0);
        memcpy(fixed + 1, &entry->uid, 4);
        hasher_update(s->hasher, span_bytes(fixed, sizeof(fixed)));
        hasher_update(s->hasher, entry->path);
        hasher_update(s->hasher, entry->link);
        s->in_file = entry->type == IMAGE_ENTRY_FILE;
        s->left = entry->size;
        *ret_want = true;
        return true;
}

static bool on_data(void *ctx, struct span piece, struct err *e)
{
        struct seen *s = ctx;

        (void)e;
        assert(s->in_file && piece.len <= s->left);
        s->left -= piece.len;
        if (piece.len == 0) {
                assert(s->left == 0);
                s->in_file = false;
        }
        hasher_update(s->hasher, piece);
        return true;
}

static void walk(struct span in, size_t step, struct seen *s)
{
        struct image_sink sink = {on_entry, on_data, s};
        struct err e = {0};
        struct tar t;

        s->hasher = hasher_new(DIGEST_SHA256);
        s->ok = true;
        tar_init(&t, &sink);
        while (s->ok && in.len > 0) {
                s->ok = tar_feed(&t, span_cut(in, 0, step), &e);
                in = span_from(in, step);
        }
        s->ok = s->ok && tar_end(&t, &e);
        if (s->ok) {
                assert(t.index == s->index || t.index > s->index); /* AUFS's own entries are counted, not told */
        } else {
                assert(e.kind == ERR_MALFORMED || e.kind == ERR_LIMIT || e.kind == ERR_UNSUPPORTED);
                assert(e.text[0] != 0 && span_is_utf8(span_of(e.text)));
        }
        tar_done(&t);
        s->kind = e.kind;
        memcpy(s->text, e.text, sizeof(s->text));
        hasher_final(s->hasher, &s->events);
        hasher_free(s->hasher);
}

static void check_all(struct span in)
{
        static const size_t steps[] = {SIZE_MAX, 1, 300, 512, 1000};
        struct seen first = {0};

        walk(in, SIZE_MAX, &first);
        for (size_t i = 1; i < ARRAY_LEN(steps); i++) {
                struct seen again = {0};

                walk(in, steps[i], &again);
                assert(again.ok == first.ok && again.kind == first.kind && again.index == first.index);
                assert(digest_equal(&again.events, &first.events) || !first.ok);
                assert(strcmp(again.text, first.text) == 0);
        }
}

/* As it is, then with right checksums: no mutation would come far without. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct buf b CLEANUP(buf_done) = {0};

        check_all((struct span){data, size});
        buf_put(&b, (struct span){data, size});
        for (size_t at = 0; at + TAR_BLOCK <= b.len; at += TAR_BLOCK)
                if (memcmp(b.at + at + 257, "ustar", 5) == 0)
                        tar_make_checksum(b.at + at);
        check_all(buf_span(&b));
        return 0;
}
