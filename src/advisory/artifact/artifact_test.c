/* An artefact's documents: written, read back, and refused for each reason; without workers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "advisory/artifact/artifact_priv.h"
#include "advisory/db/db_format_priv.h"

#define HEX "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
#define TYPE "application/vnd.coffer.advisories.v1"
#define HEAD "{\"schemaVersion\":2,\"artifactType\":\"" TYPE "\",\"layers\":["
#define LAYER(type, digest, size) "{\"mediaType\":\"" type "\",\"digest\":\"" digest "\",\"size\":" size "}"
#define DATABASE LAYER(TYPE ".database+zstd", "sha256:" HEX, "1000")
#define SIGNATURE LAYER(TYPE ".signature", "sha256:" HEX, "400")
#define OTHER LAYER(TYPE ".delta", "sha512:00", "99999999999999")
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
        struct advisory_artifact a = {.database.size = 5, .signature.size = 6}, again;
        struct advisory_db_info info = {.format = DB_FORMAT, .built_s = 1700000000, .records = 9};
        struct buf b CLEANUP(buf_done) = {0};
        struct advisory_blob found;
        struct err e = {0};

        (void)state;
        digest_of(DIGEST_SHA256, SPAN_LIT("a"), &a.database.digest);
        digest_of(DIGEST_SHA256, SPAN_LIT("b"), &a.signature.digest);
        advisory_artifact_put(&a, &info, &b);
        assert_true(artifact_manifest_parse(buf_span(&b), &again, &e));
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

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(documents_are_taken_or_refused),
            cmocka_unit_test(without_a_tag_there_must_be_one),
            cmocka_unit_test(too_large_is_not_looked_at),
            cmocka_unit_test(what_is_written_is_read),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
