/*
 * Properties of a whole layer for any stored bytes, taken as each compression in turn:
 * - one thread or two: the same verdict, digests, sizes;
 * - the digests are those of the bytes; the plain size of a plain layer is its size;
 * - a failure blames the input.
 * The first byte chooses the compression.
 */
#include <assert.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "image/image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool on_entry(void *ctx, const struct image_entry *entry, bool *ret_want, struct err *e)
{
        (void)ctx, (void)entry, (void)e;
        *ret_want = true;
        return true;
}

static bool on_data(void *ctx, struct span piece, struct err *e)
{
        (void)e;
        *(uint64_t *)ctx += piece.len;
        return true;
}

static int file_of(struct span s)
{
        static int fd = -1;
        struct err e = {0};

        if (fd < 0)
                fd = memfd_create("layer", MFD_CLOEXEC);
        assert(fd >= 0 && ftruncate(fd, 0) == 0 && lseek(fd, 0, SEEK_SET) == 0 && fd_write_all(fd, s, &e));
        return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static unsigned runs;
        struct span in = span_from((struct span){data, size}, 1);
        struct image_source s = {
            .compression = size ? (enum compression)(data[0] % (COMPRESSION_LAST + 1)) : COMPRESSION_NONE, .size = in.len};
        struct image_read one = {0}, two = {0};
        struct err e = {0}, e_two = {0};
        struct digest blob;
        uint64_t content = 0;
        struct image_sink sink = {on_entry, on_data, &content};
        bool ok;

        s.fd = file_of(in);
        ok = image_layer_read(&s, &sink, &one, &e);
        if (ok) {
                digest_of(DIGEST_SHA256, in, &blob);
                assert(digest_equal(&blob, &one.blob) && content <= one.plain_size);
                assert(s.compression != COMPRESSION_NONE || (one.plain_size == in.len && digest_equal(&one.diff_id, &blob)));
        } else {
                assert(e.kind == ERR_MALFORMED || e.kind == ERR_LIMIT || e.kind == ERR_UNSUPPORTED);
                assert(e.text[0] != 0);
        }
        if (runs++ % 16 != 0) /* a thread costs more than all else here */
                return 0;
        s.second_thread = true;
        assert(image_layer_read(&s, &sink, &two, &e_two) == ok && e_two.kind == e.kind);
        assert(!ok || (digest_equal(&one.blob, &two.blob) && digest_equal(&one.diff_id, &two.diff_id) &&
                          one.entries == two.entries));
        return 0;
}
