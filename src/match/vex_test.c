/* Statements held against findings: which speaks, which does not, and which of several is heard. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "match/match_priv.h"

#define SPAN(s)                                     \
        {                                           \
                (const uint8_t *)(s), sizeof(s) - 1 \
        }

/* An image: Debian's curl and openssl, a Go program that Debian's "tool" installed, a program with the same module, npm. */
enum { CURL, LIBSSL, RHEL, TOOL, TOOL_MAIN, TOOL_CRYPTO, OTHER_MAIN, OTHER_CRYPTO, SHOP, LODASH, FAR_LODASH, NUMBER };

static struct component components[NUMBER] = {
    [CURL] = {.type = SPAN("deb"),
        .ecosystem = SPAN("Debian:12"),
        .name = SPAN("curl"),
        .version = SPAN("7.88.1-10"),
        .path = SPAN("var/lib/dpkg/status"),
        .purl = SPAN("pkg:deb/debian/curl@7.88.1-10?arch=amd64&distro=debian-12")},
    [LIBSSL] = {.type = SPAN("deb"),
        .ecosystem = SPAN("Debian:12"),
        .name = SPAN("libssl3"),
        .version = SPAN("3.0.9-1"),
        .source_name = SPAN("openssl"),
        .source_version = SPAN("3.0.9-1"),
        .path = SPAN("var/lib/dpkg/status"),
        .purl = SPAN("pkg:deb/debian/libssl3@3.0.9-1?arch=amd64&distro=debian-12")},
    [RHEL] = {.type = SPAN("rpm"),
        .ecosystem = SPAN("Red Hat:enterprise_linux:9"),
        .name = SPAN("openssl-libs"),
        .version = SPAN("1:3.0.7-27.el9"),
        .source_name = SPAN("openssl"),
        .source_version = SPAN("1:3.0.7-27.el9"),
        .path = SPAN("var/lib/rpm/rpmdb.sqlite"),
        .purl = SPAN("pkg:rpm/redhat/openssl-libs@3.0.7-27.el9?arch=x86_64&distro=rhel-9&epoch=1")},
    [TOOL] = {.type = SPAN("deb"),
        .ecosystem = SPAN("Debian:12"),
        .name = SPAN("tool"),
        .version = SPAN("1"),
        .path = SPAN("var/lib/dpkg/status"),
        .purl = SPAN("pkg:deb/debian/tool@1?arch=amd64")},
    [TOOL_MAIN] = {.type = SPAN("golang"),
        .path = SPAN("usr/bin/tool"),
        .owner = TOOL + 1,
        .purl = SPAN("pkg:golang/example.org/tool@v1.0.0")},
    [TOOL_CRYPTO] = {.type = SPAN("golang"),
        .path = SPAN("usr/bin/tool"),
        .owner = TOOL + 1,
        .purl = SPAN("pkg:golang/golang.org/x/crypto@v0.1.0")},
    [OTHER_MAIN] = {.type = SPAN("golang"),
        .path = SPAN("usr/bin/other"),
        .purl = SPAN("pkg:golang/example.org/other@v1.0.0")},
    [OTHER_CRYPTO] = {.type = SPAN("golang"),
        .path = SPAN("usr/bin/other"),
        .purl = SPAN("pkg:golang/golang.org/x/crypto@v0.1.0")},
    [SHOP] = {.type = SPAN("npm"), .path = SPAN("app/package.json"), .purl = SPAN("pkg:npm/%40acme/shop@2.0.0")},
    [LODASH] = {.type = SPAN("npm"),
        .path = SPAN("app/node_modules/lodash/package.json"),
        .purl = SPAN("pkg:npm/lodash@4.17.15")},
    [FAR_LODASH] = {.type = SPAN("npm"),
        .path = SPAN("opt/lodash/package.json"),
        .purl = SPAN("pkg:npm/lodash@4.17.15")},
};

