/* An artefact's documents: written, read back, and refused for each reason; without workers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "advisory/artifact/artifact_priv.h"
#include "advisory/testing_priv.h"
#include "codec/codec.h"

#define HEX "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
#define TYPE "application/vnd.coffer.advisories.v1"
#define HEAD "{\"schemaVersion\":2,\"artifactType\":\"" TYPE "\",\"layers\":["
#define LAYER(type, digest, size) "{\"mediaType\":\"" type "\",\"digest\":\"" digest "\",\"size\":" size "}"
#define DATABASE LAYER(TYPE ".database+zstd", "sha256:" HEX, "1000")
#define SIGNATURE LAYER(TYPE ".signature", "sha256:" HEX, "400")
#define OTHER LAYER(TYPE ".other", "sha512:00", "99999999999999")
#define DELTA(from, size)                                                                     \
        "{\"mediaType\":\"" TYPE ".delta+zstd\",\"digest\":\"sha256:" HEX "\",\"size\":" size \
        ",\"annotations\":{\"vnd.coffer.advisories.from\":\"" from "\"}}"
#define TAGGED(tag, type, size)                                                    \
        "{\"mediaType\":\"" type "\",\"digest\":\"sha256:" HEX "\",\"size\":" size \
        ",\"annotations\":{\"a\":\"b\",\"org.opencontainers.image.ref.name\":\"" tag "\"}}"
#define MANIFEST "application/vnd.oci.image.manifest.v1+json"

static const struct {
        const char *text;
        enum err_kind kind;
        const char *says;
} manifests[] =
    {
        {HEAD DATABASE "," SIGNATURE "]}", ERR_NONE, ""},
        {HEAD OTHER "," SIGNATURE "," DATABASE "," OTHER "]}", ERR_NONE, ""},
        {HEAD DATABASE "]}", ERR_NONE, ""},
        {HEAD DATABASE "," DELTA("sha256:" HEX, "7") "," DELTA("sha256:" HEX, "8") "]}", ERR_NONE, ""},
        {HEAD DATABASE "," DELTA("sha512:" HEX HEX, "7") "]}", ERR_NONE, ""}, /* passed over */
        {HEAD DATABASE "," DELTA("sha256:" HEX, "0") "]}", ERR_LIMIT, "difference"},
        {HEAD DATABASE "," DELTA("", "7") "]}", ERR_MALFORMED, "what it is a difference to"},
        {HEAD DATABASE "," LAYER(TYPE ".delta+zstd", "sha256:" HEX, "7") "]}", ERR_MALFORMED,
            "what it is a difference to"},
        {HEAD DELTA("sha256:" HEX, "7") "]}", ERR_MALFORMED, "it holds no database"},
        {HEAD SIGNATURE "]}", ERR_MALFORMED, "it holds no database"},
        {HEAD "]}", ERR_MALFORMED, "it holds no database"},
        {HEAD DATABASE "," DATABASE "]}", ERR_MALFORMED, "layers[1]: a second database"},
        {HEAD DATABASE "," SIGNATURE "," SIGNATURE "]}", ERR_MALFORMED, "a second signature"},
        {HEAD LAYER(TYPE ".database+zstd", "sha256:" HEX, "0") "]}", ERR_LIMIT, "0 bytes"},
        {HEAD LAYER(TYPE ".database+zstd", "sha256:" HEX, "99999999999") "]}", ERR_LIMIT, "99999999999 bytes"},
        {HEAD LAYER(TYPE ".database+zstd", "sha256:" HEX, "-1") "]}", ERR_MALFORMED, ""},
        {HEAD LAYER(TYPE ".database+zstd", "sha256:00", "1") "]}", ERR_MALFORMED, "hex digits"},
        {HEAD LAYER(TYPE ".database+zstd", "sha512:" HEX HEX, "1") "]}", ERR_UNSUPPORTED, "another digest than sha256"},
        {HEAD LAYER(TYPE ".database+zstd", "../../x", "1") "]}", ERR_MALFORMED, "no digest"},
        {HEAD DATABASE "," LAYER(TYPE ".signature", "sha256:" HEX, "1025") "]}", ERR_LIMIT, "1 to 1024"},
        {"{\"schemaVersion\":2,\"layers\":[" DATABASE "]}", ERR_UNSUPPORTED, "an image"},
        {"{\"schemaVersion\":2,\"artifactType\":\"application/x\",\"layers\":[" DATABASE "]}", ERR_UNSUPPORTED,
            "application/x"},
        {"{\"schemaVersion\":1,\"artifactType\":\"" TYPE "\",\"layers\":[" DATABASE "]}", ERR_UNSUPPORTED,
            "no manifest"},
        {"{\"schemaVersion\":2,\"mediaType\":\"x\",\"artifactType\":\"" TYPE "\",\"layers\":[" DATABASE "]}",
            ERR_UNSUPPORTED, "no manifest"},
        {"", ERR_MALFORMED, ""},
        {"[]", ERR_MALFORMED, ""},
        {HEAD DATABASE "]}x", ERR_MALFORMED, ""},
},
  indexes[] = {
      {"{\"manifests\":[" TAGGED("1", MANIFEST, "500") "]}", ERR_NONE, ""},
      {"{\"manifests\":[" TAGGED("0", MANIFEST, "500") "," TAGGED("1", MANIFEST, "500") "]}", ERR_NONE, ""},
      {"{\"manifests\":[" TAGGED("1", MANIFEST, "500") "," TAGGED("1", MANIFEST, "500") "]}", ERR_CONFLICT,
          "two manifests"},
      {"{\"manifests\":[" TAGGED("2", MANIFEST, "500") "]}", ERR_NOT_FOUND, "it has no \"1\""},
      {"{\"manifests\":[" TAGGED("1", "application/vnd.oci.image.index.v1+json", "500") "]}", ERR_UNSUPPORTED,
          "no manifest"},
      {"{\"manifests\":[" TAGGED("1", MANIFEST, "1048577") "]}", ERR_LIMIT, "manifest"},
      {"{\"manifests\":[]}", ERR_NOT_FOUND, ""},
      {"{}", ERR_NOT_FOUND, ""},
      {"{\"manifests\":[" TAGGED("1", MANIFEST, "500"), ERR_MALFORMED, ""},
};

