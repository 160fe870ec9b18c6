/*
 * Properties of image archives for any bytes. The first byte says what the rest is:
 *   t  lines, each an entry: "f NAME CONTENT", "l NAME TARGET" (symbolic link), "h NAME TARGET", "d NAME"
 *   r  the archive itself
 *   a  a worker's answer
 * - reading gives an archive or an error that has a kind and a text;
 * - names are unique and in order, contents lie in the file, files are found under their own names;
 * - what was read can be said, and what can be said comes back as the same bytes.
 */
#include <assert.h>

#include "image/archive_make_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void answer_try(struct span in, uint64_t size, bool must)
{
        struct arena *a CLEANUP(arena_freep) = arena_new();
        struct buf again CLEANUP(buf_done) = {0};
        struct cursor c = {.rest = in};
        struct archive v;

        if (!archive_get(&c, size, a, &v)) {
                assert(!must);
                return;
        }
        archive_put(&again, &v);
        assert(span_equal(buf_span(&again), in));
        assert(v.offset + v.size <= size);
        for (size_t i = 0; i < v.layers.len; i++)
                assert(v.layers.at[i].offset + v.layers.at[i].size <= size);
        for (size_t i = 0; i < v.blobs.len; i++) {
                assert(v.blobs.at[i].offset + v.blobs.at[i].size <= size);
                assert(archive_blob_find(&v, &v.blobs.at[i].digest) == &v.blobs.at[i]);
        }
}

static void list_check(const struct archive_list *list, uint64_t size)
{
        for (size_t i = 0; i < list->len; i++) {
                const struct archive_entry *entry = &list->at[i], *found = NULL;

                assert(entry->offset <= size && entry->size <= size - entry->offset);
                assert(i == 0 || span_compare(entry[-1].name, entry->name) < 0);
                assert(archive_find(list, entry->name) == entry);
                if (entry->type == ARCHIVE_FILE)
                        assert(archive_file(list, entry->name, &found, NULL) && found == entry);
                else if (archive_file(list, entry->name, &found, NULL))
                        assert(entry->type == ARCHIVE_LINK && found->type == ARCHIVE_FILE);
        }
}

static void archive_try(struct span in)
{
        static const enum image_kind kinds[] = {IMAGE_NONE, IMAGE_OCI_ARCHIVE, IMAGE_DOCKER_ARCHIVE};
        int fd CLEANUP(fd_close) = archive_make_fd(in);
        struct arena *a CLEANUP(arena_freep) = arena_new();
        struct archive_list list;
        struct err e = {0};

        if (archive_walk(fd, in.len, a, &list, &e))
                list_check(&list, in.len);
        else
                assert(e.kind != ERR_NONE && e.kind != ERR_BUG && e.text[0]);
        for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
                struct buf answer CLEANUP(buf_done) = {0};
                const struct choice want = {.tag = i == 2 ? SPAN_LIT("demo") : (struct span){0}};
                struct archive v = {0};

                e = (struct err){0};
                if (!archive_read(fd, in.len, kinds[i], &want, a, &v, &e)) {
                        assert(e.kind != ERR_NONE && e.kind != ERR_BUG && e.text[0]);
                        continue;
                }
                assert(kinds[i] != IMAGE_OCI_ARCHIVE || v.form == ARCHIVE_LAYOUT);
                assert(kinds[i] != IMAGE_DOCKER_ARCHIVE || v.form != ARCHIVE_LAYOUT);
                archive_put(&answer, &v);
                answer_try(buf_span(&answer), in.len, true);
        }
}

/* Text without its NULs: tar_make takes C strings. */
static char *text_of(struct arena *a, struct span s)
{
        size_t nul;

        if (span_find(s, 0, &nul))
                s = span_cut(s, 0, nul);
        return arena_string(a, span_cut(s, 0, IMAGE_PATH_MAX));
}

static void lines_try(struct span in)
{
        struct arena *a CLEANUP(arena_freep) = arena_new();
        struct buf tar CLEANUP(buf_done) = {0};
        struct cursor c = {.rest = in};
        struct span line;

        while (cursor_line(&c, &line)) {
                struct span type, name, rest;

                span_split(line, ' ', &type, &rest);
                span_split(rest, ' ', &name, &rest);
                if (span_is(type, "f"))
                        archive_make_file(&tar, text_of(a, name), rest);
                else if (span_is(type, "l"))
                        archive_make_link(&tar, text_of(a, name), '2', text_of(a, rest));
                else if (span_is(type, "h"))
                        archive_make_link(&tar, text_of(a, name), '1', text_of(a, rest));
                else if (span_is(type, "d"))
                        archive_make_link(&tar, text_of(a, name), '5', "");
        }
        tar_make_end(&tar);
        archive_try(buf_span(&tar));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct span rest = span_from(span_bytes(data, size), 1);

        if (size == 0)
                return 0;
        if (data[0] == 't')
                lines_try(rest);
        else if (data[0] == 'r')
                archive_try(rest);
        else
                answer_try(rest, 1000000, false);
        return 0;
}
