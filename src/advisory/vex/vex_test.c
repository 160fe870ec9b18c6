/* VEX documents of three forms to statements, and what is refused; vexhub's real ones where they are at hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>

#include "advisory/vex/vex_priv.h"

static void spans_write(struct buf *to, const char *sign, const struct span *at, size_t n)
{
        for (size_t i = 0; i < n; i++)
                buf_printf(to, "%s%.*s", sign, SPAN_FMT(at[i]));
}

/* "CVE-1=GHSA-1 not_affected pkg:a>sub{eco} (why; note; action) @time" a statement */
static void write_all(struct buf *to, const struct vex_parsed *p)
{
        buf_printf(to, "%.*s %.*s by %.*s", SPAN_FMT(p->form), SPAN_FMT(p->id), SPAN_FMT(p->author));
        if (p->n_passed_over)
                buf_printf(to, " -%llu", (unsigned long long)p->n_passed_over);
        for (size_t i = 0; i < p->statements.len; i++) {
                const struct vex_statement *s = &p->statements.at[i];

                buf_put_text(to, "\n");
                spans_write(to, "=", s->ids, s->n_ids);
                buf_printf(to, " %s", vex_status_name(s->status));
                for (size_t k = 0; k < s->n_products; k++) {
                        buf_printf(to, " %.*s", SPAN_FMT(s->products[k].name));
                        spans_write(to, ">", s->products[k].subcomponents, s->products[k].n_subcomponents);
                        if (s->products[k].range.len)
                                buf_printf(to, "[%.*s]", SPAN_FMT(s->products[k].range));
                        if (s->products[k].ecosystem.len)
                                buf_printf(to, "{%.*s}", SPAN_FMT(s->products[k].ecosystem));
                }
                buf_printf(to, " (%.*s; %.*s; %.*s) @%lld", SPAN_FMT(s->justification), SPAN_FMT(s->note),
                    SPAN_FMT(s->action), (long long)s->time_s);
        }
        buf_put_u8(to, 0);
}

/* As the parent gets it: through the worker's answer. */
static void gives(const char *document, const char *want)
{
        struct arena *a CLEANUP(arena_freep) = arena_new();
        struct buf answer CLEANUP(buf_done) = {0}, got CLEANUP(buf_done) = {0};
        struct vex_parsed p, back;
        struct err e = {0};

        if (!vex_parse(span_of(document), a, &p, &e))
                fail_msg("%s", e.text);
        vex_put(&answer, &p);
        assert_true(vex_get(buf_span(&answer), a, &back, &e));
        write_all(&got, &back);
        assert_string_equal((const char *)got.at, want);
        for (size_t cut = 0; cut < answer.len; cut++)
                assert_false(vex_get(span_cut(buf_span(&answer), 0, cut), a, &back, NULL));
}

static void refuses(const char *document, enum err_kind kind, const char *text)
{
        struct arena *a CLEANUP(arena_freep) = arena_new();
        struct vex_parsed p;
        struct err e = {0};

        assert_false(vex_parse(span_of(document), a, &p, &e));
        assert_string_equal(e.text, text);
        assert_int_equal(e.kind, kind);
}

#define OPENVEX(statements)                                                    \
        "{\"@context\":\"https://openvex.dev/ns/v0.2.0\",\"@id\":\"https://x/" \
        "1\",\"author\":\"A\",\"timestamp\":\"2024-01-02T00:00:00Z\","         \
        "\"version\":1,\"statements\":[" statements "]}"

