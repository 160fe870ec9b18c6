/* SPDX: one list in both forms gives one inventory; sources, owners, licences; what is noted and refused. */
#include "inventory/sbom/sbom_test_priv.h"

#define PURL_Z "pkg:deb/debian/zlib1g@1.2.13.dfsg-1?arch=amd64&distro=debian-12&epoch=1"

static const char json[] =
    "{\"spdxVersion\":\"SPDX-2.3\",\"dataLicense\":\"CC0-1.0\",\"SPDXID\":\"SPDXRef-DOCUMENT\",\"name\":\"list\","
    "\"creationInfo\":{\"created\":\"2026-01-02T03:04:05Z\",\"creators\":[\"Tool: x\"]},\"packages\":["
    "{\"name\":\"demo\",\"SPDXID\":\"SPDXRef-Image\",\"versionInfo\":\"sha256:1\",\"primaryPackagePurpose\":"
    "\"CONTAINER\","
    "\"downloadLocation\":\"NONE\"},"
    "{\"name\":\"debian\",\"SPDXID\":\"SPDXRef-OS\",\"versionInfo\":\"12\",\"primaryPackagePurpose\":\"OPERATING_"
    "SYSTEM\","
    "\"description\":\"Debian GNU/Linux 12 (bookworm)\"},"
    "{\"name\":\"zlib1g\",\"SPDXID\":\"SPDXRef-1\",\"versionInfo\":\"1:1.2.13.dfsg-1\",\"supplier\":\"Person: Mark "
    "(m@example.org)\",\"licenseDeclared\":\"Zlib\",\"licenseConcluded\":\"MIT\",\"sourceInfo\":\"built package from: "
    "zlib "
    "1:1.2.13.dfsg-1\",\"externalRefs\":[{\"referenceCategory\":\"SECURITY\",\"referenceType\":\"cpe23Type\","
    "\"referenceLocator\":\"cpe:2.3:a:zlib:zlib:1.2.13:*:*:*:*:*:*:*\"},{\"referenceCategory\":\"PACKAGE-MANAGER\","
    "\"referenceType\":\"purl\",\"referenceLocator\":\"" PURL_Z "\"}]},"
    "{\"name\":\"n\",\"SPDXID\":\"SPDXRef-2\",\"versionInfo\":\"NOASSERTION\",\"supplier\":\"NOASSERTION\","
    "\"licenseDeclared\":\"NOASSERTION\",\"licenseConcluded\":\"LicenseRef-1\",\"sourceInfo\":\"installed; recorded in "
    "/app/package.json, brought by layer 1 (sha256:1)\",\"externalRefs\":[{\"referenceCategory\":\"PACKAGE-MANAGER\","
    "\"referenceType\":\"purl\",\"referenceLocator\":\"pkg:npm/%40s/n@2\"}]},"
    "{\"name\":\"blob\",\"SPDXID\":\"SPDXRef-3\",\"externalRefs\":[{\"referenceCategory\":\"SECURITY\","
    "\"referenceType\":\"cpe22Type\",\"referenceLocator\":\"cpe:/a:acme:blob:3\"}]}],"
    "\"hasExtractedLicensingInfos\":[{\"licenseId\":\"LicenseRef-1\",\"extractedText\":\"Beerware-like\"}],"
    "\"relationships\":[{\"spdxElementId\":\"SPDXRef-DOCUMENT\",\"relationshipType\":\"DESCRIBES\","
    "\"relatedSpdxElement\":\"SPDXRef-Image\"},{\"spdxElementId\":\"SPDXRef-Image\",\"relationshipType\":\"CONTAINS\","
    "\"relatedSpdxElement\":\"SPDXRef-2\"},{\"spdxElementId\":\"SPDXRef-2\",\"relationshipType\":\"CONTAINED_BY\","
    "\"relatedSpdxElement\":\"SPDXRef-1\"},{\"spdxElementId\":\"SPDXRef-1\",\"relationshipType\":\"OTHER\","
    "\"relatedSpdxElement\":\"SPDXRef-File-9\"}]}";

