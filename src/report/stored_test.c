/* Stored reports: read again as they were written, and marked as the scan itself would have been. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>

#include "report/report_priv.h"

#define SPAN(s)                                     \
        {                                           \
                (const uint8_t *)(s), sizeof(s) - 1 \
        }

static void golden(const char *name, struct buf *to)
{
        CLEANUP(fd_close) int dir = open(REPORT_GOLDEN, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        assert_true(dir >= 0);
        assert_true(file_read(dir, name, 1 << 20, to, NULL));
}

static void parse(struct span text, struct arena *a, struct report_stored *ret)
{
        CLEANUP(buf_done) struct buf answer = {0};
        struct span kept;
        struct err e = {0};

        *ret = (struct report_stored){.arena = a, .text = text};
        if (!report_stored_parse(text, a, &answer, &e))
                fail_msg("%s", e.text);
        kept = arena_copy(a, buf_span(&answer));
        if (!report_stored_get(kept, ret, &e))
                fail_msg("%s", e.text);
        for (size_t cut = 0; cut < kept.len; cut += 7) {
                struct report_stored half = {.arena = a, .text = text};

                assert_false(report_stored_get(span_cut(kept, 0, cut), &half, NULL));
        }
}

/* Without statements the text is what it was, byte for byte; and it says of findings what the report was made of. */
static void test_same(void **state)
{
        static const char *const names[] = {"full.json", "clean.json", "exceptions.json", "run_not_judged.json"};

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(names); i++) {
                CLEANUP(arena_freep) struct arena *a = arena_new();
                CLEANUP(buf_done) struct buf text = {0}, again = {0};
                struct match_vex x = {.n_notes = 0};
                struct report_stored s;

                golden(names[i], &text);
                parse(buf_span(&text), a, &s);
                x.speaks = arena_array(a, s.match.n_findings, sizeof(*x.speaks));
                report_stored_apply(&s, &x, &again);
                assert_false(again.failed);
                buf_put_u8(&text, 0);
                buf_put_u8(&again, 0);
                assert_string_equal((const char *)again.at, (const char *)text.at);
        }
}

static void test_content(void **state)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        CLEANUP(buf_done) struct buf text = {0};
        struct report_stored s;

        (void)state;
        golden("full.json", &text);
        parse(buf_span(&text), a, &s);
        assert_true(span_is(s.image_name, "registry.example.org/team/shop:1.4"));
        assert_true(span_is(s.image_kind, "OCI layout"));
        assert_true(span_starts(s.image_digest, "sha256:6105d6cc"));
        assert_true(span_is(s.match.findings[0].id, "CVE-2023-45853"));
        assert_int_equal(s.match.findings[0].severity, SEVERITY_CRITICAL);
        assert_true(span_is(s.inventory.components[s.match.findings[0].component].name, "zlib1g"));
        assert_true(span_is(s.inventory.components[s.match.findings[0].component].source_name, "zlib"));
        assert_false(s.findings[0].ignored || s.findings[0].spoken_of || s.is_whole);
}

