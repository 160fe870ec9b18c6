/*
 * Properties of App Container Images for any bytes. The first byte says what the rest is:
 *   m  a manifest
 *   t  lines, each an entry: "f NAME CONTENT", "l NAME TARGET" (symbolic link), "h NAME TARGET", "d NAME"
 *   r  the file itself, compressed or not
 *   a  a worker's answer
 * - reading gives an image or an error that has a kind and a text, and never blames us;
 * - what was read can be said, and what can be said comes back as the same bytes;
 * - what a list of paths leaves is a tar whose reader is told the same entries, and all of them are listed.
 */
#include <assert.h>

#include "image/aci_priv.h"
#include "image/archive_make_priv.h"
#include "image/record_test_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void answer_try(struct span in, bool must)
{
        struct arena *a CLEANUP(arena_freep) = arena_new();
        struct buf again CLEANUP(buf_done) = {0};
        struct cursor c = {.rest = in};
        struct aci v;

        if (!aci_get(&c, a, &v)) {
                assert(!must);
                return;
        }
        aci_put(&again, &v);
        assert(span_equal(buf_span(&again), in));
        assert(aci_name_is_valid(v.manifest.name));
}

static void manifest_try(struct span in)
{
        struct arena *a CLEANUP(arena_freep) = arena_new();
        struct buf answer CLEANUP(buf_done) = {0};
        struct aci v = {0};
        struct err e = {0};

        if (!aci_manifest_parse(in, a, &v.manifest, &e)) {
                assert(e.kind != ERR_NONE && e.kind != ERR_BUG && e.text[0]);
                return;
        }
        for (size_t i = 0; i < v.manifest.paths.len; i++)
                assert(aci_listed(&v.manifest.paths, v.manifest.paths.at[i], false));
        digest_of(DIGEST_SHA256, in, &v.blob);
        digest_of(DIGEST_SHA512, in, &v.id);
        aci_put(&answer, &v);
        answer_try(buf_span(&answer), true);
}

/* The manifest's own list, applied to what is told; times to the second. */
static bool told(const struct image_source *s, const struct aci_list *list, const struct image_sink *sink)
{
        struct aci_view v = {.sink = sink, .lists = list, .n_lists = list->len > 0};
        struct image_read read;
        struct err e = {0};

        if (aci_layer_read(s, &v, &read, &e))
                return true;
        assert(e.kind == ERR_UNSUPPORTED && e.text[0]); /* a hard link to what is left out */
        return false;
}

static bool whole_seconds(void *ctx, const struct image_entry *entry, bool *ret_want, struct err *e)
{
        struct image_entry second = *entry;

        second.mtime_ns = 0;
        return record_entry(ctx, &second, ret_want, e);
}

static bool piece_put(void *ctx, struct span piece, struct err *e)
{
        (void)e;
        buf_put(ctx, piece);
        return true;
}

static void filter_try(const struct image_source *from, const struct aci_list *list)
{
        struct record first = {0}, again = {0};
        const struct image_sink one = {whole_seconds, record_data, &first}, two = record_sink(&again);
        struct buf out CLEANUP(buf_done) = {0};
        struct aci_tar tar = {.put = piece_put, .ctx = &out};
        const struct image_sink to = aci_tar_sink(&tar);
        struct image_read read;
        struct err e = {0};

        if (told(from, list, &one)) {
                assert(told(from, list, &to) && aci_tar_end(&tar, &e));
                int copy CLEANUP(fd_close) = archive_make_fd(buf_span(&out));
                const struct image_source s = {.fd = copy, .size = out.len};
                assert(image_layer_read(&s, &two, &read, &e));
                assert(span_equal(buf_span(&first.text), buf_span(&again.text)));
        }
        buf_done(&first.text);
        buf_done(&again.text);
}

static void file_try(struct span in)
{
        int fd CLEANUP(fd_close) = archive_make_fd(in);
        struct arena *a CLEANUP(arena_freep) = arena_new();
        struct buf answer CLEANUP(buf_done) = {0};
        struct err e = {0};
        struct aci v;

        (void)aci_begins(fd, in.len);
        if (!aci_read(fd, in.len, a, &v, &e)) {
                assert(e.kind != ERR_NONE && e.kind != ERR_BUG && e.kind != ERR_CANCELLED && e.text[0]);
                return;
        }
        aci_put(&answer, &v);
        answer_try(buf_span(&answer), true);
        const struct image_source s = {
            .fd = fd, .size = in.len, .compression = v.compression, .blob = v.blob, .aci = true};
        filter_try(&s, &v.manifest.paths);
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
        file_try(buf_span(&tar));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct span rest = span_from(span_bytes(data, size), 1);

        if (size == 0)
                return 0;
        if (data[0] == 'm')
                manifest_try(rest);
        else if (data[0] == 't')
                lines_try(rest);
        else if (data[0] == 'r')
                file_try(rest);
        else
                answer_try(rest, false);
        return 0;
}
