/* From what tools write to what advisories are filed under: systems, sources, versions, paths; and what can't be assessed. */
#include "inventory/sbom/sbom_test_priv.h"

#define HEAD "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\",\"components\":["

/* A document of one component with that purl, and what it becomes. */
static void expect_purl(const char *purl, const char *dump)
{
        CLEANUP(buf_done) struct buf b = {0};

        buf_printf(&b, HEAD "{\"name\":\"x\",\"purl\":\"%s\"}]}", purl);
        sbom_expect(buf_span(&b), dump);
}

/* As syft, Trivy, osv-scalibr, cdxgen and Coffer write them. */
static void test_systems_of_purls(void **state)
{
        static const struct {
                const char *purl, *ecosystem, *os;
        } rows[] = {
            {"pkg:deb/debian/a@1?distro=debian-12", "Debian:12", "debian|12|"},
            {"pkg:deb/debian/a@1?distro=debian-12.5", "Debian:12", "debian|12|"},
            {"pkg:deb/debian/a@1?distro=bookworm", "Debian:12", "debian|12|bookworm"},
            {"pkg:deb/debian/a@1?distro=12", "Debian:12", "debian|12|"},
            {"pkg:deb/debian/a@1?distro=debian-trixie", "Debian:13", "debian|13|trixie"},
            {"pkg:deb/ubuntu/a@1?distro=ubuntu-22.04", "Ubuntu:22.04:LTS", "ubuntu|22.04|"},
            {"pkg:deb/ubuntu/a@1?distro=jammy", "Ubuntu:22.04:LTS", "ubuntu|22.04|jammy"},
            {"pkg:deb/ubuntu/a@1?distro=ubuntu-24.10", "Ubuntu:24.10", "ubuntu|24.10|"},
            {"pkg:apk/alpine/a@1?distro=alpine-3.17.2", "Alpine:v3.17", "alpine|3.17.2|"},
            {"pkg:apk/alpine/a@1?distro=3.22.0", "Alpine:v3.22", "alpine|3.22.0|"},
            {"pkg:apk/alpine/a@1?distro=v3.19", "Alpine:v3.19", "alpine|3.19|"},
            {"pkg:apk/alpine/a@1?distro=edge", "Alpine:edge", "alpine|edge|edge"},
            {"pkg:apk/wolfi/a@1?distro=wolfi-20230201", "Wolfi", "wolfi|20230201|"},
            {"pkg:rpm/rhel/a@1-1?distro=rhel-9.4", "Red Hat:enterprise_linux:9", "rhel|9.4|"},
            {"pkg:rpm/redhat/a@1-1?distro=redhat-8.10", "Red Hat:enterprise_linux:8", "rhel|8.10|"},
            {"pkg:rpm/almalinux/a@1-1?distro=almalinux-9.4", "AlmaLinux:9", "almalinux|9.4|"},
            {"pkg:rpm/alma/a@1-1?distro=alma-9.4", "AlmaLinux:9", "almalinux|9.4|"},
            {"pkg:rpm/rocky/a@1-1?distro=rocky-9", "Rocky Linux:9", "rocky|9|"},
            {"pkg:rpm/amzn/a@1-1?distro=amzn-2023", "Amazon Linux:2023", "amzn|2023|"},
            {"pkg:rpm/amazon/a@1-1?distro=amazon-2%20%28Karoo%29", "Amazon Linux:2", "amzn|2|"},
            {"pkg:rpm/oracle/a@1-1?distro=oracle-8.8", "Oracle Linux:8", "ol|8.8|"},
            {"pkg:rpm/opensuse/a@1-1?distro=opensuse-leap-15.5", "openSUSE:Leap 15.5", "opensuse-leap|15.5|"},
            {"pkg:rpm/opensuse.leap/a@1-1?distro=opensuse.leap-15.5", "openSUSE:Leap 15.5", "opensuse-leap|15.5|"},
            {"pkg:rpm/sles/a@1-1?distro=sles-15.5", "SUSE:Linux Enterprise Server 15 SP5", "sles|15.5|"},
            {"pkg:alpm/arch/a@1?distro=arch", "Arch Linux", "arch||"},
            {"pkg:portage/app-containers/a@1?distro=gentoo-2.15", "Gentoo", "gentoo|2.15|"},
            {"pkg:deb/debian/a@1?distro=rhel-9", "", "rhel|9|"}, /* a deb of Red Hat's: nobody's */
        };
        CLEANUP(buf_done) struct buf want = {0}, b = {0}, document = {0};

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(inventory_freep) struct inventory *v = NULL;
                struct inventory_sbom s;
                buf_clear(&document), buf_clear(&want), buf_clear(&b);
                buf_printf(&document, HEAD "{\"name\":\"x\",\"purl\":\"%s\"}]}", rows[i].purl);
                assert_true(sbom_read(buf_span(&document), SPAN_LIT("bom"), &v, &s, NULL));
                assert_int_equal(v->n_components, 1);
                buf_printf(&want, "%s %s %s", rows[i].purl, rows[i].ecosystem, rows[i].os);
                buf_printf(&b, "%s %.*s %.*s|%.*s|%.*s", rows[i].purl, SPAN_FMT(v->components[0].ecosystem),
                    SPAN_FMT(v->os.id), SPAN_FMT(v->os.version_id), SPAN_FMT(v->os.version_codename));
                buf_put_u8(&want, 0), buf_put_u8(&b, 0);
                assert_string_equal((const char *)b.at, (const char *)want.at);
                assert_int_equal(v->complete, rows[i].ecosystem[0] != 0);
        }
}