static const struct span names[] = {SPAN("sha256:aa"), SPAN("./image.tar")};
static const struct match_subject image = {
    .repository = SPAN("docker.io/library/debian"), .tag = SPAN("12"), .names = names, .n_names = 2};

/* One finding "CVE-1" (GHSA-1) for each component; the answer is a letter for each: 'n' not affected, '.' nobody ... */
static bool apply(const struct vex_document *const *documents, size_t n, char ret[NUMBER + 1],
    struct match_vex **ret_vex, struct err *e)
{
        static const char letters[] = {[VEX_STATUS_NONE] = '?',
            [VEX_STATUS_INVESTIGATING] = 'i',
            [VEX_STATUS_AFFECTED] = 'a',
            [VEX_STATUS_NOT_AFFECTED] = 'n',
            [VEX_STATUS_FIXED] = 'f'};
        static const struct span aliases[] = {SPAN("GHSA-1")};
        struct inventory v = {.components = components, .n_components = NUMBER};
        struct finding findings[NUMBER];
        struct match m = {.findings = findings, .n_findings = NUMBER};
        struct match_vex *x;

        for (uint32_t i = 0; i < NUMBER; i++)
                findings[i] = (struct finding){.component = i, .id = SPAN("CVE-1"), .aliases = aliases, .n_aliases = 1};
        if (!match_vex(&v, &m, &image, documents, n, &x, e))
                return false;
        for (size_t i = 0; i < NUMBER; i++)
                ret[i] = x->speaks[i] ? letters[x->notes[x->speaks[i] - 1].status] : '.';
        ret[NUMBER] = 0;
        *ret_vex = x;
        return true;
}

static void speaks(
    const char *id, const char *product, const char *ecosystem, const char *subcomponent, const char *want)
{
        struct span ids[] = {SPAN("X-1"), span_of(id)}, inner = span_of(subcomponent);
        struct vex_product p = {.name = span_of(product),
            .ecosystem = span_of(ecosystem),
            .subcomponents = &inner,
            .n_subcomponents = subcomponent ? 1 : 0};
        struct vex_statement s = {
            .ids = ids, .n_ids = 2, .products = &p, .n_products = 1, .status = VEX_STATUS_NOT_AFFECTED};
        struct vex_document d = {.name = SPAN("vex.json"), .statements = &s, .n_statements = 1};
        const struct vex_document *documents[] = {&d};
        struct match_vex *x = NULL;
        char got[NUMBER + 1];

        assert_true(apply(documents, 1, got, &x, NULL));
        if (strcmp(got, want) != 0)
                fail_msg("%s %s %s: \"%s\", not \"%s\"", id, product, subcomponent ? subcomponent : "", got, want);
        match_vex_free(x);
}

#define NOBODY "..........."

static void test_products(void **state)
{
        (void)state;
        speaks("CVE-1", "pkg:deb/debian/curl@7.88.1-10?arch=amd64", NULL, NULL, "n..........");
        speaks("GHSA-1", "pkg:deb/debian/curl", NULL, NULL, "n..........");
        speaks("CVE-1", "pkg:DEB/Debian/Curl", NULL, NULL, "n..........");
        speaks("CVE-2", "pkg:deb/debian/curl", NULL, NULL, NOBODY);
        speaks("cve-1", "pkg:deb/debian/curl", NULL, NULL, NOBODY);
        speaks("CVE-1", "pkg:deb/debian/curl@7.88.1-11", NULL, NULL, NOBODY);
        speaks("CVE-1", "pkg:deb/debian/curl?arch=arm64", NULL, NULL, NOBODY);
        speaks("CVE-1", "pkg:deb/debian/curl?arch=amd64&epoch=1", NULL, NULL, NOBODY);
        speaks("CVE-1", "pkg:deb/ubuntu/curl", NULL, NULL, NOBODY);
        speaks("CVE-1", "pkg:deb/curl", NULL, NULL, NOBODY);
        speaks("CVE-1", "pkg:deb/debian/curl#sub", NULL, NULL, NOBODY);
        speaks("CVE-1", "pkg:deb/debian/openssl?arch=source", NULL, NULL, ".n.........");
        speaks("CVE-1", "pkg:deb/debian/openssl@3.0.9-1?arch=source&distro=debian-12", NULL, NULL, ".n.........");
        speaks("CVE-1", "pkg:deb/debian/openssl@3.0.9-2?arch=source", NULL, NULL, NOBODY);
        speaks("CVE-1", "pkg:deb/debian/openssl", NULL, NULL, NOBODY);
        speaks("CVE-1", "pkg:golang/golang.org/x/crypto@0.1.0", NULL, NULL, ".....n.n...");
        speaks("CVE-1", "pkg:golang/golang.org/x/crypto@v0.1.0", NULL, NULL, ".....n.n...");
        speaks("CVE-1", "curl", NULL, NULL, NOBODY);
        speaks("CVE-1", "", NULL, NULL, NOBODY);
        speaks("CVE-1", "pkg:", NULL, NULL, NOBODY);
        speaks("CVE-1", "pkg:deb", NULL, NULL, NOBODY);
}

