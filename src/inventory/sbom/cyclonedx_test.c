/* CycloneDX: one list in both forms gives one inventory; what is passed over, noted and refused. */
#include "inventory/sbom/sbom_test_priv.h"

static const char json[] =
    "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.5\",\"version\":1,\"metadata\":{\"timestamp\":\"2026-01-02T03:04:"
    "05Z\","
    "\"component\":{\"type\":\"container\",\"bom-ref\":\"image\",\"name\":\"demo\",\"purl\":\"pkg:oci/demo@1\"}},"
    "\"components\":["
    "{\"type\":\"operating-system\",\"bom-ref\":\"os\",\"name\":\"debian\",\"version\":\"12\","
    "\"description\":\"Debian GNU/Linux 12 (bookworm)\"},"
    "{\"type\":\"library\",\"bom-ref\":\"z\",\"name\":\"zlib1g\",\"version\":\"1:1.2.13.dfsg-1\","
    "\"supplier\":{\"name\":\"Mark\"},\"licenses\":[{\"license\":{\"id\":\"Zlib\"}},{\"license\":{\"name\":\"a OR "
    "b\"}}],"
    "\"cpe\":\"cpe:2.3:a:zlib:zlib:1.2.13:*:*:*:*:*:*:*\","
    "\"purl\":\"pkg:deb/debian/zlib1g@1%3A1.2.13.dfsg-1?arch=amd64&distro=debian-12&upstream=zlib\","
    "\"evidence\":{\"occurrences\":[{\"location\":\"/var/lib/dpkg/status\"},{\"location\":\"/x\"}]},"
    "\"pedigree\":{\"ancestors\":[{\"type\":\"library\",\"name\":\"old\",\"purl\":\"pkg:npm/old@1\"}]},"
    "\"components\":[{\"type\":\"library\",\"bom-ref\":\"n\",\"group\":\"@s\",\"name\":\"n\",\"version\":\"2\","
    "\"scope\":\"excluded\",\"purl\":\"pkg:npm/%40s/n@2\",\"licenses\":[{\"expression\":\"MIT\"}],"
    "\"publisher\":\"N\",\"properties\":[{\"name\":\"coffer:owned_by\",\"value\":\"z\"},"
    "{\"name\":\"syft:location:0:path\",\"value\":\"/app/package.json\"}]}]},"
    "{\"type\":\"application\",\"bom-ref\":\"h\",\"name\":\"blob\",\"version\":\"3\",\"group\":\"acme\"},"
    "{\"type\":\"file\",\"bom-ref\":\"f\",\"name\":\"/usr/bin/x\"}],"
    "\"services\":[{\"bom-ref\":\"s\",\"name\":\"api\"}],"
    "\"dependencies\":[{\"ref\":\"image\",\"dependsOn\":[\"os\",\"z\",\"s\"]},{\"dependsOn\":[\"n\"],\"ref\":\"z\"}],"
    "\"vulnerabilities\":[{\"id\":\"CVE-1\"},{\"id\":\"CVE-2\"}]}";