static void expect(const char *text, bool ok, const struct err *e, enum err_kind kind, const char *says)
{
        if (ok != (kind == ERR_NONE) || e->kind != kind || !strstr(e->text, says))
                fail_msg("%s: %s, kind %d, \"%s\"", text, ok ? "taken" : "refused", e->kind, e->text);
}

static void documents_are_taken_or_refused(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(manifests); i++) {
                struct advisory_artifact a = {.database.size = 77};
                struct err e = {0};
                bool ok = artifact_manifest_parse(span_of(manifests[i].text), &a, &e);

                expect(manifests[i].text, ok, &e, manifests[i].kind, manifests[i].says);
                assert_int_equal(a.database.size, ok ? 1000 : 77);
                assert_int_equal(a.signature.size, ok && strstr(manifests[i].text, "signature") ? 400 : 0);
        }
        for (size_t i = 0; i < ARRAY_LEN(indexes); i++) {
                struct advisory_blob b = {.size = 77};
                struct err e = {0};
                bool ok = artifact_index_parse(span_of(indexes[i].text), SPAN_LIT("1"), &b, &e);

                expect(indexes[i].text, ok, &e, indexes[i].kind, indexes[i].says);
                assert_int_equal(b.size, ok ? 500 : 77);
        }
}

static void without_a_tag_there_must_be_one(void **state)
{
        struct advisory_blob b;
        struct err e = {0};

        (void)state;
        assert_true(artifact_index_parse(span_of(indexes[0].text), (struct span){0}, &b, &e));
        assert_false(artifact_index_parse(span_of(indexes[1].text), (struct span){0}, &b, &e));
        assert_true(e.kind == ERR_CONFLICT && strstr(e.text, "say which"));
        assert_false(artifact_index_parse(SPAN_LIT("{}"), (struct span){0}, &b, &e));
        assert_int_equal(e.kind, ERR_NOT_FOUND);
}