/* Of a range those versions alone that are in it, by the order of the package's own type; the source's, where that is named. */
static void test_ranges(void **state)
{
        static const struct {
                const char *product, *range, *want;
        } t[] = {
            {"pkg:deb/debian/curl", "vers:deb/<7.88.1-11", "n.........."},
            {"pkg:deb/debian/curl", "vers:deb/>=7.88.1-10|<8", "n.........."},
            {"pkg:deb/debian/curl", "vers:deb/<7.88.1-10", NOBODY},
            {"pkg:deb/debian/curl", "vers:deb/*", "n.........."},
            {"pkg:deb/debian/curl@7.88.1-10", "vers:deb/<8", "n.........."},
            {"pkg:deb/debian/curl@7.88.1-9", "vers:deb/<8", NOBODY},
            {"pkg:deb/debian/curl", "vers:npm/<8.0.0", NOBODY}, /* another order than the package's */
            {"pkg:deb/debian/curl", "vers:deb/<8|<9", NOBODY},
            {"pkg:deb/debian/curl", "anything", NOBODY},
            {"pkg:deb/debian/openssl?arch=source", "vers:deb/<3.0.9-1", NOBODY},
            {"pkg:deb/debian/openssl?arch=source", "vers:deb/<3.0.9-2", ".n........."},
            {"pkg:rpm/redhat/openssl-libs", "vers:rpm/<1%3A3.0.7-28.el9", "..n........"},
            {"pkg:rpm/redhat/openssl-libs", "vers:rpm/<1%3A3.0.7-27.el9", NOBODY},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(t); i++) {
                struct span id = SPAN("CVE-1");
                struct vex_product p = {.name = span_of(t[i].product), .range = span_of(t[i].range)};
                struct vex_statement s = {
                    .ids = &id, .n_ids = 1, .products = &p, .n_products = 1, .status = VEX_STATUS_NOT_AFFECTED};
                struct vex_document d = {.name = SPAN("vex.json"), .statements = &s, .n_statements = 1};
                const struct vex_document *documents[] = {&d};
                struct match_vex *x = NULL;
                char got[NUMBER + 1];

                assert_true(apply(documents, 1, got, &x, NULL));
                if (strcmp(got, t[i].want) != 0)
                        fail_msg("%s %s: \"%s\", not \"%s\"", t[i].product, t[i].range, got, t[i].want);
                match_vex_free(x);
        }
}

/* A release's package is not another's. */
static void test_releases(void **state)
{
        (void)state;
        speaks("CVE-1", "pkg:rpm/redhat/openssl-libs", "Red Hat:enterprise_linux:9", NULL, "..n........");
        speaks("CVE-1", "pkg:rpm/redhat/openssl-libs", "Red Hat:enterprise_linux:8", NULL, NOBODY);
        speaks("CVE-1", "pkg:rpm/redhat/openssl-libs", NULL, NULL, "..n........");
        speaks("CVE-1", "pkg:rpm/redhat/openssl@3.0.7-27.el9?arch=src&epoch=1", "Red Hat:enterprise_linux:9", NULL,
            "..n........");
        speaks("CVE-1", "pkg:rpm/redhat/openssl@3.0.7-28.el9?arch=src", "Red Hat:enterprise_linux:9", NULL, NOBODY);
}

