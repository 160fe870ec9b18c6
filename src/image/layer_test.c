/* Whole layers, and the real ones of ../shared where they are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bzlib.h>
#include <isa-l/igzip_lib.h>
#include <lzma.h>
#include <zstd.h>

#include "image/image_limits.h"
#include "image/record_test_priv.h"
#include "image/tar_make_priv.h"

static struct buf gzip_of(struct span plain)
{
        struct isal_zstream z;
        struct buf out = {0};
        uint8_t *level_buf = malloc(ISAL_DEF_LVL1_DEFAULT);

        isal_deflate_stateless_init(&z);
        z.level = 1;
        z.level_buf = level_buf;
        z.level_buf_size = ISAL_DEF_LVL1_DEFAULT;
        z.gzip_flag = IGZIP_GZIP;
        z.end_of_stream = 1;
        z.flush = NO_FLUSH;
        z.next_in = (uint8_t *)plain.at;
        z.avail_in = (uint32_t)plain.len;
        z.avail_out = (uint32_t)plain.len + 4096;
        z.next_out = buf_reserve(&out, plain.len + 4096);
        assert_int_equal(isal_deflate_stateless(&z), COMP_OK);
        out.len = plain.len + 4096 - z.avail_out;
        free(level_buf);
        return out;
}

static struct buf zstd_of(struct span plain)
{
        struct buf out = {0};
        size_t n = ZSTD_compress(
            buf_reserve(&out, ZSTD_compressBound(plain.len)), ZSTD_compressBound(plain.len), plain.at, plain.len, 1);

        assert_false(ZSTD_isError(n));
        out.len = n;
        return out;
}

static struct buf xz_of(struct span plain)
{
        struct buf out = {0};
        size_t n = 0, size = lzma_stream_buffer_bound(plain.len);

        assert_int_equal(lzma_easy_buffer_encode(
                             1, LZMA_CHECK_CRC64, NULL, plain.at, plain.len, buf_reserve(&out, size), &n, size),
            LZMA_OK);
        out.len = n;
        return out;
}

static struct buf bzip2_of(struct span plain)
{
        struct buf out = {0};
        unsigned n = (unsigned)plain.len + (unsigned)plain.len / 100 + 700;

        assert_int_equal(
            BZ2_bzBuffToBuffCompress((char *)buf_reserve(&out, n), &n, (char *)plain.at, (unsigned)plain.len, 1, 0, 0),
            BZ_OK);
        out.len = n;
        return out;
}

static struct buf stored_as(enum compression c, struct span plain)
{
        struct buf b = {0};

        switch (c) {
        case COMPRESSION_GZIP:
                return gzip_of(plain);
        case COMPRESSION_ZSTD:
                return zstd_of(plain);
        case COMPRESSION_XZ:
                return xz_of(plain);
        case COMPRESSION_BZIP2:
                return bzip2_of(plain);
        case COMPRESSION_NONE:
                break;
        }
        buf_put(&b, plain);
        return b;
}

/* Enough that pieces, rings and outputs wrap round. */
static struct buf tar_big(void)
{
        struct buf b = {0}, content CLEANUP(buf_done) = {0};
        uint64_t x = 88172645463325252u;

        for (size_t i = 0; i < 700000; i++) {
                x ^= x << 13;
                x ^= x >> 7;
                x ^= x << 17;
                buf_put_u8(&content, (uint8_t)(i % 3 ? 'a' + x % 4 : 'x'));
        }
        for (unsigned i = 0; i < 9; i++) {
                char path[32];

                snprintf(path, sizeof(path), "usr/file%u", i);
                tar_make(&b, &(struct tar_item){.path = path, .content = buf_span(&content), .mode = 0644});
        }
        tar_make_end(&b);
        return b;
}

