/*
 * Documents of real tools: syft 0.73 (XML), osv-scalibr, Trivy, and CycloneDX's own examples. Numbers were counted by jq and
 * xmllint in the same files.
 */
#include "inventory/sbom/sbom_test_priv.h"

#include <unistd.h>

#define FOLDER SHARED_DIR "/data/vectors/sbom/"
#define EXAMPLES "cyclonedx/tools/src/test/resources/"

static const struct vector {
        const char *file;
        size_t components, notes, of_type; /* of the type below */
        const char *type, *some;           /* `some`: a line of the dump */
} vectors[] = {
    {"alpine-zlib-16.cdx.json", 1, 0, 1, "apk",
        "apk|Alpine:v3.22|zlib|1.2.12-r1|source zlib 1.2.12-r1|x86_64|lib/apk/db/installed"},
    {"only-unimportant.spdx.json", 1, 0, 1, "deb",
        "deb|Ubuntu:20.04:LTS|pcre3|2:8.39-12ubuntu0.1|source pcre3 2:8.39-12ubuntu0.1|amd64|bom"},
    {"alpine.cdx.xml", 15, 1, 14, "apk",
        "apk|Alpine:v3.17|ssl_client|1.36.1-r27|source busybox 1.36.1-r27|x86_64|licence GPL-2.0-only|vendor Sören "
        "Tempel "
        "<soeren+alpine@soeren-tempel.net>|cpe:2.3:a:ssl-client:ssl-client:1.36.1-r27:*:*:*:*:*:*:*|lib/apk/db/"
        "installed"},
    {"bad-purls.cdx.xml", 15, 7, 8, "apk", NULL},
    {"with-duplicates.cdx.xml", 15, 1, 14, "apk", NULL},
    {"postgres-stretch.cdx.xml", 136, 1, 132, "deb",
        "deb|Debian:9|login|1:4.4-4.1+deb9u1|source shadow 1:4.4-4.1+deb9u1|amd64|licence GPL-2.0-only|vendor Shadow "
        "package "
        "maintainers "
        "<pkg-shadow-devel@lists.alioth.debian.org>|cpe:2.3:a:login:login:1\\:4.4-4.1\\+deb9u1:*:*:*:*:*:*:*|"
        "usr/share/doc/login/copyright"},
    {"trivy-langs.cdx.json", 700, 0, 96, "deb",
        "deb|Debian:12|libc6|2.36-9+deb12u14|source glibc 2.36-9+deb12u14|amd64|licence LGPL-2.1 AND GPL-2.0|vendor "
        "GNU Libc "
        "Maintainers <debian-glibc@lists.debian.org>|bom"},
    {"trivy-locks.cdx.json", 1319, 0, 797, "npm", NULL},
    {EXAMPLES "1.5/valid-bom-1.5.json", 2, 1, 1, "npm", NULL},
    {EXAMPLES "1.5/valid-bom-1.5.xml", 3, 0, 3, "maven", NULL},
    {EXAMPLES "1.6/valid-bom-1.6.json", 3, 0, 3, "maven", NULL},
    {EXAMPLES "1.6/valid-bom-1.6.xml", 3, 0, 3, "maven", NULL},
};

static void check_vector(const struct vector *vector)
{
        CLEANUP(buf_done) struct buf content = {0}, b = {0};
        CLEANUP(inventory_freep) struct inventory *v = NULL;
        struct inventory_sbom s;
        struct err e = {0};
        char path[500];
        size_t n = 0;

        snprintf(path, sizeof(path), FOLDER "%s", vector->file);
        if (!file_read(AT_FDCWD, path, 16u << 20, &content, &e) ||
            !sbom_read(buf_span(&content), SPAN_LIT("bom"), &v, &s, &e))
                fail_msg("%s: %s", vector->file, e.text);
        for (size_t i = 0; i < v->n_components; i++)
                n += span_is(v->components[i].type, vector->type);
        sbom_dump(v, &b);
        buf_put_u8(&b, 0);
        if (v->n_components != vector->components || v->n_notes != vector->notes || n != vector->of_type ||
            (vector->some && !strstr((const char *)b.at, vector->some)))
                fail_msg("%s: %zu components, %zu notes, %zu %s:\n%.3000s", vector->file, v->n_components, v->n_notes,
                    n, vector->type, (const char *)b.at);
}

static void test_vectors(void **state)
{
        (void)state;
        if (access(FOLDER, F_OK) != 0) {
                print_message("not checked: the shared test data are not there\n");
                skip();
        }
        for (size_t i = 0; i < ARRAY_LEN(vectors); i++)
                check_vector(&vectors[i]);
}

int main(void)
{
        const struct CMUnitTest tests[] = {cmocka_unit_test(test_vectors)};

        return cmocka_run_group_tests_name("inventory SBOM vectors", tests, NULL, NULL);
}