static void test_images(void **state)
{
        (void)state;
        speaks("CVE-1", "sha256:aa", NULL, NULL, "nnnnnnnnnnn");
        speaks("CVE-1", "./image.tar", NULL, NULL, "nnnnnnnnnnn");
        speaks("CVE-1", "sha256:ab", NULL, NULL, NOBODY);
        speaks("CVE-1", "pkg:oci/anything@sha256%3Aaa", NULL, NULL, "nnnnnnnnnnn");
        speaks("CVE-1", "pkg:oci/debian@sha256:ab", NULL, NULL, NOBODY);
        speaks("CVE-1", "pkg:oci/debian?repository_url=docker.io/library/debian", NULL, NULL, "nnnnnnnnnnn");
        speaks("CVE-1", "pkg:oci/debian?repository_url=index.docker.io/library", NULL, NULL, "nnnnnnnnnnn");
        speaks("CVE-1", "pkg:oci/debian?repository_url=ghcr.io/evil/debian", NULL, NULL, NOBODY);
        speaks("CVE-1", "pkg:oci/debian?tag=11", NULL, NULL, NOBODY);
        speaks("CVE-1", "pkg:oci/debian?tag=12", NULL, NULL, "nnnnnnnnnnn");
        speaks("CVE-1", "pkg:oci/ubuntu", NULL, NULL, NOBODY);
        speaks("CVE-1", "pkg:docker/debian@12", NULL, NULL, "nnnnnnnnnnn");
        speaks("CVE-1", "pkg:docker/library/debian@11", NULL, NULL, NOBODY);
        speaks("CVE-1", "pkg:docker/evil/debian@12", NULL, NULL, NOBODY);
        speaks("CVE-1", "pkg:oci/debian", NULL, "pkg:npm/lodash", ".........nn");
        speaks("CVE-1", "pkg:oci/ubuntu", NULL, "pkg:npm/lodash", NOBODY);
}

/* What one product says of a package in it is not said of the package elsewhere. */
static void test_subcomponents(void **state)
{
        (void)state;
        speaks("CVE-1", "pkg:golang/example.org/tool", NULL, "pkg:golang/golang.org/x/crypto", ".....n.....");
        speaks("CVE-1", "pkg:golang/example.org/tool", NULL, NULL, "....n......");
        speaks("CVE-1", "pkg:deb/debian/tool", NULL, "pkg:golang/golang.org/x/crypto@v0.1.0", ".....n.....");
        speaks("CVE-1", "pkg:deb/debian/tool", NULL, NULL, "...nnn.....");
        speaks("CVE-1", "pkg:golang/example.org/other", NULL, "pkg:golang/golang.org/x/crypto", ".......n...");
        speaks("CVE-1", "pkg:golang/example.org/other", NULL, "pkg:golang/golang.org/x/crypto@v0.2.0", NOBODY);
        speaks("CVE-1", "pkg:golang/example.org/none", NULL, "pkg:golang/golang.org/x/crypto", NOBODY);
        speaks("CVE-1", "pkg:npm/%40acme/shop", NULL, "pkg:npm/lodash", ".........n.");
        speaks("CVE-1", "pkg:npm/@acme/shop@2.0.0", NULL, "pkg:npm/lodash", ".........n.");
        /* both stand in dpkg's one list: curl has not openssl in it */
        speaks("CVE-1", "pkg:deb/debian/curl", NULL, "pkg:deb/debian/libssl3", NOBODY);
}