#define RELEASE(n, names) \
        "note " n " of a system whose release is not said or has no advisories: not assessed: " names "\n"

static void test_system_of_the_document(void **state)
{
        static const char os[] = "{\"type\":\"operating-system\",\"name\":\"debian\",\"version\":\"12.9\"},";
        CLEANUP(buf_done) struct buf b = {0};

        (void)state;
        /* It holds for packages that name no release; for one that names another, that other. */
        buf_printf(&b,
            HEAD "%s{\"purl\":\"pkg:deb/debian/a@1\"},{\"purl\":\"pkg:deb/debian/b@1?distro=debian-11\"},"
                 "{\"purl\":\"pkg:apk/alpine/c@1\"}]}",
            os);
        sbom_expect(buf_span(&b),
            "system debian|12|bookworm|\napk||c|1|source c 1|bom\ndeb|Debian:12|a|1|source a 1|bom\n"
            "deb|Debian:11|b|1|source b 1|bom\n" RELEASE("1 component", "c 1"));
        /* A document that names no release at all. */
        expect_purl("pkg:deb/debian/a@1", "deb||a|1|source a 1|bom\n" RELEASE("1 component", "a 1"));
        /* One that needs none. */
        expect_purl("pkg:apk/wolfi/a@1", "apk|Wolfi|a|1|source a 1|bom\n");
        /* The same package of two releases is two components. */
        sbom_expect(SPAN_LIT(HEAD "{\"purl\":\"pkg:deb/debian/a@1?distro=debian-11\"},"
                                  "{\"purl\":\"pkg:deb/debian/a@1?distro=debian-12\"},"
                                  "{\"purl\":\"pkg:deb/debian/a@1?distro=debian-12\",\"cpe\":\"cpe:/a:x\"}]}"),
            "system debian|12||\ndeb|Debian:11|a|1|source a 1|bom\ndeb|Debian:12|a|1|source a 1|cpe:/a:x|bom\n");
        buf_clear(&b);
        buf_printf(&b,
            HEAD "%s{\"type\":\"operating-system\",\"name\":\"alpine\",\"version\":\"3.20\"},"
                 "{\"purl\":\"pkg:deb/debian/a@1\"}]}",
            os);
        sbom_expect(buf_span(&b), "system debian|12|bookworm|\ndeb|Debian:12|a|1|source a 1|bom\nnote component 2, "
                                  "alpine: a second operating "
                                  "system: packages whose package URL names none were taken to be of the first\n");
}