static void test_openvex(void **state)
{
        (void)state;
        gives(OPENVEX("{\"vulnerability\":{\"name\":\"CVE-1\",\"aliases\":[\"GHSA-1\"]},\"products\":[{\"@id\":\"pkg:"
                      "oci/a\",\"identifiers\":"
                      "{\"purl\":\"pkg:oci/"
                      "b\",\"cpe23\":\"c\"},\"hashes\":{\"sha-256\":"
                      "\"0123456789012345678901234567890123456789012345678901234567890123\"},"
                      "\"subcomponents\":[{\"@id\":\"pkg:npm/x@1\"},{\"identifiers\":{\"purl\":\"pkg:npm/"
                      "y\"}}]}],\"status\":\"not_affected\","
                      "\"justification\":\"component_not_present\",\"impact_statement\":\"gone\"},"
                      "{\"vulnerability\":{\"name\":\"CVE-2\"},\"timestamp\":\"2024-01-03T00:00:00.5+01:00\","
                      "\"products\":[{\"@id\":\"pkg:npm/z\"}],"
                      "\"status\":\"affected\",\"action_statement\":\"update\"},"
                      "{\"vulnerability\":{\"name\":\"CVE-3\"},\"status\":\"fixed\"}"),
            "OpenVEX https://x/1 by A -1\n"
            "=CVE-1=GHSA-1 not_affected pkg:oci/a>pkg:npm/x@1>pkg:npm/y pkg:oci/b>pkg:npm/x@1>pkg:npm/y"
            " sha256:0123456789012345678901234567890123456789012345678901234567890123>pkg:npm/x@1>pkg:npm/y"
            " (component_not_present; gone; ) @1704153600\n"
            "=CVE-2 affected pkg:npm/z (; ; update) @1704236400");
        /* 0.0: plain strings, subcomponents beside the products */
        gives("{\"@context\":\"https://openvex.dev/"
              "ns\",\"statements\":[{\"vulnerability\":\"CVE-1\",\"products\":[\"pkg:oci/a\",\"pkg:oci/b\"],"
              "\"subcomponents\":[\"pkg:npm/"
              "x\"],\"status\":\"under_investigation\"}],\"timestamp\":\"2024-01-02T00:00:00Z\",\"author\":\"A\"}",
            "OpenVEX  by A\n=CVE-1 under_investigation pkg:oci/a>pkg:npm/x pkg:oci/b>pkg:npm/x (; ; ) @1704153600");
        refuses(OPENVEX("{\"vulnerability\":{\"name\":\"CVE-1\"},\"products\":[{\"@id\":\"pkg:npm/"
                        "z\"}],\"status\":\"not_affected\"}"),
            ERR_MALFORMED, "statements[0]: not_affected needs a justification or an impact_statement (byte 229)");
        refuses(OPENVEX("{\"vulnerability\":{\"name\":\"CVE-1\"},\"status\":\"harmless\"}"), ERR_MALFORMED,
            "statements[0].status: not_affected, affected, fixed or under_investigation was expected (byte 191)");
        refuses(OPENVEX("{\"vulnerability\":7,\"status\":\"fixed\"}"), ERR_MALFORMED,
            "statements[0].vulnerability: an object was expected, found a number (byte 155)");
        refuses(
            "{\"@context\":\"x\",\"see\":\"https://openvex.dev/ns\"}", ERR_MALFORMED, "\"@context\" is not OpenVEX's");
        refuses("{}", ERR_UNSUPPORTED, "it is none of OpenVEX, CSAF 2.0 and CycloneDX (JSON; the last one XML, too)");
        refuses("", ERR_UNSUPPORTED, "it is none of OpenVEX, CSAF 2.0 and CycloneDX (JSON; the last one XML, too)");
}