static void test_last_word(void **state)
{
        static const struct span ids[] = {SPAN("CVE-1")};
        static const struct vex_product curl[] = {{.name = SPAN("pkg:deb/debian/curl")}};
        static const struct vex_product lodash[] = {
            {.name = SPAN("pkg:npm/lodash")}, {.name = SPAN("pkg:deb/debian/curl")}};
        struct vex_statement first[] = {
            {ids, 1, lodash, 2, VEX_STATUS_NOT_AFFECTED, SPAN("code_not_present"), SPAN("why"), {0}, 20},
            {ids, 1, curl, 1, VEX_STATUS_AFFECTED, {0}, {0}, SPAN("update"), 30},
        };
        struct vex_statement second[] = {
            {ids, 1, curl, 1, VEX_STATUS_INVESTIGATING, {0}, {0}, {0}, 30},
            {ids, 1, curl, 1, VEX_STATUS_FIXED, {0}, {0}, {0}, 10},
        };
        struct vex_document a = {.name = SPAN("a.json"), .author = SPAN("A"), .statements = first, .n_statements = 2};
        struct vex_document b = {.name = SPAN("b.json"), .statements = second, .n_statements = 2};
        const struct vex_document *both[] = {&a, &b}, *turned[] = {&b, &a};
        struct match_vex *x = NULL;
        char got[NUMBER + 1];

        (void)state;
        assert_true(apply(both, 1, got, &x, NULL));
        assert_string_equal(got, "a........nn");
        assert_int_equal(x->n_suppressed, 2);
        assert_int_equal(x->n_notes, 2);
        assert_true(x->notes[0].suppresses && !x->notes[1].suppresses);
        assert_int_equal(x->notes[0].n_findings, 2);
        assert_true(span_is(x->notes[0].note, "why") && span_is(x->notes[0].author, "A"));
        assert_true(span_is(x->notes[0].document, "a.json") && span_is(x->notes[0].product, "pkg:npm/lodash"));
        match_vex_free(x);
        assert_true(apply(both, 2, got, &x, NULL)); /* of equal times the last given */
        assert_string_equal(got, "i........nn");
        match_vex_free(x);
        assert_true(apply(turned, 2, got, &x, NULL));
        assert_string_equal(got, "a........nn");
        match_vex_free(x);
        assert_true(apply(NULL, 0, got, &x, NULL));
        assert_string_equal(got, NOBODY);
        assert_int_equal(x->n_notes, 0);
        match_vex_free(x);
}

/* As many products as a document may have, all held against the same finding. */
static void test_limit(void **state)
{
        static const struct span ids[] = {SPAN("CVE-1")}, inner[] = {SPAN("pkg:npm/lodash")};
        struct vex_product *products = calloc(1u << 20, sizeof(*products));
        struct vex_statement *s = calloc(64, sizeof(*s));
        struct vex_document d = {.name = SPAN("many.json"), .statements = s, .n_statements = 64};
        const struct vex_document *documents[] = {&d};
        struct match_vex *x = NULL;
        struct err e = {0};
        char got[NUMBER + 1];

        (void)state;
        for (size_t i = 0; i < 1u << 20; i++)
                products[i] =
                    (struct vex_product){.name = SPAN("pkg:npm/none"), .subcomponents = inner, .n_subcomponents = 1};
        for (size_t i = 0; i < 64; i++)
                s[i] = (struct vex_statement){.ids = ids,
                    .n_ids = 1,
                    .products = products,
                    .n_products = 1u << 20,
                    .status = VEX_STATUS_FIXED,
                    .time_s = (int64_t)i};
        assert_false(apply(documents, 1, got, &x, &e));
        assert_int_equal(e.kind, ERR_LIMIT);
        free(products);
        free(s);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_products),
            cmocka_unit_test(test_ranges),
            cmocka_unit_test(test_releases),
            cmocka_unit_test(test_images),
            cmocka_unit_test(test_subcomponents),
            cmocka_unit_test(test_last_word),
            cmocka_unit_test(test_limit),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