static void test_versions_and_sources(void **state)
{
        static const char *const rows[][2] = {
            {"pkg:deb/debian/libc6@2.36-9?distro=debian-12&upstream=glibc",
                "deb|Debian:12|libc6|2.36-9|source glibc 2.36-9|bom\n"},
            {"pkg:deb/debian/gcc-12-base@12.2.0-14?distro=debian-12&upstream=gcc-12%4012.2.0-13",
                "deb|Debian:12|gcc-12-base|12.2.0-14|source gcc-12 12.2.0-13|bom\n"},
            {"pkg:deb/debian/login@4.13-1?distro=debian-12&epoch=1&upstream=shadow",
                "deb|Debian:12|login|1:4.13-1|source shadow 1:4.13-1|bom\n"},
            {"pkg:deb/debian/libpcre3@2%3A8.39-12?distro=debian-12&source=pcre3&sourceversion=2%3A8.39-12",
                "deb|Debian:12|libpcre3|2:8.39-12|source pcre3 2:8.39-12|bom\n"},
            {"pkg:deb/debian/a@1%3A2?distro=debian-12&epoch=1", "deb|Debian:12|a|1:2|source a 1:2|bom\n"},
        };
        CLEANUP(buf_done) struct buf b = {0};

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                buf_clear(&b);
                buf_printf(&b, "system debian|12||\n%s", rows[i][1]);
                buf_put_u8(&b, 0);
                expect_purl(rows[i][0], (const char *)b.at);
        }
        expect_purl("pkg:rpm/rocky/openssl-libs@3.0.7-24.el9?arch=x86_64&epoch=1&upstream=openssl-3.0.7-24.el9.src.rpm&"
                    "distro=rocky-9.3&rpmmod=m%3As",
            "system rocky|9.3||\nrpm|Rocky Linux:9|openssl-libs|1:3.0.7-24.el9|source openssl 1:3.0.7-24.el9|x86_64|"
            "module m:s|bom\n");
        expect_purl("pkg:rpm/rocky/a@1-2?epoch=0&sourcerpm=a-b-1-2.src.rpm&distro=rocky-9",
            "system rocky|9||\nrpm|Rocky Linux:9|a|1-2|source a-b 1-2|bom\n");
        expect_purl("pkg:rpm/rocky/a@1-2?distro=rocky-9", "system rocky|9||\nrpm|Rocky Linux:9|a|1-2|bom\n");
        expect_purl("pkg:apk/alpine/ssl_client@1.36.1-r2?arch=x86_64&upstream=busybox&distro=alpine-3.18.4",
            "system alpine|3.18.4||\napk|Alpine:v3.18|ssl_client|1.36.1-r2|source busybox 1.36.1-r2|x86_64|bom\n");
        expect_purl("pkg:apk/alpine/zlib@1.2-r1?distro=3.22.0&origin=z",
            "system alpine|3.22.0||\napk|Alpine:v3.22|zlib|1.2-r1|source z 1.2-r1|bom\n");
        /* A version that the purl leaves out. */
        sbom_expect(SPAN_LIT(HEAD "{\"name\":\"a\",\"version\":\"7\",\"purl\":\"pkg:npm/a\"}]}"), "npm|npm|a|7|bom\n");
}