/* What can be read and is not valid: each said, with its place. */
static void test_remarks(void **state)
{
        static const struct {
                const char *document, *remarks;
        } t[] = {
            {OPENVEX("{\"vulnerability\":{\"name\":\"CVE-2\"},\"products\":[{\"@id\":\"pkg:npm/z\"}],\"status\":\"fixed\"}"), ""},
            {"{\"@context\":\"https://openvex.dev/ns/v0.2.0\",\"statements\":[]}",
                "\"@id\" is missing. \"author\" is missing. \"timestamp\" is missing. \"version\" is missing. \"statements\" is "
                "missing. "},
            {OPENVEX("{\"vulnerability\":{},\"status\":\"affected\"},{\"vulnerability\":{\"name\":\"CVE-2\"},\"products\":[{\"@id\":"
                     "\"pkg:npm/z\"}],\"status\":\"not_affected\",\"justification\":\"just so\"}"),
                "statements[0]: \"vulnerability\" has no \"name\". statements[0]: it names no product, and so is about nothing. "
                "statements[0]: \"affected\" needs an \"action_statement\". statements[1]: \"justification\" is none of "
                "component_not_present vulnerable_code_not_present vulnerable_code_not_in_execute_path "
                "vulnerable_code_cannot_be_controlled_by_adversary inline_mitigations_already_exist. "},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(t); i++) {
                struct arena *a CLEANUP(arena_freep) = arena_new();
                struct buf answer CLEANUP(buf_done) = {0}, got CLEANUP(buf_done) = {0};
                struct vex_parsed p, back;

                assert_true(vex_parse(span_of(t[i].document), a, &p, NULL));
                vex_put(&answer, &p);
                assert_true(vex_get(buf_span(&answer), a, &back, NULL));
                for (size_t k = 0; k < back.remarks.len; k++)
                        buf_printf(&got, "%.*s. ", SPAN_FMT(back.remarks.at[k]));
                buf_put_u8(&got, 0);
                assert_string_equal((const char *)got.at, t[i].remarks);
        }
}

static void test_csaf(void **state)
{
        (void)state;
        gives("{\"document\":{\"csaf_version\":\"2.0\",\"publisher\":{\"name\":\"P\"},\"tracking\":{\"id\":\"D\","
              "\"current_release_date\":"
              "\"2024-01-02T00:00:00Z\"}},\"product_tree\":{\"full_product_names\":["
              "{\"name\":\"a\",\"product_id\":\"a\",\"product_identification_helper\":{\"purl\":\"pkg:npm/a@1\"}},"
              "{\"name\":\"b\",\"product_id\":\"b\",\"product_identification_helper\":{\"purl\":\"pkg:rpm/redhat/b\"}},"
              "{\"name\":\"c\",\"product_id\":\"c\"},"
              "{\"name\":\"img\",\"product_id\":\"img\",\"product_identification_helper\":{\"purl\":\"pkg:oci/img\"}},"
              "{\"name\":\"r9\",\"product_id\":\"r9\",\"product_identification_helper\":{\"cpe\":\"cpe:/"
              "o:redhat:enterprise_linux:9\"}},"
              "{\"name\":\"box\",\"product_id\":\"box\",\"product_identification_helper\":{\"cpe\":\"cpe:/"
              "h:acme:box\"}}],"
              "\"relationships\":["
              "{\"full_product_name\":{\"name\":\"x\",\"product_id\":\"r9:b\"},\"product_reference\":\"b\",\"relates_"
              "to_product_reference\":\"r9\"},"
              "{\"full_product_name\":{\"name\":\"x\",\"product_id\":\"img:a\"},\"product_reference\":\"a\",\"relates_"
              "to_product_reference\":\"img\"},"
              "{\"full_product_name\":{\"name\":\"x\",\"product_id\":\"box:a\"},\"product_reference\":\"a\",\"relates_"
              "to_product_reference\":\"box\"}]},"
              "\"vulnerabilities\":[{\"cve\":\"CVE-1\",\"ids\":[{\"system_name\":\"s\",\"text\":\"GHSA-1\"}],\"product_"
              "status\":{"
              "\"known_not_affected\":[\"a\",\"r9:b\",\"img:a\",\"box:a\",\"c\"],\"known_affected\":[\"img\"]},"
              "\"flags\":[{\"label\":\"component_not_present\",\"product_ids\":[\"r9:b\",\"a\"]}],"
              "\"threats\":[{\"category\":\"impact\",\"details\":\"none here\",\"product_ids\":[\"img:a\"]}],"
              "\"remediations\":[{\"category\":\"workaround\",\"details\":\"pull the "
              "plug\",\"product_ids\":[\"img\"]}]}]}",
            "CSAF 2.0 D by P -2\n"
            "=CVE-1=GHSA-1 affected pkg:oci/img (; ; pull the plug) @1704153600\n"
            "=CVE-1=GHSA-1 not_affected pkg:oci/img>pkg:npm/a@1 (; none here; ) @1704153600\n"
            "=CVE-1=GHSA-1 not_affected pkg:npm/a@1 pkg:rpm/redhat/b{Red Hat:enterprise_linux:9} "
            "(component_not_present; ; ) @1704153600");
        refuses("{\"document\":{\"csaf_version\":\"2.0\"}}", ERR_MALFORMED, "document.tracking.id is missing");
}