/* The notes that vex.json was written with, put onto the same report without them, give that file. */
static void test_marked(void **state)
{
        static struct match_vex_note notes[] = {
            {.status = VEX_STATUS_NOT_AFFECTED,
                .suppresses = true,
                .id = SPAN("CVE-2023-45853"),
                .product = SPAN("pkg:deb/debian/zlib1g"),
                .justification = SPAN("vulnerable_code_not_in_execute_path"),
                .note = SPAN("MiniZip is not built <here>"),
                .author = SPAN("Example & Sons"),
                .document = SPAN("vex/zlib.json"),
                .time_s = 1795392000 - 86400},
            {.status = VEX_STATUS_FIXED,
                .suppresses = true,
                .id = SPAN("CVE-2023-5363"),
                .product = SPAN("sha256:00"),
                .document = SPAN("vex/ssl.json")},
            {.status = VEX_STATUS_AFFECTED,
                .id = SPAN("CVE-2024-5535"),
                .product = SPAN("pkg:deb/debian/openssl"),
                .action = SPAN("wait for 3.0.17"),
                .document = SPAN("vex/ssl.json")},
        };
        CLEANUP(arena_freep) struct arena *a = arena_new();
        CLEANUP(buf_done) struct buf marked = {0}, plain = {0}, again = {0};
        struct match_vex none = {.n_notes = 0}, x = {.notes = notes, .n_notes = ARRAY_LEN(notes)};
        struct report_stored s;

        (void)state;
        golden("vex.json", &marked);
        parse(buf_span(&marked), a, &s);
        none.speaks = arena_array(a, s.match.n_findings, sizeof(*none.speaks));
        report_stored_apply(&s, &none, &plain);
        assert_null(memmem(plain.at, plain.len, "MiniZip is not", 14));
        assert_non_null(memmem(plain.at, plain.len, "\"suppressed\": 0", 15));
        parse(buf_span(&plain), a, &s);
        x.speaks = arena_array(a, s.match.n_findings, sizeof(*x.speaks));
        for (size_t i = 0; i < s.match.n_findings; i++)
                for (size_t k = 0; k < ARRAY_LEN(notes); k++)
                        if (span_equal(s.match.findings[i].id, notes[k].id))
                                x.speaks[i] = (uint32_t)k + 1;
        report_stored_apply(&s, &x, &again);
        buf_put_u8(&marked, 0);
        buf_put_u8(&again, 0);
        assert_string_equal((const char *)again.at, (const char *)marked.at);
}

static void test_refused(void **state)
{
#define REPORT(findings) \
        "{\"schema_version\":1,\"counts\":{},\"complete\":true,\"components\":[{}],\"findings\":[" findings "]}"
        static const struct {
                const char *text;
                enum err_kind kind;
                const char *why;
        } t[] = {
            {"", ERR_MALFORMED, ""},
            {"{}", ERR_MALFORMED, "it is no report of `coffer scan -o json`"},
            {"{\"schema_version\":2}", ERR_UNSUPPORTED, "schema_version: reports of schema_version 1 are known here"},
            {"{\"schema_version\":1,\"counts\":null,\"complete\":false}", ERR_UNSUPPORTED,
                "without an advisory database"},
            {"{\"schema_version\":1,\"counts\":{\"kernel_text\":\"x\"},\"complete\":false}", ERR_MALFORMED,
                "counts are whole numbers"},
            {"{\"schema_version\":1,\"counts\":{},\"complete\":7}", ERR_MALFORMED,
                "complete: true or false was expected"},
            {REPORT("{\"id\":\"CVE-1\",\"component\":0}"), ERR_UNSUPPORTED,
                "findings[0]: it has no \"vex\": the report is of an older"},
            {REPORT("{\"id\":\"CVE-1\",\"vex\":null}"), ERR_MALFORMED,
                "findings[0]: a finding has an id and the index"},
            {REPORT("{\"component\":0,\"vex\":null}"), ERR_MALFORMED, "findings[0]: a finding has an id and the index"},
            {REPORT("{\"id\":\"CVE-1\",\"component\":0,\"severity\":\"worse\",\"vex\":null}"), ERR_MALFORMED,
                "none of the severities"},
        };
        CLEANUP(arena_freep) struct arena *a = arena_new();
        CLEANUP(buf_done) struct buf answer = {0};
        struct report_stored s = {.arena = a};

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(t); i++) {
                struct err e = {0};

                buf_clear(&answer);
                if (report_stored_parse(span_of(t[i].text), a, &answer, &e))
                        fail_msg("taken: %s", t[i].text);
                if (!strstr(e.text, t[i].why))
                        fail_msg("%s: %s", t[i].text, e.text);
                assert_int_equal(e.kind, t[i].kind);
        }
        buf_clear(&answer); /* a component that is not there: the worker does not count them, the parent does */
        s.text = span_of(REPORT("{\"id\":\"CVE-1\",\"component\":1,\"vex\":null}"));
        assert_true(report_stored_parse(s.text, a, &answer, NULL));
        assert_false(report_stored_get(buf_span(&answer), &s, NULL));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_same),
            cmocka_unit_test(test_content),
            cmocka_unit_test(test_marked),
            cmocka_unit_test(test_refused),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
