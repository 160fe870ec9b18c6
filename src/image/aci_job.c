/* What workers do with an App Container Image: look at its first entry, read all of it, leave out what is not listed. */
#include <stdlib.h>
#include <string.h>

#include "image/aci_priv.h"
#include "codec/codec.h"

#define FRAME_SIZE (1u << 20)

static bool source_make(int fd, uint64_t size, struct image_source *ret, struct err *e)
{
        uint8_t head[COMPRESSION_HEAD] = {0};
        size_t n;

        if (!fd_pread_full(fd, 0, head, sizeof(head), &n, e))
                return false;
        *ret = (struct image_source){.fd = fd, .size = size, .aci = true};
        ret->compression = compression_of(span_bytes(head, n));
        return true;
}

/*
 * RFC 4880: a symmetric-key encrypted session key packet (tag 3), in the new or the old form, or armour. Nothing that a
 * tar, gzip, bzip2 or xz begins with.
 */
static bool encrypted(int fd)
{
        uint8_t head[32] = {0};
        size_t n;

        if (!fd_pread_full(fd, 0, head, sizeof(head), &n, NULL))
                return false;
        return head[0] == 0xc3 || head[0] == 0x8c || span_starts(span_bytes(head, n), "-----BEGIN PGP MESSAGE");
}

bool aci_read(int fd, uint64_t size, struct arena *a, struct aci *ret, struct err *e)
{
        struct buf manifest CLEANUP(buf_done) = {.max = IMAGE_CONFIG_MAX};
        struct aci_view view = {.manifest = &manifest};
        struct image_source source;
        struct image_read read;
        struct aci v = {0};
        struct span bytes;

        if (encrypted(fd))
                return err_set(e, ERR_UNSUPPORTED, "it is encrypted by PGP: decrypt it first, gpg --decrypt");
        if (!source_make(fd, size, &source, e) || !aci_layer_read(&source, &view, &read, e))
                return false;
        bytes = arena_copy(a, buf_span(&manifest));
        if (!aci_manifest_parse(bytes, a, &v.manifest, e))
                return err_wrap(e, "manifest");
        v.compression = source.compression;
        v.blob = read.blob;
        v.id = read.aci_id;
        v.plain_size = read.plain_size;
        *ret = v;
        return true;
}

bool job_aci(size_t n_fds, struct err *e)
{
        struct arena *a CLEANUP(arena_freep) = arena_new();
        struct buf answer CLEANUP(buf_done) = {.max = IMAGE_ANSWER_MAX};
        struct document document;
        struct cursor c = {0};
        struct aci v;

        if (!jail_request(a, &c.rest, e))
                return false;
        if (n_fds != 1 || !document_get(&c, &document) || !cursor_at_end(&c))
                return err_set(e, ERR_BUG, "the request is no file's");
        if (!aci_read(document.fd, document.size, a, &v, e))
                return false;
        aci_put(&answer, &v);
        if (answer.failed)
                return err_set(e, ERR_LIMIT, "what its manifest says is more than %u bytes", IMAGE_ANSWER_MAX);
        return jail_answer(buf_span(&answer), e);
}

/* ---- the first entry ---- */

struct look {
        bool is_aci;
};

static bool look_entry(void *ctx, const struct image_entry *entry, bool *ret_want, struct err *e)
{
        struct look *l = ctx;

        *ret_want = false;
        if (entry->path.len == 0) /* the archive's own folder */
                return true;
        l->is_aci = (span_is(entry->path, "manifest") && entry->type == IMAGE_ENTRY_FILE) ||
                    (span_is(entry->path, "rootfs") && entry->type == IMAGE_ENTRY_DIR) ||
                    span_starts(entry->path, "rootfs/");
        return err_set(e, ERR_CANCELLED, "seen");
}

bool aci_begins(int fd, uint64_t size)
{
        struct look look = {false};
        const struct image_sink sink = {.entry = look_entry, .ctx = &look};
        struct image_source source;
        struct image_read read;
        struct err seen = {0};

        if (!source_make(fd, size, &source, &seen))
                return false;
        source.aci = false;
        (void)layer_read(&source, &sink, DIGEST_SHA256, &read, &seen);
        return look.is_aci;
}

bool job_aci_look(size_t n_fds, struct err *e)
{
        struct arena *a CLEANUP(arena_freep) = arena_new();
        struct document document;
        struct cursor c = {0};
        uint8_t is_aci;

        if (!jail_request(a, &c.rest, e))
                return false;
        if (n_fds != 1 || !document_get(&c, &document) || !cursor_at_end(&c))
                return err_set(e, ERR_BUG, "the request is no file's");
        is_aci = aci_begins(document.fd, document.size);
        return jail_answer(span_bytes(&is_aci, 1), e);
}

/* ---- what is listed ---- */

struct out {
        uint8_t *frame;
        size_t len;
};

static void out_done(struct out *o)
{
        free(o->frame);
}

static bool out_flush(struct out *o, struct err *e)
{
        bool ok = o->len == 0 || jail_answer(span_bytes(o->frame, o->len), e);

        o->len = 0;
        return ok;
}

static bool out_put(void *ctx, struct span piece, struct err *e)
{
        struct out *o = ctx;

        while (piece.len > 0) {
                struct span part = span_cut(piece, 0, FRAME_SIZE - o->len);

                memcpy(o->frame + o->len, part.at, part.len);
                o->len += part.len;
                piece = span_from(piece, part.len);
                if (o->len == FRAME_SIZE && !out_flush(o, e))
                        return false;
        }
        return true;
}

/* Request: an image_source, the number of lists, the lists. The answer is a tar. */
bool job_aci_paths(size_t n_fds, struct err *e)
{
        struct arena *a CLEANUP(arena_freep) = arena_new();
        struct out out CLEANUP(out_done) = {.frame = heap_alloc(FRAME_SIZE)};
        struct aci_tar tar = {.put = out_put, .ctx = &out};
        const struct image_sink sink = aci_tar_sink(&tar);
        struct aci_list lists[IMAGE_ACI_DEPTH_MAX];
        struct aci_view view = {.sink = &sink, .lists = lists};
        struct image_source source;
        struct image_read read;
        struct cursor c = {0};

        if (!jail_request(a, &c.rest, e))
                return false;
        if (n_fds != 1 || !image_source_get(&c, &source) || source.fd != JAIL_FD_FIRST || !source.aci)
                return err_set(e, ERR_BUG, "the request is no App Container Image's");
        view.n_lists = cursor_u8(&c);
        if (view.n_lists > ARRAY_LEN(lists))
                return err_set(e, ERR_BUG, "the request has more lists than there may be");
        for (size_t i = 0; i < view.n_lists; i++)
                if (!aci_list_get(&c, a, &lists[i]))
                        return err_set(e, ERR_BUG, "the request's list is none");
        if (!cursor_at_end(&c))
                return err_set(e, ERR_BUG, "the request goes on");
        return aci_layer_read(&source, &view, &read, e) && aci_tar_end(&tar, e) && out_flush(&out, e);
}