static const char xml[] =
    "<?xml version=\"1.0\"?>\n<bom xmlns=\"http://cyclonedx.org/schema/bom/1.5\" version=\"1\"><metadata>"
    "<timestamp>2026-01-02T03:04:05Z</timestamp><component type=\"container\" bom-ref=\"image\"><name>demo</name>"
    "<purl>pkg:oci/demo@1</purl></component></metadata><components>"
    "<component type=\"operating-system\" bom-ref=\"os\"><name>debian</name><version>12</version>"
    "<description>Debian GNU/Linux 12 (bookworm)</description></component>"
    "<component type=\"library\" bom-ref=\"z\"><supplier><name>Mark</name></supplier><name>zlib1g</name>"
    "<version>1:1.2.13.dfsg-1</version><licenses><license><id>Zlib</id></license><license><name>a OR b</name>"
    "</license></licenses><cpe>cpe:2.3:a:zlib:zlib:1.2.13:*:*:*:*:*:*:*</cpe>"
    "<purl>pkg:deb/debian/zlib1g@1%3A1.2.13.dfsg-1?arch=amd64&amp;distro=debian-12&amp;upstream=zlib</purl>"
    "<pedigree><ancestors><component "
    "type=\"library\"><name>old</name><purl>pkg:npm/old@1</purl></component></ancestors>"
    "</pedigree><evidence><occurrences><occurrence><location>/var/lib/dpkg/status</location></occurrence>"
    "<occurrence><location>/x</location></occurrence></occurrences></evidence>"
    "<components><component type=\"library\" bom-ref=\"n\"><publisher>N</publisher><group>@s</group><name>n</name>"
    "<version>2</version><scope>excluded</scope><licenses><expression>MIT</expression></licenses>"
    "<purl>pkg:npm/%40s/n@2</purl><properties><property name=\"coffer:owned_by\">z</property>"
    "<property name=\"syft:location:0:path\">/app/package.json</property></properties></component></components>"
    "</component><component type=\"application\" bom-ref=\"h\"><group>acme</group><name>blob</name><version>3</version>"
    "</component><component type=\"file\" bom-ref=\"f\"><name>/usr/bin/x</name></component></components>"
    "<services><service bom-ref=\"s\"><name>api</name></service></services>"
    "<dependencies><dependency ref=\"image\"><dependency ref=\"os\"/><dependency ref=\"z\"/><dependency ref=\"s\"/>"
    "</dependency><dependency ref=\"z\"><dependency ref=\"n\"/></dependency></dependencies>"
    "<vulnerabilities><vulnerability><id>CVE-1</id></vulnerability><vulnerability><id>CVE-2</id></vulnerability>"
    "</vulnerabilities></bom>";

static const char dump[] =
    "system debian|12|bookworm|Debian GNU/Linux 12 (bookworm)\n"
    "deb|Debian:12|zlib1g|1:1.2.13.dfsg-1|source zlib 1:1.2.13.dfsg-1|amd64|licence Zlib AND (a OR b)|vendor Mark|"
    "cpe:2.3:a:zlib:zlib:1.2.13:*:*:*:*:*:*:*|var/lib/dpkg/status\n"
    "generic||acme/blob|3|bom\n"
    "npm|npm|@s/n|2|licence MIT|vendor N|app/package.json|development|owner zlib1g\n"
    "note 1 component with neither a package URL nor a CPE: no advisory can be found, not assessed: acme/blob 3\n";

static void test_both_forms(void **state)
{
        static const char *const forms[] = {json, xml};

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
                CLEANUP(inventory_freep) struct inventory *v = NULL;
                struct inventory_sbom s;
                sbom_expect(span_of(forms[i]), dump);
                assert_true(sbom_read(span_of(forms[i]), SPAN_LIT("bom"), &v, &s, NULL));
                assert_span(s.form, "CycloneDX 1.5");
                assert_span(s.subject, "demo");
                assert_span(s.type, "container");
                assert_span(s.created, "2026-01-02T03:04:05Z");
                assert_int_equal(s.n_statements, 2);
                assert_span(v->components[0].detector, "cyclonedx");
                assert_int_equal(v->components[0].licence_source, LICENCE_SOURCE_DOCUMENT);
                assert_span(v->components[1].purl, "pkg:generic/acme/blob@3");
        }
}

#define HEAD "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\","
#define ONE "{\"type\":\"library\",\"bom-ref\":\"a\",\"name\":\"a\",\"version\":\"1\",\"purl\":\"pkg:npm/a@1\"}"
#define LINE "npm|npm|a|1|bom\n"