#define CDX(rest) "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.5\",\"serialNumber\":\"urn:uuid:1\"," rest "}"

static void test_cyclonedx(void **state)
{
        (void)state;
        gives(CDX("\"vulnerabilities\":["
                  "{\"id\":\"CVE-1\",\"references\":[{\"id\":\"GHSA-1\",\"source\":{\"name\":\"x\"}}],\"analysis\":{"
                  "\"state\":\"not_affected\","
                  "\"justification\":\"code_not_reachable\",\"detail\":\"d\",\"response\":[\"will_not_fix\",\"update\"]"
                  "},\"affects\":[{\"ref\":\"r1\"},"
                  "{\"ref\":\"pkg:npm/direct@1\"},{\"ref\":\"urn:cdx:3e67/"
                  "1#pkg%3Anpm%2Flinked\"},{\"ref\":\"unknown\"}]},"
                  "{\"id\":\"CVE-2\",\"updated\":\"2024-01-03T00:00:00Z\",\"analysis\":{\"state\":\"resolved_with_"
                  "pedigree\"},\"affects\":[{\"ref\":\"r2\","
                  "\"versions\":[{\"version\":\"1+b\"},{\"version\":\"2\",\"status\":\"unaffected\"},{\"range\":\"vers:"
                  "npm/<3.0.0\"}]}]},"
                  "{\"id\":\"CVE-3\",\"analysis\":{\"state\":\"exploitable\"},\"affects\":[{\"ref\":\"unknown\"}]},"
                  "{\"id\":\"CVE-4\",\"analysis\":{\"detail\":\"no state\"},\"affects\":[{\"ref\":\"r1\"}]},"
                  "{\"id\":\"CVE-5\",\"analysis\":{\"state\":\"in_triage\",\"lastUpdated\":\"2024-01-04T00:00:00Z\"},"
                  "\"affects\":[{\"ref\":\"root\"}]}],"
                  "\"metadata\":{\"timestamp\":\"2024-01-02T00:00:00Z\",\"authors\":[{\"name\":\"A\"}],\"component\":{"
                  "\"bom-ref\":\"root\",\"name\":\"img:1\"}},"
                  "\"components\":[{\"bom-ref\":\"r1\",\"name\":\"a\",\"purl\":\"pkg:npm/"
                  "a@1\",\"components\":[{\"bom-ref\":\"r2\",\"purl\":\"pkg:npm/b?x=y\"}]}]"),
            "CycloneDX 1.5 urn:uuid:1 by A -1\n"
            "=CVE-1=GHSA-1 not_affected pkg:npm/a@1 pkg:npm/direct@1 pkg:npm/linked (code_not_reachable; d; "
            "will_not_fix, update) @1704153600\n"
            "=CVE-2 fixed pkg:npm/b@1+b?x=y pkg:npm/b?x=y[vers:npm/<3.0.0] (; ; ) @1704240000\n"
            "=CVE-5 under_investigation img:1 (; ; ) @1704326400");
        refuses(CDX("\"vulnerabilities\":[{\"id\":\"CVE-1\",\"analysis\":{\"state\":\"odd\"}}]"), ERR_MALFORMED,
            "vulnerabilities[0].analysis.state: it is none of CycloneDX's states (byte 131)");
        refuses(CDX("\"vulnerabilities\":{}"), ERR_MALFORMED,
            "vulnerabilities: an array was expected, found an object (byte 91)");
}