static void test_names_of_advisories(void **state)
{
        static const char *const rows[][2] = {
            {"pkg:maven/org.apache/commons@1?type=jar", "maven|Maven|org.apache:commons|1"},
            {"pkg:npm/%40angular/core@1", "npm|npm|@angular/core|1"},
            {"pkg:golang/github.com/BurntSushi/toml@v1.2.3", "golang|Go|github.com/BurntSushi/toml|v1.2.3"},
            {"pkg:golang/stdlib@1.22.1", "golang|Go|stdlib|1.22.1"},
            {"pkg:pypi/Typing_Extensions@4", "pypi|PyPI|typing-extensions|4"},
            {"pkg:pypi/zope.interface@4", "pypi|PyPI|zope-interface|4"},
            {"pkg:composer/Laravel/Framework@1", "composer|Packagist|laravel/framework|1"},
            {"pkg:gem/rails@7?platform=java", "gem|RubyGems|rails|7"},
            {"pkg:cargo/rand@0.7", "cargo|crates.io|rand|0.7"},
            {"pkg:nuget/Newtonsoft.Json@13", "nuget|NuGet|Newtonsoft.Json|13"},
            {"pkg:hex/phoenix@1", "hex|Hex|phoenix|1"},
            {"pkg:pub/path@1", "pub|Pub|path|1"},
            {"pkg:dart/path@1", "dart|Pub|path|1"},
            {"pkg:swift/github.com/apple/swift-nio@2", "swift|SwiftURL|github.com/apple/swift-nio|2"},
            {"pkg:cran/ggplot2@3", "cran|CRAN|ggplot2|3"},
            {"pkg:conan/openssl@3", "conan|ConanCenter|openssl|3"},
            {"pkg:hackage/aeson@2", "hackage|Hackage|aeson|2"},
        };
        CLEANUP(buf_done) struct buf b = {0};

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                buf_clear(&b);
                buf_printf(&b, "%s|bom\n", rows[i][1]);
                buf_put_u8(&b, 0);
                expect_purl(rows[i][0], (const char *)b.at);
        }
        expect_purl("pkg:conan/openssl@3?user=me&channel=x", "conan||openssl|3|bom\nnote 1 component of types that no "
                                                             "advisories are published for: not assessed: openssl 3\n");
        expect_purl("pkg:github/actions/checkout@v4", "github||actions/checkout|v4|bom\nnote 1 component of types that "
                                                      "no advisories are published for: not assessed: "
                                                      "actions/checkout v4\n");
}

#define NO_URL(n, names) \
        "note " n " with neither a package URL nor a CPE: no advisory can be found, not assessed: " names "\n"

static void test_what_cannot_be_identified(void **state)
{
        CLEANUP(buf_done) struct buf b = {0};

        (void)state;
        sbom_expect(SPAN_LIT(HEAD
                        "{\"bom-ref\":\"r\",\"name\":\"a\",\"version\":\"1\",\"purl\":\"pkg:npm\"},{\"purl\":\"\"}]}"),
            "generic||a|1|bom\nnote component r: its package URL \"pkg:npm\" can't be read: a package URL has a type, "
            "a '/' and "
            "a name\nnote component 2: it has neither a name nor a package URL that can be read: not listed\n" NO_URL(
                "1 component", "a 1"));
        sbom_expect(
            SPAN_LIT(HEAD "{\"name\":\"a\\nb\",\"version\":\"1\"},{\"name\":\"e\",\"version\":\"\\u001b[2J\"}]}"),
            "note component 1, a?b: its name is longer than 512 bytes or not clean text: not listed\n"
            "note component 2, e: its version is longer than 256 bytes or not clean text: not listed\n"
            "note it lists no component that could be assessed\n");
        buf_put_text(&b, HEAD);
        for (unsigned i = 0; i < 10; i++)
                buf_printf(&b, "%s{\"name\":\"n%u\",\"type\":\"library\"}", i ? "," : "", i);
        buf_put_text(&b, "]}");
        sbom_expect(buf_span(&b),
            "generic||n0||bom\ngeneric||n1||bom\ngeneric||n2||bom\ngeneric||n3||bom\ngeneric||n4||bom\n"
            "generic||n5||bom\ngeneric||n6||bom\ngeneric||n7||bom\ngeneric||n8||bom\ngeneric||n9||bom\n" NO_URL(
                "10 components", "n0, n1, n2, n3, n4, n5, n6, n7 and 2 more"));
}

/* Twenty of them, and not one built from a source of another name: whoever wrote the list did not know. */
static void test_debian_packages_without_sources(void **state)
{
        static const char why[] = "says which source package it was built from";
        CLEANUP(buf_done) struct buf b = {0};

        (void)state;
        for (unsigned n = 19; n <= 21; n++) {
                CLEANUP(inventory_freep) struct inventory *v = NULL;
                struct inventory_sbom s;
                buf_clear(&b);
                buf_put_text(&b, HEAD);
                for (unsigned i = 0; i < n; i++)
                        buf_printf(&b, "%s{\"purl\":\"pkg:deb/debian/a%u@1?distro=debian-12%s\"}", i ? "," : "", i,
                            n == 21 && i == 5 ? "&upstream=x" : "");
                buf_put_text(&b, "]}");
                assert_true(sbom_read(buf_span(&b), SPAN_LIT("bom"), &v, &s, NULL));
                assert_int_equal(v->complete, n != 20);
                assert_true(n != 20 || memmem(v->notes[0].at, v->notes[0].len, why, strlen(why)));
        }
}