static void test_what_is_not_whole_is_said_so(void **state)
{
        static const struct {
                const char *document, *dump;
        } rows[] = {
            {HEAD "\"components\":[" ONE "]}", LINE},
            {HEAD "\"components\":[" ONE
                  "],\"compositions\":[{\"aggregate\":\"complete\"},{\"aggregate\":\"unknown\"}]}",
                LINE},
            {HEAD "\"components\":[" ONE "],\"compositions\":[{\"aggregate\":\"incomplete_first_party_only\"},"
                  "{\"aggregate\":\"incomplete\"}]}",
                LINE "note the document says itself that it does not list everything\n"},
            {HEAD "\"components\":[" ONE "],\"dependencies\":[{\"ref\":\"a\",\"dependsOn\":[\"b\",\"b\",\"c\"]}]}",
                LINE "note 2 dependencies on what it does not list, the first is b: it is not whole\n"},
            {HEAD "\"components\":[" ONE "],\"metadata\":{\"component\":{\"type\":\"application\",\"name\":\"x\","
                  "\"externalReferences\":[{\"type\":\"website\",\"url\":\"https://"
                  "x\"},{\"type\":\"bom\",\"url\":\"urn:cdx:1\"}]}}}",
                LINE "note 1 part of it stands in other documents, which were not read; the first is urn:cdx:1\n"},
            {"{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.7\",\"components\":[" ONE "]}", LINE},
            /* Prefixes are nobody's business; what is of another namespace is not CycloneDX's. */
            {"<b:bom xmlns:b=\"http://cyclonedx.org/schema/bom/1.4\" xmlns:x=\"urn:x\"><b:components><b:component>"
             "<b:name>a</b:name><x:purl>pkg:npm/no@1</x:purl><b:purl>pkg:npm/a@1</b:purl></b:component><x:component>"
             "<b:purl>pkg:npm/no@2</b:purl></x:component></b:components></b:bom>",
                LINE},
            /* An image in the list: what is in it nobody said. */
            {HEAD "\"components\":[" ONE
                  ",{\"type\":\"container\",\"name\":\"x\",\"purl\":\"pkg:oci/x@sha256%3Aab\"}]}",
                LINE "oci||x|sha256:ab|bom\n"
                     "note 1 component of types that no advisories are published for: not assessed: x sha256:ab\n"},
            {HEAD "\"components\":[]}", "note it lists no component that could be assessed\n"},
            {HEAD "\"vulnerabilities\":[{}]}", "note it lists no component that could be assessed\n"},
            {HEAD "\"components\":[{\"type\":\"operating-system\",\"name\":\"alpine\",\"version\":\"3.20.3\"}," ONE
                  "]}",
                "system alpine|3.20.3||\n" LINE "note it names the system alpine-3.20.3 and lists no package of it of "
                "the type apk: they were not assessed\n"},
            /* Ours, which says of itself that it is not whole. */
            {HEAD "\"components\":[" ONE "],\"metadata\":{\"component\":{\"type\":\"container\",\"name\":\"x\","
                  "\"properties\":[{\"name\":\"coffer:complete\",\"value\":\"false\"}]}}}",
                LINE "note the document says itself that it does not list everything\n"},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                sbom_expect(span_of(rows[i].document), rows[i].dump);
}

static void test_the_subject_is_listed_if_advisories_may_speak_of_it(void **state)
{
        (void)state;
        sbom_expect(SPAN_LIT(HEAD "\"metadata\":{\"component\":{\"type\":\"library\",\"name\":\"log4j-core\","
                                  "\"purl\":\"pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1?type=jar\"}}}"),
            "maven|Maven|org.apache.logging.log4j:log4j-core|2.14.1|bom\n");
        sbom_expect(SPAN_LIT(HEAD "\"metadata\":{\"component\":{\"type\":\"application\",\"name\":\"x\","
                                  "\"purl\":\"pkg:generic/x@1\"}},\"components\":[" ONE "]}"),
            LINE);
}

static void test_refusals(void **state)
{
        static const struct {
                const char *document;
                enum err_kind kind;
                const char *why;
        } rows[] = {
            {"{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.8\"}", ERR_UNSUPPORTED,
                "CycloneDX 1.8 is not read here"},
            {"{\"bomFormat\":\"CycloneDX\"}", ERR_UNSUPPORTED, "CycloneDX without a version"},
            {"{\"bomFormat\":\"Cyclone\",\"specVersion\":\"1.6\"}", ERR_MALFORMED,
                "\"bomFormat\" is not \"CycloneDX\""},
            {"{\"bomFormat\":\"CycloneDX\",\"spdxVersion\":\"SPDX-2.3\"}", ERR_MALFORMED, "and that it is SPDX"},
            {"{}", ERR_MALFORMED, "it is JSON, but no bill of materials"},
            {"{\"@context\":\"https://spdx.org/rdf/3.0.1/spdx-context.jsonld\"}", ERR_UNSUPPORTED, "SPDX 3"},
            {HEAD "\"components\":[{\"type\":\"library\",\"name\":7}]}", ERR_MALFORMED, "components[0].name"},
            {HEAD "\"components\":[{\"name\":\"a\",\"name\":\"b\"}]}", ERR_MALFORMED, "components[0]"},
            {HEAD "\"components\":{}}", ERR_MALFORMED, "components: "},
            {HEAD "\"components\":[" ONE, ERR_MALFORMED, "byte"},
            {"<bom/>", ERR_MALFORMED, "its first element is \"bom\""},
            {"<html/>", ERR_MALFORMED, "its first element is \"html\""},
            {"<bom xmlns=\"http://cyclonedx.org/schema/bom/1.0\"/>", ERR_UNSUPPORTED, "CycloneDX 1.0 is not read here"},
            {"<bom xmlns=\"http://cyclonedx.org/schema/bom/1.4\">\n<components>\n<component></bom>", ERR_MALFORMED,
                "line 3: mismatched tag"},
            {"<bom xmlns=\"http://cyclonedx.org/schema/bom/1.4\"><components><component><name>a</name><name>b</name>"
             "</component></components></bom>",
                ERR_MALFORMED, "\"name\" stands twice"},
            {"<!DOCTYPE bom [<!ENTITY x \"y\">]><bom xmlns=\"http://cyclonedx.org/schema/bom/1.4\"/>", ERR_UNSUPPORTED,
                "a document type"},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                sbom_refused(span_of(rows[i].document), rows[i].kind, rows[i].why);
}

/* Deeper than any list is nested: refused, and no deep recursion. */
static void test_depth(void **state)
{
        CLEANUP(buf_done) struct buf b = {0};

        (void)state;
        buf_put_text(&b, HEAD "\"components\":[");
        for (unsigned i = 0; i < 100; i++)
                buf_put_text(&b, "{\"name\":\"a\",\"components\":[");
        for (unsigned i = 0; i < 100; i++)
                buf_put_text(&b, "]}");
        buf_put_text(&b, "]}");
        sbom_refused(buf_span(&b), ERR_LIMIT, "");
        buf_clear(&b);
        buf_put_text(&b, "<bom xmlns=\"http://cyclonedx.org/schema/bom/1.4\"><components>");
        for (unsigned i = 0; i < 100; i++)
                buf_put_text(&b, "<component><components>");
        for (unsigned i = 0; i < 100; i++)
                buf_put_text(&b, "</components></component>");
        buf_put_text(&b, "</components></bom>");
        sbom_refused(buf_span(&b), ERR_LIMIT, "nested too deeply");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_both_forms),
            cmocka_unit_test(test_what_is_not_whole_is_said_so),
            cmocka_unit_test(test_the_subject_is_listed_if_advisories_may_speak_of_it),
            cmocka_unit_test(test_refusals),
            cmocka_unit_test(test_depth),
        };

        return cmocka_run_group_tests_name("inventory CycloneDX", tests, NULL, NULL);
}