/* The same in XML, byte order mark and all; what stands in another namespace, or elsewhere, says nothing. */
static void test_cyclonedx_xml(void **state)
{
        static const char want[] = "CycloneDX 1.5 urn:uuid:1 by A\n"
                                   "=CVE-1=GHSA-1 not_affected pkg:npm/a@1 pkg:npm/direct@1 (code_not_reachable; d; "
                                   "will_not_fix, update) @1704153600\n"
                                   "=CVE-2 fixed pkg:npm/b@1+b?x=y pkg:npm/b?x=y[vers:npm/<3.0.0] (; ; ) @1704240000";
        static const char text[] =
              "\xef\xbb\xbf"
              "<?xml version=\"1.0\"?>\n"
              "<bom xmlns=\"http://cyclonedx.org/schema/bom/1.5\" serialNumber=\"urn:uuid:1\" version=\"1\">\n"
              " <metadata><timestamp>2024-01-02T00:00:00Z</timestamp><authors><author><name>A</name></author></authors>\n"
              "  <component type=\"container\" bom-ref=\"root\"><name>img:1</name></component></metadata>\n"
              " <components><component type=\"library\" bom-ref=\"r1\"><name>a</name><version>1</version><purl>pkg:npm/a@1</purl>\n"
              "  <components><component type=\"library\" bom-ref=\"r2\"><name>b</name><purl>pkg:npm/b?x=y</purl></component></components></component></components>\n"
              " <vulnerabilities>\n"
              "  <vulnerability><id>CVE-1</id><references><reference><id>GHSA-1</id><source><name>x</name></source></reference></references>\n"
              "   <analysis><state>not_affected</state><justification>code_not_reachable</justification>\n"
              "    <responses><response>will_not_fix</response><response>update</response></responses><detail>d</detail></analysis>\n"
              "   <affects><target><ref>r1</ref></target><target><ref>pkg:npm/direct@1</ref></target><target><ref>unknown</ref></target></affects></vulnerability>\n"
              "  <vulnerability><id>CVE-2</id><updated>2024-01-03T00:00:00Z</updated><analysis><state>resolved</state></analysis>\n"
              "   <affects><target><ref>r2</ref><versions><version><version>1+b</version></version><version><version>2</version><status>unaffected</status></version>\n"
              "    <version><range>vers:npm/&lt;3.0.0</range></version></versions></target></affects></vulnerability>\n"
              "  <vulnerability><id>CVE-4</id><affects><target><ref>r1</ref></target></affects></vulnerability>\n"
              " </vulnerabilities>\n"
              "</bom>\n";

        (void)state;
        gives(text, want);
        gives(text + 3, want);
#define XML(rest) "<bom xmlns=\"http://cyclonedx.org/schema/bom/1.6\" xmlns:o=\"urn:o\">" rest "</bom>"
        gives(XML("<o:vulnerabilities><vulnerability><id>CVE-1</id></vulnerability></o:vulnerabilities><components>"
                  "<vulnerabilities><vulnerability><id>CVE-1</id><analysis><state>odd</state></analysis></vulnerability>"
                  "</vulnerabilities></components>"),
            "CycloneDX 1.6  by ");
        gives(XML("<vulnerabilities><vulnerability><id>CVE-1</id><analysis><state>resolved</state></analysis><affects><target>"
                  "<ref>pkg:npm/a</ref><versions/></target><target><ref>pkg:npm/a</ref><versions><version><range>vers:npm/so"
                  "</range></version></versions></target></affects></vulnerability></vulnerabilities>"),
            "CycloneDX 1.6  by  -2");
        refuses(XML("<vulnerabilities><vulnerability><analysis><state>odd</state></analysis></vulnerability></vulnerabilities>"),
            ERR_MALFORMED, "analysis: state: it is none of CycloneDX's states");
        refuses(XML("<metadata><timestamp>today</timestamp></metadata>"), ERR_MALFORMED, "a date and time was expected");
        refuses("<x xmlns=\"http://cyclonedx.org/schema/bom/1.6\"/>", ERR_UNSUPPORTED,
            "it is XML, but its first element is not CycloneDX's \"bom\"");
}