static int file_of(struct span s, size_t before)
{
        static const uint8_t junk[64] = "what stands before it in an archive";
        int fd = memfd_create("layer", MFD_CLOEXEC);
        struct err e = {0};

        assert_true(fd >= 0 && fd_write_all(fd, span_bytes(junk, before), &e) && fd_write_all(fd, s, &e));
        return fd;
}

static bool read_as(
    struct span stored, enum compression c, bool thread, struct record *r, struct image_read *ret, struct err *e)
{
        int fd CLEANUP(fd_close) = file_of(stored, 33);
        struct image_source s = {.fd = fd, .offset = 33, .size = stored.len, .compression = c, .second_thread = thread};
        struct image_sink sink = record_sink(r);

        return image_layer_read(&s, &sink, ret, e);
}

static void assert_broken(struct span stored, enum compression c, enum err_kind kind, const char *says)
{
        for (int thread = 0; thread < 2; thread++) {
                struct record r = {0};
                struct image_read read;
                struct err e = {0};

                if (read_as(stored, c, thread, &r, &read, &e))
                        fail_msg("was taken; should say: %s", says);
                if (e.kind != kind || !strstr(e.text, says))
                        fail_msg("%s: %s: does not say: %s", err_kind_name(e.kind), e.text, says);
                buf_done(&r.text);
        }
}

static void all_compressions_give_the_same(void **state)
{
        struct buf tar CLEANUP(buf_done) = tar_big();
        struct digest plain;
        struct record first = {0};

        (void)state;
        digest_of(DIGEST_SHA256, buf_span(&tar), &plain);
        for (int i = 0; i < 2 * (COMPRESSION_LAST + 1); i++) {
                struct buf stored CLEANUP(buf_done) = stored_as((enum compression)(i / 2), buf_span(&tar));
                struct span in = buf_span(&stored);
                struct record r = {0};
                struct image_read read = {0};
                struct digest blob;
                struct err e = {0};

                if (!read_as(in, (enum compression)(i / 2), i % 2, &r, &read, &e))
                        fail_msg("%s", e.text);
                digest_of(DIGEST_SHA256, in, &blob);
                assert_true(digest_equal(&read.blob, &blob));
                assert_true(digest_equal(&read.diff_id, &plain));
                assert_int_equal(read.entries, 9);
                assert_int_equal(read.plain_size, tar.len);
                if (i == 0)
                        first = r;
                else {
                        assert_true(span_equal(buf_span(&first.text), buf_span(&r.text)));
                        buf_done(&r.text);
                }
        }
        buf_done(&first.text);
}

static void streams_in_parts_are_one(void **state)
{
        struct buf tar CLEANUP(buf_done) = tar_big();
        struct span halves[2] = {span_cut(buf_span(&tar), 0, 1000001), span_from(buf_span(&tar), 1000001)};
        static const uint8_t skippable[] = {0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 'a', 'b', 'c'};

        (void)state;
        for (int c = COMPRESSION_GZIP; c <= COMPRESSION_LAST; c++) {
                struct buf joined CLEANUP(buf_done) = {0};
                struct record r = {0};
                struct image_read read = {0};
                struct err e = {0};

                for (int i = 0; i < 2; i++) {
                        struct buf part CLEANUP(buf_done) = stored_as((enum compression)c, halves[i]);
                        buf_put(&joined, buf_span(&part));
                        if (c == COMPRESSION_ZSTD)
                                buf_put(&joined, span_bytes(skippable, sizeof(skippable)));
                        if (c == COMPRESSION_XZ) /* stream padding: a multiple of four zeros */
                                buf_put(&joined, SPAN_LIT("\0\0\0\0\0\0\0\0"));
                }
                if (!read_as(buf_span(&joined), (enum compression)c, false, &r, &read, &e))
                        fail_msg("%s", e.text);
                assert_int_equal(read.plain_size, tar.len);
                buf_done(&r.text);
        }
}