static const char tags[] =
    "# made by hand\r\n\r\nSPDXVersion: SPDX-2.3\r\nDataLicense: CC0-1.0\nSPDXID: SPDXRef-DOCUMENT\nDocumentName: "
    "list\n"
    "Creator: Tool: x\nCreated: 2026-01-02T03:04:05Z\n\nPackageName: demo\nSPDXID: SPDXRef-Image\n"
    "PackageVersion: sha256:1\nPrimaryPackagePurpose: CONTAINER\nPackageDownloadLocation: NONE\n"
    "FileName: ./x\nSPDXID: SPDXRef-File-9\nLicenseConcluded: MIT\nFileComment: <text>PackageName: not one\n"
    "PackageName: neither</text>\n\n"
    "PackageName: debian\nSPDXID: SPDXRef-OS\nPackageVersion: 12\nPrimaryPackagePurpose: OPERATING-SYSTEM\n"
    "PackageDescription: <text>Debian GNU/Linux 12 (bookworm)</text>\n\n"
    "PackageName: zlib1g\nSPDXID: SPDXRef-1\nPackageVersion: 1:1.2.13.dfsg-1\n"
    "PackageSupplier: Person: Mark (m@example.org)\nPackageLicenseDeclared: Zlib\nPackageLicenseConcluded: MIT\n"
    "PackageSourceInfo: <text>built package from: zlib 1:1.2.13.dfsg-1</text>\n"
    "ExternalRef: SECURITY cpe23Type cpe:2.3:a:zlib:zlib:1.2.13:*:*:*:*:*:*:*\n"
    "ExternalRef: PACKAGE-MANAGER purl " PURL_Z "\nAnnotator: Tool: y\n\n"
    "PackageName: n\nSPDXID: SPDXRef-2\nPackageVersion: NOASSERTION\nPackageSupplier: NOASSERTION\n"
    "PackageLicenseDeclared: NOASSERTION\nPackageLicenseConcluded: LicenseRef-1\nPackageSourceInfo: installed; "
    "recorded in "
    "/app/package.json, brought by layer 1 (sha256:1)\nExternalRef: PACKAGE-MANAGER purl pkg:npm/%40s/n@2\n\n"
    "PackageName: blob\nSPDXID: SPDXRef-3\nExternalRef: SECURITY cpe22Type cpe:/a:acme:blob:3\n\n"
    "LicenseID: LicenseRef-1\nExtractedText: <text>Beerware-like</text>\n\n"
    "Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-Image\nRelationship: SPDXRef-Image CONTAINS SPDXRef-2\n"
    "Relationship: SPDXRef-2 CONTAINED_BY SPDXRef-1\nRelationship: SPDXRef-1 OTHER SPDXRef-File-9\n";

static const char dump[] =
    "system debian|12|bookworm|Debian GNU/Linux 12 (bookworm)\n"
    "deb|Debian:12|zlib1g|1:1.2.13.dfsg-1|source zlib 1:1.2.13.dfsg-1|amd64|licence Zlib|vendor Mark|"
    "cpe:2.3:a:zlib:zlib:1.2.13:*:*:*:*:*:*:*|bom\n"
    "generic||blob||cpe:/a:acme:blob:3|bom\n"
    "npm|npm|@s/n|2|licence Beerware-like|app/package.json|owner zlib1g\n"
    "note 1 component with a CPE and no package URL: no advisory here is filed by CPE, not assessed: blob\n";

static void test_both_forms(void **state)
{
        static const char *const forms[] = {json, tags};

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
                CLEANUP(inventory_freep) struct inventory *v = NULL;
                struct inventory_sbom s;
                sbom_expect(span_of(forms[i]), dump);
                assert_true(sbom_read(span_of(forms[i]), SPAN_LIT("bom"), &v, &s, NULL));
                assert_span(s.form, "SPDX 2.3");
                assert_span(s.subject, "demo");
                assert_span(s.type, "container");
                assert_span(s.created, "2026-01-02T03:04:05Z");
                assert_int_equal(s.n_statements, 0);
        }
}

#define HEAD "SPDXVersion: SPDX-2.2\nSPDXID: SPDXRef-DOCUMENT\nDocumentName: d\n"
#define ONE "PackageName: a\nSPDXID: SPDXRef-a\nExternalRef: PACKAGE-MANAGER purl pkg:npm/a@1\n"
#define LINE "npm|npm|a|1"