/* ---- real documents ---- */

static bool real_file(const char *path, struct buf *to)
{
        char full[4096];

        snprintf(full, sizeof(full), COFFER_SHARED "/data/vectors/vex-csaf/%s", path);
        return file_read(AT_FDCWD, full, 64u << 20, to, NULL);
}

static const struct vex_statement *find(const struct vex_parsed *p, const char *id, const char *product)
{
        for (size_t i = 0; i < p->statements.len; i++)
                for (size_t k = 0; k < p->statements.at[i].n_products; k++)
                        if (span_is(p->statements.at[i].ids[0], id) &&
                            span_is(p->statements.at[i].products[k].name, product))
                                return &p->statements.at[i];
        return NULL;
}

/* claircore's acceptance pair whose purls are Go's, and documents of Python and Go: each product as the file says. */
static void test_real_csaf(void **state)
{
        static const struct {
                const char *file, *id, *product;
                enum vex_status status;
        } rows[] = {
            {"claircore-acceptance/cve-2026-123.json", "CVE-2026-123", "pkg:golang/stdlib@1.20.14",
                VEX_STATUS_AFFECTED},
            {"claircore-acceptance/cve-2026-456-python.json", "CVE-2026-456", "pkg:pypi/pip@24.2", VEX_STATUS_AFFECTED},
            {"claircore-acceptance/cve-2026-27142-go.json", "CVE-2026-27142", "pkg:golang/stdlib@1.25.7",
                VEX_STATUS_AFFECTED},
            {"claircore-acceptance/cve-2026-27142-go.json", "CVE-2026-27142", "pkg:golang/stdlib@1.26.1",
                VEX_STATUS_FIXED},
            {"claircore-rhel-vex/cve-2023-4154.json", "CVE-2023-4154", "pkg:rpm/redhat/samba-common",
                VEX_STATUS_NOT_AFFECTED},
        };
        struct buf csv CLEANUP(buf_done) = {0};

        (void)state;
        if (!real_file("claircore-acceptance/cve-2026-123.csv", &csv)) {
                print_message("skipped: no real CSAF documents under " COFFER_SHARED "/data/vectors/vex-csaf\n");
                skip();
        }
        assert_true(memmem(csv.at, csv.len, "CVE-2026-123,stdlib-1.20.14,affected", 36));
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct arena *a CLEANUP(arena_freep) = arena_new();
                struct buf text CLEANUP(buf_done) = {0};
                const struct vex_statement *s;
                struct vex_parsed p;

                assert_true(real_file(rows[i].file, &text));
                assert_true(vex_parse(buf_span(&text), a, &p, NULL));
                s = find(&p, rows[i].id, rows[i].product);
                if (!s || s->status != rows[i].status)
                        fail_msg("%s: %s is %s", rows[i].file, rows[i].product,
                            s ? vex_status_name(s->status) : "not there");
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_openvex),
            cmocka_unit_test(test_remarks),
            cmocka_unit_test(test_csaf),
            cmocka_unit_test(test_cyclonedx),
            cmocka_unit_test(test_cyclonedx_xml),
            cmocka_unit_test(test_real_csaf),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