static void too_large_is_not_looked_at(void **state)
{
        struct buf b CLEANUP(buf_done) = {0};
        struct advisory_artifact a;
        struct err e = {0};

        (void)state;
        buf_put_text(&b, manifests[0].text);
        while (b.len <= ADVISORY_ARTIFACT_MAX)
                buf_put_text(&b, "                                ");
        assert_false(artifact_manifest_parse(buf_span(&b), &a, &e));
        assert_int_equal(e.kind, ERR_LIMIT);
        assert_true(artifact_manifest_parse(span_cut(buf_span(&b), 0, ADVISORY_ARTIFACT_MAX), &a, &e));
}

static void what_is_written_is_read(void **state)
{
        struct advisory_artifact a = {.database.size = 5,
                                     .signature.size = 6,
                                     .deltas = {{.blob.size = 9}},
                                     .n_deltas = 1},
                                 again;
        struct advisory_db_info info = {.format = DB_FORMAT, .built_s = 1700000000, .records = 9};
        struct buf b CLEANUP(buf_done) = {0};
        struct advisory_blob found;
        struct err e = {0};

        (void)state;
        digest_of(DIGEST_SHA256, SPAN_LIT("a"), &a.database.digest);
        digest_of(DIGEST_SHA256, SPAN_LIT("b"), &a.signature.digest);
        a.deltas[0].from = a.database.digest;
        a.deltas[0].blob.digest = a.signature.digest;
        advisory_artifact_put(&a, &info, &b);
        assert_true(artifact_manifest_parse(buf_span(&b), &again, &e));
        assert_true(again.n_deltas == 1 && again.deltas[0].blob.size == 9 &&
                    digest_equal(&again.deltas[0].from, &a.database.digest) &&
                    digest_equal(&again.deltas[0].blob.digest, &a.signature.digest));
        assert_true(digest_equal(&a.database.digest, &again.database.digest) && again.database.size == 5);
        assert_true(digest_equal(&a.signature.digest, &again.signature.digest) && again.signature.size == 6);
        buf_clear(&b);
        a.signature = (struct advisory_blob){0};
        advisory_artifact_put(&a, &info, &b);
        assert_true(artifact_manifest_parse(buf_span(&b), &again, &e) && again.signature.size == 0);
        buf_clear(&b);
        advisory_artifact_put_index(&a.database, "x \"y\"", &b);
        assert_true(artifact_index_parse(buf_span(&b), SPAN_LIT("x \"y\""), &found, &e) && found.size == 5);
}

static void more_differences_than_are_kept(void **state)
{
        struct buf b CLEANUP(buf_done) = {0};
        struct advisory_artifact a;
        struct err e = {0};

        (void)state;
        buf_put_text(&b, HEAD DATABASE);
        for (unsigned i = 0; i < ADVISORY_DELTAS_MAX + 3; i++)
                buf_put_text(&b, "," DELTA("sha256:" HEX, "7"));
        buf_put_text(&b, "]}");
        assert_true(artifact_manifest_parse(buf_span(&b), &a, &e));
        assert_int_equal(a.n_deltas, ADVISORY_DELTAS_MAX);
}

/* ---- packed, and as the difference to another file ---- */

static void make(struct testing_db *t, unsigned n, const char *summary)
{
        struct buf lines CLEANUP(buf_done) = {0};
        struct err e = {0};

        for (unsigned i = 0; i < n; i++)
                buf_printf(&lines,
                    "{\"id\":\"X-%u\",\"modified\":\"2024-01-01T00:00:00Z\",\"summary\":\"%s "
                    "%u\",\"affected\":[{\"package\":{"
                    "\"ecosystem\":\"npm\",\"name\":\"p%u\"},\"ranges\":[{\"type\":\"SEMVER\",\"events\":[{"
                    "\"introduced\":\"0\"}]}]}]}\n",
                    i, i == 7 ? summary : "s", i * 7919u, i);
        if (!testing_db_make(t, buf_span(&lines), &e))
                fail_msg("%s", e.text);
}