static void damage_is_named(void **state)
{
        struct buf tar CLEANUP(buf_done) = tar_big();
        struct buf gz CLEANUP(buf_done) = gzip_of(buf_span(&tar)), zst CLEANUP(buf_done) = zstd_of(buf_span(&tar));
        size_t gz_len = gz.len, zst_len = zst.len;

        (void)state;
        assert_broken(span_cut(buf_span(&gz), 0, gz.len / 2), COMPRESSION_GZIP, ERR_MALFORMED, "gzip: it ends early");
        assert_broken(span_cut(buf_span(&gz), 0, gz.len - 3), COMPRESSION_GZIP, ERR_MALFORMED, "gzip: it ends early");
        assert_broken(span_cut(buf_span(&zst), 0, zst.len / 2), COMPRESSION_ZSTD, ERR_MALFORMED, "zstd: it ends early");
        assert_broken((struct span){0}, COMPRESSION_GZIP, ERR_MALFORMED, "gzip: it is empty");
        assert_broken((struct span){0}, COMPRESSION_ZSTD, ERR_MALFORMED, "zstd: it is empty");
        buf_put_text(&gz, "GARBAGE");
        buf_put_text(&zst, "GARBAGE");
        assert_broken(buf_span(&gz), COMPRESSION_GZIP, ERR_MALFORMED, "gzip: bytes after its end");
        assert_broken(buf_span(&zst), COMPRESSION_ZSTD, ERR_MALFORMED, "zstd:");
        gz.len = gz_len;
        zst.len = zst_len;
        gz.at[gz.len - 6] ^= 0x55;
        assert_broken(buf_span(&gz), COMPRESSION_GZIP, ERR_MALFORMED, "checksum of the content is wrong");
        gz.at[gz.len - 6] ^= 0x55;
        gz.at[gz.len - 1] ^= 1; /* ISIZE */
        assert_broken(buf_span(&gz), COMPRESSION_GZIP, ERR_MALFORMED, "gzip:");
        assert_broken(buf_span(&zst), COMPRESSION_GZIP, ERR_MALFORMED, "no gzip header");
        assert_broken(buf_span(&gz), COMPRESSION_ZSTD, ERR_MALFORMED, "zstd:");
        assert_broken(buf_span(&gz), COMPRESSION_NONE, ERR_MALFORMED, "checksum");
        assert_broken(
            span_cut(buf_span(&tar), 0, 1000), COMPRESSION_NONE, ERR_MALFORMED, "entry 0 (usr/file0): the tar ends");
}

static void damage_of_xz_and_bzip2_is_named(void **state)
{
        static const struct {
                enum compression c;
                const char *name, *tail, *other, *damage;
        } rows[] = {
            {COMPRESSION_XZ, "xz", "xz: it is damaged, or bytes stand after its end", "no xz header", "xz: it is damaged"},
            {COMPRESSION_BZIP2, "bzip2", "bzip2: bytes after its end", "no bzip2 header", "bzip2: a block is damaged"},
        };
        struct buf tar CLEANUP(buf_done) = tar_big(), gz CLEANUP(buf_done) = gzip_of(buf_span(&tar));

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct buf whole CLEANUP(buf_done) = stored_as(rows[i].c, buf_span(&tar));
                size_t len = whole.len;
                char early[40], empty[40];

                snprintf(early, sizeof(early), "%s: it ends early", rows[i].name);
                snprintf(empty, sizeof(empty), "%s: it is empty", rows[i].name);
                assert_broken(span_cut(buf_span(&whole), 0, len / 2), rows[i].c, ERR_MALFORMED, early);
                assert_broken(span_cut(buf_span(&whole), 0, len - 1), rows[i].c, ERR_MALFORMED, early);
                assert_broken(span_cut(buf_span(&whole), 0, 3), rows[i].c, ERR_MALFORMED, early);
                assert_broken((struct span){0}, rows[i].c, ERR_MALFORMED, empty);
                buf_put_text(&whole, "GARBAGE GARBAGE"); /* as long as a header */
                assert_broken(buf_span(&whole), rows[i].c, ERR_MALFORMED, rows[i].tail);
                whole.len = len;
                buf_put_u8(&whole, 0); /* padding is of four bytes in xz, and none in bzip2 */
                assert_broken(buf_span(&whole), rows[i].c, ERR_MALFORMED, rows[i].name);
                whole.len = len;
                whole.at[len / 2] ^= 0x55;
                assert_broken(buf_span(&whole), rows[i].c, ERR_MALFORMED, rows[i].damage);
                assert_broken(buf_span(&gz), rows[i].c, ERR_MALFORMED, rows[i].other);
        }
}