/* Lock files and what they list, sources' parts, as Trivy writes them. */
static void test_trivy(void **state)
{
        (void)state;
        sbom_expect(
            SPAN_LIT(
                HEAD "{\"bom-ref\":\"l\",\"type\":\"application\",\"name\":\"app/package-lock.json\",\"properties\":["
                     "{\"name\":\"aquasecurity:trivy:Class\",\"value\":\"lang-pkgs\"}]},"
                     "{\"bom-ref\":\"o\",\"type\":\"operating-system\",\"name\":\"debian\",\"version\":\"12.15\","
                     "\"properties\":["
                     "{\"name\":\"aquasecurity:trivy:Class\",\"value\":\"os-pkgs\"}]},"
                     "{\"bom-ref\":\"a\",\"purl\":\"pkg:npm/a@1\"},{\"bom-ref\":\"b\",\"purl\":\"pkg:npm/b@1\"},"
                     "{\"bom-ref\":\"z\",\"purl\":\"pkg:deb/debian/"
                     "zlib1g@1.2.13.dfsg-1?epoch=1&distro=debian-12.15\",\"properties\":["
                     "{\"name\":\"aquasecurity:trivy:SrcName\",\"value\":\"zlib\"},"
                     "{\"name\":\"aquasecurity:trivy:SrcEpoch\",\"value\":\"1\"},"
                     "{\"name\":\"aquasecurity:trivy:SrcRelease\",\"value\":\"1\"},"
                     "{\"name\":\"aquasecurity:trivy:SrcVersion\",\"value\":\"1.2.13.dfsg\"}]}],"
                     "\"dependencies\":[{\"ref\":\"l\",\"dependsOn\":[\"a\"]},{\"ref\":\"a\",\"dependsOn\":[\"b\"]},"
                     "{\"ref\":\"b\",\"dependsOn\":[\"a\"]},{\"ref\":\"o\",\"dependsOn\":[\"z\"]}]}"),
            "system debian|12|bookworm|\ndeb|Debian:12|zlib1g|1:1.2.13.dfsg-1|source zlib 1:1.2.13.dfsg-1|bom\n"
            "npm|npm|a|1|app/package-lock.json\nnpm|npm|b|1|app/package-lock.json\n");
        /* Whatever it is said to be: what has a package URL is listed. */
        sbom_expect(SPAN_LIT(HEAD "{\"type\":\"application\",\"purl\":\"pkg:npm/a@1\",\"properties\":["
                                  "{\"name\":\"aquasecurity:trivy:Class\",\"value\":\"lang-pkgs\"}]}]}"),
            "npm|npm|a|1|bom\n");
}

/* Whoever is no package of a system owns nothing, and nobody owns itself. */
static void test_owners(void **state)
{
#define OWNED(ref) "\"properties\":[{\"name\":\"coffer:owned_by\",\"value\":\"" ref "\"}]"
        (void)state;
        sbom_expect(SPAN_LIT(HEAD "{\"bom-ref\":\"d\",\"purl\":\"pkg:deb/debian/d@1?distro=debian-12\"," OWNED(
                        "d") "},"
                             "{\"bom-ref\":\"a\",\"purl\":\"pkg:npm/a@1\"," OWNED(
                                 "d") "},"
                                      "{\"bom-ref\":\"b\",\"purl\":\"pkg:npm/b@1\"," OWNED(
                                          "a") "},"
                                               "{\"bom-ref\":\"c\",\"purl\":\"pkg:npm/c@1\"," OWNED("nobody") "}]}"),
            "system debian|12||\ndeb|Debian:12|d|1|source d 1|bom\nnpm|npm|a|1|bom|owner d\nnpm|npm|b|1|bom\n"
            "npm|npm|c|1|bom\n");
}