static void test_notes(void **state)
{
        static const struct {
                const char *document, *dump;
        } rows[] = {
            {HEAD ONE, LINE "|bom\n"},
            {HEAD, "note it lists no component that could be assessed\n"},
            {HEAD ONE "Relationship: SPDXRef-a DEPENDS_ON DocumentRef-b:SPDXRef-c\n",
                LINE "|bom\nnote 1 part of it stands in other documents, which were not read; the first is "
                     "DocumentRef-b:SPDXRef-c\n"},
            {HEAD "CreatorComment: <text>The image could not be read as a whole: packages may be missing.</text>\n" ONE,
                LINE "|bom\nnote the document says itself that it does not list everything\n"},
            /* Two packages are described: neither is a whole that holds the other. */
            {HEAD ONE "PackageName: b\nSPDXID: SPDXRef-b\nExternalRef: PACKAGE-MANAGER purl pkg:npm/b@1\n"
                      "Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-a\nRelationship: SPDXRef-b DESCRIBED_BY "
                      "SPDXRef-DOCUMENT\n",
                LINE "|bom\nnpm|npm|b|1|bom\n"},
            /* Trivy of 2022: no purposes, and a word of its own for DESCRIBES. */
            {HEAD "PackageName: x.tar\nSPDXID: SPDXRef-ContainerImage-1\nPackageName: alpine\nPackageVersion: "
                  "3.16.0\nSPDXID: "
                  "SPDXRef-OperatingSystem-2\nPackageName: musl\nSPDXID: SPDXRef-Package-3\nPackageSourceInfo: built "
                  "package "
                  "from: m 1.2.3-r0\nExternalRef: PACKAGE-MANAGER purl pkg:apk/alpine/musl@1.2.3-r0?distro=3.16.0\n"
                  "Relationship: SPDXRef-DOCUMENT DESCRIBE SPDXRef-ContainerImage-1\n",
                "system alpine|3.16.0||\napk|Alpine:v3.16|musl|1.2.3-r0|source m 1.2.3-r0|bom\n"},
            {HEAD "PackageName: a\nPackageSourceInfo: acquired package info from DPKG DB: /var/lib/dpkg/status, /x\n"
                  "ExternalRef: PACKAGE-MANAGER purl pkg:npm/a@1\n",
                LINE "|var/lib/dpkg/status\n"},
            {HEAD "PackageName: a\nPackageSourceInfo: declared in /srv/a.lock, built from source package s 9, of "
                  "module m:1\n"
                  "ExternalRef: PACKAGE-MANAGER purl pkg:rpm/fedora/a@1-1.fc42?distro=fedora-42\n",
                "system fedora|42||\nrpm|Fedora:42|a|1-1.fc42|source s 9|module m:1|srv/a.lock\n"},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                sbom_expect(span_of(rows[i].document), rows[i].dump);
}

static void test_many_urls_of_one_package(void **state)
{
        CLEANUP(inventory_freep) struct inventory *v = NULL;
        CLEANUP(buf_done) struct buf b = {0};
        struct inventory_sbom s;

        (void)state;
        buf_put_text(&b, HEAD "PackageName: a\nSPDXID: SPDXRef-a\n");
        for (unsigned i = 0; i <= SBOM_PURLS_MAX; i++) /* each twice: that is one */
                buf_printf(&b,
                    "ExternalRef: PACKAGE-MANAGER purl pkg:npm/a%u@1\nExternalRef: PACKAGE-MANAGER purl "
                    "pkg:npm/a%u@1\n",
                    i, i);
        assert_true(sbom_read(buf_span(&b), SPAN_LIT("bom"), &v, &s, NULL));
        assert_int_equal(v->n_components, SBOM_PURLS_MAX);
        assert_int_equal(v->n_notes, 1);
        assert_span(v->notes[0], "component SPDXRef-a: more than 32 package URLs: the others were not assessed");
}

static void test_refusals(void **state)
{
        static const struct {
                const char *document;
                enum err_kind kind;
                const char *why;
        } rows[] = {
            {"SPDXVersion: SPDX-2.1\n", ERR_UNSUPPORTED, "SPDX 2.1 is not read here"},
            {"SPDXVersion: 2.3\n", ERR_MALFORMED, "does not begin with \"SPDX-\""},
            {"{\"spdxVersion\":\"SPDX-3.0\"}", ERR_UNSUPPORTED, "SPDX 3.0 is not read here"},
            {"", ERR_MALFORMED, "it is empty"},
            {"# nothing\n", ERR_MALFORMED, "it is empty"},
            {"hello world\n", ERR_MALFORMED, "neither JSON, nor XML, nor SPDX's tags"},
            {"DocumentName: x\nSPDXVersion: SPDX-2.3\n", ERR_MALFORMED, "line 1: \"SPDXVersion\" must come first"},
            {HEAD "no tag\n", ERR_MALFORMED, "line 4: \"no tag\" is no \"Tag: value\""},
            {HEAD "SPDXVersion: SPDX-2.3\n", ERR_MALFORMED, "line 4: \"SPDXVersion\" stands twice"},
            {HEAD ONE "PackageVersion: 1\nPackageVersion: 2\n", ERR_MALFORMED,
                "line 8: \"PackageVersion\" stands twice"},
            {HEAD ONE "PackageComment: <text>never\nends\n", ERR_MALFORMED, "a <text> without its end"},
            {HEAD "Relationship: a DESCRIBES\n", ERR_MALFORMED, "line 4: \"a DESCRIBES\" is no relationship"},
            {HEAD "PackageName: \xff\n", ERR_MALFORMED, "line 4: it is not UTF-8"},
            {"{\"spdxVersion\":\"SPDX-2.3\",\"packages\":[{\"name\":[]}]}", ERR_MALFORMED, "packages[0].name"},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                sbom_refused(span_of(rows[i].document), rows[i].kind, rows[i].why);
}

static void test_parties(void **state)
{
        static const char *const rows[][2] = {
            {"Organization: Example Corp. (x@example.org)", "Example Corp."},
            {"Person: Jane Doe ()", "Jane Doe"},
            {"Organization: Example (Europe)", "Example (Europe)"},
            {"Tool: syft", "syft"},
            {"NOASSERTION", ""},
            {"plain", "plain"},
            {"Organization: (x@example.org)", "(x@example.org)"},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                assert_span(spdx_party(span_of(rows[i][0])), rows[i][1]);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_both_forms),
            cmocka_unit_test(test_notes),
            cmocka_unit_test(test_many_urls_of_one_package),
            cmocka_unit_test(test_refusals),
            cmocka_unit_test(test_parties),
        };

        return cmocka_run_group_tests_name("inventory SPDX", tests, NULL, NULL);
}