/* An xz stream that says it needs a dictionary of 192 MiB; what is in it is a kilobyte. */
static void a_dictionary_too_large_is_refused(void **state)
{
        struct buf tar CLEANUP(buf_done) = {0}, out CLEANUP(buf_done) = {0};
        lzma_filter filters[2] = {{.id = LZMA_FILTER_LZMA2}, {.id = LZMA_VLI_UNKNOWN}};
        lzma_options_lzma options;
        struct record r = {0};
        struct image_read read = {0};
        struct err e = {0};
        size_t n;

        (void)state;
        tar_make(&tar, &(struct tar_item){.path = "a", .content = SPAN_LIT("x")});
        tar_make_end(&tar);
        assert_false(lzma_lzma_preset(&options, 0));
        filters[0].options = &options;
        for (int large = 0; large < 2; large++) {
                options.dict_size = large ? 192u << 20 : 64u << 20; /* xz -9 has 64 MiB */
                n = 0;
                assert_int_equal(lzma_stream_buffer_encode(filters, LZMA_CHECK_SHA256, NULL, tar.at, tar.len,
                                     buf_reserve(&out, 65536), &n, 65536),
                    LZMA_OK);
                if (large)
                        assert_broken(span_bytes(out.at, n), COMPRESSION_XZ, ERR_LIMIT,
                            "more than 128 MiB of memory to read: compress it with xz -9 or less");
                else
                        assert_true(read_as(span_bytes(out.at, n), COMPRESSION_XZ, false, &r, &read, &e));
        }
        buf_done(&r.text);
}

static void what_is_asked_is_compared(void **state)
{
        struct buf tar CLEANUP(buf_done) = tar_big(), gz CLEANUP(buf_done) = gzip_of(buf_span(&tar));
        struct image_source s = {.size = gz.len, .compression = COMPRESSION_GZIP, .second_thread = true};
        struct image_read read = {0};
        struct record r = {0};
        struct image_sink sink = record_sink(&r);
        struct err e = {0};

        (void)state;
        s.fd = file_of(buf_span(&gz), 0);
        digest_of(DIGEST_SHA512, buf_span(&gz), &s.blob);
        digest_of(DIGEST_SHA256, buf_span(&tar), &s.diff_id);
        assert_true(image_layer_read(&s, &sink, &read, &e));
        assert_true(digest_equal(&read.blob, &s.blob));
        s.diff_id.bytes[3] ^= 1;
        assert_false(image_layer_read(&s, &sink, &read, &e));
        assert_int_equal(e.kind, ERR_UNTRUSTED);
        assert_non_null(strstr(e.text, "its diff id is sha256:"));
        s.diff_id.alg = DIGEST_NONE;
        s.blob.bytes[3] ^= 1;
        assert_false(image_layer_read(&s, &sink, &read, &e));
        assert_int_equal(e.kind, ERR_UNTRUSTED);
        assert_non_null(strstr(e.text, "its digest is sha512:"));
        s.blob.alg = DIGEST_NONE;
        s.size += 1;
        assert_false(image_layer_read(&s, &sink, &read, &e));
        assert_non_null(strstr(e.text, "the file ends 1 bytes before"));
        close(s.fd);
        buf_done(&r.text);
        /* A plain layer with two algorithms: the same bytes hashed in two ways. */
        struct image_source p = {.size = tar.len, .second_thread = true};
        p.fd = file_of(buf_span(&tar), 0);
        digest_of(DIGEST_SHA512, buf_span(&tar), &p.blob);
        digest_of(DIGEST_SHA256, buf_span(&tar), &p.diff_id);
        assert_true(image_layer_read(&p, &sink, &read, &e));
        close(p.fd);
        buf_done(&r.text);
}