/* What the stream holds, read with `from`; false: it can't be read. */
static bool unpack(struct span packed, struct span from, struct buf *ret)
{
        void *z = from.len > 0 ? decompress_zstd_from(from) : decompress_zstd.open();
        struct err e = {0};
        bool ok = true;

        while (packed.len > 0 && ok) {
                struct span piece = span_cut(packed, 0, COMPRESSION_PIECE_MAX);
                size_t n = COMPRESSION_PIECE_MAX;

                packed = span_from(packed, piece.len);
                while (n == COMPRESSION_PIECE_MAX && ok) {
                        uint8_t *to = buf_reserve(ret, COMPRESSION_PIECE_MAX);

                        ok = decompress_zstd.run(z, &piece, to, COMPRESSION_PIECE_MAX, &n, &e);
                        ret->len += ok ? n : 0;
                }
        }
        ok = ok && decompress_zstd.end(z, &e);
        decompress_zstd.close(z);
        return ok;
}

static void pack(
    const struct advisory_db *from, const struct advisory_db *db, struct buf *ret, struct advisory_blob *ret_blob)
{
        int fd CLEANUP(fd_close) = memfd_create("packed", MFD_CLOEXEC);
        struct digest is;
        struct err e = {0};
        size_t n = 0;

        if (!advisory_db_pack(from, db, fd, ret_blob, &e))
                fail_msg("%s", e.text);
        assert_true(lseek(fd, 0, SEEK_SET) == 0 &&
                    fd_read_full(fd, buf_reserve(ret, ret_blob->size + 1), ret_blob->size + 1, &n, &e));
        ret->len = n;
        digest_of(DIGEST_SHA256, buf_span(ret), &is);
        assert_true(n == ret_blob->size && digest_equal(&is, &ret_blob->digest));
}

static void a_difference_leads_to_the_very_file(void **state)
{
        struct testing_db old CLEANUP(testing_db_done), new CLEANUP(testing_db_done);
        struct buf whole CLEANUP(buf_done) = {0}, delta CLEANUP(buf_done) = {0}, out CLEANUP(buf_done) = {0};
        struct advisory_blob a, d;

        (void)state;
        make(&old, 3000, "old");
        make(&new, 3000, "and now something longer, so that all behind it moves");
        pack(NULL, new.db, &whole, &a);
        pack(old.db, new.db, &delta, &d);
        assert_true(d.size * 5 < a.size);
        assert_true(unpack(buf_span(&whole), (struct span){0}, &out));
        assert_true(span_equal(buf_span(&out), advisory_db_bytes(new.db)));
        buf_clear(&out);
        assert_true(unpack(buf_span(&delta), advisory_db_bytes(old.db), &out));
        assert_true(span_equal(buf_span(&out), advisory_db_bytes(new.db)));
        buf_clear(&out);
        assert_false(unpack(buf_span(&delta), advisory_db_bytes(new.db), &out)); /* to another file, or to none */
        buf_clear(&out);
        assert_false(unpack(buf_span(&delta), (struct span){0}, &out));
        buf_clear(&out);
        assert_false(unpack(span_cut(buf_span(&delta), 0, delta.len - 1), advisory_db_bytes(old.db), &out));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(documents_are_taken_or_refused),
            cmocka_unit_test(without_a_tag_there_must_be_one),
            cmocka_unit_test(too_large_is_not_looked_at),
            cmocka_unit_test(what_is_written_is_read),
            cmocka_unit_test(more_differences_than_are_kept),
            cmocka_unit_test(a_difference_leads_to_the_very_file),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