static void test_recognised_by_content(void **state)
{
        static const char tar_head[300] = "{.json", bom16[] = "\xff\xfe{\0";
        static const char *const yes[] = {"{", " \n\t{\"a\"", "\xef\xbb\xbf{", "<?xml", "SPDXVersion: SPDX-2.3",
            "# x\n\n  SPDXVersion:", "{\"mediaType\":\"application/vnd.oci.image.index.v1+json\"}"};
        static const char *const no[] = {"", "PK\x03\x04", "\x1f\x8b",
            "\177ELF", "# SPDXVersion:", "version: 1", "[]"};
        char archive[300];

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(yes); i++)
                assert_true(sbom_head(span_of(yes[i])));
        for (size_t i = 0; i < ARRAY_LEN(no); i++)
                assert_false(sbom_head(span_of(no[i])));
        memcpy(archive, tar_head, sizeof(archive));
        assert_true(sbom_head(span_bytes(archive, sizeof(archive))));
        memcpy(archive + 257, "ustar", 5);
        assert_false(sbom_head(span_bytes(archive, sizeof(archive))));
        assert_true(sbom_head(span_bytes(bom16, 4)));
        sbom_refused(span_bytes(bom16, 4), ERR_UNSUPPORTED, "UTF-16");
        sbom_refused(SPAN_LIT("\x1f\x8b\x08"), ERR_UNSUPPORTED, "it is compressed");
        sbom_expect(SPAN_LIT("\xef\xbb\xbf" HEAD "{\"purl\":\"pkg:npm/a@1\"}]}"), "npm|npm|a|1|bom\n");
}

static void test_answer(void **state)
{
        CLEANUP(inventory_freep) struct inventory *v = NULL, *got = NULL;
        CLEANUP(buf_done) struct buf b = {0}, other = {0};
        struct inventory_sbom s, again;
        struct err e = {0};

        (void)state;
        assert_true(sbom_read(SPAN_LIT(HEAD "{\"purl\":\"pkg:npm/a@1\"}]}"), SPAN_LIT("bom"), &v, &s, NULL));
        digest_of(DIGEST_SHA256, SPAN_LIT("x"), &s.digest);
        sbom_answer_put(&b, &s, v);
        assert_true(sbom_answer_get(buf_span(&b), &got, &again, &e));
        assert_span(again.form, "CycloneDX 1.6");
        assert_true(digest_equal(&again.digest, &s.digest));
        assert_int_equal(got->n_components, 1);
        inventory_freep(&got);
        got = NULL;
        for (size_t cut = 0; cut < b.len; cut++)
                assert_false(sbom_answer_get(span_bytes(b.at, cut), &got, &again, &e));
        /* A worker that was taken over can't make an image of it, nor say that a component is installed. */
        v->components[0].state = COMPONENT_INSTALLED;
        sbom_answer_put(&other, &s, v);
        assert_false(sbom_answer_get(buf_span(&other), &got, &again, &e));
        assert_non_null(strstr(e.text, "installed"));
        v->components[0].state = COMPONENT_DECLARED;
        digest_of(DIGEST_SHA256, SPAN_LIT("image"), &v->image);
        buf_clear(&other);
        sbom_answer_put(&other, &s, v);
        assert_false(sbom_answer_get(buf_span(&other), &got, &again, &e));
        assert_non_null(strstr(e.text, "an image's"));
        assert_null(got);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_systems_of_purls),
            cmocka_unit_test(test_system_of_the_document),
            cmocka_unit_test(test_versions_and_sources),
            cmocka_unit_test(test_names_of_advisories),
            cmocka_unit_test(test_what_cannot_be_identified),
            cmocka_unit_test(test_debian_packages_without_sources),
            cmocka_unit_test(test_trivy),
            cmocka_unit_test(test_owners),
            cmocka_unit_test(test_recognised_by_content),
            cmocka_unit_test(test_answer),
        };

        return cmocka_run_group_tests_name("inventory SBOM", tests, NULL, NULL);
}