static void a_sink_that_stops_ends_the_thread(void **state)
{
        struct buf tar CLEANUP(buf_done) = tar_big(), gz CLEANUP(buf_done) = gzip_of(buf_span(&tar));
        struct image_read read = {0};

        (void)state;
        for (uint64_t at = 1; at <= 9; at++) {
                struct record r = {.refuse_at = at};
                struct err e = {0};

                assert_false(read_as(buf_span(&gz), COMPRESSION_GZIP, true, &r, &read, &e));
                assert_int_equal(e.kind, ERR_DENIED);
                buf_done(&r.text);
        }
}

static bool count_entry(void *ctx, const struct image_entry *entry, bool *ret_want, struct err *e)
{
        (void)ctx, (void)entry, (void)e;
        *ret_want = false;
        return true;
}

/* 8 GiB of zeros, said by one stream of 4 MiB repeated: it must stop soon after 1 GiB. */
static void a_bomb_is_refused(void **state)
{
        struct buf zeros CLEANUP(buf_done) = {0}, head CLEANUP(buf_done) = {0}, bomb CLEANUP(buf_done) = {0};
        struct image_sink sink = {count_entry, record_data, NULL};
        struct image_read read;
        struct err e = {0};

        (void)state;
        memset(buf_reserve(&zeros, 4 << 20), 0, 4 << 20);
        zeros.len = 4 << 20;
        tar_make_raw(&head, &(struct tar_item){.path = "zeros", .size = 8ull << 30});
        struct buf first CLEANUP(buf_done) = zstd_of(buf_span(&head)),
                         frame CLEANUP(buf_done) = zstd_of(buf_span(&zeros));
        buf_put(&bomb, buf_span(&first));
        for (unsigned i = 0; i < 2048; i++)
                buf_put(&bomb, buf_span(&frame));
        int fd CLEANUP(fd_close) = file_of(buf_span(&bomb), 0);
        struct image_source s = {.fd = fd, .size = bomb.len, .compression = COMPRESSION_ZSTD};
        assert_false(image_layer_read(&s, &sink, &read, &e));
        assert_int_equal(e.kind, ERR_LIMIT);
        assert_non_null(strstr(e.text, "decompression bomb"));
}

static void a_window_too_large_is_refused(void **state)
{
        /* A frame header alone: window descriptor 2^31 (RFC 8878, 3.1.1.1.2). */
        static const uint8_t frame[] = {0x28, 0xb5, 0x2f, 0xfd, 0x00, (31 - 10) << 3, 0x01, 0x00, 0x00};

        (void)state;
        assert_broken(span_bytes(frame, sizeof(frame)), COMPRESSION_ZSTD, ERR_LIMIT, "window is larger than 128 MiB");
}

static void a_pipe_is_read_to_its_end(void **state)
{
        struct buf tar CLEANUP(buf_done) = {0};
        struct record r = {0};
        struct image_sink sink = record_sink(&r);
        struct image_source s = {.size = UINT64_MAX};
        struct image_read read = {0};
        struct err e = {0};
        int ends[2];

        (void)state;
        tar_make(&tar, &(struct tar_item){.path = "a", .content = SPAN_LIT("x")});
        tar_make_end(&tar);
        assert_int_equal(pipe(ends), 0);
        assert_true(fd_write_all(ends[1], buf_span(&tar), &e));
        close(ends[1]);
        s.fd = ends[0];
        assert_true(image_layer_read(&s, &sink, &read, &e));
        assert_string_equal(record_text(&r), "file a 0000 0:0 @0 =x\n");
        close(ends[0]);
        buf_done(&r.text);
}

static void a_source_travels(void **state)
{
        struct image_source s = {.fd = 6,
                                .offset = 512,
                                .size = UINT64_MAX,
                                .compression = COMPRESSION_BZIP2,
                                .second_thread = true,
                                .aci = true},
                            got = {0};
        struct buf b CLEANUP(buf_done) = {0};

        (void)state;
        digest_of(DIGEST_SHA512, SPAN_LIT("x"), &s.blob);
        image_source_put(&b, &s);
        struct cursor c = {.rest = buf_span(&b)};
        assert_true(image_source_get(&c, &got) && cursor_at_end(&c));
        assert_true(got.fd == 6 && got.offset == 512 && got.size == UINT64_MAX && got.compression == COMPRESSION_BZIP2 &&
                    got.second_thread && got.aci && !got.pipe);
        assert_true(digest_equal(&got.blob, &s.blob) && got.diff_id.alg == DIGEST_NONE);
        for (size_t len = 0; len < b.len; len++) {
                c = (struct cursor){.rest = span_bytes(b.at, len)};
                assert_false(image_source_get(&c, &got));
        }
        b.at[20] = COMPRESSION_LAST + 1;
        c = (struct cursor){.rest = buf_span(&b)};
        assert_false(image_source_get(&c, &got));
}

static bool read_path(int dir_fd, const char *name, struct record *r, struct image_read *read, struct err *e)
{
        int fd CLEANUP(fd_close) = openat(dir_fd, name, O_RDONLY);
        struct image_source s = {.fd = fd, .size = (uint64_t)lseek(fd, 0, SEEK_END)};
        struct image_sink sink = record_sink(r);

        return image_layer_read(&s, &sink, read, e);
}

static void real_layers_are_read(void **state)
{
        static const struct {
                const char *name, *says;
        } files[] = {
            {"whiteout.layer", "whiteout etc/profile "},
            {"whiteout_opaque.layer", "opaque a "},
            {"symlink-dangling.tar", "file manifest.json "},
            {"bad_name.tar", "bad\xfdname "},
            {"concat.tar", "dir var/run "},
            {"empty.tar", ""},
        };
        int dir CLEANUP(fd_close) = open(SHARED_LAYERS, O_RDONLY | O_DIRECTORY);

        (void)state;
        if (dir < 0) {
                print_message("skip: %s is not there\n", SHARED_LAYERS);
                skip();
        }
        for (size_t i = 0; i < ARRAY_LEN(files); i++) {
                struct record r = {0};
                struct image_read read;
                struct err e = {0};

                if (!read_path(dir, files[i].name, &r, &read, &e))
                        fail_msg("%s: %s", files[i].name, e.text);
                if (!memmem(record_text(&r), r.text.len, files[i].says, strlen(files[i].says)))
                        fail_msg("%s: does not say %s", files[i].name, files[i].says);
                buf_done(&r.text);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(all_compressions_give_the_same),
            cmocka_unit_test(streams_in_parts_are_one),
            cmocka_unit_test(damage_is_named),
            cmocka_unit_test(damage_of_xz_and_bzip2_is_named),
            cmocka_unit_test(a_dictionary_too_large_is_refused),
            cmocka_unit_test(what_is_asked_is_compared),
            cmocka_unit_test(a_sink_that_stops_ends_the_thread),
            cmocka_unit_test(a_bomb_is_refused),
            cmocka_unit_test(a_window_too_large_is_refused),
            cmocka_unit_test(a_pipe_is_read_to_its_end),
            cmocka_unit_test(a_source_travels),
            cmocka_unit_test(real_layers_are_read),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
